"""What is drawn together is its words, a clause ends where a sentence turns, and nothing of a text is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.clauses import QUOTED, apart, pieces, unquoted, words_of


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


WORDS = ["een", "niet", "maar", ">", ".", ",", "(", "…", "a's", "\r", "Σ.", "x"]
lines = st.builds(
    lambda begin, words: begin + " ".join(words),
    st.sampled_from(["", "> ", "  >"]),
    st.lists(st.sampled_from(WORDS), max_size=4),
)
texts = st.lists(lines).map("\n".join) | st.text()


@given(texts)
def test_quoted_lines_hold_no_word_and_end_clauses_as_they_did(text: str) -> None:
    plain = unquoted(text)
    quoted = [found.span() for found in QUOTED.finditer(text)]
    meant = [word for word in words_of(text) if not any(first <= word.start < last for first, last in quoted)]
    assert len(plain) == len(text)
    assert [word[:3] for word in words_of(plain)] == [word[:3] for word in meant]
    assert [one.clause == other.clause for one, other in pairwise(words_of(plain))] == [
        one.clause == other.clause for one, other in pairwise(meant)
    ]


@given(texts)
def test_pieces_are_the_text_and_hold_whole_clauses(text: str) -> None:
    assert "".join(piece for _, piece in pieces(text)) == text
    assert len(list(pieces(text))) == 1 + sum(
        any(mark in line for mark in ".,;:!?()[]…–—") for line in text.split("\n")
    )
    words = words_of(text)
    for start, piece in pieces(text):
        inside = [word for word in words if start <= word.start < start + len(piece)]
        assert [(word.start + start, word.end + start) for word in words_of(piece)] == [word[1:3] for word in inside]
        clauses = {word.clause for word in inside}
        assert not [word for word in words if word.clause in clauses and word not in inside]


@given(texts, st.data(), st.sampled_from([*"ab. >\n"]))
def test_a_letter_that_is_typed_makes_few_pieces_new(text: str, data: st.DataObject, letter: str) -> None:
    at = data.draw(st.integers(0, len(text)))
    before = {piece for _, piece in pieces(text)}
    assert len({piece for _, piece in pieces(text[:at] + letter + text[at:])} - before) <= 3


@given(st.text())
def test_every_word_has_its_place_and_clauses_only_go_up(text: str) -> None:
    words = words_of(text)
    assert all(text[word.start : word.end].strip() and word.text for word in words)
    assert [word.clause for word in words] == sorted(word.clause for word in words)
