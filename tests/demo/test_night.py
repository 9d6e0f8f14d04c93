"""The night is told by the clock: the same second, the same world."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oncall_tui.demo.night import STORY, Leaves, Returns
from oncall_tui.demo.world import KEY, World

from .client import ask
from .conftest import Hands


def firing(world: World) -> set[str]:
    return {alert.labels["alertname"] for alert in world.monitor.firing()}


def says(world: World, ticket: str) -> list[str]:
    return [journal.text for journal in world.desk.issues[world.night.tickets[ticket]].journals if journal.text]


def scene(world: World) -> Any:
    """All that both sites would answer."""
    desk = [ask(f"{world.desk.url}/issues/{n}.json?include=journals", key=KEY).json for n in sorted(world.desk.issues)]
    return json.dumps([desk, ask(f"{world.monitor.url}/api/v2/alerts").json])


def test_a_bakery_is_already_burning_when_the_night_opens(world: World) -> None:
    assert firing(world) == {"OrdersApiDown", "Http5xx", "InvoiceQueueSlow", "CheckoutSlow"}
    ticket = world.desk.issues[world.night.tickets["orders"]]
    assert (ticket.author.firstname, ticket.project.name) == ("Ron", "Bakkerij De Korenaar")
    assert ticket.assignee is None
    assert (world.now() - ticket.at).total_seconds() == pytest.approx(761, abs=1)
    assert says(world, "orders")[-1] == "De winkels kunnen niet bestellen, bel mij!"


def test_the_garage_is_with_joris_who_promised_to_be_back_within_the_hour(world: World) -> None:
    ticket = world.desk.issues[world.night.tickets["invoices"]]
    assert ticket.assignee is not None
    assert ticket.assignee.firstname == "Joris"
    word = next(journal for journal in ticket.journals if "binnen een uur" in journal.text)
    assert not word.private
    assert (world.now() - word.at).total_seconds() == pytest.approx(41 * 60, abs=1)


def test_a_customer_writes_again(world: World) -> None:
    world.night.play(24.9)
    assert len(says(world, "orders")) == 2
    world.night.play(25)
    assert says(world, "orders")[-1].startswith("Is daar iemand?")


def test_an_alert_recovers(world: World) -> None:
    world.night.play(119)
    assert "Http5xx" in firing(world)
    world.night.play(120)
    assert "Http5xx" not in firing(world)


def test_the_monitor_goes_away_and_returns_with_its_alerts(world: World) -> None:
    world.night.play(150)
    with pytest.raises(ConnectionRefusedError):
        ask(f"{world.monitor.url}/api/v2/alerts")
    world.night.play(190)
    assert "OrdersApiDown" in ask(f"{world.monitor.url}/api/v2/alerts").body.decode()


def test_the_desk_is_repaired_for_half_a_minute(world: World) -> None:
    world.night.play(280)
    assert ask(f"{world.desk.url}/users/current.json", key=KEY).status == 503
    world.night.play(310)
    assert ask(f"{world.desk.url}/users/current.json", key=KEY).status == 200


def test_a_customer_answers_once_to_the_first_word_of_ours(world: World, hands: Hands) -> None:
    issue = f"{world.desk.url}/issues/{world.night.tickets['orders']}.json"
    hands.turn(10)
    ask(issue, "PUT", {"issue": {"notes": "only for us", "private_notes": True}}, key=KEY)
    hands.turn(10)
    world.night.play(20)
    assert not any("Dank je" in text for text in says(world, "orders")), "a private note is no word to them"
    ask(issue, "PUT", {"issue": {"notes": "Ik ben bij je, Ron."}}, key=KEY)
    world.night.play(21)
    assert says(world, "orders")[-1] == "Ik ben bij je, Ron."
    hands.turn(9)
    for _ in range(3):
        world.night.play(21)
    assert [text for text in says(world, "orders") if "Dank je" in text] == [says(world, "orders")[-1]]


def test_played_in_one_leap_or_in_many_steps_it_is_the_same_night(hands: Hands) -> None:
    with World(hands, still=True) as leap, World(hands, still=True) as steps:
        leap.night.play(600)
        for second in range(0, 601, 7):
            steps.night.play(second)
        steps.night.play(600)
        assert scene(leap) == scene(steps)


def test_the_story_is_in_order_and_whoever_leaves_returns() -> None:
    seconds = [at for at, _ in STORY]
    assert seconds == sorted(seconds)
    gone = [step.site for _, step in STORY if isinstance(step, Leaves)]
    assert gone == [step.site for _, step in STORY if isinstance(step, Returns)] == ["monitor", "desk"]
