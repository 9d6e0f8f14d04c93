"""An engineer at the real program in a pty, cut off by ``kill -9`` at random moments, who sits down again and goes on."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.engine.crash.many import ROOT
from tests.pty import Session

_LIMIT_S = 60.0
_LONGEST_LIFE_S = 9.0
_BORDER = {"n": "NOTE: only colleagues", "r": "REPLY: "}
_TOLD = re.compile(r"goes to desk|(note for colleagues|reply to the customer): ")


class _Killed(Exception):
    """The moment has come."""


class Typist:
    """Writes notes and replies that name the ticket which is on screen when the key is pressed, and takes alerts.

    `said` is what the screen told to be saved. What was typed and not sent is offered as a draft after the next start,
    and then it is sent as it is there.
    """

    def __init__(self, config: Path, state: Path, seed: int) -> None:
        self.program = [sys.executable, "-m", "oncall_tui", "--config", str(config), "--state", str(state)]
        self.said: set[str] = set()
        self.kills = 0
        self.drafts = 0
        self._chance = random.Random(seed)
        self._screen: Session
        self._killed_at = 0.0

    def write(self, count: int) -> None:
        """Until so many are said, whatever the number of lives that takes."""
        while len(self.said) < count:
            self._live(count)
            self.kills += 1

    def drain(self) -> None:
        """Delivers all that waits, by the command that does so. The outbox is empty then."""
        done = subprocess.run(
            [*self.program, "outbox", "--deliver", "--wait", "60s"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _live(self, count: int) -> None:
        with Session(self.program, size=(100, 30), timeout_s=_LIMIT_S) as self._screen:
            self._killed_at = time.monotonic() + self._chance.uniform(0.2, _LONGEST_LIFE_S)
            try:
                self._until(lambda: "we see" in self._screen.text())
                number = 0
                while len(self.said) < count:
                    self._say(number)
                    number += 1
            except _Killed:
                self._screen.wait_end()
            else:
                self._screen.kill(signal.SIGKILL)
                self._screen.wait_end()

    def _say(self, number: int) -> None:
        self._choose()
        ticket = re.search(r"[#] (\d+) ", self._screen.text())
        if ticket is None:
            self._take()
            return
        verb = self._chance.choice("nnr")
        self._press(verb)
        self._until(lambda: _BORDER[verb] in self._screen.text())
        text = self._draft() or self._paste(f"{verb}{self.kills}-{number} on {ticket[1]}")
        self._press("ctrl+o")
        self._until(lambda: self._is_told(verb))
        self.said.add(text)

    def _choose(self) -> None:
        """Any problem of the queue."""
        self._press("q")
        self._until(lambda: "queue:" in self._screen.text())
        self._press(*["down"] * self._chance.randrange(15), "enter")
        self._until(lambda: "we see" in self._screen.text())

    def _take(self) -> None:
        """An alert, if nobody has it."""
        if "nobody yet" in self._screen.text():
            self._press("a")
            self._until(lambda: "nobody yet" not in self._screen.text())

    def _draft(self) -> str:
        """What the editor opened with."""
        if "your draft of" not in self._screen.text():
            return ""
        found = re.search(r"^ ([nr]\d+-\d+ on \d+)$", self._screen.text(), re.MULTILINE)
        self.drafts += bool(found)
        return found[1] if found else ""

    def _paste(self, text: str) -> str:
        self._screen.send(b"\x1b[200~" + text.encode() + b"\x1b[201~")
        self._until(lambda: text in self._screen.text())
        self._rest(
            self._chance.choice((0.15, 0.15, 0.6))
        )  # so fast after a paste a key is none; at times a draft is saved
        return text

    def _is_told(self, verb: str) -> bool:
        """Whether the editor is gone and the screen says where the words are."""
        text = self._screen.text()
        if re.search(r"Send\?|all the same\?", text):
            self._press("y")
        return _BORDER[verb] not in text and bool(_TOLD.search(text))

    # --- until the moment comes ---------------------------------------------------------------------------------------

    def _press(self, *keys: str) -> None:
        for key in keys:
            self._rest(0)
            self._screen.key(key)

    def _until(self, fact: Callable[[], bool]) -> None:
        last = time.monotonic() + _LIMIT_S
        while not fact():
            assert time.monotonic() < last, f"it does not come\n{self._screen.text()}"
            self._rest(0.02)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            if time.monotonic() >= self._killed_at:
                self._screen.kill(signal.SIGKILL)
                raise _Killed
            if self._screen.pump(min(until, self._killed_at)) is None and time.monotonic() >= until:
                return


def show(screen: Session, title: str) -> str:
    """Puts the problem of that title under the hands; its ticket's number.

    Each step waits for the one before: where the program stalls, keys that arrive in one piece are a paste and press
    nothing.
    """
    word = title.partition(" ")[0]
    screen.key("q")
    screen.wait("queue: ")
    screen.key("/")
    screen.wait("holds “_”")
    screen.type(word)
    screen.wait(f"holds “{word}_”")
    screen.quiet(0.1)
    screen.key("enter")
    screen.wait(f"holds “{word}”")
    screen.key("enter")
    screen.wait(rf"we see +# \d+ {title}")
    found = re.search(r"# (\d+) ", screen.text())
    assert found
    return found[1]
