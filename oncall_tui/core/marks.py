"""When the next clock on a board passes a mark, so that the board is otherwise although nothing was heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from oncall_tui.model import Board, Weights


def next_mark(board: Board, now: datetime, weights: Weights) -> datetime | None:
    """A promise falls due, a snooze ends, or the first minutes alone are full; None when nothing of that is ahead."""
    return min((mark for mark in _marks(board, weights) if mark is not None and mark > now), default=None)


def _marks(board: Board, weights: Weights) -> Iterator[datetime | None]:
    first = timedelta(seconds=weights.waiting_first_s)
    for problem in (*board.problems, *board.aside):
        yield problem.promise_at
        yield problem.aside_until
        yield problem.alone.since and problem.alone.since + first
