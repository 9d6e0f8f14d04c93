"""How a monitor is asked about one alert and told something, around what only one product knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from oncall_tui.errors import Rejected
from oncall_tui.kit.alert import scale
from oncall_tui.kit.connector import DONE, Answer, Reading, Receipt, Source
from oncall_tui.kit.exchange import Exchange
from oncall_tui.kit.reading import make_each, warned
from oncall_tui.kit.remark import Pause, Remark
from oncall_tui.kit.taking import Taking, until
from oncall_tui.kit.text import marker, same_text
from oncall_tui.model import Impact, Signal, Verb, Write

F = TypeVar("F")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor(Generic[F]):
    """What only this product knows of an alert, of which it finds an `F`; the rest is the same everywhere.

    `find` is that alert now (None: not there, or hidden from us) and `signal` what it is by that table (None: it is over).
    `notes` are what was said about it, `pauses` what keeps it out of the way. Each of the others changes exactly that one:
    `take` and `give` as in `Taking`, `note` adds these words, `snooze` puts it out of the way until `write.until`, `resolve`
    ends it, `undo` takes back one note or one pause. A receipt that is not settled counts once it is `seen`; one
    without an id is looked at, and its words are told where it was not done. `keeps` is how a text is kept that it is
    given, `joint` what stands before a mark.
    """

    table: Mapping[str, Impact]
    find: Callable[[Source, str], Exchange[F | None]]
    signal: Callable[[Source, F, Mapping[str, Impact]], Signal | None]
    notes: Callable[[Source, F], Iterable[Remark]]
    pauses: Callable[[Source, F], Iterable[Pause]]
    take: Callable[[Source, Write, Signal], Exchange[Receipt]]
    give: Callable[[Source, Write, Signal], Exchange[Receipt]]
    note: Callable[[Source, Write, str], Exchange[Receipt]]
    snooze: Callable[[Source, Write, F], Exchange[Receipt]]
    resolve: Callable[[Source, Write, F], Exchange[Receipt]] | None = None
    undo: Mapping[Verb, Callable[[Source, Write, Any], Exchange[Receipt]]] = field(default_factory=dict)
    keeps: Callable[[str], str] = str
    joint: str = "\n"
    gone: str = "the alert is over"

    # --- reading -----------------------------------------------------------------------------------------------------

    def read(self, source: Source, records: Iterable[T], found: Callable[[T], F]) -> Reading:
        """Each record, by what is found in it, as a signal; what is over is left out."""
        table = scale(source, self.table)
        return warned(make_each(records, lambda one: self.signal(source, found(one), table)), table)

    def peek(self, source: Source, signal_id: str) -> Exchange[Signal | None]:
        """That alert now; None when it is over, gone, or hidden from us."""
        return self._signal(source, (yield from self.find(source, signal_id)))

    def _signal(self, source: Source, found: F | None) -> Signal | None:
        return None if found is None else self.signal(source, found, scale(source, self.table))

    # --- writing -----------------------------------------------------------------------------------------------------

    @property
    def answers(self) -> Mapping[Verb, Answer]:
        """What it can be told."""
        return {
            Verb.ACKNOWLEDGE: self.taking.acknowledge,
            Verb.RELEASE: self.taking.release,
            Verb.NOTE: self._note,
            Verb.SNOOZE: self._snooze,
            **({Verb.RESOLVE: self._resolve} if self.resolve else {}),
        }

    @property
    def taking(self) -> Taking[Signal]:
        """How one is taken and given back."""
        return Taking(find=self.peek, take=self.take, give=self.give, gone=self.gone)

    def _note(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Words, which only those read who may use the monitor, with the mark that finds them again."""
        yield from self.taking.open(source, write)
        kept = self.keeps(write.text)
        receipt = yield from self.note(source, write, f"{kept}{self.joint}{marker(write)}")
        return receipt if same_text(kept, write.text) else replace(receipt, words=f"it was given {kept!r}")

    def _snooze(self, source: Source, write: Write) -> Exchange[Receipt]:
        until(write)
        found = yield from self.find(source, write.signal_id)
        present = self._signal(source, found)
        if found is None or present is None:
            raise Rejected(self.gone, gone=True)
        if words := present.cannot.get(Verb.SNOOZE):
            raise Rejected(words)
        if any(one.serves(write) for one in self.pauses(source, found)):
            return DONE
        receipt = yield from self.snooze(source, write, found)
        return (yield from self._look_again(source, write, receipt, "it was not put out of the way"))

    def _resolve(self, source: Source, write: Write) -> Exchange[Receipt]:
        found = yield from self.find(source, write.signal_id)
        if found is None or self.resolve is None or self._signal(source, found) is None:
            return DONE
        receipt = yield from self.resolve(source, write, found)
        return (yield from self._look_again(source, write, receipt, "it was not closed"))

    def _look_again(self, source: Source, write: Write, receipt: Receipt, otherwise: str) -> Exchange[Receipt]:
        """Only what was stored has an id; nothing is believed because it was answered well, or not because it was refused."""
        if not receipt.settled or receipt.id:
            return receipt
        if (yield from self.seen(source, write)):
            return DONE
        if (yield from self.peek(source, write.signal_id)) is None:
            raise Rejected(self.gone, gone=True)
        raise Rejected(receipt.words or otherwise)

    @property
    def retracts(self) -> Mapping[Verb, Answer]:
        """What it lets us take back."""
        return dict.fromkeys(self.undo, self._retract)

    def _retract(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Take back what that write made; all else stays."""
        receipt = DONE
        for one in (yield from self._said(source, write)):
            if one.is_of(write):
                receipt = yield from self.undo[write.verb](source, write, one)
        if receipt.words:
            raise Rejected(receipt.words)
        return receipt

    def seen(self, source: Source, write: Write) -> Exchange[bool]:
        """Whether it is as the write wanted it, or what that said is there, or was."""
        match write.verb:
            case Verb.ACKNOWLEDGE | Verb.RELEASE:
                return (yield from self.taking.is_so(source, write))
            case Verb.RESOLVE:
                return (yield from self.peek(source, write.signal_id)) is None
            case _:
                return any(one.serves(write) for one in (yield from self._said(source, write)))

    def _said(self, source: Source, write: Write) -> Exchange[Iterable[Remark | Pause]]:
        """Whatever may be that write's."""
        found = yield from self.find(source, write.signal_id)
        if found is None:
            return ()
        return self.pauses(source, found) if write.verb is Verb.SNOOZE else self.notes(source, found)
