"""The palette: what can be done, found by a few letters, on the real app over a scripted engine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.model import Verb
from oncall_tui.ui.keys import TABLE, Key, Where
from tests.ui import nights
from tests.ui.scripted import bare_desk
from tests.ui.test_desk import at, paste, press


async def test_a_few_letters_find_what_to_do_and_enter_does_it() -> None:
    async with at() as (screen, pilot):
        await press(pilot, ":", *"take")
        assert "▸ a       take the problem" in screen.text()
        await press(pilot, "enter")
        assert screen.engine.told == [("say", Verb.ACKNOWLEDGE, "p1", "", False)]
        assert "take it: held" in screen.text()


async def test_a_problem_is_found_by_its_customer_and_put_on_the_screen() -> None:
    async with at() as (screen, pilot):
        await press(pilot, ":", *"smit")
        assert "Garage Smit" in screen.text()
        assert "take the problem" not in screen.text()
        await press(pilot, "enter")
        assert "GARAGE SMIT" in screen.text()


async def test_a_ticket_number_that_is_pasted_finds_its_problem_and_only_enter_goes_there() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "g", ":")
        await paste(screen, pilot, "garage\nsmit\n")
        assert "do: garage_" in screen.text()
        await press(pilot, *["backspace"] * 6)
        await paste(screen, pilot, "[desk #48213]")
        assert "Bakkerij De Korenaar" in screen.text()
        assert "Garage" not in screen.text()
        await press(pilot, "enter")
        assert "BAKKERIJ DE KORENAAR" in screen.text()


async def test_the_number_of_an_alert_finds_nothing() -> None:
    async with at() as (screen, pilot):
        await press(pilot, ":", *"beef")
        assert "nothing begins with these letters" in screen.text()


async def test_letters_are_taken_back_and_escape_leaves_without_doing_anything() -> None:
    async with at() as (screen, pilot):
        await press(pilot, ":", *"zzz")
        assert "nothing begins with these letters" in screen.text()
        await press(pilot, "enter")
        await press(pilot, "backspace", "backspace", "backspace")
        assert "take the problem" in screen.text()
        await press(pilot, "escape")
        assert screen.engine.told == []
        assert "BAKKERIJ DE KORENAAR" in screen.text()


async def test_it_opens_from_a_page_and_is_text_in_the_editor() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "q", ":")
        assert "do: _" in screen.text()
        await press(pilot, "escape", "n")
        await press(pilot, ":")
        assert screen.app.typed() == ":"


async def test_what_cannot_be_done_says_why_when_it_is_chosen() -> None:
    async with at(nights.bakery(problems=())) as (screen, pilot):
        await press(pilot, ":", *"explain", "enter")
        assert "there is no problem on the screen" in screen.text()


FROM_HERE = [key for key in TABLE if key.where in (Where.FOCUS, Where.ANYWHERE) and key.name not in ("palette", "back")]


@pytest.mark.parametrize("key", FROM_HERE, ids=lambda key: key.name)
async def test_everything_that_a_key_does_from_the_problem_is_found_by_its_name(key: Key) -> None:
    async with at(size=(120, 60)) as (screen, pilot):
        await press(pilot, ":", *(letter if letter != " " else "space" for letter in key.short.partition("'")[0]))
        assert key.long in screen.text()


@given(st.text(max_size=12))
def test_whatever_is_typed_nothing_breaks_and_what_stays_holds_it(typed: str) -> None:
    desk = bare_desk(nights.bakery())
    desk.pressed(":")
    for letter in typed:
        desk.pressed("space" if letter == " " else letter)
    assert len(desk.lines(80, 24)) == 24
