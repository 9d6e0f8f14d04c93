"""What a text says of itself: its distinctive words, its topics, alarm in it, and what it refers to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from oncall_tui.core.vocabulary import ALARM, SAYS_NOTHING, TOPICS
from oncall_tui.model import Kind, Signal, Voice

_WORD = re.compile(r"\w[\w'-]*")
_NAME = re.compile(r"\w+(?:[-_.]\w+)*")
_REFERENCE = re.compile(r"https?://[^\s<>\"')\]]+|#\d{2,}|\b[0-9a-f]{12,64}\b|\b[A-Z][A-Z0-9]{1,9}-\d+\b")
_TOPIC_OF = {word: topic for topic, words in TOPICS.items() for word in words}


def distinctive(title: str) -> frozenset[str]:
    """The words of a title that tell it from others: no filler, nothing shorter than three letters."""
    found = _WORD.findall(title.casefold())
    return frozenset(word for word in found if len(word) > 2 and not word.isdigit() and word not in SAYS_NOTHING)


def names(text: str) -> list[str]:
    """Whatever in the text could be the name of a service: words with the dots and dashes within them, in lower case."""
    return [name for name in _NAME.findall(text.casefold()) if len(name) > 3]


def topics(text: str) -> frozenset[str]:
    """What the text is about by its own words, of the few things that are easily told apart."""
    return frozenset(_TOPIC_OF[word] for word in _WORD.findall(text.casefold()) if word in _TOPIC_OF)


def references(text: str) -> list[str]:
    """What the text refers to: URLs, ``#48213``, fingerprints, keys like ``OPS-12``."""
    return [found.rstrip(".,;") for found in _REFERENCE.findall(text)]


def may_refer(text: str, *, has_keys: bool) -> bool:
    """A quick look at a monitor's text, for `references` is slow: a page, a ticket's number or (`has_keys`) its key."""
    return "#" in text or "://" in text or (has_keys and "-" in text)


def our_references(signal: Signal) -> Iterable[str]:
    """What the source links to, what an alert's text says, what one of ours wrote."""
    yield from signal.links
    if signal.kind is Kind.ALERT:
        yield from references(signal.text)
        return
    for message in signal.messages:
        if message.voice is not Voice.THEIRS:
            yield from references(message.text)


def their_references(signal: Signal) -> Iterable[str]:
    """What the customer's own words refer to."""
    if signal.kind is Kind.ALERT:
        return
    yield from references(signal.title)
    for message in signal.messages:
        if message.voice is Voice.THEIRS:
            yield from references(message.text)
    if not signal.messages:
        yield from references(signal.text)


class Alarm:
    """Finds the first alarming phrase of a customer's words, on word boundaries and whatever the case."""

    def __init__(self, phrases: Iterable[str] | None) -> None:
        self._pattern = _alarm_pattern(tuple(ALARM if phrases is None else phrases))

    def heard(self, text: str) -> str:
        """The phrase as they wrote it; "" when nothing alarms."""
        found = self._pattern.search(text.replace("\u2019", "'")) if self._pattern else None
        return " ".join(found.group().split()) if found else ""


@cache
def _alarm_pattern(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Longest first, so that "kunnen niet bestellen" is told whole; a negated phrase does not count."""
    if not phrases:
        return None
    told = (r"\s+".join(map(re.escape, phrase.split())) for phrase in sorted(phrases, key=len, reverse=True))
    return re.compile(r"(?<!not )(?<!niet )(?<!geen )(?<!no )(?<!\w)(?:" + "|".join(told) + r")(?!\w)", re.IGNORECASE)


def their_words(ticket: Signal) -> str:
    """All that the customer said in a ticket, its title first."""
    said = (message.text for message in ticket.messages if message.voice is Voice.THEIRS)
    return "\n".join((ticket.title, *said)) if ticket.messages else f"{ticket.title}\n{ticket.text}"
