"""Nagios Core 4.4.6 as recorded: a host down, its service taken by Sanne; a service free, one taken by Piet and in downtime.

What it says about one host or service holds what its lists hold of that one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.monitors.nagios import CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import OVER, Case, Time, milliseconds

FREE, THEIRS, MINE = "db1.example.net;disk /var/lib/postgresql", "db1.example.net;postgres", "web2.example.net;http"
HOST = "web2.example.net"
SERVICE = ("data", "servicelist", "db1.example.net", "disk /var/lib/postgresql")
JSON, OBJECTS = "GET /statusjson.cgi?query=", "GET /objectjson.cgi?query="

CASE = Case(
    connector=CONNECTOR,
    source=Source(
        name="nagios",
        url="https://nagios.example.net/nagios/cgi-bin",
        me=Me(name="Sanne"),
        options={"user": "oncall"},
        secret="s3cret-t0ken",
    ),
    folder=Path(__file__).parent.parent / "payloads" / "nagios",
    routes={
        f"{JSON}hostlist": "hosts",
        f"{JSON}servicelist": "services",
        f"{JSON}commentlist": "comments",
        f"{JSON}downtimelist": "downtimes",
        f"{JSON}programstatus": "program",
        f"{JSON}host&hostname=db1.example.net": "host-db1",
        f"{JSON}host&hostname={HOST}": "host-web2",
        f"{JSON}service&hostname=db1.example.net": "service-free",
        f"{JSON}service&hostname={HOST}": "service-mine",
        f"{OBJECTS}hostlist": "objects-hosts",
        f"{OBJECTS}servicelist": "objects-services",
        f"{OBJECTS}host&hostname=db1.example.net": "object-db1",
        f"{OBJECTS}host&hostname={HOST}": "object-web2",
        f"{OBJECTS}service&hostname=db1.example.net": "object-free",
        f"{OBJECTS}service&hostname={HOST}": "object-mine",
        f"{JSON}hostcount": "count",
        "GET /cmd.cgi": "form",
        "GET /cmd.cgi?cmd_typ=3": "form-check",
        "GET /cmd.cgi?cmd_typ=56": "form-snooze",
        "POST /cmd.cgi": "done",
    },
    ids=(HOST, FREE, THEIRS, MINE),
    records={"hosts": ("data", "hostlist", ...), "services": ("data", "servicelist", ..., ...)},
    beside={
        "comments": ("data", "commentlist", ...),
        "downtimes": ("data", "downtimelist", ...),
        "objects-hosts": ("data", "hostlist", ...),
        "objects-services": ("data", "servicelist", ..., ...),
    },
    target=FREE,
    severity=("services", ("data", "servicelist", "db1.example.net", "postgres", "status")),
    times={
        "opened_at": Time("services", (*SERVICE, "last_hard_state_change"), milliseconds),
        "taken_at": Time("comments", ("data", "commentlist", "1", "entry_time"), milliseconds),
        "message": Time("comments", ("data", "commentlist", "2", "entry_time"), milliseconds),
        "suppressed_until": Time("downtimes", ("data", "downtimelist", "1", "end_time"), milliseconds),
    },
    empty={f"{JSON}hostlist": "no-hosts", f"{JSON}servicelist": "no-services"},
    targets={Verb.RELEASE: MINE},
    done={
        Verb.ACKNOWLEDGE: {
            f"{JSON}service&hostname=db1.example.net": "service-free-acknowledge",
            f"{JSON}commentlist": "comments-acknowledge",
        },
        Verb.RELEASE: {
            f"{JSON}service&hostname={HOST}": "service-mine-release",
            f"{JSON}commentlist": "comments-release",
        },
        Verb.NOTE: {f"{JSON}commentlist": "comments-note"},
        Verb.SNOOZE: {f"{JSON}downtimelist": "downtimes-snooze"},
    },
    again=OVER,
    faster={
        Verb.ACKNOWLEDGE: {
            f"{JSON}service&hostname=db1.example.net": "service-free-acknowledge",
            f"{JSON}commentlist": "comments-theirs",
        },
        Verb.RELEASE: {f"{JSON}commentlist": "comments-left-to-piet"},
    },
    colleague="Piet",
    gone=[{f"{JSON}service&hostname=db1.example.net": "unknown"}],
    server_at=datetime(2026, 11, 23, 15, 57, 52, tzinfo=UTC),
)
