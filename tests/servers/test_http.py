"""A real API that is told by tables alone: Redmine, whose own connector knows better and is not asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from oncall_tui import config
from oncall_tui.errors import Denied, Rejected
from oncall_tui.model import Impact, Verb, Voice, Write
from tests.servers.conftest import Server
from tests.servers.reach import Client, Reach

pytestmark = pytest.mark.server

TABLES = """
[me]
name = "Olga"

[sources.board]
kind = "http"
url = "{url}"
auth = {{ scheme = "header", header = "X-Redmine-API-Key", secret = {{ env = "BOARD_KEY" }} }}
web = "{url}/issues/{{id}}"
team = "Redmine Admin"

[sources.board.list]
path = "/issues.json"
query = {{ status_id = "open", sort = "id", limit = 2, project_id = "support" }}
changed = {{ status_id = "*", sort = "id", limit = 2, project_id = "support", updated_on = ">={{since}}" }}
records = "issues"
paging = "offset"
param = "offset"
total = "total_count"

[sources.board.fields]
id = "id"
title = "subject"
opened_at = "created_on"
open = "!(status.is_closed) && status.name != 'Resolved'"
severity = "priority.name"
text = "description"
customer = "project.name"
contact = "author.name"
status = "status.name"
taken_by = "assigned_to.name"
changed_at = "updated_on"
labels = "{{tracker: tracker.name}}"

[sources.board.message]
list = "journals[?notes]"
id = "id"
author = "user.name"
text = "notes"
at = "created_on"
private = "private_notes"

[sources.board.one]
path = "/issues/{{id}}.json"
query = {{ include = "journals" }}
record = "issue"

[sources.board.me]
path = "/users/current.json"
record = "join(' ', [user.firstname, user.lastname])"

[sources.board.acknowledge]
method = "PUT"
path = "/issues/{{id}}.json"
body = {{ issue = {{ assigned_to_id = "me" }} }}

[sources.board.release]
method = "PUT"
path = "/issues/{{id}}.json"
body = {{ issue = {{ assigned_to_id = "" }} }}

[sources.board.resolve]
method = "PUT"
path = "/issues/{{id}}.json"
body = {{ issue = {{ status_id = 3 }} }}

[sources.board.note]
method = "PUT"
path = "/issues/{{id}}.json"
body = {{ issue = {{ notes = "{{text}}", private_notes = true }} }}

