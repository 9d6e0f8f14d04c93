"""Zabbix 6.0.14 as recorded: a problem that nobody has, a consequence of it, and one that Olga has and Dirk wrote about.

Two answers are made up (they end in -7): the version, and a problem that Olga suppressed; a real 7.0.22 tells it so.
`CASE` is that 7.0, which takes the token in a header; `OLDER` is what was recorded, with the token in the body.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.monitors.zabbix import CONNECTOR
from oncall_tui.kit import Request, Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import NOTHING, Case, Recorded, Time, digits

FREE, CONSEQUENCE, TAKEN = "1", "2", "3"
TRIGGERS = {"23133", "23134", "23135"}
USERS = {"user 4": "Dirk Helper", "user 3": "Olga Oncall"}


class Rpc(Recorded):
    """One path for all: what tells the calls apart is in the body. Routes read ``CALL /problem.get?eventid_from=3``."""

    def find(self, request: Request) -> str | int | tuple[int, str]:
        params = request.json["params"] or {}
        if set(params.get("triggerids", ())) - TRIGGERS:
            self.strange.append(request)
        query = tuple((name, str(value)) for name, value in params.items())
        return super().find(replace(request, method="CALL", path=f"/{request.json['method']}", query=query))


CASE = Case(
    connector=CONNECTOR,
    source=Source(
        name="zabbix",
        url="https://zabbix.example.net",
        me=Me(name="Olga"),
        secret="s3cret-t0ken",
        session={"version": "7.0.12", "id": "3", **USERS},
        options={"page_size": "1"},
    ),
    folder=Path(__file__).parent.parent / "payloads" / "zabbix",
    routes={
        "CALL /apiinfo.version": "version-7",
        "CALL /user.get": "users",
        "CALL /user.get?editable=True": "me",
        "CALL /problem.get": "problems",
        "CALL /problem.get?eventid_from=4": "page-4",
        "CALL /trigger.get": "triggers",
        "CALL /host.get": "hosts",
        "CALL /item.get": "items",
        "CALL /event.acknowledge": "acknowledged",
    },
    ids=(FREE, CONSEQUENCE, TAKEN),
    records=dict.fromkeys(("problems", "page-1", "page-2", "page-3"), ("result", ...)),
    beside={"triggers": ("result", ...), "users": ("result", ...)},
    target=FREE,
    severity=("problems", ("result", 0, "severity")),
    times={
        "opened_at": Time("problems", ("result", 0, "clock"), digits),
        "taken_at": Time("problems", ("result", 2, "acknowledges", 1, "clock"), digits),
        "message": Time("problems", ("result", 2, "acknowledges", 0, "clock"), digits),
    },
    empty={"CALL /problem.get": "page-4"},
    targets={Verb.RELEASE: TAKEN},
    done={
        Verb.ACKNOWLEDGE: {"CALL /problem.get": "problem-acknowledge"},
        Verb.RELEASE: {"CALL /problem.get": "problem-release"},
        Verb.NOTE: {"CALL /problem.get": "problem-note"},
        Verb.RESOLVE: {"CALL /problem.get": "problem-resolve"},
        Verb.SNOOZE: {"CALL /problem.get": "problem-snooze-7"},
    },
    again=NOTHING,
    faster={
        Verb.ACKNOWLEDGE: {"CALL /problem.get": "problem-theirs"},
        Verb.RELEASE: {"CALL /problem.get": "taken-theirs"},
    },
    colleague="Dirk Helper",
    gone=[{"CALL /problem.get": "page-4"}],
    speaks=Rpc,
    pages={
        "CALL /problem.get?eventid_from=1": "page-1",
        "CALL /problem.get?eventid_from=2": "page-2",
        "CALL /problem.get?eventid_from=3": "page-3",
    },
    server_at=datetime(2026, 11, 23, 15, 56, 28, tzinfo=UTC),
)

OLDER = replace(
    CASE,
    source=replace(CASE.source, session={**CASE.source.session, "version": "6.0.14"}),
    routes={**CASE.routes, "CALL /apiinfo.version": "version"},
    unable=frozenset({Verb.SNOOZE}),
    said="said-6",
)
