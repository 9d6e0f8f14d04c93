"""Icinga 2 as its administrator has it: results come from outside, the ApiUser root reads and a colleague acts by it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

from oncall_tui import kit
from oncall_tui.model import Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client
from tests.servers.second.base import TAKES, Said, Second

DISK = "db1.example.net!disk /var/lib/postgresql"
POSTGRES = "db1.example.net!postgres"
HTTP = "web2.example.net!http"
HOST = "web2.example.net"
ALL = ("db1.example.net", HOST, DISK, POSTGRES, HTTP)
_NOTE, _TAKEN = 1, 4


class Icinga2(Second):
    """Its problem is a disk that fills up."""

    kind = "icinga2"
    hears = TAKES | {Verb.NOTE, Verb.SNOOZE}
    options = MappingProxyType({"user": "oncall"})
    secret = "oncall-secret"

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        headers = {"Accept": "application/json", **kit.basic("root", "root-secret")}
        self.client = Client(server.url, headers, ca_file=server.env["CA_FILE"])

    def table(self, folder: Path) -> dict[str, Any]:
        return {**super().table(folder), "ca_file": self.server.env["CA_FILE"]}

    def clear(self) -> None:
        for name in ALL:
            self.act("remove-downtime", name)
            self.result(name, 0, "OK")
        for comment in self.list("comments"):
            self.client.call("POST", "/v1/actions/remove-comment", {"comment": comment["__name"]})

    def appear(self, title: str, name: str = DISK) -> str:
        self.result(name, 2, title)
        return name

    def is_open(self, signal: str) -> bool:
        return bool(self.object(signal)["state"])

    def end(self, signal: str) -> None:
        self.result(signal, 0, "OK")

    def holder(self, signal: str) -> str:
        if not self.acknowledgement(signal):
            return ""
        return " and ".join(author for kind, author, _ in self.remarks(signal) if kind == _TAKEN)

    def take(self, signal: str) -> None:
        self.act("remove-acknowledgement", signal)
        self.act("acknowledge-problem", signal, author=self.colleague, comment="I have it", sticky=True, notify=False)

    def said(self, signal: str) -> list[Said]:
        return [Said(text, private=True) for kind, _, text in self.remarks(signal) if kind == _NOTE]

    def act(self, action: str, name: str, **more: Any) -> Any:
        return self.client.call("POST", f"/v1/actions/{action}", {_kind(name): name, **more})

    def result(self, name: str, state: int, output: str = "") -> None:
        self.act("process-check-result", name, exit_status=state, plugin_output=output, check_source="test")

    def change(self, which: str, **attrs: Any) -> None:
        """`which` is a kind and a name, as in ``hosts/db1``."""
        self.client.call("POST", f"/v1/objects/{which}", {"attrs": attrs})

    def remove(self, host: str) -> None:
        """A host with its services; only one that was made by the API."""
        self.client.call("DELETE", f"/v1/objects/hosts/{host}?cascade=1")

    def list(self, kind: str) -> list[Any]:
        return [found["attrs"] for found in self.client.get(f"/v1/objects/{kind}")["results"]]

    def object(self, name: str) -> Any:
        return next(one for one in self.list(f"{_kind(name)}s") if one["__name"] == name)

    def acknowledgement(self, name: str) -> int:
        return int(self.object(name)["acknowledgement"])

    def remarks(self, name: str) -> list[tuple[int, str, str]]:
        """Type (1 user, 4 acknowledgement), author and text of each comment."""
        mine = [one for one in self.list("comments") if one["__name"].startswith(f"{name}!")]
        return [(int(one["entry_type"]), one["author"], one["text"]) for one in mine]


def _kind(name: str) -> str:
    return "service" if "!" in name else "host"
