"""What a desk's list tells of its tickets, and how these are read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple, TypeAlias

from oncall_tui.errors import Unreadable
from oncall_tui.kit import reading
from oncall_tui.kit.desk.ticket import Ticket
from oncall_tui.kit.exchange import SHAPES, Exchange
from oncall_tui.kit.record import Record

Listed: TypeAlias = Exchange[tuple[Sequence[Record], bool]]
"""Records of open tickets, and whether more may follow."""

Whole: TypeAlias = Exchange[tuple[Iterable[Record], Callable[[Record], Ticket]]]
"""Records with all that a ticket is made of, and what makes one of it."""


class Head(NamedTuple):
    """What a list tells of a ticket, read leniently: a record of unknown shape is found out later, and hides no other."""

    id: str
    changed_at: datetime | None
    record: Record


class Changes(NamedTuple):
    """Records that changed, open or not; which of them are open by now; and how many tickets are open altogether."""

    records: Sequence[Record]
    is_open: Callable[[Record], bool]
    total: int


def head(record: Record, changed: str) -> Head:
    """That of a record whose time of change is called so."""
    with suppress(*SHAPES):
        return Head(record.id(), record.when(changed), record)
    return Head(_id(record), None, record)


def _id(record: Record) -> str:
    with suppress(ValueError):
        return record.id()
    return ""


def by_number(page: Callable[[int], Listed]) -> Exchange[list[Record]]:
    """A whole list, a page at a time: `page(after)` asks for records of higher numbers, lowest first."""

    def numbered(after: int) -> Exchange[tuple[list[tuple[int | None, Record]], bool]]:
        records, more = yield from page(after)
        return [(one.number(), one) for one in records], more

    return reading.by_number(numbered)


def number(signal_id: str) -> int:
    """A ticket's number. In a query anything else would ask for other tickets: raises `Unreadable`."""
    if not (signal_id.isascii() and signal_id.isdecimal()):
        raise Unreadable(f"a ticket has a number, not {signal_id!r}")
    return int(signal_id)
