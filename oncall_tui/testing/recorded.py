"""A recorded server: answers of a real one in files, by what was asked; and ways to spoil them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from oncall_tui.kit import Connector, Request, Response, Source
from oncall_tui.model import Verb
from oncall_tui.testing.play import Answer

Place: TypeAlias = tuple[str | int, ...]
"""Where in a JSON document: keys and indices from its root."""

MISSING = object()
"""Put in a place, it takes the place away."""


class UnrecordedError(LookupError):
    """The connector asked for what nobody recorded."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A connector, the recorded server that it is tried on, and what is in there.

    Routes map ``"GET /path"`` or ``"GET /path?name=value"`` (which then must be among the query) to a file without its
    ending, or to a status. `ids` are the signals that a poll lists. `targets` tell on which signal a verb is tried where
    that is not `target`, and `done` which routes answer otherwise once the verb was sent. `pages` are the routes of a
    server that lists the same signals on several pages. `severity` is where in the answer to which route a record's
    severity stands. `keyed` says for a document whose records stand by name and not in a list how deep these are (a path
    of so many keys leads to a record). `server_at` is the time in the Date header, where the server has one.
    """

    connector: Connector
    source: Source
    folder: Path
    routes: Mapping[str, str | int]
    ids: tuple[str, ...]
    target: str
    severity: tuple[str, Place]
    targets: Mapping[Verb, str] = field(default_factory=dict)
    done: Mapping[Verb, Mapping[str, str | int]] = field(default_factory=dict)
    pages: Mapping[str, str | int] = field(default_factory=dict)
    keyed: Mapping[str, int] = field(default_factory=dict)
    server_at: datetime | None = None

    def target_of(self, verb: Verb) -> str:
        return self.targets.get(verb, self.target)

    def server(self, verb: Verb | None = None, *, is_done: bool = False, routes: Any = None) -> Recorded:
        """The recorded server; one that takes `verb` answers as `done` from the first change on, or from the start."""
        later = {**self.routes, **self.done.get(verb, {})} if verb else self.routes
        before = routes if routes is not None else self.routes
        return Recorded(self.folder, later if is_done else before, later, self.server_at)


class Recorded:
    """Answers by route. `spoilt` replaces the documents of some routes (by their files' names)."""

    def __init__(
        self, folder: Path, routes: Mapping[str, str | int], later: Mapping[str, str | int], at: datetime | None
    ) -> None:
        self.folder, self.routes, self.later, self.at = folder, dict(routes), dict(later), at
        self.spoilt: dict[str, Any] = {}
        self.used: list[str] = []

    def __call__(self, request: Request) -> Response:
        if request.writes:
            self.routes = self.later
        answer = self._route(request)
        if isinstance(answer, int):
            return Response(status=answer, at=self.at)
        self.used.append(answer)
        document = self.document(answer)
        body = document if isinstance(document, str) else json.dumps(document)
        return Response(status=200, body=body.encode(), at=self.at)

    def document(self, name: str) -> Any:
        return self.spoilt[name] if name in self.spoilt else load(self.folder, name)

    def _route(self, request: Request) -> str | int:
        matching = [
            (len(wanted), answer)
            for (method, path, wanted), answer in ((_parts(route), answer) for route, answer in self.routes.items())
            if method == request.method and path == request.path and wanted <= set(request.query)
        ]
        if not matching:
            raise UnrecordedError(f"nothing recorded for {request.method} {request.path} {request.query}")
        return max(matching, key=lambda one: one[0])[1]


def _parts(route: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
    method, _, rest = route.partition(" ")
    path, _, query = rest.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return method, path, frozenset((name, value) for name, _, value in pairs)


_LOADED: dict[Path, Any] = {}


def load(folder: Path, name: str) -> Any:
    """A recorded document, read once; nobody may change it. A page (NAME.html) is its text."""
    path = folder / f"{name}.json"
    if path not in _LOADED:
        page = path.with_suffix(".html")
        _LOADED[path] = page.read_text("utf-8") if page.exists() else json.loads(path.read_text("utf-8"))
    return _LOADED[path]


def broken(answer: Answer, turn: int, body: bytes) -> Answer:
    """The same server, whose answer to request number `turn` has that body."""
    turns = iter(range(10_000))

    def reply(request: Request) -> Response:
        response = answer(request)
        return replace(response, body=body) if next(turns) == turn else response

    return reply


# --- documents -------------------------------------------------------------------------------------------------------


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


def is_time(value: object) -> bool:
    """Whether that looks like a time in ISO 8601."""
    return isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value) is not None
