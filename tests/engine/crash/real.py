"""The engine killed again and again beside a real Redmine and a real Alertmanager: ``python -m tests.engine.crash.real``."""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.engine.crash import night
from tests.servers.conftest import Server

_TICKETS = 12
_ALERTS = 5

_CONFIG = """\
[me]
name = "Olga Oncall"

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


def main() -> int:
    """Starts both servers, plays, prints the figures; 1 when one of them is not as promised."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        servers = [Server("redmine", work / "redmine"), Server("alertmanager", work / "alertmanager")]
        try:
            return play(work, *servers, seed=seed)
        finally:
            for server in servers:
                server.stop()


def play(work: Path, desk: Server, monitor: Server, *, seed: int) -> int:
    """Sets the scene, kills and restarts, and reads both servers back."""
    _set_scene(desk, monitor)
    said, kills = night.kill_and_restart(_config(work, desk, monitor), work, writes=300, seed=seed)
    notes = night.tally(desk.url, desk.env["KEY_ADMIN"], said, kills)
    twice = _silenced_twice(monitor)
    print(f"Redmine: {notes}")
    print(f"Alertmanager: {_ALERTS} alerts taken, {len(twice)} of them twice, {_untaken(monitor)} not at all")
    is_well = not (notes.lost or notes.doubled or notes.misplaced or notes.public or twice or _untaken(monitor))
    return 0 if is_well else 1


def _config(work: Path, desk: Server, monitor: Server) -> Path:
    key, path = work / "key", work / "config.toml"
    key.touch(mode=0o600)
    key.write_text(desk.env["KEY_ONCALL"])
    path.write_text(_CONFIG.format(desk=desk.url, monitor=monitor.url, key=key))
    return path


def _set_scene(desk: Server, monitor: Server) -> None:
    for number in range(_TICKETS):
        issue = {
            "project_id": "support",
            "tracker_id": 3,
            "priority_id": 2,
            "subject": f"Kapotte machine {number}",
            "description": "Kijk even mee",
        }
        _ask("POST", f"{desk.url}/issues.json", {"issue": issue}, key=desk.env["KEY_CAROL"])
    starts_at = datetime.now(UTC).isoformat()
    alerts = [
        {"labels": {"alertname": f"Broken{n}", "severity": "critical"}, "startsAt": starts_at} for n in range(_ALERTS)
    ]
    _ask("POST", f"{monitor.url}/api/v2/alerts", alerts)


def _silences(monitor: Server) -> Counter[str]:
    active = [one for one in _ask("GET", f"{monitor.url}/api/v2/silences") if one["status"]["state"] == "active"]
    return Counter(json.dumps(one["matchers"], sort_keys=True) for one in active)


def _silenced_twice(monitor: Server) -> list[str]:
    return [matchers for matchers, count in _silences(monitor).items() if count > 1]


def _untaken(monitor: Server) -> int:
    return _ALERTS - len(_silences(monitor))


def _ask(method: str, url: str, body: Any = None, *, key: str = "") -> Any:
    headers = {"Content-Type": "application/json", "X-Redmine-API-Key": key}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = answer.read()
    return json.loads(found) if found.strip() else None


if __name__ == "__main__":
    sys.exit(main())
