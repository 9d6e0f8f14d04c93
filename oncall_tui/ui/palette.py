"""The palette: everything that can be done from the problem, and every problem to go to, found by a few letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from oncall_tui import phrases
from oncall_tui.model import Problem
from oncall_tui.ui.ink import Ink, Line, Piece, clip, line, pad
from oncall_tui.ui.keys import Key, Where
from oncall_tui.ui.page import Page
from oncall_tui.ui.queue import row
from oncall_tui.ui.sight import Sight


class Palette(Page[Key | Problem]):
    """Letters narrow it down, enter does what is chosen: a key as if it had been pressed, a problem put on the screen."""

    def __init__(self, enter: Callable[[Key | Problem], None]) -> None:
        super().__init__(
            lambda _: f"do: {self.typed}_",
            self._items,
            paint=_row,
            name=lambda item: item.name if isinstance(item, Key) else item.id,
            enter=enter,
            hint="letters narrow it down",
        )
        self.typed = ""

    def pressed(self, key: str, name: str = "") -> bool:
        """Letters narrow it down; what moves in any list moves here, but for letters and the space bar."""
        if key == "enter":
            return self.choose()
        if key in ("backspace", "ctrl+h"):
            self._narrow(self.typed[:-1])
        elif key == "space" or len(key) == 1:
            self._narrow(self.typed + (" " if key == "space" else key))
        else:
            return super().pressed(key, name)
        return True

    def pasted(self, letters: str) -> bool:
        self._narrow(self.typed + letters)
        return True

    def _bar(self, sight: Sight) -> Line:
        """Every other key is a letter here."""
        back = Piece(sight.keys.called("back"), Ink.KEY)
        return clip(line(" ", back, " back  ", Piece("enter", Ink.KEY), " do it"), sight.width)

    def _narrow(self, typed: str) -> None:
        """The best match is chosen anew with each letter."""
        self.typed, self.chosen, self.top = typed, None, 0

    def _items(self, sight: Sight) -> Sequence[Line | Key | Problem]:
        keys = [key for key in sight.keys if key.where in (Where.FOCUS, Where.ANYWHERE) and key.name not in _USELESS]
        problems = sight.board.problems if sight.board else ()
        able = [key for key in keys if _holds(f"{key.name} {key.short} {key.long}", self.typed)]
        there = [one for one in problems if _holds(_called(one), self.typed)]
        found: list[Line | Key | Problem] = [*sorted(able, key=self._rank), *there]
        return found or [line("  nothing begins with these letters", ink=Ink.DIM)]

    def _rank(self, key: Key) -> bool:
        """What is called so stands before what is only explained with that word."""
        return not _holds(f"{key.name} {key.short}", self.typed)


_USELESS = ("palette", "back")
"""What would do nothing from here."""


def _holds(text: str, typed: str) -> bool:
    """Whether each word that was typed begins a word of the text."""
    words = re.findall(r"\w+", text.casefold())
    return all(any(word.startswith(begin) for word in words) for begin in re.findall(r"\w+", typed.casefold()))


def _called(problem: Problem) -> str:
    """What people call it: its title, whom it hurts, each ticket's number; an alert's number is not one that is typed."""
    signals = (f"{signal.source} {phrases.name(signal)}" for signal in problem.signals)
    return " ".join((problem.title, *(hurt.name for hurt in problem.customers), *signals))


def _row(item: Key | Problem, sight: Sight) -> Line:
    if isinstance(item, Problem):
        return row(item, sight)
    return line(Piece(pad(item.key, 8), Ink.KEY), f"{item.long}")
