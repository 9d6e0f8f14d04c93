"""Boards of a night, written down: what the screens are tested and pictured with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from oncall_tui.model import (
    Alone,
    Alternative,
    Board,
    Health,
    Hurt,
    Impact,
    Kind,
    Message,
    Problem,
    Reason,
    Record,
    Rule,
    Signal,
    State,
    Stretch,
    Verb,
    Voice,
    Write,
)

NOW = datetime(2026, 1, 14, 2, 14, tzinfo=UTC)
BOTH = (Verb.ACKNOWLEDGE, Verb.RELEASE)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def health(name: str, kind: str, can: tuple[Verb, ...] = BOTH, **changes: object) -> Health:
    made = Health(name=name, kind=kind, live=True, asked_at=ago(0.2), answered_at=ago(0.2), signals=4, can=can)
    return msgspec.structs.replace(made, **changes)


SOURCES = (
    health("am", "alertmanager"),
    health("desk", "redmine", (*BOTH, Verb.NOTE, Verb.REPLY)),
)

ORDERS_DOWN = Signal(
    source="am", id="f00d", kind=Kind.ALERT, title="OrdersApiDown", opened_at=ago(14), severity="critical",
    impact=Impact.DOWN, service="orders-api", host="orders-eu-1", url="https://am.example.nl/#/alerts?f=f00d",
)  # fmt: skip
GATEWAY = Signal(
    source="am", id="beef", kind=Kind.ALERT, title="HTTP 5xx at 41%", opened_at=ago(13), severity="warning",
    impact=Impact.AT_RISK, service="gateway",
)  # fmt: skip
TICKET = Signal(
    source="desk", id="48213", kind=Kind.TICKET, title="Bestellen werkt niet", opened_at=ago(12), severity="high",
    impact=Impact.DEGRADED, customer="Bakkerij De Korenaar", contact="Ron", url="https://desk.example.nl/issues/48213",
    messages=tuple(
        Message(id=str(i), voice=Voice.THEIRS, author="Ron", text=text, at=ago(at))
        for i, (at, text) in enumerate(((12, "Bestellen werkt niet."), (10, "Hallo?"), (9, "De winkels kunnen niet bestellen, bel mij!")))
    ),
)  # fmt: skip

RON = Hurt(
    name="Bakkerij De Korenaar", core_process="take orders from 14 shops",
    core_process_theirs="bestellingen van 14 winkels aannemen", known=True, contact="Ron", wrote=3, spoke=True,
    last_words="De winkels kunnen niet bestellen, bel mij!", last_wrote_at=ago(9), refs=("desk/48213",), language="nl",
    alternative=Alternative.NONE,
)  # fmt: skip

FIRE = Problem(
    id="p1", title="OrdersApiDown", signals=(ORDERS_DOWN, GATEWAY, TICKET),
    customers=(RON, Hurt(name="Slagerij Vos", core_process="sell meat"), Hurt(name="Kaasboer Bos")),
    impact=Impact.DOWN, on_fire=True, started_at=ago(14),
    alone=Alone(rule=Rule.NOBODY, why="nobody yet", since=NOW - timedelta(minutes=12, seconds=41)),
    score=203.0, rule="on fire and alone", moment="the ovens load", moment_at=NOW + timedelta(minutes=76),
    reasons=(
        Reason(factor="stake", words="down, a core process, no alternative", points=100.0),
        Reason(factor="spread", words="3 customers hurt", points=23.8),
        Reason(factor="waiting", words="alone 12m", points=61.2),
        Reason(factor="voice", words="wrote 3 times", points=18.0),
    ),
    joined=("both on orders-api", "Bakkerij De Korenaar depends on orders-api"),
)  # fmt: skip


def small(id_: str, who: str, title: str, alone: Alone, **changes: object) -> Problem:
    signal = Signal(
        source="desk", id=id_, kind=Kind.TICKET, title=title, opened_at=ago(30), severity="normal", customer=who
    )
    made = Problem(
        id=f"p{id_}", title=title, signals=(signal,), customers=(Hurt(name=who, spoke=True, last_words=title, wrote=1),),
        impact=Impact.AT_RISK, on_fire=False, alone=alone, started_at=ago(30), score=20.0,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


WITH_SANNE = Alone(rule=Rule.WITH_THEM, why="with Sanne")
GARAGE = small(
    "7", "Garage Smit", "invoices late", WITH_SANNE, taken_by="Sanne", mine=True, promise_at=NOW + timedelta(minutes=19)
)
WEBSHOP = small("8", "Webshop Lente", "checkout slow", Alone(rule=Rule.NOBODY, why="nobody yet", since=ago(1)))
OTHERS = tuple(small(str(i), f"Klant {i}", "a question", WITH_SANNE, taken_by="Olga") for i in range(20, 24))


def bakery(**changes: object) -> Board:
    """03:14 in Amsterdam: a bakery is on fire and alone."""
    made = Board(as_of=NOW, problems=(FIRE, WEBSHOP, GARAGE, *OTHERS), sources=SOURCES)
    return msgspec.structs.replace(made, **changes)


def write(
    verb: Verb, ref: str = "desk/48213", state: State = State.WAITING, text: str = "", **changes: object
) -> Write:
    made = Write(
        id=f"w-{verb}-{ref}", problem="p1", ref=ref, verb=verb, by="Sanne", asked_at=ago(0.5), text=text, state=state
    )
    return msgspec.structs.replace(made, **changes)


def taken() -> Board:
    """The bakery's problem is mine; the desk has not confirmed it, a note was refused, a reply waits."""
    writes = (
        write(Verb.ACKNOWLEDGE, "am/f00d", State.CONFIRMED),
        write(Verb.ACKNOWLEDGE, state=State.SENDING),
        write(Verb.REPLY, state=State.HELD, text="Ik ben er, Ron. Ik kijk nu naar jullie bestellingen."),
        write(Verb.NOTE, state=State.REFUSED, text="restarting orders-eu-1", fault="403: no permission to add notes"),
    )
    mine = msgspec.structs.replace(
        FIRE, taken_by="Sanne", mine=True, taken_at=ago(1), promise_at=NOW + timedelta(minutes=19), writes=writes,
        alone=Alone(rule=Rule.UNTOLD, why="taken by Sanne, but they have not heard", since=ago(9)),
    )  # fmt: skip
    return bakery(problems=(mine, *bakery().problems[1:]), outbox=writes)


