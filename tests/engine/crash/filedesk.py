"""A desk that outlives every process: one file a ticket, one line a message, appended whole or not at all."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from oncall_tui.errors import Unavailable
from oncall_tui.kit import DONE, Connector, Exchange, Reading, Receipt, Request, Response, Source, get, send
from oncall_tui.model import Kind, Me, Signal, Verb, Write

T = TypeVar("T")
ME = Me(name="Sanne")

_TRAVEL_S = 0.005
"""How long an answer is under way after the desk stored: where a kill leaves the most doubt."""


class FileLine:
    """As `engine.line.Line`. `chance` decides how often a request that was read is cut, before or after it is stored."""

    def __init__(self, desk: Path, *, chance: random.Random | None = None) -> None:
        self._desk, self._chance = desk, chance
        self.connector = CONNECTOR

    async def play(self, make: Callable[[Source], Exchange[T]], **_: Any) -> T:
        exchange = make(Source(name="desk", url="file:", me=ME))
        try:
            request = next(exchange)
            while True:
                answer = self._answer(request)
                await asyncio.sleep(_TRAVEL_S)
                request = exchange.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _answer(self, request: Request) -> Response:
        if request.writes:
            fate = self._chance.random() if self._chance else 1.0
            if fate < 0.1:
                raise Unavailable("desk: cut before it was stored", maybe_sent=True)
            append(self._desk, request.path, request.json)
            if fate < 0.2:
                raise Unavailable("desk: cut after it was stored", maybe_sent=True)
        return Response(status=200, body="\n".join(texts(self._desk, request.path)).encode())


def append(desk: Path, ticket: str, text: str) -> None:
    """O_APPEND: one write, whole, also from several processes at once."""
    handle = os.open(desk / ticket, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{text}\n".encode())
    finally:
        os.close(handle)


def texts(desk: Path, ticket: str) -> list[str]:
    """What was said to that ticket, in order."""
    path = desk / ticket
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _poll(source: Source) -> Exchange[Reading]:
    yield get("all")
    return Reading(signals=[])


def _peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    yield get(signal_id)
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Signal(source="desk", id=signal_id, kind=Kind.TICKET, title="t", opened_at=at)


def _note(source: Source, write: Write) -> Exchange[Receipt]:
    yield send("NOTE", write.signal_id, write.text)
    return DONE


def _seen(source: Source, write: Write) -> Exchange[bool]:
    answer = yield get(write.signal_id)
    return write.text in answer.text.splitlines()


CONNECTOR = Connector(
    name="file", title="File desk", docs="", poll=_poll, peek=_peek, seen=_seen, answers={Verb.NOTE: _note}
)
