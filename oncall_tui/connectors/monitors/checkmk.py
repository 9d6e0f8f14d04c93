"""Checkmk, REST API 1.0 (2.4): hosts and services in a hard state that is not OK; taking one is a sticky acknowledgement.

https://docs.checkmk.com/latest/en/rest_api.html. `url` is the site's (https://checkmk.example.net/mysite). Built to the
document that a 2.4.0p18 site serves, and NOT tried on a server; every body that is sent was checked against that document:

- Hosts and services are rows of Livestatus with the columns that are asked for; numbers for yes and no. The document calls
  the entries of a list links, and knows that of the hosts not at all: that they are objects with `extensions`, and that
  hosts are asked for as services are, is from programs that use it.
- Comments are lists of id, author, text, type (4: acknowledgement) and time; downtimes of id, author, text, origin, entry,
  start, end, fixed, duration, recurring and whether they wait to begin (columns `..._with_extra_info`, by Livestatus' docs).
- To acknowledge is 204 also where the monitoring core does it later: whether it did is read back. `notify` is on by default
  and calls colleagues; `sticky` too. What a query does not find is 422.
- The API has forms that act on whole groups or on whatever a query finds: none of them is used, and a comment on a service
  that does not exist is no error, so each is looked at first.
- Everything is in the name of the API user: who took it stands in the comment's words.
- A command to Livestatus is a line, so what is sent is one.
- Before 2.3 these lists were asked for by GET; 2.5 calls the same API v1 (option `api`).

Labels of host and service are labels; `customer` names the customer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from oncall_tui import kit
from oncall_tui.connectors import checks
from oncall_tui.connectors.checks import Check, Remark
from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.kit import Connector, Exchange, Option, Reading, Receipt, Request, Source
from oncall_tui.model import Impact, Signal, Verb, Write

STATE: Mapping[tuple[bool, float], str] = {
    (False, 1): "down",
    (False, 2): "unreachable",
    (True, 1): "warning",
    (True, 2): "critical",
    (True, 3): "unknown",
}
"""By whether it is a service, and its number."""

_COLUMNS = (
    "state", "state_type", "acknowledged", "last_hard_state_change", "last_state_change", "last_check", "display_name",
    "plugin_output", "long_plugin_output", "scheduled_downtime_depth", "labels", "comments_with_extra_info",
    "downtimes_with_extra_info",
)  # fmt: skip
_OF_HOST = ("name", *_COLUMNS)
_OF_SERVICE = ("host_name", "description", "host_state", "host_labels", *_COLUMNS)

_QUEUED = Receipt(settled=False)


class _Comment(msgspec.Struct, array_like=True, gc=False):
    id: int
    author: str
    text: str
    entry_type: int
    entry_time: float


class _Downtime(msgspec.Struct, array_like=True, gc=False):
    id: int
    author: str
    text: str
    origin: Any
    entry_time: float
    start_time: float
    end_time: float
    fixed: Any = 1
    duration: Any = 0
    recurring: Any = 0
    is_pending: Any = 0


class _Row(msgspec.Struct, gc=False):
    state: float
    state_type: float
    acknowledged: float
    last_hard_state_change: float = 0
    last_state_change: float = 0
    last_check: float = 0
    display_name: str = ""
    plugin_output: str = ""
    long_plugin_output: str = ""
    scheduled_downtime_depth: float = 0
    labels: dict[str, Any] = {}
    comments_with_extra_info: list[_Comment] = []
    downtimes_with_extra_info: list[_Downtime] = []


class _Host(_Row, gc=False, kw_only=True):
    name: kit.Id

    @property
    def place(self) -> tuple[str, str]:
        return self.name, ""


class _Service(_Row, gc=False, kw_only=True):
    host_name: kit.Id
    description: kit.Id
    host_state: float = 0
    host_labels: dict[str, Any] = {}

    @property
    def place(self) -> tuple[str, str]:
        return self.host_name, self.description


class _HostObject(msgspec.Struct, gc=False):
    extensions: _Host


class _ServiceObject(msgspec.Struct, gc=False):
    extensions: _Service


class _Collection(msgspec.Struct):
    value: list[msgspec.Raw]


class _Version(msgspec.Struct):
    site: str = ""
    edition: str = ""
    versions: dict[str, Any] = {}


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every host and service with a problem, each with what people said about it."""
    hosts = (yield _all(source, "host", _OF_HOST)).read(_Collection).value
    services = (yield _all(source, "service", _OF_SERVICE)).read(_Collection).value
    if not hosts and not services:
        yield from _sees_anything(source)
    table = checks.impacts(source)
    down = kit.read_each(hosts, _HostObject, lambda one: signal(source, one.extensions, table))
    failing = kit.read_each(services, _ServiceObject, lambda one: signal(source, one.extensions, table))
    reading = Reading(signals=down.signals + failing.signals, unreadable=down.unreadable + failing.unreadable)
    return checks.warned(reading, table)


