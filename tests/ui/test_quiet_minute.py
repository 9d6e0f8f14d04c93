"""What time costs on the line when nothing happens: bytes of our own painting, on a clock that the test moves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from rich.color import ColorSystem

from oncall_tui.model import Board
from oncall_tui.ui.paint import Painter
from tests.ui import nights
from tests.ui.scripted import Screen


class Clock:
    def __init__(self) -> None:
        self.at = nights.NOW

    def __call__(self) -> datetime:
        return self.at


class Line:
    """What a terminal at the end of a line is sent, for each time that the screen stands still."""

    def __init__(self, screen: Screen, size: tuple[int, int]) -> None:
        self._screen, self._size, self._painter = screen, size, Painter()

    def sent(self) -> int:
        update = self._screen.app.screen._compositor.render_update(full=True)
        return len(self._painter.paint(update, self._size, ColorSystem.TRUECOLOR, (0, 0)).encode())


async def costs(board: Board, size: tuple[int, int], passes: timedelta, times: int) -> tuple[list[int], float]:
    """The bytes of each time that passes, and in how many seconds the screen looks at the clock again."""
    clock = Clock()
    screen = Screen(board, now=clock)
    async with screen.app.run_test(size=size) as pilot:
        await pilot.pause()
        line = Line(screen, size)
        assert line.sent() > 150  # the first frame
        assert line.sent() == 0
        bytes_ = []
        for _ in range(times):
            clock.at += passes
            screen.app._tick()
            await pilot.pause()
            bytes_.append(line.sent())
        assert screen.app._ticking is not None
        return bytes_, screen.app._ticking._interval


@pytest.mark.parametrize("size", [(80, 24), (40, 15), (200, 60)])
@pytest.mark.parametrize("board", [nights.calm, nights.nothing, nights.late])
async def test_a_quiet_minute_without_a_fire_costs_almost_no_bytes(board: object, size: tuple[int, int]) -> None:
    sent, next_tick_s = await costs(board(), size, timedelta(minutes=1), 30)  # type: ignore[operator]
    assert 0 < sum(sent) / 30 <= 120
    assert max(sent) <= 250
    assert next_tick_s == pytest.approx(60, abs=0.1)


async def test_the_clock_of_a_fire_costs_a_second_only_its_own_digits() -> None:
    sent, next_tick_s = await costs(nights.bakery(), (80, 24), timedelta(seconds=1), 9)
    assert 0 < max(sent) <= 60
    assert next_tick_s == pytest.approx(1, abs=0.1)
