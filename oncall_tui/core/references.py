"""Joins signals of which one refers to the other: by its page, its fingerprint, its key or its ticket number."""

from __future__ import annotations

from collections.abc import Iterable

from oncall_tui.core.together import Together
from oncall_tui.model import Kind, Signal


def by_reference(together: Together) -> None:
    """Links that sources give, and what texts refer to.

    A bare number in a customer's words may be an order of theirs: it counts only for a ticket of the same customer. What
    a colleague or a monitor writes counts as it stands.
    """
    has_keys = any(columns.has_keys for columns, _ in together.placed)
    for columns, start in together.placed:
        for i, ours, theirs in columns.told(has_keys=has_keys):
            for name in ours:
                _join(together, start + i, _named(together, name))
            for name in theirs:
                any_desk = not name.startswith("#")
                found = [j for j in _named(together, name) if any_desk or _is_same_desk(together, start + i, j)]
                _join(together, start + i, found)


def _named(together: Together, name: str) -> Iterable[int]:
    """What is referred to: by its id, as a ticket's number, or by its page."""
    for columns, start in together.placed:
        i = columns.by_id.get(name.removeprefix("#"))
        if i is not None and (not name.startswith("#") or columns.signals[i].kind is Kind.TICKET):
            yield start + i
        if "://" in name:
            yield from (start + i for i in columns.by_page.get(name, ()))


def _join(together: Together, i: int, found: Iterable[int]) -> None:
    for j in found:
        if i != j:
            together.join(i, j, f"{_short(together.signals[i])} refers to {_short(together.signals[j])}")


def _short(signal: Signal) -> str:
    return f"#{signal.id}" if signal.kind is Kind.TICKET else signal.title


def _is_same_desk(together: Together, i: int, j: int) -> bool:
    one, other = together.signals[i], together.signals[j]
    return one.source == other.source and together.keys[i] == together.keys[j] != ""
