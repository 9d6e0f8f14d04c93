"""One secret, planted where it is kept, and looked for everywhere else that anything of ours leaves a trace."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from oncall_tui.demo.world import KEY, World
from tests.cli.test_program import PROGRAM, environment
from tests.cli.test_watch import Watching
from tests.pty import Session

FORMS = {form.encode() for form in (KEY, quote(KEY, safe=""), KEY[::-1])} | {
    base64.b64encode(KEY.encode()).rstrip(b"="),
    base64.b64encode(f"x:{KEY}".encode())[2:].rstrip(b"="),
}

CRASHING = """\
import re
import sys
from pathlib import Path
from oncall_tui import config
from oncall_tui.engine.thread import EngineThread
from oncall_tui.ui.app import OncallApp, utc_now
from oncall_tui.ui.outfit import outfit

class Crashing(OncallApp):
    def on_key(self, event):
        secret = Path(sys.argv[3]).read_text()
        held = {"token": secret, "config": self}
        raise RuntimeError("on purpose")

loaded, state = config.load(Path(sys.argv[1])), Path(sys.argv[2])
fit = outfit(loaded, utc_now)
app = Crashing(fit, lambda on_board: EngineThread(loaded, state, on_board), reread=lambda: loaded)
sys.exit(app.show(state / "frame"))
"""


class Bench:
    """A night whose desk knows us by the secret, in a file of its own; everything else may be looked at."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.config = world.write_config(folder)
        self.key, self.state = folder / "demo.key", folder / "state"
        self.argv = ["--config", str(self.config), "--state", str(self.state)]
        self.printed = b""

    def run(self, *argv: str, **env: str) -> bytes:
        done = subprocess.run(
            [*PROGRAM, *argv, *self.argv],
            env=environment(self.folder, **env),
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.printed += done.stdout + done.stderr
        return done.stdout

    def traces(self) -> dict[str, bytes]:
        """Every file but the secret's own, and all that was printed."""
        files = (path for path in self.folder.rglob("*") if path.is_file() and path != self.key)
        return {"printed": self.printed, **{str(path.relative_to(self.folder)): path.read_bytes() for path in files}}

    def found(self) -> list[str]:
        return [f"{name}: {form!r}" for name, held in self.traces().items() for form in FORMS if form in held]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with World(still=True) as world:
        yield Bench(world, tmp_path)


def test_what_is_planted_is_found(bench: Bench) -> None:
    """The search itself: a leak of any form would be seen."""
    (bench.folder / "leak").write_bytes(b"...".join(sorted(FORMS)))
    assert len(bench.found()) == len(FORMS)


def test_no_command_leaves_it_anywhere(bench: Bench) -> None:
    orders = str(bench.world.night.tickets["orders"])
    bench.run("list", "--debug", "--json")
    bench.run("next", "--debug", PYTHONDEVMODE="1", SSLKEYLOGFILE=str(bench.folder / "keys"))
    bench.run("ack", orders, "--debug")
    bench.run("note", orders, "looked at the queue", "--debug")
    bench.run("list", "--debug-bodies")
    bench.run("note", orders, "looked at the cable", "--debug-bodies")
    bench.run("outbox", "--all", "--json")
    bench.run("sources", "--debug", "--record", str(bench.folder / "record"))
    bench.run("sources", "--json")
    for what in ("check", "show", "schema", "reference"):
        bench.run("config", what)
    assert b"confirmed" in bench.printed or b"delivered" in bench.printed
    names = {name.partition("/")[2] or name for name in bench.traces()}
    assert {"oncall-tui.log", "outbox.db"} <= names or any(
        name.endswith((".db", ".sqlite", ".sqlite3")) for name in names
    )
    assert any(name.startswith("record/desk-") for name in bench.traces())
    log = (bench.state / "oncall-tui.log").read_text()
    assert "desk GET /users/current.json: 200, " in log
    assert "looked at the queue" not in log
    assert re.search(r"desk PUT /issues/\d+.json: .*\"json\": {\"issue\": {\"notes\": \"", log), (
        "a body that was asked for"
    )
    assert "looked at the cable" not in log
    assert bench.found() == []


def test_no_failure_leaves_it_anywhere(bench: Bench) -> None:
    right = bench.config.read_text()
    for wrong in (
        right.replace("[sources.desk]", f'[sources.desk]\npassword = "{KEY}"'),
        right.replace("[sources.desk]", f'[sources.desk]\nproxy = "http://x:{KEY}@127.0.0.1:9"'),
        right.replace("token =", f'api_token = "{KEY}"\ntoken ='),
    ):
        bench.config.write_text(wrong)
        bench.run("list")
        bench.run("config", "check")
    bench.config.write_text(right)
    bench.key.write_text(f"{KEY}\u00e9")
    bench.run("sources", "--debug")
    bench.key.write_text(f"{KEY} x")
    bench.run("sources", "--debug")
    bench.key.chmod(0o644)
    bench.run("sources", "--debug")
    bench.run("init", "--me", "S", "--kind", "redmine", "--url", "http://x", "--secret", KEY, "--name", "n")
    assert b"FAILED" in bench.printed
    assert b"a secret may not stand in this file" in bench.printed
    assert bench.found() == []


def test_no_running_program_shows_it_to_others(bench: Bench) -> None:
    watching = Watching(bench.world, bench.folder, "--debug")
    watching.line()
    process = Path(f"/proc/{watching.process.pid}")
    if process.exists():
        bench.printed += b"".join((process / name).read_bytes() for name in ("cmdline", "comm", "environ"))
        assert b"watch" in bench.printed
    code, said = watching.end()
    bench.printed += said.encode()
    assert code == 0
    assert " stopped" in (bench.state / "oncall-tui.log").read_text()
    assert bench.found() == []


def test_neither_the_screen_nor_its_crash_shows_it(bench: Bench) -> None:
    script = bench.folder / "crashing.py"
    script.write_text(CRASHING)
    argv = [sys.executable, str(script), str(bench.config), str(bench.state), str(bench.key)]
    with Session(argv, env={"HOME": str(bench.folder), "PYTHONPATH": str(Path.cwd())}, timeout_s=30) as session:
        session.wait("KORENAAR")
        session.key("a")
        code, _ = session.wait_end()
        bench.printed += bytes(session.raw)
    assert code == 1
    assert b"RuntimeError" in bench.printed
    assert bench.found() == []
