"""What the Icinga 2 connector asks, word for word, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_tui import kit
from oncall_tui.connectors.monitors import icinga2
from oncall_tui.errors import Denied, Rejected, Unreadable
from oncall_tui.kit import Request, Response, Source
from oncall_tui.model import Impact, Me, Signal, Verb, Write
from oncall_tui.testing.play import Played, ok, play

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
SOURCE = Source(name="ic", url="https://ic:5665", me=Me(name="Sanne", aliases=("sdv",)), options={"user": "oncall"})
DISK = "db1!disk /"
LATER = NOW + timedelta(hours=1)


def found(name: str = DISK, vars: dict[str, Any] | None = None, **attrs: Any) -> dict[str, Any]:  # noqa: A002
    state = {"state": 2, "state_type": 1, "acknowledgement": 0, "last_hard_state_change": NOW.timestamp()}
    kind = "Service" if "!" in name else "Host"
    return {
        "name": name,
        "type": kind,
        "attrs": {"display_name": "disk /", "vars": vars, **state, **attrs},
        "joins": {},
    }


def said(author: str = "Sanne", about: str = DISK, **more: Any) -> dict[str, Any]:
    host, _, service = about.partition("!")
    attrs = {"author": author, "entry_time": NOW.timestamp(), "host_name": host, "service_name": service, **more}
    return {"name": f"{about}!c1", "attrs": {"entry_type": 4, **attrs}}


class Icinga:
    """Answers by path; `acts` are the answers to actions, in turn, the first of which makes `then` of what there is.

    `hosts` are the names of all; `off` what it was told to check no more.
    """

    def __init__(
        self,
        *objects: Any,
        comments: Sequence[Any] = (),
        downtimes: Sequence[Any] = (),
        acts: Sequence[Any] = (),
        then: tuple[Any, Sequence[Any]] | None = None,
        hosts: Sequence[Any] = ({"name": "db1", "type": "Host", "attrs": {"name": "db1"}},),
        off: str = "",
    ) -> None:
        self.hosts, self.off = hosts, off
        self.objects, self.comments, self.downtimes, self.acts = objects, comments, downtimes, iter(acts)
        self.then = then

    def __call__(self, request: Request) -> Response:
        what = request.path.rpartition("/")[2]
        if request.writes:
            status, result = next(self.acts)
            if self.then:
                self.objects, self.comments = (self.then[0],), self.then[1]
            return replace(ok(json.dumps(result)), status=status)
        kinds = {"hosts": "Host", "services": "Service"}
        running = [{"name": "app", "attrs": {self.off: False}}]
        listed = {"comments": self.comments, "downtimes": self.downtimes, "icingaapplications": running}.get(what)
        listed = self.hosts if (request.method, what) == ("GET", "hosts") else listed
        mine = [one for one in self.objects if one["type"] == kinds.get(what)] if listed is None else listed
        return ok(json.dumps({"results": mine}))


DONE = (200, {"results": [{"code": 200, "status": "done", "name": f"{DISK}!d1"}]})
MINE = (found(acknowledgement=2), [said("Sanne")])
ALREADY = (409, {"results": [{"code": 409, "status": "Service db1!disk / is already acknowledged."}]})


def poll(*objects: Any, source: Source = SOURCE, **more: Any) -> list[Signal]:
    return play(icinga2.poll(source), Icinga(*objects, **more)).result.signals


def write(verb: Verb, **more: Any) -> Write:
    return Write(
        **{"id": "w1", "problem": "p", "ref": f"ic/{DISK}", "verb": verb, "by": "Sanne", "asked_at": NOW, **more}
    )


def say(verb: Verb, server: Icinga, **more: Any) -> Played[Any]:
    return play(icinga2.CONNECTOR.answers[verb](SOURCE, write(verb, **more)), server)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_it_asks_for_hard_problems_and_then_for_what_was_said_about_them() -> None:
    asked = play(icinga2.poll(SOURCE), Icinga(found())).asked
    assert [(one.path.rpartition("/")[2], (one.json or {}).get("filter")) for one in asked] == [
        ("hosts", "obj.state != 0 && obj.state_type == 1"),
        ("services", "obj.state != 0 && obj.state_type == 1"),
        ("icingaapplications", None),
        ("comments", None),
        ("downtimes", None),
    ]
    assert all(one.headers == {"X-HTTP-Method-Override": "GET"} for one in asked if one.method == "POST")
    assert not any(one.writes for one in asked)


@pytest.mark.parametrize(
    ("name", "state", "severity", "impact"),
    [
        (DISK, 1, "warning", "at_risk"),
        (DISK, 2, "critical", "down"),
        (DISK, 3, "unknown", "at_risk"),
        ("db1", 1, "down", "down"),
        (DISK, 7, "state 7", "at_risk"),
    ],
)
def test_a_state_becomes_a_severity_and_an_impact(name: str, state: int, severity: str, impact: str) -> None:
    [signal] = poll(found(name, state=state))
    assert (signal.severity, signal.impact.word) == (severity, impact)


def test_a_variable_of_the_service_goes_before_the_same_one_of_its_host() -> None:
    record = found(vars={"customer": "De Korenaar", "list": [1]})
    record["joins"] = {"host": {"vars": {"customer": "Garage Smit", "os": "Linux", "none": None}}}
    [signal] = poll(record)
    assert signal.labels == {"customer": "De Korenaar", "os": "Linux", "check": "disk /"}


def test_a_check_is_no_service_of_ours_unless_a_variable_says_which() -> None:
    assert poll(found())[0].service == ""
    assert poll(found(vars={"service": "orders-api"}))[0].service == "orders-api"
    source = replace(SOURCE, options={"service_label": "app"})
    assert poll(found(vars={"app": "shop", "service": "x"}), source=source)[0].service == "shop"


@pytest.mark.parametrize("unwell", [{"state": 0}, {"state_type": 0}], ids=["OK", "soft"])
def test_what_is_well_or_only_tried_again_is_no_signal(unwell: dict[str, Any]) -> None:
    assert poll(found(**unwell)) == []


def test_since_when_it_is_bad_is_read_from_the_first_time_that_is_told() -> None:
    later = (NOW + timedelta(minutes=5)).timestamp()
    assert poll(found(last_state_change=later))[0].opened_at == NOW
    assert poll(found(last_hard_state_change=0, last_state_change=later))[0].opened_at > NOW
    timeless = play(icinga2.poll(SOURCE), Icinga(found(last_hard_state_change=0))).result
    assert (timeless.signals, timeless.unreadable) == ([], ("says not since when",))


@pytest.mark.parametrize(
    ("comments", "taken_by", "mine"),
    [
        ([said("Sanne")], "Sanne", True),
        ([said("sdv")], "sdv", True),
        ([said("Olga")], "Olga", False),
        ([said("Olga"), said("Sanne", entry_time=NOW.timestamp() + 9)], "Sanne", True),
        ([said("root", text="taken by Sanne [oncall-tui w0]")], "Sanne", True),
        ([said("Olga", about="db1!other")], "somebody", False),
        ([said("Olga", entry_type=1)], "somebody", False),
    ],
    ids=[
        "me",
        "my alias",
        "a colleague",
        "the last of two",
        "me by a shared account",
        "for another service",
        "only a note",
    ],
)
def test_who_acknowledged_it_stands_in_the_comment(comments: list[Any], taken_by: str, mine: bool) -> None:
    [signal] = poll(found(acknowledgement=2), comments=comments)
    assert (signal.taken_by, signal.mine) == (taken_by, mine)


def test_an_acknowledgement_comment_alone_takes_nothing() -> None:
    assert poll(found(), comments=[said()])[0].taken_by == ""


def test_a_downtime_that_has_not_begun_does_not_say_until_when() -> None:
    waiting = said("Olga", end_time=NOW.timestamp() + 99, trigger_time=0, comment="")
    begun = said("Piet", end_time=NOW.timestamp() + 9, trigger_time=1, comment="")
    [signal] = poll(found(downtime_depth=1), downtimes=[waiting, begun])
    assert (signal.suppressed, signal.suppressed_until) == ("in downtime by Piet", NOW + timedelta(seconds=9))


def test_an_empty_list_is_good_news_only_for_who_sees_a_host() -> None:
    assert poll() == []
    with pytest.raises(Rejected, match="shows your API user no host at all"):
        poll(hosts=[])


def test_where_nothing_is_wrong_one_host_of_a_few_is_enough_and_all_are_asked_for_where_none_is_among_them() -> None:
    server = Icinga()

    def unlucky(request: Request) -> Response:
        return ok('{"results": []}') if ("filter", "Math.random() < 0.01") in request.query else server(request)

    def draws_none(request: Request, status: int) -> Response:
        return replace(unlucky(request), status=status) if len(request.query) == 2 else server(request)

    def names(answers: Callable[[Request], Response]) -> list[Any]:
        asked = play(icinga2.poll(SOURCE), answers).asked
        return [one.query for one in asked if (one.method, one.path) == ("GET", "/v1/objects/hosts")]

    assert [len(query) for query in names(server)] == [2]
    assert [len(query) for query in names(unlucky)] == [2, 1]
    for status in (400, 404, 500):
        assert [len(query) for query in names(lambda one, s=status: draws_none(one, s))] == [2, 1]  # type: ignore[misc]


def test_what_time_it_is_there_is_read_of_its_status_where_our_user_may_ask_that() -> None:
    started = {"icingaapplication": {"app": {"program_start": NOW.timestamp()}}}
    told = {"results": [{"name": "CIB", "status": {"uptime": 90.5}}, {"name": "IcingaApplication", "status": started}]}
    [asked] = play(icinga2.login(SOURCE), [ok(json.dumps(told))]).asked
    assert asked.clock
    assert asked.clock(ok(json.dumps(told))) == NOW + timedelta(seconds=90.5)
    for other in (Response(status=404), ok('{"results": []}'), ok('{"results": [{"name": "CIB", "status": {}}]}')):
        assert asked.clock(other) is None


def test_checks_that_are_switched_off_are_no_quiet() -> None:
    assert play(icinga2.poll(SOURCE), Icinga()).result.gap == ""
    reading = play(icinga2.poll(SOURCE), Icinga(off="enable_service_checks")).result
    assert reading.gap == "makes no service checks any more: what broke since is not listed"
    refused = Icinga()
    reading = play(icinga2.poll(SOURCE), lambda one: Response(status=404) if "app" in one.path else refused(one)).result
    assert reading.gap == ""


@pytest.mark.parametrize(
    ("switched", "is_stopped"),
    [
        ({}, False),
        ({"enable_active_checks": False}, False),
        ({"enable_active_checks": False, "enable_passive_checks": False}, True),
        ({"enable_active_checks": False, "last_check_result": {"output": "full", "active": True}}, True),
        ({"last_check_result": {"output": "full", "active": True}}, False),
    ],
    ids=["checked", "only pushed", "not even pushed", "was fetched by itself", "is fetched by itself"],
)
def test_what_is_checked_no_more_says_that_it_may_be_well_by_now(switched: dict[str, Any], is_stopped: bool) -> None:
    [signal] = poll(found(**{"last_check_result": {"output": "full"}, **switched}))
    said = "full\nIts checks were switched off since: it may be well by now."
    assert signal.text == (said if is_stopped else "full")


def test_what_was_removed_after_we_looked_is_gone_and_no_missing_permission() -> None:
    server = Icinga(found(), acts=[(404, {"error": 404, "status": "No objects found."})], then=(found("db2"), []))
    with pytest.raises(Rejected) as refusal:
        say(Verb.NOTE, server, text="x")
    assert refusal.value.gone


def test_who_may_read_nothing_is_denied_and_told_what_is_missing() -> None:
    with pytest.raises(Denied, match="objects/query"):
        play(icinga2.poll(SOURCE), [Response(status=404, body=b'{"error":404,"status":"No objects found."}')])


# --- answering -------------------------------------------------------------------------------------------------------


def test_taking_it_acknowledges_exactly_one_object_and_calls_nobody() -> None:
    [sent] = say(Verb.ACKNOWLEDGE, Icinga(found(), acts=[DONE], then=MINE)).writes
    assert (sent.method, sent.path) == ("POST", "/v1/actions/acknowledge-problem")
    assert sent.json == {
        "service": DISK,
        "sticky": True,
        "notify": False,
        "persistent": False,
        "author": "Sanne",
        "comment": "taken by Sanne [oncall-tui w1]",
    }


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.NOTE, Verb.RELEASE, Verb.SNOOZE])
@pytest.mark.parametrize("name", ["", "!", "db1!", "!disk"])
def test_nothing_is_ever_said_without_an_object(verb: Verb, name: str) -> None:
    with pytest.raises((Unreadable, Rejected)):
        say(verb, Icinga(found(), acts=[DONE]), ref=f"ic/{name}", until=LATER, text="x")


def test_a_colleague_who_is_faster_is_named() -> None:
    with pytest.raises(Rejected, match="Olga was faster"):
        say(Verb.ACKNOWLEDGE, Icinga(found(), acts=[ALREADY], then=(found(acknowledgement=1), [said("Olga")])))


def test_what_a_colleague_had_when_it_was_looked_at_is_taken_over() -> None:
    server = Icinga(found(acknowledgement=1), comments=[said("Olga")], acts=[DONE, DONE], then=MINE)
    assert [one.path.rpartition("/")[2] for one in say(Verb.ACKNOWLEDGE, server).writes] == [
        "remove-acknowledgement",
        "acknowledge-problem",
    ]


def test_a_colleagues_acknowledgement_is_not_given_back() -> None:
    said_ = say(Verb.RELEASE, Icinga(found(acknowledgement=1), comments=[said("Olga")]))
    assert (said_.writes, said_.result.words) == ((), "Olga has it now")


def test_a_note_carries_its_marker_and_is_shown_without_it() -> None:
    [sent] = say(Verb.NOTE, Icinga(found(), acts=[DONE]), text="disk ordered").writes
    assert sent.json == {"service": DISK, "author": "Sanne", "comment": "disk ordered [oncall-tui w1]"}
    [signal] = poll(found(), comments=[said(text="disk ordered [oncall-tui w1]", entry_type=1)])
    assert [(one.text, one.private) for one in signal.messages] == [("disk ordered", True)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, {"results": [{"code": 200}, {"code": 200}]}), "acted on 2 objects"),
        ((500, {"results": []}), "acted on 0 objects"),
        ((200, {"results": [{"code": 500, "status": "no disk"}]}), "no disk"),
        ((404, {"error": 404, "status": "No objects found."}), "it needs actions/add-comment"),
    ],
    ids=["two objects", "none", "refused inside a 200", "not permitted"],
)
def test_only_one_object_that_says_done_counts(answer: Any, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        say(Verb.NOTE, Icinga(found(), acts=[answer]), text="x")


@pytest.mark.parametrize(("text", "seen"), [("x [oncall-tui w1]", True), ("x [oncall-tui w2]", False), ("x", False)])
def test_a_note_is_seen_by_its_marker(text: str, seen: bool) -> None:
    server = Icinga(found(), comments=[said(text=text, entry_type=1)])
    assert play(icinga2.API.seen(SOURCE, write(Verb.NOTE, text="x")), server).result is seen


def test_a_downtime_of_mine_that_waits_to_begin_is_seen() -> None:
    waiting = said("Sanne", end_time=NOW.timestamp() + 99, trigger_time=0, comment="x [oncall-tui w1]")
    assert play(icinga2.API.seen(SOURCE, write(Verb.SNOOZE)), Icinga(found(), downtimes=[waiting])).result is True


def test_a_worse_severity_of_ones_own_is_counted() -> None:
    source = replace(SOURCE, options={"severity_label": "sla", "severities": "gold=down"})
    [signal] = poll(found(vars={"sla": "gold"}, state=1), source=source)
    assert (signal.severity, signal.impact) == ("gold", Impact.DOWN)


def test_a_remark_that_cannot_be_read_hides_no_problem_and_is_counted() -> None:
    reading = play(icinga2.poll(SOURCE), Icinga(found(acknowledgement=2), comments=[said(entry_time=0)])).result
    assert ([signal.taken_by for signal in reading.signals], len(reading.unreadable)) == (["somebody"], 1)


# --- downtimes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "until when"),
        ({"until": NOW}, "its end has passed"),
        ({"until": LATER, "began_at": LATER + timedelta(seconds=1)}, "its end has passed"),
    ],
    ids=["no end", "over when it was asked for", "over when it is tried"],
)
def test_a_downtime_that_is_over_is_refused_before_anything_is_asked(more: dict[str, Any], words: str) -> None:
    """Icinga itself takes one that ended an hour ago, and says 200."""
    asked: list[Request] = []
    with pytest.raises(Rejected, match=words):
        play(icinga2.CONNECTOR.answers[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE, **more)), Icinga(found()), asked)
    assert asked == []


def test_a_downtime_is_of_one_object_from_now_to_its_end() -> None:
    [sent] = say(Verb.SNOOZE, Icinga(found(), acts=[DONE]), until=LATER).writes
    assert sent.path == "/v1/actions/schedule-downtime"
    assert sent.json == {
        "service": DISK,
        "author": "Sanne",
        "comment": "snoozed by Sanne [oncall-tui w1]",
        "fixed": True,
        "start_time": NOW.timestamp(),
        "end_time": LATER.timestamp(),
    }


def test_taking_a_snooze_back_ends_the_downtime_that_it_made_and_no_other() -> None:
    mine, other = (said("Sanne", comment=f"x [oncall-tui {one}]", end_time=9e9) for one in ("w1", "w2"))
    mine["name"], other["name"] = f"{DISK}!mine", f"{DISK}!other"
    server = Icinga(found(), downtimes=[other, mine], acts=[DONE])
    [sent] = play(icinga2.CONNECTOR.retracts[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE)), server).writes
    assert (sent.path, sent.json) == ("/v1/actions/remove-downtime", {"downtime": f"{DISK}!mine", "author": "Sanne"})
    gone = play(icinga2.CONNECTOR.retracts[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE)), Icinga(found(), downtimes=[other]))
    assert (gone.writes, gone.result) == ((), kit.DONE)


# --- who we are ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permissions", "words"),
    [
        (["*"], "acknowledgements, comments and downtimes are taken from us"),
        (["objects/query/*", "actions/*"], "acknowledgements, comments and downtimes are taken from us"),
        (["actions/*-acknowledge*", "actions/acknowledge-*"],
         "all but actions/add-comment, actions/schedule-downtime, actions/remove-downtime"),
    ],
    ids=["all", "every action", "some"],
)  # fmt: skip
def test_what_we_may_is_told_by_our_permissions(permissions: list[str], words: str) -> None:
    user = {"user": "oncall", "version": "r2.13.6-1", "permissions": permissions}
    assert play(icinga2.may(SOURCE), [ok(json.dumps({"results": [user]}))]).result == words


def test_who_may_only_read_is_told_what_is_missing() -> None:
    user = {"user": "viewer", "permissions": ["objects/query/*"]}
    with pytest.raises(Rejected, match="actions/acknowledge-problem"):
        play(icinga2.may(SOURCE), [ok(json.dumps({"results": [user]}))])
