"""The time at which the customer was told to hear from us again, and nothing else, is a promise."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care import promises
from oncall_tui.care.promises import promised

HERE = ZoneInfo("Europe/Amsterdam")
NIGHT = datetime(2026, 11, 23, 3, 14, tzinfo=HERE)


def told(text: str, said_at: datetime = NIGHT) -> str | None:
    at = promised(text, said_at, HERE)
    return f"{at.astimezone(HERE):%H:%M}" if at else None


def cases(table: str) -> pytest.MarkDecorator:
    """A table of lines ``words -> what they promise``."""
    rows = [row.rpartition(" -> ") for row in table.strip().splitlines()]
    return pytest.mark.parametrize(("text", "at"), [(text.strip(), at.strip()) for text, _, at in rows])


def lines(table: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("text", [row.strip() for row in table.strip().splitlines()])


@cases("""
    binnen 20 minuten -> 03:34
    om 04:00 -> 04:00
    in half an hour -> 03:44
    before 4am -> 04:00
""")
def test_the_four_that_the_product_names(text: str, at: str) -> None:
    assert told(text) == at


@cases("""
    Ik bel u binnen 20 minuten. -> 03:34
    over een half uur -> 03:44
    over een halfuurtje? Nee: over een half uurtje bel ik -> 03:44
    Over een kwartier hoort u van mij -> 03:29
    binnen drie kwartier -> 03:59
    binnen het uur -> 04:14
    binnen één uur -> 04:14
    over anderhalf uur -> 04:44
    over 1,5 uur -> 04:44
    over twee uur -> 05:14
    binnen een paar minuten -> 03:19
    binnen eenentwintig minuten -> 03:35
    over een minuutje -> 03:15
    binnen nu en een half uur -> 03:44
    binnen de komende 20 minuten -> 03:34
    in het komende uur -> 04:14
    over hooguit 20 minuten -> 03:34
    uiterlijk over een half uur -> 03:44
    De herstart duurt nog 20 minuten -> 03:34
    Geef me nog 20 minuten -> 03:34
    geef ons een half uur -> 03:44
    over 10 min terug -> 03:24
    over 20m -> 03:34
    in half an hour -> 03:44
    In a quarter of an hour -> 03:29
    in three quarters of an hour -> 03:59
    within the hour -> 04:14
    in an hour and a half -> 04:44
    in one and a half hours -> 04:44
    in an hour -> 04:14
    I'll be back in ten minutes -> 03:24
    I'll be back in 20 mins -> 03:34
    in 5 min -> 03:19
    in 20min -> 03:34
    in a few minutes -> 03:19
    in a couple of hours -> 08:14
    in twenty-five minutes -> 03:39
    in forty five minutes -> 03:59
    in about 20 minutes -> 03:34
    in the next 20 minutes -> 03:34
    in at most 20 minutes -> 03:34
    within the next half hour -> 03:44
    in less than an hour -> 04:14
    give me 20 minutes -> 03:34
    I need another 20 minutes -> 03:34
    within a day -> 03:14
""")
def test_a_span_counts_from_when_it_was_said(text: str, at: str) -> None:
    assert told(text) == at


@cases("""
    binnen 20-30 minuten -> 03:44
    binnen 20 - 30 minuten -> 03:44
    over 20 à 30 minuten -> 03:44
    over tien of vijftien minuten -> 03:29
    over twintig tot dertig minuten -> 03:44
    over een minuut of 20 bel ik -> 03:34
    over een uur of twee -> 05:14
    within 20–30 minutes -> 03:44
    in 20 to 30 minutes -> 03:44
    in two or three hours -> 06:14
    in an hour or two -> 05:14
    tussen 04:00 en 04:30 bel ik u -> 04:30
    tussen vier en half vijf bel ik -> 04:30
    om 04:00 of 04:30 -> 04:30
    rond 4 of 5 uur bel ik u -> 05:00
    between 4 and 4:30 am -> 04:30
    between now and 4am -> 04:00
    at 4-5 am -> 05:00
""")
def test_of_what_is_left_open_the_later_end_is_promised(text: str, at: str) -> None:
    assert told(text) == at


@cases("""
    u hoort elk half uur van mij -> 03:44
    u hoort elke 20 minuten van mij -> 03:34
    ik meld me om het kwartier -> 03:29
    Ik bel om de 20 minuten -> 03:34
    you will hear from me every 20 minutes -> 03:34
    I call you every hour -> 04:14
