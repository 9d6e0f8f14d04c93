"""Every key in every state, pressed on the real app over a scripted engine."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot

from oncall_tui.care.templates import unfilled
from oncall_tui.config import Config
from oncall_tui.config.shape import Call, Notify, Theme, Ui
from oncall_tui.errors import ConfigError, OncallError, Unwritable
from oncall_tui.model import Act, Board, Health, Hurt, Me, Problem, Said, State, Verb
from oncall_tui.ui.advice import Advice, Heard
from oncall_tui.ui.asking import confirm
from oncall_tui.ui.queue import Queue
from oncall_tui.ui.theme import THEMES
from tests.ui import nights
from tests.ui.nights import NOW
from tests.ui.scripted import Screen
from tests.ui.states import able, drafted, garage_first, gone, storm, stuck


@asynccontextmanager
async def at(
    board: Board | None = None, size: tuple[int, int] = (80, 24), **options: object
) -> AsyncIterator[tuple[Screen, Pilot[int]]]:
    screen = Screen(board, **options)  # type: ignore[arg-type]
    async with screen.app.run_test(size=size) as pilot:
        await pilot.pause()
        yield screen, pilot
        await pilot.pause()


async def press(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()
    await pilot.pause()


async def until(pilot: Pilot[int], fact: Callable[[], bool], within_s: float = 5.0) -> None:
    """Waits for a fact, not for a time."""
    deadline = time.monotonic() + within_s
    while not fact():
        assert time.monotonic() < deadline, "it did not come true in time"
        await pilot.pause(0.01)


# --- taking it -------------------------------------------------------------------------------------------------------


async def test_a_takes_the_problem_on_screen_and_says_where_that_is() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "a")
        assert screen.engine.told == [("say", Verb.ACKNOWLEDGE, "p1", "", False)]
        assert "take it: held: u takes it back" in screen.text()


async def test_what_was_told_of_a_write_follows_it_and_is_never_stale() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "a")
        for state, said in ((State.SENDING, "sending to desk"), (State.REFUSED, "refused by desk: 403")):
            write = nights.write(Verb.ACKNOWLEDGE, state=state, id="w1", fault="403")
            screen.engine.publish(nights.bakery(outbox=(write,)))
            await pilot.pause()
            assert f"take it: {said}" in screen.text()
            assert "held" not in screen.text()


async def test_what_was_taken_back_is_called_so_with_its_words() -> None:
    write = nights.write(Verb.RETRACT, state=State.CONFIRMED, text="restart")
    async with at(nights.bakery(problems=(replace(nights.FIRE, writes=(write,)),))) as (screen, _):
        assert "take back “restart”" in screen.text()


async def test_a_question_of_the_engine_is_asked_and_yes_says_it_again_for_sure() -> None:
    async with at() as (screen, pilot):
        screen.engine.answers = [Said(asks="Olga took it a minute ago. Take it as well?")]
        await press(pilot, "a")
        assert "Olga took it a minute ago" in screen.text()
        await press(pilot, "n")
        assert [told[4] for told in screen.engine.told] == [False]
        screen.engine.answers = [Said(asks="Olga took it a minute ago. Take it as well?")]
        await press(pilot, "a", "y")
        assert [told[4] for told in screen.engine.told] == [False, False, True]


async def test_while_a_question_waits_no_other_key_does_anything() -> None:
    async with at() as (screen, pilot):
        screen.engine.answers = [Said(asks="sure?")]
        await press(pilot, "a", "a", "r", "u", "q")
        assert len(screen.engine.told) == 1
        assert "sure?" in screen.text()
        await press(pilot, "escape")
        assert "sure?" not in screen.text()


async def test_a_refusal_is_shown_with_its_reason() -> None:
    async with at() as (screen, pilot):
        screen.engine.answers = [Said(refused="the desk knows no such user")]
        await press(pilot, "a")
        assert "take it: the desk knows no such user" in screen.text()


async def test_a_full_disk_is_said_and_nothing_was_said() -> None:
    async with at() as (screen, pilot):
        screen.engine.answers = [Unwritable("cannot save: disk full")]
        await press(pilot, "a")
        assert "nothing was said: cannot save: disk full" in screen.text()


async def test_capital_r_gives_it_back() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "R")
        assert screen.engine.told == [("say", Verb.RELEASE, "p1", "", False)]


async def test_u_undoes_and_tells_what() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "u")
        assert screen.engine.told == [("undo", False)]


async def test_what_undo_says_stays_while_it_goes_on_its_way() -> None:
    async with at() as (screen, pilot):
        taken_back = nights.write(Verb.RETRACT, id="w1")
        screen.engine.answers = [
            Said(writes=(taken_back,), words="desk is told to take that back; they may have it already")
        ]
        await press(pilot, "u")
        screen.engine.publish(nights.bakery(outbox=(replace(taken_back, state=State.CONFIRMED),)))
        await pilot.pause()
        shown = " ".join(screen.text().split())
        assert "desk is told to take that back; they may have it already: confirmed by desk" in shown


async def test_u_once_more_asks_before_a_source_is_told_of_the_one_before() -> None:
    async with at() as (screen, pilot):
        screen.engine.answers = [Said(asks="Before that: note (Garage Smit, 03:10). Take that back as well?")] * 2
        await press(pilot, "u", "n")
        assert "nothing was done" in screen.text()
        await press(pilot, "u", "y")
        assert screen.engine.told == [("undo", False), ("undo", False), ("undo", True)]
        assert "taken back: take it" in screen.text()
        assert "taken back: take it" in screen.text()


async def test_ctrl_r_reads_the_configuration_again_and_tells_its_fault_by_its_line() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "ctrl+r")
        assert screen.engine.told == [("change", screen.config)]
        assert "the configuration was read again" in screen.text()
        screen.config = ConfigError("unknown key", file="config.toml", line=7, key="outbx")
        await press(pilot, "ctrl+r")
        assert "configuration: config.toml:7: outbx: unknown key" in screen.text()
        assert len(screen.engine.told) == 1


async def test_ctrl_r_takes_colours_keys_name_calls_and_advice_in(tmp_path: Path) -> None:
    async with at() as (screen, pilot):
        assert isinstance(screen.config, Config)
        (tmp_path / "care.toml").write_text('[nl.jargon]\n"zork" = ["Weg.", "hier"]')
        before = screen.app._paper._looks
        screen.config = replace(
            screen.config,
            path=tmp_path / "config.toml",
            settings=replace(screen.config.settings, me=Me(name="Olga")),
            keys={"take": "T"},
            ui=Ui(theme=Theme.NIGHT),
            notify=Notify(how=(Call.OSC_9,), again_s=7.0),
        )
        await press(pilot, "ctrl+r")
        assert (screen.app.desk.me, screen.app.desk.keys.called("take")) == ("Olga", "T")
        assert screen.app._paper._looks == THEMES["night"] != before
        assert (screen.app._calls, screen.app.desk._bell.notify.again_s) == ((Call.OSC_9,), 7.0)
        problem = screen.app.desk.hands.problem
        assert problem
        assert "Weg." in screen.app.desk.advice.hints("de zork", problem.customers[:1])[0].words
        await press(pilot, "T")
        assert screen.engine.told[-1][:2] == ("say", Verb.ACKNOWLEDGE)


async def test_ctrl_r_with_wrong_keys_changes_nothing_and_says_why() -> None:
    async with at() as (screen, pilot):
        assert isinstance(screen.config, Config)
        screen.config = replace(screen.config, keys={"take": "r"}, ui=Ui(theme=Theme.NIGHT))
        await press(pilot, "ctrl+r")
        assert screen.engine.told == []
        assert "configuration: " in screen.text()
        assert screen.app._paper._looks == THEMES["dark"]


async def test_what_the_engine_cannot_take_in_changes_nothing_on_the_screen() -> None:
    async with at() as (screen, pilot):
        assert isinstance(screen.config, Config)
        screen.config = replace(screen.config, keys={"take": "T"})
        screen.engine.answers = [OncallError("a fault of our own: KeyError")]
        await press(pilot, "ctrl+r")
        assert screen.app.desk.keys.called("take") == "a"


@pytest.mark.parametrize("key", ["a", "r", "n", "z", "i", "x", "j", "R"])
async def test_a_key_on_a_problem_that_is_over_does_nothing_and_says_why(key: str) -> None:
    async with at() as (screen, pilot):
        screen.engine.publish(gone())
        await pilot.pause()
        await press(pilot, key)
        assert screen.engine.told == []
        assert "nothing done: this is over" in screen.text()


@pytest.mark.parametrize("key", ["a", "r", "n", "z", "i", "x", "j", "R", "e", "t", "o"])
async def test_a_key_without_a_problem_says_so(key: str) -> None:
    async with at(nights.nothing()) as (screen, pilot):
        await press(pilot, key)
        assert screen.engine.told == []
        assert "there is no problem on the screen" in screen.text()


async def test_a_key_that_means_nothing_says_so() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "w")
        assert "w does nothing here; ? shows every key" in screen.text()


ALERT = msgspec.structs.replace(
    nights.FIRE, signals=(nights.ORDERS_DOWN,), customers=(Hurt(name="Kaasboer", spoke=True),)
)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("n",), "note for colleagues: am: alerts take no notes"),
        (("r",), "reply to the customer: am: alertmanager cannot be told that"),
        (("D",), "resolve: am: an alert ends by itself"),
        (("z", "s"), "snooze at the source: am: alertmanager cannot be told that"),
    ],
)
async def test_a_verb_that_no_source_has_is_refused_in_the_words_of_its_source(
    keys: tuple[str, ...], said: str
) -> None:
    why = {Verb.NOTE: "alerts take no notes", Verb.RESOLVE: "an alert ends by itself"}
    sources = (msgspec.structs.replace(nights.SOURCES[0], cannot=why), nights.SOURCES[1])
    async with at(nights.bakery(problems=(ALERT,), sources=sources)) as (screen, pilot):
        await press(pilot, *keys)
        assert said in screen.text()
        assert not screen.app.desk.editing
        assert screen.engine.told == []


BY_HAND = {Verb.RESOLVE: "its trigger does not allow that by hand", Verb.SNOOZE: "it is in maintenance"}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("D",), "resolve: am: its trigger does not allow that by hand"),
        (("z", "s"), "snooze at the source: am: it is in maintenance"),
    ],
)
async def test_what_only_this_one_cannot_be_told_is_refused_in_its_own_words(keys: tuple[str, ...], said: str) -> None:
    monitor = nights.health("am", "zabbix", (*nights.BOTH, Verb.RESOLVE, Verb.SNOOZE))
    closed = msgspec.structs.replace(nights.ORDERS_DOWN, cannot=BY_HAND)
    alone = msgspec.structs.replace(ALERT, signals=(closed,))
    async with at(nights.bakery(problems=(alone,), sources=(monitor,))) as (screen, pilot):
        await press(pilot, *keys)
        assert said in screen.text()
        assert screen.engine.told == []


async def test_what_one_of_two_alerts_cannot_be_told_is_said_before_the_other_is() -> None:
    monitor = nights.health("am", "zabbix", (*nights.BOTH, Verb.RESOLVE))
    closed = msgspec.structs.replace(nights.ORDERS_DOWN, cannot=BY_HAND)
    both = msgspec.structs.replace(ALERT, signals=(closed, nights.GATEWAY))
    async with at(nights.bakery(problems=(both,), sources=(monitor,))) as (screen, pilot):
        await press(pilot, "D")
        shown = " ".join(screen.text().split())
        assert "Tell am that it is solved?" in shown
        assert "Not told is am: OrdersApiDown: its trigger does not allow that by hand." in shown
        await press(pilot, "y")
        assert [told[1] for told in screen.engine.told] == [Verb.RESOLVE]


async def test_a_reply_to_nobody_is_refused_before_it_is_written() -> None:
    quiet = msgspec.structs.replace(nights.FIRE, customers=(Hurt(name="Kaasboer"),))
    async with at(nights.bakery(problems=(quiet,))) as (screen, pilot):
        await press(pilot, "r")
        assert "no customer wrote about this, so there is nobody to reply to" in " ".join(screen.text().split())


async def test_capital_d_says_that_it_is_solved_after_a_question_that_names_who_is_told_and_who_is_not() -> None:
    async with at(able(Verb.RESOLVE)) as (screen, pilot):
        await press(pilot, "D")
        shown = " ".join(screen.text().split())
        assert (
            "Tell desk that it is solved? It ends there for everyone. Not told is am: an alert ends by itself." in shown
        )
        assert "Ron wrote and has not heard from you. y yes" in shown
        await press(pilot, "n")
        assert screen.engine.told == []
        await press(pilot, "D", "y")
        assert screen.engine.told == [("say", Verb.RESOLVE, "p1", "", False)]


async def test_z_and_s_snoozes_at_the_sources_that_can_and_says_which() -> None:
    async with at(able(Verb.SNOOZE)) as (screen, pilot):
        await press(pilot, "z", "s")
        shown = " ".join(screen.text().split())
        assert "snooze it at desk, for colleagues too (not told is am: an alert ends by itself), for 1: 15m" in shown
        await press(pilot, "3")
        assert screen.engine.told == [("say", Verb.SNOOZE, "p1", "", False)]
        assert screen.engine.until == NOW + timedelta(hours=1)


# --- what is under the hands -----------------------------------------------------------------------------------------


async def test_a_more_urgent_problem_announces_itself_and_rings_but_never_takes_the_place() -> None:
    async with at(garage_first()) as (screen, pilot):
        rang: list[str] = []
        screen.app.ring = rang.append  # type: ignore[method-assign]
        screen.engine.publish(nights.bakery())
        await pilot.pause()
        assert "GARAGE SMIT" in screen.text()
        assert "more urgent: Bakkerij De Korenaar and 2 more, alone 12m  g goes" in screen.text()
        assert rang == ["Bakkerij De Korenaar and 2 more, alone 12m: cannot take orders from 14 shops"]


async def test_g_goes_to_the_most_urgent_and_back() -> None:
    async with at(garage_first()) as (screen, pilot):
        screen.engine.publish(nights.bakery())
        await press(pilot, "g")
        assert "BAKKERIJ DE KORENAAR" in screen.text()
        await press(pilot, "g")
        assert "GARAGE SMIT" in screen.text()


async def test_g_says_when_there_is_nowhere_to_go() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "g")
        assert "this is the most urgent one" in screen.text()


async def test_g_leaves_what_is_over() -> None:
    async with at() as (screen, pilot):
        screen.engine.publish(gone())
        await press(pilot, "g")
        assert "WEBSHOP LENTE" in screen.text()


async def test_a_joined_problem_says_where_it_went_and_g_follows() -> None:
    async with at(nights.bakery(problems=(nights.GARAGE, nights.WEBSHOP))) as (screen, pilot):
        both = msgspec.structs.replace(nights.WEBSHOP, signals=nights.WEBSHOP.signals + nights.GARAGE.signals)
        screen.engine.publish(nights.bakery(problems=(nights.FIRE, both)))
        await pilot.pause()
        assert "this is part of another problem now: Webshop Lente" in screen.text()
        await press(pilot, "g")
        assert "WEBSHOP LENTE" in screen.text()


async def test_typing_is_never_interrupted() -> None:
    async with at(garage_first()) as (screen, pilot):
        await press(pilot, "n", *"busy")
        screen.engine.publish(nights.bakery())
        await press(pilot, *" still")
        assert screen.app.typed() == "busy still"
        assert screen.app.desk.hands.problem == nights.GARAGE


async def test_a_burst_of_boards_paints_only_the_last() -> None:
    async with at() as (screen, pilot):
        for board in (nights.calm(), nights.late(), nights.bakery(trouble="cannot save: disk full")):
            screen.engine.publish(board)
        await pilot.pause()
        assert "cannot save: disk full" in screen.text()


# --- writing ---------------------------------------------------------------------------------------------------------


async def test_a_note_goes_without_a_question() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"looking", "ctrl+o")
        assert screen.engine.told == [("say", Verb.NOTE, "p1", "looking", False)]
        assert not screen.app.desk.editing


async def test_a_reply_names_its_reader_and_goes_after_one_question() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "r", *"Ik kijk", "ctrl+o")
        assert screen.engine.told == []
        assert "Ron of Bakkerij De Korenaar reads this. Send?  y yes  n no" in screen.text()
        await press(pilot, "y")
        assert screen.engine.told == [("say", Verb.REPLY, "p1", "Ik kijk", False)]


async def test_no_to_the_question_keeps_the_words_in_the_editor() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "r", *"Ik kijk", "ctrl+o", "n")
        assert screen.app.typed() == "Ik kijk"
        assert screen.engine.told == []


async def test_action_keys_are_letters_in_the_editor() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"arnzqguxj?", "enter", *"R")
        assert screen.app.typed() == "arnzqguxj?\nR"
        assert screen.engine.told == []


async def test_what_they_said_stays_in_sight_while_writing() -> None:
    for size in ((80, 24), (40, 15)):
        async with at(size=size) as (screen, pilot):
            await press(pilot, "r")
            assert "De winkels" in screen.text()


async def test_refused_words_stay_in_the_editor() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"looking")
        screen.engine.answers = [Unwritable("cannot save: disk full")]
        await press(pilot, "ctrl+o")
        assert screen.app.typed() == "looking"
        assert "nothing was said: cannot save: disk full" in screen.text()


@pytest.mark.parametrize("size", [(80, 24), (40, 15)])
async def test_on_a_full_disk_it_is_told_that_the_note_is_not_kept_and_not_only_its_draft(
    size: tuple[int, int],
) -> None:
    full = Unwritable("cannot save: disk full")
    async with at(size=size) as (screen, pilot):
        screen.engine.draft_faults = [full] * 9
        await press(pilot, "n", *"looking")
        screen.engine.answers = [full]
        await press(pilot, "ctrl+o")
        shown = " ".join(screen.text().split())
        assert "colleagues: nothing was said: cannot save: disk full · the words are still here" in shown
        assert screen.app.typed() == "looking"
        await press(pilot, "escape")
        assert screen.app.typed() == "looking"
        assert "your draft is not saved: cannot save: disk full" in " ".join(screen.text().split())


async def test_words_that_may_not_be_kept_are_called_so_before_the_engineer_leaves_them() -> None:
    async with at(nights.bakery(trouble="cannot save: disk full")) as (screen, pilot):
        await press(pilot, "n", *"looking", "ctrl+c")
        assert "it may not be kept: cannot save: disk full. Leave, and have the words printed?" in " ".join(
            screen.text().split()
        )


@pytest.mark.parametrize("faults", [0, 9])
async def test_after_leaving_only_words_that_no_disk_took_are_told_with_why(faults: int) -> None:
    async with at() as (screen, pilot):
        screen.engine.draft_faults = [Unwritable("cannot save: disk full")] * faults
        await press(pilot, "n", *"look", "enter", *"here", "ctrl+c", "y")
    said = screen.app.last_words()
    assert ("was not saved: cannot save: disk full." in said and said.endswith("look\nhere")) if faults else said == ""


async def test_words_that_went_out_are_not_told_after_leaving() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"looking", "ctrl+o", "ctrl+c")
    assert screen.app.last_words() == ""


async def test_new_words_of_theirs_are_asked_about_before_a_note_goes() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"looking")
        screen.engine.answers = [Said(asks="Ron wrote again. Send?")]
        await press(pilot, "ctrl+o", "y")
        assert [told[4] for told in screen.engine.told] == [False, True]


async def test_nothing_is_not_sent() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", "space", "ctrl+o")
        assert screen.engine.told == []
        assert "there is nothing to send yet" in screen.text()


async def test_escape_keeps_the_draft_and_the_key_offers_it_again() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "r", *"Ik kijk", "escape")
        assert "kept as a draft" in screen.text()
        assert screen.engine.drafts == {("p1", Verb.REPLY): "Ik kijk"}
        await press(pilot, "n")
        assert screen.app.typed() == ""
        await press(pilot, "escape", "r")
        assert screen.app.typed() == "Ik kijk"
        assert "your draft of 03:14" in screen.text()


async def test_a_letter_typed_before_the_editor_has_the_focus_is_not_lost() -> None:
    async with at() as (screen, pilot):
        for letter in "ndb1 full":  # as fast as they can come: nothing waits for the editor to be painted
            screen.app.post_message(events.Key("space" if letter == " " else letter, letter))
        await until(pilot, lambda: screen.app.typed() == "db1 full")


async def test_a_draft_is_saved_while_typing() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"loo")
        await until(pilot, lambda: screen.engine.drafts == {("p1", Verb.NOTE): "loo"})


async def test_a_draft_that_cannot_be_saved_is_said() -> None:
    async with at() as (screen, pilot):
        screen.engine.draft_faults = [Unwritable("disk full")]
        await press(pilot, "n", *"loo", "escape")
        assert "your draft is not saved: disk full" in screen.text()


async def test_a_sent_draft_is_removed() -> None:
    async with at(drafted()) as (screen, pilot):
        await press(pilot, "r", "ctrl+o", "y")
        assert screen.engine.told == [("say", Verb.REPLY, "p1", "Ik kijk nu,", False)]
        assert screen.engine.drafts == {}


async def test_when_the_line_drops_what_is_typed_goes_to_disk() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"half a wor")
        screen.app.save_at_end()
        assert screen.engine.drafts["p1", Verb.NOTE] == "half a wor"
        assert screen.engine.stopped


async def test_a_template_with_a_gap_in_it_cannot_be_sent() -> None:
    advice = Advice(templates=lambda problem, readers: ("We are back at {eta}.", "Hello"), unfilled=unfilled)
    async with at(advice=advice) as (screen, pilot):
        await press(pilot, "r", "ctrl+t")
        assert screen.app.typed() == "We are back at {eta}."
        await press(pilot, "ctrl+o")
        assert "fill in {eta} first" in screen.text()
        await press(pilot, "ctrl+t")
        assert screen.app.typed() == "Hello"


async def test_what_they_hear_is_told_whole_where_it_does_not_fit_on_a_line() -> None:
    kinder = "“morgen”: they hear “voor middernacht ben ik dood” · kinder: “ik ben er nu en ik blijf tot het werkt”"
    advice = Advice(
        hints=lambda text, readers: [Heard(0, 6, f"{kinder}{i or ''}") for i in range(text.count("morgen"))]
    )
    for size in ((80, 24), (40, 15)):
        async with at(size=size, advice=advice) as (screen, pilot):
            await press(pilot, "r", *"morgen")
            assert kinder in " ".join(screen.text().split())
            await press(pilot, *(letter if letter != " " else "space" for letter in " morgen" * 4))
            assert "more underlined" in screen.text()
            assert "morgen morgen" in screen.text()


async def test_what_is_heard_in_the_same_words_again_is_told_once() -> None:
    advice = Advice(
        hints=lambda text, readers: [Heard(0, 3, said) for said in ("“api”: jargon", "“api”: jargon", "“hm”: doubt")]
    )
    async with at(advice=advice) as (screen, pilot):
        await press(pilot, "r", "x")
        assert screen.text().count("“api”: jargon") == 1
        assert "“hm”: doubt" in screen.text()


async def test_the_editor_takes_lines_that_the_problem_leaves_empty_and_no_other() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"first line")
        above = screen.text().partition("NOTE")[0].rstrip("─ \n")
        assert above.endswith("Kaasboer Bos")
        for line in range(20):
            await press(pilot, "enter", *f"line{line}")
        shown = screen.text()
        assert shown.partition("NOTE")[0].rstrip("─ \n") == above
        assert "line19" in shown
        assert "\n\n\n" not in shown


async def test_advice_and_the_promise_stand_below_a_reply_but_not_below_a_note() -> None:
    advice = Advice(
        hints=lambda text, readers: (Heard(0, 6, "“morgen”: they hear: before midnight you are dead"),),
        promised=lambda text, now: now + timedelta(minutes=20),
    )
    async with at(advice=advice) as (screen, pilot):
        await press(pilot, "r", *"morgen")
        assert "they hear: before midnight" in screen.text()
        assert "they expect to hear from you by 03:34" in screen.text()
        await press(pilot, "escape", "n", *"morgen")
        assert "they hear" not in screen.text()


async def test_from_start_to_taken_and_told_takes_three_keys() -> None:
    advice = Advice(first_words=lambda problem, readers: "Ik ben er, Ron.")
    async with at(advice=advice) as (screen, pilot):
        await press(pilot, "a")
        await press(pilot, "ctrl+o", "y")
        assert [told[1:4] for told in screen.engine.told] == [
            (Verb.ACKNOWLEDGE, "p1", ""),
            (Verb.REPLY, "p1", "Ik ben er, Ron."),
        ]


# --- deciding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "minutes"), [("1", 15), ("2", 30), ("3", 60), ("4", 240)])
async def test_z_asks_how_long_and_snoozes_here(choice: str, minutes: int) -> None:
    async with at() as (screen, pilot):
        await press(pilot, "z", choice)
        until = NOW + timedelta(minutes=minutes)
        assert screen.engine.told == [("decide", Act.SNOOZE, nights.FIRE.refs, (), "", until)]


async def test_a_snoozed_problem_can_be_woken() -> None:
    aside = msgspec.structs.replace(nights.FIRE, aside="snoozed until 04:00")
    async with at(nights.bakery(problems=(), aside=(aside,))) as (screen, pilot):
        await press(pilot, "q", "z", "enter", "z", "0")
        assert screen.engine.told == [("decide", Act.SNOOZE, nights.FIRE.refs, (), "", NOW)]
        assert "awake again" in screen.text()


async def test_z_and_escape_snoozes_nothing() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "z", "escape")
        assert screen.engine.told == []


async def test_i_sets_the_impact_by_hand_and_takes_it_back() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "i", "3", "i", "0")
        assert [told[4] for told in screen.engine.told] == ["degraded", ""]


async def test_x_takes_a_signal_out() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "x", "2")
        assert screen.engine.told == [("decide", Act.SPLIT, ("am/beef",), ("am/f00d", "desk/48213"), "", None)]


async def test_what_can_be_taken_out_stands_apart_from_its_number_and_more_than_nine_is_said() -> None:
    many = tuple(msgspec.structs.replace(nights.TICKET, id=str(i), title=f"{i} Checkout") for i in range(3, 15))
    board = nights.bakery(problems=(msgspec.structs.replace(nights.FIRE, signals=many),))
    async with at(board) as (screen, pilot):
        await press(pilot, "x")
        shown = " ".join(screen.text().split())
        assert "take out, of the first 9 of 12 1: # 10 10 Checkout 2: # 11 11 Checkout" in shown
        assert "9: # 6 6 Checkout" in shown


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("i", "3"), "impact: degraded"),
        (("z", "1"), "snoozed here until 03:29"),
        (("x", "2"), "taken out: HTTP 5xx at 41%"),
        (("j", "enter"), "joined with Webshop Lente"),
    ],
)
async def test_what_was_decided_is_told_in_words_with_the_key_that_takes_it_back(
    keys: tuple[str, ...], said: str
) -> None:
    async with at() as (screen, pilot):
        screen.engine.answers = [Said(words="decided: u takes it back")]
        await press(pilot, *keys)
        assert f" {said} · u takes it back" in screen.text()


async def test_x_on_a_single_signal_says_why_not() -> None:
    async with at(garage_first()) as (screen, pilot):
        await press(pilot, "x")
        assert "there is only one signal: nothing to split" in screen.text()


async def test_j_joins_with_the_problem_that_is_chosen() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "j", "enter")
        assert screen.engine.told == [("decide", Act.JOIN, nights.FIRE.refs, ("desk/8",), "", None)]
        assert "BAKKERIJ DE KORENAAR" in screen.text()


async def test_a_problem_is_not_offered_to_be_joined_with_itself() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "j")
        shown = screen.text()
        assert "OrdersApiDown" not in shown
        assert "6 problems" in shown
        assert "enter makes one problem of the two" in shown


# --- pages -----------------------------------------------------------------------------------------------------------


async def test_the_queue_puts_the_chosen_problem_under_the_hands() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", "down", "j", "k", "enter")
        assert "WEBSHOP LENTE" in screen.text()


async def test_the_chosen_problem_stays_chosen_when_the_order_changes() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", "down")
        screen.engine.publish(nights.bakery(problems=tuple(reversed(nights.bakery().problems))))
        await press(pilot, "enter")
        assert "WEBSHOP LENTE" in screen.text()


async def test_filtering_takes_letters_that_are_keys_elsewhere() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", "/", *"garage q", "backspace", "backspace")
        assert "holds “garage_”" in screen.text()
        assert "Webshop" not in screen.text()
        await press(pilot, "enter", "enter")
        assert "GARAGE SMIT" in screen.text()


async def paste(screen: Screen, pilot: Pilot[int], text: str) -> None:
    """As the driver tells of text that arrived in one piece."""
    screen.app.post_message(events.Paste(text))
    await pilot.pause()
    await pilot.pause()


async def test_a_ticket_number_that_is_pasted_into_the_filter_finds_its_problem_and_chooses_nothing() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", "/")
        await paste(screen, pilot, "\n#48213 \nq\n")
        assert "holds “#48213 _”" in screen.text()
        assert "Bakkerij De Korenaar" in screen.text()
        assert "Garage" not in screen.text()
        await press(pilot, "enter", "enter")
        assert "BAKKERIJ DE KORENAAR" in screen.text()


async def test_letters_in_one_piece_go_on_what_was_typed_and_controls_in_them_are_only_shown() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", "/", "g")
        await paste(screen, pilot, "arage ")
        await paste(screen, pilot, "smi\x1b[31m\x03" + "x" * 70_000)
        page = screen.app.desk.page
        assert isinstance(page, Queue)
        assert page.filter.startswith("garage smi^[[31m^Cxxx")
        assert len(page.filter) < 300


async def test_what_is_pasted_into_a_list_or_under_a_question_is_no_letter_and_no_key() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q")
        await paste(screen, pilot, "/garage")
        assert "no key was pressed" in screen.text()
        await press(pilot, "/")
        screen.app.desk.ask(confirm("sure?", screen.app.desk.shell.leave))
        await paste(screen, pilot, "yyy")
        await press(pilot, "n")
        assert "holds “_”" in screen.text()
        assert not screen.engine.stopped


async def test_words_pasted_before_the_editor_has_the_focus_are_not_lost() -> None:
    async with at() as (screen, pilot):
        screen.app.post_message(events.Key("n", "n"))
        screen.app.post_message(events.Paste("db1 is full\x1b[c"))
        await until(pilot, lambda: screen.app.typed() == "db1 is full^[[c")


async def test_while_a_filter_is_typed_only_the_keys_that_end_it_are_shown() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", "/", "g")
        assert "escape no filter  enter keep it" in screen.text()
        assert "by customer" not in screen.text()
        await press(pilot, "enter")
        assert "by customer" in screen.text()


async def test_where_no_letters_are_looked_for_no_problem_is_read_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 10,000 of them each key of the queue waited 8 ms for that."""

    def read(problem: Problem) -> str:
        raise AssertionError(f"{problem.id} was read")

    monkeypatch.setattr("oncall_tui.ui.queue.known_as", read)
    async with at() as (screen, pilot):
        await press(pilot, "q", "down")
        assert "Garage Smit" in screen.text()


