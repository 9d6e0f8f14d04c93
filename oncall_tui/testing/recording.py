"""Plays what ``oncall-tui sources --record DIR`` kept of a real source back to its connector."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from oncall_tui.kit import Request, Response, Source
from oncall_tui.model import Me
from oncall_tui.testing.recorded import UnrecordedError

Pairs = frozenset[tuple[str, str]]


class Recording:
    """Answers as the source of that name did when it was recorded into `folder`; `source` is who asked, for its connector.

    A request gets the answer to the recorded one of the same method and a path of the same shape that is most like it, one
    that was not given yet before one that was. `secret` is only needed where a connector reads something in it.
    """

    def __init__(self, folder: Path, name: str, *, secret: str = "") -> None:
        self._told = [json.loads(path.read_text("ascii")) for path in sorted(folder.glob(f"{name}-[0-9]*.json"))]
        self._given: set[int] = set()
        if not self._told:
            raise UnrecordedError(f"nothing of {name} is in {folder}")
        by = self._told[0]["source"]
        me = msgspec.convert(by["me"], Me)
        self.source = Source(name=name, url=by["url"], me=me, options=by["options"], secret=secret)

    def __call__(self, request: Request) -> Response:
        """The answer. Raises `UnrecordedError` when nothing like it was asked."""
        url = request.path if "://" in request.path else f"{self.source.url}/{request.path.lstrip('/')}"
        shape, pairs = _asked(request.method, url, request.query, request.json)
        alike = [
            (len(pairs & known), number not in self._given, -number)
            for number, (its_shape, known) in enumerate(map(_recorded, self._told))
            if its_shape == shape
        ]
        if not alike:
            raise UnrecordedError(f"nothing recorded for {request.method} {request.path}")
        number = -max(alike)[2]
        self._given.add(number)
        return _answer(self._told[number])


def _recorded(told: dict[str, Any]) -> tuple[str, Pairs]:
    request = told["request"]
    return _asked(request["method"], request["url"], (), request.get("json"))


def _asked(method: str, url: str, query: tuple[tuple[str, str], ...], body: Any) -> tuple[str, Pairs]:
    """The shape of a request, in which other letters are the same, and all that is said in it."""
    parts = urlsplit(url)
    pairs = (*parse_qsl(parts.query, keep_blank_values=True), *query, *_leaves("", msgspec.to_builtins(body)))
    segments = [unquote(segment) for segment in parts.path.split("/")]
    shape = "/".join(one if one.isdecimal() else re.sub(r"\d", "0", re.sub(r"[^\W\d_]", "x", one)) for one in segments)
    return f"{method} {shape}", frozenset((*pairs, *((str(place), one) for place, one in enumerate(segments))))


def _leaves(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, (dict, list)):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(f"{place}.{key}", one)
    else:
        yield place, str(value)


def _answer(told: dict[str, Any]) -> Response:
    headers = told["headers"]
    at = parsedate_to_datetime(headers["date"]) if "date" in headers else None
    body = json.dumps(told["body"]).encode() if "body" in told else told.get("text", "").encode()
    return Response(status=told["status"], body=body, headers=headers, at=at)
