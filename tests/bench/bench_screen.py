"""The screen beside a bare Textual app, in one run: ``python -m tests.bench.bench_screen [--rounds 7]``.

Ours is the program as it is used: sources in a process of their own, a configuration, and a night before that left its last
frame behind. The first useful frame is that one, with its age; the live frame is the first without.

Each round starts every program once, in a random order, in a pseudo-terminal of its own; medians of the rounds are
printed as a Markdown table. Only the ratios mean anything on another machine, or on this one an hour later.
"""

from __future__ import annotations

import argparse
import compileall
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from oncall_tui.ui import firstframe
from tests.pty import KEYS, Session

ROOT = Path(__file__).parents[2]
QUIET_S = 15.0
PRESSES = 40

Numbers = dict[str, list[float]]


class Program:
    """One of the programs: how it is started, what on its screen is of use, and how to come to a list in it."""

    def __init__(
        self, command: list[str], useful: str, to_list: tuple[str, ...] = (), env: Mapping[str, str] | None = None
    ) -> None:
        self.command, self.useful, self.to_list, self.env = command, useful, to_list, dict(env or {})
        self.seen: Numbers = {}

    def note(self, name: str, value: float) -> None:
        self.seen.setdefault(name, []).append(value)

    def median(self, name: str) -> float | None:
        return statistics.median(self.seen[name]) if self.seen.get(name) else None


def python(*words: str) -> list[str]:
    return [sys.executable, *words]


def run_round(program: Program, size: tuple[int, int], *, quiet_s: float) -> None:
    """Start it once and note everything."""
    with Session(program.command, size=size, env={"PYTHONPATH": str(ROOT), **program.env}) as session:
        program.note("first useful frame, ms", session.wait(program.useful) * 1e3)
        live = session.wait_until(lambda: re.search(program.useful, session.text()) and "as of" not in session.text())
        program.note("live frame, ms", (live - session.started_at) * 1e3)
        session.quiet(0.5)
        program.note("bytes until it is still", len(session.raw))
        program.note("resident memory, MiB", session.memory_mib())
        before, cpu, woken = len(session.raw), session.cpu_s(), session.wake_ups()
        until = time.monotonic() + quiet_s
        while session.pump(until) is not None:
            pass
        program.note("bytes in a quiet minute", (len(session.raw) - before) * 60 / quiet_s)
        program.note("processor in a quiet minute, %", (session.cpu_s() - cpu) * 100 / quiet_s)
        program.note("wake-ups a second", (session.wake_ups() - woken) / quiet_s)
        press(program, session)


def press(program: Program, session: Session) -> None:
    """Cursor keys in its list: from the key to the first byte painted, and the bytes of it all."""
    for key in program.to_list:
        session.key(key)
        session.quiet(0.5)
    times, sizes = [], []
    for n in range(PRESSES):
        before, sent = len(session.raw), time.monotonic()
        session.send(KEYS["down" if n % 2 else "up"])
        at = session.pump(sent + 1.0)
        if at is not None:
            times.append((at - sent) * 1e3)
        session.quiet(0.05)
        sizes.append(len(session.raw) - before)
    if len(times) > PRESSES * 0.9:
        program.note("key to paint, p50 ms", statistics.median(times))
        program.note("key to paint, p95 ms", sorted(times)[int(len(times) * 0.95)])
        program.note("bytes a key", statistics.median(sizes))


