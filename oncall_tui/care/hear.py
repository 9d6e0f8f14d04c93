"""What the customer will hear in a text that is still being typed: where it frightens, and a kinder, equally true way.

It advises and never blocks. Pure and quick enough for each key: words are looked up, nothing is searched, and a clause that
stands as it was is not read again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from oncall_tui.care.clauses import QUOTED, Word, pieces, unquoted, words_of
from oncall_tui.care.language import told_by
from oncall_tui.care.lately import remembered
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


class _Found(NamedTuple):
    first: int
    last: int
    phrase: Phrase


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOT = _these("niet geen nooit niets niks zonder noch not no never nothing nobody none without nor unable")
_WITHOUT = _these("zonder without")
_ONLY = _these("alleen only just slechts enkel")
_REACH = 4
"""How many words a negation reaches forward: "we laten u zeker niet nog eens in de steek"."""


def hear(text: str, language: str = "", book: Phrasebook | None = None) -> list[Hint]:
    """The frightening places of `text` in reading order, none inside another; their own quoted lines are left alone.

    `language` is the customer's (``nl``, ``en-GB``); a text that is clearly in another is heard in that one.
    """
    shelves = tuple(_chosen(language, QUOTED.sub("", text), book or _own()))
    parts = list(pieces(unquoted(text)))
    heard = _heard_in_each((piece, shelves) for _, piece in parts)
    return [_hint(text, at, place) for (at, _), places in zip(parts, heard, strict=True) for place in places]


@cache
def _own() -> Phrasebook:
    return load()


class Place(NamedTuple):
    """A frightening phrase in a piece of text, `piece[start:end]`."""

    start: int
    end: int
    phrase: Phrase


def frightening(piece: str, shelves: Iterable[Shelf]) -> list[Place]:
    """What frightens in whole clauses, none of them quoted; in reading order, none inside another."""
    words = words_of(piece)
    found = [one for shelf in shelves for one in _find(words, shelf)]
    alarming = [
        one for one in found if one.phrase.is_fine or not (_is_denied(words, one) or _is_well_again(words, one))
    ]
    longest = (one for one in _longest(words, alarming) if not one.phrase.is_fine)
    return [Place(words[one.first].start, words[one.last].end, one.phrase) for one in longest]


@remembered
def _heard_in_each(piece_and_shelves: tuple[str, tuple[Shelf, ...]]) -> list[Place]:
    return frightening(*piece_and_shelves)


def _hint(text: str, at: int, place: Place) -> Hint:
    start, end, phrase = at + place.start, at + place.end, place.phrase
    return Hint(start=start, end=end, phrase=text[start:end], kind=phrase.kind, they_hear=phrase.they_hear,
                say_instead=phrase.say_instead)  # fmt: skip


# --- language ---------------------------------------------------------------------------------------------------------


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


def _find(words: Sequence[Word], shelf: Shelf) -> Iterator[_Found]:
    for first, word in enumerate(words):
        for phrase in shelf.starting(word.text):
            last = _match(phrase.steps, words, first, word.clause)
            if last is not None:
                yield _Found(first, last, phrase)


_LITTLE = _these(
    "ik we wij u je jij jullie het dat dit er hier daar nog nu dan even ook wel gewoon echt eigenlijk zelf verder toch"
    " i you it that this there here now just really actually also even still quite right currently honestly"
)
"""Words that may stand between those of any phrase: "daar ben (ik) niet voor", "I have (really) no idea"."""

_LITTLES = 2
"""How many of them."""


def _match(steps: Sequence[Step], words: Sequence[Word], at: int, clause: int, littles: int = 0) -> int | None:
    """The index of the last word if `steps` fit from `at` on within the clause; None if they do not.

    `littles` is how many little words may still be passed over before the next step.
    """
    if not steps:
        return at - 1
    step, rest = steps[0], steps[1:]
    is_here = at < len(words) and words[at].clause == clause
    last = None
    if step.gap:
        skips = (_match(rest, words, at + skipped, clause, _LITTLES) for skipped in range(step.gap + 1))
        last = next((last for last in skips if last is not None), None)
    elif is_here and step.fits(words[at].text) and _closes(step, words, at):
        last = _match(rest, words, at + 1, clause, _LITTLES)
    if last is None and step.is_optional:
        last = _match(rest, words, at, clause, littles)
    if last is None and is_here and littles and words[at].text in _LITTLE:
        last = _match(steps, words, at + 1, clause, littles - 1)
    return last


def _closes(step: Step, words: Sequence[Word], at: int) -> bool:
    """Whether nothing follows that belongs to this word, where that matters: "geef het op", not "geef mij op dit moment"."""
    after = words[at + 1] if at + 1 < len(words) else None
    return not step.is_close or after is None or after.clause != words[at].clause or after.text in _GOES_ON


_GOES_ON = _these(
    "tot totdat naar en of want omdat als zodat zodra met ook nu vandaag morgen vannacht"
    " op voor bij in door over aan tijdens sinds wegens"
)


# --- what takes the fright out of them -------------------------------------------------------------------------------


def _clause(words: Sequence[Word], at: int) -> Sequence[Word]:
    """The words of the clause in which the word at `at` stands; their numbers only go up."""
    clause = words[at].clause
    key = attrgetter("clause")
    return words[bisect_left(words, clause, key=key) : bisect_right(words, clause, key=key)]


def _is_denied(words: Sequence[Word], found: _Found) -> bool:
    """Whether something around or between its words denies it. A phrase that denies by itself ("kan niet") is not undone."""
    clause = words[found.first].clause
    inside = range(found.first, found.last + 1)
    if any(words[i].text in _NOT for i in inside):
        return not any(word in _NOT for step in found.phrase.steps for word in step.words)
    reach = 1 if _is_remark(words, found) else _REACH
    before = [i for i in range(max(found.first - reach, 0), found.first) if words[i].clause == clause]
    if any(words[i].text in _NOT and words[i + 1].text not in _ONLY and not _is_condition(words, i) for i in before):
        return True
    return _is_spared(words, found) or _is_denied_at_the_end(words, found)


def _is_spared(words: Sequence[Word], found: _Found) -> bool:
    """Whether they need not, however far off: "u hoeft echt niet tot morgenochtend op ons te wachten"."""
    clause = [word.text for word in _clause(words, found.first)]
    need_not = any(one in _NOT and other in _NEED for one, other in pairwise(clause))
    return not _is_remark(words, found) and (need_not or not _HOEVEN.isdisjoint(clause))


_HOEVEN = _these("hoef hoeft hoeven hoefde hoefden")
_NEED = _these("have need")


def _is_condition(words: Sequence[Word], at: int) -> bool:
    """Whether the word is a "without" in a clause that denies something else: "zonder budget kunnen we niet verder"."""
    others = (word for word in _clause(words, at) if word is not words[at])
    return words[at].text in _WITHOUT and any(word.text in _NOT for word in others)


_REMARKS = _these(
    "helaas hopelijk misschien waarschijnlijk vermoedelijk unfortunately hopefully maybe perhaps probably presumably"
)
"""Words about the whole sentence: a "not" elsewhere in it does not deny them ("helaas lukt het niet")."""


def _is_remark(words: Sequence[Word], found: _Found) -> bool:
    return words[found.first].text in _REMARKS


def _is_denied_at_the_end(words: Sequence[Word], found: _Found) -> bool:
    """Dutch may deny last what it says first: "in de steek laten we u niet"; when and how sure is not denied like that."""
    clause = words[found.first].clause
    is_first = not found.first or words[found.first - 1].clause != clause
    if not is_first or found.phrase.kind == "tomorrow" or _is_remark(words, found):
        return False
    rest = [word.text for word in words[found.last + 1 : found.last + _REACH + 2] if word.clause == clause]
    return bool(rest) and rest[-1] == "niet"


_AGAIN = _these("weer again")
_WORKS = _these(
    "werkt werken klopt kloppen doet doen draait draaien loopt lopen gaat gaan open leeg bereikbaar goed juist"
    " works working moving running right correct up open back fine runs work"
)
_THEIRS = frozenset({"money", "delay"})


def _is_well_again(words: Sequence[Word], found: _Found) -> bool:
    """Whether one word of money or waiting is only what works again: "de facturen kloppen weer", "the queue moves again"."""
    if found.phrase.kind not in _THEIRS or found.first != found.last:
        return False
    after = [word.text for word in _clause(words, found.last) if word.start >= words[found.last].end]
    return any({one, other} & _AGAIN and {one, other} & _WORKS for one, other in pairwise(after))


# --- which of them --------------------------------------------------------------------------------------------------


def _longest(words: Sequence[Word], found: Iterable[_Found]) -> list[_Found]:
    """Of those that overlap the longest, of equals a fine one, then the first; in reading order."""

    def span(one: _Found) -> tuple[int, int]:
        return words[one.first].start, words[one.last].end

    taken: list[_Found] = []
    for one in sorted(found, key=lambda one: (span(one)[0] - span(one)[1], not one.phrase.is_fine, one.first)):
        if all(span(one)[1] <= span(other)[0] or span(other)[1] <= span(one)[0] for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda one: one.first)
