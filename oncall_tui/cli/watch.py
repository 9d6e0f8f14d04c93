"""The command `watch`: no screen; rings for what the screen would ring for, and keeps the outbox moving."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from oncall_tui import safe
from oncall_tui.cli import loop, plain, streams
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config
from oncall_tui.engine.engine import PART_FAILED, Engine
from oncall_tui.errors import WrongUse
from oncall_tui.model import Board
from oncall_tui.ui.bell import Bell

Say = Callable[[str], None]

RING_S = 30.0
"""How long a ringing command may take; a new ring does not wait for it."""


def watch(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`watch`: until SIGTERM or SIGINT; 3 when the engine fails, so that systemd starts it again."""
    ring = _command(arguments.ring) if arguments.ring else ()
    is_terminal = sys.stdout.isatty()
    return loop.run(
        stay(lambda see: Engine(config, state, on_board=see), ring, lambda line: _say(line, bell=is_terminal))
    )


def _command(text: str) -> tuple[str, ...]:
    """Its words. One that cannot be run is refused now: the night is no time to find out."""
    try:
        argv = tuple(shlex.split(text))
    except ValueError:
        raise WrongUse("--ring has a quotation mark without its other half") from None
    if not argv or shutil.which(argv[0]) is None:
        raise WrongUse(f"--ring: there is no program {argv[0] if argv else ''!r} that can be run")
    return argv


async def stay(make: Callable[[Callable[[Board], None]], Engine], ring: Sequence[str], say: Say) -> Outcome:
    """Runs the engine that `make` makes until a signal ends us, or until a part of it has failed."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    ringer = Ringer(ring, say=say, on_failure=ended.set)
    engine = make(ringer.see)
    await engine.start()
    try:
        await ended.wait()
    finally:
        await engine.stop()
        await ringer.stop()
    return Outcome(Code.INCOMPLETE, talk=f"oncall-tui: {ringer.failure}") if ringer.failure else Outcome(Code.DONE)


def _say(line: str, *, bell: bool) -> None:
    """One line for the journal, with the terminal's bell where there is one. A journal that is full stops no ringing."""
    streams.write(f"{safe.line(line)}{chr(7) if bell else ''}", sys.stdout)


def _state(board: Board) -> tuple[str, ...]:
    """What the status line tells without its clocks: who is alone, and which sources are silent."""
    alone = tuple(problem.id for problem in board.problems if problem.alone.is_alone)
    return (*alone, "silent", *(source.name for source in board.sources if not source.live))


class Ringer:
    """Tells each change of the status line, and runs a command for what rings."""

    def __init__(self, command: Sequence[str], *, say: Say, on_failure: Callable[[], object] = bool) -> None:
        self._command, self._say, self._on_failure = tuple(command), say, on_failure
        self.failure = ""
        self._bell = Bell()
        self._told: tuple[str, ...] | None = None
        self._ringing: set[asyncio.Task[None]] = set()

    def see(self, board: Board) -> None:
        """Every board of the engine, on its loop."""
        if board.trouble.startswith(PART_FAILED):
            self.failure = board.trouble
            self._on_failure()
        line, state = plain.line(board), _state(board)
        rings = self._bell.rings(board, datetime.now(UTC))
        if rings or state != self._told:
            self._told = state
            self._say(line)
        if rings and self._command:
            task = asyncio.ensure_future(self._run(line))
            self._ringing.add(task)
            task.add_done_callback(self._ringing.discard)

    async def _run(self, line: str) -> None:
        """The command gets the line on stdin and in ``ONCALL_TUI_LINE``: everybody here can read its arguments."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "ONCALL_TUI_LINE": line},
                start_new_session=True,
            )
        except OSError as error:
            self._say(f"--ring cannot be run: {(error.strerror or type(error).__name__).lower()}")
            return
        try:
            async with asyncio.timeout(RING_S):
                await process.communicate(f"{line}\n".encode())
        except TimeoutError:
            self._say(f"--ring took more than {RING_S:.0f} s and was ended")
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    async def stop(self) -> None:
        """Waits for what rings, at most as long as it may ring."""
        if self._ringing:
            await asyncio.gather(*self._ringing, return_exceptions=True)
