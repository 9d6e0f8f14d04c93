"""Alerta 9: alerts that are not closed or expired; taking one is Alerta's own ack, a note a note, snoozing a shelf.

https://docs.alerta.io/api/reference.html. Seen on a real 9.1.0:

- Lists hold no history unless asked for it, and only the history says who acknowledged and what was noted.
- Nothing that an alert could be listed by is both unique and unmoved (correlation renews even `createTime`), so a list of
  several pages is believed only when it holds as many different alerts as each page says that there are.
- `from-date` does not see acknowledgements and notes, for these move `updateTime` only: so all is asked for each time.
- An ack of what is acknowledged is refused (409), whoever had it; taking it over goes by `unack`. Two at the same moment
  may both be told 200; after such a double ack the first unack leaves it acknowledged. So everything is read back.
- An action that does not exist is answered 200. The same note again is stored again, so a note carries its marker.
- An ack or a shelf with a `timeout` ends only where somebody runs Alerta's housekeeping; a worse severity reopens it.
- A wrong key is said back in the answer's words. Whose key it is only the list of keys tells, which holds them readable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from oncall_tui import kit
from oncall_tui.errors import ConfigError, Rejected, Unavailable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Source, get, send
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Voice, Write

SEVERITY: Mapping[str, Impact] = {
    **dict.fromkeys(("security", "critical"), Impact.DOWN),
    "major": Impact.DEGRADED,
    **dict.fromkeys(("minor", "warning"), Impact.AT_RISK),
    **dict.fromkeys(("indeterminate", "informational", "debug", "trace", "normal", "ok", "cleared"), Impact.QUESTION),
}
_OVER = ("closed", "expired")
_ROUNDS = 3
"""How often a list of several pages is read until it holds still."""

_UNACKS = 3
"""Each ack of several at the same moment has to be taken back by itself."""

_SNOOZE = timedelta(hours=1)
_FORBIDDEN, _GONE, _ALREADY = 403, 404, 409


class _Event(msgspec.Struct, rename="camel"):
    """An entry of an alert's history."""

    id: str
    type: str
    update_time: str
    status: str | None = None
    text: str | None = None
    user: str | None = None
    timeout: int | None = None


class _Alert(msgspec.Struct, rename="camel"):
    id: kit.Id
    resource: str
    event: str
    environment: str
    severity: str
    status: str
    create_time: str
    update_time: str | None = None
    group: str | None = None
    service: list[str] = []
    text: str | None = None
    value: str | None = None
    tags: list[str] = []
    customer: str | None = None
    origin: str | None = None
    history: list[_Event] = []

    @property
    def latest(self) -> list[_Event]:
        """Its history, the newest first (the server lists the oldest first, but does not promise to)."""
        return sorted(self.history, key=lambda one: one.update_time, reverse=True)

    def last(self, kind: str) -> _Event | None:
        """The latest entry of that type."""
        return next((one for one in self.latest if one.type == kind), None)


class _Page(msgspec.Struct):
    alerts: list[msgspec.Raw]
    total: int
    more: bool


class _Told(msgspec.Struct):
    alert: _Alert


class _Id(msgspec.Struct):
    id: kit.Id


class _Key(msgspec.Struct):
    key: str
    user: str
    scopes: list[str] = []


class _Keys(msgspec.Struct):
    keys: list[_Key]


class _Refusal(msgspec.Struct):
    message: str = ""


class _Stored(msgspec.Struct):
    id: str = ""


# --- who we are ------------------------------------------------------------------------------------------------------


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Whose key it is: `user` as configured, or as the list of our own keys tells."""
    if told := source.options.get("user", ""):
        return {"user": told}
    key = yield from _key(source)
    if key is None:
        raise ConfigError(f'whose key is it? set user = "LOGIN NAME" in [sources.{source.name}]', key="user")
    return {"user": key.user}


def _key(source: Source) -> Exchange[_Key | None]:
    """Our own key among those that we may list."""
    most: dict[str, Any] = {"page-size": 1000}
    answer = yield get(_path(source, "/keys"), accepts=(_FORBIDDEN,), **most)
    keys = answer.read(_Keys).keys if answer.status == 200 else []
    return next((one for one in keys if one.key == source.secret), None)


def _path(source: Source, path: str) -> str:
    return source.options.get("api", "/api").rstrip("/") + path


def _is_mine(source: Source, user: str | None) -> bool:
    return bool(user) and user == source.session.get("user")


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every alert that is not over, read until the pages hold together."""
    table = kit.impacts(SEVERITY, source.options.get("severities", ""))
    for _ in range(_ROUNDS):
        records = yield from _pages(source)
        if records is not None:
            reading = kit.read_each(records, _Alert, lambda alert: _open_signal(source, alert, table))
            return Reading(
                signals=reading.signals, unreadable=reading.unreadable, warning=kit.strangers(reading.signals, table)
            )
    raise Unavailable("changes its list faster than it can be read page by page", maybe_sent=False)


