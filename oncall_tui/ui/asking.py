"""A question in one line: nothing else is done until it is answered or left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oncall_tui.ui.ink import Ink, Line, Piece, cut, line, width


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

    def line(self, cells: int) -> Line:
        """The question and its keys; the keys stay whole when there is little room."""
        keys = [part for a in self.answers for part in (Piece(f" {a.key}", Ink.KEY), Piece(f" {a.words}".rstrip()))]
        shown = line(*keys)
        return (Piece(cut(f" {line(self.words)[0].text} ", max(cells - width(shown), 4)), Ink.STRONG), *shown)


def confirm(words: str, then: Callable[[], None], *, otherwise: Callable[[], None] = lambda: None) -> Question:
    """A question that is answered with y or n."""
    return Question(words, (Answer("y", "yes", then), Answer("n", "no", otherwise)))
