"""The main job on real servers: one problem out of an alert and a customer's issue, taken, noted and answered.

The program runs in a pty of its own, as the engineer sees it; what it did is read back by second clients.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.pty import Session
from tests.servers.conftest import Server
from tests.servers.reach import Client

pytestmark = pytest.mark.server

DEADLINE_S = 30.0
BOOM = "[/] \x1b]52;c;aGk=\x07 boom"


class Night:
    """One engineer's night on both servers: the program's own folder, and second clients to read back with."""

    def __init__(self, folder: Path, alertmanager: Server, redmine: Server, service: str) -> None:
        self.state, self.config, self.service = folder / "state", folder / "config.toml", service
        self.alerts = Client(alertmanager.url)
        self.desk = Client(redmine.url, {"X-Redmine-API-Key": redmine.env["KEY_ADMIN"]})
        self.carol = Client(redmine.url, {"X-Redmine-API-Key": redmine.env["KEY_CAROL"]})
        self.env = {**os.environ, "REDMINE_KEY": redmine.env["KEY_ONCALL"]}
        self.config.write_text(
            f"""
[me]
name = "Olga Oncall"
email = "oncall@example.net"
[outbox]
undo = "1s"
[sources.am]
kind = "alertmanager"
url = "{alertmanager.url}"
every = "5s"
[sources.desk]
kind = "redmine"
url = "{redmine.url}"
every = "5s"
token = {{ env = "REDMINE_KEY" }}
taken_status = "In Progress"
[customers."Bakkerij De Korenaar"]
match = {{ organisations = ["Support"] }}
core_process = "take orders from 14 shops"
depends_on = ["{service}"]
language = "nl"
[services.{service}]
match = {{ labels = {{ service = "{service}" }} }}
""",
            encoding="utf-8",
        )

    def fire(self, name: str, severity: str = "critical") -> None:
        now = datetime.now(UTC)
        labels = {"alertname": name, "service": self.service, "severity": severity, "instance": "orders-eu-1"}
        alert = {"labels": labels, "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=2)).isoformat()}
        self.alerts.call("POST", "/api/v2/alerts", [alert])

    def recover(self, name: str, severity: str = "critical") -> None:
        now = datetime.now(UTC).isoformat()
        labels = {"alertname": name, "service": self.service, "severity": severity, "instance": "orders-eu-1"}
        self.alerts.call("POST", "/api/v2/alerts", [{"labels": labels, "endsAt": now}])

    def write(self, subject: str, priority: int = 4) -> str:
        """The customer opens an issue; its id."""
        issue = {"project_id": "support", "tracker_id": 3, "priority_id": priority, "subject": subject}
        issue["description"] = "De winkels kunnen niet bestellen, bel mij!"
        return str(self.carol.call("POST", "/issues.json", {"issue": issue})["issue"]["id"])

    def issue(self, issue: str) -> Any:
        return self.desk.get(f"/issues/{issue}.json?include=journals")["issue"]

    def notes(self, issue: str) -> list[tuple[str, bool]]:
        return [(one["notes"], one["private_notes"]) for one in self.issue(issue)["journals"] if one["notes"]]

    def silences(self) -> list[Any]:
        """The active silences that are about this night's service."""
        return [
            silence
            for silence in self.alerts.get("/api/v2/silences")
            if silence["status"]["state"] == "active"
            and any(m["name"] == "service" and m["value"] == self.service for m in silence["matchers"])
        ]

    def close(self, *issues: str) -> None:
        for issue in issues:
            self.desk.call("PUT", f"/issues/{issue}.json", {"issue": {"status_id": 5}})

    @property
    def program(self) -> list[str]:
        return [sys.executable, "-m", "oncall_tui", "--config", str(self.config), "--state", str(self.state)]

    def screen(self, size: tuple[int, int] = (80, 30)) -> Session:
        return Session(self.program, size=size, env={"REDMINE_KEY": self.env["REDMINE_KEY"]}, timeout_s=DEADLINE_S)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.program, *words], env=self.env, capture_output=True, text=True, timeout=90, check=False
        )

    def problems(self) -> Any:
        return json.loads(self.run("list", "--json").stdout)["problems"]


