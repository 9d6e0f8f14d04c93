"""Zabbix 6.0 to 7.x, JSON-RPC: unresolved problems; taking one is Zabbix's own acknowledgement, a note its message.

https://www.zabbix.com/documentation/current/en/manual/api. Seen on a real 6.0.14, which the tests run, and on a real 7.0.22
by hand; what is said of other versions is as their documentation tells:

- Every failure is answered 200 with an `error` inside. A token that is no more reads "Not authorized.", "API token
  expired." or "Session terminated, re-login, please."; with its database away it says code 1, which is no refusal.
- The token goes into the body up to 6.2, where a header is not looked at, and into the header from 6.4; 7.0 takes both, 7.2
  refuses the body, and `apiinfo.version` is refused with either. So the version is asked for first, and without any token.
- `problem.get` has no pages, but sorts by `eventid` and begins at one: a problem that is solved meanwhile moves no other.
  It also lists what a disabled host, trigger or item left behind, and for a minute what a deleted one did (until its trigger
  housekeeper comes by), both of which Zabbix's own screen hides, and `trigger.get` too when asked for what is `monitored`.
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
from typing import Any, NamedTuple, TypeVar

import msgspec

from oncall_tui import kit
from oncall_tui.errors import ConfigError, Denied, Rejected, Unavailable, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Monitor, Option, Pause, Reading, Receipt, Remark, Request, Source
from oncall_tui.model import Impact, Kind, Signal, Verb, Write

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
AT_ONCE = ACKNOWLEDGE | MESSAGE | UNACKNOWLEDGE
"""What is done when it is answered; the rest is done by the server some seconds later."""

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


class _Host(msgspec.Struct):
    host: str = ""
    name: str = ""


class _Other(msgspec.Struct):
    """A trigger that another depends on."""

    status: str = "0"
    value: str = "0"

    @property
    def is_in_trouble(self) -> bool:
        return self.value == "1" and self.status != "1"


class _Trigger(msgspec.Struct):
    """One record of `trigger.get`, with its hosts and what it depends on."""

    triggerid: kit.Id
    comments: str = ""
    url: str = ""
    manual_close: str = "1"
    hosts: list[_Host] = []
    dependencies: list[_Other] = []


class _Found(NamedTuple):
    """A problem and the trigger that made it, None where nobody watches that any more."""

    problem: _Problem
    trigger: _Trigger | None


# --- one call --------------------------------------------------------------------------------------------------------


def _request(source: Source, method: str, params: Any, *, writes: bool = False) -> Request:
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


def _call(source: Source, method: str, params: Any, type_: type[T], *, writes: bool = False) -> Exchange[T]:
    """What a call came to. Raises what its `error` means."""
    answer = yield _request(source, method, params, writes=writes)
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
    version = yield from _call(replace(source, session={}), "apiinfo.version", [], str)
    known = replace(source, session={"version": version})
    fields = {"output": ["userid", "username", "name", "surname"]}
    users = yield from _call(known, "user.get", fields, list[_User])
    me = _me(source, (yield from _call(known, "user.get", fields | {"editable": True}, list[_User])))
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
    """Every unresolved problem that its trigger still watches, a page at a time, in the order in which they began.

    An empty list is good news only for who would see a problem.
    """
    most = kit.count(source.options.get("page_size") or "1000")
    triggers: dict[str, _Trigger] = {}
    lost: list[str] = []

    def page(after: int) -> Exchange[tuple[Iterable[tuple[int | None, msgspec.Raw]], bool]]:
        records, more = yield from _page(source, after, most)
        found, unreadable = yield from _triggers(source, kit.each(records, _Head, lambda head: head)[0])
        triggers.update(found)
        lost.extend(unreadable)
        return ((_number(record), record) for record in records), more

    def found(record: msgspec.Raw) -> _Found:
        problem = kit.decode(record, _Problem)
        return _Found(problem, triggers.get(problem.objectid))

    records = yield from kit.by_number(page)
    if not records and not (yield from _call(source, "host.get", {"output": ["hostid"], "limit": 1}, list[Any])):
        raise Rejected("shows you no host at all: may your user group read one?")
    return API.read(source, records, found) + Reading(signals=[], unreadable=tuple(lost))


def _page(source: Source, after: int, most: int) -> Exchange[tuple[list[msgspec.Raw], bool]]:
    """Problems of higher numbers, lowest first, and whether more may follow.

    A last one that does not tell its number would hide where the next page begins: then more are asked for at once.
    """
    order = {"sortfield": ["eventid"], "sortorder": "ASC", "limit": most, "eventid_from": str(after + 1)}
    records = yield from _call(source, "problem.get", _FIELDS | order, list[msgspec.Raw])
    more = len(records) >= most
    if more and _number(records[-1]) is None:
        return (yield from _page(source, after, 2 * most))
    return records, more


def _number(record: msgspec.Raw) -> int | None:
    """The number of a problem; None where it tells none."""
    told, _ = kit.each([record], _Numbered, lambda one: int(one.eventid))
    return told[0] if told else None


def _triggers(source: Source, heads: Iterable[_Head]) -> Exchange[tuple[Mapping[str, _Trigger], tuple[str, ...]]]:
    """The triggers of these problems that are watched, and a line for each that cannot be read.

    One that is not told may be such a one: then its problem is shown without it.
    """
    ids = {head.objectid for head in heads}
    if not ids:
        return {}, ()
    params = {
        "triggerids": sorted(ids),
        "monitored": True,
        "output": ["triggerid", "comments", "url", "manual_close"],
        "selectHosts": ["host", "name"],
        "selectDependencies": ["status", "value"],
    }
    records = yield from _call(source, "trigger.get", params, list[msgspec.Raw])
    found, unreadable = kit.each(records, _Trigger, lambda trigger: trigger)
    told = {trigger.triggerid: trigger for trigger in found}
    may_be = ids if unreadable or told.keys() - ids else ()
    return {id_: _Trigger(triggerid=id_) for id_ in may_be} | told, unreadable


def find(source: Source, signal_id: str) -> Exchange[_Found | None]:
    """That problem, and its trigger."""
    problems = yield from _call(source, "problem.get", _FIELDS | {"eventids": [signal_id]}, list[_Problem])
    problem = next((one for one in problems if one.eventid == signal_id), None)
    if problem is None:
        return None
    triggers, _ = yield from _triggers(source, [problem])
    return _Found(problem, triggers.get(problem.objectid))


def signal(source: Source, found: _Found, table: Mapping[str, Impact]) -> Signal | None:
    """One problem as a signal; None for what is over, or what nobody watches any more.

    The customer is in the tags, for the core to find.
    """
    problem, trigger = found
    if problem.is_over or trigger is None:
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
        messages=kit.messages(notes(source, found)),
        links=(trigger.url,) if trigger.url else (),
        url=kit.page(f"{source.url}/tr_events.php", triggerid=problem.objectid, eventid=problem.eventid),
        cannot=dict(_cannot(source, trigger)),
        **_taken(source, problem),
        **_suppressed(source, found, trigger),
    )


def _labels(tags: list[_Tag]) -> dict[str, str]:
    """A tag may be there several times: its values are told with commas. The server lists tags in any order."""
    labels: dict[str, str] = {}
    for tag in sorted(tags, key=lambda tag: (tag.tag, tag.value)):
        labels[tag.tag] = f"{labels[tag.tag]}, {tag.value}" if tag.tag in labels else tag.value
    return labels


def _cannot(source: Source, trigger: _Trigger) -> Iterator[tuple[Verb, str]]:
    if trigger.manual_close != "1":
        yield Verb.RESOLVE, "its trigger does not allow that by hand"
    if not _is_from(source, 6, 2):
        yield Verb.SNOOZE, "this Zabbix cannot suppress a problem, 6.2 and later can"


def _taken(source: Source, problem: _Problem) -> Mapping[str, Any]:
    """Who has it: whoever acknowledged it last, "somebody" where that is not told any more."""
    if problem.acknowledged != "1":
        return {}
    taken = [one for one in problem.acknowledges if one.has(ACKNOWLEDGE)]
    last = max(taken, key=lambda one: int(one.acknowledgeid), default=None)
    if last is None:
        return kit.taken("", mine=False, at=None)
    return kit.taken(_name(source, last.userid), mine=_is_mine(source, last.userid), at=kit.at(int(last.clock)))


def _suppressed(source: Source, found: _Found, trigger: _Trigger) -> Mapping[str, Any]:
    if found.problem.suppressed != "1":
        is_consequence = any(one.is_in_trouble for one in trigger.dependencies)
        return {"suppressed": "a consequence of another problem"} if is_consequence else {}
    ends = [kit.when(int(one.suppress_until)) for one in found.problem.suppression_data]
    by = ", ".join(one.author for one in pauses(source, found))
    return {
        "suppressed": f"suppressed by {by}" if by else "in maintenance",
        "suppressed_until": max(filter(None, ends), default=None) if all(ends) else None,
    }


def notes(source: Source, found: _Found) -> Iterator[Remark]:
    """What colleagues wrote; nobody else reads it."""
    for one in found.problem.acknowledges:
        if one.has(MESSAGE):
            author, at = _name(source, one.userid), kit.at(int(one.clock))
            mine = _is_mine(source, one.userid)
            yield Remark(id=one.acknowledgeid, author=author, text=one.message, at=at, mine=mine)


def pauses(source: Source, found: _Found) -> Iterator[Pause]:
    """Who suppressed it by hand, which has no words."""
    for one in found.problem.suppression_data:
        if one.maintenanceid == "0" and one.userid != "0":
            until, mine = kit.when(int(one.suppress_until)), _is_mine(source, one.userid)
            yield Pause(id="", author=_name(source, one.userid), until=until, mine=mine)


# --- writing ---------------------------------------------------------------------------------------------------------


def _update(source: Source, write: Write, action: int, **more: Any) -> Exchange[Receipt]:
    params = {"eventids": [write.signal_id], "action": action, **more}
    yield from _call(source, "event.acknowledge", params, dict[str, Any], writes=True)
    return DONE if action & AT_ONCE else _LATER


def _take(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    if present.taken_by:
        yield from _update(source, write, UNACKNOWLEDGE)
    return (yield from _update(source, write, ACKNOWLEDGE))


def _give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    return (yield from _update(source, write, UNACKNOWLEDGE))


def _note(source: Source, write: Write, words: str) -> Exchange[Receipt]:
    if len(words) > _LONGEST:
        raise Rejected(f"Zabbix keeps {_LONGEST} characters of a note, this one has {len(words)} with its marker")
    return (yield from _update(source, write, MESSAGE, message=words))


def _close(source: Source, write: Write, found: _Found) -> Exchange[Receipt]:
    """Once: the server does it later."""
    is_told = any(update.has(CLOSE) for update in found.problem.acknowledges)
    return _LATER if is_told else (yield from _update(source, write, CLOSE))


def _suppress(source: Source, write: Write, found: _Found) -> Exchange[Receipt]:
    return (yield from _update(source, write, SUPPRESS, suppress_until=int(kit.until(write).timestamp())))


def _unsuppress(source: Source, write: Write, pause: Pause) -> Exchange[Receipt]:
    return (yield from _update(source, write, UNSUPPRESS))


API = Monitor(
    table=SEVERITY,
    find=find,
    signal=signal,
    notes=notes,
    pauses=pauses,
    take=_take,
    give=_give,
    note=_note,
    snooze=_suppress,
    resolve=_close,
    undo={Verb.SNOOZE: _unsuppress},
    gone="the problem is over",
)


# --- who we are ------------------------------------------------------------------------------------------------------


def check(source: Source) -> Exchange[str]:
    """The version and who we are, by asking for one problem as a poll does."""
    yield from _call(source, "problem.get", {"output": ["eventid"], "limit": 1}, list[dict[str, Any]])
    return f"Zabbix {source.session['version']}, as {_name(source, source.session['id'])}"


def may(source: Source) -> Exchange[str]:
    """Whether our role may take and note problems: asked about event 0, which there is not, after the role is looked at."""
    question = {"eventids": ["0"], "action": ACKNOWLEDGE | MESSAGE, "message": "a question"}
    answer = yield _request(source, "event.acknowledge", question, writes=True)
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
    answers=API.answers,
    retracts=API.retracts,
    cannot={Verb.REPLY: kit.NOBODY_WROTE},
    peek=API.peek,
    seen=API.seen,
    check=check,
    may=may,
    proven="Zabbix 6.0.14 (7.0.22 by hand)",
)
