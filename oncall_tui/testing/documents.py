"""Recorded answers as documents: every place in them, another value in one, and which part of a record a place is."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from copy import deepcopy
from itertools import takewhile
from types import EllipsisType
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""Where in a JSON document: keys and indices from its root."""

Pattern: TypeAlias = tuple[str | int | EllipsisType, ...]
"""Where each record of a document stands: ``("items", ...)`` for those of a list, ``()`` where the document is the record."""

MISSING = object()
"""Put in a place, it takes the place away."""


class Part(enum.Enum):
    """What a place is to the records of its document."""

    INSIDE = "something in a record"
    RECORD = "a whole record"
    HOLDER = "something of what holds some of the records, as a group in a list of groups"
    LIST = "what holds all records"
    AROUND = "something else"


def part(pattern: Pattern | None, place: Place) -> Part:
    """What that place is in a document whose records stand there; None when it has no records."""
    if pattern is None:
        return Part.AROUND
    agreed = list(takewhile(lambda pair: pair[0] in (..., pair[1]), zip(pattern, place, strict=False)))
    if len(agreed) == len(pattern):
        return Part.INSIDE if len(place) > len(pattern) else Part.RECORD
    if any(wanted is ... for wanted, _ in agreed):
        return Part.HOLDER
    return Part.LIST if len(agreed) == len(place) else Part.AROUND


def places(document: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every place below the root of a document, with what stands there."""
    children = (
        enumerate(document) if isinstance(document, list) else document.items() if isinstance(document, dict) else ()
    )
    for key, value in children:
        yield (*at, key), value
        yield from places(value, (*at, key))


def put(document: Any, place: Place, value: Any) -> Any:
    """A copy of the document with that value in that place."""
    copy = deepcopy(document)
    holder = copy
    for key in place[:-1]:
        holder = holder[key]
    if value is MISSING:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return copy
