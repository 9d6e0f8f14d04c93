"""Saves one write as the program does and says so: what strace watches, stops and lies to."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.engine.outbox import Outbox
from oncall_tui.errors import Unwritable
from oncall_tui.model import Verb, Write


def write(write_id: str) -> Write:
    """A note."""
    at = datetime(2026, 11, 23, 3, 14, tzinfo=UTC)
    return Write(id=write_id, problem="p", ref="desk/1", verb=Verb.NOTE, by="Sanne", asked_at=at, text="I look")


def main(state_dir: str, write_id: str) -> None:
    """Prints SAVED, or REFUSED and the words."""
    box = Outbox.open(Path(state_dir))
    try:
        box.put([write(write_id)])
    except Unwritable as error:
        os.write(1, f"REFUSED {error.words}\n".encode())
    else:
        os.write(1, b"SAVED\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
