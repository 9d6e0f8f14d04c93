"""Outbox -> sources: in order per signal, signals side by side, each write until it is delivered, refused or in question.

The one place where writes are sent again: `engine.line` tries once, and `delivery` says what became of that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from oncall_tui.engine import outcomes
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.delivery import Delivery, SpokenTo
from oncall_tui.engine.outbox import LEASE_S, Outbox
from oncall_tui.errors import ConfigError, Denied, OncallError, RateLimited, Unwritable, fault
from oncall_tui.model import Ref, Signal, State, Write

_AT_ONCE = 4
"""Conversations with one source at the same time."""

_LONGEST_WAIT_S = 900.0
"""No wait is longer, whatever a clock that was set back makes of a time on disk (`Retry-After` is cut to it, too)."""

_AGAIN_S = 2.0
"""When to ask again for a write that another process holds, or that our disk did not take."""


@dataclass(frozen=True, slots=True)
class _Flight:
    """A write that is being worked on at this moment."""

    write: Write
    task: asyncio.Task[None]


def _nothing(_: Ref) -> Signal | None:
    return None


class Courier:
    """Delivers what is in the outbox to `lines` (by source name). `on_change` hears of each write that changed on disk.

    `known` is a signal as it was last read (`Delivery`).
    """

    def __init__(
        self,
        outbox: Outbox,
        lines: Mapping[str, SpokenTo],
        clock: Clock,
        *,
        late_s: float,
        on_change: Callable[[Write], None],
        known: Callable[[Ref], Signal | None] = _nothing,
    ) -> None:
        self._outbox, self._lines, self._clock, self._tell = outbox, lines, clock, on_change
        self._delivery = Delivery(
            outbox, lines, clock, late_s=late_s, known=known, on_change=on_change, mind=self._mind
        )
        self._heads: dict[Ref, Write] = {}
        self._flying: dict[Ref, _Flight] = {}
        self._ready_at: dict[tuple[str, State, datetime | None], float] = {}
        self._not_before: dict[Ref, float] = {}
        self._resting: dict[str, float] = {}
        self._denied: set[str] = set()
        self._stir = asyncio.Event()
        self._idle = asyncio.Event()
        self._renewed_at = 0.0

    # --- from outside -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Delivers for ever; ends by being cancelled, which leaves what is being sent as maybe sent."""
        self.reload()
        try:
            while True:
                self._stir.clear()
                next_s = self._step()
                if not self._flying:
                    self._idle.set()
                await self._wait(next_s)
        finally:
            await self.stop()

    async def drain(self) -> None:
        """Delivers what is due now, and what becomes due by that; returns when nothing more can be done now."""
        self.reload()
        while True:
            self._stir.clear()
            self._step()
            if not self._flying:
                return
            await self._wait(None)

    async def rest(self) -> None:
        """While `run` runs: returns when nothing more can be done now."""
        self._idle.clear()
        self._stir.set()
        await self._idle.wait()

    async def stop(self) -> None:
        """Breaks off what is being sent."""
        tasks = [flight.task for flight in self._flying.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._flying.clear()

    def reload(self) -> None:
        """Looks at the whole outbox again, as after another process changed it."""
        self._heads = {}
        for write in self._outbox.open_writes():
            self._heads.setdefault(write.ref, write)
        self._stir.set()

    def look_at(self, refs: set[Ref]) -> None:
        """Something about these signals was put into the outbox or changed there."""
        for ref in refs:
            head = self._outbox.head(ref)
            if head is None:
                self._heads.pop(ref, None)
            else:
                self._heads[ref] = head
        self._stir.set()

    def forgive(self, source: str) -> None:
        """The credentials may be right again: its writes may be tried."""
        self._denied.discard(source)
        self._resting.pop(source, None)
        self._stir.set()

    # --- when -------------------------------------------------------------------------------------------------------

    async def _wait(self, seconds: float | None) -> None:
        """Until something happened, a try ended, or so many seconds passed."""
        if self._flying:
            seconds = min(LEASE_S / 4, _LONGEST_WAIT_S if seconds is None else seconds)
        await self._clock.doze(seconds, self._stir, *(flight.task for flight in self._flying.values()))

    def _step(self) -> float | None:
        """Starts what is due and tells in how many seconds the next will be; None when nothing waits for a time."""
        self._reap()
        self._hold_on()
        busy: dict[str, int] = {}
        for ref in self._flying:
            busy[_source(ref)] = busy.get(_source(ref), 0) + 1
        waits = []
        for ref, write in list(self._heads.items()):
            if ref in self._flying:
                continue
            wait_s = self._wait_s(write)
            if wait_s is None:
                continue
            if wait_s > 0:
                waits.append(wait_s)
            elif busy.get(write.source, 0) < _AT_ONCE:
                busy[write.source] = busy.get(write.source, 0) + 1
                self._flying[ref] = _Flight(write, asyncio.ensure_future(self._take(write)))
        return min(waits, default=None)

    def _wait_s(self, write: Write) -> float | None:
        """Seconds until a write may be worked on; None when only something else than time can bring that about."""
        if write.source not in self._lines or write.source in self._denied:
            return None
        if write.state is State.UNSURE and write.due_at is None:
            return None
        if write.after and (other := self._outbox.write(write.after)) and other.state.is_open:
            return None
        now = self._clock.monotonic()
        until = max(self._due(write, now), self._resting.get(write.source, now), self._not_before.get(write.ref, now))
        return until - now

    def _due(self, write: Write, now: float) -> float:
        """On the clock that cannot jump, fixed when a due time is first met."""
        key = (write.id, write.state, write.due_at)
        if key not in self._ready_at:
            left_s = (write.due_at - self._clock.now()).total_seconds() if write.due_at else 0.0
            self._ready_at[key] = now + min(max(left_s, 0.0), _LONGEST_WAIT_S)
        return self._ready_at[key]

    def _hold_on(self) -> None:
        """Renews the claims on what is being sent; what somebody else took over meanwhile is broken off."""
        now = self._clock.monotonic()
        if not self._flying or now - self._renewed_at < LEASE_S / 4:
            return
        self._renewed_at = now
        for flight in self._flying.values():
            with suppress(Unwritable):
                if not self._outbox.renew(flight.write.id, self._clock.now()):
                    flight.task.cancel()

    def _reap(self) -> None:
        for flight in [flight for flight in self._flying.values() if flight.task.done()]:
            del self._flying[flight.write.ref]
            error = None if flight.task.cancelled() else flight.task.exception()
            if error is not None:
                self._give_up(flight.write, error)
            self._forget(flight.write)
            self.look_at({flight.write.ref})

    def _forget(self, write: Write) -> None:
        for key in [key for key in self._ready_at if key[0] == write.id]:
            del self._ready_at[key]

    def _give_up(self, write: Write, error: BaseException) -> None:
        """A connector broke its promise to raise our errors only: no other write suffers, and this one is asked about."""
        words = f"the connector failed: {fault(error)}"[:300]
        with suppress(Unwritable):
            current = self._outbox.write(write.id) or write
            maybe_sent = current.state in (State.SENDING, State.UNSURE)
            after = outcomes.in_question(current, words) if maybe_sent else outcomes.refused(current, words)
            if self._outbox.save(after):
                self._tell(after)

    # --- one write ----------------------------------------------------------------------------------------------------

    async def _take(self, head: Write) -> None:
        """One write, as far as it goes now."""
        try:
            write = self._outbox.claim(head.id, self._clock.now())
        except Unwritable:
            write = None
        if write is None:
            self._not_before[head.ref] = self._clock.monotonic() + _AGAIN_S
            return
        self._not_before.pop(head.ref, None)
        try:
            after = await self._delivery.work(write)
        except Unwritable:  # nothing was sent: our disk did not take that we would
            self._not_before[head.ref] = self._clock.monotonic() + _AGAIN_S
            return
        await self._save(after)

    def _mind(self, source: str, error: OncallError) -> None:
        """What an error means for all of its source."""
        if isinstance(error, RateLimited):
            self._resting[source] = self._clock.monotonic() + min(max(error.after_s, 0.0), _LONGEST_WAIT_S)
        elif isinstance(error, (Denied, ConfigError)):
            self._denied.add(source)

    async def _save(self, write: Write) -> None:
        """Until our disk takes it: lost now, it would count as maybe sent on the next start."""
        while True:
            try:
                if self._outbox.save(write):
                    self._tell(write)
                return
            except Unwritable:
                await self._clock.sleep(_AGAIN_S)


def _source(ref: Ref) -> str:
    return ref.partition("/")[0]
