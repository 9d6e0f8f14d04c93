"""The phrases that frighten, read from data: our own a language, and what a user's care.toml adds or silences."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from itertools import product
from typing import Any, NamedTuple

from oncall_tui.care.clauses import apart
from oncall_tui.errors import ConfigError

KINDS = ("delay", "doubt", "refusal", "blame", "money", "jargon", "tomorrow")
LANGUAGES = ("nl", "en")

CODE = "[a-z]{2,3}"
"""How a language is called, here as at a customer; under another name nobody would hear its phrases."""

GAP = 3
"""The most words that ``...`` stands for."""

_APART = 6
"""The most words between the parts of a Dutch verb: "we stellen de herstart van uw systeem uit"."""


class Step(NamedTuple):
    """One place of a phrase: any of `words`, or any word that begins with one of `stems`; or a gap of at most so many words.

    After a close one nothing follows that it could belong to.
    """

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    is_optional: bool = False
    is_close: bool = False
    gap: int = 0

    def fits(self, word: str) -> bool:
        return word in self.words or (bool(self.stems) and word.startswith(self.stems))


class Phrase(NamedTuple):
    """A way of saying, with what it does; a fine one (`kind` is "") only keeps others away from its words."""

    pattern: str
    steps: tuple[Step, ...]
    kind: str = ""
    they_hear: str = ""
    say_instead: str = ""

    @property
    def is_fine(self) -> bool:
        return not self.kind

    @property
    def openings(self) -> tuple[Step, ...]:
        """The places that a text may begin with: the first that must be there, and the optional ones before it."""
        certain = next(i for i, step in enumerate(self.steps) if not step.is_optional)
        return self.steps[: certain + 1]


class Shelf:
    """The phrases of one language, found by the word that a text begins with."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.phrases = tuple(phrases)
        self._by_word: dict[str, list[Phrase]] = {}
        self._by_stem: list[tuple[str, Phrase]] = []
        for phrase in self.phrases:
            for step in phrase.openings:
                for word in step.words:
                    self._by_word.setdefault(word, []).append(phrase)
                self._by_stem += [(stem, phrase) for stem in step.stems]
        self._stems = tuple(stem for stem, _ in self._by_stem)

    def starting(self, word: str) -> list[Phrase]:
        """Those that may begin with that word."""
        found = self._by_word.get(word, [])
        if self._stems and word.startswith(self._stems):
            found = found + [phrase for stem, phrase in self._by_stem if word.startswith(stem)]
        return found


class Phrasebook(NamedTuple):
    """Phrases by language (``nl``, ``en``, and what the user adds)."""

    languages: Mapping[str, Shelf]


def load(theirs: Mapping[str, Any] = {}) -> Phrasebook:
    """Our phrases with those of a care.toml. Raises `ConfigError`, naming the key.

    ``silence = ["ticket|tickets", "jargon", "as usual"]`` leaves out a phrase of ours as it is written there, a whole
    kind, or makes a new one harmless. ``[nl.delay]`` adds: ``"phrase" = ["what they hear", "what to say instead"]``.
    """
    silenced = frozenset(_listed(theirs.get("silence", []), "silence"))
    languages = {language: _phrases(_own(language), language) for language in LANGUAGES}
    for language, table in theirs.items():
        if language == "silence":
            continue
        if not re.fullmatch(CODE, language):
            raise ConfigError("is neither silence nor the code of a language: write it as [nl.delay]", key=language)
        if not isinstance(table, dict):
            raise ConfigError("must be a table of a language, as [nl.delay]", key=language)
        languages.setdefault(language, []).extend(_phrases(table, language))
    quiet = [one for pattern in sorted(silenced - {*KINDS}) for one in _fine(pattern, "silence")]
    kept = {code: [p for p in phrases if not silenced & {p.pattern, p.kind}] for code, phrases in languages.items()}
    return Phrasebook(languages={code: Shelf([*phrases, *quiet]) for code, phrases in kept.items()})


