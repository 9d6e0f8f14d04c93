"""The whole program in a real tmux and over a real ssh: what it shows, what it survives, and what a cut line costs."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from rich.cells import cell_len

from oncall_tui.demo.world import World
from tests.pty import Session
from tests.servers.conftest import Server

pytestmark = pytest.mark.server

ROOT = str(Path(__file__).parents[2])
LONG_S = 30.0


def until(fact: Callable[[], object], what: Callable[[], object] = str, within_s: float = LONG_S) -> None:
    """Waits for a fact, not for a time."""
    deadline = time.monotonic() + within_s
    while not fact():
        assert time.monotonic() < deadline, what()
        threading.Event().wait(0.05)


def is_alive(pid: int) -> bool:
    """Whether that process runs; one that ended and that nobody has waited for does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def drafts(state: Path) -> str:
    """What is on disk of words that were not sent."""
    with closing(sqlite3.connect(f"file:{state}/outbox.db?mode=ro", uri=True)) as db:
        return "\n".join(str(row[0]) for row in db.execute("select cast(body as text) from drafts"))


# --- tmux ------------------------------------------------------------------------------------------------------------


class Tmux:
    """A tmux server of its own with the program in its one pane."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, str(folder / "tmux")

    def run(self, *words: str) -> str:
        env = {name: value for name, value in os.environ.items() if name not in ("TMUX", "STY", "NO_COLOR")}
        return subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", *words],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env=env,
        ).stdout

    def begin(self, *command: str, size: tuple[int, int] = (80, 24), **env: str) -> None:
        known = {"PYTHONPATH": ROOT, "LANG": "C.UTF-8", "TZ": "Europe/Amsterdam", **env}
        told = [word for name, value in known.items() for word in ("-e", f"{name}={value}")]
        columns, rows = map(str, size)
        program = command or ("demo", "--state", str(self.folder / "state"))
        self.run("new-session", "-d", "-x", columns, "-y", rows, *told, sys.executable, "-m", "oncall_tui", *program)
        self.run("set", "-g", "status", "off")
        self.run("set", "-g", "window-size", "manual")
        self.run("set", "-g", "allow-passthrough", "on")
        self.wait("ALONE")
        self.wait("2 sources live")

    def shown(self, *how: str) -> str:
        return self.run("capture-pane", "-p", *how)

    def wait(self, what: str) -> str:
        """The screen once it shows that."""
        until(lambda: re.search(what, self.shown()), lambda: f"no /{what}/ in\n{self.shown()}")
        return self.shown()

    def key(self, *names: str) -> None:
        """As a person presses them: a burst would be a paste."""
        for name in names:
            self.run("send-keys", name)
            threading.Event().wait(0.2 if name == "Escape" else 0.05)

    def type(self, text: str) -> None:
        """As a person who looks at it before the next key."""
        self.key(*("Space" if char == " " else char for char in text))
        self.wait(re.escape(text))

    def pid(self) -> int:
        return int(self.run("display", "-p", "#{pane_pid}"))


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    one = Tmux(tmp_path)
    yield one
    one.run("kill-server")


@pytest.mark.parametrize("size", [(80, 24), (40, 15), (200, 60)])
def test_every_size_shows_who_is_alone_what_they_say_and_the_keys(tmux: Tmux, size: tuple[int, int]) -> None:
    tmux.begin(size=size)
    lines = tmux.wait("I'm on it").rstrip("\n").split("\n")
    assert len(lines) == size[1]
    assert max(map(cell_len, lines)) <= size[0]
    shown = "\n".join(lines)
    for essence in ("BAKKERIJ DE KORENAAR", "cannot take orders", "De winkels kunnen niet", "ALONE"):
        assert essence in shown


def test_a_size_that_somebody_exported_is_not_believed(tmux: Tmux) -> None:
    tmux.begin(size=(60, 20), COLUMNS="200", LINES="60")
    assert "I'm on it" in tmux.shown().rstrip("\n").split("\n")[-1]


def test_after_a_storm_of_sizes_the_screen_is_whole(tmux: Tmux) -> None:
    tmux.begin()
    before = tmux.wait("I'm on it")
    for columns, rows in [(200, 60), (40, 15), (81, 25), (20, 6), (120, 40)] * 4:
        tmux.run("resize-window", "-x", str(columns), "-y", str(rows))
    tmux.run("resize-window", "-x", "80", "-y", "24")

    def still(screen: str) -> str:
        return re.sub(r"\d+:\d\d|\d+m\b", "", screen)

    until(lambda: still(tmux.shown()) == still(before), tmux.shown)


def test_without_colour_no_colour_is_sent_and_sixteen_are_enough_with(tmux: Tmux) -> None:
    tmux.begin(NO_COLOR="1")
    tmux.wait("I'm on it")
    assert not re.search(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])[;m]", tmux.shown("-e"))


@pytest.mark.parametrize(
    "terminal",
    [{"TERM": "screen"}, {"TERM": "tmux-256color"}, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}],
    ids=["16 colours", "256 colours", "true colour"],
)
def test_however_many_colours_there_are_its_sixteen_are_all_that_is_used(tmux: Tmux, terminal: dict[str, str]) -> None:
    tmux.begin(**terminal)
    tmux.wait("I'm on it")
    coloured = tmux.shown("-e")
    assert re.search(r"\x1b\[[0-9;]*31", coloured)
    assert not re.search(r"[34]8[;:][25]", coloured)


def test_where_the_locale_has_no_unicode_all_of_it_is_ascii(tmux: Tmux) -> None:
    tmux.begin(LANG="C", LC_ALL="C")
    shown = tmux.wait("I'm on it")
    assert shown.isascii()
    assert "X OrdersApiDown" in shown


def colours_of(theme: str, tmux: Tmux, folder: Path) -> set[str]:
    """Which of the terminal's own colours that theme uses, as SGR: 31 is red, 40 a black ground."""
    with World(still=True) as world:
        path = world.write_config(folder / "world")
        path.write_text(path.read_text() + f'\n[ui]\ntheme = "{theme}"\n')
        tmux.begin("--config", str(path), "--state", str(folder / "state"))
        tmux.wait("I'm on it")
        return set(re.findall(r"\b[349][0-7]\b", " ".join(re.findall(r"\x1b\[([0-9;]*)m", tmux.shown("-e")))))


