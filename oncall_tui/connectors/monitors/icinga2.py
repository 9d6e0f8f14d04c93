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
- `last_reachable` is false for the services of a host that is down. There is no Date header and no paging.
- State, acknowledgements and comments outlive a restart.

A check's name ("http") says nothing about which of our services it is, so `service` comes from a custom variable, and the
check's name is the label `check`. Custom variables of host and service are labels; `vars.customer` names the customer.
The API user needs `objects/query/*`, `actions/*-acknowledge*`, `actions/add-comment` and `actions/schedule-downtime`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from typing import Any
from urllib.parse import quote

import msgspec

from oncall_tui import kit
from oncall_tui.connectors import checks
from oncall_tui.connectors.checks import Check, Remark
from oncall_tui.errors import Denied, Rejected, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Request, Response, Source
from oncall_tui.model import Impact, Signal, Verb, Write

STATE: Mapping[tuple[str, float], str] = {
    ("Host", 1): "down",
    ("Service", 1): "warning",
    ("Service", 2): "critical",
    ("Service", 3): "unknown",
}
NEEDS = ("acknowledge-problem", "remove-acknowledgement", "add-comment", "schedule-downtime")

_TAKEN = 4
"""The `entry_type` of the comment of an acknowledgement; 1 is a user's own."""

_ATTRS = (
    "display_name", "state", "state_type", "acknowledgement", "acknowledgement_expiry", "acknowledgement_last_change",
    "downtime_depth", "last_hard_state_change", "last_state_change", "last_check", "last_reachable", "vars",
)  # fmt: skip


_SAID = {
    "comment": ("author", "entry_time", "host_name", "service_name", "text", "entry_type"),
    "downtime": ("author", "entry_time", "host_name", "service_name", "comment", "end_time", "trigger_time"),
}


class _Result(msgspec.Struct, gc=False):
    output: str = ""


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
    vars: dict[str, Any] | None = None
    last_check_result: _Result | None = None

    @property
    def is_problem(self) -> bool:
        """Whether it is not OK, and was so often enough to be believed (a soft state is still being tried)."""
        return self.state != 0 and self.state_type != 0


class _Host(msgspec.Struct, gc=False):
    vars: dict[str, Any] | None = None
    display_name: str = ""


class _Joins(msgspec.Struct, gc=False):
    host: _Host | None = None


class _Object(msgspec.Struct, gc=False):
    name: kit.Id
    type: str
    attrs: _Attrs
    joins: _Joins = msgspec.field(default_factory=_Joins)


class _Said(msgspec.Struct, gc=False):
    """What is alike in a comment and a downtime."""

    author: str
    entry_time: float
    host_name: str
    service_name: str = ""
    text: str = ""
    comment: str = ""
    entry_type: float = 0
    end_time: float = 0
    trigger_time: float = 1


class _Named(msgspec.Struct, gc=False):
    name: kit.Id
    attrs: _Said


class _Results(msgspec.Struct):
    results: list[msgspec.Raw]


class _Listed(msgspec.Struct):
    results: list[_Named]


class _Done(msgspec.Struct):
    """What an action did to one object."""

    code: float
    status: str = ""
    name: str = ""


class _Acted(msgspec.Struct):
    results: list[_Done] = []
    status: str = ""


class _User(msgspec.Struct):
    user: str
    version: str = ""
    permissions: tuple[str, ...] = ()


