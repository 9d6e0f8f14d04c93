"""The extra `keyring` on a host without a desktop: with GNOME's keyring unlocked, locked, and with none at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_tui.demo.world import KEY, World

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
EXTRA = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["keyring"]
UNLOCKED = "printf night | gnome-keyring-daemon --unlock --components=secrets >&2"
LOCKED = "gnome-keyring-daemon --start --components=secrets >&2"
KEEP = f"printf %s {KEY} | {sys.executable} -m keyring set desk sanne"
ASK = f"{sys.executable} -m oncall_tui --config config.toml sources"


@pytest.fixture(scope="module")
def extra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the packages of the extra are."""
    folder = tmp_path_factory.mktemp("extra")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", folder, *EXTRA], check=True, timeout=300)
    return folder


class Host:
    """Somebody's home on a host without a desktop; the desk's key is in no file of it."""

    def __init__(self, home: Path, extra: Path, world: World) -> None:
        self.home = home
        (home / "run").mkdir(mode=0o700)
        config = world.write_config(home)
        (home / "demo.key").unlink()
        said = re.sub(r"token = \{ file[^}]*\}", 'token = { keyring = "desk/sanne" }', config.read_text())
        (home / "config.toml").write_text(said)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
        self.env |= {"PYTHONPATH": f"{extra}:{ROOT}", "LANG": "C.UTF-8"}

    def run(self, *argv: str) -> tuple[int, str]:
        done = subprocess.run(
            argv, cwd=self.home, env=self.env, capture_output=True, text=True, timeout=90, check=False
        )  # fmt: skip
        assert KEY not in done.stdout + done.stderr
        return done.returncode, done.stdout

    def on_a_bus(self, *commands: str) -> tuple[int, str]:
        return self.run("dbus-run-session", "--", "sh", "-euc", "\n".join(commands))


@pytest.fixture
def host(tmp_path: Path, extra: Path) -> Iterator[Host]:
    with World(still=True) as world:
        yield Host(tmp_path, extra, world)


def test_a_real_keyring_gives_the_secret_while_it_is_unlocked_and_says_so_when_it_is_not(host: Host) -> None:
    code, told = host.on_a_bus(UNLOCKED, KEEP, ASK)
    assert code == 0, told
    assert re.search(r"desk +signed in +ok", told)
    code, told = host.on_a_bus(LOCKED, ASK)
    assert code == 3, told
    assert re.search(
        r"desk +signed in +FAILED +keyring desk/sanne: it is locked\n +-> unlock it before the night", told
    )


def test_a_host_without_one_says_what_to_use_instead(host: Host) -> None:
    code, told = host.run("sh", "-euc", ASK)
    assert code == 3, told
    assert re.search(
        r"desk +signed in +FAILED +keyring desk/sanne: NoKeyringError: no keyring works here\n +-> use command or file",
        told,
    )
