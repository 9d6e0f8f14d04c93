"""What the Prometheus connector asks, and what it makes of the answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oncall_tui.connectors.monitors import prometheus
from oncall_tui.errors import Rejected
from oncall_tui.kit import Reading, Source
from oncall_tui.model import Impact, Me, Signal
from oncall_tui.testing.play import ok, play
from oncall_tui.testing.recorded import load
from tests.connectors.cases import alertmanager

SOURCE = Source(name="prom", url="http://prom:9090", me=Me(name="Sanne"))


def alert(name: str = "DiskFull", **more: Any) -> dict[str, Any]:
    labels = {"alertname": name, "severity": "critical", **more.pop("labels", {})}
    return {
        "labels": labels,
        "annotations": {},
        "state": "firing",
        "activeAt": "2026-11-23T03:12:00.123456789Z",
        **more,
    }


def rule(*alerts: dict[str, Any], health: str = "ok", name: str = "DiskFull", **more: Any) -> dict[str, Any]:
    return {"name": name, "health": health, "alerts": list(alerts), **more}


def poll(*rules: dict[str, Any], known: tuple[Signal, ...] = (), **options: str) -> Reading:
    source = replace(SOURCE, known={signal.id: signal for signal in known}, options=options)
    groups = [{"rules": [one]} for one in rules]
    return play(prometheus.poll(source), [ok(json.dumps({"data": {"groups": groups}}))]).result


def test_it_asks_for_the_alerting_rules_of_all_groups() -> None:
    played = play(prometheus.poll(SOURCE), [ok(json.dumps({"data": {"groups": [{"rules": [rule()]}]}}))])
    assert [(one.method, one.path, one.query) for one in played.asked] == [
        ("GET", "/api/v1/rules", (("type", "alert"),))
    ]
    assert played.result == Reading()


def test_an_alert_has_the_fingerprint_that_a_real_alertmanager_gave_it() -> None:
    for recorded in load(alertmanager.CASE.folder, "alerts"):
        labels = tuple(sorted(recorded["labels"].items()))
        assert prometheus.fingerprint(labels) == recorded["fingerprint"]


def test_labels_that_are_added_on_the_way_to_alertmanager_are_told_and_give_way() -> None:
    [signal] = poll(rule(alert(labels={"dc": "ams"})), external_labels="cluster=eu, dc=bru").signals
    assert (signal.labels["cluster"], signal.labels["dc"]) == ("eu", "ams")
    assert signal.id == prometheus.fingerprint(tuple(sorted(signal.labels.items())))


@pytest.mark.parametrize(
    ("word", "impact"),
    [("critical", "down"), ("Page", "down"), ("error", "degraded"), ("warning", "at_risk"), ("info", "question"),
     ("zzz", "at_risk")],
)  # fmt: skip
def test_a_severity_becomes_an_impact(word: str, impact: str) -> None:
    assert poll(rule(alert(labels={"severity": word}))).signals[0].impact.word == impact


def test_severities_of_ones_own_are_configured() -> None:
    assert poll(rule(alert(labels={"severity": "sev0"})), severities="sev0=down").signals[0].impact is Impact.DOWN


def test_one_alert_is_told_with_its_words() -> None:
    notes = {"summary": "97 %", "description": "Soon no orders.", "runbook_url": "http://wiki"}
    [signal] = poll(rule(alert(annotations=notes, labels={"job": "node", "instance": "db1"}))).signals
    assert (signal.title, signal.text, signal.service, signal.host) == (
        "DiskFull",
        "97 %\nSoon no orders.",
        "node",
        "db1",
    )
    assert signal.opened_at == datetime(2026, 11, 23, 3, 12, 0, 123456, tzinfo=UTC)
    assert signal.url == "http://prom:9090/graph?g0.expr=ALERTS%7Balertname%3D%22DiskFull%22%7D&g0.tab=1"


def test_an_alert_that_is_pending_is_none_yet() -> None:
    assert poll(rule(alert(state="pending"))).signals == []


def test_an_alert_that_is_pending_again_because_the_server_started_anew_stays() -> None:
    [before] = poll(rule(alert())).signals
    [after] = poll(rule(alert(state="pending")), known=(before,)).signals
    assert (after.id, after.status) == (before.id, "pending")


def test_what_a_rule_told_stands_until_it_is_evaluated_again() -> None:
    [disk], [slow] = poll(rule(alert())).signals, poll(rule(alert("Slow"), name="Slow")).signals
    known = (disk, slow)
    unevaluated = poll(rule(health="unknown"), rule(alert("Slow"), name="Slow"), known=known)
    assert {signal.id for signal in unevaluated.signals} == {disk.id, slow.id}
    assert poll(rule(), rule(name="Slow"), known=known).signals == []
    assert poll(rule(name="Slow"), known=known).signals == []  # a rule that was taken away


def test_a_rule_that_cannot_be_evaluated_is_told_with_its_error() -> None:
    failing = rule(health="err", name="B", lastError="found duplicate series")
    reading = poll(rule(), failing, rule(health="err", name="A"))
    assert reading.gap == "cannot evaluate 2 of its rules (what they told stands): A; B (found duplicate series)"


def test_what_a_rule_told_that_now_fails_stands_and_gives_way_to_what_it_tells() -> None:
    [disk] = poll(rule(alert())).signals
    assert poll(rule(health="err"), known=(disk,)).signals == [disk]
    [fresh] = poll(rule(alert(annotations={"summary": "98 %"}), health="err"), known=(disk,)).signals
    assert fresh.text == "98 %"


def test_who_has_no_rule_can_tell_of_nothing_and_is_not_quiet() -> None:
    for groups in ([], [{"rules": []}]):
        with pytest.raises(Rejected, match="has no alerting rule"):
            play(prometheus.poll(SOURCE), [ok(json.dumps({"data": {"groups": groups}}))])


def test_an_unknown_severity_is_a_warning_beside_a_gap() -> None:
    reading = poll(rule(alert(labels={"severity": "zzz"})), rule(health="err", name="A"))
    assert "A" in reading.gap
    assert "zzz" in reading.warning


def test_a_rule_that_always_fires_is_nobodys_problem_and_its_silence_a_gap() -> None:
    [dog] = poll(rule(alert("Watchdog"), name="Watchdog"), watchdog="Watchdog").signals
    assert dog.suppressed
    silent = poll(rule(), known=(dog,), watchdog="Watchdog")
    assert silent.signals == [dog]
    assert "does not hear Watchdog any more" in silent.gap


def test_one_that_is_over_is_gone() -> None:
    answer = ok(json.dumps({"data": {"groups": [{"rules": [rule()]}]}}))
    assert play(prometheus.peek(SOURCE, "f00"), [answer]).result is None


@pytest.mark.parametrize(
    ("user", "secret", "header"),
    [("", "", None), ("", "t0ken", "Bearer t0ken"), ("oncall", "secret", "Basic b25jYWxsOnNlY3JldA==")],
)
def test_credentials_are_sent_as_configured(user: str, secret: str, header: str | None) -> None:
    source = replace(SOURCE, secret=secret, options={"user": user})
    assert prometheus.CONNECTOR.headers(source).get("Authorization") == header
