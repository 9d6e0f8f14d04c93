"""The configuration read again while the night goes on: what changed is there, and nothing that was said is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from oncall_tui import config
from oncall_tui.demo.world import World
from oncall_tui.engine.engine import Engine
from oncall_tui.engine.thread import EngineThread, MakeEngine
from oncall_tui.errors import OncallError, Unwritable
from oncall_tui.model import Board, Said, Saying, State, Verb
from tests.engine.test_engine_thread import LIMIT_S, Screen


class Night:
    """An engine that began with the monitor alone; `text` is the whole file, the desk included."""

    def __init__(self, world: World, folder: Path, make: MakeEngine | None = None) -> None:
        self.path = world.write_config(folder)
        self.text = self.path.read_text()
        self.path.write_text(self.without_desk)
        self.screen = Screen()
        more = {"make": make} if make else {}
        self.thread = EngineThread(config.load(self.path), folder / "state", self.screen, **more)
        self.thread.start()

    @property
    def without_desk(self) -> str:
        return "\n".join(part for part in self.text.split("\n\n") if "[sources.desk]" not in part)

    def reload(self) -> Future[Said]:
        return self.thread.change(config.load(self.path))

    def board_of(self, *sources: str) -> Board:
        """The board as soon as exactly these sources have answered."""
        return self.screen.wait(lambda board: sorted(one.name for one in board.sources if one.live) == sorted(sources)
                                and len(board.sources) == len(sources))  # fmt: skip


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    with World(still=True) as world:
        made = Night(world, tmp_path)
        yield made
        assert made.thread.stop()


def test_a_new_source_is_asked_and_what_was_said_stays(night: Night) -> None:
    problem = night.board_of("monitor").problems[0]
    held = night.thread.say(Saying(Verb.ACKNOWLEDGE, problem, hold_s=60)).result(LIMIT_S).writes[0]
    night.thread.draft(problem, Verb.NOTE, "half a senten").result(LIMIT_S)
    night.path.write_text(night.text)
    assert night.reload().result(LIMIT_S).words == "the configuration was read again"
    board = night.board_of("monitor", "desk")
    assert [(write.id, write.state) for write in board.outbox if write.id == held.id] == [(held.id, State.HELD)]
    assert [draft.text for draft in board.drafts] == ["half a senten"]
    assert night.thread.undo().result(LIMIT_S).words == "withdrawn: it was not sent"


def test_a_source_that_was_removed_is_asked_no_more(night: Night) -> None:
    night.path.write_text(night.text)
    night.reload().result(LIMIT_S)
    night.board_of("monitor", "desk")
    night.path.write_text(night.without_desk)
    night.reload().result(LIMIT_S)
    night.board_of("monitor")


class Unmakeable(Engine):
    """Cannot be made a second time."""

    made = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        Unmakeable.made += 1
        if Unmakeable.made > 1:
            raise KeyError("canary-4711")
        super().__init__(*given, **named)


def test_an_engine_that_cannot_be_made_changes_nothing_and_nobody_waits_for_ever(tmp_path: Path) -> None:
    with World(still=True) as world:
        Unmakeable.made = 0
        night = Night(world, tmp_path, lambda config_, at, on_board: Unmakeable(config_, at, on_board=on_board))
        night.board_of("monitor")
        with pytest.raises(OncallError, match="a fault of our own: KeyError") as caught:
            night.reload().result(LIMIT_S)
        assert "canary" not in str(caught.value)
        assert night.thread.ask_now("monitor").result(LIMIT_S).words == "asking monitor"
        assert night.thread.stop()


class Unstartable(Engine):
    """The second one fails as it starts."""

    started = 0

    async def start(self) -> None:
        Unstartable.started += 1
        if Unstartable.started > 1:
            raise KeyError("canary-4711")
        await super().start()


def test_an_engine_that_does_not_start_ends_the_thread_which_says_so(tmp_path: Path) -> None:
    with World(still=True) as world:
        Unstartable.started = 0
        night = Night(world, tmp_path, lambda config_, at, on_board: Unstartable(config_, at, on_board=on_board))
        night.board_of("monitor")
        reloaded = night.reload()
        with pytest.raises(OncallError, match="a fault of our own: KeyError"):
            reloaded.result(LIMIT_S)
        night.screen.wait(lambda board: "the engine has stopped (KeyError)" in board.trouble)
        with pytest.raises(Unwritable):
            night.thread.undo().result(LIMIT_S)


class Faulty(Engine):
    """Fails at a key as none of our errors does."""

    def undo(self, *, sure: bool = False) -> Said:
        raise KeyError("canary-4711")


def test_a_key_that_meets_a_fault_of_ours_gets_an_answer(tmp_path: Path) -> None:
    with World(still=True) as world:
        night = Night(world, tmp_path, lambda config_, at, on_board: Faulty(config_, at, on_board=on_board))
        night.board_of("monitor")
        with pytest.raises(OncallError, match="a fault of our own: KeyError"):
            night.thread.undo().result(LIMIT_S)
        assert night.thread.ask_now("monitor").result(LIMIT_S).words == "asking monitor"
        assert night.thread.stop()


class Slow(Engine):
    """Ends only when it is let."""

    async def stop(self, **how: float) -> None:
        if not _let.is_set():
            _stopping.set()
            while not _let.is_set():  # noqa: ASYNC110 - the test sets it, on another thread
                await asyncio.sleep(0.001)
        await super().stop(**how)


_stopping, _let = threading.Event(), threading.Event()


def test_what_is_asked_while_it_changes_is_answered_by_the_new_engine(tmp_path: Path) -> None:
    with World(still=True) as world:
        night = Night(world, tmp_path, lambda config_, at, on_board: Slow(config_, at, on_board=on_board))
        problem = night.board_of("monitor").problems[0]
        night.path.write_text(night.text)
        reloaded = night.reload()
        assert _stopping.wait(LIMIT_S)
        said = [night.thread.draft(problem, Verb.NOTE, f"letter {n}") for n in range(20)]
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), night.thread._loop).result(LIMIT_S)  # it has heard them all
        assert not any(one.done() for one in said)
        _let.set()
        assert reloaded.result(LIMIT_S).words == "the configuration was read again"
        assert [one.result(LIMIT_S).words for one in said] == ["draft saved"] * 20
        assert night.thread.stop()


def test_an_unchanged_file_is_taken_in_all_the_same_for_what_it_names_may_have_changed(night: Night) -> None:
    night.board_of("monitor")
    assert night.reload().result(LIMIT_S).words == "the configuration was read again"
    night.board_of("monitor")
