"""Roundup 2.6.0 as recorded: an issue that nobody has, one of Olga's, one of Dirk's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.desks.roundup import CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import STALE, Case, Time, dotted

DATA = "/rest/data"
STATUSES = "unread,deferred,chatting,need-eg,in-progress,testing,done-cbb,resolved"

CASE = Case(
    connector=CONNECTOR,
    source=Source(
        name="roundup",
        url="https://desk.example.net/support",
        me=Me(name="Olga"),
        secret="s3cret-passw0rd",
        session={"id": "3", "name": "Olga Oncall", "closed": "7,8", "statuses": STATUSES},
        options={
            "user": "oncall",
            "team": "oncall, dirk",
            "closed": "resolved, done-cbb",
            "taken_status": "in-progress",
            "resolved_status": "resolved",
        },
    ),
    folder=Path(__file__).parent.parent / "payloads" / "roundup",
    routes={
        f"GET {DATA}/issue": "issues",
        f"GET {DATA}/user": "people",
        f"GET {DATA}/user?username=oncall": "me",
        f"GET {DATA}/status": "statuses",
        f"GET {DATA}/issue/1": "issue-1",
        f"GET {DATA}/issue/2": "issue-2",
        **{f"GET {DATA}/msg/{number}": f"msg-{number}" for number in range(1, 6)},
        f"POST {DATA}/msg": "posted",
        f"PATCH {DATA}/issue/1": 200,
        f"PATCH {DATA}/issue/2": 200,
    },
    ids=("1", "2", "3"),
    records={"issues": ("data", "collection", ...)},
    beside={"people": ("data", "collection", ...), **{f"msg-{number}": () for number in range(1, 6)}},
    target="1",
    severity=("issues", ("data", "collection", 0, "priority", "name")),
    times={
        "opened_at": Time("issues", ("data", "collection", 0, "creation"), dotted),
        "changed_at": Time("issues", ("data", "collection", 0, "activity"), dotted),
        "message": Time("msg-1", ("data", "attributes", "date"), dotted),
    },
    empty={f"GET {DATA}/issue": "nothing"},
    targets={Verb.RELEASE: "2"},
    done={
        Verb.ACKNOWLEDGE: {f"GET {DATA}/issue/1": "issue-1-acknowledge"},
        Verb.RELEASE: {f"GET {DATA}/issue/2": "issue-2-release"},
        Verb.RESOLVE: {f"GET {DATA}/issue/1": "issue-1-resolve"},
        Verb.REPLY: {f"GET {DATA}/issue/1": "issue-1-reply"},
    },
    again=STALE,
    faster={
        Verb.ACKNOWLEDGE: {f"GET {DATA}/issue/1": "issue-1-theirs"},
        Verb.RELEASE: {f"GET {DATA}/issue/2": "issue-2-theirs"},
    },
    colleague="Dirk Helper",
    gone=[{f"GET {DATA}/issue/1": status, f"GET {DATA}/issue": "nothing"} for status in (403, 404, 410)],
    server_at=datetime(2026, 11, 23, 16, 5, 23, tzinfo=UTC),
)
