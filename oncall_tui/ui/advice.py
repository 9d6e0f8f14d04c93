"""What may be known about words before they are sent: how they will be heard, what they promise, and words to begin with.

The screen asks these functions and never judges words itself; without any it simply has no advice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from oncall_tui.model import Hurt, Problem


class Heard(NamedTuple):
    """A place in the text, `text[start:end]`, and in one line what the customer will hear there."""

    start: int
    end: int
    words: str


def _no_hints(text: str, readers: Sequence[Hurt]) -> Sequence[Heard]:
    return ()


def _no_promise(text: str, now: datetime) -> datetime | None:
    return None


def _no_words(problem: Problem, readers: Sequence[Hurt]) -> str:
    return ""


def _no_templates(problem: Problem, readers: Sequence[Hurt]) -> Sequence[str]:
    return ()


def _no_notes(problem: Problem) -> Sequence[str]:
    return ()


def _nothing_left(text: str) -> Sequence[str]:
    return ()


def _no_strangers(told: Sequence[tuple[Hurt, str]], problem: Problem, elsewhere: Sequence[Problem]) -> Sequence[str]:
    return ()


def _tells_none(text: str) -> str:
    return ""


def _as_configured(hurt: Hurt) -> str:
    return hurt.language[:2].lower()


def _as_it_is(text: str, reader: Hurt) -> str:
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Each of these is a plain function.

    `hints` says of a reply what its readers will hear, and where. `promised` is when a text says that they will hear
    from us again, `proposed` a sentence that promises it ("" for none). `first_words` is what to tell the customers who
    wrote, once their problem is taken ("" for nothing); `templates` are texts to begin a reply with, `notes` those for a
    note. The readers share a language, which is what `language` tells of one and `told_by` of a text: what differs
    between them stands in braces, `filled` fills it with what is known of one, and `unfilled` names what is still open.
    `strangers` are those of the other customers, of this problem or `elsewhere`, whom what each reader is told names to them.
    """

    hints: Callable[[str, Sequence[Hurt]], Sequence[Heard]] = _no_hints
    promised: Callable[[str, datetime], datetime | None] = _no_promise
    first_words: Callable[[Problem, Sequence[Hurt]], str] = _no_words
    proposed: Callable[[Problem, Sequence[Hurt]], str] = _no_words
    templates: Callable[[Problem, Sequence[Hurt]], Sequence[str]] = _no_templates
    notes: Callable[[Problem], Sequence[str]] = _no_notes
    language: Callable[[Hurt], str] = _as_configured
    told_by: Callable[[str], str] = _tells_none
    filled: Callable[[str, Hurt], str] = _as_it_is
    unfilled: Callable[[str], Sequence[str]] = _nothing_left
    strangers: Callable[[Sequence[tuple[Hurt, str]], Problem, Sequence[Problem]], Sequence[str]] = _no_strangers
