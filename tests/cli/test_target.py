"""What an ID on the command line means."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.cli.target import WrongUse, find
from oncall_tui.model import Board
from tests.night import ASIDE, BOARD, DISK, FIRE, GONE, IN_HAND, INVOICES, TICKET


@pytest.mark.parametrize("text", ["p-korenaar", "p-k"])
def test_a_problem_is_found_by_its_id_or_a_prefix(text: str) -> None:
    assert (find(BOARD, text).problem, find(BOARD, text).refs) == (FIRE, ())


@pytest.mark.parametrize("text", ["desk/48213", "48213", "482", "desk/482"])
def test_a_signal_is_found_by_its_ref_its_own_id_or_a_prefix(text: str) -> None:
    assert (find(BOARD, text).problem, find(BOARD, text).refs) == (FIRE, (TICKET.ref,))


def test_what_is_out_of_the_way_is_found_too() -> None:
    assert find(BOARD, "p-disk").problem == ASIDE


def test_two_things_are_listed_and_neither_is_taken() -> None:
    with pytest.raises(WrongUse, match="'48' means 2 things: desk/48213, desk/48100"):
        find(BOARD, "48")
    with pytest.raises(WrongUse, match="'p-' means 3 things: p-korenaar, p-smit, p-disk"):
        find(BOARD, "p-")


def test_the_same_id_at_two_sources_is_two_things() -> None:
    twin = msgspec.structs.replace(IN_HAND, id="p-twin", signals=(msgspec.structs.replace(INVOICES, source="am"),))
    with pytest.raises(WrongUse, match="'48100' means 2 things: desk/48100, am/48100"):
        find(Board(as_of=BOARD.as_of, problems=(IN_HAND, twin)), "48100")


def test_a_whole_name_wins_over_what_merely_begins_with_it() -> None:
    longer = msgspec.structs.replace(IN_HAND, id="p-longer", signals=(msgspec.structs.replace(DISK, id="482130"),))
    board = msgspec.structs.replace(BOARD, problems=(longer, FIRE))
    assert find(board, "48213").refs == (TICKET.ref,)


def test_a_problem_called_like_its_signal_is_the_whole_problem() -> None:
    named = msgspec.structs.replace(FIRE, id=TICKET.ref)
    assert find(Board(as_of=BOARD.as_of, problems=(named,)), "desk/48").refs == ()


@pytest.mark.parametrize("text", ["nope", ""])
def test_nothing_by_that_name_says_so_and_which_source_is_missing(text: str) -> None:
    with pytest.raises(WrongUse, match="no problem or signal is called") as caught:
        find(msgspec.structs.replace(BOARD, sources=(GONE,)), text)
    assert "not seen: desk" in caught.value.words


@given(st.text(max_size=6))
def test_no_text_whatever_finds_what_does_not_begin_with_it(text: str) -> None:
    try:
        target = find(BOARD, text)
    except WrongUse:
        return
    names = [target.problem.id, *(part for ref in target.refs for part in (ref, ref.partition("/")[2]))]
    assert any(name.startswith(text) for name in names)