VOS = Hurt(name="Slagerij Vos", core_process="sell meat", core_process_theirs="vlees verkopen", contact="Vos, Eva", spoke=True, wrote=1, last_words="Hallo?",
           refs=("desk/2",), language="nl")  # fmt: skip


def two() -> Board:
    """The bakery and the butcher wrote."""
    fire = msgspec.structs.replace(FIRE, customers=(RON, VOS))
    return bakery(problems=(fire, *bakery().problems[1:]))


def kept() -> Record:
    """What the night left: the bakery was alone for twelve minutes, and was told something."""
    alone = Stretch(
        problem="p1", title="OrdersApiDown", customer="Bakkerij De Korenaar", since=ago(12), until=NOW, on_fire=True
    )
    said = write(Verb.REPLY, state=State.CONFIRMED, text="Ik ben er.", promise_at=NOW + timedelta(minutes=20))
    return Record(since=NOW - timedelta(hours=12), stretches=(alone,), writes=(said,))


def late() -> Board:
    """Nobody is alone in what is known, but the desk has been silent for 12 minutes."""
    silent = health(
        "desk", "redmine", live=False, answered_at=ago(12), fault="no answer: connection refused", fault_at=ago(12)
    )
    return bakery(problems=(GARAGE,), sources=(SOURCES[0], silent))


def calm() -> Board:
    """Nobody is alone and every source answered."""
    return bakery(problems=(GARAGE, *OTHERS[:1]), quiet=True)


def nothing() -> Board:
    """No problem at all."""
    return bakery(problems=(), quiet=True)
