"""`oncall-tui config`: what it checks and shows, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_program import configured, run


def test_check_says_that_it_is_right_and_how_much_there_is(tmp_path: Path) -> None:
    path = configured(tmp_path)
    ran = run(tmp_path, "config", "check")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{path}: right (1 source, 0 customers, 0 services); `oncall-tui sources` tests them\n"


def test_check_also_finds_what_only_the_screen_would(tmp_path: Path) -> None:
    path = configured(tmp_path)
    path.write_text(path.read_text() + '[keys]\nnote = "N"\ntake = "r"\n')
    ran = run(tmp_path, "config", "check")
    assert (ran.returncode, ran.stdout) == (2, "")
    line = len(path.read_text().splitlines())
    assert ran.stderr == f"oncall-tui: {path}:{line}: keys.take: 'r' is already the key of 'reply': choose another\n"


def test_show_tells_every_value(tmp_path: Path) -> None:
    configured(tmp_path)
    assert 'sources.am.every = "30s"\n' in run(tmp_path, "config", "show").stdout


def test_schema_and_reference_need_no_file(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "config", "schema").stdout)["required"] == ["me"]
    assert run(tmp_path, "config", "schema", "config").stdout == run(tmp_path, "config", "schema").stdout
    assert "silence" in json.loads(run(tmp_path, "config", "schema", "care").stdout)["properties"]
    assert run(tmp_path, "config", "reference").stdout.startswith("#### At the top\n")


@pytest.mark.parametrize("what", ["check", "show", "reference"])
def test_only_a_schema_is_of_one_file(what: str, tmp_path: Path) -> None:
    ran = run(tmp_path, "config", what, "care")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "oncall-tui: only `config schema` is of one file: leave care out\n"


def test_check_of_nothing_is_told(tmp_path: Path) -> None:
    ran = run(tmp_path, "config", "check")
    assert ran.returncode == 2
    assert "there is no configuration here" in ran.stderr
