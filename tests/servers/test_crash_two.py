"""Two of one engineer's programs on one state directory: both show the same, and neither holds the other up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.crash import night, readback
from tests.engine.crash.many import ROOT
from tests.engine.crash.night import Servers
from tests.engine.crash.typist import show
from tests.pty import Session

pytestmark = pytest.mark.server

DEADLINE_S = 20.0
SAME_WITHIN_S = 2.0
PAINT_WITHIN_S = 0.1


class Panes:
    """The programs of one engineer, on one state directory."""

    def __init__(self, servers: Servers, state: Path) -> None:
        self.servers, self.state = servers, state
        self.program = [sys.executable, "-m", "oncall_tui", "--config", str(servers.config), "--state", str(state)]

    def pane(self) -> Session:
        return Session(self.program, size=(100, 30), timeout_s=DEADLINE_S)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.program, *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    def texts(self) -> list[str]:
        return sorted(
            one.text
            for one in readback.tally(self.servers.desk, self.servers.key, self.servers.monitor, set(), 0).stored
        )


@pytest.fixture
def panes(tmp_path: Path) -> Iterator[Panes]:
    with night.bad_desk(tmp_path, "well", seed=1, undo="20s") as servers:
        yield Panes(servers, tmp_path / "state")


def test_what_one_pane_takes_the_other_shows_within_two_seconds_and_takes_back(panes: Panes) -> None:
    with panes.pane() as one, panes.pane() as two:
        for pane in (one, two):
            pane.wait("we see")
            show(pane, "Oven weigert")
        one.key("a")
        one.wait_until(lambda: "nobody yet" not in one.text())
        pressed_at = time.monotonic()
        two.wait_until(lambda: "nobody yet" not in two.text())
        assert time.monotonic() - pressed_at < SAME_WITHIN_S
        assert panes.run("undo").returncode == 0
        withdrawn_at = time.monotonic()
        for pane in (one, two):
            pane.wait("nobody yet")
        assert time.monotonic() - withdrawn_at < SAME_WITHIN_S


def test_what_a_command_says_shows_on_the_screen_within_two_seconds(panes: Panes) -> None:
    with panes.pane() as pane:
        pane.wait("we see")
        number = show(pane, "Oven weigert")
        said = panes.run("ack", f"desk/{number}")
        assert said.returncode == 0, said.stdout + said.stderr
        told_at = time.monotonic()
        pane.wait_until(lambda: "nobody yet" not in pane.text())
        assert time.monotonic() - told_at < SAME_WITHIN_S


def test_two_panes_and_a_command_deliver_each_note_once(panes: Panes) -> None:
    with panes.pane() as one, panes.pane() as two:
        said = []
        for number, (pane, title) in enumerate(((one, "Oven weigert"), (two, "Kassa hapert"))):
            pane.wait("we see")
            ticket = show(pane, title)
            for n in range(3):
                said.append(f"n{number}-{n} on {ticket}")
                pane.key("n")
                pane.wait("NOTE: only")
                pane.quiet(0.15)
                pane.say(said[-1])
                pane.wait_until(lambda: "NOTE: only" not in pane.text())  # noqa: B023
        said.append(f"n9-0 on {ticket}")
        assert panes.run("note", f"desk/{ticket}", said[-1]).returncode in (0, 4)
        for pane in (one, two):
            pane.key("ctrl+c")
            pane.wait_end()
    assert panes.run("outbox", "--deliver", "--wait", "40s").returncode == 0
    assert panes.texts() == sorted(said)


_STOPS_IN_MID_SAVE = """
import os, signal, sys
from pathlib import Path
from oncall_tui.engine.outbox import Outbox
with Outbox.open(Path(sys.argv[1]))._store.saving():
    os.kill(os.getpid(), signal.SIGSTOP)
"""


@contextmanager
def stopped_in_mid_save(state: Path) -> Iterator[None]:
    """Another process of ours, stopped by Ctrl-Z between BEGIN and COMMIT; it goes on and ends well afterwards."""
    with subprocess.Popen([sys.executable, "-c", _STOPS_IN_MID_SAVE, str(state)], cwd=ROOT) as sister:
        assert os.WIFSTOPPED(os.waitpid(sister.pid, os.WUNTRACED)[1])
        try:
            yield
        finally:
            sister.send_signal(signal.SIGCONT)
        assert sister.wait(DEADLINE_S) == 0


def test_a_pane_whose_sister_was_stopped_in_the_middle_of_a_save_paints_on_and_says_why_it_cannot_save(
    panes: Panes,
) -> None:
    with panes.pane() as pane:
        pane.wait("we see")
        show(pane, "Oven weigert")
        with stopped_in_mid_save(panes.state):
            pane.key("a")
            assert slowest_s(pane) < PAINT_WITHIN_S
            pane.key("escape", "a")
            pane.wait("nothing was said: .*holds the lock")
            assert "nobody yet" in pane.text()
        pane.key("a")
        pane.wait_until(lambda: "nobody yet" not in pane.text())


def test_a_pane_goes_on_beside_a_stopped_one(panes: Panes) -> None:
    with panes.pane() as stopped, panes.pane() as pane:
        stopped.wait("we see")
        pane.wait("we see")
        show(stopped, "Oven weigert")
        show(pane, "Oven weigert")
        stopped.kill(signal.SIGSTOP)
        try:
            assert slowest_s(pane) < PAINT_WITHIN_S
            pane.key("escape", "a")
            pane.wait_until(lambda: "nobody yet" not in pane.text())
        finally:
            stopped.kill(signal.SIGCONT)
        stopped.wait_until(lambda: "nobody yet" not in stopped.text())


def slowest_s(pane: Session) -> float:
    """The longest time from a key in the queue to the first byte that it paints."""
    return max(_painted_s(pane, key) for key in "qjjjkkkjjkkjk")


def _painted_s(pane: Session, key: str) -> float:
    pane.quiet(0.15)
    pressed_at = time.monotonic()
    pane.send(key.encode())
    arrived_at = pane.pump(pressed_at + DEADLINE_S)
    assert arrived_at is not None
    return arrived_at - pressed_at
