"""The program as a process: pipes, interrupts, terminals and configurations that are not there."""

from __future__ import annotations

import fcntl
import os
import pty
import shlex
import signal
import socket
import stat
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_tui.cli.arguments import _SETTINGS as SETTINGS
from oncall_tui.cli.arguments import parser
from oncall_tui.cli.commands import _WITH_CONFIG
from oncall_tui.cli.completion import commands
from tests.pty import Session

CONFIG = """\
[me]
name = "Sanne"
[sources.am]
kind = "alertmanager"
url = "http://127.0.0.1:{port}"
"""
PROGRAM = [sys.executable, "-m", "oncall_tui"]


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A port that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


def environment(home: Path, **env: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "PYTHONPATH")}
    return (
        kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")} | env
    )


def run(home: Path, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *argv], env=environment(home, **env), capture_output=True, text=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def configured(home: Path, port: int = 9) -> Path:
    path = home / "config" / "oncall-tui" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(CONFIG.format(port=port))
    return path


def test_without_a_configuration_it_says_so_and_offers_the_demo(tmp_path: Path) -> None:
    for argv in ((), ("next",), ("--config", str(tmp_path / "nope.toml"), "list")):
        ran = run(tmp_path, *argv)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr.startswith("There is no configuration at ")
        assert "oncall-tui demo" in ran.stderr


def test_a_wrong_configuration_is_one_line_with_file_line_and_key(tmp_path: Path) -> None:
    path = configured(tmp_path)
    path.write_text(path.read_text() + 'token = "CANARY"\n')
    ran = run(tmp_path, "list")
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert ran.stderr.startswith(
        f"oncall-tui: {path}:6: sources.am.token: a secret may not stand in this file; write token ="
    )
    assert "CANARY" not in ran.stderr


def test_without_a_terminal_it_prints_what_next_prints_and_why(tmp_path: Path) -> None:
    configured(tmp_path)
    ran, following = run(tmp_path), run(tmp_path, "next")
    assert (ran.returncode, ran.stdout) == (following.returncode, following.stdout)
    assert ran.returncode == 3
    assert ran.stderr.startswith("oncall-tui: not a terminal, so this is what `oncall-tui next` prints\n")


