"""Redmine as its administrator, the customer and a colleague have it."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from oncall_tui.model import Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client
from tests.servers.second.base import TAKES, WORDS, Browser, Said, Second

NORMAL, HIGH, URGENT = 2, 3, 4
CLOSED = 5


class Redmine(Second):
    """Carol is the customer."""

    kind = "redmine"
    hears = TAKES | {Verb.NOTE, Verb.REPLY, Verb.RESOLVE}
    options = MappingProxyType({"taken_status": "In Progress", "resolved_status": "Closed"})

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.admin, self.dirk, self.carol = self.of("ADMIN"), self.of("DIRK"), self.of("CAROL")

    def of(self, who: str) -> Client:
        return Client(self.server.url, {"X-Redmine-API-Key": self.server.env[f"KEY_{who}"]})

    @property
    def secret(self) -> str:
        return self.server.env["KEY_ONCALL"]

    def clear(self) -> None:
        while issues := self.admin.get("/issues.json?status_id=open&limit=100")["issues"]:
            for issue in issues:
                self.end(str(issue["id"]))

    def appear(self, title: str = "Bestellen werkt niet", **more: Any) -> str:
        fields = {"project_id": "support", "tracker_id": 3, "priority_id": HIGH, "subject": title, **more}
        fields.setdefault("description", WORDS)
        return str(self.carol.call("POST", "/issues.json", {"issue": fields})["issue"]["id"])

    def is_open(self, signal: str) -> bool:
        return not self.read(signal)["status"]["is_closed"]

    def end(self, signal: str) -> None:
        self.change(self.admin, signal, status_id=CLOSED)

    def holder(self, signal: str) -> str:
        return str(self.read(signal).get("assigned_to", {"name": ""})["name"])

    def take(self, signal: str) -> None:
        self.change(self.dirk, signal, assigned_to_id="me")

    def said(self, signal: str) -> list[Said]:
        journals = [
            one for one in self.read(signal)["journals"] if one["notes"] and "Customer" not in one["user"]["name"]
        ]
        return [Said(one["notes"], private=one["private_notes"]) for one in journals]

    def page(self, url: str) -> str:
        browser = Browser()
        login = f"{self.server.url}/login"
        [token] = set(re.findall(r'name="authenticity_token" value="([^"]+)"', browser.get(login)))
        browser.get(login, username="oncall", password="secret-pass-1", authenticity_token=token)
        return browser.get(url)

    def read(self, signal: str) -> Any:
        return self.admin.get(f"/issues/{signal}.json?include=journals")["issue"]

    def change(self, who: Client, signal: str, **fields: Any) -> None:
        who.call("PUT", f"/issues/{signal}.json", {"issue": fields})
