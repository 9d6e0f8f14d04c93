"""How a terminal is made to call: the bell and the notification sequences, through tmux and screen to the one outside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress

from oncall_tui import safe
from oncall_tui.config.shape import Call
from oncall_tui.ui.ink import cut
from oncall_tui.ui.within import passed

_MOST = 160
"""Cells of the sentence."""

_BEL = "\a"
_NAME = "oncall-tui"


def sequences(how: Iterable[Call], said: str, environ: Mapping[str, str]) -> str:
    """What to write to the terminal of that environment.

    OSC 9 is iTerm2's, 777 rxvt's, 99 kitty's. Each ends in BEL, for a string terminator inside would end the
    pass-through of screen. tmux passes only with ``allow-passthrough``; the bell needs none of it.
    """
    text = sentence(said)
    forms = {
        Call.OSC_9: f"\x1b]9;{text}{_BEL}",
        Call.OSC_777: f"\x1b]777;notify;{_NAME};{text}{_BEL}",
        Call.OSC_99: f"\x1b]99;i={_NAME};{text}{_BEL}",
    }
    return "".join(_BEL if call is Call.BELL else passed(forms[call], environ) for call in how)


def sentence(said: str) -> str:
    """One short line that is only text: our name first, so that it is no option or number; no separator of ours in it."""
    return f"{_NAME}: {cut(safe.line(said), _MOST)}".replace(";", ",")


class Command:
    """The engineer's own program, one at a time: one that still runs at the next call is ended."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = argv
        self._running: subprocess.Popen[bytes] | None = None

    def call(self, said: str) -> str:
        """Starts it with the sentence on stdin and in ``ONCALL_TUI_LINE``; why not, "" when it runs. Nobody waits for it.

        Not as an argument: everybody on the machine can read those.
        """
        self.end()
        if not self._argv:
            return ""
        line = sentence(said)
        try:
            self._running = subprocess.Popen(
                self._argv,
                env={**os.environ, "ONCALL_TUI_LINE": line},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            with suppress(BrokenPipeError), self._running.stdin or nullcontext() as stdin:
                if stdin:
                    stdin.write(f"{line}\n".encode())  # far less than a pipe holds
        except OSError as error:
            return f"the command of [notify] cannot be run: {self._argv[0]}: {error.strerror}"
        return ""

    def end(self) -> None:
        """Ends what still runs of it."""
        if self._running is not None and self._running.poll() is None:
            self._running.kill()
            self._running.wait()
        self._running = None
