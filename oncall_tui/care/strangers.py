"""Whom a reply names to somebody who should not read that name: another customer, whose trouble is none of theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oncall_tui.care.templates import first_name
from oncall_tui.model import Hurt


def named(text: str, readers: Sequence[Hurt], others: Sequence[Hurt]) -> list[str]:
    """The names of `others` that stand in `text`, as they stand there; none that is a reader's as well.

    A first name counts where a letter greets by it, in the first line: further down it may be anybody's.
    """
    known = " ".join(f"{hurt.name} {hurt.contact}" for hurt in readers)
    greeting = text.lstrip().partition("\n")[0]
    places = [
        (name, place)
        for hurt in others
        for name, place in ((hurt.name, text), (hurt.contact, text), (first_name(hurt.contact), greeting))
    ]
    found = [name for name, place in places if name and not _stands(name, known) and _stands(name, place)]
    return [name for name in dict.fromkeys(found) if not any(name != one and _stands(name, one) for one in found)]


def _stands(name: str, text: str) -> bool:
    """Whether it stands there as words of their own."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
