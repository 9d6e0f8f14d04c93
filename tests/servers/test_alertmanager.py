"""The connector against a real Alertmanager; what it did is read back by a second client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_tui.errors import Denied, Rejected, Unavailable
from oncall_tui.model import Impact, Signal, Verb
from tests.servers.conftest import Server
from tests.servers.reach import Client, Reach

pytestmark = pytest.mark.server


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def client(alertmanager: Server) -> Client:
    """A client of a server that holds no silence."""
    client = Client(alertmanager.url)
    end_silences(client)
    return client


@pytest.fixture
def sanne(alertmanager: Server) -> Reach:
    return Reach("alertmanager", alertmanager.url, "Sanne")


@pytest.fixture
def olga(alertmanager: Server) -> Reach:
    return Reach("alertmanager", alertmanager.url, "Olga")


def fire(client: Client, name: str, **labels: str) -> None:
    """Let an alert fire for an hour."""
    alert = {
        "labels": {"alertname": name, "severity": "critical", "instance": "db1:9100", "job": "node", **labels},
        "annotations": {"summary": f"{name} – 97 %", "description": "Soon no orders."},
        "startsAt": now().isoformat(),
        "endsAt": (now() + timedelta(hours=1)).isoformat(),
    }
    client.call("POST", "/api/v2/alerts", [alert])


def end(client: Client, name: str) -> None:
    labels = next(one["labels"] for one in client.get("/api/v2/alerts") if one["labels"]["alertname"] == name)
    client.call("POST", "/api/v2/alerts", [{"labels": labels, "endsAt": now().isoformat()}])


def end_silences(client: Client) -> None:
    for silence in active(client):
        client.call("DELETE", f"/api/v2/silence/{silence['id']}")


def active(client: Client) -> list[Any]:
    return [one for one in client.get("/api/v2/silences") if one["status"]["state"] != "expired"]


def named(reach: Reach, title: str) -> Signal:
    return next(signal for signal in reach.poll().signals if signal.title == title)


def test_a_firing_alert_is_listed_with_what_the_screen_needs(client: Client, sanne: Reach) -> None:
    fire(client, "OrdersDown", service="orders-api", tenant="korenaar")
    signal = named(sanne, "OrdersDown")
    assert (signal.severity, signal.impact) == ("critical", Impact.DOWN)
    assert (signal.service, signal.host, signal.labels["tenant"]) == ("orders-api", "db1:9100", "korenaar")
    assert signal.text == "OrdersDown – 97 %\nSoon no orders."
    assert (signal.taken_by, signal.suppressed) == ("", "")
    assert abs((signal.opened_at - now()).total_seconds()) < 60


def test_taking_an_alert_silences_exactly_its_labels(client: Client, sanne: Reach) -> None:
    fire(client, "TakeMe")
    alert = named(sanne, "TakeMe")
    until = now() + timedelta(hours=2)
    receipt = sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now(), until=until))

    [silence] = active(client)
    assert silence["id"] == receipt.id
    assert {one["name"]: one["value"] for one in silence["matchers"]} == dict(alert.labels)
    assert all(one["isEqual"] and not one["isRegex"] for one in silence["matchers"])
    assert silence["createdBy"] == "Sanne"
    assert "taken by Sanne" in silence["comment"]
    assert "[oncall-tui w1]" in silence["comment"]
    assert abs((datetime.fromisoformat(silence["endsAt"]) - until).total_seconds()) < 0.01
    listed = next(one for one in client.get("/api/v2/alerts") if one["fingerprint"] == alert.id)
    assert listed["status"]["silencedBy"] == [receipt.id]


def test_who_took_it_is_read_by_them_and_by_a_colleague(client: Client, sanne: Reach, olga: Reach) -> None:
    fire(client, "WhoHasIt")
    alert = named(sanne, "WhoHasIt")
    write = sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now())
    assert not sanne.has_seen(write)
    sanne.say(write)
    assert sanne.has_seen(write)
    mine, theirs = named(sanne, "WhoHasIt"), named(olga, "WhoHasIt")
    assert (mine.taken_by, mine.mine) == ("Sanne", True)
    assert (theirs.taken_by, theirs.mine) == ("Sanne", False)
    assert mine.suppressed == ""
    assert mine.taken_until is not None
    assert olga.peek(alert.id) == theirs


def test_saying_it_again_makes_no_second_silence_and_a_later_end_prolongs_the_first(
    client: Client, sanne: Reach
) -> None:
    fire(client, "Renewed")
    alert = named(sanne, "Renewed")
    write = sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now(), until=now() + timedelta(hours=1))
    first = sanne.say(write)
    again = sanne.say(write)
    assert sanne.changes == []
    later = now() + timedelta(hours=5)
    renewed = sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, id="w2", asked_at=now(), until=later))
    assert first.id == again.id == renewed.id
    [silence] = active(client)
    assert datetime.fromisoformat(silence["endsAt"]) > later - timedelta(seconds=1)


def test_a_colleague_who_takes_it_over_prolongs_the_same_silence(client: Client, sanne: Reach, olga: Reach) -> None:
    fire(client, "HandedOver")
    alert = named(sanne, "HandedOver")
    first = sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now()))
    second = olga.say(olga.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now()))
    assert first.id == second.id
    assert [silence["createdBy"] for silence in active(client)] == ["Olga"]


def test_a_release_ends_my_silence_and_leaves_a_colleagues(client: Client, sanne: Reach, olga: Reach) -> None:
    fire(client, "GivenBack")
    alert = named(sanne, "GivenBack")
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now()))
    release = sanne.write(Verb.RELEASE, alert.id, asked_at=now())
    assert olga.say(olga.write(Verb.RELEASE, alert.id, asked_at=now())).words
    assert len(active(client)) == 1
    assert not sanne.has_seen(release)
    sanne.say(release)
    assert active(client) == []
    assert sanne.has_seen(release)
    assert sanne.say(release).words == "no silence of yours was left"


def test_a_snooze_is_a_silence_that_takes_nothing_and_stands_beside_a_colleagues_taking(
    client: Client, sanne: Reach, olga: Reach
) -> None:
    fire(client, "Snoozed")
    alert = named(sanne, "Snoozed")
    olga.say(olga.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now()))
    snooze = sanne.write(Verb.SNOOZE, alert.id, id="w2", asked_at=now(), until=now() + timedelta(hours=1))
    assert not sanne.has_seen(snooze)
    sanne.say(snooze)
    assert sanne.has_seen(snooze)
    assert {silence["createdBy"]: silence["comment"].split()[0] for silence in active(client)} == {
        "Olga": "taken",
        "Sanne": "snoozed",
    }
    signal = named(sanne, "Snoozed")
    assert (signal.taken_by, signal.suppressed) == ("Olga", "silenced by Sanne")
    sanne.say(snooze)
    assert sanne.changes == []
    olga.say(olga.write(Verb.RELEASE, alert.id, asked_at=now()))
    assert [silence["createdBy"] for silence in active(client)] == ["Sanne"]


def test_a_snooze_is_taken_back_and_what_else_silences_the_alert_stays(
    client: Client, sanne: Reach, olga: Reach
) -> None:
    fire(client, "WokenAgain")
    alert = named(sanne, "WokenAgain")
    olga.say(olga.write(Verb.SNOOZE, alert.id, asked_at=now(), until=now() + timedelta(hours=1)))
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, id="w2", asked_at=now()))
    snooze = sanne.write(Verb.SNOOZE, alert.id, id="w3", asked_at=now(), until=now() + timedelta(hours=1))
    made = sanne.say(snooze)
    sanne.retract(snooze)
    assert sanne.changes == [("DELETE", f"/api/v2/silence/{made.id}")]
    assert not sanne.has_seen(snooze)
    assert {silence["createdBy"]: silence["comment"].split()[0] for silence in active(client)} == {
        "Olga": "snoozed",
        "Sanne": "taken",
    }
    sanne.retract(snooze)
    assert sanne.changes == []


def test_a_silence_made_elsewhere_puts_it_aside_and_takes_nothing(client: Client, sanne: Reach) -> None:
    fire(client, "Maintenance")
    silence = {
        "matchers": [{"name": "alertname", "value": "Maint.*", "isRegex": True}],
        "startsAt": now().isoformat(),
        "endsAt": (now() + timedelta(hours=1)).isoformat(),
        "createdBy": "Piet",
        "comment": "new disks",
    }
    client.call("POST", "/api/v2/silences", silence)
    signal = named(sanne, "Maintenance")
    assert (signal.taken_by, signal.suppressed) == ("", "silenced by Piet")
    assert signal.suppressed_until is not None


def test_a_silence_that_also_covers_a_second_alert_does_not_take_that_one(client: Client, sanne: Reach) -> None:
    fire(client, "Twin")
    fire(client, "Twin", mountpoint="/data")
    plain = next(one for one in sanne.poll().signals if one.title == "Twin" and "mountpoint" not in one.labels)
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, plain.id, asked_at=now()))
    other = next(one for one in sanne.poll().signals if one.title == "Twin" and "mountpoint" in one.labels)
    assert (other.taken_by, other.suppressed) == ("", "silenced by Sanne")


def test_an_alert_that_another_one_inhibits_says_so(client: Client, sanne: Reach) -> None:
    fire(client, "Inhibited")
    fire(client, "Inhibited", severity="warning")
    signals = [one for one in sanne.poll().signals if one.title == "Inhibited"]
    critical = next(one for one in signals if one.severity == "critical")
    warning = next(one for one in signals if one.severity == "warning")
    assert (warning.suppressed, warning.links) == ("inhibited by another alert", (critical.id,))


def test_a_clock_of_ours_that_is_ahead_does_not_make_the_silence_wait(client: Client, sanne: Reach) -> None:
    fire(client, "FastClock")
    alert = named(sanne, "FastClock")
    ahead = now() + timedelta(hours=1)
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=ahead, until=ahead + timedelta(hours=1)))
    assert [silence["status"]["state"] for silence in active(client)] == ["active"]
    assert named(sanne, "FastClock").mine


def test_label_values_with_quotes_and_line_ends_are_silenced_as_they_are(client: Client, sanne: Reach) -> None:
    strange = 'a "quoted"\n\\path\x1b[31m é'
    fire(client, 'Od"d\\', path=strange)
    alert = named(sanne, 'Od"d\\')
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now()))
    assert sanne.peek(alert.id) == named(sanne, 'Od"d\\')
    assert named(sanne, 'Od"d\\').mine


def test_a_password_that_is_wrong_is_denied_and_the_right_one_reads(guarded_alertmanager: Server) -> None:
    url = guarded_alertmanager.url
    assert Reach("alertmanager", url, "Sanne", "secret", user="oncall").poll().signals == []
    with pytest.raises(Denied) as refusal:
        Reach("alertmanager", url, "Sanne", "wr0ng-pass", user="oncall").poll()
    assert "wr0ng-pass" not in str(refusal.value)


def test_after_a_restart_a_missing_alert_is_not_called_over_and_the_silence_is_still_ended(
    alertmanager: Server, client: Client, sanne: Reach
) -> None:
    fire(client, "Restarted")
    alert = named(sanne, "Restarted")
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now()))
    alertmanager.restart()
    assert client.get("/api/v2/alerts") == []
    with pytest.raises(Unavailable):
        sanne.peek(alert.id)
    with pytest.raises(Unavailable):
        sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now()))
    assert len(active(client)) == 1
    sanne.say(sanne.write(Verb.RELEASE, alert.id, asked_at=now()))
    assert active(client) == []


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_silence_ends_when_it_was_meant_to_by_the_servers_own_clock(
    alertmanager: Server, client: Client, hours: int
) -> None:
    behind = timedelta(hours=hours)
    sanne = Reach("alertmanager", alertmanager.url, "Sanne", behind=behind)
    fire(client, "WrongClock")
    alert, until = named(sanne, "WrongClock"), now() + timedelta(hours=1)
    write = sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now() - behind, until=until - behind)
    sanne.say(write)
    [silence] = active(client)
    assert abs((datetime.fromisoformat(silence["endsAt"]) - until).total_seconds()) < 5
    assert (silence["status"]["state"], sanne.has_seen(write)) == ("active", True)
    sanne.say(write)
    assert sanne.changes == []


def test_after_a_restart_what_was_told_stands_until_it_is_told_again(
    alertmanager: Server, client: Client, sanne: Reach
) -> None:
    fire(client, "Forgotten")
    alert = named(sanne, "Forgotten")
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now()))
    before, at = named(sanne, "Forgotten"), now()
    alertmanager.restart()
    after = sanne.poll({alert.id: before}, at)
    assert [(one.id, one.status, one.taken_by) for one in after.signals] == [
        (alert.id, "not heard of since its start", "Sanne")
    ]
    assert "has not heard of every alert yet" in after.gap
    assert sanne.poll({alert.id: after.signals[0]}, now()).signals == after.signals
    fire(client, "Forgotten")
    heard = sanne.poll({alert.id: after.signals[0]}, now()).signals
    assert [(one.id, one.mine) for one in heard] == [(alert.id, True)]
    end(client, "Forgotten")
    assert sanne.poll({alert.id: heard[0]}, now() + timedelta(seconds=1)).signals == []


def test_an_alert_that_always_fires_is_out_of_the_way_and_missed_when_it_is_silent(
    client: Client, sanne: Reach
) -> None:
    fire(client, "Watchdog", severity="none")
    dog = named(sanne, "Watchdog")
    assert dog.suppressed == "it always fires, so that its silence is noticed"
    end(client, "Watchdog")
    silent = sanne.poll({dog.id: dog}, now())
    assert dog.id in {one.id for one in silent.signals}
    assert "does not hear Watchdog any more" in silent.gap
    fire(client, "Watchdog", severity="none")
    assert "Watchdog" not in sanne.poll({dog.id: dog}, now()).gap
    end(client, "Watchdog")


def test_a_silence_that_somebody_ended_under_us_is_made_anew_and_takes_nothing_meanwhile(
    client: Client, sanne: Reach
) -> None:
    fire(client, "Unsilenced")
    alert = named(sanne, "Unsilenced")
    write = sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=now(), until=now() + timedelta(hours=1))
    sanne.say(write)
    end_silences(client)
    assert (named(sanne, "Unsilenced").taken_by, sanne.has_seen(write)) == ("", False)
    sanne.say(write)
    later = sanne.write(Verb.ACKNOWLEDGE, alert.id, id="w2", asked_at=now(), until=now() + timedelta(hours=2))
    sanne.say(later, meanwhile=lambda: end_silences(client))
    assert (len(active(client)), named(sanne, "Unsilenced").mine, sanne.has_seen(later)) == (1, True, True)
    release = sanne.write(Verb.RELEASE, alert.id, id="w3", asked_at=now())
    sanne.say(release, meanwhile=lambda: end_silences(client))
    assert (active(client), sanne.has_seen(release)) == ([], True)


def test_an_end_that_has_passed_is_refused_in_the_servers_words(client: Client, sanne: Reach) -> None:
    fire(client, "TooLate")
    alert = named(sanne, "TooLate")
    past = now() - timedelta(hours=1)
    with pytest.raises(Rejected) as refusal:
        sanne.say(sanne.write(Verb.ACKNOWLEDGE, alert.id, asked_at=past - timedelta(hours=1), until=past))
    assert "past" in str(refusal.value)


def test_the_check_says_the_version_and_in_whose_name_silences_are_made(client: Client, sanne: Reach) -> None:
    assert sanne.connector.check
    assert sanne.play(sanne.connector.check).endswith("silences in the name of Sanne")
