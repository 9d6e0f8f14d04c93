"""Lines of styled text as plain values: what every screen is drawn with before any terminal is involved.

A line is a tuple of pieces, a piece some text and the ink it is written in. Widths are terminal cells, not characters.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len

from oncall_tui import safe


class Ink(enum.Enum):
    """What a piece of text means; the theme decides how that looks."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    ALARM = "alarm"
    DOWN = "down"
    WARN = "warn"
    GOOD = "good"
    NOTE = "note"
    REPLY = "reply"
    RULE = "rule"
    KEY = "key"
    CHOSEN = "chosen"


class Piece(NamedTuple):
    """Some text in one ink."""

    text: str
    ink: Ink = Ink.PLAIN


Line: TypeAlias = tuple[Piece, ...]

ELLIPSIS = "…"
BLANK: Line = ()
SILENCE = Piece("")


def line(*parts: str | Piece, ink: Ink = Ink.PLAIN) -> Line:
    """A line of these parts; plain strings are written in `ink`. Text is made safe here, so that it is measured as shown."""
    return tuple(
        Piece(_clean(part.text), part.ink) if isinstance(part, Piece) else Piece(_clean(part), ink) for part in parts
    )


def _clean(text: str) -> str:
    """As `safe.line`, with our own runs of blanks kept."""
    return text if text.isascii() and text.isprintable() else safe.prose(text).replace("\n", " ")


def width(pieces: Line) -> int:
    """Cells that the line takes."""
    return sum(cell_len(piece.text) for piece in pieces)


def cut(text: str, cells: int) -> str:
    """`text` in at most that many cells, ending in an ellipsis when something was left out."""
    if _fits(text, cells):
        return text
    if cells <= 0:
        return ""
    return _head(text, cells - 1).rstrip() + ELLIPSIS


def _head(text: str, cells: int) -> str:
    """As many whole characters as fit. Measured as a whole at the end, for a mark may change its base's width."""
    if (head := text[:cells]).isascii() and head.isprintable():
        return head
    used, end = 0, 0
    for end, char in enumerate(text):  # noqa: B007 (the loop may run to its end)
        used += cell_len(char)
        if used > cells:
            break
    else:
        end = len(text)
    while end and cell_len(text[:end]) > cells:
        end -= 1
    return text[:end]


def pad(text: str, cells: int) -> str:
    """`text` in exactly that many cells."""
    text = cut(text, cells)
    return text + " " * (cells - cell_len(text))


def clip(pieces: Line, cells: int) -> Line:
    """The line in at most that many cells."""
    if width(pieces) <= cells:
        return pieces
    kept: list[Piece] = []
    for piece in pieces:
        room = cells - width(tuple(kept))
        if cell_len(piece.text) > room or room <= 0:
            kept.append(Piece(cut(piece.text + ELLIPSIS, room), piece.ink))
            break
        kept.append(piece)
    return tuple(kept)


def spread(left: Line, right: Line, cells: int) -> Line:
    """`left` and `right` at the two ends of a line; what is too long is cut from the left one."""
    left = clip(left, max(cells - width(right) - 2, 0))
    return (*left, Piece(" " * max(cells - width(left) - width(right), 0)), *right)


def rule(cells: int, title: str = "", ink: Ink = Ink.RULE) -> Line:
    """A line across, with words in it."""
    if not title:
        return (Piece("─" * cells, ink),)
    title = cut(_clean(title), max(cells - 6, 0))
    return (Piece(f"── {title} {'─' * max(cells - cell_len(title) - 4, 0)}", ink),)


def wrap(text: str, cells: int) -> list[str]:
    """`text` (its own line ends kept) broken between words into lines of at most that many cells."""
    return list(_wrapped(text, max(cells, 4)))


@lru_cache(maxsize=64)
def _wrapped(text: str, cells: int) -> tuple[str, ...]:
    """Kept for the next repaint: a ticket may hold a whole log, and the fire's clock paints it every second."""
    return tuple(one for paragraph in safe.prose(text).split("\n") for one in _wrap_one(paragraph, cells))


def _wrap_one(paragraph: str, cells: int) -> list[str]:
    lines, now = [], ""
    for word in paragraph.split():
        longer = f"{now} {word}" if now else word
        if now and not _fits(longer, cells):
            lines.append(now)
            longer = word
        now = longer
        while not _fits(now, cells):
            head = _head(now, cells)
            lines.append(head)
            now = now[len(head) :]
    return [*lines, now]


def _fits(text: str, cells: int) -> bool:
    """Whether it takes at most that many cells. What is much longer is not measured: a word may be as long as a book."""
    return len(text) <= cells * _CHARS_A_CELL and cell_len(text) <= cells


_CHARS_A_CELL = 3
"""A letter and the marks that `safe` leaves on it."""


def frame(lines: Sequence[Line], cells: int, height: int) -> list[Line]:
    """Exactly `height` lines, none wider than `cells`."""
    kept = [clip(one, cells) for one in lines[:height]]
    return kept + [BLANK] * (height - len(kept))


def plain(pieces: Line) -> str:
    """The line without its inks."""
    return "".join(piece.text for piece in pieces)


_ASCII = str.maketrans({
    "─": "-", "│": "|", "·": "-", "…": "~", "■": "X", "▲": "^", "●": "*", "○": "o", "▸": ">", "→": ">", "✓": "+",
    "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "×": "x",
})  # fmt: skip


def ascii_only(text: str) -> str:
    """`text` for a terminal that cannot show more than ASCII, cell for cell: our shapes have stand-ins, the rest is ``?``."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else "?" * cell_len(char) for char in text.translate(_ASCII))
