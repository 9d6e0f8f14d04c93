"""Grafana's Alertmanager as a real Alertmanager 0.25.0 below the same path answered, with labels as Grafana gives them.

One alert free, one taken by Sanne, one silenced by Piet. `health` is made up after Grafana's source.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.connectors.monitors.grafana import BASE, CONNECTOR
from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import BESIDE, Case, Time, iso

FREE, SILENCED, TAKEN = "48d1baff27c14d2f", "af124298514c5c44", "cb51212318e5c603"

CASE = Case(
    connector=CONNECTOR,
    source=Source(name="grafana", url="https://grafana.example.net", me=Me(name="Sanne"), secret="s3cret-t0ken"),
    folder=Path(__file__).parent.parent / "payloads" / "grafana",
    routes={
        f"GET {BASE}/api/v2/alerts": "alerts",
        f"GET {BASE}/api/v2/silences": "silences",
        f"POST {BASE}/api/v2/silences": "posted",
        f"DELETE {BASE}/api/v2/silence/cc9353a8-03f9-438a-9698-5435024a9a55": 200,
        f"DELETE {BASE}/api/v2/silence/cbf9b544-6625-4f8c-aeb6-36963811498c": 200,
        "GET /api/health": "health",
    },
    ids=(FREE, SILENCED, TAKEN),
    records={"alerts": (...,)},
    beside={"silences": (...,)},
    target=FREE,
    severity=("alerts", (1, "labels", "severity")),
    times={
        "opened_at": Time("alerts", (0, "startsAt"), iso),
        "taken_at": Time("silences", (1, "startsAt"), iso),
        "taken_until": Time("silences", (1, "endsAt"), iso),
    },
    empty={f"GET {BASE}/api/v2/alerts": "nothing"},
    targets={Verb.RELEASE: TAKEN},
    done={
        Verb.ACKNOWLEDGE: {f"GET {BASE}/api/v2/silences": "silences-acknowledge"},
        Verb.SNOOZE: {f"GET {BASE}/api/v2/silences": "silences-snooze"},
        Verb.RELEASE: {f"GET {BASE}/api/v2/silences": "silences-release"},
    },
    again=BESIDE,
    believed=frozenset({Verb.RELEASE}),
    together="a silence each: both have it, and whoever ends theirs leaves the other's",
    gone=[{f"GET {BASE}/api/v2/alerts": "nothing"}],
    server_at=datetime(2026, 11, 23, 16, 22, 55, tzinfo=UTC),
)
