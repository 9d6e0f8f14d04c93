"""The connector against a real Redmine; what it did is read back by the administrator and by the customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from oncall_tui.engine.outcomes import is_so
from oncall_tui.errors import Denied, Rejected
from oncall_tui.model import RESOLVED, Impact, Signal, Verb, Voice, Write
from tests.servers.conftest import Server
from tests.servers.reach import Client, Reach, eventually

pytestmark = pytest.mark.server

HIGH, URGENT = 3, 4


@pytest.fixture
def olga(redmine: Server) -> Reach:
    key = redmine.env["KEY_ONCALL"]
    return Reach("redmine", redmine.url, "Sanne", key, taken_status="In Progress", bots="Jenkins Bot")


@pytest.fixture
def dirk(redmine: Server) -> Reach:
    """A colleague whose role reads private notes, but writes them where the customer can read them."""
    return Reach("redmine", redmine.url, "Dirk", redmine.env["KEY_DIRK"], bots="Jenkins Bot")


@pytest.fixture
def issue(as_carol: Client) -> str:
    """A fresh issue of the customer's; its id."""
    return create(as_carol)


def create(client: Client, subject: str = "Bestellen werkt niet", **more: Any) -> str:
    fields = {"project_id": "support", "tracker_id": 3, "priority_id": HIGH, "subject": subject, **more}
    fields.setdefault("description", "De winkels kunnen niet bestellen.\n\nBel mij!")
    return str(client.call("POST", "/issues.json", {"issue": fields})["issue"]["id"])


def change(client: Client, issue: str, **fields: Any) -> None:
    client.call("PUT", f"/issues/{issue}.json", {"issue": fields})


def read(client: Client, issue: str) -> Any:
    return client.get(f"/issues/{issue}.json?include=journals")["issue"]


def notes(client: Client, issue: str) -> list[tuple[str, bool]]:
    return [(one["notes"], one["private_notes"]) for one in read(client, issue)["journals"] if one["notes"]]


def member(as_admin: Client, name: str) -> int:
    """The id of the member of the project whose name has this in it."""
    members = as_admin.get("/projects/support/memberships.json?limit=100")["memberships"]
    people = [one.get("user") or one["group"] for one in members]
    found: int = next(who["id"] for who in people if name in who["name"])
    return found


def write(reach: Reach, verb: Verb, issue: str, text: str = "", **more: Any) -> Write:
    return reach.write(verb, issue, text, asked_at=datetime.now(UTC), **more)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_an_issue_is_listed_with_what_the_screen_needs(as_carol: Client, as_admin: Client, olga: Reach) -> None:
    issue = create(as_carol, priority_id=URGENT, due_date="2030-01-31", custom_fields=[{"id": 1, "value": "Korenaar"}])
    signal = olga.signal(issue)
    assert signal.title == "Bestellen werkt niet"
    assert (signal.severity, signal.impact, signal.status) == ("Urgent", Impact.DOWN, "New")
    assert (signal.customer, signal.contact) == ("Support", "Carol Customer")
    assert (signal.taken_by, signal.assignee, signal.mine) == ("", "", False)
    assert signal.due_at == datetime(2030, 2, 1, tzinfo=UTC)
    assert signal.url == f"{olga.config.url}/issues/{issue}"
    assert signal.labels["Customer"] == "Korenaar"


def test_a_named_custom_field_tells_the_customer(redmine: Server, as_carol: Client) -> None:
    reach = Reach("redmine", redmine.url, "Sanne", redmine.env["KEY_ONCALL"], customer_field="Customer")
    named = create(as_carol, custom_fields=[{"id": 1, "value": "Bakkerij De Korenaar"}])
    unnamed = create(as_carol)
    customers = {signal.id: signal.customer for signal in reach.poll().signals}
    assert (customers[named], customers[unnamed]) == ("Bakkerij De Korenaar", "Support")


def test_the_customers_words_are_told_from_ours(
    redmine: Server, as_carol: Client, as_admin: Client, issue: str, olga: Reach
) -> None:
    speak = {
        name: Client(redmine.url, {"X-Redmine-API-Key": redmine.env[f"KEY_{name}"]})
        for name in ("ONCALL", "DIRK", "JENKINS")
    }
    change(as_carol, issue, notes="Is er al iets bekend?")
    change(speak["ONCALL"], issue, notes="db1 is full", private_notes=True)
    change(speak["DIRK"], issue, notes="We are on it")
    change(speak["JENKINS"], issue, notes="Build 7 failed")
    told = [(m.author, m.voice, m.private) for m in olga.signal(issue).messages]
    assert told == [
        ("Carol Customer", Voice.THEIRS, False),
        ("Carol Customer", Voice.THEIRS, False),
        ("Olga Oncall", Voice.OURS, True),
        ("Dirk Helper", Voice.OURS, False),
        ("Jenkins Bot", Voice.MACHINE, False),
    ]


