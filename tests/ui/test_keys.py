"""The table of keys: every key does something, is told in the help, survives bad terminals, and can be rebound."""

from __future__ import annotations

import pytest

from oncall_tui.errors import ConfigError
from oncall_tui.ui.actions import ACTIONS
from oncall_tui.ui.ink import plain, width
from oncall_tui.ui.keys import TABLE, Keys, Where
from oncall_tui.ui.pages import help_lines
from oncall_tui.ui.sight import Sight
from tests.ui.nights import NOW, bakery


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
        ({"take": "r"}, "keys.", "already the key of"),
        ({"take": "ctrl+s"}, "keys.take", "cannot be a key"),
        ({"take": "ctrl+b"}, "keys.take", "cannot be a key"),
        ({"take": ""}, "keys.take", "cannot be a key"),
        ({"tkae": "T"}, "keys.tkae", "there is no such key"),
        ({"queue": "?"}, "keys.", "already the key of"),
        ({"group": "j"}, "keys.group", "already moves in a list"),
    ],
)
def test_a_conflict_is_an_error_that_names_the_key(rebound: dict[str, str], named: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as error:
        Keys(rebound)
    assert error.value.key.startswith(named)


@pytest.mark.parametrize("cells", [10, 40, 80, 200])
def test_the_bar_is_never_wider_than_the_screen_and_always_names_the_help(cells: int) -> None:
    bar = Keys().bar(Where.FOCUS, cells)
    assert width(bar) <= cells
    assert "? help" in plain(bar)
