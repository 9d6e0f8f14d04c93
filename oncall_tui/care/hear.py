"""What the customer will hear in a text that is still being typed: where it frightens, and a kinder, equally true way.

It advises and never blocks. Pure and quick enough for each key: words are looked up, nothing is searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from oncall_tui.care.language import told_by
from oncall_tui.care.phrasebook import LANGUAGES, Phrase, Phrasebook, Shelf, Step, load
from oncall_tui.model import Noun


class Hint(Noun, frozen=True, kw_only=True):
    """A frightening place, `text[start:end]`, with what they hear there and what could be said instead."""

    start: int
    end: int
    phrase: str
    kind: str
    they_hear: str
    say_instead: str


class _Word(NamedTuple):
    """One word of the text in lower case; words of one clause have the same number."""

    text: str
    start: int
    end: int
    clause: int


class _Found(NamedTuple):
    first: int
    last: int
    phrase: Phrase


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BREAK = re.compile(r"[.,;:!?()\[\]…–—]|\n\s*\n")
_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_TURN = frozenset({"maar", "but", "however", "doch", "echter"})
"""Words that begin a new clause without a comma."""


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOT = _these("niet geen nooit niets niks zonder noch not no never nothing nobody none without nor cannot unable")
_ONLY = _these("alleen only just slechts enkel")
_REACH = 4
"""How many words a negation reaches forward: "we laten u zeker niet nog eens in de steek"."""


def hear(text: str, language: str = "", book: Phrasebook | None = None) -> list[Hint]:
    """The frightening places of `text` in reading order, none inside another; their own quoted lines are left alone.

    `language` is the customer's (``nl``, ``en-GB``); a text that is clearly in another is heard in that one.
    """
    book = book or _own()
    words = _words(text)
    found = [one for shelf in _chosen(language, _QUOTED.sub("", text), book) for one in _find(words, shelf)]
    alarming = [one for one in found if one.phrase.is_fine or not _is_negated(words, one)]
    return [_hint(text, words, one) for one in _longest(words, alarming) if not one.phrase.is_fine]


@cache
def _own() -> Phrasebook:
    return load()


def _hint(text: str, words: Sequence[_Word], found: _Found) -> Hint:
    start, end, phrase = words[found.first].start, words[found.last].end, found.phrase
    return Hint(start=start, end=end, phrase=text[start:end], kind=phrase.kind, they_hear=phrase.they_hear,
                say_instead=phrase.say_instead)  # fmt: skip


# --- words -----------------------------------------------------------------------------------------------------------


def _words(text: str) -> list[_Word]:
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    words: list[_Word] = []
    clause = end = 0
    for match in _WORD.finditer(text):
        word = match[0].lower().replace("’", "'")
        if _BREAK.search(text, end, match.start()) or word in _TURN:
            clause += 1
        end = match.end()
        if not any(first <= match.start() < last for first, last in quoted):
            words.append(_Word(word, match.start(), end, clause))
    return words


_SURELY = 3
"""So many small words of another language than the customer's say that the text is not in theirs."""


def _chosen(language: str, text: str, book: Phrasebook) -> Iterable[Shelf]:
    """The phrases of the language that the text is clearly in, else of `language`, else of all, English first as elsewhere.

    A language that only the engineer's own phrases know is not told by the text.
    """
    code = language[:2].lower()
    if code in LANGUAGES or code not in book.languages:
        code = told_by(text, least=_SURELY if code in LANGUAGES else 1) or code
    if code in book.languages:
        return [book.languages[code]]
    return [book.languages[code] for code in sorted(book.languages, key=lambda code: code != "en")]


# --- phrases ---------------------------------------------------------------------------------------------------------


def _find(words: Sequence[_Word], shelf: Shelf) -> Iterator[_Found]:
    for first, word in enumerate(words):
        for phrase in shelf.starting(word.text):
            last = _match(phrase.steps, words, first, word.clause)
            if last is not None:
                yield _Found(first, last, phrase)


def _match(steps: Sequence[Step], words: Sequence[_Word], at: int, clause: int) -> int | None:
    """The index of the last word if `steps` fit from `at` on within the clause; None if they do not."""
    if not steps:
        return at - 1
    step, rest = steps[0], steps[1:]
    if step.gap:
        skips = (_match(rest, words, at + skipped, clause) for skipped in range(step.gap + 1))
        return next((last for last in skips if last is not None), None)
    if at < len(words) and words[at].clause == clause and step.fits(words[at].text) and _closes(step, words, at):
        last = _match(rest, words, at + 1, clause)
        if last is not None:
            return last
    return _match(rest, words, at, clause) if step.is_optional else None


def _closes(step: Step, words: Sequence[_Word], at: int) -> bool:
    """Whether nothing follows that belongs to this word, where that matters: "geef het op", not "geef mij op dit moment"."""
    after = words[at + 1] if at + 1 < len(words) else None
    return not step.is_close or after is None or after.clause != words[at].clause or after.text in _GOES_ON


_GOES_ON = _these("tot totdat naar en of want omdat als zodat zodra met ook nu vandaag morgen vannacht")


def _is_negated(words: Sequence[_Word], found: _Found) -> bool:
    """Whether something around or between its words denies it. A phrase that denies by itself ("kan niet") is not undone."""
    clause = words[found.first].clause
    if any(_is_not(word.text) for word in words[found.first : found.last + 1]):
        return not any(_is_not(word) for step in found.phrase.steps for word in step.words)
    before = range(max(found.first - _REACH, 0), found.first)
    if any(words[i].clause == clause and _is_not(words[i].text) and words[i + 1].text not in _ONLY for i in before):
        return True
    return _is_denied_at_the_end(words, found)


def _is_denied_at_the_end(words: Sequence[_Word], found: _Found) -> bool:
    """Dutch may deny last what it says first: "in de steek laten we u niet"."""
    clause = words[found.first].clause
    if found.first and words[found.first - 1].clause == clause:
        return False
    rest = [word.text for word in words[found.last + 1 :][: _REACH + 1] if word.clause == clause]
    return bool(rest) and rest[-1] == "niet"


def _is_not(word: str) -> bool:
    return word in _NOT or word.endswith("n't")


def _longest(words: Sequence[_Word], found: Iterable[_Found]) -> list[_Found]:
    """Of those that overlap the longest, of equals a fine one, then the first; in reading order."""
    taken: list[_Found] = []
    for one in sorted(
        found, key=lambda one: (words[one.first].start - words[one.last].end, not one.phrase.is_fine, one.first)
    ):
        if all(one.last < other.first or other.last < one.first for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda one: one.first)