def test_an_issue_with_a_group_or_a_bot_is_with_nobody(as_admin: Client, issue: str, olga: Reach) -> None:
    for who, taken in (("Night Team", ""), ("Jenkins", ""), ("Carol", ""), ("Dirk", "Dirk Helper")):
        change(as_admin, issue, assigned_to_id=member(as_admin, who))
        signal = olga.signal(issue)
        assert who in signal.assignee
        assert signal.taken_by == taken


def test_a_wrong_key_is_denied_although_redmine_answers_it_with_an_empty_list(redmine: Server) -> None:
    anybody = Client(redmine.url, {"X-Redmine-API-Key": "0" * 40})
    assert anybody.get("/issues.json")["issues"] == []
    with pytest.raises(Denied):
        Reach("redmine", redmine.url, "Sanne", "0" * 40).poll()


def test_a_key_that_is_lost_after_the_login_is_denied_and_does_not_empty_the_board(redmine: Server) -> None:
    reach = Reach("redmine", redmine.url, "Sanne", "0" * 40)
    reach.connector = replace(reach.connector, login=None)
    with pytest.raises(Denied):
        reach.poll()
    assert [request.path for request in reach.asked] == ["/issues.json", "/users/current.json"]


def test_whoever_is_taken_out_of_the_project_at_night_does_not_look_at_a_quiet_desk(
    as_admin: Client, issue: str, olga: Reach
) -> None:
    known = by_id(olga.poll().signals)
    members = as_admin.get("/projects/support/memberships.json?limit=100")["memberships"]
    [mine] = [one for one in members if one.get("user", {}).get("name") == "Olga Oncall"]
    as_admin.call("DELETE", f"/memberships/{mine['id']}.json")
    try:
        with pytest.raises(Rejected, match="a member of no project"):
            olga.poll(known, datetime.now(UTC) + timedelta(minutes=10))
    finally:
        again = {"user_id": mine["user"]["id"], "role_ids": [role["id"] for role in mine["roles"]]}
        as_admin.call("POST", "/projects/support/memberships.json", {"membership": again})
    assert issue in by_id(olga.poll().signals)


def test_who_is_a_member_of_nothing_is_quiet_where_a_public_project_is_shown_and_nothing_is_hidden_since(
    redmine: Server, as_admin: Client, as_carol: Client
) -> None:
    new = {
        "login": "nora",
        "password": "secret-pass-1",
        "firstname": "Nora",
        "lastname": "N",
        "mail": "nora@example.net",
    }
    nora = as_admin.call("POST", "/users.json", {"user": new})["user"]
    reach = Reach("redmine", redmine.url, "Nora", nora["api_key"])
    with pytest.raises(Rejected, match="a member of no project"):
        reach.poll()
    project = {"name": "Open", "identifier": "open-to-all", "is_public": True}
    as_admin.call("POST", "/projects.json", {"project": project})
    assert reach.poll().signals == []
    issue = create(as_carol)
    as_admin.call("PUT", "/projects/support.json", {"project": {"is_public": True}})
    try:
        known = by_id(reach.poll().signals)
        assert issue in known
    finally:
        as_admin.call("PUT", "/projects/support.json", {"project": {"is_public": False}})
    with pytest.raises(Rejected, match="a member of no project"):
        reach.poll(known)
    as_admin.call("DELETE", "/projects/open-to-all.json")


def test_what_did_not_change_is_not_asked_again_and_the_reading_is_the_same(
    as_carol: Client, as_admin: Client, olga: Reach
) -> None:
    still, moved, closed = create(as_carol), create(as_carol), create(as_carol)
    whole = olga.poll()
    known, later = by_id(whole.signals), datetime.now(UTC) + timedelta(minutes=10)
    change(as_admin, closed, status_id=5)
    change(as_carol, moved, notes="En nu?")
    older = {**known, moved: changed_before(known[moved])}  # as if a second had passed before they wrote again
    partly = olga.poll(older, later)
    asked = [request.path for request in olga.asked]
    assert f"/issues/{moved}.json" in asked
    assert f"/issues/{still}.json" not in asked
    assert all(
        "updated_on" in dict(one.query) or dict(one.query)["limit"] == "1"
        for one in olga.asked
        if "/issues.json" in one.path
    )
    assert by_id(partly.signals) == by_id(olga.poll().signals)
    assert closed not in by_id(partly.signals)


