"""Two ways to a server that are not the product's: a player for connectors, and a second client that reads back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from oncall_tui.errors import Denied, Rejected
from oncall_tui.kit import Connector, Exchange, Request, Response, Source
from tests.connectors.play import Played, play

T = TypeVar("T")
DEADLINE_S = 20.0


def over(connector: Connector, source: Source, exchange: Exchange[T]) -> Played[T]:
    """Play a conversation with the server at `source.url`. A refusal raises as in the product."""

    def answer(request: Request) -> Response:
        query = f"?{urlencode(request.query)}" if request.query else ""
        body = None if request.json is None else json.dumps(request.json).encode()
        headers = {**connector.headers(source), **request.headers, "Content-Type": "application/json"}
        status, told, content = _speak(request.method, source.url + request.path + query, headers, body)
        if status == 401:
            raise Denied("401")
        if not 200 <= status < 300 and status not in request.accepts:
            raise Rejected(f"{status} {content[:200]!r}")
        at = parsedate_to_datetime(told["date"]) if "date" in told else None
        return Response(status=status, body=content, headers=told, at=at)

    return play(exchange, answer)


class Client:
    """A second client of the same server: what it sees, we did not make up."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url, self.headers = url, {"Content-Type": "application/json", **(headers or {})}

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def call(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        status, _, answer = _speak(method, self.url + path, self.headers, body)
        assert 200 <= status < 300, f"{method} {path}: {status} {answer[:300]!r}"
        return json.loads(answer) if answer.strip() else None


def _speak(method: str, url: str, headers: Any, body: bytes | None) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=DEADLINE_S) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()
