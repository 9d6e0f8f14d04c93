"""A configured source, spoken to: with what it knows us by, through its gate, one exchange after another.

Credentials that were refused are renewed once (`Line.play`); after that the source is not asked again until
`Line.forgive`. No request leaves but by the `Wire`.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from msgspec.structs import replace as replace_fields

from oncall_tui import __version__
from oncall_tui.config import SourceConfig
from oncall_tui.config.shape import Auth
from oncall_tui.engine import gate, proxies, secrets
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.statuses import judge
from oncall_tui.engine.wire import LIMIT_S, MOST_BYTES, Wire
from oncall_tui.errors import ConfigError, Denied, OncallError, Rejected, Unavailable, Unreadable
from oncall_tui.kit import SHAPES, Connector, Exchange, Request, Response, Source
from oncall_tui.model import Me, Signal

T = TypeVar("T")

_MOST_REQUESTS = 10_000
"""Of one exchange; more is a loop in the paging."""


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
        except SHAPES as error:
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
