"""The command line: parse, call, print; exit codes. Everything is imported by what needs it, the last frame comes first."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing for this flag alone would cost more than showing the frame
    from collections.abc import Sequence
    from typing import TextIO

    from oncall_tui.cli.outcome import Outcome

__all__ = ["main", "run", "show"]


def run(argv: Sequence[str] | None = None) -> int:
    """`main` for a process of its own, which it ends itself where something would hold it up: a name that is looked up.

    Python waits for the thread that asks a name server, for as long as that keeps silent.
    """
    code = main(argv)
    import threading  # noqa: PLC0415 (the last frame comes first)

    if threading.active_count() > 1:
        from oncall_tui.ui import firstframe  # noqa: PLC0415 (it imports nothing itself)

        firstframe.leave()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command (none: the screen), prints what came of it and returns its exit code."""
    try:
        if not (sys.argv[1:] if argv is None else argv):
            _show_last_frame()
        outcome = _run(argv)
    except KeyboardInterrupt:
        outcome = _interrupted()
    show(outcome)
    return int(outcome.code)


def _show_last_frame() -> None:
    """The last known problem is on screen before the live one has been imported."""
    from oncall_tui.ui import firstframe  # noqa: PLC0415 (it imports nothing itself)

    firstframe.show(firstframe.place())


def _run(argv: Sequence[str] | None) -> Outcome:
    from oncall_tui.cli.arguments import parse  # noqa: PLC0415 (an interrupt is answered by now)

    arguments = parse(argv)
    from oncall_tui.cli.commands import run  # noqa: PLC0415 (--help and --version need none of it)

    return run(arguments)


def _interrupted() -> Outcome:
    from oncall_tui.cli.outcome import Code, Outcome  # noqa: PLC0415 (here alone)

    return Outcome(Code.INTERRUPTED)


def show(outcome: Outcome) -> None:
    """The only place that prints: what came from a source was cleaned where it entered, and is cleaned here again."""
    if outcome.out or outcome.talk:
        from oncall_tui.ui import firstframe  # noqa: PLC0415 (it imports nothing itself)

        firstframe.leave()
    _say(outcome.talk, sys.stderr)
    _say(outcome.out, sys.stdout)


def _say(text: str, stream: TextIO) -> None:
    if not text:
        return
    from oncall_tui import safe  # noqa: PLC0415 (only what has something to say pays for the tables)

    try:
        print(_in_its_letters(safe.prose(text), stream), file=stream, flush=True)
    except BrokenPipeError:
        # Whoever read us has what they wanted; Python would complain once more when it closes the stream at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _in_its_letters(text: str, stream: TextIO) -> str:
    """`text` in the letters that the stream's encoding has; a question mark for what it lacks."""
    encoding = stream.encoding or "ascii"
    return text.encode(encoding, "replace").decode(encoding)
