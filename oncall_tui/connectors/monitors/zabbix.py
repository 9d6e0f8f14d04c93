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
- While the server is dead its web pages answer, with what was open when it died: only what it stores of itself each minute
  (items of type 5, where we may see one) shows that.
- `time_from` and `eventid_from` find new problems, not what was done about an old one: so all is asked for each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from oncall_tui import kit
from oncall_tui.errors import ConfigError, Denied, Rejected, Unavailable
from oncall_tui.kit import (
    Connector,
    Exchange,
    Option,
    Pause,
    Reading,
    Receipt,
    Record,
    Remark,
    Request,
    Response,
    Source,
)
from oncall_tui.model import Impact, Kind, Signal, Verb, Write

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
SILENT = timedelta(minutes=10)
"""The server looks at itself each minute: when it stored nothing of that for so long, it has stopped."""
_LATER = Receipt(settled=False)


class _Trigger(NamedTuple):
    """What made a problem, or nothing of it where that is not told. `behind`: what it depends on is in trouble itself."""

    host: str = ""
    called: str = ""
    comments: str = ""
    url: str = ""
    closes: bool = True
    behind: bool = False


class _Found(NamedTuple):
    """A problem and the trigger that made it, None where nobody watches that any more."""

    problem: Record
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


def _call(source: Source, method: str, params: Any, *, writes: bool = False) -> Exchange[Record]:
    """What a call came to, as its `result`. Raises what its `error` means."""
    return _result((yield _request(source, method, params, writes=writes)))


def _result(answer: Response) -> Record:
    told = Record.of(answer)
    if error := told.record("error"):
        words = _words(error)
        if any(sign in words.casefold() for sign in _DENIED):
            raise Denied(words)
        if error.value("code") not in _REFUSALS or "SQL statement" in words:
            raise Unavailable(words)
        raise Rejected(words, gone="does not exist" in words)
    return told


def _words(error: Record) -> str:
    return error.hint("data") or error.hint("message")


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """The version, who we are, and the name of everybody whom we may see, as `user NUMBER`."""
    version = (yield from _call(replace(source, session={}), "apiinfo.version", [])).text("result")
    known = replace(source, session={"version": version})
    fields = {"output": ["userid", "username", "name", "surname"]}
    users = (yield from _call(known, "user.get", fields)).records("result")
    me = _me(source, (yield from _call(known, "user.get", fields | {"editable": True})).records("result"))
    names = {f"user {one.id('userid')}": _full(one) for one in (*users, me)}
    return {"version": version, "id": me.id("userid"), **names}


def _me(source: Source, editable: list[Record]) -> Record:
    """Whom the token belongs to: whoever may change only themselves. Who may change all has to say it."""
    if len(editable) == 1:
        return editable[0]
    told = source.options.get("user", "")
    ours = {name.casefold() for name in ([told] if told else (source.me.name, *source.me.aliases))}
    found = [one for one in editable if {one.hint("username").casefold(), _full(one).casefold()} & ours]
    if len(found) != 1:
        raise ConfigError(f'whose token is it? set user = "LOGIN NAME" in [sources.{source.name}]', key="user")
    return found[0]


def _full(user: Record) -> str:
    return f"{user.hint('name')} {user.hint('surname')}".strip() or user.hint("username")


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
    readings: list[Reading] = []

    def page(after: int) -> Exchange[tuple[Iterable[tuple[int | None, None]], bool]]:
        problems, more = yield from _page(source, after, most)
        triggers, lost = yield from _triggers(source, problems)
        reading = API.read(source, problems, lambda problem: _Found(problem, triggers.get(problem.id("objectid"))))
        readings.append(reading + Reading(unreadable=lost))
        return ((one.number("eventid"), None) for one in problems), more

    listed = yield from kit.by_number(page)
    if not listed:
        hosts = yield from _call(source, "host.get", {"output": ["hostid"], "limit": 1})
        if not hosts.each("result"):
            raise Rejected("shows you no host at all: may your user group read one?")
    return sum(readings, Reading(gap=(yield from _stopped(source))))


