"""Several processes on one state directory, and ``kill -9`` among them: ``python -m tests.engine.crash.many``."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.engine.crash.filedesk import texts

ROOT = Path(__file__).parents[3]
_LIMIT_S = 100.0


@dataclass(frozen=True)
class Tally:
    """What was said (saved, as the process told), and what the desk has, by ticket."""

    said: frozenset[str]
    stored: dict[str, list[str]]
    kills: int = 0

    @property
    def lost(self) -> set[str]:
        return set(self.said) - {text for ticket in self.stored.values() for text in ticket}

    @property
    def doubled(self) -> list[str]:
        counts = Counter(text for ticket in self.stored.values() for text in ticket)
        return [text for text, count in counts.items() if count > 1]

    @property
    def overtaken(self) -> list[str]:
        """Tickets on which one process's words arrived in another order than it said them."""
        return [ticket for ticket, said in self.stored.items() if not _in_order(said)]

    def __str__(self) -> str:
        return (
            f"{len(self.said)} said, {self.kills} kills: {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.overtaken)} tickets out of order"
        )


def _in_order(said: list[str]) -> bool:
    by_name: dict[str, list[int]] = {}
    for text in said:
        name, _, number = text.rpartition("-")
        by_name.setdefault(name, []).append(int(number))
    return all(numbers == sorted(numbers) for numbers in by_name.values())


def worker(work: Path, name: str, count: int, *, seed: int = 0, tickets: int = 40) -> subprocess.Popen[str]:
    """Starts one."""
    argv = [sys.executable, "-m", "tests.engine.crash.worker", str(work / "state"), str(work / "desk"), name]
    argv += [str(count), str(tickets), str(seed)]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def four(work: Path, *, writes: int = 400, seed: int = 0) -> Tally:
    """Four processes, a quarter of the writes each."""
    (work / "desk").mkdir()
    workers = [worker(work, f"p{n}", writes // 4, seed=seed and seed + n) for n in range(4)]
    said = [_ended(one) for one in workers]
    return Tally(frozenset().union(*said), _stored(work))


def killed(work: Path, *, writes: int = 300, seed: int = 7) -> Tally:
    """One process after the other says the rest and is killed at a random moment, until all is said and delivered."""
    (work / "desk").mkdir()
    chance, said, kills = random.Random(seed), set[str](), 0
    while len(said) < writes:
        one = worker(work, f"k{kills}", writes - len(said), seed=seed + kills)
        said |= _killed_after(one, chance.randint(1, 25))
        kills += 1
    said |= _ended(worker(work, "last", 0, seed=seed + kills))
    return Tally(frozenset(said), _stored(work), kills)


def _killed_after(one: subprocess.Popen[str], lines: int) -> set[str]:
    """Killed when it has told so many times that something is saved; what it tells until it is dead counts."""
    assert one.stdout is not None
    told = []
    for line in one.stdout:
        told.append(line)
        if len(told) == lines:
            one.kill()
    one.wait(_LIMIT_S)
    assert one.stderr is not None
    assert (errors := one.stderr.read()) == "", errors
    one.stdout.close(), one.stderr.close()
    return _texts("".join(told))


def _ended(one: subprocess.Popen[str]) -> set[str]:
    out, errors = one.communicate(timeout=_LIMIT_S)
    assert (one.returncode, errors) == (0, ""), errors
    return _texts(out)


def _texts(out: str) -> set[str]:
    """Whole lines only: a line that was cut by the kill was not told."""
    return {line.strip() for line in out.splitlines(keepends=True) if line.endswith("\n")} - {"ALL SAID"}


def _stored(work: Path) -> dict[str, list[str]]:
    return {path.name: texts(work / "desk", path.name) for path in (work / "desk").iterdir()}


def main(seed: int = 7) -> int:
    """Prints the figures; 1 when one of them is not as promised."""
    tallies = {}
    for name, play in (("four processes", four), ("killed", killed)):
        with tempfile.TemporaryDirectory() as work:
            tallies[name] = play(Path(work), seed=seed)
        print(f"{name}: {tallies[name]}")
    return 1 if any(tally.lost or tally.doubled or tally.overtaken for tally in tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
