"""Zabbix 6.0 to 7.x, JSON-RPC: unresolved problems; taking one is Zabbix's own acknowledgement, a note its message.

https://www.zabbix.com/documentation/current/en/manual/api. Seen on a real 6.0.14 (what is said of later versions is as
their documentation tells):

- Every failure is answered 200 with an `error` inside. A token that is no more reads "Not authorized.", "API token
  expired." or "Session terminated, re-login, please."; with its database away it says code 1, which is no refusal.
- The token goes into the body up to 6.2, where a header is not looked at, and into the header from 6.4; 7.2 refuses the
  body, 7.4 refuses `apiinfo.version` with a header. So the version is asked for first, and without any token.
- `problem.get` has no pages, but sorts by `eventid` and begins at one: a problem that is solved meanwhile moves no other.
  It also lists what a disabled host, trigger or item left behind, which Zabbix's own screen hides, and names no host:
  `trigger.get` tells both. A problem whose trigger depends on another that is in trouble is a consequence of that one.
- Acknowledging what is acknowledged is a success that does nothing, whoever had it: to take it over, the first
  acknowledgement is taken back. Of several at once exactly one is listed with bit 2, so it is read back who won.
- Updates name only a `userid`, also to an administrator, and a plain user sees only users of their own groups: anybody
  else is "user #7". Taking, noting and giving back need only the right to read; closing needs the right to write.
- Closing needs `manual_close` on the trigger, is refused in words without it, and is done some seconds later by the server.
  Suppressing (from 6.2) is done later as well. The same message again is stored again, so a note carries its marker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from oncall_tui import kit
from oncall_tui.errors import ConfigError, Denied, Rejected, Unavailable, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Request, Response, Source
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Voice, Write

T = TypeVar("T")

NAMES = ("Not classified", "Information", "Warning", "Average", "High", "Disaster")
"""The severities by their number; an installation can rename them, but tells that only to its administrators."""

SEVERITY: Mapping[str, Impact] = {
    "disaster": Impact.DOWN,
    **dict.fromkeys(("high", "average"), Impact.DEGRADED),
    "warning": Impact.AT_RISK,
    **dict.fromkeys(("information", "not classified"), Impact.QUESTION),
}
CLOSE, ACKNOWLEDGE, MESSAGE, UNACKNOWLEDGE, SUPPRESS = 1, 2, 4, 16, 32
_SNOOZE = timedelta(hours=1)
_LONGEST = 2048
_DENIED = ("not authori", "re-login", "token expired")
_REFUSALS = (-32500, -32600, -32601, -32602)
_OFF = "1"
"""The status of what is disabled, hosts, triggers and items alike."""


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: str = ""


class _Answer(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None


class _Tag(msgspec.Struct):
    tag: str
    value: str = ""


class _Update(msgspec.Struct):
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


class _Head(msgspec.Struct):
    eventid: kit.Id
    objectid: kit.Id


class _Problem(_Head):
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

    @property
    def taking(self) -> _Update | None:
        """The update with which somebody took it; None when it is acknowledged by nobody, or that is not told any more."""
        taken = [one for one in self.acknowledges if self.acknowledged == "1" and one.has(ACKNOWLEDGE)]
        return max(taken, key=lambda one: int(one.acknowledgeid), default=None)


class _Switch(msgspec.Struct):
    status: str = "0"
    value: str = "0"


class _Host(_Switch):
    host: str = ""
    name: str = ""


class _Trigger(_Switch, kw_only=True):
    triggerid: kit.Id
    comments: str = ""
    url: str = ""
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


class _User(msgspec.Struct):
    userid: str
    username: str = ""
    name: str = ""
    surname: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.surname}".strip() or self.username


# --- the dialogue ----------------------------------------------------------------------------------------------------


def _call(source: Source, method: str, params: Any, *, writes: bool = False) -> Request:
    """One JSON-RPC call, with the token where that version wants it; before the version is known, without one."""
    version = source.session.get("version", "")
    body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
    if version and not _has_header(version):
        body["auth"] = source.secret
    return Request(method="POST", path="/api_jsonrpc.php", json=body, headers=headers(source), writes=writes)


def _has_header(version: str) -> bool:
    return _number(version) >= (6, 4)


def _number(version: str) -> tuple[int, ...]:
    """``"6.4.0rc1"`` -> (6, 4)."""
    return tuple(int(part) for part in version.split(".")[:2])


def headers(source: Source) -> Mapping[str, str]:
    """The token, from 6.4 on."""
    version = source.session.get("version", "")
    return {"Authorization": f"Bearer {source.secret}"} if version and _has_header(version) else {}


def _result(answer: Response, type_: type[T]) -> T:
    """What a call came to. Raises what its `error` means."""
    told = answer.read(_Answer)
    if error := told.error:
        words = error.data or error.message
        if any(sign in words.casefold() for sign in _DENIED):
            raise Denied(words)
        if error.code not in _REFUSALS or "SQL statement" in words:
            raise Unavailable(words)
        raise Rejected(words, gone="does not exist" in words)
    if not bytes(told.result):
        raise Unreadable("answered with neither a result nor an error")
    return replace(answer, body=bytes(told.result)).read(type_)


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """The version, who we are, and the names of everybody whom we may see, by id, as JSON."""
    version = _result((yield _call(replace(source, session={}), "apiinfo.version", [])), str)
    known = replace(source, session={"version": version})
    fields = {"output": ["userid", "username", "name", "surname"]}
    users = _result((yield _call(known, "user.get", fields)), list[_User])
    editable = _result((yield _call(known, "user.get", fields | {"editable": True})), list[_User])
    me = _me(source, editable)
    return {
        "version": version,
        "id": me.userid,
        "users": msgspec.json.encode({user.userid: user.full_name for user in (*users, me)}).decode(),
    }


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


# --- reading ---------------------------------------------------------------------------------------------------------

_FIELDS = {
    "output": "extend",
    "selectAcknowledges": "extend",
    "selectTags": "extend",
    "selectSuppressionData": "extend",
}


def poll(source: Source) -> Exchange[Reading]:
    """Every unresolved problem that its trigger still watches, a page at a time, in the order in which they began."""
    table = kit.impacts(SEVERITY, source.options.get("severities", ""))
    most, first = int(source.options.get("page_size") or 1000), 0
    signals: list[Signal] = []
    unreadable: tuple[str, ...] = ()
    while True:
        order = {"sortfield": ["eventid"], "sortorder": "ASC", "limit": most, "eventid_from": str(first)}
        records = _result((yield _call(source, "problem.get", _FIELDS | order)), list[msgspec.Raw])
        heads = [msgspec.json.decode(record, type=_Head) for record in records]
        triggers = yield from _triggers(source, heads)
        page = kit.read_each(records, _Problem, lambda one: _open_signal(source, one, triggers, table))  # noqa: B023
        signals, unreadable = signals + page.signals, unreadable + page.unreadable
        if len(heads) < most:
            return Reading(signals=signals, unreadable=unreadable, warning=kit.strangers(signals, table))
        first = _after(heads, first)


def _after(heads: list[_Head], first: int) -> int:
    """The first id of the next page."""
    for head in heads:
        if int(head.eventid) < first:
            raise Unreadable(f"lists its problems in no order: {head.eventid} after {first - 1}")
        first = int(head.eventid) + 1
    return first


def _triggers(source: Source, heads: list[_Head]) -> Exchange[Mapping[str, _Trigger]]:
    if not heads:
        return {}
    params = {
        "triggerids": sorted({head.objectid for head in heads}),
        "output": ["triggerid", "status", "value", "comments", "url"],
        "selectHosts": ["host", "name", "status"],
        "selectItems": ["status"],
        "selectDependencies": ["status", "value"],
    }
    found = _result((yield _call(source, "trigger.get", params)), list[_Trigger])
    return {trigger.triggerid: trigger for trigger in found}


def _open_signal(
    source: Source, problem: _Problem, triggers: Mapping[str, _Trigger], table: Mapping[str, Impact]
) -> Signal | None:
    """None for what is over, or what nobody watches any more; a trigger that is not told is believed to be watched."""
    trigger = triggers.get(problem.objectid) or _Trigger(triggerid=problem.objectid)
    if problem.is_over or not trigger.is_watched:
        return None
    return signal(source, problem, trigger, table)


def signal(source: Source, problem: _Problem, trigger: _Trigger, table: Mapping[str, Impact] = SEVERITY) -> Signal:
    """One problem as a signal. The customer is in its tags, for the core to find."""
    severity = NAMES[int(problem.severity)] if problem.severity in "012345" and problem.severity else problem.severity
    tags = _labels(problem.tags)
    host = trigger.hosts[0] if trigger.hosts else _Host()
    return Signal(
        source=source.name,
        id=problem.eventid,
        kind=Kind.ALERT,
        title=problem.name or "a problem without a name",
        opened_at=_at(problem.clock),
        severity=severity,
        impact=table.get(severity.casefold(), Impact.AT_RISK),
        text="\n".join(line for line in (problem.opdata, trigger.comments) if line),
        service=tags.get("service", ""),
        host=host.host,
        labels={**tags, **({"host": host.name} if host.name else {})},
        messages=tuple(_notes(source, problem)),
        links=(trigger.url,) if trigger.url else (),
        url=f"{source.url}/tr_events.php?triggerid={kit.quote(problem.objectid)}&eventid={kit.quote(problem.eventid)}",
        **_taken(source, problem),
        **_suppressed(source, problem, trigger),
    )


def _labels(tags: list[_Tag]) -> dict[str, str]:
    """A tag may be there several times: its values are told with commas. The server lists tags in any order."""
    labels: dict[str, str] = {}
    for tag in sorted(tags, key=lambda tag: (tag.tag, tag.value)):
        labels[tag.tag] = f"{labels[tag.tag]}, {tag.value}" if tag.tag in labels else tag.value
    return labels


def _taken(source: Source, problem: _Problem) -> dict[str, Any]:
    if problem.acknowledged != "1":
        return {}
    taking = problem.taking
    name = _name(source, taking.userid) if taking else "somebody"
    mine = taking is not None and _is_mine(source, taking.userid)
    return {
        "taken_by": name,
        "assignee": name,
        "mine": mine,
        "status": "acknowledged",
        "taken_at": _at(taking.clock) if taking else None,
    }


def _suppressed(source: Source, problem: _Problem, trigger: _Trigger) -> dict[str, Any]:
    held = problem.suppression_data if problem.suppressed == "1" else []
    if problem.suppressed == "1":
        by_people = [_name(source, one.userid) for one in held if one.maintenanceid == "0" and one.userid != "0"]
        words = f"suppressed by {', '.join(by_people)}" if by_people else "in maintenance"
        ends = [int(one.suppress_until) for one in held]
        return {"suppressed": words, "suppressed_until": _at(str(max(ends))) if ends and all(ends) else None}
    return {"suppressed": "a consequence of another problem"} if trigger.is_consequence else {}


def _notes(source: Source, problem: _Problem) -> Iterator[Message]:
    """What colleagues wrote; nobody else reads it."""
    for update in problem.acknowledges:
        if update.has(MESSAGE):
            yield Message(
                id=update.acknowledgeid,
                voice=Voice.OURS,
                author=_name(source, update.userid),
                text=kit.unmarked(update.message),
                at=_at(update.clock),
                private=True,
            )


def _name(source: Source, userid: str) -> str:
    return _users(source.session.get("users", "{}")).get(userid, f"user #{userid}")


@lru_cache(maxsize=8)
def _users(users: str) -> Mapping[str, str]:
    return msgspec.json.decode(users, type=dict[str, str])


def _is_mine(source: Source, userid: str) -> bool:
    return userid == source.session.get("id")


def _at(clock: str) -> datetime:
    return datetime.fromtimestamp(int(clock), UTC)


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That problem now; None when it is over."""
    problem = yield from _find(source, signal_id)
    if problem is None:
        return None
    triggers = yield from _triggers(source, [problem])
    return _open_signal(source, problem, triggers, kit.impacts(SEVERITY, source.options.get("severities", "")))


