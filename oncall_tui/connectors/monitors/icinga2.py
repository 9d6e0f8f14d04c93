"""Icinga 2, API v1: hosts and services in a hard state that is not OK; taking one is a sticky acknowledgement.

https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/. Seen on a real 2.13.6:

- Reading is a POST with `X-HTTP-Method-Override: GET`, so that names stand in the body. An action without an object acts
  on ALL of them: each of ours names exactly one (`{"service": "host!service"}`), and never an empty one.
- An unknown object, and one that our API user may not see or act on, are both 404 "No objects found.".
- Acknowledging twice is 409 "is already acknowledged", also for its author; an OK one is 409 "is OK". Ten at once: one 200.
  To prolong one or to take it over it is removed first. Removing answers 200 also where there is none.
- An acknowledgement that ran out is still told as one until something else happens: its `expiry` has to be read.
- Who acknowledged stands only in a comment (`entry_type` 4). Recovery removes acknowledgement and comment.
- A host that is down by a passive result has `last_state_change` 0; `last_hard_state_change` is set.
- `last_reachable` is false for the services of a host that is down. There is no paging and no Date
  header: what time it is there only `/v1/status` tells, to who may ask it (`status/query`).
- State, acknowledgements and comments outlive a restart.
- A permission may have a filter: what that leaves out is in no list, and an action on it is a 404.
- Checks may be switched off for one object, or for all (`IcingaApplication`): then its state stays what it was. A result
  that Icinga fetched itself is `active`; one that was pushed comes also to what is never checked.
- No list tells what changed since: a comment or an acknowledgement moves no time of its host or service, and what is gone is
  in no list. So all is asked for each time.

A check's name ("http") says nothing about which of our services it is, so `service` comes from a custom variable, and the
check's name is the label `check`. Custom variables of host and service are labels; `vars.customer` names the customer.
The API user needs `objects/query/*`, for each of `NEEDS` a permission, and `status/query` where its clock may be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any

import msgspec

from oncall_tui import kit
from oncall_tui.connectors import checks
from oncall_tui.connectors.checks import Check, Said
from oncall_tui.errors import Denied, Rejected
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
from oncall_tui.model import Signal, Write

STATE: Mapping[tuple[str, float], str] = {
    ("Host", 1): "down",
    ("Service", 1): "warning",
    ("Service", 2): "critical",
    ("Service", 3): "unknown",
}
NEEDS = ("acknowledge-problem", "remove-acknowledgement", "add-comment", "schedule-downtime", "remove-downtime")

_TAKEN = ("acknowledgement", "acknowledgement_expiry", "acknowledgement_last_change")
_LOOKED_AT = ("enable_active_checks", "enable_passive_checks", "last_check_result", "last_reachable")
_STATUS = ("display_name", "vars", "state", "state_type", "downtime_depth", *checks.TIMES, *_TAKEN, *_LOOKED_AT)
_ABOUT = ("host_name", "service_name", "author", "entry_time")
_COMMENT = (*_ABOUT, "text", "entry_type")
_DOWNTIME = (*_ABOUT, "comment", "end_time", "trigger_time")
"""What is asked for of each."""

_FAILING = "obj.state != 0 && obj.state_type == 1"
_OF_ONE = "obj.host_name == h && obj.service_name == s"
"""In a filter `obj` is an object of whichever kind is asked for (lib/remote/filterutility.cpp)."""

_TAKES = 4
"""The `entry_type` of the comment of an acknowledgement; 1 is a user's own."""


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every host and service with a problem, and what people said about it. Asked last: who is behind what was listed.

    An empty list is good news only for who would see a problem: a permission may have a filter.
    """
    found = _results((yield _ask("host", filter=_FAILING)))
    found += _results((yield _ask("service", filter=_FAILING)))
    if not found and not (yield from _sees_a_host()):
        raise Rejected("shows your API user no host at all: does the filter of its permissions leave one?")
    gap = yield from _switched_off()
    said = yield from _said()
    reading = API.read(source, found, lambda raw: said.about(_check(source, Record.read(raw))))
    return reading + Reading(unreadable=said.unreadable, gap=gap)


def _sees_a_host() -> Exchange[bool]:
    """Of a hundredth of the hosts, by lot, one is enough: all of 10,000 would be 1 MB each time that nothing is wrong.

    An Icinga that draws no lots in a filter says so with an error, and is asked for all.
    """
    hosts = "/v1/objects/hosts"
    some = yield kit.get(hosts, attrs="name", filter_="Math.random() < 0.01", accepts=(400, 404, 500))
    if some.status == 200 and _results(some):
        return True
    return bool(_results((yield kit.get(hosts, attrs="name", accepts=(404,)))))


def _switched_off() -> Exchange[str]:
    """A gap where it was told to check nothing any more, for then what broke since is not listed; else "".

    Whoever may not ask that is not told.
    """
    answer = yield kit.get("/v1/objects/icingaapplications", accepts=(404,))
    told = Record.of(answer).records("results") if answer.status == 200 else []
    off = [what for what in ("host", "service") for one in told if one.value(f"attrs.enable_{what}_checks") is False]
    return f"makes no {' and no '.join(off)} checks any more: what broke since is not listed" if off else ""


def _ask(what: str, attrs: Sequence[str] = _STATUS, **body: Any) -> Request:
    """Objects of that kind, with what is read of them."""
    joins = {"joins": ["host.vars"]} if what == "service" else {}
    return Request(
        method="POST",
        path=f"/v1/objects/{what}s",
        json={"attrs": attrs, **joins, **body},
        headers={"X-HTTP-Method-Override": "GET"},
        accepts=frozenset({404}),
    )


def _results(answer: Response) -> list[msgspec.Raw]:
    """What was listed. An empty list is 200: only who may not read at all is told that nothing was found."""
    if answer.status == 404:
        raise Denied("lets your API user read nothing here (404): it needs objects/query/*")
    return answer.unread("results")


def _said(**only: Any) -> Exchange[Said]:
    """Comments and downtimes, `only` those of one object or all."""
    comments = _results((yield _ask("comment", _COMMENT, **only)))
    downtimes = _results((yield _ask("downtime", _DOWNTIME, **only)))
    return checks.said(comments, _noted, downtimes, _planned)


def _noted(one: Record) -> tuple[str, Remark]:
    said = one.need("attrs")
    at, takes = said.at("entry_time"), said.amount("entry_type", 0) == _TAKES
    return _about(said), Remark(
        id=one.id("name"), author=said.text("author"), text=said.text("text", ""), at=at, takes=takes
    )


def _planned(one: Record) -> tuple[str, Pause]:
    said = one.need("attrs")
    until, begun = said.when("end_time"), said.amount("trigger_time", 1) != 0
    return _about(said), Pause(
        id=one.id("name"), author=said.text("author"), text=said.text("comment", ""), until=until, begun=begun
    )


def _about(said: Record) -> str:
    return checks.join(said.text("host_name"), said.text("service_name", ""), "!")


def _check(source: Source, found: Record) -> Check:
    """A service's own custom variables count before its host's."""
    id_, attrs, state = found.id("name"), found.need("attrs"), found.amount("attrs.state")
    host, _, name = id_.partition("!")
    return Check(
        id=id_,
        host=host,
        name=name,
        state=STATE.get((found.text("type"), state), f"state {state:g}"),
        is_problem=state != 0 and attrs.amount("state_type") != 0,
        since=checks.since(attrs),
        url=_page(source, host, name),
        title=attrs.text("display_name"),
        output=attrs.text("last_check_result.output", ""),
        labels=found.labels("joins.host.vars") | attrs.labels("vars"),
        acknowledged=attrs.amount("acknowledgement") != 0,
        acknowledged_at=attrs.when("acknowledgement_last_change"),
        acknowledged_until=attrs.when("acknowledgement_expiry"),
        in_downtime=attrs.amount("downtime_depth", 0) != 0,
        unreachable=not attrs.flag("last_reachable", default=True),
        is_stopped=_is_stopped(attrs),
    )


def _is_stopped(attrs: Record) -> bool:
    """Nothing can change it: it is checked no more since its last result, and takes no other."""
    if attrs.flag("enable_active_checks", default=True):
        return False
    return attrs.flag("last_check_result.active") or not attrs.flag("enable_passive_checks", default=True)


def _page(source: Source, host: str, name: str) -> str:
    """Its page in Icinga Web; "" where that is not configured, as the API has none."""
    web = source.options.get("web", "").rstrip("/")
    of = {"name": name, "host.name": host} if name else {"name": host}
    return kit.page(f"{web}/icingadb/{'service' if name else 'host'}", **of) if web else ""


def find(source: Source, signal_id: str) -> Exchange[Check | None]:
    """That host or service in whatever state."""
    host, name = checks.split(signal_id, "!")
    answer = yield _ask("service" if name else "host", **_exactly(signal_id))
    found = Record.of(answer).records("results") if answer.status != 404 else []
    one = next((one for one in found if one.id("name") == signal_id), None)
    if one is None:
        return None
    said = yield from _said(filter=_OF_ONE, filter_vars={"h": host, "s": name})
    return said.about(_check(source, one))


def _exactly(signal_id: str) -> dict[str, Any]:
    """The one object that is meant. Icinga takes an action without any for one on all objects."""
    _, name = checks.split(signal_id, "!")
    return {"service" if name else "host": signal_id}


# --- writing ---------------------------------------------------------------------------------------------------------


def _take(source: Source, write: Write, present: Signal, words: str) -> Exchange[Receipt]:
    """Acknowledge it until it recovers, or until `write.until`; what somebody has is removed before."""
    if present.taken_by:
        yield from _give(source, write, present)
    ends = {"expiry": write.until.timestamp()} if write.until else {}
    how = {"sticky": True, "notify": False, "persistent": False}
    return (yield from _act(source, write, "acknowledge-problem", comment=words, **how, **ends))


def _give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    return _act(source, write, "remove-acknowledgement")


def _note(source: Source, write: Write, words: str) -> Exchange[Receipt]:
    return _act(source, write, "add-comment", comment=words)


def _pause(source: Source, write: Write, words: str, until: datetime) -> Exchange[Receipt]:
    times = {"start_time": write.asked_at.timestamp(), "end_time": until.timestamp()}
    return _act(source, write, "schedule-downtime", comment=words, fixed=True, **times)


def _cancel(source: Source, write: Write, downtime: Pause) -> Exchange[Receipt]:
    return _act(source, write, "remove-downtime", {"downtime": downtime.id})


def _act(
    source: Source, write: Write, action: str, exactly: Mapping[str, str] | None = None, /, **said: Any
) -> Exchange[Receipt]:
    """One action on one object. The status of the answer is not enough: each result has its own code.

    What is so already is refused (409), which is left to whoever reads back what became of it.
    """
    body = {**(exactly or _exactly(write.signal_id)), "author": source.me.name, **said}
    answer = yield kit.send("POST", f"/v1/actions/{action}", body, accepts=(404, 409, 500))
    if answer.status == 404:
        if (yield from find(source, write.signal_id)) is None:
            raise Rejected(API.gone, gone=True)
        raise Rejected(f"your API user may not do it: it needs actions/{action} (or it was removed a moment ago)")
    acted = Record.of(answer)
    results = acted.records("results")
    if len(results) != 1:
        raise Rejected(f"acted on {len(results)} objects where one was meant {acted.hint('status')}".strip())
    [done] = results
    code, words = done.amount("code"), done.text("status", "")
    if code >= 300 and code != 409:
        raise Rejected(words or f"refused it ({code:g})")
    return Receipt(id=done.text("name", ""), words=words if code == 409 else "")


API = checks.monitor(find=find, take=_take, give=_give, note=_note, pause=_pause, cancel=_cancel)


# --- who we are ------------------------------------------------------------------------------------------------------


def _user() -> Exchange[Record]:
    [user] = Record.of((yield kit.get("/v1"))).records("results")
    return user


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Nothing but what time it is there, where our user may ask that."""
    yield replace(kit.get("/v1/status", accepts=(404,)), clock=_clock)
    return {}


