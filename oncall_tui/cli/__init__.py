"""The command line: parse, call, print; exit codes. Everything is imported by what needs it, the last frame comes first."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing for this flag alone would cost more than showing the frame
    from collections.abc import Sequence

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
    if None in (sys.stdin, sys.stdout, sys.stderr):
        from oncall_tui.cli import streams  # noqa: PLC0415 (of a program that was started with one of them closed)

        streams.mend()
    try:
        if not (sys.argv[1:] if argv is None else argv):
            _show_last_frame()
        outcome = _run(argv)
    except KeyboardInterrupt:
        outcome = _interrupted()
    return show(outcome)


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


def show(outcome: Outcome) -> int:
    """The only place that prints; the exit code. What came from a source was cleaned where it entered, and is here again."""
    if not (outcome.out or outcome.talk):
        return int(outcome.code)
    from oncall_tui import safe  # noqa: PLC0415 (only what has something to say pays for the tables)
    from oncall_tui.cli import streams  # noqa: PLC0415
    from oncall_tui.ui import firstframe  # noqa: PLC0415 (it imports nothing itself)

    firstframe.leave()
    if outcome.talk:
        streams.write(safe.prose(outcome.talk), sys.stderr)
    if outcome.out and (why := streams.write(safe.prose(outcome.out), sys.stdout)):
        streams.write(f"oncall-tui: what this tells could not be written: {why}", sys.stderr)
        from oncall_tui.cli.outcome import Code  # noqa: PLC0415

        return int(Code.INCOMPLETE)
    return int(outcome.code)
