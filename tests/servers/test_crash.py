"""The program killed at random moments, on the screen and without it: nothing lost, nothing doubled, nothing misplaced.

Small editions of what ``python -m tests.engine.crash`` plays with 300 writes.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.engine.crash import night, readback, real
from tests.engine.crash.baddesk import WAYS
from tests.engine.crash.typist import Typist, show
from tests.pty import Session

pytestmark = pytest.mark.server

SEED = 3


def test_beside_a_real_redmine_and_alertmanager(tmp_path: Path) -> None:
    with real.servers(tmp_path) as servers:
        tally = night.play(tmp_path, servers, seed=SEED, spoken=40, typed=10)
    assert (tally.lost, tally.doubled, tally.misplaced) == ([], [], [])
    assert (len(tally.said) >= 50, tally.alerts, tally.kills >= 3) == (True, 5, True)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "well"])
def test_beside_a_desk_that_goes_wrong(tmp_path: Path, way: str) -> None:
    with night.bad_desk(tmp_path, way, seed=SEED) as servers:
        tally = night.play(tmp_path, servers, seed=SEED, spoken=20, typed=3)
    assert (tally.lost, tally.doubled, tally.misplaced) == ([], [], [])
    assert len(tally.said) >= 23


def test_what_was_typed_and_not_sent_is_offered_where_it_was_after_a_kill(tmp_path: Path) -> None:
    with night.bad_desk(tmp_path, "well", seed=SEED) as servers:
        program = Typist(servers.config, tmp_path / "state", SEED).program
        with Session(program, size=(100, 30)) as screen:
            screen.wait("we see")
            show(screen, "Oven weigert")
            screen.key("n")
            screen.wait("NOTE: only")
            screen.type("de wachtrij is vo")
            screen.quiet(0.6)
            screen.kill(signal.SIGKILL)
            screen.wait_end()
        with Session(program, size=(100, 30)) as screen:
            screen.wait("we see")
            show(screen, "Oven weigert")
            screen.key("n")
            screen.wait("your draft of")
            screen.wait("^ de wachtrij is vo$")
        tally = readback.tally(servers.desk, servers.key, servers.monitor, set(), 1)
        assert tally.stored == ()