def _stopped(source: Source) -> Exchange[str]:
    """A gap where the server takes nothing in any more; "" too where we may see none of the items by which it tells.

    It is the web pages that answer us, and they go on telling what there was, or nothing.
    """
    its_own = {"filter": {"type": 5, "state": 0}, "monitored": True, "output": ["lastclock"], "limit": 5}
    answer = yield _request(source, "item.get", its_own)
    error = Record.of(answer).record("error")
    if error and "No permissions to call" in _words(error):  # a role may be kept to the methods that we need
        return ""
    told = [one.when("lastclock") for one in _result(answer).each("result")]
    last = max(filter(None, told), default=None)
    is_alive = not told or answer.at is None or (last is not None and answer.at - last < SILENT)
    return "" if is_alive else "takes in nothing any more (has its server stopped?): what broke since is not listed"


def _page(source: Source, after: int, most: int) -> Exchange[tuple[list[Record], bool]]:
    """Problems of higher numbers, lowest first, and whether more may follow.

    A last one that does not tell its number would hide where the next page begins: then more are asked for at once.
    """
    order = {"sortfield": ["eventid"], "sortorder": "ASC", "limit": most, "eventid_from": str(after + 1)}
    problems = (yield from _call(source, "problem.get", _FIELDS | order)).each("result")
    more = len(problems) >= most
    if more and problems[-1].number("eventid") is None:
        return (yield from _page(source, after, 2 * most))
    return problems, more


def _triggers(source: Source, problems: Iterable[Record]) -> Exchange[tuple[Mapping[str, _Trigger], tuple[str, ...]]]:
    """The triggers of these problems that are watched, and a line for each that cannot be read.

    One that is not told may be such a one: then its problem is shown without it.
    """
    ids = set(kit.sift(problems, lambda one: one.id("objectid"))[0])
    if not ids:
        return {}, ()
    params = {
        "triggerids": sorted(ids),
        "monitored": True,
        "output": ["triggerid", "comments", "url", "manual_close"],
        "selectHosts": ["host", "name"],
        "selectDependencies": ["status", "value"],
    }
    triggers = (yield from _call(source, "trigger.get", params)).each("result")
    found, unreadable = kit.sift(triggers, _trigger)
    told = dict(found)
    may_be = ids if unreadable or told.keys() - ids else ()
    return dict.fromkeys(may_be, _Trigger()) | told, unreadable


def _trigger(one: Record) -> tuple[str, _Trigger]:
    """A trigger by its number, with the first of its hosts. What is switched off makes no trouble."""
    host = next(iter(one.records("hosts")), Record({}))
    others = ((other.text("value", "0"), other.text("status", "0")) for other in one.records("dependencies"))
    return one.text("triggerid"), _Trigger(
        host=host.text("host", ""),
        called=host.text("name", ""),
        comments=one.text("comments", ""),
        url=one.text("url", ""),
        closes=one.text("manual_close", "1") == "1",
        behind=any(value == "1" != status for value, status in others),
    )


def find(source: Source, signal_id: str) -> Exchange[_Found | None]:
    """That problem, and its trigger."""
    problems = (yield from _call(source, "problem.get", _FIELDS | {"eventids": [signal_id]})).records("result")
    problem = next((one for one in problems if one.id("eventid") == signal_id), None)
    if problem is None:
        return None
    triggers, _ = yield from _triggers(source, [problem])
    return _Found(problem, triggers.get(problem.id("objectid")))


def signal(source: Source, found: _Found, table: Mapping[str, Impact]) -> Signal | None:
    """One problem as a signal; None for what is over, or what nobody watches any more.

    The customer is in the tags, for the core to find.
    """
    problem, trigger = found
    event, cause = problem.id("eventid"), problem.id("objectid")
    if trigger is None or problem.number("r_eventid"):
        return None
    number = problem.text("severity")
    severity = list(SEVERITY)[int(number)].capitalize() if number and number in "012345" else number
    tags = _labels(problem.records("tags"))
    return Signal(
        source=source.name,
        id=event,
        kind=Kind.ALERT,
        title=problem.text("name") or "a problem without a name",
        opened_at=problem.at("clock"),
        severity=severity,
        impact=kit.impact(table, severity),
        status="acknowledged" if problem.text("acknowledged") == "1" else "open",
        text="\n".join(filter(None, (problem.text("opdata", ""), trigger.comments))),
        service=tags.get("service", ""),
        host=trigger.host,
        labels={**tags, **({"host": trigger.called} if trigger.called else {})},
        messages=kit.messages(notes(source, found)),
        links=(trigger.url,) if trigger.url else (),
        url=kit.page(f"{source.url}/tr_events.php", triggerid=cause, eventid=event),
        cannot=dict(_cannot(source, trigger)),
        **_taken(source, problem),
        **_suppressed(source, found, trigger),
    )