_Remarks = Mapping[str, list[Remark]]
"""Comments or downtimes, by what they are about."""


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every host and service with a problem, and what people said about it. Asked last: who is behind what was listed."""
    hosts = _allowed((yield _all("host"))).read(_Results).results
    services = _allowed((yield _all("service"))).read(_Results).results
    comments, downtimes = yield from _said()
    table = checks.impacts(source)
    reading = kit.read_each(hosts + services, _Object, lambda found: signal(source, found, comments, downtimes, table))
    return checks.warned(reading, table)


def _ask(what: str, accepts: Iterable[int] = (), **body: Any) -> Request:
    return Request(
        method="POST",
        path=f"/v1/objects/{what}s",
        json=body,
        headers={"X-HTTP-Method-Override": "GET"},
        accepts=frozenset(accepts),
    )


def _all(what: str) -> Request:
    return _ask(what, (404,), filter=f"{what}.state != 0 && {what}.state_type == 1", **_wanted(what))


def _allowed(answer: Response) -> Response:
    """The answer. An empty list is 200: only who may not read at all is told that nothing was found."""
    if answer.status == 404:
        raise Denied("lets your API user read nothing here (404): it needs objects/query/*")
    return answer


def _wanted(what: str) -> Mapping[str, Any]:
    attrs = [*_ATTRS, "last_check_result"]
    return {"attrs": attrs, "joins": ["host.display_name", "host.vars"]} if what == "service" else {"attrs": attrs}


def _said(signal_id: str = "") -> Exchange[tuple[_Remarks, _Remarks]]:
    """Comments and downtimes, of one object or of all."""
    host, _, service = signal_id.partition("!")
    said = []
    for what, attrs in _SAID.items():
        only: Mapping[str, Any] = {
            "filter": f"{what}.host_name == h && {what}.service_name == s",
            "filter_vars": {"h": host, "s": service},
        }
        answer = _allowed((yield _ask(what, (404,), attrs=attrs, **(only if signal_id else {}))))
        said.append(checks.by_object(_remark(one) for one in answer.read(_Listed).results))
    return said[0], said[1]


def _remark(one: _Named) -> tuple[str, Remark]:
    """What it is about, and the remark."""
    attrs, at = one.attrs, kit.when(one.attrs.entry_time)
    if at is None:
        raise ValueError("a comment without a time")
    about = f"{attrs.host_name}!{attrs.service_name}" if attrs.service_name else attrs.host_name
    takes, until = attrs.entry_type == _TAKEN, kit.when(attrs.end_time)
    return about, Remark(
        id=one.name,
        author=attrs.author,
        text=attrs.text or attrs.comment,
        at=at,
        takes=takes,
        until=until,
        begun=attrs.trigger_time != 0,
    )


def signal(
    source: Source, found: _Object, comments: _Remarks, downtimes: _Remarks, table: Mapping[str, Impact]
) -> Signal | None:
    """One host or service as a signal; None when it has no problem."""
    attrs = found.attrs
    if not attrs.is_problem:
        return None
    host, _, name = found.name.partition("!")
    labels, option = _labels(found), source.options.get
    check = Check(
        id=found.name,
        host=host,
        name=name,
        state=STATE.get((found.type, attrs.state), f"state {attrs.state:g}"),
        since=kit.when(attrs.last_hard_state_change or attrs.last_state_change or attrs.last_check),
        url=_page(source, host, name),
        title=attrs.display_name,
        output=attrs.last_check_result.output if attrs.last_check_result else "",
        severity=labels.get(option("severity_var", ""), ""),
        service=labels.get(option("service_var", "") or "service", ""),
        labels=labels,
        acknowledged=attrs.acknowledgement != 0,
        acknowledged_at=kit.when(attrs.acknowledgement_last_change),
        acknowledged_until=kit.when(attrs.acknowledgement_expiry),
        in_downtime=attrs.downtime_depth != 0,
        unreachable=not attrs.last_reachable,
        comments=comments.get(found.name, ()),
        downtimes=downtimes.get(found.name, ()),
    )
    return checks.signal(source, check, table)


def _labels(found: _Object) -> dict[str, str]:
    """Custom variables that are one value; a service's own count before its host's."""
    host = found.joins.host.vars if found.joins.host else None
    every = {**(host or {}), **(found.attrs.vars or {})}
    return {name: str(value) for name, value in every.items() if isinstance(value, (str, int, float))}


def _page(source: Source, host: str, name: str) -> str:
    """Its page in Icinga Web; "" where that is not configured, as the API has none."""
    web = source.options.get("web", "").rstrip("/")
    if not web:
        return ""
    if not name:
        return f"{web}/icingadb/host?name={quote(host, safe='')}"
    return f"{web}/icingadb/service?name={quote(name, safe='')}&host.name={quote(host, safe='')}"


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That host or service now; None when it is well again, gone, or hidden from us."""
    found = yield from _find(signal_id)
    if found is None:
        return None
    comments, downtimes = yield from _said(signal_id)
    return signal(source, found, comments, downtimes, checks.impacts(source))


def _find(signal_id: str) -> Exchange[_Object | None]:
    what = "service" if "!" in signal_id else "host"
    answer = yield _ask(what, (404,), **_exactly(signal_id), **_wanted(what))
    if answer.status == 404:
        return None
    for raw in answer.read(_Results).results:
        if kit.decode(raw, dict[str, Any]).get("name") == signal_id:
            return kit.decode(raw, _Object)
    return None


def _exactly(signal_id: str) -> Mapping[str, str]:
    """The one object that is meant. Icinga takes an action without any for one on all objects."""
    host, separator, check = signal_id.partition("!")
    if not host or (separator and not check):
        raise Unreadable(f"{signal_id!r} names no host and no service")
    return {"service": signal_id} if check else {"host": signal_id}


