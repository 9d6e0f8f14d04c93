"""stdin, stdout and stderr as they are found: closed, on a full disk, or read by somebody who has left."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO


def mend() -> None:
    """Puts nothing in the place of what is closed: else the next file that is opened would be taken for it."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(handle, True)  # noqa: FBT003 (the function's own)
    os.close(handle)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (handles, for as long as we live)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def answers() -> TextIO:
    """stdin; bytes that are no text there become lone surrogates, which are refused in words, and not by a fault of ours."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    return sys.stdin


def write(text: str, stream: TextIO) -> str:
    """Why a line could not be written, "" when it was, or when its reader has left: they have what they wanted."""
    try:
        print(_in_its_letters(text, stream), file=stream, flush=True)
    except OSError as error:
        # Python would complain once more when it closes the stream at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return "" if isinstance(error, BrokenPipeError) else (error.strerror or type(error).__name__).lower()
    return ""


def _in_its_letters(text: str, stream: TextIO) -> str:
    """`text` in the letters that the stream's encoding has; a question mark for what it lacks."""
    encoding = stream.encoding or "ascii"
    return text.encode(encoding, "replace").decode(encoding)
