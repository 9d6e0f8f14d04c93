"""The configuration read again while the night goes on: what changed is there, and nothing that was said is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_tui import config
from oncall_tui.demo.world import World
from oncall_tui.engine.engine import Engine
from oncall_tui.engine.thread import EngineThread, MakeEngine
from oncall_tui.errors import ConfigError
from oncall_tui.model import Board, Saying, State, Verb
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
    assert night.thread.reload().result(LIMIT_S).words == "the configuration was read again"
    board = night.board_of("monitor", "desk")
    assert [(write.id, write.state) for write in board.outbox if write.id == held.id] == [(held.id, State.HELD)]
    assert [draft.text for draft in board.drafts] == ["half a senten"]
    assert night.thread.undo().result(LIMIT_S).words == "withdrawn: it was not sent"


def test_a_source_that_was_removed_is_asked_no_more(night: Night) -> None:
    night.path.write_text(night.text)
    night.thread.reload().result(LIMIT_S)
    night.board_of("monitor", "desk")
    night.path.write_text(night.without_desk)
    night.thread.reload().result(LIMIT_S)
    night.board_of("monitor")


def test_a_wrong_file_changes_nothing_and_says_its_line(night: Night) -> None:
    night.board_of("monitor")
    night.path.write_text(night.text + "\n[outbx]\n")
    with pytest.raises(ConfigError, match=r"outbx: unknown key; did you mean 'outbox'\?"):
        night.thread.reload().result(LIMIT_S)
    assert night.thread.ask_now("monitor").result(LIMIT_S).words == "asking monitor"


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
        reloaded = night.thread.reload()
        assert _stopping.wait(LIMIT_S)
        said = [night.thread.draft(problem, Verb.NOTE, f"letter {n}") for n in range(20)]
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), night.thread._loop).result(LIMIT_S)  # it has heard them all
        assert not any(one.done() for one in said)
        _let.set()
        assert reloaded.result(LIMIT_S).words == "the configuration was read again"
        assert [one.result(LIMIT_S).words for one in said] == ["draft saved"] * 20
        assert night.thread.stop()


def test_an_unchanged_file_and_what_only_the_screen_reads_are_told(night: Night) -> None:
    night.board_of("monitor")
    assert night.thread.reload().result(LIMIT_S).words == "the configuration is as it was"
    night.path.write_text(night.without_desk + '\n[keys]\ntake = "T"\n')
    assert night.thread.reload().result(LIMIT_S).words == (
        "the configuration was read again; keys change with the next start"
    )
