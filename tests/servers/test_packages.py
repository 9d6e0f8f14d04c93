"""Wheel and sdist: built from what git holds, installed where nothing else is, started. Needs the package index."""

from __future__ import annotations

import os
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
LIMIT_S = 240.0


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


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_python_of_ours_that_is_here_passes_the_tests_without_servers(
    version: str, built: Path, tmp_path: Path
) -> None:
    """The pure rooms and the command line. A version that this machine lacks is not tried."""
    python = _interpreter(version)
    if python is None:
        return
    inside = venv(tmp_path / "venv", python)
    with tarfile.open(one(built, ".tar.gz")) as packed:
        packed.extractall(tmp_path, filter="data")
    (source,) = tmp_path.glob("oncall_tui-*")
    run(inside, "-m", "pip", "install", "-q", "-e", f"{source}[test]", cwd=source)
    rooms = ("tests/core", "tests/care", "tests/test_config.py", "tests/kit", "tests/cli")
    told = run(inside, "-m", "pytest", "-p", "no:cacheprovider", *rooms, cwd=source)
    assert " passed" in told


def _interpreter(version: str) -> Path | None:
    """A Python of that version on the path, wherever its manager keeps it."""
    for name in (f"python{version}", *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))):
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return Path(found)
    return None
