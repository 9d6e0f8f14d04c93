"""Roundup as its administrator, the customer and a colleague have it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from oncall_tui import kit
from oncall_tui.model import Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client
from tests.servers.second.base import TAKES, WORDS, Browser, Said, Second

DATA = "/rest/data"


class Roundup(Second):
    """Carol is the customer. Nothing that is said is private."""

    kind = "roundup"
    hears = TAKES | {Verb.REPLY, Verb.RESOLVE}
    options = MappingProxyType(
        {"user": "oncall", "team": "oncall, dirk", "bots": "jenkins", "taken_status": "in-progress"}
    )
    secret = "secret-pass-1"

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.admin, self.dirk, self.carol = self.of("admin"), self.of("dirk"), self.of("carol")

    def of(self, who: str) -> Client:
        at = urlsplit(self.server.url)
        headers = {"X-Requested-With": "rest", "Origin": f"{at.scheme}://{at.netloc}"}
        return Client(self.server.url, {**kit.basic(who, self.secret), **headers})

    def clear(self) -> None:
        for issue in self.admin.get(f"{DATA}/issue?status=1,2,3,4,5,6&@page_size=1000")["data"]["collection"]:
            self.end(issue["id"])

    def appear(self, title: str = "Bestellen werkt niet", text: str = WORDS, **more: Any) -> str:
        message = self.speak(self.carol, "carol", text)
        fields = {"title": title, "priority": "urgent", "status": "unread", "messages": [message], **more}
        return str(self.carol.call("POST", f"{DATA}/issue", fields)["data"]["id"])

    def is_open(self, signal: str) -> bool:
        return self.read(signal)["status"]["name"] not in ("resolved", "done-cbb")

    def end(self, signal: str) -> None:
        self.change(self.admin, signal, status="resolved")

    def holder(self, signal: str) -> str:
        assigned = self.read(signal)["assignedto"]
        who = assigned["username"] if assigned else ""
        return {"oncall": self.me, "dirk": self.colleague}.get(who, who)

    def take(self, signal: str) -> None:
        self.change(self.dirk, signal, assignedto="dirk")

    def said(self, signal: str) -> list[Said]:
        messages = [self.admin.get(f"{DATA}/msg/{one['id']}?@verbose=3") for one in self.read(signal)["messages"]]
        shown = [message["data"]["attributes"] for message in messages]
        ours = [one for one in shown if one["author"]["username"] != "carol"]
        return [Said(one["content"].replace("\r\n", "\n"), private=False) for one in ours]

    def page(self, url: str) -> str:
        return Browser(kit.basic("oncall", self.secret)).get(url)

    def speak(self, who: Client, author: str, text: str, issue: str = "") -> str:
        """A message of that user's, attached to the issue where there is one; its id."""
        made = who.call("POST", f"{DATA}/msg", {"content": text, "author": author, "date": "."})["data"]["id"]
        if issue:
            self.change(who, issue, **{"@op": "add", "messages": [made]})
        return str(made)

    def read(self, signal: str) -> Any:
        return self.admin.get(f"{DATA}/issue/{signal}?@verbose=2")["data"]["attributes"]

    def change(self, who: Client, signal: str, **fields: Any) -> None:
        tag = who.get(f"{DATA}/issue/{signal}")["data"]["@etag"]
        tagged = Client(who.url, {**who.headers, "If-Match": tag})
        tagged.call("PATCH", f"{DATA}/issue/{signal}", fields)
