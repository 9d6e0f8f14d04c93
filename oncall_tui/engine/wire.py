"""One request out, one whole answer in: the one place that decides limits, origin and what a broken line means.

It never retries an answer and never follows a redirect or a link to another origin. httpx is loaded when the first
request leaves, and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, unquote, urlencode

import msgspec
from msgspec.structs import replace

from oncall_tui.config import SourceConfig
from oncall_tui.engine import distrust, proxies, tls
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.gunzip import Gunzip
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.statuses import http_date
from oncall_tui.errors import ConfigError, OncallError, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Request, Response

if TYPE_CHECKING:
    import ssl

    import httpx

LIMIT_S = 15.0
"""For one request, everything included. httpx's own limits restart with each byte, so a slow drip never ends them."""

MOST_BYTES = 64 * 1024 * 1024
"""Of one answer, decoded: 10,000 alerts are 11 MB, a bomb of 300 kB would be 300 MB."""

_NO_CHANGE_S = 2.0
"""A `Date` header has whole seconds and travels; a smaller difference between the clocks is none."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One request and what came of it, for a log or a record; `scrub` takes credentials out of words.

    `response` is None when there was none; `words` then say why. What is told `aside` is no part of a connector's
    conversation: a look whether anybody is there, or a token that was asked for.
    """

    source: str
    request: Request
    response: Response | None
    took_s: float
    words: str
    scrub: Scrub = field(repr=False)
    aside: bool = False


