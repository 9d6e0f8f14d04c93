"""The terminal under the screen: an app that never prints a secret, never outlives its terminal and always gives it back."""

from __future__ import annotations

import os
import sys

from textual.app import App


def why_not() -> str:
    """Why a screen cannot be shown here, as a sentence; "" when it can."""
    if not (os.isatty(0) and os.isatty(2)):
        return "there is no terminal: standard input or standard error is not one"
    if os.environ.get("TERM", "") in ("", "dumb"):
        return "this terminal cannot place text (TERM is empty or dumb)"
    return ""


def is_utf8() -> bool:
    """Whether the terminal was told to be one that shows more than ASCII."""
    return (getattr(sys.__stderr__, "encoding", "") or "").lower().replace("-", "") == "utf8"


class TerminalApp(App[int]):
    """A Textual app made fit for a bastion at night; the screen builds on it."""
