"""No word is lost and none goes astray: what is typed, offered, sent or refused while something else happens."""

from __future__ import annotations

from concurrent.futures import Future

import msgspec
import pytest

from oncall_tui.errors import Unwritable
from oncall_tui.model import Board, Draft, Hurt, Said, Verb
from oncall_tui.ui.advice import Advice
from tests.ui import nights
from tests.ui.scripted import Screen
from tests.ui.states import crowd, drafted, gone
from tests.ui.test_desk import at, press
from tests.ui.test_handing import ADVICE, VOS, two

SAVED = Said(words="goes to desk in 5 s: u takes it back", writes=(nights.write(Verb.NOTE, id="w1"),))
GREETS = Advice(first_words=lambda problem, readers: f"Ik ben er, {readers[0].contact}.")


def unanswered(screen: Screen) -> Future[Said]:
    """The engine keeps silent about the next thing that is said until this future ends."""
    answer: Future[Said] = Future()
    screen.engine.answers = [answer]
    return answer


# --- first words -----------------------------------------------------------------------------------------------------


async def test_first_words_of_several_customers_name_each_of_them_in_their_own_ticket() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "a")
        assert "Dag {first_name}," in screen.app.typed()
        await press(pilot, "ctrl+o", "y")
        told = screen.engine.addressed
        assert told
        assert told["Bakkerij De Korenaar"].startswith("Dag Ron,\n")
        assert "vlees verkopen" in told["Slagerij Vos"]
        assert "Ron" not in told["Slagerij Vos"]
        assert "Korenaar" not in told["Slagerij Vos"]


async def test_first_words_go_only_to_those_who_wait_in_the_language_of_the_first() -> None:
    smith = msgspec.structs.replace(VOS, name="Smith Ltd", contact="Ann Smith", language="en", refs=("desk/3",))
    heard = msgspec.structs.replace(VOS, name="Slagerij Os", wrote=0, refs=("desk/4",))
    fire = msgspec.structs.replace(nights.FIRE, customers=(nights.RON, smith, heard))
    async with at(nights.bakery(problems=(fire,)), advice=ADVICE) as (screen, pilot):
        await press(pilot, "a")
        assert "REPLY: Ron of Bakkerij De Korenaar reads this" in screen.text()
        await press(pilot, "ctrl+o", "y")
        assert list(screen.engine.addressed or {}) == ["Bakkerij De Korenaar"]


async def test_first_words_that_nobody_touched_are_offered_anew_to_whoever_is_chosen() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "a", "ctrl+r")
        assert screen.app.typed().startswith("Dag Ron,\n")
        await press(pilot, "ctrl+r")
        assert screen.app.typed().startswith("Dag Eva,\n")
        assert "Korenaar" not in screen.app.typed()
        await press(pilot, "ctrl+r")
        assert screen.app.typed().startswith("Dag {first_name},\n")
        await press(pilot, "ctrl+r", "ctrl+r", "ctrl+o", "y")
        assert list(screen.engine.addressed or {}) == ["Slagerij Vos"]


async def test_a_template_that_nobody_touched_is_filled_anew_for_whoever_is_chosen() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", "ctrl+r", "ctrl+t", "ctrl+t")
        theirs = screen.app.typed()
        await press(pilot, "ctrl+r")
        assert screen.app.typed() == theirs.replace("Ron", "Eva").replace("Bakkerij De Korenaar", "Slagerij Vos")
        assert "Eva" in screen.app.typed()


async def test_words_of_your_own_stay_and_whom_they_name_is_told_before_they_go() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "a", "ctrl+r", "!")
        mine = screen.app.typed()
        assert "Korenaar" in mine
        await press(pilot, "ctrl+r", "ctrl+o")
        assert screen.app.typed() == mine
        shown = " ".join(screen.text().split())
        assert (
            "Vos, Eva of Slagerij Vos reads this. It names Bakkerij De Korenaar and Ron to somebody else. Send?"
            in shown
        )
        await press(pilot, "n", "ctrl+r", "ctrl+r", "ctrl+o")
        assert "It names" not in screen.text()


async def test_a_broadcast_names_none_of_its_readers_to_the_others_unsaid() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"Dag {first_name}, {customer}: ik ben er.", "ctrl+o")
        assert "It names" not in screen.text()
        await press(pilot, "n", *" Slagerij Vos wacht ook.", "ctrl+o")
        assert "It names Slagerij Vos to somebody else. Send?" in " ".join(screen.text().split())


