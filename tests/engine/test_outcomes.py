"""When a state that was asked for is the signal's state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from oncall_tui.engine.outcomes import is_shown, is_so
from oncall_tui.model import RESOLVED, Kind, Signal, Snapshot, Verb, Write

AT = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


def ticket(suppressed: str = "") -> Signal:
    return Signal(source="desk", id="7", kind=Kind.TICKET, title="x", opened_at=AT, suppressed=suppressed)


@pytest.mark.parametrize(
    ("present", "resolved"),
    [(None, True), (ticket(RESOLVED), True), (ticket("in downtime"), False), (ticket(), False)],
    ids=["gone", "listed until somebody closes it", "out of the way for another reason", "as before"],
)
def test_a_ticket_is_resolved_when_it_is_gone_or_out_of_the_way_as_resolved(
    present: Signal | None, resolved: bool
) -> None:
    write = Write(id="w", problem="p", ref="desk/7", verb=Verb.RESOLVE, by="Sanne", asked_at=AT)
    assert is_so(write, present) is resolved


@pytest.mark.parametrize("skew_s", [0.0, 10_800.0, -10_800.0])
def test_an_end_is_compared_by_the_clock_of_the_source_that_tells_it(skew_s: float) -> None:
    until = AT + timedelta(hours=1)
    write = Write(
        id="w", problem="p", ref="desk/7", verb=Verb.SNOOZE, by="S", asked_at=AT, until=until, delivered_at=AT
    )
    for early, shown in ((timedelta(), True), (timedelta(minutes=5), False)):
        ends_at = until + timedelta(seconds=skew_s) - early
        present = replace(ticket("shelved"), suppressed_until=ends_at)
        asked_at = AT + timedelta(minutes=1)
        snapshot = Snapshot(source="desk", kind="x", every_s=15, signals=(present,), asked_at=asked_at, skew_s=skew_s)
        assert is_shown(write, snapshot) is shown
