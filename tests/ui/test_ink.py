"""Lines are as wide as they may be, whatever stands in them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from oncall_tui.ui.ink import ELLIPSIS, ascii_only, clip, cut, line, plain, rule, spread, width, wrap

texts = st.text(st.sampled_from("ab 界株é́한🙂\u200d\u202e\x1b\n[/]…·"), max_size=40)


@given(texts, st.integers(0, 50))
def test_a_cut_text_fits_and_says_that_it_was_cut(text: str, cells: int) -> None:
    said = cut(text, cells)
    assert cell_len(said) <= cells
    assert said == text or cells == 0 or said.endswith(ELLIPSIS)


@given(texts, texts, st.integers(0, 60))
def test_two_ends_of_a_line_never_take_more_than_the_line(left: str, right: str, cells: int) -> None:
    assert width(clip(spread(line(left), line(right), cells), cells)) <= cells


@given(texts, st.integers(4, 60))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, cells: int) -> None:
    rows = wrap(text, cells)
    assert all(cell_len(row) <= cells for row in rows)
    shown = "".join("".join(rows).split())
    assert shown == "".join(plain(line(text)).split())


@pytest.mark.parametrize("letter", ["x", "\u4e00", "e\u0301"])
def test_a_word_as_long_as_a_book_is_broken_in_no_time(letter: str) -> None:
    began = time.process_time()
    rows = wrap(letter * 50_000, 40)
    assert time.process_time() - began < 5
    assert "".join(rows) == wrap(letter, 40)[0] * 50_000
    assert all(cell_len(row) == 40 for row in rows[:-1])


@given(texts)
def test_a_line_holds_only_what_prints(text: str) -> None:
    assert plain(line(text)).isprintable()


@given(texts)
def test_ascii_takes_as_many_cells_as_what_it_stands_for(text: str) -> None:
    safe = plain(line(text))
    assert ascii_only(safe).isascii()
    assert len(ascii_only(safe)) == sum(cell_len(char) for char in safe)


def test_a_rule_names_what_it_divides() -> None:
    assert plain(rule(20, "NOTE")) == "── NOTE ────────────"
    assert width(rule(5, "a long title")) <= 12
