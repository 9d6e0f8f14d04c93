"""What the Request Tracker connector makes of recorded answers, and what it never asks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from oncall_tui.connectors.desks import rt
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Reading, Request, Response
from oncall_tui.model import Impact, Signal, Verb, Voice, Write
from oncall_tui.testing import ok, spoilt, written
from oncall_tui.testing.play import play
from tests.connectors.cases.rt import CASE


def read(**options: str) -> dict[str, Signal]:
    source = replace(CASE.source, options={**CASE.source.options, **options})
    reading: Reading = play(rt.CONNECTOR.poll(source), CASE.server()).result
    return {signal.id: signal for signal in reading.signals}


def test_each_message_has_its_voice_and_only_comments_are_private() -> None:
    assert [(one.author, one.voice, one.private, one.text.splitlines()[0]) for one in read()["1"].messages] == [
        ("Carol Customer", Voice.THEIRS, False, "De winkels kunnen niet bestellen."),
        ("Carol Customer", Voice.THEIRS, False, "Is er al iets bekend?"),
        ("Dirk Helper", Voice.OURS, True, "db1 is vol"),
        ("Jenkins Bot", Voice.MACHINE, False, "Build 7 failed"),
    ]


def test_what_a_colleague_typed_in_for_the_customer_was_said_by_the_customer() -> None:
    [opening] = read()["3"].messages
    assert (opening.author, opening.voice) == ("Carol Customer", Voice.THEIRS)


def test_a_requestor_whom_the_team_names_is_ours() -> None:
    assert {one.voice for one in read(team="carol")["2"].messages} == {Voice.OURS}


def test_who_has_it_since_when_and_what_it_is_linked_to() -> None:
    signals = read()
    assert (signals["1"].taken_by, signals["1"].assignee, signals["1"].taken_at) == ("", "", None)
    assert (signals["2"].taken_by, signals["2"].mine) == ("Olga Oncall", True)
    assert (signals["3"].taken_by, signals["3"].mine) == ("Dirk Helper", False)
    assert signals["3"].taken_at
    assert set(signals["3"].links) == {
        "https://rt.example.net/Ticket/Display.html?id=1",
        "https://status.example.net/7",
    }
    assert signals["1"].customer == "Bakkerij De Korenaar"
    assert signals["3"].due_at


def test_a_ticket_with_a_bot_is_with_nobody() -> None:
    assert read(bots="jenkins, dirk")["3"].taken_by == ""


@pytest.mark.parametrize(
    ("priority", "more", "impact"),
    [
        ("0", "", Impact.AT_RISK),
        ("1", "", Impact.QUESTION),
        ("99", "", Impact.AT_RISK),
        ("100", "", Impact.DEGRADED),
        ("5000", "", Impact.DEGRADED),
        ("80", "80=down", Impact.DOWN),
        ("High", "", Impact.DEGRADED),
        ("Paniek", "paniek=down", Impact.DOWN),
    ],
)
def test_a_priority_counts_from_the_number_that_it_reaches(priority: str, more: str, impact: Impact) -> None:
    source = replace(CASE.source, options={**CASE.source.options, "priorities": more})
    server = spoilt(CASE, *CASE.severity, priority)
    reading = play(rt.CONNECTOR.poll(source), server).result
    assert next(signal for signal in reading.signals if signal.id == "1").impact is impact
    assert reading.warning == ""


def test_a_list_that_comes_in_no_order_is_not_believed() -> None:
    items = CASE.server().document("tickets")["items"]
    page = {"items": [items[1], items[0]]}

    def reply(request: Request) -> Response:
        return Response(status=200, body=json.dumps(page).encode())

    with pytest.raises(Unreadable, match="no order"):
        play(rt.CONNECTOR.poll(CASE.source), reply)


def test_pages_end_only_with_an_empty_one_where_no_total_is_told() -> None:
    asked = play(rt.CONNECTOR.poll(CASE.source), CASE.server()).asked
    transactions = [dict(one.query)["query"].rpartition(" AND ")[2] for one in asked if "transactions" in one.path]
    assert len(transactions) == 2
    assert transactions[0] == "id > 0"


def peek(signal_id: str) -> Any:
    assert rt.CONNECTOR.peek
    return rt.CONNECTOR.peek(CASE.source, signal_id)


@pytest.mark.parametrize("strange", ["1 OR id > 0", "1'", "١", "-1"])
def test_an_id_that_is_no_number_asks_for_nothing(strange: str) -> None:
    asked: list[Request] = []
    for verb in (*rt.CONNECTOR.answers, None):
        exchange: Any = rt.CONNECTOR.answers[verb](CASE.source, written(CASE, verb, strange)) if verb else peek(strange)
        with pytest.raises(Unreadable):
            play(exchange, CASE.server(), asked)
    assert asked == []


def test_a_queue_is_quoted() -> None:
    asked: list[Request] = []
    play(rt.CONNECTOR.poll(replace(CASE.source, options={"queue": "a' OR 'b\\"})), CASE.server(), asked)
    assert dict(asked[0].query)["query"] == "Queue = 'a\\' OR \\'b\\\\' AND Status = '__Active__' AND id > 0"


def quiet(queue: str = "", *, before: int = 0, over: str = "nothing", queues: str = "queues") -> Reading:
    """What is read where no ticket is listed; `before` is the status of the one that was, `over` those that are over."""
    known = {"1": play(rt.CONNECTOR.poll(CASE.source), CASE.server()).result.signals[0]} if before else {}
    source = replace(CASE.source, options={**CASE.source.options, "queue": queue}, known=known)
    answers = {"/REST/2.0/tickets": "nothing", "/REST/2.0/queues": queues}
    server, asked = CASE.server(), list[Request]()

    def answer(request: Request) -> Response:
        if request.path not in answers:
            return Response(status=before)
        if request.path.endswith("tickets") and "__Active__" not in dict(request.query)["query"]:
            return ok(json.dumps(server.document(over)))
        document = server.document(answers[request.path])
        limits = json.loads(dict(request.query)["query"]) if request.path.endswith("queues") else []
        is_there = document["items"] and all(_holds(limit, document["items"][0]) for limit in limits)
        return ok(json.dumps({**document, "items": document["items"] if is_there else []}))

    return play(rt.CONNECTOR.poll(source), answer, asked).result


def _holds(limit: dict[str, str], queue: dict[str, str]) -> bool:
    value = queue[limit["field"]]
    return value > limit["value"] if limit["operator"] == ">" else value == limit["value"]


@pytest.mark.parametrize("queue", ["", "Support", "3"])
def test_no_tickets_are_good_news_for_who_sees_the_queue(queue: str) -> None:
    assert quiet(queue) == Reading(signals=[])


@pytest.mark.parametrize("queue", ["Suport", "4"])
def test_no_tickets_in_a_queue_that_is_called_otherwise_are_no_good_news(queue: str) -> None:
    with pytest.raises(Rejected, match=f"shows us no queue '{queue}': is it called so, and may we see it"):
        quiet(queue)


@pytest.mark.parametrize("before", [0, 200, 404])
def test_who_sees_tickets_only_by_a_role_in_them_is_quiet_when_all_are_over(before: int) -> None:
    assert quiet(queues="nothing", over="tickets", before=before).signals == []


@pytest.mark.parametrize(("before", "over"), [(403, "tickets"), (0, "nothing"), (200, "nothing")])
def test_who_is_shown_no_queue_and_not_what_was_there_before_is_not_quiet(before: int, over: str) -> None:
    with pytest.raises(Rejected, match="shows us no queue"):
        quiet(queues="nothing", over=over, before=before)


@pytest.mark.parametrize(
    ("name", "field"),
    [("transactions", "id"), ("transactions", "ObjectId"), ("attachments", "id"), ("attachments", "TransactionId")],
)
def test_what_is_said_nobody_can_tell_where_is_counted_and_costs_no_ticket(name: str, field: str) -> None:
    whole = play(rt.CONNECTOR.poll(CASE.source), CASE.server()).result
    reading = play(rt.CONNECTOR.poll(CASE.source), spoilt(CASE, name, ("items", 0, field), "")).result
    assert [signal.id for signal in reading.signals] == [signal.id for signal in whole.signals]
    assert reading.unreadable == ("what was said, or done, belongs to nothing that was asked for",)


def test_a_ticket_that_was_deleted_takes_nothing() -> None:
    server, asked = spoilt(CASE, "one-1", ("Status",), "deleted"), list[Request]()
    for verb in set(rt.CONNECTOR.answers) - {Verb.RELEASE}:
        with pytest.raises(Rejected) as refusal:
            play(rt.CONNECTOR.answers[verb](CASE.source, written(CASE, verb, "1")), server, asked)
        assert refusal.value.gone
    assert [one for one in asked if one.writes] == []


def test_a_refusal_that_is_answered_200_is_told_in_its_own_words() -> None:
    server = CASE.server()

    def reply(request: Request) -> Response:
        if request.writes:
            return Response(status=200, body=b'["That user may not own tickets in that queue"]')
        return server(request)

    write: Write = written(CASE, Verb.ACKNOWLEDGE)
    with pytest.raises(Rejected, match="may not own tickets"):
        play(rt.CONNECTOR.answers[Verb.ACKNOWLEDGE](CASE.source, write), reply)


def test_a_token_tells_who_we_are_and_anything_else_needs_a_user() -> None:
    assert play(rt.login(CASE.source), CASE.server()).asked[0].path == "/REST/2.0/user/27"
    with pytest.raises(Rejected, match="no token"):
        play(rt.login(replace(CASE.source, secret="geheim")), CASE.server())


def tagged(server: Any, status: int) -> Any:
    """A server that tags what it answers with the latest transaction, and answers that status to a change."""

    def reply(request: Request) -> Response:
        if request.method == "PUT":
            return Response(status=status, body=b"[]")
        return replace(server(request), headers={"etag": '"71"'})

    return reply


def test_a_ticket_that_changed_since_it_was_looked_at_is_looked_at_again_before_it_is_taken() -> None:
    asked: list[Request] = []
    exchange = rt.CONNECTOR.answers[Verb.ACKNOWLEDGE](CASE.source, written(CASE, Verb.ACKNOWLEDGE))
    with pytest.raises(Unavailable) as refusal:
        play(exchange, tagged(CASE.server(), 412), asked)
    assert not refusal.value.maybe_sent
    assert [(one.method, one.path, one.headers) for one in asked if one.writes] == [
        ("PUT", "/REST/2.0/ticket/1/take", {"If-Match": '"71"'})
    ]


def test_a_ticket_that_was_not_given_to_us_keeps_its_status() -> None:
    asked: list[Request] = []
    source = replace(CASE.source, options={**CASE.source.options, "taken_status": "stalled"})
    with pytest.raises(Rejected):
        play(
            rt.CONNECTOR.answers[Verb.ACKNOWLEDGE](source, written(CASE, Verb.ACKNOWLEDGE)),
            tagged(CASE.server(), 200),
            asked,
        )
    assert [one.path for one in asked if one.writes] == ["/REST/2.0/ticket/1/take"]


def test_a_ticket_that_was_merged_into_another_is_gone_and_takes_nothing() -> None:
    server = spoilt(CASE, "one-1", ("EffectiveId", "id"), "3")
    asked: list[Request] = []
    for verb in set(rt.CONNECTOR.answers) - {Verb.RELEASE}:
        with pytest.raises(Rejected) as refusal:
            play(rt.CONNECTOR.answers[verb](CASE.source, written(CASE, verb, "1")), server, asked)
        assert refusal.value.gone
    assert [one for one in asked if one.writes] == []


def test_what_we_may_is_told_by_the_links_of_a_ticket() -> None:
    assert rt.CONNECTOR.may
    assert (
        play(rt.CONNECTOR.may(CASE.source), CASE.server()).result
        == "change its status, comment, reply, as for ticket 1"
    )
    server = CASE.server()
    server.spoilt["tickets"] = {
        "items": [{**server.document("tickets")["items"][0], "_hyperlinks": [{"ref": "correspond"}]}]
    }
    with pytest.raises(Rejected, match="we may not change its status, nor comment, as for ticket 1"):
        play(rt.CONNECTOR.may(CASE.source), server)
