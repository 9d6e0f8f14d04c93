"""Ends the program in order, and soon, when its terminal is gone or somebody asks it to end.

The kernel sends SIGHUP to whichever thread it likes, and Textual's loop may stand still on a dead line; so one tiny
thread watches the line itself (POLLHUP) and keeps the deadline. It sleeps in poll: no wake-ups.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import threading
from collections.abc import Callable, Iterator
from types import FrameType

GRACE_S = 2.0
"""All the time that saving, stopping and leaving get together."""

HUNG_UP = 128 + signal.SIGHUP

GIVE_BACK = (
    "\x1b[0m\x1b]8;;\x1b\\\x1b[?2004l\x1b[?7h\x1b[<u\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"
    "\x1b[?1004l\x1b[?1049l\x1b[?25h"
)
"""What undoes everything that a screen may have set in a terminal; harmless to one where nothing is set."""

_DEAD = select.POLLHUP | select.POLLERR | select.POLLNVAL


class LineWatch:
    """Watches one terminal for its end, and the program for a request to end.

    `save()` is called first and from a thread of its own; `leave(code)` asks the screen to close in order. Both may
    hang: after `GRACE_S` the terminal is given back as it was found and the process ends, whatever still runs.
    """

    def __init__(
        self,
        *,
        save: Callable[[], None],
        leave: Callable[[int], None],
        line: int = 0,
        end: Callable[[int], None] = os._exit,
    ) -> None:
        self._save, self._leave, self._line, self._end = save, leave, line, end
        self._asked, self._ask = os.pipe()
        self._code = HUNG_UP
        self._before = _attributes(line)

    def start(self) -> None:
        """Watch from now on; returns at once."""
        threading.Thread(target=self._watch, name="line-watch", daemon=True).start()

    def ask_to_end(self, number: int, _frame: FrameType | None = None) -> None:
        """A signal asks us to end: only a byte is written here, the watching thread does the rest."""
        self._code = 128 + number
        os.write(self._ask, b".")

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Within: SIGTERM, SIGHUP and SIGINT end the program in order. (The key ctrl+c is a key, no signal.)"""
        asked = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
        before = {number: signal.signal(number, self.ask_to_end) for number in asked}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._line, 0)
        poll.register(self._asked, select.POLLIN)
        happened = dict(poll.poll())
        self._finish(line_lives=not happened.get(self._line, 0) & _DEAD)

    def _finish(self, *, line_lives: bool) -> None:
        saving = threading.Thread(target=self._save, name="save-at-end", daemon=True)
        saving.start()
        saving.join(GRACE_S / 2 if line_lives else GRACE_S)
        if line_lives:
            self._leave(self._code)
            # Nobody sets this event: a screen that closes ends the process, and this thread with it.
            threading.Event().wait(GRACE_S / 2)
            give_back(self._before, line=self._line)
        self._end(self._code if line_lives else HUNG_UP)


def give_back(before: list[object] | None, *, line: int = 0, to: int = 2) -> None:
    """Undo what the screen set, unless the terminal takes nothing any more (then writing would only hang)."""
    poll = select.poll()
    poll.register(to, select.POLLOUT)
    ready = dict(poll.poll(0)).get(to, 0)
    if ready & select.POLLOUT and not ready & _DEAD:
        os.write(to, GIVE_BACK.encode("ascii"))
    if before is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(line, termios.TCSANOW, before)  # type: ignore[arg-type]


def _attributes(line: int) -> list[object] | None:
    """How the terminal is set now; None when `line` is none."""
    try:
        return list(termios.tcgetattr(line))
    except termios.error:
        return None
