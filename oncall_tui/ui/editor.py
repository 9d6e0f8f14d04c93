"""Where a note or a reply is written: under the problem, with who will read it on its border."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from oncall_tui import phrases, safe
from oncall_tui.model import Problem, Verb
from oncall_tui.ui.ink import Ink, Line, rule
from oncall_tui.ui.paper import Paper
from oncall_tui.ui.terminal import name_of

INKS = {Verb.NOTE: Ink.NOTE, Verb.REPLY: Ink.REPLY}
NAMES = {Verb.NOTE: "NOTE", Verb.REPLY: "REPLY"}


_UNDERLINED = Style(underline=True)


class Words(TextArea):
    """The text itself. Each key is offered to `pressed` first; what is pasted is made safe."""

    DEFAULT_CSS = """
    Words, Words:focus { border: none; padding: 0 1; background: ansi_default; color: ansi_default; height: 1fr;
        scrollbar-size: 0 0; }
    """

    def __init__(self, text: str, pressed: Callable[[str], bool], looks: Mapping[Ink, Style]) -> None:
        super().__init__(text, soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        self._pressed = pressed
        self._marks: list[tuple[int, int]] = []
        self.cursor_blink = False
        self.highlight_cursor_line = False
        self.register_theme(
            TextAreaTheme(
                name="oncall",
                base_style=looks[Ink.PLAIN],
                cursor_style=Style(reverse=True),
                selection_style=Style(reverse=True),
            )
        )
        self.theme = "oncall"
        self.move_cursor(self.document.end)

    def mark(self, places: Sequence[tuple[int, int]]) -> None:
        """Underlines these places of the text, given as offsets."""
        if list(places) != self._marks:
            self._marks = list(places)
            self._line_cache.clear()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        shown = super().get_line(line_index)
        before = sum(len(row) + 1 for row in self.document.lines[:line_index])
        for start, end in self._marks:
            if start < before + len(shown) and end > before:
                shown.stylize(_UNDERLINED, max(start - before, 0), end - before)
        return shown

    async def _on_key(self, event: events.Key) -> None:
        """Comes before the text area's own, which Textual calls next unless it is prevented."""
        if self._pressed(name_of(event)):
            event.stop()
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        await super()._on_paste(events.Paste(safe.prose(event.text)))


class Editor(Vertical):
    """The border that says who reads it, the words, what they will hear, and the keys."""

    DEFAULT_CSS = """
    Editor { dock: bottom; width: 1fr; }
    Editor Paper { height: 1; }
    """

    def __init__(
        self,
        verb: Verb,
        problem: Problem,
        text: str,
        *,
        pressed: Callable[[str], bool],
        looks: Mapping[Ink, Style],
        ascii_: bool,
    ) -> None:
        super().__init__()
        self._verb, self._problem = verb, problem
        self.words = Words(text, pressed, looks)
        self._border = Paper(looks, ascii_=ascii_)
        self._foot = Paper(looks, ascii_=ascii_)

    def compose(self) -> ComposeResult:
        yield self._border
        yield self.words
        yield self._foot

    def show(self, foot: list[Line], width: int, to: Collection[str] = ()) -> None:
        """Paints the border, with the customers whom it is for if not for all, and what stands below the words."""
        who = phrases.readers(self._problem, self._verb, to=to)
        if cell_len(who) > width - 14:
            who = phrases.readers(self._problem, self._verb, brief=True, to=to)
        title = f"{NAMES[self._verb]}: {who}"
        self._border.show([rule(width, title, INKS[self._verb])])
        self._foot.styles.height = len(foot)
        self._foot.show(foot)

    @property
    def rows(self) -> int:
        """Lines that the words take as they are broken on the screen."""
        return self.words.wrapped_document.height

    @property
    def text(self) -> str:
        """What is written, made safe."""
        return safe.prose(self.words.text).strip()
