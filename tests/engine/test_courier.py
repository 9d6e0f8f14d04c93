"""What the courier does with a write, by what the source answers: on a fake clock, nobody waits."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from oncall_tui.engine.courier import Courier
from oncall_tui.engine.outbox import Outbox
from oncall_tui.errors import Denied, RateLimited, Rejected, Unavailable, Unreadable
from oncall_tui.kit import DONE, Exchange, Receipt, Source, get, send
from oncall_tui.model import Signal, State, Verb, Write, stamp
from tests.engine.desk import CUT, ME, REFUSED_CONNECTION, Desk, Fault, signal
from tests.engine.fakes import NIGHT, FakeClock

LATE_S = 75.0


@dataclass
class Post:
    """A desk, an outbox and a courier between them."""

    clock: FakeClock
    desk: Desk
    outbox: Outbox
    courier: Courier
    told: list[Write]
    numbers: Iterator[int] = field(default_factory=count)

    def put(self, verb: Verb = Verb.NOTE, ticket: str = "1", text: str = "", **more: Any) -> str:
        number = next(self.numbers)
        seen_as: Signal = signal(self.desk.open(ticket))
        write = Write(
            id=f"w{number}",
            problem="p",
            ref=f"desk/{ticket}",
            verb=verb,
            by=ME.name,
            asked_at=self.clock.now(),
            text=text or f"text {number}",
            stated=stamp(seen_as),
            **more,
        )
        self.outbox.put([write])
        self.courier.look_at({write.ref})
        return write.id

    def now(self, write_id: str) -> Write:
        write = self.outbox.write(write_id)
        assert write is not None
        return write

    def state(self, write_id: str) -> State:
        return self.now(write_id).state

    @property
    def sent(self) -> list[str]:
        return [request.method for request in self.desk.requests if request.writes]


@asynccontextmanager
async def post(tmp_path: Path, *faults: Fault, line: dict[str, Any] | None = None) -> AsyncIterator[Post]:
    clock = FakeClock()
    desk = Desk(clock, faults=faults)
    outbox = Outbox.open(tmp_path, clock=clock)
    told: list[Write] = []
    lines = {"desk": desk.line(**(line or {}))}
    courier = Courier(outbox, lines, clock, late_s=LATE_S, on_change=told.append)
    run = asyncio.ensure_future(courier.run())
    try:
        yield Post(clock, desk, outbox, courier, told)
        assert not run.done(), run.exception()
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        outbox.close()


# --- all is well -----------------------------------------------------------------------------------------------------


async def test_a_note_is_delivered_once(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        note = p.put(text="I look")
        await p.clock.advance(1)
        assert p.state(note) is State.DELIVERED
        assert p.desk.texts("1") == ["I look"]


async def test_a_write_passes_sending_on_disk_before_it_leaves(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        p.put()
        await p.clock.advance(1)
        assert [write.state for write in p.told] == [State.SENDING, State.DELIVERED]


async def test_a_held_write_waits_for_the_end_of_its_undo_window(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        note = p.put(state=State.HELD, due_at=p.clock.now() + timedelta(seconds=5))
        await p.clock.advance(4.9)
        assert (p.state(note), p.sent) == (State.HELD, [])
        await p.clock.advance(0.2)
        assert p.state(note) is State.DELIVERED


async def test_what_is_withdrawn_while_held_never_leaves(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        note = p.put(state=State.HELD, due_at=p.clock.now() + timedelta(seconds=5))
        held = p.now(note)
        p.outbox.change(note, lambda w: Write(**{**_fields(w), "state": State.WITHDRAWN}), p.clock.now())
        p.courier.look_at({held.ref})
        await p.clock.advance(60)
        assert p.sent == []


async def test_an_accepted_write_is_unsure_until_it_is_seen(tmp_path: Path) -> None:
    def later(source: Source, write: Write) -> Exchange[Receipt]:
        yield send("NOTE", write.signal_id, write.text)
        return Receipt(settled=False)

    async with post(tmp_path, Fault(late_s=12), line={"answers": {Verb.NOTE: later}}) as p:
        note = p.put()
        await p.clock.advance(6)
        assert p.state(note) is State.UNSURE
        await p.clock.advance(12)
        assert p.state(note) is State.CONFIRMED
        assert len(p.sent) == 1


@pytest.mark.parametrize("ahead_s", [10_800.0, -10_800.0])
async def test_a_source_is_told_and_asked_by_its_own_clock(tmp_path: Path, ahead_s: float) -> None:
    """Else an end that it is told is hours off, and what was said is looked for at another time."""
    heard: list[tuple[str, Write]] = []

    def say(source: Source, write: Write) -> Exchange[Receipt]:
        heard.append(("say", write))
        yield send("TAKE", write.signal_id)
        return Receipt(settled=False)

    def seen(source: Source, write: Write) -> Exchange[bool]:
        heard.append(("seen", write))
        yield get(write.signal_id)
        return True

    async with post(tmp_path, line={"answers": {Verb.SNOOZE: say}, "seen": seen}) as p:
        p.desk.ahead_s = ahead_s
        snooze = p.put(Verb.SNOOZE, until=NIGHT + timedelta(hours=1))
        await p.clock.advance(30)
        ours = p.now(snooze)
    assert [what for what, _ in heard] == ["say", "seen"]
    assert ours.tried_at
    for _, theirs in heard:
        assert theirs.until == NIGHT + timedelta(hours=1, seconds=ahead_s)
        assert theirs.asked_at == ours.asked_at + timedelta(seconds=ahead_s)
        assert theirs.tried_at == ours.tried_at + timedelta(seconds=ahead_s)
    assert ours.until == NIGHT + timedelta(hours=1)


async def test_what_is_taken_back_is_told_by_the_sources_clock(tmp_path: Path) -> None:
    heard: list[Write] = []

    def take_back(source: Source, write: Write) -> Exchange[Receipt]:
        heard.append(write)
        yield send("BACK", write.signal_id)
        return DONE

    line = {"answers": {Verb.SNOOZE: _shelve}, "retracts": {Verb.SNOOZE: take_back}}
    async with post(tmp_path, line=line) as p:
        p.desk.ahead_s = 3600.0
        snooze = p.put(Verb.SNOOZE, until=NIGHT + timedelta(hours=1))
        await p.clock.advance(5)
        p.put(Verb.RETRACT, after=snooze)
        await p.clock.advance(5)
    assert [write.until for write in heard] == [NIGHT + timedelta(hours=2)]


# --- order -----------------------------------------------------------------------------------------------------------


async def test_a_later_write_on_a_signal_never_overtakes_an_earlier_one(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(REFUSED_CONNECTION, stores=False), Fault(CUT, stores=False)) as p:
        p.put(text="first")
        p.put(text="second")
        p.put(text="third")
        await p.clock.advance(300)
        assert p.desk.texts("1") == ["first", "second", "third"]


async def test_a_write_that_waits_holds_no_other_signal_up(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT, stores=False)) as p:
        stuck = p.put(ticket="1")
        free = p.put(ticket="2")
        await p.clock.advance(1)
        assert p.state(stuck) is State.UNSURE
        assert p.state(free) is State.DELIVERED


async def test_a_refused_acknowledgement_does_not_send_the_note_that_relied_on_it(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(Rejected("desk: not allowed"), stores=False)) as p:
        ack = p.put(Verb.ACKNOWLEDGE)
        note = p.put(after=ack)
        other = p.put(ticket="2", after=ack)
        await p.clock.advance(5)
        assert [p.state(one) for one in (ack, note, other)] == [State.REFUSED] * 3
        assert p.now(note).fault == "the acknowledgement was refused: desk: not allowed"
        assert p.sent == ["TAKE"]


async def test_a_note_waits_for_the_acknowledgement_that_it_relies_on_also_on_another_signal(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(REFUSED_CONNECTION, stores=False)) as p:
        ack = p.put(Verb.ACKNOWLEDGE)
        note = p.put(ticket="2", after=ack)
        await p.clock.advance(0.5)
        assert p.state(note) is State.WAITING
        await p.clock.advance(60)
        assert p.sent == ["TAKE", "TAKE", "NOTE"]


# --- it may have arrived ---------------------------------------------------------------------------------------------


async def test_a_cut_note_that_arrived_is_found_and_not_sent_again(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT)) as p:
        note = p.put()
        await p.clock.advance(1)
        assert p.state(note) is State.UNSURE
        await p.clock.advance(LATE_S + 1)
        assert p.state(note) is State.CONFIRMED
        assert p.sent == ["NOTE"]


async def test_a_cut_note_that_did_not_arrive_is_sent_again_but_not_before_the_longest_lateness(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT, stores=False)) as p:
        note = p.put()
        await p.clock.advance(LATE_S - 1)
        assert (p.state(note), p.sent) == (State.UNSURE, ["NOTE"])
        await p.clock.advance(2)
        assert (p.state(note), p.sent) == (State.DELIVERED, ["NOTE", "NOTE"])


async def test_a_note_that_arrives_late_is_not_doubled(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT, late_s=74)) as p:
        note = p.put(text="once")
        await p.clock.advance(200)
        assert (p.state(note), p.desk.texts("1")) == (State.CONFIRMED, ["once"])


async def test_an_answer_of_unknown_shape_is_looked_for_first(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(Unreadable("desk: a web page"))) as p:
        note = p.put()
        await p.clock.advance(LATE_S + 2)
        assert (p.state(note), p.sent) == (State.CONFIRMED, ["NOTE"])


async def test_a_note_that_nobody_can_look_for_stays_unsure_and_in_question(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT), line={"seen": None}) as p:
        note = p.put()
        await p.clock.advance(1000)
        assert (p.state(note), p.now(note).due_at, p.sent) == (State.UNSURE, None, ["NOTE"])


def _who_knows(source: Source, write: Write) -> Exchange[bool | None]:
    yield get(write.signal_id)
    return None


async def test_a_look_that_cannot_tell_leaves_words_in_question_and_says_a_state_again(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT), Fault(CUT, stores=False), line={"seen": _who_knows}) as p:
        note, ack = p.put(ticket="1"), p.put(Verb.ACKNOWLEDGE, "2")
        await p.clock.advance(1000)
        assert (p.state(note), p.now(note).due_at) == (State.UNSURE, None)
        assert (p.state(ack), p.sent) == (State.DELIVERED, ["NOTE", "TAKE", "TAKE"])


async def test_a_source_that_fails_the_look_is_looked_at_again(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT)) as p:
        note = p.put()
        await p.clock.advance(1)
        p.desk.down = Unavailable("desk: 503")
        await p.clock.advance(200)
        assert p.state(note) is State.UNSURE
        p.desk.down = None
        await p.clock.advance(31)
        assert (p.state(note), p.sent) == (State.CONFIRMED, ["NOTE"])


async def test_a_state_change_is_sent_again_only_when_it_is_still_needed(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT), Fault(CUT, stores=False)) as p:
        there = p.put(Verb.ACKNOWLEDGE, "1")
        await p.clock.advance(10)
        assert (p.state(there), p.sent) == (State.CONFIRMED, ["TAKE"])
        lost = p.put(Verb.ACKNOWLEDGE, "2")
        await p.clock.advance(10)
        assert (p.state(lost), p.sent) == (State.DELIVERED, ["TAKE"] * 3)


async def test_a_state_change_is_looked_up_by_peeking_where_nothing_else_can_tell(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(CUT), line={"seen": None}) as p:
        ack = p.put(Verb.ACKNOWLEDGE)
        await p.clock.advance(10)
        assert (p.state(ack), p.sent) == (State.CONFIRMED, ["TAKE"])


def _shelve(source: Source, write: Write) -> Exchange[Receipt]:
    yield send("TAKE", write.signal_id)
    return DONE


def _peek_at_shelf(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """Taken counts as shelved for an hour, at this desk."""
    ticket: Any = yield get(signal_id)
    shelf = {"suppressed": "shelved", "suppressed_until": NIGHT + timedelta(hours=1)} if ticket.taken_by else {}
    return replace(signal(ticket), **shelf)


@pytest.mark.parametrize(
    ("peek", "hours", "state"),
    [(_peek_at_shelf, 1, State.CONFIRMED), (_peek_at_shelf, 2, State.UNSURE), (None, 1, State.UNSURE)],
)
async def test_an_unsure_snooze_is_seen_where_it_shows_and_never_said_again_on_a_guess(
    tmp_path: Path, peek: Any, hours: int, state: State
) -> None:
    async with post(tmp_path, Fault(CUT), line={"seen": None, "peek": peek, "answers": {Verb.SNOOZE: _shelve}}) as p:
        snooze = p.put(Verb.SNOOZE, until=NIGHT + timedelta(hours=hours))
        await p.clock.advance(LATE_S + 200)
        assert (p.state(snooze), p.now(snooze).due_at, p.sent) == (state, None, ["TAKE"])


async def test_a_snooze_of_a_source_that_says_certainly_not_is_said_again_once_nothing_can_come_late(
    tmp_path: Path,
) -> None:
    def seen(source: Source, write: Write) -> Exchange[bool]:
        ticket: Any = yield get(write.signal_id)
        return bool(ticket.taken_by)

    line = {"seen": seen, "answers": {Verb.SNOOZE: _shelve}}
    async with post(tmp_path, Fault(CUT, stores=False), line=line) as p:
        snooze = p.put(Verb.SNOOZE, until=NIGHT + timedelta(hours=1))
        await p.clock.advance(LATE_S - 5)
        assert p.sent == ["TAKE"]
        await p.clock.advance(20)
        assert (p.state(snooze), p.sent) == (State.DELIVERED, ["TAKE", "TAKE"])


async def test_what_a_crash_left_as_sending_counts_as_maybe_sent(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        at = p.clock.now() - timedelta(seconds=3)
        arrived = p.put(ticket="1", state=State.SENDING, attempts=1, tried_at=at, began_at=at, text="it came")
        p.put(ticket="2", state=State.SENDING, attempts=1, tried_at=at, began_at=at, text="it did not")
        p.desk.tickets["1"].messages.append((ME.name, "it came", at))
        await p.clock.advance(1)
        assert p.sent == []
        await p.clock.advance(LATE_S + 5)
        assert p.state(arrived) is State.CONFIRMED
        assert (p.desk.texts("1"), p.desk.texts("2")) == (["it came"], ["it did not"])


# --- it did not arrive -----------------------------------------------------------------------------------------------


async def test_what_provably_never_left_is_tried_again_soon(tmp_path: Path) -> None:
    async with post(tmp_path, *[Fault(REFUSED_CONNECTION, stores=False)] * 4) as p:
        note = p.put()
        await p.clock.advance(1)
        assert (p.state(note), p.now(note).fault) == (State.WAITING, "desk: nothing listens")
        await p.clock.advance(90)
        assert (p.state(note), len(p.sent)) == (State.DELIVERED, 5)


async def test_however_long_a_source_was_away_its_writes_leave_within_30_seconds_of_its_return(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        p.desk.down = REFUSED_CONNECTION
        notes = [p.put(ticket=str(n)) for n in range(3)]
        await p.clock.advance(600)
        p.desk.down = None
        await p.clock.advance(30)
        assert [p.state(note) for note in notes] == [State.DELIVERED] * 3


async def test_a_refusal_hands_back_text_and_reason(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(Rejected("desk: text is too long"), stores=False)) as p:
        note = p.put(text="mine")
        await p.clock.advance(500)
        assert (p.state(note), p.now(note).fault, p.now(note).text) == (State.REFUSED, "desk: text is too long", "mine")
        assert p.sent == ["NOTE"]


async def test_a_rate_limit_rests_the_whole_source(tmp_path: Path) -> None:
    async with post(tmp_path, Fault(RateLimited("desk: slow down", after_s=100), stores=False)) as p:
        p.put(ticket="1")
        await p.clock.advance(1)
        p.put(ticket="2")
        await p.clock.advance(98)
        assert p.sent == ["NOTE"]
        await p.clock.advance(3)
        assert p.sent == ["NOTE"] * 3


async def test_denied_credentials_hold_every_write_of_the_source_until_forgiven(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        p.desk.down = Denied("desk: wrong key")
        one, two = p.put(ticket="1"), p.put(ticket="2")
        await p.clock.advance(3600)
        assert {p.state(one), p.state(two)} == {State.WAITING}
        assert len(p.desk.requests) <= 2
        p.desk.down = None
        p.courier.forgive("desk")
        await p.clock.advance(31)
        assert {p.state(one), p.state(two)} == {State.DELIVERED}


async def test_a_connector_that_breaks_its_promise_stops_no_other_write(tmp_path: Path) -> None:
    def broken(source: Source, write: Write) -> Exchange[Receipt]:
        yield send("NOTE", write.signal_id, write.text)
        raise KeyError("journal")

    async with post(tmp_path) as p:
        p.courier._lines["desk"] = p.desk.line(answers={**p.desk.line().connector.answers, Verb.NOTE: broken})  # type: ignore[index]
        bad, good = p.put(Verb.NOTE, "1"), p.put(Verb.REPLY, "2")
        await p.clock.advance(10)
        assert (p.state(bad), p.now(bad).due_at) == (State.UNSURE, None)
        assert "KeyError" in p.now(bad).fault
        assert p.state(good) is State.DELIVERED


# --- the right target ------------------------------------------------------------------------------------------------


async def test_an_acknowledgement_asks_when_a_colleague_was_faster(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        ack = p.put(Verb.ACKNOWLEDGE)
        p.desk.tickets["1"].taken_by = "Olga"
        await p.clock.advance(1)
        assert (p.state(ack), p.now(ack).fault, p.sent) == (State.REFUSED, "taken by Olga meanwhile", [])


async def test_who_calls_again_while_a_reply_is_held_hears_it(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        reply = p.put(Verb.REPLY, text="I am here")
        p.desk.tickets["1"].messages.append(("Ron", "is anybody there?", p.clock.now()))
        await p.clock.advance(1)
        assert (p.state(reply), p.desk.texts("1")) == (State.DELIVERED, ["I am here"])


async def test_a_reply_that_could_not_leave_asks_when_the_customer_wrote_meanwhile(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        p.desk.down = Unavailable("the desk is away")
        reply = p.put(Verb.REPLY)
        await p.clock.advance(70)
        p.desk.tickets["1"].messages.append(("Ron", "it works again", p.clock.now()))
        p.desk.down = None
        await p.clock.advance(31)
        assert (p.state(reply), p.now(reply).fault) == (State.REFUSED, "Ron wrote again meanwhile")
        assert p.sent == []


async def test_a_note_goes_although_the_customer_wrote_meanwhile(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        note = p.put(Verb.NOTE)
        p.desk.tickets["1"].messages.append(("Ron", "hello?", p.clock.now()))
        await p.clock.advance(1)
        assert p.state(note) is State.DELIVERED


async def test_nothing_is_said_to_a_ticket_that_is_gone(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        note = p.put(Verb.NOTE)
        p.desk.tickets["1"].closed = True
        await p.clock.advance(1)
        assert (p.state(note), p.sent) == (State.REFUSED, [])


async def test_whoever_was_asked_and_said_yes_is_obeyed(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        ack = p.put(Verb.ACKNOWLEDGE, sure=True)
        p.desk.tickets["1"].taken_by = "Olga"
        await p.clock.advance(1)
        assert p.state(ack) is State.DELIVERED


# --- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump_s", [86_400, -86_400])
async def test_a_clock_that_jumps_a_day_neither_stalls_nor_bursts(tmp_path: Path, jump_s: int) -> None:
    async with post(tmp_path, *[Fault(REFUSED_CONNECTION, stores=False)] * 2) as p:
        note = p.put()
        await p.clock.advance(1)
        p.clock.jump(jump_s)
        await p.clock.advance(0.1)
        assert len(p.sent) == 1
        await p.clock.advance(60)
        assert p.state(note) is State.DELIVERED


# --- many ------------------------------------------------------------------------------------------------------------


def _mix(seed: int, *, most_late_s: float = 60) -> Iterator[Fault]:
    """The faults of a bad night: refused, dropped, done and then cut, 503, 504 although done, late."""
    chance = random.Random(seed)
    while True:
        at = chance.random()
        if at < 0.08:
            yield Fault(REFUSED_CONNECTION, stores=False)
        elif at < 0.14:
            yield Fault(CUT, stores=False)
        elif at < 0.20:
            yield Fault(CUT)
        elif at < 0.24:
            yield Fault(Unavailable("desk: 503"), stores=False)
        elif at < 0.27:
            yield Fault(Unavailable("desk: 504"))
        elif at < 0.30:
            yield Fault(CUT, late_s=chance.uniform(5, most_late_s))
        else:
            yield Fault()


async def test_5000_notes_in_a_bad_night_are_neither_lost_nor_doubled(tmp_path: Path) -> None:
    async with post(tmp_path) as p:
        p.desk.faults = _mix(seed=4)
        notes = {p.put(ticket=str(n % 250), text=f"note {n}"): f"note {n}" for n in range(5000)}
        for _ in range(400):
            await p.clock.advance(60)
            if not p.outbox.open_writes():
                break
        said = [text for ticket in p.desk.tickets for text in p.desk.texts(ticket)]
        assert len(said) - len(set(said)) == 0, "doubled"
        assert set(notes.values()) - set(said) == set(), "lost"
        assert {p.state(note) for note in notes} <= {State.DELIVERED, State.CONFIRMED}
        for ticket in p.desk.tickets:
            numbers = [int(text.split()[1]) for text in p.desk.texts(ticket)]
            assert numbers == sorted(numbers), "out of order"


async def test_in_the_same_night_a_desk_that_cannot_be_looked_at_leaves_only_questions(tmp_path: Path) -> None:
    async with post(tmp_path, line={"seen": None}) as p:
        p.desk.faults = _mix(seed=5)
        notes = {p.put(ticket=str(n), text=f"note {n}"): f"note {n}" for n in range(500)}
        await p.clock.advance(1000)
        said = [text for ticket in p.desk.tickets for text in p.desk.texts(ticket)]
        assert len(said) == len(set(said))
        unsure = {text for note, text in notes.items() if p.state(note) is State.UNSURE}
        assert set(notes.values()) - set(said) <= unsure


def _fields(write: Write) -> dict[str, Any]:
    return {name: getattr(write, name) for name in write.__struct_fields__}
