"""What people said about an alert at its source, and what they put it out of the way with; and whether we did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from oncall_tui.kit.alert import note
from oncall_tui.kit.taking import CLOCKS, lasts
from oncall_tui.kit.text import marker
from oncall_tui.model import Message, Noun, Write


class Remark(Noun, frozen=True, kw_only=True):
    """A note. `mine` is None where all is in the name of one account, so that only its mark tells whose it is.

    `takes`: it was made by acknowledging. What was `deleted` was there.
    """

    id: str
    author: str
    text: str
    at: datetime
    mine: bool | None = None
    takes: bool = False
    deleted: bool = False

    def is_of(self, write: Write) -> bool:
        """Whether that write made it."""
        return self.mine is not False and marker(write) in self.text

    def serves(self, write: Write) -> bool:
        """Whether it does what that write wants, which no other note does."""
        return self.is_of(write)


class Pause(Noun, frozen=True, kw_only=True):
    """A downtime, a shelf, a suppression: what keeps an alert out of the way until `until` (None: for ever).

    `mine` as in `Remark`. Where a product keeps no words with it, `text` is "". One that is only planned has not `begun`.
    """

    id: str
    author: str
    until: datetime | None
    text: str = ""
    mine: bool | None = None
    begun: bool = True

    def is_of(self, write: Write) -> bool:
        """Whether that write made it: by its mark, or by its end where it keeps no words."""
        if self.text:
            return self.mine is not False and marker(write) in self.text
        if self.mine is not True or self.until is None or write.until is None:
            return False
        return abs(self.until - write.until) <= CLOCKS

    def serves(self, write: Write) -> bool:
        """Whether it does what that write wants: it is that one, or another of mine that is long enough."""
        return self.is_of(write) or (self.mine is True and lasts(self.until, write.until))


def messages(remarks: Iterable[Remark]) -> tuple[Message, ...]:
    """What of them is there to be read, the oldest first."""
    standing = (one for one in remarks if not one.deleted)
    return tuple(note(one.id, one.author, one.text, one.at) for one in sorted(standing, key=lambda one: one.at))
