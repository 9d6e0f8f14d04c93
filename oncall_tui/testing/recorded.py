"""A recorded server: answers of a real one in files, by what was asked; and ways to break it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from oncall_tui.kit import Request, Response
from oncall_tui.testing.play import Answer

Routes: TypeAlias = Mapping[str, str | int | tuple[int, str]]
"""What is asked -> the file (without its ending) that answers, a status without a body, or a status and a file."""


class UnrecordedError(AssertionError):
    """The connector asked for what nobody recorded: that proves nothing of it, so no test takes it for an answer."""


class Recorded:
    """Answers by route. `spoilt` replaces the documents of some routes (by their files' names), `used` are those asked for.

    `otherwise` is the status for what was never recorded, without which that fails the test; `strange` is what it was
    given to.
    """

    def __init__(self, folder: Path, routes: Routes, later: Routes, at: datetime | None) -> None:
        self.folder, self.routes, self.later, self.at = folder, dict(routes), dict(later), at
        self.spoilt: dict[str, Any] = {}
        self.used: list[str] = []
        self.otherwise: int | None = None
        self.strange: list[Request] = []

    def __call__(self, request: Request) -> Response:
        if request.writes:
            self.routes = dict(self.later)
        answer = self.find(request)
        if isinstance(answer, int):
            return Response(status=answer, at=self.at)
        status, name = answer if isinstance(answer, tuple) else (200, answer)
        self.used.append(name)
        document = self.document(name)
        body = document if isinstance(document, str) else json.dumps(document)
        return Response(status=status, body=body.encode(), at=self.at)

    def document(self, name: str) -> Any:
        return self.spoilt[name] if name in self.spoilt else load(self.folder, name)

    def find(self, request: Request) -> str | int | tuple[int, str]:
        """The answer of the route that says the most about that request."""
        matching = [
            (len(wanted), answer)
            for (method, path, wanted), answer in ((_parts(route), answer) for route, answer in self.routes.items())
            if method == request.method and path == request.path and wanted <= set(request.query)
        ]
        if matching:
            return max(matching, key=lambda one: one[0])[1]
        if self.otherwise is None:
            raise UnrecordedError(f"nothing recorded for {request.method} {request.path} {request.query}")
        self.strange.append(request)
        return self.otherwise


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


def broken(answer: Answer, turn: int, body: bytes, status: int = 200) -> Answer:
    """The same server, whose answer to request number `turn` has that body and status."""
    turns = iter(range(10_000))

    def reply(request: Request) -> Response:
        response = answer(request)
        return replace(response, body=body, status=status) if next(turns) == turn else response

    return reply
