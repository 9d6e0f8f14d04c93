"""The widget that everything but the editor is painted on: it is given lines and repaints those that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from oncall_tui.ui.ink import BLANK, Ink, Line, ascii_only


class Paper(Widget, can_focus=False):
    """As many lines as it is high."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Paper { width: 1fr; height: 1fr; }"

    def __init__(self, looks: Mapping[Ink, Style], *, ascii_: bool = False, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._looks = looks
        self._ascii = ascii_
        self._lines: list[Line] = []

    def restyle(self, looks: Mapping[Ink, Style]) -> None:
        """Paints everything in other colours."""
        self._looks = looks
        self.refresh()

    def show(self, lines: Sequence[Line]) -> None:
        """Paints these lines; what is as it was is not touched."""
        before, self._lines = self._lines, list(lines)
        if len(before) != len(self._lines):
            self.refresh()
            return
        changed = [
            Region(0, y, self.size.width, 1)
            for y, (old, new) in enumerate(zip(before, lines, strict=True))
            if old != new
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        pieces = self._lines[y] if y < len(self._lines) else BLANK
        shown = [Segment(self._text(piece.text), self._looks[piece.ink]) for piece in pieces]
        return Strip(shown).adjust_cell_length(self.size.width, self._looks[Ink.PLAIN])

    def _text(self, text: str) -> str:
        return ascii_only(text) if self._ascii else text
