"""What the Alerta connector asks, word for word, and what it makes of the answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_tui.connectors.monitors import alerta
from oncall_tui.errors import ConfigError, Rejected, Unavailable
from oncall_tui.kit import DONE as SAID
from oncall_tui.kit import Response, Source
from oncall_tui.model import Me, Signal, Verb, Write
from oncall_tui.testing.play import Played, ok, play

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
OLGA, DIRK = "olga@example.net", "dirk@example.net"
SOURCE = Source(name="al", url="https://al", me=Me(name="Olga"), secret="k3y", session={"user": OLGA})
ALREADY = Response(status=409, body=b'{"message": "alert is already in ack status"}')
DONE = ok('{"status": "ok"}')


def entry(kind: str, user: str | None = OLGA, minute: int = 12, **more: Any) -> dict[str, Any]:
    return {"id": f"h{minute}", "type": kind, "user": user, "updateTime": f"2026-11-23T03:{minute:02}:00.500Z", **more}


def alert(number: str = "a1", *history: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "resource": "db1",
        "event": "DiskFull",
        "environment": "Production",
        "severity": "critical",
        "status": "open",
        "createTime": "2026-11-23T03:05:00.000Z",
        "customer": None,
        "history": list(history),
        **more,
    }


def acked(*users: str, **more: Any) -> dict[str, Any]:
    return alert("a1", *(entry("ack", user, minute) for minute, user in enumerate(users)), status="ack", **more)


def page(*alerts: dict[str, Any], total: int | None = None, more: bool = False) -> Response:
    count = len(alerts) if total is None else total
    return ok(json.dumps({"alerts": alerts, "total": count, "more": more}))


def one(content: dict[str, Any]) -> Response:
    return ok(json.dumps({"alert": content}))


def read(*history: dict[str, Any], **more: Any) -> Signal:
    [signal] = play(alerta.poll(SOURCE), [page(alert("a1", *history, **more))]).result.signals
    return signal


def write(verb: Verb, text: str = "", **more: Any) -> Write:
    fields = {"id": "w1", "problem": "p", "ref": "al/a1", "verb": verb, "by": "Olga", "asked_at": NOW}
    more = {"until": NOW + timedelta(hours=8)} | more if verb is Verb.SNOOZE else more
    return Write(**{**fields, "text": text, **more})


def say(verb: Verb, *answers: Response, **more: Any) -> Played[Any]:
    return play(alerta.CONNECTOR.answers[verb](SOURCE, write(verb, **more)), answers)


def bodies(played: Played[Any]) -> list[Any]:
    return [(request.path, request.json) for request in played.writes]


# --- the list --------------------------------------------------------------------------------------------------------


def test_everything_is_asked_for_that_is_not_over_with_its_history() -> None:
    [asked] = play(alerta.poll(SOURCE), [page()]).asked
    assert asked.path == "/api/alerts"
    assert asked.query == (
        ("status!", "closed"),
        ("status!", "expired"),
        ("show-history", "true"),
        ("sort-by", "-createTime"),
        ("page", "1"),
        ("page-size", "1000"),
    )


@pytest.mark.parametrize(("option", "path"), [("/", "/alerts"), ("/alerta/api/", "/alerta/api/alerts")])
def test_the_api_is_where_the_configuration_says(option: str, path: str) -> None:
    assert play(alerta.poll(replace(SOURCE, options={"api": option})), [page()]).asked[0].path == path


def test_a_list_that_moved_while_it_was_read_is_read_again() -> None:
    moved = [page(alert("1"), alert("2"), total=4, more=True), page(alert("4"), total=3)]
    still = [page(alert("2"), alert("3"), total=3, more=True), page(alert("4"), total=3)]
    signals = play(alerta.poll(SOURCE), [*moved, *still]).result.signals
    assert [signal.id for signal in signals] == ["2", "3", "4"]


@pytest.mark.parametrize(
    "rounds",
    [
        [page(alert("1"), total=2, more=True), Response(status=416)],
        [page(alert("1"), total=3, more=True), page(alert("2"), total=3)],
        [page(alert("1"), total=2, more=True), page(alert("1"), total=2)],
    ],
    ids=["shrank", "one is missing", "the same page twice"],
)
def test_a_list_that_never_holds_still_is_not_believed(rounds: list[Response]) -> None:
    with pytest.raises(Unavailable):
        play(alerta.poll(SOURCE), rounds * 3)


# --- one alert -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "impact"),
    [("security", "down"), ("Critical", "down"), ("major", "degraded"), ("minor", "at_risk"), ("warning", "at_risk"),
     ("informational", "question"), ("debug", "question"), ("unknown", "at_risk"), ("fatal", "at_risk")],
)  # fmt: skip
def test_a_severity_becomes_an_impact(severity: str, impact: str) -> None:
    assert read(severity=severity).impact.word == impact


def test_what_is_empty_or_null_is_left_out() -> None:
    signal = read(tags=["night", "region=EU", "a=b=c"], group=None, service=[], text=None, value=None)
    assert signal.labels == {"region": "EU", "a": "b=c", "environment": "Production"}
    assert (signal.service, signal.text, signal.customer, signal.changed_at) == ("", "", "", None)


@pytest.mark.parametrize(
    ("history", "minute"),
    [
        ([], 5),
        ([entry("new", minute=2)], 2),
        ([entry("new", minute=2), entry("severity", minute=4)], 2),
        ([entry("new", minute=1), entry("close", minute=2, status="closed"), entry("status", minute=4)], 4),
        ([entry("expired", minute=6, status="expired"), entry("new", minute=8)], 5),
    ],
    ids=["no history", "new", "got worse", "came back", "the history says less than the alert"],
)
def test_it_began_when_it_last_began(history: list[Any], minute: int) -> None:
    assert read(*history).opened_at.minute == minute


@pytest.mark.parametrize(
    ("content", "taken_by", "mine"),
    [
        (acked(OLGA), OLGA, True),
        (acked(OLGA, DIRK), DIRK, False),
        (acked(), "", False),
        (alert("a1", entry("ack")), "", False),
        (alert("a1", entry("ack", None), status="ack"), "", False),
    ],
    ids=["mine", "handed over", "not told", "taken back", "a plug-in's"],
)
def test_who_has_an_alert(content: dict[str, Any], taken_by: str, mine: bool) -> None:
    [signal] = play(alerta.poll(SOURCE), [page(content)]).result.signals
    assert (signal.taken_by, signal.assignee, signal.mine) == (taken_by, taken_by, mine)


def test_an_ack_that_ends_says_when() -> None:
    signal = read(entry("ack", timeout=7200), status="ack")
    assert signal.taken_until == datetime(2026, 11, 23, 5, 12, 0, 500000, tzinfo=UTC)
    assert read(entry("ack", timeout=0), status="ack").taken_until is None


@pytest.mark.parametrize(
    ("status", "history", "words"),
    [
        ("shelved", [entry("shelve", DIRK, timeout=60)], "shelved by dirk@example.net"),
        ("shelved", [], "shelved"),
        ("blackout", [], "in a blackout"),
        ("open", [entry("shelve")], ""),
    ],
)
def test_what_keeps_it_out_of_the_way(status: str, history: list[Any], words: str) -> None:
    signal = read(*history, status=status)
    assert signal.suppressed == words
    assert (signal.suppressed_until is not None) is ("by" in words)


def test_notes_are_listed_oldest_first_without_their_marker() -> None:
    later, earlier = entry("note", DIRK, 9, text="later"), entry("note", OLGA, 3, text="vol\n[oncall-tui w9]")
    told = [(m.author, m.text, m.private) for m in read(later, earlier).messages]
    assert told == [(OLGA, "vol", True), (DIRK, "later", True)]


# --- who we are ------------------------------------------------------------------------------------------------------


def test_my_key_is_found_among_everybodys() -> None:
    keys = [{"key": "other", "user": DIRK}, {"key": "k3y", "user": OLGA}]
    assert play(alerta.login(SOURCE), [ok(json.dumps({"keys": keys}))]).result == {"user": OLGA}


@pytest.mark.parametrize("answer", [Response(status=403), ok('{"keys": []}')], ids=["may not look", "not there"])
def test_a_key_that_is_not_found_has_to_be_named(answer: Response) -> None:
    with pytest.raises(ConfigError):
        play(alerta.login(SOURCE), [answer])
    assert play(alerta.login(replace(SOURCE, options={"user": OLGA})), []).result == {"user": OLGA}


@pytest.mark.parametrize(
    ("scopes", "can"),
    [(["read", "write:alerts"], True), (["admin"], True), (["read"], False), ([], False), (["write:blackouts"], False)],
)
def test_whether_we_may_write_is_in_the_scopes_of_the_key(scopes: list[str], can: bool) -> None:
    answer = ok(json.dumps({"keys": [{"key": "k3y", "user": OLGA, "scopes": scopes}]}))
    if can:
        assert play(alerta.may(SOURCE), [answer]).result == "acknowledgements and notes are taken from us"
        return
    with pytest.raises(Rejected):
        play(alerta.may(SOURCE), [answer])


def test_a_key_that_may_not_list_keys_does_not_tell_what_it_may() -> None:
    assert play(alerta.may(SOURCE), [Response(status=403)]).result.startswith("not told")


# --- writing ---------------------------------------------------------------------------------------------------------


def test_taking_it_acknowledges_until_the_end_that_was_said() -> None:
    said = say(Verb.ACKNOWLEDGE, one(alert()), DONE, one(acked(OLGA)), until=NOW + timedelta(hours=2))
    assert bodies(said) == [("/api/alert/a1/action", {"action": "ack", "text": "ack by Olga", "timeout": 7200})]
    assert "timeout" not in say(Verb.ACKNOWLEDGE, one(alert()), DONE, one(acked(OLGA))).writes[0].json


def test_taking_it_over_takes_theirs_back_first() -> None:
    said = say(Verb.ACKNOWLEDGE, one(acked(DIRK)), DONE, one(alert()), DONE, one(acked(DIRK, OLGA)))
    assert [request.json["action"] for request in said.writes] == ["unack", "ack"]


def test_a_colleague_who_was_faster_has_it() -> None:
    with pytest.raises(Rejected) as error:
        say(Verb.ACKNOWLEDGE, one(alert()), ALREADY, one(acked(DIRK)))
    assert error.value.words == "dirk@example.net was faster"


def test_a_409_for_what_we_did_ourselves_is_no_refusal() -> None:
    assert say(Verb.ACKNOWLEDGE, one(alert()), ALREADY, one(acked(OLGA))).result.settled


def test_an_action_that_was_answered_200_and_did_nothing_is_refused() -> None:
    with pytest.raises(Rejected):
        say(Verb.ACKNOWLEDGE, one(alert()), DONE, one(alert()))
    with pytest.raises(Rejected):
        say(Verb.SNOOZE, one(alert()), DONE, one(alert()), one(alert()))
    with pytest.raises(Rejected):
        say(Verb.RESOLVE, one(alert()), DONE, one(alert()), one(alert()))


def test_acks_that_lie_upon_each_other_are_taken_back_one_by_one_and_not_for_ever() -> None:
    said = say(Verb.RELEASE, one(acked(OLGA)), DONE, one(acked(OLGA)), DONE, one(alert()), one(alert()))
    assert [request.json["action"] for request in said.writes] == ["unack", "unack"]
    with pytest.raises(Rejected):
        say(Verb.RELEASE, one(acked(OLGA)), *[DONE, one(acked(OLGA))] * 3, one(acked(OLGA)))


def test_what_a_colleague_has_is_not_taken_from_them() -> None:
    said = say(Verb.RELEASE, one(acked(DIRK)))
    assert (said.writes, said.result.words) == ((), "dirk@example.net has it now")


def test_another_alert_than_was_asked_for_is_not_acted_on() -> None:
    for verb in (Verb.ACKNOWLEDGE, Verb.NOTE, Verb.SNOOZE):
        with pytest.raises(Rejected) as error:
            say(verb, one(alert("a2")), text="x")
        assert error.value.gone
    assert say(Verb.RELEASE, one(alert("a2"))).writes == ()


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.NOTE, Verb.SNOOZE])
def test_what_vanishes_between_the_look_and_the_act_is_gone(verb: Verb) -> None:
    with pytest.raises(Rejected) as error:
        say(verb, one(alert()), Response(status=404), text="x")
    assert error.value.gone


def test_a_refusal_is_told_in_the_servers_words() -> None:
    refusal = Response(status=409, body=b'{"message": "invalid action for current ack status"}')
    with pytest.raises(Rejected) as error:
        say(Verb.SNOOZE, one(alert()), refusal, one(acked(DIRK)), one(acked(DIRK)))
    assert not error.value.gone
    assert error.value.words == "invalid action for current ack status"


def test_what_was_over_before_our_word_came_is_resolved_and_takes_no_shelf() -> None:
    refusal, over = (
        Response(status=409, body=b'{"message": "alert is already in closed status"}'),
        alert(status="closed"),
    )
    assert say(Verb.RESOLVE, one(alert()), refusal, one(over)).result == SAID
    with pytest.raises(Rejected, match="closed, expired, deleted") as error:
        say(Verb.SNOOZE, one(alert()), refusal, one(over), one(over))
    assert error.value.gone


def assigned(user: str) -> dict[str, Any]:
    return alert("a1", entry("ack", OLGA, 1, status="ack"), entry("status", user, 2, status="assign"), status="assign")


def test_what_was_assigned_to_somebody_is_theirs() -> None:
    [signal] = play(alerta.poll(SOURCE), [page(assigned(DIRK))]).result.signals
    assert (signal.taken_by, signal.mine, signal.taken_until) == (DIRK, False, None)


def test_what_was_assigned_is_taken_over_by_its_status_for_it_takes_no_action() -> None:
    said = say(Verb.ACKNOWLEDGE, one(assigned(DIRK)), DONE, one(alert()), DONE, one(acked(OLGA)))
    assert [request.path for request in said.writes] == ["/api/alert/a1/status", "/api/alert/a1/action"]
    assert [request.json.get("status") or request.json["action"] for request in said.writes] == ["open", "ack"]


def test_an_ack_of_mine_that_ends_too_early_is_prolonged() -> None:
    mine = alert("a1", entry("ack", timeout=60), status="ack")
    longer = alert("a1", entry("ack", timeout=7200), status="ack")
    until = NOW + timedelta(hours=2)
    said = say(Verb.ACKNOWLEDGE, one(mine), DONE, one(alert()), DONE, one(longer), until=until)
    assert [request.json["action"] for request in said.writes] == ["unack", "ack"]
    assert say(Verb.ACKNOWLEDGE, one(longer), until=until).writes == ()
    assert play(alerta.API.seen(SOURCE, write(Verb.ACKNOWLEDGE, until=until)), [one(mine)]).result is False


def shelved(user: str, seconds: int) -> dict[str, Any]:
    return alert("a1", entry("shelve", user, timeout=seconds), status="shelved")


@pytest.mark.parametrize("other", [shelved(DIRK, 8 * 3600), shelved(OLGA, 60)], ids=["a colleague's", "a short one"])
def test_another_shelf_is_not_the_one_that_was_meant(other: dict[str, Any]) -> None:
    until = NOW + timedelta(hours=8)
    said = say(Verb.SNOOZE, one(other), DONE, DONE, one(shelved(OLGA, 8 * 3600)), until=until)
    assert [request.json["action"] for request in said.writes] == ["unshelve", "shelve"]
    assert play(alerta.API.seen(SOURCE, write(Verb.SNOOZE, until=until)), [one(other)]).result is False
    assert say(Verb.SNOOZE, one(shelved(OLGA, 8 * 3600)), until=until).writes == ()


def test_what_lies_below_a_shelf_is_taken_from_who_had_it() -> None:
    said = say(
        Verb.ACKNOWLEDGE, one(shelved(DIRK, 60)), DONE, one(acked(DIRK)), DONE, one(alert()), DONE, one(acked(OLGA))
    )
    assert [request.json["action"] for request in said.writes] == ["unshelve", "unack", "ack"]


def test_a_note_that_was_deleted_is_shown_no_more_but_was_there() -> None:
    note = {**entry("note", text="Hallo\n[oncall-tui w1]"), "id": "n1"}
    deleted = alert("a1", note, {**entry("dismiss", DIRK, text="note dismissed"), "id": "n1"})
    kept = alert("a1", note, {**entry("dismiss", DIRK, text="note dismissed"), "id": "n2"})
    shown = [play(alerta.API.peek(SOURCE, "a1"), [one(told)]).result for told in (deleted, kept)]
    assert [signal and [said.text for said in signal.messages] for signal in shown] == [[], ["Hallo"]]
    assert play(alerta.API.seen(SOURCE, write(Verb.NOTE, "Hallo")), [one(deleted)]).result is True
    assert play(alerta.CONNECTOR.retracts[Verb.NOTE](SOURCE, write(Verb.NOTE, "Hallo")), [one(deleted)]).writes == ()


def test_a_note_that_a_colleague_deletes_at_the_same_moment_is_gone_as_well() -> None:
    note = {**entry("note", text="Hallo\n[oncall-tui w1]"), "id": "n/1"}
    played = play(
        alerta.CONNECTOR.retracts[Verb.NOTE](SOURCE, write(Verb.NOTE, "Hallo")),
        [one(alert("a1", note)), Response(status=404)],
    )
    assert [(sent.method, sent.path) for sent in played.writes] == [("DELETE", "/api/alert/a1/note/n%2F1")]
    assert played.result == SAID


@pytest.mark.parametrize(
    ("shelf", "took"),
    [
        (entry("shelve", OLGA, text="shelve by Olga [oncall-tui w1]", timeout=60), True),
        (entry("shelve", OLGA, text="shelve by Olga [oncall-tui w2]", timeout=60), False),
        (entry("shelve", DIRK, text="as Olga: [oncall-tui w1]", timeout=60), False),
    ],
    ids=["that one", "a later one of mine", "a colleague's"],
)
def test_only_from_the_shelf_of_that_snooze_it_is_taken(shelf: dict[str, Any], took: bool) -> None:
    there = one(alert("a1", shelf, status="shelved"))
    played = play(
        alerta.CONNECTOR.retracts[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE)), [there, *([DONE] if took else [])]
    )
    assert [sent.json["action"] for sent in played.writes] == (["unshelve"] if took else [])


def test_a_note_that_was_not_stored_counts_only_once_it_is_seen() -> None:
    looped = Response(status=202, body=b'{"status": "ok", "message": "Alert forwarding loop detected"}')
    assert not say(Verb.NOTE, one(alert()), looped, text="x").result.settled
    assert say(Verb.NOTE, one(alert()), ok('{"status": "ok", "id": "n1"}'), text="x").result.settled


@pytest.mark.parametrize(
    ("note", "seen"),
    [
        (entry("note", text="Hallo\n[oncall-tui w1]"), True),
        (entry("note", text="Hallo"), False),
        (entry("note", DIRK, text="quoting [oncall-tui w1]"), False),
        (entry("ack", text="[oncall-tui w1]"), False),
    ],
    ids=["mine", "without the marker", "a colleague quotes it", "no note"],
)
def test_a_note_is_seen_when_i_noted_it_with_its_marker(note: dict[str, Any], seen: bool) -> None:
    assert play(alerta.API.seen(SOURCE, write(Verb.NOTE, "Hallo")), [one(alert("a1", note))]).result is seen


@pytest.mark.parametrize(
    ("verb", "seen"), [(Verb.RESOLVE, True), (Verb.RELEASE, True), (Verb.ACKNOWLEDGE, False), (Verb.NOTE, False)]
)
def test_what_an_alert_that_is_over_says_of_a_write(verb: Verb, seen: bool) -> None:
    assert play(alerta.API.seen(SOURCE, write(verb, "x")), [one(alert(status="closed"))]).result is seen
