"""A program in a pseudo-terminal, seen from outside: its screen, its bytes, its end. Linux and macOS.

Output is stamped by a thread as it arrives, before it is parsed, so that the emulator's cost is no part of a
measurement. The terminal answers nothing unless a test sends the answer itself.
"""

from __future__ import annotations

import codecs
import collections
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

KEYS = {
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D", "home": b"\x1b[H", "end": b"\x1b[F",
    "pageup": b"\x1b[5~", "pagedown": b"\x1b[6~", "enter": b"\r", "tab": b"\t", "escape": b"\x1b", "backspace": b"\x7f",
    "space": b" ",
}  # fmt: skip

BETWEEN_KEYS_S = 0.03
"""A typist's fastest: closer together, characters count as a paste."""

BEHIND_ESCAPE_S = 0.15
"""An escape key followed sooner is the beginning of a sequence."""

_PARTIAL = re.compile(r"\x1b(?:\[[?<=>]?[0-9;:]*[ -/]*|\][^\x07\x1b]*\x1b?)?\Z")
_SPECIAL = re.compile(
    r"\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)|\x1b\[(?P<pre>[?<=>])(?P<par>[0-9;:]*)(?P<fin>[ -/]*[@-~])"
)


class Emulator:
    """A pyte screen that knows the alternate screen and which modes were set."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._main, self._alternate = pyte.Screen(columns, rows), pyte.Screen(columns, rows)
        self.screen = self._main
        self.modes: dict[str, bool] = {"7": True, "25": True}
        self.strings: list[str] = []  # OSC strings that were sent
        self._rest = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def feed(self, data: bytes) -> None:
        text = self._rest + self._decode(data)
        partial = _PARTIAL.search(text)
        self._rest = partial.group() if partial else ""
        text = text[: partial.start()] if partial else text
        at = 0
        for match in _SPECIAL.finditer(text):
            self._draw(text[at : match.start()])
            at = match.end()
            if match["osc"] is not None:
                self.strings.append(match["osc"])
            elif match["pre"] == "?" and match["fin"] in "hl":
                self._set(match["par"].split(";"), on=match["fin"] == "h")
        self._draw(text[at:])

    def _draw(self, text: str) -> None:
        if text:
            pyte.Stream(self.screen).feed(text)

    def _set(self, modes: Sequence[str], *, on: bool) -> None:
        for mode in modes:
            if mode == "1049" and on != self.modes.get(mode, False):
                self.screen = self._alternate if on else self._main
                if on:
                    self._alternate.reset()
                    self._alternate.reset_mode(7, private=True)
            self.modes[mode] = on

    def resize(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        for screen in (self._main, self._alternate):
            screen.resize(rows, columns)

    def text(self) -> str:
        """The visible screen, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def look(self) -> list[list[tuple[Any, ...]]]:
        """Every cell as it looks: a blank shows its background and nothing of its ink."""
        return [[_look(self.screen.buffer[y][x]) for x in range(self.columns)] for y in range(self.rows)]

    def left_set(self) -> list[str]:
        """What a program that has ended should have undone, and did not."""
        return [f"?{mode}h" for mode, on in self.modes.items() if on and mode not in ("7", "25")] + [
            f"?{mode}l" for mode in ("7", "25") if not self.modes[mode]
        ]


def _look(cell: Any) -> tuple[Any, ...]:
    if cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough):
        return (" ", cell.bg)
    return tuple(cell)


class Session:
    """A program in a pty of its own; a context manager that ends it by its process id."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str | None] | None = None,
        timeout_s: float = 20.0,
    ) -> None:
        self.timeout_s = timeout_s
        self.emulator = Emulator(*size)
        self.raw = bytearray()
        self.last_output_at = 0.0
        self._chunks: collections.deque[tuple[float, bytes]] = collections.deque()
        self._arrived = threading.Condition()
        self._ended = False
        self._status: int | None = None
        self._reads = threading.Event()
        self._reads.set()
        self._spawn(command, size, env or {})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _spawn(self, command: Sequence[str], size: tuple[int, int], env: Mapping[str, str | None]) -> None:
        ours = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "TMUX", "STY")}
        full: dict[str, str | None] = {
            **ours,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **env,
        }
        self.line, self._side = os.openpty()
        self._set_size(*size)
        self._before = termios.tcgetattr(self._side)
        self.started_at = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.login_tty(self._side)
                os.execvpe(command[0], list(command), {k: v for k, v in full.items() if v is not None})
            finally:
                os._exit(127)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self._status = os.waitpid(self.pid, 0)[1]
        self._ended = True
        self._reads.set()
        self._reader.join(2)
        self._close()

    def _close(self) -> None:
        for fd in (self.line, self._side):
            if fd >= 0:
                os.close(fd)
        self.line = self._side = -1

    def _read(self) -> None:
        poll = select.poll()
        poll.register(self.line, select.POLLIN)
        while not self._ended:
            self._reads.wait()
            if not poll.poll(50) or not self._reads.is_set():
                continue
            try:
                data = os.read(self.line, 65536)
            except OSError:
                return
            with self._arrived:
                self._chunks.append((time.monotonic(), data))
                self._arrived.notify()

    # ---- what it shows

    def pump(self, until: float) -> float | None:
        """Take the next output that arrives before that time (monotonic); when it arrived, or None."""
        with self._arrived:
            if not self._chunks:
                self._arrived.wait(max(until - time.monotonic(), 0))
            if not self._chunks:
                return None
            at, data = self._chunks.popleft()
        self.raw += data
        self.emulator.feed(data)
        self.last_output_at = at
        return at

    def text(self) -> str:
        return self.emulator.text()

    def wait_until(self, fact: Callable[[], object], what: str = "") -> float:
        """Read on until `fact()` holds; when the output that made it so arrived. AssertionError at the deadline."""
        deadline = time.monotonic() + self.timeout_s
        while not fact():
            if time.monotonic() > deadline:
                raise AssertionError(f"did not come: {what or fact}\n{self.text()}")
            self.pump(min(deadline, time.monotonic() + 0.05))
        return self.last_output_at

    def wait(self, pattern: str) -> float:
        """Until the pattern is on the screen; seconds since the program's start."""
        return self.wait_until(lambda: re.search(pattern, self.text(), re.MULTILINE), f"/{pattern}/") - self.started_at

    def quiet(self, seconds: float = 0.3) -> None:
        """Until nothing was sent for that long. AssertionError when it never is still."""
        deadline = time.monotonic() + self.timeout_s
        while self.pump(time.monotonic() + seconds) is not None:
            assert time.monotonic() < deadline, f"it is never still for {seconds} s"

    # ---- what is done to it

    def send(self, data: bytes) -> None:
        """All at once, as a paste without brackets or an answer arrives."""
        os.write(self.line, data)

    def key(self, *names: str) -> None:
        """Keys as a person presses them: one at a time."""
        for name in names:
            self.send(KEYS.get(name) or (bytes([ord(name[5]) & 0x1F]) if name.startswith("ctrl+") else name.encode()))
            until = time.monotonic() + (BEHIND_ESCAPE_S if name == "escape" else BETWEEN_KEYS_S)
            while self.pump(until) is not None or time.monotonic() < until:
                pass

    def type(self, text: str) -> None:
        """Text as a person types it."""
        self.key(*text)

    def say(self, text: str) -> None:
        """Words for the editor, sent once they are on the screen and the line is still, as by a person who looks at it."""
        self.type(text)
        self.wait(re.escape(text[-20:]))
        self.quiet(0.1)
        self.key("ctrl+o")

    def resize(self, columns: int, rows: int) -> None:
        self.emulator.resize(columns, rows)
        self._set_size(columns, rows)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.line, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def kill(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """The line is gone, as when a laptop closes."""
        self._ended = True
        self._reader.join(2)
        self._close()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Within: nobody takes what the program sends, as on a dead line."""
        self._reads.clear()
        try:
            yield
        finally:
            self._reads.set()

    # ---- how it ends and what it takes

    def poll(self) -> int | None:
        """The exit code once it has ended (negative: the signal), else None."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = status
        return None if self._status is None else os.waitstatus_to_exitcode(self._status)

    def wait_end(self) -> tuple[int, float]:
        """The exit code and the seconds that it took from now."""
        start = time.monotonic()
        while (code := self.poll()) is None:
            if time.monotonic() - start > self.timeout_s:
                raise AssertionError(f"did not end\n{self.text() if self.line >= 0 else ''}")
            if self.line >= 0:
                self.pump(time.monotonic() + 0.01)
            else:
                select.select([], [], [], 0.01)
        took = time.monotonic() - start
        if self.line >= 0:
            self.quiet(0.1)
        return code, took

    def is_tty_restored(self) -> bool:
        return bool(termios.tcgetattr(self._side)[:4] == self._before[:4])

    def is_stopped(self) -> bool:
        """Whether a stop signal holds it (Linux)."""
        return Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"

    def memory_mib(self) -> float:
        """Resident memory (Linux)."""
        return _status_number(Path(f"/proc/{self.pid}"), "VmRSS") / 1024

    def cpu_s(self) -> float:
        """Processor seconds of all its threads (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wake_ups(self) -> int:
        """How often any of its threads went to sleep of its own will (Linux)."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(_status_number(task, "voluntary_ctxt_switches") for task in tasks)


def _status_number(process: Path, name: str) -> int:
    text = (process / "status").read_text(encoding="utf-8", errors="replace")
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0