async def test_escape_empties_the_filter_then_leaves() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", "/", *"xyz")
        assert "nothing holds these letters" in screen.text()
        await press(pilot, "escape")
        assert "Webshop" in screen.text()
        await press(pilot, "escape")
        assert "BAKKERIJ DE KORENAAR" in screen.text()


async def test_a_snoozed_problem_can_be_looked_at_from_the_queue() -> None:
    aside = msgspec.structs.replace(nights.WEBSHOP, aside="snoozed until 04:00")
    async with at(nights.bakery(problems=(nights.FIRE,), aside=(aside,))) as (screen, pilot):
        await press(pilot, "q")
        assert "Webshop" not in screen.text()
        await press(pilot, "z", "down", "enter")
        assert "WEBSHOP LENTE" in screen.text()
        assert "snoozed until 04:00" in screen.text()


async def test_only_visible_rows_of_a_long_queue_are_drawn() -> None:
    drawn: list[str] = []
    many = tuple(msgspec.structs.replace(nights.GARAGE, id=f"p{i}") for i in range(10_000))
    async with at(nights.bakery(problems=many)) as (screen, pilot):
        await press(pilot, "q")
        page = screen.app.desk.page
        assert page is not None
        paint = page.paint
        page.paint = lambda item, sight: (drawn.append(item.problem.id), paint(item, sight))[1]  # type: ignore[union-attr, arg-type, func-returns-value]
        await press(pilot, "end")
        assert set(drawn) <= {f"p{i}" for i in range(10_000 - 20, 10_000)}


