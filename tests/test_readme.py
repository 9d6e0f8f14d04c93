"""The README is true: its commands run, its table is today's, what it shows of files and commands exists."""

from __future__ import annotations

import ast
import json
import os
import re
import tomllib
from pathlib import Path

import pytest

import oncall_tui
from oncall_tui import config, connectors
from oncall_tui.cli.arguments import parse
from oncall_tui.contract import as_json
from oncall_tui.model import Verb
from oncall_tui.ui.keys import TABLE
from tests import quality, readme
from tests.night import BOARD

ROOT = Path(__file__).parent.parent
TEXT = readme.README.read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return blocks[number]


def test_every_command_has_a_name_by_which_ci_runs_it() -> None:
    assert readme.unnamed() == []
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    in_ci = set(re.findall(r"^readme (\w+)$", ci, re.MULTILINE))
    assert set(readme.commands()) == in_ci | {"demo", "commands", "bench", "start"}, (
        "tests/servers/test_readme_commands.py"
    )


def test_the_table_of_sources_and_every_key_are_todays() -> None:
    assert quality.written(TEXT) == TEXT, "python tests/quality.py brings it up to date"


def test_the_changes_begin_with_this_version_and_tell_of_every_product() -> None:
    entry = re.search(
        r"^\*\*([\d.]+)\*\*,(.*?)(?=^\*\*[\d.]+\*\*,|^MIT)", TEXT.partition("## Changes")[2], re.DOTALL | re.MULTILINE
    )
    assert entry
    assert entry[1] == oncall_tui.__version__
    for kind in connectors.ours():
        assert any(word in entry[2] for word in connectors.find(kind).title.split()), kind


def test_the_configuration_can_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDMINE_KEY", "x")
    path = tmp_path / "config.toml"
    path.write_text(block("toml"), encoding="utf-8")
    loaded = config.load(path)
    assert [source.name for source in loaded.sources] == ["am", "desk"]
    assert set(tomllib.loads(block("toml"))) == {"me", "sources", "customers", "services"}


def test_the_source_that_is_told_by_tables_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[me]\nname = "Sanne"\n' + block("toml", 1), encoding="utf-8")
    [source] = config.load(path).sources
    assert set(connectors.fit("http", source.options).answers) == {Verb.ACKNOWLEDGE}


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    return None


def test_the_contract_shows_every_key_that_list_prints() -> None:
    shown, printed = json.loads(block("json")), json.loads(json.dumps(as_json(BOARD)))
    for one in (shown, printed):
        one["problems"][0]["writes"] = one["outbox"] = one["outbox"][:1]
    assert shape(shown) == shape(printed)


def test_the_connector_on_one_page_is_a_connector(tmp_path: Path) -> None:
    names: dict[str, object] = {"__name__": "acme"}
    exec(compile(ast.parse(block("python")), "README.md", "exec"), names)
    connector = names["CONNECTOR"]
    assert type(connector).__name__ == "Connector"
    exchange = names["poll"](None)  # type: ignore[operator]
    assert next(exchange).path == "/api/alarms"


def test_every_key_and_command_it_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    keys = {key.key for key in TABLE}
    table = TEXT[TEXT.index("## At the screen") : TEXT.index("Taking a problem")]
    for named in re.findall(r"`([^`]+)`", table):
        assert named in keys, named
    commands = TEXT[TEXT.index("| command |") : TEXT.index("`ID` is a problem")]
    with pytest.raises(SystemExit):
        parse(["--help"])
    known = capsys.readouterr().out
    for named in re.findall(r"`([a-z]+)", commands):
        assert f"    {named} " in known or f"    {named}\n" in known, named


def test_every_picture_and_file_it_names_exists() -> None:
    for named in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT) + re.findall(r"`(tests/[\w/.]+)`", TEXT):
        assert (ROOT / named).exists(), named
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