def _sees_anything(source: Source) -> Exchange[None]:
    """An empty list is good news only for who would see a problem."""
    path = _path(source, "domain-types/host/collections/all")
    if not (yield Request(method="POST", path=path, json={"columns": ["name"]})).read(_Collection).value:
        raise Rejected("shows your user no host at all: is it in a contact group, or may it see all hosts?")


def _all(source: Source, what: str, columns: tuple[str, ...], *only: Mapping[str, Any]) -> Request:
    """Those in a hard state that is not OK, or `only` these."""
    hard = ({"op": "!=", "left": "state", "right": "0"}, {"op": "=", "left": "state_type", "right": "1"})
    return Request(
        method="POST",
        path=_path(source, f"domain-types/{what}/collections/all"),
        json={"query": {"op": "and", "expr": [*hard, *only]}, "columns": columns},
    )


def _path(source: Source, rest: str) -> str:
    return f"/check_mk/api/{kit.quote(source.options.get('api', '') or '1.0')}/{rest}"


def signal(source: Source, row: _Host | _Service, table: Mapping[str, Impact]) -> Signal | None:
    """One row as a signal; None when it has no problem, or is only being tried again."""
    if row.state == 0 or row.state_type == 0:
        return None
    host, name = row.place
    labels, option = _labels(row), source.options.get
    state = STATE.get((name != "", row.state), f"state {row.state:g}")
    check = Check(
        id=f"{host};{name}" if name else host,
        host=host,
        name=name,
        state=state,
        since=kit.when(row.last_hard_state_change or row.last_state_change or row.last_check),
        url=_page(source, host, name),
        title=row.display_name,
        output="\n".join(text for text in (row.plugin_output, row.long_plugin_output) if text),
        severity=labels.get(option("severity_label", ""), ""),
        service=labels.get(option("service_label", "") or "service", ""),
        labels=labels,
        acknowledged=row.acknowledged != 0,
        in_downtime=row.scheduled_downtime_depth != 0,
        unreachable=state == "unreachable" or (isinstance(row, _Service) and row.host_state != 0),
        comments=sorted(_comments(row), key=lambda remark: remark.at),
        downtimes=tuple(_downtimes(row)),
    )
    return checks.signal(source, check, table)


def _labels(row: _Host | _Service) -> dict[str, str]:
    """A service's own labels count before its host's."""
    every = {**row.host_labels, **row.labels} if isinstance(row, _Service) else row.labels
    return {name: value for name, value in every.items() if isinstance(value, str)}


def _comments(row: _Row) -> Iterator[Remark]:
    for one in row.comments_with_extra_info:
        at = kit.when(one.entry_time)
        if at is None:
            raise ValueError("a comment without a time")
        if one.entry_type in (1, 4):  # not what Checkmk itself says about downtimes and flapping
            yield Remark(id=str(one.id), author=one.author, text=one.text, at=at, takes=one.entry_type == 4)


def _downtimes(row: _Row) -> Iterator[Remark]:
    for one in row.downtimes_with_extra_info:
        at, until = kit.when(one.entry_time), kit.when(one.end_time)
        if at is None:
            raise ValueError("a downtime without a time")
        yield Remark(id=str(one.id), author=one.author, text=one.text, at=at, until=until, begun=not one.is_pending)