def _find(source: Source, eventid: str) -> Exchange[_Problem | None]:
    answer = yield _call(source, "problem.get", _FIELDS | {"eventids": [eventid]})
    problems = _result(answer, list[_Problem])
    return next((one for one in problems if one.eventid == eventid and not one.is_over), None)


# --- writing ---------------------------------------------------------------------------------------------------------


def _open(source: Source, write: Write) -> Exchange[_Problem]:
    problem = yield from _find(source, write.signal_id)
    if problem is None:
        raise Rejected("the problem is over", gone=True)
    return problem


def _update(source: Source, problem: _Problem, action: int, **more: Any) -> Exchange[None]:
    params = {"eventids": [problem.eventid], "action": action, **more}
    _result((yield _call(source, "event.acknowledge", params, writes=True)), dict[str, Any])


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Acknowledge it; what a colleague has is taken from them first, for the engineer was asked."""
    problem = yield from _open(source, write)
    if _taken(source, problem).get("mine"):
        return DONE
    if problem.acknowledged == "1":
        yield from _update(source, problem, UNACKNOWLEDGE)
    yield from _update(source, problem, ACKNOWLEDGE)
    taken = _taken(source, (yield from _open(source, write)))
    if not taken.get("mine"):
        raise Rejected(f"{taken.get('taken_by', 'somebody')} was faster")
    return DONE


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Take my acknowledgement back; a colleague's stays."""
    problem = yield from _open(source, write)
    taken = _taken(source, problem)
    if not taken:
        return DONE
    if not taken["mine"]:
        return Receipt(words=f"{taken['taken_by']} has it now")
    yield from _update(source, problem, UNACKNOWLEDGE)
    return DONE


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A message of the problem, with the marker that finds it again."""
    message = f"{write.text}\n{kit.marker(write)}"
    if len(message) > _LONGEST:
        raise Rejected(f"Zabbix keeps {_LONGEST} characters of a note, this one has {len(message)} with its marker")
    problem = yield from _open(source, write)
    yield from _update(source, problem, MESSAGE, message=message)
    return DONE


def resolve(source: Source, write: Write) -> Exchange[Receipt]:
    """Have the server close it; that is done later, so it counts once it is seen."""
    problem = yield from _find(source, write.signal_id)
    if problem is None:
        return DONE
    if not any(update.has(CLOSE) for update in problem.acknowledges):
        yield from _update(source, problem, CLOSE)
    return Receipt(settled=False)


def snooze(source: Source, write: Write) -> Exchange[Receipt]:
    """Have the server suppress it until `write.until`; that is done later as well."""
    problem = yield from _open(source, write)
    if _is_snoozed(source, write, problem):
        return DONE
    if _number(source.session["version"]) < (6, 2):
        raise Rejected("this Zabbix cannot suppress a problem, 6.2 and later can; snooze it here instead")
    yield from _update(source, problem, SUPPRESS, suppress_until=_until(write))
    return Receipt(settled=False)


def _until(write: Write) -> int:
    return int((write.until or write.asked_at + _SNOOZE).timestamp())


def _is_snoozed(source: Source, write: Write, problem: _Problem) -> bool:
    mine = [int(one.suppress_until) for one in problem.suppression_data if _is_mine(source, one.userid)]
    return any(until >= _until(write) for until in mine)


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the problem is as the write wanted it."""
    problem = yield from _find(source, write.signal_id)
    if problem is None:
        return write.verb in (Verb.RESOLVE, Verb.RELEASE)
    mine = bool(_taken(source, problem).get("mine"))
    match write.verb:
        case Verb.ACKNOWLEDGE:
            return mine
        case Verb.RELEASE:
            return not mine
        case Verb.SNOOZE:
            return _is_snoozed(source, write, problem)
        case Verb.NOTE:
            return any(
                kit.marker(write) in update.message and _is_mine(source, update.userid)
                for update in problem.acknowledges
            )
        case _:
            return False


def check(source: Source) -> Exchange[str]:
    """The version and who we are, by asking for one problem as a poll does."""
    _result((yield _call(source, "problem.get", {"output": ["eventid"], "limit": 1})), list[_Known])
    return f"Zabbix {source.session['version']}, as {_name(source, source.session['id'])}"


class _Known(msgspec.Struct):
    eventid: str


CONNECTOR = Connector(
    name="zabbix",
    title="Zabbix",
    docs="https://www.zabbix.com/documentation/current/en/manual/api",
    options=(
        Option(name="user", help="login name that the API token belongs to; needed only for a super administrator"),
        Option(name="severities", help='severities as you mean them, as in "high=down, warning=question"'),
        Option(name="page_size", help="how many problems to ask for at once", default="1000"),
    ),
    headers=headers,
    login=login,
    poll=poll,
    answers={
        Verb.ACKNOWLEDGE: acknowledge,
        Verb.RELEASE: release,
        Verb.NOTE: note,
        Verb.RESOLVE: resolve,
        Verb.SNOOZE: snooze,
    },
    cannot={Verb.REPLY: "nobody wrote a problem, so there is nobody to reply to"},
    peek=peek,
    seen=seen,
    check=check,
    proven="Zabbix 6.0.14",
)
