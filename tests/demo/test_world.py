"""The world as others use it: with a configuration, beside a screen, and as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oncall_tui import demo
from oncall_tui.config import Config
from oncall_tui.demo.night import STORY
from oncall_tui.demo.world import KEY, World

from .client import ask
from .test_site import until


def test_its_configuration_is_read_like_any_other_and_names_the_customers(world: World, tmp_path: Path) -> None:
    config = world.config(tmp_path / "state")
    assert [source.kind for source in config.sources] == ["alertmanager", "redmine"]
    assert [source.url for source in config.sources] == [world.monitor.url, world.desk.url]
    assert [customer.name for customer in config.settings.customers] == [p.name for p in world.desk.projects.values()]
    secret = next(source.secret for source in config.sources if source.secret)
    assert Path(secret.file).read_text() == KEY
    assert Path(secret.file).stat().st_mode & 0o777 == 0o600


def test_the_ovens_load_in_an_hour_and_a_quarter_whenever_the_night_is_played(world: World, tmp_path: Path) -> None:
    moment = world.config(tmp_path).settings.customers[0].moments[0]
    assert (f"{moment.at:%H:%M}", moment.zone) == ("04:30", "Europe/Amsterdam")  # it is 03:14 there


def test_the_demo_gives_the_screen_a_world_that_answers_and_leaves_nothing_behind() -> None:
    seen: list[Path] = []

    def screen(config: Config, state_dir: Path) -> int:
        seen.append(state_dir)
        desk = next(source.url for source in config.sources if source.kind == "redmine")
        assert ask(f"{desk}/issues.json", key=KEY).json["total_count"] == 2
        return 7

    assert demo.run(screen) == 7
    assert not seen[0].exists()


def test_the_demo_keeps_its_state_where_it_is_told_to(tmp_path: Path) -> None:
    def screen(config: Config, state_dir: Path) -> int:
        (state_dir / "outbox.db").touch()
        return 0

    assert demo.run(screen, tmp_path / "mine") == 0
    assert (tmp_path / "mine" / "outbox.db").exists()


def test_the_story_is_told_by_itself_and_faster_when_asked() -> None:
    with World(speed=1000) as world:
        until(lambda: world.night.played == len(STORY))
        assert "OrdersApiDown" not in {alert.labels["alertname"] for alert in world.monitor.firing()}


def test_a_port_that_is_taken_is_said_and_nothing_keeps_running() -> None:
    with World(still=True) as first, pytest.raises(OSError, match="in use"):
        World(still=True, port_desk=first.desk.port).start()


@contextmanager
def served(*args: str) -> Iterator[dict[str, str]]:
    """A world as a process of its own, and what it tells of itself; it must end in order."""
    root = str(Path(demo.__file__).parents[2])
    argv = [sys.executable, "-m", "oncall_tui.demo.world", *args]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root})
    try:
        assert process.stdout is not None
        yield dict(line.strip().split("=", 1) for line in iter(process.stdout.readline, "READY=1\n"))
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


def test_as_a_process_it_tells_where_everything_is_and_ends_when_told(tmp_path: Path) -> None:
    with served("--still", "--config", str(tmp_path / "state")) as told:
        assert ask(f"{told['DESK']}/users/current.json", key=told["KEY_SANNE"]).json["user"]["login"] == "sanne"
        assert len(ask(f"{told['MONITOR']}/api/v2/alerts").json) == 4
        assert Path(told["CONFIG"]).exists()


def test_a_process_with_faults_lets_the_scene_be_set_first() -> None:
    def opened(told: dict[str, str], number: int) -> bool:
        try:
            sent = {"issue": {"subject": f"{number}"}}
            return ask(f"{told['DESK']}/issues.json", "POST", sent, key=told["KEY_RON"]).status == 201
        except OSError:
            return False

    with served("--empty", "--faults", "7", "--late", "0", "--well", "40") as told:
        outcomes = [opened(told, number) for number in range(80)]
    assert all(outcomes[:40])
    assert not all(outcomes[40:])
