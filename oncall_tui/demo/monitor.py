"""The monitor of the embedded world: alerts and silences, as a small Alertmanager keeps them in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from oncall_tui.demo.site import Site

_FIRING = timedelta(minutes=5)
"""How far ahead the end of a firing alert lies that says no end (`resolve_timeout`)."""

_NAMES = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


@dataclass(slots=True)
class Alert:
    """Something that fires. `ends_at` None means until it is resolved."""

    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    changed_at: datetime
    ends_at: datetime | None = None
    generator: str = ""

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.labels)

    def ends(self, now: datetime) -> datetime:
        return self.ends_at or now + _FIRING

    def fires(self, now: datetime) -> bool:
        return self.ends_at is None or self.ends_at > now


@dataclass(frozen=True, slots=True)
class Matcher:
    """``name="value"``, ``!=``, ``=~`` or ``!~``; a label that is absent counts as empty."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def fits(self, labels: Mapping[str, str]) -> bool:
        held = labels.get(self.name, "")
        same = bool(re.fullmatch(self.value, held)) if self.is_regex else held == self.value
        return same == self.is_equal


@dataclass(slots=True)
class Silence:
    """Keeps every alert out of the way that all of its matchers fit. It is never removed, only expired."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    comment: str
    changed_at: datetime

    def state(self, now: datetime) -> str:
        """Alertmanager's words: ``pending``, ``active``, ``expired``."""
        if now >= self.ends_at:
            return "expired"
        return "active" if now >= self.starts_at else "pending"

    def covers(self, labels: Mapping[str, str], now: datetime) -> bool:
        return self.state(now) == "active" and all(matcher.fits(labels) for matcher in self.matchers)


@dataclass(slots=True)
class Refusal(Exception):
    """What Alertmanager says when it does not do as asked."""

    status: int
    words: str
    code: int = 0
    """Of the schema check, which answers with an object; 0 for the API itself, which answers with a bare string."""


class Monitor(Site):
    """What fires and what is silenced, and the handles by which the story and tests change it."""

    name = "monitor"

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.alerts: dict[str, Alert] = {}
        self.silences: dict[str, Silence] = {}
        self.started_at = now() - timedelta(days=3)  # up for long: what it does not list is over

    # --- the handles ---

    def fire(
        self,
        labels: Mapping[str, str],
        *,
        at: datetime | None = None,
        ends_at: datetime | None = None,
        generator: str = "",
        **annotations: str,
    ) -> Alert:
        """An alert with exactly these labels fires, since `at` or now; one that fires already keeps its start."""
        with self.lock:
            now, key = self.now(), fingerprint(labels)
            held = self.alerts.get(key)
            start = held.starts_at if held and held.fires(now) else at or now
            alert = Alert(dict(labels), annotations, start, now, ends_at, generator)
            self.alerts[key] = alert
            return alert

    def resolve(self, name: str) -> None:
        """Every alert of that alertname stops, and is gone from the list at once."""
        with self.lock:
            self.alerts = {key: a for key, a in self.alerts.items() if a.labels.get("alertname") != name}

    def firing(self) -> list[Alert]:
        """What fires now, in a stable order."""
        with self.lock:
            return [alert for key, alert in sorted(self.alerts.items()) if alert.fires(self.now())]

    def silenced_by(self, alert: Alert) -> list[str]:
        """The ids of the silences that cover it now."""
        with self.lock:
            return [s.id for s in self.silences.values() if s.covers(alert.labels, self.now())]

    def inhibited_by(self, alert: Alert) -> list[str]:
        """A warning is inhibited by a critical alert of the same name on the same instance (our one inhibit rule)."""
        if alert.labels.get("severity") != "warning":
            return []
        same = ("alertname", "instance")
        return [
            other.fingerprint
            for other in self.firing()
            if other.labels.get("severity") == "critical"
            and all(other.labels.get(name) == alert.labels.get(name) for name in same)
        ]

    # --- silences ---

    def silence(
        self, matchers: tuple[Matcher, ...], *, starts_at: datetime, ends_at: datetime, author: str,
        comment: str = "", id_: str = "",
    ) -> str:  # fmt: skip
        """Makes a silence, or changes the one of that id; the id it has now.

        As silence/silence.go: only an active one with the same matchers and the same start (to the second) keeps its id
        when it changes; else it expires and a new one is made. Raises `Refusal`.
        """
        with self.lock:
            now = self.now()
            self._check(starts_at, ends_at, matchers, now)
            old = self.silences.get(id_)
            if id_ and old is None:
                raise Refusal(404, "silence not found")
            if old and _can_change(old, matchers, starts_at, now):
                old.ends_at, old.author, old.comment, old.changed_at = ends_at, author, comment, now
                return old.id
            if old and old.state(now) != "expired":
                self.expire(old.id)
            new = str(uuid5(_NAMES, f"silence {len(self.silences)}"))
            self.silences[new] = Silence(new, matchers, max(starts_at, now), ends_at, author, comment, now)
            return new

    def _check(self, starts_at: datetime, ends_at: datetime, matchers: tuple[Matcher, ...], now: datetime) -> None:
        if ends_at <= starts_at:
            raise Refusal(400, "Failed to create silence: start time must be before end time")
        if ends_at <= now:
            raise Refusal(400, "Failed to create silence: end time can't be in the past")
        if all(matcher.fits({}) for matcher in matchers):
            raise Refusal(400, "silence invalid: at least one matcher must not match the empty string")

    def expire(self, id_: str) -> None:
        """Ends a silence now; doing it again is no fault. Raises `Refusal` for an unknown id (Alertmanager: 500)."""
        with self.lock:
            held = self.silences.get(id_)
            if held is None:
                raise Refusal(500, "silence not found")
            now = self.now()
            if held.state(now) != "expired":
                held.ends_at = held.changed_at = now
                held.starts_at = min(held.starts_at, now)


def _can_change(old: Silence, matchers: tuple[Matcher, ...], starts_at: datetime, now: datetime) -> bool:
    same_start = int(old.starts_at.timestamp()) == int(starts_at.timestamp())
    return old.state(now) == "active" and same_start and set(old.matchers) == set(matchers)


def fingerprint(labels: Mapping[str, str]) -> str:
    """Alertmanager's identity of a label set: FNV-1a over the sorted labels, 16 hex digits (prometheus/common, model)."""
    value = 0xCBF29CE484222325
    for name, text in sorted(labels.items()):
        for byte in (*name.encode(), 255, *text.encode(), 255):
            value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
