"""The connector against a real Zabbix; what it did is read back by its administrator, through a client of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any

import pytest

from oncall_tui.errors import ConfigError, Denied, Rejected, Unavailable
from oncall_tui.model import Impact, Verb, Voice, Write
from tests.servers.conftest import Server
from tests.servers.reach import Reach, eventually
from tests.servers.second.zabbix import DISASTER, Zabbix

pytestmark = pytest.mark.server


@pytest.fixture
def admin(zabbix: Server) -> Zabbix:
    return Zabbix(zabbix)


@pytest.fixture
def olga(zabbix: Server) -> Reach:
    return Reach("zabbix", zabbix.url, "Olga", zabbix.env["TOKEN_ONCALL"])


@pytest.fixture
def dirk(zabbix: Server) -> Reach:
    return Reach("zabbix", zabbix.url, "Dirk", zabbix.env["TOKEN_DIRK"])


@pytest.fixture
def boss(zabbix: Server) -> Reach:
    """The super administrator, who sees everybody and has to say who they are."""
    return Reach("zabbix", zabbix.url, "Sanne", zabbix.env["TOKEN_ADMIN"], user="Admin")


@pytest.fixture(scope="module")
def spare(zabbix: Server) -> Iterator[tuple[str, str]]:
    """Triggers made at once, for the server takes seconds to notice a new one."""
    return iter(Zabbix(zabbix).prepare(many=25))


@pytest.fixture
def event(admin: Zabbix, spare: Iterator[tuple[str, str]]) -> str:
    """A fresh problem; its id."""
    return admin.fire(*next(spare))


def write(reach: Reach, verb: Verb, event: str, text: str = "", **more: Any) -> Write:
    return reach.write(verb, event, text, asked_at=datetime.now(UTC), **more)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_problem_is_listed_with_what_the_screen_needs(admin: Zabbix, olga: Reach) -> None:
    tags = [{"tag": "service", "value": "postgres"}, {"tag": "scope", "value": "a"}, {"tag": "scope", "value": "b"}]
    wiki = {"url": "http://wiki.example.net/disk", "opdata": "{ITEM.LASTVALUE1} full", "comments": "Call Piet."}
    event = admin.appear("Disk full – {HOST.NAME}", priority=DISASTER, tags=tags, **wiki)
    signal = olga.signal(event)
    assert signal.title == "Disk full – db1 (café)"
    assert (signal.severity, signal.impact) == ("Disaster", Impact.DOWN)
    assert (signal.host, signal.service, signal.labels["scope"]) == ("db1.example.net", "postgres", "a, b")
    assert signal.labels["host"] == "db1 (café)"
    assert signal.text == "1 full\nCall Piet."
    assert signal.links == ("http://wiki.example.net/disk",)
    assert signal.url == f"{olga.config.url}/tr_events.php?triggerid={admin.trigger(event)}&eventid={event}"
    assert (signal.taken_by, signal.mine, signal.suppressed, signal.messages) == ("", False, "", ())
    assert abs((signal.opened_at - datetime.now(UTC)).total_seconds()) < 60


@pytest.mark.parametrize("what", ["trigger", "item", "host"])
def test_a_problem_that_nobody_watches_any_more_is_left_out_although_the_api_lists_it(
    admin: Zabbix, olga: Reach, event: str, what: str
) -> None:
    trigger = admin.trigger(event)
    [item] = admin("item.get", triggerids=[trigger], output=["itemid"])
    ids = {"trigger": trigger, "item": item["itemid"], "host": admin.server.env["HOST_ID"]}
    admin(f"{what}.update", **{f"{what}id": ids[what]}, status=1)
    try:
        assert admin("problem.get", eventids=[event])
        assert event not in [signal.id for signal in olga.poll().signals]
        assert olga.peek(event) is None
    finally:
        admin(f"{what}.update", **{f"{what}id": ids[what]}, status=0)
    assert event in [signal.id for signal in olga.poll().signals]


def test_a_problem_whose_trigger_was_deleted_is_left_out_before_the_server_forgets_it(
    admin: Zabbix, olga: Reach, event: str, spare: Iterator[tuple[str, str]]
) -> None:
    gone = admin.fire(*next(spare))
    admin("trigger.delete", admin.trigger(gone))
    assert {signal.id for signal in olga.poll().signals} & {event, gone} == {event}
    assert olga.peek(gone) is None


def test_a_consequence_of_another_problem_says_so(
    admin: Zabbix, olga: Reach, event: str, spare: Iterator[tuple[str, str]]
) -> None:
    second = admin.fire(*next(spare))
    admin("trigger.update", triggerid=admin.trigger(second), dependencies=[{"triggerid": admin.trigger(event)}])
    assert olga.signal(second).suppressed == "a consequence of another problem"
    assert olga.peek(second) == olga.signal(second)
    assert olga.signal(event).suppressed == ""


def test_more_problems_than_one_page_holds_are_all_listed(
    admin: Zabbix, zabbix: Server, olga: Reach, spare: Iterator[tuple[str, str]]
) -> None:
    events = {admin.fire(*next(spare)) for _ in range(3)}
    paged = Reach("zabbix", zabbix.url, "Olga", zabbix.env["TOKEN_ONCALL"], page_size="2")
    assert paged.poll() == olga.poll()
    assert events <= {signal.id for signal in paged.poll().signals}
    assert len(paged.asked) > len(olga.asked)


def test_a_token_that_is_wrong_is_denied_and_not_repeated(zabbix: Server) -> None:
    with pytest.raises(Denied) as refusal:
        Reach("zabbix", zabbix.url, "Olga", "0" * 64).poll()
    assert "Not authorized" in str(refusal.value)
    assert "0" * 64 not in str(refusal.value)


def test_a_super_administrator_has_to_say_who_they_are(zabbix: Server, boss: Reach) -> None:
    with pytest.raises(ConfigError) as refusal:
        Reach("zabbix", zabbix.url, "Sanne", zabbix.env["TOKEN_ADMIN"]).poll()
    assert 'user = "LOGIN NAME"' in str(refusal.value)
    assert boss.connector.check
    assert boss.play(boss.connector.check) == "Zabbix 6.0.14, as Zabbix Administrator"


def test_whether_we_may_write_is_told_by_our_role(admin: Zabbix, zabbix: Server, event: str, olga: Reach) -> None:
    assert olga.connector.may
    assert olga.play(olga.connector.may) == "acknowledgements and notes are taken from us"
    assert admin.event(event)["acknowledges"] == []
    rules = {"actions": [{"name": name, "status": 0} for name in ("acknowledge_problems", "add_problem_comments")]}
    [role] = admin("role.create", name=f"Looks on {event}", type=1, rules=rules)["roleids"]
    [was] = admin("user.get", filter={"username": "dirk"}, output=["userid", "roleid"])
    admin("user.update", userid=was["userid"], roleid=role)
    try:
        dirk = Reach("zabbix", zabbix.url, "Dirk", zabbix.env["TOKEN_DIRK"])
        with pytest.raises(Rejected) as refusal:
            dirk.play(olga.connector.may)
        assert "no permission" in str(refusal.value)
    finally:
        admin("user.update", userid=was["userid"], roleid=was["roleid"])


def test_a_server_whose_database_is_away_is_unavailable_although_it_answers(zabbix: Server, olga: Reach) -> None:
    olga.poll()
    try:
        for name, end in (("zabbix_server", SIGTERM), ("postgres", SIGINT)):  # the server hangs on a lost database
            process = int((zabbix.folder / "run" / f"{name}.pid").read_text().split()[0])
            os.kill(process, end)
            eventually(lambda gone=Path(f"/proc/{process}"): not gone.exists())
        with pytest.raises(Unavailable) as fault:
            olga.poll()
        assert "Error connecting to database" in str(fault.value)
    finally:
        zabbix.restart()


def test_a_server_that_is_dead_is_no_quiet_although_its_web_pages_answer(
    zabbix: Server, admin: Zabbix, olga: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncall_tui.connectors.monitors.zabbix.SILENT", timedelta(seconds=20))
    assert olga.poll().gap == ""  # she may see nothing by which it tells of itself
    own = {"name": "its own", "key_": "zabbix[uptime]", "type": 5, "value_type": 3, "delay": "1s"}
    [item] = admin("item.create", hostid=zabbix.env["HOST_ID"], **own)["itemids"]
    try:
        eventually(lambda: not olga.poll().gap)
        process = int((zabbix.folder / "run" / "zabbix_server.pid").read_text().split()[0])
        os.kill(process, SIGTERM)
        eventually(lambda: "has its server stopped?" in olga.poll().gap)
    finally:
        zabbix.restart()
        admin("item.delete", item)


# --- writing ---------------------------------------------------------------------------------------------------------


def test_taking_a_problem_acknowledges_it_and_colleagues_read_who_has_it(
    admin: Zabbix, event: str, olga: Reach, dirk: Reach, boss: Reach
) -> None:
    taking = write(olga, Verb.ACKNOWLEDGE, event)
    assert not olga.has_seen(taking)
    assert olga.say(taking).settled
    [update] = admin.event(event)["acknowledges"]
    assert (update["username"], update["action"]) == ("oncall", "2")
    signal = olga.signal(event)
    assert (signal.taken_by, signal.mine, signal.status) == ("Olga Oncall", True, "acknowledged")
    assert signal.taken_at
    assert olga.peek(event) == signal
    assert olga.has_seen(taking)
    assert (boss.signal(event).taken_by, boss.signal(event).mine) == ("Olga Oncall", False)
    assert (dirk.signal(event).taken_by, dirk.signal(event).mine) == ("Olga Oncall", False)
    olga.say(taking)
    assert olga.changes == []
    assert len(admin.event(event)["acknowledges"]) == 1


def test_taking_over_from_a_colleague_takes_theirs_back_first(
    admin: Zabbix, event: str, olga: Reach, dirk: Reach
) -> None:
    dirk.say(write(dirk, Verb.ACKNOWLEDGE, event))
    olga.say(write(olga, Verb.ACKNOWLEDGE, event))
    updates = sorted(admin.event(event)["acknowledges"], key=lambda one: int(one["acknowledgeid"]))
    told = [(one["username"], one["action"]) for one in updates]
    assert told == [("dirk", "2"), ("oncall", "16"), ("oncall", "2")]
    assert olga.signal(event).mine
    assert not dirk.signal(event).mine


def test_giving_it_back_leaves_a_colleagues_acknowledgement(
    admin: Zabbix, event: str, olga: Reach, dirk: Reach
) -> None:
    dirk.say(write(dirk, Verb.ACKNOWLEDGE, event))
    assert olga.say(write(olga, Verb.RELEASE, event)).words.endswith("has it now")
    assert olga.changes == []
    release = write(dirk, Verb.RELEASE, event)
    assert not dirk.has_seen(release)
    dirk.say(release)
    assert admin.event(event)["acknowledged"] == "0"
    assert dirk.has_seen(release)
    assert dirk.signal(event).taken_by == ""
    dirk.say(release)
    assert dirk.changes == []


def test_a_colleague_who_takes_it_on_the_web_page_is_seen(admin: Zabbix, event: str, olga: Reach) -> None:
    admin.update(event, 6, message="ik kijk")
    admin.update(event, 4, token="ADMIN", message="ik ook")
    signal = olga.peek(event)
    assert signal
    assert (signal.taken_by, signal.mine) == ("Dirk Helper", False)
    assert [message.author for message in signal.messages] == ["Dirk Helper", "user #1"]  # she may not see who that is
    admin.update(event, 16)
    assert olga.signal(event).taken_by == ""


def test_a_note_is_kept_word_for_word_and_found_by_its_marker(
    admin: Zabbix, event: str, olga: Reach, dirk: Reach
) -> None:
    text = "db1 is vol\n\n😀 bel Piet"
    noted = write(olga, Verb.NOTE, event, text)
    assert not olga.has_seen(noted)
    olga.say(noted)
    [update] = admin.event(event)["acknowledges"]
    assert (update["message"], update["action"]) == (f"{text}\n[oncall-tui w1]", "4")
    assert olga.has_seen(noted)
    assert not olga.has_seen(write(olga, Verb.NOTE, event, text, id="w2"))
    assert not dirk.has_seen(noted)
    [message] = olga.signal(event).messages
    assert (message.author, message.text, message.voice, message.private) == ("Olga Oncall", text, Voice.OURS, True)
    assert olga.signal(event).taken_by == ""


def test_a_note_is_refused_only_when_it_is_longer_than_the_server_keeps(admin: Zabbix, event: str, olga: Reach) -> None:
    most = "é" * (2048 - len("\n[oncall-tui w1]"))
    with pytest.raises(Rejected) as refusal:
        olga.say(write(olga, Verb.NOTE, event, most + "é"))
    assert "2049" in str(refusal.value)
    assert olga.changes == []
    olga.say(write(olga, Verb.NOTE, event, most))
    assert len(admin.event(event)["acknowledges"][0]["message"]) == 2048


def test_closing_counts_once_the_server_did_it(admin: Zabbix, event: str, olga: Reach) -> None:
    resolved = write(olga, Verb.RESOLVE, event)
    assert not olga.has_seen(resolved)
    assert not olga.say(resolved).settled
    olga.say(resolved)
    assert olga.changes == []
    eventually(lambda: olga.has_seen(resolved))
    assert admin.event(event)["r_eventid"] != "0"
    assert olga.peek(event) is None
    assert event not in [signal.id for signal in olga.poll().signals]
    assert olga.say(resolved).settled


def test_a_problem_that_may_not_be_closed_says_why(admin: Zabbix, olga: Reach) -> None:
    event = admin.appear("Stays", manual_close=0)
    assert olga.signal(event).cannot[Verb.RESOLVE] == "its trigger does not allow that by hand"
    with pytest.raises(Rejected) as refusal:
        olga.say(write(olga, Verb.RESOLVE, event))
    assert "does not allow manual closing" in str(refusal.value)


def test_this_version_cannot_suppress_and_says_so_before_anything_is_sent(event: str, olga: Reach) -> None:
    assert "6.2 and later can" in olga.signal(event).cannot[Verb.SNOOZE]
    with pytest.raises(Rejected) as refusal:
        olga.say(write(olga, Verb.SNOOZE, event, until=datetime.now(UTC) + timedelta(hours=1)))
    assert "this Zabbix cannot suppress" in str(refusal.value)
    assert olga.changes == []


def test_a_problem_that_is_over_takes_nothing(admin: Zabbix, olga: Reach) -> None:
    for verb in (Verb.ACKNOWLEDGE, Verb.NOTE):
        with pytest.raises(Rejected) as refusal:
            olga.say(write(olga, verb, "999999", "x"))
        assert refusal.value.gone
        assert olga.changes == []
    assert olga.say(write(olga, Verb.RELEASE, "999999")).words == "nobody had it any more"
    assert olga.changes == []


def test_a_problem_in_maintenance_says_until_when(admin: Zabbix, olga: Reach) -> None:
    """The server begins and ends a maintenance only once a minute: this one stays, for this problem's tag alone."""
    disks = [{"tag": "disks", "value": "new"}]
    event = admin.appear("Disks are changed", tags=disks)
    now = int(time.time())
    window = [{"timeperiod_type": 0, "start_date": now - 60, "period": 3600}]
    hosts = [{"hostid": admin.server.env["HOST_ID"]}]
    span = {"active_since": now - 60, "active_till": now + 3600}
    admin("maintenance.create", name="new disks", hosts=hosts, tags=disks, timeperiods=window, **span)
    signal = eventually(lambda: (one := olga.signal(event)).suppressed and one, "it is suppressed", 120.0)
    assert signal.suppressed == "in maintenance"
    assert signal.suppressed_until
    assert abs((signal.suppressed_until - datetime.now(UTC)).total_seconds() - 3540) < 180
