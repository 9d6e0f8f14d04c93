"""What a key press becomes: through the engine, on a fake clock, against a desk in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import replace as with_
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from oncall_tui.config import Config, SourceConfig
from oncall_tui.engine.engine import Engine
from oncall_tui.engine.outbox import Outbox
from oncall_tui.errors import Denied, Rejected, Unavailable, Unwritable
from oncall_tui.kit import Connector, Exchange, Reading, Source
from oncall_tui.model import Act, Board, Problem, Said, Saying, Settings, Signal, State, Verb, Write
from oncall_tui.words import clock
from tests.engine.desk import CONNECTOR, CUT, ME, REFUSED_CONNECTION, RETRACTS, SNOOZES, Desk, DeskLine, Fault
from tests.engine.fakes import FakeClock

CONFIG = Config(
    path=Path("config.toml"),
    settings=Settings(me=ME),
    sources=(SourceConfig(name="desk", kind="redmine", url="http://desk", every_s=30),),
)


@dataclass
class House:
    """An engine and the desk that it speaks to."""

    clock: FakeClock
    desk: Desk
    engine: Engine
    boards: list[Board]
    line: DeskLine

    @property
    def problem(self) -> Problem:
        return (*self.engine.board.problems, *self.engine.board.aside)[0]

    def write(self, said: Said | Write) -> Write:
        """The one write of it, as it is now."""
        id_ = said.id if isinstance(said, Write) else said.writes[0].id
        return next(write for write in self.engine.history(all=True) if write.id == id_)

    def state(self, said: Said | Write) -> State:
        return self.write(said).state

    @property
    def sent(self) -> list[str]:
        return [request.method for request in self.desk.requests if request.writes]


@asynccontextmanager
async def house(
    tmp_path: Path, *faults: Fault, tickets: tuple[str, ...] = ("1",), config: Config = CONFIG, **connector: Any
) -> AsyncIterator[House]:
    clock = FakeClock()
    desk = Desk(clock, faults=faults)
    for ticket in tickets:
        desk.open(ticket)
    async with engine_at(tmp_path, clock, desk, config, with_(CONNECTOR, **connector)) as one:
        yield one


@asynccontextmanager
async def engine_at(
    tmp_path: Path, clock: FakeClock, desk: Desk, config: Config = CONFIG, connector: Connector = CONNECTOR
) -> AsyncIterator[House]:
    boards: list[Board] = []
    line = DeskLine(desk, connector)
    engine = Engine(config, tmp_path, clock=clock, lines={"desk": line}, on_board=boards.append)  # type: ignore[dict-item]
    await engine.start()
    await clock.advance(1)
    try:
        yield House(clock, desk, engine, boards, line)
    finally:
        await engine.stop(deliver_s=0)


# --- to whom ---------------------------------------------------------------------------------------------------------


async def test_taking_a_problem_waits_for_the_undo_window_and_is_confirmed_by_a_later_poll(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        said = h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem))
        assert h.state(said) is State.HELD
        await h.clock.advance(6)
        assert h.state(said) is State.DELIVERED
        await h.clock.advance(60)
        assert h.state(said) is State.CONFIRMED
        assert h.desk.tickets["1"].takes == 1


async def test_a_poll_that_began_before_the_delivery_confirms_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        said = h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(0)
        delivered = h.write(said)
        assert delivered.state is State.DELIVERED
        h.engine._take_in(replace(h.engine._known.snapshots["desk"], asked_at=delivered.delivered_at))
        assert h.state(said) is State.DELIVERED


async def test_a_command_delivers_at_once(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = Desk(clock)
    desk.open("1")
    engine = Engine(CONFIG, tmp_path, clock=clock, lines={"desk": desk.line()})  # type: ignore[dict-item]
    board = await engine.once()
    said = engine.say(Saying(Verb.ACKNOWLEDGE, board.problems[0], hold_s=0))
    await engine.deliver()
    assert [write.state for write in engine.history()] == [State.DELIVERED]
    assert said.writes[0].id == engine.history()[0].id
    await engine.stop()


async def test_a_reply_goes_where_the_customer_wrote_and_a_note_to_their_ticket(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        reply = h.engine.say(Saying(Verb.REPLY, h.problem, "Ik kijk er nu naar."))
        note = h.engine.say(Saying(Verb.NOTE, h.problem, "the queue is full"))
        assert [write.ref for write in (*reply.writes, *note.writes)] == ["desk/1", "desk/1"]
        await h.clock.advance(10)
        assert h.desk.texts("1") == ["Ik kijk er nu naar.", "the queue is full"]


async def test_a_source_without_the_verb_says_why(tmp_path: Path) -> None:
    answers = {Verb.ACKNOWLEDGE: CONNECTOR.answers[Verb.ACKNOWLEDGE]}
    async with house(tmp_path, answers=answers, cannot={Verb.NOTE: "this desk keeps no notes"}) as h:
        said = h.engine.say(Saying(Verb.NOTE, h.problem, "x"))
        assert (said.refused, said.writes) == ("desk: this desk keeps no notes", ())


async def test_what_one_signal_cannot_be_told_is_refused_in_its_own_words(tmp_path: Path) -> None:
    def poll(source: Source) -> Exchange[Reading]:
        reading = yield from CONNECTOR.poll(source)
        why = {Verb.NOTE: "this ticket is locked"}
        return with_(reading, signals=[replace(signal, cannot=why) for signal in reading.signals])

    async with house(tmp_path, poll=poll) as h:
        assert Verb.NOTE in CONNECTOR.answers
        said = h.engine.say(Saying(Verb.NOTE, h.problem, "x"))
        assert (said.refused, said.writes) == ("desk: this ticket is locked", ())


async def test_what_a_signal_cannot_be_told_by_the_time_it_is_sent_is_handed_back(tmp_path: Path) -> None:
    def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
        assert CONNECTOR.peek
        found = yield from CONNECTOR.peek(source, signal_id)
        return replace(found, cannot={Verb.NOTE: "this ticket is locked"}) if found else None

    async with house(tmp_path, peek=peek) as h:
        said = h.engine.say(Saying(Verb.NOTE, h.problem, "x"))
        await h.clock.advance(10)
        assert (h.write(said).state, h.write(said).fault) == (State.REFUSED, "this ticket is locked")
        assert h.sent == []


@pytest.mark.parametrize(
    ("text", "why"),
    [("a\0b", "NUL"), ("half \ud83d", "surrogate"), ("x" * 70_000, "64 kB"), (" \n", "no words")],
)
async def test_words_that_cannot_be_sent_are_refused_before_they_are_queued(
    tmp_path: Path, text: str, why: str
) -> None:
    async with house(tmp_path) as h:
        assert why in h.engine.say(Saying(Verb.NOTE, h.problem, text)).refused
        assert h.engine.history() == ()


async def test_giving_back_what_is_not_mine_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        assert "not yours" in h.engine.say(Saying(Verb.RELEASE, h.problem)).refused


async def test_an_acknowledgement_ends_when_the_source_or_the_configuration_says_so_first(tmp_path: Path) -> None:
    async with house(tmp_path, lasts_s=3600.0) as h:
        said = h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem))
        until = h.clock.now() + timedelta(hours=1)
        assert said.writes[0].until == until
        assert said.words == f"goes to desk until {clock(until)} in 5 s: u takes it back"


async def test_an_acknowledgement_without_an_end_at_its_source_has_none(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        assert h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem)).writes[0].until is None


# --- what changed since the key was pressed --------------------------------------------------------------------------


async def changed(h: House) -> None:
    await h.clock.advance(40)


async def test_a_colleague_who_took_it_meanwhile_is_named_and_asked_about(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        shown = h.problem
        h.desk.tickets["1"].taken_by = "Olga"
        await changed(h)
        said = h.engine.say(Saying(Verb.ACKNOWLEDGE, shown))
        assert (said.asks, said.writes) == ("Olga took it meanwhile. Take it all the same?", ())
        assert h.engine.history() == ()
        sure = h.engine.say(Saying(Verb.ACKNOWLEDGE, shown, sure=True, hold_s=0))
        await h.clock.advance(1)
        assert h.state(sure) is State.DELIVERED


async def test_taking_what_a_colleague_visibly_has_is_asked_too(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.desk.tickets["1"].taken_by = "Olga"
        await changed(h)
        assert h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem)).asks == "Olga has it. Take it all the same?"


async def test_a_problem_that_is_over_is_said(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        shown = h.problem
        h.desk.tickets["1"].closed = True
        await changed(h)
        assert h.engine.say(Saying(Verb.ACKNOWLEDGE, shown)).asks.startswith("it is over")


async def test_new_words_of_the_customer_are_asked_about_before_a_reply_and_not_before_a_note(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        shown = h.problem
        h.desk.tickets["1"].messages.append(("Ron", "het werkt weer!", h.clock.now()))
        await changed(h)
        assert (
            h.engine.say(Saying(Verb.REPLY, shown, "Ik kijk")).asks
            == "Ron wrote again meanwhile. Send the reply all the same?"
        )
        assert h.engine.say(Saying(Verb.NOTE, shown, "I look")).writes


async def test_a_problem_that_was_split_or_joined_meanwhile_is_asked_about(tmp_path: Path) -> None:
    async with house(tmp_path, tickets=("1", "2")) as h:
        one, two = h.engine.board.problems
        h.engine.decide(Act.JOIN, one.refs, others=two.refs)
        joined = next(p for p in h.engine.board.problems if len(p.refs) == 2)
        stale = next(p for p in (one, two) if p.id != joined.id)
        assert "joined with" in h.engine.say(Saying(Verb.ACKNOWLEDGE, stale)).asks
        h.engine.undo()
        assert "split" in h.engine.say(Saying(Verb.ACKNOWLEDGE, joined)).asks
        assert h.engine.history() == ()


# --- undo ------------------------------------------------------------------------------------------------------------


async def test_undo_withdraws_what_is_held(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        said = h.engine.say(Saying(Verb.REPLY, h.problem, "oops"))
        await h.clock.advance(4)
        assert h.engine.undo().words == "withdrawn: it was not sent"
        await h.clock.advance(60)
        assert (h.state(said), h.sent) == (State.WITHDRAWN, [])


async def test_undo_gives_back_what_was_taken(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(1)
        assert h.engine.undo().words == "desk is told to give that back"
        await h.clock.advance(1)
        assert h.desk.tickets["1"].taken_by == ""
        assert h.problem.taken_by == ""


async def test_a_delivered_reply_cannot_be_taken_back_and_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.REPLY, h.problem, "Ik kijk", hold_s=0))
        await h.clock.advance(1)
        assert "may have read it" in h.engine.undo().refused


async def test_a_delivered_note_cannot_be_taken_back_and_says_what_to_do_instead(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.NOTE, h.problem, "oops", hold_s=0))
        await h.clock.advance(1)
        assert "write another that puts it right" in h.engine.undo().refused
        assert h.sent == ["NOTE"]


ABLE: dict[str, Any] = {"answers": {**CONNECTOR.answers, **SNOOZES}, "retracts": RETRACTS}


async def test_undo_takes_a_delivered_note_back_where_the_source_can_and_a_later_poll_confirms_it(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, **ABLE) as h:
        h.engine.say(Saying(Verb.NOTE, h.problem, "wrong ticket"))
        await h.clock.advance(10)
        assert h.desk.texts("1") == ["wrong ticket"]
        said = h.engine.undo()
        assert said.words == "desk is told to take that back"
        await h.clock.advance(10)
        assert h.desk.texts("1") == []
        await h.clock.advance(60)
        assert h.state(said) is State.CONFIRMED
        assert "wrong ticket" not in str(h.problem.signals)
        assert h.engine.undo().refused == "there is nothing more to take back"


@pytest.mark.parametrize(("verb", "ends"), [(Verb.RESOLVE, "OPEN"), (Verb.SNOOZE, "LOUD")])
async def test_undo_of_what_ended_or_quieted_something_reverses_it_where_the_source_can(
    tmp_path: Path, verb: Verb, ends: str
) -> None:
    async with house(tmp_path, **ABLE) as h:
        said = h.engine.say(Saying(verb, h.problem, until=h.clock.now() + timedelta(hours=1)))
        await h.clock.advance(60)
        assert h.state(said) is State.CONFIRMED
        taken_back = h.engine.undo()
        await h.clock.advance(60)
        assert h.sent[-1] == ends
        assert h.state(taken_back) is State.CONFIRMED
        assert not h.problem.aside


@pytest.mark.parametrize(
    ("verb", "why"), [(Verb.RESOLVE, "open it again there"), (Verb.SNOOZE, "end it there"), (Verb.REPLY, "have read")]
)
async def test_undo_says_why_not_where_the_source_cannot(tmp_path: Path, verb: Verb, why: str) -> None:
    async with house(tmp_path, answers={**CONNECTOR.answers, **SNOOZES}) as h:
        h.engine.say(Saying(verb, h.problem, "words" if verb is Verb.REPLY else ""))
        await h.clock.advance(10)
        assert why in h.engine.undo().refused


async def test_what_is_taken_back_while_it_may_have_arrived_waits_until_that_is_known(tmp_path: Path) -> None:
    async with house(tmp_path, Fault(CUT), **ABLE) as h:
        noted = h.engine.say(Saying(Verb.NOTE, h.problem, "wrong ticket"))
        await h.clock.advance(6)
        assert h.state(noted) is State.UNSURE
        taken_back = h.engine.undo()
        await h.clock.advance(20)
        assert h.sent == ["NOTE"]
        await h.clock.advance(120)
        assert h.sent == ["NOTE", "FORGET"]
        assert h.state(taken_back) in (State.DELIVERED, State.CONFIRMED)


async def test_what_was_refused_need_not_be_taken_back(tmp_path: Path) -> None:
    faults = (Fault(REFUSED_CONNECTION, stores=False), Fault(Rejected("desk: 403"), stores=False))
    async with house(tmp_path, *faults, **ABLE) as h:
        h.engine.say(Saying(Verb.NOTE, h.problem, "wrong ticket"))
        await h.clock.advance(6)
        taken_back = h.engine.undo()
        await h.clock.advance(60)
        assert h.sent == ["NOTE", "NOTE"]
        assert h.write(taken_back).fault == "the note was refused: desk: 403"


async def test_the_board_tells_of_each_source_what_it_cannot_be_told_and_why(tmp_path: Path) -> None:
    async with house(tmp_path, cannot={Verb.SNOOZE: "a desk knows no snooze"}) as h:
        (desk,) = h.engine.board.sources
        assert desk.cannot == {Verb.SNOOZE: "a desk knows no snooze"}
        assert h.engine.say(Saying(Verb.SNOOZE, h.problem)).refused == "desk: a desk knows no snooze"


async def test_undo_without_anything_to_undo_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        assert h.engine.undo().refused == "there is nothing to take back"


async def test_a_command_undoes_what_was_pressed_last_on_a_screen_or_by_another_command(tmp_path: Path) -> None:
    async with house(tmp_path, tickets=("1", "2")) as h, engine_at(tmp_path, h.clock, h.desk) as command:
        one, two = h.engine.board.problems
        h.engine.say(Saying(Verb.NOTE, one, "stays", hold_s=0))
        await h.clock.advance(2)
        pressed = h.engine.say(Saying(Verb.ACKNOWLEDGE, two, refs=two.refs))
        assert command.engine.undo().words == "withdrawn: it was not sent"
        assert h.state(pressed) is State.WITHDRAWN
        assert "cannot be taken back from here" in command.engine.undo().refused
        await h.clock.advance(20)
        assert h.sent == ["NOTE"]


async def test_a_command_takes_all_of_the_last_press_back_and_that_once(tmp_path: Path) -> None:
    async with house(tmp_path, tickets=("1", "2")) as h, engine_at(tmp_path, h.clock, h.desk) as command:
        one, two = h.engine.board.problems
        h.engine.decide(Act.JOIN, one.refs, others=two.refs)
        joined_at = clock(h.clock.now())
        await h.clock.advance(1)
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(2)
        assert [ticket.taken_by for ticket in h.desk.tickets.values()] == ["Sanne", "Sanne"]
        assert len(command.engine.undo().writes) == 2
        await h.clock.advance(2)
        assert [ticket.taken_by for ticket in h.desk.tickets.values()] == ["", ""]
        assert command.engine.undo().words == f"join (Bakkerij De Korenaar, {joined_at}): taken back"
        assert command.engine.undo().refused == "there is nothing more to take back"


async def test_undo_once_more_goes_on_to_what_was_before_and_asks_before_a_source_is_told(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        that = f"(Bakkerij De Korenaar, {clock(h.clock.now())})"
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(2)
        h.engine.decide(Act.IMPACT, h.problem.refs, value="down")
        await h.clock.advance(1)
        first = h.engine.say(Saying(Verb.NOTE, h.problem, "one"))
        await h.clock.advance(1)
        second = h.engine.say(Saying(Verb.NOTE, h.problem, "two"))
        assert h.engine.undo().words == "withdrawn: it was not sent"
        assert (h.state(first), h.state(second)) == (State.HELD, State.WITHDRAWN)
        assert h.engine.undo().words == f"note for colleagues {that}: withdrawn: it was not sent"
        assert h.engine.undo().words == f"impact {that}: taken back"
        asked = h.engine.undo()
        assert asked == Said(asks=f"Before that: take it {that}. Take that back as well?")
        assert h.engine.undo() == asked
        assert h.engine.undo(sure=True).words == f"take it {that}: desk is told to give that back"
        await h.clock.advance(2)
        assert h.desk.tickets["1"].taken_by == ""
        assert h.engine.undo(sure=True).refused == "there is nothing more to take back"


async def test_what_is_still_held_is_withdrawn_without_a_question_and_what_has_left_is_asked_about(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(2)
        h.engine.decide(Act.IMPACT, h.problem.refs, value="down")
        assert h.engine.undo().words == "taken back"
        assert "take it" in h.engine.undo().asks
        given_back = h.engine.say(Saying(Verb.RELEASE, h.problem))
        await h.clock.advance(1)
        h.engine.say(Saying(Verb.NOTE, h.problem, "oops"))
        h.engine.undo()
        assert "give it back" in h.engine.undo().words
        assert h.state(given_back) is State.WITHDRAWN


async def test_undo_never_goes_past_what_cannot_be_taken_back(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(2)
        h.engine.say(Saying(Verb.REPLY, h.problem, "Ik kijk", hold_s=0))
        await h.clock.advance(2)
        h.engine.say(Saying(Verb.NOTE, h.problem, "oops"))
        h.engine.undo()
        for _ in range(2):
            assert "): a reply that is on its way or delivered" in h.engine.undo(sure=True).refused
        assert h.desk.tickets["1"].taken_by == "Sanne"


async def test_what_is_pressed_after_an_undo_is_taken_back_without_a_question(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.NOTE, h.problem, "oops"))
        h.engine.undo()
        await h.clock.advance(1)
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(2)
        assert h.engine.undo().words == "desk is told to give that back"


async def test_undo_goes_through_what_was_pressed_here_before_what_another_screen_said_later(tmp_path: Path) -> None:
    async with house(tmp_path) as h, engine_at(tmp_path, h.clock, h.desk) as other:
        one = h.engine.say(Saying(Verb.NOTE, h.problem, "one", hold_s=60))
        await h.clock.advance(1)
        two = h.engine.say(Saying(Verb.NOTE, h.problem, "two", hold_s=60))
        await h.clock.advance(1)
        later = other.engine.say(Saying(Verb.NOTE, other.problem, "three", hold_s=60))
        for _ in range(2):
            h.engine.undo()
        assert [h.state(said) for said in (one, two, later)] == [State.WITHDRAWN, State.WITHDRAWN, State.HELD]


async def test_a_command_undoes_a_decision_that_came_last(tmp_path: Path) -> None:
    async with house(tmp_path) as h, engine_at(tmp_path, h.clock, h.desk) as command:
        h.engine.say(Saying(Verb.NOTE, h.problem, "x", hold_s=0))
        await h.clock.advance(2)
        h.engine.decide(Act.SNOOZE, h.problem.refs, until=h.clock.now() + timedelta(hours=1))
        assert command.engine.undo().words == "taken back"
        await h.clock.advance(2)
        assert not h.engine.board.aside


async def test_undo_takes_a_decision_back(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.decide(Act.SNOOZE, h.problem.refs, until=h.clock.now() + timedelta(hours=1))
        assert h.engine.board.aside
        h.engine.undo()
        assert not h.engine.board.aside


async def test_quitting_in_the_undo_window_sends_what_was_said_here(tmp_path: Path) -> None:
    async with house(tmp_path) as h, engine_at(tmp_path, h.clock, h.desk) as other:
        await h.clock.advance(2)
        other.engine.say(Saying(Verb.NOTE, other.problem, "another pane's"))
        said = h.engine.say(Saying(Verb.NOTE, h.problem, "mine"))
        await h.clock.advance(2)
        await h.engine.stop()
        assert h.desk.texts("1") == [], "in order: the other pane's undo window is its own"
        await h.clock.advance(10)
        assert h.desk.texts("1") == ["another pane's", "mine"]
        assert other.state(said) is State.DELIVERED


async def test_quitting_sends_the_acknowledgement_that_was_just_pressed(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem))
        await h.engine.stop()
        assert h.desk.tickets["1"].taken_by == "Sanne"


# --- questions -------------------------------------------------------------------------------------------------------


async def test_a_refused_acknowledgement_is_sent_all_the_same_when_the_engineer_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        said = h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        h.desk.tickets["1"].taken_by = "Olga"
        await h.clock.advance(1)
        assert h.state(said) is State.REFUSED
        h.engine.settle(said.writes[0].id, send=True)
        await h.clock.advance(1)
        assert (h.state(said), h.desk.tickets["1"].taken_by) == (State.DELIVERED, "Sanne")


async def test_an_unsure_note_is_let_be_when_the_engineer_says_so(tmp_path: Path) -> None:
    async with house(tmp_path, Fault(CUT), seen=None) as h:
        said = h.engine.say(Saying(Verb.NOTE, h.problem, "x", hold_s=0))
        await h.clock.advance(100)
        assert (h.state(said), h.write(said).due_at) == (State.UNSURE, None)
        h.engine.settle(said.writes[0].id, send=False)
        await h.clock.advance(100)
        assert (h.state(said), h.sent) == (State.WITHDRAWN, ["NOTE"])


async def test_a_note_said_after_taking_it_does_not_go_when_the_taking_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        note = h.engine.say(Saying(Verb.NOTE, h.problem, "I have it", hold_s=0))
        h.desk.tickets["1"].taken_by = "Olga"
        await h.clock.advance(60)
        assert (h.state(note), h.sent) == (State.REFUSED, [])
        assert "taken by Olga meanwhile" in h.write(note).fault


# --- drafts ----------------------------------------------------------------------------------------------------------


async def test_a_draft_is_on_disk_when_the_call_returns_and_offered_after_a_crash(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.draft(h.problem, Verb.REPLY, "Wij zijn er mee bezi")
        crashed = Engine(CONFIG, tmp_path, clock=h.clock, lines={"desk": h.line})  # type: ignore[dict-item]
        crashed.open()
        assert [draft.text for draft in crashed.board.drafts] == ["Wij zijn er mee bezi"]
        await crashed.stop()


async def test_a_said_draft_is_gone_and_others_stay(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.draft(h.problem, Verb.REPLY, "reply")
        h.engine.draft(h.problem, Verb.NOTE, "note")
        h.engine.say(Saying(Verb.REPLY, h.problem, "reply"))
        assert [draft.verb for draft in h.engine.board.drafts] == [Verb.NOTE]


async def test_a_draft_with_half_a_character_is_kept_without_it(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.draft(h.problem, Verb.NOTE, "half \ud83d")
        await h.clock.advance(1)
        assert h.engine.board.drafts[0].text == "half ?"


# --- our own disk ----------------------------------------------------------------------------------------------------


async def test_without_a_disk_problems_are_shown_and_writes_are_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with house(tmp_path / "file" / "state") as h:
        assert h.problem.title == "ticket 1"
        assert "cannot save" in h.engine.board.trouble
        with pytest.raises(Unwritable, match="cannot save"):
            h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem))
        await h.clock.advance(60)
        assert h.sent == []


async def test_a_problem_is_on_the_first_board_of_the_next_start_before_any_source_answers(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        before = h.problem
    next_start = Engine(CONFIG, tmp_path, clock=h.clock)
    next_start.open()
    assert [problem.id for problem in next_start.board.problems] == [before.id]
    await next_start.stop()


async def test_what_another_process_said_shows_within_two_seconds(tmp_path: Path) -> None:
    async with house(tmp_path) as h, engine_at(tmp_path, h.clock, h.desk) as other:
        await h.clock.advance(2)
        other.engine.say(Saying(Verb.ACKNOWLEDGE, other.problem))
        await h.clock.advance(2)
        assert [write.state for write in h.engine.board.outbox] == [State.HELD]
        assert h.problem.mine


async def test_two_processes_send_each_write_once(tmp_path: Path) -> None:
    async with house(tmp_path) as h, engine_at(tmp_path, h.clock, h.desk) as other:
        for n in range(10):
            (h if n % 2 else other).engine.say(Saying(Verb.NOTE, h.problem, f"note {n}", hold_s=0))
            await h.clock.advance(1)
        await h.clock.advance(30)
        assert sorted(h.desk.texts("1")) == sorted(f"note {n}" for n in range(10))


# --- keeping the acknowledgement alive -------------------------------------------------------------------------------


def acks(h: House) -> list[Write]:
    return [write for write in h.engine.history(all=True) if write.verb is Verb.ACKNOWLEDGE]


async def test_an_acknowledgement_that_ends_is_renewed_while_it_is_mine(tmp_path: Path) -> None:
    async with house(tmp_path, lasts_s=3600.0) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(1700)
        assert len(acks(h)) == 1
        await h.clock.advance(200)
        first, second = acks(h)
        assert first.until is not None
        assert second.until is not None
        assert second.until > first.until
        assert second.state in (State.DELIVERED, State.CONFIRMED)
        await h.clock.advance(3600)
        assert h.desk.tickets["1"].takes >= 3


async def test_two_processes_renew_it_once(tmp_path: Path) -> None:
    lasting = with_(CONNECTOR, lasts_s=3600.0)
    async with house(tmp_path, lasts_s=3600.0) as h, engine_at(tmp_path, h.clock, h.desk, CONFIG, lasting):
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(2000)
        assert len(acks(h)) == 2


async def test_what_was_given_back_is_not_renewed(tmp_path: Path) -> None:
    async with house(tmp_path, lasts_s=3600.0) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(60)
        h.engine.say(Saying(Verb.RELEASE, h.problem, hold_s=0))
        await h.clock.advance(4000)
        assert len(acks(h)) == 1


async def test_what_a_colleague_took_over_is_not_renewed(tmp_path: Path) -> None:
    async with house(tmp_path, lasts_s=3600.0) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(60)
        h.desk.tickets["1"].taken_by = "Olga"
        await h.clock.advance(4000)
        assert len(acks(h)) == 1


async def test_an_acknowledgement_ends_at_its_source_once_the_problem_is_over(tmp_path: Path) -> None:
    async with house(tmp_path, lasts_s=3600.0) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(60)
        h.desk.tickets["1"].closed = True
        await h.clock.advance(200)
        assert h.desk.tickets["1"].taken_by == "Sanne", "it may only flap"
        await h.clock.advance(300)
        assert h.desk.tickets["1"].taken_by == ""


async def test_a_source_that_is_silent_ends_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, lasts_s=36_000.0) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(60)
        h.desk.down = Unavailable("desk: away")
        await h.clock.advance(2000)
        assert [write.verb for write in h.engine.history(all=True)] == [Verb.ACKNOWLEDGE]


# --- sources ---------------------------------------------------------------------------------------------------------


async def test_a_source_that_does_not_answer_in_time_is_at_fault_and_holds_no_other_up(tmp_path: Path) -> None:
    class Mute(DeskLine):
        async def play(self, make: Any, **_: Any) -> Any:
            await self.clock.sleep(1000)

    clock = FakeClock()
    desk = Desk(clock)
    desk.open("1")
    config = replace(CONFIG, sources=(*CONFIG.sources, SourceConfig(name="mute", kind="redmine", url="http://mute")))
    lines = {"desk": desk.line(), "mute": Mute(desk, CONNECTOR)}
    engine = Engine(config, tmp_path, clock=clock, lines=lines)  # type: ignore[arg-type]
    board = await engine.once(timeout_s=0.05)
    assert [problem.title for problem in board.problems] == ["ticket 1"]
    assert [source.fault for source in board.sources] == ["", "did not answer within 0 s"]
    assert not board.quiet
    await engine.stop()


async def test_what_waits_for_a_source_that_is_configured_no_more_says_so(tmp_path: Path) -> None:
    async with house(tmp_path, Fault(CUT), tickets=("1", "2")) as h:
        h.desk.faults = iter([Fault(CUT)])
        unsure, waiting = (
            h.engine.say(Saying(Verb.NOTE, p, "x", hold_s=n * 60)) for n, p in enumerate(h.engine.board.problems)
        )
        await h.clock.advance(1)
    other = replace(CONFIG, sources=(SourceConfig(name="other", kind="redmine", url="http://other"),))
    engine = Engine(other, tmp_path, clock=h.clock)
    engine.open()
    words = "desk is not configured any more: put it back, or withdraw this"
    told = {write.id: (write.state, write.fault, write.due_at) for write in engine.board.outbox}
    assert told[unsure.writes[0].id] == (State.UNSURE, words, None)
    assert told[waiting.writes[0].id] == (State.WAITING, words, None)
    await engine.stop()
    async with engine_at(tmp_path, h.clock, h.desk) as back:
        await h.clock.advance(1)
        assert back.state(waiting) is State.DELIVERED


async def test_a_source_is_asked_about_a_signal_with_what_is_known_of_it(tmp_path: Path) -> None:
    async with house(tmp_path, tickets=("1", "2")) as h:
        h.line.known.clear()
        said = h.engine.say(Saying(Verb.NOTE, h.problem, "x", hold_s=0))
        await h.clock.advance(0.5)
        assert h.line.known[:2] == [{said.writes[0].signal_id}] * 2, "the look before, and the note itself"


async def test_asking_now_forgives_denied_credentials(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.desk.down = Denied("desk: wrong key")
        said = h.engine.say(Saying(Verb.NOTE, h.problem, "x", hold_s=0))
        await h.clock.advance(100)
        h.line.denied = "desk: wrong key"
        assert (h.state(said), h.write(said).fault) == (State.WAITING, "desk: wrong key")
        h.desk.down = None
        h.engine.ask_now("desk")
        await h.clock.advance(31)
        assert h.line.denied == ""
        assert h.state(said) in (State.DELIVERED, State.CONFIRMED)
        assert "no source" in h.engine.ask_now("nowhere").refused


async def test_the_board_is_made_anew_at_the_moment_a_promise_falls_due(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        promise_at = h.clock.now() + timedelta(seconds=100)
        h.engine.say(Saying(Verb.REPLY, h.problem, "Om 03:16 hoort u meer.", promise_at=promise_at, hold_s=0))
        await h.clock.advance(5)
        h.boards.clear()
        await h.clock.advance(99)
        assert any(promise_at <= board.as_of < promise_at + timedelta(seconds=2) for board in h.boards)


async def test_the_next_start_forgets_what_was_settled_before_the_configured_days_and_nothing_else(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, tickets=("1", "2")) as h:
        one, two = h.engine.board.problems
        settled = h.engine.say(Saying(Verb.NOTE, one, "x", hold_s=0))
        await h.clock.advance(1)
        assert h.state(settled) is State.DELIVERED
        h.desk.down = Unavailable("desk: away", maybe_sent=False)
        waiting = h.engine.say(Saying(Verb.NOTE, two, "y", hold_s=0))
        await h.clock.advance(1)
        days = replace(CONFIG, keep_days=2)
        async with engine_at(tmp_path, h.clock, h.desk, days) as soon:
            assert len(soon.engine.history(all=True)) == 2
        h.clock.jump(3 * 86400)
        async with engine_at(tmp_path, h.clock, h.desk, days) as late:
            assert [write.id for write in late.engine.history(all=True)] == [waiting.writes[0].id]


async def test_history_is_kept_with_its_answer(tmp_path: Path) -> None:
    box = Outbox.open(tmp_path)
    at = FakeClock().now()
    box.put([Write(id="w", problem="p", ref="desk/1", verb=Verb.NOTE, by="Sanne", asked_at=at, text="x")])
    claimed = box.claim("w", at)
    assert claimed
    box.save(replace(claimed, state=State.REFUSED, fault="desk: not allowed"))
    box.close()
    engine = Engine(CONFIG, tmp_path)
    assert [(write.text, write.fault) for write in engine.history(all=True)] == [("x", "desk: not allowed")]
    await engine.stop()


async def test_a_draft_of_a_problem_that_is_over_can_be_thrown_away(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.draft(h.problem, Verb.NOTE, "note")
        h.engine.draft(h.problem, Verb.REPLY, "reply")
        h.desk.tickets["1"].closed = True
        await h.clock.advance(200)
        note = next(draft for draft in h.engine.board.drafts if draft.verb is Verb.NOTE)
        assert h.engine.drop_draft(note).words == "thrown away"
        await h.clock.advance(1)
        assert [draft.text for draft in h.engine.board.drafts] == ["reply"]
