"""The program ends when it is told to, also while a name server keeps it waiting for a name (faults.md, A6)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pty import Session

EXIT_WITHIN_S = 2.5
ROOT = Path(__file__).parents[2]

_HANGS = """
import socket, sys, time
from pathlib import Path
def hang(*_, **__):
    Path(sys.argv[-1]).touch()
    time.sleep(20)
socket.getaddrinfo = hang
from oncall_tui.cli import run
raise SystemExit(run(sys.argv[1:-1]))
"""
_CONFIG = """
[me]
name = "Sanne"
[sources.far]
kind = "alertmanager"
url = "http://far.example"
"""


def program(folder: Path, *words: str) -> list[str]:
    """The program with a name server that does not answer; it tells in the file `asked` that it waits."""
    config = folder / "config.toml"
    config.write_text(_CONFIG)
    places = ["--config", str(config), "--state", str(folder / "state")]
    return [sys.executable, "-c", _HANGS, *places, *words, str(folder / "asked")]


def test_the_screen_ends_in_time_while_a_name_is_looked_up(tmp_path: Path) -> None:
    with Session(program(tmp_path)) as screen:
        screen.wait_until((tmp_path / "asked").exists)
        screen.key("ctrl+c")
        code, took_s = screen.wait_end()
        assert (code, took_s < EXIT_WITHIN_S) == (0, True), took_s


@pytest.mark.parametrize(("name", "expected"), [("next", 130), ("sources", 130), ("watch", 0)])
def test_a_command_that_is_interrupted_ends_in_time_while_a_name_is_looked_up(
    tmp_path: Path, name: str, expected: int
) -> None:
    with subprocess.Popen(program(tmp_path, name), cwd=ROOT, stderr=subprocess.PIPE, text=True) as command:
        deadline = time.monotonic() + 20
        while not (tmp_path / "asked").exists():
            assert time.monotonic() < deadline
            assert command.poll() is None, command.communicate()
        began_at = time.monotonic()
        command.send_signal(signal.SIGINT)
        _, errors = command.communicate(timeout=30)
        took_s = time.monotonic() - began_at
    assert (command.returncode, errors, took_s < EXIT_WITHIN_S) == (expected, "", True), took_s