def test_what_was_deleted_or_came_while_we_were_away_is_no_secret_of_the_list_of_changes(
    as_carol: Client, as_admin: Client, olga: Reach
) -> None:
    gone, closed = create(as_carol), create(as_carol)
    known, later = by_id(olga.poll().signals), datetime.now(UTC) + timedelta(minutes=10)
    as_admin.call("DELETE", f"/issues/{gone}.json")
    change(as_admin, closed, status_id=5)
    new = create(as_carol)
    partly = by_id(olga.poll(known, later).signals)
    assert partly == by_id(olga.poll().signals)
    assert {gone, closed} & partly.keys() == set()
    assert new in partly


def by_id(signals: list[Signal]) -> dict[str, Signal]:
    return {signal.id: signal for signal in signals}


def changed_before(signal: Signal) -> Signal:
    assert signal.changed_at
    return msgspec.structs.replace(signal, changed_at=signal.changed_at - timedelta(seconds=1))


def test_what_changed_lately_is_asked_again_because_two_changes_share_a_second(
    as_carol: Client, issue: str, olga: Reach
) -> None:
    known = by_id(olga.poll().signals)
    olga.poll(known, datetime.now(UTC))
    assert f"/issues/{issue}.json" in [request.path for request in olga.asked]


def test_more_issues_than_one_page_holds_are_all_listed(as_carol: Client, as_admin: Client, olga: Reach) -> None:
    made = {create(as_carol, f"Bestelling {number}", description="") for number in range(105)}
    try:
        signals = olga.poll().signals
        assert made <= {signal.id for signal in signals}
        assert len({signal.id for signal in signals}) == len(signals)
        assert len([request for request in olga.asked if request.path == "/issues.json"]) > 1
    finally:
        for one in made:
            as_admin.call("DELETE", f"/issues/{one}.json")


# --- writing ---------------------------------------------------------------------------------------------------------


def test_taking_an_issue_assigns_it_to_me_and_moves_it_on(as_admin: Client, issue: str, olga: Reach) -> None:
    taking = write(olga, Verb.ACKNOWLEDGE, issue)
    assert not olga.has_seen(taking)
    olga.say(taking)
    stored = read(as_admin, issue)
    assert (stored["assigned_to"]["name"], stored["status"]["name"]) == ("Olga Oncall", "In Progress")
    signal = olga.peek(issue)
    assert signal
    assert (signal.taken_by, signal.mine, signal.status) == ("Olga Oncall", True, "In Progress")
    assert signal.taken_at
    assert olga.has_seen(taking)
    olga.say(taking)
    assert olga.changes == []
    assert len(read(as_admin, issue)["journals"]) == 1


def test_a_status_that_my_role_may_not_set_is_told_and_the_issue_is_mine_all_the_same(
    redmine: Server, as_admin: Client, issue: str
) -> None:
    dirk = Reach("redmine", redmine.url, "Dirk", redmine.env["KEY_DIRK"], taken_status="Rejected")
    receipt = dirk.say(write(dirk, Verb.ACKNOWLEDGE, issue))
    assert receipt.words == "it is yours, but it stayed 'New': your role in Support may not do that"
    assert read(as_admin, issue)["assigned_to"]["name"] == "Dirk Helper"


def test_giving_it_back_leaves_a_colleagues_issue_alone(as_admin: Client, issue: str, olga: Reach, dirk: Reach) -> None:
    olga.say(write(olga, Verb.ACKNOWLEDGE, issue))
    assert dirk.say(write(dirk, Verb.RELEASE, issue)).words == "Olga Oncall has it now"
    assert read(as_admin, issue)["assigned_to"]["name"] == "Olga Oncall"
    release = write(olga, Verb.RELEASE, issue)
    olga.say(release)
    assert "assigned_to" not in read(as_admin, issue)
    assert olga.has_seen(release)


def test_what_a_colleague_has_is_taken_over_and_they_see_who_has_it(
    as_admin: Client, issue: str, olga: Reach, dirk: Reach
) -> None:
    dirk.say(write(dirk, Verb.ACKNOWLEDGE, issue))
    olga.say(write(olga, Verb.ACKNOWLEDGE, issue))
    assert read(as_admin, issue)["assigned_to"]["name"] == "Olga Oncall"
    theirs = dirk.peek(issue)
    assert theirs
    assert (theirs.taken_by, theirs.mine) == ("Olga Oncall", False)


