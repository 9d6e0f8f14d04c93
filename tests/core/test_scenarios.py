"""Every night of scenarios/, as a support lead tells it: who is first, and why, in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from oncall_tui.core.triage import triage
from oncall_tui.model import Board, Problem
from tests.core.nights import SPAN, Story

HERE = Path(__file__).parent / "scenarios"
STORIES = sorted(HERE.glob("*.toml"))


def board_of(story: Story) -> Board:
    """Plays the night: first what was earlier, each board's memory handed on, then the night itself."""
    memory = story.night.memory
    for before in story.earlier:
        now = story.now - timedelta(seconds=int(before["ago"][:-1]) * SPAN[before["ago"][-1]])
        earlier = story.read(before, now)
        memory = triage(replace(earlier, memory=memory), story.settings, now).memory
    return triage(replace(story.night, memory=memory), story.settings, story.now)


def words_of(problem: Problem) -> str:
    """All that the board says about why this problem stands where it stands."""
    reasons = [f"{reason.factor}: {reason.words}" for reason in problem.reasons]
    return "\n".join((problem.rule, problem.alone.why, *reasons, *problem.joined, problem.aside))


def test_there_are_at_least_forty_nights():
    assert len(STORIES) >= 40


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_night_ends_as_told(path: Path):
    story = Story(path)
    board = board_of(story)
    expect = dict(story.expect)
    shown = [(p.customers[0].name, p.title, round(p.score, 1), words_of(p)) for p in (*board.problems, *board.aside)]
    if "first" in expect:
        first = board.problems[0]
        assert first.customers[0].name == expect.pop("first"), shown
        for words in expect.pop("because"):
            assert words in words_of(first), shown
        _check_first(first, expect, shown, story.now)
    _check_board(board, expect, shown)
    assert not expect, f"{path.stem} expects what nobody checks: {sorted(expect)}"


def _check_first(first: Problem, expect: dict, shown: list, now: datetime) -> None:
    if "title" in expect:
        assert first.title == expect.pop("title"), shown
    if "on_fire" in expect:
        assert first.on_fire is expect.pop("on_fire"), shown
    if "alone_for" in expect:
        for_s = int(expect["alone_for"][:-1]) * SPAN[expect["alone_for"][-1]]
        assert first.alone.since == now - timedelta(seconds=for_s), (first.alone, shown)
        expect.pop("alone_for")
    if "alone" in expect:
        assert first.alone.is_alone is expect.pop("alone"), shown
    if "hurt" in expect:
        assert sorted(hurt.name for hurt in first.customers) == sorted(expect.pop("hurt")), shown
    if "not_because" in expect:
        for words in expect.pop("not_because"):
            assert words not in words_of(first), shown


def _check_board(board: Board, expect: dict, shown: list) -> None:
    if "problems" in expect:
        assert len(board.problems) == expect.pop("problems"), shown
    if "then" in expect:
        assert [p.customers[0].name for p in board.problems[1:]] == expect.pop("then"), shown
    if "aside" in expect:
        assert [p.aside for p in board.aside] == expect.pop("aside"), shown
    if "quiet" in expect:
        assert board.quiet is expect.pop("quiet"), shown