""")
def test_what_comes_again_and_again_is_first_promised_for_the_first_time(text: str, at: str) -> None:
    assert told(text) == at


@cases("""
    Om 04:00 hoort u van mij. -> 04:00
    om 4.30 uur -> 04:30
    Ik ben er om 04.00u -> 04:00
    om 3u45 -> 03:45
    om vier uur dertig bel ik -> 04:30
    Tegen half vijf bel ik u. -> 04:30
    ik bel je half 5 -> 04:30
    Ik bel kwart voor vijf -> 04:45
    om kwart over vier -> 04:15
    om vijf voor half vijf -> 04:25
    om tien over half vijf -> 04:40
    om vijf over vier -> 04:05
    vóór vieren -> 04:00
    tegen vijven bel ik -> 05:00
    voor 4 uur -> 04:00
    om 4 bel ik u -> 04:00
    uiterlijk om 04:00 -> 04:00
    Uiterlijk 4 uur hoort u van mij -> 04:00
    u hoort niet later dan 04:00 van mij -> 04:00
    om 4 uur 's nachts -> 04:00
    om middernacht -> 00:00
    Volgende update: 04:00 -> 04:00
    Het wordt 04:30 -> 04:30
    before 4am -> 04:00
    by 4:30 a.m. -> 04:30
    I will call you at 4:00 p.m. -> 16:00
    I'll call at 0400 -> 04:00
    no later than 4 am -> 04:00
    I'll ring you at 4 -> 04:00
    at half four -> 04:30
    I'll call at half 4 -> 04:30
    at half past three -> 03:30
    half vier -> 03:30
    We call at quarter past four -> 04:15
    at twenty past four I call -> 04:20
    by quarter to five -> 04:45
    at ten to four -> 03:50
    at four thirty I will call -> 04:30
    next update 04:00 -> 04:00
    at 16:00 -> 16:00
    by 3 pm -> 15:00
    vanmiddag om 3 uur -> 15:00
    om drie uur -> 15:00
    by noon -> 12:00
    om 12 uur 's middags -> 12:00
    vanavond om 8 uur bel ik -> 20:00
    tonight at 11 I call -> 23:00
    Next update at 04:00 UTC -> 05:00
""")
def test_a_time_of_day_is_the_next_that_comes(text: str, at: str) -> None:
    assert told(text, NIGHT if "middernacht" not in text else NIGHT.replace(hour=20)) == at


@lines("""
    sinds 04:00 ligt het plat
    since 4 am
    Sinds ongeveer half vier zie ik het
    vanaf 04:00
    Ik ben er al een uur mee bezig
    20 minuten geleden
    20 minutes ago
    in the last 20 minutes
    It has been down for over 20 minutes
    It has been broken for an hour
    Om 03:00 viel het uit
    Om 03:00 viel het uit en om 04:00 weer
    Vannacht om 04:00 ging het mis
    Om 22:00 heb ik de server herstart
    I restarted it at 4 pm
    At 03:30 yesterday
""")
def test_what_is_past_promises_nothing(text: str) -> None:
    assert told(text) is None


@lines("""
    Ik bel niet voor 04:00
    U hoort niets voor 04:00
    Ik blijf bij u tot 04:00
    Ik bel u na 04:00
    Ik kan niet beloven dat ik om 04:00 bel
    Ik weet niet of ik om 04:00 al meer weet
    Ik betwijfel of ik om 04:00 meer weet
    I can't promise it within 20 minutes
    I can't promise that I'll call at 04:00
    I don't know if I can call at 04:00
    I don't think I can call by 04:00
    You will not hear from me before 04:00
""")
def test_what_is_denied_promises_nothing(text: str) -> None:
    assert told(text) is None


@lines("""
    Ik weet dat uw ovens om 04:30 laden
    Uw ovens laden om 04:30 en om 05:30
    De winkels openen om 06:00
    Mijn dienst loopt om 07:00 af
    Ik weet dat elk uur telt
    Kunt u om 04:00 bellen?
    Your ovens load at 04:30
    Can you call at 04:00?
    > om 04:00 bel ik
""")
def test_what_is_theirs_or_asked_promises_nothing(text: str) -> None:
    assert told(text) is None


@lines("""
    om 14 winkels
    voor 14 klanten zoek ik dit uit
    om 25:00
    at 04:75
    at 13pm
    half a day
    I need 10 to 15 minutes
    with 5 to 10 people
    I am looking at this for 3 sites
    I call you about 5 customers
    Call me at 06-12345678
    bel 112
    binnenkort
    in 2026
    in 5 stores
    binnen 99999 uur
    ik ben er voor een uur
    binnen 0 minuten
    ...
