"""Request Tracker 5.0.3 as recorded: a ticket that nobody has, one of Olga's, one of Dirk's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.desks.rt import _KINDS, CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import Case, Time, iso

API = "/REST/2.0"
ACTIVE = f"GET {API}/tickets?query=Status = '__Active__' AND id > "


def ticket(number: int, more: str = "") -> str:
    return f"GET {API}/tickets?query=id = {number}{more} AND id > 0"


def said(tickets: str) -> str:
    return f"GET {API}/transactions?query=ObjectType = 'RT::Ticket' AND ({tickets}) AND {_KINDS} AND id > 0"


CASE = Case(
    connector=CONNECTOR,
    source=Source(
        name="rt",
        url="https://rt.example.net",
        me=Me(name="Olga"),
        secret="1-27-s3cret-t0ken",
        session={"id": "oncall", "name": "Olga Oncall"},
        options={"bots": "jenkins", "customer_field": "Customer", "resolved_status": "resolved"},
    ),
    folder=Path(__file__).parent.parent / "payloads" / "rt",
    routes={
        f"{ACTIVE}0": "tickets",
        ticket(1): "ticket-1",
        ticket(1, " AND Status = '__Active__'"): "ticket-1",
        ticket(2): "ticket-2",
        f"GET {API}/tickets": "nothing",
        said("ObjectId = 1 OR ObjectId = 2 OR ObjectId = 3"): "transactions",
        said("ObjectId = 1"): "transactions-1",
        f"GET {API}/transactions": "nothing",
        f"GET {API}/attachments": "attachments",
        f"GET {API}/user/27": "me",
        f"GET {API}/user/dirk": "user-dirk",
        f"GET {API}/user/root": "user-root",
        f"GET {API}/rt": "version",
        f"GET {API}/ticket/1": "ticket-1",
        f"GET {API}/ticket/2": "ticket-2",
        f"PUT {API}/ticket/1/take": 200,
        f"PUT {API}/ticket/2/untake": 200,
        f"PUT {API}/ticket/1": 200,
        f"POST {API}/ticket/1/comment": 201,
        f"POST {API}/ticket/1/correspond": 201,
    },
    ids=("1", "2", "3"),
    records=dict.fromkeys(("tickets", "page-1", "page-2"), ("items", ...)),
    beside={
        "transactions": ("items", ...),
        "attachments": ("items", ...),
        "user-dirk": (),
        "user-root": (),
    },
    target="1",
    severity=("tickets", ("items", 0, "Priority")),
    times={
        "opened_at": Time("tickets", ("items", 0, "Created"), iso),
        "changed_at": Time("tickets", ("items", 0, "LastUpdated"), iso),
        "due_at": Time("tickets", ("items", 2, "Due"), iso),
        "message": Time("transactions", ("items", 0, "Created"), iso),
    },
    empty={f"{ACTIVE}0": "nothing"},
    targets={Verb.RELEASE: "2"},
    done={
        Verb.ACKNOWLEDGE: {ticket(1): "ticket-1-acknowledge"},
        Verb.RELEASE: {ticket(2): "ticket-2-release"},
        Verb.RESOLVE: {ticket(1): "ticket-1-resolve"},
        Verb.NOTE: {
            said("ObjectId = 1"): "transactions-1-note",
            f"GET {API}/attachments": "attachments-1-note",
        },
        Verb.REPLY: {
            said("ObjectId = 1"): "transactions-1-reply",
            f"GET {API}/attachments": "attachments-1-reply",
        },
    },
    already={Verb.ACKNOWLEDGE: {f"PUT {API}/ticket/1/take": (200, "refused"), ticket(1): "ticket-1-acknowledge"}},
    faster={
        Verb.ACKNOWLEDGE: {f"PUT {API}/ticket/1/take": (200, "refused"), ticket(1): "ticket-1-theirs"},
        Verb.RELEASE: {ticket(2): "ticket-2-theirs"},
    },
    colleague="Dirk Helper",
    frail=frozenset({"tickets", "transactions", "attachments"}),
    pages={f"{ACTIVE}0": "page-1", f"{ACTIVE}2": "page-2"},
    server_at=datetime(2026, 11, 23, 15, 49, 59, tzinfo=UTC),
)
