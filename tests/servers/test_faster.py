"""What a server does with an acknowledgement when a colleague was faster is what its case in the suite says of it.

The suite plays recorded answers, so there it is a claim. `http` is not asked: its tables are told to the same Redmine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest

from oncall_tui.errors import OncallError, Rejected, Unavailable
from oncall_tui.kit import Receipt
from oncall_tui.model import Verb
from oncall_tui.testing import BESIDE, NOTHING, OVER, REFUSED, STALE, Case
from tests.servers.conftest import Rack
from tests.servers.reach import Reach, eventually
from tests.servers.second.base import Second
from tests.servers.test_cycle import ON

pytestmark = pytest.mark.server

TAKERS = [kind for kind in ON if Verb.ACKNOWLEDGE in kind.hears and kind.kind != "http"]


@pytest.fixture(params=TAKERS, ids=lambda kind: kind.kind)
def second(request: pytest.FixtureRequest, rack: Rack) -> Iterator[Second]:
    """Its server is also that of other tests, before and after."""
    second: Second = request.param(rack.start(ON[request.param])[0])
    second.clear()
    yield second
    second.clear()


def test_who_has_what_two_take_at_once_is_as_its_case_claims(second: Second) -> None:
    case: Case = import_module(f"tests.connectors.cases.{second.kind}").CASE
    signal = second.appear("OrdersDown")
    olga = Reach(
        second.kind,
        second.server.url,
        "Olga Oncall",
        second.secret,
        ca_file=second.server.env.get("CA_FILE", ""),
        **second.options,
    )
    eventually(lambda: olga.peek(signal), "it is listed")
    said = said_meanwhile(olga, signal, second)
    assert case.again in claims(said)
    assert not isinstance(said, Rejected) or second.colleague in said.words
    holders = {OVER: {second.me}, BESIDE: {second.me, second.colleague}}
    assert {*second.holder(signal).split(" and ")} == holders.get(case.again, {second.colleague})


def said_meanwhile(olga: Reach, signal: str, second: Second) -> Receipt | OncallError:
    """What comes of an acknowledgement before whose first change the colleague takes it."""
    now = datetime.now(UTC)
    write = olga.write(Verb.ACKNOWLEDGE, signal, asked_at=now, tried_at=now, until=now + timedelta(hours=4))
    try:
        receipt = olga.say(write, meanwhile=lambda: second.take(signal))
    except (Unavailable, Rejected) as error:
        return error
    assert olga.changes
    eventually(lambda: olga.has_seen(write), "it is seen")
    return receipt


def claims(said: Receipt | OncallError) -> tuple[str, ...]:
    """Those with which that goes together."""
    if isinstance(said, Unavailable):
        return () if said.maybe_sent else (STALE,)
    return (REFUSED, NOTHING) if isinstance(said, Rejected) else (OVER, BESIDE)
