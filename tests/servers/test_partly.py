"""A desk that is read partly, from what was known, tells the same as one that is read whole: through the engine's poller."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, NamedTuple

import pytest

from oncall_tui.model import Signal, Snapshot
from tests.servers.conftest import Rack
from tests.servers.reach import Reach, eventually
from tests.servers.second.base import Second
from tests.servers.second.redmine import Redmine
from tests.servers.second.roundup import DATA, Roundup
from tests.servers.second.rt import RequestTracker

pytestmark = pytest.mark.server


class Desk(NamedTuple):
    """What differs from desk to desk: how its tickets change, and what in a request asks for what people said to one."""

    changes: Mapping[str, Callable[[Any, str], object]]
    asks: Callable[[Any, str], str]


DESKS: Mapping[type[Second], Desk] = {
    Redmine: Desk(
        {
            "status": lambda desk, issue: desk.change(desk.admin, issue, status_id=2),
            "note": lambda desk, issue: desk.change(desk.of("ONCALL"), issue, notes="db1 is full", private_notes=True),
            "customer": lambda desk, issue: desk.change(desk.carol, issue, notes="En nu?"),
        },
        lambda desk, issue: f"/issues/{issue}.json",
    ),
    RequestTracker: Desk(
        {
            "status": lambda desk, ticket: desk.change(desk.root, ticket, Status="stalled"),
            "note": lambda desk, ticket: desk.speak(desk.dirk, ticket, "db1 is full", "comment"),
            "customer": lambda desk, ticket: desk.speak(desk.carol, ticket, "En nu?"),
        },
        lambda desk, ticket: f"ObjectId = {ticket} ",
    ),
    Roundup: Desk(
        {
            "status": lambda desk, issue: desk.change(desk.admin, issue, status="deferred"),
            "note": lambda desk, issue: desk.speak(desk.dirk, "dirk", "db1 is full", issue),
            "customer": lambda desk, issue: desk.speak(desk.carol, "carol", "En nu?", issue),
        },
        lambda desk, issue: f"{DATA}/msg/{desk.read(issue)['messages'][-1]['id']} ",
    ),
}
SHARED: Mapping[str, Callable[[Any, str], object]] = {
    "assignee": lambda desk, ticket: desk.take(ticket),
    "closed": lambda desk, ticket: desk.end(ticket),
    "new": lambda desk, _: desk.appear("Kassa 7 doet het niet"),
}
ROUNDS = (("status", "note", "customer", "assignee"), ("closed",), ("new",))
"""What happens between two readings: whatever may hide another by their number has one of its own."""


@pytest.mark.parametrize("kind", DESKS, ids=lambda kind: kind.kind)
def test_each_kind_of_change_is_told_partly_as_it_is_told_whole(kind: type[Second], rack: Rack) -> None:
    desk = kind(rack.start(kind.kind)[0])
    desk.clear()
    changes = {**DESKS[kind].changes, **SHARED}
    tickets = {name: desk.appear(f"Bestellen hapert: {name}") for name in ("still", *changes)}
    grow_old(desk)
    reach = Reach(kind.kind, desk.server.url, "Olga Oncall", desk.secret, **desk.options)
    nothing = Snapshot(source=kind.kind, kind=kind.kind, every_s=5.0)
    shown = settled(reach, nothing, [DESKS[kind].asks(desk, ticket) for ticket in tickets.values()])
    for names in ROUNDS:
        for name in names:
            changes[name](desk, tickets[name])
        before, shown = shown, reach.follow(shown)
        assert DESKS[kind].asks(desk, tickets["still"]) not in asked(reach), f"{names}: it was read whole"
        whole = reach.follow(nothing)
        assert DESKS[kind].asks(desk, tickets["still"]) in asked(reach)
        assert by_id(shown) == by_id(whole), names
        assert {one for one in tickets if told(before, tickets[one]) != told(shown, tickets[one])} == {*names} - {"new"}
    assert told(shown, tickets["closed"]) is None
    assert len(by_id(shown)) == len(tickets)


def settled(reach: Reach, shown: Snapshot, needles: list[str]) -> Snapshot:
    """The first reading from which on nothing is asked again; what changed lately is, for a while."""
    readings = [shown]

    def is_still() -> bool:
        readings.append(reach.follow(readings[-1]))
        return not any(needle in asked(reach) for needle in needles)

    eventually(is_still, "what stands still is not asked again")
    return readings[-1]


def grow_old(desk: Second) -> None:
    """Redmine's clock may be two minutes off for us: what it has is an hour old, so that nobody waits for that here."""
    if isinstance(desk, Redmine):
        with closing(sqlite3.connect(desk.server.folder / "redmine.sqlite3", timeout=10)) as database, database:
            database.execute("UPDATE issues SET updated_on = datetime(updated_on, '-1 hour')")


def asked(reach: Reach) -> str:
    """What the last reading asked for."""
    return " ; ".join(
        f"{request.path} {dict(request.query).get('query', '')}".replace(")", " ") + " " for request in reach.asked
    )


def told(snapshot: Snapshot, ticket: str) -> Signal | None:
    return by_id(snapshot).get(ticket)


def by_id(snapshot: Snapshot) -> dict[str, Signal]:
    assert not snapshot.fault, snapshot.fault
    return {signal.id: signal for signal in snapshot.signals}
