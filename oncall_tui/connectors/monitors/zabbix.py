"""Zabbix 6.0 to 7.x, JSON-RPC: unresolved problems; taking one is Zabbix's own acknowledgement, a note its message.

https://www.zabbix.com/documentation/current/en/manual/api. Seen on a real 6.0.14, which the tests run, and on a real 7.0.22
by hand; what is said of other versions is as their documentation tells:

- Every failure is answered 200 with an `error` inside. A token that is no more reads "Not authorized.", "API token
  expired." or "Session terminated, re-login, please."; with its database away it says code 1, which is no refusal.
- The token goes into the body up to 6.2, where a header is not looked at, and into the header from 6.4; 7.0 takes both, 7.2
  refuses the body, and `apiinfo.version` is refused with either. So the version is asked for first, and without any token.
- `problem.get` has no pages, but sorts by `eventid` and begins at one: a problem that is solved meanwhile moves no other.
  It also lists what a disabled host, trigger or item left behind, and for a minute what a deleted one did (until its trigger
  housekeeper comes by), both of which Zabbix's own screen hides; and it names no host. `trigger.get` tells all that.
  A problem whose trigger depends on another that is in trouble is a consequence of that one.
- Acknowledging what is acknowledged is a success that does nothing, whoever had it: to take it over, the first
  acknowledgement is taken back. Of several at once exactly one is listed with bit 2, so it is read back who won.
- Updates name only a `userid`, also to an administrator, and a plain user sees only users of their own groups: anybody
  else is "user #7". Taking, noting and giving back need only the right to read; closing needs the right to write.
- Closing needs `manual_close` on the trigger, and is done some seconds later by the server. So is suppressing (from 6.2), which
  whoever said it last has until when they said; anybody's word ends it, and saying so again is a success. An end that has
  passed is refused. The same message again is stored again, so a note carries its marker.
- `time_from` and `eventid_from` find new problems, not what was done about an old one: so all is asked for each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from oncall_tui import kit
from oncall_tui.errors import ConfigError, Denied, Rejected, Unavailable, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Request, Response, Source, Taking
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Write

T = TypeVar("T")

SEVERITY: Mapping[str, Impact] = {
    "not classified": Impact.QUESTION,
    "information": Impact.QUESTION,
    "warning": Impact.AT_RISK,
    "average": Impact.DEGRADED,
    "high": Impact.DEGRADED,
    "disaster": Impact.DOWN,
}
"""By their number; an installation can rename them, but tells that only to its administrators."""

CLOSE, ACKNOWLEDGE, MESSAGE, UNACKNOWLEDGE, SUPPRESS, UNSUPPRESS = 1, 2, 4, 16, 32, 64

_OFF = "1"
"""The status of what is disabled, hosts, triggers and items alike."""

_DENIED = ("not authori", "re-login", "token expired")
_REFUSALS = (-32500, -32600, -32601, -32602)
_LONGEST = 2048
_LATER = Receipt(settled=False)


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: str = ""

    @property
    def words(self) -> str:
        return self.data or self.message


class _Answer(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None


class _User(msgspec.Struct):
    userid: str
    username: str = ""
    name: str = ""
    surname: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.surname}".strip() or self.username


class _Tag(msgspec.Struct):
    tag: str
    value: str = ""


class _Update(msgspec.Struct):
    """Something that somebody did to a problem: the sum of the bits, and words if they said any."""

    acknowledgeid: str
    userid: str
    clock: str
    action: str
    message: str = ""

    def has(self, bit: int) -> bool:
        return bool(int(self.action) & bit)


class _Suppression(msgspec.Struct):
    suppress_until: str = "0"
    maintenanceid: str = "0"
    userid: str = "0"


class _Numbered(msgspec.Struct):
    eventid: kit.Id


class _Head(_Numbered):
    """What names a problem, and the trigger that made it."""

    objectid: kit.Id


class _Problem(_Head):
    """One record of `problem.get`; its numbers are texts."""

    clock: str
    name: str
    severity: str
    acknowledged: str
    r_eventid: str = "0"
    opdata: str = ""
    suppressed: str = "0"
    acknowledges: list[_Update] = []
    tags: list[_Tag] = []
    suppression_data: list[_Suppression] = []

    @property
    def is_over(self) -> bool:
        return int(self.r_eventid or "0") > 0


class _Switch(msgspec.Struct):
    status: str = "0"
    value: str = "0"


class _Host(_Switch):
    host: str = ""
    name: str = ""


class _Trigger(_Switch, kw_only=True):
    """One record of `trigger.get`, with its hosts, its items and what it depends on."""

    triggerid: kit.Id
    comments: str = ""
    url: str = ""
    manual_close: str = "1"
    hosts: list[_Host] = []
    items: list[_Switch] = []
    dependencies: list[_Switch] = []

    @property
    def is_watched(self) -> bool:
        """Whether all of it is enabled; what is not tells nothing new any more."""
        return all(one.status != _OFF for one in (self, *self.hosts, *self.items))

    @property
    def is_consequence(self) -> bool:
        return any(one.value == "1" and one.status != _OFF for one in self.dependencies)


# --- one call --------------------------------------------------------------------------------------------------------


def _call(source: Source, method: str, params: Any, *, writes: bool = False) -> Request:
    """One JSON-RPC call, with the token where that version wants it; before the version is known, without one."""
    body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
    token = {"auth": source.secret} if source.session and not headers(source) else {}
    return Request(method="POST", path="/api_jsonrpc.php", json=body | token, headers=headers(source), writes=writes)


def headers(source: Source) -> Mapping[str, str]:
    """The token, from 6.4 on."""
    return {"Authorization": f"Bearer {source.secret}"} if _is_from(source, 6, 4) else {}


def _is_from(source: Source, *version: int) -> bool:
    """Whether it is that version ("6.4.0rc1") or a later one; not before it is known."""
    told = source.session.get("version", "0")
    return tuple(int(part) for part in told.split(".")[:2]) >= version


def _result(answer: Response, type_: type[T]) -> T:
    """What a call came to. Raises what its `error` means."""
    told = answer.read(_Answer)
    if error := told.error:
        if any(sign in error.words.casefold() for sign in _DENIED):
            raise Denied(error.words)
        if error.code not in _REFUSALS or "SQL statement" in error.words:
            raise Unavailable(error.words)
        raise Rejected(error.words, gone="does not exist" in error.words)
    if not bytes(told.result):
        raise Unreadable("answered with neither a result nor an error")
    return replace(answer, body=bytes(told.result)).read(type_)


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """The version, who we are, and the name of everybody whom we may see, as `user NUMBER`."""
    version = _result((yield _call(replace(source, session={}), "apiinfo.version", [])), str)
    known = replace(source, session={"version": version})
    fields = {"output": ["userid", "username", "name", "surname"]}
    users = _result((yield _call(known, "user.get", fields)), list[_User])
    me = _me(source, _result((yield _call(known, "user.get", fields | {"editable": True})), list[_User]))
    return {"version": version, "id": me.userid, **{f"user {user.userid}": user.full_name for user in (*users, me)}}


def _me(source: Source, editable: list[_User]) -> _User:
    """Whom the token belongs to: whoever may change only themselves. Who may change all has to say it."""
    if len(editable) == 1:
        return editable[0]
    told = source.options.get("user", "")
    ours = {name.casefold() for name in ([told] if told else (source.me.name, *source.me.aliases))}
    found = [user for user in editable if {user.username.casefold(), user.full_name.casefold()} & ours]
    if len(found) != 1:
        raise ConfigError(f'whose token is it? set user = "LOGIN NAME" in [sources.{source.name}]', key="user")
    return found[0]


def _name(source: Source, userid: str) -> str:
    return source.session.get(f"user {userid}", f"user #{userid}")


def _is_mine(source: Source, userid: str) -> bool:
    return userid == source.session.get("id")


# --- reading ---------------------------------------------------------------------------------------------------------

_FIELDS = {
    "output": "extend",
    "selectAcknowledges": "extend",
    "selectTags": "extend",
    "selectSuppressionData": "extend",
}


def poll(source: Source) -> Exchange[Reading]:
    """Every unresolved problem that its trigger still watches, a page at a time, in the order in which they began."""
    table, most = _table(source), kit.count(source.options.get("page_size") or "1000")
    triggers: dict[str, _Trigger] = {}
    lost: list[str] = []

    def page(after: int) -> Exchange[tuple[Iterable[tuple[int | None, msgspec.Raw]], bool]]:
        records, more = yield from _page(source, after, most)
        found, unreadable = yield from _triggers(source, kit.each(records, _Head, lambda head: head)[0])
        triggers.update(found)
        lost.extend(unreadable)
        return ((_number(record), record) for record in records), more

    records = yield from kit.by_number(page)
    reading = kit.read_each(records, _Problem, lambda one: _signal(source, one, triggers, table))
    return kit.warned(reading + Reading(signals=[], unreadable=tuple(lost)), table)


def _page(source: Source, after: int, most: int) -> Exchange[tuple[list[msgspec.Raw], bool]]:
    """Problems of higher numbers, lowest first, and whether more may follow.

    A last one that does not tell its number would hide where the next page begins: then more are asked for at once.
    """
    order = {"sortfield": ["eventid"], "sortorder": "ASC", "limit": most, "eventid_from": str(after + 1)}
    records = _result((yield _call(source, "problem.get", _FIELDS | order)), list[msgspec.Raw])
    more = len(records) >= most
    if more and _number(records[-1]) is None:
        return (yield from _page(source, after, 2 * most))
    return records, more


def _number(record: msgspec.Raw) -> int | None:
    """The number of a problem; None where it tells none."""
    told, _ = kit.each([record], _Numbered, lambda one: int(one.eventid))
    return told[0] if told else None


def _table(source: Source) -> Mapping[str, Impact]:
    return kit.scale(source, SEVERITY)


def _triggers(source: Source, heads: Iterable[_Head]) -> Exchange[tuple[Mapping[str, _Trigger], tuple[str, ...]]]:
    """The triggers of these problems, and a line for each that cannot be read: its problem is shown without it.

    One that is not told has been deleted, unless it may be one of those that cannot be read.
    """
    ids = {head.objectid for head in heads}
    if not ids:
        return {}, ()
    params = {
        "triggerids": sorted(ids),
        "output": ["triggerid", "status", "value", "comments", "url", "manual_close"],
        "selectHosts": ["host", "name", "status"],
        "selectItems": ["status"],
        "selectDependencies": ["status", "value"],
    }
    records = _result((yield _call(source, "trigger.get", params)), list[msgspec.Raw])
    found, unreadable = kit.each(records, _Trigger, lambda trigger: trigger)
    told = {trigger.triggerid: trigger for trigger in found}
    missing = "0" if unreadable or told.keys() - ids else _OFF
    return {id_: _Trigger(triggerid=id_, status=missing) for id_ in ids} | told, unreadable


def _signal(
    source: Source, problem: _Problem, triggers: Mapping[str, _Trigger], table: Mapping[str, Impact]
) -> Signal | None:
    """One problem as a signal; None for what is over, or what nobody watches any more.

    The customer is in the tags, for the core to find.
    """
    trigger = triggers[problem.objectid]
    if problem.is_over or not trigger.is_watched:
        return None
    number = problem.severity
    severity = list(SEVERITY)[int(number)].capitalize() if number and number in "012345" else number
    tags = _labels(problem.tags)
    host = trigger.hosts[0] if trigger.hosts else _Host()
    return Signal(
        source=source.name,
        id=problem.eventid,
        kind=Kind.ALERT,
        title=problem.name or "a problem without a name",
        opened_at=kit.at(int(problem.clock)),
        severity=severity,
        impact=kit.impact(table, severity),
        status="acknowledged" if problem.acknowledged == "1" else "open",
        text="\n".join(filter(None, (problem.opdata, trigger.comments))),
        service=tags.get("service", ""),
        host=host.host,
        labels={**tags, **({"host": host.name} if host.name else {})},
        messages=tuple(_notes(source, problem)),
        links=(trigger.url,) if trigger.url else (),
        url=kit.page(f"{source.url}/tr_events.php", triggerid=problem.objectid, eventid=problem.eventid),
        cannot=_cannot(source, trigger),
        **_taken(source, problem),
        **_suppressed(source, problem, trigger),
    )


def _labels(tags: list[_Tag]) -> dict[str, str]:
    """A tag may be there several times: its values are told with commas. The server lists tags in any order."""
    labels: dict[str, str] = {}
    for tag in sorted(tags, key=lambda tag: (tag.tag, tag.value)):
        labels[tag.tag] = f"{labels[tag.tag]}, {tag.value}" if tag.tag in labels else tag.value
    return labels


def _cannot(source: Source, trigger: _Trigger) -> Mapping[Verb, str]:
    closes = {} if trigger.manual_close == "1" else {Verb.RESOLVE: "its trigger does not allow that by hand"}
    snoozes = (
        {} if _is_from(source, 6, 2) else {Verb.SNOOZE: "this Zabbix cannot suppress a problem, 6.2 and later can"}
    )
    return closes | snoozes


def _taken(source: Source, problem: _Problem) -> Mapping[str, Any]:
    """Who has it: whoever acknowledged it last, "somebody" where that is not told any more."""
    if problem.acknowledged != "1":
        return {}
    taken = [one for one in problem.acknowledges if one.has(ACKNOWLEDGE)]
    last = max(taken, key=lambda one: int(one.acknowledgeid), default=None)
    if last is None:
        return kit.taken("", mine=False, at=None)
    return kit.taken(_name(source, last.userid), mine=_is_mine(source, last.userid), at=kit.at(int(last.clock)))


def _suppressed(source: Source, problem: _Problem, trigger: _Trigger) -> dict[str, Any]:
    if problem.suppressed != "1":
        return {"suppressed": "a consequence of another problem"} if trigger.is_consequence else {}
    held = problem.suppression_data
    by_people = [_name(source, one.userid) for one in held if one.maintenanceid == "0" and one.userid != "0"]
    ends = [int(one.suppress_until) for one in held]
    return {
        "suppressed": f"suppressed by {', '.join(by_people)}" if by_people else "in maintenance",
        "suppressed_until": kit.at(max(ends)) if ends and all(ends) else None,
    }


def _notes(source: Source, problem: _Problem) -> Iterator[Message]:
    """What colleagues wrote; nobody else reads it."""
    for update in problem.acknowledges:
        if update.has(MESSAGE):
            at = kit.at(int(update.clock))
            yield kit.note(update.acknowledgeid, _name(source, update.userid), update.message, at)


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That problem now; None when it is over."""
    problem = yield from _find(source, signal_id)
    if problem is None:
        return None
    triggers, _ = yield from _triggers(source, [problem])
    return _signal(source, problem, triggers, _table(source))


