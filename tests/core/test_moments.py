"""A customer's known times: daily or on weekdays, through a change of summer time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.core.moments import due, nearest, pressing
from oncall_tui.model import Moment

OVENS = Moment(at=time(4, 30), what="ovens load", zone="Europe/Amsterdam")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2026-03-03T02:14", "2026-03-03T03:30"),  # winter time
        ("2026-03-28T23:00", "2026-03-29T02:30"),  # the night that skips an hour
        ("2026-03-29T02:31", "2026-03-29T02:30"),  # just passed: it presses on
        ("2026-07-01T12:00", "2026-07-02T02:30"),  # summer time
        ("2026-10-24T22:00", "2026-10-25T03:30"),  # the night that has an hour twice
    ],
)
def test_four_thirty_is_four_thirty_where_the_ovens_are(now: str, at: str):
    found = nearest(OVENS, utc(now), started_at=utc(now) - timedelta(hours=2))
    assert found is not None
    assert found.at == utc(at)


def test_a_time_that_the_night_skips_is_as_much_later():
    found = nearest(
        Moment(at=time(2, 30), what="x", zone="Europe/Amsterdam"), utc("2026-03-29T00:00"), utc("2026-03-29T00:00")
    )
    assert found is not None
    assert found.at == utc("2026-03-29T01:30")


def test_a_moment_that_passed_before_the_problem_began_does_not_press():
    found = nearest(OVENS, utc("2026-03-03T03:40"), started_at=utc("2026-03-03T03:35"))
    assert found is not None
    assert found.at == utc("2026-03-04T03:30")


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)), st.times(), st.sets(st.integers(0, 6)))  # noqa: DTZ001
def test_the_nearest_is_never_more_than_eight_days_off_and_on_one_of_its_days(now: datetime, at: time, days: set[int]):
    moment = Moment(at=at.replace(second=0, microsecond=0), what="x", zone="America/New_York", days=tuple(days))
    now = now.replace(tzinfo=UTC)
    found = nearest(moment, now, started_at=now)
    assert found is not None
    assert timedelta(hours=-1) <= found.at - now <= timedelta(days=8)


def test_pressure_rises_over_the_last_two_hours_and_stays():
    now = utc("2026-03-03T02:00")
    felt = [pressing([due(now + timedelta(minutes=m), now)], now, 7200)[0] for m in (180, 120, 60, 0, -60)]
    assert felt == [0.0, 0.0, 0.5, 1.0, 1.0]
