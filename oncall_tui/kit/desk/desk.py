"""How a desk is asked and told: the poll, and what can be said to a ticket, around what only one product knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.kit.connector import DONE, Answer, Reading, Receipt, Source
from oncall_tui.kit.desk.listing import Changes, Head, Listed, Whole, by_number, head
from oncall_tui.kit.desk.settings import CANNOT, STATUS
from oncall_tui.kit.desk.ticket import PRIORITY, Change, Said, Ticket, signal
from oncall_tui.kit.exchange import Exchange
from oncall_tui.kit.reading import impacts, kept, make_each, strangers
from oncall_tui.kit.record import Record
from oncall_tui.kit.taking import Taking
from oncall_tui.model import Impact, Signal, Verb, Write

_MINE = {Verb.ACKNOWLEDGE: True, Verb.RELEASE: False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What only this product knows of asking and changing; the rest is the same everywhere.

    `page` lists open tickets after that number, lowest first, and whether more may follow; or, if it is open, only the one
    of an id. `changed` is what a record's time of change is called there. Where a list costs much, `changes` are those
    since a time of the product's (None: too many). `sure` is told what is listed: it raises `Rejected`
    where that cannot be believed. `read` gets the records of some of them whole, and what makes a ticket
    of such a one. `find` is a ticket in whatever status (None: gone, or hidden); where what was said is not in that, `said`
    tells it, since then.

    `change` asks for what is not so yet, and gives back what the product says to it; where the product has names of its
    own for its `statuses`, these are by what people call them, in lower case. `say` stores a note or a reply: its receipt
    has the id, or the words for where it cannot be found afterwards. `unsay` empties one, and says why not. Times of the
    product may be off by `slack`.
    """

    page: Callable[[Source, int, str], Listed]
    changed: str
    read: Callable[[Source, Sequence[Head]], Whole]
    find: Callable[[Source, str], Exchange[Ticket | None]]
    change: Callable[[Source, Ticket, Change], Exchange[str]]
    say: Callable[[Source, Ticket, Write], Exchange[Receipt]]
    changes: Callable[[Source, datetime], Exchange[Changes | None]] | None = None
    sure: Callable[[Source, Sized], Exchange[None]] | None = None
    said: Callable[[Source, str, datetime], Exchange[Iterable[Said]]] | None = None
    statuses: Callable[[Source], Exchange[Mapping[str, str]]] | None = None
    unsay: Callable[[Source, Said], Exchange[str]] | None = None
    table: Mapping[str, Impact] = field(default_factory=lambda: PRIORITY)
    slack: timedelta = timedelta(seconds=5)
    cannot: Mapping[Verb, str] = field(default_factory=lambda: CANNOT)

    @property
    def parts(self) -> Mapping[str, Any]:
        """All that it is of a `Connector`."""
        verbs = {"answers": self.answers, "retracts": self.retracts, "cannot": self.cannot}
        return {"poll": self.poll, "peek": self.peek, "seen": self.seen, **verbs}

    # --- reading -----------------------------------------------------------------------------------------------------

    def poll(self, source: Source) -> Exchange[Reading]:
        """Every open ticket; those that did not change since the last reading are taken from it."""
        still, changed = [], []
        heads = yield from self._changed(source)
        if heads is None:
            heads = yield from self._heads(source)
        if self.sure:
            yield from self.sure(source, heads)
        for one in heads:
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
        heads = [head(record, self.changed) for record in found.records]
        moved = {one.id for one in heads}
        still = [Head(id_, one.changed_at, Record({})) for id_, one in source.known.items() if id_ not in moved]
        now_open = still + [one for one in heads if found.is_open(one.record)]
        return now_open if len(now_open) == found.total else None

    def _heads(self, source: Source, only: str = "") -> Exchange[list[Head]]:
        records = yield from by_number(lambda after: self.page(source, after, only))
        return [head(record, self.changed) for record in records]

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
            Verb.NOTE: self.tell,
            Verb.REPLY: self.tell,
            Verb.RESOLVE: self.resolve,
        }
        return {verb: answer for verb, answer in verbs.items() if verb not in self.cannot}

    @property
    def taking(self) -> Taking[Ticket]:
        """Assigns it to me, or to nobody, and moves it to `taken_status` or `released_status` where there is one.

        That it did not move is told, not refused.
        """

        gone = "it is no longer there, or hidden from you"
        return Taking(find=self.find, take=self._move, give=self._move, lacks=_lacks, gone=gone)

    def _move(self, source: Source, write: Write, ticket: Ticket) -> Exchange[Receipt]:
        """Whose it is, and its status, as far as these are not so yet."""
        mine = None if ticket.mine and write.verb is Verb.ACKNOWLEDGE else _MINE.get(write.verb)
        wanted = source.options.get(STATUS[write.verb], "")
        status = "" if ticket.is_in(wanted) else wanted
        if status and self.statuses:
            status = (yield from self.statuses(source)).get(wanted.casefold(), "")
        change = Change(mine, status)
        words = (yield from self.change(source, ticket, change)) if change != Change() else ""
        return Receipt(words=words if status or ticket.is_in(wanted) else f"there is no status {wanted!r}")

    def resolve(self, source: Source, write: Write) -> Exchange[Receipt]:
        """Move it to `resolved_status`."""
        wanted = source.options.get("resolved_status", "")
        if not wanted:
            raise Rejected(f"nobody told to which status: set resolved_status in [sources.{source.name}]")
        ticket = yield from self.taking.open(source, write)
        if ticket.is_in(wanted):
            return DONE
        receipt = yield from self._move(source, write, ticket)
        now = yield from self.find(source, write.signal_id)
        if now and not now.is_in(wanted):
            raise Rejected(f"it stayed {now.status!r}: {receipt.words}")
        return DONE

    def tell(self, source: Source, write: Write) -> Exchange[Receipt]:
        """A note, or a reply, which is refused where there is no requester. What was stored has an id, or is looked for."""
        ticket = yield from self.taking.open(source, write)
        if write.verb is Verb.REPLY and not ticket.requesters:
            raise Rejected("nobody asked in this ticket, so nobody would read this")
        receipt = yield from self.say(source, ticket, write)
        if receipt.id or not receipt.settled:
            return receipt
        before = {one.id for one in ticket.said}
        new = [one for one in (yield from self._said(source, write)) if one.id not in before and one.repeats(write)]
        for one in new:
            if one.says(write):
                return Receipt(id=one.id)
            if not one.private:
                yield from self._take_back(source, one)
        raise Rejected(f"nothing was stored: {receipt.words}")

    def _take_back(self, source: Source, said: Said) -> Exchange[None]:
        """A note that became a reply. Raises `Rejected`, and loudly where that stays."""
        stays = (yield from self.unsay(source, said)) if self.unsay else "nothing can be taken back there"
        what = f"IT STAYS THERE ({stays})" if stays else "it was taken back"
        raise Rejected(f"it was shown to the customer; {what}, and they may have had it by mail")

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
            if words := (yield from self.unsay(source, mine[0])):
                raise Rejected(f"{words}, so it stays")
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