async def test_the_outbox_sends_again_and_withdraws_what_is_chosen() -> None:
    async with at(stuck()) as (screen, pilot):
        await press(pilot, "s", "r")
        assert screen.engine.told == [("settle", "w-note-desk/48213", True)]
        await press(pilot, "w")
        assert screen.engine.told[-1] == ("settle", "w-note-desk/48213", False)
        await press(pilot, "end", "r")
        assert "it is confirmed by am: there is nothing to send again" in screen.text()


async def test_the_outbox_says_when_it_is_empty() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "s", "w")
        assert "the outbox is empty" in screen.text()


async def test_a_link_is_copied_whole_and_never_launched() -> None:
    async with at() as (screen, pilot):
        copied = screen.copies()
        await press(pilot, "o", "down", "enter")
        assert copied == ["https://desk.example.nl/issues/48213"]


@pytest.mark.parametrize("key", ["q", "e", "t", "o", "s", "?"])
async def test_escape_comes_back_from_every_page(key: str) -> None:
    async with at() as (screen, pilot):
        before = screen.text()
        await press(pilot, key)
        assert screen.text() != before
        await press(pilot, "escape")
        assert screen.text() == before


async def test_a_long_page_scrolls_to_its_end_and_back() -> None:
    async with at(storm()) as (screen, pilot):
        await press(pilot, "e")
        top = screen.text()
        await press(pilot, "end")
        assert "Bestellen werkt niet" in screen.text()
        await press(pilot, "home")
        assert screen.text() == top


