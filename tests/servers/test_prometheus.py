"""The connector against a real Prometheus, and beside it the real Alertmanager's own fingerprints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oncall_tui.errors import Rejected, Unavailable
from oncall_tui.model import VERBS, Impact, Signal
from tests.servers.conftest import Server
from tests.servers.reach import Client, Reach, eventually

pytestmark = pytest.mark.server

DISK = '{alert: DiskFull, expr: "vector(97) > 95", labels: {severity: warning, instance: "db1:9100"}, annotations: {summary: "{{ $value }} % – vol"}}'
SLOW = '{alert: Slow, expr: "vector(3) > 2", for: 2s, labels: {severity: critical, job: shop}}'
BROKEN = '{{alert: {}, expr: "label_replace(vector(1), \\"a\\", \\"$1\\", \\"b\\", \\"(\\") > 0"}}'


@pytest.fixture
def rules(prometheus: Server) -> Iterator[Callable[..., None]]:
    """Sets the rules of some groups, each a line of YAML, and has the server read them."""
    file, client = Path(prometheus.env["RULES"]) / "night.yml", Client(prometheus.url)
    for left in file.parent.glob("*.yml"):
        left.unlink()  # those of another test

    def write(*groups: str, interval: str = "1s") -> None:
        lines = [f"  - {{name: g{n}, interval: {interval}, rules: [{one}]}}" for n, one in enumerate(groups)]
        file.write_text("\n".join(["groups:", *lines]) + "\n", encoding="utf-8")
        client.call("POST", "/-/reload")

    yield write
    file.unlink()
    client.call("POST", "/-/reload")


@pytest.fixture
def sanne(prometheus: Server) -> Reach:
    return Reach("prometheus", prometheus.url, "Sanne")


def by_title(reach: Reach, **memory: Any) -> dict[str, Signal]:
    return {signal.title: signal for signal in reach.poll(**memory).signals}


def test_an_alert_appears_is_listed_and_is_gone_when_its_cause_is(
    prometheus: Server, rules: Callable[..., None], sanne: Reach
) -> None:
    rules(DISK)
    signal = eventually(lambda: by_title(sanne).get("DiskFull"))
    assert (signal.severity, signal.impact, signal.host) == ("warning", Impact.AT_RISK, "db1:9100")
    assert signal.text == "97 % – vol"
    assert abs((signal.opened_at - datetime.now(UTC)).total_seconds()) < 60
    assert sanne.peek(signal.id) == signal
    [told] = Client(prometheus.url).get("/api/v1/alerts")["data"]["alerts"]
    assert told["labels"] == dict(signal.labels)
    rules("{alert: DiskFull, expr: vector(1) > 95}")
    eventually(lambda: by_title(sanne) == {})
    assert sanne.peek(signal.id) is None


def test_an_alert_is_none_while_it_is_pending(rules: Callable[..., None], sanne: Reach, prometheus: Server) -> None:
    rules(SLOW)
    client = Client(prometheus.url)
    eventually(lambda: client.get("/api/v1/alerts")["data"]["alerts"])
    assert by_title(sanne) == {}
    assert eventually(lambda: by_title(sanne).get("Slow")).impact is Impact.DOWN


def test_what_fired_before_a_restart_stands_until_its_rule_was_evaluated(
    prometheus: Server, rules: Callable[..., None], sanne: Reach
) -> None:
    rules(DISK, SLOW)
    eventually(lambda: len(by_title(sanne)) == 2)
    rules(DISK, SLOW, interval="20s")
    before = {signal.id: signal for signal in sanne.poll().signals}
    assert len(before) == 2
    prometheus.restart()
    assert {signal.id for signal in sanne.poll(before).signals} == set(before)
    rules(DISK, SLOW)
    eventually(lambda: len(by_title(sanne)) == 2)


def test_a_rule_that_cannot_be_evaluated_is_warned_of(rules: Callable[..., None], sanne: Reach) -> None:
    rules(DISK, BROKEN.format("Broken"))
    gap = eventually(lambda: sanne.poll().gap)
    assert gap.startswith("cannot evaluate 1 of its rules (what they told stands): Broken (")
    assert "DiskFull" in eventually(lambda: by_title(sanne))


def test_what_fired_stands_while_its_rule_fails_and_goes_with_that_rule(
    rules: Callable[..., None], sanne: Reach
) -> None:
    rules(DISK, SLOW)
    eventually(lambda: len(by_title(sanne)) == 2)
    known = {signal.id: signal for signal in sanne.poll().signals}
    rules(BROKEN.format("DiskFull"), SLOW)
    eventually(lambda: sanne.poll(known).gap)
    assert set(by_title(sanne, known=known)) == {"DiskFull", "Slow"}
    assert set(by_title(sanne)) == {"Slow"}
    rules(SLOW)
    eventually(lambda: set(by_title(sanne, known=known)) == {"Slow"})


def test_one_that_lost_its_rules_is_not_quiet(prometheus: Server, rules: Callable[..., None], sanne: Reach) -> None:
    rules(DISK)
    eventually(lambda: by_title(sanne))
    Path(prometheus.env["RULES"], "night.yml").write_text("groups: []\n", encoding="utf-8")
    Client(prometheus.url).call("POST", "/-/reload")
    with pytest.raises(Rejected, match="has no alerting rule"):
        sanne.poll()


def test_the_same_alert_has_the_same_id_at_alertmanager(
    alertmanager: Server, rules: Callable[..., None], sanne: Reach
) -> None:
    rules(DISK)
    ours = eventually(lambda: by_title(sanne).get("DiskFull"))
    client = Client(alertmanager.url)
    client.call("POST", "/api/v2/alerts", [{"labels": dict(ours.labels), "startsAt": ours.opened_at.isoformat()}])
    theirs = eventually(lambda: by_title(Reach("alertmanager", alertmanager.url, "Sanne")).get("DiskFull"))
    assert theirs.id == ours.id


def test_it_can_do_nothing_and_says_why(sanne: Reach, prometheus: Server) -> None:
    assert not sanne.connector.answers
    assert set(sanne.connector.cannot) == set(VERBS)
    assert sanne.connector.check
    assert sanne.play(sanne.connector.check).startswith("Prometheus 2.")


def test_a_server_that_is_away_is_unavailable(prometheus: Server, sanne: Reach) -> None:
    prometheus.stop()
    try:
        with pytest.raises(Unavailable):
            sanne.poll()
    finally:
        prometheus.start()
