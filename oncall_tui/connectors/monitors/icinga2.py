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

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any, Generic, TypeVar

import msgspec

from oncall_tui import kit
from oncall_tui.connectors import checks
from oncall_tui.connectors.checks import Check, Said
from oncall_tui.errors import Denied, Rejected
from oncall_tui.kit import Connector, Exchange, Option, Pause, Receipt, Record, Remark, Request, Response, Source
from oncall_tui.model import Signal, Write

T = TypeVar("T")

STATE: Mapping[tuple[str, float], str] = {
    ("Host", 1): "down",
    ("Service", 1): "warning",
    ("Service", 2): "critical",
    ("Service", 3): "unknown",
}
NEEDS = ("acknowledge-problem", "remove-acknowledgement", "add-comment", "schedule-downtime", "remove-downtime")

_FAILING = "obj.state != 0 && obj.state_type == 1"
_ABOUT = "obj.host_name == h && obj.service_name == s"
"""In a filter `obj` is an object of whichever kind is asked for (lib/remote/filterutility.cpp)."""

_TAKES = 4
"""The `entry_type` of the comment of an acknowledgement; 1 is a user's own."""


class _Result(msgspec.Struct, gc=False):
    output: str = ""
    active: bool = False


class _Attrs(msgspec.Struct, gc=False):
    display_name: str
    state: float
    state_type: float
    acknowledgement: float
    acknowledgement_expiry: float = 0
    acknowledgement_last_change: float = 0
    downtime_depth: float = 0
    last_hard_state_change: float = 0
    last_state_change: float = 0
    last_check: float = 0
    last_reachable: bool = True
    enable_active_checks: bool = True
    enable_passive_checks: bool = True
    vars: dict[str, Any] | None = None
    last_check_result: _Result | None = None

    @property
    def is_stopped(self) -> bool:
        """Nothing can change it: it is checked no more since its last result, and takes no other."""
        by_itself = self.last_check_result is not None and self.last_check_result.active
        return not self.enable_active_checks and (by_itself or not self.enable_passive_checks)


class _Host(msgspec.Struct, gc=False):
    vars: dict[str, Any] | None = None


class _Named(msgspec.Struct, Generic[T], gc=False):
    name: kit.Id
    attrs: T


class _Object(_Named[_Attrs], gc=False, kw_only=True):
    type: str
    joins: dict[str, _Host] = {}


class _AboutOne(msgspec.Struct, gc=False):
    author: str
    entry_time: float
    host_name: str
    service_name: str = ""

    @property
    def about(self) -> str:
        return f"{self.host_name}!{self.service_name}" if self.service_name else self.host_name


class _Comment(_AboutOne, gc=False, kw_only=True):
    text: str = ""
    entry_type: float = 0


class _Downtime(_AboutOne, gc=False, kw_only=True):
    comment: str = ""
    end_time: float = 0
    trigger_time: float = 1


class _Done(msgspec.Struct):
    """What an action did to one object."""

    code: float
    status: str = ""
    name: str = ""


class _Acted(msgspec.Struct):
    results: list[_Done] = []
    status: str = ""


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[kit.Reading]:
    """Every host and service with a problem, and what people said about it. Asked last: who is behind what was listed."""
    found = _results((yield _ask("host", filter=_FAILING)), msgspec.Raw)
    found += _results((yield _ask("service", filter=_FAILING)), msgspec.Raw)
    if not found:
        yield from _sees_anything()
    gap = yield from _switched_off()
    comments, downtimes = yield from _said()
    reading = API.read(source, found, lambda one: _check(source, kit.decode(one, _Object), comments, downtimes))
    return reading + comments.lost + downtimes.lost + kit.Reading(signals=[], gap=gap)


def _sees_anything() -> Exchange[None]:
    """An empty list is good news only for who would see a problem: a permission may have a filter."""
    if not _results((yield kit.get("/v1/objects/hosts", attrs="name", accepts=(404,))), msgspec.Raw):
        raise Rejected("shows your API user no host at all: does the filter of its permissions leave one?")


def _switched_off() -> Exchange[str]:
    """A gap where it was told to check nothing any more, for then what broke since is not listed; else "".

    Whoever may not ask that is not told.
    """
    answer = yield kit.get("/v1/objects/icingaapplications", accepts=(404,))
    told = Record.of(answer).records("results") if answer.status == 200 else []
    off = [what for what in ("host", "service") for one in told if one.value(f"attrs.enable_{what}_checks") is False]
    return f"makes no {' and no '.join(off)} checks any more: what broke since is not listed" if off else ""


def _ask(what: str, attrs: type[msgspec.Struct] = _Attrs, **body: Any) -> Request:
    """Objects of that kind, with what is read of them."""
    joins = {"joins": ["host.vars"]} if what == "service" else {}
    return Request(
        method="POST",
        path=f"/v1/objects/{what}s",
        json={"attrs": attrs.__struct_encode_fields__, **joins, **body},
        headers={"X-HTTP-Method-Override": "GET"},
        accepts=frozenset({404}),
    )


def _results(answer: Response, type_: type[T]) -> list[T]:
    """What was listed. An empty list is 200: only who may not read at all is told that nothing was found."""
    if answer.status == 404:
        raise Denied("lets your API user read nothing here (404): it needs objects/query/*")
    return answer.read(dict[str, list[type_]])["results"]  # type: ignore[valid-type]


def _said(**only: Any) -> Exchange[tuple[Said[Remark], Said[Pause]]]:
    """Comments and downtimes, `only` those of one object or all."""
    comments = _results((yield _ask("comment", _Comment, **only)), msgspec.Raw)
    downtimes = _results((yield _ask("downtime", _Downtime, **only)), msgspec.Raw)
    return checks.said(comments, _Named[_Comment], _noted), checks.said(downtimes, _Named[_Downtime], _planned)


