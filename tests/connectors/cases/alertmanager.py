"""Alertmanager 0.25.0 as recorded: one alert free, one inhibited by it, one taken by Sanne, one silenced by Piet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.monitors.alertmanager import CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import BESIDE, Case, Time, iso

FREE, INHIBITED, TAKEN, SILENCED = "7e572bcc186544ee", "03f200a7cd3931ab", "1751650d45bf7d6b", "a9584fd9d1160ebe"

CASE = Case(
    connector=CONNECTOR,
    source=Source(name="am", url="http://am.example.net:9093", me=Me(name="Sanne"), secret="s3cret-t0ken"),
    folder=Path(__file__).parent.parent / "payloads" / "alertmanager",
    routes={
        "GET /api/v2/alerts": "alerts",
        "GET /api/v2/silences": "silences",
        "GET /api/v2/status": "status",
        "POST /api/v2/silences": "posted",
        "DELETE /api/v2/silence/f31d8f2f-8d8e-4cf3-87cf-88c2ea1cf437": 200,
        "DELETE /api/v2/silence/4ddccfc9-1843-4306-87fa-0896505a7760": 200,
    },
    ids=(FREE, INHIBITED, TAKEN, SILENCED),
    records={"alerts": (...,)},
    beside={"silences": (...,)},
    target=FREE,
    severity=("alerts", (0, "labels", "severity")),
    times={
        "opened_at": Time("alerts", (2, "startsAt"), iso),
        "taken_at": Time("silences", (1, "startsAt"), iso),
        "taken_until": Time("silences", (1, "endsAt"), iso),
    },
    empty={"GET /api/v2/alerts": "nothing", "GET /api/v2/status": "status-of-days"},
    targets={Verb.RELEASE: TAKEN},
    done={
        Verb.ACKNOWLEDGE: {"GET /api/v2/silences": "silences-acknowledge"},
        Verb.SNOOZE: {"GET /api/v2/silences": "silences-snooze"},
        Verb.RELEASE: {"GET /api/v2/silences": "silences-release"},
    },
    again=BESIDE,
    believed=frozenset({Verb.RELEASE}),
    together="a silence each: both have it, and whoever ends theirs leaves the other's",
    gone=[{"GET /api/v2/alerts": "nothing", "GET /api/v2/status": "status-of-days"}],
    server_at=datetime(2026, 11, 23, 15, 13, 42, tzinfo=UTC),
)
