"""The connector against a real Request Tracker; what it did is read back by root and by the customer's mail."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import msgspec
import pytest

from oncall_tui.errors import Denied, Rejected, Unreadable
from oncall_tui.model import Impact, Signal, Verb, Voice, Write
from tests.servers.conftest import Server
from tests.servers.reach import Client, Reach

pytestmark = pytest.mark.server

API = "/REST/2.0"
CAROL = "carol@customer.example"


@pytest.fixture
def client(rt: Server) -> Callable[[str], Client]:
    return lambda who: Client(rt.url, {"Authorization": f"token {rt.env[f'TOKEN_{who.upper()}']}"})


@pytest.fixture
def root(client: Callable[[str], Client]) -> Client:
    return client("root")


@pytest.fixture
def carol(client: Callable[[str], Client]) -> Client:
    """The customer."""
    return client("carol")


@pytest.fixture
def olga(rt: Server) -> Reach:
    return Reach("rt", rt.url, "Olga", rt.env["TOKEN_ONCALL"], bots="jenkins", customer_field="Customer")


@pytest.fixture
def ticket(carol: Client) -> str:
    return create(carol)


def create(client: Client, subject: str = "Bestellen werkt niet", **more: Any) -> str:
    fields = {"Queue": "Support", "Requestor": CAROL, "Subject": subject, "Priority": 60, **more}
    fields = {"Content": "De winkels kunnen niet bestellen.\n\nBel mij!", "ContentType": "text/plain", **fields}
    return str(client.call("POST", f"{API}/ticket", fields)["id"])


def create_many(client: Client, many: int) -> set[str]:
    fields = {"Queue": "Support", "Requestor": CAROL, "Subject": "Bestelling", "ContentType": "text/plain"}
    made = client.call("POST", f"{API}/tickets/bulk", [{**fields, "Content": f"nr {number}"} for number in range(many)])
    return {str(one["id"]) for one in made}


def change(client: Client, ticket: str, **fields: Any) -> None:
    client.call("PUT", f"{API}/ticket/{ticket}", fields)


def speak(client: Client, ticket: str, text: str, how: str = "correspond", kind: str = "text/plain") -> None:
    client.call("POST", f"{API}/ticket/{ticket}/{how}", {"Content": text, "ContentType": kind})


def read(client: Client, ticket: str) -> Any:
    return client.get(f"{API}/ticket/{ticket}")


def said(client: Client, ticket: str) -> list[tuple[str, str, str]]:
    """Who wrote what and how, as RT's own history and attachments have it."""
    history = client.get(f"{API}/ticket/{ticket}/history?fields=Type,Creator&per_page=100")["items"]
    parts = client.get(f"{API}/ticket/{ticket}/attachments?fields=TransactionId,Content&per_page=100")["items"]
    texts = {part["TransactionId"]: part["Content"] for part in parts}
    return [
        (one["Creator"]["id"], one["Type"], texts[one["id"]])
        for one in history
        if one["Type"] in ("Comment", "Correspond")
    ]


def mailed(rt: Server, word: str) -> bool:
    """Whether a mail with that word left for the customer."""
    mails = "".join(path.read_text("utf-8", "replace") for path in Path(rt.env["MAIL"]).parent.glob("*.mbox"))
    return any(word in mail for mail in mails.split("\nFrom ") if f"To: {CAROL}" in mail)


def write(reach: Reach, verb: Verb, ticket: str, text: str = "", **more: Any) -> Write:
    return reach.write(verb, ticket, text, **{"asked_at": datetime.now(UTC), "tried_at": datetime.now(UTC), **more})


def by_id(signals: list[Signal]) -> dict[str, Signal]:
    return {signal.id: signal for signal in signals}


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_ticket_is_listed_with_what_the_screen_needs(carol: Client, root: Client, olga: Reach) -> None:
    ticket = create(carol, Due="2030-01-31 12:00:00", Priority=100)
    other = create(root, RefersTo=[ticket])
    change(root, ticket, CustomFields={"Customer": "Bakkerij De Korenaar"})
    signal = olga.signal(ticket)
    assert signal.title == "Bestellen werkt niet"
    assert (signal.severity, signal.impact, signal.status) == ("100", Impact.DEGRADED, "new")
    assert (signal.customer, signal.contact, signal.email) == ("Bakkerij De Korenaar", "Carol Customer", CAROL)
    assert (signal.taken_by, signal.assignee, signal.mine) == ("", "", False)
    assert signal.due_at == datetime(2030, 1, 31, 12, tzinfo=UTC)
    assert signal.url == f"{olga.config.url}/Ticket/Display.html?id={ticket}"
    assert signal.links == (f"{olga.config.url}/Ticket/Display.html?id={other}",)
    assert signal.text == "De winkels kunnen niet bestellen.\n\nBel mij!"


