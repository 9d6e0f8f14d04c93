"""The engine killed again and again while the embedded desk misbehaves: ``python -m tests.engine.crash.night [SEED]``.

The desk lives in this process and outlives every kill. What it has is read back over HTTP by another client.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oncall_tui.demo import faults
from oncall_tui.demo.world import KEY, World
from tests.engine.crash.many import ROOT

_LIMIT_S = 100.0
_DESK_LATE_S = 1.0
_TICKETS = 12
_OURS = re.compile(r"(k\d+|last)-\d+ on \d+")
"""What `speaker.py` says; the desk has other people's notes, too."""


@dataclass(frozen=True)
class Tally:
    """What the program told to be saved, what the desk has (ticket and text), and how often it was killed."""

    said: frozenset[str]
    stored: tuple[tuple[str, str], ...]
    public: int
    kills: int

    @property
    def lost(self) -> set[str]:
        return set(self.said) - {text for _, text in self.stored}

    @property
    def doubled(self) -> list[str]:
        return [text for text, count in Counter(text for _, text in self.stored).items() if count > 1]

    @property
    def misplaced(self) -> list[str]:
        return [text for ticket, text in self.stored if not text.endswith(f" on {ticket}")]

    def __str__(self) -> str:
        return (
            f"{len(self.said)} said, {self.kills} kills: {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.misplaced)} in the wrong place, {self.public} where the customer reads it"
        )


def play(work: Path, *, writes: int = 300, seed: int = 7, bad: bool = True) -> Tally:
    """Against the embedded desk, with its faults when `bad`."""
    with World(still=True) as world:
        world.desk.faults = faults.mix(seed, late_s=_DESK_LATE_S) if bad else iter(())
        for number in range(_TICKETS):
            world.desk.add_issue(next(iter(_customers(world))), f"Kapotte machine nummer {number}", "Kijk even mee")
        path = world.write_config(work / "config")
        said, kills = kill_and_restart(path, work, writes=writes, seed=seed)
        return tally(world.desk.url, KEY, said, kills)


def kill_and_restart(path: Path, work: Path, *, writes: int, seed: int) -> tuple[set[str], int]:
    """Kills after a random number of saved notes, starts anew, and lets the last one deliver everything."""
    chance, said, kills = random.Random(seed), set[str](), 0
    while len(said) < writes:
        one = _start(path, work, f"k{kills}", writes - len(said))
        said |= _until_killed(one, chance.randint(1, 30))
        kills += 1
    said |= _until_killed(_start(path, work, "last", 0), None)
    return said, kills


def tally(url: str, key: str, said: set[str], kills: int) -> Tally:
    """What a Redmine has of it, read back by a client that is not ours."""
    ours = [(ticket, entry) for ticket, entry in _journals(url, key) if _OURS.fullmatch(entry["notes"])]
    stored = tuple((ticket, entry["notes"]) for ticket, entry in ours)
    return Tally(frozenset(said), stored, sum(not entry.get("private_notes") for _, entry in ours), kills)


def _customers(world: World) -> Iterator[str]:
    return (person.login for person in world.desk.people.values() if not person.is_staff)


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


def _journals(url: str, key: str) -> list[tuple[str, dict[str, Any]]]:
    """Every note of every issue, open or closed, as another client reads it."""
    numbers = [issue["id"] for issue in _get(f"{url}/issues.json?status_id=*&limit=100", key)["issues"]]
    return [
        (str(number), entry)
        for number in numbers
        for entry in _get(f"{url}/issues/{number}.json?include=journals", key)["issue"]["journals"]
        if entry.get("notes")
    ]


def _get(url: str, key: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"X-Redmine-API-Key": key})
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def main() -> int:
    """Prints the figures; 1 when one of them is not as promised."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as work:
        result = play(Path(work), seed=seed)
    print(result)
    return 1 if result.lost or result.doubled or result.misplaced or result.public else 0


if __name__ == "__main__":
    sys.exit(main())
