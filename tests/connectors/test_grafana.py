"""What the Grafana connector has of its own; the rest it shares with Alertmanager's, which is told there."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oncall_tui.connectors.monitors import grafana
from oncall_tui.errors import Rejected
from oncall_tui.kit import Response, Source
from oncall_tui.model import Me, Verb, Write
from oncall_tui.testing.play import ok, play

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
SOURCE = Source(name="gr", url="https://gr", me=Me(name="Sanne"), secret="t0ken")
LABELS = {"alertname": "OrdersDown", "__alert_rule_uid__": "fe/1", "grafana_folder": "Shops"}


def alert(**labels: str) -> dict[str, Any]:
    status = {"state": "active", "silencedBy": [], "inhibitedBy": []}
    return {"fingerprint": "f1", "startsAt": "2026-11-23T03:00:00.5Z", "labels": labels, "status": status}


def told(content: object, status: int = 200) -> Response:
    return replace(ok(json.dumps(content)), status=status, at=NOW)


@pytest.mark.parametrize(
    ("labels", "page"),
    [(LABELS, "/alerting/grafana/fe%2F1/view"), ({"alertname": "A b"}, "/alerting/list?search=A%20b")],
)
def test_the_page_is_that_of_its_rule(labels: dict[str, str], page: str) -> None:
    [signal] = play(grafana.CONNECTOR.poll(SOURCE), [told([alert(**labels)]), told([])]).result.signals
    assert signal.url == f"https://gr{page}"


def test_a_silence_is_made_below_grafanas_path_on_all_labels_and_without_an_id() -> None:
    write = Write(id="w1", problem="p", ref="gr/f1", verb=Verb.ACKNOWLEDGE, by="Sanne", asked_at=NOW)
    answers = [told([alert(**LABELS)]), told([]), told({"silenceID": "s1"}, 202)]
    said = play(grafana.CONNECTOR.answers[Verb.ACKNOWLEDGE](SOURCE, write), answers)
    [post] = said.writes
    assert post.path == "/api/alertmanager/grafana/api/v2/silences"
    assert "id" not in post.json
    assert {one["name"]: one["value"] for one in post.json["matchers"]} == LABELS
    assert said.result.id == "s1"


def test_an_alert_that_is_not_listed_is_over_for_nothing_tells_when_grafana_started() -> None:
    played = play(grafana.CONNECTOR.peek(SOURCE, "f1"), [told([])])  # type: ignore[misc]
    assert (played.result, len(played.asked)) == (None, 1)
    write = Write(id="w1", problem="p", ref="gr/f1", verb=Verb.ACKNOWLEDGE, by="Sanne", asked_at=NOW)
    with pytest.raises(Rejected) as error:
        play(grafana.CONNECTOR.answers[Verb.ACKNOWLEDGE](SOURCE, write), [told([])])
    assert error.value.gone


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        ({}, {"Authorization": "Bearer t0ken"}),
        ({"user": "olga", "org": "2"}, {"Authorization": "Basic b2xnYTp0MGtlbg==", "X-Grafana-Org-Id": "2"}),
    ],
)
def test_who_asks_and_in_which_organisation(options: dict[str, str], headers: dict[str, str]) -> None:
    assert grafana.headers(replace(SOURCE, options=options)) == headers


@pytest.mark.parametrize(
    ("health", "words"), [({"database": "ok", "version": "11.2.0"}, "11.2.0"), ({"database": "ok"}, "does not tell")]
)
def test_the_check_reads_silences_too_because_anybody_may_ask_for_the_version(health: Any, words: str) -> None:
    played = play(grafana.check(SOURCE), [told(health), told([])])
    assert words in played.result
    assert played.asked[-1].path == "/api/alertmanager/grafana/api/v2/silences"


@pytest.mark.parametrize("right", ["alert.instances", "alert.silences"])
def test_what_we_may_is_what_grafana_says_of_our_rights(right: str) -> None:
    ours = {f"{right}:create": True, f"{right}:write": True, "dashboards:read": True}
    assert play(grafana.may(SOURCE), [told(ours)]).result == "silences are taken from us"
    with pytest.raises(Rejected, match="we may not end or prolong them"):
        play(grafana.may(SOURCE), [told({**ours, f"{right}:write": False})])
    with pytest.raises(Rejected, match="we may not make silences, nor end or prolong them"):
        play(grafana.may(SOURCE), [told({"alert.instances:read": True})])
    assert play(grafana.may(SOURCE), [told({}, 404)]).result.startswith("not told")
