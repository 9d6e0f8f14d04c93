"""`watch` as a process: it rings, it says what changed, and what waits in the outbox leaves."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_tui.cli.target import find
from oncall_tui.cli.watch import Ringer, stay
from oncall_tui.config import Config
from oncall_tui.demo.world import World
from oncall_tui.engine.engine import Engine
from oncall_tui.model import Board, Saying, Verb
from tests.cli.test_program import PROGRAM, environment
from tests.engine.desk import CONNECTOR, Desk, DeskLine
from tests.engine.fakes import FakeClock
from tests.engine.test_engine import CONFIG
from tests.night import BOARD

DEADLINE_S = 30.0


@pytest.fixture
def world() -> Iterator[World]:
    with World(still=True) as world:
        yield world


class Watching:
    """The process; `line` is what it says next."""

    def __init__(self, world: World, folder: Path, *argv: str) -> None:
        config = world.write_config(folder)
        self.process = subprocess.Popen(
            [*PROGRAM, "watch", "--config", str(config), "--state", str(folder / "state"), *argv],
            env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def line(self) -> str:
        assert self.process.stdout
        assert select.select([self.process.stdout], [], [], DEADLINE_S)[0], "it said nothing"
        return self.process.stdout.readline()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, said


def wait_for(what: object, is_there: object) -> None:
    ends = time.monotonic() + DEADLINE_S
    while not is_there():  # type: ignore[operator]
        assert time.monotonic() < ends, what
        select.select([], [], [], 0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_who_is_alone_rings_and_ends_in_order(world: World, tmp_path: Path, number: int) -> None:
    rang = tmp_path / "rang"
    script = "import os,sys; open(sys.argv[1],'w').write(os.environ['ONCALL_TUI_LINE'] + '|' + sys.stdin.read())"
    watching = Watching(world, tmp_path, "--ring", f'{sys.executable} -c "{script}" {rang}')
    said = ""
    while "De Korenaar" not in said:
        said = watching.line()
    wait_for("a ring", lambda: rang.exists() and rang.read_text().endswith("\n"))
    by_environment, _, by_stdin = rang.read_text().partition("|")
    assert by_environment == by_stdin.rstrip("\n")
    assert "De Korenaar" in by_stdin
    assert watching.end(number) == (0, "")


def test_what_waits_in_the_outbox_leaves(world: World, tmp_path: Path) -> None:
    async def wait_in_the_outbox(config: Config) -> None:
        engine = Engine(config, tmp_path / "state")
        board = await engine.once()
        problem = find(board, str(world.night.tickets["orders"])).problem
        refs = tuple(ref for ref in problem.refs if ref.endswith(f"/{world.night.tickets['orders']}"))
        assert engine.say(Saying(Verb.NOTE, problem, "kept moving", refs=refs, hold_s=0)).writes
        await engine.stop(deliver_s=0)

    asyncio.run(wait_in_the_outbox(world.config(tmp_path)))
    desk = world.desk.issues[world.night.tickets["orders"]]
    assert not any("kept moving" in journal.text for journal in desk.journals)
    watching = Watching(world, tmp_path)
    wait_for("the note", lambda: any("kept moving" in journal.text for journal in desk.journals))
    assert watching.end()[0] == 0


CANARY = "canary-2b7e"


class Broken(DeskLine):
    """A line on which nothing of ours survives."""

    async def play(self, make: object, **_: object) -> object:
        raise RuntimeError(f"illegal header value {CANARY}")


async def test_a_part_of_the_engine_that_fails_ends_it_so_that_systemd_starts_it_again(tmp_path: Path) -> None:
    desk = Desk(FakeClock())

    def make(see: Callable[[Board], None]) -> Engine:
        return Engine(CONFIG, tmp_path, lines={"desk": Broken(desk, CONNECTOR)}, on_board=see)  # type: ignore[dict-item]

    came = await asyncio.wait_for(stay(make, (), lambda line: None), DEADLINE_S)
    assert came.code == 3
    assert "a part of the engine failed (RuntimeError): restart oncall-tui" in came.talk
    log = (tmp_path / "oncall-tui.log").read_text()
    assert f"{Path(__file__).name}:" in log, "where it failed"
    assert CANARY not in came.talk + log


async def test_a_line_is_said_again_only_when_it_changed_or_rings() -> None:
    said: list[str] = []
    ringer = Ringer((), say=said.append)
    for minutes in range(3):
        ringer.see(BOARD.__class__(**{f: getattr(BOARD, f) for f in BOARD.__struct_fields__}
                                   | {"as_of": BOARD.as_of + timedelta(seconds=minutes)}))  # fmt: skip
    assert len(said) == 1


async def test_a_ring_that_cannot_be_run_is_said_once_for_each() -> None:
    said: list[str] = []
    ringer = Ringer((os.fspath("/nowhere/bell"),), say=said.append)
    ringer.see(BOARD)
    await ringer.stop()
    assert said[-1] == "--ring cannot be run: no such file or directory"
