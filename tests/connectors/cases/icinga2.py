"""Icinga 2.13.6 as recorded: a host down, its service taken by Sanne; a service free, one taken by Piet and in downtime."""

from __future__ import annotations

from pathlib import Path

from oncall_tui.connectors.monitors.icinga2 import CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import REFUSED, Case, Time, seconds

URL = "https://icinga.example.net:5665"
FREE, THEIRS, MINE = "db1.example.net!disk /var/lib/postgresql", "db1.example.net!postgres", "web2.example.net!http"
HOST = "web2.example.net"

CASE = Case(
    connector=CONNECTOR,
    source=Source(
        name="icinga",
        url=URL,
        me=Me(name="Sanne"),
        options={"user": "oncall", "web": f"{URL}/icingaweb2", "severity_label": "severity"},
        secret="s3cret-t0ken",
    ),
    folder=Path(__file__).parent.parent / "payloads" / "icinga2",
    routes={
        "GET /v1": "me",
        "GET /v1/status": "status",
        "GET /v1/objects/hosts": "names",
        "GET /v1/objects/icingaapplications": "running",
        "POST /v1/objects/hosts": "hosts",
        "POST /v1/objects/services": "services",
        "POST /v1/objects/comments": "comments",
        "POST /v1/objects/downtimes": "downtimes",
        "POST /v1/actions/acknowledge-problem": "acknowledged",
        "POST /v1/actions/remove-acknowledgement": "removed",
        "POST /v1/actions/add-comment": "noted",
        "POST /v1/actions/schedule-downtime": "scheduled",
        "POST /v1/actions/remove-downtime": "removed",
    },
    ids=(HOST, FREE, THEIRS, MINE),
    records={"hosts": ("results", ...), "services": ("results", ...)},
    beside={"comments": ("results", ...), "downtimes": ("results", ...)},
    target=FREE,
    severity=("services", ("results", 2, "attrs", "vars", "severity")),
    times={
        "opened_at": Time("services", ("results", 0, "attrs", "last_hard_state_change"), seconds),
        "taken_at": Time("comments", ("results", 0, "attrs", "entry_time"), seconds),
        "taken_until": Time("services", ("results", 2, "attrs", "acknowledgement_expiry"), seconds),
        "message": Time("comments", ("results", 1, "attrs", "entry_time"), seconds),
        "suppressed_until": Time("downtimes", ("results", 0, "attrs", "end_time"), seconds),
    },
    empty={"POST /v1/objects/hosts": "nothing", "POST /v1/objects/services": "nothing"},
    targets={Verb.RELEASE: MINE},
    done={
        Verb.ACKNOWLEDGE: {
            "POST /v1/objects/services": "services-acknowledge",
            "POST /v1/objects/comments": "comments-acknowledge",
        },
        Verb.RELEASE: {
            "POST /v1/objects/services": "services-release",
            "POST /v1/objects/comments": "comments-release",
        },
        Verb.NOTE: {"POST /v1/objects/comments": "comments-note"},
        Verb.SNOOZE: {"POST /v1/objects/downtimes": "downtimes-snooze"},
    },
    again=REFUSED,
    already={
        Verb.ACKNOWLEDGE: {
            "POST /v1/actions/acknowledge-problem": (409, "refused"),
            "POST /v1/objects/services": "services-acknowledge",
            "POST /v1/objects/comments": "comments-acknowledge",
        }
    },
    faster={
        Verb.ACKNOWLEDGE: {
            "POST /v1/actions/acknowledge-problem": (409, "refused"),
            "POST /v1/objects/services": "services-acknowledge",
            "POST /v1/objects/comments": "comments-theirs",
        },
        Verb.RELEASE: {"POST /v1/objects/comments": "comments-left-to-piet"},
    },
    colleague="Piet",
    gone=[{"POST /v1/objects/services": 404}],
)
