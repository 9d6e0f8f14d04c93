"""What a key is: where it works, under which name it is rebound, and how the bar and the help call it."""

from __future__ import annotations

import enum

from oncall_tui.model import Noun, Verb


class Where(enum.Enum):
    """Where the engineer is; a key may mean another thing elsewhere."""

    FOCUS = "the problem"
    QUEUE = "the queue"
    PAGE = "a page"
    OUTBOX = "the outbox"
    LINKS = "the links"
    HANDOVER = "the handover"
    EDITOR = "the editor"
    ANYWHERE = "anywhere"


class Key(Noun, frozen=True, kw_only=True):
    """One key: the `name` under which `[keys]` rebinds it, the key itself, and words for the bar and the help.

    A key with a `verb` says that verb to the problem on screen; what others do is found by their name. `also` are further
    places where it does the same.
    """

    name: str
    key: str
    where: Where
    short: str
    long: str
    verb: Verb | None = None
    bar: int = 0
    """Its turn in the key bar, 1 comes first; 0 is only in the help."""
    also: tuple[Where, ...] = ()

    @property
    def places(self) -> tuple[Where, ...]:
        """Everywhere that it means this."""
        everywhere = tuple(where for where in Where if where is not Where.ANYWHERE)
        return everywhere if self.where is Where.ANYWHERE else (self.where, *self.also)
