"""How a desk is asked and told: the poll, and what can be said to a ticket, around what only one product knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit.connector import DONE, Answer, Reading, Receipt, Source
from oncall_tui.kit.desk.listing import Changes, Head, Listed, Whole, head, numbered
from oncall_tui.kit.desk.settings import CANNOT
from oncall_tui.kit.desk.ticket import PRIORITY, Said, Ticket, signal
from oncall_tui.kit.exchange import Exchange, Response
from oncall_tui.kit.reading import by_number, impacts, kept, make_each, strangers, when
from oncall_tui.kit.record import Record
from oncall_tui.kit.taking import Taking
from oncall_tui.model import Impact, Signal, Verb, Write

STALE = 412
"""What is answered to a change of something that is not any more as it was when it was read."""


class Change(NamedTuple):
    """What is to be another: who has it (True: I, False: nobody, None: as it is), and its status ("": as it is)."""

    mine: bool | None = None
    status: str = ""


def fresh(answer: Response) -> Response:
    """The answer to a change; if somebody was faster, what to do is decided anew. Raises `Unavailable` then."""
    if answer.status == STALE:
        raise Unavailable("somebody changed the ticket at the same moment", maybe_sent=False)
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What only this product knows of asking and changing; the rest is the same everywhere.

    `page` lists open tickets after that number, lowest first, and whether more may follow; or, if it is open, only the one
    of an id. `changed` is what a record's time of change is called there, and `at` how it reads. Where a list costs much,
    `changes` are those since a time of the product's (None: too many). `read` gets the records of some of them whole, and
    what makes a ticket of such a one. `find` is a ticket in whatever status (None: gone, or hidden).
    Where what was said is not in what `find` finds, `said` tells it, since then. `change` asks for what is not so yet and
    gives back what the product says to it. `say` stores a note or a reply and gives back its id, `unsay` empties one where
    the product can. Times of the product may be off by `slack`.
    """

    page: Callable[[Source, int, str], Listed]
    changed: str
    read: Callable[[Source, Sequence[Head]], Whole]
    find: Callable[[Source, str], Exchange[Ticket | None]]
    change: Callable[[Source, Ticket, Change], Exchange[str]]
    say: Callable[[Source, Ticket, Write], Exchange[str]]
    changes: Callable[[Source, datetime], Exchange[Changes | None]] | None = None
    said: Callable[[Source, str, datetime], Exchange[Iterable[Said]]] | None = None
    unsay: Callable[[Source, Said], Exchange[None]] | None = None
    table: Mapping[str, Impact] = field(default_factory=lambda: PRIORITY)
    at: Callable[[str], datetime | None] = when
    slack: timedelta = timedelta(seconds=5)
    cannot: Mapping[Verb, str] = field(default_factory=lambda: CANNOT)

    # --- reading -----------------------------------------------------------------------------------------------------

    def poll(self, source: Source) -> Exchange[Reading]:
        """Every open ticket; those that did not change since the last reading are taken from it."""
        still, changed = [], []
        heads = yield from self._changed(source)
        for one in (yield from self._heads(source)) if heads is None else heads:
            if known := kept(source, one.id, one.changed_at, self.slack):
                still.append(known)
            else:
                changed.append(one)
        made = (yield from self._reading(source, changed)) if changed else Reading()
        signals = still + made.signals
        words = (one for one in signals if not one.severity.isdecimal())
        return Reading(signals=signals, unreadable=made.unreadable, warning=strangers(words, self._table(source)))

    def peek(self, source: Source, signal_id: str) -> Exchange[Signal | None]:
        """That ticket now; None when it is open no more, or hidden from us."""
        if self.said is None:
            ticket = yield from self.find(source, signal_id)
            return signal(source, ticket, self._table(source)) if ticket and ticket.is_open else None
        made = yield from self._reading(source, (yield from self._heads(source, signal_id)))
        if made.unreadable:
            raise Unreadable(f"the API changed shape: {made.unreadable[0]}")
        return next((one for one in made.signals if one.id == signal_id), None)

    def _changed(self, source: Source) -> Exchange[list[Head] | None]:
        """What changed and what is known from before; None when that is not all that is open, or is not told.

        Since when is told by the product's own clock: by its latest change that is known.
        """
        latest = max((one.changed_at for one in source.known.values() if one.changed_at), default=None)
        latest = None if source.afresh else latest
        found = (yield from self.changes(source, latest - self.slack)) if self.changes and latest else None
        if found is None:
            return None
        heads = [head(record, self.changed, self.at) for record in found.records]
        moved = {one.id for one in heads}
        still = [Head(id_, one.changed_at, Record({})) for id_, one in source.known.items() if id_ not in moved]
        now_open = still + [one for one in heads if found.is_open(one.record)]
        return now_open if len(now_open) == found.total else None

    def _heads(self, source: Source, only: str = "") -> Exchange[list[Head]]:
        def page(after: int) -> Exchange[tuple[Iterable[tuple[int | None, Record]], bool]]:
            records, more = yield from self.page(source, after, only)
            return numbered(records), more

        return [head(record, self.changed, self.at) for record in (yield from by_number(page))]

    def _reading(self, source: Source, heads: Sequence[Head]) -> Exchange[Reading]:
        """Each record by itself as the signal of the ticket that it makes; what is over by now is left out."""
        records, ticket = yield from self.read(source, heads)
        table = self._table(source)

        def made(record: Record) -> Signal | None:
            found = ticket(record)
            return signal(source, found, table) if found.is_open else None

        return make_each(records, made)

    def _table(self, source: Source) -> dict[str, Impact]:
        return impacts(self.table, source.options.get("priorities", ""))

    # --- writing -----------------------------------------------------------------------------------------------------

    @property
    def answers(self) -> Mapping[Verb, Answer]:
        """The verbs, but for what it cannot be told."""
        verbs = {
            Verb.ACKNOWLEDGE: self.taking.acknowledge,
            Verb.RELEASE: self.taking.release,
            Verb.NOTE: self.note,
            Verb.REPLY: self.reply,
            Verb.RESOLVE: self.resolve,
        }
        return {verb: answer for verb, answer in verbs.items() if verb not in self.cannot}

    @property
    def taking(self) -> Taking[Ticket]:
        """Assigns it to me, or to nobody, and moves it to `taken_status` or `released_status` where there is one.

        That it did not move is told, not refused.
        """

        def take(source: Source, write: Write, ticket: Ticket) -> Exchange[Receipt]:
            return self._move(source, ticket, "taken_status", mine=None if ticket.mine else True)

        def give(source: Source, write: Write, ticket: Ticket) -> Exchange[Receipt]:
            return self._move(source, ticket, "released_status", mine=False)

        gone = "it is no longer there, or hidden from you"
        return Taking(find=self.find, take=take, give=give, lacks=_lacks, gone=gone)

    def _move(self, source: Source, ticket: Ticket, option: str, *, mine: bool | None = None) -> Exchange[Receipt]:
        status = source.options.get(option, "")
        change = Change(mine, "" if ticket.is_in(status) else status)
        return Receipt(words=(yield from self.change(source, ticket, change)))

    def resolve(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Move it to `resolved_status`."""
        wanted = source.options.get("resolved_status", "")
        if not wanted:
            raise Rejected(f"nobody told to which status: set resolved_status in [sources.{source.name}]")
        ticket = yield from self.taking.open(source, write)
        if ticket.is_in(wanted):
            return DONE
        receipt = yield from self._move(source, ticket, "resolved_status")
        now = yield from self.find(source, write.signal_id)
        if now and not now.is_in(wanted):
            raise Rejected(f"it stayed {now.status!r}: {receipt.words}")
        return DONE

    def note(self, source: Source, write: Write) -> Exchange[Receipt]:
        """What only colleagues read."""
        ticket = yield from self.taking.open(source, write)
        return (yield from self._say(source, ticket, write))

    def reply(self, source: Source, write: Write) -> Exchange[Receipt]:
        """What the requester reads; refused where there is none."""
        ticket = yield from self.taking.open(source, write)
        if not ticket.requesters:
            raise Rejected("nobody asked in this ticket, so nobody would read this")
        return (yield from self._say(source, ticket, write))

    def _say(self, source: Source, ticket: Ticket, write: Write) -> Exchange[Receipt]:
        """What was stored has an id; without one it counts once it is seen."""
        stored = yield from self.say(source, ticket, write)
        return Receipt(id=stored, settled=bool(stored))

    @property
    def retracts(self) -> Mapping[Verb, Answer]:
        """What it lets us take back."""
        return {verb: self.retract for verb in (Verb.NOTE, Verb.REPLY) if self.unsay and verb not in self.cannot}

    def retract(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Empty what the write said, and nothing else: by its receipt, or by its words where these are there once."""
        said = yield from self._said(source, write)
        mine = [one for one in said if (one.id == write.receipt if write.receipt else one.says(write))]
        if len(mine) > 1:
            raise Rejected("it is there more than once, and nobody can tell which of them this was")
        if mine and not mine[0].says(write):
            raise Rejected("somebody changed it meanwhile, so it stays")
        if mine and self.unsay:
            yield from self.unsay(source, mine[0])
            if mine[0].id in [one.id for one in (yield from self._said(source, write))]:
                raise Rejected("it is still there")
        return DONE

    def seen(self, source: Source, write: Write) -> Exchange[bool]:
        """Whether the state is as the write wanted it, or my words are there since it was first tried."""
        if write.verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
            return (yield from self.taking.is_so(source, write))
        if write.verb is Verb.RESOLVE:
            ticket = yield from self.find(source, write.signal_id)
            return ticket is not None and (not ticket.is_open or ticket.is_in(source.options["resolved_status"]))
        return any(one.says(write) for one in (yield from self._said(source, write)))

    def _said(self, source: Source, write: Write) -> Exchange[list[Said]]:
        """What was said in its ticket since the write was first tried."""
        since = (write.tried_at or write.asked_at) - self.slack
        if self.said:
            said = yield from self.said(source, write.signal_id, since)
        else:
            ticket = yield from self.find(source, write.signal_id)
            said = ticket.said if ticket else ()
        return [one for one in said if one.at >= since]


def _lacks(source: Source, ticket: Ticket) -> str:
    """What taking it wanted and did not bring about, in words."""
    return "" if ticket.is_in(source.options.get("taken_status", "")) else f"it stayed {ticket.status!r}"
