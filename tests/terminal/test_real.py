"""The whole program, ``oncall-tui demo``, on a pseudo-terminal: what the small app shows must hold for the real one."""

from __future__ import annotations

import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.pty import Session
from tests.terminal.conftest import ROOT

Demo = Callable[..., Session]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """The demo with its night on the screen."""
    with ExitStack() as stack:

        def begin(**options: object) -> Session:
            command = [sys.executable, "-m", "oncall_tui", "demo", "--state", str(tmp_path)]
            session = stack.enter_context(Session(command, env={"PYTHONPATH": ROOT}, **options))  # type: ignore[arg-type]
            session.wait("ALONE")
            session.wait("2 sources live")
            session.quiet(0.3)
            return session

        yield begin


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_it_and_gives_the_terminal_back(demo: Demo, number: signal.Signals) -> None:
    session = demo()
    session.kill(number)
    code, took = session.wait_end()
    assert code == 128 + number
    assert took < 2.5
    assert session.emulator.left_set() == []
    assert session.is_tty_restored()


def test_suspended_while_a_note_is_written_it_gives_the_terminal_back_and_comes_back_whole(demo: Demo) -> None:
    session = demo()
    session.key("n")
    session.wait("NOTE")
    session.type("half a wor")
    session.wait("half a wor")
    for word in ("half a word", "half a word a"):
        session.kill(signal.SIGTSTP)
        session.wait_until(session.is_stopped, "that it stops")
        session.quiet(0.2)
        assert session.emulator.left_set() == []
        assert session.is_tty_restored()
        session.emulator.screen.reset()  # the shell writes there meanwhile
        session.kill(signal.SIGCONT)
        session.wait("BAKKERIJ DE KORENAAR")
        session.wait("NOTE")
        session.quiet(0.3)
        session.type(word[-1])
        session.wait(word.rstrip())
        session.type(" ")
    assert "take orders from 14 shops" in session.text()
    assert "ctrl+o send" in session.text()


@pytest.mark.parametrize("end", ["leave", "signal"])
def test_words_that_no_disk_takes_stand_in_the_terminal_when_the_screen_is_gone(demo: Demo, end: str) -> None:
    session = demo()
    resource.prlimit(session.pid, resource.RLIMIT_FSIZE, (0, 0))  # as on a full disk: nothing is written any more
    session.key("n")
    session.wait("NOTE")
    session.type("restarted the gateway")
    session.wait("restarted the gateway")
    session.wait("not saved")
    if end == "leave":
        session.key("ctrl+c")
        session.wait("You are writing")
        session.key("y")
    else:
        session.kill(signal.SIGTERM)
    assert session.wait_end()[0] == (0 if end == "leave" else 143)
    assert session.is_tty_restored()
    shown = " ".join(session.text().split())
    assert "was not saved:" in shown
    assert "Copy its words from here: restarted the gateway" in shown


@pytest.mark.parametrize("run", range(3))
def test_it_does_not_outlive_its_line(demo: Demo, run: int) -> None:
    session = demo()
    session.hang_up()
    assert session.wait_end()[1] < 2.5


def test_a_paste_of_every_key_it_has_takes_no_problem_and_closes_nothing(demo: Demo) -> None:
    session = demo()
    for sent in (b"arnzseoqgyu", b"\x1b[200~a\ry\x1b[31mq\x1b[201~", b"\x1b[?64;1;2c\x1b]lay\x1b\\"):
        session.send(sent)
        session.quiet(0.3)
    assert "ALONE" in session.text()
    assert "no word from us" in session.text()
    assert not any(word in session.text() for word in ("waiting for", "sending to", "delivered", "NOTE", "REPLY"))


def test_what_arrives_in_one_piece_is_typed_into_the_filter_and_the_palette_and_chooses_nothing(demo: Demo) -> None:
    session = demo()
    session.key("q")
    session.wait("problems")
    session.key("/")
    session.wait("holds “_”")
    session.send(b"garage\r")  # bunched by a line that stalls
    session.wait("holds “garage_”")
    session.send(b"\x1b[200~ smit\rq\r\x1b[201~")
    session.wait("holds “garage smit_”")
    session.quiet(0.1)
    assert "Korenaar" not in session.text()
    session.key("enter")
    session.wait("holds “garage smit”")
    session.key(":")
    session.wait("do: _")
    session.send(b"\x1b[200~korenaar\r\x1b[201~")
    session.wait("do: korenaar_")
    session.quiet(0.1)
    assert "Garage" not in session.text()
    assert "take the problem" not in session.text()


def test_a_key_that_a_stalling_line_delivers_together_with_the_words_before_it_asks_to_be_pressed_again(
    demo: Demo,
) -> None:
    session = demo()
    session.key("n")
    session.wait("NOTE")
    session.send(b"the disk is clean again\x0f")
    session.wait("and did nothing: press it again")
    assert "NOTE" in session.text()
    session.quiet(0.1)
    session.key("ctrl+o")
    session.wait("note “the disk is clean again”")
    session.wait_until(lambda: "NOTE" not in session.text(), "the editor closes")


def test_ten_seconds_with_a_ticking_clock_cost_less_than_two_kilobytes_a_minute(demo: Demo) -> None:
    session = demo()
    before, until = len(session.raw), time.monotonic() + 10
    while session.pump(until) is not None:
        pass
    assert 0 < len(session.raw) - before <= 2048 / 6


@pytest.mark.parametrize("size", [(40, 12), (20, 5), (1, 1)])
def test_small_terminals_and_a_storm_of_sizes_do_not_end_it(demo: Demo, size: tuple[int, int]) -> None:
    session = demo()
    for columns, rows in ((200, 60), (33, 9), size, (120, 40), size, (80, 24)):
        session.resize(columns, rows)
    session.wait("BAKKERIJ")
    assert session.poll() is None
