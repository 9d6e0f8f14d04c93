"""Plays a connector's exchanges with its source: the one place that decides limits, origin, credentials and failures.

It never retries an answer and never follows a redirect or a link to another origin. Credentials that were refused are
renewed once (`Line.play`); after that the source is not asked again until `Line.forgive`. httpx is loaded when the first
request leaves.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote, unquote, urlencode

import msgspec
from msgspec.structs import replace as replace_fields

from oncall_tui import __version__
from oncall_tui.config import SourceConfig
from oncall_tui.config.shape import Auth
from oncall_tui.engine import gate, proxies, secrets, tls
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.gunzip import Gunzip
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.statuses import http_date, judge
from oncall_tui.errors import ConfigError, Denied, OncallError, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Connector, Exchange, Request, Response, Source
from oncall_tui.model import Me, Signal

if TYPE_CHECKING:
    import ssl

    import httpx

T = TypeVar("T")

LIMIT_S = 15.0
"""For one request, everything included. httpx's own limits restart with each byte, so a slow drip never ends them."""

MOST_BYTES = 64 * 1024 * 1024
"""Of one answer, decoded: 10,000 alerts are 11 MB, a bomb of 300 kB would be 300 MB."""

_MOST_REQUESTS = 10_000
"""Of one exchange; more is a loop in the paging."""

_NO_CHANGE_S = 2.0
"""A `Date` header has whole seconds and travels; a smaller difference between the clocks is none."""