def _pages(source: Source) -> Exchange[list[msgspec.Raw] | None]:
    """The records of all pages; None when they are not as many different alerts as each page says that there are."""
    found: dict[str, msgspec.Raw] = {}
    listed, totals, number, more = 0, set(), 1, True
    while more and len(found) == listed:
        query: dict[str, Any] = {"status!": list(_OVER), "show-history": "true", "sort-by": "-createTime"}
        query |= {"page": number, "page-size": source.options.get("page_size") or "1000"}
        answer = yield get(_path(source, "/alerts"), **query, accepts=(416,))
        if answer.status == 416:
            return None
        page = answer.read(_Page)
        found |= {msgspec.json.decode(record, type=_Id).id: record for record in page.alerts}
        listed, number, more = listed + len(page.alerts), number + 1, page.more
        totals.add(page.total)
    return list(found.values()) if totals == {len(found)} else None


def _open_signal(source: Source, alert: _Alert, table: Mapping[str, Impact]) -> Signal | None:
    return None if alert.status in _OVER else signal(source, alert, table)


def signal(source: Source, alert: _Alert, table: Mapping[str, Impact] = SEVERITY) -> Signal:
    """One alert as a signal; tags that read ``name=value`` are labels."""
    tags = dict(tag.split("=", 1) for tag in alert.tags if "=" in tag)
    labels = {**tags, "environment": alert.environment, "group": alert.group or "", "origin": alert.origin or ""}
    return Signal(
        source=source.name,
        id=alert.id,
        kind=Kind.ALERT,
        title=alert.event or "an alert without a name",
        opened_at=_opened_at(alert),
        severity=alert.severity,
        impact=table.get(alert.severity.casefold(), Impact.AT_RISK),
        text="\n".join(line for line in (alert.text, alert.value) if line),
        service=alert.service[0] if alert.service else "",
        host=alert.resource,
        customer=alert.customer or "",
        labels={name: value for name, value in labels.items() if value},
        status=alert.status,
        changed_at=kit.when(alert.update_time),
        messages=tuple(_notes(alert)),
        url=f"{source.url}/alert/{kit.quote(alert.id)}",
        **_taken(source, alert),
        **_suppressed(alert),
    )


def _opened_at(alert: _Alert) -> datetime:
    """When it began, or began again: the oldest entry since it was last over."""
    since = alert.create_time
    for entry in alert.latest:
        if entry.status in _OVER:
            break
        since = min(since, entry.update_time)
    return _at(since)


def _taken(source: Source, alert: _Alert) -> dict[str, Any]:
    """Who acknowledged it last; an ack by nobody (a plug-in's) takes nothing."""
    acked = alert.last("ack")
    if alert.status != "ack" or acked is None or not acked.user:
        return {}
    until = _at(acked.update_time) + timedelta(seconds=acked.timeout) if acked.timeout else None
    return {
        "taken_by": acked.user,
        "assignee": acked.user,
        "mine": _is_mine(source, acked.user),
        "taken_at": _at(acked.update_time),
        "taken_until": until,
    }


def _suppressed(alert: _Alert) -> dict[str, Any]:
    if alert.status == "blackout":
        return {"suppressed": "in a blackout"}
    shelved = alert.last("shelve")
    if alert.status != "shelved":
        return {}
    until = _at(shelved.update_time) + timedelta(seconds=shelved.timeout) if shelved and shelved.timeout else None
    by = f"shelved by {shelved.user}" if shelved and shelved.user else "shelved"
    return {"suppressed": by, "suppressed_until": until}


def _notes(alert: _Alert) -> Iterator[Message]:
    """What colleagues noted, oldest first; nobody else reads it."""
    for entry in reversed(alert.latest):
        if entry.type == "note":
            yield Message(
                id=entry.id,
                voice=Voice.OURS,
                author=entry.user or "",
                text=kit.unmarked(entry.text or ""),
                at=_at(entry.update_time),
                private=True,
            )


