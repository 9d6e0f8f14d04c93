"""A raw loopback server that answers by script, byte for byte: everything that a real HTTP library would refuse to say."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET

import pytest

from oncall_tui.config import SourceConfig
from oncall_tui.engine.line import Line
from oncall_tui.errors import OncallError
from oncall_tui.kit import Connector, Exchange, Reading, Request, Source, get, send
from oncall_tui.model import Me

CANARY = "canary-4711-token"
"""A credential. It may be in the requests that the right origin gets, and nowhere else."""


@dataclass
class Asked:
    """One request as it arrived."""

    head: str
    body: bytes

    @property
    def line(self) -> str:
        return self.head.partition("\r\n")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]


@dataclass
class Faulty:
    """Answers the n-th request with the n-th step, and from then on with the last one."""

    steps: list[Step]
    port: int = 0
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    hangs: asyncio.Event = field(default_factory=asyncio.Event)
    open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open[asyncio.current_task()] = writer
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.asked.append(Asked(head, await reader.readexactly(_length(head))))
                step = self.steps[min(len(self.asked), len(self.steps)) - 1]
                if not await step(self, writer):
                    break
        writer.close()


Step = Callable[[Faulty, asyncio.StreamWriter], Awaitable[bool]]
"""Answers one request; whether the connection stays open."""


def _length(head: str) -> int:
    found = [line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
    return int(found[0]) if found else 0


# --- steps -----------------------------------------------------------------------------------------------------------


def says(
    status: int = 200, body: bytes | str = b"", *headers: str, reason: str = "X", length: int | None = None
) -> Step:
    """A whole answer; `length` lies about the body's."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(raw) if length is None else length}", *headers]

    async def step(server: Faulty, writer: asyncio.StreamWriter) -> bool:
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + raw)
        await writer.drain()
        return length is None

    return step


def raw(text: bytes) -> Step:
    """Exactly these bytes, then the end."""

    async def step(server: Faulty, writer: asyncio.StreamWriter) -> bool:
        writer.write(text)
        await writer.drain()
        return False

    return step


def drips(text: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", every_s: float = 0.02) -> Step:
    """A byte now and then, for ever: what no read timeout ever ends."""

    async def step(server: Faulty, writer: asyncio.StreamWriter) -> bool:
        for byte in text + b"x" * 100_000:
            writer.write(bytes([byte]))
            await writer.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(server.hangs.wait(), every_s)
                return False
        return False

    return step


async def silent(server: Faulty, writer: asyncio.StreamWriter) -> bool:
    """Has read the request and never answers."""
    await server.hangs.wait()
    return False


async def hangs_up(server: Faulty, writer: asyncio.StreamWriter) -> bool:
    """Has read the request and closes in order."""
    return False


async def resets(server: Faulty, writer: asyncio.StreamWriter) -> bool:
    """Has read the request and resets the connection."""
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    return False


@asynccontextmanager
async def serving(*steps: Step, tls: ssl.SSLContext | None = None) -> AsyncIterator[Faulty]:
    """The server for as long as the block lasts; whatever still hangs is let go at its end."""
    faulty = Faulty(list(steps), scheme="https" if tls else "http")
    server = await asyncio.start_server(faulty._serve, "127.0.0.1", 0, ssl=tls)
    faulty.port = server.sockets[0].getsockname()[1]
    try:
        yield faulty
    finally:
        faulty.hangs.set()
        server.close()
        for writer in faulty.open.values():
            writer.close()
        await asyncio.gather(*faulty.open, return_exceptions=True)


# --- a connector to speak to it ---------------------------------------------------------------------------------------


def read(path: str = "/list") -> Callable[[Source], Exchange[object]]:
    """Asks once and reads JSON."""

    def exchange(source: Source) -> Exchange[object]:
        response = yield get(path)
        return response.read(object)

    return exchange


def write(path: str = "/note", text: str = "hello") -> Callable[[Source], Exchange[int]]:
    """Says something once."""

    def exchange(source: Source) -> Exchange[int]:
        response = yield send("POST", path, {"text": text})
        return response.status

    return exchange


def asks(*requests: Request) -> Callable[[Source], Exchange[list[int]]]:
    """Sends these one after the other, returns their statuses."""

    def exchange(source: Source) -> Exchange[list[int]]:
        statuses = []
        for request in requests:
            response = yield request
            statuses.append(response.status)
        return statuses

    return exchange


def _poll(source: Source) -> Exchange[Reading]:
    yield get("/list")
    return Reading(signals=[])


def connector(**parts: object) -> Connector:
    """One that sends its secret as a bearer token; any part may be another."""
    given = {"name": "test", "title": "Test", "docs": "", "poll": _poll, "answers": {}, "headers": bearer, **parts}
    return Connector(**given)


def bearer(source: Source) -> dict[str, str]:
    token = source.session.get("token", source.secret)
    return {"Authorization": f"Bearer {token}"} if token else {}


_FOR_THE_LINE = ("clock", "most_bytes", "on_heard")


@asynccontextmanager
async def line_to(
    server: Faulty, *, secret: str = CANARY, limit_s: float = 5.0, **parts: object
) -> AsyncIterator[Line]:
    """A line to that server. `config` and what `_FOR_THE_LINE` names go to the line, every other part to the connector."""
    config = {"name": "desk", "kind": "test", "url": server.url, **parts.pop("config", {})}
    for_line = {name: parts.pop(name) for name in _FOR_THE_LINE if name in parts}

    async def fetch() -> str:
        return secret

    fetch = parts.pop("fetch", fetch)
    line = Line(SourceConfig(**config), connector(**parts), Me(name="Sanne"), secret=fetch, limit_s=limit_s, **for_line)
    try:
        yield line
    finally:
        await line.close()


async def failure(
    *steps: Step, make: Callable[[Source], Exchange[object]] | None = None, **parts: object
) -> OncallError:
    """What playing one exchange against these steps raises."""
    async with serving(*steps) as server, line_to(server, **parts) as line:
        with pytest.raises(OncallError) as caught:
            await line.play(make or read())
        return caught.value
