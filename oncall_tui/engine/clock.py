"""The time, as the engine is given it, so that a test can turn the hands."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


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
