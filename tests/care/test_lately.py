"""What stands as it was is not worked out again, and what comes of it is the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.lately import remembered


@given(st.lists(st.lists(st.sampled_from("abcd"))))
def test_each_piece_is_worked_out_as_it_is_and_none_that_the_text_before_had(texts: list[list[str]]) -> None:
    worked: list[str] = []

    @remembered
    def upper(piece: str) -> str:
        worked.append(piece)
        return piece.upper()

    before: list[str] = []
    for text in texts:
        worked.clear()
        assert upper(text) == [piece.upper() for piece in text]
        assert sorted(worked) == sorted(set(text) - set(before))
        before = text
