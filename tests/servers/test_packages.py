"""Wheel and sdist: built from what git holds, installed where nothing else is, started. Needs the package index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import oncall_tui

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
LIMIT_S = 600.0


def run(*argv: str | Path, cwd: Path, **env: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        argv, cwd=cwd, env=clean | env, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def venv(folder: Path, python: str | Path = sys.executable) -> Path:
    """The interpreter of a new environment with nothing in it."""
    run(python, "-m", "venv", folder, cwd=folder.parent)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a wheel that was made of the sdist, as package indexes get it, and of the sdist."""
    folder = tmp_path_factory.mktemp("build")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / "src" / name)
    python = venv(folder / "builder")
    run(python, "-m", "pip", "install", "-q", "build", cwd=folder)
    run(python, "-m", "build", "-o", folder / "dist", folder / "src", cwd=folder)
    return folder / "dist"


def one(built: Path, ending: str) -> Path:
    (found,) = built.glob(f"*{ending}")
    return found


def installed(package: Path, folder: Path) -> Path:
    python = venv(folder / "venv")
    run(python, "-m", "pip", "install", "-q", package, cwd=folder)
    return folder / "venv" / "bin" / "oncall-tui"


def test_the_wheel_holds_the_program_and_its_data_and_no_tests(built: Path) -> None:
    names = zipfile.ZipFile(one(built, ".whl")).namelist()
    assert all(name.startswith(("oncall_tui/", "oncall_tui-")) for name in names)
    ours = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "oncall_tui").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours <= set(names)


def test_the_sdist_holds_what_tests_and_readme_need(built: Path) -> None:
    with tarfile.open(one(built, ".tar.gz")) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"README.md", "LICENSE", "pyproject.toml", "oncall_tui/__init__.py", "tests/conftest.py"} <= names
    assert not any(name.startswith((".git/", ".venv/")) for name in names)


@pytest.mark.parametrize("ending", [".whl", ".tar.gz"])
def test_a_clean_environment_runs_what_was_installed(built: Path, tmp_path: Path, ending: str) -> None:
    program = installed(one(built, ending), tmp_path)
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": ""}
    assert run(program, "--version", cwd=tmp_path, **home) == f"oncall-tui {oncall_tui.__version__}\n"
    assert "redmine" in run(program, "connectors", cwd=tmp_path, **home)
    assert f"ExecStart={program} watch" in run(
        program, "unit", cwd=tmp_path, **home, PATH=f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    )
    python = program.parent / "python"
    run(python, "-m", "pip", "check", cwd=tmp_path)


def test_pip_lays_the_manual_page_where_man_looks(built: Path, tmp_path: Path) -> None:
    program = installed(one(built, ".whl"), tmp_path)
    page = program.parent.parent / "share" / "man" / "man1" / "oncall-tui.1"
    assert page.read_text("utf-8") == run(program, "man", cwd=tmp_path, HOME=str(tmp_path))


INSTALLERS = {
    "pipx": ("install", "--python", sys.executable),
    "uv": ("tool", "install", "--python", sys.executable),
}


@pytest.mark.parametrize("installer", INSTALLERS)
def test_tools_that_install_programs_install_this_one_in_a_home_with_nothing_in_it(
    built: Path, tmp_path: Path, installer: str
) -> None:
    """As the README says it, but for where the package comes from."""
    tools, home = venv(tmp_path / "tools"), tmp_path / "home"
    home.mkdir()
    run(tools, "-m", "pip", "install", "-q", installer, cwd=tmp_path)
    clean = {"HOME": str(home), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "", "XDG_BIN_HOME": ""}
    run(tools.parent / installer, *INSTALLERS[installer], one(built, ".whl"), cwd=tmp_path, **clean)
    program = home / ".local" / "bin" / "oncall-tui"
    assert run(program, "--version", cwd=tmp_path, **clean) == f"oncall-tui {oncall_tui.__version__}\n"
    assert f"ExecStart={program} watch" in run(
        program, "unit", cwd=tmp_path, **clean | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    )


def _interpreter(version: str) -> Path | None:
    """A Python of that version on the path, wherever its manager keeps it."""
    for name in (f"python{version}", *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))):
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return Path(found)
    return None


OURS = f"{sys.version_info.major}.{sys.version_info.minor}"
"""Its tests are the README's command, with all rooms."""

FOUND = {version: python for version in ("3.11", "3.12", "3.13") if (python := _interpreter(version))}
RELEASE, NEXT = "forky", "3.14"
"""The Debian that comes next, and the Python in it."""

ROOMS = ("core", "care", "test_config.py", "kit", "cli/test_program.py", "cli/test_plain.py")
"""The pure rooms and the program as it is run, and with that the engine at work; all rooms take a quarter of an hour each."""
LAWS = "tests/core/test_what_must_always_hold.py"
"""What holds of thousands of made-up nights holds on every Python, and takes as long as all the rest."""
TESTED = ("-m", "pytest", "-p", "no:cacheprovider", "--ignore", LAWS, *(f"tests/{room}" for room in ROOMS))

INTO = """
mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && mount --bind /dev/pts "$0/dev/pts"
exec chroot "$0" env -i HOME=/root PATH=/usr/bin:/bin TERM=xterm-256color LANG=C.UTF-8 bash -euo pipefail -c "$1"
"""
"""As root, with mounts that nobody else sees and that end with it."""


def unpacked(built: Path, folder: Path) -> Path:
    """The source as package indexes get it, with its tests."""
    with tarfile.open(one(built, ".tar.gz")) as packed:
        packed.extractall(folder, filter="data")
    (source,) = folder.glob("oncall_tui-*")
    return source


@pytest.mark.parametrize("version", [version for version in FOUND if version != OURS] or [OURS])
def test_another_python_passes_the_tests_without_servers(version: str, built: Path, tmp_path: Path) -> None:
    inside, source = venv(tmp_path / "venv", FOUND.get(version, sys.executable)), unpacked(built, tmp_path)
    run(inside, "-m", "pip", "install", "-q", "-e", f"{source}[test]", cwd=source)
    told = run(inside, *TESTED, cwd=source)
    assert " passed" in told or "[100%]" in told


def test_the_python_of_the_next_debian_passes_them_too(built: Path, tmp_path: Path) -> None:
    """Its packages are unpacked and not set up, which is enough for a Python and takes seconds."""
    root = tmp_path / "root"
    wanted = f"--include=python{NEXT}-venv,bash,coreutils,dash,procps,tzdata"
    dated = (
        '--aptopt=Acquire::Check-Valid-Until "false"'  # a mirror may be behind; its signature is looked at all the same
    )
    run("mmdebstrap", "--quiet", "--variant=extract", dated, wanted, RELEASE, root, cwd=tmp_path)
    for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((Path("/") / name).read_bytes())
    there = f"/{unpacked(built, root).name}"
    installed = f"cd {there} && python{NEXT} -m venv .venv && .venv/bin/pip install -q -e '.[test]'"
    tested = f"{installed} && .venv/bin/python {' '.join(TESTED)}"
    told = run("unshare", "--mount", "sh", "-euc", INTO, root, tested, cwd=tmp_path)
    assert " passed" in told or "[100%]" in told


def test_no_python_is_claimed_that_could_not_be_tried() -> None:
    claimed = re.findall(r'Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(claimed) <= {OURS, NEXT, *FOUND}
