"""One process of several on the same state directory: says its share, prints what is saved, and delivers what it can."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import uuid
from contextlib import suppress
from pathlib import Path

from oncall_tui.engine.clock import Clock
from oncall_tui.engine.courier import Courier
from oncall_tui.engine.outbox import Outbox
from oncall_tui.errors import Unwritable
from oncall_tui.model import State, Verb, Write
from tests.engine.crash.filedesk import ME, FileLine

LATE_S = 0.3
"""The file desk is never late: what it has not got it will not get."""


async def main(state: Path, desk: Path, name: str, *numbers: int) -> None:
    """Numbers: how many to say, on how many tickets, the seed of the faults (0: none). Ends when the outbox is empty."""
    count, tickets, seed = numbers
    clock = Clock()
    box = Outbox.open(state, clock=clock)
    line = FileLine(desk, chance=random.Random(seed) if seed else None)
    courier = Courier(box, {"desk": line}, clock, late_s=LATE_S, on_change=lambda _: None)
    run = asyncio.ensure_future(courier.run())
    for number in range(count):
        await _say(box, courier, clock, f"{name}-{number}", str(number % tickets))
    os.write(1, b"ALL SAID\n")
    while box.open_writes():
        await clock.sleep(0.05)
        if box.changed_elsewhere():
            courier.reload()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    box.close()


async def _say(box: Outbox, courier: Courier, clock: Clock, text: str, ticket: str) -> None:
    write = Write(
        id=str(uuid.uuid4()),
        problem="p",
        ref=f"desk/{ticket}",
        verb=Verb.NOTE,
        by=ME.name,
        asked_at=clock.now(),
        text=text,
        state=State.WAITING,
    )
    saved = False
    while not saved:  # the lock is busy for a moment when five want it
        with suppress(Unwritable):
            box.put([write])
            saved = True
    os.write(1, f"{text}\n".encode())
    courier.look_at({write.ref})
    await clock.sleep(0)


if __name__ == "__main__":
    state_, desk_, name_, *numbers = sys.argv[1:]
    asyncio.run(main(Path(state_), Path(desk_), name_, *map(int, numbers)))
