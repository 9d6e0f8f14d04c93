"""Alertmanager, API v2: firing alerts; taking or snoozing one is a silence on exactly its labels.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml. Seen on a real 0.25.0:

- One silence with each POST without an id, also for the same matchers: so they are listed first.
- A POST with the id of an active silence keeps that id when matchers and start stay as they are, even when `createdBy`,
  `comment` and the end change; with another start the old one expires and a new id comes back.
- A start in the past becomes now; one in the future makes the silence wait, so we never start by a clock of ours that is
  ahead of the server's. An end in the past is refused (400).
- Expired silences stay listed. Deleting one that has expired answers 200, an unknown id 500.
- Alerts live in memory: after a restart the list is empty until Prometheus tells them again, so an alert counts as gone
  only when the server is up for longer than its `resolve_timeout` (5m), after which what nobody repeats is over anyway;
  until then what it told before stands. `/status` holds its configuration as text, also that default.
- `updatedAt` and `endsAt` of an alert move at every repetition; its `startsAt` and `fingerprint` stay.

A silence of ours names its alert in the comment, so it is found again when the alert is over, and is never mistaken for
taking another alert that it happens to cover.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

from oncall_tui import kit
from oncall_tui.connectors.labelled import OPTIONS
from oncall_tui.connectors.silencing import CANNOT, LASTS_S, SILENCES, Silencing, quoted
from oncall_tui.kit import Connector, Exchange, Record, Source, get, send
from oncall_tui.model import Verb

STATUS = "/api/v2/status"

_RESOLVES = re.compile(r"^ *resolve_timeout: *((?:\d+[a-z]+)+)$", re.MULTILINE)
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_UNIT_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
"""Durations as Prometheus and its kin write them: ``1h30m``."""

_LONG_OVER = {"startsAt": "2001-01-01T00:00:00Z", "endsAt": "2001-01-01T00:00:01Z"}


def _settling(config: str) -> timedelta:
    """How long after its start it may not have heard of every alert yet, by its configuration."""
    told = _RESOLVES.search(config)
    parts = _PART.findall(told[1] if told else "5m")
    return timedelta(seconds=sum(int(many) * _UNIT_S[unit] for many, unit in parts))


@lru_cache(maxsize=1024)
def _page(url: str, title: str) -> str:
    """Where Alertmanager shows the alerts of that name, also those that it keeps out of the way."""
    return f"{url}/#/alerts?silenced=true&inhibited=true&filter={quote(f'{{alertname={quoted(title)}}}', safe='')}"


def _young() -> Exchange[datetime | None]:
    """An alert that is not listed is over only when the server is up for long enough to have heard of every alert."""
    answer = yield get(STATUS)
    status = Record.of(answer)
    started_at, settling = status.when("uptime"), _settling(status.text("config.original", ""))
    return started_at if answer.at and started_at and answer.at - started_at < settling else None


def check(source: Source) -> Exchange[str]:
    """The version, and in whose name silences are made: Alertmanager itself knows no users."""
    answer = yield get(STATUS)
    return f"Alertmanager {Record.of(answer).text('versionInfo.version', '')}, silences in the name of {source.me.name}"


def may(source: Source) -> Exchange[str]:
    """Whether a silence is taken from us: by one that no Alertmanager can take, without matchers and long over."""
    impossible = {"matchers": [], "createdBy": source.me.name, "comment": "a question", **_LONG_OVER}
    yield send("POST", SILENCES, impossible, accepts=(400, 422))
    return "silences are taken from us"


API = Silencing(page=lambda url, labels: _page(url, labels.get("alertname", "")), young=_young)

CONNECTOR = Connector(
    name="alertmanager",
    title="Prometheus Alertmanager",
    docs="https://prometheus.io/docs/alerting/latest/clients/",
    options=OPTIONS,
    headers=kit.by_token,
    poll=API.poll,
    answers=API.answers,
    retracts=API.retracts,
    cannot={**CANNOT, Verb.NOTE: "Alertmanager keeps no notes"},
    peek=API.peek,
    seen=API.seen,
    check=check,
    may=may,
    lasts_s=LASTS_S,
    proven="Alertmanager 0.25.0",
)
