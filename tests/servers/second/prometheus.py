"""Prometheus as whoever writes its rules has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.servers.conftest import Server
from tests.servers.reach import Client, eventually
from tests.servers.second.base import Second


class Prometheus(Second):
    """A rule of its own for each alert."""

    kind = "prometheus"

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.client = Client(server.url)
        self.rules = Path(server.env["RULES"])

    def clear(self) -> None:
        for rule in self.rules.glob("*.yml"):
            rule.unlink()
        self._write("Never", "vector(1) > 95")  # one without any rule is told as such
        self._reload()

    def appear(self, title: str) -> str:
        self._write(title, "vector(97) > 95")
        self._reload()
        eventually(lambda: self.is_open(title), f"{title} fires")
        return title

    def is_open(self, signal: str) -> bool:
        return any(alert["labels"]["alertname"] == signal for alert in self._alerts())

    def end(self, signal: str) -> None:
        (self.rules / f"{signal}.yml").unlink()
        self._reload()

    def _write(self, title: str, when: str) -> None:
        rule = f'{{alert: {title}, expr: "{when}", labels: {{severity: critical, instance: orders-eu-1}}}}'
        text = f"groups:\n  - {{name: {title}, interval: 1s, rules: [{rule}]}}\n"
        (self.rules / f"{title}.yml").write_text(text, encoding="utf-8")

    def _reload(self) -> None:
        self.client.call("POST", "/-/reload")

    def _alerts(self) -> list[Any]:
        alerts: list[Any] = self.client.get("/api/v1/alerts")["data"]["alerts"]
        return alerts
