"""What the screen runs within, tmux or GNU screen, and how a sequence gets through it to the terminal outside."""

from __future__ import annotations

import enum
from collections.abc import Mapping

_PIECE = 512
"""Characters of a sequence in one string; screen keeps at most 768 bytes of it and drops what is longer."""


class Within(enum.Enum):
    """What stands between us and the terminal; by its name as its users call it."""

    NOTHING = ""
    TMUX = "tmux"
    SCREEN = "screen"


def within(environ: Mapping[str, str]) -> Within:
    """The innermost one. Their own variables tell it; behind an ssh only ``TERM`` came along.

    A ``TERM`` of ``screen`` may be an old tmux as well: what is meant for screen does no harm there.
    """
    term = environ.get("TERM", "")
    if environ.get("TMUX") and environ.get("STY"):
        return Within.SCREEN if term.startswith("screen.") else Within.TMUX
    if environ.get("TMUX"):
        return Within.TMUX
    if environ.get("STY"):
        return Within.SCREEN
    return next((one for one in (Within.TMUX, Within.SCREEN) if term.startswith(one.value)), Within.NOTHING)


def passed(sequence: str, environ: Mapping[str, str]) -> str:
    """The sequence as it must be written to arrive outside; it ends in BEL, for a string terminator would end it here.

    tmux passes it on with ``allow-passthrough`` only (its manual). Screen writes each string out as it is, so a long one
    goes in pieces.
    """
    match within(environ):
        case Within.TMUX:
            escaped = sequence.replace("\x1b", "\x1b\x1b")
            return f"\x1bPtmux;{escaped}\x1b\\"
        case Within.SCREEN:
            pieces = (sequence[at : at + _PIECE] for at in range(0, len(sequence), _PIECE))
            return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
        case Within.NOTHING:
            return sequence