def _at(text: str) -> datetime:
    at = kit.when(text)
    if at is None:
        raise ValueError("a time is missing")
    return at


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That alert now; None when it is over or deleted."""
    alert = yield from _find(source, signal_id)
    return signal(source, alert, kit.impacts(SEVERITY, source.options.get("severities", ""))) if alert else None


def _find(source: Source, signal_id: str) -> Exchange[_Alert | None]:
    """That alert, None when it is over; never another one."""
    answer = yield get(_path(source, f"/alert/{kit.quote(signal_id)}"), accepts=(_GONE,))
    alert = answer.read(_Told).alert if answer.status == 200 else None
    return alert if alert and alert.id == signal_id and alert.status not in _OVER else None


# --- writing ---------------------------------------------------------------------------------------------------------


def _open(source: Source, write: Write) -> Exchange[_Alert]:
    alert = yield from _find(source, write.signal_id)
    if alert is None:
        raise Rejected("the alert is over", gone=True)
    return alert


def _act(source: Source, write: Write, action: str, until: datetime | None = None) -> Exchange[_Alert | None]:
    """Do it and read back what became of the alert."""
    lasts = {"timeout": max(1, round((until - write.asked_at).total_seconds()))} if until else {}
    path = _path(source, f"/alert/{kit.quote(write.signal_id)}/action")
    body = {"action": action, "text": f"{action} by {source.me.name}", **lasts}
    answer = yield send("PUT", path, body, accepts=(_GONE, _ALREADY))
    if answer.status == _GONE:
        raise Rejected("the alert is no longer there", gone=True)
    alert = yield from _find(source, write.signal_id)
    if answer.status == _ALREADY and action not in ("ack", "unack"):
        raise Rejected(answer.read(_Refusal).message or "refused without a reason")
    return alert


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Acknowledge it, out of a shelf as well; what a colleague has is taken from them first, for the engineer was asked."""
    alert: _Alert | None = yield from _open(source, write)
    if alert and _taken(source, alert).get("mine"):
        return DONE
    alert = yield from _unacked(source, write, alert)
    if alert and alert.status == "shelved":
        yield from _act(source, write, "open")
    alert = yield from _act(source, write, "ack", write.until)
    taken = _taken(source, alert) if alert else {}
    if not taken.get("mine"):
        raise Rejected(f"{taken['taken_by']} was faster" if taken else "it was not acknowledged")
    return DONE


def _unacked(source: Source, write: Write, alert: _Alert | None) -> Exchange[_Alert | None]:
    for _ in range(_UNACKS):
        if alert is None or alert.status != "ack":
            break
        alert = yield from _act(source, write, "unack")
    return alert


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Take my ack back; a colleague's stays."""
    alert = yield from _open(source, write)
    taken = _taken(source, alert)
    if not taken:
        return DONE
    if not taken["mine"]:
        return Receipt(words=f"{taken['taken_by']} has it now")
    now = yield from _unacked(source, write, alert)
    if now and now.status == "ack":
        raise Rejected("it stayed acknowledged")
    return DONE


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A note, with the marker that finds it again."""
    yield from _open(source, write)
    path = _path(source, f"/alert/{kit.quote(write.signal_id)}/note")
    answer = yield send("PUT", path, {"text": f"{write.text}\n{kit.marker(write)}"}, accepts=(_GONE,))
    if answer.status == _GONE:
        raise Rejected("the alert is no longer there", gone=True)
    return Receipt(id=answer.read(_Stored).id)


def resolve(source: Source, write: Write) -> Exchange[Receipt]:
    """Close it; the next report of the same trouble opens it again."""
    if (yield from _find(source, write.signal_id)) is None:
        return DONE
    if (yield from _act(source, write, "close")) is not None:
        raise Rejected("it was not closed")
    return DONE


def snooze(source: Source, write: Write) -> Exchange[Receipt]:
    """Shelve it until `write.until`."""
    alert = yield from _open(source, write)
    if alert.status == "shelved":
        return DONE
    now = yield from _act(source, write, "shelve", write.until or write.asked_at + _SNOOZE)
    if now and now.status != "shelved":
        raise Rejected(f"it was not shelved but is {now.status}")
    return DONE


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the alert is as the write wanted it."""
    alert = yield from _find(source, write.signal_id)
    if alert is None:
        return write.verb in (Verb.RESOLVE, Verb.RELEASE)
    mine = bool(_taken(source, alert).get("mine"))
    match write.verb:
        case Verb.ACKNOWLEDGE:
            return mine
        case Verb.RELEASE:
            return not mine
        case Verb.SNOOZE:
            return alert.status == "shelved"
        case Verb.NOTE:
            return any(
                one.type == "note" and kit.marker(write) in (one.text or "") and _is_mine(source, one.user)
                for one in alert.history
            )
        case _:
            return False


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
    if not {"write", "write:alerts", "admin", "admin:alerts"} & set(key.scopes):
        raise Rejected(f"the key has only {', '.join(key.scopes) or 'no scope'}; taking and noting need write:alerts")
    return "acknowledgements and notes are taken from us"


def headers(source: Source) -> Mapping[str, str]:
    """The API key."""
    return {"Authorization": f"Key {source.secret}"}


CONNECTOR = Connector(
    name="alerta",
    title="Alerta",
    docs="https://docs.alerta.io/api/reference.html",
    options=(
        Option(name="api", help="where the API is below url", default="/api"),
        Option(name="user", help="login name that the key belongs to; needed only where the key may not list keys"),
        Option(name="severities", help='severities of your own, as in "fatal=down, notice=question"'),
        Option(name="page_size", help="how many alerts to ask for at once", default="1000"),
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
    cannot={Verb.REPLY: "nobody wrote an alert, so there is nobody to reply to"},
    peek=peek,
    seen=seen,
    check=check,
    may=may,
    proven="Alerta 9.1.0",
)
