"""The connector against a real Roundup; what it did is read back by its administrator and by the mail it sent."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from oncall_tui.errors import Denied, Rejected, Unavailable
from oncall_tui.kit import Request
from oncall_tui.model import Impact, Signal, Verb, Voice, Write
from tests.servers.conftest import Server
from tests.servers.reach import Client, Reach

pytestmark = pytest.mark.server

DATA = "/rest/data"


@pytest.fixture
def client(roundup: Server) -> Callable[[str], Client]:
    """Roundup as one of its users sees it, without any code of ours in between."""

    def make(who: str) -> Client:
        at = urlsplit(roundup.url)
        known = base64.b64encode(f"{who}:secret-pass-1".encode()).decode()
        headers = {"X-Requested-With": "rest", "Origin": f"{at.scheme}://{at.netloc}"}
        return Client(roundup.url, {"Authorization": f"Basic {known}", **headers})

    return make


@pytest.fixture
def admin(client: Callable[[str], Client]) -> Client:
    return client("admin")


@pytest.fixture
def carol(client: Callable[[str], Client]) -> Client:
    """The customer."""
    return client("carol")


def reach(roundup: Server, user: str = "oncall", **options: str) -> Reach:
    options = {"user": user, "team": "oncall, dirk", "bots": "jenkins", "taken_status": "in-progress", **options}
    return Reach("roundup", roundup.url, user, "secret-pass-1", **options)


@pytest.fixture
def olga(roundup: Server) -> Reach:
    return reach(roundup)


@pytest.fixture
def issue(carol: Client) -> str:
    return create(carol)


def speak(client: Client, author: str, text: str, issue: str = "") -> str:
    """A message of that user's, attached to the issue where there is one; its id."""
    made = client.call("POST", f"{DATA}/msg", {"content": text, "author": author, "date": "."})["data"]["id"]
    if issue:
        change(client, issue, **{"@op": "add", "messages": [made]})
    return str(made)


def create(client: Client, title: str = "Bestellen werkt niet", **more: Any) -> str:
    message = speak(client, "carol", "De winkels kunnen niet bestellen.\n\nBel mij!")
    fields = {"title": title, "priority": "urgent", "status": "unread", "messages": [message], **more}
    return str(client.call("POST", f"{DATA}/issue", fields)["data"]["id"])


def change(client: Client, issue: str, **fields: Any) -> None:
    tag = client.get(f"{DATA}/issue/{issue}")["data"]["@etag"]
    tagged = Client(client.url, {**client.headers, "If-Match": tag})
    tagged.call("PATCH", f"{DATA}/issue/{issue}", fields)


def read(client: Client, issue: str) -> Any:
    return client.get(f"{DATA}/issue/{issue}?@verbose=2")["data"]["attributes"]


def said(client: Client, issue: str) -> list[tuple[str, str]]:
    messages = [client.get(f"{DATA}/msg/{one['id']}?@verbose=3") for one in read(client, issue)["messages"]]
    shown = [message["data"]["attributes"] for message in messages]
    return [(one["author"]["username"], one["content"].replace("\r\n", "\n")) for one in shown]


def write(reach: Reach, verb: Verb, issue: str, text: str = "", **more: Any) -> Write:
    return reach.write(verb, issue, text, **{"asked_at": datetime.now(UTC), "tried_at": datetime.now(UTC), **more})


def by_id(signals: list[Signal]) -> dict[str, Signal]:
    return {signal.id: signal for signal in signals}


# --- reading ---------------------------------------------------------------------------------------------------------


def test_an_issue_is_listed_with_what_the_screen_needs(carol: Client, olga: Reach) -> None:
    first = create(carol)
    signal = olga.signal(create(carol, superseder=[first]))
    assert signal.title == "Bestellen werkt niet"
    assert (signal.severity, signal.impact, signal.status) == ("urgent", Impact.DOWN, "unread")
    assert (signal.customer, signal.contact) == ("Bakkerij De Korenaar", "Carol Customer")
    assert (signal.taken_by, signal.assignee, signal.mine) == ("", "", False)
    assert signal.text == "De winkels kunnen niet bestellen.\n\nBel mij!"
    assert signal.url == f"{olga.config.url}/issue{signal.id}"
    assert signal.links == (f"{olga.config.url}/issue{first}",)


def test_the_customers_words_are_told_from_ours(client: Callable[[str], Client], issue: str, olga: Reach) -> None:
    for who, text in (("oncall", "We kijken"), ("jenkins", "Build 7 failed"), ("carol", "En?"), ("admin", "Hm")):
        speak(client(who), who, text, issue)
    assert [(m.author, m.voice) for m in olga.signal(issue).messages] == [
        ("Carol Customer", Voice.THEIRS),
        ("Olga Oncall", Voice.OURS),
        ("Jenkins Bot", Voice.MACHINE),
        ("Carol Customer", Voice.THEIRS),
        ("admin", Voice.THEIRS),
    ]