# --- leaving ---------------------------------------------------------------------------------------------------------


async def test_ctrl_c_leaves_and_stops_the_engine() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "ctrl+c")
    assert screen.app.return_value == 0
    assert screen.engine.stopped


async def test_ctrl_c_asks_once_while_something_is_being_written_and_keeps_it() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"loo", "ctrl+c")
        assert "You are writing; it is kept as a draft. Leave?" in screen.text()
        await press(pilot, "ctrl+c")
    assert screen.app.return_value == 0
    assert screen.engine.drafts["p1", Verb.NOTE] == "loo"


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+p", "ctrl+s", "f1", "tab"])
async def test_no_other_key_quits_or_opens_anything(key: str) -> None:
    async with at() as (screen, pilot):
        await press(pilot, key)
        assert screen.app.is_running
        assert "BAKKERIJ DE KORENAAR" in screen.text()


# --- time and looks --------------------------------------------------------------------------------------------------


async def test_the_fire_ticks_by_the_second_and_only_its_line_is_painted() -> None:
    now = [NOW]
    async with at(now=lambda: now[0]) as (screen, pilot):
        assert "ALONE 12:41" in screen.text()
        painted: list[int] = []
        paper = screen.app._paper
        render = paper.render_line
        paper.render_line = lambda y: (painted.append(y), render(y))[1]  # type: ignore[method-assign, func-returns-value]
        now[0] += timedelta(seconds=1)
        screen.app._tick()
        await pilot.pause()
        assert "ALONE 12:42" in screen.text()
    assert painted[0] == 2
    assert painted.count(3) <= painted.count(2)