def _clock(answer: Response) -> datetime | None:
    """When it started, and how long ago: no answer has a Date header."""
    told = Record.of(answer).records("results") if answer.status == 200 else []
    started = next((at for one in told if (at := one.when("status.icingaapplication.app.program_start"))), None)
    uptime_s = next((s for one in told if isinstance(s := one.value("status.uptime"), (int, float))), None)
    return started + timedelta(seconds=uptime_s) if started and uptime_s is not None else None


def check(source: Source) -> Exchange[str]:
    """Who we are to Icinga, and in whose name we act."""
    user = yield from _user()
    return f"Icinga {user.text('version', '')} as {user.text('user')}, in the name of {source.me.name}"


def may(source: Source) -> Exchange[str]:
    """Which of the permissions that we need our API user has."""
    user = yield from _user()
    masks = user.value("permissions") or ()
    missing = [one for one in NEEDS if not any(fnmatch(f"actions/{one}", mask) for mask in masks)]
    words = ", ".join(f"actions/{one}" for one in missing)
    if len(missing) == len(NEEDS):
        raise Rejected(f"the API user {user.text('user')} may only read: it needs {words}")
    return f"all but {words}" if missing else "acknowledgements, comments and downtimes are taken from us"


CONNECTOR = Connector(
    name="icinga2",
    title="Icinga 2",
    docs="https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/",
    options=(
        Option(name="user", help="name of the ApiUser; the secret is its password", required=True),
        Option(name="web", help="address of Icinga Web, to open a problem there"),
        *checks.OPTIONS,
    ),
    headers=kit.by_password,
    login=login,
    poll=poll,
    answers=API.answers,
    retracts=API.retracts,
    cannot=checks.CANNOT,
    peek=API.peek,
    seen=API.seen,
    check=check,
    may=may,
    proven="Icinga 2.13.6",
)
