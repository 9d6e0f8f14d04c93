"""The table of keys: every key does something, is told in the help, survives bad terminals, and can be rebound."""

from __future__ import annotations

import pytest

from oncall_tui.errors import ConfigError
from oncall_tui.model import Verb
from oncall_tui.ui.actions import ACTIONS
from oncall_tui.ui.ink import plain, width
from oncall_tui.ui.keys import TABLE, Keys, Where
from oncall_tui.ui.pages import help_lines
from oncall_tui.ui.sight import Sight
from tests.ui.nights import NOW, bakery
from tests.ui.test_desk import at, press


def test_every_key_has_exactly_one_action_and_every_action_a_key() -> None:
    assert {key.name for key in TABLE} == set(ACTIONS)


def test_no_key_needs_what_flow_control_tmux_or_screen_keep_or_a_function_key() -> None:
    taken = {"ctrl+s", "ctrl+q", "ctrl+a", "ctrl+b", "ctrl+m", "ctrl+z"}
    assert not [key for key in TABLE if key.key in taken or key.key.startswith(("f1", "f2"))]


def test_every_key_stands_in_the_help_as_it_is_bound() -> None:
    keys = Keys({"take": "T"})
    sight = Sight(board=bakery(), now=NOW, me="Sanne", width=80, height=24, keys=keys)
    shown = [plain(line) for line in help_lines(keys, sight)]
    for key in keys:
        assert any(line.startswith(f"  {key.key} ") for line in shown), key
    assert not any(line.startswith("  a ") and "take the problem" in line for line in shown)


def test_a_rebound_key_does_what_the_old_one_did_and_the_old_one_nothing() -> None:
    keys = Keys({"take": "T"})
    found = keys.find(Where.FOCUS, "T")
    assert found is not None
    assert found.name == "take"
    assert keys.find(Where.FOCUS, "a") is None


@pytest.mark.parametrize(
    ("rebound", "named", "why"),
    [
        ({"take": "r"}, "keys.take", "already the key of 'reply'"),
        ({"reply": "a"}, "keys.reply", "already the key of 'take'"),
        ({"take": "ctrl+s"}, "keys.take", "stops the output"),
        ({"take": "ctrl+b"}, "keys.take", "is the prefix of tmux"),
        ({"take": ""}, "keys.take", "must be one character"),
        ({"tkae": "T"}, "keys.tkae", "there is no such key"),
        ({"queue": "?"}, "keys.queue", "already the key of 'help'"),
        ({"group": "j"}, "keys.group", "already moves in a list"),
        ({"help": "k"}, "keys.help", "already moves in a list"),
        ({"go": "up"}, "keys.go", "already moves in a list"),
        ({"take": "foo"}, "keys.take", "must be one character, ctrl"),
        ({"take": "f5"}, "keys.take", "must be one character, ctrl"),
        ({"take": "ctrl+5"}, "keys.take", "must be one character, ctrl"),
        ({"take": "alt+a"}, "keys.take", "must be one character, ctrl"),
        ({"take": "注"}, "keys.take", "must be one character, ctrl"),
        ({"take": "\u0301"}, "keys.take", "must be one character, ctrl"),
        ({"take": " "}, "keys.take", "must be one character, ctrl"),
        ({"take": "ctrl+i"}, "keys.take", "is tab to a terminal"),
        ({"take": "ctrl+j"}, "keys.take", "is enter to a terminal"),
        ({"take": "ctrl+h"}, "keys.take", "is backspace to a terminal"),
        ({"take": "ctrl+l"}, "keys.take", "paints the screen again"),
        ({"send": "s"}, "keys.send", "is typed in the editor"),
        ({"send": "enter"}, "keys.send", "is typed in the editor"),
        ({"leave": "backspace"}, "keys.leave", "is typed in the editor"),
        ({"quit": "Q"}, "keys.quit", "is typed in the editor"),
    ],
)
def test_a_conflict_is_an_error_that_names_the_key(rebound: dict[str, str], named: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as error:
        Keys(rebound)
    assert error.value.key == named


@pytest.mark.parametrize("cells", [10, 40, 80, 200])
def test_the_bar_is_never_wider_than_the_screen_and_always_names_the_help(cells: int) -> None:
    bar = Keys().bar(Where.FOCUS, cells)
    assert width(bar) <= cells
    assert "? help" in plain(bar)


REBOUND = {
    "choose": "l",
    "copy": "L",
    "back": "b",
    "quit": "ctrl+x",
    "send": "ctrl+y",
    "leave": "ctrl+v",
    "template": "ctrl+u",
    "outside": "ctrl+w",
    "whom": "ctrl+d",
    "promise": "ctrl+k",
}


async def test_what_is_rebound_is_done_by_the_new_key_and_not_by_the_old_one() -> None:
    async with at(keys=REBOUND) as (screen, pilot):
        await press(pilot, "q", "down", "enter")
        assert "queue:" in screen.text()
        await press(pilot, "escape")
        assert "queue:" in screen.text()
        await press(pilot, "l")
        assert "WEBSHOP LENTE" in screen.text()
        await press(pilot, "q", "b")
        assert "WEBSHOP LENTE" in screen.text()
        await press(pilot, "z", "escape")
        assert "snooze it here for" in screen.text()
        await press(pilot, "b", "q", "home", "l", "o", "L")
        assert "clipboard" in screen.text()


async def test_the_keys_of_the_editor_can_be_rebound_to_what_a_text_area_keeps_for_itself() -> None:
    async with at(keys=REBOUND) as (screen, pilot):
        await press(pilot, "r", *"ab", "ctrl+d")
        assert "Ron of Bakkerij De Korenaar reads this" in screen.text()
        await press(pilot, "ctrl+k")
        assert "there is no promise to propose here" in screen.text()
        await press(pilot, "ctrl+u")
        assert "there are no templates" in screen.text()
        assert screen.app.typed() == "ab"
        await press(pilot, "ctrl+v")
        assert screen.engine.drafts["p1", Verb.REPLY] == "ab"
        await press(pilot, "n", *"cd", "ctrl+o", "ctrl+c")
        assert screen.app.typed() == "cd"
        await press(pilot, "ctrl+y")
        assert screen.engine.told == [("say", Verb.NOTE, "p1", "cd", False)]
        await press(pilot, "ctrl+c")
        assert screen.app.is_running
        await press(pilot, "ctrl+x")
    assert screen.app.return_value == 0


@pytest.mark.parametrize("page", ["q", "e", "t", "o", "s", "H", "?"])
async def test_a_key_of_the_problem_says_on_a_page_that_it_is_one_and_words_behind_a_note_press_nothing(
    page: str,
) -> None:
    async with at() as (screen, pilot):
        await press(pilot, page, "a")
        assert "a (I'm on it) is a key of the problem: escape goes there first" in screen.text()
        if page != "H":
            await press(pilot, "n", *"restarted wzc")
            assert "n (note) writes about the problem: escape goes there first" in screen.text()
        assert screen.engine.told == []


async def test_the_sources_can_be_asked_on_their_own_page() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "s")
        assert "A ask now" in screen.text()
        await press(pilot, "A")
        assert screen.engine.told == [("ask_now", "")]


def test_the_bar_of_the_editor_on_a_phone_shows_how_to_leave_it() -> None:
    assert "escape draft" in plain(Keys().bar(Where.EDITOR, 40))
