"""Plain questions at a terminal, a line each; without a terminal there is nobody to ask."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any, TextIO

from oncall_tui import safe
from oncall_tui.config import Config
from oncall_tui.errors import WrongUse


class Asker:
    """Asks on `out` and reads from `into`; `can_ask` is false where nobody sits."""

    def __init__(self, into: TextIO | None = None, out: TextIO | None = None, *, can_ask: bool | None = None) -> None:
        self._into, self._out = into or sys.stdin, out or sys.stderr
        self.can_ask = self._into.isatty() if can_ask is None else can_ask

    def say(self, *lines: str) -> None:
        """Tells something before the next question."""
        print(*(safe.line(line) for line in lines), sep="\n", file=self._out, flush=True)

    def text(self, question: str, *, flag: str, default: str = "", needed: bool = True) -> str:
        """An answer that is not empty, unless it may be. Raises `WrongUse`, which names the flag, when nobody can answer."""
        if not self.can_ask:
            if needed and not default:
                raise WrongUse(f"{flag} is missing: {question[:1].lower()}{question[1:]}")
            return default
        while True:
            print(f"{question}{f' [{default}]' if default else ''}: ", end="", file=self._out, flush=True)
            line = self._into.readline()
            if not line:
                raise WrongUse("the answers ended before the questions: nothing was written")
            answer = line.strip() or default
            if answer or not needed:
                return answer

    def one_of(self, question: str, allowed: Sequence[str], *, flag: str) -> str:
        """One of these words."""
        while True:
            answer = self.text(f"{question} ({', '.join(allowed)})", flag=flag)
            if answer in allowed:
                return answer
            self.say(f"{answer!r} is none of them")

    def agrees(self, question: str) -> bool:
        """Whether the answer is yes; no when there is nobody to ask."""
        return self.can_ask and self.text(f"{question} [y/N]", flag="", needed=False).lower() in ("y", "yes", "j", "ja")


def me(there: Config | None, arguments: Namespace, asker: Asker) -> dict[str, Any]:
    """The ``[me]`` of a new file; nothing when the file has one. Raises `WrongUse` when that is somebody else."""
    if there is not None:
        if arguments.me and arguments.me != there.settings.me.name:
            raise WrongUse(f"{there.path} says that you are {there.settings.me.name}: change it there")
        return {}
    name = arguments.me or asker.text("Your name, as colleagues and customers know you", flag="--me")
    email = arguments.email or asker.text(
        "Your mail address at the sources (empty for none)", flag="--email", needed=False
    )
    return {"me": {"name": name, **({"email": email} if email else {})}}
