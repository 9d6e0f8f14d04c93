"""Known times of a customer in their own zone, and an agreed due time: what falls due when, and how near it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_tui import words
from oncall_tui.model import Moment, Noun

PASSED_MOST = timedelta(hours=1)
"""A moment that passed while the problem was open presses on for so long: they are right in the damage."""


class Due(Noun, frozen=True, kw_only=True):
    """A moment on a certain day, or a due time: what, when (UTC), both in words, and the zone they were told in."""

    what: str
    at: datetime
    words: str
    zone: str = ""


def nearest(moment: Moment, now: datetime, started_at: datetime) -> Due | None:
    """The next time it comes, or the last one when that passed under this problem less than an hour ago."""
    zone = ZoneInfo(moment.zone)
    today = now.astimezone(zone).date()
    passed_since = max(started_at, now - PASSED_MOST)
    for days in range(-1, 9):
        day = today + timedelta(days=days)
        if not moment.days or day.weekday() in moment.days:
            at = _at(moment, day, zone)
            if at >= now or at > passed_since:
                return Due(what=moment.what, at=at, words=_words(moment, at, now), zone=moment.zone)
    return None


def _at(moment: Moment, day: date, zone: ZoneInfo) -> datetime:
    """In a night that skips the time it is as much later; in one that has it twice it is the first."""
    return datetime.combine(day, moment.at, zone).astimezone(UTC)


def _words(moment: Moment, at: datetime, now: datetime) -> str:
    told = f"{moment.what} at {words.their_clock(at, moment.zone)}"
    return f"{told}, {words.ahead(at, now)}" if at >= now else f"{told}, {words.ago(at, now)}"


def due(at: datetime, now: datetime) -> Due:
    """A time by which the source says that the ticket must be answered."""
    when = words.ahead(at, now) if at >= now else f"since {words.span((now - at).total_seconds())}"
    return Due(what="answer due", at=at, words=f"answer due {when}")


def pressing(dues: Iterable[Due], now: datetime, span_s: float) -> tuple[float, Due | None]:
    """How near the nearest is, 0 to 1 (1: there, or passed), rising over the last `span_s` seconds, and which."""
    first = min(dues, key=lambda due: due.at, default=None)
    if first is None:
        return 0.0, None
    left_s = (first.at - now).total_seconds()
    return min(1.0, max(0.0, 1 - left_s / span_s)), first
