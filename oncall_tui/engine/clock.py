"""The time, as the engine is given it, so that a test can turn the hands."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any


class Clock:
    """The machine's own clock. `now` can jump (suspend, summer time is no matter: it is UTC); `monotonic` cannot."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from some fixed point, for spans and back-off."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits that long; a negative span is none."""
        await asyncio.sleep(max(seconds, 0))

    async def doze(self, seconds: float | None, woken: asyncio.Event, *others: asyncio.Future[Any]) -> None:
        """Until that long has passed (None: never), `woken` is set, or one of the `others` (which go on) has ended."""
        ours: list[asyncio.Future[Any]] = [asyncio.ensure_future(woken.wait())]
        if seconds is not None:
            ours.append(asyncio.ensure_future(self.sleep(seconds)))
        try:
            await asyncio.wait([*ours, *others], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in ours:
                one.cancel()
