"""Alertmanager as Prometheus and a colleague have it: alerts are posted, silences are read and made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from oncall_tui.model import Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client
from tests.servers.second.base import TAKES, Second

API = "/api/v2"


class Alertmanager(Second):
    """What still fires is posted again after a restart, as Prometheus does it: the server forgets its alerts."""

    kind = "alertmanager"
    hears = TAKES | {Verb.SNOOZE}
    base: ClassVar[str] = ""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.client = Client(server.url + self.base + API)
        self._firing: dict[str, dict[str, Any]] = {}

    def clear(self) -> None:
        for alert in self._alerts():
            self.end(alert["fingerprint"])
        for silence in self.silences():
            self.client.call("DELETE", f"/silence/{silence['id']}")

    def appear(self, title: str, **labels: str) -> str:
        now = datetime.now(UTC)
        labels = {"alertname": title, "severity": "critical", "instance": "orders-eu-1", **labels}
        alert = {"labels": labels, "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=2)).isoformat()}
        self.client.call("POST", "/alerts", [alert])
        [found] = [one["fingerprint"] for one in self._alerts() if one["labels"] == labels]
        self._firing[found] = alert
        return str(found)

    def is_open(self, signal: str) -> bool:
        return any(alert["fingerprint"] == signal for alert in self._alerts())

    def end(self, signal: str) -> None:
        [alert] = [one for one in self._alerts() if one["fingerprint"] == signal]
        over = {"labels": alert["labels"], "startsAt": alert["startsAt"], "endsAt": datetime.now(UTC).isoformat()}
        self.client.call("POST", "/alerts", [over])
        self._firing.pop(signal, None)

    def begin(self) -> None:
        super().begin()
        self.client.call("POST", "/alerts", list(self._firing.values()))

    def holder(self, signal: str) -> str:
        return " and ".join(silence["createdBy"] for silence in self._silencing(signal))

    def take(self, signal: str) -> None:
        """As the colleague's own program does it: what silences exactly this alert is in their name from then on."""
        now = datetime.now(UTC)
        [alert] = [one for one in self._alerts() if one["fingerprint"] == signal]
        matchers = [{"name": name, "value": value, "isRegex": False} for name, value in alert["labels"].items()]
        made = {
            "matchers": matchers,
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=4)).isoformat(),
            "createdBy": self.colleague,
            "comment": f"taken by {self.colleague}: alert {signal} [oncall-tui theirs]",
        }
        for silence in self._silencing(signal):
            made |= {"id": silence["id"], "startsAt": silence["startsAt"]}
        self.client.call("POST", "/silences", made)

    def silences(self) -> list[Any]:
        return [silence for silence in self.client.get("/silences") if silence["status"]["state"] != "expired"]

    def _silencing(self, signal: str) -> list[Any]:
        [alert] = [one for one in self._alerts() if one["fingerprint"] == signal]
        return [self.client.get(f"/silence/{quote(one)}") for one in alert["status"]["silencedBy"]]

    def _alerts(self) -> list[Any]:
        alerts: list[Any] = self.client.get("/alerts")
        return alerts


class Grafana(Alertmanager):
    """The same below Grafana's path, with labels as Grafana gives them."""

    kind = "grafana"
    base = "/api/alertmanager/grafana"

    def appear(self, title: str, **labels: str) -> str:
        return super().appear(title, __alert_rule_uid__=f"uid-{title}", grafana_folder="Shops", **labels)
