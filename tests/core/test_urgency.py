"""The score's terms, as numbers that a reader can check by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall_tui.core.alone import Hold
from oncall_tui.core.urgency import Scale, judge, waited
from oncall_tui.model import Alone, Alternative, Hurt, Impact, Process, Rule, Weights
from tests.core.generated import NOW, ago

W = Weights()
SCALE = Scale(W)
HELD = Hold(by="Sanne", mine=True)
WITH = Alone(rule=Rule.WITH_THEM, why="with Sanne", since=ago(30))


def stake(impact: Impact = Impact.DOWN, hurt: int = 1, **who: object):
    return SCALE.stake(impact, impact, Hurt(name="x", **who), hurt, heard="", by_hand=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("impact", "who", "points"),
    [
        (Impact.DOWN, {}, 100),
        (Impact.DEGRADED, {}, 60),
        (Impact.AT_RISK, {}, 25),
        (Impact.QUESTION, {}, 8),
        (Impact.DOWN, {"process": Process.SUPPORTING}, 60),
        (Impact.DOWN, {"process": Process.PERIPHERAL, "alternative": Alternative.FAILOVER}, 15),
        (Impact.DEGRADED, {"alternative": Alternative.MANUAL}, 45),
    ],
)
def test_the_stake_is_impact_times_process_times_alternative(impact: Impact, who: dict[str, object], points: float):
    assert stake(impact, **who).points == pytest.approx(points)


@pytest.mark.parametrize(("hurt", "times"), [(1, 1.0), (2, 1.15), (4, 1.3), (16, 1.6), (1000, 1.6)])
def test_the_spread_grows_with_each_doubling_up_to_a_limit(hurt: int, times: float):
    assert stake(hurt=hurt).spread_points == pytest.approx(100 * times)


@pytest.mark.parametrize(("minutes", "times"), [(0, 1.0), (2.5, 1.25), (5, 1.5), (65, 1.75), (125, 2.0), (-9, 1.0)])
def test_waiting_rises_fast_for_five_minutes_and_slowly_after(minutes: float, times: float):
    assert waited(Alone(rule=Rule.NOBODY, why="", since=ago(minutes)), NOW, W) == pytest.approx(times)


@pytest.mark.parametrize(
    ("left_s", "times"), [(None, 0.35), (3600, 0.35), (300, 0.35), (150, 0.625), (0, 0.9), (-60, 0.9)]
)
def test_in_hand_counts_little_until_the_promise_falls_due(left_s: float | None, times: float):
    promise_at = None if left_s is None else NOW + timedelta(seconds=left_s)
    assert judge(stake(), WITH, HELD, W, NOW, promise_at=promise_at)[0] == pytest.approx(100 * times)


@pytest.mark.parametrize(("rule", "times"), [(Rule.NOBODY, 1.5), (Rule.MISSED, 1.35), (Rule.UNTOLD, 1.05)])
def test_a_missed_promise_and_silence_count_less_than_nobody(rule: Rule, times: float):
    alone = Alone(rule=rule, why="x", since=ago(5))
    assert judge(stake(), alone, HELD, W, NOW)[0] == pytest.approx(100 * times)


@pytest.mark.parametrize(("wrote", "points"), [(1, 6), (3, 18), (4, 24), (40, 24)])
def test_each_message_since_our_last_word_counts_up_to_a_limit(wrote: int, points: float):
    reasons = judge(stake(), WITH, HELD, W, NOW, wrote=wrote)[1]
    assert reasons[-1].points == points
