"""A secret from each place where one may be kept, shown in each way: its server gets it in a header, and nobody else at all.

Also that a failure deep inside, with the secret in reach, tells nothing of it.
"""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

from oncall_tui.engine.logbook import KEPT, MOST_BYTES
from tests.cli.test_program import PROGRAM, environment

CANARY, CLIENT = "canary-places-4711", "canary-client-0815"
ACCESS, SESSION = "canary-access-1234", "canary-session-9876"
"""What the servers make of these: an access token and a login session."""

SECRETS = (CANARY, CLIENT, ACCESS, SESSION)
FORMS = {form.encode() for secret in SECRETS for form in (secret, secret[::-1], quote(secret, safe=""))} | {
    base64.b64encode(f"{name}{secret}".encode()).rstrip(b"=")[cut:]
    for secret in SECRETS
    for name, cut in (("", 0), ("x:", 3), ("oncall:", 10))
}
TICKETS = [{"id": 1, "title": "De winkels liggen plat", "at": "2026-11-23T03:14:00Z"}]


class Desk(BaseHTTPRequestHandler):
    """Lists tickets to whoever shows a credential, and gives access tokens; keeps what it was asked and shown."""

    targets: ClassVar[list[str]] = []
    shown: ClassVar[list[str]] = []
    broken = False
    page = ""

    def do_GET(self) -> None:
        said_back = [str(value) for value in self.headers.values()] if self.broken else []
        if self.page:
            self._send(self.page.replace("{}", " ".join(said_back)).encode(), "text/html")
        else:
            self._answer({"items": [ticket | {"echo": said_back} for ticket in TICKETS]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/session":
            self._answer({"sid": SESSION})
        else:
            self._answer({"access_token": ACCESS, "token_type": "bearer", "expires_in": 3600})

    def _answer(self, document: Any) -> None:
        self.targets.append(self.path)
        self.shown += [
            value for name, value in self.headers.items() if name.lower() in ("authorization", "x-api-key", "cookie")
        ]
        self._send(json.dumps(document).encode(), "application/json")

    def _send(self, body: bytes, type_: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *args: object) -> None:
        """Nothing on the tests' stderr."""


@pytest.fixture
def desk() -> Iterator[str]:
    Desk.targets, Desk.shown, Desk.broken, Desk.page = [], [], False, ""
    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


KEYRING = f"def get_password(service, user):\n    return {CANARY!r} if (service, user) == ('desk', 'sanne') else None\n"
TABLES = """
[sources.desk.list]
path = "/tickets"
records = "items"
[sources.desk.fields]
id = "id"
title = "title"
opened_at = "at"
"""
PLACES = {
    "env": 'token = { env = "DESK_KEY" }',
    "command": 'token = { command = ["cat", "secrets/key"] }',
    "file": 'token = { file = "secrets/key" }',
    "keyring": 'token = { keyring = "desk/sanne" }',
    "credential": 'token = { credential = "key" }',
    "basic": 'user = "x"\ntoken = { file = "secrets/key" }',
    "login session": 'password = { file = "secrets/key" }',
    "gate bearer": 'auth = { scheme = "bearer", secret = { file = "secrets/key" } }',
    "gate basic": 'auth = { scheme = "basic", user = "oncall", secret = { file = "secrets/key" } }',
    "gate header": 'auth = { scheme = "header", header = "X-Api-Key", secret = { file = "secrets/key" } }',
    "gate oauth2": 'auth = { scheme = "oauth2", token_url = "URL/token", client_id = "x", secret = { file = "secrets/client" } }',
}


SIGNS_IN = """\
from oncall_tui import kit
from oncall_tui.kit import Connector, Reading, Record, get, send
from oncall_tui.model import Impact, Kind, Signal

def login(source):
    answer = yield send("POST", "/session", {"password": source.secret})
    return {"sid": Record.of(answer).text("sid")}

def poll(source):
    found = Record.of((yield get("/tickets"))).records("items")
    made = [Signal(source=source.name, id="1", kind=Kind.TICKET, title=one.text("title"), opened_at=kit.at(one.text("at")),
                   impact=Impact.DOWN) for one in found]
    return Reading(signals=made)

CONNECTOR = Connector(
    name="signs_in", title="A desk with a session", docs="https://desk.example", poll=poll, answers={}, login=login,
    headers=lambda source: {"Cookie": f"sid={source.session['sid']}"} if source.session else {},
)
"""
"""A connector of another package, which logs in with a password and shows the session that it got."""


class House:
    """A home with the secrets in one folder of it; all else may be looked at."""

    def __init__(self, home: Path, url: str, place: str) -> None:
        self.home, self.secrets = home, home / "secrets"
        self.secrets.mkdir()
        for name, secret in (("key", CANARY), ("client", CLIENT)):
            (self.secrets / name).write_text(f"{secret}\n")
            (self.secrets / name).chmod(0o600)
        (self.secrets / "keyring").mkdir()
        (self.secrets / "keyring" / "__init__.py").write_text(KEYRING)
        (self.secrets / "keyring" / "errors.py").write_text("class KeyringError(Exception):\n    pass\n")
        (self.secrets / "signs_in.py").write_text(SIGNS_IN)
        packed = self.secrets / "signs_in-1.dist-info"
        packed.mkdir()
        (packed / "METADATA").write_text("Metadata-Version: 2.1\nName: signs_in\nVersion: 1\n")
        (packed / "entry_points.txt").write_text("[oncall_tui.connectors]\nsigns_in = signs_in:CONNECTOR\n")
        config = home / "config" / "oncall-tui" / "config.toml"
        config.parent.mkdir(parents=True)
        said = PLACES[place].replace("URL", url).replace("secrets/", f"{self.secrets}/")
        kind, tables = ("signs_in", "") if place == "login session" else ("http", TABLES)
        config.write_text(f'[me]\nname = "S"\n[sources.desk]\nkind = "{kind}"\nurl = "{url}"\n{said}\n{tables}')
        self.printed = b""

    def run(self, *argv: str) -> int:
        env = environment(
            self.home, CREDENTIALS_DIRECTORY=str(self.secrets), PYTHONPATH=f"{self.secrets}:{Path.cwd()}",
            DESK_KEY=CANARY, PYTHONDONTWRITEBYTECODE="1",
        )  # fmt: skip
        done = subprocess.run([*PROGRAM, *argv], env=env, cwd=self.home, capture_output=True, timeout=60, check=False)
        self.printed += done.stdout + done.stderr
        return done.returncode

    def found(self) -> list[str]:
        files = (path for path in self.home.rglob("*") if path.is_file() and self.secrets not in path.parents)
        held = {"printed": self.printed, "targets": "\n".join(Desk.targets).encode()}
        held |= {str(path): path.read_bytes() for path in files}
        return [f"{name}: {form!r}" for name, text in held.items() for form in FORMS if form in text]


def test_what_is_planted_is_found(desk: str, tmp_path: Path) -> None:
    """The search itself: a leak of any form, into a file or into an address, would be seen."""
    house = House(tmp_path, desk, "file")
    (tmp_path / "leak").write_bytes(b"...".join(sorted(FORMS)))
    Desk.targets.append(f"/tickets?key={CANARY}")
    assert len(house.found()) == len(FORMS) + 1


@pytest.mark.parametrize("place", PLACES)
def test_its_server_alone_is_shown_it(place: str, desk: str, tmp_path: Path) -> None:
    house = House(tmp_path, desk, place)
    assert house.run("sources", "--debug", "--record", str(tmp_path / "record")) == 0, house.printed
    assert house.run("list", "--json", "--debug") == 1, house.printed
    assert house.run("config", "show") == 0
    wanted = {
        "basic": f"x:{CANARY}",
        "gate basic": f"oncall:{CANARY}",
        "gate oauth2": ACCESS,
        "login session": SESSION,
    }.get(place, CANARY)
    assert any(wanted in one or base64.b64encode(wanted.encode()).decode() in one for one in Desk.shown)
    assert "/tickets" in Desk.targets
    assert list((tmp_path / "record").iterdir())
    assert (tmp_path / "state" / "oncall-tui" / "oncall-tui.log").stat().st_size
    assert house.found() == []


@pytest.mark.parametrize("place", PLACES)
def test_a_source_that_says_it_back_changes_nothing(place: str, desk: str, tmp_path: Path) -> None:
    house = House(tmp_path, desk, place)
    Desk.broken = True
    house.run("sources", "--debug", "--record", str(tmp_path / "record"))
    house.run("sources", "--try", "desk")
    house.run("list", "--json", "--debug")
    assert any(SESSION in one for one in Desk.shown) or place != "login session"
    assert any("echo" in path.read_text() for path in (tmp_path / "record").iterdir())
    assert house.found() == []


@pytest.mark.parametrize("page", ["<html><p title='{}'>{}</p><!-- {} --></html>", "you said: {}\n"])
@pytest.mark.parametrize("place", PLACES)
def test_nor_does_one_that_says_it_back_in_a_page_or_a_text(place: str, page: str, desk: str, tmp_path: Path) -> None:
    house = House(tmp_path, desk, place)
    Desk.broken, Desk.page = True, page
    assert house.run("sources", "--debug-bodies", "--record", str(tmp_path / "record")) == 3
    assert any('"text": ' in path.read_text() for path in (tmp_path / "record").iterdir())
    assert house.found() == []


def test_a_log_that_turns_keeps_none_of_it_in_any_of_its_files(desk: str, tmp_path: Path) -> None:
    house = House(tmp_path, desk, "gate oauth2")
    Desk.broken = True
    log = tmp_path / "state" / "oncall-tui" / "oncall-tui.log"
    for _ in range(KEPT + 1):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("x" * (MOST_BYTES - 100) + "\n")
        house.run("list", "--debug-bodies")
    turned = [path.read_text().lstrip("x") for path in log.parent.glob(f"{log.name}.*")]
    assert len(turned) == KEPT
    assert all("desk GET /tickets" in text and "echo" in text for text in turned), turned
    assert house.found() == []


def test_a_process_that_is_aborted_while_it_holds_it_tells_only_where_it_was(desk: str, tmp_path: Path) -> None:
    """Python's own report of a fault, with `-X faulthandler`: files, lines and names, and no values."""
    house = House(tmp_path, desk, "file")
    env = environment(tmp_path, PYTHONPATH=str(Path.cwd()), PYTHONFAULTHANDLER="1")
    argv = [PROGRAM[0], "-c", CRASH.replace('raise RuntimeError("on purpose")', "os.abort()"), "list"]
    done = subprocess.run(argv, env=env, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    house.printed += done.stdout + done.stderr
    assert done.returncode == -signal.SIGABRT
    assert b"in fail" in house.printed
    assert house.found() == []


CRASH = """\
import os
import sys
from oncall_tui.engine.wire import Wire
from oncall_tui.cli import run

async def fail(self, request, headers, *more, **named):
    held = dict(headers)
    raise RuntimeError("on purpose")

Wire.send = fail
sys.exit(run(sys.argv[1:]))
"""


def test_a_crash_with_the_secret_in_reach_shows_none_of_it(desk: str, tmp_path: Path) -> None:
    """The fault is planted in the wire itself, where the headers are at hand; the screen's own crash is `test_canary`'s."""
    house = House(tmp_path, desk, "file")
    script = tmp_path / "crash.py"
    script.write_text(CRASH)
    env = environment(tmp_path, PYTHONPATH=str(Path.cwd()), PYTHONDEVMODE="1")
    for command in ("list", "sources"):
        argv = [PROGRAM[0], str(script), command]
        done = subprocess.run(argv, env=env, capture_output=True, timeout=60, check=False)
        assert done.returncode != 0
        assert b"RuntimeError" in done.stdout + done.stderr, "the one that was planted"
        house.printed += done.stdout + done.stderr
    assert house.found() == []
