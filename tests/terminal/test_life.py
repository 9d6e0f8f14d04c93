"""How the app lives and ends on a real (pseudo-)terminal: crashes, dead lines, signals, hostile input."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pty import Session
from tests.terminal.conftest import ROOT, Start

Small = Callable[..., Session]

CANARY = b"canary-4f1d9a"


def hints(session: Session) -> int:
    return int(session.text().split("hints: ")[1].split()[0])


@pytest.mark.parametrize(("key", "kind"), [("x", "ValueError"), ("w", "KeyError")])
def test_a_crash_prints_one_sentence_without_values_and_gives_the_terminal_back(
    small: Small, key: str, kind: str
) -> None:
    session = small()
    before = len(session.raw)
    session.key(key)
    code, _ = session.wait_end()
    assert code == 1
    assert kind in session.text()
    assert CANARY not in session.raw
    said = bytes(session.raw[before:]).rpartition(b"\x1b[?25h")[2]
    assert len(said) <= 2048
    assert said.strip().count(b"\n") == 0
    assert session.emulator.left_set() == []
    assert session.is_tty_restored()


def test_a_wanted_end_is_quiet_and_zero(small: Small) -> None:
    session = small()
    session.key("q")
    assert session.wait_end()[0] == 0
    assert session.text().strip() == ""
    assert session.emulator.left_set() == []
    assert session.is_tty_restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_order(small: Small, tmp_path: Path, number: signal.Signals) -> None:
    saved = tmp_path / "saved"
    session = small(SMALL_SAVE=str(saved))
    session.kill(number)
    code, took = session.wait_end()
    assert code == 128 + number
    assert b"\x1b[?1000l" not in session.raw  # the screen closed by itself; it was not cut off at the deadline
    assert took < 2.5
    assert saved.read_text() == "saved"
    assert session.emulator.left_set() == []
    assert session.is_tty_restored()


def test_a_signal_ends_it_even_while_the_line_is_frozen(small: Small) -> None:
    session = small()
    session.key("k")
    with session.frozen():
        wait_for_a_full_line(session)
        session.kill(signal.SIGTERM)
        start = time.monotonic()
        while session.poll() is None and time.monotonic() - start < 5:
            os.sched_yield()
        assert session.poll() == 143
        assert time.monotonic() - start < 2.6


def wait_for_a_full_line(session: Session) -> None:
    """Until the program has stopped working because nobody takes its output."""
    deadline, used, since = time.monotonic() + 30, session.cpu_s(), time.monotonic()
    while time.monotonic() - since < 1.0:
        assert time.monotonic() < deadline, "it never stopped painting"
        if session.cpu_s() != used:
            used, since = session.cpu_s(), time.monotonic()
        os.sched_yield()


@pytest.mark.parametrize("run", range(5))
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_when_the_line_is_gone_it_saves_and_is_gone_too(small: Small, tmp_path: Path, *, busy: bool, run: int) -> None:
    saved = tmp_path / "saved"
    session = small(SMALL_SAVE=str(saved))
    if busy:
        session.key("k")
    session.hang_up()
    _, took = session.wait_end()
    assert took < 2.5
    assert saved.read_text() == "saved"


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_when_the_line_is_gone_and_no_signal_says_so_it_is_gone_too(
    small: Small, tmp_path: Path, *, busy: bool
) -> None:
    saved = tmp_path / "saved"
    session = small(SMALL_SAVE=str(saved), SMALL_DEAF="1")
    if busy:
        session.key("k")
    session.hang_up()
    _, took = session.wait_end()
    assert took < 2.5
    assert saved.read_text() == "saved"


def test_a_continue_without_a_stop_starts_nothing_again(small: Small) -> None:
    session = small()
    before = len(session.raw)
    session.kill(signal.SIGCONT)
    session.quiet(0.5)
    assert len(session.raw) == before


def test_without_anything_to_do_it_does_not_wake_up(small: Small) -> None:
    session = small()
    session.quiet(0.5)
    cpu, woken, sent = session.cpu_s(), session.wake_ups(), len(session.raw)
    session.quiet(4.0)
    assert session.wake_ups() - woken <= 4
    assert session.cpu_s() - cpu <= 0.02
    assert len(session.raw) == sent


def test_bytes_that_are_no_utf8_are_shown_and_it_lives_on(small: Small) -> None:
    session = small()
    session.key("e")
    session.quiet()
    session.send(b"caf\xe9 ok")
    session.wait("caf\ufffd ok")
    session.send(b"\x1b[200~\xff\xfe pasted\x1b[201~")
    session.wait("\ufffd\ufffd pasted")
    assert session.poll() is None


def test_a_paste_into_the_list_presses_nothing_and_says_so(small: Small) -> None:
    session = small()
    for sent in (
        b"acx",
        b"\x1b[200~acx\x1b[201~",
        b"\x1b[200~text \x1b[31mc more\x1b[201~",
        b"\x1b[200~x\x1b[201~axcq\r\x1b[201~",
    ):
        before = hints(session)
        session.send(sent)
        session.wait_until(lambda before=before: hints(session) > before, "a hint")
        session.quiet(0.2)
    assert "got:\n" in session.text() + "\n"
    assert session.poll() is None
    session.key("a")
    session.wait("got: ack")


def test_a_paste_into_the_editor_keeps_its_order(small: Small) -> None:
    session = small()
    session.key("e")
    session.quiet()
    session.type("one ")
    session.send(b"\x1b[200~two \x1b[31mthree \x1b[201~")
    session.wait("one two ")
    session.send(b"four five")
    session.wait(r"one two \^\[\[31mthree four five")


def test_a_paste_without_an_end_does_not_make_it_deaf(small: Small) -> None:
    session = small()
    session.send(b"\x1b[200~deaf")
    session.wait("hints: 1")
    session.quiet(0.2)
    session.key("a")
    session.wait("got: ack")


def test_control_q_and_control_z_do_nothing_and_control_c_belongs_to_the_app(small: Small) -> None:
    session = small()
    session.key("ctrl+q", "ctrl+z", "ctrl+s", "ctrl+c", "a")
    session.wait(r"got: ctrl\+c ack")


def test_after_others_used_the_terminal_the_whole_screen_comes_back(small: Small) -> None:
    session = small()
    session.key("s")
    session.quiet(0.5)
    assert "nothing said" in session.text()
    assert "somebody else" not in session.text()
    session.emulator.screen.reset()
    session.key("ctrl+l")
    session.wait("nothing said")


def test_stop_and_continue_from_the_shell_gives_the_terminal_back_and_takes_it_again(small: Small) -> None:
    session = small()
    session.kill(signal.SIGTSTP)
    session.wait_until(session.is_stopped, "that it stops")
    session.quiet(0.2)
    assert not session.emulator.modes["1049"]
    session.kill(signal.SIGCONT)
    session.wait_until(lambda: session.emulator.modes["1049"] and "nothing said" in session.text(), "the screen again")
    session.quiet()
    session.key("a")
    session.wait("got: ack")


def test_killed_outright_it_leaves_no_keyboard_or_mouse_mode_behind(small: Small) -> None:
    session = small()
    session.kill(signal.SIGKILL)
    session.wait_end()
    assert session.emulator.left_set() == ["?1049h", "?2004h", "?7l", "?25l"]
    assert b"\x1b[>" not in session.raw


# ---- under tmux, where the attacks were real


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Run tmux commands on a server of its own."""
    assert shutil.which("tmux"), "this test needs tmux: tests/servers/install.sh installs it"
    socket = str(tmp_path / "tmux")

    def run(*args: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", socket, "-f", "/dev/null", *args], capture_output=True, text=True, timeout=20, check=False
        )
        return done.stdout

    yield run
    run("kill-server")


