"""A reply names nobody to somebody else: whose name stands in it, told before it goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.strangers import named, strangers
from oncall_tui.model import (
    Alone,
    Customer,
    Hurt,
    Impact,
    Kind,
    Me,
    Message,
    Problem,
    Rule,
    Service,
    Settings,
    Signal,
    Voice,
)
from tests.hostile import EVERY

RON = Hurt(name="Bakkerij De Korenaar", contact="Ron van Dam")
JAN = Hurt(name="Garage Smit", contact="Jan Smit")
NAMELESS = Hurt(name="")


def test_the_company_of_another_is_named() -> None:
    assert named("Ik heb het probleem van Bakkerij De Korenaar voor me.", JAN, [RON]) == ["Bakkerij De Korenaar"]


@pytest.mark.parametrize("text", ["Dag Ron,\n\nIk ben er.", "Ron, ik ben er.", "Dag Ron. Ik ben er."])
def test_a_letter_that_greets_another_is_meant_for_them(text: str) -> None:
    assert named(text, JAN, [RON]) == ["Ron"]


def test_a_whole_name_counts_wherever_it_stands() -> None:
    assert named("\n\nDag Ron van Dam, ik ben er.", JAN, [RON]) == ["Ron van Dam"]
    assert named("Dag Jan,\n\nik bel ook Ron van Dam.", JAN, [RON]) == ["Ron van Dam"]


@pytest.mark.parametrize("contact", ["Ron van Dam", "Ron"])
@pytest.mark.parametrize("text", ["Dag Jan,\n\nmijn collega Ron belt u.", "Dag Jan, mijn collega Ron belt u."])
def test_a_first_name_further_down_may_be_anybodys(text: str, contact: str) -> None:
    assert named(text, JAN, [Hurt(name="Bakkerij De Korenaar", contact=contact)]) == []


def test_who_reads_it_may_be_named() -> None:
    assert named("Dag Ron, Bakkerij De Korenaar kan weer bestellen.", RON, [JAN, RON]) == []


def test_another_of_their_own_people_is_no_stranger() -> None:
    assert named("Dag Ron, ook Els de Wit weet het.", RON, [Hurt(name=RON.name, contact="Els de Wit")]) == []


def test_what_both_are_called_is_no_stranger() -> None:
    assert named("Dag Jan,", JAN, [Hurt(name="Jan Jansen", contact="Jan")]) == []


def test_part_of_another_word_is_no_name() -> None:
    assert named("Dag Jan, de Ronde tafel.", JAN, [Hurt(name="Ron")]) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("default", "We set it back to the default and look on."),
        ("web shop", "The web shop is up again."),
        ("Open", "Dag Jan,\n\nOpen de pagina nog eens. Open hem dan weer."),
        ("Post", "Dag Jan,\n- Post komt later"),
        ("IT", "Onze IT kijkt mee."),
        ("4711", "Het is bestelling 4711."),
    ],
)
def test_what_is_an_ordinary_word_there_is_no_name(name: str, text: str) -> None:
    assert named(text, JAN, [Hurt(name=name)]) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Open", "Ik heb eerst Open geholpen."),
        ("bol.com", "Bij bol.com is het ook stuk."),
        ("KPN", "KPN heeft het ook."),
        ("garage-smit", "De schijf van garage-smit is vol."),
    ],
)
def test_what_can_only_be_a_name_there_is_one(name: str, text: str) -> None:
    assert named(text, RON, [Hurt(name=name)]) == [name]


def test_nobody_is_named_where_nobody_has_a_name() -> None:
    assert named("Dag,", NAMELESS, [NAMELESS]) == []


@given(st.sampled_from(EVERY), st.sampled_from(EVERY))
def test_whatever_they_are_called_what_is_told_stands_in_the_text(text: str, name: str) -> None:
    for found in named(f"{text} {name}", JAN, [Hurt(name=name, contact=text)]):
        assert found in f"{text} {name}"


# --- of all who are known --------------------------------------------------------------------------------------------

AT = datetime(2026, 11, 23, 3, 14, tzinfo=UTC)
SETTINGS = Settings(me=Me(name="Sanne de Vries"), customers=(Customer(name="Slagerij Vos"),))


def signal(id_: str, **facts: object) -> Signal:
    return Signal(source="desk", id=id_, kind=Kind.TICKET, title=f"ticket {id_}", opened_at=AT, **facts)  # type: ignore[arg-type]


def problem(*signals: Signal, customers: tuple[Hurt, ...]) -> Problem:
    return Problem(
        id=signals[0].id,
        title="",
        signals=signals,
        customers=customers,
        impact=Impact.DOWN,
        on_fire=False,
        alone=Alone(rule=Rule.NOBODY, why="nobody yet"),
        started_at=AT,
    )


THEIRS = problem(signal("1"), customers=(RON,))
ELSEWHERE = (problem(signal("2", service="Orders", host="db-1"), customers=(JAN,)),)


@pytest.mark.parametrize("name", ["Garage Smit", "Jan Smit", "Slagerij Vos"])
def test_who_has_another_problem_or_none_now_is_a_stranger_too(name: str) -> None:
    assert strangers([(RON, f"Dag Ron,\n\nook {name} heeft dit.")], THEIRS, ELSEWHERE, SETTINGS) == [name]


def test_a_person_whose_company_nobody_knows_is_a_stranger_too() -> None:
    nobody_knows = problem(signal("4"), customers=(Hurt(name="", contact="Eva Vos"),))
    assert strangers([(RON, "Dag Ron, ook Eva Vos heeft dit.")], THEIRS, (nobody_knows,), SETTINGS) == ["Eva Vos"]


def test_somebody_elsewhere_is_greeted_only_if_we_know_that_it_is_not_the_readers_name() -> None:
    assert strangers([(RON, "Dag Jan,")], THEIRS, ELSEWHERE, SETTINGS) == ["Jan"]
    nobody = Hurt(name="Bakkerij De Korenaar", contact="winkel@korenaar.nl")
    assert strangers([(nobody, "Dag Jan,")], THEIRS, ELSEWHERE, SETTINGS) == []


@pytest.mark.parametrize("ours", ["Orders", "db-1", "desk", "Sanne de Vries", "Mail"])
def test_what_is_ours_is_named_to_everybody(ours: str) -> None:
    settings = Settings(me=SETTINGS.me, services=(Service(name="Mail"),))
    called = problem(signal("3"), customers=(Hurt(name=ours),))
    assert strangers([(RON, f"Dag Ron, dit is van {ours}.")], THEIRS, (*ELSEWHERE, called), settings) == []


def test_what_the_reader_wrote_may_be_said_back_and_who_wrote_it_greeted() -> None:
    wrote = Message(id="m", voice=Voice.THEIRS, author="Jan Bakker", text="Net als bij Garage Smit!", at=AT)
    reader = Hurt(name="Bakkerij De Korenaar", contact="Ron van Dam", refs=("desk/1",))
    theirs = problem(signal("1", messages=(wrote,)), customers=(reader,))
    text = "Dag Jan, net als bij Garage Smit, maar niet bij Slagerij Vos."
    assert strangers([(reader, text)], theirs, ELSEWHERE, SETTINGS) == ["Slagerij Vos"]
