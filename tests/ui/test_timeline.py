"""The story tells each thing once: who wrote, who took it when, and what was said from here."""

from __future__ import annotations

import msgspec
import pytest

from oncall_tui.model import Message, Problem, State, Verb, Voice
from oncall_tui.ui.ink import plain
from oncall_tui.ui.keys import Keys
from oncall_tui.ui.sight import Sight
from oncall_tui.ui.timeline import story
from tests.ui import nights
from tests.ui.nights import FIRE, GATEWAY, NOW, ORDERS_DOWN, TICKET, ago, write


def told(problem: Problem) -> str:
    sight = Sight(board=nights.bakery(), now=NOW, me="Sanne", width=80, height=24, keys=Keys(), problem=problem)
    return "\n".join(plain(line) for line in story(problem, sight))


def ours(text: str, at: float, *, private: bool = False) -> Message:
    return Message(id=text, voice=Voice.OURS, author="Sanne", text=text, at=ago(at), private=private)


def with_ticket(*messages: Message, **changes: object) -> Problem:
    ticket = msgspec.structs.replace(TICKET, messages=(*TICKET.messages, *messages))
    return msgspec.structs.replace(FIRE, signals=(ORDERS_DOWN, GATEWAY, ticket), **changes)


def test_a_colleague_who_took_it_stands_there_when_they_did() -> None:
    taken = [msgspec.structs.replace(s, taken_by="Olga", taken_at=ago(6)) for s in (ORDERS_DOWN, GATEWAY)]
    lines = told(msgspec.structs.replace(FIRE, signals=(*taken, TICKET))).splitlines()
    at = lines.index(" 03:08 Olga took it")
    assert lines[at + 1].strip() == "OrdersApiDown, HTTP 5xx at 41%"
    assert sum("took it" in line for line in lines) == 1


def test_a_taking_of_many_alerts_is_one_line() -> None:
    many = [msgspec.structs.replace(ORDERS_DOWN, id=f"a{i}", title=f"a{i}", taken_by="Olga", taken_at=ago(6)) for i in range(40)]  # fmt: skip
    assert "a0, a1, a2 and 37 more" in told(msgspec.structs.replace(FIRE, signals=tuple(many)))


def test_a_taking_whose_time_is_not_told_is_told_without_one() -> None:
    taken = msgspec.structs.replace(TICKET, taken_by="Olga", taken_at=None)
    said = told(msgspec.structs.replace(FIRE, signals=(taken,)))
    assert said.endswith("Olga has it; the source does not say since when")


def test_what_was_taken_from_here_is_told_as_it_was_said() -> None:
    taken = msgspec.structs.replace(ORDERS_DOWN, taken_by="Sanne", mine=True, taken_at=ago(1))
    said = told(
        msgspec.structs.replace(FIRE, signals=(taken,), writes=(write(Verb.ACKNOWLEDGE, "am/f00d", State.CONFIRMED),))
    )
    assert "Sanne: take it · confirmed by am" in said
    assert "took it" not in said


@pytest.mark.parametrize("verb", [Verb.NOTE, Verb.REPLY])
@pytest.mark.parametrize("state", [State.DELIVERED, State.CONFIRMED])
def test_what_was_said_from_here_is_told_once_also_when_its_source_shows_it(verb: Verb, state: State) -> None:
    shown = ours("Ik ben er,\n\nSanne", 0, private=verb is Verb.NOTE)
    painted = msgspec.structs.replace(shown, id="write:w1")
    said = write(verb, state=state, text="Ik ben er,\nSanne")
    for message in (shown, painted):
        assert told(with_ticket(message, writes=(said,))).count("Ik ben er,") == 1


def test_the_same_words_of_a_colleague_long_before_are_told_as_well() -> None:
    said = write(Verb.REPLY, state=State.CONFIRMED, text="We kijken")
    assert told(with_ticket(ours("We kijken", 8), writes=(said,))).count("We kijken") == 2


def test_a_note_with_the_words_of_a_reply_is_another_thing() -> None:
    said = write(Verb.REPLY, state=State.CONFIRMED, text="We kijken")
    assert told(with_ticket(ours("We kijken", 0, private=True), writes=(said,))).count("We kijken") == 2


def test_the_same_words_to_many_signals_are_one_saying_with_each_state_once() -> None:
    asked = ago(0.5)
    writes = (
        *(write(Verb.ACKNOWLEDGE, f"am/{i}", State.CONFIRMED, asked_at=asked) for i in range(9)),
        write(Verb.ACKNOWLEDGE, state=State.SENDING, asked_at=asked),
    )
    said = told(msgspec.structs.replace(FIRE, writes=writes))
    assert said.count("take it") == 1
    assert "take it · confirmed by am; sending to desk" in said
