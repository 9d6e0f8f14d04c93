"""Drafts on the page of the outbox, and what stands above an open editor."""

from __future__ import annotations

import msgspec

from oncall_tui.model import Verb
from tests.ui import nights
from tests.ui.states import left
from tests.ui.test_desk import at, press


async def test_every_draft_is_listed_with_whom_it_is_about_or_that_its_problem_is_over() -> None:
    async with at(left()) as (screen, pilot):
        await press(pilot, "s")
        assert "03:11 reply to the customer · Bakkerij De Korenaar and 2 more · “Ik kijk nu,”" in screen.text()
        assert "03:09 note for colleagues · its problem is over · “it was the cache”" in screen.text()


async def test_enter_goes_on_with_a_draft_under_its_problem_whatever_was_under_the_hands() -> None:
    board = left()
    order = (nights.WEBSHOP, nights.FIRE)
    async with at(msgspec.structs.replace(board, problems=order)) as (screen, pilot):
        await press(pilot, "s", "enter")
        assert "BAKKERIJ DE KORENAAR" in screen.text()
        assert screen.app.typed() == "Ik kijk nu,"
        await press(pilot, "ctrl+o", "y")
        assert screen.engine.told == [("say", Verb.REPLY, "p1", "Ik kijk nu,", False)]


async def test_the_words_of_a_problem_that_is_over_can_be_copied_and_thrown_away_after_a_question() -> None:
    async with at(left()) as (screen, pilot):
        copied: list[str] = []
        screen.app.copy = lambda text: copied.append(text) or "copied"  # type: ignore[method-assign, func-returns-value]
        await press(pilot, "s", "down", "enter")
        assert "its problem is over: c copies the words" in screen.text()
        await press(pilot, "r")
        assert "it was never sent: enter goes on writing it" in screen.text()
        await press(pilot, "c")
        assert copied == ["it was the cache"]
        await press(pilot, "w")
        assert "Throw the draft “it was the cache” away?" in screen.text()
        await press(pilot, "n")
        assert screen.engine.told == []
        await press(pilot, "w", "y")
        assert screen.engine.told == [("drop_draft", "gone", Verb.NOTE)]


async def test_the_keys_of_the_editor_stand_above_the_words_and_what_is_typed_goes_on_being_typed() -> None:
    async with at(size=(40, 15)) as (screen, pilot):
        await press(pilot, "n", *"one", "ctrl+p")
        assert "ctrl+o   send what is written" in screen.text()
        await press(pilot, "end")
        assert "leave; the words are kept" in screen.text()
        await press(pilot, *" two")
        assert "send what is written" not in screen.text()
        assert screen.app.typed() == "one two"
        await press(pilot, "ctrl+p", "escape")
        assert screen.app.typed() == "one two"
        assert screen.app.desk.editing
        await press(pilot, "ctrl+p", "ctrl+o")
        assert screen.engine.told == [("say", Verb.NOTE, "p1", "one two", False)]
        assert "send what is written" not in screen.text()


async def test_a_problem_stands_under_each_customer_whom_it_hurts_and_each_can_be_chosen() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", "c")
        shown = screen.text()
        for name in ("Bakkerij De Korenaar", "Slagerij Vos", "Kaasboer Bos"):
            assert any(row.strip() == name for row in shown.split("\n")), name
        await press(pilot, "down", "down", "down", "enter")
        assert "WEBSHOP LENTE" in screen.text()
