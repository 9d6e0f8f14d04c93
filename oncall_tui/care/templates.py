"""Words with places to fill: ``{customer}``, ``{eta}``; what is not filled cannot be sent."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

VARIABLES = ("customer", "first_name", "core_process", "eta", "me")
"""What the screen knows how to fill."""

_OPEN = ("found", "way", "question", "colleague")
"""What only the engineer can fill."""

_LIKE = 0.7
"""From this likeness on a place is a misspelt one of ours ("custmer"), and no word of a log ("namespace")."""

_PLACE = re.compile(r"\{([a-z_]+)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every place filled that `values` has words for; the others stay as they are, to be seen.

    What is filled in is never looked at again: braces in a customer's name fill nothing.
    """
    return _PLACE.sub(lambda place: values.get(place[1], "").strip() or place[0], text)


def unfilled(text: str) -> tuple[str, ...]:
    """The names of our places that are still empty or misspelt, each once, in reading order. Other braces are only text."""
    names = dict.fromkeys(_PLACE.findall(text))
    return tuple(name for name in names if difflib.get_close_matches(name, (*VARIABLES, *_OPEN), 1, _LIKE))


def offered(language: str) -> Mapping[str, str]:
    """Words to begin a reply with, by name (here, still, meanwhile, ask, works, over): Dutch for ``nl``, else English."""
    return _all()["nl" if language[:2].lower() == "nl" else "en"]


def offered_notes(language: str) -> Mapping[str, str]:
    """Words to begin a note with, by name (state, tried, called, over): what a colleague needs to go on from there."""
    return _all()["nl-note" if language[:2].lower() == "nl" else "en-note"]


@cache
def _all() -> Mapping[str, Mapping[str, str]]:
    source = resources.files("oncall_tui.care.phrases") / "templates.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def first_name(contact: str) -> str:
    """How to address somebody: "Ron" for "Ron van Dam" and for "van Dam, Ron"; "" for an address or a number."""
    name = contact.partition("(")[0].strip()
    last, comma, rest = name.partition(",")
    first = (rest if comma and rest.strip() else last).split()
    is_name = bool(first) and "@" not in contact and first[0][0].isalpha() and not any(c.isdigit() for c in first[0])
    return first[0] if is_name else ""
