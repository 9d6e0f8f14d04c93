"""The embedded sites answer as the real servers did when they were asked the same (`recorded`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall_tui.demo.alertmanager import Alertmanager
from oncall_tui.demo.monitor import fingerprint
from oncall_tui.demo.redmine import Redmine
from oncall_tui.demo.world import World

from .client import ask

RECORDED = Path(__file__).parent / "recorded"
RECORDED_AT = datetime(2026, 11, 23, 14, 52, 37, tzinfo=UTC)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def told(value: Any) -> Any:
    """What differs between any two runs of the same server is made the same: times, ids by chance, the day."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = re.sub(r'"start_date": "\d{4}-\d\d-\d\d"', '"start_date": "DAY"', text)
    return json.loads(_UUID.sub("UUID", _TIME.sub("TIME", text)))


def order(value: Any) -> Any:
    """The order of the fields, all the way down."""
    if isinstance(value, dict):
        return [(name, order(inner)) for name, inner in value.items()]
    return [order(inner) for inner in value] if isinstance(value, list) else None


@pytest.fixture
def sites() -> Iterator[dict[str, Any]]:
    """The two sites with what the real servers had been given before the recording began."""
    with World(lambda: RECORDED_AT, empty=True) as world:
        world.desk.people.clear()
        world.desk.projects.clear()
        _seed_desk(world.desk)
        _seed_monitor(world.monitor)
        yield {"redmine-5.0.4": world.desk, "alertmanager-0.25": world.monitor}


def _seed_desk(desk: Redmine) -> None:
    desk.add_project("Support", "support")
    desk.add_person("oncall", "Olga", "Oncall", key="olga-key", staff=True)
    desk.add_person("carol", "Carol", "Customer", key="carol-key", project="support")
    earlier = RECORDED_AT - timedelta(minutes=1)
    checkout = desk.add_issue(
        "carol",
        "Shop checkout fails with 502 — urgent",
        "Since 08:10 our customers get a *502* on checkout.\n\nOrder 4711, see https://shop.example.net/checkout?id=4711",
        priority="High",
        at=earlier,
    )
    desk.add_journal(checkout.id, "carol", "Any news? We lose about 2000 € per hour. Grüße, Carol", at=earlier)
    desk.add_journal(checkout.id, "oncall", "internal: looks like db1 disk full", private=True, at=earlier)
    desk.add_issue("carol", "Please add export button", "low prio", at=earlier + timedelta(seconds=1)).tracker = 2


def _seed_monitor(monitor: Alertmanager) -> None:
    disk = {"alertname": "DiskFull", "instance": "db1.example.net:9100", "job": "node",
            "mountpoint": "/var/lib/postgresql"}  # fmt: skip
    monitor.fire({**disk, "severity": "critical"}, generator="http://prometheus.example.net/graph?g0.expr=disk",
                 summary="Disk on db1 97% full", description="Filesystem /var/lib/postgresql has 3% left",
                 runbook_url="http://wiki.example.net/runbooks/disk-full")  # fmt: skip
    monitor.fire({**disk, "severity": "warning"}, summary="inhibited twin of the critical one")
    monitor.fire(
        {"alertname": "HighLatency", "instance": "web2.example.net:9100", "job": "blackbox", "severity": "warning"},
        summary="p99 latency 2.4s on web2 — café",
    )


@pytest.mark.parametrize("server", ["redmine-5.0.4", "alertmanager-0.25"])
def test_the_whole_recorded_dialogue_has_the_same_answers_here(server: str, sites: dict[str, Any]) -> None:
    site = sites[server]
    for turn in json.loads((RECORDED / f"{server}.json").read_text(encoding="utf-8")):
        answer = ask(site.url + turn["path"], turn["method"], turn["sent"] or None, key=turn.get("key", "olga-key"))
        where = f"{turn['method']} {turn['path']} {turn['sent']}"
        assert answer.status == turn["status"], where
        assert answer.headers.get("content-type", "") == turn["type"], where
        if turn["body"] == "<html>":
            assert answer.body.startswith(b"<!DOCTYPE html>"), where
        elif isinstance(turn["body"], dict) and "message" in turn["body"]:
            assert answer.json["code"] == turn["body"]["code"], where
        else:
            assert told(answer.json) == told(turn["body"]), where
            assert order(answer.json) == order(turn["body"]), where


def test_a_fingerprint_is_the_one_that_alertmanager_makes_of_the_same_labels() -> None:
    recorded = json.loads((RECORDED / "alertmanager-0.25.json").read_text(encoding="utf-8"))[0]["body"]
    assert [fingerprint(alert["labels"]) for alert in recorded] == [alert["fingerprint"] for alert in recorded]
