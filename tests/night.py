"""Nouns of one night for tests of what is printed: the bakery that cannot take orders, and a garage in hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall_tui.model import (
    Alone,
    Board,
    Health,
    Hurt,
    Impact,
    Kind,
    Message,
    Problem,
    Reason,
    Rule,
    Signal,
    State,
    Verb,
    Voice,
    Write,
)

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


ALERT = Signal(
    source="am",
    id="f00d",
    kind=Kind.ALERT,
    title="OrdersApiDown",
    opened_at=ago(14),
    severity="critical",
    impact=Impact.DOWN,
    service="orders-api",
    host="orders-eu-1",
    status="active",
)
TICKET = Signal(
    source="desk",
    id="48213",
    kind=Kind.TICKET,
    title="Bestellen werkt niet",
    opened_at=ago(12),
    severity="High",
    impact=Impact.DEGRADED,
    customer="Bakkerij De Korenaar",
    contact="Ron",
    status="New",
    url="https://desk.example.nl/issues/48213",
    messages=(
        Message(id="1", voice=Voice.THEIRS, author="Ron", text="De winkels kunnen niet bestellen, bel mij!", at=ago(9)),
    ),
)
KORENAAR = Hurt(
    name="Bakkerij De Korenaar",
    core_process="take orders from 14 shops",
    known=True,
    contact="Ron",
    wrote=3,
    spoke=True,
    last_words="De winkels kunnen niet bestellen, bel mij!",
    last_wrote_at=ago(9),
    refs=(TICKET.ref,),
)
FIRE = Problem(
    id="p-korenaar",
    title="OrdersApiDown",
    signals=(ALERT, TICKET),
    customers=(KORENAAR, Hurt(name="Webshop Lente")),
    impact=Impact.DOWN,
    on_fire=True,
    alone=Alone(rule=Rule.NOBODY, why="nobody yet", since=ago(12.7)),
    started_at=ago(14),
    score=189.5,
    reasons=(
        Reason(factor="stake", words="down, core, no alternative", points=171.5),
        Reason(factor="voice", words="wrote 3 times", points=18),
    ),
    rule="on fire and alone",
    joined=("joined: De Korenaar depends on orders-api",),
    moment="ovens load",
    moment_at=NOW + timedelta(minutes=76),
)
INVOICES = Signal(
    source="desk",
    id="48100",
    kind=Kind.TICKET,
    title="Facturen te laat",
    opened_at=ago(90),
    severity="Normal",
    taken_by="Sanne",
)
IN_HAND = Problem(
    id="p-smit",
    title="Facturen te laat",
    signals=(INVOICES,),
    customers=(Hurt(name="Garage Smit"),),
    impact=Impact.AT_RISK,
    on_fire=False,
    alone=Alone(rule=Rule.WITH_THEM, why="with Sanne"),
    started_at=ago(90),
    score=8.75,
    taken_by="Sanne",
    promise_at=NOW + timedelta(minutes=19),
)
DISK = Signal(source="am", id="d15c", kind=Kind.ALERT, title="DiskFull", opened_at=ago(300), impact=Impact.AT_RISK)
ASIDE = Problem(
    id="p-disk",
    title="DiskFull",
    signals=(DISK,),
    customers=(),
    impact=Impact.AT_RISK,
    on_fire=False,
    alone=Alone(rule=Rule.WITH_THEM, why=""),
    started_at=ago(300),
    aside="silenced by Olga until 04:00",
)
REPLY = Write(
    id="w-1",
    problem="p-korenaar",
    ref="desk/48213",
    verb=Verb.REPLY,
    by="Sanne",
    asked_at=ago(1),
    text="Ik ben er.\nSanne",
    state=State.WAITING,
    attempts=2,
    fault="503",
)
AM = Health(name="am", kind="alertmanager", live=True, asked_at=ago(0.2), answered_at=ago(0.1), signals=2)
DESK = Health(name="desk", kind="redmine", live=True, asked_at=ago(0.2), answered_at=ago(0.1), signals=2)
GONE = Health(
    name="desk",
    kind="redmine",
    live=False,
    asked_at=ago(5),
    answered_at=ago(5),
    fault="no answer",
    fault_at=ago(4),
    signals=2,
)

BOARD = Board(as_of=NOW, problems=(FIRE, IN_HAND), aside=(ASIDE,), sources=(AM, DESK), outbox=(REPLY,))
CALM = Board(as_of=NOW, sources=(AM, DESK), quiet=True)
UNSURE = Board(as_of=NOW, sources=(AM, GONE))
