"""A connector of another package: built, installed beside us by pip, found by its entry point, tested and used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = Path(__file__).parent / "example_package"
LIMIT_S = 110.0
KEY = "k3y-of-the-hall"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pip installed the example's wheel into. It is built from a copy: a build may leave things behind."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(EXAMPLE, folder / "source")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q"]
    alone = ["--no-deps", "--no-index", "--no-build-isolation"]
    said = run([*pip, "wheel", *alone, "--wheel-dir", str(folder), str(folder / "source")], {})
    assert said.returncode == 0, said.stderr
    [wheel] = folder.glob("*.whl")
    said = run([*pip, "install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)], {})
    assert said.returncode == 0, said.stderr
    return folder / "site"


def run(argv: list[str], env: Mapping[str, str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    whole = {**os.environ, **env}
    return subprocess.run(argv, env=whole, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def program(installed: Path, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The program, where the example is installed."""
    env["PYTHONPATH"] = os.pathsep.join((str(installed), str(ROOT)))
    return run([sys.executable, "-m", "oncall_tui", *argv], env)


def examine(tests: Path, installed: Path) -> subprocess.CompletedProcess[str]:
    """The example's own tests, away from ours and their settings."""
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "."]
    return run(argv, {"PYTHONPATH": os.pathsep.join((str(installed), str(ROOT)))}, tests)


class Board(ThreadingHTTPServer):
    """A notice board in the hall, on loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.notice: dict[str, Any] = json.loads((EXAMPLE / "tests/payloads/notice-1.json").read_text("utf-8"))
        self.keys: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Board

    def do_GET(self) -> None:
        self._answer([self.server.notice] if self.path == "/notices" else self.server.notice)

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/notices/1/taken":
            self.server.notice["signed"] = said["by"]
        if self.path == "/notices/1/scribbles":
            self.server.notice["scribbles"].append({**said, "at": "2026-11-23T15:00:00Z"})
        self._answer({})

    def _answer(self, document: Any) -> None:
        self.server.keys.add(self.headers["X-Hall-Key"])
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def board() -> Iterator[Board]:
    with Board() as board:
        thread = threading.Thread(target=board.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield board
        board.shutdown()
        thread.join()


@pytest.fixture
def config(board: Board, tmp_path: Path) -> list[str]:
    path = tmp_path / "config.toml"
    source = f'[sources.hall]\nkind = "noticeboard"\nurl = "{board.url}"\ntoken = {{ env = "HALL_KEY" }}\n'
    path.write_text(f'[me]\nname = "Olga"\n{source}colours = "red=down"\n', encoding="utf-8")
    return ["--config", str(path), "--state", str(tmp_path / "state")]


def test_it_is_listed_where_it_is_installed_and_nowhere_else(installed: Path) -> None:
    said = program(installed, "connectors", "--json")
    [ours] = [one for one in json.loads(said.stdout) if one["kind"] == "noticeboard"]
    assert ours["verbs"] == ["acknowledge", "release", "note"]
    assert ours["cannot"]["reply"] == "nobody reads a notice twice"
    elsewhere = run([sys.executable, "-m", "oncall_tui", "connectors", "--json"], {"PYTHONPATH": str(ROOT)})
    assert "noticeboard" not in elsewhere.stdout


def test_it_passes_the_suite_that_every_connector_must_pass(installed: Path) -> None:
    said = examine(installed.parent / "source" / "tests", installed)
    assert said.returncode == 0, said.stdout[-3000:]
    assert " passed" in said.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        (
            "if not (yield from _there(source, write)).mine:",
            "if (yield from _there(source, write)):",
            "test_a_state_that_is_there_already_is_not_sent_again",
        ),
        (
            "if (yield from _there(source, write)).mine:\n        raise",
            "if False:\n        raise",
            "test_a_state_that_was_answered_well_and_did_not_come_is_never_called_done",
        ),
        (
            "return there.mine is (write.verb",
            "return bool(there.taken_by) is (write.verb",
            "test_a_state_is_not_seen_in_what_a_colleague_did",
        ),
    ],
    ids=["takes again what is theirs", "believes that it gave it back", "sees itself in a colleague"],
)
def test_the_suite_finds_a_connector_that_is_wrong(
    right: str, wrong: str, found: str, installed: Path, tmp_path: Path
) -> None:
    """The same package with one thing in it that is not as it should be."""
    shutil.copytree(EXAMPLE, tmp_path / "wrong")
    module = tmp_path / "wrong" / "oncall_tui_noticeboard" / "__init__.py"
    whole = module.read_text("utf-8")
    assert whole.count(right) == 1
    module.write_text(whole.replace(right, wrong), "utf-8")
    said = examine(tmp_path / "wrong" / "tests", tmp_path / "wrong")
    assert "1 failed" in said.stdout
    assert found in said.stdout


def test_it_is_read_and_answered_like_one_of_ours(installed: Path, board: Board, config: list[str]) -> None:
    following = program(installed, "next", "--json", *config, HALL_KEY=KEY)
    [problem] = json.loads(following.stdout)["problems"]
    assert problem["title"] == "Bestellen werkt niet"
    assert problem["impact"] == "down"
    taken = program(installed, "ack", "hall/1", *config, HALL_KEY=KEY)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert board.notice["signed"] == "Olga"
    noted = program(installed, "note", "hall/1", "db1 is vol", *config, HALL_KEY=KEY)
    assert noted.returncode == 0, noted.stdout + noted.stderr
    assert board.notice["scribbles"][-1]["text"].startswith("db1 is vol [oncall-tui ")
    assert board.keys - {None} == {KEY}
