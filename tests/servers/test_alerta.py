"""The connector against a real Alerta; what it did is read back by its administrator, through a client of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from oncall_tui.errors import ConfigError, Denied, Rejected
from oncall_tui.kit import DONE
from oncall_tui.model import Impact, Verb, Voice, Write
from tests.servers.conftest import Server
from tests.servers.reach import Reach, eventually
from tests.servers.second.alerta import Alerta

pytestmark = pytest.mark.server


@pytest.fixture
def admin(alerta: Server) -> Alerta:
    return Alerta(alerta)


@pytest.fixture
def olga(alerta: Server) -> Reach:
    return Reach("alerta", alerta.url, "Olga", alerta.env["KEY_ONCALL"])


@pytest.fixture
def dirk(alerta: Server) -> Reach:
    return Reach("alerta", alerta.url, "Dirk", alerta.env["KEY_DIRK"])


@pytest.fixture
def alert(admin: Alerta) -> str:
    """A fresh alert; its id."""
    return admin.appear()


def write(reach: Reach, verb: Verb, alert: str, text: str = "", **more: Any) -> Write:
    return reach.write(verb, alert, text, asked_at=datetime.now(UTC), **more)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_an_alert_is_listed_with_what_the_screen_needs(admin: Alerta, olga: Reach) -> None:
    alert = admin.appear("OrdersDown", customer="De Korenaar")
    signal = olga.signal(alert)
    assert (signal.title, signal.status) == ("OrdersDown", "open")
    assert (signal.severity, signal.impact) == ("critical", Impact.DOWN)
    assert (signal.host, signal.service, signal.customer) == ("db1.example.net", "postgres", "De Korenaar")
    assert (signal.labels["region"], signal.labels["environment"], signal.labels["group"]) == (
        "EU",
        "Production",
        "Storage",
    )
    assert signal.text == "3 % left – café\n97 %"
    assert (signal.taken_by, signal.suppressed, signal.messages) == ("", "", ())
    assert signal.url == f"{olga.config.url}/alert/{alert}"
    assert abs((signal.opened_at - datetime.now(UTC)).total_seconds()) < 60
    assert olga.peek(alert) == signal


def test_an_alert_that_got_worse_began_when_it_first_did_and_one_that_came_back_when_it_did(
    admin: Alerta, olga: Reach
) -> None:
    alert = admin.appear("Worse", severity="minor")
    began_at = olga.signal(alert).opened_at
    assert admin.appear("Worse", severity="critical") == alert
    assert (olga.signal(alert).opened_at, olga.signal(alert).severity) == (began_at, "critical")
    assert admin.appear("Worse", severity="normal") == alert
    assert alert not in [signal.id for signal in olga.poll().signals]
    assert admin.appear("Worse", severity="major") == alert
    assert olga.signal(alert).opened_at > began_at


def test_alerts_that_are_over_or_deleted_are_gone(admin: Alerta, olga: Reach, alert: str) -> None:
    deleted = admin.appear()
    admin.act(admin.client, alert, "close")
    admin.client.call("DELETE", f"/alert/{deleted}")
    assert not {alert, deleted} & {signal.id for signal in olga.poll().signals}
    assert (olga.peek(alert), olga.peek(deleted)) == (None, None)


def test_a_blackout_is_said(admin: Alerta, olga: Reach) -> None:
    blackout = admin.client.call("POST", "/blackout", {"environment": "Development", "duration": 3600})["id"]
    try:
        alert = admin.appear("Planned", environment="Development")
        assert olga.signal(alert).suppressed == "in a blackout"
    finally:
        admin.client.call("DELETE", f"/blackout/{blackout}")


def test_more_alerts_than_one_page_holds_are_all_listed(admin: Alerta, alerta: Server, olga: Reach) -> None:
    made = {admin.appear() for _ in range(3)}
    paged = Reach("alerta", alerta.url, "Olga", alerta.env["KEY_ONCALL"], page_size="2")
    assert paged.poll() == olga.poll()
    assert made <= {signal.id for signal in paged.poll().signals}
    assert len(paged.asked) > len(olga.asked) == 1


def test_a_key_that_is_wrong_is_denied_and_not_repeated_although_the_server_says_it_back(alerta: Server) -> None:
    with pytest.raises(Denied) as refusal:
        Reach("alerta", alerta.url, "Olga", "wr0ng-key").poll()
    assert "wr0ng-key" not in str(refusal.value)


def test_whose_key_it_is_is_found_among_everybodys_or_as_configured(alerta: Server, olga: Reach) -> None:
    boss = Reach("alerta", alerta.url, "Sanne", alerta.env["KEY_ADMIN"])
    assert boss.connector.check
    assert boss.play(boss.connector.check).startswith("Alerta, as admin@example.net; ")
    named = Reach("alerta", alerta.url, "Sanne", alerta.env["KEY_ADMIN"], user="someone")
    named.poll()
    assert [request.path for request in named.asked] == ["/api/alerts"]


def test_a_key_that_may_not_list_keys_has_to_say_whose_it_is(admin: Alerta, alerta: Server) -> None:
    content = {"user": "oncall@example.net", "scopes": ["read:alerts"], "text": "narrow"}
    narrow = admin.client.call("POST", "/key", content)["key"]
    with pytest.raises(ConfigError) as refusal:
        Reach("alerta", alerta.url, "Olga", narrow).poll()
    assert 'user = "LOGIN NAME"' in str(refusal.value)
    assert Reach("alerta", alerta.url, "Olga", narrow, user="oncall@example.net").poll()


def test_whether_we_may_write_is_told_by_the_scopes_of_the_key(admin: Alerta, alerta: Server, olga: Reach) -> None:
    assert olga.connector.may
    assert olga.play(olga.connector.may) == "acknowledgements and notes are taken from us"
    content = {"user": "oncall@example.net", "scopes": ["read"], "text": "reads"}
    reader = Reach("alerta", alerta.url, "Olga", admin.client.call("POST", "/key", content)["key"])
    with pytest.raises(Rejected) as refusal:
        reader.play(olga.connector.may)
    assert "the key has only read" in str(refusal.value)


# --- writing ---------------------------------------------------------------------------------------------------------


def test_taking_an_alert_acknowledges_it_and_a_colleague_reads_who_has_it(
    admin: Alerta, alert: str, olga: Reach, dirk: Reach
) -> None:
    taking = write(olga, Verb.ACKNOWLEDGE, alert)
    assert not olga.has_seen(taking)
    olga.say(taking)
    stored = admin.read(alert)
    assert (stored["status"], stored["history"][-1]["user"]) == ("ack", "oncall@example.net")
    signal = olga.signal(alert)
    assert (signal.taken_by, signal.mine, signal.taken_until) == ("oncall@example.net", True, None)
    assert signal.taken_at
    assert olga.peek(alert) == signal
    assert olga.has_seen(taking)
    assert (dirk.signal(alert).taken_by, dirk.signal(alert).mine) == ("oncall@example.net", False)
    olga.say(taking)
    assert olga.changes == []


def test_an_ack_with_an_end_says_until_when(admin: Alerta, alert: str, olga: Reach) -> None:
    until = datetime.now(UTC) + timedelta(hours=2)
    olga.say(write(olga, Verb.ACKNOWLEDGE, alert, until=until))
    assert abs(admin.read(alert)["history"][-1]["timeout"] - 7200) <= 1
    taken_until = olga.signal(alert).taken_until
    assert taken_until
    assert abs((taken_until - until).total_seconds()) < 5


def test_taking_over_from_a_colleague_takes_theirs_back_first(
    admin: Alerta, alert: str, olga: Reach, dirk: Reach
) -> None:
    dirk.say(write(dirk, Verb.ACKNOWLEDGE, alert))
    olga.say(write(olga, Verb.ACKNOWLEDGE, alert))
    told = [(one["type"], one["user"].split("@")[0]) for one in admin.read(alert)["history"][-3:]]
    assert told == [("ack", "dirk"), ("unack", "oncall"), ("ack", "oncall")]
    assert olga.signal(alert).mine


def test_giving_it_back_leaves_a_colleagues_ack(admin: Alerta, alert: str, olga: Reach, dirk: Reach) -> None:
    dirk.say(write(dirk, Verb.ACKNOWLEDGE, alert))
    assert olga.say(write(olga, Verb.RELEASE, alert)).words == "dirk@example.net has it now"
    assert olga.changes == []
    release = write(dirk, Verb.RELEASE, alert)
    assert not dirk.has_seen(release)
    dirk.say(release)
    assert admin.read(alert)["status"] == "open"
    assert dirk.has_seen(release)
    dirk.say(release)
    assert dirk.changes == []


def test_one_release_undoes_acks_that_were_stored_twice_at_the_same_moment(
    admin: Alerta, alert: str, olga: Reach
) -> None:
    """Alerta lets both through in a race; its own status call makes the same state without one."""
    admin.act(admin.of("ONCALL"), alert, "ack")
    admin.of("ONCALL").call("PUT", f"/alert/{alert}/status", {"status": "ack", "text": "twice"})
    olga.say(write(olga, Verb.RELEASE, alert))
    assert admin.read(alert)["status"] == "open"


def test_a_colleague_who_takes_it_elsewhere_is_seen(admin: Alerta, alert: str, olga: Reach) -> None:
    admin.act(admin.of("DIRK"), alert, "ack")
    signal = olga.peek(alert)
    assert signal
    assert (signal.taken_by, signal.mine) == ("dirk@example.net", False)
    admin.act(admin.of("DIRK"), alert, "unack")
    assert olga.signal(alert).taken_by == ""


def test_an_alert_that_gets_worse_is_nobodys_again(admin: Alerta, olga: Reach) -> None:
    alert = admin.appear("Growing", severity="minor")
    admin.appear("Growing", severity="warning")
    olga.say(write(olga, Verb.ACKNOWLEDGE, alert))
    admin.appear("Growing", severity="critical")
    assert (olga.signal(alert).taken_by, olga.signal(alert).mine) == ("", False)


def test_a_note_is_kept_word_for_word_and_found_by_its_marker(
    admin: Alerta, alert: str, olga: Reach, dirk: Reach
) -> None:
    text = "db1 is vol\n\n😀 bel Piet"
    noted = write(olga, Verb.NOTE, alert, text)
    assert not olga.has_seen(noted)
    receipt = olga.say(noted)
    [stored] = admin.client.get(f"/alert/{alert}/notes")["notes"]
    assert (stored["id"], stored["text"], stored["user"]) == (
        receipt.id,
        f"{text}\n[oncall-tui w1]",
        "oncall@example.net",
    )
    assert olga.has_seen(noted)
    assert not olga.has_seen(write(olga, Verb.NOTE, alert, text, id="w2"))
    assert not dirk.has_seen(noted)
    [message] = olga.signal(alert).messages
    assert (message.author, message.text, message.voice, message.private) == (
        "oncall@example.net",
        text,
        Voice.OURS,
        True,
    )
    assert olga.signal(alert).taken_by == ""


def test_resolving_closes_it_once(admin: Alerta, alert: str, olga: Reach) -> None:
    resolved = write(olga, Verb.RESOLVE, alert)
    assert not olga.has_seen(resolved)
    olga.say(resolved)
    assert admin.read(alert)["status"] == "closed"
    assert olga.has_seen(resolved)
    olga.say(resolved)
    assert olga.changes == []


def test_snoozing_shelves_it_and_it_can_be_taken_from_the_shelf(admin: Alerta, alert: str, olga: Reach) -> None:
    until = datetime.now(UTC) + timedelta(hours=3)
    snoozed = write(olga, Verb.SNOOZE, alert, until=until)
    assert not olga.has_seen(snoozed)
    olga.say(snoozed)
    assert admin.read(alert)["status"] == "shelved"
    assert olga.has_seen(snoozed)
    signal = olga.signal(alert)
    assert signal.suppressed == "shelved by oncall@example.net"
    assert signal.suppressed_until
    assert abs((signal.suppressed_until - until).total_seconds()) < 5
    olga.say(snoozed)
    assert olga.changes == []
    olga.say(write(olga, Verb.ACKNOWLEDGE, alert))
    assert olga.signal(alert).mine


def test_what_was_noted_and_snoozed_can_be_taken_back_and_nothing_else(admin: Alerta, alert: str, olga: Reach) -> None:
    admin.of("DIRK").call("PUT", f"/alert/{alert}/note", {"text": "called Piet"})
    snoozed = write(olga, Verb.SNOOZE, alert, until=datetime.now(UTC) + timedelta(hours=3))
    noted = write(olga, Verb.NOTE, alert, "the wrong one")
    for said in (noted, snoozed):
        olga.say(said)
    olga.retract(replace(snoozed, id="w2"))
    assert (olga.changes, admin.read(alert)["status"]) == ([], "shelved")
    for said in (noted, snoozed):
        olga.retract(said)
        assert olga.changes
        olga.retract(said)
        assert olga.changes == []
    assert admin.read(alert)["status"] == "open"
    assert [note["text"] for note in admin.client.get(f"/alert/{alert}/notes")["notes"]] == ["called Piet"]
    assert [message.text for message in olga.signal(alert).messages] == ["called Piet"]


def test_what_was_assigned_to_a_colleague_is_theirs_and_can_be_taken_over(
    admin: Alerta, alert: str, olga: Reach
) -> None:
    admin.of("DIRK").call("PUT", f"/alert/{alert}/status", {"status": "assign", "text": "for Dirk"})
    assert (olga.signal(alert).taken_by, olga.signal(alert).mine) == ("dirk@example.net", False)
    olga.say(write(olga, Verb.ACKNOWLEDGE, alert))
    assert (admin.read(alert)["status"], olga.signal(alert).mine) == ("ack", True)


def test_a_colleagues_short_shelf_makes_room_for_mine(admin: Alerta, alert: str, olga: Reach) -> None:
    admin.act(admin.of("DIRK"), alert, "shelve", timeout=60)
    snoozed = write(olga, Verb.SNOOZE, alert, until=datetime.now(UTC) + timedelta(hours=8))
    assert not olga.has_seen(snoozed)
    olga.say(snoozed)
    assert olga.has_seen(snoozed)
    last = admin.read(alert)["history"][-1]
    assert (last["type"], last["user"], last["timeout"] > 8 * 3600 - 60) == ("shelve", "oncall@example.net", True)


def test_an_ack_below_a_colleagues_shelf_is_taken_from_them(admin: Alerta, alert: str, olga: Reach) -> None:
    admin.act(admin.of("DIRK"), alert, "ack")
    admin.act(admin.of("DIRK"), alert, "shelve", timeout=60)
    olga.say(write(olga, Verb.ACKNOWLEDGE, alert))
    assert (admin.read(alert)["status"], olga.signal(alert).mine) == ("ack", True)


def test_a_note_moves_nothing_that_is_listed(admin: Alerta, alert: str) -> None:
    """Why each poll asks for the whole history: nothing else says that a colleague noted something."""
    before = admin.read(alert)
    admin.of("DIRK").call("PUT", f"/alert/{alert}/note", {"text": "called Piet"})
    after = admin.read(alert)
    assert len(after["history"]) == len(before["history"]) + 1
    assert {**after, "history": []} == {**before, "history": []}


def test_an_alert_that_is_over_takes_nothing(admin: Alerta, alert: str, olga: Reach) -> None:
    admin.act(admin.client, alert, "close")
    for verb in (Verb.ACKNOWLEDGE, Verb.NOTE, Verb.SNOOZE):
        with pytest.raises(Rejected) as refusal:
            olga.say(write(olga, verb, alert, "x", until=datetime.now(UTC) + timedelta(hours=1)))
        assert refusal.value.gone
    assert olga.say(write(olga, Verb.RELEASE, alert)).words == "nobody had it any more"
    assert olga.changes == []


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.NOTE, Verb.SNOOZE])
def test_what_is_deleted_after_we_looked_takes_nothing_and_says_so(
    admin: Alerta, alert: str, olga: Reach, verb: Verb
) -> None:
    said = write(olga, verb, alert, "x", until=datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(Rejected, match="closed, expired, deleted") as refusal:
        olga.say(said, meanwhile=lambda: admin.delete(alert))
    assert refusal.value.gone
    assert not olga.has_seen(said)
    assert alert not in [signal.id for signal in olga.poll().signals]
    with pytest.raises(Rejected):
        olga.say(said)
    assert olga.changes == []


@pytest.mark.parametrize("over", ["closed", "expired"])
def test_what_is_over_after_we_looked_is_resolved_and_takes_no_shelf(
    admin: Alerta, alert: str, olga: Reach, over: str
) -> None:
    snooze = write(olga, Verb.SNOOZE, alert, until=datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(Rejected) as refusal:
        olga.say(snooze, meanwhile=lambda: admin.put(alert, "status", status=over))
    assert (refusal.value.gone, olga.changes) == (True, [("PUT", f"/api/alert/{alert}/action")])
    again = admin.appear()
    assert olga.say(write(olga, Verb.RESOLVE, again), meanwhile=lambda: admin.put(again, "status", status=over)) == DONE


def test_what_expires_by_itself_is_listed_until_alerta_says_so(admin: Alerta, olga: Reach) -> None:
    alert = admin.appear(timeout=1)
    eventually(lambda: alert in admin.client.get("/management/housekeeping")["expired"], "it expires")
    assert (olga.peek(alert), alert in [signal.id for signal in olga.poll().signals]) == (None, False)


def test_a_shelf_that_somebody_was_faster_with_says_why(admin: Alerta, alert: str, olga: Reach) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    for verb, words in ((Verb.ACKNOWLEDGE, "invalid action for current shelved status"), (Verb.SNOOZE, "already in")):
        admin.put(alert, "status", status="open")
        with pytest.raises(Rejected, match=words) as refusal:
            olga.say(write(olga, verb, alert, until=until), meanwhile=lambda: admin.act(admin.client, alert, "shelve"))
        assert not refusal.value.gone
