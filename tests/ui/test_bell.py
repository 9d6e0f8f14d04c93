"""When the bell rings, and when it does not."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from oncall_tui.config.shape import Notify
from oncall_tui.ui.bell import Bell, is_quiet
from tests.ui import nights
from tests.ui.nights import NOW
from tests.ui.scripted import Screen


def test_what_burns_already_at_the_start_rings() -> None:
    assert Bell().calls(nights.bakery(), NOW)


def test_a_fire_rings_again_every_three_minutes_until_somebody_is_with_them() -> None:
    bell = Bell()
    rang = [minute for minute in range(10) if bell.calls(nights.bakery(), NOW + timedelta(minutes=minute))]
    assert rang == [0, 3, 6, 9]


def test_what_is_in_hand_never_rings() -> None:
    assert not Bell().calls(nights.bakery(problems=nights.OTHERS), NOW)


def test_a_promise_rings_once_three_minutes_before_it_would_be_broken() -> None:
    bell, board = Bell(), nights.bakery(problems=(nights.GARAGE,))
    rang = [minute for minute in range(25) if bell.calls(board, NOW + timedelta(minutes=minute))]
    assert rang == [16]


def test_somebody_alone_without_a_fire_rings_once_when_first() -> None:
    bell, board = Bell(), nights.bakery(problems=(nights.WEBSHOP,))
    assert [bool(bell.calls(board, NOW + timedelta(minutes=m))) for m in (0, 1, 9)] == [True, False, False]


def test_a_promise_of_a_colleague_is_not_ours_to_ring() -> None:
    theirs = msgspec.structs.replace(nights.GARAGE, mine=False, promise_at=NOW)
    assert not Bell().calls(nights.bakery(problems=(theirs,)), NOW)


# --- quiet hours -----------------------------------------------------------------------------------------------------

NIGHT = (time(23, 0), time(7, 0))


@pytest.mark.parametrize(
    ("now", "quiet"), [("22:59", False), ("23:00", True), ("03:14", True), ("06:59", True), ("07:00", False)]
)
def test_quiet_hours_go_over_midnight_by_our_own_clock(now: str, quiet: bool) -> None:
    at = datetime.combine(NOW.date(), time.fromisoformat(now), ZoneInfo("Europe/Amsterdam"))
    assert is_quiet(NIGHT, at) is quiet
    assert is_quiet((time(7, 0), time(23, 0)), at) is not quiet


def test_in_quiet_hours_only_a_fire_calls() -> None:
    bell = Bell(Notify(quiet=NIGHT))
    assert not bell.calls(nights.bakery(problems=(nights.WEBSHOP,)), NOW)
    assert "Bakkerij De Korenaar" in bell.calls(nights.bakery(), NOW)


def test_how_often_a_fire_calls_can_be_said() -> None:
    bell = Bell(Notify(again_s=60))
    assert all(bell.calls(nights.bakery(), NOW + timedelta(minutes=m)) for m in range(3))


def test_the_words_say_who_and_what_once() -> None:
    assert Bell().calls(nights.bakery(), NOW) == (
        "Bakkerij De Korenaar and 2 more, alone 12m: cannot take orders from 14 shops"
    )
    due = msgspec.structs.replace(nights.GARAGE, promise_at=NOW + timedelta(minutes=2))
    assert Bell().calls(nights.bakery(problems=(due,)), NOW) == "a word to Garage Smit is due in 2m"


AFTER = NOW + timedelta(hours=5)  # 08:14 in Amsterdam


def test_what_quiet_hours_kept_from_calling_is_told_once_they_are_over_and_not_called_out() -> None:
    bell, board = Bell(Notify(quiet=NIGHT)), nights.bakery(problems=(nights.WEBSHOP,))
    assert not bell.calls(board, NOW)
    assert bell.missed(NOW) == ""
    assert not bell.calls(board, AFTER)
    assert bell.missed(AFTER) == "while it was quiet: Webshop Lente, alone 5h 1m: checkout slow"
    assert bell.missed(AFTER) == ""


def test_what_is_over_by_then_is_counted() -> None:
    bell = Bell(Notify(quiet=NIGHT))
    due = msgspec.structs.replace(nights.GARAGE, promise_at=NOW + timedelta(minutes=2))
    bell.calls(nights.bakery(problems=(nights.WEBSHOP, due)), NOW)
    bell.calls(nights.bakery(problems=(nights.WEBSHOP,)), AFTER)
    assert bell.missed(AFTER) == (
        "while it was quiet: Webshop Lente, alone 5h 1m: checkout slow; 1 that is over by now"
    )


def test_a_fire_that_called_in_quiet_hours_is_not_told_again() -> None:
    bell = Bell(Notify(quiet=NIGHT))
    assert bell.calls(nights.bakery(problems=(nights.FIRE,)), NOW)
    bell.calls(nights.bakery(problems=(nights.FIRE,)), AFTER)
    assert bell.missed(AFTER) == ""


def test_without_quiet_hours_nothing_is_missed() -> None:
    bell = Bell()
    bell.calls(nights.bakery(problems=(nights.WEBSHOP,)), NOW)
    assert bell.missed(AFTER) == ""


async def test_at_the_end_of_quiet_hours_the_line_tells_what_was_kept() -> None:
    now = [NOW]
    screen = Screen(nights.bakery(problems=(nights.WEBSHOP,)), now=lambda: now[0])
    screen.app.desk._bell.notify = Notify(quiet=NIGHT)
    async with screen.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "while it was quiet" not in screen.text()
        now[0] = AFTER
        screen.app.desk.tick()
        await pilot.pause()
        assert "while it was quiet: Webshop Lente, alone 5h 1m" in screen.text()