def _labels(tags: list[Record]) -> dict[str, str]:
    """A tag may be there several times: its values are told with commas. The server lists tags in any order."""
    labels: dict[str, str] = {}
    for name, value in sorted((tag.text("tag"), tag.text("value", "")) for tag in tags):
        labels[name] = f"{labels[name]}, {value}" if name in labels else value
    return labels


def _cannot(source: Source, trigger: _Trigger) -> Iterator[tuple[Verb, str]]:
    if not trigger.closes:
        yield Verb.RESOLVE, "its trigger does not allow that by hand"
    if not _is_from(source, 6, 2):
        yield Verb.SNOOZE, "this Zabbix cannot suppress a problem, 6.2 and later can"


def _updates(problem: Record, bit: int) -> list[Record]:
    """What somebody did to a problem, of that kind: `action` is the sum of several."""
    return [one for one in problem.records("acknowledges") if int(one.text("action")) & bit]


def _taken(source: Source, problem: Record) -> Mapping[str, Any]:
    """Who has it: whoever acknowledged it last, "somebody" where that is not told any more."""
    if problem.text("acknowledged") != "1":
        return {}
    last = max(_updates(problem, ACKNOWLEDGE), key=lambda one: int(one.text("acknowledgeid")), default=None)
    if last is None:
        return kit.taken("", mine=False, at=None)
    who = last.text("userid")
    return kit.taken(_name(source, who), mine=_is_mine(source, who), at=last.at("clock"))


def _suppressed(source: Source, found: _Found, trigger: _Trigger) -> Mapping[str, Any]:
    if found.problem.text("suppressed", "0") != "1":
        return {"suppressed": "a consequence of another problem"} if trigger.behind else {}
    ends = [one.when("suppress_until") for one in found.problem.records("suppression_data")]
    by = ", ".join(one.author for one in pauses(source, found))
    return {
        "suppressed": f"suppressed by {by}" if by else "in maintenance",
        "suppressed_until": max(filter(None, ends), default=None) if all(ends) else None,
    }


def notes(source: Source, found: _Found) -> Iterator[Remark]:
    """What colleagues wrote; nobody else reads it."""
    for one in _updates(found.problem, MESSAGE):
        who, id_ = one.text("userid"), one.text("acknowledgeid")
        mine = _is_mine(source, who)
        yield Remark(id=id_, author=_name(source, who), text=one.text("message", ""), at=one.at("clock"), mine=mine)


def pauses(source: Source, found: _Found) -> Iterator[Pause]:
    """Who suppressed it by hand, which has no words."""
    for one in found.problem.records("suppression_data"):
        who = one.text("userid", "0")
        if one.text("maintenanceid", "0") == "0" and who != "0":
            yield Pause(id="", author=_name(source, who), until=one.when("suppress_until"), mine=_is_mine(source, who))


# --- writing ---------------------------------------------------------------------------------------------------------


def _update(source: Source, write: Write, action: int, **more: Any) -> Exchange[Receipt]:
    params = {"eventids": [write.signal_id], "action": action, **more}
    (yield from _call(source, "event.acknowledge", params, writes=True)).need("result")
    return kit.DONE if action & AT_ONCE else _LATER


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
    is_told = _updates(found.problem, CLOSE)
    return _LATER if is_told else (yield from _update(source, write, CLOSE))


def _suppress(source: Source, write: Write, found: _Found) -> Exchange[Receipt]:
    return (yield from _update(source, write, SUPPRESS, suppress_until=int(kit.until(write).timestamp())))


def _unsuppress(source: Source, write: Write, pause: Pause) -> Exchange[Receipt]:
    return (yield from _update(source, write, UNSUPPRESS))


API = kit.Monitor(
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
    (yield from _call(source, "problem.get", {"output": ["eventid"], "limit": 1})).records("result")
    return f"Zabbix {source.session['version']}, as {_name(source, source.session['id'])}"


def may(source: Source) -> Exchange[str]:
    """Whether our role may take and note problems: asked about event 0, which there is not, after the role is looked at."""
    question = {"eventids": ["0"], "action": ACKNOWLEDGE | MESSAGE, "message": "a question"}
    answer = yield _request(source, "event.acknowledge", question, writes=True)
    error = Record.of(answer).record("error")
    words = _words(error) if error else "took a question for an answer"
    if "does not exist" not in words:
        raise Rejected(words)
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
