"""The screen on the real engine, over real HTTP, on the embedded desk and monitor: what is pressed arrives there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from oncall_tui.demo.world import World
from oncall_tui.engine.thread import EngineThread
from oncall_tui.model import State, Verb
from oncall_tui.ui.app import OncallApp, utc_now
from oncall_tui.ui.outfit import outfit


async def until(pilot: Pilot[int], fact: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not fact():
        assert time.monotonic() < deadline, "it did not come true in time"
        await pilot.pause(0.02)


async def test_taking_a_problem_and_telling_the_customer_is_confirmed_by_the_sources(tmp_path: Path) -> None:
    with World(speed=1) as world:
        config = world.config(tmp_path)
        app = OncallApp(
            outfit(config, utc_now),
            lambda on_board: EngineThread(config, tmp_path, on_board),
            reread=lambda: config,
        )

        def settled(verb: Verb) -> bool:
            done = (State.DELIVERED, State.CONFIRMED)
            found = [write for write in app.desk.board.outbox if write.verb is verb] if app.desk.board else []
            return bool(found) and all(write.state in done for write in found)

        async with app.run_test(size=(80, 24)) as pilot:
            await until(
                pilot, lambda: bool(app.desk.hands.problem and any(c.wrote for c in app.desk.hands.problem.customers))
            )
            await pilot.press("a")
            await until(pilot, lambda: app.desk.editing is not None)
            assert app.typed()
            await pilot.press("ctrl+o", "y")
            await until(pilot, lambda: settled(Verb.ACKNOWLEDGE) and settled(Verb.REPLY))
