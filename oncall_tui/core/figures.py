"""The record of a time -> its figures: how long each customer was alone, and which promises were kept."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from oncall_tui import words
from oncall_tui.model import Board, Noun, Problem, Record, Ref, Signal, State, Verb, Write
from oncall_tui.phrases import UNNAMED

_SAME = timedelta(minutes=5)
"""A word of ours within that time and with the same text is the reply itself, as its source tells it again."""


class Outcome(enum.StrEnum):
    """What became of a promise."""

    KEPT = "kept"
    MISSED = "missed"
    OPEN = "open"


class Promise(Noun, frozen=True, kw_only=True):
    """That the customer would hear from us by `at`, as `write` told them."""

    write: Write
    customer: str
    at: datetime
    outcome: Outcome


class Figure(Noun, frozen=True, kw_only=True):
    """One customer's: seconds alone in all and the longest without a break, words to them, and promises by outcome."""

    customer: str
    alone_s: float = 0.0
    longest_s: float = 0.0
    is_alone: bool = False
    words: int = 0
    kept: int = 0
    missed: int = 0
    open: int = 0


def figures(board: Board, record: Record) -> tuple[Figure, ...]:
    """Of every customer who was alone or was told something, who was alone longest first."""
    spoken = [(whose(write, board, record), write) for write in replies(record)]
    made = promises(board, record)
    names = {called(one.customer): None for one in record.stretches} | {name: None for name, _ in spoken}
    found = (
        _figure(name, board, record, sum(who == name for who, _ in spoken), [p for p in made if p.customer == name])
        for name in names
    )
    return tuple(sorted(found, key=lambda figure: (-figure.alone_s, figure.customer)))


NOTHING = "Nobody was alone, and nothing was said."


def tell(found: Sequence[Figure]) -> list[str]:
    """A sentence a customer, and one of all promises: what the table of `oncall-tui figures` says, for narrow places."""
    return [*(_sentence(one) for one in found), *kept_of(found)] or [NOTHING]


def _sentence(one: Figure) -> str:
    alone = f"alone for {length(one.alone_s)}"
    longest = f", at most {length(one.longest_s)} at once" if 60 <= one.longest_s < one.alone_s else ""
    parts = [
        f"{alone}{longest}{' and still' if one.is_alone else ''}" if one.alone_s >= 60 or one.is_alone else "",
        words.counted(one.words, "word") if one.words else "",
        *(f"{words.counted(many, 'promise')} {what}" for many, what in _promised(one) if many),
    ]
    return f"{one.customer}: {' · '.join(part for part in parts if part) or 'alone for less than a minute'}"


def _promised(one: Figure) -> tuple[tuple[int, str], ...]:
    return (one.kept, "kept"), (one.missed, "missed"), (one.open, "open")


def kept_of(found: Sequence[Figure]) -> list[str]:
    """``5 of 6 promises kept.``; nothing when none fell due."""
    kept, missed = sum(one.kept for one in found), sum(one.missed for one in found)
    return [f"{kept} of {words.counted(kept + missed, 'promise')} kept."] if kept + missed else []


def length(seconds: float) -> str:
    """How long somebody was alone; what is less than a minute is ``0m``."""
    return words.span(seconds) if seconds >= 60 else "0m"


def _figure(name: str, board: Board, record: Record, told: int, made: Sequence[Promise]) -> Figure:
    own = [one for one in record.stretches if called(one.customer) == name]
    spans = _merged((max(one.since, record.since), one.until) for one in own)
    lengths = [(end - start).total_seconds() for start, end in spans]
    return Figure(
        customer=name,
        alone_s=sum(lengths),
        longest_s=max(lengths, default=0.0),
        is_alone=any(one.until >= board.as_of for one in own),
        words=told,
        kept=sum(one.outcome is Outcome.KEPT for one in made),
        missed=sum(one.outcome is Outcome.MISSED for one in made),
        open=sum(one.outcome is Outcome.OPEN for one in made),
    )


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Nobody is alone twice at the same time, in however many problems."""
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def called(name: str) -> str:
    """A customer's name, also of one who has none."""
    return name or UNNAMED


def replies(record: Record) -> list[Write]:
    """Words to customers that arrived, and were not taken back."""
    arrived = [write for write in record.writes if write.state in (State.DELIVERED, State.CONFIRMED)]
    retracted = {write.after for write in arrived if write.verb is Verb.RETRACT}
    return [write for write in arrived if write.verb is Verb.REPLY and write.id not in retracted]


def promises(board: Board, record: Record) -> list[Promise]:
    """What replies promised, oldest first, and what became of it."""
    return [
        Promise(
            write=write,
            customer=whose(write, board, record),
            at=write.promise_at,
            outcome=_outcome(write, write.promise_at, board, record),
        )
        for write in replies(record)
        if write.promise_at
    ]


def _outcome(write: Write, at: datetime, board: Board, record: Record) -> Outcome:
    """Kept when they heard from us in time, or when it was over before; missed only when we know that it was not."""
    said_at = write.delivered_at or write.asked_at
    if any(said_at < heard_at <= at for heard_at in _heard(write, board, record)):
        return Outcome.KEPT
    if at > board.as_of:
        return Outcome.OPEN
    was_alone = any(one.problem == write.problem and one.since <= at < one.until for one in record.stretches)
    return Outcome.MISSED if was_alone or _signal(write.ref, board) else Outcome.KEPT


def _heard(write: Write, board: Board, record: Record) -> list[datetime]:
    """When else they heard from us in that ticket: what was said from here, and what the source shows of anybody."""
    from_here = [w.delivered_at or w.asked_at for w in replies(record) if w.ref == write.ref and w.id != write.id]
    signal = _signal(write.ref, board)
    said_at = write.delivered_at or write.asked_at
    shown = [
        message.at
        for message in (signal.messages if signal else ())
        if message.is_word and not (message.text.strip() == write.text.strip() and abs(message.at - said_at) < _SAME)
    ]
    return [*from_here, *shown]


def whose(write: Write, board: Board, record: Record) -> str:
    """The name of the customer whom a write is about."""
    problem = problem_of(write, board)
    if problem:
        theirs = [hurt.name for hurt in problem.customers if write.ref in hurt.refs]
        return called((theirs or [hurt.name for hurt in problem.customers] or [""])[0])
    return called(next((one.customer for one in record.stretches if one.problem == write.problem), ""))


def problem_of(write: Write, board: Board) -> Problem | None:
    """The problem that the write's signal belongs to now."""
    every = (*board.problems, *board.aside)
    return next((p for p in every if write.ref in p.refs), None) or board.find(write.problem)


def _signal(ref: Ref, board: Board) -> Signal | None:
    return next((s for p in (*board.problems, *board.aside) for s in p.signals if s.ref == ref), None)
