"""What the Roundup connector asks to change, and what it does when somebody was faster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from oncall_tui.connectors.desks import roundup
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Request, Response
from oncall_tui.model import Verb
from oncall_tui.testing import spoilt, written
from oncall_tui.testing.play import play
from tests.connectors.cases.roundup import CASE

TAG = CASE.server().document("issue-1")["data"]["@etag"]

FIELDS = ("messages", "assignedto", "status")


def test_each_change_names_the_tag_of_what_was_read() -> None:
    for verb in (Verb.ACKNOWLEDGE, Verb.RESOLVE, Verb.REPLY):
        said = play(roundup.CONNECTOR.answers[verb](CASE.source, written(CASE, verb)), CASE.server(verb)).writes
        assert said[-1].method == "PATCH"
        assert said[-1].headers == {"If-Match": TAG}


def test_a_change_that_somebody_was_faster_than_was_certainly_not_made() -> None:
    server = CASE.server()

    def stale(request: Request) -> Response:
        return Response(status=412) if request.method == "PATCH" else server(request)

    with pytest.raises(Unavailable) as refusal:
        play(roundup.CONNECTOR.answers[Verb.ACKNOWLEDGE](CASE.source, written(CASE, Verb.ACKNOWLEDGE)), stale)
    assert not refusal.value.maybe_sent
    asked: list[Request] = []
    with pytest.raises(Unavailable):
        play(roundup.CONNECTOR.answers[Verb.REPLY](CASE.source, written(CASE, Verb.REPLY)), stale, asked)
    assert [one.method for one in asked if one.writes] == ["POST", "PATCH", "PATCH", "PATCH"]


def test_a_list_that_ends_early_is_not_believed() -> None:
    with pytest.raises(Unreadable, match="all of its issues"):
        play(roundup.CONNECTOR.poll(CASE.source), spoilt(CASE, "issues", ("data", "@links"), {"next": []}))


def test_a_closed_issue_is_gone() -> None:
    assert roundup.CONNECTOR.peek
    empty = CASE.server(routes={**CASE.routes, **CASE.empty})
    assert play(roundup.CONNECTOR.peek(CASE.source, "1"), empty).result is None


def test_what_is_over_is_left_out_and_not_what_is_open_asked_for() -> None:
    """An issue may be in a status that was invented since we looked, or be over by one that was retired."""
    asked: list[Request] = []
    play(roundup.CONNECTOR.poll(CASE.source), CASE.server(), asked)
    assert dict(asked[0].query)["status"] == "7,8,-4,-2"
    for status, listed in (("escalated", ["1", "2", "3"]), ("done-cbb", ["2", "3"])):
        server = spoilt(CASE, "issues", ("data", "collection", 0, "status"), {"id": "9", "name": status})
        assert [one.id for one in play(roundup.CONNECTOR.poll(CASE.source), server).result.signals] == listed


def test_where_no_status_means_that_it_is_over_all_is_asked_for() -> None:
    asked: list[Request] = []
    source = replace(CASE.source, session={**CASE.source.session, "closed": ""})
    play(roundup.CONNECTOR.poll(source), CASE.server(), asked)
    assert "status" not in dict(asked[0].query)


def test_a_list_in_any_order_is_whole_because_it_comes_in_one_piece() -> None:
    issues = CASE.server().document("issues")["data"]["collection"]
    server = spoilt(CASE, "issues", ("data", "collection"), [*reversed(issues)])
    reading = play(roundup.CONNECTOR.poll(CASE.source), server).result
    assert [one.id for one in reading.signals] == ["1", "2", "3"]


def test_a_message_that_was_taken_off_again_in_that_moment_is_attached_once_more() -> None:
    server, asked = CASE.server(), []
    with pytest.raises(Unavailable) as refusal:
        play(roundup.CONNECTOR.answers[Verb.REPLY](CASE.source, written(CASE, Verb.REPLY)), server, asked)
    assert refusal.value.maybe_sent
    assert [one.method for one in asked if one.writes] == ["POST", "PATCH", "PATCH", "PATCH"]


def test_a_status_that_does_not_exist_does_not_keep_anybody_from_taking_it_and_resolves_nothing() -> None:
    source = replace(
        CASE.source, options={**CASE.source.options, "taken_status": "bezig", "resolved_status": "opgelost"}
    )
    taken = play(
        roundup.CONNECTOR.answers[Verb.ACKNOWLEDGE](source, written(CASE, Verb.ACKNOWLEDGE)),
        CASE.server(Verb.ACKNOWLEDGE),
    )
    assert taken.writes[0].json == {"assignedto": "3"}
    assert taken.result.words == "it is yours, but it stayed 'in-progress': there is no status 'bezig'"
    with pytest.raises(Rejected, match="it stayed 'chatting': there is no status 'opgelost'"):
        play(roundup.CONNECTOR.answers[Verb.RESOLVE](source, written(CASE, Verb.RESOLVE)), CASE.server())


def test_what_we_may_is_asked_by_what_cannot_be_done() -> None:
    assert roundup.CONNECTOR.may
    server = CASE.server()

    def asked_for(*refused: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            if not request.writes:
                return server(request)
            assert request.json in ({"date": "never"}, *({"@op": "ask", name: ""} for name in FIELDS))
            return Response(status=403 if set(request.json) & set(refused) else 400)

        return answer

    played = play(roundup.CONNECTOR.may(CASE.source), asked_for())
    assert played.result == "messages and changes are taken from us"
    assert [one.method for one in played.writes] == ["POST", "PATCH", "PATCH", "PATCH"]
    with pytest.raises(Rejected, match="our role may not write messages, nor change their status"):
        play(roundup.CONNECTOR.may(CASE.source), asked_for("date", "status"))
    empty = CASE.server(routes={**CASE.routes, **CASE.empty, "POST /rest/data/msg": 400})
    assert "no issue is open to ask" in play(roundup.CONNECTOR.may(CASE.source), empty).result
