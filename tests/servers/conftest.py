"""Real servers for the tests: each is started once on a free port, by a script that also CI uses, and stopped by pid.

A server that is not installed fails the tests; it never skips them. `tests/servers/install.sh` installs them.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.reach import Client

HERE = Path(__file__).parent
START_S = 180.0


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
        told = self._run("start", str(self.folder), str(self.port))
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


def _serve(name: str, factory: pytest.TempPathFactory, **settings: str) -> Iterator[Server]:
    folder = factory.mktemp(name)
    server = Server(name, folder, **settings)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("alertmanager", tmp_path_factory)


@pytest.fixture(scope="session")
def guarded_alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that wants basic authentication."""
    yield from _serve("alertmanager", tmp_path_factory, BASIC_AUTH="1")


@pytest.fixture(scope="session")
def icinga2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("icinga2", tmp_path_factory)


@pytest.fixture(scope="session")
def nagios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("nagios", tmp_path_factory)


@pytest.fixture(scope="session")
def redmine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("redmine", tmp_path_factory)


@pytest.fixture
def as_admin(redmine: Server) -> Client:
    """Redmine as its administrator sees it, without any code of ours in between."""
    return Client(redmine.url, {"X-Redmine-API-Key": redmine.env["KEY_ADMIN"]})


@pytest.fixture
def as_carol(redmine: Server) -> Client:
    """Redmine as the customer sees it."""
    return Client(redmine.url, {"X-Redmine-API-Key": redmine.env["KEY_CAROL"]})


@pytest.fixture(scope="session")
def zabbix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("zabbix", tmp_path_factory)


@pytest.fixture(scope="session")
def alerta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("alerta", tmp_path_factory)


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("prometheus", tmp_path_factory)


@pytest.fixture(scope="session")
def rt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("rt", tmp_path_factory)


@pytest.fixture(scope="session")
def roundup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _serve("roundup", tmp_path_factory)


@pytest.fixture(scope="session")
def grafanas_alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real Alertmanager where Grafana has its own: below the same path. It is no Grafana."""
    yield from _serve("alertmanager", tmp_path_factory, PREFIX="/api/alertmanager/grafana")
