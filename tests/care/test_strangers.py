"""A reply names nobody to somebody else: whose name stands in it, told before it goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.strangers import named
from oncall_tui.model import Hurt
from tests.hostile import EVERY

RON = Hurt(name="Bakkerij De Korenaar", contact="Ron van Dam")
JAN = Hurt(name="Garage Smit", contact="Jan Smit")
NAMELESS = Hurt(name="")


def test_the_company_of_another_is_named() -> None:
    assert named("Ik heb het probleem van Bakkerij De Korenaar voor me.", [JAN], [RON]) == ["Bakkerij De Korenaar"]


def test_a_letter_that_greets_another_is_meant_for_them() -> None:
    assert named("Dag Ron,\n\nIk ben er.", [JAN], [RON]) == ["Ron"]
    assert named("\n\nDag Ron van Dam, ik ben er.", [JAN], [RON]) == ["Ron van Dam"]


def test_a_first_name_further_down_may_be_anybodys() -> None:
    assert named("Dag Jan,\n\nmijn collega Ron belt u.", [JAN], [RON]) == []


def test_who_reads_it_may_be_named() -> None:
    assert named("Dag Ron, Bakkerij De Korenaar kan weer bestellen.", [RON], [JAN]) == []


def test_what_both_are_called_is_no_stranger() -> None:
    assert named("Dag Jan,", [JAN], [Hurt(name="Jan Jansen", contact="Jan")]) == []


def test_part_of_another_word_is_no_name() -> None:
    assert named("Dag Jan, de Ronde tafel.", [JAN], [Hurt(name="Ron")]) == []


def test_nobody_is_named_where_nobody_has_a_name() -> None:
    assert named("Dag,", [NAMELESS], [NAMELESS]) == []


@given(st.sampled_from(EVERY), st.sampled_from(EVERY))
def test_whatever_they_are_called_what_is_told_stands_in_the_text(text: str, name: str) -> None:
    for found in named(f"{text} {name}", [JAN], [Hurt(name=name, contact=text)]):
        assert found in f"{text} {name}"
