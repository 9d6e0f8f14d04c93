"""A question in one line: nothing else is done until it is answered or left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oncall_tui.ui.ink import ELLIPSIS, Ink, Line, Piece, cut, line, width, wrap

_MOST = 4
"""Lines that the words of a question may take: what is asked about must stay in sight, and so must the answers."""

_NAME = 40
"""Cells in which what is to be chosen is known by its name; on a wide screen it has a third of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One key that answers, in words, and what then happens."""

    key: str
    words: str
    then: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked and what can be answered; escape leaves it without an answer.

    `about` are lines under a `title` that can be looked through before; they stand above in place of the problem.
    """

    words: str
    answers: tuple[Answer, ...]
    title: str = ""
    about: tuple[str, ...] = ()

    def answer(self, key: str) -> Answer | None:
        """The answer that this key gives."""
        return next((answer for answer in self.answers if answer.key == key), None)

    def lines(self, cells: int) -> list[Line]:
        """The question in at most four lines, its beginning and its end, and all its keys."""
        said = wrap(self.words, cells - 2)
        if len(said) > _MOST:
            said = [said[0], cut(said[1], cells - 3).rstrip(ELLIPSIS) + ELLIPSIS, *said[2 - _MOST :]]
        rows: list[Line] = [line(f" {row}", ink=Ink.STRONG) for row in said]
        mark = ":" if any(answer.key.isdigit() for answer in self.answers) else ""  # "1 15m 2 30m" is hard to read
        for answer in self.answers:
            words = cut(answer.words, max(cells // 3, _NAME))
            shown = line("  ", Piece(f"{answer.key}{mark}", Ink.KEY), f" {words}")
            if width(rows[-1]) + width(shown) > cells:
                rows.append(())
            rows[-1] += shown
        return rows


def confirm(
    words: str,
    then: Callable[[], None],
    *,
    otherwise: Callable[[], None] = lambda: None,
    title: str = "",
    about: tuple[str, ...] = (),
) -> Question:
    """A question that is answered with y or n."""
    return Question(words, (Answer("y", "yes", then), Answer("n", "no", otherwise)), title, about)
