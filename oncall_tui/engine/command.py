"""Runs a program for what it prints: without a terminal, and for so long and no longer."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress


async def printed(argv: tuple[str, ...], *, limit_s: float, most_bytes: int) -> tuple[bytes, int]:
    """What it printed until it ended, and its exit code; it is ended once it printed more than `most_bytes`.

    It is not waited for an agent that it started, which may hold its end of the pipe for ever. It runs in a session of its
    own: a prompt fails instead of painting over the screen. Raises `TimeoutError`, and `OSError` when it cannot be run.
    """
    ours, its = os.pipe()
    try:
        process = await _started(argv, its)
        return await _heard(process, ours, limit_s, most_bytes)
    finally:
        os.close(ours)


async def _started(argv: tuple[str, ...], its: int) -> asyncio.subprocess.Process:
    quiet = {name: value for name, value in os.environ.items() if name != "GPG_TTY"}
    nothing = asyncio.subprocess.DEVNULL
    try:
        return await asyncio.create_subprocess_exec(
            *argv, stdin=nothing, stdout=its, stderr=nothing, start_new_session=True, env=quiet
        )
    finally:
        os.close(its)


async def _heard(process: asyncio.subprocess.Process, ours: int, limit_s: float, most: int) -> tuple[bytes, int]:
    loop, heard = asyncio.get_running_loop(), bytearray()

    def take() -> None:
        with suppress(BlockingIOError):
            while part := os.read(ours, most):
                heard.extend(part)
                if len(heard) > most:
                    _kill(process)
                    break
            else:
                loop.remove_reader(ours)

    os.set_blocking(ours, False)
    loop.add_reader(ours, take)
    try:
        async with asyncio.timeout(limit_s):
            code = await process.wait()
        take()
    finally:
        loop.remove_reader(ours)
        await _end(process)
    return bytes(heard), code


async def _end(process: asyncio.subprocess.Process) -> None:
    """Nothing of it outlives the question, nor a cancelled one."""
    if process.returncode is None:
        _kill(process)
        await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
