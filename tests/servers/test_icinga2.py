"""The connector against a real Icinga 2; what it did is read back by a second client, the ApiUser root."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import pytest

from oncall_tui.errors import Denied, Rejected
from oncall_tui.model import Impact, Verb
from tests.servers.conftest import Server
from tests.servers.reach import Reach
from tests.servers.second.icinga2 import DISK, HOST, HTTP, POSTGRES, Icinga2

pytestmark = pytest.mark.server

MADE = "tmp.example.net"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def root(icinga2: Server) -> Icinga2:
    """Everything is well, nothing is acknowledged and nobody said anything."""
    root = Icinga2(icinga2)
    root.clear()
    return root


def reach(server: Server, me: str, user: str = "oncall", secret: str = "", **options: Any) -> Reach:
    secret = secret or f"{user}-secret"
    return Reach("icinga2", server.url, me, secret, ca_file=server.env["CA_FILE"], user=user, **options)


@pytest.fixture
def sanne(icinga2: Server) -> Reach:
    return reach(icinga2, "Sanne", web="https://icinga.example.net/icingaweb2")


@pytest.fixture
def olga(icinga2: Server) -> Reach:
    return reach(icinga2, "Olga")


def test_what_was_said_is_seen_as_icinga_keeps_it_and_not_before(root: Icinga2, sanne: Reach, olga: Reach) -> None:
    root.result(DISK, 2, "DISK CRITICAL – 3 % free")
    taking = sanne.write(Verb.ACKNOWLEDGE, DISK, asked_at=now())
    assert not sanne.has_seen(taking)
    sanne.say(taking)
    assert sanne.has_seen(taking)
    assert root.acknowledgement(DISK) == 2
    assert root.remarks(DISK) == [(4, "Sanne", "taken by Sanne [oncall-tui w1]")]

    noting = sanne.write(Verb.NOTE, DISK, "Schijf is vol;\ntabel is te groot: é", id="w2", asked_at=now())
    assert not sanne.has_seen(noting)
    receipt = sanne.say(noting)
    assert sanne.has_seen(noting)
    assert receipt.id.startswith(f"{DISK}!")
    assert (1, "Sanne", "Schijf is vol;\ntabel is te groot: é [oncall-tui w2]") in root.remarks(DISK)

    mine = sanne.signal(DISK)
    assert (mine.taken_by, mine.mine) == ("Sanne", True)
    assert [(message.author, message.text, message.private) for message in mine.messages] == [
        ("Sanne", "Schijf is vol;\ntabel is te groot: é", True)
    ]

    olga.say(olga.write(Verb.ACKNOWLEDGE, DISK, id="w3", asked_at=now()))
    theirs = sanne.signal(DISK)
    assert (theirs.taken_by, theirs.mine) == ("Olga", False)
    assert [said for said in root.remarks(DISK) if said[0] == 4] == [(4, "Olga", "taken by Olga [oncall-tui w3]")]

    letting_go = olga.write(Verb.RELEASE, DISK, id="w5", asked_at=now())
    assert not olga.has_seen(letting_go)
    olga.say(letting_go)
    assert olga.has_seen(letting_go)
    assert root.acknowledgement(DISK) == 0
    assert olga.say(letting_go).words == "nobody had it any more"

    root.result(DISK, 0, "DISK OK")
    assert sanne.peek(DISK) is None


def test_a_service_is_listed_with_what_the_screen_needs(root: Icinga2, sanne: Reach) -> None:
    root.result(DISK, 2, "DISK CRITICAL – 3 % free")
    signal = sanne.signal(DISK)
    assert (signal.title, signal.text) == ("disk /var/lib/postgresql", "DISK CRITICAL – 3 % free")
    assert (signal.severity, signal.impact) == ("critical", Impact.DOWN)
    assert (signal.service, signal.host) == ("orders-api", "db1.example.net")
    assert signal.labels["customer"] == "De Korenaar"
    assert (signal.labels["cores"], signal.labels["check"]) == ("8", "disk /var/lib/postgresql")
    assert abs((signal.opened_at - now()).total_seconds()) < 60
    assert signal.url.endswith("/icingadb/service?name=disk%20%2Fvar%2Flib%2Fpostgresql&host.name=db1.example.net")
    assert sanne.peek(DISK) == signal


def test_a_host_that_is_down_is_listed_and_its_services_say_what_they_depend_on(root: Icinga2, sanne: Reach) -> None:
    root.result(HOST, 1, "unreachable")
    root.result(HTTP, 3)
    host, http = sanne.signal(HOST), sanne.signal(HTTP)
    assert (host.title, host.severity, host.host) == ("web2 (café) is down", "down", HOST)
    assert (host.suppressed, http.suppressed) == ("", "unreachable: what it depends on is down")
    assert (http.severity, http.impact) == ("unknown", Impact.AT_RISK)
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, HOST, asked_at=now()))
    assert (root.acknowledgement(HOST), root.acknowledgement(HTTP)) == (2, 0)
    assert sanne.signal(HOST).mine
    assert sanne.signal(HTTP).taken_by == ""


def test_what_is_only_tried_again_or_was_never_checked_is_no_problem_yet(root: Icinga2, sanne: Reach) -> None:
    root.result(POSTGRES, 2)
    assert sanne.poll().signals == []
    assert sanne.peek(POSTGRES) is None
    root.result(POSTGRES, 2)
    root.result(POSTGRES, 2)
    assert [signal.id for signal in sanne.poll().signals] == [POSTGRES]


def test_how_bad_it_is_can_come_from_a_variable(icinga2: Server, root: Icinga2) -> None:
    root.result(HTTP, 1)
    reach_ = reach(icinga2, "Sanne", severity_label="severity", severities="gold=down")
    assert (reach_.signal(HTTP).severity, reach_.signal(HTTP).impact) == ("gold", Impact.DOWN)


def test_taking_it_with_an_end_is_prolonged_and_not_sent_twice(root: Icinga2, sanne: Reach) -> None:
    root.result(DISK, 2)
    first, later = now() + timedelta(hours=1), now() + timedelta(hours=4)
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, DISK, asked_at=now(), until=first))
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, DISK, asked_at=now(), until=first))
    assert sanne.changes == []
    prolonged = sanne.write(Verb.ACKNOWLEDGE, DISK, id="w2", asked_at=now(), until=later)
    assert not sanne.has_seen(prolonged)
    sanne.say(prolonged)
    assert sanne.has_seen(prolonged)
    until = sanne.signal(DISK).taken_until
    assert until is not None
    assert abs((until - later).total_seconds()) < 1
    assert len(root.remarks(DISK)) == 1


def test_what_a_colleague_says_with_an_acknowledgement_is_read(root: Icinga2, sanne: Reach) -> None:
    root.result(DISK, 2)
    root.act("acknowledge-problem", DISK, author="Piet", comment="new disk at 4", sticky=False)
    signal = sanne.signal(DISK)
    assert (signal.taken_by, signal.mine) == ("Piet", False)
    assert [(one.author, one.text) for one in signal.messages] == [("Piet", "new disk at 4")]


def test_a_downtime_puts_it_aside_until_its_end_and_is_made_once(root: Icinga2, sanne: Reach) -> None:
    root.result(DISK, 2)
    until = now() + timedelta(hours=2)
    write = sanne.write(Verb.SNOOZE, DISK, asked_at=now(), until=until)
    assert not sanne.has_seen(write)
    sanne.say(write)
    sanne.say(write)
    assert sanne.has_seen(write)
    [downtime] = root.list("downtimes")
    assert (downtime["service_name"], downtime["author"]) == ("disk /var/lib/postgresql", "Sanne")
    signal = sanne.signal(DISK)
    assert signal.suppressed == "in downtime by Sanne"
    assert signal.suppressed_until is not None
    assert abs((signal.suppressed_until - until).total_seconds()) < 1


def test_taking_a_snooze_back_ends_its_own_downtime_and_no_other(root: Icinga2, sanne: Reach, olga: Reach) -> None:
    root.result(DISK, 2)
    for reach_, id_ in ((sanne, "w1"), (olga, "w2")):
        reach_.say(reach_.write(Verb.SNOOZE, DISK, id=id_, asked_at=now(), until=now() + timedelta(hours=1)))
    snooze = sanne.write(Verb.SNOOZE, DISK, asked_at=now())
    sanne.retract(snooze)
    assert [one["author"] for one in root.list("downtimes")] == ["Olga"]
    assert not sanne.has_seen(snooze)
    assert sanne.retract(snooze).settled
    assert sanne.changes == []


def test_a_downtime_that_is_over_is_refused_here_for_icinga_takes_it(root: Icinga2, sanne: Reach) -> None:
    root.result(DISK, 2)
    with pytest.raises(Rejected) as refusal:
        sanne.say(sanne.write(Verb.SNOOZE, DISK, asked_at=now(), until=now() - timedelta(minutes=1)))
    assert "its end has passed" in str(refusal.value)
    assert sanne.asked == []
    hour_ago = now().timestamp() - 3600
    said = {"author": "root", "comment": "x", "fixed": True, "start_time": hour_ago, "end_time": hour_ago + 60}
    assert root.act("schedule-downtime", DISK, **said)["results"][0]["code"] == 200


def test_nothing_is_ever_said_to_more_than_one_object(root: Icinga2, sanne: Reach) -> None:
    for name in (DISK, HTTP):
        root.result(name, 2)
    sanne.say(sanne.write(Verb.ACKNOWLEDGE, DISK, asked_at=now()))
    sanne.say(sanne.write(Verb.NOTE, DISK, "x", asked_at=now()))
    assert root.acknowledgement(HTTP) == 0
    assert root.remarks(HTTP) == []


def test_what_is_well_again_or_gone_cannot_be_taken(root: Icinga2, sanne: Reach) -> None:
    for name in (DISK, "db1.example.net!nothing", "nowhere"):
        with pytest.raises(Rejected) as refusal:
            sanne.say(sanne.write(Verb.ACKNOWLEDGE, name, asked_at=now()))
        assert refusal.value.gone
    with pytest.raises(Rejected) as refusal:
        sanne.say(sanne.write(Verb.NOTE, "nowhere", "x", asked_at=now()))
    assert refusal.value.gone


def test_who_may_only_read_is_told_which_permission_is_missing(icinga2: Server, root: Icinga2) -> None:
    root.result(DISK, 2)
    viewer = reach(icinga2, "Sanne", "viewer")
    assert viewer.signal(DISK)
    with pytest.raises(Rejected) as refusal:
        viewer.say(viewer.write(Verb.NOTE, DISK, "x", asked_at=now()))
    assert "actions/add-comment" in str(refusal.value)
    assert not refusal.value.gone
    assert viewer.connector.may
    with pytest.raises(Rejected) as refusal:
        viewer.play(viewer.connector.may)
    assert "actions/acknowledge-problem" in str(refusal.value)


def test_who_may_not_read_sees_no_empty_list(icinga2: Server) -> None:
    with pytest.raises(Denied) as refusal:
        reach(icinga2, "Sanne", "blind").poll()
    assert "objects/query" in str(refusal.value)


@pytest.mark.parametrize("hours", [-3, 3])
def test_what_has_an_end_ends_then_by_icingas_own_clock(icinga2: Server, root: Icinga2, hours: int) -> None:
    """No answer of it has a Date header: what time it is there is read of its status."""
    root.result(DISK, 2)
    until = now() + timedelta(hours=1)
    behind = timedelta(hours=hours)
    olga = reach(icinga2, "Olga", behind=behind)
    ours = {"asked_at": now() - behind, "until": until - behind}
    taking, snooze = olga.write(Verb.ACKNOWLEDGE, DISK, **ours), olga.write(Verb.SNOOZE, DISK, id="w2", **ours)
    for write in (taking, snooze):
        olga.say(write)
        assert olga.has_seen(write)
    assert abs(root.object(DISK)["acknowledgement_expiry"] - until.timestamp()) < 5
    [downtime] = root.list("downtimes")
    assert abs(downtime["end_time"] - until.timestamp()) < 5
    assert olga.signal(DISK).suppressed == "in downtime by Olga"
    olga.say(taking)
    assert olga.changes == []


def test_a_filter_that_leaves_no_host_is_no_quiet(icinga2: Server, root: Icinga2) -> None:
    root.result(DISK, 2)
    with pytest.raises(Rejected, match="shows your API user no host at all"):
        reach(icinga2, "Sanne", "narrow").poll()


@pytest.fixture
def made(root: Icinga2) -> Iterator[str]:
    """A host that somebody made by the API, and that is down."""
    new = {"check_command": "dummy", "enable_active_checks": False, "max_check_attempts": 1}
    root.client.call("PUT", f"/v1/objects/hosts/{MADE}", {"attrs": new})
    root.result(MADE, 1, "gone to sleep")
    yield MADE
    with suppress(HTTPError):
        root.remove(MADE)


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.NOTE, Verb.SNOOZE])
def test_a_host_that_is_removed_is_listed_no_more_and_takes_nothing(
    root: Icinga2, sanne: Reach, made: str, verb: Verb
) -> None:
    assert sanne.signal(made).text == "gone to sleep"
    write = sanne.write(verb, made, "x", asked_at=now(), until=now() + timedelta(hours=1))
    with pytest.raises(Rejected) as refusal:
        sanne.say(write, meanwhile=lambda: root.remove(made))
    assert refusal.value.gone
    assert not sanne.has_seen(write)
    assert (sanne.peek(made), sanne.poll().signals) == (None, [])
    with pytest.raises(Rejected) as refusal:
        sanne.say(write)
    assert (refusal.value.gone, sanne.changes) == (True, [])


def test_what_is_not_checked_any_more_stays_listed_and_says_so(root: Icinga2, sanne: Reach, made: str) -> None:
    root.change(f"hosts/{made}", enable_notifications=False)
    assert (sanne.signal(made).text, sanne.signal(made).suppressed) == ("gone to sleep", "")
    root.change(f"hosts/{made}", enable_passive_checks=False)
    assert sanne.signal(made).text == "gone to sleep\nIts checks were switched off since: it may be well by now."


def test_an_icinga_that_checks_nothing_any_more_is_no_quiet(root: Icinga2, sanne: Reach) -> None:
    root.change("icingaapplications/app", enable_host_checks=False, enable_service_checks=False)
    try:
        assert sanne.poll().gap.startswith("makes no host and no service checks any more")
    finally:
        root.change("icingaapplications/app", enable_host_checks=True, enable_service_checks=True)
    assert sanne.poll().gap == ""


def test_a_wrong_password_is_denied_and_not_told(icinga2: Server) -> None:
    with pytest.raises(Denied) as refusal:
        reach(icinga2, "Sanne", secret="wr0ng-pass").poll()
    assert "wr0ng-pass" not in str(refusal.value)


def test_the_check_says_who_we_are(root: Icinga2, sanne: Reach) -> None:
    assert sanne.connector.check
    words = sanne.play(sanne.connector.check)
    assert words.startswith("Icinga r2.13")
    assert words.endswith("as oncall, in the name of Sanne")
    assert sanne.connector.may
    assert sanne.play(sanne.connector.may) == "acknowledgements, comments and downtimes are taken from us"
