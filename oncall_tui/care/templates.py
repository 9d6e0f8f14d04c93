"""Words with places to fill: ``{customer}``, ``{eta}``; what is not filled cannot be sent."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

VARIABLES = ("customer", "first_name", "core_process", "eta", "me")
"""What the screen knows how to fill."""

_PLACE = re.compile(r"\{([a-z_]+)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every place filled that `values` has words for; the others stay as they are, to be seen.

    What is filled in is never looked at again: braces in a customer's name fill nothing.
    """
    return _PLACE.sub(lambda place: values.get(place[1], "").strip() or place[0], text)


def unfilled(text: str) -> tuple[str, ...]:
    """The names of the places that are still empty, each once, in reading order."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


@cache
def offered(language: str) -> Mapping[str, str]:
    """Words to begin a reply with, by name (here, still, meanwhile, ask, works, over): Dutch for ``nl``, else English."""
    source = resources.files("oncall_tui.care.phrases") / "templates.toml"
    languages = tomllib.loads(source.read_text(encoding="utf-8"))
    offered: Mapping[str, str] = languages["nl" if language[:2].lower() == "nl" else "en"]
    return offered


def first_name(contact: str) -> str:
    """How to address somebody: "Ron" for "Ron van Dam" and for "van Dam, Ron"; "" for an address or a number."""
    name = contact.partition("(")[0].strip()
    last, comma, rest = name.partition(",")
    first = (rest if comma and rest.strip() else last).split()
    is_name = bool(first) and "@" not in contact and first[0][0].isalpha() and not any(c.isdigit() for c in first[0])
    return first[0] if is_name else ""