async def test_who_is_named_may_have_another_problem_than_this_one() -> None:
    async with at(advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"Dag Ron, ook Garage Smit wacht.", "ctrl+o")
        assert "It names Garage Smit to somebody else. Send?" in " ".join(screen.text().split())


async def test_to_readers_of_several_languages_the_language_of_the_words_is_told() -> None:
    smith = msgspec.structs.replace(VOS, name="Smith Ltd", contact="Ann Smith", language="en", refs=("desk/3",))
    fire = msgspec.structs.replace(nights.FIRE, customers=(nights.RON, smith))
    async with at(nights.bakery(problems=(fire,)), advice=ADVICE) as (screen, pilot):
        await press(pilot, "a", "ctrl+r")
        assert "to Smith Ltd\n" in screen.text()
        await press(pilot, "ctrl+r")
        said = "They do not share a language: it is in English."
        assert f"to everyone who wrote. {said}" in screen.text()
        assert screen.app.typed().startswith("Hello {first_name}")
        await press(pilot, "ctrl+o")
        assert f"each in their own ticket. {said} Send?" in " ".join(screen.text().split())


async def test_words_in_another_language_than_the_only_one_that_is_known_are_told_too() -> None:
    unknown = msgspec.structs.replace(VOS, language="", last_words="kapot!")
    fire = msgspec.structs.replace(nights.FIRE, customers=(nights.RON, unknown))
    async with at(nights.bakery(problems=(fire,)), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"I am here, and I will call you", "ctrl+o")
        assert "ticket. It is in English. Send?" in " ".join(screen.text().split())
        screen.app.retype("Ik ben er, en ik bel u over een uur")
        await press(pilot, "n", "ctrl+o")
        assert "ticket. Send?" in " ".join(screen.text().split())
        screen.app.retype("OK")
        await press(pilot, "n", "ctrl+o")
        assert "ticket. Send?" in " ".join(screen.text().split())


async def test_a_kept_draft_wins_over_first_words() -> None:
    async with at(drafted(), advice=GREETS) as (screen, pilot):
        await press(pilot, "a")
        assert screen.app.typed() == "Ik kijk nu,"
        assert "your draft of" in screen.text()


@pytest.mark.parametrize("keys", [("q", "down", "enter"), ("q",), ("z",), ("n",)], ids=" ".join)
async def test_first_words_do_not_open_over_what_the_engineer_went_on_to(keys: tuple[str, ...]) -> None:
    async with at(advice=GREETS) as (screen, pilot):
        answer = unanswered(screen)
        await press(pilot, "a", *keys)
        before = screen.text()
        answer.set_result(SAVED)
        await press(pilot)
        assert "Ik ben er" not in screen.text()
        assert [line for line in before.split("\n") if "─" in line] == [
            line for line in screen.text().split("\n") if "─" in line
        ]


@pytest.mark.parametrize("keys", [("q", "down", "enter"), ("q",), ("n",), ("z",)], ids=" ".join)
async def test_a_question_of_the_engine_is_not_asked_where_another_key_would_answer_it(keys: tuple[str, ...]) -> None:
    async with at() as (screen, pilot):
        answer = unanswered(screen)
        await press(pilot, "a", *keys)
        answer.set_result(Said(asks="Olga has it. Take it all the same?"))
        await press(pilot)
        await press(pilot, "y")
        assert [one[0] for one in screen.engine.told] == ["say"]


# --- drafts ----------------------------------------------------------------------------------------------------------


def taken_over() -> Board:
    """Words that were begun when the signals were another problem's."""
    draft = Draft(problem="old", verb=Verb.REPLY, text="halfway", saved_at=nights.NOW, refs=nights.FIRE.refs)
    return nights.bakery(drafts=(draft,))


async def test_a_draft_of_an_older_problem_becomes_this_ones_and_is_gone_once_it_is_sent() -> None:
    async with at(taken_over()) as (screen, pilot):
        screen.engine.drafts["old", Verb.REPLY] = "halfway"
        await press(pilot, "r")
        assert screen.app.typed() == "halfway"
        assert screen.engine.drafts == {("p1", Verb.REPLY): "halfway"}
        await press(pilot, "ctrl+o", "y")
        assert not any(screen.engine.drafts.values())


async def test_the_draft_of_this_problem_comes_before_that_of_an_older_one() -> None:
    own = Draft(problem="p1", verb=Verb.REPLY, text="own", saved_at=nights.NOW)
    board = taken_over()
    async with at(msgspec.structs.replace(board, drafts=(*board.drafts, own))) as (screen, pilot):
        await press(pilot, "r")
        assert screen.app.typed() == "own"


