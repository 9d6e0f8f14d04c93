"""Request Tracker 5.0.3 as recorded: a ticket that nobody has, one of Olga's, one of Dirk's."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oncall_tui.connectors.desks.rt import CONNECTOR
from oncall_tui.kit import Request, Response, Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import STALE, Case, Recorded, Time, iso

API = "/REST/2.0"
FOLDER = Path(__file__).parent.parent / "payloads" / "rt"
RECORDED = {one["id"] for one in json.loads((FOLDER / "transactions.json").read_text("utf-8"))["items"]}
ACTIVE = f"GET {API}/tickets?query=Status = '__Active__' AND id > "


def ticket(number: int, more: str = "") -> str:
    return f"GET {API}/tickets?query=id = {number}{more} AND id > 0"


def one(number: int) -> str:
    return f"GET {API}/ticket/{number}"


class Rt(Recorded):
    """Lists only what the query asks for: the transactions of those tickets, the attachments of those transactions."""

    def __call__(self, request: Request) -> Response:
        answer = super().__call__(request)
        if request.path not in (f"{API}/transactions", f"{API}/attachments"):
            return answer
        query = dict(request.query)["query"]
        document = json.loads(answer.body)
        if isinstance(document, dict) and isinstance(document.get("items"), list):
            document["items"] = [one for one in document["items"] if _is_asked(one, query)]
        return replace(answer, body=json.dumps(document).encode())


def _is_asked(record: Any, query: str) -> bool:
    """Of what is spoilt nobody can tell."""
    among, *_, after = (one["value"] for one in json.loads(query)) if query.startswith("[") else (None, None, None)
    if not isinstance(record, dict):
        return not (after or re.search(r"id > [1-9]", query))
    if among is not None:
        return str(record.get("TransactionId")) not in RECORDED - {*among} and _number(record) > after
    among = re.findall(r"ObjectId = (\d+)", query)
    return str(record.get("ObjectId")) not in {"1", "2", "3"} - {*among} and _number(record) > int(
        query.rpartition(" > ")[2]
    )


def _number(record: dict[str, Any]) -> int:
    number = str(record.get("id"))
    return int(number) if number.isdecimal() and len(number) < 19 else 1


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
    folder=FOLDER,
    routes={
        f"{ACTIVE}0": "tickets",
        ticket(1, " AND Status = '__Active__'"): "ticket-1",
        f"GET {API}/tickets": "nothing",
        f"GET {API}/transactions": "transactions",
        f"GET {API}/attachments": "attachments",
        f"GET {API}/user/27": "me",
        f"GET {API}/user/dirk": "user-dirk",
        f"GET {API}/user/root": "user-root",
        f"GET {API}/rt": "version",
        f"GET {API}/queues": "queues",
        one(1): "one-1",
        one(2): "one-2",
        f"PUT {API}/ticket/1/take": "done",
        f"PUT {API}/ticket/2/untake": "done",
        f"PUT {API}/ticket/1": "done",
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
        Verb.ACKNOWLEDGE: {one(1): "one-1-acknowledge"},
        Verb.RELEASE: {one(2): "one-2-release"},
        Verb.RESOLVE: {one(1): "one-1-resolve"},
        Verb.NOTE: {
            f"GET {API}/transactions": "transactions-1-note",
            f"GET {API}/attachments": "attachments-1-note",
        },
        Verb.REPLY: {
            f"GET {API}/transactions": "transactions-1-reply",
            f"GET {API}/attachments": "attachments-1-reply",
        },
    },
    again=STALE,
    already={Verb.ACKNOWLEDGE: {f"PUT {API}/ticket/1/take": (200, "refused"), one(1): "one-1-acknowledge"}},
    faster={
        Verb.ACKNOWLEDGE: {f"PUT {API}/ticket/1/take": (200, "refused"), one(1): "one-1-theirs"},
        Verb.RELEASE: {one(2): "one-2-theirs"},
    },
    colleague="Dirk Helper",
    gone=[{one(1): status, ticket(1, " AND Status = '__Active__'"): "nothing"} for status in (403, 404)],
    pages={f"{ACTIVE}0": "page-1", f"{ACTIVE}2": "page-2"},
    server_at=datetime(2026, 11, 23, 15, 49, 59, tzinfo=UTC),
    speaks=Rt,
)
