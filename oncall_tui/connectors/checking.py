"""How a host or a check is answered at Nagios and its descendants: acknowledged, noted, put aside, and seen to be so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

import msgspec

from oncall_tui import kit
from oncall_tui.connectors.checks import SEVERITY, Check, Remark, signal, taking
from oncall_tui.errors import Rejected
from oncall_tui.kit import DONE, Exchange, Reading, Receipt, Source, Taking
from oncall_tui.model import Impact, Signal, Verb, Write

T = TypeVar("T")
Answer: TypeAlias = Callable[[Source, Write], Exchange[Receipt]]

QUEUED = Receipt(settled=False)
"""What a monitor said that only put a command into a queue: whether it is done is seen later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """The conversations about one host or check, around what only this monitor knows.

    `find` is that one in whatever state (None: not there, or hidden from us). Each of the others changes exactly that one:
    `take` acknowledges it with these words, `give` ends that, `comment` adds these words, `put_aside` makes a downtime with
    these words from now to then (by the server's clock) and `cancel` ends one. `keeps` is how it keeps a text that it is
    given; the words have been through that.
    """

    find: Callable[[Source, str], Exchange[Check | None]]
    take: Callable[[Source, Write, Signal, str], Exchange[Receipt]]
    give: Callable[[Source, Write], Exchange[Receipt]]
    comment: Callable[[Source, Write, str], Exchange[Receipt]]
    put_aside: Callable[[Source, Write, str, datetime, datetime], Exchange[Receipt]]
    cancel: Callable[[Source, Write, Remark], Exchange[Receipt]]
    keeps: Callable[[str], str] = str

    def read(
        self, source: Source, records: Iterable[msgspec.Raw], type_: type[T], check: Callable[[T], Check]
    ) -> Reading:
        """Each record that is a problem as a signal."""
        table = _table(source)
        return kit.warned(
            kit.read_each(records, type_, lambda one: signal(source, check(one), table, self.keeps)), table
        )

    def peek(self, source: Source, signal_id: str) -> Exchange[Signal | None]:
        """That host or check now; None when it is well again, gone, or hidden from us."""
        check = yield from self.find(source, signal_id)
        return signal(source, check, _table(source), self.keeps) if check else None

    @property
    def answers(self) -> Mapping[Verb, Answer]:
        return {
            Verb.ACKNOWLEDGE: self._taking.acknowledge,
            Verb.RELEASE: self._taking.release,
            Verb.NOTE: self.note,
            Verb.SNOOZE: self.snooze,
        }

    @property
    def _taking(self) -> Taking[Signal]:
        def take(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
            return self.take(source, write, present, self.keeps(taking(source, write)))

        def give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
            return self.give(source, write)

        return Taking(find=self.peek, take=take, give=give, gone="it is well again, gone, or hidden from you")

    @property
    def retracts(self) -> Mapping[Verb, Answer]:
        return {Verb.SNOOZE: self.retract}

    def note(self, source: Source, write: Write) -> Exchange[Receipt]:
        """A comment, which only those read who may use the monitor."""
        yield from self._open(source, write)
        kept = self.keeps(write.text)
        receipt = yield from self.comment(source, write, f"{kept} {kit.marker(write)}")
        return receipt if kit.same_text(kept, write.text) else replace(receipt, words=f"it was given {kept!r}")

    def snooze(self, source: Source, write: Write) -> Exchange[Receipt]:
        """A fixed downtime of exactly this host or check from now to `write.until`."""
        until, skew = kit.until(write), timedelta(seconds=source.skew_s)
        if _ours(write, (yield from self._open(source, write)).downtimes):
            return DONE
        words = f"{self.keeps(write.text or f'snoozed by {source.me.name}')} {kit.marker(write)}"
        return (yield from self.put_aside(source, write, words, write.asked_at + skew, until + skew))

    def retract(self, source: Source, write: Write) -> Exchange[Receipt]:
        """End the downtime that this write made; other downtimes stay."""
        check = yield from self.find(source, write.signal_id)
        ours = _ours(write, check.downtimes) if check else None
        return (yield from self.cancel(source, write, ours)) if ours else DONE

    def seen(self, source: Source, write: Write) -> Exchange[bool]:
        """Whether the state is as the write wanted it, or what it says is there."""
        if write.verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
            return (yield from self._taking.is_so(source, write))
        check = yield from self.find(source, write.signal_id)
        remarks = () if check is None else check.comments if write.verb is Verb.NOTE else check.downtimes
        return _ours(write, remarks) is not None

    def _open(self, source: Source, write: Write) -> Exchange[Check]:
        check = yield from self.find(source, write.signal_id)
        if check is None or not check.is_problem:
            raise Rejected(self._taking.gone, gone=True)
        return check


def _table(source: Source) -> Mapping[str, Impact]:
    return kit.scale(source, SEVERITY)


def _ours(write: Write, remarks: Iterable[Remark]) -> Remark | None:
    """What that write said, if it is among them."""
    return next((remark for remark in remarks if remark.text.rstrip().endswith(kit.marker(write))), None)
