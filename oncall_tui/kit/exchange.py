"""What is asked and answered: requests, responses, and the conversation that is made of them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote as _quote

import msgspec

from oncall_tui.errors import Unreadable
from oncall_tui.kit.decoding import decode

T = TypeVar("T")

GONE = frozenset({403, 404, 410})
"""What is answered about what is no more, or is hidden from us."""

STALE = 412
"""What is answered to a change of what is not any more as it was when it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask: a path below the source's base URL (or a link of the same origin), its query and a JSON body.

    `accepts` are statuses beside 2xx that are an answer and not a failure. `writes` is set for what changes something:
    a redirect is then an error, and silence afterwards means that it may have arrived. `form` is sent URL-encoded,
    `body` as it is. `headers` come on top of the connector's. `clock` reads the server's own time from the answer, where no
    answer has a Date header.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    json: Any = None
    form: tuple[tuple[str, str], ...] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    accepts: frozenset[int] = frozenset()
    writes: bool = False
    clock: Callable[[Response], datetime | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back. `headers` have lower-case names; `at` is the server's own time by its Date header, if it told."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None

    def read(self, type_: type[T]) -> T:
        """The body as JSON of that type. Raises `Unreadable`, naming what is missing or of another shape."""
        if not self.body.strip():
            raise Unreadable("answered with an empty body where JSON was expected")
        if self.body.lstrip()[:1] == b"<":
            raise Unreadable(
                "answered with a web page where JSON was expected: is the URL right, or is there a login page?"
            )
        try:
            return decode(self.body, type_)
        except msgspec.ValidationError as error:
            raise Unreadable(f"the API changed shape: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreadable(f"answered with broken JSON ({type(error).__name__}: {str(error)[:80]})") from None

    def unread(self, path: str) -> list[msgspec.Raw]:
        """The records of the list that stands there (``"data.groups"``), each to be read by itself. Raises as `read`, or
        `LookupError`.
        """
        found = self.read(msgspec.Raw)
        for name in path.split("."):
            found = decode(found, dict[str, msgspec.Raw])[name]
        return decode(found, list[msgspec.Raw])

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


Exchange: TypeAlias = Generator[Request, Response, T]

SHAPES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, msgspec.MsgspecError)
"""What a connector may stumble over in an answer of unknown shape: the line makes `Unreadable` of it."""


def get(path: str, *, accepts: Iterable[int] = (), **query: object) -> Request:
    """Ask for something. A query value that is a list is repeated; a name may end in ``_`` to avoid a keyword."""
    return Request(method="GET", path=path, query=tuple(_pairs(query)), accepts=frozenset(accepts))


def send(method: str, path: str, json: Any = None, *, accepts: Iterable[int] = (), **query: object) -> Request:
    """Change something."""
    return Request(
        method=method, path=path, json=json, query=tuple(_pairs(query)), accepts=frozenset(accepts), writes=True
    )


def _pairs(query: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            yield name.rstrip("_"), str(one)


def quote(part: str) -> str:
    """An id as one segment of a path: nothing in it can leave that segment."""
    quoted = _quote(part, safe="")
    if part in ("", ".", ".."):
        raise Unreadable(f"an id cannot be {part!r}")
    return quoted


def page(address: str, **query: object) -> str:
    """That address with that query, for a browser; what is "" is left out."""
    pairs = [f"{name.rstrip('_')}={_quote(str(part), safe='')}" for name, part in query.items() if part]
    return f"{address}?{'&'.join(pairs)}" if pairs else address


def basic(user: str, secret: str) -> Mapping[str, str]:
    """The header of basic authentication."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{secret}".encode()).decode()}
