"""A user's care.toml adds to the phrases, silences them, and is told where it is wrong."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.hear import hear
from oncall_tui.care.phrasebook import KINDS, load
from oncall_tui.errors import ConfigError


def heard(text: str, extra: str, language: str = "nl") -> list[str]:
    return [hint.phrase for hint in hear(text, language, load(tomllib.loads(extra)))]


def test_a_phrase_of_ones_own_is_heard() -> None:
    extra = '[nl.jargon]\n"kanban*" = ["Een bord.", "ons overzicht"]'
    assert heard("op het kanbanbord", extra) == ["kanbanbord"]
    assert hear("kanban", "nl", load(tomllib.loads(extra)))[0].say_instead == "ons overzicht"


def test_another_language_can_be_added() -> None:
    assert heard("Das dauert leider", '[de.delay]\n"dauert" = ["Nie.", "um vier"]', "de") == ["dauert"]


@pytest.mark.parametrize("entry", ["ticket|tickets|ticketnummer", "jargon", "het ticket", "Ticket"])
def test_what_is_silenced_is_heard_no_more_by_phrase_kind_or_own_words(entry: str) -> None:
    assert heard("Ik heb het ticket", "") == ["ticket"]
    assert heard("Ik heb het ticket", f'silence = ["{entry}"]') == []


def test_silencing_one_leaves_the_others() -> None:
    assert heard("ticket, vertraging", 'silence = ["jargon"]') == ["vertraging"]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ('[nl.late]\n"x" = ["a", "b"]', "nl.late: is no table of a kind; there are delay, doubt"),
        ('[nl.delay]\n"x" = "a"', 'nl.delay."x": must be two texts'),
        ('[nl.delay]\n"... x" = ["a", "b"]', "must begin and end with a word"),
        ('[nl.delay]\n"x?" = ["a", "b"]', "hold one that is not optional"),
        ('[nl.delay]\n"" = ["a", "b"]', "must begin and end with a word"),
        ('silence = "ticket"', "silence: must be a list"),
        ('nl = "delay"', "nl: must be a table of a language"),
        ("[nl]\nfine = 3", "nl.fine: must be a list"),
        ("[nl]\ndelay = 3", "nl.delay: is no table of a kind"),
    ],
)
def test_a_wrong_care_toml_is_told_with_its_key_and_what_is_allowed(extra: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tomllib.loads(extra))
    assert words in caught.value.words


PHRASES = st.text(st.sampled_from("ab|+?*. ")) | st.text()
VALUES = st.lists(PHRASES, max_size=3) | st.lists(st.integers(), max_size=2) | PHRASES | st.booleans()
KEYS = st.sampled_from(("silence", "fine", "nl", "de", *KINDS)) | PHRASES
TABLES = st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES | st.dictionaries(PHRASES, VALUES)))


@given(TABLES)
def test_no_care_toml_fails_in_another_way(theirs: dict[str, Any]) -> None:
    with suppress(ConfigError):
        load(theirs)
