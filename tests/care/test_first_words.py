"""The first words are true, whole, in their language, and frighten nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.first_words import first_words
from oncall_tui.care.hear import hear
from oncall_tui.care.promises import promised
from oncall_tui.care.templates import fill, first_name, unfilled

HERE = ZoneInfo("Europe/Amsterdam")
NIGHT = datetime(2026, 11, 23, 3, 14, tzinfo=HERE)
SOON = NIGHT + timedelta(minutes=20)


def say(
    language: str, contact: str = "Ron van Dam", promise: datetime | None = SOON, process: str = "14 winkels"
) -> str:
    return first_words(
        language,
        customer="Bakkerij De Korenaar",
        contact=contact,
        core_process=process,
        me="Sanne de Vries",
        promise=promise,
        zone=HERE,
    )


def test_in_dutch_they_say_who_is_here_what_hangs_on_it_and_when_the_next_word_comes() -> None:
    assert say("nl") == (
        "Dag Ron,\n\n"
        "Ik ben Sanne, en ik ben er nu. Ik heb het probleem van Bakkerij De Korenaar voor me en ben ermee bezig.\n"
        "Ik weet wat er voor u van afhangt: 14 winkels.\n\n"
        "Uiterlijk om 03:34 hoort u weer van mij, ook als het dan nog niet werkt.\n\n"
        "Sanne"
    )


def test_in_english_they_say_the_same() -> None:
    assert say("en").startswith("Hello Ron,\n\nThis is Sanne, and I am here now.")
    assert "By 03:34 you will hear from me again" in say("en")


@pytest.mark.parametrize(("language", "start"), [("nl-BE", "Dag"), ("", "Hello"), ("fr", "Hello"), ("EN", "Hello")])
def test_a_language_that_we_do_not_speak_gets_english(language: str, start: str) -> None:
    assert say(language).startswith(start)


def test_what_is_not_known_is_left_out() -> None:
    words = say("nl", contact="", promise=None, process="")
    assert words.startswith("Dag,\n")
    assert "Uiterlijk" not in words
    assert "hangt" not in words
    assert unfilled(words) == ()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_they_frighten_nobody_and_their_promise_is_found_again(language: str) -> None:
    assert hear(say(language), language) == []
    assert promised(say(language), NIGHT, HERE) == SOON


@pytest.mark.parametrize(
    ("contact", "name"),
    [
        ("Ron van Dam", "Ron"),
        ("van Dam, Ron", "Ron"),
        ("Ron (bakkerij)", "Ron"),
        ("ron@korenaar.nl", ""),
        ("+31 6 1234", ""),
        ("klant4711", ""),
        ("", ""),
        (",", ""),
    ],
)
def test_a_first_name_is_a_name_or_nothing(contact: str, name: str) -> None:
    assert first_name(contact) == name


def test_an_empty_place_stays_to_be_seen_and_is_named() -> None:
    text = fill("Dag {first_name}, {eta} hoort {customer} van mij. {eta}", {"first_name": "Ron", "customer": " "})
    assert text == "Dag Ron, {eta} hoort {customer} van mij. {eta}"
    assert unfilled(text) == ("eta", "customer")


def test_a_misspelt_place_cannot_be_sent_either_and_braces_that_are_none_of_ours_can() -> None:
    assert unfilled('{custmer} sent {"a": 1}, {} and { eta }') == ("custmer",)
    assert unfilled("{firstname} {found} {colleague}") == ("firstname", "found", "colleague")
    assert unfilled("up{job=x} in {namespace}, {pod}, {instance} and {host}: {message} {status} {id} {name}") == ()


def test_braces_in_what_is_filled_in_fill_nothing() -> None:
    assert fill("{customer}", {"customer": "{eta}", "eta": "04:00"}) == "{eta}"


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_filling_never_fails_and_leaves_a_text_without_places_as_it_is(text: str, values: dict[str, str]) -> None:
    filled = fill(text, values)
    if not unfilled(text):
        assert filled == text


def test_what_differs_between_several_readers_stays_open_and_what_one_of_them_lacks_is_left_out() -> None:
    def told(*each: str) -> str:
        return first_words(
            "nl", customer="", contact="", core_process="", me="Sanne", promise=SOON, zone=HERE, each=each
        )

    assert unfilled(told("customer", "first_name", "core_process")) == ("first_name", "customer", "core_process")
    assert told("customer").startswith("Dag,\n")
    assert "hangt" not in told("customer", "first_name")
