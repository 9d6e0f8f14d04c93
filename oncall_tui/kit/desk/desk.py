"""How a desk is asked and told: the poll, and what can be said to a ticket, around what only one product knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit.connector import DONE, Option, Reading, Receipt, Source
from oncall_tui.kit.desk.ticket import PRIORITY, Said, Ticket, signal
from oncall_tui.kit.exchange import Exchange, Response
from oncall_tui.kit.reading import by_number, impacts, kept, make_each, meanings, strangers, when
from oncall_tui.kit.record import Record
from oncall_tui.kit.taking import Taking
from oncall_tui.model import Impact, Signal, Verb, Write

CANNOT: Mapping[Verb, str] = {Verb.SNOOZE: "a ticket knows no end of a pause; snooze it here instead"}

STALE = 412
"""What is answered to a change of something that is not any more as it was when it was read."""


def options(*, team: str, resolved: str, customer: str = "", service: str = "") -> tuple[Option, ...]:
    """The settings that every desk has. `team` says who is ours where nobody is named; `customer` and `service` what names
    them without a field of their own, where the product has such fields.
    """
    fields = {"customer": customer, "service": service}
    return (
        *(
            Option(name=f"{name}_field", help=f"custom field that names the {name}; {without}")
            for name, without in fields.items()
            if without
        ),
        Option(name="team", help=f"names of ours, with commas; {team}"),
        Option(name="bots", help="names of machines that write or are assigned"),
        Option(name="priorities", help='priorities as you mean them, as in "Sev 0=down, 60=degraded"', check=meanings),
        Option(name="taken_status", help='status of a ticket that is taken, as in "In Progress"'),
        Option(name="released_status", help="status of a ticket that is given back"),
        Option(name="resolved_status", help="status of a ticket that is resolved", default=resolved),
    )


# --- what a list tells -----------------------------------------------------------------------------------------------


class Head(NamedTuple):
    """What a list tells of a ticket, read leniently: a record of unknown shape is found out later, and hides no other."""

    id: str
    changed_at: datetime | None
    record: Record


def _head(record: Record, changed: str, at: Callable[[str], datetime | None]) -> Head:
    time = record.value(changed)
    with suppress(ValueError):
        return Head(record.id(), at(time) if isinstance(time, str) else None, record)
    return Head(_id(record), None, record)


def _id(record: Record) -> str:
    with suppress(ValueError):
        return record.id()
    return ""


def _numbered(records: Iterable[Record]) -> list[tuple[int | None, Record]]:
    """Each with its number; what no desk has that many tickets for is none."""
    ids = ((_id(one), one) for one in records)
    return [(int(id_) if id_.isdecimal() and len(id_) < 19 else None, one) for id_, one in ids]


def number(signal_id: str) -> int:
    """A ticket's number. In a query anything else would ask for other tickets: raises `Unreadable`."""
    if not (signal_id.isascii() and signal_id.isdecimal()):
        raise Unreadable(f"a ticket has a number, not {signal_id!r}")
    return int(signal_id)


# --- what can be said to it ------------------------------------------------------------------------------------------


Listed: TypeAlias = Exchange[tuple[Sequence[Record], bool]]
"""Records of open tickets, and whether more may follow."""

Whole: TypeAlias = Exchange[tuple[Iterable[Record], Callable[[Record], Ticket]]]
"""Records with all that a ticket is made of, and what makes one of it."""


class Change(NamedTuple):
    """What is to be another: who has it (True: I, False: nobody, None: as it is), and its status ("": as it is)."""

    mine: bool | None = None
    status: str = ""


def unknown(source: Source, statuses: Iterable[str]) -> str:
    """Words about configured statuses that are not among these (in lower case), "" when there are none."""
    known, wanted = set(statuses), ("taken_status", "released_status", "resolved_status")
    missing = ((name, source.options.get(name, "")) for name in wanted)
    return "".join(f"; {name}: there is no status {it!r}" for name, it in missing if it and it.casefold() not in known)


def fresh(answer: Response) -> Response:
    """The answer to a change; if somebody was faster, what to do is decided anew. Raises `Unavailable` then."""
    if answer.status == STALE:
        raise Unavailable("somebody changed the ticket at the same moment", maybe_sent=False)
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What only this product knows of asking and changing; the rest is the same everywhere.

    `page` lists open tickets after that number, lowest first, and whether more may follow; or, if it is open, only the one
    of an id. `changed` is what a record's time of change is called there, and `at` how it reads. `read` gets the records of
    some of them whole, and what makes a ticket of such a one. `find` is a ticket in whatever status (None: gone, or hidden).
    Where what was said is not in what `find` finds, `said` tells it, since then. `change` asks for what is not so yet and
    gives back what the product says to it. `say` stores a note or a reply and gives back its id. Times of the product may be
    off by `slack`.
    """

    page: Callable[[Source, int, str], Listed]
    changed: str
    read: Callable[[Source, Sequence[Head]], Whole]
    find: Callable[[Source, str], Exchange[Ticket | None]]
    change: Callable[[Source, Ticket, Change], Exchange[str]]
    say: Callable[[Source, Ticket, Write], Exchange[str]]
    said: Callable[[Source, str, datetime], Exchange[Iterable[Said]]] | None = None
    table: Mapping[str, Impact] = field(default_factory=lambda: PRIORITY)
    at: Callable[[str], datetime | None] = when
    slack: timedelta = timedelta(seconds=5)
    cannot: Mapping[Verb, str] = field(default_factory=lambda: CANNOT)

    # --- reading -----------------------------------------------------------------------------------------------------

    def poll(self, source: Source) -> Exchange[Reading]:
        """Every open ticket; those that did not change since the last reading are taken from it."""
        still, changed = [], []
        for head in (yield from self._heads(source)):
            if known := kept(source, head.id, head.changed_at, self.slack):
                still.append(known)
            else:
                changed.append(head)
        made = (yield from self._reading(source, changed)) if changed else Reading(signals=[])
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

    def _heads(self, source: Source, only: str = "") -> Exchange[list[Head]]:
        def page(after: int) -> Exchange[tuple[Iterable[tuple[int | None, Record]], bool]]:
            records, more = yield from self.page(source, after, only)
            return _numbered(records), more

        return [_head(record, self.changed, self.at) for record in (yield from by_number(page))]

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
    def answers(self) -> Mapping[Verb, Callable[[Source, Write], Exchange[Receipt]]]:
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
        wanted = source.options["resolved_status"]
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

    def seen(self, source: Source, write: Write) -> Exchange[bool]:
        """Whether the state is as the write wanted it, or my words are there since it was first tried."""
        if write.verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
            return (yield from self.taking.is_so(source, write))
        if write.verb is Verb.RESOLVE:
            ticket = yield from self.find(source, write.signal_id)
            return ticket is not None and (not ticket.is_open or ticket.is_in(source.options["resolved_status"]))
        since = (write.tried_at or write.asked_at) + timedelta(seconds=source.skew_s) - self.slack
        return any(one.at >= since and one.says(write) for one in (yield from self._said(source, write, since)))

    def _said(self, source: Source, write: Write, since: datetime) -> Exchange[Iterable[Said]]:
        if self.said:
            return (yield from self.said(source, write.signal_id, since))
        ticket = yield from self.find(source, write.signal_id)
        return ticket.said if ticket else ()


def _lacks(source: Source, ticket: Ticket) -> str:
    """What taking it wanted and did not bring about, in words."""
    return "" if ticket.is_in(source.options.get("taken_status", "")) else f"it stayed {ticket.status!r}"
