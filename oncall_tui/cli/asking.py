"""Plain questions at a terminal, a line each; without a terminal there is nobody to ask."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from typing import Any, TextIO

from oncall_tui import safe
from oncall_tui.cli import streams
from oncall_tui.config import Config
from oncall_tui.errors import WrongUse


class Ended(WrongUse):
    """The answers ended before the questions: a ctrl+d, or the end of a file."""

    def __init__(self) -> None:
        super().__init__("the answers ended before the questions")


Check = Callable[[str], str]
"""Why an answer cannot be meant, "" when it can. What was typed at the wrong question may be a secret: it is not repeated."""


def anything(answer: str) -> str:
    """Every text that can be shown is fine."""
    return "" if answer.isprintable() else "that holds a control character, or is not UTF-8"


class Asker:
    """Asks on `out` and reads from `into`; `can_ask` is false where nobody sits.

    What was answered is offered when the same is asked again, until it is told to `forget`.
    """

    def __init__(self, into: TextIO | None = None, out: TextIO | None = None, *, can_ask: bool | None = None) -> None:
        self._into, self._out = into or streams.answers(), out or sys.stderr
        self.can_ask = self._into.isatty() if can_ask is None else can_ask
        self._answered: dict[str, str] = {}

    def say(self, *lines: str) -> None:
        """Tells something before the next question."""
        for line in lines:
            print(safe.line(line), file=self._out, flush=True)

    def text(
        self,
        question: str,
        *,
        flag: str,
        given: str = "",
        default: str = "",
        needed: bool = True,
        check: Check = anything,
    ) -> str:
        """What was `given` by that flag, or an answer; not empty unless it may be, and nothing that `check` refuses.

        Raises `WrongUse`, which names the flag, when nobody can answer, and `Ended`.
        """
        if given or not self.can_ask:
            return _unasked(question, flag, given or default, needed=needed, check=check)
        offered = self._answered.get(flag, default)
        none = "" if needed else " (- for none)" if offered else " (empty for none)"
        while True:
            answer = self._line(f"{question}{none}{f' [{offered}]' if offered else ''}: ") or offered
            answer = "" if answer == "-" and not needed else answer
            wrong = check(answer) if answer else ""
            if wrong:
                self.say(wrong)
            elif answer or not needed:
                self._answered[flag] = answer
                return answer

    def _line(self, question: str) -> str:
        print(question, end="", file=self._out, flush=True)
        try:
            line = self._into.readline()
        except KeyboardInterrupt:
            self.say("")
            raise
        if not line:
            self.say("")
            raise Ended
        return line.strip()

    def agrees(self, question: str) -> bool:
        """Whether the answer is yes; no when there is nobody to ask."""
        return self.can_ask and self._line(f"{question} [y/N]: ").lower() in ("y", "yes", "j", "ja")

    def forget(self) -> None:
        """The next questions are about something else."""
        self._answered.clear()


def _unasked(question: str, flag: str, said: str, *, needed: bool, check: Check) -> str:
    if needed and not said:
        raise WrongUse(f"{flag} is missing: {question[:1].lower()}{question[1:]}")
    if said and (wrong := check(said)):
        raise WrongUse(f"{flag}: {wrong}")
    return said


def me(there: Config | None, arguments: Namespace, asker: Asker) -> dict[str, Any]:
    """The ``[me]`` of a new file; nothing when the file has one. Raises `WrongUse` when that is somebody else."""
    if there is not None:
        if arguments.me and arguments.me != there.settings.me.name:
            raise WrongUse(f"{there.path} says that you are {there.settings.me.name}: change it there")
        if arguments.email and arguments.email != there.settings.me.email:
            mine = there.settings.me.email or "not told"
            raise WrongUse(f"{there.path} says that your mail address is {mine}: change it there")
        return {}
    name = asker.text("Your name, as colleagues and customers know you", flag="--me", given=arguments.me or "")
    email = asker.text(
        "Your mail address at the sources", flag="--email", given=arguments.email or "", needed=False,
        check=_no_address,
    )  # fmt: skip
    return {"me": {"name": name, **({"email": email} if email else {})}}


def _no_address(answer: str) -> str:
    return anything(answer) or ("" if "@" in answer else 'a mail address is as "sanne@example.nl"')
