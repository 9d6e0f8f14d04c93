"""When a state that was asked for is the signal's state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oncall_tui.engine.outcomes import is_so
from oncall_tui.model import RESOLVED, Kind, Signal, Verb, Write

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