def test_night_is_red_on_black(tmux: Tmux, tmp_path: Path) -> None:
    assert colours_of("night", tmux, tmp_path) == {"31", "40"}


def test_light_has_neither_yellow_nor_cyan_nor_a_ground_of_its_own(tmux: Tmux, tmp_path: Path) -> None:
    found = colours_of("light", tmux, tmp_path)
    assert "31" in found
    assert found <= {"31", "32", "34", "35"}


def test_from_start_to_taken_and_told_takes_three_keys_and_the_sources_confirm_it(tmux: Tmux) -> None:
    tmux.begin()
    tmux.key("a")
    tmux.wait("REPLY: Ron van Dam")
    tmux.key("C-o")
    tmux.wait("Send\\?")
    tmux.key("y")
    tmux.wait("confirmed by desk|delivered to desk")
    tmux.wait("with Sanne|Sanne is with them")


def test_words_go_through_the_engineers_own_editor_and_back(tmux: Tmux, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf " and more" >> "$1"\n')
    editor.chmod(0o700)
    tmux.begin(EDITOR=str(editor), VISUAL="")
    tmux.key("n")
    tmux.wait("NOTE: only colleagues")
    tmux.type("restarted")
    tmux.key("C-e")
    shown = tmux.wait("restarted and more")
    assert "BAKKERIJ DE KORENAAR" in shown
    tmux.key("C-o")
    tmux.wait("note .*“restarted and more”")


def visit(tmux: Tmux, folder: Path, script: str) -> None:
    """In the editor of that script, with "restarted" begun as a note."""
    editor = folder / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o700)
    (folder / "tmp").mkdir()
    tmux.begin(EDITOR=str(editor), VISUAL="", TMPDIR=str(folder / "tmp"))
    tmux.key("n")
    tmux.wait("NOTE: only colleagues")
    tmux.type("restarted")
    tmux.key("C-e")
    tmux.wait("in the editor")


