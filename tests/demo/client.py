"""A second client, not through our own code: asks a site and tells status, headers and body; also plays a connector."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from oncall_tui.kit import Connector, Exchange, Request, Response, Source

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body.strip() else None


def ask(
    url: str, method: str = "GET", sent: Any = None, *, key: str = "", timeout: float = 5.0, **headers: str
) -> Answer:
    """`sent` is text as it is, or anything else as JSON. Raises what `http.client` raises when the line is cut."""
    parts = urlsplit(url)
    body = sent if isinstance(sent, (str, bytes)) or sent is None else json.dumps(sent)
    named = {"Content-Type": "application/json", **({"X-Redmine-API-Key": key} if key else {}), **headers}
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        line.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, named)
        answer = line.getresponse()
        return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())
    finally:
        line.close()


def play(connector: Connector, source: Source, exchange: Exchange[T]) -> T:
    """Drives a connector's conversation over real HTTP, with no more judgement than the conversation itself has."""
    try:
        request = next(exchange)
        while True:
            request = exchange.send(_send(connector, source, request))
    except StopIteration as done:
        return done.value


def _send(connector: Connector, source: Source, request: Request) -> Response:
    query = f"?{urlencode(request.query)}" if request.query else ""
    headers = {**connector.headers(source), **request.headers}
    answer = ask(source.url + request.path + query, request.method, request.json, **headers)
    assert 200 <= answer.status < 300 or answer.status in request.accepts, (request, answer)
    at = parsedate_to_datetime(answer.headers["date"])
    return Response(status=answer.status, body=answer.body, headers=answer.headers, at=at)
