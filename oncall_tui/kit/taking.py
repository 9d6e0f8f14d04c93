"""How a problem is taken, given back and put aside: what every product has alike, around what only that one knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from oncall_tui.errors import Rejected
from oncall_tui.kit.connector import DONE, Receipt, Source
from oncall_tui.kit.exchange import Exchange
from oncall_tui.model import Verb, Write


class Held(Protocol):
    """What somebody may have: a `Signal`, or a connector's own record of one."""

    @property
    def taken_by(self) -> str: ...
    @property
    def mine(self) -> bool: ...
    @property
    def taken_until(self) -> datetime | None: ...


H = TypeVar("H", bound=Held)

CLOCKS = timedelta(seconds=2)
"""By how much the difference of two clocks is told differently from one time to the next."""


def _nothing(source: Source, present: Held) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking(Generic[H]):
    """Taking and giving back at one product: it is looked at before, done only where it is not so, and looked at after.

    `find` is what it is about, now (None: over, or hidden from us). `take` and `give` change it; they are asked only
    where that is needed, `take` also for what a colleague has, since the engineer was asked about that before. The words
    of their receipts are what the product said: they are told where it did not do it. A receipt that is not settled is not
    looked at: it counts once it is `is_so`. `lacks` says what else taking it wants that is not so ("it stayed 'new'"):
    that is asked for, and told where it does not come. `gone` is what to say when there is nothing to take.
    """

    find: Callable[[Source, str], Exchange[H | None]]
    take: Callable[[Source, Write, H], Exchange[Receipt]]
    give: Callable[[Source, Write, H], Exchange[Receipt]]
    lacks: Callable[[Source, H], str] = _nothing
    gone: str = "it is over, or hidden from you"

    def open(self, source: Source, write: Write) -> Exchange[H]:
        """What the write is about. Raises `Rejected` when it is gone."""
        present = yield from self.find(source, write.signal_id)
        if present is None:
            raise Rejected(self.gone, gone=True)
        return present

    def acknowledge(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Make it mine, until `write.until` where the product knows an end."""
        present = yield from self.open(source, write)
        if is_held(present, write) and not self.lacks(source, present):
            return DONE
        receipt = yield from self.take(source, write, present)
        if not receipt.settled:
            return receipt
        now = yield from self.open(source, write)
        if not now.mine:
            raise Rejected(_not_mine(present, now, receipt))
        lacks = self.lacks(source, now)
        return replace(receipt, words=_stayed(f"it is yours, but {lacks}", receipt) if lacks else "")

    def release(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Give it back, if it is still mine; what a colleague has stays theirs."""
        present = yield from self.find(source, write.signal_id)
        if present is None or not present.taken_by:
            return Receipt(words="nobody had it any more")
        if not present.mine:
            return Receipt(words=f"{present.taken_by} has it now")
        receipt = yield from self.give(source, write, present)
        if not receipt.settled:
            return receipt
        now = yield from self.find(source, write.signal_id)
        if now is not None and now.mine:
            raise Rejected(_stayed("it stayed yours", receipt))
        return replace(receipt, words="")

    def is_so(self, source: Source, write: Write) -> Exchange[bool]:
        """Whether it is as an acknowledgement or a release wanted it."""
        present = yield from self.find(source, write.signal_id)
        if write.verb is Verb.RELEASE:
            return present is None or not present.mine
        return present is not None and is_held(present, write)


def is_held(present: Held, write: Write) -> bool:
    """Whether it is mine, and long enough."""
    return present.mine and lasts(present.taken_until, write.until)


def lasts(ends_at: datetime | None, wanted: datetime | None) -> bool:
    """Whether what ends then is there for as long as was wanted (None: for ever), as far as two clocks can be compared."""
    return ends_at is None or (wanted is not None and ends_at >= wanted - CLOCKS)


def until(write: Write) -> datetime:
    """When a snooze ends. Raises `Rejected` where that was not said, or is over by now: nothing is sent then."""
    if write.until is None:
        raise Rejected("it was not said until when")
    if write.until <= (write.began_at or write.asked_at):
        raise Rejected("its end has passed, so nothing was sent")
    return write.until


def _not_mine(before: Held, now: Held, receipt: Receipt) -> str:
    """Why: somebody was faster, or the product left it where it was."""
    if now.taken_by and now.taken_by != before.taken_by:
        return f"{now.taken_by} was faster"
    return _stayed(f"it stayed with {now.taken_by}" if now.taken_by else "it was not given to you", receipt)


def _stayed(what: str, receipt: Receipt) -> str:
    return f"{what}: {receipt.words}" if receipt.words else what
