"""How a terminal is made to call, and that a stranger's words stay words in it."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from oncall_tui.config.shape import Call
from oncall_tui.ui.calling import Command, sentence, sequences
from oncall_tui.ui.within import Within, within


@pytest.mark.parametrize(
    ("how", "written"),
    [
        (Call.BELL, "\a"),
        (Call.OSC_9, "\x1b]9;oncall-tui: De Korenaar\a"),
        (Call.OSC_777, "\x1b]777;notify;oncall-tui;oncall-tui: De Korenaar\a"),
        (Call.OSC_99, "\x1b]99;i=oncall-tui;oncall-tui: De Korenaar\a"),
    ],
)
def test_each_way_is_written_as_its_terminal_reads_it(how: Call, written: str) -> None:
    assert sequences((how,), "De Korenaar", {"TERM": "xterm-256color"}) == written


def test_tmux_passes_it_on_with_its_escapes_doubled_and_rings_by_itself() -> None:
    inside = {"TERM": "screen-256color", "TMUX": "/tmp/x,1,0"}
    assert sequences((Call.BELL, Call.OSC_9), "x", inside) == "\a\x1bPtmux;\x1b\x1b]9;oncall-tui: x\a\x1b\\"


def test_screen_passes_it_on_and_nothing_inside_ends_that() -> None:
    written = sequences((Call.OSC_777,), "x", {"TERM": "screen.xterm-256color"})
    assert written == "\x1bP\x1b]777;notify;oncall-tui;oncall-tui: x\a\x1b\\"
    assert len(sequences((Call.OSC_99,), "é" * 2000, {"TERM": "screen"}).encode()) < 768


@pytest.mark.parametrize(
    ("environ", "what"),
    [
        ({"TERM": "xterm-256color"}, Within.NOTHING),
        ({}, Within.NOTHING),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0"}, Within.TMUX),
        ({"TERM": "screen-256color", "TMUX": "/tmp/x,1,0"}, Within.TMUX),
        ({"TERM": "screen.xterm-256color", "STY": "1.x"}, Within.SCREEN),
        ({"TERM": "xterm-256color", "STY": "1.x"}, Within.SCREEN),  # its ``term`` says another
        ({"TERM": "tmux-256color"}, Within.TMUX),  # a tmux at the other end of an ssh
        ({"TERM": "screen.xterm"}, Within.SCREEN),
        ({"TERM": "screen.tmux-256color", "STY": "1.x", "TMUX": "/tmp/x,1,0"}, Within.SCREEN),  # screen in tmux
        ({"TERM": "tmux-256color", "STY": "1.x", "TMUX": "/tmp/x,1,0"}, Within.TMUX),  # tmux in screen
        ({"TERM": "xterm", "TMUX": ""}, Within.NOTHING),
    ],
)
def test_what_stands_between_is_told_by_its_own_variables_and_behind_an_ssh_by_term(
    environ: dict[str, str], what: Within
) -> None:
    assert within(environ) is what


def test_no_ways_write_nothing() -> None:
    assert sequences((), "x", {}) == ""


HOSTILE = [
    entry["text"] or bytes.fromhex(entry["bytes"]).decode("utf-8", "surrogateescape")
    for entry in json.loads((Path(__file__).parent.parent / "hostile.json").read_text())
]


@pytest.mark.parametrize("said", ["\x1b]52;c;x\a", "a\x07b\x9cc\x1b\\d", "1;2;3", "x\ny", "\u202eabc", *HOSTILE])
def test_a_strangers_words_end_no_sequence(said: str) -> None:
    written = sequences((Call.OSC_9,), said, {})
    inner = written.removeprefix("\x1b]9;").removesuffix("\a")
    assert inner.isprintable()
    assert ";" not in inner
    assert inner.startswith("oncall-tui: ")


def read(path: Path, within_s: float = 10.0) -> str:
    deadline = time.monotonic() + within_s
    while not (path.exists() and path.read_text().endswith("\n")):
        assert time.monotonic() < deadline, "the command wrote nothing"
        os.sched_yield()
    return path.read_text()


def test_a_command_is_told_on_stdin_and_in_its_environment_but_not_in_its_arguments(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = f"import os,sys; t=[sys.stdin.read().strip(), os.environ['ONCALL_TUI_LINE'], *sys.argv[1:]]; open({str(out)!r},'w').write(repr(t)+chr(10))"
    command = Command((sys.executable, "-c", script, "-u"))
    assert command.call("De Korenaar; alone") == ""
    line = sentence("De Korenaar; alone")
    assert read(out) == f"{[line, line, '-u']!r}\n"
    command.end()


def test_a_command_that_is_not_there_is_said_by_name() -> None:
    assert Command(("no-such-program-here",)).call("x") == (
        "the command of [notify] cannot be run: no-such-program-here: No such file or directory"
    )


def test_a_command_that_hangs_is_ended_by_the_next_call_and_at_the_end() -> None:
    command = Command((sys.executable, "-c", "import signal; signal.pause()"))
    command.call("one")
    first = command._running
    command.call("two")
    assert first is not None
    assert first.returncode == -9
    second = command._running
    command.end()
    assert second is not None
    assert second.returncode == -9