def test_ctrl_c_in_the_editor_is_the_editors(tmux: Tmux, tmp_path: Path) -> None:
    visit(tmux, tmp_path, 'trap "echo interrupted" INT; printf " it" >> "$1"; echo in the editor; read x; read x; true')
    tmux.key("C-c")
    tmux.wait("interrupted")
    tmux.key("Enter", "Enter")
    tmux.wait("restarted it")


def test_when_the_line_drops_in_the_editor_its_words_are_a_draft_and_its_file_is_gone(
    tmux: Tmux, tmp_path: Path
) -> None:
    visit(tmux, tmp_path, 'printf " and saved" >> "$1"; echo in the editor; exec sleep 600')
    pid = tmux.pid()
    tmux.run("kill-server")
    until(lambda: not is_alive(pid), within_s=5)
    assert "restarted and saved" in drafts(tmux.folder / "state")
    assert not list((tmp_path / "tmp").glob("oncall-tui-*/words.txt"))


@pytest.mark.parametrize("set_clipboard", ["external", "on", "off"])
def test_the_handover_is_copied_into_tmux_whatever_its_clipboard_is_set_to(tmux: Tmux, set_clipboard: str) -> None:
    tmux.begin()
    tmux.run("set", "-g", "allow-passthrough", "off")  # its default
    tmux.run("set", "-s", "set-clipboard", set_clipboard)
    with Session(["tmux", "-S", tmux.socket, "attach"], timeout_s=LONG_S) as client:
        client.wait("BAKKERIJ")
        tmux.key("H")
        tmux.wait("# Handover of")
        tmux.key("c")
        tmux.wait("in tmux's paste buffer")
        assert "## Open" in tmux.run("show-buffer")
        if set_clipboard != "off":
            client.wait_until(lambda: "# Handover of" in clipboard(client), "the clipboard outside")


def clipboard(client: Session) -> str:
    """What the terminal was last told to put on its clipboard."""
    told = [one.partition(";")[2].partition(";")[2] for one in client.emulator.strings if one.startswith("52;")]
    return base64.b64decode(told[-1]).decode() if told else ""


# --- GNU screen ------------------------------------------------------------------------------------------------------


@pytest.fixture
def gnu(tmp_path: Path) -> Iterator[Session]:
    """The program in a screen of its own."""
    config, name = tmp_path / "screenrc", f"oncall{os.getpid()}"
    config.write_text("startup_message off\nvbell off\nshell /bin/sh\n")
    program = [sys.executable, "-m", "oncall_tui", "demo", "--state", str(tmp_path / "state")]
    env = {"PYTHONPATH": ROOT, "TZ": "Europe/Amsterdam", "SCREENDIR": str(tmp_path / "screens")}
    (tmp_path / "screens").mkdir(mode=0o700)
    with Session(["screen", "-U", "-c", str(config), "-S", name, *program], timeout_s=LONG_S, env=env) as one:
        one.wait("ALONE")
        yield one
        quit_it = ["screen", "-S", name, "-X", "quit"]
        subprocess.run(quit_it, env=os.environ | env, capture_output=True, timeout=20, check=False)


def test_in_gnu_screen_it_shows_who_is_alone_and_takes_keys_that_screen_leaves_alone(gnu: Session) -> None:
    gnu.wait("BAKKERIJ DE KORENAAR")
    gnu.wait("I'm on it")
    gnu.key("q")
    gnu.wait("queue:")
    gnu.key("escape")  # which screen itself holds back for a third of a second
    gnu.wait("BAKKERIJ DE KORENAAR")
    gnu.key("n")
    gnu.wait("NOTE")
    gnu.type("restarted")
    gnu.wait("restarted")
    gnu.key("ctrl+o")
    gnu.wait("takes it back")