_SHAPES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, msgspec.MsgspecError)
"""What a connector runs into when a record is not as its API's reference says."""


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What a source knows us by: the secret, the session that the connector's login made of it, and what its gate wants.

    `ends` is when the gate's token does, by the monotonic clock.
    """

    secret: str = field(repr=False)
    gate: Mapping[str, str] = field(default_factory=dict, repr=False)
    ends: float = math.inf
    session: Mapping[str, str] = field(default_factory=dict, repr=False)

    def can_be_renewed(self) -> bool:
        """Whether the same secrets may make other credentials than these."""
        return bool(self.session) or self.ends < math.inf


@dataclass(frozen=True, slots=True)
class Heard:
    """One request and what came of it, for a log or a record; `scrub` takes credentials out of words.

    `response` is None when there was none; `words` then say why.
    """

    source: str
    request: Request
    response: Response | None
    took_s: float
    words: str
    scrub: Scrub = field(repr=False)


class Line:
    """One configured source, spoken to.

    Every error that leaves it is an `OncallError`. Its `words` follow a name ("refused it (422): ..."), as screens and
    the outbox show them beside one; its text (`str`) has the source's name in front.

    `skew_s` is the source's clock minus ours (0 below 2 s), `last_at` when it last answered anything, `denied` why it is
    not asked any more ("" when it is). `on_heard` is told of every request.
    """

    def __init__(
        self,
        config: SourceConfig,
        connector: Connector,
        me: Me,
        *,
        clock: Clock | None = None,
        secret: Callable[[], Awaitable[str]] | None = None,
        on_heard: Callable[[Heard], None] | None = None,
        limit_s: float = LIMIT_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.config, self.connector, self.me = config, connector, me
        self.clock = clock or Clock()
        self.denied = ""
        self._fetch = secret or _fetching(config)
        self._on_heard = on_heard
        self._wire = Wire(config, self.clock, limit_s=limit_s, most_bytes=most_bytes)
        self._gate_wire = Wire(_to_the_gate(config), self.clock, limit_s=limit_s, most_bytes=most_bytes)
        self._credentials: _Credentials | None = None
        self._door = asyncio.Lock()
        self._first = asyncio.Lock()
        self._proved = False

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def skew_s(self) -> float:
        return self._wire.skew_s

    @property
    def last_at(self) -> datetime | None:
        return self._wire.last_at

    @property
    def tls_until(self) -> str:
        """When the certificate of the last answer ends, as OpenSSL writes it; "" without TLS or when it is not checked."""
        return self._wire.tls_until

    @property
    def rate(self) -> str:
        """What the last answer told of its rate limit, "" when nothing."""
        return self._wire.rate

    @property
    def proxy(self) -> str:
        """Through what it was asked last, "" when directly."""
        return proxies.shown(self._wire.proxy)

    @property
    def warning(self) -> str:
        """What is wrong with the way we speak to it even when it works; "" when nothing is."""
        return "" if self.config.verify else "its certificate is not checked (verify = false)"

    def forgive(self) -> None:
        """After `denied`: asks again, with credentials fetched anew. Credentials that work are left alone."""
        if self.denied:
            self.denied, self._credentials = "", None

    async def close(self) -> None:
        """Hangs up. It can be played again afterwards."""
        await self._wire.close()
        await self._gate_wire.close()

    async def reach(self) -> str:
        """Asks for its bare url without credentials; any answer is one. Says where it is, and through what."""
        try:
            response = await self._wire.send(Request(method="GET", path=""), {"accept": "*/*"})
        except OncallError as error:
            raise _signed(error, self.name) from None
        via = f" through the proxy {proxies.shown(self._wire.proxy)}" if self._wire.proxy else ""
        return f"{self.config.url} answers ({response.status}){via}"

    async def play(
        self,
        make: Callable[[Source], Exchange[T]],
        *,
        known: Mapping[str, Signal] | None = None,
        known_at: datetime | None = None,
    ) -> T:
        """Drives the exchange that `make` opens to its end and returns its result.

        An exchange whose credentials are refused before it changed anything is opened once more with new ones: a new
        session, or a secret that meanwhile has another value. Raises any `OncallError` but `Unwritable`.
        """
        memory = {"known": known or {}, "known_at": known_at}
        # Until credentials are known to be good requests go one by one: a wrong password may lock an account.
        async with nullcontext() if self._proved else self._first:
            if self.denied:
                raise _signed(Denied(self.denied), self.name)
            try:
                return await self._play(make, memory)
            except Denied as refusal:
                self.denied, self._proved = refusal.words, False
                raise

    async def _play(self, make: Callable[[Source], Exchange[T]], memory: Mapping[str, Any]) -> T:
        credentials = await self._sign_in()
        try:
            result = await self._drive(make, credentials, memory)
        except Denied as refusal:
            credentials = await self._sign_in(after=refusal, refused=credentials)
            result = await self._drive(make, credentials, memory)
        self._proved = True
        return result

    # --- credentials -------------------------------------------------------------------------------------------------

    async def _sign_in(self, *, after: Denied | None = None, refused: _Credentials | None = None) -> _Credentials:
        """The credentials to use. With `refused`: others than those, or `after` is raised again."""
        async with self._door:
            held = self._credentials
            if held is not None and held is not refused and self.clock.monotonic() < held.ends:
                return held
            secret = await self._secret(self._fetch)
            made = _Credentials(secret, *await self._pass_gate())
            if after is not None and refused is not None and not refused.can_be_renewed() and _same(made, refused):
                raise after
            self._credentials = replace(made, session=await self._login(made))
            return self._credentials

    async def _secret(self, fetch: Callable[[], Awaitable[str]]) -> str:
        try:
            return await fetch()
        except OncallError as error:
            raise _signed(error, self.name) from None

    async def _login(self, made: _Credentials) -> Mapping[str, str]:
        if self.connector.login is None:
            return {}
        return await self._drive(self.connector.login, made, {})

    async def _pass_gate(self) -> tuple[Mapping[str, str], float]:
        """The header that its `auth` wants, and until when it does."""
        auth = self.config.auth
        if auth is None:
            return {}, math.inf
        secret = await self._secret(lambda: secrets.fetch(auth.secret))
        if auth.scheme != "oauth2":
            return gate.header(auth, secret), math.inf
        token, lasts_s = await self._access_token(auth, secret)
        return gate.header(auth, token), self.clock.monotonic() + lasts_s

    async def _access_token(self, auth: Auth, secret: str) -> tuple[str, float]:
        """Asked of its own server, which alone sees the client's secret. Raises `Denied` when that refuses it."""
        request, scrub = gate.ask(auth, secret), Scrub()
        scrub.learn((secret, *request.headers.values()))
        try:
            answer = await self._gate_wire.send(request, {**_lower(request.headers), "accept-encoding": "gzip"})
            failure = judge(request, answer, now=self.clock.now(), credentials=auth.secret.origin, scrub=scrub)
            if failure is None:
                return gate.read(answer)
        except OncallError as error:
            failure = error
        failure.words = f"no access token from {auth.token_url}: {failure.words}"
        is_refused = isinstance(failure, Rejected) and not failure.gone
        raise _signed(Denied(failure.words) if is_refused else failure, self.name, scrub)

    def _source(self, credentials: _Credentials, memory: Mapping[str, Any]) -> Source:
        config = self.config
        return Source(
            name=config.name,
            url=config.url,
            me=self.me,
            options=config.options,
            secret=credentials.secret,
            session=credentials.session,
            skew_s=self.skew_s,
            **memory,
        )

    # --- the dialogue ------------------------------------------------------------------------------------------------

    async def _drive(
        self, make: Callable[[Source], Exchange[T]], credentials: _Credentials, memory: Mapping[str, Any]
    ) -> T:
        source = self._source(credentials, memory)
        scrub = Scrub(source)
        scrub.learn(credentials.gate.values())
        try:
            return await self._dialogue(make(source), source, scrub, credentials.gate)
        except OncallError as error:
            raise _signed(error, self.name, scrub) from None
        except _SHAPES as error:
            words = scrub(f"the API changed shape: {type(error).__name__} {error}")
            raise _signed(Unreadable(words), self.name) from None

    async def _dialogue(self, exchange: Exchange[T], source: Source, scrub: Scrub, at_gate: Mapping[str, str]) -> T:
        wrote = False
        try:
            request = next(exchange)
            for _ in range(_MOST_REQUESTS):
                headers = self._headers(request, source, scrub) | _lower(at_gate)
                response = await self._ask(request, headers, scrub, wrote=wrote)
                wrote = wrote or request.writes
                request = exchange.send(response)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            exchange.close()
        raise Unreadable(f"asked for more than {_MOST_REQUESTS} pages: its paging goes round in a circle")

    async def _ask(self, request: Request, headers: Mapping[str, str], scrub: Scrub, *, wrote: bool) -> Response:
        try:
            response = await self._send(request, headers, scrub)
            origin = self.config.secret.origin if self.config.secret else ""
            failure = judge(request, response, now=self.clock.now(), credentials=origin, scrub=scrub)
            if failure is not None:
                raise failure
        except OncallError as error:
            raise (_unsure(error, request) if wrote else error) from None
        return response

    async def _send(self, request: Request, headers: Mapping[str, str], scrub: Scrub) -> Response:
        """The wire's answer, told to whoever listens."""
        if self._on_heard is None:
            return await self._wire.send(request, headers)
        began = self.clock.monotonic()
        try:
            response = await self._wire.send(request, headers)
        except OncallError as error:
            words = scrub(error.words)
            self._on_heard(Heard(self.name, request, None, self.clock.monotonic() - began, words, scrub))
            raise
        self._on_heard(Heard(self.name, request, response, self.clock.monotonic() - began, "", scrub))
        return response

    def _headers(self, request: Request, source: Source, scrub: Scrub) -> dict[str, str]:
        ours = {"accept": "application/json", "user-agent": f"oncall-tui/{__version__}"}
        connectors = self.connector.headers(source)
        scrub.learn(connectors.values())
        merged = ours | _lower(connectors) | _lower(request.headers)
        for name, value in merged.items():
            # h11 would print the whole header, credentials included, in its complaint.
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9a-z-]+", name) or not re.fullmatch(r"[\x20-\x7e]*", value):
                raise ConfigError(f"the header {name!r} cannot be sent: only printable ASCII can be in one")
        return merged | {"accept-encoding": "gzip"}


