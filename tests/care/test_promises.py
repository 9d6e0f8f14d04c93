"""The time at which the customer was told to hear from us again, and nothing else, is a promise."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.promises import promised

HERE = ZoneInfo("Europe/Amsterdam")
NIGHT = datetime(2026, 11, 23, 3, 14, tzinfo=HERE)


def told(text: str, said_at: datetime = NIGHT) -> str | None:
    at = promised(text, said_at, HERE)
    return f"{at.astimezone(HERE):%H:%M}" if at else None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Ik bel u binnen 20 minuten.", "03:34"),
        ("over een half uur", "03:44"),
        ("over een halfuurtje? Nee: over een half uurtje bel ik", "03:44"),
        ("Over een kwartier hoort u van mij", "03:29"),
        ("binnen drie kwartier", "03:59"),
        ("binnen het uur", "04:14"),
        ("over anderhalf uur", "04:44"),
        ("over 1,5 uur", "04:44"),
        ("over twee uur", "05:14"),
        ("binnen een paar minuten", "03:19"),
        ("in half an hour", "03:44"),
        ("In a quarter of an hour", "03:29"),
        ("within the hour", "04:14"),
        ("in an hour and a half", "04:44"),
        ("in an hour", "04:14"),
        ("I'll be back in ten minutes", "03:24"),
        ("in 5 min", "03:19"),
        ("in a few minutes", "03:19"),
        ("in about 20 minutes", "03:34"),
    ],
)
def test_a_span_counts_from_when_it_was_said(text: str, at: str) -> None:
    assert told(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Om 04:00 hoort u van mij.", "04:00"),
        ("om 4.30 uur", "04:30"),
        ("om 3u45", "03:45"),
        ("Tegen half vijf bel ik u.", "04:30"),
        ("Ik bel kwart voor vijf", "04:45"),
        ("om kwart over vier", "04:15"),
        ("om vijf voor half vijf", "04:25"),
        ("om tien over half vijf", "04:40"),
        ("om vijf over vier", "04:05"),
        ("vóór vieren", "04:00"),
        ("voor 4 uur", "04:00"),
        ("uiterlijk om 04:00", "04:00"),
        ("u hoort niet later dan 04:00 van mij", "04:00"),
        ("before 4am", "04:00"),
        ("by 4:30 a.m.", "04:30"),
        ("no later than 4 am", "04:00"),
        ("at half four", "04:30"),
        ("at half past three", "03:30"),
        ("half vier", "03:30"),
        ("We call at quarter past four", "04:15"),
        ("at 16:00", "16:00"),
        ("by 3 pm", "15:00"),
        ("vanmiddag om 3 uur", "15:00"),
        ("om drie uur", "15:00"),
        ("by noon", "12:00"),
    ],
)
def test_a_time_of_day_is_the_next_that_comes(text: str, at: str) -> None:
    assert told(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "sinds 04:00 ligt het plat",
        "since 4 am",
        "vanaf 04:00",
        "20 minuten geleden",
        "20 minutes ago",
        "It has been down for over 20 minutes",
        "Om 03:00 viel het uit",
        "At 03:30 yesterday",
        "Ik blijf bij u tot 04:00",
        "Ik bel niet voor 04:00",
        "I can't promise it within 20 minutes",
        "Ik weet dat uw ovens om 04:30 laden",
        "Your ovens load at 04:30",
        "om 14 winkels",
        "om 25:00",
        "at 04:75",
        "half a day",
        "I need 10 to 15 minutes",
        "with 5 to 10 people",
        "> om 04:00 bel ik",
        "binnenkort",
        "in 2026",
        "binnen 99999 uur",
        "",
    ],
)
def test_what_is_past_denied_theirs_or_no_time_promises_nothing(text: str) -> None:
    assert told(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Over een uur hoort u van mij, of om 03:45 als ik eerder iets weet", "03:45"),
        ("Uw ovens laden om 04:30, dus u hoort om 04:00 van mij", "04:00"),
        ("Het ligt sinds 02:00 plat, om 04:00 bel ik", "04:00"),
        ("Over 20 minuten hoort u van mij, ook als het nog niet klaar is. Anders om 04:00.", "03:34"),
    ],
)
def test_the_earliest_promise_counts(text: str, at: str) -> None:
    assert told(text) == at


def test_a_promise_crosses_midnight() -> None:
    late = datetime(2026, 11, 23, 23, 50, tzinfo=HERE)
    assert promised("over een half uur", late, HERE) == datetime(2026, 11, 24, 0, 20, tzinfo=HERE)
    assert promised("om 00:30", late, HERE) == datetime(2026, 11, 24, 0, 30, tzinfo=HERE)
    assert promised("om middernacht bel ik", late, HERE) == datetime(2026, 11, 24, 0, 0, tzinfo=HERE)
    assert promised("morgen om 9 uur", late, HERE) == datetime(2026, 11, 24, 9, 0, tzinfo=HERE)


def test_when_the_clocks_go_back_a_span_is_as_long_as_it_says_and_a_time_is_the_first_that_comes() -> None:
    first_two = datetime(2026, 10, 25, 2, 40, tzinfo=HERE)
    assert promised("over een half uur", first_two, HERE) == first_two.astimezone(UTC) + timedelta(minutes=30)
    assert promised("om 02:50", first_two, HERE) == datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    second_two = datetime(2026, 10, 25, 2, 40, fold=1, tzinfo=HERE)
    assert promised("om 02:50", second_two, HERE) == datetime(2026, 10, 25, 1, 50, tzinfo=UTC)


def test_when_the_clocks_go_forward_a_promise_is_kept_in_time() -> None:
    before = datetime(2026, 3, 29, 1, 50, tzinfo=HERE)
    assert promised("om 03:15", before, HERE) == datetime(2026, 3, 29, 1, 15, tzinfo=UTC)  # 25 minutes later
    missing = promised("om 02:30", before, HERE)
    assert missing is not None
    assert before < missing <= datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


zones = st.sampled_from([HERE, ZoneInfo("America/New_York"), timezone(timedelta(hours=5, minutes=45)), UTC])
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=zones)  # noqa: DTZ001 (zones come after)
texts = st.text() | st.lists(
    st.sampled_from(
        re.findall(r"\S+", "om binnen over in at by half kwart voor een a 4 20 04:00 99 uur hour am morgen niet , .")
    )
).map(" ".join)


@given(texts, times, zones)
def test_it_never_fails_and_a_promise_lies_ahead_within_a_week(text: str, said_at: datetime, zone: ZoneInfo) -> None:
    at = promised(text, said_at, zone)
    assert at is None or (at.tzinfo is UTC and timedelta(0) < at - said_at <= timedelta(days=7))


@given(times, st.integers(0, 23), st.integers(0, 59))
def test_a_written_clock_time_is_what_the_clock_shows_then(said_at: datetime, hour: int, minute: int) -> None:
    at = promised(f"om {hour:02}:{minute:02} bel ik", said_at, UTC)
    ahead = (datetime(2000, 1, 1, hour, minute) - datetime(2000, 1, 1) - _of_day(said_at)) % timedelta(days=1)  # noqa: DTZ001
    if at is None:
        assert ahead > timedelta(hours=16) or not ahead
    else:
        assert at - said_at.astimezone(UTC) == ahead


def _of_day(at: datetime) -> timedelta:
    utc = at.astimezone(UTC)
    return timedelta(hours=utc.hour, minutes=utc.minute, seconds=utc.second, microseconds=utc.microsecond)
