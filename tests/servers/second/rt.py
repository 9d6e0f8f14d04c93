"""Request Tracker as root, the customer and a colleague have it."""

from __future__ import annotations

from typing import Any

from oncall_tui.model import Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client
from tests.servers.second.base import TAKES, WORDS, Browser, Said, Second

API = "/REST/2.0"
CAROL = "carol@customer.example"


class RequestTracker(Second):
    """Carol is the customer."""

    kind = "rt"
    hears = TAKES | {Verb.NOTE, Verb.REPLY, Verb.RESOLVE}

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.root, self.dirk, self.carol = self.of("ROOT"), self.of("DIRK"), self.of("CAROL")

    def of(self, who: str) -> Client:
        return Client(self.server.url, {"Authorization": f"token {self.server.env[f'TOKEN_{who}']}"})

    @property
    def secret(self) -> str:
        return self.server.env["TOKEN_ONCALL"]

    def clear(self) -> None:
        tickets = f"{API}/tickets?query=Status='__Active__'&per_page=100"
        while found := self.root.get(tickets.replace(" ", "%20"))["items"]:
            self.root.call("PUT", f"{API}/tickets/bulk", [{"id": one["id"], "Status": "deleted"} for one in found])

    def appear(self, title: str = "Bestellen werkt niet", **more: Any) -> str:
        fields = {"Queue": "Support", "Requestor": CAROL, "Subject": title, "Priority": 60, **more}
        fields = {"Content": WORDS, "ContentType": "text/plain", **fields}
        return str(self.carol.call("POST", f"{API}/ticket", fields)["id"])

    def is_open(self, signal: str) -> bool:
        return self.read(signal)["Status"] not in ("resolved", "rejected", "deleted")

    def end(self, signal: str) -> None:
        self.change(self.root, signal, Status="resolved")

    def holder(self, signal: str) -> str:
        owner = self.read(signal)["Owner"]["id"]
        return "" if owner == "Nobody" else {"oncall": self.me, "dirk": self.colleague}.get(owner, owner)

    def take(self, signal: str) -> None:
        how = "steal" if self.holder(signal) else "take"
        self.dirk.call("PUT", f"{API}/ticket/{signal}/{how}", {})

    def said(self, signal: str) -> list[Said]:
        """As RT's own history and attachments have it, by those who are not the customer."""
        history = self.root.get(f"{API}/ticket/{signal}/history?fields=Type,Creator&per_page=100")["items"]
        parts = self.root.get(f"{API}/ticket/{signal}/attachments?fields=TransactionId,Content&per_page=100")["items"]
        texts = {part["TransactionId"]: part["Content"] for part in parts}
        ours = [one for one in history if one["Type"] in ("Comment", "Correspond") and one["Creator"]["id"] != "carol"]
        return [Said(texts[one["id"]], private=one["Type"] == "Comment") for one in ours]

    def page(self, url: str) -> str:
        browser = Browser()
        browser.get(f"{self.server.url}/NoAuth/Login.html", user="oncall", **{"pass": "secret-pass-1"})
        return browser.get(url)

    def speak(self, who: Client, signal: str, text: str, how: str = "correspond") -> None:
        who.call("POST", f"{API}/ticket/{signal}/{how}", {"Content": text, "ContentType": "text/plain"})

    def read(self, signal: str) -> Any:
        return self.root.get(f"{API}/ticket/{signal}")

    def change(self, who: Client, signal: str, **fields: Any) -> None:
        who.call("PUT", f"{API}/ticket/{signal}", fields)
