"""A question in one line: nothing else is done until it is answered or left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oncall_tui.ui.ink import Ink, Line, Piece, line, width, wrap


@dataclass(frozen=True, slots=True)
class Answer:
    """One key that answers, in words, and what then happens."""

    key: str
    words: str
    then: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked and what can be answered; escape leaves it without an answer."""

    words: str
    answers: tuple[Answer, ...]

    def answer(self, key: str) -> Answer | None:
        """The answer that this key gives."""
        return next((answer for answer in self.answers if answer.key == key), None)

    def lines(self, cells: int) -> list[Line]:
        """The question and its keys, whole, in as many lines as they need."""
        rows: list[Line] = [line(f" {row}", ink=Ink.STRONG) for row in wrap(self.words, cells - 2)]
        for answer in self.answers:
            shown = line("  ", Piece(answer.key, Ink.KEY), f" {answer.words}")
            if width(rows[-1]) + width(shown) > cells:
                rows.append(())
            rows[-1] += shown
        return rows


def confirm(words: str, then: Callable[[], None], *, otherwise: Callable[[], None] = lambda: None) -> Question:
    """A question that is answered with y or n."""
    return Question(words, (Answer("y", "yes", then), Answer("n", "no", otherwise)))