""")
def test_what_is_no_time_promises_nothing(text: str) -> None:
    assert told(text) is None


@cases("""
    Ik heb nog geen oorzaak en bel u om 04:00 -> 04:00
    Ik bel u om 04:00 en laat u niet alleen -> 04:00
    U hoort binnen 20 minuten van mij en niet later -> 03:34
    Na de herstart bel ik u om 04:00 -> 04:00
    Ik was even weg en bel u om 04:00 -> 04:00
    Dat weet ik nog niet ik bel u om 04:00 -> 04:00
    Niet om 04:00 maar om 04:30 bel ik -> 04:30
    Als ik niets hoor bel ik om 04:00 -> 04:00
    Geen zorgen om 04:00 bel ik -> 04:00
    Om 04:00 heb ik het gerepareerd -> 04:00
    We hebben nog 3 uur voordat uw ovens laden -> 06:14
    I have no answer yet and will call at 04:00 -> 04:00
    I won't leave you and I will call at 04:00 -> 04:00
    No worries I'll call at 04:00 -> 04:00
    It failed at 03:00 and I will call you at 04:00 -> 04:00
    You will hear from me by 04:00 whether it works or not -> 04:00
""")
def test_what_is_said_beside_it_takes_no_promise_back(text: str, at: str) -> None:
    assert told(text) == at


@cases("""
    Over een uur hoort u van mij, of om 03:45 als ik eerder iets weet -> 03:45
    Uw ovens laden om 04:30, dus u hoort om 04:00 van mij -> 04:00
    Het ligt sinds 02:00 plat, om 04:00 bel ik -> 04:00
    Over 20 minuten hoort u van mij, ook als het nog niet klaar is. Anders om 04:00. -> 03:34
