"""What an answer's status means, and the source's own words for it. Pure: `engine.wire` asks, this judges."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias

import msgspec

from oncall_tui import safe
from oncall_tui.engine.proxies import LOGIN
from oncall_tui.errors import Denied, OncallError, RateLimited, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Request, Response

Scrub: TypeAlias = Callable[[str], str]

LONGEST_WAIT_S = 900.0
"""More than 15 minutes of silence is not a rate limit but an outage, and is looked at again."""

_USUAL_WAIT_S = 60.0
"""How long we wait when a source says "slow down" but not how long."""

_SAYS = (
    "errors",
    "errorMessages",
    "error",
    "message",
    "msg",
    "error_description",
    "detail",
    "description",
    "results",
    "status",
)
"""Where APIs put words for people: Redmine, Jira, Alerta, Alertmanager, OAuth, Roundup, Django, Zendesk, Icinga (two)."""

_FAILING = {
    500: "failed inside (500)",
    502: "has a gateway that got no good answer (502)",
    503: "is not available now (503)",
    504: "has a gateway that waited in vain (504)",
}


def judge(
    request: Request, response: Response, *, now: datetime, credentials: str = "", scrub: Scrub = str
) -> OncallError | None:
    """The failure that an answer is; None when it goes to the connector.

    `credentials` says where ours are kept; `scrub` takes them out of words, before these are cut to a line's length.
    """
    status = response.status
    said = _after_colon(told(response, scrub)) if status >= 400 else ""
    if status in request.accepts:
        return None
    if 200 <= status < 300:
        return _page(request, response)
    if 300 <= status < 400:
        return _redirect(request, response, scrub)
    if status == 401:
        return Denied(_wants(credentials) + said)
    if status == 403:
        return Rejected(f"forbids this (403){said}") if request.writes else Denied(f"forbids us to read (403){said}")
    if status in (404, 410):
        return Rejected(f"has nothing at {_where(request)} ({status}){said}", gone=True)
    if status == 429 or (status == 503 and "retry-after" in response.headers):
        wait_s = retry_after(response, now)
        return RateLimited(f"asks us to slow down for {wait_s:.0f} s ({status}){said}", after_s=wait_s)
    return _other(request, status, said)


def _other(request: Request, status: int, said: str) -> OncallError:
    if status in (408, 421, 425) or 500 <= status < 600:
        words = _FAILING.get(status, f"cannot answer now ({status})")
        return Unavailable(words + said, maybe_sent=request.writes)
    if status == 407:
        return Unavailable("is behind a proxy that wants a login (407)", maybe_sent=False, remedy=LOGIN)
    if 400 <= status < 500:
        return Rejected(f"refused it ({status}){said}")
    return Unreadable(f"answered with a status that does not exist ({status})")


def _after_colon(said: str) -> str:
    return f": {said}" if said else ""


def _where(request: Request) -> str:
    """The path without its query, which may hold what is nobody's business."""
    return request.path.partition("?")[0][:80] or "its url"


def _wants(credentials: str) -> str:
    if credentials:
        return f"does not accept the credentials from {credentials} (401): put valid ones there, then ask again"
    return "wants credentials (401) and none are configured: tell where they are kept"


# --- pages where an API should be ------------------------------------------------------------------------------------


def _page(request: Request, response: Response) -> OncallError | None:
    """A 2xx that is a web page is a login, a portal or an error in disguise, unless the connector asked for a page."""
    if not _is_page(response) or "html" in _header(request, "accept"):
        return None
    title = page_title(response.body)
    named = f' "{title}"' if title else ""
    if request.writes:
        return Unreadable(
            f"answered a write with a web page{named}: it does not count as sent; a login page or portal?"
        )
    return Unreadable(
        f"answered with a web page{named} where its API should be: a login page, a portal or a wrong url?"
    )


def _is_page(response: Response) -> bool:
    start = response.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return True
    # An empty body is no page (frameworks give empty answers that type), nor is JSON under a wrong label.
    return "text/html" in response.headers.get("content-type", "").lower() and start[:1] not in (b"", b"{", b"[", b'"')


def page_title(body: bytes) -> str:
    """The title of a web page as one safe line of at most 60 characters; "" when it has none."""
    found = re.search(rb"<title[^>]*>([^<]{1,500})", body[:20_000], re.IGNORECASE)
    return safe.line(html.unescape(found[1].decode("utf-8", "replace"))).strip()[:60] if found else ""


def _header(request: Request, name: str) -> str:
    return next((value for key, value in request.headers.items() if key.lower() == name), "")


def _redirect(request: Request, response: Response, scrub: Scrub) -> OncallError:
    # Never followed: a POST becomes a GET without its body, and the 200 of a login page looks like success.
    to = safe.line(scrub(response.headers.get("location", ""))).partition("?")[0][:100] or "an unnamed place"
    is_login = re.search(r"log-?in|sign-?in|sso|oauth|auth", to, re.IGNORECASE)
    login = ", which looks like a login page" if is_login else ""
    if request.writes:
        return Unreadable(f"redirects writes ({response.status}) to {to}{login}: it does not count as sent")
    way = "" if is_login else ": give its final address as url"
    return Unreadable(f"redirects us ({response.status}) to {to}{login}{way}")


# --- the source's own words ------------------------------------------------------------------------------------------


def told(response: Response, scrub: Scrub = str) -> str:
    """What an error's body says to people, as one safe line of at most 200 characters; "" when it says nothing."""
    body = response.body[:65_536].strip()
    if not body:
        return ""
    if _is_page(response) or body[:1] == b"<":
        return page_title(body)
    try:
        sayings = list(_sayings(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        sayings = [body.decode("utf-8", "replace")]
    return safe.line(scrub("; ".join(dict.fromkeys(words.strip() for words in sayings if words.strip()))))[:200]


def _sayings(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < 5:
        for one in value[:10]:
            yield from _sayings(one, depth + 1)
    elif isinstance(value, dict) and depth < 5:
        named = [key for key in _SAYS if key in value]
        for key in named:
            yield from _sayings(value[key], depth + 1)
        if not named and depth:  # {"errors": {"subject": ["cannot be blank"]}}
            for name, one in list(value.items())[:10]:
                yield from (f"{name}: {words}" for words in _sayings(one, depth + 1))


# --- times -----------------------------------------------------------------------------------------------------------


def http_date(text: str) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7) as an aware datetime; None for what is none."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else None


def retry_after(response: Response, now: datetime) -> float:
    """Seconds to wait by ``Retry-After`` (seconds or a date by the source's own clock), between 0 and 15 minutes.

    Of several the longest counts; garbage counts as a minute.
    """
    text = response.headers.get("retry-after", "")
    waits = [wait for part in text.split(",") if (wait := _seconds(part.strip())) is not None]
    at = http_date(text)
    if not waits and at is not None:
        waits = [max((at - (response.at or now)).total_seconds(), 0.0)]
    return min(max(waits, default=_USUAL_WAIT_S), LONGEST_WAIT_S)


def _seconds(text: str) -> float | None:
    """At least 0: a source that asks for a negative wait asks for none."""
    try:
        wait = float(text)
    except ValueError:
        return None
    return None if math.isnan(wait) else max(wait, 0.0)
