"""Zabbix as its administrator, its agents and a colleague have it."""

from __future__ import annotations

import json
import socket
import struct
from itertools import count
from typing import Any

from oncall_tui.model import Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client, eventually
from tests.servers.second.base import DEADLINE_S, TAKES, Browser, Said, Second

HIGH, DISASTER = 4, 5
_CLOSE, _TAKE, _SAY, _GIVE_BACK = 1, 2, 4, 16
_NUMBERS = count(1)


class Zabbix(Second):
    """Each problem has a trigger and an item of its own."""

    kind = "zabbix"
    hears = TAKES | {Verb.NOTE, Verb.RESOLVE}

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.client = Client(server.url)

    @property
    def secret(self) -> str:
        return self.server.env["TOKEN_ONCALL"]

    def clear(self) -> None:
        items = self("item.get", hostids=[self.server.env["HOST_ID"]], output=["itemid"])
        if ids := [item["itemid"] for item in items]:
            self("item.delete", *ids)

    def appear(self, title: str, **more: Any) -> str:
        [(trigger, key)] = self.prepare(title, **more)
        return self.fire(trigger, key)

    def is_open(self, signal: str) -> bool:
        return bool(self.event(signal)["r_eventid"] == "0")

    def end(self, signal: str) -> None:
        [item] = self("item.get", triggerids=[self.trigger(signal)], output=["key_"])
        eventually(lambda: self.send(item["key_"], 0) and not self.is_open(signal), f"{signal} is over")

    def holder(self, signal: str) -> str:
        event = self.event(signal)
        taken = [one for one in event["acknowledges"] if int(one["action"]) & _TAKE]
        last = max(taken, key=lambda one: int(one["acknowledgeid"]), default=None)
        return f"{last['name']} {last['surname']}" if last and event["acknowledged"] == "1" else ""

    def take(self, signal: str) -> None:
        if self.event(signal)["acknowledged"] == "1":
            self.update(signal, _GIVE_BACK)
        self.update(signal, _TAKE | _SAY, message="I have it")

    def said(self, signal: str) -> list[Said]:
        updates = sorted(self.event(signal)["acknowledges"], key=lambda one: int(one["acknowledgeid"]))
        return [Said(one["message"], private=True) for one in updates if one["message"]]

    def page(self, url: str) -> str:
        browser = Browser()
        browser.get(f"{self.server.url}/index.php", name="oncall", password="Secret-pass-1", enter="Sign in")
        return browser.get(url)

    def __call__(self, method: str, *ids: str, token: str = "ADMIN", **params: Any) -> Any:
        key = self.server.env[f"TOKEN_{token}"]
        call = {"jsonrpc": "2.0", "method": method, "params": ids or params, "id": 1, "auth": key}
        told = self.client.call("POST", "/api_jsonrpc.php", call)
        assert "result" in told, told
        return told["result"]

    def update(self, event: str, action: int, token: str = "DIRK", **more: Any) -> None:
        self("event.acknowledge", token=token, eventids=[event], action=action, **more)

    def event(self, event: str) -> Any:
        [found] = self("event.get", eventids=[event], select_acknowledges="extend", output="extend")
        return found

    def trigger(self, event: str) -> str:
        return str(self.event(event)["objectid"])

    def prepare(self, title: str = "Disk full", many: int = 1, **more: Any) -> list[tuple[str, str]]:
        """So many triggers on the host, each with an item of its own that fires it; their ids and the items' keys."""
        wanted = {"description": title, "priority": HIGH, "manual_close": 1, **more}
        keys = [f"test.value[{next(_NUMBERS)}]" for _ in range(many)]
        for key in keys:
            self("item.create", hostid=self.server.env["HOST_ID"], name=key, key_=key, type=2, value_type=0)
        made = [self("trigger.create", expression=f"last(/db1.example.net/{key})>0", **wanted) for key in keys]
        return [(one["triggerids"][0], key) for one, key in zip(made, keys, strict=True)]

    def fire(self, trigger: str, key: str) -> str:
        """Send its value until it fires (the server reads new items and triggers each second); the problem's id."""
        found: list[Any] = []

        def fired() -> bool:
            found[:] = self("problem.get", objectids=[trigger], output=["eventid"]) if self.send(key) else []
            return bool(found)

        eventually(fired, f"{key} fires")
        return str(found[0]["eventid"])

    def send(self, key: str, value: int = 1) -> bool:
        """Whether the server took the value; it refuses items that it has not read from its database yet."""
        content = {"request": "sender data", "data": [{"host": "db1.example.net", "key": key, "value": str(value)}]}
        body = json.dumps(content).encode()
        with socket.create_connection(("127.0.0.1", int(self.server.env["TRAPPER_PORT"])), DEADLINE_S) as wire:
            wire.sendall(b"ZBXD\x01" + struct.pack("<Q", len(body)) + body)
            answer = b"".join(iter(lambda: wire.recv(4096), b""))
        return b"processed: 1" in answer
