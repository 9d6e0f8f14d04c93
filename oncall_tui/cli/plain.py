"""Board -> plain lines that say what the screen says, for a pipe, a screen reader and a status bar."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from oncall_tui import phrases, words
from oncall_tui.model import Board, Kind, Problem, Signal, Write


def following(board: Board) -> list[str]:
    """The most urgent problem in sentences, then what else there is; `calm` when there is none."""
    if not board.problems:
        return [calm(board)]
    problem = board.problems[0]
    first = [] if any(one.alone.is_alone for one in board.problems) else [calm(board)]
    return [*first, *_problem(problem, board.as_of), f"Its id is {problem.id}.", *_others(board)]


def _problem(problem: Problem, now: datetime) -> list[str]:
    lines = [f"{phrases.everybody(problem)}: {phrases.suffers(problem)}.", _alone(problem, now)]
    if len(problem.customers) > 1:
        lines.append(f"Also hurt: {_joined(customer.name for customer in problem.customers[1:])}.")
    lines.append(f"At stake: {_joined(phrases.stake(problem, now))}.")
    lines += [f"They say: “{hurt.last_words}” ({phrases.speaker(hurt, now)})" for hurt in phrases.speakers(problem)]
    lines += [f"We see: {signal(one, now)}." for one in phrases.signals(problem)]
    lines += [f"{why[:1].upper()}{why[1:]}." for why in problem.joined]
    lines += [f"We say: {said(write)}." for write in problem.writes if write.state.has_effect or write.fault]
    lines.append(f"With them: {_joined(phrases.with_them(problem, now))}.")
    lines.append(f"Why first: {_joined(phrases.why_first(problem))}.")
    return lines


def _alone(problem: Problem, now: datetime) -> str:
    if not problem.alone.is_alone:
        return f"They are not alone: {problem.alone.why or phrases.clock(problem, now)}."
    since = problem.alone.since or problem.started_at
    span = words.span((now - since).total_seconds())
    lasting = "only just now" if span == "now" else f"for {span}"
    return f"They are alone {lasting}, since {words.clock(since)}: {problem.alone.why}."


def signal(one: Signal, now: datetime) -> str:
    """One signal in a line: what, where, how bad, what is new, from which source."""
    where = one.host or one.service
    parts = (phrases.name(one), where, one.severity, phrases.news(one, now), one.source)
    kind = "ticket " if one.kind is Kind.TICKET else ""
    return kind + _joined(part for part in parts if part)


def _others(board: Board) -> list[str]:
    rest = board.problems[1:]
    lines = [f"Then {rank}: {_row(problem, board.as_of)}." for rank, problem in enumerate(rest[:2], 2)]
    alone = sum(problem.alone.is_alone for problem in rest[2:])
    if rest[2:]:
        lines.append(f"{words.counted(len(rest) - 2, 'more problem')}, {alone or 'nobody'} alone.")
    if board.aside:
        lines.append(f"{words.counted(len(board.aside), 'problem')} out of the way: {_asides(board.aside)}.")
    return lines


def _row(problem: Problem, now: datetime) -> str:
    return f"{phrases.everybody(problem)}, {phrases.suffers(problem)}, {phrases.in_hand(problem, now)}"


def _asides(problems: Sequence[Problem]) -> str:
    shown = [f"{problem.id} {problem.title} ({problem.aside})" for problem in problems[:3]]
    return _joined([*shown, "..."] if len(problems) > 3 else shown)


def calm(board: Board) -> str:
    """That nobody is alone, said only as far as we know."""
    if board.quiet:
        return "Nobody is alone. Every source answered within its interval."
    late = [phrases.fault(source, board.as_of) for source in board.sources if not source.live]
    return f"Nobody is known to be alone, but not everything is known: {_joined(late)}."


def listed(board: Board) -> list[str]:
    """Every problem, a line each: place, state, impact, customer, what it is, id; then those out of the way."""
    now = board.as_of
    rows = [
        (
            str(rank),
            phrases.in_hand(problem, now),
            problem.impact.word,
            phrases.everybody(problem),
            _what(problem),
            problem.id,
        )
        for rank, problem in enumerate(board.problems, 1)
    ]
    rows += [
        ("-", problem.aside, problem.impact.word, phrases.everybody(problem), _what(problem), problem.id)
        for problem in board.aside
    ]
    return columns(rows) if rows else [calm(board)]


def _what(problem: Problem) -> str:
    fire = "on fire: " if problem.on_fire else ""
    return f"{fire}{phrases.suffers(problem)}"


def line(board: Board) -> str:
    """One short line for a status bar: who is alone and how long, how many more, which source is silent."""
    alone = [problem for problem in board.problems if problem.alone.is_alone]
    late, partial = phrases.missing(board)
    parts = [*([f"no answer from {late}"] if late else []), *([f"not all from {partial}"] if partial else [])]
    if not alone:
        return " · ".join(["quiet" if board.quiet else "nobody known to be alone", *parts])
    first = f"{phrases.clock(alone[0], board.as_of)} {phrases.who(alone[0])}: {phrases.suffers(alone[0])}"
    more = [f"{len(alone) - 1} more alone"] if len(alone) > 1 else []
    return " · ".join([first, *more, *parts])


def explained(problem: Problem) -> list[str]:
    """Each factor, what it saw and its points, with their sum: they add up to the score."""
    rows = [("factor", "what it saw", "points")]
    rows += [(reason.factor, reason.words, f"{reason.points:.2f}") for reason in problem.reasons]
    rows.append(("score", "", f"{problem.score:.2f}"))
    last = [f"Its place was decided by: {problem.rule}."] if problem.rule else []
    return [f"{phrases.everybody(problem)}: {phrases.suffers(problem)}", *columns(rows), *last]


def outbox(writes: Iterable[Write]) -> list[str]:
    """Each write, a line: when, what was said to which signal, where it is on its way, its words."""
    rows = [
        (
            _day(write.asked_at),
            write.verb.value,
            write.ref,
            words.state(write),
            words.quoted(write.text),
            write.id,
        )
        for write in writes
    ]
    return columns(rows) if rows else ["The outbox is empty."]


def _day(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def said(write: Write) -> str:
    """One write: what, to which signal, and where it is."""
    return f"{write.verb.value} {write.ref}: {words.state(write)}"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """`rows` as lines with their columns aligned, two blanks apart; the last column is left as it is."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        padded = [cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)]
        lines.append("  ".join(padded).rstrip())
    return lines


def width(text: str) -> int:
    """How many terminal cells `text` takes: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)
