"""What is being written: to which problem, for whom, and which of the words are on their way already."""

from __future__ import annotations

from dataclasses import dataclass, field

from oncall_tui.model import Problem, Verb


@dataclass(slots=True)
class Composing:
    """A note or a reply in the editor; it lasts as long as the editor is open.

    `to` are the customers whom a reply is for; none is everyone who wrote. `was` is the id of an older problem under which
    its draft was kept, `text` all the words when they were last kept. `sent` are those that the engine was given and has
    not answered for yet; None before that.
    """

    verb: Verb
    problem: Problem
    to: tuple[str, ...] = ()
    was: str = ""
    text: str = ""
    templates: tuple[str, ...] = field(default=())
    sent: str | None = None

    def left(self, text: str) -> str:
        """What of `text` is not on its way: all of it, or what was typed since."""
        if self.sent is None or not text.startswith(self.sent):
            return text
        return text[len(self.sent) :].lstrip()
