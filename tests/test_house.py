"""The rules of the house: who may import whom, what a command may load, and how a module reads."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "oncall_tui"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def run(*argv: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, *argv], cwd=cwd, env=clean | env, capture_output=True, text=True, timeout=120, check=False
    )


# --- who may import whom ---------------------------------------------------------------------------------------------

LINT = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as lint; lint()"


def broken(folder: Path) -> set[str]:
    """The names of the contracts that the package in `folder` breaks."""
    said = run("-c", LINT, "--no-cache", "--config", str(ROOT / "pyproject.toml"), cwd=folder)
    assert "Contracts:" in said.stdout, said.stdout + said.stderr
    return set(re.findall(r"^(.+?) BROKEN", said.stdout, re.MULTILINE))


def test_no_contract_of_the_house_is_broken() -> None:
    assert broken(ROOT) == set()


BREACHES = {
    "The house runs downward": ("engine/poller.py", "from oncall_tui import cli"),
    "Only engine.wire speaks HTTP": ("engine/poller.py", "import httpx"),
    "Only engine.store speaks SQLite": ("engine/courier.py", "import sqlite3"),
    "Only the screen knows Textual": ("cli/__init__.py", "import textual"),
    "Judgement is pure": ("core/triage.py", "import time"),
    "Connectors do no I/O": ("connectors/desks/redmine.py", "import socket"),
    "No connector knows another": ("connectors/desks/redmine.py", "import oncall_tui.connectors.monitors.alertmanager"),
}


def test_every_room_has_its_floor() -> None:
    layers = next(contract["layers"] for contract in RULES["contracts"] if contract["type"] == "layers")
    floors = {room for layer in layers for room in layer.split(" | ")}
    rooms = {
        f"oncall_tui.{path.stem}"
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - floors == {"oncall_tui.__init__"}


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A house of the same rooms with nothing in them but what the contracts expect to find."""
    for module in MODULES:
        copy = tmp_path / module.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("")
    for contract in RULES["contracts"]:
        for allowed in contract.get("ignore_imports", ()):
            importer, _, imported = allowed.partition(" -> ")
            with (tmp_path / f"{importer.replace('.', '/')}.py").open("a") as file:
                file.write(f"import {imported}\n")
    return tmp_path


def test_every_contract_has_a_breach_that_shows_it_bites() -> None:
    assert {contract["name"] for contract in RULES["contracts"]} == set(BREACHES)


@pytest.mark.parametrize("contract", BREACHES)
def test_a_contract_bites_when_it_is_broken(skeleton: Path, contract: str) -> None:
    file, breach = BREACHES[contract]
    with (skeleton / "oncall_tui" / file).open("a") as module:
        module.write(breach + "\n")
    assert broken(skeleton) == {contract}


def test_an_empty_house_breaks_nothing(skeleton: Path) -> None:
    assert broken(skeleton) == set()


# --- what is loaded, also late ---------------------------------------------------------------------------------------


def modules_after(code: str, *argv: str, **env: str) -> set[str]:
    """The top-level modules in memory after `code`, whatever it printed."""
    shown = "import sys; print('\\n' + 'LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    said = run("-c", f"{code}\n{shown}", *argv, **env)
    assert "LOADED" in said.stdout, said.stdout + said.stderr
    return set(said.stdout.rpartition("LOADED")[2].split())


def importing(*rooms: str) -> str:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0].removesuffix(".py") in rooms
    ]
    assert names
    return "\n".join(f"import {name}" for name in names)


def test_judgement_and_connectors_load_no_network_no_disk_and_no_screen() -> None:
    loaded = modules_after(importing("core", "connectors", "model", "kit", "safe", "words", "errors"))
    assert not loaded & {"textual", "rich", "httpx", "ssl", "socket", "asyncio", "sqlite3", "subprocess"}


def test_the_engine_loads_http_only_when_it_speaks() -> None:
    assert not modules_after("import oncall_tui.engine.engine") & {"httpx", "httpcore", "textual", "rich"}


def test_no_part_below_the_screen_loads_textual() -> None:
    assert not modules_after(importing("care", "config", "engine", "contract", "cli", "demo")) & {"textual", "rich"}


COMMAND = """\
import sys
from oncall_tui.cli import main
try:
    main()
except SystemExit:
    pass
"""

CONFIG = """\
[me]
name = "Sanne"
[sources.am]
kind = "alertmanager"
url = "http://127.0.0.1:9"
"""


@pytest.mark.parametrize(
    "command",
    ["", "--help", "next", "next --line", "list --json", "explain x", "ack x", "note x y", "snooze x 30m", "outbox",
     "outbox --deliver", "sources", "connectors"],
)  # fmt: skip
def test_no_command_without_a_screen_loads_textual(tmp_path: Path, command: str) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    places = ["--config", str(tmp_path / "config.toml"), "--state", str(tmp_path / "state")]
    loaded = modules_after(COMMAND, *places, *command.split())
    # Not rich: httpx loads it for a command line of its own wherever click happens to be installed.
    assert "textual" not in loaded
    assert "oncall_tui" in loaded


def test_help_and_version_load_next_to_nothing() -> None:
    assert not modules_after(COMMAND, "--version") & {"asyncio", "msgspec", "httpx", "tomllib", "sqlite3"}


# --- how a module reads ----------------------------------------------------------------------------------------------


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=relative)
def test_every_module_opens_with_a_sentence_that_says_what_it_is_for(path: Path) -> None:
    opening = ast.get_docstring(ast.parse(path.read_text())) or ""
    if path.stem == "__init__" and not path.stat().st_size:
        return
    assert opening.split("\n\n")[0].rstrip().endswith((".", ":", "?")), f"{relative(path)}: {opening[:80]!r}"


NAMES = re.compile(r"(Manager|Helper|Handler|Utils?)$|^(utils?|helpers?|misc|common)$")


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_nothing_is_named_for_being_vague(path: Path) -> None:
    classes = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    assert [name for name in (path.stem, *classes) if NAMES.search(name)] == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_nothing_is_put_off(path: Path) -> None:
    assert re.findall(r"\b(?:TO[D]O|FIX[M]E|XXX|NotImplementedError)\b", path.read_text()) == []


@pytest.mark.parametrize("path", [path for path in TESTS if path != Path(__file__)], ids=relative)
def test_no_test_patches_or_sleeps(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {
        alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not {name for name in imported if name.startswith(("unittest.mock", "mock")) or name == "unittest.mock"}
    slept = [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    ]
    assert slept == []