""")
def test_the_earliest_promise_counts(text: str, at: str) -> None:
    assert told(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("maandag om 9 uur", datetime(2026, 11, 23, 9, 0, tzinfo=HERE)),
        ("maandag om 3 uur 's nachts", datetime(2026, 11, 30, 3, 0, tzinfo=HERE)),
        ("on Tuesday at 9", datetime(2026, 11, 24, 9, 0, tzinfo=HERE)),
        ("dinsdagochtend om 9 uur", datetime(2026, 11, 24, 9, 0, tzinfo=HERE)),
        ("morgenochtend om 9 uur", datetime(2026, 11, 23, 9, 0, tzinfo=HERE)),
        ("overmorgen om 9 uur", datetime(2026, 11, 24, 9, 0, tzinfo=HERE)),
        ("binnen twee dagen", NIGHT + timedelta(days=2)),
    ],
)
def test_a_day_that_is_named_is_that_day_and_before_five_tomorrow_is_when_the_night_is_over(
    text: str, at: datetime
) -> None:
    assert promised(text, NIGHT, HERE) == at


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


def wall(at: datetime, zone: tzinfo) -> datetime:
    """What a clock on the wall of that zone shows."""
    return at.astimezone(zone).replace(tzinfo=None)


# Half an hour of summer time, none, two of the southern half, and one that is never a whole hour off.
zones = st.sampled_from(
    [HERE, *map(ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Africa/Casablanca")),
     timezone(timedelta(hours=5, minutes=45)), UTC]
)  # fmt: skip
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=zones)  # noqa: DTZ001 (zones come after)
words = st.sampled_from(
    re.findall(
        r"\S+",
        "om binnen over in at by half kwart voor een a 4 20 04:00 99 uur hour am morgen niet en and tussen between of or to tot"
        " - , . nog the next minutes maandag tonight UTC ik u zero twintig vieren",
    )
)
texts = st.text() | st.lists(words).map(" ".join)


@given(texts, times, zones | st.none())
def test_it_never_fails_and_a_promise_lies_ahead_within_a_week(
    text: str, said_at: datetime, zone: tzinfo | None
) -> None:
    at = promised(text, said_at, zone)
    assert at is None or (at.tzinfo is UTC and timedelta(0) < at - said_at <= timedelta(days=7))


said = st.sampled_from(
    ["ik bel u", "om 04:00", "over 20 minuten", "niet", "kunt u", "en", "dat", "maar", "of", "twintig", "tot", "uw winkel", "half vijf",
     "was", "nu", "later dan", ";", ",", "\n", "\n> ", "\r", "ΑΣ"]
)  # fmt: skip


@given(st.lists(said).map(" ".join) | st.lists(texts, max_size=6).map("\n".join))
def test_lines_that_are_read_one_by_one_say_what_the_whole_text_says(text: str) -> None:
    assert list(promises._timed(text)) == list(promises.timed(text))


@given(texts, st.datetimes(timezones=st.timezones()), zones | st.none())
def test_no_moment_of_the_calendar_makes_it_fail(text: str, said_at: datetime, zone: tzinfo | None) -> None:
    promised(text, said_at, zone)


@given(times, st.integers(0, 23), st.integers(0, 59))
def test_a_written_clock_time_is_what_the_clock_shows_then(said_at: datetime, hour: int, minute: int) -> None:
    at = promised(f"om {hour:02}:{minute:02} bel ik", said_at, UTC)
    ahead = (datetime(2000, 1, 1, hour, minute) - datetime(2000, 1, 1) - _of_day(said_at)) % timedelta(days=1)  # noqa: DTZ001
    if at is None:
        assert ahead > timedelta(hours=16) or not ahead
    else:
        assert at - said_at.astimezone(UTC) == ahead


@given(times, zones, st.integers(0, 23), st.integers(0, 59))
def test_in_every_zone_it_is_the_first_time_that_clocks_show_it(
    said_at: datetime, zone: tzinfo, hour: int, minute: int
) -> None:
    at = promised(f"om {hour:02}:{minute:02} bel ik", said_at, zone)
    if at is None:
        return
    clock = wall(at, zone)
    if (clock.hour, clock.minute) == (hour, minute):
        earlier = (
            said_at.astimezone(UTC) + timedelta(minutes=n) for n in range(int((at - said_at) / timedelta(minutes=1)))
        )
        assert not any((w.hour, w.minute) == (hour, minute) for w in (wall(e, zone) for e in earlier if e > said_at))
    else:  # clocks skip it: then it is the moment at which they do
        before, meant = wall(at - timedelta(minutes=1), zone), clock.replace(hour=hour, minute=minute)
        assert before < meant < clock


@given(times, zones, st.integers(1, 600))
def test_a_span_is_as_long_as_it_says_whatever_clocks_do(said_at: datetime, zone: tzinfo, minutes: int) -> None:
    assert promised(f"binnen {minutes} minuten", said_at, zone) == said_at.astimezone(UTC) + timedelta(minutes=minutes)


@given(
    times, zones, st.integers(1, 300), st.integers(1, 300), st.sampled_from(["-", " - ", " à ", " to ", " of ", "–"])
)
def test_the_later_end_of_a_span_left_open_is_promised(
    said_at: datetime, zone: tzinfo, first: int, second: int, between: str
) -> None:
    at = promised(f"in {first}{between}{second} minutes", said_at, zone)
    assert at == said_at.astimezone(UTC) + timedelta(minutes=second)


@given(times, zones, st.integers(1, 12), st.sampled_from(["am", "pm"]))
def test_am_is_before_noon_and_pm_after_it(said_at: datetime, zone: tzinfo, hour: int, half: str) -> None:
    at = promised(f"tomorrow by {hour} {half}", said_at, zone)
    assert at is not None
    assert wall(at, zone).hour == hour % 12 + (12 if half == "pm" else 0) or wall(at, zone).minute == 0


def test_without_a_zone_the_clock_is_the_machine_s_own_also_when_summer_time_ends_in_between() -> None:
    before = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, an hour before clocks go back
    with own_zone("Europe/Amsterdam"):
        assert promised("om 04:00 bel ik", before) == datetime(2026, 10, 25, 3, 0, tzinfo=UTC)
    with own_zone("America/New_York"):
        assert promised("om 04:00 bel ik", before) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)


@contextmanager
def own_zone(name: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


def test_long_texts_are_read_in_no_time_at_all() -> None:
    for piece in ("nog ", "in the next ", "om om ", "20-", "tussen ", "9", "geen ", "ik ", "a of ", "half "):
        began = time.process_time()
        promised((piece * 64_000)[:64_000], NIGHT, HERE)
        assert time.process_time() - began < 3, piece


def _of_day(at: datetime) -> timedelta:
    utc = at.astimezone(UTC)
    return timedelta(hours=utc.hour, minutes=utc.minute, seconds=utc.second, microseconds=utc.microsecond)
