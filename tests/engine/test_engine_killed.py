"""The whole engine over HTTP, killed again and again, beside a desk that misbehaves (300 writes: ``tests.engine.crash``)."""

from __future__ import annotations

from pathlib import Path

from tests.engine.crash import night


def test_notes_under_kills_and_a_desk_that_misbehaves_are_there_once_and_in_their_place(tmp_path: Path) -> None:
    with night.bad_desk(tmp_path, "mix", seed=3) as servers:
        tally = night.play(tmp_path, servers, seed=3, spoken=80, typed=0)
    assert len(tally.said) >= 80
    assert tally.kills >= 3
    assert (tally.lost, tally.doubled, tally.misplaced) == ([], [], [])
