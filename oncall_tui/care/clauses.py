"""A text as words in clauses: what was drawn together is taken apart ("can't", "you're"), their quoted lines are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Word(NamedTuple):
    """One word in lower case; `start` and `end` hold what it was drawn together with, words of one clause have one number."""

    text: str
    start: int
    end: int
    clause: int


QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_MARKS = r".,;:!?()\[\]…–—"
_BREAK = re.compile(rf"[{_MARKS}]|\n\s*\n")
_LAST_OF_A_LINE = re.compile(rf"[{_MARKS}](?=[^{_MARKS}\n]*(?:\n|\Z))")
_TURN = frozenset({"maar", "but", "however", "doch", "echter"})
"""Words that begin a new clause without a comma."""

_ENDINGS = {"'re": "are", "'m": "am", "'ll": "will", "'ve": "have", "'d": "would", "n't": "not"}
_WHOLE = {"cannot": ("can", "not"), "can't": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not")}
_IS = ("it's", "that's", "there's", "here's", "what's", "who's", "where's", "he's", "she's", "everything's")


def apart(word: str) -> tuple[str, ...]:
    """The words that one is drawn together of: ``can't`` is can not, ``you're`` is you are; itself if it is one word.

    ``'d`` is told as would, also where it stands for had; whose it is (``next week's``) is left out.
    """
    if word in _WHOLE:
        return _WHOLE[word]
    if word in _IS:
        return word.removesuffix("'s"), "is"
    if word.endswith("'s"):
        return (word.removesuffix("'s"),)
    ending = next((ending for ending in _ENDINGS if word.endswith(ending)), "")
    return (word.removesuffix(ending), _ENDINGS[ending]) if ending and word != ending else (word,)


def words_of(text: str) -> list[Word]:
    """The words of `text` in order."""
    return list(_read(text))


def unquoted(text: str) -> str:
    """`text`, as long as it was, without a word in quoted lines; what ended a clause there still does."""
    return QUOTED.sub(lambda found: _silenced(found[0]), text)


def _silenced(line: str) -> str:
    turns = (word[0].lower() in _TURN for word in _WORD.finditer(line))
    return ("," if _BREAK.search(line) or any(turns) else ">") + ">" * (len(line) - 1)


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """`text` in pieces with where each begins, so that no clause is in two: each ends with the last mark of a line."""
    start = 0
    for mark in _LAST_OF_A_LINE.finditer(text):
        yield start, text[start : mark.end()]
        start = mark.end()
    yield start, text[start:]


def _read(text: str) -> Iterator[Word]:
    clause = end = 0
    for match in _WORD.finditer(text):
        word = match[0].lower().replace("’", "'")
        if _BREAK.search(text, end, match.start()) or word in _TURN:
            clause += 1
        end = match.end()
        yield from (Word(part, match.start(), end, clause) for part in apart(word))
