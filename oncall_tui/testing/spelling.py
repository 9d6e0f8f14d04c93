"""How products write a moment, for the times of a `Case`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from oncall_tui.testing.documents import Place

Spell: TypeAlias = Callable[[datetime], Any]
"""A moment of whole seconds, aware and UTC -> what stands for it in an answer."""


@dataclass(frozen=True)
class Time:
    """Where in which recorded answer a time stands, and how the product writes it."""

    name: str
    place: Place
    spell: Spell


def iso(at: datetime) -> str:
    """``2026-11-23T15:00:00Z``; the suite tries the other spellings of ISO 8601 by itself."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def dotted(at: datetime) -> str:
    """``2026-11-23.15:00:00``, which Roundup writes."""
    return at.strftime("%Y-%m-%d.%H:%M:%S")


def seconds(at: datetime) -> int:
    """Since 1970."""
    return int(at.timestamp())


def digits(at: datetime) -> str:
    """Seconds since 1970 as a text."""
    return str(seconds(at))


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return seconds(at) * 1000


def spelt(spell: Spell, at: datetime) -> Iterator[Any]:
    """Every way in which a product that writes times so may write that one."""
    yield spell(at)
    if spell is seconds:
        yield float(seconds(at))
    if spell is iso:
        plain = at.strftime("%Y-%m-%dT%H:%M:%S")
        yield plain
        yield f"{plain}.000Z"
        yield f"{plain}.000000001Z"
        yield f"{plain}+00:00"
        yield at.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
        yield at.astimezone(timezone(timedelta(hours=-8))).strftime("%Y-%m-%dT%H:%M:%S%z")