def _find(source: Source, eventid: str) -> Exchange[_Problem | None]:
    answer = yield _call(source, "problem.get", _FIELDS | {"eventids": [eventid]})
    problems = _result(answer, list[_Problem])
    return next((one for one in problems if one.eventid == eventid and not one.is_over), None)


# --- writing ---------------------------------------------------------------------------------------------------------


def _update(source: Source, write: Write, action: int, **more: Any) -> Exchange[None]:
    params = {"eventids": [write.signal_id], "action": action, **more}
    _result((yield _call(source, "event.acknowledge", params, writes=True)), dict[str, Any])


def _take(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    if present.taken_by:
        yield from _update(source, write, UNACKNOWLEDGE)
    yield from _update(source, write, ACKNOWLEDGE)
    return DONE


def _give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    yield from _update(source, write, UNACKNOWLEDGE)
    return DONE


TAKING = Taking(find=peek, take=_take, give=_give, gone="the problem is over")


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A message of the problem, with the marker that finds it again."""
    message = f"{write.text}\n{kit.marker(write)}"
    if len(message) > _LONGEST:
        raise Rejected(f"Zabbix keeps {_LONGEST} characters of a note, this one has {len(message)} with its marker")
    yield from TAKING.open(source, write)
    yield from _update(source, write, MESSAGE, message=message)
    return DONE


def resolve(source: Source, write: Write) -> Exchange[Receipt]:
    """Have the server close it; that is done later, so it counts once it is seen."""
    problem = yield from _find(source, write.signal_id)
    if problem is None:
        return DONE
    if not any(update.has(CLOSE) for update in problem.acknowledges):
        yield from _update(source, write, CLOSE)
    return _LATER


def snooze(source: Source, write: Write) -> Exchange[Receipt]:
    """Have the server suppress it until `write.until`; that is done later as well."""
    until = kit.until(write)
    if words := (yield from TAKING.open(source, write)).cannot.get(Verb.SNOOZE):
        raise Rejected(words)
    if (yield from seen(source, write)):
        return DONE
    yield from _update(source, write, SUPPRESS, suppress_until=int(until.timestamp()))
    return _LATER


def retract(source: Source, write: Write) -> Exchange[Receipt]:
    """End my suppression, if it is still the one that this write made; a colleague's stays."""
    until = write.until.timestamp() if write.until else 0
    problem = yield from _find(source, write.signal_id)
    if problem is None or int(until) not in _mine_until(source, problem):
        return DONE
    yield from _update(source, write, UNSUPPRESS)
    return _LATER


def _mine_until(source: Source, problem: _Problem) -> list[int]:
    """Until when I suppressed it, in seconds; 0 is for ever."""
    return [int(one.suppress_until) for one in problem.suppression_data if _is_mine(source, one.userid)]


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the problem is as the write wanted it."""
    if write.verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
        return (yield from TAKING.is_so(source, write))
    problem = yield from _find(source, write.signal_id)
    if problem is None:
        return write.verb is Verb.RESOLVE
    if write.verb is Verb.SNOOZE:
        wanted = int(write.until.timestamp()) if write.until else 0
        return any(until == 0 or until >= wanted for until in _mine_until(source, problem))
    mine = (update for update in problem.acknowledges if _is_mine(source, update.userid))
    return write.verb is Verb.NOTE and any(kit.marker(write) in update.message for update in mine)


# --- who we are ------------------------------------------------------------------------------------------------------


def check(source: Source) -> Exchange[str]:
    """The version and who we are, by asking for one problem as a poll does."""
    _result((yield _call(source, "problem.get", {"output": ["eventid"], "limit": 1})), list[dict[str, Any]])
    return f"Zabbix {source.session['version']}, as {_name(source, source.session['id'])}"


def may(source: Source) -> Exchange[str]:
    """Whether our role may take and note problems: asked about event 0, which there is not, after the role is looked at."""
    question = {"eventids": ["0"], "action": ACKNOWLEDGE | MESSAGE, "message": "a question"}
    answer = yield _call(source, "event.acknowledge", question, writes=True)
    error = answer.read(_Answer).error or _Error(message="took a question for an answer")
    if "does not exist" not in error.words:
        raise Rejected(error.words)
    return "acknowledgements and notes are taken from us"


CONNECTOR = Connector(
    name="zabbix",
    title="Zabbix",
    docs="https://www.zabbix.com/documentation/current/en/manual/api",
    options=(
        Option(name="user", help="login name that the API token belongs to; needed only for a super administrator"),
        kit.severities("high=down, warning=question"),
        Option(name="page_size", help="how many problems to ask for at once", default="1000", check=kit.count),
    ),
    headers=headers,
    login=login,
    poll=poll,
    answers={
        Verb.ACKNOWLEDGE: TAKING.acknowledge,
        Verb.RELEASE: TAKING.release,
        Verb.NOTE: note,
        Verb.RESOLVE: resolve,
        Verb.SNOOZE: snooze,
    },
    retracts={Verb.SNOOZE: retract},
    cannot={Verb.REPLY: kit.NOBODY_WROTE},
    peek=peek,
    seen=seen,
    check=check,
    may=may,
    proven="Zabbix 6.0.14 (7.0.22 by hand)",
)
