"""What is meant by the beginning of a night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.core.since import since

NOW = datetime(2026, 1, 14, 5, 0, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("22:00", "2026-01-13T21:00"),
        ("5:30", "2026-01-14T04:30"),
        ("06:00", "2026-01-14T05:00"),
        ("06:01", "2026-01-13T05:01"),
        ("12h", "2026-01-13T17:00"),
        ("7d", "2026-01-07T05:00"),
    ],
)
def test_a_beginning_is_the_last_such_moment(text: str, at: str) -> None:
    assert since(text, NOW, AMSTERDAM) == datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "24:00", "22:60", "999999999d", "0m", "-5m"])
def test_what_is_no_beginning_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        since(text, NOW, AMSTERDAM)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)), st.times())  # noqa: DTZ001
def test_it_lies_behind_and_not_more_than_a_day_and_an_hour(now: datetime, at) -> None:  # type: ignore[no-untyped-def]
    now = now.replace(tzinfo=UTC)
    meant = since(f"{at:%H:%M}", now, AMSTERDAM)
    assert timedelta(0) <= now - meant <= timedelta(hours=25)
