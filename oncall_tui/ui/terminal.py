"""The terminal under the screen: an app that prints no secret, never outlives its terminal and always gives it back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import WorkerFailed

from oncall_tui import safe
from oncall_tui.errors import OncallError, fault
from oncall_tui.ui import firstframe
from oncall_tui.ui.driver import TerminalDriver
from oncall_tui.ui.hangup import LineWatch
from oncall_tui.ui.paint import SURPRISES, Painter, Update, cleaned

FRAME_EVERY_S = 60.0
"""How often the last frame is kept: a power cut costs the next start at most this much of its age."""


def why_not() -> str:
    """Why a screen cannot be shown here, as a sentence; "" when it can."""
    if not (os.isatty(0) and os.isatty(2)):
        return "There is no terminal here: standard input or standard error is not one."
    if os.environ.get("TERM", "") in ("", "dumb"):
        return "This terminal cannot place text: TERM is empty or dumb."
    return ""


def is_utf8() -> bool:
    """Whether the locale says that the terminal shows more than ASCII (Python itself writes UTF-8 whatever it says)."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    return locale.lower().replace("-", "").partition("@")[0].endswith("utf8")


def erases_in_colour(term: str, *, in_tmux: bool) -> bool:
    """Whether a terminal of that TERM erases with the background that is set; GNU screen does not."""
    return in_tmux or not term.startswith("screen")


def name_of(event: events.Key) -> str:
    """A key as the table writes it: the character when it prints, else Textual's name for it."""
    if event.key in ("space", "enter", "escape", "backspace", "tab"):
        return event.key
    return event.character if event.character and event.is_printable else event.key


def crash_words(error: BaseException | None) -> str:
    """What to print about an error of our own: its kind and place, never its values; at most 2 kB, one readable sentence.

    Only errors of our own, whose words are safe, are quoted.
    """
    while isinstance(error, WorkerFailed):
        error = error.error
    if error is None:
        return "oncall-tui stopped: the screen could not go on."
    if isinstance(error, OncallError):
        return f"oncall-tui stopped: {error.words}"
    return (
        "oncall-tui stopped on a fault of its own. What was saved is kept: start it again. "
        f"If you report it, add this: {fault(error)}"
    )


