"""Redmine 5.0.4 as recorded: one issue of the customer's that nobody has, one of Olga's, one with a group."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.desks.redmine import CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import OVER, Case, Time, iso

SESSION = {
    "id": "5",
    "name": "Olga Oncall",
    "team": "5,7,8",
    "groups": "9",
    **dict.fromkeys(("edit_issues", "add_issue_notes", "set_notes_private"), "1"),
}

CASE = Case(
    connector=CONNECTOR,
    source=Source(
        name="desk",
        url="https://desk.example.net",
        me=Me(name="Olga"),
        secret="s3cret-k3y",
        session=SESSION,
        options={"taken_status": "In Progress", "resolved_status": "Resolved"},
    ),
    folder=Path(__file__).parent.parent / "payloads" / "redmine",
    routes={
        "GET /users/current.json": "me",
        "GET /projects/1/memberships.json": "members",
        "GET /roles/3.json": "role-3",
        "GET /roles/4.json": "role-4",
        "GET /roles/5.json": "role-5",
        "GET /issue_statuses.json": "statuses",
        "GET /issues.json": "list",
        "GET /issues/1.json": "issue-1",
        "GET /issues/2.json": "issue-2",
        "GET /issues/3.json": "issue-3",
        "PUT /issues/1.json": 204,
        "PUT /issues/2.json": 204,
        "PUT /journals/7.json": 204,
    },
    ids=("1", "2", "3"),
    records={
        **dict.fromkeys(("list", "page-1", "page-2"), ("issues", ...)),
        **{f"issue-{number}": () for number in (1, 2, 3)},
    },
    target="1",
    severity=("issue-1", ("issue", "priority", "name")),
    times={
        "opened_at": Time("issue-1", ("issue", "created_on"), iso),
        "changed_at": Time("issue-1", ("issue", "updated_on"), iso),
        "message": Time("issue-1", ("issue", "journals", 0, "created_on"), iso),
    },
    empty={"GET /issues.json": "nothing"},
    targets={Verb.RELEASE: "2"},
    done={
        Verb.ACKNOWLEDGE: {"GET /issues/1.json": "issue-1-acknowledge"},
        Verb.RELEASE: {"GET /issues/2.json": "issue-2-release"},
        Verb.RESOLVE: {"GET /issues/1.json": "issue-1-resolve"},
        Verb.NOTE: {"GET /issues/1.json": "issue-1-note"},
        Verb.REPLY: {"GET /issues/1.json": "issue-1-reply"},
    },
    again=OVER,
    faster={
        Verb.ACKNOWLEDGE: {"GET /issues/1.json": "issue-1-theirs"},
        Verb.RELEASE: {"GET /issues/2.json": "issue-2-theirs"},
    },
    colleague="Dirk Helper",
    gone=[{"GET /issues/1.json": status} for status in (403, 404)],
    pages={"GET /issues.json?issue_id=>=1": "page-1", "GET /issues.json?issue_id=>=3": "page-2"},
    server_at=datetime(2026, 11, 23, 15, 13, 42, tzinfo=UTC),
)
