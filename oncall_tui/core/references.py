"""Joins signals of which one refers to the other: by its page, its fingerprint, its key or its ticket number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from oncall_tui.core.wording import may_refer, references
from oncall_tui.model import Kind, Signal, Voice

if TYPE_CHECKING:
    from oncall_tui.core.correlate import Together


def by_reference(together: Together) -> None:
    """Links that sources give, and what texts refer to.

    A bare number in a customer's words may be an order of theirs: it counts only for a ticket of the same customer. What
    a colleague or a monitor writes counts as it stands.
    """
    if not together.tickets and not any(signal.links for signal in together.signals):
        return
    names = _names(together.signals)
    for i, signal in enumerate(together.signals):
        for name in _trusted(signal):
            _join(together, i, names.get(name, ()), name)
        for name in _told_by_customer(signal):
            found = names.get(name, ())
            if name.startswith("#"):
                found = [j for j in found if _is_same_desk(together, i, j)]
            _join(together, i, found, name)


def _names(signals: Iterable[Signal]) -> dict[str, list[int]]:
    """By what each signal can be referred to."""
    names: dict[str, list[int]] = {}
    for i, signal in enumerate(signals):
        own = {signal.id, signal.url, *((f"#{signal.id}",) if signal.kind is Kind.TICKET else ())}
        for name in own:
            if len(name) > 2:
                names.setdefault(name, []).append(i)
    return names


def _join(together: Together, i: int, found: Iterable[int], name: str) -> None:
    for j in found:
        if i != j:
            together.join(i, j, f"{_short(together.signals[i])} refers to {_short(together.signals[j])}")


def _short(signal: Signal) -> str:
    return f"#{signal.id}" if signal.kind is Kind.TICKET else signal.title


def _is_same_desk(together: Together, i: int, j: int) -> bool:
    one, other = together.signals[i], together.signals[j]
    return one.source == other.source and together.roll.keys[i] == together.roll.keys[j] != ""


def _trusted(signal: Signal) -> Iterable[str]:
    """What the source links to, what an alert's text says, what one of ours wrote."""
    yield from signal.links
    if signal.kind is Kind.ALERT:
        if signal.text and may_refer(signal.text):
            yield from references(signal.text)
        return
    for message in signal.messages:
        if message.voice is not Voice.THEIRS and may_refer(message.text):
            yield from references(message.text)


def _told_by_customer(signal: Signal) -> Iterable[str]:
    if signal.kind is Kind.ALERT:
        return
    yield from references(signal.title)
    for message in signal.messages:
        if message.voice is Voice.THEIRS and may_refer(message.text):
            yield from references(message.text)
    if not signal.messages:
        yield from references(signal.text)
