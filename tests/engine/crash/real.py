"""A scene on a real Redmine and a real Alertmanager, for the program that is killed beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.engine.crash.baddesk import TITLES
from tests.engine.crash.night import Servers
from tests.engine.crash.readback import ask
from tests.servers.conftest import Server

_ALERTS = 5
_CONFIG = """\
[me]
name = "Olga Oncall"

[outbox]
undo = "0s"
late = "{late}"

[sources.desk]
kind = "redmine"
url = "{desk}"
every = "5s"
token = {{ file = "{key}" }}
taken_status = "In Progress"

[sources.monitor]
kind = "alertmanager"
url = "{monitor}"
every = "5s"
"""


@contextmanager
def servers(work: Path, *, late: str = "3s") -> Iterator[Servers]:
    """Both, of their own, with the scene set."""
    with _started("redmine", work) as desk, _started("alertmanager", work) as monitor:
        yield _scene(work, desk, monitor, late)


@contextmanager
def _started(name: str, work: Path) -> Iterator[Server]:
    server = Server(name, work / name)
    try:
        yield server
    finally:
        server.stop()


def _scene(work: Path, desk: Server, monitor: Server, late: str) -> Servers:
    """Twelve issues of a customer, five alerts, and the configuration of the engineer in `work`."""
    for title in TITLES:
        issue = {
            "project_id": "support",
            "tracker_id": 3,
            "priority_id": 2,
            "subject": title,
            "description": "Kijk mee",
        }
        ask("POST", f"{desk.url}/issues.json", {"issue": issue}, key=desk.env["KEY_CAROL"])
    starts_at = datetime.now(UTC).isoformat()
    alerts = [
        {"labels": {"alertname": f"Broken{n}", "severity": "critical"}, "startsAt": starts_at} for n in range(_ALERTS)
    ]
    ask("POST", f"{monitor.url}/api/v2/alerts", alerts)
    return Servers(desk.url, monitor.url, desk.env["KEY_ADMIN"], _config(work, desk, monitor, late))


def _config(work: Path, desk: Server, monitor: Server, late: str) -> Path:
    key, path = work / "key", work / "config.toml"
    key.touch(mode=0o600)
    key.write_text(desk.env["KEY_ONCALL"])
    path.write_text(_CONFIG.format(desk=desk.url, monitor=monitor.url, key=key, late=late))
    return path
