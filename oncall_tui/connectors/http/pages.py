"""Reads a list to its end, whatever way it has of turning pages: every record, or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import msgspec

from oncall_tui.connectors.http import templates
from oncall_tui.connectors.http.records import text
from oncall_tui.connectors.http.tables import Plan, expression
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Exchange, Request, Response, Source

_ROUNDS = 3


@dataclass(slots=True)
class _Read:
    """What was read of a list so far; `pages` are these as they came, `totals` how many records each said that there are."""

    records: list[Any] = field(default_factory=list)
    pages: set[bytes] = field(default_factory=set)
    totals: set[int] = field(default_factory=set)

    def add(self, page: list[Any], total: int | None) -> None:
        """One more page. Raises `Unreadable` for one that was there already."""
        came = msgspec.json.encode(page)
        if page and came in self.pages:
            raise Unreadable("its paging goes round in a circle: a page came twice")
        self.pages.add(came)
        self.records += page
        self.totals |= set() if total is None else {total}

    @property
    def is_full(self) -> bool:
        return bool(self.totals) and len(self.records) >= max(self.totals)


def records(source: Source, plan: Plan, since: datetime | None = None) -> Exchange[list[Any]]:
    """The records of all pages as they came, or of what changed `since` then; read again while the pages differ about how
    many there are. Raises `Unreadable` for half a list.
    """
    for _ in range(_ROUNDS):
        read = yield from _pages(source, plan, since)
        if len(read.totals) <= 1:
            if read.totals and not read.is_full:
                told, listed = max(read.totals), len(read.records)
                raise Unreadable(f"says that there are {told} and lists {listed}: is list.total right?")
            return read.records
    raise Unavailable("changes its list faster than it can be read page by page", maybe_sent=False)


def _pages(source: Source, plan: Plan, since: datetime | None) -> Exchange[_Read]:
    listing, read = plan.listing, _Read()
    request: Request | None = templates.listed(listing, since)
    while request is not None:
        answer = yield request
        told = document(plan, answer)
        page = expression(listing.records)(told)
        if not isinstance(page, list):
            raise Unreadable("list.records finds no list in the answer")
        read.add(page, _total(plan, told))
        if listing.paging in ("page", "offset"):
            request = _following(plan, request, read) if page and not read.is_full else None
        else:
            request = _named(source, plan, request, told, answer)
    return read


def _total(plan: Plan, told: Any) -> int | None:
    """How many that page says there are; None where nobody told where that stands."""
    if not plan.listing.total:
        return None
    total = expression(plan.listing.total)(told)
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise Unreadable("list.total finds no number in the answer")
    return total


def _following(plan: Plan, request: Request, read: _Read) -> Request:
    """The next page by its number or its first record's."""
    param = plan.listing.param
    after = len(read.records) if plan.listing.paging == "offset" else int(dict(request.query)[param]) + 1
    return templates.turned(request, param, str(after))


def _named(source: Source, plan: Plan, request: Request, told: Any, answer: Response) -> Request | None:
    """The next page as the answer names it; None where it names none."""
    listing = plan.listing
    name = text(expression(listing.next)(told)) if listing.next else _link_header(answer)
    if listing.paging == "none" or not name:
        return None
    return templates.turned(request, listing.param, name) if listing.paging == "cursor" else _follow(source, name)


def _link_header(answer: Response) -> str:
    """The ``next`` of a Link header (RFC 8288), "" for none."""
    for part in answer.headers.get("link", "").split(","):
        link, _, parameters = part.partition(";")
        if 'rel="next"' in parameters.replace("'", '"').replace("rel=next", 'rel="next"'):
            return link.strip().removeprefix("<").removesuffix(">")
    return ""


def _follow(source: Source, link: str) -> Request:
    """A link of the API's as a request below the source's url. It never leads to another place."""
    base, to = urlsplit(f"{source.url}/"), urlsplit(urljoin(f"{source.url}/", link))
    if (to.scheme, to.netloc) != (base.scheme, base.netloc) or not to.path.startswith(base.path):
        raise Unreadable("gave a link to another place: it is not followed")
    query = tuple(parse_qsl(to.query, keep_blank_values=True))
    return Request(method="GET", path="/" + to.path[len(base.path) :], query=query)


def document(plan: Plan, answer: Response) -> Any:
    """An answer's JSON. Raises `Rejected` for an error inside a 2xx."""
    told = answer.read(Any)
    if wrong := plan.error(told):
        raise Rejected(f"says that it failed: {wrong.get('message') or wrong if isinstance(wrong, dict) else wrong}")
    return told
