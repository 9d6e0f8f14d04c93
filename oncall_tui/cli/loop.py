"""An event loop for as long as one command takes, which at its end waits for no name that is still being looked up."""

from __future__ import annotations

import asyncio
import signal
import warnings
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, which waits for the threads that ask a name server (`cli.run` leaves them behind).

    An interrupt ends it at once with `KeyboardInterrupt`. `asyncio.run` alone can sleep through one that comes just
    before it begins to wait: only a handler of the loop's own wakes the loop.
    """
    interrupted = False

    async def and_leave() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def interrupt() -> None:
            nonlocal interrupted
            interrupted = True
            # A connection that was just being opened leaves a coroutine behind that nobody will await any more.
            warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
            if task is not None:
                task.cancel()

        with suppress(RuntimeError, ValueError):  # not on the main thread
            loop.add_signal_handler(signal.SIGINT, interrupt)
        try:
            return await work
        finally:
            loop.set_default_executor(ThreadPoolExecutor(1))  # an idle one takes its place

    try:
        return asyncio.run(and_leave())
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
