"""Paints a screen by sending only the cells that changed, and only text: the last place before the terminal.

Everything that Textual paints comes by as an update of strips. They are laid out as cells, compared with a shadow of
what the terminal shows, and the difference is sent. The second cleaning of text is here too (the first is where it
enters): no code point that a terminal obeys, and no link that is not plain ASCII, gets past. It leans on internals of
Textual 8.2 (`LayoutUpdate`, `ChopsUpdate`); tests/terminal compares the emulated screens of this path and the stock one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple, TypeAlias

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.strip import Strip

from oncall_tui import safe

Update = LayoutUpdate | ChopsUpdate

SURPRISES = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What another Textual than the one we know would raise here; the inherited path then paints, with `cleaned` strips."""

_BRIDGE = 4
"""So many unchanged cells are sent again rather than skipped: a move costs more."""

_ERASE_FROM = 10
"""So many equal blanks in the middle of a line are cheaper erased than written."""

_LINK = re.compile(r"(?:https?://|mailto:)[!-~]{1,2000}")
_DRAWN_ALIKE = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u017f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25ff]*")
"""Characters of whose width no terminal in use has another opinion than one cell."""


class Pen(NamedTuple):
    """How a cell is drawn. `ground`: the background's SGR when a blank in this pen shows nothing else, else None."""

    sgr: str
    link: str
    ground: str | None


Cell: TypeAlias = tuple[str, Pen]

PLAIN = Pen("", "", "")
BLANK: Cell = (" ", PLAIN)


@lru_cache(4096)
def pen_of(style: Style | None, colors: ColorSystem) -> Pen:
    """The pen for a Rich style in those colours."""
    if style is None:
        return PLAIN
    link = style.link if style.link and _LINK.fullmatch(style.link) else ""
    shows = (
        style.underline or style.reverse or style.strike or style.overline or style.underline2 or style.blink or link
    )
    ground = None if shows else Strip.render_ansi(Style(bgcolor=style.bgcolor), colors)
    return Pen(Strip.render_ansi(style, colors), link, ground)


@lru_cache(4096)
def _blank_of(pen: Pen) -> Cell:
    """A blank drawn with that pen; the colour of its ink does not matter."""
    return (" ", pen if pen.ground is None else Pen(pen.ground, "", pen.ground))


def belt(text: str) -> str:
    """`text` with nothing left that a terminal obeys; the same object when there was nothing."""
    if text.isascii() and text.isprintable():
        return text
    return _belted(text)


@lru_cache(1024)
def _belted(text: str) -> str:
    return safe.prose(text).replace("\n", " ")


def cleaned(update: Update) -> Update:
    """The same update with every strip's text and links cleaned, for the path that we do not draw ourselves."""
    if isinstance(update, LayoutUpdate):
        return LayoutUpdate([[_clean_strip(strip) for strip in line] for line in update.strips], update.region)
    chops = [{x: strip and _clean_strip(strip) for x, strip in line.items()} for line in update.chops]
    return ChopsUpdate(chops, update.spans, update.chop_ends)


def _clean_strip(strip: Strip) -> Strip:
    segments = [Segment(belt(text), style and style.update_link(_plain_link(style))) for text, style, _ in strip]
    return Strip(segments).adjust_cell_length(strip.cell_length)


def _plain_link(style: Style) -> str | None:
    return style.link if style.link and _LINK.fullmatch(style.link) else None


