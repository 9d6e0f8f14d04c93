"""What is copied arrives whole, wherever the screen runs, and what is said of it is true."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from oncall_tui.ui.clipboard import copy

LONG = "Dag Ron, é \N{BREAD} " * 200
TMUX = {"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0"}


def arrived(written: str) -> str:
    """The text in an OSC 52 that a terminal was sent."""
    found = re.fullmatch("\x1b]52;c;([A-Za-z0-9+/=]*)\a", written)
    assert found, written[:80]
    return base64.b64decode(found[1]).decode()


def test_a_terminal_alone_is_handed_all_of_it() -> None:
    written: list[str] = []
    assert copy(LONG, {"TERM": "xterm"}, written.append) == "handed to your terminal's clipboard, if it takes it"
    assert arrived("".join(written)) == LONG


def test_screen_is_given_pieces_that_it_does_not_drop() -> None:
    written: list[str] = []
    said = copy(LONG, {"TERM": "screen", "STY": "1.x"}, written.append)
    assert said == "handed to your terminal's clipboard, if screen lets it through and it takes it"
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", "".join(written), re.DOTALL)
    assert len(pieces) > 3
    assert all(len(piece.encode()) < 768 for piece in pieces)
    assert arrived("".join(pieces)) == LONG


def test_a_tmux_behind_an_ssh_is_given_it_both_ways() -> None:
    written: list[str] = []
    said = copy("x", {"TERM": "tmux-256color"}, written.append)
    assert "if tmux lets it through" in said
    bare = "\x1b]52;c;eA==\a"
    assert written == ["\x1bPtmux;\x1b" + bare + "\x1b\\" + bare]


def fake_tmux(folder: Path, script: str) -> dict[str, str]:
    path = folder / "tmux"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return TMUX | {"PATH": f"{folder}:/usr/bin:/bin"}


def test_a_tmux_here_takes_it_itself_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = fake_tmux(tmp_path, f'echo "$@" > {tmp_path}/told; cat > {tmp_path}/taken')
    monkeypatch.setenv("PATH", environ["PATH"])
    written: list[str] = []
    said = copy(LONG, environ, written.append)
    assert said == "in tmux's paste buffer, and handed to your terminal's clipboard, if it takes it"
    assert (tmp_path / "taken").read_text() == LONG
    assert (tmp_path / "told").read_text() == "load-buffer -w -\n"
    assert written == []


@pytest.mark.parametrize("script", ["exit 1", "exec no-such-program"])
def test_a_tmux_that_does_not_take_it_is_not_said_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    environ = fake_tmux(tmp_path, script)
    monkeypatch.setenv("PATH", environ["PATH"])
    written: list[str] = []
    assert "paste buffer" not in copy("x", environ, written.append)
    assert written


def test_half_of_a_pair_takes_nothing_down() -> None:
    written: list[str] = []
    copy("\ud800x", {"TERM": "xterm"}, written.append)
    assert arrived("".join(written)) == "?x"