def _own(language: str) -> dict[str, Any]:
    source = resources.files("oncall_tui.care.phrases") / f"{language}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _listed(value: Any, key: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigError('must be a list of phrases, as ["one", "another"]', key=key)
    return [one for one in value if one.strip()]


def _phrases(table: Mapping[str, Any], language: str) -> list[Phrase]:
    fine = _listed(table.get("fine", []), f"{language}.fine")
    found = [phrase for pattern in fine for phrase in _fine(pattern, f"{language}.fine")]
    for kind, entries in table.items():
        if kind == "fine":
            continue
        where = f"{language}.{kind}"
        if kind not in KINDS or not isinstance(entries, dict):
            raise ConfigError(f"is no table of a kind; there are {', '.join(KINDS)}", key=where)
        found += [one for pattern, value in entries.items() for one in _alarming(pattern, kind, value, where)]
    return found


def _alarming(pattern: str, kind: str, value: Any, where: str) -> list[Phrase]:
    is_pair = isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)
    if not is_pair:
        words = 'must be two texts: ["what they hear", "what to say instead"]'
        raise ConfigError(words, key=f'{where}."{pattern}"')
    return [Phrase(pattern, steps, kind, value[0], value[1]) for steps in _ways(pattern, where)]


def _fine(pattern: str, where: str) -> list[Phrase]:
    return [Phrase(pattern, steps) for steps in _ways(pattern, where)]


def _ways(pattern: str, where: str) -> list[tuple[Step, ...]]:
    """``kan|kunnen ... niet nog? help*`` as steps, and each way in which ``uit+stel|stelt+gesteld`` is said.

    At least one place must be certain, and neither the first nor the last is a gap.
    """
    if sum("+" in part for part in pattern.split()) > 1:
        raise ConfigError("may hold one verb of two parts (with a +) at most", key=f'{where}."{pattern}"')
    ways = [tuple(step for part in parts for step in part) for parts in product(*map(_part, pattern.lower().split()))]
    for steps in ways:
        certain = [step for step in steps if not (step.gap or step.is_optional)]
        if not certain or steps[0].gap or steps[-1].gap:
            raise ConfigError(
                "must begin and end with a word, and hold one that is not optional", key=f'{where}."{pattern}"'
            )
    return ways


def _part(part: str) -> list[tuple[Step, ...]]:
    """The ways to say one part: a word or a gap in one; a Dutch verb of two parts apart, as one word, and with "te"."""
    before, plus, verb = part.partition("+")
    if not (before and plus and verb):
        return _said(part)
    forms, _, participles = verb.partition("+")
    finite, whole = forms.split("|"), [*forms.split("|"), *filter(None, participles.split("|"))]
    apart = (Step(frozenset(finite)), Step(gap=_APART), Step(frozenset({before}), is_close=True))
    with_te = (Step(frozenset({before})), Step(frozenset({"te"})), Step(frozenset(finite)))
    return [apart, (Step(frozenset(f"{before}{form}" for form in whole)),), with_te]


def _said(part: str) -> list[tuple[Step, ...]]:
    """A word or a gap; what is drawn together among its choices (``can't|couldn't``) as the words that it is."""
    if part == "...":
        return [(Step(gap=GAP),)]
    is_optional = part.endswith("?")
    choices = [choice for choice in part.removesuffix("?").split("|") if choice.strip("*")]
    single = [apart(choice)[0] for choice in choices if len(apart(choice)) == 1]
    drawn = dict.fromkeys(apart(choice) for choice in choices if len(apart(choice)) > 1)
    stems = tuple(choice[:-1] for choice in single if choice.endswith("*"))
    whole = Step(frozenset(choice for choice in single if not choice.endswith("*")), stems, is_optional)
    ways = [tuple(Step(frozenset({word})) for word in words) for words in drawn]
    return [(whole,), *ways] if single or not drawn else ways
