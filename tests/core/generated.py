"""Generated nights: wrong clocks, missing fields, shared services, customers who write and customers who do not."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st

from oncall_tui.model import (
    Alternative,
    Customer,
    Impact,
    Kind,
    Me,
    Message,
    Moment,
    Night,
    Process,
    Settings,
    Signal,
    Snapshot,
    State,
    Verb,
    Voice,
    Write,
)

NOW = datetime(2026, 3, 29, 0, 40, tzinfo=UTC)
ME = Me(name="Sanne")

minutes = st.integers(-90, 3 * 24 * 60)
"""Ago; negative lies in the future: a wrong clock."""


def ago(m: float) -> datetime:
    return NOW - timedelta(minutes=m)


@st.composite
def alerts(draw: st.DrawFn, n: int) -> Signal:
    taken = draw(st.sampled_from(["", "", "Olga", "Sanne", "noreply"]))
    return Signal(
        source="am",
        id=f"a{n}",
        kind=Kind.ALERT,
        title=draw(st.sampled_from(["Down", "Slow", "DiskFull", ""])),
        opened_at=ago(draw(minutes)),
        impact=draw(st.sampled_from(Impact)),
        service=draw(st.sampled_from(["", f"own-{n}", f"own-{n}", "orders-api", "till"])),
        host=draw(st.sampled_from(["", f"h{n}", "shared:9100"])),
        labels=draw(st.sampled_from([{}, {"tenant": f"t{n}"}, {"tier": "platinum"}])),
        taken_by=taken,
        mine=taken == "Sanne",
        taken_at=draw(st.one_of(st.none(), minutes.map(ago))) if taken else None,
        taken_until=draw(st.one_of(st.none(), minutes.map(ago))) if taken else None,
        suppressed=draw(st.sampled_from(["", "", "", "in downtime"])),
        suppressed_until=draw(st.one_of(st.none(), minutes.map(ago))),
    )


@st.composite
def messages(draw: st.DrawFn) -> tuple[Message, ...]:
    said = draw(st.lists(st.tuples(st.sampled_from(Voice), minutes, st.booleans()), max_size=5))
    return tuple(
        Message(
            id=str(k),
            voice=voice,
            author="x",
            text=draw(st.sampled_from(["", "niets werkt", "hm"])),
            at=ago(m),
            private=p,
        )
        for k, (voice, m, p) in enumerate(said)
    )


@st.composite
def tickets(draw: st.DrawFn, n: int) -> Signal:
    taken = draw(st.sampled_from(["", "", "Olga", "Sanne"]))
    return Signal(
        source="desk",
        id=f"{n}00",
        kind=Kind.TICKET,
        title=draw(st.sampled_from(["", f"Ticket {n}", "Bestellen lukt niet", "kassa drie hapert"])),
        opened_at=ago(draw(minutes)),
        impact=draw(st.sampled_from(Impact)),
        customer=draw(st.sampled_from(["", f"Customer {n}", "Korenaar", "Smit B.V."])),
        email=draw(st.sampled_from(["", "a@gmail.com", f"a@c{n}.nl"])),
        taken_by=taken,
        mine=taken == "Sanne",
        taken_at=draw(st.one_of(st.none(), minutes.map(ago))) if taken else None,
        due_at=draw(st.one_of(st.none(), minutes.map(ago))),
        messages=draw(messages()),
    )


@st.composite
def writes(draw: st.DrawFn, refs: list[str]) -> tuple[Write, ...]:
    if not refs:
        return ()
    found = []
    for n in range(draw(st.integers(0, 3))):
        at = ago(draw(st.integers(0, 120)))
        state = draw(st.sampled_from(State))
        found.append(
            Write(
                id=f"w{n}",
                problem="",
                ref=draw(st.sampled_from(refs)),
                verb=draw(st.sampled_from([Verb.ACKNOWLEDGE, Verb.RELEASE, Verb.NOTE, Verb.REPLY])),
                by="Sanne",
                asked_at=at,
                text="hello",
                state=state,
                promise_at=draw(st.one_of(st.none(), minutes.map(ago))),
                delivered_at=at if state in (State.DELIVERED, State.CONFIRMED) else None,
            )
        )
    return tuple(found)


customers = st.builds(
    Customer,
    name=st.sampled_from(["Korenaar", "Smit"]),
    core_process=st.sampled_from(["", "take orders"]),
    process=st.sampled_from(Process),
    alternative=st.sampled_from(Alternative),
    depends_on=st.sampled_from([(), ("orders-api",), ("orders-api", "till")]),
    moments=st.sampled_from([(), (Moment(at=time(4, 30), what="ovens load", zone="Europe/Amsterdam"),)]),
)
settings = st.lists(customers, max_size=2, unique_by=lambda c: c.name).map(
    lambda found: Settings(me=ME, customers=tuple(found))
)


@st.composite
def nights(draw: st.DrawFn, most: int = 8) -> Night:
    """Up to `most` alerts and as many tickets, on two sources of which each may have a wrong clock or be late."""
    some_alerts = tuple(draw(alerts(n)) for n in range(draw(st.integers(0, most))))
    some_tickets = tuple(draw(tickets(n)) for n in range(draw(st.integers(0, most))))
    skews = [draw(st.sampled_from([0.0, 0.0, 3600.0, -3600.0, 90.0])) for _ in range(2)]
    answered = [ago(draw(st.sampled_from([0, 0, 1, 60]))) for _ in range(2)]
    return Night(
        snapshots=(
            Snapshot(source="am", kind="alertmanager", every_s=15, signals=some_alerts, skew_s=skews[0],
                     asked_at=answered[0], answered_at=answered[0]),
            Snapshot(source="desk", kind="redmine", every_s=15, signals=some_tickets, skew_s=skews[1],
                     asked_at=answered[1], answered_at=answered[1]),
        ),
        writes=draw(writes([s.ref for s in (*some_alerts, *some_tickets)])),
    )  # fmt: skip