def test_the_handover_is_copied_through_gnu_screen_whole(gnu: Session) -> None:
    gnu.key("H")
    gnu.wait("# Handover of")
    gnu.key("c")
    gnu.wait("if screen lets it through")
    gnu.wait_until(lambda: clipboard(gnu).endswith("\n"), "the clipboard outside")
    assert clipboard(gnu).startswith("# Handover of")
    assert "## Open" in clipboard(gnu)


def test_a_detached_screen_lives_on_with_its_words(tmux: Tmux) -> None:
    tmux.begin()
    with Session(["tmux", "-S", tmux.socket, "attach"], timeout_s=LONG_S) as client:
        client.wait("BAKKERIJ")
        client.key("n")
        client.wait("NOTE")
        client.type("half a wor")
        client.wait("half a wor")
        client.hang_up()
    pid = tmux.pid()
    assert is_alive(pid)
    with Session(["tmux", "-S", tmux.socket, "attach"], timeout_s=LONG_S) as client:
        client.wait("half a wor")
        client.type("d")
        client.wait("half a word")
    until(lambda: "half a word" in drafts(tmux.folder / "state"))


def test_when_tmux_itself_is_gone_the_words_are_on_disk_and_nothing_spins(tmux: Tmux) -> None:
    tmux.begin()
    tmux.key("n")
    tmux.wait("NOTE")
    tmux.type("half a wor")
    tmux.wait("half a wor")
    pid = tmux.pid()
    tmux.run("kill-server")
    until(lambda: not is_alive(pid), within_s=5)
    assert "half a wor" in drafts(tmux.folder / "state")


def test_a_fire_calls_the_terminal_outside_of_tmux_by_name(tmux: Tmux, tmp_path: Path) -> None:
    with World(still=True) as world:
        path = world.write_config(tmp_path / "world")
        ways = '["bell", "osc9", "osc777", "osc99"]'
        path.write_text(path.read_text() + f'\n[notify]\nhow = {ways}\nagain = "30s"\n')
        tmux.run("new-session", "-d", "-s", "first", "sh")
        tmux.run("set", "-g", "allow-passthrough", "on")
        with Session(["tmux", "-S", tmux.socket, "attach"], timeout_s=60) as client:
            client.quiet(0.5)
            run = f"PYTHONPATH={ROOT} {sys.executable} -m oncall_tui --config {path} --state {tmp_path}/state"
            tmux.run("send-keys", "-l", run)
            tmux.run("send-keys", "Enter")
            client.wait("BAKKERIJ")
            client.wait_until(lambda: any(one.startswith("99;") for one in client.emulator.strings), "osc 99")
        said = [one for one in client.emulator.strings if "Bakkerij De Korenaar" in one]
        assert [one.partition(";")[0] for one in said[:3]] == ["9", "777", "99"]
        assert b"\x07" in client.raw


