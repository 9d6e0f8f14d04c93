"""One scrollable list for everything that is not the focus screen: of lines to read, or of things to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from oncall_tui import safe
from oncall_tui.ui.foot import spoken
from oncall_tui.ui.head import head
from oncall_tui.ui.ink import Ink, Line, Piece, clip, frame, line, rule, width
from oncall_tui.ui.key import Where
from oncall_tui.ui.rebinding import MOVES
from oncall_tui.ui.sight import Sight

T = TypeVar("T")


_MOST_LETTERS = 200
"""Longer than any number, name or title that is looked for."""


def letters(text: str) -> str:
    """Text that arrived in one piece, as if it were typed: its first line, for the end of it must choose nothing."""
    return next((safe.prose(one) for one in text.splitlines() if one.strip()), "")[:_MOST_LETTERS]


def _as_words(item: object, sight: Sight) -> Line:
    return line(str(item))


class Page(Generic[T]):
    """Items from a pure function, drawn only as far as they are visible; an item that is a line cannot be chosen.

    `items` gives what is there now, `paint` one item as a line, `name` what an item is known by across boards. `enter`
    is what `choose` does with the chosen one.
    """

    def __init__(
        self,
        title: str | Callable[[Sight], str],
        items: Callable[[Sight], Sequence[Line | T]],
        *,
        paint: Callable[[T, Sight], Line] = _as_words,
        name: Callable[[T], object] = lambda item: item,
        where: Where = Where.PAGE,
        enter: Callable[[T], None] | None = None,
        hint: str = "",
    ) -> None:
        self.title, self.items, self.paint, self.name, self.where = title, items, paint, name, where
        self.enter, self.hint = enter, hint
        self.top = 0
        self.chosen: object = None
        self._shown: Sequence[Line | T] = ()
        self._room = 1

    def item(self) -> T | None:
        """What is chosen now."""
        at = self._at()
        return None if at is None else self._shown[at]  # type: ignore[return-value]

    def choose(self) -> bool:
        """Does with the chosen item what this page is for; whether there was one."""
        item = self.item()
        if item is None or self.enter is None:
            return False
        self.enter(item)
        return True

    def pressed(self, key: str, name: str = "") -> bool:
        """Moves, unless the key does something of that `name` here; whether it was for us."""
        if name or key not in MOVES:
            return False
        self._move(MOVES[key], to_end=key == "end")
        return True

    def pasted(self, letters: str) -> bool:
        """Takes letters that arrived in one piece, where letters are typed; whether they are."""
        del letters
        return False

    def lines(self, sight: Sight) -> list[Line]:
        """The screen: the head, the title, as many items as fit, what was told, and the keys."""
        below = self._foot(sight)
        self._room = max(sight.height - 3 - len(below), 1)
        self._shown = self.items(sight)
        self._settle()
        title = self.title if isinstance(self.title, str) else self.title(sight)
        visible = self._shown[self.top : self.top + self._room]
        chosen = self._at()
        rows = [self._row(item, sight, chosen=chosen is not None and self._shown[chosen] is item) for item in visible]
        top = [head(sight), rule(sight.width, title)]
        return [*frame([*top, *rows], sight.width, self._room + 2), rule(sight.width, self._more()), *below]

    def _row(self, item: Line | T, sight: Sight, *, chosen: bool) -> Line:
        if isinstance(item, tuple):
            return clip(item, sight.width)
        row = clip(self.paint(item, sight), max(sight.width - 2, 1))
        if not chosen:
            return (Piece("  "), *row)
        return (Piece("▸ ", Ink.KEY), *(piece._replace(ink=Ink.CHOSEN) for piece in row))

    def _more(self) -> str:
        below = len(self._shown) - self.top - self._room
        return f"{below} more below" if below > 0 else ""

    def _foot(self, sight: Sight) -> list[Line]:
        if sight.editing:
            return []
        said = spoken(sight) if sight.asked or sight.told.text else [line(f" {self.hint}", ink=Ink.DIM)]
        return [*said, self._bar(sight)]

    def _bar(self, sight: Sight) -> Line:
        back = line(" ", Piece(sight.keys.called("back"), Ink.KEY), " back ")
        return (*back, *sight.keys.bar(self.where, sight.width - width(back)))

    # --- moving ------------------------------------------------------------------------------------------------------

    def _at(self) -> int | None:
        """Where the chosen item is; the first one that can be chosen when it is gone."""
        first = None
        for i, item in enumerate(self._shown):
            if isinstance(item, tuple):
                continue
            if self.name(item) == self.chosen:
                return i
            first = i if first is None else first
        return first

    def _settle(self) -> None:
        """Keeps the chosen item in sight and the top within the list, whatever came or went."""
        at = self._at()
        if at is not None:
            self.chosen = self.name(self._shown[at])  # type: ignore[arg-type]
            self.top = min(max(self.top, at - self._room + 1), at)
        self.top = max(min(self.top, len(self._shown) - self._room), 0)

    def _move(self, by: int | None, *, to_end: bool) -> None:
        by = by if by is None else max(min(by, self._room), -self._room)
        at = self._at()
        if at is None:
            self.top = (len(self._shown) if to_end else 0) if by is None else self.top + by
            self.top = max(min(self.top, len(self._shown) - self._room), 0)
            return
        goal = (len(self._shown) - 1 if to_end else 0) if by is None else at + by
        step = 1 if goal > at else -1
        self._choose_near(max(min(goal, len(self._shown) - 1), 0), step)

    def _choose_near(self, goal: int, step: int) -> None:
        """The item at `goal`, or the next one beyond it that can be chosen, or the last one before it."""
        beyond = range(goal, len(self._shown)) if step > 0 else range(goal, -1, -1)
        before = range(goal, -1, -1) if step > 0 else range(goal, len(self._shown))
        for i in (*beyond, *before):
            if not isinstance(self._shown[i], tuple):
                self.chosen = self.name(self._shown[i])
                self.top = 0 if i < self._room and step < 0 and i == self._first() else self.top
                return

    def _first(self) -> int:
        return next((i for i, item in enumerate(self._shown) if not isinstance(item, tuple)), 0)
