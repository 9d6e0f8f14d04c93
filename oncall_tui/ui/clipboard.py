"""Copying by the terminal (OSC 52), and by tmux, which drops that from a program unless it was told otherwise."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Mapping

from oncall_tui.ui.within import Within, passed, within

_TMUX_S = 2.0
"""Longer than this tmux is not waited for."""


def copy(text: str, environ: Mapping[str, str], write: Callable[[str], None]) -> str:
    """Hands `text` over; in words to whom, for no terminal says whether it took it.

    tmux ignores OSC 52 as long as its ``set-clipboard`` is ``external``, its default; its own ``load-buffer -w`` (3.2)
    fills the paste buffer and sets the clipboard outside whatever that says. Where there is no tmux to be asked (it is at
    the other end of an ssh), the sequence goes both ways: bare for ``set-clipboard on``, passed on for
    ``allow-passthrough``.
    """
    where = within(environ)
    if where is Within.TMUX and _in_tmux(text, environ):
        return "in tmux's paste buffer, and handed to your terminal's clipboard, if it takes it"
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode('utf-8', 'replace')).decode('ascii')}\a"
    if where is Within.NOTHING:
        write(sequence)
        return "handed to your terminal's clipboard, if it takes it"
    write(passed(sequence, environ) + (sequence if where is Within.TMUX else ""))
    return f"handed to your terminal's clipboard, if {where.value} lets it through and it takes it"


def _in_tmux(text: str, environ: Mapping[str, str]) -> bool:
    if not environ.get("TMUX"):
        return False
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            env=dict(environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TMUX_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
