"""What a source knows us by, and what gets us past its gate: fetched once, kept, renewed when it ends or is refused."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as replace_fields

from oncall_tui.config import SourceConfig
from oncall_tui.config.shape import Auth
from oncall_tui.engine import gate, secrets
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.statuses import judge
from oncall_tui.engine.wire import Wire
from oncall_tui.errors import Denied, OncallError, Rejected

Fetch = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secret, the session that the connector's login made of it, and what the gate wants.

    `at_gate` is the gate's own secret, `gate` the header that shows it or its token; that token `ends` by the monotonic
    clock.
    """

    secret: str = field(repr=False)
    at_gate: str = field(default="", repr=False)
    gate: Mapping[str, str] = field(default_factory=dict, repr=False)
    ends: float = math.inf
    session: Mapping[str, str] = field(default_factory=dict, repr=False)

    def can_be_renewed(self) -> bool:
        """Whether the same secrets may make other credentials than these."""
        return bool(self.session) or self.ends < math.inf

    def are_of(self, other: Credentials) -> bool:
        """Whether they are made of the same secrets."""
        return (self.secret, self.at_gate) == (other.secret, other.at_gate)


class SignIn:
    """Signs in at one source. `login` is the connector's, played with credentials that have no session yet.

    A command that fetches a secret may ask a locked agent for a passphrase: it runs at first and after a refusal, never
    because a token ended.
    """

    def __init__(
        self,
        config: SourceConfig,
        clock: Clock,
        gate_wire: Wire,
        *,
        fetch: Fetch | None,
        login: Callable[[Credentials], Awaitable[Mapping[str, str]]],
    ) -> None:
        self._auth, self._clock, self._gate_wire, self._login = config.auth, clock, gate_wire, login
        self._fetch = fetch or _fetching(config)
        self._held: Credentials | None = None
        self._door = asyncio.Lock()

    def forget(self) -> None:
        """Signs in anew the next time."""
        self._held = None

    async def now(self) -> Credentials:
        """The credentials to use, with another access token where that of before has ended."""
        async with self._door:
            if self._held is None:
                self._held = await self._logged_in(await self._fetched())
            elif self._clock.monotonic() >= self._held.ends:
                self._held = await self._renewed(self._held)
            return self._held

    async def others(self, refused: Credentials, after: Denied) -> Credentials:
        """Others than those that were `refused`, by secrets fetched anew; `after` is raised where there are none."""
        async with self._door:
            if self._held is None or self._held is refused:
                made = await self._fetched()
                if made.are_of(refused) and not refused.can_be_renewed():
                    raise after
                self._held = await self._logged_in(made)
            return self._held

    async def anew(self, held: Credentials) -> Credentials:
        """Those that are `held`, with a session learnt once more: meanwhile a colleague came, or the product was upgraded."""
        async with self._door:
            if self._held is held and held.session:
                self._held = await self._logged_in(replace(held, session={}))
            return self._held or held

    async def _fetched(self) -> Credentials:
        secret = await self._fetch()
        if self._auth is None:
            return Credentials(secret)
        return await self._past_gate(Credentials(secret, await secrets.fetch(self._auth.secret)), self._auth)

    async def _logged_in(self, made: Credentials) -> Credentials:
        return replace(made, session=await self._login(made))

    async def _renewed(self, held: Credentials) -> Credentials:
        """By the secret that is at hand; the token server refuses one that was changed, and then it is fetched anew."""
        if self._auth is None:
            return held
        try:
            return await self._past_gate(held, self._auth)
        except Denied:
            at_gate = await secrets.fetch(self._auth.secret)
            if at_gate == held.at_gate:
                raise
            return await self._past_gate(replace(held, at_gate=at_gate), self._auth)

    async def _past_gate(self, made: Credentials, auth: Auth) -> Credentials:
        """With the header that its `auth` wants."""
        if auth.scheme != "oauth2":
            return replace(made, gate=gate.header(auth, made.at_gate))
        token, lasts_s = await self._access_token(auth, made.at_gate)
        return replace(made, gate=gate.header(auth, token), ends=self._clock.monotonic() + lasts_s)

    async def _access_token(self, auth: Auth, secret: str) -> tuple[str, float]:
        """Asked of its own server, which alone sees the client's secret. Raises `Denied` when that refuses it."""
        request, scrub = gate.ask(auth, secret), Scrub()
        scrub.learn((secret, *request.headers.values()))
        headers = {**{name.lower(): value for name, value in request.headers.items()}, "accept-encoding": "gzip"}
        try:
            answer = await self._gate_wire.send(request, headers, scrub, aside=True)
            failure = judge(request, answer, now=self._clock.now(), credentials=auth.secret.origin, scrub=scrub)
            if failure is None:
                return gate.read(answer)
        except OncallError as error:
            failure = error
        failure.words = scrub(f"no access token from {auth.token_url}: {failure.words}")
        raise Denied(failure.words) if isinstance(failure, Rejected) and not failure.gone else failure


def _fetching(config: SourceConfig) -> Fetch:
    async def fetch() -> str:
        return await secrets.fetch(config.secret) if config.secret else ""

    return fetch


def to_the_gate(config: SourceConfig) -> SourceConfig:
    """The token server as a source of its own: the same TLS and proxy, another origin."""
    url = config.auth.token_url if config.auth else ""
    return replace_fields(config, url=url or config.url, socket="")
