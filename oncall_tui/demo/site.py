"""A site of the embedded world: HTTP/1.1 on loopback by asyncio alone, with faults on demand."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from threading import RLock
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from oncall_tui.demo.faults import Ending, Fault

HOST = "127.0.0.1"
_LONGEST_BODY = 16 * 1024 * 1024

_TURNS = 4
"""Of the loop, until a line that was just accepted has been made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request as it was read. `headers` have lower-case names; `path` is unquoted."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def one(self, name: str, default: str = "") -> str:
        """The last value of that query parameter."""
        return dict(self.query).get(name, default)

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a site answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200, *, content_type: str = "application/json", **headers: str) -> Reply:
    """`value` as a JSON reply; a header's ``_`` stands for a dash."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status=status, body=body, headers={"Content-Type": content_type, **named})


class Site(ABC):
    """Listens on a port of its own. Its state is touched under `lock` only: requests come on the world's thread, the
    story and tests on others.

    `faults` is a script: each request that changes something takes the next one (None: nothing goes wrong), and an
    exhausted script means that all is well again. `failing` meets every request while it is set. `asked` counts all
    requests that were read, by method.
    """

    name = "site"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.lock = RLock()
        self.failing: Fault | None = None
        self.asked: dict[str, int] = {}
        self.port = 0
        self._script: Iterator[Fault | None] = iter(())
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Server | None = None
        self._lines: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @abstractmethod
    def answer(self, ask: Ask) -> Reply:
        """Does what it is asked, under `lock`, without waiting."""

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def faults(self) -> Iterator[Fault | None]:
        return self._script

    @faults.setter
    def faults(self, script: Iterable[Fault | None]) -> None:
        with self.lock:
            self._script = iter(script)

    # --- listening ---

    async def open(self, port: int = 0) -> None:
        """Listens on `port`, 0 for any free one. Called on the world's loop."""
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._accept, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuses from now on, and cuts every open line."""
        if self._server is None:
            return
        for socket in self._server.sockets:  # until 3.12 a server that closes forgets what it has just accepted
            asyncio.get_running_loop().remove_reader(socket)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self._server.close()
        lines, self._lines = self._lines, {}
        for line, writer in lines.items():
            line.cancel()
            writer.transport.abort()
        await asyncio.gather(*lines, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    @property
    def is_listening(self) -> bool:
        return self._server is not None

    def stop_listening(self) -> None:
        """The source goes away: connections are refused. For any thread but the world's own."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self.close(), self._loop).result(10)

    def listen_again(self) -> None:
        """The source is back on the same port with all that it knew."""
        if self._loop is not None and not self.is_listening:
            asyncio.run_coroutine_threadsafe(self.open(self.port), self._loop).result(10)

    # --- one line ---

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Known from its first moment: a line that a site does not know when it closes would stay open."""
        line = asyncio.ensure_future(self._serve(reader, writer))
        self._lines[line] = writer
        line.add_done_callback(lambda line: self._lines.pop(line, None))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._converse(reader, writer):
                pass
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # the other side hung up, or does not speak HTTP: nothing to tell anybody
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its reply; whether the line stays open for another."""
        ask = await _read(reader)
        fault = self._next_fault(ask)
        if fault.late_s and fault.ending is Ending.CUTS:
            writer.transport.abort()
        if fault.late_s:
            await asyncio.sleep(fault.late_s)
        reply = self._do(ask) if fault.stores else Reply()
        match fault.ending:
            case Ending.CUTS:
                writer.transport.abort()
                return False
            case Ending.HANGS:
                await reader.read(1)  # until the client gives up, or the site closes
                return False
        if fault.status:
            reply = Reply(status=fault.status, headers=fault.headers, body=fault.body)
        writer.write(self._encode(reply))
        await writer.drain()
        return ask.headers.get("connection", "").lower() != "close"

    def _next_fault(self, ask: Ask) -> Fault:
        with self.lock:
            self.asked[ask.method] = self.asked.get(ask.method, 0) + 1
            fault = self.failing or (None if ask.method == "GET" else next(self._script, None))
        return fault or Fault()

    def _do(self, ask: Ask) -> Reply:
        with self.lock:
            return self.answer(ask)

    def _encode(self, reply: Reply) -> bytes:
        phrase = HTTPStatus(reply.status).phrase
        headers = {"Date": format_datetime(self.now(), usegmt=True), **reply.headers}
        if reply.status != 204:  # 204 has neither body nor length, as the real ones answer
            headers["Content-Length"] = str(len(reply.body))
        lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {text}" for name, text in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + reply.body


async def _read(reader: asyncio.StreamReader) -> Ask:
    """One request whole. Raises `EOFError` (cut), `OSError`, or `LimitOverrunError` for what is no request of ours."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.rstrip("\r\n").split("\r\n")
    method, _, target = first.partition(" ")
    parts = urlsplit(target.rpartition(" ")[0])
    pairs = (line.partition(":") for line in rest)
    headers = {name.strip().lower(): text.strip() for name, _, text in pairs}
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LONGEST_BODY:
        raise EOFError
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    body = await reader.readexactly(int(length))
    return Ask(method=method, path=unquote(parts.path), query=query, headers=headers, body=body)
