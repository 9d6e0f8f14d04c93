"""Alerts that are taken, or snoozed, by silencing exactly them, as Alertmanager and what is made of it have it (API v2).

Its comment says what a silence of ours is for: ``taken by NAME: alert FINGERPRINT [oncall-tui ID]``, or ``snoozed by``. What
was seen of the API stands in `monitors.alertmanager`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from oncall_tui import kit
from oncall_tui.connectors.labelled import SEVERITY, utc, watched
from oncall_tui.errors import Rejected, Unavailable
from oncall_tui.kit import DONE, Answer, Exchange, Reading, Receipt, Record, Response, Source, get, send
from oncall_tui.model import Impact, Kind, Signal, Verb, Write

LASTS_S = 4 * 3600.0
ALERTS, SILENCES = "/api/v2/alerts", "/api/v2/silences"

CANNOT: Mapping[Verb, str] = {
    Verb.REPLY: kit.NOBODY_WROTE,
    Verb.RESOLVE: "an alert ends when its cause does",
}

_OURS = re.compile(r"(taken|snoozed) by .*: alert (\S+) \[oncall-tui [^\]]+\]")
_YOUNG = "started a moment ago and has not heard of every alert yet"
_UNHEARD = "not heard of since its start"
_EXACTLY = {"isRegex": False, "isEqual": True}
_TAKES, _SNOOZES = "taken", "snoozed"


class _State(msgspec.Struct, rename="camel", gc=False):
    state: str = ""
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()


class _Notes(msgspec.Struct, frozen=True, gc=False):
    """The annotations that are shown; the others are not even decoded."""

    summary: str = ""
    description: str = ""
    message: str = ""


class _Alert(msgspec.Struct, rename="camel", gc=False):
    fingerprint: kit.Id
    starts_at: datetime
    labels: dict[str, str]
    status: _State
    annotations: _Notes = _Notes()


class _Silence(msgspec.Struct, rename="camel"):
    id: kit.Id
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    status: _State

    def is_for(self, what: str, fingerprint: str) -> bool:
        """Whether somebody took or snoozed that alert with it, by this program."""
        ours = _OURS.search(self.comment)
        return ours is not None and ours.groups() == (what, fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silencing:
    """An API that speaks version 2 of Alertmanager's, below `base`.

    `page` is where alerts of such labels are shown (the source's url comes first); `young` is asked before an alert that
    is not listed counts as over: when the server started, while it may not have heard of it since; None when it would have.
    Where nothing tells that, nothing is asked.
    """

    base: str = ""
    page: Callable[[str, Mapping[str, str]], str]
    young: Callable[[], Exchange[datetime | None]] | None = None

    @property
    def answers(self) -> Mapping[Verb, Answer]:
        return {Verb.ACKNOWLEDGE: self.acknowledge, Verb.RELEASE: self.release, Verb.SNOOZE: self.snooze}

    @property
    def retracts(self) -> Mapping[Verb, Answer]:
        return {Verb.SNOOZE: self.retract}

    def poll(self, source: Source) -> Exchange[Reading]:
        """Every alert, and who silenced it until when. The silences are asked last: each that an alert names is among them."""
        alerts = yield get(self.base + ALERTS)
        answer = yield get(self.base + SILENCES)
        found, unreadable = _silences(answer)
        silences = {silence.id: silence for silence in found}
        table = kit.scale(source, SEVERITY)
        reading = kit.read_list(alerts, _Alert, lambda alert: self.signal(source, alert, silences, table))
        unheard = yield from self._unheard(source, reading)
        whole = watched(source, reading + unheard + Reading(unreadable=unreadable))
        return kit.warned(whole, table)

    def _unheard(self, source: Source, reading: Reading) -> Exchange[Reading]:
        """What a server that forgot it at its start told before: it stands until the server would have heard of it again."""
        listed = {signal.id for signal in reading.signals}
        missing = [known for known in source.known.values() if known.id not in listed]
        started_at = (yield from self.young()) if self.young and (missing or not listed) else None
        if started_at is None:
            return Reading()
        if source.known_at is None or source.known_at <= started_at:
            missing = [msgspec.structs.replace(known, status=_UNHEARD) for known in missing]
        return Reading(signals=[known for known in missing if known.status == _UNHEARD], gap=_YOUNG)

    def signal(
        self, source: Source, alert: _Alert, silences: Mapping[str, _Silence], table: Mapping[str, Impact] = SEVERITY
    ) -> Signal:
        """One alert as a signal. The customer is in its labels, for the core to find."""
        labels, notes, state = alert.labels, alert.annotations, alert.status
        label = labels.get
        severity, title = label("severity", ""), label("alertname", "")
        made = Signal(
            source=source.name,
            id=alert.fingerprint,
            kind=Kind.ALERT,
            title=title or notes.summary or "an alert without a name",
            opened_at=_since(alert),
            severity=severity,
            impact=kit.impact(table, severity),
            text="\n".join(filter(None, (notes.summary, notes.description, notes.message))),
            service=label("service") or label("job", ""),
            host=label("instance", ""),
            labels=labels,
            status=state.state or "active",
            links=state.inhibited_by,
            url=self.page(source.url, labels),
        )
        if not state.silenced_by and not state.inhibited_by:
            return made
        return msgspec.structs.replace(made, **_held(source, alert, silences))

    def peek(self, source: Source, signal_id: str) -> Exchange[Signal | None]:
        """That alert now; None only when it is over, not when the server has just started and knows nothing yet."""
        alert = yield from self._find(source, signal_id)
        if alert is None:
            return None
        answer = yield get(self.base + SILENCES)
        table = kit.scale(source, SEVERITY)
        return self.signal(source, alert, {silence.id: silence for silence in _silences(answer)[0]}, table)

    def _find(self, source: Source, fingerprint: str) -> Exchange[_Alert | None]:
        """The API finds by label, not by fingerprint: ask for its name where we know that, and for all if that finds none."""
        known = source.known.get(fingerprint)
        if known and "alertname" in known.labels:
            named = f"alertname={quoted(known.labels['alertname'])}"
            answer = yield get(self.base + ALERTS, filter_=named, accepts=(400,))
            if answer.status == 200 and (found := _pick(answer.read(list[_Alert]), fingerprint)):
                return found
        answer = yield get(self.base + ALERTS)
        if found := _pick(answer.read(list[_Alert]), fingerprint):
            return found
        if self.young and (yield from self.young()):
            raise Unavailable(_YOUNG, maybe_sent=False)
        return None

    def acknowledge(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Silence exactly this alert until `write.until`; prolong the silence that took it already, also a colleague's."""
        return (yield from self._silence(source, write, _TAKES))

    def snooze(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Silence it in the same way, without taking it; a colleague's silence stays as it is."""
        return (yield from self._silence(source, write, _SNOOZES))

    def _silence(self, source: Source, write: Write, what: str) -> Exchange[Receipt]:
        alert = yield from self._find(source, write.signal_id)
        if alert is None:
            raise Rejected("the alert is over", gone=True)
        answer = yield get(self.base + SILENCES)
        present = [one for one in _lasting(answer, what, write) if what is _TAKES or _mine(source, one)]
        current = max(present, key=lambda silence: (_mine(source, silence), silence.ends_at), default=None)
        ends_at = _ends_at(write)
        if current and _mine(source, current) and kit.lasts(current.ends_at, ends_at):
            return Receipt(id=current.id)
        starts_at = current.starts_at if current else min(write.asked_at, answer.at or write.asked_at)
        silence = {
            "matchers": [{"name": name, "value": value, **_EXACTLY} for name, value in sorted(alert.labels.items())],
            "startsAt": starts_at.isoformat(),
            "endsAt": ends_at.isoformat(),
            "createdBy": source.me.name,
            "comment": f"{what} by {source.me.name}: alert {alert.fingerprint} {kit.marker(write)}",
        }
        answer = yield send("POST", self.base + SILENCES, silence | ({"id": current.id} if current else {}))
        return Receipt(id=Record.of(answer).id("silenceID"))

    def release(self, source: Source, write: Write) -> Exchange[Receipt]:
        """End what took this alert in my name; a colleague's silence stays."""
        mine = yield from self._mine(source, write, _TAKES)
        yield from self._end(mine)
        return Receipt(words="" if mine else "no silence of yours was left")

    def retract(self, source: Source, write: Write) -> Exchange[Receipt]:
        """End the silence that this write made or prolonged last; other snoozes stay."""
        mine = yield from self._mine(source, write, _SNOOZES)
        yield from self._end([silence for silence in mine if kit.marker(write) in silence.comment])
        return DONE

    def _end(self, silences: Iterable[_Silence]) -> Exchange[None]:
        for silence in silences:
            yield send("DELETE", f"{self.base}/api/v2/silence/{kit.quote(silence.id)}")

    def seen(self, source: Source, write: Write) -> Exchange[bool]:
        """Whether the silences are as the write wanted them."""
        mine = yield from self._mine(source, write, _SNOOZES if write.verb is Verb.SNOOZE else _TAKES)
        if write.verb is Verb.RELEASE:
            return not mine
        return any(kit.lasts(silence.ends_at, _ends_at(write)) for silence in mine)

    def _mine(self, source: Source, write: Write, what: str) -> Exchange[list[_Silence]]:
        answer = yield get(self.base + SILENCES)
        return [one for one in _lasting(answer, what, write) if _mine(source, one)]


def _silences(answer: Response) -> tuple[list[_Silence], tuple[str, ...]]:
    """Every silence, and a line for each that cannot be read: what it silences is then silenced by nobody knows whom."""
    return kit.each(answer.read(list[msgspec.Raw]), _Silence, lambda silence: silence)


def _since(alert: _Alert) -> datetime:
    since = utc(alert.starts_at)
    if since is None:
        raise ValueError("says not since when")
    return since


def _held(source: Source, alert: _Alert, silences: Mapping[str, _Silence]) -> dict[str, Any]:
    """Who took it, and what else keeps it out of the way. A silence that is listed no more says nothing about who."""
    holding = [silences[one] for one in alert.status.silenced_by if one in silences]
    taking = [silence for silence in holding if silence.is_for(_TAKES, alert.fingerprint)]
    others = [silence for silence in holding if silence not in taking]
    held: dict[str, Any] = {}
    if taking:
        silence = max(taking, key=lambda silence: (_mine(source, silence), silence.ends_at))
        begun, ends = utc(silence.starts_at), utc(silence.ends_at)
        held |= kit.taken(silence.created_by, mine=_mine(source, silence), at=begun, until=ends)
    if others:
        last = max(others, key=lambda silence: silence.ends_at)
        held |= {"suppressed": f"silenced by {last.created_by}".strip(), "suppressed_until": utc(last.ends_at)}
    elif len(holding) < len(alert.status.silenced_by):
        held["suppressed"] = "silenced"
    elif alert.status.inhibited_by:
        held["suppressed"] = "inhibited by another alert"
    return held


def _pick(alerts: list[_Alert], fingerprint: str) -> _Alert | None:
    return next((alert for alert in alerts if alert.fingerprint == fingerprint), None)


def _lasting(answer: Response, what: str, write: Write) -> list[_Silence]:
    """The silences with which somebody took or snoozed this alert by this program, and which have not ended."""
    silences, _ = _silences(answer)
    return [one for one in silences if one.is_for(what, write.signal_id) and one.status.state != "expired"]


def _mine(source: Source, silence: _Silence) -> bool:
    return kit.is_me(source, silence.created_by)


def _ends_at(write: Write) -> datetime:
    """To the millisecond, as the server keeps it: a finer end would never be reached."""
    ends_at = write.until or write.asked_at + timedelta(seconds=LASTS_S)
    return ends_at.replace(microsecond=ends_at.microsecond // 1000 * 1000)


def quoted(value: str) -> str:
    """A label's value as Alertmanager's matchers quote it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