def test_what_a_colleague_has_stays_theirs_where_the_role_may_not_take_it(
    redmine: Server, as_admin: Client, issue: str, olga: Reach
) -> None:
    olga.say(write(olga, Verb.ACKNOWLEDGE, issue))
    carol = Reach("redmine", redmine.url, "Carol", redmine.env["KEY_CAROL"])
    with pytest.raises(Rejected, match="it stayed with Olga Oncall"):
        carol.say(write(carol, Verb.ACKNOWLEDGE, issue))
    assert read(as_admin, issue)["assigned_to"]["name"] == "Olga Oncall"


def test_a_note_is_read_by_colleagues_only(as_admin: Client, as_carol: Client, issue: str, olga: Reach) -> None:
    text = "intern: db1 is vol\r\n\r\n😀 bel Piet"
    noted = write(olga, Verb.NOTE, issue, text, tried_at=datetime.now(UTC))
    assert not olga.has_seen(noted)
    olga.say(noted)
    [(stored, private)] = notes(as_admin, issue)
    assert "bel Piet" in stored
    assert private
    assert notes(as_carol, issue) == []
    assert olga.has_seen(noted)


def test_a_reply_is_read_by_the_customer_word_for_word(as_carol: Client, issue: str, olga: Reach) -> None:
    text = "We zijn ermee bezig.\n\nU hoort van ons om 04:00."
    replied = write(olga, Verb.REPLY, issue, text, tried_at=datetime.now(UTC))
    olga.say(replied)
    assert [stored.replace("\r\n", "\n") for stored, _ in notes(as_carol, issue)] == [text]
    assert olga.has_seen(replied)


def test_words_count_as_seen_only_when_i_said_them_since_the_first_try(
    as_carol: Client, issue: str, olga: Reach
) -> None:
    change(as_carol, issue, notes="ok")
    replied = write(olga, Verb.REPLY, issue, "ok", tried_at=datetime.now(UTC))
    assert not olga.has_seen(replied)
    olga.say(replied)
    assert olga.has_seen(replied)
    later = datetime.now(UTC) + timedelta(minutes=10)
    assert not olga.has_seen(write(olga, Verb.REPLY, issue, "ok", tried_at=later))
    assert not olga.has_seen(write(olga, Verb.NOTE, issue, "ok", tried_at=datetime.now(UTC)))


def test_a_note_that_my_role_would_make_public_is_refused_before_it_leaves(
    as_admin: Client, issue: str, dirk: Reach
) -> None:
    with pytest.raises(Rejected) as refusal:
        dirk.say(write(dirk, Verb.NOTE, issue, "de klant betaalt niet"))
    assert "the customer would read it" in str(refusal.value)
    assert dirk.changes == []
    assert notes(as_admin, issue) == []


def test_a_note_that_became_public_all_the_same_is_taken_back(as_admin: Client, issue: str, dirk: Reach) -> None:
    """The permission can go between the login and the note; the session says here that it is still there."""
    noted = write(dirk, Verb.NOTE, issue, "de klant betaalt niet")
    answer = dirk.connector.answers[Verb.NOTE]
    with pytest.raises(Rejected) as refusal:
        dirk.play(lambda source: answer(replace(source, session={**source.session, "set_notes_private": "*"}), noted))
    assert "it was taken back" in str(refusal.value)
    assert dirk.changes == [("PUT", f"/issues/{issue}.json"), ("PUT", dirk.changes[1][1])]
    assert notes(as_admin, issue) == []


@pytest.mark.parametrize("verb", [Verb.NOTE, Verb.REPLY])
def test_what_is_taken_back_is_gone_for_everybody_and_nothing_else_is(
    as_admin: Client, as_carol: Client, issue: str, olga: Reach, verb: Verb
) -> None:
    """Mails have left by then: the screen says so."""
    change(as_admin, issue, notes="We zijn er")
    said = write(olga, verb, issue, "We zijn er", tried_at=datetime.now(UTC))
    receipt = olga.say(said).id
    assert len(notes(as_admin, issue)) == 2
    changed_on = read(as_admin, issue)["updated_on"]
    olga.retract(msgspec.structs.replace(said, receipt=receipt))
    assert olga.changes == [("PUT", f"/journals/{receipt}.json")]
    assert notes(as_admin, issue) == notes(as_carol, issue) == [("We zijn er", False)]
    assert not olga.has_seen(said)
    assert read(as_admin, issue)["updated_on"] == changed_on
    olga.retract(msgspec.structs.replace(said, receipt=receipt))
    assert olga.changes == []


