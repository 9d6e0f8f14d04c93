"""Apps that are painted by both paths, ours and Textual's own: ``python -m tests.terminal.apps.compared NAME ours|stock|surprised``."""

from __future__ import annotations

import sys
from typing import ClassVar
from unicodedata import combining

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style as ContentStyle
from textual.widgets import DataTable, Footer, Input, Static, TextArea

from oncall_tui.ui.paint import Painter
from oncall_tui.ui.terminal import TerminalApp

WIDE = [
    "日本語テスト",
    "ASCII only",
    "한국어 텍스트",
    "naïve café — “quoted”",
    "🔥 on fire 🔥",
    "e\u0301 combining o\u0308",
    "│ box ─ drawing ╱",
]


CUT = [words for words in WIDE if not any(map(combining, words))]
"""What Textual cuts well: at the edge it leaves the mark of a letter that is no longer there."""


class Question(ModalScreen[None]):
    """Over everything, see-through."""

    BINDINGS: ClassVar = [("m", "dismiss")]

    def compose(self) -> ComposeResult:
        box = Static("Send?\nRon reads this. 日本")
        box.styles.width, box.styles.height, box.styles.margin = 20, 4, 3
        box.styles.background = Color.parse("darkblue")
        yield box


class Base(TerminalApp):
    """Where all of them end the same way."""

    AUTO_FOCUS = "*"
    BINDINGS: ClassVar = [("q", "exit_well"), ("m", "ask")]

    def action_exit_well(self) -> None:
        self.exit()

    def action_ask(self) -> None:
        self.push_screen(Question())


class Table(Base):
    """A table to move about in."""

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("who", "what", "since")
        for n in range(60):
            table.add_row(f"customer {n}", WIDE[n % len(WIDE)], f"{n} min")


class Typing(Base):
    """An input and an editor."""

    def compose(self) -> ComposeResult:
        field = Input()
        field.cursor_blink = False
        yield field
        area = TextArea("\n".join(WIDE))
        area.cursor_blink = False
        yield area


class Lines(ScrollView, can_focus=True):
    """Styled lines of every kind, drawn one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.virtual_size = Size(300, 500)

    def render_line(self, y: int) -> Strip:
        x, row = int(self.scroll_offset.x), y + int(self.scroll_offset.y)
        kinds = [Style(), Style(bold=True), Style(underline=True), Style(reverse=True), Style(color="red", bgcolor="blue"),
                 Style(dim=True, italic=True), Style(strike=True), Style(bgcolor="#336699"), Style(link="https://example.org/a")]  # fmt: skip
        words = [
            Segment(f"{CUT[(row + n) % len(CUT)]}  {'·' * (row % 9)} ", kinds[(row * 3 + n) % len(kinds)])
            for n in range(12)
        ]
        return Strip(words).crop_extend(x, x + self.size.width, Style(bgcolor="#112233" if row % 5 == 0 else None))


class Styled(Base):
    """Scrolls both ways over wide characters."""

    def compose(self) -> ComposeResult:
        yield Lines()


class Plain(Base):
    """The terminal's own colours, as our screen uses them."""

    CSS = "Screen { background: ansi_default; color: ansi_default; }"
    BINDINGS: ClassVar = [("n", "next")]

    def __init__(self) -> None:
        super().__init__(ansi_color=True)
        self.n = 0

    def compose(self) -> ComposeResult:
        yield Static(id="all")

    def on_mount(self) -> None:
        self.action_next()

    def action_next(self) -> None:
        self.n += 1
        style = ContentStyle(bold=True, foreground=Color.parse("ansi_red"))
        lines = [f"{WIDE[(y * self.n) % len(WIDE)]:<40}{y * self.n}" for y in range(self.n % 7 + 9)]
        self.query_one("#all", Static).update(Content.assemble(("ALONE 12:41\n", style), "\n".join(lines)))


APPS = {"table": Table, "typing": Typing, "styled": Styled, "plain": Plain}


def surprised(*_: object) -> str:
    """Another Textual than the one we know."""
    raise KeyError("chops")


if __name__ == "__main__":
    kind = APPS[sys.argv[1]]
    if sys.argv[2] == "stock":
        kind._display = App._display
    if sys.argv[2] == "surprised":
        WIDE[0] = "bidi \u202e here"
        Painter.paint = surprised  # type: ignore[method-assign]
    sys.exit(kind().show())