[sources.board.reply]
method = "PUT"
path = "/issues/{{id}}.json"
body = {{ issue = {{ notes = "{{text}}", private_notes = false }} }}
"""


def board(redmine: Server, folder: Path, key: str = "KEY_ONCALL") -> Reach:
    """The source as the configuration file tells it, from the file to the line."""
    path = folder / f"{key}.toml"
    path.write_text(TABLES.format(url=redmine.url), encoding="utf-8")
    os.environ["BOARD_KEY"] = redmine.env.get(key, "0" * 40)
    [source] = config.load(path).sources
    reach = Reach("http", redmine.url, "Olga", **source.options)
    reach.config = source
    return reach


@pytest.fixture
def olga(redmine: Server, tmp_path: Path) -> Iterator[Reach]:
    yield board(redmine, tmp_path)
    os.environ.pop("BOARD_KEY", None)


@pytest.fixture
def issue(as_carol: Client) -> str:
    return create(as_carol)


def create(client: Client) -> str:
    fields = {"project_id": "support", "tracker_id": 3, "priority_id": 4, "subject": "Kassa doet niets"}
    return str(client.call("POST", "/issues.json", {"issue": {**fields, "description": "Bel mij!"}})["issue"]["id"])


def read(client: Client, issue: str) -> Any:
    return client.get(f"/issues/{issue}.json?include=journals")["issue"]


def write(reach: Reach, verb: Verb, issue: str, text: str = "") -> Write:
    now = datetime.now(UTC)
    return reach.write(verb, issue, text, asked_at=now, tried_at=now)


def test_every_page_is_read_and_every_field_is_what_the_tables_say(as_carol: Client, olga: Reach) -> None:
    made = {create(as_carol) for _ in range(5)}
    signals = {signal.id: signal for signal in olga.poll().signals}
    assert made <= set(signals)
    assert len([asked for asked in olga.asked if asked.path == "/issues.json"]) >= 3
    signal = signals[min(made)]
    assert (signal.title, signal.severity, signal.impact) == ("Kassa doet niets", "Urgent", Impact.DOWN)
    assert (signal.customer, signal.contact, signal.text) == ("Support", "Carol Customer", "Bel mij!")
    assert signal.url == f"{olga.config.url}/issues/{signal.id}"
    assert signal.labels == {"tracker": "Support"}


def test_what_was_said_is_seen_as_redmine_keeps_it_and_not_before(
    as_admin: Client, as_carol: Client, issue: str, olga: Reach
) -> None:
    taking = write(olga, Verb.ACKNOWLEDGE, issue)
    assert not olga.has_seen(taking)
    olga.say(taking)
    assert read(as_admin, issue)["assigned_to"]["name"] == "Olga Oncall"
    assert olga.has_seen(taking)
    olga.say(taking)
    assert olga.changes == []

    text = 'db1 is "vol" {id} 😀'
    noted, replied = write(olga, Verb.NOTE, issue, text), write(olga, Verb.REPLY, issue, "We zijn er")
    olga.say(noted)
    olga.say(replied)
    assert [(one["notes"], one["private_notes"]) for one in read(as_admin, issue)["journals"] if one["notes"]] == [
        (text, True),
        ("We zijn er", False),
    ]
    assert [one["notes"] for one in read(as_carol, issue)["journals"] if one["notes"]] == ["We zijn er"]

    assert olga.has_seen(noted)
    assert olga.has_seen(replied)
    mine = olga.peek(issue)
    assert mine
    assert mine.mine
    assert [(one.voice, one.private) for one in mine.messages] == [(Voice.OURS, True), (Voice.OURS, False)]

    as_admin.call("PUT", f"/issues/{issue}.json", {"issue": {"assigned_to_id": ""}})
    assert not olga.has_seen(taking)
    olga.say(taking)
    olga.say(write(olga, Verb.RELEASE, issue))
    assert "assigned_to" not in read(as_admin, issue)
    olga.say(write(olga, Verb.RESOLVE, issue))
    assert read(as_admin, issue)["status"]["name"] == "Resolved"
    assert olga.peek(issue) is None


def test_what_changed_and_the_rest_as_it_was_are_the_whole_list(
    as_admin: Client, as_carol: Client, olga: Reach
) -> None:
    still, moved, closed = create(as_carol), create(as_carol), create(as_carol)
    known = {signal.id: signal for signal in olga.poll().signals}
    as_carol.call("PUT", f"/issues/{moved}.json", {"issue": {"notes": "En nu?"}})
    as_admin.call("PUT", f"/issues/{moved}.json", {"issue": {"priority_id": 2}})
    as_admin.call("PUT", f"/issues/{closed}.json", {"issue": {"status_id": 5}})
    begun = create(as_carol)
    partly = olga.poll(known, datetime.now(UTC) + timedelta(minutes=10))
    assert {signal.id for signal in partly.signals} == set(known), "nothing changes in the future"
    partly = olga.poll({**known, "99999": replace(known[still], id="99999")}, datetime.now(UTC))
    assert all(("status_id", "*") in asked.query for asked in olga.asked if asked.path == "/issues.json")
    signals = {signal.id: signal for signal in partly.signals}
    assert signals.pop("99999").id == "99999", "what was deleted is noticed by a whole reading"
    assert signals == {signal.id: signal for signal in olga.poll().signals}
    assert begun in signals
    assert closed not in signals
    assert signals[moved].severity == "Normal"


def test_a_change_that_is_answered_well_and_not_made_is_told(
    redmine: Server, as_admin: Client, as_carol: Client, issue: str, olga: Reach
) -> None:
    """Redmine answers 204 to a status that does not exist."""
    strange = Reach(
        "http", redmine.url, "Olga", **{**olga.config.options, "resolve.body": '{"issue": {"status_id": 99}}'}
    )
    strange.config = config.SourceConfig(**{**_fields(olga.config), "options": strange.config.options})
    with pytest.raises(Rejected) as refusal:
        strange.say(write(strange, Verb.RESOLVE, issue))
    assert "nothing changed" in str(refusal.value)


def _fields(source: config.SourceConfig) -> dict[str, Any]:
    return {name: getattr(source, name) for name in source.__struct_fields__}


def test_a_wrong_key_is_denied_by_the_login(redmine: Server, tmp_path: Path, olga: Reach) -> None:
    with pytest.raises(Denied):
        board(redmine, tmp_path, "KEY_OF_NOBODY").poll()


def test_the_check_says_who_we_are(olga: Reach) -> None:
    assert olga.connector.check
    assert olga.play(olga.connector.check).startswith("Olga Oncall, ")
