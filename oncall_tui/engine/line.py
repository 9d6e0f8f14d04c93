"""A configured source, spoken to: with what it knows us by, through its gate, one exchange after another.

Credentials that were refused are renewed once (`Line.play`); after that the source is not asked again until
`Line.forgive`. No request leaves but by the `Wire`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from oncall_tui import __version__
from oncall_tui.config import SourceConfig, located
from oncall_tui.engine import proxies
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.credentials import Credentials, SignIn, to_the_gate
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.statuses import judge
from oncall_tui.engine.wire import LIMIT_S, MOST_BYTES, Heard, Wire
from oncall_tui.errors import ConfigError, Denied, OncallError, Rejected, Unavailable, Unreadable
from oncall_tui.kit import SHAPES, Connector, Exchange, Request, Response, Source
from oncall_tui.model import Me, Signal

T = TypeVar("T")

_MOST_REQUESTS = 10_000
"""Of one exchange; more is a loop in the paging."""


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
        self._wire, self._gate_wire = (
            Wire(one, self.clock, limit_s=limit_s, most_bytes=most_bytes, on_heard=on_heard)
            for one in (config, to_the_gate(config))
        )
        self._signing = SignIn(config, self.clock, self._gate_wire, fetch=secret, login=self._login)
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
            self.denied = ""
            self._signing.forget()

    async def close(self) -> None:
        """Hangs up. It can be played again afterwards."""
        await self._wire.close()
        await self._gate_wire.close()

    async def reach(self) -> str:
        """Asks for its bare url without credentials; any answer is one. Says where it is, and through what."""
        try:
            response = await self._wire.send(Request(method="GET", path=""), {"accept": "*/*"}, aside=True)
        except OncallError as error:
            raise self._signed(error) from None
        via = f" through the proxy {proxies.shown(self._wire.proxy)}" if self._wire.proxy else ""
        return f"{self.config.url} answers ({response.status}){via}"

    async def play(
        self,
        make: Callable[[Source], Exchange[T]],
        *,
        known: Mapping[str, Signal] | None = None,
        known_at: datetime | None = None,
        afresh: bool = False,
    ) -> T:
        """Drives the exchange that `make` opens to its end and returns its result. `afresh` signs in anew before,
        and lets nothing be taken over from what is known.

        An exchange whose credentials are refused before it changed anything is opened once more with new ones: a new
        session, or a secret that meanwhile has another value. Raises any `OncallError` but `Unwritable`.
        """
        memory = {"known": known or {}, "known_at": known_at, "afresh": afresh}
        # Until credentials are known to be good requests go one by one: a wrong password may lock an account.
        async with nullcontext() if self._proved else self._first:
            if self.denied:
                raise self._signed(Denied(self.denied))
            try:
                return await self._play(make, memory, afresh=afresh)
            except OncallError as error:
                if isinstance(error, Denied):
                    self.denied, self._proved = error.words, False
                raise self._signed(error) from None

    async def _play(self, make: Callable[[Source], Exchange[T]], memory: Mapping[str, Any], *, afresh: bool) -> T:
        credentials = await self._signing.now()
        try:
            credentials = await self._signing.anew(credentials) if afresh else credentials
            result = await self._drive(make, credentials, memory)
        except Denied as refusal:
            credentials = await self._signing.others(credentials, refusal)
            result = await self._drive(make, credentials, memory)
        self._proved = True
        return result

    async def _login(self, made: Credentials) -> Mapping[str, str]:
        return await self._drive(self.connector.login, made, {}) if self.connector.login else {}

    def _source(self, credentials: Credentials, memory: Mapping[str, Any]) -> Source:
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

    def _signed(self, error: OncallError) -> OncallError:
        """The same error, as text with the source's name in front; one of its configuration with file, line and key."""
        if isinstance(error, ConfigError) and not error.file and self.config.file:
            error = located(error, Path(self.config.file), "sources", self.name)
        error.args = (f"{self.name}: {error.words}",)
        return error

    # --- the dialogue ------------------------------------------------------------------------------------------------

    async def _drive(
        self, make: Callable[[Source], Exchange[T]], credentials: Credentials, memory: Mapping[str, Any]
    ) -> T:
        source = self._source(credentials, memory)
        scrub = Scrub(source)
        scrub.learn(credentials.gate.values())
        try:
            return await self._dialogue(make(source), source, scrub, credentials.gate)
        except OncallError as error:
            error.words = scrub(error.words)
            raise
        except SHAPES as error:
            raise Unreadable(scrub(f"the API changed shape: {type(error).__name__} {error}")) from None

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
            response = await self._wire.send(request, headers, scrub)
            failure = judge(request, response, now=self.clock.now(), credentials=self.config.origins, scrub=scrub)
            if failure is not None:
                raise failure
            if request.clock:
                self._wire.note_time(request.clock(response))
        except OncallError as error:
            raise (_unsure(error, request) if wrote else error) from None
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


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _unsure(error: OncallError, request: Request) -> OncallError:
    """A failure after something in the same exchange was already written: what was said may well have arrived."""
    is_answer = isinstance(error, Rejected) and request.writes
    if is_answer or isinstance(error, (Unreadable, ConfigError)):
        return error
    return Unavailable(f"took it, and then {error.words}", maybe_sent=True)