def test_what_a_colleague_edited_or_the_role_may_not_edit_stays(
    redmine: Server, as_admin: Client, issue: str, olga: Reach
) -> None:
    said = write(olga, Verb.REPLY, issue, "We zijn er", tried_at=datetime.now(UTC))
    receipt = olga.say(said).id
    as_admin.call("PUT", f"/journals/{receipt}.json", {"journal": {"notes": "We zijn er om 04:00"}})
    with pytest.raises(Rejected, match="somebody changed it meanwhile"):
        olga.retract(msgspec.structs.replace(said, receipt=receipt))
    carol = Reach("redmine", redmine.url, "Carol", redmine.env["KEY_CAROL"])
    theirs = write(carol, Verb.REPLY, issue, "En nu?", tried_at=datetime.now(UTC))
    with pytest.raises(Rejected, match="your role may not edit what it wrote"):
        carol.retract(msgspec.structs.replace(theirs, receipt=carol.say(theirs).id))
    assert notes(as_admin, issue) == [("We zijn er om 04:00", False), ("En nu?", False)]


def test_a_resolved_issue_is_out_of_the_way_until_its_customer_writes_again(
    as_admin: Client, as_carol: Client, issue: str, olga: Reach
) -> None:
    """Redmine lists it until somebody closes it."""
    resolved = write(olga, Verb.RESOLVE, issue)
    olga.say(resolved)
    assert read(as_admin, issue)["status"]["name"] == "Resolved"
    assert olga.has_seen(resolved)
    signal = olga.signal(issue)
    assert (signal.status, signal.suppressed) == ("Resolved", RESOLVED)
    assert is_so(resolved, signal)
    moved_at = datetime.fromisoformat(read(as_admin, issue)["updated_on"])
    eventually(lambda: datetime.now(UTC) > moved_at + timedelta(seconds=1), "another second")
    change(as_carol, issue, notes="Nee, nog niet")
    again = olga.signal(issue)
    assert (again.status, again.suppressed) == ("Resolved", "")
    assert not is_so(resolved, again)
    assert olga.peek(issue) == again


def test_resolving_can_close_it_and_a_closed_one_is_gone(redmine: Server, issue: str, olga: Reach) -> None:
    closing = Reach("redmine", redmine.url, "Sanne", redmine.env["KEY_ONCALL"], resolved_status="Closed")
    resolved = write(closing, Verb.RESOLVE, issue)
    closing.say(resolved)
    assert closing.has_seen(resolved)
    assert olga.has_seen(resolved)  # closed is more than resolved
    assert olga.peek(issue) is None
    assert issue not in by_id(olga.poll().signals)


def test_a_status_that_does_not_exist_is_refused_by_name(redmine: Server, issue: str) -> None:
    reach = Reach("redmine", redmine.url, "Sanne", redmine.env["KEY_ONCALL"], resolved_status="Opgelost")
    with pytest.raises(Rejected) as refusal:
        reach.say(write(reach, Verb.RESOLVE, issue))
    assert "'Opgelost'" in str(refusal.value)


def test_a_deleted_issue_is_gone_and_takes_no_words(as_admin: Client, issue: str, olga: Reach) -> None:
    as_admin.call("DELETE", f"/issues/{issue}.json")
    assert olga.peek(issue) is None
    with pytest.raises(Rejected) as refusal:
        olga.say(write(olga, Verb.REPLY, issue, "Hallo"))
    assert refusal.value.gone
    assert olga.changes == []


def test_the_check_says_who_we_are_and_which_status_is_missing(redmine: Server) -> None:
    reach = Reach("redmine", redmine.url, "Sanne", redmine.env["KEY_ONCALL"], taken_status="Bezig")
    assert reach.connector.check
    words = reach.play(reach.connector.check)
    assert words == "Olga Oncall, one of 3 of ours; taken_status: there is no status 'Bezig'"


def test_what_we_may_is_told_by_our_roles_without_writing(redmine: Server, olga: Reach, dirk: Reach) -> None:
    assert olga.connector.may
    assert olga.play(olga.connector.may) == "by projects: change issues in 1, write notes in 1, keep them private in 1"
    with pytest.raises(Rejected, match="our roles nowhere allow to keep them private"):
        dirk.play(olga.connector.may)
    admin = Reach("redmine", redmine.url, "Admin", redmine.env["KEY_ADMIN"])
    assert admin.play(olga.connector.may).startswith("everything")
