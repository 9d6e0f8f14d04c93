"""Alerta 9.1.0 as recorded: an alert that nobody has, one that Olga has and Dirk noted, one that Dirk shelved."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.monitors.alerta import CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import REFUSED, Case, Time, iso

FREE = "4dc3b731-b800-4f85-a906-f8d7c46a9b9c"
TAKEN = "be51da5e-4ad3-4371-8393-6a6a96da5c9f"
SHELVED = "f4ee05cf-c8f1-4e6f-a9ac-d63301377a8a"

CASE = Case(
    connector=CONNECTOR,
    source=Source(
        name="alerta",
        url="https://alerta.example.net",
        me=Me(name="Olga"),
        secret="s3cret-k3y",
        session={"user": "oncall@example.net"},
    ),
    folder=Path(__file__).parent.parent / "payloads" / "alerta",
    routes={
        "GET /api/keys": "keys",
        "GET /api/alerts": "alerts",
        f"GET /api/alert/{FREE}": "free",
        f"GET /api/alert/{TAKEN}": "taken",
        f"GET /api/alert/{SHELVED}": "shelved",
        f"PUT /api/alert/{FREE}/action": "acted",
        f"PUT /api/alert/{TAKEN}/action": "acted",
        f"PUT /api/alert/{FREE}/note": "noted",
        f"DELETE /api/alert/{FREE}/note/f5b4217f-37eb-4236-98df-8a3e7e2fa614": "acted",
    },
    ids=(FREE, TAKEN, SHELVED),
    records=dict.fromkeys(("alerts", "page-1", "page-2"), ("alerts", ...)),
    target=FREE,
    severity=("alerts", ("alerts", 0, "severity")),
    times={
        "changed_at": Time("alerts", ("alerts", 0, "updateTime"), iso),
        "taken_at": Time("alerts", ("alerts", 1, "history", 2, "updateTime"), iso),
        "message": Time("alerts", ("alerts", 1, "history", 1, "updateTime"), iso),
    },
    empty={"GET /api/alerts": "nothing"},
    targets={Verb.RELEASE: TAKEN},
    done={
        Verb.ACKNOWLEDGE: {f"GET /api/alert/{FREE}": "free-acknowledge"},
        Verb.RELEASE: {f"GET /api/alert/{TAKEN}": "taken-release"},
        Verb.NOTE: {f"GET /api/alert/{FREE}": "free-note"},
        Verb.SNOOZE: {f"GET /api/alert/{FREE}": "free-snooze"},
        Verb.RESOLVE: {f"GET /api/alert/{FREE}": "free-resolve"},
    },
    again=REFUSED,
    already={
        Verb.ACKNOWLEDGE: {
            f"PUT /api/alert/{FREE}/action": (409, "already"),
            f"GET /api/alert/{FREE}": "free-acknowledge",
        }
    },
    faster={
        Verb.ACKNOWLEDGE: {f"PUT /api/alert/{FREE}/action": (409, "already"), f"GET /api/alert/{FREE}": "free-theirs"},
        Verb.RELEASE: {f"GET /api/alert/{TAKEN}": "taken-theirs"},
    },
    colleague="dirk@example.net",
    gone=[{f"GET /api/alert/{FREE}": 404}],
    pages={"GET /api/alerts?page=1": "page-1", "GET /api/alerts?page=2": "page-2"},
    server_at=datetime(2026, 11, 23, 16, 7, 4, tzinfo=UTC),
)
