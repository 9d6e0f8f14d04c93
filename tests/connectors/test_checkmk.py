"""What the Checkmk connector asks, word for word as its document wants it, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_tui.connectors.monitors import checkmk
from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.kit import Request, Response, Source
from oncall_tui.model import Me, Signal, Verb, Write
from oncall_tui.testing.play import Played, ok, play

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
S = NOW.timestamp()
SOURCE = Source(
    name="cmk", url="https://cmk/night", me=Me(name="Sanne"), options={"user": "automation"}, secret="s3cret"
)
CPU = "db1;CPU load"
API = "/check_mk/api/1.0/domain-types"


def row(**more: Any) -> dict[str, Any]:
    return {"state": 2, "state_type": 1, "acknowledged": 0, "last_hard_state_change": S, **more}


def service(name: str = CPU, **more: Any) -> dict[str, Any]:
    host, _, description = name.partition(";")
    return row(host_name=host, description=description, **more)


def host(name: str = "db1", **more: Any) -> dict[str, Any]:
    return row(**{"name": name, "state": 1, **more})


class Checkmk:
    """Answers with rows, and to changes with a 204 or with `told`."""

    def __init__(self, *services: Any, hosts: Sequence[Any] = (), told: Response | None = None, sees: int = 2) -> None:
        self.rows = {"service": services, "host": hosts}
        self.well = [{"extensions": {"name": f"db{number}"}} for number in range(sees)]
        self.told = told or Response(status=204)
        self.planned: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Response:
        if request.writes:
            return self.told
        if request.path.startswith(f"{API}/downtime/"):
            return ok(json.dumps({"value": self.planned}))
        if request.path.endswith("/version"):
            return ok(json.dumps({"site": "night"}))
        if request.json == {"columns": ["name"]}:
            return ok(json.dumps({"value": self.well}))
        listed = self.rows[request.path.split("/")[5]]
        return ok(json.dumps({"links": [], "value": [{"extensions": one} for one in listed]}))


def poll(server: Checkmk, source: Source = SOURCE) -> list[Signal]:
    return play(checkmk.poll(source), server).result.signals


def write(verb: Verb, **more: Any) -> Write:
    return Write(
        **{"id": "w1", "problem": "p", "ref": f"cmk/{CPU}", "verb": verb, "by": "Sanne", "asked_at": NOW, **more}
    )


def say(verb: Verb, server: Checkmk, **more: Any) -> Played[Any]:
    return play(checkmk.CONNECTOR.answers[verb](SOURCE, write(verb, **more)), server)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_it_asks_for_hard_problems_of_hosts_and_of_services() -> None:
    hosts, services = play(checkmk.poll(SOURCE), Checkmk(service())).asked
    assert (hosts.path, services.path) == (f"{API}/host/collections/all", f"{API}/service/collections/all")
    for asked in (hosts, services):
        assert (asked.method, asked.writes) == ("POST", False)
        assert asked.json["query"] == {
            "op": "and",
            "expr": (
                {"op": "!=", "left": "state", "right": "0"},
                {"op": "=", "left": "state_type", "right": "1"},
            ),
        }
    assert {"host_name", "description", "comments_with_extra_info"} <= set(services.json["columns"])


@pytest.mark.parametrize(
    ("record", "severity", "impact"),
    [
        (service(state=1), "warning", "at_risk"),
        (service(state=2), "critical", "down"),
        (service(state=3), "unknown", "at_risk"),
        (service(state=9), "state 9", "at_risk"),
    ],
)
def test_the_state_of_a_service_becomes_a_severity(record: dict[str, Any], severity: str, impact: str) -> None:
    [signal] = poll(Checkmk(record))
    assert (signal.severity, signal.impact.word) == (severity, impact)


def test_a_host_behind_a_broken_one_and_a_service_on_a_host_that_is_down_are_put_aside() -> None:
    down, behind, service_ = poll(Checkmk(service(host_state=1), hosts=[host(), host("db2", state=2)]))
    assert (down.severity, down.suppressed) == ("down", "")
    assert behind.severity == "unreachable"
    assert all(one.suppressed == "unreachable: what it depends on is down" for one in (behind, service_))


def test_labels_of_the_service_go_before_its_hosts_and_name_service_and_severity() -> None:
    source = replace(SOURCE, options={"severity_label": "sla", "severities": "gold=degraded"})
    labels = {"service": "orders-api", "sla": "gold", "customer": "De Korenaar"}
    [signal] = poll(Checkmk(service(labels=labels, host_labels={"customer": "x", "cmk/site": "night"})), source)
    assert signal.labels == {**labels, "cmk/site": "night", "check": "CPU load"}
    assert (signal.service, signal.severity, signal.impact.word) == ("orders-api", "gold", "degraded")


@pytest.mark.parametrize(
    ("comments", "taken_by", "mine", "notes"),
    [
        ([[1, "automation", "taken by Sanne [oncall-tui w0]", 4, S]], "Sanne", True, []),
        ([[1, "automation", "taken by Olga [oncall-tui w0]", 4, S]], "Olga", False, []),
        ([[1, "piet", "new disk", 4, S]], "piet", False, ["new disk"]),
        ([[2, "piet", "new disk", 4, S], [1, "automation", "taken by Sanne [oncall-tui w]", 4, S + 9]], "Sanne", True,
         ["new disk"]),
        ([[1, "", "in a downtime", 2, S], [2, "olga", "hm [oncall-tui w]", 1, S]], "somebody", False, ["hm"]),
    ],
    ids=["me", "a colleague", "in the web pages", "me on top", "nobody says who"],
)  # fmt: skip
def test_who_took_it_stands_in_the_comment(comments: list[Any], taken_by: str, mine: bool, notes: list[str]) -> None:
    [signal] = poll(Checkmk(service(acknowledged=1, comments_with_extra_info=comments)))
    assert (signal.taken_by, signal.mine) == (taken_by, mine)
    assert [message.text for message in signal.messages] == notes


def test_a_downtime_says_whose_it_is_and_until_when_unless_it_waits_to_begin() -> None:
    begun = [1, "olga", "disks", 0, S, S, S + 60, 1, 0, 0, 0]
    waiting = [2, "piet", "later", 0, S, S + 90, S + 99, 1, 0, 0, 1]
    [signal] = poll(Checkmk(service(scheduled_downtime_depth=1, downtimes_with_extra_info=[begun, waiting])))
    assert (signal.suppressed, signal.suppressed_until) == ("in downtime by olga", NOW + timedelta(seconds=60))


def test_an_empty_list_is_good_news_only_for_who_sees_hosts() -> None:
    assert poll(Checkmk()) == []
    with pytest.raises(Rejected, match="no host at all"):
        poll(Checkmk(sees=0))


# --- answering -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        (
            Verb.ACKNOWLEDGE,
            "acknowledge/collections/service",
            {
                "acknowledge_type": "service",
                "host_name": "db1",
                "service_description": "CPU load",
                "comment": "taken by Sanne [oncall-tui w1]",
                "sticky": True,
                "persistent": False,
                "notify": False,
            },
        ),
        (
            Verb.NOTE,
            "comment/collections/service",
            {
                "comment_type": "service",
                "host_name": "db1",
                "service_description": "CPU load",
                "comment": "één twee [oncall-tui w1]",
                "persistent": True,
            },
        ),
        (
            Verb.SNOOZE,
            "downtime/collections/service",
            {
                "downtime_type": "service",
                "host_name": "db1",
                "service_descriptions": ["CPU load"],
                "comment": "één twee [oncall-tui w1]",
                "start_time": "2026-11-23T03:12:00+00:00",
                "end_time": "2026-11-23T04:12:00+00:00",
            },
        ),
    ],
)
def test_what_is_said_to_a_service(verb: Verb, path: str, body: dict[str, Any]) -> None:
    until = NOW + timedelta(hours=1) if verb is Verb.SNOOZE else None
    said = say(verb, Checkmk(service()), text="één\n twee", until=until)
    [sent] = said.writes
    assert (sent.method, sent.path, sent.json) == ("POST", f"{API}/{path}", body)
    assert not said.result.settled


def test_what_is_said_to_a_host_names_no_service() -> None:
    for verb in (Verb.ACKNOWLEDGE, Verb.NOTE, Verb.SNOOZE):
        [sent] = say(verb, Checkmk(hosts=[host()]), ref="cmk/db1", until=LATER, text="x").writes
        assert sent.path.endswith("/collections/host")
        assert sent.json["host_name"] == "db1"
        assert not {"service_description", "service_descriptions"} & set(sent.json)


def test_giving_it_back_removes_mine_and_leaves_a_colleagues() -> None:
    mine = service(acknowledged=1, comments_with_extra_info=[[1, "a", "taken by Sanne [oncall-tui w0]", 4, S]])
    [sent] = say(Verb.RELEASE, Checkmk(mine)).writes
    assert sent.path == f"{API}/acknowledge/actions/delete/invoke"
    assert sent.json == {"acknowledge_type": "service", "host_name": "db1", "service_description": "CPU load"}
    theirs = service(acknowledged=1, comments_with_extra_info=[[1, "piet", "x", 4, S]])
    said = say(Verb.RELEASE, Checkmk(theirs))
    assert (said.writes, said.result.words) == ((), "piet has it now")


def test_an_end_is_sent_with_the_acknowledgement() -> None:
    [sent] = say(Verb.ACKNOWLEDGE, Checkmk(service()), until=NOW).writes
    assert sent.json["expire_on"] == "2026-11-23T03:12:00+00:00"


@pytest.mark.parametrize("name", ["", ";", "db1;", ";CPU load"])
def test_nothing_is_ever_said_without_one_object(name: str) -> None:
    for verb in checkmk.CONNECTOR.answers:
        with pytest.raises(Unreadable):
            say(verb, Checkmk(service(), hosts=[host()]), ref=f"cmk/{name}", until=LATER, text="x")


def test_only_the_service_that_was_asked_for_counts_whatever_is_listed() -> None:
    for verb in (Verb.ACKNOWLEDGE, Verb.NOTE, Verb.SNOOZE):
        with pytest.raises(Rejected) as refusal:
            say(verb, Checkmk(service("db1;CPU load 2"), service("db2;CPU load")), text="x", until=LATER)
        assert refusal.value.gone


def test_words_where_checkmk_is_silent_when_it_obeys_are_no_success() -> None:
    with pytest.raises(Unreadable):
        say(Verb.NOTE, Checkmk(service(), told=ok('{"title": "An exception occurred"}')), text="x")


def test_the_version_of_the_api_is_configured() -> None:
    source = replace(SOURCE, options={"api": "v1"})
    assert play(checkmk.poll(source), Checkmk()).asked[0].path.startswith("/check_mk/api/v1/")


def test_the_header_has_the_user_and_the_secret() -> None:
    assert checkmk.headers(SOURCE) == {"Authorization": "Bearer automation s3cret"}


def test_taking_a_snooze_back_deletes_the_downtime_that_it_made_at_its_own_site_and_no_other() -> None:
    words = {"w1": "x [oncall-tui w1]", "w2": "x [oncall-tui w2]"}
    told = [[number, "a", text, 0, S, S, S + 60, 1, 0, 0, 0] for number, text in enumerate(words.values(), 7)]
    server = Checkmk(service(downtimes_with_extra_info=told))
    server.planned = [
        {"id": "7", "extensions": {"site_id": "elsewhere", "comment": "the same number at another site"}},
        {"id": "7", "extensions": {"site_id": "night", "comment": words["w1"]}},
        {"id": "8", "extensions": {"site_id": "night", "comment": words["w2"]}},
    ]
    [sent] = play(checkmk.CONNECTOR.retracts[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE)), server).writes
    assert sent.path == f"{API}/downtime/actions/delete/invoke"
    assert sent.json == {"delete_type": "by_id", "downtime_id": "7", "site_id": "night"}
    gone = play(checkmk.CONNECTOR.retracts[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE)), Checkmk(service()))
    assert (gone.writes, gone.result.settled) == ((), True)


def test_what_we_may_is_asked_by_deleting_what_there_is_not() -> None:
    asked = play(checkmk.may(SOURCE), Checkmk())
    assert [(sent.path, sent.json) for sent in asked.writes] == [
        (f"{API}/comment/actions/delete/invoke", {"delete_type": "by_id", "comment_id": 0, "site_id": "night"}),
        (f"{API}/downtime/actions/delete/invoke", {"delete_type": "by_id", "downtime_id": "0", "site_id": "night"}),
    ]
    assert asked.result == "comments and downtimes are taken from us"
