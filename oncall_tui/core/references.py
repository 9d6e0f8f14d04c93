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
    has_keys = any("-" in together.signals[i].id for i in together.tickets)
    told = [
        (i, list(_trusted(signal)), list(_told_by_customer(signal)))
        for i, signal in enumerate(together.signals)
        if signal.links or signal.kind is Kind.TICKET or (signal.text and may_refer(signal.text, has_keys=has_keys))
    ]
    names = _names(together.signals, {name.removeprefix("#") for _, ours, theirs in told for name in (*ours, *theirs)})
    for i, ours, theirs in told if names else ():
        for name in ours:
            _join(together, i, names.get(name, ()), name)
        for name in theirs:
            found: Iterable[int] = names.get(name, ())
            if name.startswith("#"):
                found = [j for j in found if _is_same_desk(together, i, j)]
            _join(together, i, found, name)


def _names(signals: Iterable[Signal], wanted: set[str]) -> dict[str, list[int]]:
    """What is referred to: by its id, as a ticket's number, or by its page."""
    names: dict[str, list[int]] = {}
    if not wanted:
        return names
    for i, signal in enumerate(signals):
        if signal.id in wanted:
            names.setdefault(signal.id, []).append(i)
            if signal.kind is Kind.TICKET:
                names.setdefault(f"#{signal.id}", []).append(i)
        if signal.url in wanted:
            names.setdefault(signal.url, []).append(i)
    return names


def _join(together: Together, i: int, found: Iterable[int], name: str) -> None:
    for j in found:
        if i != j:
            together.join(i, j, f"{_short(together.signals[i])} refers to {_short(together.signals[j])}")


def _short(signal: Signal) -> str:
    return f"#{signal.id}" if signal.kind is Kind.TICKET else signal.title


def _is_same_desk(together: Together, i: int, j: int) -> bool:
    one, other = together.signals[i], together.signals[j]
    return one.source == other.source and together.keys[i] == together.keys[j] != ""


def _trusted(signal: Signal) -> Iterable[str]:
    """What the source links to, what an alert's text says, what one of ours wrote."""
    yield from signal.links
    if signal.kind is Kind.ALERT:
        yield from references(signal.text)
        return
    for message in signal.messages:
        if message.voice is not Voice.THEIRS:
            yield from references(message.text)


def _told_by_customer(signal: Signal) -> Iterable[str]:
    if signal.kind is Kind.ALERT:
        return
    yield from references(signal.title)
    for message in signal.messages:
        if message.voice is Voice.THEIRS:
            yield from references(message.text)
    if not signal.messages:
        yield from references(signal.text)
