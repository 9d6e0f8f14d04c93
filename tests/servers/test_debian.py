"""A Debian 12 with nothing in it but Python: the README's commands, word for word, from a checkout to the first problem.

It takes root (debootstrap and chroot) and some minutes; nothing of this machine is mounted into it. All tests are run by
`.ci/run`, here by the same command a folder of them.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from tests import readme
from tests.pty import Session
from tests.servers.conftest import Server
from tests.servers.second.alertmanager import Alertmanager

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
PACKAGES = "python3,python3-venv,ca-certificates"
"""What the README says that must be there."""


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a fresh system, with a checkout in /src and this machine's names and certificates of the network."""
    root = tmp_path_factory.mktemp("debian") / "root"
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", root],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
        (root / name).write_bytes((Path("/") / name).read_bytes())
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).exists():
            (root / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "src" / name).write_bytes((ROOT / name).read_bytes())
    return root


def inside(debian: Path, command: str) -> list[str]:
    clean = ["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", "TERM=xterm-256color", "LANG=C.UTF-8"]
    return ["chroot", str(debian), *clean, "bash", "-euo", "pipefail", "-c", f"cd /src && {command}"]


def test_the_demo_is_one_command_in_a_fresh_debian(debian: Path) -> None:
    with Session(inside(debian, readme.commands()["demo"]), env={}, timeout_s=400) as night:
        night.wait("BAKKERIJ DE KORENAAR")
        night.key("ctrl+c")
        code, _ = night.wait_end()
        assert code == 0


def test_the_tests_are_one_command_there_too(debian: Path) -> None:
    argv = inside(debian, f"{readme.commands()['tests'].rstrip()} tests/kit tests/care")
    done = subprocess.run(argv, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "[100%]" in done.stdout


def test_the_five_minutes_are_those_commands_there_too(debian: Path, alertmanager: Server, redmine: Server) -> None:
    """Installed by the README's own line; a real Alertmanager and a real Redmine are reached over loopback."""
    second = Alertmanager(alertmanager)
    second.clear()
    second.appear("FirstInDebian", instance="start-1")
    install = readme.commands()["demo"].rpartition(" && ")[0]
    given = {"ALERTMANAGER": alertmanager.url, "REDMINE": redmine.url, "REDMINE_KEY": redmine.env["KEY_ONCALL"]}
    exported = "; ".join(f"export {name}={shlex.quote(value)}" for name, value in given.items())
    before = f'{exported}; export PATH="$PWD/.venv/bin:$PATH"'
    printed = ""
    for line in (install, *readme.commands()["start"].splitlines(), "oncall-tui next", "oncall-tui config check"):
        done = subprocess.run(
            inside(debian, f"{before}; {line}"), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400,
            check=False,
        )  # fmt: skip
        assert done.returncode == (1 if line in ("oncall-tui list", "oncall-tui next") else 0), (line, done)
        assert "FAILED" not in done.stdout + done.stderr, line
        printed += done.stdout + done.stderr
    assert printed.count("FirstInDebian") > 2
    written = debian / "root" / ".config" / "oncall-tui" / "config.toml"
    assert written.stat().st_mode & 0o777 == 0o600
    assert given["REDMINE_KEY"] not in printed + written.read_text()
