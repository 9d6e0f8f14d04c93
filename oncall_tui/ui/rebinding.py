"""`[keys]` -> the table with those keys in it; what cannot be a key, or is one already, is an error at start.

Which keys terminals, tmux and screen pass on is terminal.md 4: a function key is another sequence in each of them, and
ctrl with h, i, j, m or [ is the byte of another key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oncall_tui.config.table import near
from oncall_tui.errors import ConfigError
from oncall_tui.ui.ink import Piece, width
from oncall_tui.ui.key import Key, Where

MOVES: Mapping[str, int | None] = {
    "up": -1, "k": -1, "down": 1, "j": 1, "pageup": -10, "pagedown": 10, "space": 10, "home": None, "end": None,
}  # fmt: skip
"""Keys that move in a list or a page, by how many lines; they cannot be rebound."""

_KEPT = {
    "ctrl+s": "stops the output of a terminal",
    "ctrl+q": "starts the output of a terminal again",
    "ctrl+a": "is the prefix of screen",
    "ctrl+b": "is the prefix of tmux",
    "ctrl+z": "stops a program",
    "ctrl+h": "is backspace to a terminal",
    "ctrl+i": "is tab to a terminal",
    "ctrl+j": "is enter to a terminal",
    "ctrl+m": "is enter to a terminal",
    "ctrl+[": "is escape to a terminal",
    "ctrl+l": "paints the screen again",
}
_NAMED = ("enter", "escape", "tab", "backspace", "delete")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MEANT = {("back", "leave")}
"""Escape always leaves: in the editor it also keeps the words."""


def rebound(table: Iterable[Key], wanted: Mapping[str, str]) -> tuple[Key, ...]:
    """The table with the keys that are `wanted`, by name. Raises `ConfigError` for an unknown name, key or a conflict."""
    table = tuple(table)
    names = {key.name for key in table}
    for name in wanted:
        if name not in names:
            raise ConfigError(f"there is no such key; {near(name, sorted(names))}", key=f"keys.{name}")
    made = tuple(_bound(key, wanted[key.name]) if key.name in wanted else key for key in table)
    _check_conflicts(made, wanted)
    return made


def _bound(key: Key, pressed: str) -> Key:
    if why := _unfit(key, pressed):
        raise ConfigError(f"{pressed!r} cannot be a key here: {why}", key=f"keys.{key.name}")
    return Key(**{name: getattr(key, name) for name in key.__struct_fields__} | {"key": pressed})


def _unfit(key: Key, pressed: str) -> str:
    """Why that key cannot do this; "" when it can."""
    if pressed in _KEPT:
        return f"it {_KEPT[pressed]}"
    if pressed in MOVES and (len(pressed) > 1 or key.places != (Where.FOCUS,)):
        return "it already moves in a list"
    is_letter = len(pressed) == 1 and pressed.strip() and pressed.isprintable() and width((Piece(pressed),)) == 1
    is_ctrl = pressed.startswith("ctrl+") and pressed[5:] in _LETTERS and len(pressed) == 6
    if not (is_letter or is_ctrl or pressed in _NAMED):
        return f"it must be one character, ctrl+ and a letter, or one of {', '.join(_NAMED)}"
    is_typed = is_letter or pressed in ("enter", "tab", "backspace", "delete")
    if is_typed and (key.where is Where.EDITOR or key.name == "quit"):
        return "it is typed in the editor; ctrl+ and a letter is not"
    return ""


def _check_conflicts(table: Iterable[Key], wanted: Mapping[str, str]) -> None:
    """The key that was rebound is the one at fault, else the error would name a line that is not in the file."""
    seen: dict[tuple[Where, str], Key] = {}
    for key in table:
        for where in key.places:
            other = seen.setdefault((where, key.key), key)
            if other is not key and (other.name, key.name) not in _MEANT:
                wrong, right = (key, other) if key.name in wanted else (other, key)
                raise ConfigError(
                    f"{key.key!r} is already the key of {right.name!r}: choose another", key=f"keys.{wrong.name}"
                )