def _page(source: Source, host: str, name: str) -> str:
    view = f"{source.url}/check_mk/view.py?view_name={'service' if name else 'hoststatus'}&host={quote(host, safe='')}"
    return f"{view}&service={quote(name, safe='')}" if name else view


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That host or service now; None when it is well again, gone, or hidden from us."""
    found = yield from _find(source, signal_id)
    return signal(source, found, checks.impacts(source)) if found else None


def _find(source: Source, signal_id: str) -> Exchange[_Host | _Service | None]:
    host, name = _split(signal_id)
    of_host: Mapping[str, Any] = {"op": "=", "left": "host_name" if name else "name", "right": host}
    if not name:
        hosts = (yield _all(source, "host", _OF_HOST, of_host)).read(_Collection).value
        return _pick([kit.decode(raw, dict[str, Any]) for raw in hosts], _Host, host, name)
    of_service = {"op": "=", "left": "description", "right": name}
    services = (yield _all(source, "service", _OF_SERVICE, of_host, of_service)).read(_Collection).value
    return _pick([kit.decode(raw, dict[str, Any]) for raw in services], _Service, host, name)


def _pick(found: list[dict[str, Any]], kind: type[_Host | _Service], host: str, name: str) -> _Host | _Service | None:
    """The one that was asked for, whatever else came with it."""
    for one in found:
        row = one["extensions"]
        if (row.get("host_name", row.get("name")), row.get("description", "")) == (host, name):
            return msgspec.convert(row, kind)
    return None


def _split(signal_id: str) -> tuple[str, str]:
    """Host and service ("" for the host itself)."""
    host, separator, name = signal_id.partition(";")
    if not host or (separator and not name):
        raise Unreadable(f"{signal_id!r} names no host and no service")
    return host, name


# --- writing ---------------------------------------------------------------------------------------------------------


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Acknowledge it until it recovers, or until `write.until`; also on top of a colleague's acknowledgement."""
    if checks.is_held((yield from _problem(source, write)), write):
        return kit.DONE
    ends = {"expire_on": write.until.isoformat()} if write.until else {}
    said = {"comment": _line(checks.taking(source, write)), "sticky": True, "persistent": False, "notify": False}
    yield from _act(source, write, "acknowledge/collections/{}", "acknowledge_type", **said, **ends)
    return _QUEUED


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Remove my acknowledgement; a colleague's stays."""
    present = yield from peek(source, write.signal_id)
    if present is None or not present.taken_by:
        return Receipt(words="nobody had it any more")
    if not present.mine:
        return Receipt(words=f"{present.taken_by} has it now")
    yield from _act(source, write, "acknowledge/actions/delete/invoke", "acknowledge_type")
    return _QUEUED


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A comment that outlives a restart, for those who may use Checkmk."""
    yield from _problem(source, write)
    words = _line(checks.said(write))
    yield from _act(source, write, "comment/collections/{}", "comment_type", comment=words, persistent=True)
    return _QUEUED


def snooze(source: Source, write: Write) -> Exchange[Receipt]:
    """A fixed downtime of exactly this host or service from now to `write.until`."""
    if write.until is None:
        raise Rejected("a downtime needs an end")
    if (yield from _is_said(source, write)):
        return kit.DONE
    yield from _problem(source, write)
    skew = timedelta(seconds=source.skew_s)
    times = {"start_time": (write.asked_at + skew).isoformat(), "end_time": (write.until + skew).isoformat()}
    words = _line(checks.said(write, f"snoozed by {source.me.name}"))
    yield from _act(source, write, "downtime/collections/{}", "downtime_type", comment=words, **times)
    return _QUEUED


def _line(text: str) -> str:
    return " ".join(text.split())


def _problem(source: Source, write: Write) -> Exchange[Signal]:
    present = yield from peek(source, write.signal_id)
    if present is None:
        raise Rejected("it is well again, gone, or hidden from you", gone=True)
    return present


def _act(source: Source, write: Write, action: str, kind: str, **body: Any) -> Exchange[None]:
    """Change exactly one host or service: the path and the field `kind` both say which of the two it is."""
    host, name = _split(write.signal_id)
    what = "service" if name else "host"
    exactly: dict[str, Any] = {kind: what, "host_name": host}
    if name:
        exactly |= {"service_descriptions": [name]} if kind == "downtime_type" else {"service_description": name}
    answer = yield kit.send("POST", _path(source, f"domain-types/{action.format(what)}"), {**exactly, **body})
    if answer.status != 204 and answer.body.strip():
        raise Unreadable(f"answered {answer.status} with words where it is silent when it obeys")


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the state is as the write wanted it, or what it says is there."""
    if write.verb in (Verb.NOTE, Verb.SNOOZE):
        return (yield from _is_said(source, write))
    present = yield from peek(source, write.signal_id)
    is_mine = present is not None and present.mine
    return not is_mine if write.verb is Verb.RELEASE else checks.is_held(present, write)


def _is_said(source: Source, write: Write) -> Exchange[bool]:
    row = yield from _find(source, write.signal_id)
    if row is None:
        return False
    return checks.is_said(write, _comments(row) if write.verb is Verb.NOTE else _downtimes(row))


def check(source: Source) -> Exchange[str]:
    """The version, the site, and in whose name is acted."""
    told = (yield kit.get(_path(source, "version"))).read(_Version)
    version = told.versions.get("checkmk", "of an unknown version")
    user = source.options.get("user", "")
    return f"Checkmk {version} ({told.edition}), site {told.site}, as {user} in the name of {source.me.name}"


def headers(source: Source) -> Mapping[str, str]:
    """The user and its automation secret, with a blank between them."""
    return {"Authorization": f"Bearer {source.options.get('user', '')} {source.secret}"}


CONNECTOR = Connector(
    name="checkmk",
    title="Checkmk",
    docs="https://docs.checkmk.com/latest/en/rest_api.html",
    options=(
        Option(name="user", help="user of the REST API; the secret is its automation secret", required=True),
        Option(name="api", help="version of the API in its path: 1.0, or v1 from Checkmk 2.5 on", default="1.0"),
        Option(name="service_label", help="label that names the service", default="service"),
        Option(name="severity_label", help="label that says how bad it is; the state without it"),
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
    proven="contract (Checkmk 2.4.0p18)",
)
