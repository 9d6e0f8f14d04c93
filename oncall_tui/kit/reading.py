"""How lists become signals: record by record, page by page, and their times and severities."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from oncall_tui.errors import ConfigError, Unreadable
from oncall_tui.kit.connector import Reading, Source, names
from oncall_tui.kit.decoding import decode
from oncall_tui.kit.exchange import SHAPES, Exchange, Response
from oncall_tui.model import Impact, Signal

T = TypeVar("T")
M = TypeVar("M")


def read_each(records: Iterable[msgspec.Raw | bytes], type_: type[T], signal: Callable[[T], Signal | None]) -> Reading:
    """Each raw record decoded and made a signal by itself, so that one of unknown shape hides no other.

    A record that makes no signal (None: it is over by now) is left out.
    """
    signals, unreadable = each(records, type_, signal)
    return Reading(signals=signals, unreadable=unreadable)


def make_each(records: Iterable[T], signal: Callable[[T], Signal | None]) -> Reading:
    """As `read_each`, of records that are decoded already."""
    signals, unreadable = sift(records, signal)
    return Reading(signals=signals, unreadable=unreadable)


def each(
    records: Iterable[msgspec.Raw | bytes], type_: type[T], make: Callable[[T], M | None]
) -> tuple[list[M], tuple[str, ...]]:
    """What is made of each raw record by itself, and a line for each that could not be read."""
    return sift(records, lambda raw: make(decode(raw, type_)))


def sift(records: Iterable[T], make: Callable[[T], M | None]) -> tuple[list[M], tuple[str, ...]]:
    """What is made of each record by itself (None leaves it out), and a line for each that could not be read."""
    found, unreadable = [], []
    for record in records:
        try:
            if (made := make(record)) is not None:
                found.append(made)
        except SHAPES as error:
            unreadable.append(str(error)[:120])
    return found, tuple(unreadable)


def read_list(response: Response, type_: type[T], signal: Callable[[T], Signal]) -> Reading:
    """A list of records made signals: all at once, which is fast, and each by itself when one has an unknown shape."""
    try:
        records: list[T] = decode(response.body, list[type_])  # type: ignore[valid-type]
        return Reading(signals=[signal(record) for record in records])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError):
        return read_each(response.read(list[msgspec.Raw]), type_, signal)


def by_number(
    page: Callable[[int], Exchange[tuple[Iterable[tuple[int | None, T]], bool]]],
) -> Exchange[list[T]]:
    """A list that is asked for by number, a page at a time: what leaves it meanwhile moves nothing to a page already read.

    `page(after)` asks for records of higher numbers, lowest first: each with its number (None: it tells none, which is for
    its reader to say), and whether more may follow.
    """
    records: list[T] = []
    last, more = 0, True
    while more:
        after = last
        found, more = yield from page(after)
        for number, record in found:
            if number is not None and number <= last:
                raise Unreadable(f"lists its records in no order: {number} after {last}")
            last = last if number is None else number
            records.append(record)
        if more and last == after:
            raise Unreadable(f"says that more records follow after {after}, and lists none of a higher number")
    return records


def kept(source: Source, signal_id: str, changed_at: datetime | None, slack: timedelta) -> Signal | None:
    """The signal of the last reading, if that record did not change since; None when it must be asked for again.

    What changed within `slack` before that reading began may have changed once more in the same second, and counts as
    changed.
    """
    known = source.known.get(signal_id)
    if (
        source.afresh
        or known is None
        or source.known_at is None
        or changed_at is None
        or known.changed_at != changed_at
    ):
        return None
    return known if changed_at < source.known_at - slack else None


def impacts(table: Mapping[str, Impact], more: str = "") -> dict[str, Impact]:
    """A connector's table with a user's own words added: ``"sev0=down, sev1=degraded"``. Raises `ConfigError`."""
    return {**table, **meanings(more)}


def meanings(text: str) -> dict[str, Impact]:
    """What a user's own words mean: ``"sev0=down, sev1=degraded"``. Raises `ConfigError`."""
    known = {impact.word: impact for impact in Impact}
    meant: dict[str, Impact] = {}
    for word, _, impact in (part.partition("=") for part in names(text)):
        if impact.strip() not in known:
            raise ConfigError(f'{word.strip()!r} must be one of {", ".join(known)}, as in "sev0=down, sev1=degraded"')
        meant[word.strip().casefold()] = known[impact.strip()]
    return meant


def count(text: str) -> int:
    """A whole number of at least 1 in an option. Raises `ConfigError`."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ConfigError(f'{text!r} is no number; it must be a whole one from 1 on, as "1000"')
    return int(text)


def pairs(text: str) -> dict[str, str]:
    """Names and values in an option: ``"cluster=eu, dc=ams"``. Raises `ConfigError`."""
    found = [part.partition("=") for part in names(text)]
    for name, equals, value in found:
        if not (name and equals and value):
            raise ConfigError(f'{name!r} has no value; each must be NAME=VALUE, as in "cluster=eu, dc=ams"')
    return {name.strip(): value.strip() for name, _, value in found}


def one_of(*allowed: str) -> Callable[[str], object]:
    """A check of an option that is one of these words."""

    def check(text: str) -> None:
        if text not in allowed:
            raise ConfigError(f"{text!r} is not allowed; allowed: {', '.join(allowed)}")

    return check


def strangers(signals: Iterable[Signal], table: Mapping[str, Impact]) -> str:
    """A warning that names the severities that are in no table, "" when there are none; they count as `at_risk`."""
    missing = sorted({signal.severity for signal in signals} - {""})
    missing = [word for word in missing if word.casefold() not in table]
    return f"counted as at_risk, being in no table: {', '.join(missing[:5])}" if missing else ""


def warned(reading: Reading, table: Mapping[str, Impact]) -> Reading:
    """The reading, with a warning about the severities that are in no table."""
    return reading + Reading(warning=strangers(reading.signals, table))


_DATE = len("20261123")
"""Of the digits of a date without dashes; a number since 1970 had as many until 1973."""


def when(text: str | float | None, *, per_s: float = 1.0) -> datetime | None:
    """A time as APIs write it: ISO 8601 (without a zone it is UTC) or a number since 1970 (`per_s` 1000 for milliseconds),
    which may be told as a text.

    None for what is empty or unset (year 1 and 1970 are how APIs say "never"). Raises `ValueError` for what is no time.
    """
    if text is None or text in ("", 0):
        return None
    if isinstance(text, str) and text.isdecimal() and len(text) != _DATE:
        text = int(text)
    if isinstance(text, (int, float)):
        at = datetime.fromtimestamp(text / per_s, UTC)
    else:
        at = datetime.fromisoformat(_trim_fraction(text.strip()))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return None if at.year <= 1970 else at


def at(text: str | float | None, *, per_s: float = 1.0) -> datetime:
    """A time that must be there; as `when`, but `ValueError` for what is empty or unset as well."""
    found = when(text, per_s=per_s)
    if found is None:
        raise ValueError("a time is missing")
    return found


def _trim_fraction(text: str) -> str:
    """Go writes nanoseconds, `datetime` knows six digits; a zone may be written ``+0000``."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", text)
    return re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)
