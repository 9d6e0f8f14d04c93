"""The language of a text is told when it can be told, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.language import told_by


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("De winkels kunnen niet bestellen, bel mij!", "nl"),
        ("Hallo? Wat is er aan de hand met het systeem", "nl"),
        ("The shops cannot order, please call me", "en"),
        ("Is it down for you as well?", "en"),
        ("orders-api 503", ""),
        ("budget", ""),
        ("", ""),
        ("de the het a", ""),
        ("注文ができません", ""),
    ],
)
def test_small_words_tell_it(text: str, language: str) -> None:
    assert told_by(text) == language


@given(st.text())
def test_any_text_is_in_one_or_in_none(text: str) -> None:
    assert told_by(text) in ("nl", "en", "")