def eventually(fact: Callable[[], object], what: str) -> None:
    """Until the servers tell so; they are asked again and again, with a deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not fact():
        assert time.monotonic() < deadline, f"did not come: {what}"
        select.select([], [], [], 0.2)


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One of its own: what other tests left behind would be a problem of this night, too."""
    server = Server("alertmanager", tmp_path_factory.mktemp("alertmanager"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def redmine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server("redmine", tmp_path_factory.mktemp("redmine"))
    yield server
    server.stop()


@pytest.fixture
def night(tmp_path: Path, alertmanager: Server, redmine: Server, request: pytest.FixtureRequest) -> Iterator[Night]:
    """A night of its own on the shared servers; its issues are closed and its alerts over at the end."""
    night = Night(tmp_path, alertmanager, redmine, f"orders-{abs(hash(request.node.name)) % 1000}")
    yield night
    if redmine.answers():
        for issue in night.desk.get("/issues.json?status_id=open&limit=100")["issues"]:
            night.close(str(issue["id"]))
    night.recover("OrdersApiDown")


def test_an_alert_and_an_issue_become_one_problem_and_every_key_is_read_back(night: Night) -> None:
    night.fire("OrdersApiDown")
    issue = night.write("Bestellen werkt niet")
    with night.screen() as screen:
        screen.wait("BAKKERIJ DE KORENAAR")
        screen.wait("OrdersApiDown")
        screen.wait("Bestellen werkt niet")
        screen.wait("nobody yet")

        screen.key("a")
        screen.wait("confirmed by am")
        screen.wait("confirmed by desk")
        assert night.issue(issue)["assigned_to"]["name"] == "Olga Oncall"
        assert night.issue(issue)["status"]["name"] == "In Progress"
        (silence,) = night.silences()
        assert silence["createdBy"] == "Olga Oncall"
        assert "[oncall-tui " in silence["comment"]
        assert {m["name"] for m in silence["matchers"]} == {"alertname", "service", "severity", "instance"}
        screen.wait("they have not heard")

        screen.wait("REPLY: Carol Customer of Bakkerij De Korenaar reads this")
        screen.key("ctrl+o")
        screen.wait("y")
        screen.key("y")
        eventually(lambda: any(not private for _, private in night.notes(issue)), "the reply, public")
        ((first_words, _),) = night.notes(issue)
        assert first_words.startswith("Dag Carol,")
        assert "Ik ben Olga, en ik ben er nu." in first_words
        screen.wait_until(lambda: "have not heard" not in screen.text(), "they have heard")

        screen.key("n")
        screen.wait("only colleagues")
        screen.say("db1 is full, clearing it")
        eventually(lambda: ("db1 is full, clearing it", True) in night.notes(issue), "the note, private")
        assert len(night.notes(issue)) == 2
        screen.key("ctrl+c")
        code, _ = screen.wait_end()
        assert code == 0


def test_all_of_it_again_by_the_command_line(night: Night) -> None:
    night.fire("OrdersApiDown")
    issue = night.write("Bestellen werkt niet")
    told = night.run("list", "--json")
    assert told.returncode == 1, told.stderr
    (problem,) = json.loads(told.stdout)["problems"]
    assert {signal["kind"] for signal in problem["signals"]} == {"alert", "ticket"}
    assert problem["joined"]
    assert problem["on_fire"]

    taken = night.run("ack", problem["id"])
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert len(night.silences()) == 1
    assert night.issue(issue)["assigned_to"]["name"] == "Olga Oncall"

    noted = night.run("note", f"desk/{issue}", "for colleagues")
    assert noted.returncode == 0, noted.stdout + noted.stderr
    replied = night.run("reply", f"desk/{issue}", "Ik ben erbij.")
    assert replied.returncode == 0, replied.stdout + replied.stderr
    assert night.notes(issue) == [("for colleagues", True), ("Ik ben erbij.", False)]
    assert night.run("list").returncode == 0, "nobody is alone any more"


def test_the_command_line_tells_the_same_order_and_words_as_the_screen(night: Night) -> None:
    night.fire("OrdersApiDown")
    night.write("Bestellen werkt niet")
    night.write("Vraag over de factuur", priority=2)
    problems = night.problems()
    with night.screen(size=(200, 60)) as screen:
        screen.wait("BAKKERIJ DE KORENAAR")
        screen.wait(re.escape(problems[0]["signals"][0]["title"]))
        screen.wait(re.escape(problems[0]["alone"]["why"].split(",")[0]))
        shown = " ".join(screen.text().split())
        for reason in problems[0]["reasons"]:
            still = re.split(r", alone|, in \d", reason["words"])[0].strip()
            assert still in shown, (still, shown)
        screen.key("ctrl+c")
        screen.wait_end()


def test_a_desk_that_is_down_is_told_and_a_reply_written_meanwhile_arrives_once_after_a_kill(
    night: Night, redmine: Server
) -> None:
    issue = night.write("Bestellen werkt niet")
    with night.screen() as screen:
        screen.wait("Bestellen werkt niet")
        redmine.stop()
        try:
            screen.wait(r"desk .*(not|refused|down|unreachable)")
            assert "Bestellen werkt niet" in screen.text(), "its tickets stay"
            assert "Nobody is alone" not in screen.text()
            screen.key("r")
            screen.wait("REPLY")
            screen.say("Wij zijn er, ik bel zo.")
            screen.wait("y")
            screen.key("y")
            screen.wait("waiting for desk")
            screen.kill(signal.SIGKILL)
            screen.wait_end()
            told = night.run("list", "--json")
            assert told.returncode == 3, "the picture is incomplete"
            board = json.loads(told.stdout)
            assert not board["quiet"]
            assert [one["state"] for one in board["outbox"]] in (["waiting"], ["unsure"])
        finally:
            redmine.start()
    with night.screen() as screen:
        screen.wait("Bestellen werkt niet")
        eventually(lambda: night.notes(issue), "the reply")
        screen.wait("confirmed by desk")
        assert night.notes(issue) == [("Wij zijn er, ik bel zo.", False)]
        screen.key("ctrl+c")
        screen.wait_end()
    assert night.run("outbox", "--deliver").returncode == 0
    assert night.notes(issue) == [("Wij zijn er, ik bel zo.", False)]


def test_a_hostile_title_shows_as_harmless_text(night: Night) -> None:
    night.write("rustig")
    night.fire(BOOM)
    with night.screen() as screen:
        screen.wait(r"\[/\] \^\[\]52;c;aGk=\^G")
        screen.key("q")
        screen.wait("queue: 1")
        screen.key("escape", "ctrl+c")
        screen.wait_end()
        assert b"]52;c;aGk" not in bytes(screen.raw).replace(b"^[]52;c;aGk", b""), "no clipboard of theirs"
        assert not any(string.startswith("52;") for string in screen.emulator.strings)
    for words in (("list",), ("next",), ("explain", night.problems()[0]["id"])):
        assert "\x1b" not in night.run(*words).stdout
    assert "^[]52" in night.run("next").stdout
    night.recover(BOOM)