def test_an_issue_with_a_bot_or_with_the_customer_is_with_nobody(admin: Client, issue: str, olga: Reach) -> None:
    for who, taken in (("jenkins", ""), ("carol", ""), ("dirk", "Dirk Helper")):
        change(admin, issue, assignedto=who)
        assert olga.signal(issue).taken_by == taken


def test_a_wrong_password_is_denied(roundup: Server) -> None:
    with pytest.raises(Denied):
        Reach("roundup", roundup.url, "Olga", "wrong", user="oncall").poll()


def test_what_did_not_change_is_not_asked_again_and_the_reading_is_the_same(
    carol: Client, admin: Client, olga: Reach
) -> None:
    still, moved, closed = create(carol), create(carol), create(carol)
    whole, later = olga.poll(), datetime.now(UTC) + timedelta(minutes=10)
    known = by_id(whole.signals)
    change(admin, closed, status="resolved")
    added = speak(carol, "carol", "En nu?", moved)
    changed_at = known[moved].changed_at
    assert changed_at
    before = msgspec.structs.replace(known[moved], changed_at=changed_at - timedelta(seconds=1))
    partly = olga.poll({**known, moved: before}, later)
    assert [asked.path for asked in olga.asked if "/msg/" in asked.path] == [f"{DATA}/msg/{added}"]
    assert by_id(partly.signals) == by_id(olga.poll().signals)
    assert still in by_id(partly.signals)
    assert closed not in by_id(partly.signals)


def test_many_issues_are_all_listed_in_one_piece(carol: Client, admin: Client, olga: Reach) -> None:
    made = {create(carol, f"Bestelling {number}") for number in range(12)}
    try:
        assert made <= set(by_id(olga.poll().signals))
        assert len([asked for asked in olga.asked if asked.path.endswith("/issue")]) == 1
    finally:
        for one in made:
            change(admin, one, status="resolved")


# --- writing ---------------------------------------------------------------------------------------------------------


def test_what_was_said_is_seen_as_roundup_keeps_it_and_not_before(
    roundup: Server, admin: Client, issue: str, olga: Reach
) -> None:
    taking = write(olga, Verb.ACKNOWLEDGE, issue)
    assert not olga.has_seen(taking)
    olga.say(taking)
    stored = read(admin, issue)
    assert (stored["assignedto"]["username"], stored["status"]["name"]) == ("oncall", "in-progress")
    assert olga.has_seen(taking)
    olga.say(taking)
    assert olga.changes == []

    replied = write(olga, Verb.REPLY, issue, "We zijn ermee bezig. 😀\n\nU hoort van ons om 04:00.")
    assert not olga.has_seen(replied)
    receipt = olga.say(replied)
    assert said(admin, issue)[1:] == [("oncall", replied.text)]
    assert read(admin, issue)["messages"][-1]["id"] == receipt.id
    mail = (Path(roundup.env["MAIL"])).read_text("utf-8", "replace")
    assert "TO: carol@customer.example" in mail
    assert "hoort van ons om 04:00" in mail

    assert olga.has_seen(replied)
    mine = olga.signal(issue)
    assert (mine.mine, mine.taken_by) == (True, "Olga Oncall")

    release = write(olga, Verb.RELEASE, issue)
    assert not olga.has_seen(release)
    olga.say(release)
    assert read(admin, issue)["assignedto"] is None
    assert olga.has_seen(release)

    resolved = write(olga, Verb.RESOLVE, issue)
    olga.say(resolved)
    assert read(admin, issue)["status"]["name"] == "resolved"
    assert olga.has_seen(resolved)
    assert olga.peek(issue) is None


def test_words_count_as_seen_only_when_i_said_them_since_the_first_try(carol: Client, issue: str, olga: Reach) -> None:
    speak(carol, "carol", "ok", issue)
    assert not olga.has_seen(write(olga, Verb.REPLY, issue, "ok"))
    replied = write(olga, Verb.REPLY, issue, "ok")
    olga.say(replied)
    assert olga.has_seen(replied)
    assert not olga.has_seen(write(olga, Verb.REPLY, issue, "ok", tried_at=datetime.now(UTC) + timedelta(minutes=10)))


