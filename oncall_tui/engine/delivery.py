"""What becomes of one write now: found out whether it arrived, objected to, or tried once.

What an answer means is decided in `outcomes`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from typing import Protocol, TypeAlias, TypeVar

from oncall_tui.engine import outcomes
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.outbox import Outbox
from oncall_tui.engine.outcomes import by_their_clock
from oncall_tui.errors import OncallError, Unwritable
from oncall_tui.kit import Connector, Exchange, Receipt, Request, Response, Source
from oncall_tui.model import Ref, Signal, State, Verb, Write

T = TypeVar("T")
Say: TypeAlias = "Callable[[Source, Write], Exchange[Receipt]]"


class SpokenTo(Protocol):
    """What a delivery needs of `engine.line.Line`."""

    @property
    def connector(self) -> Connector: ...

    async def play(
        self, make: Callable[[Source], Generator[Request, Response, T]], /, *, known: Mapping[str, Signal]
    ) -> T: ...


class Delivery:
    """Takes claimed writes as far as they go now, at `lines` (by source name).

    `known` is a signal as it was last read: with it a source that finds nothing by id is not asked for everything.
    `on_change` hears of each write that is on disk as being sent, `mind` of each failure of a source.
    """

    def __init__(
        self,
        outbox: Outbox,
        lines: Mapping[str, SpokenTo],
        clock: Clock,
        *,
        late_s: float,
        known: Callable[[Ref], Signal | None],
        on_change: Callable[[Write], None],
        mind: Callable[[str, OncallError], None],
    ) -> None:
        self._outbox, self._lines, self._clock, self._late_s = outbox, lines, clock, late_s
        self._known, self._tell, self._mind = known, on_change, mind

    async def work(self, write: Write) -> Write:
        """What it is after this. Raises `Unwritable` when our disk did not take that it would be sent: it was not."""
        line = self._lines[write.source]
        if write.state is State.SENDING:
            return outcomes.orphaned(write, self._clock.now(), self._late_s)
        if write.state is State.UNSURE:
            return await self._look(line, write)
        return await self._send(line, write)

    async def _look(self, line: SpokenTo, write: Write) -> Write:
        """It may have arrived: find out, and send it again only if it certainly did not."""
        try:
            is_there = await self._is_there(line, write)
        except Unwritable:
            raise
        except OncallError as error:
            self._mind(write.source, error)
            return outcomes.not_found_out(write, error, self._clock.now())
        now = self._clock.now()
        if is_there:
            return outcomes.found(write, now)
        if not outcomes.may_send_again(write, now, self._late_s):
            return outcomes.look_later(write, now, self._late_s)
        if is_there is None and write.verb in outcomes.NOT_TWICE:
            return outcomes.in_question(write, f"{write.fault} (nothing can tell whether it arrived)")
        return await self._send(line, write)

    async def _is_there(self, line: SpokenTo, write: Write) -> bool | None:
        """None when this source cannot be asked."""
        connector = line.connector
        if write.verb is Verb.RETRACT:
            return None
        if connector.seen:
            seen = connector.seen
            return await self._ask(line, write, lambda source: seen(source, by_their_clock(write, source.skew_s)))
        if connector.peek and write.verb not in outcomes.WORDS:
            peek = connector.peek
            is_so = await self._ask(line, write, lambda source: _peeked(peek, source, write))
            return is_so or (None if write.verb is Verb.SNOOZE else False)  # a source need not show what it hushes
        return None

    async def _send(self, line: SpokenTo, write: Write) -> Write:
        if words := self._relied_on(write):
            return outcomes.refused(write, words)
        say = self._saying(line.connector, write)
        if say is None:
            return outcomes.refused(write, line.connector.cannot.get(write.verb, f"{write.source} cannot do that"))
        try:
            words = await self._objection(line, write)
        except Unwritable:
            raise
        except OncallError as error:
            self._mind(write.source, error)
            return outcomes.not_tried(write, error, self._clock.now())
        if words:
            return outcomes.refused(write, words)
        return await self._try(line, outcomes.started(write, self._clock.now()), say)

    def _saying(self, connector: Connector, write: Write) -> Say | None:
        """What says it to this product: a retraction is of an earlier write, which the product is shown instead."""
        if write.verb is not Verb.RETRACT:
            return connector.answers.get(write.verb)
        before = self._outbox.write(write.after)
        retract = connector.retracts.get(before.verb) if before else None
        if before is None or retract is None:
            return None
        return lambda source, _: retract(source, by_their_clock(before, source.skew_s))

    def _relied_on(self, write: Write) -> str:
        other = self._outbox.write(write.after) if write.after and not write.sure else None
        if other is None or other.state is not State.REFUSED:
            return ""
        return f"the {'acknowledgement' if other.verb is Verb.ACKNOWLEDGE else other.verb.value} was refused: {other.fault}"

    async def _objection(self, line: SpokenTo, write: Write) -> str:
        """The source's present state, read before each try, against the state in which it was said."""
        peek = line.connector.peek
        if peek is None or write.sure or write.verb in (Verb.RELEASE, Verb.RETRACT):
            return ""
        present = await self._ask(line, write, lambda source: peek(source, write.signal_id))
        return outcomes.objection(write, present, self._clock.now())

    async def _try(self, line: SpokenTo, write: Write, say: Say) -> Write:
        """The one request that matters. From here on it may have arrived."""
        if not self._outbox.save(write, keep_claim=True):
            raise Unwritable(f"{write.id} was taken over by another process")
        self._tell(write)
        try:
            async with asyncio.timeout(outcomes.TRY_S):
                receipt = await self._ask(line, write, lambda source: say(source, by_their_clock(write, source.skew_s)))
        except TimeoutError:
            return outcomes.orphaned(write, self._clock.now(), self._late_s)
        except OncallError as error:
            self._mind(write.source, error)
            return outcomes.failed(write, error, self._clock.now(), self._late_s)
        return outcomes.answered(write, receipt, self._clock.now())

    async def _ask(self, line: SpokenTo, write: Write, make: Callable[[Source], Generator[Request, Response, T]]) -> T:
        """One conversation about the signal of that write."""
        known = self._known(write.ref)
        return await line.play(make, known={known.id: known} if known else {})


def _peeked(peek: Callable[[Source, str], Exchange[Signal | None]], source: Source, write: Write) -> Exchange[bool]:
    """Whether that signal is now as the write wanted it."""
    present = yield from peek(source, write.signal_id)
    return outcomes.is_so(by_their_clock(write, source.skew_s), present)
