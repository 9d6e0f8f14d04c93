"""The README's commands, word for word, in a fresh copy of what git holds; `.ci/run` runs the two that test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import readme
from tests.pty import Session

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
HERE = ("demo", "commands", "bench")
IN_CI = ("tests", "servers")
ELSEWHERE = ("start",)
"""Wants real servers: `test_five_minutes`."""
INSTALL_S = 240.0


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What somebody has who just cloned it, with the changes at hand, and a home with nothing in it."""
    folder = tmp_path_factory.mktemp("fresh")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def in_shell(name: str) -> list[str]:
    return ["bash", "-euo", "pipefail", "-c", readme.commands()[name]]


def test_every_command_is_run() -> None:
    assert set(readme.commands()) == {*HERE, *IN_CI, *ELSEWHERE}


def test_the_demo_is_one_command_from_nothing(fresh: Path, tmp_path: Path) -> None:
    os.chdir(fresh)
    with Session(in_shell("demo"), env={"HOME": str(tmp_path)}, timeout_s=INSTALL_S) as night:
        night.wait("BAKKERIJ DE KORENAAR")
        night.key("ctrl+c")
        code, _ = night.wait_end()
        assert code == 0


@pytest.mark.parametrize("name", ["commands", "bench"])
def test_a_command_of_the_readme_works(fresh: Path, tmp_path: Path, name: str) -> None:
    subprocess.run(["python3", "-m", "venv", ".venv"], cwd=fresh, check=True)  # nothing where there is one
    subprocess.run([".venv/bin/pip", "install", "-q", "-e", ".[test]"], cwd=fresh, check=True, timeout=INSTALL_S)
    env = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(in_shell(name), cwd=fresh, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
