"""Writing in the engineer's own $EDITOR: the words go into a file that only they can read, and come back from it."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import tempfile
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from oncall_tui import safe

_MOST = 1024 * 1024


class Edited(NamedTuple):
    """The words afterwards, and why they are as they were; "" when the editor ended well."""

    text: str
    fault: str = ""


class Outside:
    """One visit to $VISUAL, $EDITOR or vi. Nothing waits for it but `edit`: boards come in and the bell rings."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._path: Path | None = None
        self._process: Process | None = None
        self._is_over = False

    async def edit(self) -> Edited:
        """The words as the editor leaves them; its file is gone then."""
        named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        try:
            with tempfile.TemporaryDirectory(prefix="oncall-tui-", ignore_cleanup_errors=True) as folder:  # made 0700
                self._path = _file(folder, self._text)
                return await self._visit(named, self._path)
        except OSError as error:
            return Edited(self._text, f"no file could be made for {named}: {error.strerror or error}")
        finally:
            self._path = self._process = None

    async def _visit(self, named: str, path: Path) -> Edited:
        try:
            with _deaf_to_ctrl_c():
                self._process = await asyncio.create_subprocess_exec(*shlex.split(named), str(path))
                if self._is_over:  # while it started
                    self._hang_up(self._process)
                ended = await self._process.wait()
            after = _read(path)
        except (OSError, ValueError) as error:
            return Edited(self._text, f"{named} cannot be used: {getattr(error, 'strerror', None) or error}")
        if ended:
            return Edited(self._text, f"{named} ended with {ended}: your words are as they were")
        return Edited(after)

    def end(self) -> str:
        """The line is gone or we are told to end: the words as the editor last saved them. It is ended as well.

        May be called from another thread. What the editor keeps beside the file for its own recovery is left there.
        """
        self._is_over = True
        path, process = self._path, self._process
        if path is None:
            return self._text
        with suppress(OSError):
            self._text = _read(path)  # first: once the editor has ended, its file is gone
            path.unlink()
            path.parent.rmdir()
        if process is not None:
            self._hang_up(process)
        return self._text

    def _hang_up(self, process: Process) -> None:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGHUP)


def _file(folder: str, text: str) -> Path:
    path = Path(folder) / "words.txt"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8", errors="replace")
    return path


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return safe.prose(file.read(_MOST).decode("utf-8", "replace")).strip()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """ctrl+c is the editor's while it has the terminal. A handler (unlike "ignore") is not passed on to the editor."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
