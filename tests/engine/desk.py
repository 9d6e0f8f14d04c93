"""A desk and its line, in memory: takes, keeps and loses what is said to it as a test tells it, on the fake clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from oncall_tui.errors import OncallError, Rejected, Unavailable
from oncall_tui.kit import DONE, Connector, Exchange, Reading, Receipt, Request, Source, get, send
from oncall_tui.model import Kind, Me, Message, Signal, Verb, Voice, Write
from tests.engine.fakes import FakeClock

T = TypeVar("T")
ME = Me(name="Sanne")
ALL = "all"


@dataclass
class Ticket:
    id: str
    taken_by: str = ""
    messages: list[tuple[str, str, datetime]] = field(default_factory=list)
    """Author, text, when."""
    closed: bool = False
    takes: int = 0
    quiet: bool = False


@dataclass(frozen=True)
class Fault:
    """How a request goes wrong: whether the desk stores it, how late, and what we hear (None: it went well)."""

    error: OncallError | None = None
    stores: bool = True
    late_s: float = 0.0


class Desk:
    """`faults` yields one `Fault` for each request that writes; when it ends all goes well. Its clock is `ahead_s` of ours."""

    def __init__(self, clock: FakeClock, *, faults: Iterable[Fault] = ()) -> None:
        self.clock, self.faults = clock, iter(faults)
        self.tickets: dict[str, Ticket] = {}
        self.requests: list[Request] = []
        self.late: list[tuple[datetime, Request]] = []
        self.down: OncallError | None = None
        self.ahead_s = 0.0

    def open(self, ticket_id: str, *, says: str = "help") -> Ticket:
        return self.tickets.setdefault(ticket_id, Ticket(ticket_id, messages=[("Ron", says, self.clock.now())]))

    def texts(self, ticket_id: str) -> list[str]:
        self.settle_late()
        return [text for author, text, _ in self.tickets[ticket_id].messages if author == ME.name]

    def answer(self, request: Request) -> Any:
        """The desk's side of one request. Raises what the driver would."""
        self.settle_late()
        self.requests.append(request)
        if self.down is not None:
            raise self.down
        if request.path == ALL:
            return list(self.tickets.values())
        if not request.writes:
            return self._ticket(request)
        fault = next(self.faults, Fault())
        if fault.late_s:
            self.late.append((self.clock.now() + timedelta(seconds=fault.late_s), request))
        elif fault.stores:
            self._store(request, self.clock.now())
        if fault.error is not None:
            raise fault.error
        return self._ticket(request)

    def settle_late(self) -> None:
        due = [one for one in self.late if one[0] <= self.clock.now()]
        self.late = [one for one in self.late if one not in due]
        for at, request in due:
            self._store(request, at)

    def _ticket(self, request: Request) -> Ticket:
        ticket = self.tickets.get(request.path)
        if ticket is None:
            raise Rejected("desk: no such ticket", gone=True)
        return ticket

    def _store(self, request: Request, at: datetime) -> None:
        ticket = self._ticket(request)
        match request.method:
            case "TAKE":
                ticket.taken_by, ticket.takes = ME.name, ticket.takes + 1
            case "RELEASE":
                ticket.taken_by = ""
            case "CLOSE":
                ticket.closed = True
            case "OPEN":
                ticket.closed = False
            case "QUIET" | "LOUD":
                ticket.quiet = request.method == "QUIET"
            case "FORGET":
                ticket.messages = [one for one in ticket.messages if one[:2] != (ME.name, request.json)]
            case _:
                ticket.messages.append((ME.name, request.json, at))

    def line(self, **changes: Any) -> DeskLine:
        return DeskLine(self, replace(CONNECTOR, **changes))


class DeskLine:
    """As `engine.line.Line`, with the desk at its other end. The ticket itself is the response."""

    def __init__(self, desk: Desk, connector: Connector) -> None:
        self.desk, self.connector = desk, connector
        self.skew_s, self.warning, self.denied = 0.0, "", ""
        self.clock = desk.clock
        self.known: list[set[str]] = []

    async def play(
        self, make: Callable[[Source], Exchange[T]], *, known: Mapping[str, Signal] | None = None, **_: Any
    ) -> T:
        self.known.append(set(known or ()))
        exchange = make(Source(name="desk", url="http://desk", me=ME, skew_s=self.desk.ahead_s))
        try:
            request = next(exchange)
            while True:
                request = exchange.send(self.desk.answer(request))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def forgive(self) -> None:
        self.denied = ""

    async def close(self) -> None:
        return


def signal(ticket: Ticket) -> Signal:
    messages = tuple(
        Message(id=str(n), voice=Voice.OURS if who == ME.name else Voice.THEIRS, author=who, text=text, at=at)
        for n, (who, text, at) in enumerate(ticket.messages)
    )
    return Signal(
        source="desk",
        id=ticket.id,
        kind=Kind.TICKET,
        title=f"ticket {ticket.id}",
        opened_at=ticket.messages[0][2],
        customer="Bakkerij De Korenaar",
        contact="Ron",
        taken_by=ticket.taken_by,
        mine=ticket.taken_by == ME.name,
        suppressed="snoozed" if ticket.quiet else "",
        messages=messages,
    )


def _poll(source: Source) -> Exchange[Reading]:
    tickets: Any = yield get(ALL)
    return Reading(signals=[signal(ticket) for ticket in tickets if not ticket.closed])


def _peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    ticket: Any = yield get(signal_id)
    return None if ticket.closed else signal(ticket)


def _seen(source: Source, write: Write) -> Exchange[bool]:
    ticket: Any = yield get(write.signal_id)
    if write.verb is Verb.ACKNOWLEDGE:
        return bool(ticket.taken_by == ME.name)
    if write.verb is Verb.RELEASE:
        return bool(ticket.taken_by != ME.name)
    assert write.tried_at is not None
    return any(who == ME.name and text == write.text and at >= write.tried_at for who, text, at in ticket.messages)


def _saying(method: str) -> Callable[[Source, Write], Exchange[Receipt]]:
    def say(source: Source, write: Write) -> Exchange[Receipt]:
        yield send(method, write.signal_id, write.text)
        return DONE

    return say


SNOOZES = {Verb.SNOOZE: _saying("QUIET")}
RETRACTS = {
    Verb.NOTE: _saying("FORGET"),
    Verb.RESOLVE: _saying("OPEN"),
    Verb.SNOOZE: _saying("LOUD"),
}
"""What a desk may have beyond `CONNECTOR`."""

CONNECTOR = Connector(
    name="desk",
    title="Desk",
    docs="",
    poll=_poll,
    peek=_peek,
    seen=_seen,
    answers={
        Verb.ACKNOWLEDGE: _saying("TAKE"),
        Verb.RELEASE: _saying("RELEASE"),
        Verb.RESOLVE: _saying("CLOSE"),
        Verb.NOTE: _saying("NOTE"),
        Verb.REPLY: _saying("REPLY"),
    },
)

CUT = Unavailable("desk: cut off", maybe_sent=True)
REFUSED_CONNECTION = Unavailable("desk: nothing listens", maybe_sent=False)
