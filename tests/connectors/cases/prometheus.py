"""Prometheus 2.42 as recorded: two rules in two groups, each with an alert that fires."""

from __future__ import annotations

from pathlib import Path

from oncall_tui.connectors.monitors.prometheus import CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me
from oncall_tui.testing import Case, Time, iso

DISK, ORDERS = "a891a8f764b63f7a", "19d19abd310d88b0"

CASE = Case(
    connector=CONNECTOR,
    source=Source(name="prom", url="http://prom.example.net:9090", me=Me(name="Sanne"), secret="s3cret-t0ken"),
    folder=Path(__file__).parent.parent / "payloads" / "prometheus",
    routes={"GET /api/v1/rules": "rules", "GET /api/v1/status/buildinfo": "version"},
    ids=(DISK, ORDERS),
    records={"rules": ("data", "groups", ..., "rules", ..., "alerts", ...)},
    target=ORDERS,
    severity=("rules", ("data", "groups", 1, "rules", 0, "alerts", 0, "labels", "severity")),
    times={"opened_at": Time("rules", ("data", "groups", 1, "rules", 0, "alerts", 0, "activeAt"), iso)},
    empty={"GET /api/v1/rules": "nothing"},
    gone=[{"GET /api/v1/rules": "nothing"}],
)