# --- between ctrl+o and the answer -----------------------------------------------------------------------------------


async def test_words_typed_while_a_note_is_being_saved_stay_and_are_not_sent_twice() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"one")
        answer = unanswered(screen)
        await press(pilot, "ctrl+o", *" two")
        answer.set_result(SAVED)
        await press(pilot)
        assert screen.app.typed() == "two"
        assert "goes to desk in 5 s" in screen.text()
        assert "what you typed since is still here" in screen.text()
        assert screen.engine.drafts == {("p1", Verb.NOTE): "two"}


async def test_a_second_ctrl_o_before_the_answer_says_it_once() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"one")
        unanswered(screen)
        await press(pilot, "ctrl+o", "ctrl+o", "ctrl+o")
        assert len(screen.engine.told) == 1
        assert "it is being saved already" in screen.text()


async def test_words_that_could_not_be_saved_are_a_draft_again_also_when_the_editor_was_left() -> None:
    for leaves in ((), ("escape",)):
        async with at() as (screen, pilot):
            await press(pilot, "n", *"one")
            answer = unanswered(screen)
            await press(pilot, "ctrl+o", *" two", *leaves)
            answer.set_exception(Unwritable("cannot save: disk full"))
            await press(pilot)
            assert screen.engine.drafts["p1", Verb.NOTE] == "one two"
            assert "nothing was said: cannot save: disk full" in screen.text()


async def test_what_is_on_its_way_is_no_draft_when_the_editor_is_left_or_the_line_drops() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"one")
        answer = unanswered(screen)
        await press(pilot, "ctrl+o")
        screen.app.save_at_end()
        await press(pilot, "escape")
        assert screen.engine.drafts == {("p1", Verb.NOTE): "one"}
        answer.set_result(SAVED)
        await press(pilot)
        assert not any(screen.engine.drafts.values())


# --- an editor that did not open -------------------------------------------------------------------------------------

ALERT = msgspec.structs.replace(nights.FIRE, signals=(nights.ORDERS_DOWN,), customers=(Hurt(name="Kaasboer"),))


@pytest.mark.parametrize("first", ["n", "r"])
@pytest.mark.parametrize("why", ["no source has it", "over", "no problem"])
async def test_words_typed_at_an_editor_that_did_not_open_press_no_key(first: str, why: str) -> None:
    board = {"no source has it": nights.bakery(problems=(ALERT,)), "over": None, "no problem": nights.nothing()}[why]
    async with at(board) as (screen, pilot):
        if why == "over":
            screen.engine.publish(gone())
            await pilot.pause()
        before = screen.text().split("\n")[2]
        await press(pilot, first, *"restarted the aggregator, quit? xyz", "enter", "ctrl+o")
        assert screen.engine.told == []
        assert screen.text().split("\n")[2] == before
        assert "escape go on: nothing is being written" in screen.text()
        await press(pilot, "escape", "q")
        assert "queue:" in screen.text()


# --- a question that does not push everything else away ---------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (40, 15)], ids=["80x24", "40x15"])
async def test_a_broadcast_to_many_lists_every_reader_and_leaves_the_words_and_the_answers_in_sight(
    size: tuple[int, int],
) -> None:
    async with at(crowd(), size) as (screen, pilot):
        await press(pilot, "r", *"hallo", "ctrl+o")
        seen = screen.text()
        shown = " ".join(seen.split())
        assert "20 customers read this, each in their own ticket. Send?" in shown
        assert "y yes n no" in shown
        assert "hallo" in shown
        assert "REPLY: Persoon 0 van Dam and 19" in shown
        for _ in range(4):
            await press(pilot, "pagedown")
            seen += screen.text()
        missing = [i for i in range(20) if f"Persoon {i} van Dam of Klant {i} BV"[: size[0] - 2] not in seen]
        assert missing == []
        await press(pilot, "n")
        assert "PERSOON" not in screen.text()
        assert "KLANT 0 BV" in screen.text()


async def test_a_question_with_a_strangers_endless_title_in_it_keeps_its_answers_on_the_screen() -> None:
    async with at(size=(40, 15)) as (screen, pilot):
        await press(pilot, "n", *"hallo")
        screen.engine.answers = [Said(asks=f"It was joined with “{'very ' * 200}long”. Save the note all the same?")]
        await press(pilot, "ctrl+o")
        assert "Save the note all the same? y yes" in " ".join(screen.text().split())
        assert "hallo" in screen.text()
        assert screen.text().count("very") < 20
        assert "BAKKERIJ DE KORENAAR" in screen.text()
