"""What is under the engineer's hands: one problem, held by its identity, that nothing but the engineer replaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall_tui import phrases
from oncall_tui.model import Board, Problem

_OPENING = timedelta(seconds=2)
"""Nobody has read a problem and reached for a key sooner; a source that takes longer is not waited for."""


@dataclass(slots=True)
class Hands:
    """`problem` as the last board that had it showed it; `over` says why it is no more on the board."""

    problem: Problem | None = None
    over: str = ""
    go_key: str = "g"
    before: Problem | None = None
    opens_until: datetime | None = None

    def see(self, board: Board) -> None:
        """Takes the new state of the held problem. Empty hands take the first one.

        While the night opens they go on taking the first one: which source answers first is no reason to show its problem.
        """
        if self.problem is None and board.problems:
            self.opens_until = board.as_of + _OPENING
        is_free = self.opens_until is not None and board.as_of < self.opens_until
        if all(source.answered_at or source.fault for source in board.sources):
            self.opens_until = None
        if self.problem is None or is_free:
            self.problem = board.problems[0] if board.problems else None
            return
        found = board.find(self.problem.id)
        self.problem, self.over = found or self.problem, "" if found else self._why_over(self.problem, board)

    def hold(self) -> None:
        """A key was pressed: what is on the screen stays there from now on."""
        self.opens_until = None

    def take(self, problem: Problem | None) -> None:
        """Puts another one under the hands, because the engineer said so."""
        self.hold()
        self.before, self.problem, self.over = self.problem, problem, ""

    def go(self, board: Board) -> str:
        """To the most urgent one; from there back to where we were. Returns why not, "" when gone."""
        first = _heir(self.problem, board) if self.over and self.problem else None
        first = first or (board.problems[0] if board.problems else None)
        if first is None:
            nowhere = "there is no problem to go to" if self.problem is None else ""
            self.take(None)
            return nowhere
        if self.problem is None or first.id != self.problem.id:
            self.take(first)
            return ""
        back = board.find(self.before.id) if self.before else None
        if back is None or back.id == first.id:
            return "this is the most urgent one"
        self.take(back)
        return ""

    def _why_over(self, problem: Problem, board: Board) -> str:
        heir = _heir(problem, board)
        if heir:
            return f"this is part of another problem now: {phrases.everybody(heir)}; {self.go_key} goes there"
        return f"this is over: no source reports it any more; {self.go_key} goes on"


def _heir(problem: Problem, board: Board) -> Problem | None:
    """The problem that holds its signals now, if it was joined with another."""
    refs = set(problem.refs)
    return next((p for p in (*board.problems, *board.aside) if not refs.isdisjoint(p.refs)), None)
