"""Checkmk 2.4 by its document, not recorded: a host down, its service taken by Sanne; one free, one taken by Piet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.monitors.checkmk import CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from tests.connectors.recorded import Case

FREE, THEIRS, MINE = "db1;Filesystem /var/lib/postgresql", "db1;PostgreSQL", "web2;HTTP"
HOST = "web2"
API = "/check_mk/api/1.0"
SERVICES = f"POST {API}/domain-types/service/collections/all"

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
        f"POST {API}/domain-types/host/collections/all": "hosts",
        SERVICES: "services",
        f"GET {API}/version": "version",
        f"POST {API}/domain-types/acknowledge/collections/service": 204,
        f"POST {API}/domain-types/acknowledge/actions/delete/invoke": 204,
        f"POST {API}/domain-types/comment/collections/service": 204,
        f"POST {API}/domain-types/downtime/collections/service": 204,
    },
    ids=(HOST, FREE, THEIRS, MINE),
    target=FREE,
    severity=("services", ("value", 0, "extensions", "labels", "severity")),
    targets={Verb.RELEASE: MINE},
    done={
        Verb.ACKNOWLEDGE: {SERVICES: "services-acknowledge"},
        Verb.RELEASE: {SERVICES: "services-release"},
        Verb.NOTE: {SERVICES: "services-note"},
        Verb.SNOOZE: {SERVICES: "services-snooze"},
    },
    server_at=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
)
