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

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from oncall_tui import kit
from oncall_tui.connectors.monitors.zabbix.api import call, headers, is_mine, login, name_of, number, refusal, result
from oncall_tui.connectors.monitors.zabbix.problems import (
    ACKNOWLEDGE,
    CLOSE,
    MESSAGE,
    SEVERITY,
    SUPPRESS,
    UNACKNOWLEDGE,
    Head,
    Problem,
    Trigger,
    open_signal,
    taken_by,
)
from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Source
from oncall_tui.model import Signal, Verb, Write

_SNOOZE = timedelta(hours=1)
_LONGEST = 2048

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
    most, first = kit.count(source.options.get("page_size") or "1000"), 0
    signals: list[Signal] = []
    unreadable: tuple[str, ...] = ()
    while True:
        order = {"sortfield": ["eventid"], "sortorder": "ASC", "limit": most, "eventid_from": str(first)}
        records = result((yield call(source, "problem.get", _FIELDS | order)), list[msgspec.Raw])
        heads, _ = kit.each(records, Head, lambda head: head)  # who has none is counted below
        triggers, lost = yield from _triggers(source, heads)
        page = kit.read_each(records, Problem, lambda one: open_signal(source, one, triggers, table))  # noqa: B023
        signals, unreadable = signals + page.signals, unreadable + page.unreadable + lost
        if len(records) < most:
            return Reading(signals=signals, unreadable=unreadable, warning=kit.strangers(signals, table))
        first = _after(records, first)


def _after(records: list[msgspec.Raw], first: int) -> int:
    """The first id of the next page, which only the last problem of this one tells."""
    ids, _ = kit.each(records, _Known, lambda one: int(one.eventid))
    last, _ = kit.each(records[-1:], _Known, lambda one: int(one.eventid))
    if not last:
        raise Unreadable("lists a problem without its number last, so nobody knows where its next page begins")
    for eventid in ids:
        if eventid < first:
            raise Unreadable(f"lists its problems in no order: {eventid} after {first - 1}")
        first = eventid + 1
    return first


def _triggers(source: Source, heads: list[Head]) -> Exchange[tuple[Mapping[str, Trigger], tuple[str, ...]]]:
    """The triggers of these problems, and a line for each that cannot be read: its problem is shown without it."""
    if not heads:
        return {}, ()
    params = {
        "triggerids": sorted({head.objectid for head in heads}),
        "output": ["triggerid", "status", "value", "comments", "url"],
        "selectHosts": ["host", "name", "status"],
        "selectItems": ["status"],
        "selectDependencies": ["status", "value"],
    }
    records = result((yield call(source, "trigger.get", params)), list[msgspec.Raw])
    found, unreadable = kit.each(records, Trigger, lambda trigger: trigger)
    return {trigger.triggerid: trigger for trigger in found}, unreadable


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That problem now; None when it is over."""
    problem = yield from _find(source, signal_id)
    if problem is None:
        return None
    triggers, _ = yield from _triggers(source, [problem])
    return open_signal(source, problem, triggers, kit.impacts(SEVERITY, source.options.get("severities", "")))


def _find(source: Source, eventid: str) -> Exchange[Problem | None]:
    answer = yield call(source, "problem.get", _FIELDS | {"eventids": [eventid]})
    problems = result(answer, list[Problem])
    return next((one for one in problems if one.eventid == eventid and not one.is_over), None)


# --- writing ---------------------------------------------------------------------------------------------------------


def _open(source: Source, write: Write) -> Exchange[Problem]:
    problem = yield from _find(source, write.signal_id)
    if problem is None:
        raise Rejected("the problem is over", gone=True)
    return problem


def _update(source: Source, problem: Problem, action: int, **more: Any) -> Exchange[None]:
    params = {"eventids": [problem.eventid], "action": action, **more}
    result((yield call(source, "event.acknowledge", params, writes=True)), dict[str, Any])


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Acknowledge it; what a colleague has is taken from them first, for the engineer was asked."""
    problem = yield from _open(source, write)
    if taken_by(source, problem).get("mine"):
        return DONE
    if problem.acknowledged == "1":
        yield from _update(source, problem, UNACKNOWLEDGE)
    yield from _update(source, problem, ACKNOWLEDGE)
    taken = taken_by(source, (yield from _open(source, write)))
    if not taken.get("mine"):
        raise Rejected(f"{taken.get('taken_by', 'somebody')} was faster")
    return DONE


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Take my acknowledgement back; a colleague's stays."""
    problem = yield from _open(source, write)
    taken = taken_by(source, problem)
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
    if number(source.session["version"]) < (6, 2):
        raise Rejected("this Zabbix cannot suppress a problem, 6.2 and later can; snooze it here instead")
    yield from _update(source, problem, SUPPRESS, suppress_until=_until(write))
    return Receipt(settled=False)


def _until(write: Write) -> int:
    return int((write.until or write.asked_at + _SNOOZE).timestamp())


def _is_snoozed(source: Source, write: Write, problem: Problem) -> bool:
    mine = [int(one.suppress_until) for one in problem.suppression_data if is_mine(source, one.userid)]
    return any(until >= _until(write) for until in mine)


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the problem is as the write wanted it."""
    problem = yield from _find(source, write.signal_id)
    if problem is None:
        return write.verb in (Verb.RESOLVE, Verb.RELEASE)
    mine = bool(taken_by(source, problem).get("mine"))
    match write.verb:
        case Verb.ACKNOWLEDGE:
            return mine
        case Verb.RELEASE:
            return not mine
        case Verb.SNOOZE:
            return _is_snoozed(source, write, problem)
        case Verb.NOTE:
            return any(
                kit.marker(write) in update.message and is_mine(source, update.userid)
                for update in problem.acknowledges
            )
        case _:
            return False


def check(source: Source) -> Exchange[str]:
    """The version and who we are, by asking for one problem as a poll does."""
    result((yield call(source, "problem.get", {"output": ["eventid"], "limit": 1})), list[_Known])
    return f"Zabbix {source.session['version']}, as {name_of(source, source.session['id'])}"


class _Known(msgspec.Struct):
    eventid: str


def may(source: Source) -> Exchange[str]:
    """Whether our role may take and note problems: asked about event 0, which there is not, after the role is looked at."""
    question = {"eventids": ["0"], "action": ACKNOWLEDGE | MESSAGE, "message": "a question"}
    words = refusal((yield call(source, "event.acknowledge", question, writes=True)))
    if "does not exist" not in words:
        raise Rejected(words or "took a question for an answer")
    return "acknowledgements and notes are taken from us"


CONNECTOR = Connector(
    name="zabbix",
    title="Zabbix",
    docs="https://www.zabbix.com/documentation/current/en/manual/api",
    options=(
        Option(name="user", help="login name that the API token belongs to; needed only for a super administrator"),
        Option(
            name="severities",
            help='severities as you mean them, as in "high=down, warning=question"',
            check=kit.meanings,
        ),
        Option(name="page_size", help="how many problems to ask for at once", default="1000", check=kit.count),
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
    may=may,
    proven="Zabbix 6.0.14",
)
