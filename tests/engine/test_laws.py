"""The five laws of the engine, a test each: at once, no flicker, nothing lost, never half, in order."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from oncall_tui.engine.engine import Engine
from oncall_tui.engine.outbox import Outbox
from oncall_tui.errors import RateLimited, Unavailable
from oncall_tui.model import Saying, State, Verb
from tests.engine.desk import CUT, REFUSED_CONNECTION, Fault
from tests.engine.test_engine import CONFIG, engine_at, house


async def test_law_1_a_key_changes_the_next_board_before_any_network(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        asked, published = len(h.desk.requests), len(h.boards)
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem))
        assert len(h.boards) == published + 1
        assert h.boards[-1].problems[0].mine
        assert len(h.desk.requests) == asked
        assert not h.engine._known.snapshots["desk"].signals[0].taken_by, "nobody edits a snapshot"


async def test_law_1_a_refused_write_is_simply_not_painted_any_more(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        h.desk.tickets["1"].taken_by = "Olga"
        assert h.problem.mine
        await h.clock.advance(1)
        assert not h.problem.mine


async def test_law_2_a_delivered_write_stays_painted_until_a_poll_that_began_after_it_has_returned(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.ACKNOWLEDGE, h.problem, hold_s=0))
        await h.clock.advance(0)
        delivered = h.engine.history()[0]
        assert delivered.delivered_at
        before = h.engine._known.snapshots["desk"]
        old_poll = replace(before, asked_at=delivered.delivered_at - timedelta(seconds=1), signals=_untaken(before))
        h.engine._take_in(old_poll)
        await h.clock.advance(0)
        assert h.problem.mine, "that poll began before the delivery: it cannot know"
        new_poll = replace(old_poll, asked_at=delivered.delivered_at + timedelta(seconds=1))
        h.engine._take_in(new_poll)
        await h.clock.advance(0)
        assert not h.problem.mine, "that poll began after it: it is believed"


def _untaken(snapshot):  # type: ignore[no-untyped-def]
    return tuple(replace(signal, taken_by="", mine=False) for signal in snapshot.signals)


@pytest.mark.parametrize("state", [State.HELD, State.WAITING, State.SENDING, State.UNSURE], ids=str)
async def test_law_3_a_crash_anywhere_after_the_save_and_the_write_is_sent_on_the_next_start(
    tmp_path: Path, state: State
) -> None:
    async with house(tmp_path) as h:
        said = h.engine.say(Saying(Verb.NOTE, h.problem, "I look"))
        clock, desk = h.clock, h.desk
    box = Outbox.open(tmp_path, clock=clock)
    tried = {"attempts": 1, "tried_at": clock.now(), "began_at": clock.now()}
    due_at = clock.now() + timedelta(seconds=5) if state in (State.HELD, State.UNSURE) else None
    died_as = {"state": state, "due_at": due_at, **(tried if state in (State.SENDING, State.UNSURE) else {})}
    box.change(said.writes[0].id, lambda write: replace(write, **died_as), clock.now())
    box.close()
    async with engine_at(tmp_path, clock, desk) as again:
        await clock.advance(200)
        assert desk.texts("1") == ["I look"]
        assert again.engine.history()[0].state in (State.DELIVERED, State.CONFIRMED)


async def test_law_4_a_failed_poll_leaves_the_last_whole_snapshot_with_its_age_and_its_fault(tmp_path: Path) -> None:
    async with house(tmp_path, tickets=("1", "2", "3")) as h:
        asked_at = h.engine.board.sources[0].asked_at
        h.desk.down = Unavailable("desk: cut short")
        await h.clock.advance(120)
        source = h.engine.board.sources[0]
        assert len(h.engine.board.problems) == 3
        assert (source.fault, source.asked_at, source.live) == ("desk: cut short", asked_at, False)
        assert not h.engine.board.quiet


async def test_law_4_a_source_that_suddenly_reports_nothing_is_doubted_once(tmp_path: Path) -> None:
    async with house(tmp_path, tickets=("1", "2", "3")) as h:
        h.desk.tickets = {}
        while not h.engine.board.sources[0].doubt:
            await h.clock.advance(1)
        assert len(h.engine.board.problems) == 3
        await h.clock.advance(10)
        assert h.engine.board.problems == ()


@pytest.mark.parametrize(
    "error", [CUT, REFUSED_CONNECTION, RateLimited("desk: slow", after_s=20)], ids=["cut", "down", "429"]
)
async def test_law_5_a_later_write_never_overtakes_and_other_signals_are_not_held_up(
    tmp_path: Path, error: Exception
) -> None:
    async with house(tmp_path, Fault(error, stores=False), tickets=("1", "2")) as h:  # type: ignore[arg-type]
        one, two = sorted(h.engine.board.problems, key=lambda problem: problem.refs)
        for text in ("first", "second"):
            h.engine.say(Saying(Verb.NOTE, one, text, hold_s=0))
        await h.clock.advance(1)
        h.engine.say(Saying(Verb.NOTE, two, "other", hold_s=0))
        await h.clock.advance(22)
        assert h.desk.texts("2") == ["other"]
        await h.clock.advance(200)
        assert h.desk.texts("1") == ["first", "second"]


async def test_nothing_that_leaves_holds_a_request_or_a_secret(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.engine.say(Saying(Verb.NOTE, h.problem, "I look"))
    assert b"http" not in b"".join(row[0] for row in _rows(tmp_path))
    await Engine(CONFIG, tmp_path).stop()


def _rows(state_dir: Path) -> list[tuple[bytes]]:
    box = Outbox.open(state_dir)
    rows = box._store._db.execute("select body from writes").fetchall()
    box.close()
    return rows
