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
- A downtime is deleted by its number and its site, which only the list of downtimes tells.
- What a user may do is told by asking: each action asks for its permission first (cmk/gui/openapi/endpoints), so to delete
  a comment or a downtime of number 0, which there is not, is refused (403) or does nothing.
- A command to Livestatus is a line, so what is sent is one.
- Before 2.3 these lists were asked for by GET; 2.5 calls the same API v1 (option `api`).
- A comment moves no time of its host or service, so no query finds what changed since: all is asked for each time.

Labels of host and service are labels; `customer` names the customer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from oncall_tui import kit
from oncall_tui.connectors import checks
from oncall_tui.connectors.checks import QUEUED, Check
from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Pause, Reading, Receipt, Record, Remark, Request, Source
from oncall_tui.model import Signal, Write

STATE: Mapping[tuple[bool, float], str] = {
    (False, 1): "down",
    (False, 2): "unreachable",
    (True, 1): "warning",
    (True, 2): "critical",
    (True, 3): "unknown",
}
"""By whether it is a service, and its number."""

_NOTE, _TAKES = 1, 4
"""Types of comments; others are what Checkmk itself says about downtimes and flapping."""

_NONE = 0
"""The number of no comment and no downtime."""

_SHOWN = ("state", "state_type", "acknowledged", "scheduled_downtime_depth", "display_name", "labels")
_SAID = ("comments_with_extra_info", "downtimes_with_extra_info")
_ROW = (*_SHOWN, *checks.TIMES, *checks.OUTPUT, *_SAID)
_COLUMNS = {
    "host": (*_ROW, "name"),
    "service": (*_ROW, "host_name", "description", "host_state", "host_labels"),
}
_COMMENT = {"id": 0, "author": 1, "text": 2, "type": 3, "entry_time": 4}
_DOWNTIME = {"id": 0, "author": 1, "text": 2, "end_time": 6, "is_pending": 10}
"""Where in it these stand."""


# --- reading ---------------------------------------------------------------------------------------------------------

_HARD = ({"op": "!=", "left": "state", "right": "0"}, {"op": "=", "left": "state_type", "right": "1"})


def poll(source: Source) -> Exchange[Reading]:
    """Every host and service with a problem, each with what people said about it.

    An empty list is good news only for who would see a problem.
    """
    rows = (yield _list(source, "host", *_HARD)).unread("value")
    rows += (yield _list(source, "service", *_HARD)).unread("value")
    if not rows and not (yield _all(source, "host", columns=["name"])).unread("value"):
        raise Rejected("shows your user no host at all: is it in a contact group, or may it see all hosts?")
    return API.read(source, rows, lambda raw: _check(source, Record.read(raw).need("extensions")))


def _list(source: Source, what: str, *only: Mapping[str, Any]) -> Request:
    return _all(source, what, columns=_COLUMNS[what], query={"op": "and", "expr": only})


def _all(source: Source, what: str, **body: Any) -> Request:
    return Request(method="POST", path=_path(source, f"domain-types/{what}/collections/all"), json=body)


def _path(source: Source, rest: str) -> str:
    return f"/check_mk/api/{kit.quote(source.options.get('api', '') or '1.0')}/{rest}"


def _check(source: Source, row: Record) -> Check:
    """A service's own labels count before its host's."""
    is_service = row.value("name") is None
    host, name = (row.id("host_name"), row.id("description")) if is_service else (row.id("name"), "")
    number = row.amount("state")
    state = STATE.get((is_service, number), f"state {number:g}")
    view = "service" if is_service else "hoststatus"
    return Check(
        id=checks.join(host, name, ";"),
        host=host,
        name=name,
        state=state,
        is_problem=number != 0 and row.amount("state_type") != 0,
        since=checks.since(row),
        url=kit.page(f"{source.url}/check_mk/view.py", view_name=view, host=host, service=name),
        title=row.text("display_name", ""),
        output=checks.output(row),
        labels=row.labels("host_labels") | row.labels("labels"),
        acknowledged=row.amount("acknowledged") != 0,
        in_downtime=row.amount("scheduled_downtime_depth", 0) != 0,
        unreachable=row.amount("host_state", 0) != 0 if is_service else state == "unreachable",
        comments=tuple(_comments(row)),
        downtimes=tuple(_downtimes(row)),
    )


def _comments(row: Record) -> Iterator[Remark]:
    for one in row.rows("comments_with_extra_info", _COMMENT):
        type_ = one.amount("type")
        if type_ in (_NOTE, _TAKES):
            at, takes = one.at("entry_time"), type_ == _TAKES
            yield Remark(id=one.id(), author=one.text("author"), text=one.text("text"), at=at, takes=takes)


