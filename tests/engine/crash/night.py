"""The program killed again and again beside servers that may misbehave; what was said is read back from them."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oncall_tui.demo.world import KEY
from tests.engine.crash import readback
from tests.engine.crash.many import ROOT
from tests.engine.crash.readback import Tally
from tests.engine.crash.typist import Typist

_LIMIT_S = 200.0


@dataclass(frozen=True)
class Servers:
    """A desk and a monitor, a key that sees all of the desk, and the configuration of the engineer."""

    desk: str
    monitor: str
    key: str
    config: Path


@contextmanager
def bad_desk(work: Path, way: str, *, seed: int, undo: str = "0s", late: str = "3s") -> Iterator[Servers]:
    """The embedded desk in a process of its own, wrong in that `way` (`baddesk.WAYS`)."""
    argv = [sys.executable, "-m", "tests.engine.crash.baddesk", way, str(seed), str(work / "config"), undo, late]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdin is not None
        assert desk.stdout is not None
        told = dict(desk.stdout.readline().strip().split("=", 1) for _ in range(3))
        yield Servers(told["DESK"], told["MONITOR"], KEY, work / "config" / "demo.toml")
        desk.stdin.close()
        desk.wait(_LIMIT_S)


def play(work: Path, servers: Servers, *, seed: int, spoken: int, typed: int) -> Tally:
    """`spoken` notes by the engine alone, as fast as it saves them, and `typed` ones on the screen; killed throughout."""
    said, kills = _speak(servers.config, work, writes=spoken, seed=seed)
    typist = Typist(servers.config, work / "state", seed)
    typist.write(typed)
    said |= _until_killed(_start(servers.config, work, "last", 0), None)
    typist.drain()
    return readback.tally(servers.desk, servers.key, servers.monitor, said | typist.said, kills + typist.kills)


def _speak(path: Path, work: Path, *, writes: int, seed: int) -> tuple[set[str], int]:
    """Kills after a random number of saved notes and starts anew."""
    chance, said, kills = random.Random(seed), set[str](), 0
    while len(said) < writes:
        one = _start(path, work, f"k{kills}", writes - len(said))
        said |= _until_killed(one, chance.randint(1, 30))
        kills += 1
    return said, kills


def _start(path: Path, work: Path, name: str, count: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "tests.engine.crash.speaker", str(path), str(work / "state"), name, str(count)]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _until_killed(one: subprocess.Popen[str], lines: int | None) -> set[str]:
    """Kills it after so many lines (None: never). Only whole lines were told."""
    assert one.stdout is not None
    assert one.stderr is not None
    told = []
    for line in one.stdout:
        told.append(line)
        if len(told) == lines:
            one.kill()
    one.wait(_LIMIT_S)
    errors = one.stderr.read()
    one.stdout.close()
    one.stderr.close()
    assert errors == "", errors
    return {line.strip() for line in told if line.endswith("\n")} - {"ALL SAID"}
