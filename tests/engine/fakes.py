"""A clock whose hands are turned by the test: nobody waits, and the order of events is the same in every run."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from oncall_tui.engine.clock import Clock

NIGHT = datetime(2026, 11, 23, 3, 14, tzinfo=UTC)


class FakeClock(Clock):
    """Stands still until `advance`; `sleep` suspends until the hands have passed its end."""

    def __init__(self, now: datetime = NIGHT) -> None:
        self._now = now
        self._hands = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._hands

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._hands + max(seconds, 0), next(self._order), future))
        await future

    @property
    def sleepers(self) -> tuple[float, ...]:
        """How many seconds each one who sleeps has still to go, shortest first."""
        return tuple(sorted(due - self._hands for due, _, future in self._sleepers if not future.done()))

    def jump(self, seconds: float) -> None:
        """The wall clock is set (or the laptop slept); spans do not notice."""
        self._now += timedelta(seconds=seconds)

    async def advance(self, seconds: float = 0) -> None:
        """Turns the hands that far; everyone whose time comes wakes at their own moment and runs until they wait again."""
        await settle()
        end = self._hands + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._turn(due)
                future.set_result(None)
                await settle()
        self._turn(end)

    def _turn(self, hands: float) -> None:
        self._now += timedelta(seconds=max(hands - self._hands, 0))
        self._hands = max(hands, self._hands)


async def settle() -> None:
    """Lets every task run until it waits for something other than its turn. Not for what waits for a socket: `until`."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(100_000):
        await asyncio.sleep(0)
        if not ready:
            return
    raise AssertionError("the tasks never settle: somebody spins")


async def until(fact: Callable[[], bool], *, deadline_s: float = 10.0) -> None:
    """Waits, in real time, for a fact that real sockets, files or threads bring about."""
    async with asyncio.timeout(deadline_s):
        while not fact():  # noqa: ASYNC110 - sockets and files set no Event
            await asyncio.sleep(0.005)
