"""What is under the hands stays there, but while the night opens it is the most urgent one of what is known."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from oncall_tui.model import Board
from oncall_tui.ui.hands import Hands
from tests.ui import nights
from tests.ui.scripted import bare_desk

UNREAD = replace(nights.SOURCES[0], live=False, asked_at=None, answered_at=None, signals=0)


def half_read(**changes: object) -> Board:
    """One source has answered, with a smaller problem; the other was not heard of yet."""
    sources = (replace(UNREAD, **changes), *nights.SOURCES[1:])  # type: ignore[arg-type]
    return nights.bakery(problems=(nights.GARAGE,), sources=sources)


def later(board: Board, seconds: float) -> Board:
    return replace(board, as_of=board.as_of + timedelta(seconds=seconds))


def held(*boards: Board) -> str:
    hands = Hands()
    for board in boards:
        hands.see(board)
    return hands.problem.id if hands.problem else ""


def test_which_source_answers_first_does_not_decide_what_is_shown() -> None:
    assert held(half_read()) == nights.GARAGE.id
    assert held(half_read(), later(nights.bakery(), 0.3)) == nights.FIRE.id


def test_once_all_have_answered_nothing_more_urgent_replaces_it() -> None:
    all_read = nights.bakery(problems=(nights.GARAGE,))
    assert held(half_read(), all_read, later(nights.bakery(), 0.1)) == nights.GARAGE.id
    assert held(all_read, later(nights.bakery(), 0.1)) == nights.GARAGE.id


def test_a_source_that_takes_long_is_not_waited_for() -> None:
    assert held(half_read(), later(half_read(), 2.0), later(nights.bakery(), 2.2)) == nights.GARAGE.id
    assert held(half_read(), later(nights.bakery(), 60)) == nights.GARAGE.id


def test_a_source_that_fails_is_not_waited_for() -> None:
    assert held(half_read(fault="nothing listens"), later(nights.bakery(), 0.3)) == nights.GARAGE.id


def test_any_key_makes_it_stay() -> None:
    desk = bare_desk(half_read())
    desk.pressed("e")
    desk.see(later(nights.bakery(), 0.3))
    assert desk.hands.problem is not None
    assert desk.hands.problem.id == nights.GARAGE.id
