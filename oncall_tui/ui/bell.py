"""When the bell rings: for a fire that is alone, at once and again; for what overtakes; for a promise that falls due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from oncall_tui.model import Board, Problem

AGAIN = timedelta(minutes=3)
"""A fire whose customers are alone rings this often until somebody is with them."""

BEFORE = timedelta(minutes=3)
"""A promise of mine rings this long before it would be broken."""


class Bell:
    """Remembers what rang when, so that each thing rings once and a fire again and again."""

    def __init__(self) -> None:
        self._rang: Mapping[str, datetime] = {}

    def rings(self, board: Board, now: datetime) -> bool:
        """Whether to ring now. What burns already at the start rings too; nothing rings for what is in hand."""
        causes = _causes(board, now)
        new = [cause for cause, again in causes.items() if self._is_due(cause, again, now)]
        self._rang = {cause: now if cause in new else self._rang[cause] for cause in causes}
        return bool(new)

    def _is_due(self, cause: str, again: timedelta | None, now: datetime) -> bool:
        rang_at = self._rang.get(cause)
        return rang_at is None or (again is not None and now - rang_at >= again)


def _causes(board: Board, now: datetime) -> dict[str, timedelta | None]:
    """What rings, and after how long again (None: once)."""
    causes: dict[str, timedelta | None] = {f"fire {p.id}": AGAIN for p in board.problems if _burns(p)}
    if board.problems and board.problems[0].alone.is_alone:
        causes[f"first {board.problems[0].id}"] = None
    for problem in board.problems:
        if problem.mine and problem.promise_at and problem.promise_at - now <= BEFORE:
            causes[f"promise {problem.id} {problem.promise_at}"] = None
    return causes


def _burns(problem: Problem) -> bool:
    return problem.on_fire and problem.alone.is_alone
