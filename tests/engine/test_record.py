"""What is kept of a night: who was alone when, over restarts; and one text that goes to each customer in their own words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from oncall_tui.core.figures import figures
from oncall_tui.core.stretches import Log
from oncall_tui.engine.saying import aim, words_to
from oncall_tui.model import (
    Alone,
    Board,
    Hurt,
    Impact,
    Kind,
    Message,
    Problem,
    Rule,
    Saying,
    Signal,
    State,
    Verb,
    Voice,
)
from tests.engine.desk import CONNECTOR, Desk
from tests.engine.fakes import FakeClock
from tests.engine.test_engine import House, engine_at, house


def alone_minutes(h: House) -> list[tuple[int, int]]:
    """When they were alone, in minutes before now."""
    now = h.clock.now()
    kept = h.engine.record(now - timedelta(hours=12)).stretches
    return [
        (round((now - one.since).total_seconds() / 60), round((now - one.until).total_seconds() / 60)) for one in kept
    ]


async def test_it_is_kept_when_their_being_alone_ended(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        began = h.engine.board.problems[0].alone.since
        await h.clock.advance(600)
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        h.engine.say(Saying(Verb.REPLY, h.problem, "I am here.", hold_s=0))
        await h.clock.advance(120)
        assert not h.problem.alone.is_alone
        await h.clock.advance(1200)
        kept = h.engine.record(h.clock.now() - timedelta(hours=12)).stretches
        assert [stretch.since for stretch in kept] == [began]
        assert alone_minutes(h)[0][1] >= 19


async def test_a_night_goes_on_after_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = Desk(clock)
    desk.open("1")
    async with engine_at(tmp_path, clock, desk) as h:
        await clock.advance(600)
    async with engine_at(tmp_path, clock, desk) as h:
        await clock.advance(600)
        assert len(alone_minutes(h)) == 1
        start, end = alone_minutes(h)[0]
        assert start >= 20
        assert end <= 5


async def test_a_long_time_alone_is_on_disk_before_it_ends(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = Desk(clock)
    desk.open("1")
    async with engine_at(tmp_path, clock, desk) as h:
        await clock.advance(1800)
        kept = h.engine._open().box.stretches(clock.now() - timedelta(hours=1))
        assert kept[0].until >= clock.now() - timedelta(seconds=301)


async def test_what_was_said_is_in_the_record_of_the_time_in_which_it_was_said(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.NOTE, h.problem, "before", hold_s=0))
        await h.clock.advance(3600)
        since = h.clock.now()
        await h.clock.advance(1)
        h.engine.say(Saying(Verb.NOTE, h.problem, "after", hold_s=0))
        record = h.engine.record(since)
        assert [write.text for write in record.writes] == ["after"]
        assert figures(h.engine.board, record)


def two() -> Problem:
    """De Korenaar and Vos each wrote in a ticket of their own."""
    began = FakeClock().now()
    tickets = tuple(
        Signal(
            source="desk", id=id_, kind=Kind.TICKET, title="x", opened_at=began,
            messages=(Message(id="1", voice=Voice.THEIRS, author="x", text="help", at=began),),
        )
        for id_ in ("1", "2")
    )  # fmt: skip
    hurt = (Hurt(name="De Korenaar", spoke=True, refs=("desk/1",)), Hurt(name="Vos", spoke=True, refs=("desk/2",)))
    alone = Alone(rule=Rule.NOBODY, why="nobody yet", since=began)
    return Problem(id="p", title="x", signals=tickets, customers=hurt, impact=Impact.DOWN, on_fire=True, alone=alone,
                   started_at=began)  # fmt: skip


def test_each_customer_is_told_in_their_own_ticket_and_their_own_words() -> None:
    saying = Saying(Verb.REPLY, two(), to={"De Korenaar": "Dag Ron", "Vos": "Dag Eva"})
    assert [(s.ref, words_to(saying, s.ref)) for s in aim(saying, {"desk": CONNECTOR}).signals] == [
        ("desk/1", "Dag Ron"),
        ("desk/2", "Dag Eva"),
    ]


def test_only_the_one_who_was_meant_is_told() -> None:
    saying = Saying(Verb.REPLY, two(), to={"Vos": "Dag Eva"})
    assert [signal.ref for signal in aim(saying, {"desk": CONNECTOR}).signals] == ["desk/2"]


async def test_the_words_for_a_customer_are_what_is_stored(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        name = h.problem.customers[0].name
        said = h.engine.say(Saying(Verb.REPLY, h.problem, "Dag {first_name}", to={name: "Dag Ron"}))
        assert [write.text for write in said.writes] == ["Dag Ron"]


async def test_words_for_one_customer_that_are_empty_stop_all_of_it(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        said = h.engine.say(Saying(Verb.REPLY, h.problem, "Hello", to={"A": "Hello", "B": " "}))
        assert said.refused == "there are no words to send"
        assert not [w for w in h.engine.history() if w.state is not State.WITHDRAWN]


# --- the log itself --------------------------------------------------------------------------------------------------

CLOCK = FakeClock()


def board(rule: Rule, minutes: int = 0) -> Board:
    began, now = CLOCK.now(), CLOCK.now() + timedelta(minutes=minutes)
    told = Hurt(name="Told", spoke=True, last_word_at=began)
    waits, silent = Hurt(name="Waits", spoke=True), Hurt(name="Silent")
    alone = Alone(rule=rule, why="", since=began)
    problem = Problem(
        id="p", title="x", signals=(), customers=(told, waits, silent), impact=Impact.DOWN, on_fire=True,
        alone=alone, started_at=began,
    )  # fmt: skip
    return Board(as_of=now, problems=(problem,))


def names_alone(rule: Rule) -> set[str]:
    log = Log()
    log.see(board(rule))
    return {stretch.customer for stretch in log.take().values()}


def test_who_is_alone_depends_on_why() -> None:
    assert names_alone(Rule.NOBODY) == {"Told", "Waits", "Silent"}
    assert names_alone(Rule.UNTOLD) == {"Waits"}
    assert names_alone(Rule.MISSED) == {"Told", "Waits"}
    assert names_alone(Rule.WITH_THEM) == set()


def test_a_look_at_what_changed_ends_nothing_else() -> None:
    log = Log()
    log.see(board(Rule.UNTOLD))
    log.take()
    log.see(board(Rule.WITH_THEM, minutes=7), only={"another"})
    assert not log.take()
    log.see(board(Rule.WITH_THEM, minutes=9), only={"p"})
    (ended,) = log.take().values()
    assert ended.until - ended.since == timedelta(minutes=9)


def test_it_ends_at_the_board_that_shows_them_with_us() -> None:
    log = Log()
    log.see(board(Rule.UNTOLD))
    log.take()
    log.see(board(Rule.WITH_THEM, minutes=7))
    (ended,) = log.take().values()
    assert ended.until - ended.since == timedelta(minutes=7)
    log.see(board(Rule.WITH_THEM, minutes=9))
    assert not log.take()
