"""From nothing to the first real problem: a clean home, a real Alertmanager, a real Redmine, four commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oncall_tui import config
from tests import readme
from tests.servers.conftest import Server
from tests.servers.reach import Client
from tests.servers.second.alertmanager import Alertmanager

pytestmark = pytest.mark.server

MOST_S = 60.0
"""Of the five minutes a person needs most for reading; the program itself takes seconds."""


class Newcomer:
    """Somebody with a shell, a home with nothing in it and a key in the environment."""

    def __init__(self, home: Path, **env: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "PYTHONPATH")}
        self.home, self.env = home, kept | {"HOME": str(home)} | env
        self.printed = ""

    def run(self, *argv: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "oncall_tui", *argv], env=self.env, input=typed, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        self.printed += done.stdout + done.stderr
        return done


@pytest.fixture
def newcomer(tmp_path: Path, redmine: Server) -> Newcomer:
    return Newcomer(tmp_path, REDMINE_KEY=redmine.env["KEY_ONCALL"])


def test_from_nothing_to_the_first_real_problem(newcomer: Newcomer, alertmanager: Server, redmine: Server) -> None:
    second = Alertmanager(alertmanager)
    second.clear()
    second.appear("FirstProblem", tenant="Korenaar")
    carol = Client(redmine.url, {"X-Redmine-API-Key": redmine.env["KEY_CAROL"]})
    issue = {"project_id": "support", "tracker_id": 3, "priority_id": 4, "subject": "De eerste vraag"}
    carol.call("POST", "/issues.json", {"issue": issue})
    began = time.monotonic()

    first = newcomer.run(
        "init", "--me", "Olga Oncall", "--kind", "alertmanager", "--url", alertmanager.url, "--name", "am"
    )
    assert first.returncode == 0, first
    assert "signed in   ok  Alertmanager 0.25.0" in first.stderr
    assert "may write   ok  silences are taken from us" in first.stderr
    assert "As it will look: FirstProblem; orders-eu-1; critical; " in first.stderr, first.stderr
    assert "Customers that it names: Korenaar (1 signal)" in first.stderr
    then = newcomer.run(
        "init", "--kind", "redmine", "--url", redmine.url, "--name", "desk", "--secret", "env REDMINE_KEY"
    )
    assert then.returncode == 0, then
    assert "desk  signed in   ok  Olga Oncall" in then.stderr
    assert "change issues in 1" in then.stderr
    assert newcomer.run("config", "check").returncode == 0
    sources = newcomer.run("sources")
    assert (sources.returncode, "FAILED" in sources.stdout) == (0, False), sources
    listed = newcomer.run("list", "--json")
    assert listed.returncode == 1, listed
    titles = {signal["title"] for problem in json.loads(listed.stdout)["problems"] for signal in problem["signals"]}
    assert {"FirstProblem", "De eerste vraag"} <= titles
    assert time.monotonic() - began < MOST_S
    config = newcomer.home / ".config" / "oncall-tui" / "config.toml"
    assert config.stat().st_mode & 0o777 == 0o600
    assert newcomer.env["REDMINE_KEY"] not in newcomer.printed + config.read_text()


def test_the_readmes_start_works_word_for_word(
    newcomer: Newcomer, alertmanager: Server, redmine: Server, tmp_path: Path
) -> None:
    Alertmanager(alertmanager).appear("StartHere", instance="start-1")
    program = tmp_path / "bin" / "oncall-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m oncall_tui "$@"\n')
    program.chmod(0o755)
    env = newcomer.env | {"ALERTMANAGER": alertmanager.url, "REDMINE": redmine.url}
    env["PATH"] = f"{program.parent}:{env['PATH']}"
    began = time.monotonic()
    for line in readme.commands()["start"].splitlines():
        done = subprocess.run(
            ["bash", "-c", line],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == (1 if line == "oncall-tui list" else 0), (line, done)
    assert "StartHere" in done.stdout
    assert time.monotonic() - began < MOST_S
    loaded = config.load(newcomer.home / ".config" / "oncall-tui" / "config.toml")
    assert [(source.name, source.kind) for source in loaded.sources] == [("am", "alertmanager"), ("desk", "redmine")]


def test_asking_whether_we_may_write_leaves_nothing_behind(alertmanager: Server, newcomer: Newcomer) -> None:
    before = Client(alertmanager.url).get("/api/v2/silences")
    assert newcomer.run("init", "--me", "O", "--kind", "alertmanager", "--url", alertmanager.url).returncode == 0
    assert Client(alertmanager.url).get("/api/v2/silences") == before


def test_a_key_that_may_not_write_is_told_before_the_night(redmine: Server, newcomer: Newcomer) -> None:
    newcomer.env["REDMINE_KEY"] = redmine.env["KEY_CAROL"]
    told = newcomer.run("init", "--me", "C", "--kind", "redmine", "--url", redmine.url, "--secret", "env REDMINE_KEY")
    assert told.returncode == 3
    assert "may write   FAILED" in told.stderr
    assert "-> ask those who run it what this account may do" in told.stderr


def test_a_record_of_the_real_servers_holds_no_key_and_nobodys_words(
    redmine: Server, newcomer: Newcomer, tmp_path: Path
) -> None:
    carol = Client(redmine.url, {"X-Redmine-API-Key": redmine.env["KEY_CAROL"]})
    issue = {"project_id": "support", "tracker_id": 3, "priority_id": 4, "subject": "Geheim verhaal"}
    carol.call("POST", "/issues.json", {"issue": issue})
    secret = ("--secret", "env REDMINE_KEY")
    assert newcomer.run("init", "--me", "O", "--kind", "redmine", "--url", redmine.url, *secret).returncode == 0
    recorded = newcomer.run("sources", "--record", str(tmp_path / "record"))
    files = list((tmp_path / "record").iterdir())
    assert f"{len(files)} answers are in" in recorded.stderr
    text = "".join(path.read_text() for path in files)
    for private in (newcomer.env["REDMINE_KEY"], "Geheim", "verhaal", "Carol", "Olga"):
        assert private not in text
    assert '"subject"' in text
