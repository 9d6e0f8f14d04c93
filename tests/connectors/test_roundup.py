"""What the Roundup connector asks to change, and what it does when somebody was faster."""

from __future__ import annotations

import pytest

from oncall_tui.connectors.desks import roundup
from oncall_tui.errors import Unavailable, Unreadable
from oncall_tui.kit import Request, Response
from oncall_tui.model import Verb
from oncall_tui.testing import spoilt, written
from tests.connectors.cases.roundup import CASE
from tests.connectors.play import play

TAG = CASE.server().document("issue-1")["data"]["@etag"]


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
        play(roundup.acknowledge(CASE.source, written(CASE, Verb.ACKNOWLEDGE)), stale)
    assert not refusal.value.maybe_sent
    asked: list[Request] = []
    with pytest.raises(Unavailable):
        play(roundup.reply(CASE.source, written(CASE, Verb.REPLY)), stale, asked)
    assert [one.method for one in asked if one.writes] == ["POST", "PATCH", "PATCH", "PATCH"]


def test_a_list_that_ends_early_is_not_believed() -> None:
    with pytest.raises(Unreadable, match="all of its issues"):
        play(roundup.poll(CASE.source), spoilt(CASE, "issues", ("data", "@links"), {"next": []}))


def test_a_closed_issue_is_gone() -> None:
    assert play(roundup.peek(CASE.source, "1"), CASE.server(Verb.RESOLVE, is_done=True)).result is None
