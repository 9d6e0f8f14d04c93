"""What is being written: to which problem, for whom, and which of the words are on their way already."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field

from oncall_tui.errors import OncallError
from oncall_tui.model import Problem, Said, Verb


@dataclass(slots=True)
class Composing:
    """A note or a reply in the editor; it lasts as long as the editor is open.

    `to` are the customers whom a reply is for; none is everyone who wrote. `was` is the id of an older problem under which
    its draft was kept, `text` all the words when they were last kept. `sent` are those that the engine was given and has
    not answered for yet; None before that. `kept` is the engine's answer to the last time that the words went to our disk.
    """

    verb: Verb
    problem: Problem
    to: tuple[str, ...] = ()
    was: str = ""
    offered: str = ""
    text: str = ""
    templates: tuple[str, ...] = field(default=())
    sent: str | None = None
    kept: Future[Said] | None = None

    def left(self, text: str) -> str:
        """What of `text` is not on its way: all of it, or what was typed since."""
        if self.sent is None or not text.startswith(self.sent):
            return text
        return text[len(self.sent) :].lstrip()

    def why_unkept(self) -> str:
        """Why our disk does not have the words, for when nothing more will be answered; "" when it has them."""
        if self.kept is None:
            return ""
        if not self.kept.done() or self.kept.cancelled():
            return "the disk did not answer"
        error = self.kept.exception()
        if error is None:
            return self.kept.result().refused
        return error.words if isinstance(error, OncallError) else type(error).__name__
