"""Inks -> looks: the terminal's own sixteen colours, red on black for dark-adapted eyes, or no colour at all."""

from __future__ import annotations

from rich.style import Style

from oncall_tui.ui.ink import Ink

_BARE = {
    Ink.PLAIN: Style(),
    Ink.DIM: Style(dim=True),
    Ink.STRONG: Style(bold=True),
    Ink.ALARM: Style(bold=True, reverse=True),
    Ink.WARN: Style(bold=True),
    Ink.GOOD: Style(),
    Ink.NOTE: Style(italic=True),
    Ink.REPLY: Style(bold=True),
    Ink.RULE: Style(dim=True),
    Ink.KEY: Style(bold=True, underline=True),
    Ink.CHOSEN: Style(reverse=True),
}

_COLOURS = {
    Ink.ALARM: Style(color="red", bold=True),
    Ink.WARN: Style(color="yellow"),
    Ink.GOOD: Style(color="green"),
    Ink.NOTE: Style(color="cyan"),
    Ink.REPLY: Style(color="magenta", bold=True),
    Ink.KEY: Style(bold=True),
}

_NIGHT = {
    ink: Style(color="red", bold=look.bold, dim=look.dim, underline=look.underline, reverse=look.reverse)
    for ink, look in _BARE.items()
}

THEMES: dict[str, dict[Ink, Style]] = {"terminal": _BARE | _COLOURS, "bare": _BARE, "night": _NIGHT}
"""``terminal`` uses the colours that the engineer chose for their terminal, dark or light; ``bare`` is for NO_COLOR."""
