"""Asks one source again and again: what a reading becomes, when to ask next, and what a failure means for that."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from oncall_tui import safe, words
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.line import Line
from oncall_tui.errors import ConfigError, Denied, OncallError, RateLimited, Rejected, Unreadable
from oncall_tui.kit import Connector, Reading
from oncall_tui.model import Signal, Snapshot

LONGEST_PAUSE_S = 300.0
"""A source that was down for hours is noticed at most so much later when it returns."""

AFRESH_S = 600.0
"""What a source does not mark as changed (an edited note, a new colleague, another configuration since the reading that a
start begins with) is seen at most so much later. The first poll may build on what is known, the second does not."""

_DOUBT_FROM = 3
"""So many signals do not all end at once: an empty reading after them is asked for a second time."""

_DOUBT_PAUSE_S = 5.0
_JITTER = 0.1
SKEW_TOLD_S = 60.0
"""A clock further off than this is worth mending, and said on the screen."""

_LOOK_UP_S = 20.0
"""How long we sleep before looking at the wall clock: after a suspend the monotonic one has stood still."""


# --- one poll --------------------------------------------------------------------------------------------------------


async def poll(line: Line, connector: Connector, before: Snapshot) -> Snapshot:
    """Asks once. Whatever goes wrong becomes the snapshot's `fault`, and the signals stay those of the last reading."""
    snapshot, _ = await _ask(line, connector, before)
    return snapshot


async def _ask(
    line: Line, connector: Connector, before: Snapshot, *, afresh: bool = False
) -> tuple[Snapshot, OncallError | None]:
    """`afresh` reads everything again, also what the connector could take over from the reading before or from its login."""
    began_at = line.clock.now()
    known = {signal.id: signal for signal in before.signals}
    known_at = None if before.asked_at is None else before.asked_at + timedelta(seconds=before.skew_s)
    try:
        reading = await line.play(connector.poll, known=known, known_at=known_at, afresh=afresh)
        signals = whole(reading, before.signals)
    except OncallError as error:
        faulty = replace(
            before, fault=error.words, fault_at=before.fault_at or began_at, skew_s=line.skew_s, warning=line.warning
        )
        return faulty, error
    warning = "; ".join(warning for warning in (line.warning, safe.line(reading.warning)) if warning)
    asked = replace(before, fault="", fault_at=None, skew_s=line.skew_s, warning=warning)
    if _is_doubtful(signals, before):
        return replace(asked, doubt=_doubt(before)), None
    return replace(
        asked,
        signals=signals,
        asked_at=began_at,
        answered_at=line.clock.now(),
        doubt="",
        unreadable=len(reading.unreadable),
        gap=safe.line(reading.gap),
    ), None


def whole(reading: Reading, before: tuple[Signal, ...] = ()) -> tuple[Signal, ...]:
    """The signals made safe, each id once (a page that moved while we read tells one twice; the later is fresher).

    When they are as they were `before`, in whatever order, they are the very same: then nobody looks at them again.
    """
    if reading.unreadable and not reading.signals:
        many = len(reading.unreadable)
        raise Unreadable(f"told {many} records and none can be read: {reading.unreadable[0]}")
    found = {signal.id: safe.signal(signal) for signal in reading.signals}
    return before if found == {signal.id: signal for signal in before} else tuple(found.values())


def _is_doubtful(signals: tuple[Signal, ...], before: Snapshot) -> bool:
    return not signals and len(before.signals) >= _DOUBT_FROM and not before.doubt


def _doubt(before: Snapshot) -> str:
    at = f" at {words.clock(before.answered_at)}" if before.answered_at else ""
    return f"told of nothing, and had {len(before.signals)}{at}: asked again before it is believed"


# --- when to ask next ------------------------------------------------------------------------------------------------


def pause(snapshot: Snapshot, error: OncallError | None, failures: int, chance: random.Random) -> float | None:
    """Seconds until the next poll; None when only `wake` may bring it. `failures` counts those in a row, this one too.

    A failing source is asked at most as often as a healthy one, then at random within twice the time of the failure
    before ("full jitter": many screens that lost the same source do not return to it together), up to 5 minutes.
    """
    usual_s = snapshot.every_s * chance.uniform(1 - _JITTER, 1 + _JITTER)
    match error:
        case None:
            return min(usual_s, _DOUBT_PAUSE_S) if snapshot.doubt else usual_s
        case Denied() | ConfigError():
            return None
        case RateLimited(after_s=after_s):
            return max(usual_s, after_s * chance.uniform(1, 1 + _JITTER))
        case _:
            longest_s = min(snapshot.every_s * 2.0 ** min(failures, 20), LONGEST_PAUSE_S)
            return max(usual_s, chance.uniform(0, longest_s))


class Poller:
    """One source's loop. `on_snapshot` hears of every poll that ended, on the loop that runs it."""

    def __init__(
        self,
        line: Line,
        connector: Connector,
        before: Snapshot,
        on_snapshot: Callable[[Snapshot], None],
        *,
        clock: Clock | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.snapshot = before
        self._line, self._connector, self._tell = line, connector, on_snapshot
        self._clock = clock or line.clock
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._woken = asyncio.Event()
        self._failures = 0
        self._afresh_at = self._clock.monotonic() + before.every_s / 2

    def wake(self, *, afresh: bool = False) -> None:
        """Asks at once, or after the poll that is under way; also a source that refused our credentials.

        What a source asked us to wait for it is waited for all the same. `afresh` is for what it does not mark as changed.
        """
        if afresh:
            self._afresh_at = self._clock.monotonic()
        if self._line.denied:  # else the credentials are good: a command that fetches them may ask for a passphrase
            self._line.forgive()
        self._woken.set()

    async def run(self) -> None:
        """Polls for ever; ends by being cancelled."""
        while True:
            self._woken.clear()
            began_at = self._clock.monotonic()
            afresh = began_at >= self._afresh_at
            if afresh:
                self._afresh_at = began_at + AFRESH_S
            self.snapshot, error = await _ask(self._line, self._connector, self.snapshot, afresh=afresh)
            if (afresh and error) or isinstance(error, (Rejected, Unreadable)):
                self._afresh_at = began_at
            self._failures = self._failures + 1 if error else 0
            self._tell(self.snapshot)
            pause_s = pause(self.snapshot, error, self._failures, self._chance)
            await self._wait(pause_s, deaf=isinstance(error, RateLimited))

    async def _wait(self, seconds: float | None, *, deaf: bool) -> None:
        """Until that has passed by either clock, or, unless `deaf`, until woken."""
        if seconds is None:
            await self._woken.wait()
            return
        ends, ends_at = self._clock.monotonic() + seconds, self._clock.now() + timedelta(seconds=seconds)
        while deaf or not self._woken.is_set():
            left_s = min(ends - self._clock.monotonic(), (ends_at - self._clock.now()).total_seconds())
            if left_s <= 0:
                return
            nap_s = min(left_s, _LOOK_UP_S)
            await (self._clock.sleep(nap_s) if deaf else self._clock.doze(nap_s, self._woken))
