"""Values -> words: durations, clocks and states; one wording for screen and command line."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from oncall_tui.model import Health, State, Verb, Write


def span(seconds: float) -> str:
    """A duration as people say it at night: ``now``, ``4m``, ``1h 16m``, ``3d 2h``. Negative counts as nothing."""
    minutes = int(max(seconds, 0) // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    days, hours = divmod(hours, 24)
    return f"{days}d {hours}h" if hours else f"{days}d"


def ticking(seconds: float) -> str:
    """A running clock: ``12:41`` (minutes and seconds), ``1:02:03`` from an hour on, ``3d 2h`` from a day on."""
    whole = int(max(seconds, 0))
    if whole >= 86400:
        return span(whole)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float:
    """A duration as people write it, in seconds: ``15s``, ``5m``, ``2h``, ``30d``, ``1h30m``. Raises `ValueError`."""
    if not re.fullmatch(r"(?:[0-9]{1,9}(?:\.[0-9]{1,3})?[smhd] ?)+", text.strip() + " "):
        raise ValueError(f"not a duration: {text!r}")
    return float(sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9.]+)([smhd])", text)))


def length(seconds: float) -> str:
    """A duration as `seconds` reads it, in the largest unit that says it whole: ``90s``, ``5m``, ``2h``, ``1d``."""
    unit = next(u for u in "dhms" if seconds % _UNITS[u] == 0 or u == "s") if seconds else "s"
    number = f"{seconds / _UNITS[unit]:.3f}".rstrip("0").rstrip(".")
    return f"{number}{unit}"


def ago(at: datetime, now: datetime) -> str:
    """How long since: ``just now``, ``9m ago``. What lies ahead (a wrong clock) is ``just now``."""
    since = (now - at).total_seconds()
    return "just now" if since < 60 else f"{span(since)} ago"


def ahead(at: datetime, now: datetime) -> str:
    """How long until: ``now``, ``in 19m``."""
    left = (at - now).total_seconds()
    return "now" if left < 60 else f"in {span(left)}"


def clock(at: datetime, zone: tzinfo | None = None) -> str:
    """``03:14`` in that zone, or in the engineer's own."""
    return at.astimezone(zone).strftime("%H:%M")


_PLAIN_S = 12 * 3600
"""So near a time needs no day: a clock shows it once."""


def when(at: datetime, now: datetime) -> str:
    """``03:14`` today or within half a day, else with its day: ``Fri 09:00``, from a week away on ``2026-12-04 09:00``."""
    here, away_s = at.astimezone(), abs((at - now).total_seconds())
    if away_s < _PLAIN_S or here.date() == now.astimezone().date():
        return clock(at)
    return f"{here:%a %H:%M}" if away_s < 6 * 86400 else f"{here:%Y-%m-%d %H:%M}"


def their_clock(at: datetime, zone: str) -> str:
    """``04:30`` as a customer in that zone (an IANA name) calls it; ``04:30 their time`` when our clocks say another."""
    if not zone:
        return clock(at)
    theirs = clock(at, ZoneInfo(zone))
    return theirs if theirs == clock(at) else f"{theirs} their time"


_STATE = {
    State.DRAFT: "draft",
    State.HELD: "held: {undo} takes it back",
    State.WAITING: "waiting for {source}",
    State.SENDING: "sending to {source}",
    State.DELIVERED: "delivered to {source}",
    State.CONFIRMED: "confirmed by {source}",
    State.UNSURE: "unsure: {source} may have it",
    State.REFUSED: "refused by {source}",
    State.WITHDRAWN: "withdrawn",
}


def state(write: Write, *, undo: str = "u") -> str:
    """Where a write is, in words, with the source's answer; never "done" before the source said so.

    `undo` is the key that takes back what is held.
    """
    words = _STATE[write.state].format(source=write.source, undo=undo)
    tells = write.fault and write.state in (State.WAITING, State.UNSURE, State.REFUSED, State.DELIVERED)
    return f"{words}: {write.fault}" if tells else words


def fault(source: Health, now: datetime) -> str:
    """Why a source is not live, "" when it is: its fault, its doubt, what may be missing, or merely its age."""
    if source.live:
        return ""
    if told := lack(source):
        return told
    return f"last answered {ago(source.answered_at, now)}" if source.answered_at else "has not answered yet"


def lack(source: Health) -> str:
    """What is wrong with its last answer, to follow its name: that there was none, or what it may have left out; "" for
    nothing.
    """
    lost = f"told {counted(source.unreadable, 'record')} that could not be read" if source.unreadable else ""
    return source.fault or source.doubt or "; ".join(filter(None, (source.gap, lost)))


def counted(number: int, noun: str) -> str:
    """``1 problem``, ``3 problems``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quoted(text: str, most: int = 60) -> str:
    """The words of a message on one line between quotation marks, cut to `most` characters; "" for none."""
    whole = " ".join(text.split())
    cut = whole if len(whole) <= most else f"{whole[: most - 1].rstrip()}…"
    return f"“{cut}”" if cut else ""


VERB: dict[Verb, str] = {
    Verb.ACKNOWLEDGE: "take it",
    Verb.RELEASE: "give it back",
    Verb.NOTE: "note for colleagues",
    Verb.REPLY: "reply to the customer",
    Verb.RESOLVE: "resolve",
    Verb.SNOOZE: "snooze at the source",
    Verb.RETRACT: "take it back",
}
"""What a verb does, as the engineer says it."""
