"""The wording that screen and command line share."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui import words
from oncall_tui.model import Health, State, Verb, Write

NOW = datetime(2026, 11, 23, 3, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "now"),
        (59, "now"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (4560, "1h 16m"),
        (86400, "1d"),
        (266400, "3d 2h"),
    ],
)
def test_a_span_is_said_as_people_say_it_at_night(seconds: float, said: str) -> None:
    assert words.span(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(-5, "0:00"), (9, "0:09"), (761, "12:41"), (3723, "1:02:03"), (266400, "3d 2h")]
)
def test_a_running_clock_shows_seconds_until_it_is_a_day_old(seconds: float, said: str) -> None:
    assert words.ticking(seconds) == said


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=20), "03:34"),
        (timedelta(hours=11), "14:14"),
        (timedelta(hours=20), "23:14"),
        (timedelta(hours=30), "Tue 09:14"),
        (timedelta(days=-2), "Sat 03:14"),
        (timedelta(days=8), "2026-12-01 03:14"),
    ],
)
def test_a_time_on_another_day_has_its_day(ahead: timedelta, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert words.when(NOW + ahead, NOW) == said


def test_a_time_after_midnight_needs_no_day_while_it_is_near() -> None:
    evening = NOW.replace(hour=20)
    assert words.when(evening + timedelta(hours=6), evening) == words.clock(evening + timedelta(hours=6))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15s", 15),
        ("5m", 300),
        ("2h", 7200),
        ("30d", 2592000),
        ("1h30m", 5400),
        (" 1h 30m ", 5400),
        ("0.5h", 1800),
        ("0s", 0),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert words.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "5m!", "1e9s", "5\u0665m", "1.s", "s5"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        words.seconds(text)


@given(st.integers(0, 10**8))
def test_a_length_is_read_back_as_it_was_said(seconds: int) -> None:
    assert abs(words.seconds(words.length(seconds)) - seconds) < 1e-3


def test_what_lies_ahead_by_a_wrong_clock_was_just_now() -> None:
    assert words.ago(NOW + timedelta(hours=1), NOW) == "just now"
    assert words.ago(NOW - timedelta(minutes=9), NOW) == "9m ago"
    assert words.ahead(NOW + timedelta(minutes=19), NOW) == "in 19m"
    assert words.ahead(NOW - timedelta(minutes=19), NOW) == "now"


def write(state: State, fault: str = "") -> Write:
    return Write(id="w", problem="p", ref="desk/1", verb=Verb.NOTE, by="S", asked_at=NOW, state=state, fault=fault)


def test_only_what_the_source_said_is_called_confirmed_or_delivered() -> None:
    said = {state: words.state(write(state)) for state in State}
    assert [state for state, text in said.items() if text.startswith(("delivered", "confirmed"))] == [
        State.DELIVERED,
        State.CONFIRMED,
    ]
    assert not any("done" in text for text in said.values())


def test_the_sources_own_words_stand_behind_what_waits_or_was_refused() -> None:
    assert words.state(write(State.REFUSED, "403: not yours")) == "refused by desk: 403: not yours"
    assert words.state(write(State.DELIVERED, "Dirk has it now")) == "delivered to desk: Dirk has it now"
    assert words.state(write(State.CONFIRMED, "an old fault")) == "confirmed by desk"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"live": True, "fault": "old"}, ""),
        ({"live": False, "fault": "401: refused"}, "401: refused"),
        ({"live": False, "doubt": "0 alerts, was 40"}, "0 alerts, was 40"),
        ({"live": False, "unreadable": 1}, "told 1 record that could not be read"),
        ({"live": False, "gap": "makes no checks"}, "makes no checks"),
        (
            {"live": False, "gap": "makes no checks", "unreadable": 2},
            "makes no checks; told 2 records that could not be read",
        ),
        ({"live": False, "answered_at": NOW - timedelta(minutes=5)}, "last answered 5m ago"),
        ({"live": False}, "has not answered yet"),
    ],
)
def test_a_source_that_is_not_live_always_says_why(source: dict[str, object], said: str) -> None:
    assert words.fault(Health(name="desk", kind="redmine", **source), NOW) == said


def test_a_quoted_text_stays_on_one_short_line() -> None:
    assert words.quoted("") == ""
    assert words.quoted("a\n b") == "“a b”"
    assert words.quoted("x" * 100, 10) == f"“{'x' * 9}…”"


def test_a_moment_is_told_as_the_customers_clock_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert words.their_clock(at, "Europe/Amsterdam") == "04:30 their time"
    assert words.their_clock(at, "") == "03:30"
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    assert words.their_clock(at, "Europe/Amsterdam") == "04:30"
    monkeypatch.undo()
    time.tzset()
