"""Two ways to a server: the product's own line, with a record of what it asked, and a second client that reads back."""

from __future__ import annotations

import asyncio
import json
import select
import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.request import HTTPSHandler

from oncall_tui import connectors
from oncall_tui.config import SourceConfig
from oncall_tui.engine import poller
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.line import Line
from oncall_tui.engine.outcomes import by_their_clock
from oncall_tui.kit import Exchange, Reading, Receipt, Request, Source
from oncall_tui.model import Me, Signal, Snapshot, Verb, Write

T = TypeVar("T")
DEADLINE_S = 60.0


class _Behind(Clock):
    """A machine's clock that is wrong."""

    def __init__(self, behind: timedelta) -> None:
        self.behind = behind

    def now(self) -> datetime:
        return super().now() - self.behind


class Reach:
    """An engineer at a source, through the connector and the product's HTTP. `asked` is what the last call asked.

    Their own clock may be `behind` the server's; then something was asked before, as a poll would have.
    """

    def __init__(
        self,
        kind: str,
        url: str,
        me: str,
        secret: str = "",
        *,
        ca_file: str = "",
        behind: timedelta = timedelta(),
        **options: str,
    ) -> None:
        self.clock = _Behind(behind)
        self.connector = connectors.find(kind)
        defaults = {option.name: option.default for option in self.connector.options}
        self.config = SourceConfig(name=kind, kind=kind, url=url, options={**defaults, **options}, ca_file=ca_file)
        if self.connector.fit:
            self.connector = self.connector.fit(self.config.options)
        self.me, self.secret = Me(name=me), secret
        self.asked: list[Request] = []

    def play(self, make: Callable[[Source], Exchange[T]], **memory: Any) -> T:
        """Play one exchange on a fresh line."""
        self.asked = []

        async def secret() -> str:
            return self.secret

        async def run() -> T:
            line = Line(self.config, self.connector, self.me, secret=secret, clock=self.clock)
            try:
                if self.clock.behind and self.connector.check:
                    await line.play(self.connector.check)
                return await line.play(lambda source: _recorded(make(source), self.asked), **memory)
            finally:
                await line.close()

        return asyncio.run(run())

    def poll(self, known: Mapping[str, Signal] | None = None, known_at: datetime | None = None) -> Reading:
        return self.play(self.connector.poll, known=known, known_at=known_at)

    def follow(self, before: Snapshot) -> Snapshot:
        """What the engine's poller makes of one more reading."""
        self.asked = []
        recorded = replace(self.connector, poll=lambda source: _recorded(self.connector.poll(source), self.asked))

        async def secret() -> str:
            return self.secret

        async def run() -> Snapshot:
            line = Line(self.config, recorded, self.me, secret=secret)
            try:
                return await poller.poll(line, recorded, before)
            finally:
                await line.close()

        return asyncio.run(run())

    def signal(self, signal_id: str) -> Signal:
        """That signal in a whole poll."""
        return next(signal for signal in self.poll().signals if signal.id == signal_id)

    def peek(self, signal_id: str) -> Signal | None:
        assert self.connector.peek
        peek = self.connector.peek
        return self.play(lambda source: peek(source, signal_id))

    def say(self, write: Write, *, meanwhile: Callable[[], object] | None = None) -> Receipt:
        """`meanwhile` is what somebody else does between our last look and our first word."""
        say = self.connector.answers[write.verb]
        return self.play(
            lambda source: _interrupted(say(source, by_their_clock(write, source.skew_s)), meanwhile),
        )

    def retract(self, write: Write) -> Receipt:
        """Take back what that write said."""
        retract = self.connector.retracts[write.verb]
        return self.play(lambda source: retract(source, by_their_clock(write, source.skew_s)))

    def has_seen(self, write: Write) -> bool:
        assert self.connector.seen
        seen = self.connector.seen
        return self.play(lambda source: seen(source, by_their_clock(write, source.skew_s)))

    def write(self, verb: Verb, signal_id: str, text: str = "", **more: Any) -> Write:
        ref, by = f"{self.config.name}/{signal_id}", self.me.name
        return Write(**{"id": "w1", "problem": "p1", "ref": ref, "verb": verb, "by": by, "text": text, **more})

    @property
    def changes(self) -> list[tuple[str, str]]:
        """What the last call tried to change."""
        return [(request.method, request.path) for request in self.asked if request.writes]


def eventually(fact: Callable[[], T], what: str = "", within_s: float = DEADLINE_S) -> T:
    """What it tells as soon as that is true; it is asked again and again, with a deadline."""
    deadline = time.monotonic() + within_s
    while not (told := fact()):
        assert time.monotonic() < deadline, f"did not come: {what or fact}"
        select.select([], [], [], 0.1)
    return told


def _trusting(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Icinga's own certificates lack what Python 3.13 wants to see
    return context


def _interrupted(exchange: Exchange[T], meanwhile: Callable[[], object] | None) -> Exchange[T]:
    try:
        request = next(exchange)
        while True:
            if request.writes and meanwhile:
                meanwhile, _ = None, meanwhile()
            request = exchange.send((yield request))
    except StopIteration as end:
        result: T = end.value
        return result


def _recorded(exchange: Exchange[T], asked: list[Request]) -> Exchange[T]:
    try:
        request = next(exchange)
        while True:
            asked.append(request)
            request = exchange.send((yield request))
    except StopIteration as end:
        result: T = end.value
        return result


class Client:
    """A second client of the same server: what it sees, our code did not make up."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, *, ca_file: str = "") -> None:
        self.url, self.headers = url, {"Content-Type": "application/json", **(headers or {})}
        self.tls = [HTTPSHandler(context=_trusting(ca_file))] if ca_file else []

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def call(self, method: str, path: str, content: Any = None) -> Any:
        """The answer's JSON, None when it is empty. Raises `HTTPError` for anything but a 2xx."""
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self.url + path, data=body, headers=dict(self.headers), method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), *self.tls)
        with opener.open(request, timeout=DEADLINE_S) as answer:
            content = answer.read()
        return json.loads(content) if content.strip() else None
