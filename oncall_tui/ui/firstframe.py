"""The last frame, printed before anything else is imported: the last known problem is on screen 10 ms after start.

Imports nothing that Python has not loaded by itself. A frame is shown only in the size in which it was recorded, says
how old it is, and is on the alternate screen, which the driver then takes over.
"""

from __future__ import annotations

import atexit
import os
import sys
import time

_MAGIC = "oncall-tui frame 1"

OLDEST_S = 12 * 3600
"""An older frame is of another night; it is not shown."""

_NO_WAIT = os.O_NONBLOCK | os.O_NOCTTY
"""A pipe in the frame's place must not be waited for, nor a terminal become ours."""

_LEAVE = "\x1b[0m\x1b[?1049l\x1b[?25h"

_state = {"shown": False}


def place() -> str:
    """Where the frame of the default state folder is; the same folder as `config.state_dir`, found without its imports."""
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support/oncall-tui/frame")  # noqa: PTH111
    home = os.environ.get("XDG_STATE_HOME", "").strip() or os.path.expanduser("~/.local/state")  # noqa: PTH111
    return f"{home}/oncall-tui/frame"


def save(path: str | os.PathLike[str], lines: list[str], size: tuple[int, int], at: float | None = None) -> None:
    """Keep a frame: lines of cells with SGR (`TerminalApp.frame`), the terminal's (columns, rows), seconds since 1970.

    The file is readable by its owner only and is replaced in one piece. An empty frame is not kept. Raises OSError.
    """
    if not any(lines):
        return
    head = f"{_MAGIC} {size[0]} {size[1]} {int(at or time.time())}"
    new = f"{os.fspath(path)}.new"
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_WAIT | os.O_NOFOLLOW, 0o600)
    with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("\n".join((head, *lines)))
    os.replace(new, path)  # noqa: PTH105 (pathlib costs what this module saves)


def show(path: str | os.PathLike[str], *, now: float | None = None) -> bool:
    """Print the kept frame if there is one that fits this terminal; whether it did. Never fails."""
    try:
        handle = os.open(path, os.O_RDONLY | _NO_WAIT)
        try:
            head, *lines = os.read(handle, 262144).decode().split("\n")
        finally:
            os.close(handle)
        columns, rows, at = map(int, head.removeprefix(_MAGIC).split())
        now = time.time() if now is None else now
        fits = os.get_terminal_size(2) == (columns, rows) and os.isatty(0) and 0 <= now - at < OLDEST_S
        if not (fits and head.startswith(_MAGIC) and _is_clean(lines) and os.environ.get("TERM", "dumb") != "dumb"):
            return False
    except (OSError, ValueError):
        return False
    os.write(2, _drawn(lines[:rows], rows, f" as of {time.strftime('%H:%M', time.localtime(at))} ").encode())
    _state["shown"] = True
    atexit.register(leave)
    return True


def hand_over() -> bool:
    """The live screen takes over: whether a frame is on the alternate screen. From now on it is not ours to leave."""
    was_shown, _state["shown"] = _state["shown"], False
    return was_shown


def leave() -> None:
    """Leave the alternate screen if a frame is on it: there will be no live screen, and words are to be read."""
    if hand_over():
        os.write(2, _LEAVE.encode())


def _drawn(lines: list[str], rows: int, stamp: str) -> str:
    body = "\r\n".join(lines)
    return f"\x1b[?1049h\x1b[?25l\x1b[H{body}\x1b[{rows};1H\x1b[0;7m{stamp}\x1b[0m"


def _is_clean(lines: list[str]) -> bool:
    """Whether nothing but text and colours is in it: the file is ours, but a disk is not a friend."""
    for line in lines:
        text, *coloured = line.split("\x1b[")
        parts = [text, *(after.partition("m")[2] for after in coloured)]
        codes = "".join(after.partition("m")[0] for after in coloured)
        if not (all(part.isprintable() for part in parts) and codes.strip("0123456789;:") == ""):
            return False
    return True
