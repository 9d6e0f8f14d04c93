"""The foot of every screen: what is being asked, or what became of the last key; then the keys."""

from __future__ import annotations

from oncall_tui.ui.ink import BLANK, Line, Piece, line, wrap
from oncall_tui.ui.keys import Where
from oncall_tui.ui.sight import Sight

_MOST = 3


def foot(sight: Sight, where: Where) -> list[Line]:
    """One line to answer in, more where there is more to read than fits, and the key bar."""
    return [*spoken(sight), sight.keys.bar(where, sight.width)]


def spoken(sight: Sight) -> list[Line]:
    """The question that waits, whole; else what was told, in at most three lines."""
    if sight.asked:
        return sight.asked.lines(sight.width)
    text, ink = sight.told
    rows = wrap(text, sight.width - 2)[:_MOST]
    return [line(Piece(f" {row}", ink)) if row else BLANK for row in rows]
