"""An event loop for as long as one command takes, which at its end waits for no name that is still being looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, which waits for the threads that ask a name server (`cli.run` leaves them behind)."""

    async def and_leave() -> T:
        try:
            return await work
        finally:
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))  # an idle one takes its place

    return asyncio.run(and_leave())