def started_in(tmux: Callable[..., str], text: str, painting: str) -> None:
    code = (
        "import sys, tests.terminal.apps.small as small\n"
        "from textual.app import App\n"
        "from textual.drivers.linux_driver import LinuxDriver\n"
        "if sys.argv[1] == 'stock':\n"
        "    small.Small._display = App._display\n"
        "app = small.Small()\n"
        "if sys.argv[1] != 'ours':\n"
        "    app.driver_class = LinuxDriver\n"
        "sys.exit(app.show())\n"
    )
    env = ["-e", f"PYTHONPATH={ROOT}", "-e", f"SMALL_TEXT={text}", "-e", "LANG=C.UTF-8"]
    tmux("new-session", "-d", "-x", "80", "-y", "24", *env, sys.executable, "-c", code, painting)
    tmux("set", "-g", "set-clipboard", "on")


def shown(tmux: Callable[..., str], what: str, timeout_s: float = 15) -> str:
    deadline = time.monotonic() + timeout_s
    while what not in (text := tmux("capture-pane", "-p")):
        assert time.monotonic() < deadline, text
        os.sched_yield()
    return text


ATTACK = "ticket \x1b[c \x1b[6n \x1b]52;c;Y3VybA==\x07 end"


@pytest.mark.server
def test_a_ticket_that_asks_the_terminal_presses_no_key(tmux: Callable[..., str]) -> None:
    started_in(tmux, ATTACK, "ours")
    shown(tmux, "end")
    tmux("send-keys", "a")
    assert "got: ack\n" in shown(tmux, "got: ack")
    assert tmux("show-buffer") == ""


@pytest.mark.server
def test_the_attack_is_real_against_the_stock_paths(tmux: Callable[..., str]) -> None:
    """Or else the test above would show nothing."""
    started_in(tmux, ATTACK, "stock")
    assert "close" in shown(tmux, "got: close")


@pytest.mark.server
def test_even_an_answer_that_did_come_presses_no_key(tmux: Callable[..., str]) -> None:
    """The guard alone, without the belt: the terminal is asked by somebody who writes to it directly."""
    started_in(tmux, "ticket", "ours")
    shown(tmux, "got:")
    tty = tmux("display", "-p", "#{pane_tty}").strip()
    Path(tty).write_text(ATTACK)
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        assert "close" not in tmux("capture-pane", "-p")
    tmux("send-keys", "C-l")
    tmux("send-keys", "a")
    assert "got: ack\n" in shown(tmux, "got: ack")


@pytest.mark.server
def test_a_tmux_buffer_pasted_into_the_list_presses_nothing(tmux: Callable[..., str]) -> None:
    started_in(tmux, "ticket", "ours")
    shown(tmux, "got:")
    tmux("set-buffer", "quickly acx")
    tmux("paste-buffer")
    shown(tmux, "hints: 1")
    assert "got:\n" in tmux("capture-pane", "-p")


# ---- where there is no screen to have


def test_what_is_no_terminal_is_told_in_a_sentence(start: Start) -> None:
    code = "from oncall_tui.ui.terminal import why_not; print(why_not())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, cwd=ROOT, check=False
    )
    assert done.stdout == "There is no terminal here: standard input or standard error is not one.\n"
    with Session([sys.executable, "-c", code], env={"TERM": "dumb", "PYTHONPATH": ROOT}) as dumb:
        dumb.wait("TERM is empty or dumb")
    with Session([sys.executable, "-c", f"{code}\nprint('end')"], env={"PYTHONPATH": ROOT}) as good:
        good.wait("^end")
        assert good.text().strip() == "end"
