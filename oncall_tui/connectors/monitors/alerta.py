"""Alerta 9: alerts that are not closed or expired; taking one is Alerta's own ack, a note a note, snoozing a shelf.

https://docs.alerta.io/api/reference.html. Seen on a real 9.1.0:

- Lists hold no history unless asked for it, and only the history says who acknowledged and what was noted.
- Nothing that an alert could be listed by is both unique and unmoved (correlation renews even `createTime`), so a list of
  several pages is believed only when it holds as many different alerts as each page says that there are.
- `from-date` does not see acknowledgements, for these move `updateTime` only; a note moves nothing that is listed at all,
  and notes are listed nowhere. So no less than all, with its history, says the same as all: that is asked for each time.
- An ack of what is acknowledged is refused (409), whoever had it; taking it over goes by `unack`. Two at the same moment
  may both be told 200; after such a double ack the first unack leaves it acknowledged. So everything is read back.
- What somebody was assigned to (`assign`) takes no action at all, and says 200 to most: only its status can be set.
- What is shelved takes neither an ack nor another shelf (409), what is closed or expired takes nothing but a note. An action
  that does not exist is answered 200.
- The same note again is stored again, so a note carries its marker, as does a shelf. A note that was deleted stays in the
  history, which gets an entry of its id that says so: then it is not shown.
- An ack or a shelf with a `timeout` ends only where somebody runs Alerta's housekeeping; a worse severity reopens it.
- Where alerts are forwarded in a circle a 202 says that nothing was stored here.
- A wrong key is said back in the answer's words. Whose key it is only the list of keys tells, which holds them readable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import msgspec

from oncall_tui import kit
from oncall_tui.errors import ConfigError, Rejected, Unavailable
from oncall_tui.kit import Connector, Exchange, Option, Pause, Reading, Receipt, Record, Remark, Source, get, send
from oncall_tui.model import Impact, Kind, Signal, Verb, Write

SEVERITY: Mapping[str, Impact] = {
    **dict.fromkeys(("security", "critical"), Impact.DOWN),
    "major": Impact.DEGRADED,
    **dict.fromkeys(("minor", "warning"), Impact.AT_RISK),
    **dict.fromkeys(("indeterminate", "informational", "debug", "trace", "normal", "ok", "cleared"), Impact.QUESTION),
}
_OVER = ("closed", "expired")
_CAUSE = {"ack": "ack", "assign": "status", "shelved": "shelve"}
"""Which action brings an alert into a status."""

_ROUNDS = 3
"""How often a list of several pages is read until it holds still."""

_UNACKS = 3
"""Each ack of several at the same moment has to be taken back by itself."""

_FORBIDDEN, _GONE, _ALREADY, _NO_PAGE = 403, 404, 409, 416


class _Page(msgspec.Struct):
    alerts: list[msgspec.Raw]
    total: int
    more: bool


class _Id(msgspec.Struct):
    id: kit.Id


# --- who we are ------------------------------------------------------------------------------------------------------


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Whose key it is: `user` as configured, or as the list of our own keys tells."""
    if told := source.options.get("user", ""):
        return {"user": told}
    key = yield from _key(source)
    if key is None:
        raise ConfigError(f'whose key is it? set user = "LOGIN NAME" in [sources.{source.name}]', key="user")
    return {"user": key.text("user")}


def _key(source: Source) -> Exchange[Record | None]:
    """Our own key among those that we may list."""
    most: dict[str, Any] = {"page-size": 1000}
    answer = yield get(_path(source, "/keys"), accepts=(_FORBIDDEN,), **most)
    keys = Record.of(answer).each("keys") if answer.status == 200 else []
    return next((one for one in keys if one.text("key") == source.secret), None)


