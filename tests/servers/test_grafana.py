"""The connector against a real Alertmanager that stands where Grafana has its own, with labels as Grafana gives them.

What only a Grafana does (its rights, its 202, its `/api/health`) is not tried here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.model import Signal, Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client, Reach

pytestmark = pytest.mark.server

BASE = "/api/alertmanager/grafana/api/v2"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def client(grafanas_alertmanager: Server) -> Client:
    """A client of a server that holds no silence."""
    client = Client(grafanas_alertmanager.url + BASE)
    for silence in active(client):
        client.call("DELETE", f"/silence/{silence['id']}")
    return client


@pytest.fixture
def sanne(grafanas_alertmanager: Server) -> Reach:
    return Reach("grafana", grafanas_alertmanager.url, "Sanne")


@pytest.fixture
def olga(grafanas_alertmanager: Server) -> Reach:
    return Reach("grafana", grafanas_alertmanager.url, "Olga")


def fire(client: Client, name: str, **labels: str) -> None:
    rule = {"__alert_rule_uid__": f"uid-{name}", "grafana_folder": "Shops", "severity": "critical"}
    alert = {
        "labels": {"alertname": name, **rule, **labels},
        "annotations": {"summary": f"{name} – 97 %"},
        "startsAt": now().isoformat(),
        "endsAt": (now() + timedelta(hours=1)).isoformat(),
    }
    client.call("POST", "/alerts", [alert])


def active(client: Client) -> list[Any]:
    return [one for one in client.get("/silences") if one["status"]["state"] != "expired"]


def named(reach: Reach, title: str) -> Signal:
    return next(signal for signal in reach.poll().signals if signal.title == title)


def test_the_whole_cycle_with_a_restart_in_the_middle(
    grafanas_alertmanager: Server, client: Client, sanne: Reach, olga: Reach
) -> None:
    fire(client, "OrdersDown")
    fire(client, "OrdersDown", instance="eu-2")
    alert = next(one for one in sanne.poll().signals if "instance" not in one.labels)
    assert alert.url == f"{sanne.config.url}/alerting/grafana/uid-OrdersDown/view"
    assert sanne.peek(alert.id) == alert

    taking = sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now())
    assert not sanne.has_seen(taking)
    sanne.say(taking)
    [silence] = active(client)
    assert {one["name"]: one["value"] for one in silence["matchers"]} == dict(alert.labels)
    assert (silence["createdBy"], sanne.has_seen(taking)) == ("Sanne", True)
    assert [one.taken_by for one in sanne.poll().signals if one.id == alert.id] == ["Sanne"]
    sanne.say(taking)
    assert sanne.changes == []

    olga.say(olga.write(Verb.ACKNOWLEDGE, alert.id, id="w2", asked_at=now()))
    assert [one["createdBy"] for one in active(client)] == ["Olga"]
    assert next(one for one in sanne.poll().signals if one.id == alert.id).taken_by == "Olga"

    grafanas_alertmanager.restart()
    assert sanne.say(sanne.write(Verb.RELEASE, alert.id, asked_at=now())).words
    olga.say(olga.write(Verb.RELEASE, alert.id, asked_at=now()))
    assert active(client) == []
    assert sanne.peek(alert.id) is None
    with pytest.raises(Rejected) as refusal:
        sanne.say(taking)
    assert refusal.value.gone


def test_an_alert_that_ends_is_gone(client: Client, sanne: Reach) -> None:
    fire(client, "Short")
    alert = named(sanne, "Short")
    over = {"labels": dict(alert.labels), "startsAt": alert.opened_at.isoformat(), "endsAt": now().isoformat()}
    client.call("POST", "/alerts", [over])
    assert "Short" not in [signal.title for signal in sanne.poll().signals]
    assert sanne.peek(alert.id) is None


def test_what_is_no_grafana_is_not_taken_for_one(sanne: Reach) -> None:
    assert sanne.connector.check
    with pytest.raises((Unreadable, Rejected)):
        sanne.play(sanne.connector.check)