class TerminalApp(App[int], inherit_bindings=False):
    """A Textual app made fit for a bastion at night; the screen builds on it.

    Run it with `show()`, which returns the exit code. Override `save_at_end` and `hint`. Textual's own ctrl+q and
    ctrl+c are not bound; ctrl+z is a key like any other.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+l", "repaint", "Paint again")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("driver_class", TerminalDriver)
        super().__init__(*args, **kwargs)
        self.animation_level = "none"
        self._was_sized = False
        self._is_lent = False
        self._frame_file: Path | None = None
        self.crash: BaseException | None = None
        term = os.environ.get("TERM", "")
        self._painter = Painter(erases_in_colour=erases_in_colour(term, in_tmux="TMUX" in os.environ))

    def show(self, frame: Path | None = None) -> int:
        """Run until the end. 0: it was wanted; 1: a fault, told in one sentence; 128 + n: ended by signal n.

        `frame`: the file in which the last frame is kept, each minute and at the end (`firstframe`).
        """
        self._frame_file = frame
        watch = LineWatch(save=self.save_at_end, leave=self._leave)
        watch.start()
        with watch.signals():
            self.run(mouse=False)
            self._write_out(self.last_words())
        return 1 if self.return_code is None else self.return_code

    def save_at_end(self) -> None:
        """Called from another thread when the terminal is gone or a signal ends us: at most a second for what must be kept."""

    def last_words(self) -> str:
        """What must stand in the scroll-back once the screen is closed, of several lines; "" for nothing."""
        return ""

    def take_letters(self, text: str) -> bool:
        """Text arrived in one piece and nothing that takes text has the focus; whether it is typed somewhere all the same."""
        del text
        return False

    def hint(self, words: str) -> None:
        """Tell the engineer something small."""
        self.notify(words, markup=False)

    @property
    def is_typing(self) -> bool:
        """Whether what has the focus takes text."""
        return self.focused is not None and self.focused.check_consume_key("a", "a")

    def frame(self) -> list[str]:
        """The lines on the terminal now, as text with SGR: what `firstframe.save` keeps."""
        return self._painter.frame()

    def keep_frame(self) -> None:
        """Keep what is on the terminal for the next start, unless something is being typed; a full disk is no reason to end."""
        if self._frame_file is not None and self.crash is None and not self.is_typing:
            with suppress(OSError):
                firstframe.save(self._frame_file, self._painter.frame(), self._painter.size)

    def _on_mount(self) -> None:
        if self._frame_file is not None:
            self.set_interval(FRAME_EVERY_S, self.keep_frame)

    def on_resize(self) -> None:
        """A resized terminal may have lost what it showed, even when in the end it is as large as before."""
        if self._was_sized:
            self._painter.forget(erase=False)
            if self.screen_stack:
                self.call_later(self.refresh, layout=True)
        self._was_sized = True  # the first size is told at the start

    def on_paste(self, event: events.Paste) -> None:
        """Text that no editor took, and nothing else that takes letters, is not a row of keys."""
        if not self.is_typing:
            event.stop()
            if not self.take_letters(event.text):
                self.hint("text came all at once, as a paste does: no key was pressed. Open what takes letters first")

    def on_key_ignored(self) -> None:
        """What is typed over a line that stalls may arrive in one piece with the key behind it."""
        self.hint("a key came with text, as a paste does, and did nothing: press it again")

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Another program has the terminal; time passes here, but nothing is painted. Raises `SuspendNotSupported`."""
        with self.suspend():
            self._is_lent = True
            try:
                yield
            finally:
                self._is_lent = False

    def send(self, data: str) -> None:
        """To the terminal as it is, also while that is lent: a bell or a notification, which moves nothing there."""
        if self._is_lent:
            with suppress(OSError):
                os.write(2, data.encode())
        elif data and self._driver is not None:
            self._driver.write(data)

    def action_repaint(self) -> None:
        """Send the whole screen again: somebody wrote over it."""
        self.forget_screen()

    def forget_screen(self) -> None:
        """What the terminal shows is not known: it starts, or others used it meanwhile. Textual paints only what changed."""
        self._painter.forget()
        if self.screen_stack:
            self.call_later(self.refresh, layout=True)

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End in order; while the last frame is still to be had."""
        self.keep_frame()
        super().exit(result, return_code, message)

    def _leave(self, code: int) -> None:
        """From any thread: close in order, with that exit code."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it is closed: we are leaving already
                loop.call_soon_threadsafe(self.exit, None, code)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Paint by cells; what that does not know is painted by Textual, cleaned."""
        if self._is_lent:
            return
        if not isinstance(renderable, Update) or self._batch_count or not self._is_on_terminal():
            super()._display(screen, renderable)
            return
        try:
            data = self._painted(screen, renderable)
        except SURPRISES:
            self._painter.forget(erase=False)
            super()._display(screen, cleaned(renderable))
            return
        if data and self._driver is not None:
            self._driver.write(data)
        self.post_display_hook()

    def _is_on_terminal(self) -> bool:
        driver = self._driver
        return (
            self._running and not self._closed and driver is not None and not (driver.is_headless or driver.is_inline)
        )

    def _painted(self, screen: Screen[Any], update: Update) -> str:
        size = screen.outer_size
        cursor = size.clamp_offset(self.cursor_position)
        colors = self.console._color_system or ColorSystem.TRUECOLOR
        return self._painter.paint(update, (size.width, size.height), colors, (cursor.x, cursor.y))

    def panic(self, *renderables: RenderableType) -> None:
        """A fault that Textual would print in colours, with locals: it is told in our words instead."""
        del renderables
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """The last words: of a crash, or what `exit(message=...)` was given as text."""
        messages = [safe.prose(words)[:2000] for words in self._exit_renderables if isinstance(words, str)]
        self._exit_renderables.clear()
        if self.crash is not None:
            messages = [crash_words(self.crash)]
        self._write_out("\n".join(messages))

    def _write_out(self, words: str) -> None:
        """To the terminal that is given back; it may be gone."""
        if words and sys.__stderr__ is not None:
            with suppress(OSError):
                sys.__stderr__.write(f"{safe.prose(words)}\n")
                sys.__stderr__.flush()