def _path(source: Source, path: str) -> str:
    return source.options.get("api", "/api").rstrip("/") + path


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every alert that is not over, read until the pages hold together."""
    for _ in range(_ROUNDS):
        records = yield from _pages(source)
        if records is not None:
            return API.read(source, records, Record.read)
    raise Unavailable("changes its list faster than it can be read page by page", maybe_sent=False)


def _pages(source: Source) -> Exchange[list[msgspec.Raw] | None]:
    """The records of all pages; None when they are not as many different alerts as each page says that there are."""
    found: dict[str, msgspec.Raw] = {}
    listed, totals, number, more = 0, set(), 1, True
    while more and len(found) == listed:
        query: dict[str, Any] = {"status!": list(_OVER), "show-history": "true", "sort-by": "-createTime"}
        query |= {"page": number, "page-size": source.options.get("page_size") or "1000"}
        answer = yield get(_path(source, "/alerts"), **query, accepts=(_NO_PAGE,))
        if answer.status == _NO_PAGE:
            return None
        page = answer.read(_Page)
        found |= {_identity(record): record for record in page.alerts}
        listed, number, more = listed + len(page.alerts), number + 1, page.more
        totals.add(page.total)
    return list(found.values()) if totals == {len(found)} else None


def _identity(record: msgspec.Raw) -> str:
    """Which alert that is; one that does not say is like no other."""
    told, _ = kit.each([record], _Id, lambda one: one.id)
    return told[0] if told else bytes(record).decode("utf-8", "replace")


def find(source: Source, signal_id: str) -> Exchange[Record | None]:
    """That alert; never another one."""
    answer = yield get(_path(source, f"/alert/{kit.quote(signal_id)}"), accepts=(_GONE,))
    alert = Record.of(answer, "alert") if answer.status == 200 else None
    return alert if alert and alert.id() == signal_id else None


def signal(source: Source, alert: Record, table: Mapping[str, Impact]) -> Signal | None:
    """One alert as a signal; tags that read ``name=value`` are labels."""
    status, severity = alert.text("status"), alert.text("severity")
    if status in _OVER:
        return None
    labels = dict(tag.split("=", 1) for tag in alert.texts("tags") if "=" in tag)
    labels |= {name: alert.text(name, "") for name in ("environment", "group", "origin")}
    return Signal(
        source=source.name,
        id=alert.id(),
        kind=Kind.ALERT,
        title=alert.text("event") or "an alert without a name",
        opened_at=_opened_at(alert),
        severity=severity,
        impact=kit.impact(table, severity),
        text="\n".join(filter(None, (alert.text("text", ""), alert.text("value", "")))),
        service=next(iter(alert.texts("service")), ""),
        host=alert.text("resource"),
        customer=alert.text("customer", ""),
        labels={name: value for name, value in labels.items() if value},
        status=status,
        changed_at=alert.when("updateTime"),
        messages=kit.messages(notes(source, alert)),
        url=f"{source.url}/alert/{kit.quote(alert.id())}",
        **_taken(source, alert),
        **_suppressed(source, alert),
    )


def _latest(alert: Record) -> list[Record]:
    """Its history, the newest first (the server lists the oldest first, but does not promise to)."""
    return sorted(alert.records("history"), key=lambda one: one.text("updateTime"), reverse=True)


def _cause(alert: Record, status: str) -> Record | None:
    """The latest entry that brought it into that status, by an action or by setting the status itself; None if it is not."""
    if alert.text("status") != status:
        return None
    is_told = (one for one in _latest(alert) if one.text("status", status) == status)
    return next((one for one in is_told if one.text("type") in (_CAUSE[status], "status")), None)


def _ends_at(entry: Record) -> datetime | None:
    lasts_s = entry.count("timeout", 0)
    return entry.at("updateTime") + timedelta(seconds=lasts_s) if lasts_s else None


def _opened_at(alert: Record) -> datetime:
    """When it began, or began again: the oldest entry since it was last over."""
    since = alert.text("createTime")
    for entry in _latest(alert):
        if entry.text("status", "") in _OVER:
            break
        since = min(since, entry.text("updateTime"))
    return kit.at(since)


def _taken(source: Source, alert: Record) -> Mapping[str, Any]:
    """Who has it: whoever acknowledged it, or assigned it, last. An ack by nobody (a plug-in's) takes nothing."""
    acked = _cause(alert, "ack")
    cause = acked or _cause(alert, "assign")
    if cause is None or not (who := cause.text("user", "")):
        return {}
    until = _ends_at(acked) if acked else None
    return kit.taken(who, mine=_is_mine(source, cause), at=cause.at("updateTime"), until=until)


def _suppressed(source: Source, alert: Record) -> Mapping[str, Any]:
    if alert.text("status") == "blackout":
        return {"suppressed": "in a blackout"}
    for shelf in pauses(source, alert):
        return {"suppressed": f"shelved by {shelf.author}", "suppressed_until": shelf.until}
    return {"suppressed": "shelved"} if alert.text("status") == "shelved" else {}


def notes(source: Source, alert: Record) -> Iterator[Remark]:
    """What colleagues noted; nobody else reads it."""
    history = alert.records("history")
    deleted = {one.id() for one in history if one.text("type") == "dismiss"}
    for entry in history:
        if entry.text("type") == "note":
            yield Remark(
                id=entry.id(),
                author=entry.text("user", ""),
                text=entry.text("text", ""),
                at=entry.at("updateTime"),
                mine=_is_mine(source, entry),
                deleted=entry.id() in deleted,
            )


def pauses(source: Source, alert: Record) -> Iterator[Pause]:
    """The shelf that it lies on, if somebody put it there."""
    cause = _cause(alert, "shelved")
    if cause and (who := cause.text("user", "")):
        text, mine = cause.text("text", ""), _is_mine(source, cause)
        yield Pause(id=cause.id(), author=who, until=_ends_at(cause), text=text, mine=mine)


def _is_mine(source: Source, entry: Record) -> bool:
    return entry.text("user", "") == source.session["user"]


# --- writing ---------------------------------------------------------------------------------------------------------


def _put(source: Source, write: Write, what: str, **body: Any) -> Exchange[Record]:
    """Change exactly this alert. An action that is refused (409) is left to whoever reads back what became of it."""
    path = _path(source, f"/alert/{kit.quote(write.signal_id)}/{what}")
    answer = yield send("PUT", path, body, accepts=(_GONE, _ALREADY))
    if answer.status == _GONE:
        raise Rejected(API.gone, gone=True)
    told = Record.of(answer)
    if answer.status == _ALREADY and what != "action":
        raise Rejected(told.hint("message") or "refused without a reason")
    return told


def _act(source: Source, write: Write, action: str, until: datetime | None = None, mark: str = "") -> Exchange[Receipt]:
    lasts = {"timeout": max(1, ceil((until - write.asked_at).total_seconds()))} if until else {}
    words = f"{action} by {source.me.name} {mark}".rstrip()
    told = yield from _put(source, write, "action", action=action, text=words, **lasts)
    return Receipt(words=told.hint("message"))


def _take(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    """Acknowledge it, out of a shelf as well, below which an ack may lie; a colleague's is taken from them first."""
    if present.status == "shelved":
        yield from _act(source, write, "unshelve")
        present = yield from API.taking.open(source, write)
    yield from _give(source, write, present)
    return (yield from _act(source, write, "ack", write.until))


def _give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    """Take back the ack, and each of several that lie upon each other; what was assigned is only opened by its status."""
    for _ in range(_UNACKS):
        if present.status == "assign":
            yield from _put(source, write, "status", status="open", text=f"given back by {source.me.name}")
        elif present.status == "ack":
            yield from _act(source, write, "unack")
        else:
            break
        present = yield from API.taking.open(source, write)
    return kit.DONE


def _note(source: Source, write: Write, words: str) -> Exchange[Receipt]:
    id_ = (yield from _put(source, write, "note", text=words)).hint("id")
    return Receipt(id=id_, settled=bool(id_))


def _resolve(source: Source, write: Write, alert: Record) -> Exchange[Receipt]:
    """The next report of the same trouble opens it again."""
    return _act(source, write, "close")


def _shelve(source: Source, write: Write, alert: Record) -> Exchange[Receipt]:
    """A shelf that ends earlier, or a colleague's, is taken away first."""
    if alert.text("status") == "shelved":
        yield from _act(source, write, "unshelve")
    return (yield from _act(source, write, "shelve", write.until, kit.marker(write)))


def _unshelve(source: Source, write: Write, shelf: Pause) -> Exchange[Receipt]:
    return _act(source, write, "unshelve")


def _delete(source: Source, write: Write, note: Remark) -> Exchange[Receipt]:
    if not note.deleted:
        path = f"/alert/{kit.quote(write.signal_id)}/note/{kit.quote(note.id)}"
        yield send("DELETE", _path(source, path), accepts=(_GONE,))
    return kit.DONE


API = kit.Monitor(
    table=SEVERITY,
    find=find,
    signal=signal,
    notes=notes,
    pauses=pauses,
    take=_take,
    give=_give,
    note=_note,
    snooze=_shelve,
    resolve=_resolve,
    undo={Verb.NOTE: _delete, Verb.SNOOZE: _unshelve},
    gone="it is closed, expired, deleted, or hidden from you",
)


def check(source: Source) -> Exchange[str]:
    """Who we are, by reading one alert as a poll does."""
    one: dict[str, Any] = {"page-size": 1}
    answer = yield get(_path(source, "/alerts"), **one)
    total = answer.read(_Page).total
    return f"Alerta, as {source.session['user']}; {total} alert{'' if total == 1 else 's'}, open or not"


def may(source: Source) -> Exchange[str]:
    """What the key's scopes allow."""
    key = yield from _key(source)
    if key is None:
        return "not told: the key may not list keys"
    scopes = key.value("scopes") or []
    if not {"write", "write:alerts", "admin", "admin:alerts"} & set(scopes):
        raise Rejected(f"the key has only {', '.join(scopes) or 'no scope'}; taking and noting need write:alerts")
    return "acknowledgements and notes are taken from us"


CONNECTOR = Connector(
    name="alerta",
    title="Alerta",
    docs="https://docs.alerta.io/api/reference.html",
    options=(
        Option(name="api", help="where the API is below url", default="/api"),
        Option(name="user", help="login name that the key belongs to; needed only where the key may not list keys"),
        kit.severities("fatal=down, notice=question"),
        Option(name="page_size", help="how many alerts to ask for at once", default="1000", check=kit.count),
    ),
    headers=lambda source: {"Authorization": f"Key {source.secret}"},
    login=login,
    poll=poll,
    answers=API.answers,
    retracts=API.retracts,
    cannot={Verb.REPLY: kit.NOBODY_WROTE},
    peek=API.peek,
    seen=API.seen,
    check=check,
    may=may,
    proven="Alerta 9.1.0",
)
