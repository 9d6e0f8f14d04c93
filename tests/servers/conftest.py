"""Real servers for the tests: each is started once on a free port, by a script that also CI uses, and stopped by pid.

A server that is not installed fails the tests; it never skips them. `tests/servers/install.sh` installs them.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.servers.reach import Client

HERE = Path(__file__).parent
START_S = 300.0

SERVERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    **{name: (name, {}) for name in ("alerta", "alertmanager", "icinga2", "nagios", "prometheus", "redmine", "zabbix")},
    **{name: (name, {}) for name in ("roundup", "rt")},
    "guarded_alertmanager": ("alertmanager", {"BASIC_AUTH": "1"}),
    "grafanas_alertmanager": ("alertmanager", {"PREFIX": "/api/alertmanager/grafana"}),
    "nights_alertmanager": ("alertmanager", {"RESOLVE_TIMEOUT": "5s"}),
}
"""What can be started: the fixture's name, its start script and that script's settings.

The guarded one wants basic authentication. Grafana's is a real Alertmanager where Grafana has its own, below the same path;
it is no Grafana. The night's holds nothing that another test left behind, which would be a problem of that night, too, and
settles soon after its start, until when nothing is called quiet.
"""


class Server:
    """A real server of ours. `env` is what its start script told: URL, keys."""

    def __init__(self, name: str, folder: Path, **settings: str) -> None:
        self.name, self.folder, self.settings = name, folder, settings
        self.port = _free_port()
        self.env: dict[str, str] = {}
        self.start()

    @property
    def url(self) -> str:
        return self.env["URL"]

    def start(self) -> None:
        """Start it, on its old data when it has run before; returns when it answers."""
        try:
            told = self._run("start", str(self.folder), str(self.port))
        except subprocess.TimeoutExpired:
            self.stop()
            raise
        self.env = dict(line.split("=", 1) for line in told.splitlines())

    def stop(self) -> None:
        self._run("stop", str(self.folder))

    def restart(self) -> None:
        self.stop()
        self.start()

    def tell(self, word: str) -> None:
        """A word of its own start script: what it does beside starting and stopping."""
        self._run(word, str(self.folder))

    def answers(self) -> bool:
        """Whether anything listens on its port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _run(self, *words: str) -> str:
        script = HERE / f"{self.name}.sh"
        done = subprocess.run(
            [str(script), *words],
            env={**os.environ, **self.settings},
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        assert done.returncode == 0, f"{script.name} {words[0]}: {done.stderr[-2000:]} (install with install.sh)"
        return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Rack:
    """The servers of the table: each started when it is first asked for, several of them side by side."""

    def __init__(self, folder: Callable[[str], Path]) -> None:
        self._folder = folder
        self._running: dict[str, Server] = {}

    def start(self, *names: str) -> list[Server]:
        missing = {name: self._folder(name) for name in names if name not in self._running}
        with ThreadPoolExecutor() as side_by_side:
            list(side_by_side.map(self._start, missing, missing.values()))
        return [self._running[name] for name in names]

    def stop(self) -> None:
        with ThreadPoolExecutor() as side_by_side:
            list(side_by_side.map(Server.stop, self._running.values()))

    def _start(self, name: str, folder: Path) -> None:
        script, settings = SERVERS[name]
        self._running[name] = Server(script, folder, **settings)


@pytest.fixture(scope="session")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    rack = Rack(tmp_path_factory.mktemp)
    yield rack
    rack.stop()


def _fixture(server: str) -> Any:
    @pytest.fixture(scope="session", name=server)
    def start(rack: Rack) -> Server:
        return rack.start(server)[0]

    return start


globals().update({name: _fixture(name) for name in SERVERS})


@pytest.fixture
def as_admin(redmine: Server) -> Client:
    """Redmine as its administrator sees it, without any code of ours in between."""
    return Client(redmine.url, {"X-Redmine-API-Key": redmine.env["KEY_ADMIN"]})


@pytest.fixture
def as_carol(redmine: Server) -> Client:
    """Redmine as the customer sees it."""
    return Client(redmine.url, {"X-Redmine-API-Key": redmine.env["KEY_CAROL"]})