def print_round(programs: dict[str, Program], size: tuple[int, int]) -> None:
    """The kept frame against Python printing the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame"
        lines = ["BAKKERIJ DE KORENAAR", *["x" * (size[0] - 2)] * (size[1] - 2), "last line"]
        firstframe.save(path, lines, size)
        for name in random.sample(list(programs), len(programs)):
            program = programs[name]
            with Session([*program.command, str(path)], size=size, env={"PYTHONPATH": str(ROOT)}) as session:
                at = session.pump(time.monotonic() + 5)
                session.wait_end()
                if at is None or program.useful.encode() not in session.raw:
                    raise RuntimeError(f"{name}: no frame")
                program.note("kept frame on screen, ms", (at - session.started_at) * 1e3)


@contextmanager
def installed() -> Iterator[dict[str, str]]:
    """An engineer's own set-up that was used before: the sources in a process of their own, a configuration, a state."""
    with tempfile.TemporaryDirectory() as folder:
        world = [*python("-m", "oncall_tui.demo.world"), "--still", "--config", folder]
        with subprocess.Popen(world, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            try:
                for told in process.stdout or ():
                    if told.startswith("READY"):
                        break
                place = Path(folder) / "oncall-tui"
                place.mkdir()
                for name, now in (("demo.key", "demo.key"), ("demo.toml", "config.toml")):
                    (Path(folder) / name).rename(place / now)
                yield {"XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder}
            finally:
                process.terminate()


def use_once(program: Program, size: tuple[int, int]) -> None:
    """The start before the ones that count: it leaves its last frame behind."""
    with Session(program.command, size=size, env={"PYTHONPATH": str(ROOT), **program.env}) as session:
        session.wait(program.useful)
        session.quiet(0.5)
        session.key("ctrl+c")
        session.wait_end()


def table(rows: list[tuple[str, Program, Program, str]]) -> str:
    """Name, baseline, ours, their ratio."""
    lines = ["| | beside | theirs | ours | ratio |", "|---|---|---|---|---|"]
    for name, baseline, ours, called in rows:
        theirs, mine = baseline.median(name), ours.median(name)
        if theirs is None or mine is None:
            continue
        ratio = f"{mine / theirs:.2f}" if theirs else "–"
        lines.append(f"| {name} | {called} | {theirs:,.1f} | {mine:,.1f} | {ratio} |")
    return "\n".join(lines)


def main(say: Callable[[str], object] = print) -> None:
    """Run it all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", default="80x24")
    parser.add_argument("--quiet", type=float, default=QUIET_S, help="seconds that stand for the minute")
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "oncall_tui", quiet=1)  # as whoever installs it does
    columns, rows = map(int, asked.size.split("x"))
    with installed() as env:
        compare(asked.rounds, (columns, rows), asked.quiet, env, say)


def compare(
    rounds: int, size: tuple[int, int], quiet_s: float, env: Mapping[str, str], say: Callable[[str], object]
) -> None:
    """Every program in every round, and the table of it."""
    ours = Program(python("-m", "oncall_tui"), "ALONE", ("q",), env)
    use_once(ours, size)
    hello = Program(python("-m", "tests.terminal.apps.stock", "hello"), "hello")
    stock = Program(python("-m", "tests.terminal.apps.stock", "table"), "customer 0")
    stock_painting = "from textual.app import App; from oncall_tui.ui.terminal import TerminalApp; TerminalApp._display = App._display; "
    run = "import sys; from oncall_tui.cli import main; sys.argv[1:] = []; sys.exit(main())"
    same = Program(python("-c", stock_painting + run), "ALONE", ("q",), env)
    printing = "import os, sys; os.write(2, open(sys.argv[1], 'rb').read())"
    showing = "import sys; from oncall_tui.ui import firstframe; firstframe.show(sys.argv[1])"
    frames = {"theirs": Program(python("-c", printing), "KORENAAR"), "ours": Program(python("-c", showing), "KORENAAR")}
    for _ in range(rounds):
        for program in random.sample([ours, hello, stock, same], 4):
            run_round(program, size, quiet_s=quiet_s)
        for _ in range(3):
            print_round(frames, size)
    names = ["first useful frame, ms", "live frame, ms", "bytes until it is still", "resident memory, MiB", "bytes in a quiet minute",
             "processor in a quiet minute, %", "wake-ups a second"]  # fmt: skip
    keys = ["key to paint, p50 ms", "key to paint, p95 ms", "bytes a key"]
    say(f"{rounds} rounds, {size[0]}x{size[1]}, Python {sys.version.split()[0]}; medians\n")
    say(
        table(
            [("kept frame on screen, ms", frames["theirs"], frames["ours"], "Python printing it")]
            + [(name, hello, ours, "bare Textual, one line") for name in names]
            + [(name, stock, ours, "Textual's table of 20 rows") for name in names + keys]
            + [(name, same, ours, "the same painted by Textual") for name in names + keys]
        )
    )


if __name__ == "__main__":
    main()
