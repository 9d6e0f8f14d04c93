"""When the bell rings, and when it does not."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from oncall_tui.ui.bell import Bell
from tests.ui import nights
from tests.ui.nights import NOW


def test_what_burns_already_at_the_start_rings() -> None:
    assert Bell().rings(nights.bakery(), NOW)


def test_a_fire_rings_again_every_three_minutes_until_somebody_is_with_them() -> None:
    bell = Bell()
    rang = [minute for minute in range(10) if bell.rings(nights.bakery(), NOW + timedelta(minutes=minute))]
    assert rang == [0, 3, 6, 9]


def test_what_is_in_hand_never_rings() -> None:
    assert not Bell().rings(nights.bakery(problems=nights.OTHERS), NOW)


def test_a_promise_rings_once_three_minutes_before_it_would_be_broken() -> None:
    bell, board = Bell(), nights.bakery(problems=(nights.GARAGE,))
    rang = [minute for minute in range(25) if bell.rings(board, NOW + timedelta(minutes=minute))]
    assert rang == [16]


def test_somebody_alone_without_a_fire_rings_once_when_first() -> None:
    bell, board = Bell(), nights.bakery(problems=(nights.WEBSHOP,))
    assert [bell.rings(board, NOW + timedelta(minutes=m)) for m in (0, 1, 9)] == [True, False, False]


def test_a_promise_of_a_colleague_is_not_ours_to_ring() -> None:
    theirs = msgspec.structs.replace(nights.GARAGE, mine=False, promise_at=NOW)
    assert not Bell().rings(nights.bakery(problems=(theirs,)), NOW)