def test_the_customers_words_are_told_from_ours(
    client: Callable[[str], Client], carol: Client, ticket: str, olga: Reach
) -> None:
    speak(carol, ticket, "<p>Is er al<br>iets <b>bekend</b>?</p>", kind="text/html")
    speak(client("oncall"), ticket, "db1 is vol", how="comment")
    speak(client("dirk"), ticket, "We zijn ermee bezig")
    speak(client("jenkins"), ticket, "Build 7 failed")
    assert [(m.author, m.voice, m.private, m.text) for m in olga.signal(ticket).messages] == [
        ("Carol Customer", Voice.THEIRS, False, "De winkels kunnen niet bestellen.\n\nBel mij!"),
        ("Carol Customer", Voice.THEIRS, False, "Is er al\niets bekend?"),
        ("Olga Oncall", Voice.OURS, True, "db1 is vol"),
        ("Dirk Helper", Voice.OURS, False, "We zijn ermee bezig"),
        ("Jenkins Bot", Voice.MACHINE, False, "Build 7 failed"),
    ]


def test_what_a_colleague_typed_in_for_the_customer_was_said_by_the_customer(root: Client, olga: Reach) -> None:
    [message] = olga.signal(create(root, "Aan de telefoon")).messages
    assert (message.author, message.voice) == ("Carol Customer", Voice.THEIRS)


def test_a_ticket_with_a_bot_is_with_nobody(root: Client, ticket: str, olga: Reach) -> None:
    for who, taken in (("jenkins", ""), ("dirk", "Dirk Helper")):
        change(root, ticket, Owner=who)
        assert olga.signal(ticket).taken_by == taken


def test_a_wrong_token_is_denied(rt: Server) -> None:
    with pytest.raises(Denied):
        Reach("rt", rt.url, "Olga", "1-27-" + "0" * 32).poll()


def test_a_password_does_as_well_as_a_token(rt: Server, ticket: str) -> None:
    reach = Reach("rt", rt.url, "Olga", "secret-pass-1", user="oncall")
    assert ticket in by_id(reach.poll().signals)


def test_what_did_not_change_is_not_asked_again_and_the_reading_is_the_same(
    carol: Client, root: Client, olga: Reach
) -> None:
    still, moved, closed = create(carol), create(carol), create(carol)
    whole, later = olga.poll(), datetime.now(UTC) + timedelta(minutes=10)
    known = by_id(whole.signals)
    change(root, closed, Status="resolved")
    speak(carol, moved, "En nu?")
    changed_at = known[moved].changed_at
    assert changed_at
    before = msgspec.structs.replace(known[moved], changed_at=changed_at - timedelta(seconds=1))
    partly = olga.poll({**known, moved: before}, later)
    [query] = {
        dict(asked.query)["query"] for asked in olga.asked if "transactions" in asked.path and "> 0" in str(asked)
    }
    assert f"ObjectId = {moved}" in query
    assert f"ObjectId = {still}" not in query
    assert by_id(partly.signals) == by_id(olga.poll().signals)
    assert closed not in by_id(partly.signals)


def test_more_tickets_than_one_page_holds_are_all_listed(carol: Client, root: Client, olga: Reach) -> None:
    made = create_many(carol, 102)
    try:
        signals = olga.poll().signals
        assert made <= {signal.id for signal in signals}
        assert len({signal.id for signal in signals}) == len(signals)
        assert all(len(signal.messages) == 1 for signal in signals if signal.id in made)
        assert len([asked for asked in olga.asked if asked.path.endswith("/tickets")]) > 1
    finally:
        root.call("PUT", f"{API}/tickets/bulk", [{"id": one, "Status": "deleted"} for one in made])


# --- writing ---------------------------------------------------------------------------------------------------------


def test_what_was_said_is_seen_as_rt_keeps_it_and_not_before(
    rt: Server, root: Client, ticket: str, olga: Reach
) -> None:
    taking = write(olga, Verb.ACKNOWLEDGE, ticket)
    assert not olga.has_seen(taking)
    olga.say(taking)
    assert read(root, ticket)["Owner"]["id"] == "oncall"
    assert olga.has_seen(taking)
    olga.say(taking)
    assert olga.changes == []

    noted = write(olga, Verb.NOTE, ticket, "intern: db1 is vol\r\n\r\n😀 bel Piet")
    replied = write(olga, Verb.REPLY, ticket, "We zijn ermee bezig.\n\nU hoort van ons om 04:00.")
    assert not olga.has_seen(noted)
    assert olga.say(noted).id
    olga.say(replied)
    assert said(root, ticket) == [
        ("oncall", "Comment", "intern: db1 is vol\n\n😀 bel Piet"),
        ("oncall", "Correspond", replied.text),
    ]
    assert mailed(rt, "hoort van ons om 04:00")
    assert not mailed(rt, "db1 is vol")

    assert olga.has_seen(noted)
    assert olga.has_seen(replied)
    mine = olga.signal(ticket)
    assert (mine.mine, mine.taken_by) == (True, "Olga Oncall")
    assert mine.taken_at

    release = write(olga, Verb.RELEASE, ticket)
    assert not olga.has_seen(release)
    olga.say(release)
    assert read(root, ticket)["Owner"]["id"] == "Nobody"
    assert olga.has_seen(release)

    resolved = write(olga, Verb.RESOLVE, ticket)
    olga.say(resolved)
    assert read(root, ticket)["Status"] == "resolved"
    assert olga.has_seen(resolved)
    assert olga.peek(ticket) is None


