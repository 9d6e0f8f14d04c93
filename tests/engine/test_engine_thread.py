"""The engine on its own thread: futures up, boards down, and an end in time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oncall_tui.config import Config
from oncall_tui.engine.engine import Engine
from oncall_tui.engine.outbox import Outbox
from oncall_tui.engine.thread import EngineThread
from oncall_tui.errors import Unwritable
from oncall_tui.model import Board, Saying, State, Verb
from tests.engine.desk import CONNECTOR, Desk, DeskLine
from tests.engine.fakes import FakeClock
from tests.engine.test_engine import CONFIG

LIMIT_S = 10.0


class Screen:
    """Takes boards from the engine's thread and waits for one that fits."""

    def __init__(self) -> None:
        self.boards: list[Board] = []
        self.threads: set[int] = set()
        self._came = threading.Condition()

    def __call__(self, board: Board) -> None:
        with self._came:
            self.boards.append(board)
            self.threads.add(threading.get_ident())
            self._came.notify_all()

    def wait(self, fits: Callable[[Board], bool]) -> Board:
        with self._came:
            assert self._came.wait_for(lambda: bool(self.boards) and fits(self.boards[-1]), LIMIT_S)
            return self.boards[-1]


@contextmanager
def running(state_dir: Path) -> Iterator[tuple[EngineThread, Screen, Desk]]:
    desk, screen = Desk(FakeClock()), Screen()
    desk.open("1")

    def make(config: Config, at: Path, on_board: Callable[[Board], None]) -> Engine:
        return Engine(config, at, lines={"desk": DeskLine(desk, CONNECTOR)}, on_board=on_board)  # type: ignore[dict-item]

    thread = EngineThread(CONFIG, state_dir, screen, make=make)
    thread.start()
    try:
        yield thread, screen, desk
    finally:
        assert thread.stop()


def test_a_said_future_ends_when_the_row_is_on_disk(tmp_path: Path) -> None:
    with running(tmp_path) as (thread, screen, _):
        problem = screen.wait(lambda board: bool(board.problems)).problems[0]
        said = thread.say(Saying(Verb.ACKNOWLEDGE, problem)).result(LIMIT_S)
        box = Outbox.open(tmp_path)
        assert [write.id for write in box.open_writes()] == [said.writes[0].id]
        box.close()
        assert screen.wait(lambda board: board.problems[0].mine)
        assert thread.undo().result(LIMIT_S).words == "withdrawn: it was not sent"


def test_boards_come_on_the_engines_thread_only(tmp_path: Path) -> None:
    with running(tmp_path) as (thread, screen, _):
        problem = screen.wait(lambda board: bool(board.problems)).problems[0]
        thread.draft(problem, Verb.NOTE, "typing").result(LIMIT_S)
        screen.wait(lambda board: bool(board.drafts))
        assert threading.get_ident() not in screen.threads
        assert len(screen.threads) == 1


def test_what_our_disk_does_not_take_raises_in_the_future(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with running(tmp_path / "file" / "state") as (thread, screen, _):
        problem = screen.wait(lambda board: bool(board.problems)).problems[0]
        with pytest.raises(Unwritable, match="cannot save"):
            thread.say(Saying(Verb.NOTE, problem, "x")).result(LIMIT_S)


def test_a_write_leaves_without_the_screen_doing_anything(tmp_path: Path) -> None:
    with running(tmp_path) as (thread, screen, desk):
        problem = screen.wait(lambda board: bool(board.problems)).problems[0]
        thread.say(Saying(Verb.ACKNOWLEDGE, problem, hold_s=0)).result(LIMIT_S)
        states = (State.DELIVERED, State.CONFIRMED)
        screen.wait(lambda board: any(write.state in states for write in board.outbox))
        assert desk.tickets["1"].taken_by == "Sanne"


def test_asking_a_stopped_engine_says_that_nothing_was_said(tmp_path: Path) -> None:
    with running(tmp_path) as (thread, screen, _):
        problem = screen.wait(lambda board: bool(board.problems)).problems[0]
    with pytest.raises(Unwritable, match="nothing was said"):
        thread.say(Saying(Verb.NOTE, problem, "x")).result(LIMIT_S)


def test_the_engine_loads_no_http_and_no_screen_before_it_is_asked(tmp_path: Path) -> None:
    code = "import sys, oncall_tui.engine.thread; print(sorted({'httpx', 'rich', 'textual'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_an_engine_that_cannot_go_on_says_so_instead_of_standing_there(tmp_path: Path) -> None:
    class Broken(Engine):
        async def start(self) -> None:
            raise RuntimeError("a fault of our own, with \x1b in it")

    screen = Screen()
    thread = EngineThread(
        CONFIG, tmp_path, screen, make=lambda config, at, on_board: Broken(config, at, on_board=on_board)
    )
    thread.start()
    board = screen.wait(lambda board: bool(board.trouble))
    assert board.trouble == "the engine has stopped (RuntimeError): start the program again; what was saved is kept"
    assert not board.quiet
    assert thread.stop()
