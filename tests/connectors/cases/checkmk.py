"""Checkmk 2.4 by its document, not recorded: a host down, its service taken by Sanne; one free, one taken by Piet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.monitors.checkmk import CONNECTOR
from oncall_tui.kit import Request, Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import OVER, Case, Recorded, Time, seconds

FREE, THEIRS, MINE = "db1;Filesystem /var/lib/postgresql", "db1;PostgreSQL", "web2;HTTP"
HOST = "web2"
API = "/check_mk/api/1.0"
HOSTS = f"POST {API}/domain-types/host/collections/all"
SERVICES = f"POST {API}/domain-types/service/collections/all"


class Livestatus(Recorded):
    """Whether everything is asked for or only what a query finds stands in the body: routes read ``?query=none``."""

    def find(self, request: Request) -> str | int | tuple[int, str]:
        is_all = isinstance(request.json, dict) and "query" not in request.json
        return super().find(replace(request, query=(("query", "none"),)) if is_all else request)


CASE = Case(
    connector=CONNECTOR,
    source=Source(
        name="checkmk",
        url="https://checkmk.example.net/night",
        me=Me(name="Sanne"),
        options={"user": "automation", "severity_label": "severity"},
        secret="s3cret-t0ken",
    ),
    folder=Path(__file__).parent.parent / "payloads" / "checkmk",
    routes={
        HOSTS: "hosts",
        f"POST {API}/domain-types/host/collections/all?query=none": "all-hosts",
        SERVICES: "services",
        f"GET {API}/version": "version",
        f"POST {API}/domain-types/acknowledge/collections/service": 204,
        f"POST {API}/domain-types/acknowledge/actions/delete/invoke": 204,
        f"POST {API}/domain-types/comment/collections/service": 204,
        f"POST {API}/domain-types/downtime/collections/service": 204,
        f"GET {API}/domain-types/downtime/collections/all": "downtimes",
        f"POST {API}/domain-types/downtime/actions/delete/invoke": 204,
    },
    ids=(HOST, FREE, THEIRS, MINE),
    records={"hosts": ("value", ...), "services": ("value", ...)},
    target=FREE,
    severity=("services", ("value", 0, "extensions", "labels", "severity")),
    times={
        "opened_at": Time("services", ("value", 0, "extensions", "last_hard_state_change"), seconds),
        "taken_at": Time("services", ("value", 2, "extensions", "comments_with_extra_info", 0, 4), seconds),
        "message": Time("services", ("value", 2, "extensions", "comments_with_extra_info", 1, 4), seconds),
        "suppressed_until": Time("services", ("value", 1, "extensions", "downtimes_with_extra_info", 0, 6), seconds),
    },
    empty={HOSTS: "nothing", SERVICES: "nothing"},
    targets={Verb.RELEASE: MINE},
    done={
        Verb.ACKNOWLEDGE: {SERVICES: "services-acknowledge"},
        Verb.RELEASE: {SERVICES: "services-release"},
        Verb.NOTE: {SERVICES: "services-note"},
        Verb.SNOOZE: {SERVICES: "services-snooze"},
    },
    again=OVER,
    faster={
        Verb.ACKNOWLEDGE: {SERVICES: "services-theirs"},
        Verb.RELEASE: {SERVICES: "services-left-to-piet"},
    },
    colleague="piet",
    gone=[{SERVICES: "nothing"}],
    speaks=Livestatus,
    server_at=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
)