# --- writing ---------------------------------------------------------------------------------------------------------


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Acknowledge it until it recovers, or until `write.until`; take over what a colleague had when it was looked at."""
    present = yield from _problem(source, write)
    if checks.is_held(present, write):
        return DONE
    if present.taken_by:
        yield from _act("remove-acknowledgement", write)
    ends = {"expiry": write.until.timestamp()} if write.until else {}
    said = {"author": source.me.name, "comment": checks.taking(source, write)}
    done = yield from _act("acknowledge-problem", write, sticky=True, notify=False, persistent=False, **said, **ends)
    if done.code != 409:
        return DONE
    now = yield from peek(source, write.signal_id)
    if now is None:
        raise Rejected("it is well again", gone=True)
    if checks.is_held(now, write):
        return DONE
    raise Rejected(f"{now.taken_by} was faster" if now.taken_by else done.status)


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Take my acknowledgement away; a colleague's stays."""
    present = yield from peek(source, write.signal_id)
    if present is None or not present.taken_by:
        return Receipt(words="nobody had it any more")
    if not present.mine:
        return Receipt(words=f"{present.taken_by} has it now")
    yield from _act("remove-acknowledgement", write)
    return DONE


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A comment, which only those see who may use Icinga."""
    done = yield from _act("add-comment", write, author=source.me.name, comment=checks.said(write))
    return Receipt(id=done.name)


def snooze(source: Source, write: Write) -> Exchange[Receipt]:
    """A fixed downtime of exactly this host or service from now to `write.until`."""
    if write.until is None:
        raise Rejected("a downtime needs an end")
    yield from _problem(source, write)
    _, downtimes = yield from _said(write.signal_id)
    if checks.is_said(write, downtimes.get(write.signal_id, ())):
        return DONE
    done = yield from _act(
        "schedule-downtime",
        write,
        author=source.me.name,
        comment=checks.said(write, f"snoozed by {source.me.name}"),
        fixed=True,
        start_time=write.asked_at.timestamp() + min(source.skew_s, 0),
        end_time=write.until.timestamp(),
    )
    return Receipt(id=done.name)


def _problem(source: Source, write: Write) -> Exchange[Signal]:
    present = yield from peek(source, write.signal_id)
    if present is None:
        raise Rejected("it is well again, gone, or hidden from your API user", gone=True)
    return present


def _act(action: str, write: Write, **body: Any) -> Exchange[_Done]:
    """One action on one object. The status of the answer is not enough: each result has its own code."""
    exactly = _exactly(write.signal_id)
    path = f"/v1/actions/{action}"
    answer = yield kit.send("POST", path, {**exactly, **body}, accepts=(404, 409, 500))
    acted = answer.read(_Acted)
    if answer.status == 404:
        is_there = (yield from _find(write.signal_id)) is not None
        words = f"your API user may not do it: it needs actions/{action}" if is_there else "it is gone"
        raise Rejected(words, gone=not is_there)
    if len(acted.results) != 1:
        raise Rejected(f"acted on {len(acted.results)} objects where one was meant {acted.status}".strip())
    done = acted.results[0]
    if done.code >= 300 and done.code != 409:
        raise Rejected(done.status or f"refused it ({done.code:g})")
    return done


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the state is as the write wanted it, or what it says is there."""
    if write.verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
        present = yield from peek(source, write.signal_id)
        is_mine = present is not None and present.mine
        return not is_mine if write.verb is Verb.RELEASE else checks.is_held(present, write)
    comments, downtimes = yield from _said(write.signal_id)
    remarks = comments if write.verb is Verb.NOTE else downtimes
    return checks.is_said(write, remarks.get(write.signal_id, ()))


def check(source: Source) -> Exchange[str]:
    """Who we are to Icinga, in whose name we act, and which permissions are missing."""
    answer = yield kit.get("/v1")
    [user] = answer.read(dict[str, list[_User]])["results"]
    missing = [f"actions/{one}" for one in NEEDS if not any(fnmatch(f"actions/{one}", p) for p in user.permissions)]
    words = f"Icinga {user.version} as {user.user}, in the name of {source.me.name}"
    return f"{words}; it may not {', '.join(missing)}" if missing else words


def headers(source: Source) -> Mapping[str, str]:
    """An `ApiUser` and its password."""
    return kit.basic(source.options.get("user", ""), source.secret)


CONNECTOR = Connector(
    name="icinga2",
    title="Icinga 2",
    docs="https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/",
    options=(
        Option(name="user", help="name of the ApiUser; the secret is its password", required=True),
        Option(name="web", help="address of Icinga Web, to open a problem there"),
        Option(name="service_var", help="custom variable that names the service", default="service"),
        Option(name="severity_var", help="custom variable that says how bad it is; the state without it"),
        checks.SEVERITIES,
    ),
    headers=headers,
    poll=poll,
    answers={
        Verb.ACKNOWLEDGE: acknowledge,
        Verb.RELEASE: release,
        Verb.NOTE: note,
        Verb.SNOOZE: snooze,
    },
    cannot=checks.CANNOT,
    peek=peek,
    seen=seen,
    check=check,
    proven="Icinga 2.13.6",
)