def test_words_count_as_seen_only_when_i_said_them_that_way_since_the_first_try(
    carol: Client, ticket: str, olga: Reach
) -> None:
    speak(carol, ticket, "ok")
    assert not olga.has_seen(write(olga, Verb.REPLY, ticket, "ok"))
    replied = write(olga, Verb.REPLY, ticket, "ok")
    olga.say(replied)
    assert olga.has_seen(replied)
    assert not olga.has_seen(write(olga, Verb.NOTE, ticket, "ok"))
    assert not olga.has_seen(write(olga, Verb.REPLY, ticket, "ok", tried_at=datetime.now(UTC) + timedelta(minutes=10)))


def test_a_colleague_who_may_not_own_tickets_is_told_so(rt: Server, root: Client, ticket: str) -> None:
    rita = Reach("rt", rt.url, "Rita", rt.env["TOKEN_READER"])
    with pytest.raises(Rejected) as refusal:
        rita.say(write(rita, Verb.ACKNOWLEDGE, ticket))
    assert "That user may not own tickets in that queue" in str(refusal.value)
    with pytest.raises(Rejected) as refusal:
        rita.say(write(rita, Verb.NOTE, ticket, "db1"))
    assert "Permission Denied" in str(refusal.value)
    assert read(root, ticket)["Owner"]["id"] == "Nobody"
    assert said(root, ticket) == []


def test_who_may_not_take_it_does_not_move_it_either(rt: Server, root: Client, ticket: str) -> None:
    change(root, ticket, Owner="dirk")
    rita = Reach("rt", rt.url, "Rita", rt.env["TOKEN_READER"], taken_status="open")
    with pytest.raises(Rejected, match="it stayed with Dirk Helper: "):
        rita.say(write(rita, Verb.ACKNOWLEDGE, ticket))
    assert rita.changes == [("PUT", f"{API}/ticket/{ticket}/steal")]
    assert read(root, ticket)["Status"] == "new"


def test_giving_it_back_can_move_it_to_a_status(rt: Server, root: Client, ticket: str) -> None:
    reach = Reach("rt", rt.url, "Olga", rt.env["TOKEN_ONCALL"], taken_status="open", released_status="new")
    reach.say(write(reach, Verb.ACKNOWLEDGE, ticket))
    reach.say(write(reach, Verb.RELEASE, ticket))
    given = read(root, ticket)
    assert (given["Owner"]["id"], given["Status"]) == ("Nobody", "new")


def test_a_ticket_that_was_merged_into_another_is_gone(carol: Client, root: Client, ticket: str, olga: Reach) -> None:
    other = create(carol)
    change(root, ticket, MergeInto=other)
    assert olga.peek(ticket) is None
    with pytest.raises(Rejected) as refusal:
        olga.say(write(olga, Verb.REPLY, ticket, "Hallo"))
    assert refusal.value.gone
    assert olga.changes == []


def test_a_ticket_that_was_moved_to_where_we_may_not_look_is_gone(root: Client, ticket: str, olga: Reach) -> None:
    with suppress(HTTPError):  # it is there from an earlier test
        root.call("POST", f"{API}/queue", {"Name": "Hidden"})
    change(root, ticket, Queue="Hidden")
    is_handed_back(root, ticket, olga)


def test_a_deleted_ticket_is_gone_although_rt_would_take_words_for_it(root: Client, ticket: str, olga: Reach) -> None:
    change(root, ticket, Status="deleted")
    is_handed_back(root, ticket, olga)


def is_handed_back(root: Client, ticket: str, olga: Reach) -> None:
    assert ticket not in by_id(olga.poll().signals)
    assert olga.peek(ticket) is None
    for verb in (Verb.ACKNOWLEDGE, Verb.NOTE, Verb.REPLY, Verb.RESOLVE):
        with pytest.raises(Rejected) as refusal:
            olga.say(write(olga, verb, ticket, "Hallo"))
        assert refusal.value.gone
        assert olga.changes == []
    assert olga.say(write(olga, Verb.RELEASE, ticket)).words == "nobody had it any more"
    assert said(root, ticket) == []


