"""Textual's Linux driver, with an input side that survives what lines, terminals and pastes do to it.

Leans on internals of Textual 8.2 (`LinuxDriver`, `XTermParser._sequence_to_key_events`), which tests/terminal holds.
It asks the terminal nothing (no 2026, 2048 or kitty queries), so that every answer is a stranger's doing.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import select
import signal
import termios
from collections.abc import Iterator
from time import monotonic
from typing import Protocol, runtime_checkable

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS, IGNORE_SEQUENCE
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from oncall_tui.ui import firstframe
from oncall_tui.ui.guard import Ignored, Input, Key, Paste, Reader

_ALTERNATE = "\x1b[?1049h"

_UNWANTED = ("\x1b[>", "\x1b[?1004", "\x1b]22;")
"""Kitty keys, focus reports and mouse pointers: of no use here, and the first two spoil a shell should we be killed."""


@runtime_checkable
class Repainted(Protocol):
    """An app that keeps a shadow of the screen."""

    def forget_screen(self) -> None: ...


class KeyIgnored(Message):
    """A key did nothing, because it came in the middle of text."""


class TerminalDriver(LinuxDriver):
    """Reads bytes that need not be UTF-8, wakes up only for input, and lets nothing but a person press a key."""

    def start_application_mode(self) -> None:
        """Take the terminal over. Keys pressed before there was a screen meant something else: they are dropped."""
        self._end_read, self._end_write = os.pipe()  # never closed: a late `disable_input` must not hit another file
        with contextlib.suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)
        self._is_shown = firstframe.hand_over()
        if isinstance(self._app, Repainted):
            self._app.forget_screen()
        with contextlib.suppress(RuntimeError, ValueError):  # not on the main thread
            # Of the loop's own, so that it wakes the loop: another thread may be given the signal after a stop, and a
            # plain handler then waits for the next key.
            asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, self._sigcont_application)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        """Send to the terminal. A first frame is on the alternate screen already: entering it again would blank it."""
        if data == _ALTERNATE and self._is_shown:
            self._is_shown = False
        elif not data.startswith(_UNWANTED):
            super().write(data)

    def _request_terminal_sync_mode_support(self) -> None:
        """Not asked: only changed cells are sent, each frame in one piece."""

    def _query_in_band_window_resize(self) -> None:
        """Not asked: SIGWINCH tells."""

    def _sigcont_application(self, *_: object) -> None:
        """Continue after a stop. A dying line sends SIGCONT too: restarting on it hung 3 of 20 times (terminal.md 6)."""
        if self._must_signal_resume:
            super()._sigcont_application()

    def _get_terminal_size(self) -> tuple[int, int]:
        """What the terminal says: a size that somebody exported as COLUMNS and LINES never changes again."""
        for fd in (self.fileno, 2, 1):
            with contextlib.suppress(OSError):
                size = os.get_terminal_size(fd)
                return size.columns or 80, size.lines or 24
        return 80, 24

    def disable_input(self) -> None:
        """Stop reading."""
        if self._key_thread is not None and self._key_thread.is_alive():
            os.write(self._end_write, b".")
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Give the terminal back; our painting leaves the pen as it was last used."""
        self.write("\x1b[0m")
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Read until the end of the line or of the app. Sleeps in poll unless something unfinished has to be decided."""
        keyboard = Keyboard()
        decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        poll.register(self._end_read, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poll.poll(keyboard.wait_ms(monotonic()))}
            if self._end_read in ready:
                break
            data = self._read() if self.fileno in ready else b""
            for event in keyboard.read(decode(data), monotonic()):
                self.process_message(event)
            if self.fileno in ready and not data:
                break  # the line is gone: hangup.LineWatch ends the program

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""


class Keyboard:
    """The reader with Textual's names for keys."""

    def __init__(self) -> None:
        self._names = XTermParser(debug=False)
        self._reader = Reader(is_key=self._is_key)

    def wait_ms(self, now: float) -> int | None:
        """As `Reader.wait_s`, in the unit of poll; rounded up, or it would spin."""
        wait_s = self._reader.wait_s(now)
        return None if wait_s is None else int(wait_s * 1000) + 1

    def read(self, text: str, at: float) -> Iterator[Message]:
        """What the app is to be told about text that was read at that time."""
        for item in self._reader.feed(text, at):
            yield from self._named(item)

    def _named(self, item: Input) -> Iterator[Message]:
        match item:
            case Ignored():
                yield KeyIgnored()
            case Paste(text):
                yield events.Paste(text)
            case Key("\x1b"):
                yield events.Key("escape", "\x1b")
            case Key(sequence) if self._is_alt(sequence):
                yield from self._names._sequence_to_key_events(sequence[1:], alt=True)
            case Key(sequence):
                yield from self._names._sequence_to_key_events(sequence)

    def _is_key(self, sequence: str) -> bool:
        named = ANSI_SEQUENCES_KEYS.get(sequence)
        return (named is not None and named is not IGNORE_SEQUENCE) or self._is_alt(sequence)

    @staticmethod
    def _is_alt(sequence: str) -> bool:
        return len(sequence) == 2 and sequence[0] == "\x1b" and sequence not in ANSI_SEQUENCES_KEYS