class Wire:
    """Requests out, answers in, over HTTP/1.1 to one origin. Errors are not signed with the source's name yet."""

    def __init__(
        self,
        config: SourceConfig,
        clock: Clock,
        *,
        limit_s: float = LIMIT_S,
        most_bytes: int = MOST_BYTES,
        on_heard: Callable[[Heard], None] | None = None,
    ) -> None:
        self._config, self.clock, self._on_heard = config, clock, on_heard
        self._limit_s, self._most_bytes = limit_s, most_bytes
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._retired: httpx.AsyncHTTPTransport | None = None
        self._stamp: tls.Stamp = ()
        self.skew_s = 0.0
        self.last_at: datetime | None = None
        self.tls_until = self.rate = self.proxy = ""
        """Of the last answer: see `Line`; the proxy with its password, if it has one."""

    async def send(
        self, request: Request, headers: Mapping[str, str], scrub: Scrub | None = None, *, aside: bool = False
    ) -> Response:
        """One request, one whole answer of whatever status, told to `on_heard`.

        Raises `Unavailable`, `Unreadable` or `ConfigError`.
        """
        scrub, began = scrub or Scrub(), self.clock.monotonic()
        response, words = None, ""
        try:
            response = await self._send(request, headers)
        except OncallError as error:
            words = scrub(error.words)
            raise
        finally:
            if self._on_heard is not None and (response or words):
                took_s = self.clock.monotonic() - began
                self._on_heard(Heard(self._config.name, request, response, took_s, words, scrub, aside))
        return response

    async def _send(self, request: Request, headers: Mapping[str, str]) -> Response:
        url = self._url(request)
        content = _body(request)
        transport = await self._open()
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._exchange(transport, request, url, _typed(request, headers), content)
        except TimeoutError:
            words = f"gave no whole answer within {self._limit_s:.0f} s"
            raise Unavailable(words, maybe_sent=request.writes) from None

    async def close(self) -> None:
        """Hangs up."""
        for transport in (self._transport, self._retired):
            if transport is not None:
                await transport.aclose()
        self._transport = self._retired = None

    async def _open(self) -> httpx.AsyncHTTPTransport:
        """The open one, or a new one once a certificate or a CA was renewed; what is under way on the old one goes on."""
        stamp = tls.stamp(self._config)
        if self._transport is not None and stamp != self._stamp:
            with suppress(ConfigError):  # in the middle of a renewal: what is open still works
                made = self._made()
                if self._retired is not None:
                    await self._retired.aclose()
                self._retired, self._transport, self._stamp = self._transport, made, stamp
        if self._transport is None:
            self._transport, self._stamp = self._made(), stamp
        return self._transport

    def _made(self) -> httpx.AsyncHTTPTransport:
        import httpx  # noqa: PLC0415 - late: 60 ms that the first picture does not wait for

        # At DEBUG httpcore logs what the source answers: its cookies, and our token if it says it back.
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        config = self._config = replace(self._config, proxy=proxies.find(self._config))
        self.proxy = config.proxy
        context = tls.context(config)
        try:
            return httpx.AsyncHTTPTransport(
                verify=context, trust_env=False, uds=config.socket or None, proxy=_proxy(config, context)
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            words = f"the proxy {proxies.shown(self.proxy)} cannot be used: http://HOST:PORT or https://HOST:PORT"
            raise ConfigError(words, key="proxy") from None

    def _url(self, request: Request) -> httpx.URL:
        """Where the request goes. Parsed by what will connect, so that no second opinion about the host can differ."""
        import httpx  # noqa: PLC0415

        path, _, rest = request.path.partition("#")[0].partition("?")
        if ".." in unquote(path).replace("\\", "/").split("/"):
            raise Unreadable("gave a link that climbs out of its path: it is not followed")
        is_link = "://" in path or path.startswith("//")
        query = "&".join(part for part in (rest, urlencode(request.query, quote_via=quote)) if part)
        try:
            base = httpx.URL(self._config.url)
            below = f"{self._config.url.rstrip('/')}/{path.lstrip('/')}" if path else self._config.url
            url = (base.join(path) if is_link else httpx.URL(below)).copy_with(query=query.encode() or None)
        except (httpx.InvalidURL, ValueError):
            raise Unreadable("gave a link that is none: it is not followed") from None
        if _origin(url) != _origin(base) or url.userinfo:
            raise Unreadable(f"gave a link to {url.scheme}://{url.host}: another origin is never asked")
        return url

    async def _exchange(
        self,
        transport: httpx.AsyncHTTPTransport,
        request: Request,
        url: httpx.URL,
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> Response:
        import httpx  # noqa: PLC0415

        # The whole has its limit; a shorter one for connecting tells "never left" from "may have arrived".
        limits = {"connect": self._limit_s * 2 / 3, "pool": self._limit_s * 2 / 3, "read": None, "write": None}
        try:
            asked = httpx.Request(request.method, url, headers=headers, content=content, extensions={"timeout": limits})
            answer = await transport.handle_async_request(asked)
            try:
                return await self._read(answer, request)
            finally:
                await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError) as error:
            raise _failure(error, url, self._config, writes=request.writes) from None

    async def _read(self, answer: httpx.Response, request: Request) -> Response:
        at = http_date(answer.headers.get("date", ""))
        self._note(answer, at)
        body = await _decoded(answer, request, self._most_bytes)
        headers = {name: ", ".join(answer.headers.get_list(name)) for name in answer.headers}
        return Response(status=answer.status_code, body=body, headers=headers, at=at)

    def note_time(self, at: datetime | None) -> None:
        """What time it is there just now; None: it was not told."""
        if at is not None:
            skew_s = float(round((at - self.clock.now()).total_seconds()))
            self.skew_s = 0.0 if abs(skew_s) <= _NO_CHANGE_S else skew_s

    def _note(self, answer: httpx.Response, at: datetime | None) -> None:
        self.last_at = self.clock.now()
        self.note_time(at)
        self.rate = _rate(answer.headers)
        stream = answer.extensions.get("network_stream")
        secured = stream.get_extra_info("ssl_object") if stream else None
        self.tls_until = (secured.getpeercert() or {}).get("notAfter", "") if secured else ""


def _rate(headers: Mapping[str, str]) -> str:
    """``58 of 60 left``, as GitHub, Zendesk, Jira and the IETF's draft name these headers."""
    for start in ("x-ratelimit-", "ratelimit-", "x-rate-limit-"):
        left, most = headers.get(f"{start}remaining", ""), headers.get(f"{start}limit", "")
        if re.fullmatch(r"\d{1,9}", left):
            return f"{left} of {most} left" if re.fullmatch(r"\d{1,9}", most) else f"{left} left"
    return ""


def _proxy(config: SourceConfig, context: ssl.SSLContext) -> httpx.Proxy | None:
    import httpx  # noqa: PLC0415

    if not config.proxy:
        return None
    proxy = httpx.Proxy(config.proxy, ssl_context=context if config.proxy.startswith("https:") else None)
    if not proxy.url.host:
        raise ValueError("no host")
    return proxy


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _body(request: Request) -> bytes | None:
    try:
        if request.json is not None:
            return msgspec.json.encode(request.json)
        if request.form is not None:
            return urlencode(request.form).encode()
    except ValueError:  # a lone surrogate
        raise Rejected("this text cannot be sent: it holds a broken character") from None
    return request.body


def _typed(request: Request, headers: Mapping[str, str]) -> Mapping[str, str]:
    if request.json is not None:
        return {"content-type": "application/json", **headers}
    if request.form is not None:
        return {"content-type": "application/x-www-form-urlencoded", **headers}
    return headers


async def _decoded(answer: httpx.Response, request: Request, most: int) -> bytes:
    """The whole body, unpacked by ourselves: httpx inflates a bomb in one piece and takes half a gzip for a whole."""
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise Unreadable("answered in an encoding that we did not ask for")
    unpack = Gunzip(most) if coding.endswith("gzip") else None
    parts, size = [], 0
    async for raw in cast("httpx.AsyncByteStream", answer.stream):
        part = unpack(raw) if unpack else raw
        parts.append(part)
        size += len(part)
        if size > most:
            raise Unreadable(f"answered with more than {most >> 20} MiB: that is not read any further")
    if unpack and not unpack.is_whole:
        raise Unavailable("broke its answer off in the middle", maybe_sent=request.writes)
    return b"".join(parts)


# --- failures of the wire --------------------------------------------------------------------------------------------


def _failure(error: Exception, url: httpx.URL, config: SourceConfig, *, writes: bool) -> OncallError:
    """What httpx raised, as one of ours. Only what provably never left says so (each was tried)."""
    import httpx  # noqa: PLC0415

    never_left = (
        httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL,
        httpx.LocalProtocolError, ValueError,
    )  # fmt: skip
    via = f" through the proxy {proxies.shown(config.proxy)}" if config.proxy else ""
    connected = not isinstance(error, httpx.ConnectError)
    if found := distrust.reason(error, config, connected=connected):
        words = f"is not trusted{via}: {found.words}"
        return Unavailable(words, maybe_sent=writes and connected, remedy=found.remedy)
    if isinstance(error, httpx.ProxyError):
        return proxies.refusal(config, str(error))
    if isinstance(error, never_left):
        return Unavailable(f"cannot be reached{via}: {_unreached(error, url, config)}", maybe_sent=False)
    return Unavailable(f"broke the connection off before its answer was whole{via}", maybe_sent=writes)


def _unreached(error: Exception, url: httpx.URL, config: SourceConfig) -> str:
    import httpx  # noqa: PLC0415

    there, led_to_it = httpx.URL(config.proxy) if config.proxy else url, list(distrust.causes(error))
    host = there.netloc.decode("ascii")
    if config.socket:
        return f"nothing answers at the socket {config.socket}"
    if any(isinstance(one, socket.gaierror) for one in led_to_it):
        return f"the name {there.host} is not found: is the network up, is the url right?"
    if any(isinstance(one, ConnectionRefusedError) for one in led_to_it):
        return f"nothing listens at {host}"
    if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return f"{host} does not answer at all: is the network or the VPN up?"
    return f"no connection to {host}"
