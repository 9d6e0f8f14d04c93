"""The connector against a real Nagios Core; what it did is read back from the daemon's own files, not through a CGI."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from oncall_tui.errors import Denied, Rejected, Unavailable
from oncall_tui.kit import Receipt
from oncall_tui.model import Impact, Signal, Verb, Write
from tests.servers.conftest import Server
from tests.servers.reach import Reach, eventually
from tests.servers.second.nagios import DISK, HOST, HTTP, POSTGRES, Nagios, place

pytestmark = pytest.mark.server


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def daemon(nagios: Server) -> Nagios:
    """Everything is well, nobody said anything and nobody has a downtime."""
    daemon = Nagios(nagios)
    daemon.clear()
    return daemon


@pytest.fixture
def sanne(nagios: Server) -> Reach:
    return Reach("nagios", nagios.url, "Sanne", "secret", user="oncall")


@pytest.fixture
def olga(nagios: Server) -> Reach:
    return Reach("nagios", nagios.url, "Olga", "secret", user="oncall")


def listed(reach: Reach, name: str) -> Signal:
    """That signal, once the CGIs tell it."""
    eventually(lambda: any(signal.id == name for signal in reach.poll().signals), f"{name} is listed")
    return reach.signal(name)


def say(reach: Reach, write: Write) -> Receipt:
    """Say it, and wait until it is done."""
    receipt = reach.say(write)
    assert not receipt.settled
    eventually(lambda: reach.has_seen(write), f"{write.verb} is done")
    return receipt


def test_what_was_said_is_seen_as_nagios_keeps_it_and_not_before(daemon: Nagios, sanne: Reach) -> None:
    daemon.result(DISK, 2, "DISK CRITICAL - 3 % free")
    assert listed(sanne, DISK).taken_by == ""

    taking = sanne.write(Verb.ACKNOWLEDGE, DISK, asked_at=now())
    assert not sanne.has_seen(taking)
    say(sanne, taking)
    assert daemon.status(DISK)["acknowledgement_type"] == "2"
    assert daemon.remarks(DISK) == [("4", "Sanne", "taken by Sanne [oncall-tui w1]")]

    noting = sanne.write(Verb.NOTE, DISK, "Schijf is vol", id="w2", asked_at=now())
    assert not sanne.has_seen(noting)
    say(sanne, noting)
    assert ("1", "Sanne", "Schijf is vol [oncall-tui w2]") in daemon.remarks(DISK)

    mine = listed(sanne, DISK)
    assert (mine.taken_by, mine.mine) == ("Sanne", True)
    assert [(one.author, one.text, one.private) for one in mine.messages] == [("Sanne", "Schijf is vol", True)]

    letting_go = sanne.write(Verb.RELEASE, DISK, id="w3", asked_at=now())
    assert not sanne.has_seen(letting_go)
    say(sanne, letting_go)
    assert daemon.status(DISK)["problem_has_been_acknowledged"] == "0"
    assert sanne.signal(DISK).taken_by == ""

    daemon.result(DISK, 0, "DISK OK")
    eventually(lambda: sanne.poll().signals == [], "it is over")
    assert sanne.peek(DISK) is None


def test_a_service_is_listed_with_what_the_screen_needs(daemon: Nagios, sanne: Reach) -> None:
    daemon.result(DISK, 2, r"DISK CRITICAL - 3 % free\nthe biggest: pg_wal")
    signal = listed(sanne, DISK)
    assert (signal.title, signal.host) == ("disk /var/lib/postgresql", "db1.example.net")
    assert signal.text == "DISK CRITICAL - 3 % free\nthe biggest: pg_wal"
    assert (signal.severity, signal.impact) == ("critical", Impact.DOWN)
    assert abs((signal.opened_at - now()).total_seconds()) < 60
    assert signal.url.endswith("extinfo.cgi?type=2&host=db1.example.net&service=disk%20%2Fvar%2Flib%2Fpostgresql")
    assert sanne.peek(DISK) == signal


def test_a_host_that_is_down_is_taken_by_itself(daemon: Nagios, sanne: Reach) -> None:
    daemon.result(HOST, 1, "unreachable")
    daemon.result(HTTP, 3)
    host, http = listed(sanne, HOST), listed(sanne, HTTP)
    assert (host.title, host.severity) == (f"{HOST} is down", "down")
    assert (host.suppressed, http.suppressed) == ("", "unreachable: what it depends on is down")
    say(sanne, sanne.write(Verb.ACKNOWLEDGE, HOST, asked_at=now()))
    say(sanne, sanne.write(Verb.NOTE, HOST, "power", id="w2", asked_at=now()))
    assert daemon.remarks(HOST) == [
        ("4", "Sanne", "taken by Sanne [oncall-tui w1]"),
        ("1", "Sanne", "power [oncall-tui w2]"),
    ]
    assert daemon.status(HTTP)["problem_has_been_acknowledged"] == "0"
    assert daemon.remarks(HTTP) == []
    say(sanne, sanne.write(Verb.RELEASE, HOST, id="w3", asked_at=now()))
    assert daemon.status(HOST)["problem_has_been_acknowledged"] == "0"


def test_what_is_only_tried_again_is_no_problem_yet(daemon: Nagios, sanne: Reach) -> None:
    for _ in range(2):
        daemon.result(POSTGRES, 2)
    eventually(lambda: daemon.status(POSTGRES)["state_type"] == "0", "soft")
    assert sanne.poll().signals == []
    daemon.result(POSTGRES, 2)
    assert listed(sanne, POSTGRES)


def test_taking_it_twice_leaves_one_comment(daemon: Nagios, sanne: Reach) -> None:
    daemon.result(DISK, 2)
    listed(sanne, DISK)
    write = sanne.write(Verb.ACKNOWLEDGE, DISK, asked_at=now())
    say(sanne, write)
    assert sanne.say(write).settled
    assert sanne.changes == []
    assert len(daemon.remarks(DISK)) == 1


def test_a_name_and_words_beyond_ascii_are_sent_as_nagios_can_tell_them(nagios: Server, daemon: Nagios) -> None:
    zoe = Reach("nagios", nagios.url, "Zoë", "secret", user="oncall")
    daemon.result(DISK, 2)
    listed(zoe, DISK)
    say(zoe, zoe.write(Verb.ACKNOWLEDGE, DISK, asked_at=now()))
    assert (zoe.signal(DISK).taken_by, zoe.signal(DISK).mine) == ("Zoe", True)
    receipt = say(zoe, zoe.write(Verb.NOTE, DISK, "één – twee;\n<drie>", id="w2", asked_at=now()))
    assert receipt.words == "it was given 'een - twee, drie'"
    assert ("1", "Zoe", "een - twee, drie [oncall-tui w2]") in daemon.remarks(DISK)


def test_a_text_cannot_become_a_second_command(daemon: Nagios, sanne: Reach) -> None:
    for name in (DISK, HTTP):
        daemon.result(name, 2)
        listed(sanne, name)
    evil = f"x\n[{int(time.time())}] ACKNOWLEDGE_SVC_PROBLEM;{HTTP};2;0;0;Sanne;gone"
    say(sanne, sanne.write(Verb.NOTE, DISK, evil, asked_at=now()))
    assert daemon.status(HTTP)["problem_has_been_acknowledged"] == "0"
    assert daemon.remarks(HTTP) == []


def test_a_downtime_ends_when_it_should_although_the_server_is_in_another_zone(daemon: Nagios, sanne: Reach) -> None:
    daemon.result(DISK, 2)
    listed(sanne, DISK)
    until = now() + timedelta(hours=2)
    write = sanne.write(Verb.SNOOZE, DISK, asked_at=now(), until=until)
    assert not sanne.has_seen(write)
    say(sanne, write)
    assert sanne.say(write).settled
    [downtime] = daemon.downtimes()
    assert place(downtime) == DISK
    assert abs(int(downtime["end_time"]) - until.timestamp()) < 2
    eventually(lambda: sanne.signal(DISK).suppressed == "in downtime by Sanne", "it is aside")
    assert sanne.signal(DISK).messages == ()


def test_taking_a_snooze_back_ends_its_own_downtime_and_no_other(daemon: Nagios, sanne: Reach, olga: Reach) -> None:
    daemon.result(DISK, 2)
    listed(sanne, DISK)
    for reach, id_ in ((sanne, "w1"), (olga, "w2")):
        say(reach, reach.write(Verb.SNOOZE, DISK, id=id_, asked_at=now(), until=now() + timedelta(hours=1)))
    snooze = sanne.write(Verb.SNOOZE, DISK, asked_at=now())
    assert not sanne.retract(snooze).settled
    eventually(lambda: [one["author"] for one in daemon.downtimes()] == ["Olga"], "only Olga's is left")
    eventually(lambda: not sanne.has_seen(snooze), "it is told")
    assert sanne.retract(snooze).settled
    assert sanne.changes == []


def test_custom_variables_are_labels_and_kept_until_the_daemon_starts_again(
    nagios: Server, daemon: Nagios, sanne: Reach
) -> None:
    """What is not asked for again is the same as in a poll that asks for all; a new configuration is seen."""
    daemon.result(DISK, 2)
    listed(sanne, DISK)
    whole = sanne.poll()
    [disk] = whole.signals
    assert disk.labels == {"customer": "De Korenaar", "service": "orders-api", "check": "disk /var/lib/postgresql"}
    assert disk.service == "orders-api"
    asked = len(sanne.asked)

    known = {signal.id: signal for signal in whole.signals}
    long_after = now() + timedelta(minutes=2)
    assert sanne.poll(known, long_after) == whole
    assert len(sanne.asked) < asked

    daemon.result(HTTP, 1)
    listed(sanne, HTTP)
    whole = sanne.poll()
    assert sanne.poll(known, long_after) == whole
    assert len(sanne.asked) == asked

    known = {signal.id: signal for signal in whole.signals}
    nagios.tell("rename-customer")
    daemon.result(DISK, 2)
    renamed = sanne.poll(known, now())
    assert renamed == sanne.poll()
    assert sanne.signal(DISK).labels["customer"] == "Garage Smit"
    nagios.tell("rename-customer")


def test_who_took_it_is_known_when_every_comment_has_the_accounts_name(
    nagios: Server, daemon: Nagios, sanne: Reach, olga: Reach
) -> None:
    daemon.result(DISK, 2)
    listed(sanne, DISK)
    nagios.tell("lock")
    try:
        assert sanne.connector.check
        assert sanne.play(sanne.connector.check).endswith("comments in the name of Olga Oncall")
        say(sanne, sanne.write(Verb.ACKNOWLEDGE, DISK, asked_at=now()))
        assert daemon.remarks(DISK) == [("4", "Olga Oncall", "taken by Sanne [oncall-tui w1]")]
        assert sanne.signal(DISK).mine
        assert (olga.signal(DISK).taken_by, olga.signal(DISK).mine) == ("Sanne", False)
    finally:
        nagios.tell("unlock")


def test_what_is_well_again_or_gone_cannot_be_taken(daemon: Nagios, sanne: Reach) -> None:
    for name in (DISK, "db1.example.net;nothing", "nowhere"):
        for verb in (Verb.ACKNOWLEDGE, Verb.NOTE):
            with pytest.raises(Rejected) as refusal:
                sanne.say(sanne.write(verb, name, "x", asked_at=now()))
            assert refusal.value.gone
            assert sanne.changes == []


def test_who_may_only_read_is_refused_in_nagios_own_words(nagios: Server, daemon: Nagios) -> None:
    viewer = Reach("nagios", nagios.url, "Sanne", "secret", user="viewer")
    daemon.result(DISK, 2)
    listed(viewer, DISK)
    with pytest.raises(Rejected, match="do not have permission"):
        viewer.say(viewer.write(Verb.NOTE, DISK, "x", asked_at=now()))
    assert viewer.connector.check
    assert "you may only read" in viewer.play(viewer.connector.check)
    assert viewer.connector.may
    with pytest.raises(Rejected, match="do not have permission"):
        viewer.play(viewer.connector.may)
    assert daemon.remarks(DISK) == []


def test_what_a_dead_daemon_was_told_is_in_question_until_it_has_settled(
    nagios: Server, daemon: Nagios, sanne: Reach
) -> None:
    daemon.result(DISK, 2)
    listed(sanne, DISK)
    nagios.tell("kill")
    write = sanne.write(Verb.NOTE, DISK, "x", asked_at=now(), attempts=1)
    with pytest.raises(Unavailable) as silence:
        sanne.say(write)
    assert silence.value.maybe_sent
    assert not Nagios(nagios).said(DISK)
    nagios.restart()

    def waits() -> bool:
        with suppress(Unavailable):
            return sanne.has_seen(write)
        return True

    eventually(waits, "nobody says that it was not done")


def test_who_sees_no_host_is_not_told_that_all_is_well(nagios: Server, daemon: Nagios) -> None:
    daemon.result(DISK, 2)
    with pytest.raises(Rejected, match="no host at all"):
        Reach("nagios", nagios.url, "Sanne", "secret", user="stranger").poll()


def test_a_wrong_password_is_denied_and_not_told(nagios: Server) -> None:
    with pytest.raises(Denied) as refusal:
        Reach("nagios", nagios.url, "Sanne", "wr0ng-pass", user="oncall").poll()
    assert "wr0ng-pass" not in str(refusal.value)


def test_the_check_says_the_version_and_in_whose_name_comments_are(daemon: Nagios, sanne: Reach) -> None:
    assert sanne.connector.check
    assert sanne.play(sanne.connector.check) == "Nagios 4.4.6, comments in the name of Sanne"


def test_whether_we_may_is_told_and_nothing_is_said(daemon: Nagios, sanne: Reach) -> None:
    assert sanne.connector.may
    assert sanne.play(sanne.connector.may) == "acknowledgements, comments and downtimes are taken from us"
    daemon.command("ADD_SVC_COMMENT;db1.example.net;postgres;1;Olga;what is said after it")
    eventually(lambda: daemon.remarks(POSTGRES), "what was said after it is there")
    assert daemon.remarks("db1.example.net") == []
