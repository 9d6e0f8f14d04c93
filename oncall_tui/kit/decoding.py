"""JSON of a stranger's, as the types that a connector declares."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias, TypeVar

import msgspec

T = TypeVar("T")

Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
"""What names an object at its source: an empty one would name another, or all of them."""

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
"""How many there are: a page that tells a number below none does not tell where the list ends."""


def decode(body: bytes | msgspec.Raw, type_: type[T]) -> T:
    """JSON of that type. Half a surrogate pair or bytes that are no UTF-8, which a stranger can write into a ticket, become
    U+FFFD: they must not make the whole list unreadable. Raises msgspec's errors for all else.
    """
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = bytes(body).decode("utf-8", "replace").encode()
        return msgspec.json.decode(_ESCAPE.sub(_whole_escape, text), type=type_)


_ESCAPE = re.compile(rb"\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)")
"""One escape of a JSON text: a surrogate pair, half of one, or any other."""


def _whole_escape(found: re.Match[bytes]) -> bytes:
    is_half = len(found[1]) == 5
    return rb"\ufffd" if is_half else found[0]
