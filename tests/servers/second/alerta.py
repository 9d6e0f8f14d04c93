"""Alerta as its administrator and a colleague have it."""

from __future__ import annotations

from itertools import count
from typing import Any

from oncall_tui.model import Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client
from tests.servers.second.base import TAKES, Said, Second

_NUMBERS = count(1)


class Alerta(Second):
    """It names people by their login."""

    kind = "alerta"
    hears = TAKES | {Verb.NOTE, Verb.RESOLVE, Verb.SNOOZE}
    me = "oncall@example.net"
    colleague = "dirk@example.net"

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.client, self.dirk = self.of("ADMIN"), self.of("DIRK")

    def of(self, who: str) -> Client:
        return Client(self.server.url + "/api", {"Authorization": f"Key {self.server.env[f'KEY_{who}']}"})

    @property
    def secret(self) -> str:
        return self.server.env["KEY_ONCALL"]

    def clear(self) -> None:
        for alert in self.client.get("/alerts?page-size=1000")["alerts"]:
            self.delete(alert["id"])

    def delete(self, alert: str) -> None:
        self.client.call("DELETE", f"/alert/{alert}")

    def put(self, alert: str, what: str, **more: Any) -> None:
        self.client.call("PUT", f"/alert/{alert}/{what}", more)

    def appear(self, title: str = "", **more: Any) -> str:
        content = {
            "resource": "db1.example.net",
            "event": title or f"DiskFull{next(_NUMBERS)}",
            "environment": "Production",
            "severity": "critical",
            "service": ["postgres", "shop"],
            "group": "Storage",
            "value": "97 %",
            "text": "3 % left – café",
            "tags": ["region=EU", "night"],
            **more,
        }
        return str(self.client.call("POST", "/alert", content)["id"])

    def is_open(self, signal: str) -> bool:
        return self.read(signal)["status"] not in ("closed", "expired")

    def end(self, signal: str) -> None:
        """Its machine says that all is well."""
        alert = self.read(signal)
        self.appear(alert["event"], severity="normal", text="well again")

    def holder(self, signal: str) -> str:
        alert = self.read(signal)
        return (
            [str(one["user"]) for one in alert["history"] if one["type"] == "ack"][-1]
            if alert["status"] == "ack"
            else ""
        )

    def take(self, signal: str) -> None:
        if self.holder(signal):
            self.act(self.dirk, signal, "unack")
        self.act(self.dirk, signal, "ack")

    def said(self, signal: str) -> list[Said]:
        notes = self.client.get(f"/alert/{signal}/notes")["notes"]
        return [Said(note["text"], private=True) for note in sorted(notes, key=lambda note: str(note["createTime"]))]

    def read(self, signal: str) -> Any:
        return self.client.get(f"/alert/{signal}")["alert"]

    def act(self, who: Client, signal: str, action: str, **more: Any) -> None:
        who.call("PUT", f"/alert/{signal}/action", {"action": action, "text": "by hand", **more})
