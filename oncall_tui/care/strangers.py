"""Whom a reply names to somebody who should not read that name: another customer, whose trouble is none of theirs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from oncall_tui.care.templates import first_name
from oncall_tui.model import Hurt, Problem, Settings, Signal, Voice

_SHORTEST = 3
"""Fewer letters than this ("IT", "OK") are in any text."""

_BEFORE_A_SENTENCE = ".!?:\n"
_OPENING = " \t\"'“„‘(*->"


def strangers(
    told: Sequence[tuple[Hurt, str]], problem: Problem, elsewhere: Sequence[Problem], settings: Settings
) -> list[str]:
    """Whom some reader reads about who is not they. `told` is what each reader is told about the problem.

    Anybody may be named who is hurt in it or `elsewhere`, or is configured. What a service, a host or a source of ours is
    called is no customer's name, nor is what the reader wrote or is known by.
    """
    signals = [signal for one in (problem, *elsewhere) for signal in one.signals]
    ours = {name.casefold() for signal in signals for name in (signal.service, signal.host, signal.source)}
    ours -= {""}
    ours |= {name.casefold() for name in (settings.me.name, *(service.name for service in settings.services))}
    others = [*(hurt for one in elsewhere for hurt in one.customers), *(Hurt(name=c.name) for c in settings.customers)]
    others = [hurt for hurt in others if hurt.name.casefold() not in ours]
    found: dict[str, None] = {}
    for reader, text in told:
        known = " ".join(_known(reader, problem.signals))
        found |= dict.fromkeys(named(text, reader, problem.customers, known))
        found |= dict.fromkeys(named(text, reader, others, known, by_first_name=bool(first_name(reader.contact))))
    return list(found)


def _known(reader: Hurt, signals: Sequence[Signal]) -> Iterator[str]:
    """What the reader has said already, and who of theirs said it."""
    yield reader.last_words
    for signal in signals:
        if signal.ref in reader.refs:
            yield from (signal.title, signal.text)
            yield from (f"{one.author} {one.text}" for one in signal.messages if one.voice is Voice.THEIRS)


def named(
    text: str, reader: Hurt, others: Collection[Hurt], known: str = "", *, by_first_name: bool = True
) -> list[str]:
    """The names of `others` that stand in `text`, as they stand there; none that is the reader's, or `known` to them.

    A first name counts where a letter greets by it, and may be anybody's further down.
    """
    theirs = f"{reader.name} {reader.contact} {reader.core_process} {reader.core_process_theirs} {known}"
    greeting = re.split(r"[\n,.!?:;]", text.lstrip(), maxsplit=1)[0] if by_first_name else ""
    found: list[str] = []
    for hurt in others:
        if hurt.name and hurt.name == reader.name:
            continue
        first = first_name(hurt.contact)
        found += [name for name in (hurt.name, hurt.contact) if name not in ("", first) and _is_named(name, text)]
        found += [first] if first and _stands(first, greeting) else []
    found = [name for name in dict.fromkeys(found) if not _stands(name, theirs)]
    return [name for name in found if not any(name != one and _stands(name, one) for one in found)]


def _is_named(name: str, text: str) -> bool:
    """Whether a name stands there and is no ordinary word: one in small letters is, or at the start of a sentence."""
    if name not in text or sum(map(str.isalpha, name)) < _SHORTEST:
        return False
    if name.islower() and name.replace(" ", "").isalpha():
        return False
    may_begin = not (name.isalpha() and name[1:].islower())
    return any(may_begin or not _begins_a_sentence(text[: place.start()]) for place in _places(name, text))


def _begins_a_sentence(before: str) -> bool:
    before = before.rstrip(_OPENING)
    return not before or before[-1] in _BEFORE_A_SENTENCE


def _stands(name: str, text: str) -> bool:
    """Whether it stands there as words of their own."""
    return name in text and any(_places(name, text))


def _places(name: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)