def placed(update: Update) -> Iterator[tuple[int, int, Strip]]:
    """The strips of an update, each with its row and column, as Textual's own `render_segments` places them."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield y, x, strip
                x += strip.cell_length
        return
    for y, x1, x2 in update.spans:
        for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if chop is None or x > x2 or end <= x1:
                continue
            whole = x2 > x >= x1 and end <= x2
            yield y, x, chop if whole else chop.crop(0, min(end, x2) - x)


def cells_of(strip: Strip, colors: ColorSystem) -> list[Cell]:
    """A strip as exactly `cell_length` cells; the second cell of a wide character is ``""``."""
    row: list[Cell] = []
    for text, style, control in strip:
        if control:
            continue
        pen = pen_of(style, colors)
        shown = belt(text)
        if shown.isascii():
            row += zip(shown, repeat(pen)) if " " not in shown else _with_blanks(shown, pen)
        else:
            _add_wide(row, shown, pen)
    if len(row) > strip.cell_length:
        row = row[: strip.cell_length]
        if row and row[-1][0] and _width(row[-1][0]) == 2:
            row[-1] = _blank_of(row[-1][1])
    return row + [BLANK] * (strip.cell_length - len(row))


def _with_blanks(text: str, pen: Pen) -> list[Cell]:
    blank = _blank_of(pen)
    return [blank if char == " " else (char, pen) for char in text]


def _add_wide(row: list[Cell], text: str, pen: Pen) -> None:
    """Append text that is not only ASCII: combining marks join the cell before them, wide characters take two."""
    for char in text:
        width = get_character_cell_size(char)
        if width == 0 and row:
            before, its_pen = row[-1] if row[-1][0] else row[-2]
            row[-1 if row[-1][0] else -2] = (before + char, its_pen)
        elif width:
            row.append(_blank_of(pen) if char == " " else (char, pen))
            row += [("", pen)] * (width - 1)


def _width(text: str) -> int:
    return get_character_cell_size(text[0])


class Painter:
    """A shadow of the terminal, and what to send to make the terminal equal to the next update.

    `erases_in_colour`: whether the terminal erases with the background colour that is set (GNU screen does not).
    """

    def __init__(self, *, erases_in_colour: bool = True) -> None:
        self._in_colour = erases_in_colour
        self._rows: list[list[Cell | None]] = []
        self._size = (0, 0)
        self._is_new = True
        self._out: list[str] = []
        self._pen: Pen | None = None
        self._at: tuple[int, int] | None = None

    def forget(self, *, erase: bool = True) -> None:
        """What the terminal shows is not known any more. `erase`: blank it before the next update is sent."""
        self._rows, self._size, self._pen, self._at = [], (0, 0), None, None
        self._is_new = self._is_new or erase

    def paint(self, update: Update, size: tuple[int, int], colors: ColorSystem, cursor: tuple[int, int]) -> str:
        """What to send for an update on a screen of (columns, rows); the cursor is left at (x, y)."""
        self._out = []
        self._fit(size)
        for y, x, strip in placed(update):
            if 0 <= y < size[1]:
                self._piece(y, x, cells_of(strip, colors))
        if cursor != (0, 0):
            self._move(cursor[0], cursor[1])
        return "".join(self._out)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of what was last painted."""
        return self._size

    def frame(self) -> list[str]:
        """The lines that the terminal shows, as text with SGR, without trailing blanks; no links."""
        return [_line([cell or BLANK for cell in row]) for row in self._rows]

    def _fit(self, size: tuple[int, int]) -> None:
        columns, rows = size
        if self._is_new:
            self._is_new, self._pen, self._at = False, PLAIN, None
            self._rows, self._size = [[BLANK] * columns for _ in range(rows)], size
            self._out.append("\x1b[m\x1b[2J")
        elif size != self._size:
            self._rows, self._size, self._at = [[None] * columns for _ in range(rows)], size, None

    def _piece(self, y: int, x: int, cells: list[Cell]) -> None:
        if x < 0:
            raise ValueError(x)
        old = self._rows[y]
        cells = cells[: max(self._size[0] - x, 0)]
        if old[x : x + len(cells)] == cells:
            return
        for start, end in _changed(cells, old[x : x + len(cells)]):
            self._run(y, x + start, cells[start:end])
        old[x : x + len(cells)] = cells

    def _run(self, y: int, x: int, cells: Sequence[Cell]) -> None:
        """Write cells from there on; long stretches of equal blanks are erased."""
        at = 0
        while at < len(cells):
            blanks = _equal_blanks(cells, at)
            to_edge = x + at + blanks == self._size[0]
            if blanks >= (_BRIDGE if to_edge else _ERASE_FROM) and self._can_erase(cells[at][1]):
                self._move(x + at, y)
                self._dip(cells[at][1])
                self._out.append("\x1b[K" if to_edge else f"\x1b[{blanks}X")
                at += blanks
            else:
                if cells[at][0]:  # not the second half of a wide character: that is drawn with its first
                    self._move(x + at, y)
                    self._cell(*cells[at])
                at += 1

    def _can_erase(self, pen: Pen) -> bool:
        return pen.ground is not None and (self._in_colour or pen.ground in ("", "49"))

    def _cell(self, text: str, pen: Pen) -> None:
        now = self._pen
        if not (text == " " and now and now.ground is not None and now.ground == pen.ground):
            self._dip(pen)
        self._out.append(text)
        if self._at is not None:
            x, y = self._at
            sure = _DRAWN_ALIKE.fullmatch(text) and x + 1 < self._size[0]
            self._at = (x + 1, y) if sure else None

    def _dip(self, pen: Pen) -> None:
        now = self._pen
        if pen == now:
            return
        if now is None or now.link != pen.link:
            self._out.append(f"\x1b]8;;{pen.link}\x1b\\" if pen.link or now is None or now.link else "")
        if now is None or now.sgr != pen.sgr:
            self._out.append(f"\x1b[0;{pen.sgr}m" if pen.sgr else "\x1b[m")
        self._pen = pen

    def _move(self, x: int, y: int) -> None:
        if self._at == (x, y):
            return
        if self._at is not None and self._at[1] == y and x > self._at[0]:
            step = x - self._at[0]
            self._out.append(f"\x1b[{step}C" if step > 1 else "\x1b[C")
        elif self._at is not None and x == 0 and y == self._at[1] + 1:
            self._out.append("\r\n")
        else:
            self._out.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._at = (x, y)


def _changed(new: Sequence[Cell], old: Sequence[Cell | None]) -> Iterator[tuple[int, int]]:
    """Stretches [start, end) that hold every changed cell; near ones are joined."""
    start, end = -1, -1
    for at, (cell, was) in enumerate(zip(new, old, strict=True)):
        if cell == was:
            continue
        if start >= 0 and at - end <= _BRIDGE:
            end = at + 1
            continue
        if start >= 0:
            yield start, end
        start, end = at, at + 1
    if start >= 0:
        yield start, end


def _equal_blanks(cells: Sequence[Cell], start: int) -> int:
    at = start
    while at < len(cells) and cells[at][0] == " " and cells[at][1] == cells[start][1]:
        at += 1
    return at - start


def _line(cells: Sequence[Cell]) -> str:
    out, sgr = [], ""
    last = max((at for at, cell in enumerate(cells, 1) if cell != BLANK), default=0)
    for text, pen in cells[:last]:
        if pen.sgr != sgr:
            sgr = pen.sgr
            out.append(f"\x1b[0;{sgr}m" if sgr else "\x1b[m")
        out.append(text)
    return "".join((*out, "\x1b[m" if sgr else ""))
