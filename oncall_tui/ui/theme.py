"""Inks -> looks: for a dark or a light background, red on black for eyes used to the dark, or no colour."""

from __future__ import annotations

from rich.style import Style

from oncall_tui.ui.ink import Ink

# A shape is never drawn in reverse: ■ would look like a hole. That is why ALARM and DOWN are two.
_BARE = {
    Ink.PLAIN: Style(),
    Ink.DIM: Style(dim=True),
    Ink.STRONG: Style(bold=True),
    Ink.ALARM: Style(bold=True, reverse=True),
    Ink.DOWN: Style(bold=True),
    Ink.WARN: Style(bold=True),
    Ink.GOOD: Style(),
    Ink.NOTE: Style(italic=True),
    Ink.REPLY: Style(bold=True),
    Ink.RULE: Style(dim=True),
    Ink.KEY: Style(bold=True, underline=True),
    Ink.CHOSEN: Style(reverse=True),
}

_DARK = {
    Ink.ALARM: Style(color="red", bold=True),
    Ink.DOWN: Style(color="red", bold=True),
    Ink.WARN: Style(color="yellow"),
    Ink.GOOD: Style(color="green"),
    Ink.NOTE: Style(color="cyan"),
    Ink.REPLY: Style(color="magenta", bold=True),
    Ink.KEY: Style(bold=True),
}

_LIGHT = {
    Ink.ALARM: Style(color="red", bold=True),
    Ink.DOWN: Style(color="red", bold=True),
    Ink.WARN: Style(color="red"),
    Ink.GOOD: Style(color="green"),
    Ink.NOTE: Style(color="blue"),
    Ink.REPLY: Style(color="magenta", bold=True),
    Ink.KEY: Style(bold=True),
}
"""Yellow and cyan cannot be read on white."""

_NIGHT = {
    ink: Style(
        color="red", bgcolor="black", bold=look.bold, dim=look.dim, underline=look.underline, reverse=look.reverse
    )
    for ink, look in _BARE.items()
}

THEMES: dict[str, dict[Ink, Style]] = {"dark": _BARE | _DARK, "light": _BARE | _LIGHT, "night": _NIGHT, "bare": _BARE}
"""By name, in the terminal's own sixteen colours; ``bare`` is for NO_COLOR, the others are `config.shape.Theme`."""
