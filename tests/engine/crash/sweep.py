"""Kills a save, or makes its disk fail, at every system call that touches the outbox: ``python -m tests.engine.crash.sweep``.

``kill -9`` at random moments proves nothing here: it loses no row even with synchronous=OFF. So every call is stopped at
in its turn, and the syncs are counted. strace needs no root for a child of its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oncall_tui.engine.outbox import Outbox
from tests.engine.crash.save import write

ROOT = Path(__file__).parents[3]
KILL = "signal=KILL"
ERRORS = ("error=ENOSPC", "error=EIO", "error=EDQUOT")
CHANGES = ("openat", "pwrite64", "fdatasync", "fsync", "unlink", "ftruncate", "fchown")
"""Calls that a full, failing or over-quota disk can refuse."""
CALLS = (*CHANGES, "mkdir", "newfstatat", "access", "pread64", "fcntl", "close")


@dataclass(frozen=True)
class Point:
    """One run: the `nth` time that `call` is made, `what` happens instead."""

    call: str
    nth: int
    what: str


@dataclass(frozen=True)
class Outcome:
    """What the program said, and what is on the disk afterwards."""

    point: Point
    said: str
    before_is_there: bool
    is_there: bool
    trouble: str

    @property
    def is_lost(self) -> bool:
        """Said to be saved and missing; or something older lost."""
        return not self.before_is_there or (self.said.startswith("SAVED") and not self.is_there)

    @property
    def is_a_lie(self) -> bool:
        """Said not to be saved, and there: said once more, it would be there twice."""
        return self.said.startswith("REFUSED") and self.is_there


def prepared(at: Path) -> Path:
    """A state directory with one write in it."""
    box = Outbox.open(at)
    box.put([write("before")])
    box.close()
    return at


def traced(state: Path, *strace: str, log: Path) -> str:
    """Runs `save.py` there under strace, which sees only what touches the outbox; returns what it printed."""
    paths = [option for path in _paths(state) for option in ("-P", str(path))]
    argv = ["strace", "-qq", "-f", "-o", str(log), *paths, *strace]
    save = [sys.executable, "-m", "tests.engine.crash.save", str(state), "new"]
    done = subprocess.run([*argv, *save], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if done.stderr:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


def _paths(state: Path) -> tuple[Path, ...]:
    return state, state / "outbox.db", state / "outbox.db-journal"


def calls_of(state: Path, log: Path) -> list[str]:
    """The system calls of one undisturbed save, in their order."""
    said = traced(state, "-e", f"trace={','.join(CALLS)}", log=log)
    assert said == "SAVED", said
    return [found[1] for line in log.read_text().splitlines() if (found := re.match(r"\d+ +(\w+)\(", line))]


def points(calls: list[str]) -> Iterator[Point]:
    """Every call killed; every one that changes something failing in three ways."""
    for call, count in Counter(calls).items():
        for nth in range(1, count + 1):
            for what in (KILL, *(ERRORS if call in CHANGES else ())):
                yield Point(call, nth, what)


def tried(point: Point, prepared_state: Path, work: Path) -> Outcome:
    """One run at that point, on a copy, and a look at the disk by a process that nothing disturbs."""
    state = work / "state"
    shutil.rmtree(state, ignore_errors=True)
    shutil.copytree(prepared_state, state)
    inject = f"inject={point.call}:{point.what}:when={point.nth}"
    said = traced(state, "-e", f"trace={point.call}", "-e", inject, log=work / "log")
    box = Outbox.open(state)
    found = {one.id for one in box.open_writes()}
    trouble = box.trouble
    box.close()
    return Outcome(point, said, "before" in found, "new" in found, trouble)


def sweep(work: Path) -> tuple[list[str], list[Outcome]]:
    """The calls of a save, and what became of it at every point."""
    base = prepared(work / "base")
    shutil.copytree(base, work / "counted")
    calls = calls_of(work / "counted", work / "log")
    return calls, [tried(point, base, work) for point in points(calls)]


def main() -> int:
    """Prints the figures; 1 when one of them is not as promised."""
    with tempfile.TemporaryDirectory() as work:
        calls, outcomes = sweep(Path(work))
    lost = [one for one in outcomes if one.is_lost or one.trouble]
    lies = [one for one in outcomes if one.is_a_lie]
    syncs = sum(call in ("fdatasync", "fsync") for call in calls)
    said = Counter(one.said.split(" ")[0] or "nothing" for one in outcomes)
    print(f"{syncs} syncs in a save of {len(calls)} system calls; {len(outcomes)} points: said {dict(said)}")
    print(f"{len(lost)} said-but-missing or damaged, {len(lies)} refused-but-there")
    for one in (*lost, *lies):
        print(one)
    return 1 if lost or lies else 0


if __name__ == "__main__":
    sys.exit(main())