def test_what_we_may_is_told_without_writing(rt: Server, ticket: str, olga: Reach) -> None:
    assert olga.connector.may
    assert olga.play(olga.connector.may).startswith("change its status, comment, reply, as for ticket ")
    assert olga.changes == []
    rita = Reach("rt", rt.url, "Rita", rt.env["TOKEN_READER"])
    with pytest.raises(Rejected, match="we may not change its status, nor comment, as for ticket"):
        rita.play(olga.connector.may)


def test_a_status_that_does_not_exist_is_told_and_the_ticket_is_mine_all_the_same(
    rt: Server, root: Client, ticket: str
) -> None:
    reach = Reach("rt", rt.url, "Olga", rt.env["TOKEN_ONCALL"], taken_status="bezig", resolved_status="opgelost")
    words = reach.say(write(reach, Verb.ACKNOWLEDGE, ticket)).words
    assert words.startswith("it is yours, but it stayed 'new': ")
    assert read(root, ticket)["Owner"]["id"] == "oncall"
    with pytest.raises(Rejected) as refusal:
        reach.say(write(reach, Verb.RESOLVE, ticket))
    assert "stayed 'new'" in str(refusal.value)


def test_taking_can_move_it_to_a_status(rt: Server, root: Client, ticket: str) -> None:
    reach = Reach("rt", rt.url, "Olga", rt.env["TOKEN_ONCALL"], taken_status="open")
    assert reach.say(write(reach, Verb.ACKNOWLEDGE, ticket)).words == ""
    assert read(root, ticket)["Status"] == "open"


def test_a_reply_that_nobody_would_read_is_refused(root: Client, olga: Reach) -> None:
    ticket = create(root, Requestor="")
    with pytest.raises(Rejected) as refusal:
        olga.say(write(olga, Verb.REPLY, ticket, "Hallo"))
    assert "nobody would read" in str(refusal.value)
    assert olga.changes == []


def test_an_id_that_is_no_number_asks_for_nothing(olga: Reach) -> None:
    for strange in ("1 OR id > 0", "1/../../user/27", ""):
        with pytest.raises(Unreadable):
            olga.say(write(olga, Verb.RESOLVE, strange))
        assert olga.asked == []


def test_a_queue_that_was_renamed_at_night_does_not_look_quiet(rt: Server, root: Client, ticket: str) -> None:
    reach = Reach("rt", rt.url, "Olga", rt.env["TOKEN_ONCALL"], queue="Support")
    assert ticket in by_id(reach.poll().signals)
    root.call("PUT", f"{API}/queue/Support", {"Name": "Servicedesk"})
    try:
        with pytest.raises(Rejected, match="shows us no queue 'Support'"):
            reach.poll()
    finally:
        root.call("PUT", f"{API}/queue/Servicedesk", {"Name": "Support"})


def test_who_sees_tickets_only_by_a_role_in_them_is_quiet_when_none_is_open(
    rt: Server, root: Client, ticket: str
) -> None:
    """Carol sees no queue. That her last ticket is over is good news, that it is hidden from her by now is none."""
    reach = Reach("rt", rt.url, "Carol", rt.env["TOKEN_CAROL"])
    for other in set(by_id(reach.poll().signals)) - {ticket}:
        root.call("PUT", f"{API}/ticket/{other}", {"Status": "resolved"})
    known = by_id(reach.poll().signals)
    assert set(known) == {ticket}
    root.call("PUT", f"{API}/ticket/{ticket}", {"Status": "resolved"})
    assert reach.poll(known).signals == []
    root.call("PUT", f"{API}/ticket/{ticket}", {"Status": "open", "Requestor": []})
    with pytest.raises(Rejected, match="shows us no queue"):
        reach.poll(known)


def test_the_check_says_who_we_are(olga: Reach) -> None:
    assert olga.connector.check
    assert olga.play(olga.connector.check).startswith("Olga Oncall (oncall), Request Tracker 5.0.")


def test_a_queue_with_a_quote_in_its_name_is_only_a_name(rt: Server, root: Client, carol: Client, ticket: str) -> None:
    name = "Support' OR Queue != '"
    reach = Reach("rt", rt.url, "Olga", rt.env["TOKEN_ONCALL"], queue=name)
    with pytest.raises(Rejected, match="shows us no queue"):
        reach.poll()
    assert ticket in by_id(Reach("rt", rt.url, "Olga", rt.env["TOKEN_ONCALL"], queue="Support").poll().signals)
