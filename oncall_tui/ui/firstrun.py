"""The first screen of all: there is no configuration yet, so it says what this is and where to begin."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding

from oncall_tui.ui.ink import BLANK, Ink, Line, Piece, frame, line, wrap
from oncall_tui.ui.paper import Paper
from oncall_tui.ui.terminal import TerminalApp, is_utf8, name_of
from oncall_tui.ui.theme import THEMES

CHOICES: Mapping[str, str] = {
    "d": "see a night first: a small desk and a small monitor, inside the program",
    "i": "set up a first source of your own: it asks, tests and writes the file",
    "q": "leave; nothing was written",
}
"""Each key and what it begins."""

_WHAT = (
    "oncall-tui shows the one customer who needs you most, joined from the monitors and ticket desks that you tell it of. "
    "It does not know any yet."
)


class FirstRun(TerminalApp):
    """Waits for one of `CHOICES`; `chosen` is it in the end."""

    CSS = "Screen { background: ansi_default; color: ansi_default; }"
    BINDINGS = [Binding("ctrl+c", "choose('q')", show=False, priority=True)]  # noqa: RUF012 (Textual's way)

    def __init__(self, path: Path, *, looks: Mapping[Ink, Style] | None = None, ascii_: bool | None = None) -> None:
        """`path` is where the configuration would be; `looks` is a theme, by default what this terminal can show."""
        super().__init__(ansi_color=True)
        self._path = path
        looks = looks or THEMES["bare" if os.environ.get("NO_COLOR") else "dark"]
        self._paper = Paper(looks, ascii_=not is_utf8() if ascii_ is None else ascii_)
        self.chosen = "q"

    def compose(self) -> ComposeResult:
        yield self._paper

    def on_mount(self) -> None:
        self._paint()

    def on_resize(self) -> None:
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        if self.is_running and self.size.height:
            self._paper.show(frame(lines(self._path, self.size.width), self.size.width, self.size.height))

    def on_key(self, event: events.Key) -> None:
        key = name_of(event)
        if key in CHOICES or key == "escape":
            event.stop()
            self.action_choose("q" if key == "escape" else key)

    def action_choose(self, key: str) -> None:
        """Ends with that choice."""
        self.chosen = key
        self.exit(0)


def lines(path: Path, cells: int) -> list[Line]:
    """What it shows, as wide as there is room."""
    above = [BLANK] if cells >= 60 else []
    rows: list[Line] = [*above, *(line(" ", row, ink=Ink.STRONG) for row in wrap(_WHAT, cells - 2)), BLANK]
    for key, what in CHOICES.items():
        first, *more = wrap(what, cells - 6)
        rows += [line(" ", Piece(key, Ink.KEY), f"   {first}"), *(line("     ", row) for row in more)]
    return [
        *rows,
        BLANK,
        *(line(" ", row, ink=Ink.DIM) for row in wrap(f"Its configuration will be {path}", cells - 2)),
    ]


def ask(path: Path) -> str:
    """Shows it on this terminal; the key that was chosen."""
    app = FirstRun(path)
    app.show()
    return app.chosen
