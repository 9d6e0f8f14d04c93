"""The next moment at which a board is otherwise by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from oncall_tui.core.marks import next_mark
from oncall_tui.model import Alone, Board, Impact, Problem, Rule, Weights
from tests.engine.fakes import NIGHT


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def problem(
    *, since: datetime | None = None, promise_at: datetime | None = None, until: datetime | None = None
) -> Problem:
    alone = Alone(rule=Rule.NOBODY if since else Rule.WITH_THEM, why="", since=since)
    return Problem(id="p", title="x", signals=(), customers=(), impact=Impact.DOWN, on_fire=False, alone=alone,
                   started_at=NIGHT, promise_at=promise_at, aside_until=until)  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "mark"),
    [
        (problem(), None),
        (problem(promise_at=NIGHT + minutes(7)), NIGHT + minutes(7)),
        (problem(promise_at=NIGHT - minutes(7)), None),
        (problem(until=NIGHT + minutes(3)), NIGHT + minutes(3)),
        (problem(since=NIGHT - minutes(4)), NIGHT + minutes(1)),
        (problem(since=NIGHT - minutes(5)), None),
        (problem(since=NIGHT - minutes(1), promise_at=NIGHT + minutes(20)), NIGHT + minutes(4)),
    ],
)
def test_the_next_mark_is_a_promise_an_end_of_a_snooze_or_five_minutes_alone(
    shown: Problem, mark: datetime | None
) -> None:
    assert next_mark(Board(as_of=NIGHT, problems=(shown,)), NIGHT, Weights()) == mark


def test_what_is_out_of_the_way_counts_and_the_nearest_wins() -> None:
    late, soon = problem(promise_at=NIGHT + minutes(9)), problem(until=NIGHT + minutes(2))
    board = Board(as_of=NIGHT, problems=(late,), aside=(soon,))
    assert next_mark(board, NIGHT, Weights()) == NIGHT + minutes(2)