def _downtimes(row: Record) -> Iterator[Pause]:
    for one in row.rows("downtimes_with_extra_info", _DOWNTIME):
        until, begun = one.when("end_time"), not one.value("is_pending")
        yield Pause(id=one.id(), author=one.text("author"), text=one.text("text"), until=until, begun=begun)


def find(source: Source, signal_id: str) -> Exchange[Check | None]:
    """That host or service in whatever state, whatever else is listed with it."""
    host, name = checks.split(signal_id, ";")
    wanted = {"host_name": host, "description": name} if name else {"name": host}
    only = ({"op": "=", "left": column, "right": value} for column, value in wanted.items())
    listed = Record.of((yield _list(source, "service" if name else "host", *only))).records("value")
    for row in (one.need("extensions") for one in listed):
        if all(row.value(column) == value for column, value in wanted.items()):
            return _check(source, row)
    return None


# --- writing ---------------------------------------------------------------------------------------------------------


def _take(source: Source, write: Write, present: Signal, words: str) -> Exchange[Receipt]:
    """Acknowledge it until it recovers, or until `write.until`; also on top of a colleague's acknowledgement."""
    ends = {"expire_on": write.until.isoformat()} if write.until else {}
    how = {"sticky": True, "persistent": False, "notify": False}
    return _act(source, write, "acknowledge/collections/{}", comment=words, **how, **ends)


def _give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    return _act(source, write, "acknowledge/actions/delete/invoke")


def _note(source: Source, write: Write, words: str) -> Exchange[Receipt]:
    return _act(source, write, "comment/collections/{}", comment=words, persistent=True)


def _pause(source: Source, write: Write, words: str, until: datetime) -> Exchange[Receipt]:
    times = {"start_time": write.asked_at.isoformat(), "end_time": until.isoformat()}
    return _act(source, write, "downtime/collections/{}", comment=words, **times)


def _cancel(source: Source, write: Write, downtime: Pause) -> Exchange[Receipt]:
    """Delete it by its number, at the site that the list of downtimes tells; never every downtime of the host or service."""
    host, _ = checks.split(write.signal_id, ";")
    listed = yield kit.get(_path(source, "domain-types/downtime/collections/all"), host_name=host)
    for one in Record.of(listed).records("value"):
        if one.id() == downtime.id and one.text("extensions.comment") == downtime.text:
            return (yield from _delete(source, "downtime", one.id(), one.text("extensions.site_id")))
    return DONE


def _line(text: str) -> str:
    return " ".join(text.split())


def _act(source: Source, write: Write, path: str, /, **said: Any) -> Exchange[Receipt]:
    """Change exactly one host or service: the path and the body both say which of the two it is."""
    host, name = checks.split(write.signal_id, ";")
    kind, what = path.partition("/")[0], "service" if name else "host"
    exactly: dict[str, Any] = {f"{kind}_type": what, "host_name": host}
    if name:
        exactly |= {"service_descriptions": [name]} if kind == "downtime" else {"service_description": name}
    return _post(source, path.format(what), exactly | said)


def _delete(source: Source, kind: str, number: int | str, site: str) -> Exchange[Receipt]:
    body = {"delete_type": "by_id", f"{kind}_id": number, "site_id": site}
    return _post(source, f"{kind}/actions/delete/invoke", body)


def _post(source: Source, path: str, body: Mapping[str, Any]) -> Exchange[Receipt]:
    answer = yield kit.send("POST", _path(source, f"domain-types/{path}"), body)
    if answer.status != 204 and answer.body.strip():
        raise Unreadable(f"answered {answer.status} with words where it is silent when it obeys")
    return QUEUED


API = checks.monitor(find=find, take=_take, give=_give, note=_note, pause=_pause, cancel=_cancel, keeps=_line)


# --- who we are ------------------------------------------------------------------------------------------------------


def check(source: Source) -> Exchange[str]:
    """The version, the site, and in whose name is acted."""
    told = Record.of((yield kit.get(_path(source, "version"))))
    version, user = told.text("versions.checkmk", "of an unknown version"), source.options.get("user", "")
    edition, site = told.text("edition", ""), told.text("site", "")
    return f"Checkmk {version} ({edition}), site {site}, as {user} in the name of {source.me.name}"


def may(source: Source) -> Exchange[str]:
    """Whether comments and downtimes are taken from us."""
    site = Record.of((yield kit.get(_path(source, "version")))).text("site", "")
    yield from _delete(source, "comment", _NONE, site)
    yield from _delete(source, "downtime", str(_NONE), site)
    return "comments and downtimes are taken from us"


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
        *checks.OPTIONS,
    ),
    headers=headers,
    poll=poll,
    answers=API.answers,
    retracts=API.retracts,
    cannot=checks.CANNOT,
    peek=API.peek,
    seen=API.seen,
    check=check,
    may=may,
    proven="contract (Checkmk 2.4.0p18)",
)
