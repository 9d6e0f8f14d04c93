"""All that a screen is drawn from, as one value: what is known, what is under the hands, and how much room there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from oncall_tui.model import Board, Problem
from oncall_tui.ui.asking import Question
from oncall_tui.ui.ink import SILENCE, Piece
from oncall_tui.ui.keys import Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """`problem` is the one under the hands and `over` says why it is no more on the board, "" while it is.

    `told` is the answer to the last key, `asked` a question that waits for one. `editing` while an editor is open below.
    """

    board: Board | None
    now: datetime
    me: str
    width: int
    height: int
    keys: Keys = field(default_factory=Keys)
    problem: Problem | None = None
    over: str = ""
    told: Piece = SILENCE
    asked: Question | None = None
    editing: bool = False

    @property
    def is_too_small(self) -> bool:
        """Whether nothing can be told in that room but whose problem it is."""
        return self.width < 30 or self.height < 8

    @property
    def is_narrow(self) -> bool:
        """Whether this is a phone rather than a terminal."""
        return self.width < 60