def _fetching(config: SourceConfig) -> Callable[[], Awaitable[str]]:
    async def fetch() -> str:
        return await secrets.fetch(config.secret) if config.secret else ""

    return fetch


def _to_the_gate(config: SourceConfig) -> SourceConfig:
    """The token server as a source of its own: the same TLS and proxy, another origin."""
    url = config.auth.token_url if config.auth else ""
    return replace_fields(config, url=url or config.url, socket="")


def _same(one: _Credentials, other: _Credentials) -> bool:
    return (one.secret, one.gate) == (other.secret, other.gate)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _unsure(error: OncallError, request: Request) -> OncallError:
    """A failure after something in the same exchange was already written: what was said may well have arrived."""
    is_answer = isinstance(error, Rejected) and request.writes
    if is_answer or isinstance(error, (Unreadable, ConfigError)):
        return error
    return Unavailable(f"took it, and then {error.words}", maybe_sent=True)


E = TypeVar("E", bound=OncallError)


def _signed(error: E, name: str, scrub: Callable[[str], str] = str) -> E:
    """The same error without credentials in its words, and as text with the source's name in front."""
    error.words = scrub(error.words)
    error.args = (f"{name}: {error.words}",)
    return error


# --- the wire --------------------------------------------------------------------------------------------------------


