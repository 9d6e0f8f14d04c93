"""The embedded desk and monitor in a process of their own, going wrong in one chosen way: ``... baddesk WAY SEED DIR``.

Tells ``DESK=``, ``MONITOR=`` and READY on stdout and serves until its stdin ends.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from oncall_tui.demo import faults
from oncall_tui.demo.faults import Fault
from oncall_tui.demo.world import World

LATE_S = 1.0
"""The longest that this desk stores after it cut the line."""

TITLES = (
    *("Printer stuk", "Kassa hapert", "Factuur onleesbaar", "Oven weigert", "Website traag", "Mail hangt"),
    *(
        "Bestelling kwijt",
        "Wachtwoord vergeten",
        "Scanner zwijgt",
        "Rooster leeg",
        "Kaarten geweigerd",
        "Voorraad klopt niet",
    ),
)
"""No two share a word, so that each is a problem of its own."""

_CONFIG = """
[outbox]
undo = "{undo}"
late = "{late}"
"""


def _some(seed: int, share: float, *ways: Fault) -> Iterator[Fault | None]:
    """An endless, repeatable mix: that share of the requests goes wrong in one of these ways."""
    dice = random.Random(seed)
    while True:
        yield dice.choice(ways) if dice.random() < share else None


WAYS = {
    "well": lambda _: iter(()),
    "mix": lambda seed: faults.mix(seed, late_s=LATE_S, hangs=True),
    "cut": lambda seed: _some(seed, 0.4, faults.CUT_BEFORE, faults.CUT_AFTER, faults.late(LATE_S)),
    "500": lambda seed: _some(seed, 0.4, faults.STORED_THEN_500),
    "429": lambda seed: _some(seed, 0.3, faults.slow_down(1)),
    "502": lambda seed: _some(seed, 0.4, faults.BAD_GATEWAY, faults.GATEWAY_TIMEOUT),
    "never": lambda seed: _some(seed, 0.06, faults.HANGS_BEFORE, faults.HANGS_AFTER),
}
"""What can be wrong with it, by name, from a seed."""


def main(way: str, seed: int, folder: Path, undo: str, late: str) -> None:
    """People, twelve tickets of theirs, and a configuration of the program in `folder`."""
    with World(empty=True) as world:
        world.desk.faults = WAYS[way](seed)
        people = [person.login for person in world.desk.people.values() if not person.is_staff]
        for number, title in enumerate(TITLES):
            world.desk.add_issue(people[number % len(people)], title, "Kijk even mee")
        for name in ("SmtpQueueLong", "DiskFull", "NodeDown"):
            world.monitor.fire({"alertname": name, "severity": "warning"})
        path = world.write_config(folder)
        with path.open("a", encoding="utf-8") as config:
            config.write(_CONFIG.format(undo=undo, late=late))
        print(f"DESK={world.desk.url}\nMONITOR={world.monitor.url}\nREADY=1", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    way_, seed_, folder_, undo_, late_ = sys.argv[1:]
    main(way_, int(seed_), Path(folder_), undo_, late_)
