"""The frame of the last session is on the screen before anything is imported, or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from oncall_tui import config
from oncall_tui.ui import firstframe
from tests.pty import Session
from tests.terminal.conftest import ROOT, Start

LINES = ["\x1b[0;1mBAKKERIJ DE KORENAAR\x1b[m", " cannot take orders", "", *[" "] * 20, "last"]

PRINT = "import sys; from oncall_tui.ui import firstframe; sys.exit(0 if firstframe.show(sys.argv[1]) else 3)"


def printed(path: Path, **options: object) -> Session:
    return Session([sys.executable, "-S", "-c", PRINT, str(path)], env={"PYTHONPATH": ROOT}, **options)  # type: ignore[arg-type]


def test_it_is_shown_with_its_time_and_the_terminal_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "frame"
    at = time.time() - 600
    firstframe.save(path, LINES, (80, 24), at)
    with printed(path) as session:
        session.wait_until(lambda: b"as of" in session.raw)
        assert session.wait_end()[0] == 0
        shown = bytes(session.raw).decode()
        assert "BAKKERIJ DE KORENAAR" in shown
        assert f"as of {time.strftime('%H:%M', time.localtime(at))}" in shown
        assert session.text().strip() == ""
        assert session.emulator.left_set() == []


def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "frame"
    path.write_text("older")
    path.chmod(0o644)
    firstframe.save(path, LINES, (80, 24))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["frame"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace(" 80 24 ", " 81 24 "), "another width"),
        (lambda text: text.replace(" 80 24 ", " 80 23 "), "another height"),
        (lambda text: text.replace("frame 1", "frame 2"), "another version"),
        (lambda text: text + "\x1b]52;c;aGk=\x07", "a sequence that is no colour"),
        (lambda text: text + "\x1b[2J", "another CSI"),
        (lambda text: text + "\x9b31m", "a C1 control"),
        (lambda text: text.replace("\n", " ", 1), "no head"),
        (lambda text: "", "nothing"),
        (lambda text: text[:10], "cut off"),
    ],
)
def test_a_frame_that_does_not_fit_is_not_shown(tmp_path: Path, change: Callable[[str], str], why: str) -> None:
    path = tmp_path / "frame"
    firstframe.save(path, LINES, (80, 24))
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with printed(path) as session:
        assert session.wait_end()[0] == 3, why
        assert session.raw == b""


def test_a_frame_of_another_night_or_of_a_wrong_clock_or_no_file_is_not_shown(tmp_path: Path) -> None:
    for at in (time.time() - firstframe.OLDEST_S - 60, time.time() + 3600):
        firstframe.save(tmp_path / "frame", LINES, (80, 24), at)
        with printed(tmp_path / "frame") as session:
            assert session.wait_end()[0] == 3
    with printed(tmp_path / "none") as session:
        assert session.wait_end()[0] == 3


def _places(folder: Path) -> list[Path]:
    pipe, device, directory = folder / "pipe", folder / "device", folder / "directory"
    os.mkfifo(pipe)
    device.symlink_to("/dev/tty")
    directory.mkdir()
    return [pipe, device, directory]


def test_what_is_no_file_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    for path in _places(tmp_path):
        with printed(path) as session:
            assert session.wait_end()[0] == 3
    os.mkfifo(tmp_path / "frame.new")
    with pytest.raises(OSError, match="No such device"):  # nobody reads that pipe
        firstframe.save(tmp_path / "frame", LINES, (80, 24))


def test_a_link_in_its_place_leads_it_nowhere(tmp_path: Path) -> None:
    (tmp_path / "frame.new").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="symbolic links"):
        firstframe.save(tmp_path / "frame", LINES, (80, 24))
    assert not (tmp_path / "mine").exists()


def test_without_a_terminal_nothing_is_printed(tmp_path: Path) -> None:
    firstframe.save(tmp_path / "frame", LINES, (80, 24))
    done = subprocess.run(
        [sys.executable, "-c", PRINT, str(tmp_path / "frame")], capture_output=True, timeout=20, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")


def test_it_imports_nothing_that_python_had_not_loaded(tmp_path: Path) -> None:
    code = "import sys, atexit, time; before = set(sys.modules); import oncall_tui.ui.firstframe; print(sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "['__future__', 'oncall_tui', 'oncall_tui.ui', 'oncall_tui.ui.firstframe']"


def test_its_place_is_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for value in (str(tmp_path), "", None):
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        if value is not None:
            monkeypatch.setenv("XDG_STATE_HOME", value)
        assert Path(firstframe.place()) == config.state_dir() / "frame"


def test_the_app_keeps_its_last_frame_and_the_next_start_shows_it_first(start: Start, tmp_path: Path) -> None:
    kept = str(tmp_path / "frame")
    first = start("small", env={"SMALL_FRAME": kept, "SMALL_TEXT": "the fire"})
    first.wait("got:")
    first.key("a")
    first.wait("got: ack")
    first.key("q")
    assert first.wait_end()[0] == 0
    hold = tmp_path / "hold"
    os.mkfifo(hold)
    second = start("small", env={"SMALL_FRAME": kept, "SMALL_TEXT": "the fire", "SMALL_HOLD": str(hold)})
    second.wait(r"got: ack[^$]*as of \d\d:\d\d")
    second.send(b"a")  # meant for what was on the screen then: it presses nothing in the live one
    second.wait_until(lambda: second.text().endswith("a"), "the echo")
    hold.write_text("go on")
    second.wait(r"^got:\s*$")
    second.quiet()
    assert "as of" not in second.text()
    assert "ack" not in second.text()
    assert bytes(second.raw).count(b"\x1b[?1049h") == 1
    second.key("q")
    second.wait_end()
    assert second.text().strip() == ""
    assert second.emulator.left_set() == []


def test_words_at_an_early_end_are_not_lost_on_the_alternate_screen(start: Start, tmp_path: Path) -> None:
    firstframe.save(tmp_path / "frame", LINES, (80, 24))
    session = start("small", env={"SMALL_FRAME": str(tmp_path / "frame"), "SMALL_ENDS_EARLY": "1"})
    assert session.wait_end()[0] == 1
    assert session.emulator.left_set() == []


def test_nothing_is_kept_of_an_empty_screen(tmp_path: Path) -> None:
    firstframe.save(tmp_path / "frame", ["", ""], (80, 24))
    assert not (tmp_path / "frame").exists()