class Wire:
    """Requests out, answers in, over HTTP/1.1 to one origin. Errors are not signed with the source's name yet."""

    def __init__(self, config: SourceConfig, clock: Clock, *, limit_s: float, most_bytes: int) -> None:
        self._config, self.clock = config, clock
        self._limit_s, self._most_bytes = limit_s, most_bytes
        self._transport: httpx.AsyncHTTPTransport | None = None
        self.skew_s = 0.0
        self.last_at: datetime | None = None
        self.tls_until = self.rate = self.proxy = ""
        """Of the last answer: see `Line`; the proxy with its password, if it has one."""

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """One request, one whole answer of whatever status. Raises `Unavailable`, `Unreadable` or `ConfigError`."""
        url = self._url(request)
        content = _body(request)
        transport = self._open()
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._exchange(transport, request, url, _typed(request, headers), content)
        except TimeoutError:
            words = f"gave no whole answer within {self._limit_s:.0f} s"
            raise Unavailable(words, maybe_sent=request.writes) from None

    async def close(self) -> None:
        """Hangs up."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.aclose()

    def _open(self) -> httpx.AsyncHTTPTransport:
        if self._transport is None:
            import httpx  # noqa: PLC0415 - late: 60 ms that the first picture does not wait for

            # At DEBUG httpcore logs what the source answers: its cookies, and our token if it says it back.
            logging.getLogger("httpcore").setLevel(logging.WARNING)
            config = self._config = replace_fields(self._config, proxy=proxies.find(self._config))
            self.proxy = config.proxy
            context = tls.context(config)
            try:
                self._transport = httpx.AsyncHTTPTransport(
                    verify=context,
                    trust_env=False,
                    uds=config.socket or None,
                    proxy=_proxy(config, context),
                )
            except (ValueError, ImportError, httpx.InvalidURL):
                words = f"the proxy {proxies.shown(config.proxy)} cannot be used: http://HOST:PORT or https://HOST:PORT"
                raise ConfigError(words, key="proxy") from None
        return self._transport

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

    def _note(self, answer: httpx.Response, at: datetime | None) -> None:
        self.last_at = now = self.clock.now()
        if at is not None:
            skew_s = float(round((at - now).total_seconds()))
            self.skew_s = 0.0 if abs(skew_s) <= _NO_CHANGE_S else skew_s
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


async def download(url: str) -> str:
    """A text from there, without credentials, as a whole and not by a redirect. Raises `Unavailable` or `Unreadable`."""
    wire = Wire(SourceConfig(name="", kind="", url=url), Clock(), limit_s=LIMIT_S, most_bytes=1 << 20)
    request = Request(method="GET", path="")
    try:
        answer = await wire.send(request, {"accept": "*/*", "accept-encoding": "gzip"})
    finally:
        await wire.close()
    failure = judge(request, answer, now=wire.clock.now())
    if failure is not None:
        raise _signed(failure, url)
    try:
        return answer.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(f"{url}: it is not UTF-8") from None


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
        httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol,
        httpx.InvalidURL, httpx.LocalProtocolError, ValueError,
    )  # fmt: skip
    via = f" through the proxy {proxies.shown(config.proxy)}" if config.proxy else ""
    connected = not isinstance(error, httpx.ConnectError)
    reason = tls.reason(error, connected=connected)
    if reason:
        return Unavailable(f"is not trusted{via}: {reason}", maybe_sent=writes and connected)
    if isinstance(error, never_left):
        return Unavailable(f"cannot be reached{via}: {_unreached(error, url, config)}", maybe_sent=False)
    return Unavailable(f"broke the connection off before its answer was whole{via}", maybe_sent=writes)


def _unreached(error: Exception, url: httpx.URL, config: SourceConfig) -> str:
    import httpx  # noqa: PLC0415

    host = url.host if url.port is None else f"{url.host}:{url.port}"
    led_to_it = list(tls.causes(error))
    if config.socket:
        return f"nothing answers at the socket {config.socket}"
    if any(isinstance(one, socket.gaierror) for one in led_to_it):
        return f"the name {url.host} is not found: is the network up, is the url right?"
    if any(isinstance(one, ConnectionRefusedError) for one in led_to_it):
        return f"nothing listens at {host}"
    if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return f"{host} does not answer at all: is the network or the VPN up?"
    if isinstance(error, httpx.ProxyError):
        return "the proxy does not let us through"
    return f"no connection to {host}"
