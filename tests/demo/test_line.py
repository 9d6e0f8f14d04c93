"""The product's own line to a source, on the embedded sites: what it makes of an answer and of each fault."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall_tui.connectors import find
from oncall_tui.demo import faults
from oncall_tui.demo.faults import Fault
from oncall_tui.demo.world import World
from oncall_tui.engine.line import Line
from oncall_tui.errors import OncallError, RateLimited, Unavailable, Unreadable
from oncall_tui.model import Verb, Write


@pytest.fixture
def night() -> Iterator[World]:
    with World(still=True) as world:
        yield world


@asynccontextmanager
async def line(world: World, kind: str, folder: Path, *, limit_s: float = 5.0) -> AsyncIterator[Line]:
    config = world.config(folder)
    source = next(source for source in config.sources if source.kind == kind)
    spoken = Line(source, find(kind), config.settings.me, limit_s=limit_s)
    try:
        yield spoken
    finally:
        await spoken.close()


def reply(world: World) -> Write:
    now = datetime.now(UTC)
    return Write(id="w1", problem="p1", ref=f"desk/{world.night.tickets['orders']}", verb=Verb.REPLY, by="Sanne de Vries",
                 asked_at=now, tried_at=now, text="Ik ben bij je, Ron.")  # fmt: skip


def replies(world: World) -> int:
    journals = world.desk.issues[world.night.tickets["orders"]].journals
    return sum(1 for journal in journals if journal.text == "Ik ben bij je, Ron.")


async def test_both_sources_are_read_over_the_product_s_own_line(night: World, tmp_path: Path) -> None:
    async with line(night, "redmine", tmp_path) as desk, line(night, "alertmanager", tmp_path) as monitor:
        tickets = await desk.play(desk.connector.poll)
        alerts = await monitor.play(monitor.connector.poll)
    assert {signal.customer for signal in tickets.signals} == {"Bakkerij De Korenaar", "Garage Smit"}
    assert {signal.service for signal in alerts.signals} == {"orders-api", "invoices", "checkout"}


@pytest.mark.parametrize(
    ("fault", "error", "stored"),
    [
        (faults.CUT_BEFORE, Unavailable, 0),
        (faults.CUT_AFTER, Unavailable, 1),
        (faults.STORED_THEN_500, Unavailable, 1),
        (faults.GATEWAY_TIMEOUT, Unavailable, 1),
        (faults.UNAVAILABLE, Unavailable, 0),
        (faults.HANGS_AFTER, Unavailable, 1),
        (faults.slow_down(7), RateLimited, 0),
        (Fault(status=200, body=b"<html>log in</html>", headers={"Content-Type": "text/html"}), Unreadable, 1),
    ],
)
async def test_each_fault_becomes_the_error_that_says_whether_to_look_first(
    night: World, tmp_path: Path, fault: Fault, error: type[OncallError], stored: int
) -> None:
    async with line(night, "redmine", tmp_path, limit_s=0.5) as desk:
        night.desk.faults = [fault]
        with pytest.raises(error) as caught:
            await desk.play(lambda source: desk.connector.answers[Verb.REPLY](source, reply(night)))
        assert replies(night) == stored
        if isinstance(caught.value, Unavailable):
            assert caught.value.maybe_sent or not stored
        assert desk.connector.seen is not None
        seen = desk.connector.seen
        assert await desk.play(lambda source: seen(source, reply(night))) is bool(stored)


async def test_a_desk_that_went_away_was_surely_not_written_to(night: World, tmp_path: Path) -> None:
    async with line(night, "redmine", tmp_path) as desk:
        await desk.play(desk.connector.poll)
        night.desk.stop_listening()
        with pytest.raises(Unavailable) as caught:
            await desk.play(lambda source: desk.connector.answers[Verb.REPLY](source, reply(night)))
        assert not caught.value.maybe_sent
        night.desk.listen_again()
        await desk.play(lambda source: desk.connector.answers[Verb.REPLY](source, reply(night)))
    assert replies(night) == 1
