"""Every state of the screen as plain text, at three sizes; `UPDATE_SNAPSHOTS=1` writes them anew, to be looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.ui.states import SIZES, STATES, reached

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("sentence", STATES)
async def test_screen_shows(sentence: str, size: tuple[int, int]) -> None:
    async with reached(sentence, size) as screen:
        shown = screen.text()
    lines = shown.split("\n")
    assert len(lines) == size[1]
    assert max(map(cell_len, lines)) <= size[0]
    golden = SNAPSHOTS / f"{sentence} {size[0]}x{size[1]}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == golden.read_text(encoding="utf-8")


def test_no_snapshot_is_left_of_a_state_that_is_gone() -> None:
    known = {f"{sentence} {w}x{h}.txt" for sentence in STATES for w, h in SIZES}
    assert {path.name for path in SNAPSHOTS.glob("*.txt")} == known
