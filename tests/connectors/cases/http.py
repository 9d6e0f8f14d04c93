"""A made-up board of tickets, told by tables as a user writes them; a real API is told so in tests/servers/test_http.py."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from oncall_tui.connectors import fit
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import OVER, Case, Time, iso

FOLDER = Path(__file__).parent.parent / "payloads" / "http"


def told(toml: str) -> dict[str, str]:
    """The options that these tables are, flat as the configuration hands them over."""
    flat: dict[str, str] = {}
    for name, value in tomllib.loads(toml).items():
        flat |= {f"{name}.{key}": text(one) for key, one in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


OPTIONS = told((FOLDER / "source.toml").read_text("utf-8"))

CASE = Case(
    connector=fit("http", OPTIONS),
    source=Source(
        name="board",
        url="https://board.example.net/api",
        me=Me(name="Olga"),
        secret="s3cret-t0ken",
        session={"me": "Olga Oncall"},
        options=OPTIONS,
    ),
    folder=FOLDER,
    routes={
        "GET /me": "me",
        "GET /tickets?page=1": "tickets",
        "GET /tickets/1": "ticket-1",
        "GET /tickets/2": "ticket-2",
        "PUT /tickets/1": 200,
        "PUT /tickets/2": 200,
        "POST /tickets/1/comments": 201,
    },
    ids=("1", "2", "3"),
    records=dict.fromkeys(("tickets", "page-1", "page-2"), ("items", ...)),
    target="1",
    severity=("tickets", ("items", 0, "level")),
    times={
        "opened_at": Time("tickets", ("items", 0, "created"), iso),
        "changed_at": Time("tickets", ("items", 0, "updated"), iso),
        "due_at": Time("tickets", ("items", 0, "due"), iso),
        "suppressed_until": Time("tickets", ("items", 0, "paused_until"), iso),
        "message": Time("tickets", ("items", 0, "comments", 0, "created"), iso),
    },
    empty={"GET /tickets?page=1": "nothing"},
    targets={Verb.RELEASE: "2"},
    done={
        Verb.ACKNOWLEDGE: {"GET /tickets/1": "ticket-1-acknowledge"},
        Verb.RELEASE: {"GET /tickets/2": "ticket-2-release"},
        Verb.RESOLVE: {"GET /tickets/1": "ticket-1-resolve"},
        Verb.SNOOZE: {"GET /tickets/1": "ticket-1-snooze"},
        Verb.NOTE: {"GET /tickets/1": "ticket-1-note"},
        Verb.REPLY: {"GET /tickets/1": "ticket-1-reply"},
    },
    again=OVER,
    faster={
        Verb.ACKNOWLEDGE: {"GET /tickets/1": "ticket-1-theirs"},
        Verb.RELEASE: {"GET /tickets/2": "ticket-2-theirs"},
    },
    colleague="Dirk Helper",
    gone=[{"GET /tickets/1": status} for status in (403, 404, 410)],
    pages={"GET /tickets?page=1": "page-1", "GET /tickets?page=2": "page-2"},
    server_at=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
)
