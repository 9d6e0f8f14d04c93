"""What is drawn together is its words, a clause ends where a sentence turns, and nothing of a text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.clauses import apart, words_of


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("can't", ("can", "not")),
        ("cannot", ("can", "not")),
        ("won't", ("will", "not")),
        ("isn't", ("is", "not")),
        ("you're", ("you", "are")),
        ("i'm", ("i", "am")),
        ("we'll", ("we", "will")),
        ("it's", ("it", "is")),
        ("week's", ("week",)),
        ("collega's", ("collega",)),
        ("wachten", ("wachten",)),
        ("n't", ("n't",)),
    ],
)
def test_what_is_drawn_together_is_the_words_that_it_is(word: str, words: tuple[str, ...]) -> None:
    assert apart(word) == words


def test_the_words_of_one_that_is_drawn_together_have_its_place() -> None:
    assert [(word.text, word.start, word.end) for word in words_of("We can’t")] == [
        ("we", 0, 2),
        ("can", 3, 8),
        ("not", 3, 8),
    ]


def test_a_clause_ends_with_a_mark_an_empty_line_and_where_the_sentence_turns() -> None:
    assert [word.clause for word in words_of("ja, nee maar\n\nu")] == [0, 1, 2, 3]


@given(st.text())
def test_every_word_has_its_place_and_clauses_only_go_up(text: str) -> None:
    words = words_of(text)
    assert all(text[word.start : word.end].strip() and word.text for word in words)
    assert [word.clause for word in words] == sorted(word.clause for word in words)
