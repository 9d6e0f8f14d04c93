"""Nagios as the daemon's own files have it: its command file and its status file, and no CGI but for the web page."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from oncall_tui import kit
from oncall_tui.model import Verb
from tests.servers.conftest import Server
from tests.servers.reach import eventually
from tests.servers.second.base import TAKES, Browser, Said, Second

DISK = "db1.example.net;disk /var/lib/postgresql"
POSTGRES = "db1.example.net;postgres"
HTTP = "web2.example.net;http"
HOST = "web2.example.net"
ALL = (DISK, POSTGRES, HTTP, HOST, "db1.example.net")
_NOTE, _TAKEN = "1", "4"


class Nagios(Second):
    """Its problem is a disk that fills up. What it is told is done some time later."""

    kind = "nagios"
    hears = TAKES | {Verb.NOTE, Verb.SNOOZE}
    options = MappingProxyType({"user": "oncall"})
    secret = "secret"

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.commands = Path(server.env["COMMAND_FILE"])
        self.var = self.commands.parent.parent

    def clear(self) -> None:
        for downtime in self.downtimes():
            kind = "SVC" if "service_description" in downtime else "HOST"
            self.command(f"DEL_{kind}_DOWNTIME;{downtime['downtime_id']}")
        for name in ALL:
            if self.status(name).get("has_been_checked") != "1" or self.is_open(name):
                self.result(name, 0, "OK")
            self.command(f"DEL_ALL_{_kind(name)}_COMMENTS;{name}")
            eventually(lambda name=name: self.remarks(name) == [], "no comments")  # type: ignore[misc]
        eventually(lambda: self.downtimes() == [], "no downtimes")

    def appear(self, title: str, name: str = DISK) -> str:
        self.result(name, 2, title)
        return name

    def is_open(self, signal: str) -> bool:
        return self.status(signal)["current_state"] != "0"

    def end(self, signal: str) -> None:
        self.result(signal, 0, "OK")

    def holder(self, signal: str) -> str:
        if self.status(signal)["problem_has_been_acknowledged"] == "0":
            return ""
        return [author for kind, author, _ in self.remarks(signal) if kind == _TAKEN][-1]

    def take(self, signal: str) -> None:
        self.command(f"REMOVE_{_kind(signal)}_ACKNOWLEDGEMENT;{signal}")
        self.command(f"ACKNOWLEDGE_{_kind(signal)}_PROBLEM;{signal};2;0;0;{self.colleague};I have it")
        eventually(lambda: self.holder(signal) == self.colleague, f"{self.colleague} has it")

    def said(self, signal: str) -> list[Said]:
        return [Said(text, private=True) for kind, _, text in self.remarks(signal) if kind == _NOTE]

    def page(self, url: str) -> str:
        return Browser(kit.basic("oncall", "secret")).get(url)

    def command(self, words: str) -> None:
        fifo = os.open(self.commands, os.O_WRONLY | os.O_NONBLOCK)  # without a reader it would wait for ever
        os.write(fifo, f"[{int(time.time())}] {words}\n".encode())
        os.close(fifo)

    def result(self, name: str, state: int, output: str = "") -> None:
        """One passive result, which is believed once the daemon wrote it down."""
        before = self.log().count("PASSIVE")
        kind = "SERVICE" if ";" in name else "HOST"
        self.command(f"PROCESS_{kind}_CHECK_RESULT;{name};{state};{output}")
        eventually(lambda: self.log().count("PASSIVE") > before, f"{name} is {state}")
        eventually(lambda: self.status(name).get("current_state") == str(state), f"{name} is {state}")

    def log(self) -> str:
        return (self.var.parent / "log" / "nagios-core.log").read_text("utf-8")

    def blocks(self, kind: str) -> Iterator[dict[str, str]]:
        text = (self.var / "status.dat").read_text("utf-8")
        for block in re.findall(rf"^{kind} {{\n(.*?)^\t}}", text, re.MULTILINE | re.DOTALL):
            yield dict(line.strip().split("=", 1) for line in block.splitlines() if "=" in line)

    def status(self, name: str) -> dict[str, str]:
        kind = "servicestatus" if ";" in name else "hoststatus"
        return next((one for one in self.blocks(kind) if place(one) == name), {})

    def remarks(self, name: str) -> list[tuple[str, str, str]]:
        """Type (1 user, 4 acknowledgement), author and text of each comment."""
        kind = "servicecomment" if ";" in name else "hostcomment"
        return [
            (one["entry_type"], one["author"], one["comment_data"]) for one in self.blocks(kind) if place(one) == name
        ]

    def downtimes(self) -> list[dict[str, str]]:
        return [*self.blocks("servicedowntime"), *self.blocks("hostdowntime")]


def place(block: dict[str, str]) -> str:
    service = block.get("service_description", "")
    return f"{block['host_name']};{service}" if service else block["host_name"]


def _kind(name: str) -> str:
    return "SVC" if ";" in name else "HOST"
