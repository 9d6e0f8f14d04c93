"""Requests with ``{words}`` in braces: what they stand for is put into texts, never into the shape of a body, and into a path
only as one segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from oncall_tui import kit
from oncall_tui.connectors.http.tables import WORD, WORDS, Listing, One, Saying
from oncall_tui.kit import Request, Source
from oncall_tui.model import Write


def listed(listing: Listing, since: datetime | None = None) -> Request:
    """The request for the first page; `since` then, for what changed."""
    start = {"page": str(listing.first), "offset": "0"}.get(listing.paging)
    words = {"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")} if since else {}
    request = Request(method="GET", path=listing.path, query=_query(listing.changed if since else listing.query, words))
    return turned(request, listing.param, start) if start is not None else request


def turned(request: Request, param: str, value: str) -> Request:
    """The same request with another value of one parameter."""
    others = tuple(pair for pair in request.query if pair[0] != param)
    return Request(method="GET", path=request.path, query=(*others, (param, value)))


def one(one: One, signal_id: str = "", *, accepts: Iterable[int] = ()) -> Request:
    """The request for one ticket, or for who we are."""
    path = one.path.replace("{id}", kit.quote(signal_id)) if "{id}" in one.path else one.path
    query = _query(one.query, {"id": signal_id})
    return Request(method="GET", path=path, query=query, accepts=frozenset(accepts))


def said(saying: Saying, source: Source, write: Write) -> Request:
    """The request that says this write."""
    words = dict(zip(WORDS, _meant(source, write), strict=True))
    path = WORD.sub(lambda found: kit.quote(words[found[1]]), saying.path)
    body = _filled(saying.body, words)
    return Request(method=saying.method, path=path, query=_query(saying.query, words), json=body, writes=True)


def _meant(source: Source, write: Write) -> Iterator[str]:
    """What each of `WORDS` stands for, in their order."""
    yield write.signal_id
    yield write.text
    yield source.session.get("me") or source.me.name
    yield source.me.name
    yield source.me.email
    yield write.until.isoformat() if write.until else ""
    yield kit.marker(write)


def _query(query: Mapping[str, str | int | float], words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _fill(str(value), words)) for name, value in query.items())


def _filled(body: Any, words: Mapping[str, str]) -> Any:
    if isinstance(body, str):
        return _fill(body, words)
    if isinstance(body, list):
        return [_filled(one, words) for one in body]
    if isinstance(body, dict):
        return {name: _filled(value, words) for name, value in body.items()}
    return body


def _fill(text: str, words: Mapping[str, str]) -> str:
    """In one pass, so that braces in what somebody wrote stand for nothing."""
    return WORD.sub(lambda found: words[found[1]], text)
