"""Where the real servers are silent or surprising, the embedded ones are too (each was seen on Redmine 5.0.4 or
Alertmanager 0.25)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oncall_tui.demo.world import KEY, World

from .client import Answer, ask
from .conftest import Hands

RON = "ron-key"


def put(world: World, id_: int, key: str = KEY, **fields: Any) -> int:
    return ask(f"{world.desk.url}/issues/{id_}.json", "PUT", {"issue": fields}, key=key).status


def show(world: World, id_: int, key: str = KEY) -> Any:
    return ask(f"{world.desk.url}/issues/{id_}.json?include=journals,allowed_statuses", key=key).json["issue"]


@pytest.fixture
def orders(world: World) -> int:
    return world.night.tickets["orders"]


def test_a_customer_s_private_note_is_stored_public_and_answered_204(world: World, orders: int) -> None:
    assert put(world, orders, RON, notes="not so private", private_notes=True) == 204
    last = show(world, orders)["journals"][-1]
    assert (last["notes"], last["private_notes"]) == ("not so private", False)


def test_a_customer_sees_no_private_note(world: World, orders: int) -> None:
    put(world, orders, notes="only us", private_notes=True)
    assert "only us" in [journal["notes"] for journal in show(world, orders)["journals"]]
    assert [journal["notes"] for journal in show(world, orders, RON)["journals"]] == [
        "Het is in alle 14 winkels zo.",
        "De winkels kunnen niet bestellen, bel mij!",
    ]


def test_a_private_note_hides_no_change_that_came_with_it(world: World, orders: int) -> None:
    put(world, orders, notes="taking it", private_notes=True, assigned_to_id="me")
    change, note = show(world, orders)["journals"][-2:]
    assert (change["private_notes"], change["notes"], len(change["details"])) == (False, None, 1)
    assert (note["private_notes"], note["notes"], note["details"]) == (True, "taking it", [])


@pytest.mark.parametrize("fields", [{"status_id": 99}, {"notes": ""}, {}, {"status_id": 1}])
def test_what_changes_nothing_is_answered_204_and_leaves_no_journal(world: World, orders: int, fields: Any) -> None:
    before = show(world, orders)
    assert put(world, orders, **fields) == 204
    assert show(world, orders) == before


def test_a_status_that_the_role_may_not_set_is_answered_204_and_not_set(world: World, orders: int) -> None:
    assert put(world, orders, RON, status_id=2) == 204
    assert show(world, orders)["status"]["name"] == "New"
    assert [status["name"] for status in show(world, orders, RON)["allowed_statuses"]] == ["New", "Closed"]


def test_a_private_note_is_not_there_for_a_customer_who_would_take_it_back(world: World, orders: int) -> None:
    put(world, orders, notes="only us", private_notes=True)
    note = show(world, orders)["journals"][-1]["id"]
    url = f"{world.desk.url}/journals/{note}.json"
    assert ask(url, "PUT", {"journal": {"notes": ""}}, key=RON).status == 404
    assert ask(url, "PUT", {"journal": {"notes": ""}}, key=KEY).status == 204
    assert "only us" not in [journal["notes"] for journal in show(world, orders)["journals"]]


def test_the_same_note_twice_is_two_journals(world: World, orders: int) -> None:
    before = len(show(world, orders)["journals"])
    put(world, orders, notes="again")
    put(world, orders, notes="again")
    assert len(show(world, orders)["journals"]) == before + 2


def test_a_closed_issue_keeps_the_time_of_its_closing_when_it_is_opened_again(world: World, orders: int) -> None:
    put(world, orders, status_id=5)
    put(world, orders, status_id=1)
    assert show(world, orders)["closed_on"] is not None


def test_customers_see_their_own_corner_only(world: World) -> None:
    listed = ask(f"{world.desk.url}/issues.json", key=RON).json["issues"]
    assert {issue["project"]["name"] for issue in listed} == {"Bakkerij De Korenaar"}
    assert ask(f"{world.desk.url}/issues/{world.night.tickets['invoices']}.json", key=RON).status == 403


def test_what_did_not_change_is_answered_304(world: World) -> None:
    first = ask(f"{world.desk.url}/issues.json", key=KEY)
    assert ask(f"{world.desk.url}/issues.json", key=KEY, **{"If-None-Match": first.headers["etag"]}).status == 304


def test_updated_since_is_inclusive_and_has_whole_seconds(world: World, hands: Hands, orders: int) -> None:
    hands.turn(30)
    put(world, orders, notes="now")
    since = f"{hands():%Y-%m-%dT%H:%M:%SZ}"
    found = ask(f"{world.desk.url}/issues.json?updated_on=%3E%3D{since}&status_id=*", key=KEY).json
    assert [issue["id"] for issue in found["issues"]] == [orders]
    assert show(world, orders)["updated_on"] == since


# --- Alertmanager ----------------------------------------------------------------------------------------------------


def silence(
    world: World, *, start_s: float = 0, end_s: float = 3600, name: str = "OrdersApiDown", **more: Any
) -> Answer:
    now = world.now()
    body = {
        "matchers": [{"name": "alertname", "value": name, "isRegex": False}],
        "startsAt": (now + timedelta(seconds=start_s)).isoformat(),
        "endsAt": (now + timedelta(seconds=end_s)).isoformat(),
        "createdBy": "olga",
        "comment": "x",
        **more,
    }
    return ask(f"{world.monitor.url}/api/v2/silences", "POST", body)


def states(world: World) -> dict[str, str]:
    listed = ask(f"{world.monitor.url}/api/v2/silences").json
    return {record["id"]: record["status"]["state"] for record in listed}


def test_the_same_silence_twice_is_two_silences_that_both_cover(world: World) -> None:
    ids = {silence(world).json["silenceID"] for _ in range(2)}
    listed = ask(f'{world.monitor.url}/api/v2/alerts?filter=alertname="OrdersApiDown"').json
    assert set(listed[0]["status"]["silencedBy"]) == ids == set(states(world))
    assert listed[0]["status"]["state"] == "suppressed"


def test_a_renewed_silence_keeps_its_id_when_only_its_end_moves(world: World, hands: Hands) -> None:
    first = silence(world).json["silenceID"]
    hands.turn(60)
    assert silence(world, start_s=-60, end_s=7200, id=first).json["silenceID"] == first
    assert states(world) == {first: "active"}


@pytest.mark.parametrize("change", [{"start_s": -30.0}, {"name": "Http5xx", "start_s": -60.0}])
def test_another_start_or_other_matchers_expire_it_and_make_a_new_one(world: World, hands: Hands, change: Any) -> None:
    first = silence(world).json["silenceID"]
    hands.turn(60)
    second = silence(world, id=first, **change).json["silenceID"]
    assert states(world) == {second: "active", first: "expired"}


def test_prolonging_an_expired_silence_makes_a_new_one(world: World, hands: Hands) -> None:
    first = silence(world, end_s=10).json["silenceID"]
    hands.turn(60)
    second = silence(world, id=first, start_s=-60).json["silenceID"]
    assert states(world) == {second: "active", first: "expired"}


def test_ending_a_silence_twice_is_no_fault_and_an_unknown_one_is_500(world: World) -> None:
    first = silence(world).json["silenceID"]
    url = f"{world.monitor.url}/api/v2/silence"
    assert [ask(f"{url}/{first}", "DELETE").status for _ in range(2)] == [200, 200]
    assert states(world) == {first: "expired"}
    assert ask(f"{url}/11111111-1111-1111-1111-111111111111", "DELETE").status == 500
    assert silence(world, id="11111111-1111-1111-1111-111111111111").status == 404


def test_a_silence_that_begins_later_covers_nothing_yet_and_one_that_is_over_nothing_any_more(
    world: World, hands: Hands
) -> None:
    silence(world, start_s=30, end_s=60)
    covered = []
    for _ in range(3):
        alerts = ask(f"{world.monitor.url}/api/v2/alerts").json
        covered.append(sum(1 for alert in alerts if alert["status"]["silencedBy"]))
        hands.turn(40)
    assert covered == [0, 1, 0]


@pytest.mark.parametrize(
    ("matcher", "names"),
    [
        ('severity="critical"', ["OrdersApiDown"]),
        ('alertname=~"Http.*|Checkout.*"', ["CheckoutSlow", "Http5xx"]),
        ('service!="orders-api"', ["CheckoutSlow", "InvoiceQueueSlow"]),
        ('alertname!~".*Slow"', ["Http5xx", "OrdersApiDown"]),
        ('absent=""', ["CheckoutSlow", "Http5xx", "InvoiceQueueSlow", "OrdersApiDown"]),
    ],
)
def test_filters_are_read_as_matchers(world: World, matcher: str, names: list[str]) -> None:
    listed = ask(f"{world.monitor.url}/api/v2/alerts?filter={matcher.replace('+', '%2B')}").json
    assert sorted(alert["labels"]["alertname"] for alert in listed) == names


def test_silenced_alerts_can_be_left_out(world: World) -> None:
    silence(world)
    left = ask(f"{world.monitor.url}/api/v2/alerts?silenced=false").json
    assert "OrdersApiDown" not in {alert["labels"]["alertname"] for alert in left}
    only = ask(f"{world.monitor.url}/api/v2/alerts?active=false").json
    assert {alert["labels"]["alertname"] for alert in only} == {"OrdersApiDown"}


def test_an_alert_can_be_sent_and_resolved_as_prometheus_does_it(world: World, hands: Hands) -> None:
    url = f"{world.monitor.url}/api/v2/alerts"
    alert = {"labels": {"alertname": "Sent", "severity": "page"}, "annotations": {"summary": "hello"}}
    assert ask(url, "POST", [alert]).status == 200
    first = next(a for a in ask(url).json if a["labels"]["alertname"] == "Sent")
    hands.turn(20)
    ask(url, "POST", [alert])
    again = next(a for a in ask(url).json if a["labels"]["alertname"] == "Sent")
    assert first["startsAt"] == again["startsAt"]
    assert first["updatedAt"] < again["updatedAt"]
    ask(url, "POST", [{**alert, "endsAt": hands().isoformat()}])
    assert "Sent" not in {a["labels"]["alertname"] for a in ask(url).json}
