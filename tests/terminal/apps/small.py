"""A small app on the real terminal layer, for tests: a list with one-key actions, an editor, and ways to fail."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from oncall_tui.ui import firstframe
from oncall_tui.ui.terminal import TerminalApp

TEXT = os.environ.get("SMALL_TEXT", "nothing said")
TOKEN = "canary-4f1d9a"


class Small(TerminalApp):
    """Shows which keys it got."""

    AUTO_FOCUS = None

    BINDINGS: ClassVar = [("a", "got('ack')"), ("c", "got('close')"), ("e", "edit"), ("l", "line"), ("x", "crash"), ("w", "worker"),
                ("q", "exit_well"), ("escape", "leave"), ("down", "got('down')"), ("R", "got('release')"), ("k", "tick"),
                ("ctrl+c", "got('ctrl+c')"), ("s", "suspend")]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.got: list[str] = []
        self.hints = 0

    def compose(self) -> ComposeResult:
        yield Static(Content(TEXT), id="text")
        yield Static("got: ", id="got")
        yield Static("hints: 0", id="hints")
        yield TextArea(id="editor")
        yield Input(id="line")

    def on_mount(self) -> None:
        self.set_focus(None)
        for name in ("#editor", "#line"):
            self.query_one(name).display = False

    def hint(self, words: str) -> None:
        self.hints += 1
        self.query_one("#hints", Static).update(Content(f"hints: {self.hints} {words}"))

    def save_at_end(self) -> None:
        if where := os.environ.get("SMALL_SAVE"):
            Path(where).write_text("saved", encoding="utf-8")

    def action_got(self, what: str) -> None:
        self.got.append(what)
        self.query_one("#got", Static).update(Content("got: " + " ".join(self.got)))

    def action_edit(self) -> None:
        self.query_one("#editor").display = True
        self.query_one("#editor").focus()

    def action_line(self) -> None:
        self.query_one("#line").display = True
        self.query_one("#line").focus()

    def action_leave(self) -> None:
        self.action_got("escape")
        self.set_focus(None)

    def action_crash(self) -> None:
        token = TOKEN
        raise ValueError(f"illegal header value {token}")

    def action_worker(self) -> None:
        async def work() -> None:
            token = TOKEN
            await asyncio.sleep(0)
            raise KeyError(token)

        self.run_worker(work())

    def action_tick(self) -> None:
        """Paint much, for ever."""
        self.set_interval(0.01, self._tick)

    def _tick(self) -> None:
        self.n = getattr(self, "n", 0) + 1
        body = "\n".join(f"{self.n * 7919 * (y + 1):>79}" for y in range(18))
        self.query_one("#text", Static).update(Content(body))

    def action_suspend(self) -> None:
        with self.suspend():
            sys.__stdout__.write("\x1b[2J\x1b[Hsomebody else\n")
            sys.__stdout__.flush()

    def action_exit_well(self) -> None:
        self.exit()


if __name__ == "__main__":
    if os.environ.get("SMALL_DEAF"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    kept = os.environ.get("SMALL_FRAME")
    if kept:
        firstframe.show(kept)
        if os.environ.get("SMALL_ENDS_EARLY"):
            sys.exit("no screen")
        if hold := os.environ.get("SMALL_HOLD"):
            Path(hold).read_text(encoding="utf-8")  # a pipe: until the test goes on
    sys.exit(Small().show(Path(kept) if kept else None))
