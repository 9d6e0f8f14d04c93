"""`sources --try NAME` on the embedded desk, asked by its own connector and by tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_tui.cli import main
from oncall_tui.demo.world import World

TABLES = """
[me]
name = "Sanne"

[sources.board]
kind = "http"
url = "{url}"
auth = {{ scheme = "header", header = "X-Redmine-API-Key", secret = {{ file = "{key}" }} }}

[sources.board.list]
path = "/issues.json"
query = {{ status_id = "open", sort = "id", limit = 100 }}
records = "issues"

[sources.board.fields]
id = "id"
title = "subject"
opened_at = "created_on"
severity = "priority.name"
contact = "author.name"
due_at = "{due}"
"""


@pytest.fixture
def world() -> Iterator[World]:
    with World(still=True) as world:
        yield world


def run(config: Path, name: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["sources", "--try", name, "--config", str(config), "--state", str(config.parent / "state")])
    caught = capsys.readouterr()
    return code, caught.out + caught.err


def tables(world: World, folder: Path, due: str = "due_date") -> Path:
    demo = world.config(folder)
    [url] = [source.url for source in demo.sources if source.kind == "redmine"]
    path = folder / "board.toml"
    path.write_text(TABLES.format(url=url, key=folder / "demo.key", due=due), encoding="utf-8")
    return path


def test_it_shows_what_is_answered_and_what_becomes_of_it(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(tables(world, tmp_path), "board", capsys)
    answered, _, becomes = out.partition("what it becomes")
    assert code == 0
    assert '"subject": "' in answered
    title = next(line for line in becomes.splitlines() if line.startswith("  title "))
    assert title.split("  ")[-1] in answered
    assert "  opened_at" in becomes
    assert "  severity" in becomes
    assert (tmp_path / "demo.key").read_text() not in out


def test_it_says_why_a_record_cannot_be_read(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(tables(world, tmp_path, due="author.name"), "board", capsys)
    assert code == 3
    assert "0 signals" in out
    assert "unreadable: Invalid isoformat string" in out


def test_any_source_can_be_tried(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo = world.write_config(tmp_path)
    name = next(source.name for source in world.config(tmp_path).sources if source.kind == "redmine")
    code, out = run(demo, name, capsys)
    assert code == 0
    assert "  message " in out


def test_a_name_that_is_no_source_is_told(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(tables(world, tmp_path), "bord", capsys)
    assert code == 2
    assert "did you mean 'board'?" in out


def test_a_source_that_is_not_there_is_told_with_the_near_one(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(tables(world, tmp_path), "bord", capsys)
    assert (code, out) == (2, "oncall-tui: there is no source 'bord'; did you mean 'board'? allowed: board\n")
