"""Every figure of the crash tests as a Markdown table: ``python -m tests.engine.crash [SEED]``. Exit code 1 when one is bad.

It runs for about a quarter of an hour. `late` is 3 s in all of them (75 s is the product's default): longer than these
desks are ever late.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.engine.crash import many, night, real, sweep
from tests.engine.crash.readback import Tally

_HEAD = """\
| the program (kill -9 at random) beside | said | kills | lost | doubled | in the wrong place | seconds |
|---|---|---|---|---|---|---|"""

_WAYS = {
    "mix": "the embedded desk, every fault of the mix",
    "cut": "... cutting 40 % of the lines, before, after or a second before it stored",
    "500": "... answering 500 to 40 %, having stored them",
    "429": "... answering 429 to 30 %",
    "502": "... answering 502 or 504 as HTML to 40 %",
    "never": "... never answering 6 %, stored or not",
}


def main(seed: int) -> int:
    """Prints row by row."""
    print(_HEAD)
    well = [_row("a real Redmine and a real Alertmanager", lambda work: _real(work, seed))]
    for way, words in _WAYS.items():
        many_ = way == "mix"
        well.append(_row(words, lambda work: _bad(work, way, seed, 220 if many_ else 80, 80 if many_ else 20)))  # noqa: B023
    print()
    well.append(_others(seed))
    return 0 if all(well) else 1


def _row(words: str, play: Callable[[Path], Tally]) -> bool:
    began_at = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        tally = play(Path(work))
    figures = (len(tally.said), tally.kills, len(tally.lost), len(tally.doubled), len(tally.misplaced))
    print(f"| {words} | {' | '.join(map(str, figures))} | {time.monotonic() - began_at:.0f} |", flush=True)
    for wrong in (*tally.lost, *tally.doubled, *tally.misplaced):
        print("  wrong:", wrong, file=sys.stderr)
    return tally.is_well


def _bad(work: Path, way: str, seed: int, spoken: int, typed: int) -> Tally:
    with night.bad_desk(work, way, seed=seed) as servers:
        return night.play(work, servers, seed=seed, spoken=spoken, typed=typed)


def _real(work: Path, seed: int) -> Tally:
    with real.servers(work) as servers:
        return night.play(work, servers, seed=seed, spoken=220, typed=80)


def _others(seed: int) -> bool:
    """What needs no server: several processes on one state directory, and a save stopped at every system call."""
    return many.main(seed) + sweep.main() == 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7))