def _noted(one: _Named[_Comment]) -> tuple[str, Remark]:
    said = one.attrs
    at, takes = kit.at(said.entry_time), said.entry_type == _TAKES
    return said.about, Remark(id=one.name, author=said.author, text=said.text, at=at, takes=takes)


def _planned(one: _Named[_Downtime]) -> tuple[str, Pause]:
    said = one.attrs
    until, begun = kit.when(said.end_time), said.trigger_time != 0
    return said.about, Pause(id=one.name, author=said.author, text=said.comment, until=until, begun=begun)


def _check(source: Source, found: _Object, comments: Said[Remark], downtimes: Said[Pause]) -> Check:
    attrs = found.attrs
    host, _, name = found.name.partition("!")
    return Check(
        id=found.name,
        host=host,
        name=name,
        state=STATE.get((found.type, attrs.state), f"state {attrs.state:g}"),
        is_problem=attrs.state != 0 and attrs.state_type != 0,
        since=kit.when(attrs.last_hard_state_change or attrs.last_state_change or attrs.last_check),
        url=_page(source, host, name),
        title=attrs.display_name,
        output=attrs.last_check_result.output if attrs.last_check_result else "",
        labels=_labels(found),
        acknowledged=attrs.acknowledgement != 0,
        acknowledged_at=kit.when(attrs.acknowledgement_last_change),
        acknowledged_until=kit.when(attrs.acknowledgement_expiry),
        in_downtime=attrs.downtime_depth != 0,
        unreachable=not attrs.last_reachable,
        is_stopped=attrs.is_stopped,
        comments=comments.about(found.name),
        downtimes=downtimes.about(found.name),
    )


def _labels(found: _Object) -> dict[str, str]:
    """Custom variables that are one value; a service's own count before its host's."""
    every = {**(found.joins.get("host", _Host()).vars or {}), **(found.attrs.vars or {})}
    return {name: str(value) for name, value in every.items() if isinstance(value, (str, int, float))}


def _page(source: Source, host: str, name: str) -> str:
    """Its page in Icinga Web; "" where that is not configured, as the API has none."""
    web = source.options.get("web", "").rstrip("/")
    of = {"name": name, "host.name": host} if name else {"name": host}
    return kit.page(f"{web}/icingadb/{'service' if name else 'host'}", **of) if web else ""


def find(source: Source, signal_id: str) -> Exchange[Check | None]:
    """That host or service in whatever state."""
    host, name = checks.split(signal_id, "!")
    answer = yield _ask("service" if name else "host", **_exactly(signal_id))
    found = _results(answer, _Object) if answer.status != 404 else []
    one = next((one for one in found if one.name == signal_id), None)
    if one is None:
        return None
    comments, downtimes = yield from _said(filter=_ABOUT, filter_vars={"h": host, "s": name})
    return _check(source, one, comments, downtimes)


def _exactly(signal_id: str) -> dict[str, Any]:
    """The one object that is meant. Icinga takes an action without any for one on all objects."""
    _, name = checks.split(signal_id, "!")
    return {"service" if name else "host": signal_id}


# --- writing ---------------------------------------------------------------------------------------------------------


def _take(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    """Acknowledge it until it recovers, or until `write.until`; what somebody has is removed before."""
    if present.taken_by:
        yield from _act(source, write, "remove-acknowledgement", _exactly(write.signal_id))
    ends = {"expiry": write.until.timestamp()} if write.until else {}
    said = {"comment": checks.taking(source, write), "sticky": True, "notify": False, "persistent": False, **ends}
    done = yield from _act(source, write, "acknowledge-problem", _exactly(write.signal_id), **said)
    return Receipt(words=done.status if done.code == 409 else "")


def _give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    yield from _act(source, write, "remove-acknowledgement", _exactly(write.signal_id))
    return kit.DONE


def _note(source: Source, write: Write, words: str) -> Exchange[Receipt]:
    done = yield from _act(source, write, "add-comment", _exactly(write.signal_id), comment=words)
    return Receipt(id=done.name)


def _snooze(source: Source, write: Write, check: Check) -> Exchange[Receipt]:
    words, start, end = checks.pausing(source, write)
    times = {"fixed": True, "start_time": start.timestamp(), "end_time": end.timestamp()}
    done = yield from _act(source, write, "schedule-downtime", _exactly(write.signal_id), comment=words, **times)
    return Receipt(id=done.name)


def _cancel(source: Source, write: Write, downtime: Pause) -> Exchange[Receipt]:
    yield from _act(source, write, "remove-downtime", {"downtime": downtime.id})
    return kit.DONE


def _act(source: Source, write: Write, action: str, exactly: Mapping[str, str], **said: Any) -> Exchange[_Done]:
    """One action on one object. The status of the answer is not enough: each result has its own code."""
    body = {**exactly, "author": source.me.name, **said}
    answer = yield kit.send("POST", f"/v1/actions/{action}", body, accepts=(404, 409, 500))
    if answer.status == 404:
        if (yield from find(source, write.signal_id)) is None:
            raise Rejected(API.gone, gone=True)
        raise Rejected(f"your API user may not do it: it needs actions/{action} (or it was removed a moment ago)")
    acted = answer.read(_Acted)
    if len(acted.results) != 1:
        raise Rejected(f"acted on {len(acted.results)} objects where one was meant {acted.status}".strip())
    [done] = acted.results
    if done.code >= 300 and done.code != 409:
        raise Rejected(done.status or f"refused it ({done.code:g})")
    return done


API = checks.monitor(find=find, take=_take, give=_give, note=_note, snooze=_snooze, cancel=_cancel)


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
