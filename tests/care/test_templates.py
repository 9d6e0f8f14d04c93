"""Words to begin with say who is here and when the next word comes, frighten nobody, and are there in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oncall_tui.care.hear import hear
from oncall_tui.care.promises import promised
from oncall_tui.care.templates import VARIABLES, fill, offered, offered_notes, unfilled

EVERY = [(language, name) for language in ("nl", "en") for name in offered("nl")]
FILLED = dict.fromkeys(VARIABLES, "Ron") | {"eta": "04:00"}
NIGHT = datetime(2026, 11, 23, 3, 14, tzinfo=UTC)


def test_both_languages_offer_the_same() -> None:
    assert list(offered("nl")) == list(offered("en")) == ["here", "still", "meanwhile", "ask", "works", "over"]
    assert offered("nl-BE") is not offered("fr")
    assert offered("fr") == offered("en")


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_they_frighten_nobody_and_promise_the_time_that_was_filled_in(language: str, name: str) -> None:
    text = fill(offered(language)[name], FILLED)
    assert hear(text, language) == []
    assert promised(text, NIGHT, UTC) == (None if name == "works" else datetime(2026, 11, 23, 4, 0, tzinfo=UTC))


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_only_what_nobody_but_the_engineer_knows_is_left_to_fill(language: str, name: str) -> None:
    left = {"still": ("found",), "meanwhile": ("way",), "ask": ("question",), "over": ("colleague",)}
    assert unfilled(fill(offered(language)[name], FILLED)) == left.get(name, ())
    assert unfilled(fill(offered(language)[name], {})) != ()


@pytest.mark.parametrize("language", ["nl_NL.UTF-8", "en_GB", "C", ""])
def test_notes_begin_with_what_a_colleague_needs_and_leave_no_place_to_fill(language: str) -> None:
    assert list(offered_notes(language)) == ["state", "tried", "called", "over"]
    known = {"customer": "De Korenaar", "core_process": "orders"}
    assert all(unfilled(fill(text, known)) == () for text in offered_notes(language).values())
    assert ("Ik zie:" in offered_notes(language)["state"]) is language.startswith("nl")