async def test_the_screen_fits_whatever_size_it_becomes() -> None:
    async with at(storm()) as (screen, pilot):
        for size in ((40, 15), (20, 5), (1, 1), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.pause()
            assert len(screen.text().split("\n")) == size[1]
        assert "BAKKERIJ DE KORENAAR" in screen.text()


async def test_a_terminal_without_unicode_gets_ascii_and_the_same_layout() -> None:
    async with at(ascii_=True) as (screen, _):
        shown = screen.text()
    assert shown.isascii()
    assert "X OrdersApiDown" in shown
    assert '"De winkels kunnen niet bestellen, bel mij!"' in shown


async def test_without_colour_no_meaning_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with at() as (screen, _):
        strips = screen.app.screen._compositor.render_strips()
        colours = {s.style.color for strip in strips for s in strip if s.style and s.style.color}
        assert {colour.name for colour in colours} <= {"default"}


async def test_a_source_whose_clock_is_wrong_is_said() -> None:
    board = nights.bakery(sources=(nights.health("am", "alertmanager", skew_s=3600.0),))
    async with at(board) as (screen, _):
        assert "the clock of am is 1h ahead" in screen.text()


@pytest.mark.parametrize("size", [(29, 24), (80, 7), (10, 3), (1, 1)])
async def test_below_thirty_by_eight_it_says_whose_problem_it_is_and_that_it_is_too_small(
    size: tuple[int, int],
) -> None:
    async with at(size=size) as (screen, pilot):
        shown = screen.text()
        assert ("BAKKE" in shown) is (size[0] > 12)
        assert "too small" in " ".join(shown.split()) or size[0] < 12
        await press(pilot, "q")
        assert "queue" not in screen.text()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "queue: 7 problems" in screen.text()


async def test_before_the_first_board_the_screen_says_what_it_waits_for() -> None:
    screen = Screen()
    screen.engine.board = None
    async with screen.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Reading what was known" in screen.text()
        assert "quiet" not in screen.text()
        assert "Nobody" not in screen.text()


async def test_a_certificate_that_is_not_checked_stands_on_the_screen_for_as_long_as_that_is_so() -> None:
    board = nights.bakery()
    warned = replace(board.sources[0], warning="its certificate is not checked (verify = false)")
    async with at(replace(board, sources=(warned, *board.sources[1:]))) as (screen, pilot):
        assert f"{warned.name}: its certificate is not checked (verify = false)" in screen.text()
        await press(pilot, "u")
        screen.engine.publish(replace(board, sources=(warned, *board.sources[1:])))
        await pilot.pause()
        assert "its certificate is not checked" in screen.text()
        screen.engine.publish(board)
        await pilot.pause()
        assert "its certificate is not checked" not in screen.text()


def test_quiet_is_never_said_of_an_incomplete_picture() -> None:
    from oncall_tui.ui.focus import focus
    from oncall_tui.ui.ink import plain
    from oncall_tui.ui.sight import Sight

    silent = Health(name="desk", kind="redmine", live=False)
    for board in (nights.late(), nights.bakery(problems=(), sources=(silent,)), nights.bakery(problems=(), sources=())):
        sight = Sight(board=board, now=NOW, me="Sanne", width=80, height=24, problem=None)
        assert "Nobody is alone" not in "\n".join(map(plain, focus(sight)))


def test_a_source_that_answers_and_may_leave_something_out_is_told_as_that() -> None:
    from oncall_tui.ui.focus import focus
    from oncall_tui.ui.ink import plain
    from oncall_tui.ui.sight import Sight

    deaf = Health(name="am", kind="icinga2", live=False, answered_at=NOW, gap="makes no service checks any more")
    torn = replace(deaf, name="desk", gap="", unreadable=2)
    board = nights.bakery(problems=(), sources=(deaf, torn, Health(name="rt", kind="rt", live=False)))
    shown = "\n".join(map(plain, focus(Sight(board=board, now=NOW, me="Sanne", width=120, height=24, problem=None))))
    assert "Nobody is known to be alone, but rt has not answered in time, and am, desk may not tell all." in shown
    assert "3 of 3 not live: am in part, desk in part, rt never" in shown
    assert "am makes no service checks any more · as of just now" in shown
    assert "desk told 2 records that could not be read · as of just now" in shown


# --- what the outbox can be told -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "again", "withdrawn"),
    [
        (State.HELD, "it is held: it goes by itself", ""),
        (State.WAITING, "it is waiting for desk: it goes by itself", ""),
        (State.SENDING, "it is sending to desk: it goes by itself", "whether it arrived will be known in a moment"),
        (State.UNSURE, "", ""),
        (State.REFUSED, "", ""),
        (State.WITHDRAWN, "", "it cannot be withdrawn any more"),
        (State.DELIVERED, "there is nothing to send again", "it cannot be withdrawn any more"),
        (State.CONFIRMED, "there is nothing to send again", "it cannot be withdrawn any more"),
    ],
)
async def test_the_outbox_sends_again_and_withdraws_what_can_be_and_says_why_not(
    state: State, again: str, withdrawn: str
) -> None:
    board = nights.bakery(outbox=(nights.write(Verb.NOTE, state=state, text="x"),))
    for key, why in (("r", again), ("w", withdrawn)):
        async with at(board) as (screen, pilot):
            await press(pilot, "s", key)
            told = [one for one in screen.engine.told if one[0] == "settle"]
            assert bool(told) is not bool(why)
            assert why in " ".join(screen.text().split())