def test_a_fire_calls_while_the_engineer_is_in_their_own_editor(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho in the editor; exec sleep 600\n")
    editor.chmod(0o700)
    with World(still=True) as world:
        path, called = world.write_config(tmp_path / "world"), tmp_path / "called"
        command = f'["sh", "-c", "cat >> {called}"]'
        path.write_text(path.read_text() + f'\n[notify]\nhow = ["bell", "osc9"]\nagain = "30s"\ncommand = {command}\n')
        program = [sys.executable, "-m", "oncall_tui", "--config", str(path), "--state", str(tmp_path / "state")]
        env = {"PYTHONPATH": ROOT, "EDITOR": str(editor), "VISUAL": None}
        with Session(program, timeout_s=60, env=env) as screen:
            screen.wait("ALONE")
            screen.wait("2 sources live")
            screen.key("n")
            screen.wait("NOTE")
            screen.key("ctrl+e")
            screen.wait("in the editor")
            rang, before = screen.raw.count(b"\x07"), called.read_text()
            screen.wait_until(lambda: screen.raw.count(b"\x07") >= rang + 2, "the bell and the notification")
            until(lambda: "Bakkerij De Korenaar" in called.read_text().removeprefix(before), within_s=10)
            assert "in the editor" in screen.text()


# --- ssh -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server("lines", tmp_path_factory.mktemp("sshd"))
    yield server
    server.stop()


class Cut:
    """A line of loopback between a client and the server that can go dead without a word, as a train in a tunnel."""

    def __init__(self, port: int) -> None:
        self._server, self._dead = port, threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            near, _ = self._listening.accept()
            far = socket.create_connection(("127.0.0.1", self._server))
            self._ends = [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while (data := source.recv(65536)) and not self._dead.is_set():
                sink.sendall(data)

    def cut(self) -> None:
        """Nothing arrives any more, and nobody is told."""
        self._dead.set()

    def reset(self) -> None:
        """Both ends are told at once that the line is no more, as by a router that came back without its memory."""
        ends, self._ends = self._ends, []
        for end in ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):
                end.shutdown(socket.SHUT_RD)  # wakes the thread that reads it
            end.close()

    def close(self) -> None:
        self.reset()
        self._listening.close()


@pytest.fixture
def line(sshd: Server) -> Iterator[Cut]:
    one = Cut(sshd.port)
    yield one
    one.close()


def over_ssh(sshd: Server, port: int, folder: Path) -> Session:
    """The program at the other end of a line, its process id in ``pid``."""
    program = f"{sys.executable} -m oncall_tui demo --state {folder}/state"
    remote = f"echo $$ > {folder}/pid; cd {ROOT}; PYTHONPATH={ROOT} LANG=C.UTF-8 exec {program}"
    options = ["StrictHostKeyChecking=no", f"UserKnownHostsFile={folder}/known", "IdentitiesOnly=yes", "LogLevel=ERROR"]
    told = [word for option in options for word in ("-o", option)]
    assert shutil.which("ssh")
    command = ["ssh", "-F", "/dev/null", "-tt", *told, "-i", sshd.env["KEY"], "-p", str(port), "127.0.0.1", remote]
    session = Session(command, timeout_s=LONG_S)
    session.wait("ALONE")
    session.wait("2 sources live")
    return session


def half_written(session: Session, folder: Path) -> int:
    """A note is begun; the process id of the program at the other end."""
    session.quiet(0.3)
    session.key("n")
    session.wait("NOTE")
    session.type("half a wor")
    session.wait("half a wor")
    return int((folder / "pid").read_text())


def test_when_the_client_is_killed_the_words_are_on_disk_and_the_program_is_gone(sshd: Server, tmp_path: Path) -> None:
    with over_ssh(sshd, sshd.port, tmp_path) as session:
        pid = half_written(session, tmp_path)
        session.kill(signal.SIGKILL)
        until(lambda: not is_alive(pid), within_s=10)
    assert "half a wor" in drafts(tmp_path / "state")


def test_a_dead_line_holds_nothing_up_and_when_it_is_reset_the_words_are_kept_and_nothing_spins(
    sshd: Server, line: Cut, tmp_path: Path
) -> None:
    with over_ssh(sshd, line.port, tmp_path) as session:
        pid = half_written(session, tmp_path)
        until(lambda: "half a wor" in drafts(tmp_path / "state"))
        before = _cpu_s(pid)
        line.cut()
        threading.Event().wait(5)
        assert is_alive(pid)
        assert _cpu_s(pid) - before < 2.5
        line.reset()
        until(lambda: not is_alive(pid), within_s=10)
    assert "half a wor" in drafts(tmp_path / "state")


def _cpu_s(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def test_after_a_cut_the_next_start_offers_the_words_again(sshd: Server, tmp_path: Path) -> None:
    with over_ssh(sshd, sshd.port, tmp_path) as session:
        pid = half_written(session, tmp_path)
        session.kill(signal.SIGKILL)
        until(lambda: not is_alive(pid), within_s=10)
    with over_ssh(sshd, sshd.port, tmp_path) as session:
        session.quiet(0.3)
        session.key("n")
        session.wait("half a wor")
        session.wait("your draft of")