def test_a_dumb_terminal_gets_plain_lines_and_the_reason(tmp_path: Path) -> None:
    configured(tmp_path)
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        ran = subprocess.run(
            PROGRAM, env=environment(tmp_path, TERM="dumb"), stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        out = terminal.read(65536)
    os.close(theirs)
    assert ran.returncode == 3
    assert out.startswith(b"Nobody is known to be alone")
    assert b"\x1b" not in out
    assert ran.stderr.startswith("oncall-tui: this terminal cannot place text (TERM=dumb)")


def test_options_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    path = configured(tmp_path)
    moved = path.rename(tmp_path / "moved.toml")
    state = tmp_path / "elsewhere"
    for argv in (
        ("--config", str(moved), "--state", str(state), "outbox"),
        ("outbox", "--config", str(moved), "--state", str(state)),
        ("--config", str(moved), "outbox", "--state", str(state)),
    ):
        ran = run(tmp_path, *argv)
        assert (ran.returncode, ran.stdout) == (0, "The outbox is empty.\n"), ran.stderr
    assert state.is_dir()
    assert not (tmp_path / "state").exists()


def test_an_interrupt_ends_a_command_quietly_by_130(tmp_path: Path, silent: socket.socket) -> None:
    configured(tmp_path, silent.getsockname()[1])
    with subprocess.Popen(
        [*PROGRAM, "list"], env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGINT)
            out, talk = process.communicate(timeout=30)
    assert (process.returncode, out, talk) == (130, "", "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("argv", ["connectors", "init", "list", "note x -", ""])
def test_a_stream_that_is_closed_is_no_fault(tmp_path: Path, argv: str, closed: str) -> None:
    configured(tmp_path)
    command = f"exec {shlex.join(PROGRAM)} {argv} {closed}"
    ran = subprocess.run(
        ["sh", "-c", command], env=environment(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == {"connectors": 0, "init": 2, "note x -": 2}.get(argv, 3)
    assert "Traceback" not in ran.stderr
    assert "a fault of our own" not in ran.stderr
    for box in (tmp_path / "state").rglob("outbox.db"):
        assert box.read_bytes().startswith(b"SQLite"), "nobody took it for stdout"


def test_a_disk_that_takes_no_answer_is_told_and_is_no_answer(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*PROGRAM, "connectors"], env=environment(tmp_path), stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (
        3,
        "oncall-tui: what this tells could not be written: no space left on device\n",
    )


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--state", "", "outbox"), "--state: it is empty: is a variable not set?"),
        (("--config", " ", "next"), "--config: it is empty"),
        (("sources", "--record", ""), "--record: it is empty"),
        (("demo", "--speed", "0"), "--speed: '0' must be a number above 0"),
        (("demo", "--speed", "nan"), "--speed: 'nan' must be a number above 0"),
        (("demo", "--speed", "fast"), "--speed: 'fast' must be a number above 0"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(tmp_path: Path, argv: tuple[str, ...], words: str) -> None:
    configured(tmp_path)
    ran = run(tmp_path, *argv)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr
    assert not (tmp_path / "outbox.db").exists()


def test_a_configuration_that_we_may_not_look_at_is_there(tmp_path: Path) -> None:
    folder = configured(tmp_path).parent
    (folder / "config.toml").unlink()
    (folder / "config.toml").symlink_to("config.toml")
    ran = run(tmp_path, "list")
    assert ran.returncode == 2
    assert "cannot be read (too many levels of symbolic links): it must be a file that you may read" in ran.stderr


STRICT = {"PYTHONIOENCODING": "utf-8:strict"}
"""As Python reads stdin in any locale but C, where bytes that are no text end a program."""


def test_an_answer_that_is_no_text_is_asked_for_again(tmp_path: Path) -> None:
    with Session([*PROGRAM, "init"], env={**environment(tmp_path), **STRICT}) as session:
        session.wait("Your name")
        session.send(b"Ol\xffga\n")
        session.wait("is not UTF-8")
        session.send(b"\x04")
        assert session.wait_end()[0] == 2


def test_words_that_are_no_text_are_no_fault_of_ours(tmp_path: Path) -> None:
    configured(tmp_path)
    ran = subprocess.run(
        [*PROGRAM, "note", "x", "-"], env=environment(tmp_path, **STRICT), input=b"caf\xe9", capture_output=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert b"no problem or signal is called 'x'" in ran.stderr


def test_a_reader_that_leaves_is_no_fault(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [*PROGRAM, "connectors"],
        env=environment(tmp_path),
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_letters_that_the_terminal_lacks_are_replaced_and_json_needs_none(tmp_path: Path) -> None:
    configured(tmp_path)
    ran = run(tmp_path, "next", PYTHONIOENCODING="ascii")
    assert ran.returncode == 3
    assert ran.stdout.isascii()
    assert "Traceback" not in ran.stderr
    assert run(tmp_path, "list", "--json").stdout.isascii()


def test_a_state_that_cannot_be_written_still_shows_what_there_is(tmp_path: Path) -> None:
    configured(tmp_path)
    (tmp_path / "file").write_text("")
    ran = run(tmp_path, "--state", str(tmp_path / "file" / "below"), "list")
    assert ran.returncode == 3
    assert "Traceback" not in ran.stderr


def _place(path: Path, what: str) -> None:
    path.parent.mkdir(parents=True)
    match what:
        case "pipe":
            os.mkfifo(path)
        case "directory":
            path.mkdir()
        case "link that leads nowhere":
            path.symlink_to(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "socket":
            os.mknod(path, stat.S_IFSOCK | 0o600)


@pytest.mark.parametrize("what", ["pipe", "directory", "link that leads nowhere", "device", "socket"])
@pytest.mark.parametrize(("name", "begins"), [("outbox.db", "cannot save: "), ("oncall-tui.log", "no log is kept: ")])
def test_what_is_no_file_in_the_state_directory_is_told_and_not_waited_for(
    tmp_path: Path, name: str, begins: str, what: str
) -> None:
    configured(tmp_path)
    place = tmp_path / "s" / name
    _place(place, what)
    ran = run(tmp_path, "list", "--debug", "--state", str(tmp_path / "s"))
    assert ran.returncode == 3
    assert f"oncall-tui: {begins}{place} is a {what}: m" in ran.stderr
    assert "or name another directory with --state" in ran.stderr
    assert ran.stdout.startswith("Nobody is known to be alone"), "what the sources tell is told all the same"
    if name == "oncall-tui.log":
        ran = run(tmp_path, "sources", "--debug", "--state", str(tmp_path / "s"))
        assert f"{begins}{place} is a {what}" in ran.stderr


def test_another_packages_broken_connector_hides_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "acme-1.dist-info").mkdir()
    (tmp_path / "acme-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    (tmp_path / "acme-1.dist-info" / "entry_points.txt").write_text("[oncall_tui.connectors]\nacme = acme:CONNECTOR\n")
    ran = run(tmp_path, "connectors", PYTHONPATH=os.pathsep.join((str(tmp_path), *sys.path)))
    assert ran.returncode == 3
    assert "alertmanager" in ran.stdout
    assert (
        ran.stderr
        == "oncall-tui: the connector 'acme' of 'acme:CONNECTOR' cannot be loaded (No module named 'acme'): mend or remove that package\n"
    )


@pytest.mark.parametrize(
    "argv",
    [
        ("nope",),
        ("ack",),
        ("list", "--jsn"),
        ("next", "--line", "--json"),
        ("watch", "--ring", " "),
        ("sources", "--try", ""),
        ("handover", "--note", ""),
        ("init", "--secret", ""),
        ("demo", "--speed", "fast"),
    ],
)
def test_wrong_use_is_exit_2_with_the_usage(tmp_path: Path, argv: tuple[str, ...]) -> None:
    ran = run(tmp_path, *argv)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("usage: oncall-tui")


@pytest.mark.parametrize("text", [None, "[", '[me]\nname = "S"\n'])
def test_a_status_bar_that_cannot_look_does_not_look_quiet(tmp_path: Path, text: str | None) -> None:
    path = configured(tmp_path)
    path.unlink() if text is None else path.write_text(text)
    ran = run(tmp_path, "next", "--line")
    assert (ran.returncode, ran.stdout) == (2, "cannot look: `oncall-tui next` says why\n")
    assert str(path) in ran.stderr


@pytest.mark.parametrize("command", ["nosuchbell --loud", "''", "/", "'"])
def test_a_ring_that_cannot_be_run_is_found_out_by_day(tmp_path: Path, command: str) -> None:
    configured(tmp_path)
    ran = run(tmp_path, "watch", "--ring", command)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("oncall-tui: --ring")


@pytest.mark.parametrize("more", [("--json",), ("--record", "r")])
def test_a_try_goes_with_no_other_way_to_tell(tmp_path: Path, more: tuple[str, ...]) -> None:
    configured(tmp_path)
    ran = run(tmp_path, "sources", "--try", "am", *more)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "oncall-tui: --try shows one record and keeps nothing: leave --json and --record out\n"


EVERYWHERE = {"--config": ("c.toml",), "--state": ("s",), "--debug": (), "--debug-bodies": ()}
USES = {
    "demo": {"--state", "--debug", "--debug-bodies"},
    "init": {"--config"},
    "config check": {"--config"},
    "config show": {"--config"},
    "unit": {*EVERYWHERE},
}
"""What each command without a configuration does with the options that may stand at any; with one it uses all of them."""


@pytest.mark.parametrize("option", EVERYWHERE)
@pytest.mark.parametrize(
    "command",
    ["demo", "init", "connectors", "man", "unit", "completion bash", *(f"config {what}" for what in SETTINGS)],
)
def test_an_option_that_a_command_has_no_use_for_is_refused(tmp_path: Path, command: str, option: str) -> None:
    name = "completion" if command == "completion bash" else command
    if option in USES.get(name, ()):
        return
    after, before = (*command.split(), option, *EVERYWHERE[option]), (option, *EVERYWHERE[option], *command.split())
    is_context = option in ("--config", "--state") and command != "demo"
    for argv in (after,) if is_context else (after, before):
        ran = run(tmp_path, *argv)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr == f"oncall-tui: `oncall-tui {name}` has no use for {option}: leave it out\n"
    if is_context:
        assert "has no use" not in run(tmp_path, *before).stderr


def test_no_help_tells_an_option_that_is_of_no_use() -> None:
    told = {name: one.format_help() for name, one in commands(parser()).items()}
    assert [name for name, text in told.items() if "--config" not in text] == [
        "connectors",
        "completion",
        "man",
        "demo",
    ]
    silent = ["init", "config", "connectors", "completion", "man"]
    assert [name for name, text in told.items() if "--state" not in text or "--debug" not in text] == silent


def test_every_command_that_takes_no_configuration_is_looked_at() -> None:
    assert set(commands(parser())) - set(_WITH_CONFIG) == {
        "demo",
        "init",
        "config",
        "connectors",
        "man",
        "unit",
        "completion",
    }


def test_every_command_with_a_configuration_tells_its_requests_when_asked(tmp_path: Path) -> None:
    configured(tmp_path)
    asking = [
        "next",
        "list",
        "explain x",
        "ack x",
        "note x y",
        "snooze x 1h",
        "handover",
        "sources",
        "sources --try am",
    ]
    for argv in (*asking, "demo"):
        run(tmp_path, *argv.split(), "--debug", "--state", str(tmp_path / argv))
        log = (tmp_path / argv / "oncall-tui.log").read_text()
        assert " GET " in log, argv
    unit = run(tmp_path, "unit", "--debug-bodies", "--debug").stdout
    assert "watch --debug --debug-bodies\n" in unit


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ("outbox --wait 1s", "--wait is about --deliver: it wants that, too"),
        ("snooze x 1h --sure", "--sure is about --at-source: here nothing is asked"),
    ],
)
def test_an_option_that_only_goes_with_another_is_refused_without_it(tmp_path: Path, argv: str, words: str) -> None:
    configured(tmp_path)
    ran = run(tmp_path, *argv.split())
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"oncall-tui: {words}\n")


def test_the_demo_needs_nothing_not_even_a_terminal(tmp_path: Path) -> None:
    ran = run(tmp_path, "demo")
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.startswith("Bakkerij De Korenaar: cannot take orders from 14 shops.")
    assert not (tmp_path / "config").exists()
    assert not (tmp_path / "state").exists()


FRAME = "oncall-tui frame 1 80 24 {at:.0f}\n BAKKERIJ DE KORENAAR    ALONE 12:41"


def test_the_last_frame_is_shown_before_the_screen_and_left_before_words(tmp_path: Path) -> None:
    frame = tmp_path / "state" / "oncall-tui" / "frame"
    frame.parent.mkdir(parents=True)
    frame.write_text(FRAME.format(at=time.time() - 1))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        env = environment(tmp_path, TERM="xterm-256color")
        (tmp_path / "config" / "oncall-tui").mkdir(parents=True)
        (tmp_path / "config" / "oncall-tui" / "config.toml").write_text("[me\n")
        ran = subprocess.run(PROGRAM, env=env, stdin=theirs, stdout=theirs, stderr=theirs, timeout=60, check=False)
        out = terminal.read(65536)
    os.close(theirs)
    assert ran.returncode == 2
    frame_at, left_at, words_at = (
        out.find(part) for part in (b"BAKKERIJ DE KORENAAR", b"\x1b[?1049l", b"config.toml:1")
    )
    assert 0 < frame_at < left_at < words_at