def between(
    admin: Client, issue: str, olga: Reach, verb: Verb, *, text: str = "", times: int = 1, late: bool = False
) -> Write:
    """Says it while somebody else changes the issue just before the change arrives, or just after it, so many times."""
    left, answer = [times], olga.connector.answers[verb]
    said = write(olga, verb, issue, text)

    def interrupted(source: Any) -> Any:
        exchange = answer(source, said)
        request: Request = next(exchange)
        try:
            while True:
                is_ours = request.method == "PATCH" and left[0] > 0
                left[0] -= is_ours
                if is_ours and not late:
                    change(admin, issue, assignedto="dirk", title=f"changed {left[0]} times more")
                answer_ = yield request
                if is_ours and late:
                    change(admin, issue, assignedto="dirk", title=f"changed {left[0]} times more")
                request = exchange.send(answer_)
        except StopIteration as end:
            return end.value

    olga.play(interrupted)
    return said


def test_somebody_who_takes_it_at_the_same_moment_keeps_it(admin: Client, issue: str, olga: Reach) -> None:
    with pytest.raises(Unavailable) as refusal:
        between(admin, issue, olga, Verb.ACKNOWLEDGE)
    assert not refusal.value.maybe_sent
    assert read(admin, issue)["assignedto"]["username"] == "dirk"


def test_somebody_who_takes_it_right_after_us_is_named_although_we_were_answered_well(
    admin: Client, issue: str, olga: Reach
) -> None:
    with pytest.raises(Rejected, match="Dirk Helper was faster"):
        between(admin, issue, olga, Verb.ACKNOWLEDGE, late=True)
    assert read(admin, issue)["assignedto"]["username"] == "dirk"


def test_a_reply_arrives_once_although_the_issue_changes_at_the_same_moment(
    admin: Client, issue: str, olga: Reach
) -> None:
    said_it = between(admin, issue, olga, Verb.REPLY, text="We zijn er", times=2)
    assert said(admin, issue)[1:] == [("oncall", "We zijn er")]
    assert olga.has_seen(said_it)


def test_a_status_that_does_not_exist_is_refused_by_name(roundup: Server, admin: Client, issue: str) -> None:
    strange = reach(roundup, resolved_status="opgelost")
    with pytest.raises(Rejected) as refusal:
        strange.say(write(strange, Verb.RESOLVE, issue))
    assert "it stayed 'unread': there is no status 'opgelost'" in str(refusal.value)
    assert read(admin, issue)["status"]["name"] == "unread"


def retire(admin: Client, what: str) -> None:
    tag = admin.get(f"{DATA}/{what}")["data"]["@etag"]
    Client(admin.url, {**admin.headers, "If-Match": tag}).call("DELETE", f"{DATA}/{what}")


def test_an_issue_in_a_status_that_was_invented_meanwhile_or_retired_stays_listed(
    admin: Client, issue: str, olga: Reach
) -> None:
    assert olga.connector.login
    session = olga.play(olga.connector.login)
    long_running = replace(olga.connector, login=None)
    status = admin.call("POST", f"{DATA}/status", {"name": "escalated", "order": 9})["data"]["id"]
    change(admin, issue, status="escalated")
    known = olga.play(lambda source: long_running.poll(replace(source, session=session)))
    assert by_id(known.signals)[issue].status == "escalated"
    retire(admin, f"status/{status}")
    assert by_id(olga.poll().signals)[issue].status == "escalated"
    change(admin, issue, status="resolved")
    assert issue not in by_id(olga.poll().signals)


def test_a_retired_issue_is_gone_and_takes_no_words(admin: Client, issue: str, olga: Reach) -> None:
    retire(admin, f"issue/{issue}")
    assert issue not in by_id(olga.poll().signals)
    assert olga.peek(issue) is None
    assert olga.peek("99999") is None
    with pytest.raises(Rejected) as refusal:
        olga.say(write(olga, Verb.REPLY, "99999", "Hallo"))
    assert refusal.value.gone
    assert olga.changes == []


def test_the_check_says_who_we_are(olga: Reach) -> None:
    assert olga.connector.check
    assert olga.play(olga.connector.check) == "Olga Oncall, 6 of 8 statuses are open"


def test_whether_we_may_write_is_told_and_nothing_is_written(
    olga: Reach, roundup: Server, issue: str, admin: Client
) -> None:
    def held() -> list[Any]:
        return [admin.get(f"{DATA}/{what}?@verbose=0")["data"]["@total_size"] for what in ("issue", "msg")]

    before, changed = held(), admin.get(f"{DATA}/issue/{issue}")["data"]["@etag"]
    assert olga.connector.may
    assert olga.play(olga.connector.may) == "messages and changes are taken from us"
    with pytest.raises(Rejected) as refusal:
        reach(roundup, "kees").play(olga.connector.may)
    assert refusal.value.words == (
        "our role may not write messages, nor attach messages, nor take issues, nor change their status"
    )
    assert (held(), admin.get(f"{DATA}/issue/{issue}")["data"]["@etag"]) == (before, changed)
