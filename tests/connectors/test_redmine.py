"""What the Redmine connector asks, word for word, and what it makes of the answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from oncall_tui.connectors.desks import redmine
from oncall_tui.errors import Denied, Rejected, Unreadable
from oncall_tui.kit import DONE, Reading, Response, Source
from oncall_tui.model import Me, Signal, Verb, Voice, Write
from oncall_tui.testing.play import Played, ok, play

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
OLGA, DIRK, CAROL, JENKINS, NIGHT = (
    {"id": n, "name": name} for n, name in enumerate(("Olga", "Dirk", "Carol", "Jenkins", "Night"), 5)
)
SESSION = {"id": "5", "name": "Olga", "team": "5,6", "groups": "9", "set_notes_private": "1"}
SOURCE = Source(
    name="desk", url="https://desk", me=Me(name="Olga"), secret="k", session=SESSION, options={"bots": "jenkins"}
)
ME = ok('{"user": {"id": 5, "memberships": [{"id": 1}]}}')
STATUSES = ok(
    '{"issue_statuses": [{"id": 1, "name": "New"}, {"id": 2, "name": "In Progress"}, {"id": 3, "name": "Resolved"}]}'
)
STORED = Response(status=204)


def issue(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "project": {"id": 1, "name": "Support"},
        "status": {"id": 1, "name": "New", "is_closed": False},
        "priority": {"id": 3, "name": "High"},
        "author": CAROL,
        "subject": "Bestellen werkt niet",
        "description": "Bel mij!",
        "created_on": "2026-11-23T03:00:00Z",
        "updated_on": "2026-11-23T03:05:00Z",
        "journals": [],
        **more,
    }


def journal(number: int, user: Any, notes: str, *, private: bool = False, **more: Any) -> dict[str, Any]:
    at = "2026-11-23T03:12:30Z"
    return {
        "id": number,
        "user": user,
        "notes": notes,
        "created_on": at,
        "private_notes": private,
        "details": [],
        **more,
    }


def one(**more: Any) -> Response:
    return ok(json.dumps({"issue": issue(**more)}))


def page(*numbers: int, total: int, updated_on: str = "2026-11-23T03:05:00Z") -> Response:
    heads = [{"id": number, "updated_on": updated_on} for number in numbers]
    return ok(json.dumps({"issues": heads, "total_count": total}))


def read(**more: Any) -> Signal:
    """One issue as a poll makes a signal of it."""
    [signal] = play(redmine.CONNECTOR.poll(SOURCE), [page(1, total=1), ME, one(**more)]).result.signals
    return signal


def write(verb: Verb, text: str = "", **more: Any) -> Write:
    fields = {"id": "w1", "problem": "p", "ref": "desk/1", "verb": verb, "by": "Olga", "asked_at": NOW, "tried_at": NOW}
    return Write(**{**fields, "text": text, **more})


def seen(source: Source, about: Write) -> Any:
    assert redmine.CONNECTOR.seen
    return redmine.CONNECTOR.seen(source, about)


def say(verb: Verb, *answers: Response, text: str = "", **options: str) -> Played[Any]:
    source = replace(SOURCE, options={**SOURCE.options, **options})
    return play(redmine.CONNECTOR.answers[verb](source, write(verb, text)), answers)


# --- the list --------------------------------------------------------------------------------------------------------


def test_pages_are_cut_by_id_so_that_a_closed_issue_moves_none_to_a_page_already_read() -> None:
    answers = [page(3, 7, total=3), page(9, total=1), ME, *(one(number=n) for n in (3, 7, 9))]
    asked = play(redmine.CONNECTOR.poll(SOURCE), answers).asked
    assert [dict(request.query)["issue_id"] for request in asked if request.path == "/issues.json"] == [">=1", ">=8"]
    assert asked[0].query[1:] == (("status_id", "open"), ("sort", "id"), ("limit", "100"))


@pytest.mark.parametrize(
    "answers",
    [[page(3, 7, total=5), page(3, 7, total=5)], [page(7, 3, total=2), ME], [page(total=4)], [page(1, 1, total=2), ME]],
    ids=["the same page again", "no order", "promised but not there", "twice"],
)
def test_a_list_that_cannot_be_whole_is_not_believed(answers: list[Response]) -> None:
    with pytest.raises(Unreadable):
        play(redmine.CONNECTOR.poll(SOURCE), answers)


def test_a_list_ends_by_asking_who_we_are_because_a_lost_key_lists_nothing() -> None:
    assert play(redmine.CONNECTOR.poll(SOURCE), [page(total=0), ME]).asked[-1].path == "/users/current.json"


@pytest.mark.parametrize(("admin", "listed", "is_believed"), [(False, 0, False), (True, 0, True), (False, 1, True)])
def test_an_empty_list_is_good_news_only_for_who_is_a_member_of_something(
    admin: bool, listed: int, is_believed: bool
) -> None:
    nobody = ok(json.dumps({"user": {"id": 5, "admin": admin}}))
    answers = [page(*range(1, listed + 1), total=listed), nobody, *([one()] if listed else [])]
    if is_believed:
        assert len(play(redmine.CONNECTOR.poll(SOURCE), answers).result.signals) == listed
    else:
        with pytest.raises(Rejected, match="a member of no project"):
            play(redmine.CONNECTOR.poll(SOURCE), [*answers, projects(0)])


def projects(total: int) -> Response:
    return ok(json.dumps({"projects": [{"id": 1}] * total, "total_count": total}))


def test_who_is_a_member_of_nothing_believes_an_empty_list_where_a_public_project_is_shown() -> None:
    nobody = ok('{"user": {"id": 5, "admin": false}}')
    assert play(redmine.CONNECTOR.poll(SOURCE), [page(total=0), nobody, projects(1)]).result.signals == []
    before = play(redmine.CONNECTOR.poll(SOURCE), [page(1, total=1), ME, one()]).result.signals[0]
    source = replace(SOURCE, known={before.id: before})
    empty = [page(total=0), page(total=0), page(total=0), nobody]
    assert play(redmine.CONNECTOR.poll(source), [*empty, Response(status=404), projects(1)]).result.signals == []
    with pytest.raises(Rejected, match="a member of no project"):
        play(redmine.CONNECTOR.poll(source), [*empty, Response(status=403)])


def test_one_project_only_when_configured() -> None:
    source = replace(SOURCE, options={"project": "support"})
    assert ("project_id", "support") in play(redmine.CONNECTOR.poll(source), [page(total=0), ME]).asked[0].query


@pytest.mark.parametrize("status", [403, 404])
def test_an_issue_that_vanished_since_it_was_listed_is_left_out(status: int) -> None:
    reading = play(
        redmine.CONNECTOR.poll(SOURCE), [page(1, 2, total=2), ME, Response(status=status), one(number=2)]
    ).result
    assert [signal.id for signal in reading.signals] == ["2"]


def test_an_issue_that_was_closed_since_it_was_listed_is_left_out() -> None:
    closed = one(status={"id": 5, "name": "Closed", "is_closed": True})
    assert play(redmine.CONNECTOR.poll(SOURCE), [page(1, total=1), ME, closed]).result == Reading(signals=[])


# --- asking only for what changed ------------------------------------------------------------------------------------


EARLIER = "2026-11-23T03:05:00Z"
LATER = "2026-11-23T03:09:00Z"


def changed(*issues: tuple[int, str, bool], total: int | None = None) -> Response:
    """What changed: each issue's number, when, and whether it is closed by now."""
    records = [{"id": n, "updated_on": at, "status": {"id": 1, "is_closed": closed}} for n, at, closed in issues]
    return ok(json.dumps({"issues": records, "total_count": len(issues) if total is None else total}))


def known_poll(*answers: Response, minutes_after: int = 10, known: str = "12") -> Played[Reading]:
    """A poll that knows these issues as they were at 03:05."""
    first = read()
    before = {n: msgspec.structs.replace(first, id=n) for n in known}
    source = replace(SOURCE, known=before, known_at=first.changed_at + timedelta(minutes=minutes_after))  # type: ignore[operator]
    return play(redmine.CONNECTOR.poll(source), answers)


def told(played: Played[Reading]) -> tuple[list[str], list[str]]:
    """Which issues were asked for alone, and which are read."""
    alone = [one.path[8:-5] for one in played.asked if one.path.startswith("/issues/")]
    return alone, sorted(one.id for one in played.result.signals)


def test_only_what_changed_is_listed_and_asked_for_again() -> None:
    played = known_poll(changed((1, LATER, False)), page(1, total=2), ME, one(updated_on=LATER))
    assert told(played) == (["1"], ["1", "2"])
    assert dict(played.asked[0].query) == {"updated_on": ">=2026-11-23T03:03:00Z", "status_id": "*", "limit": "100"}
    assert dict(played.asked[1].query) == {"status_id": "open", "limit": "1"}


@pytest.mark.parametrize(("minutes_after", "is_asked"), [(10, False), (1, True)])
def test_what_changed_in_this_minute_is_asked_for_again_because_it_may_have_changed_twice(
    minutes_after: int, is_asked: bool
) -> None:
    same = changed((1, EARLIER, False))
    answers = [same, page(1, total=1), ME, *([one()] if is_asked else [])]
    assert told(known_poll(*answers, minutes_after=minutes_after, known="1")) == (["1"] if is_asked else [], ["1"])


def test_what_was_closed_or_opened_meanwhile_leaves_or_comes() -> None:
    moved = changed((1, LATER, True), (3, LATER, False))
    assert told(known_poll(moved, page(2, total=2), ME, one(number=3))) == (["3"], ["2", "3"])


@pytest.mark.parametrize(
    "partly",
    [[changed(), page(2, total=1)], [changed((1, LATER, False), total=101)]],
    ids=["one was deleted", "more changed than one page holds"],
)
def test_what_does_not_add_up_is_listed_whole(partly: list[Response]) -> None:
    played = known_poll(*partly, page(2, total=1, updated_on=LATER), ME, one(number=2))
    assert told(played) == (["2"], ["2"])


def test_a_key_that_is_lost_does_not_keep_what_is_known() -> None:
    nothing = changed(total=0)
    with pytest.raises(Denied):
        known_poll(nothing, page(total=0), Response(status=401))


# --- one issue -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "impact"),
    [("Immediate", "down"), ("Urgent", "down"), ("High", "degraded"), ("Normal", "at_risk"), ("Low", "question"), ("Spoed", "at_risk")],
)  # fmt: skip
def test_a_priority_becomes_an_impact(name: str, impact: str) -> None:
    assert read(priority={"id": 1, "name": name}).impact.word == impact


@pytest.mark.parametrize(
    ("author", "private", "voice"),
    [(CAROL, False, Voice.THEIRS), (OLGA, False, Voice.OURS), (DIRK, True, Voice.OURS), (JENKINS, False, Voice.MACHINE),
     ({"id": 4, "name": "Anonymous"}, False, Voice.THEIRS), ({"id": 77, "name": "Admin"}, True, Voice.OURS), (None, False, Voice.MACHINE)],
    ids=["requester", "me", "a colleague", "a bot", "by mail", "who writes private notes", "nobody"],
)  # fmt: skip
def test_whose_words_a_note_is(author: Any, private: bool, voice: Voice) -> None:
    said = read(journals=[journal(1, author, "hm", private=private)]).messages[-1]
    assert (said.voice, said.private) == (voice, private)


def test_a_team_by_name_takes_the_place_of_the_roles() -> None:
    source = replace(SOURCE, session={"id": "5", "team": "5"}, options={"team": "Dirk, Piet"})
    answers = [page(1, total=1), ME, one(journals=[journal(1, DIRK, "hm"), journal(2, OLGA, "ja")])]
    [signal] = play(redmine.CONNECTOR.poll(source), answers).result.signals
    assert [m.voice for m in signal.messages] == [Voice.THEIRS, Voice.OURS, Voice.OURS]


def test_a_journal_without_words_is_no_message() -> None:
    assert len(read(journals=[journal(1, OLGA, ""), {**journal(2, OLGA, ""), "notes": None}]).messages) == 1


@pytest.mark.parametrize(
    ("who", "taken_by", "mine"),
    [
        (None, "", False),
        (OLGA, "Olga", True),
        (DIRK, "Dirk", False),
        (NIGHT, "", False),
        (JENKINS, "", False),
        (CAROL, "", False),
    ],
    ids=["nobody", "me", "a colleague", "a group", "a bot", "handed back to the requester"],
)
def test_who_has_an_issue(who: Any, taken_by: str, mine: bool) -> None:
    signal = read(assigned_to=who)
    assert (signal.taken_by, signal.mine, signal.assignee) == (taken_by, mine, who["name"] if who else "")


def test_it_is_taken_since_it_was_last_assigned() -> None:
    assigned = journal(1, DIRK, "", details=[{"name": "assigned_to_id", "new_value": "5"}])
    assert read(assigned_to=OLGA, journals=[assigned]).taken_at == datetime(2026, 11, 23, 3, 12, 30, tzinfo=UTC)
    assert read(assigned_to=OLGA).taken_at == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_a_field_of_several_values_is_told_with_commas() -> None:
    assert read(custom_fields=[{"id": 1, "name": "Shop", "value": ["Gent", "Zwolle"]}]).labels["Shop"] == "Gent, Zwolle"


def test_related_issues_are_links() -> None:
    relations = [{"issue_id": 1, "issue_to_id": 7}, {"issue_id": 3, "issue_to_id": 1}]
    assert read(relations=relations).links == ("https://desk/issues/3", "https://desk/issues/7")


# --- the login -------------------------------------------------------------------------------------------------------


def test_ours_are_the_members_who_may_read_private_notes() -> None:
    mine = {"project": {"id": 1, "name": "Support"}, "roles": [{"id": 3}]}
    me = {"user": {"id": 5, "firstname": "Olga", "lastname": "Oncall", "memberships": [mine]}}
    members = [{**mine, "user": OLGA}, {**mine, "user": CAROL, "roles": [{"id": 5}]}, {**mine, "group": NIGHT}]
    roles = {3: ["view_private_notes", "set_notes_private"], 5: ["add_issue_notes"]}
    answers = [
        ok(json.dumps(me)),
        ok(json.dumps({"memberships": members, "total_count": 3})),
        *(ok(json.dumps({"role": {"permissions": roles[role]}})) for role in (3, 5)),
    ]
    learnt = play(redmine.login(SOURCE), answers).result
    where = {"edit_issues": "", "add_issue_notes": "", "set_notes_private": "1"}
    assert learnt == {"id": "5", "name": "Olga Oncall", "team": "5", "groups": "9", **where}


def test_members_that_we_may_not_see_leave_only_me() -> None:
    mine = {"project": {"id": 1}, "roles": [{"id": 3}]}
    answers = [ok(json.dumps({"user": {"id": 5, "memberships": [mine]}})), Response(status=403), Response(status=404)]
    assert play(redmine.login(SOURCE), answers).result["team"] == "5"


def test_an_administrator_may_write_private_notes_everywhere() -> None:
    assert play(redmine.login(SOURCE), [ok('{"user": {"id": 1, "admin": true}}')]).result["set_notes_private"] == "*"


# --- writing ---------------------------------------------------------------------------------------------------------


def test_taking_it_assigns_it_and_moves_it_in_one_request() -> None:
    taken = one(assigned_to=OLGA, status={"id": 2, "name": "In Progress"})
    said = say(Verb.ACKNOWLEDGE, one(), STATUSES, STORED, taken, taken_status="in progress")
    assert [(put.method, put.path, put.json) for put in said.writes] == [
        ("PUT", "/issues/1.json", {"issue": {"assigned_to_id": 5, "status_id": 2}})
    ]


def test_a_taken_status_that_does_not_exist_does_not_keep_anybody_from_taking_it() -> None:
    said = say(Verb.ACKNOWLEDGE, one(), STATUSES, STORED, one(assigned_to=OLGA), taken_status="Bezig")
    assert said.writes[0].json == {"issue": {"assigned_to_id": 5}}
    assert said.result.words == "it is yours, but it stayed 'New': there is no status 'Bezig'"


def test_a_204_that_assigned_nothing_is_refused() -> None:
    with pytest.raises(Rejected) as error:
        say(Verb.ACKNOWLEDGE, one(), STORED, one())
    assert error.value.words == "it was not given to you: your role in Support may not do that"


def test_a_204_that_stored_no_words_is_refused() -> None:
    with pytest.raises(Rejected) as error:
        say(Verb.REPLY, one(), STORED, one(), text="Hallo")
    assert error.value.words == "nothing was stored: your role in Support may not write notes"


def test_a_reply_says_that_it_is_public_and_a_note_that_it_is_private() -> None:
    for verb, private in ((Verb.NOTE, True), (Verb.REPLY, False)):
        said = say(verb, one(), STORED, one(journals=[journal(4, OLGA, "Hallo", private=private)]), text="Hallo")
        assert said.writes[0].json == {"issue": {"notes": "Hallo", "private_notes": private}}
        assert said.result.id == "4"


def test_the_same_words_said_before_are_not_taken_for_these() -> None:
    before = [journal(3, OLGA, "Hallo")]
    with pytest.raises(Rejected):
        say(Verb.REPLY, one(journals=before), STORED, one(journals=before), text="Hallo")


def test_a_note_is_refused_where_the_role_would_make_it_public() -> None:
    elsewhere = one(project={"id": 2, "name": "Lente"})
    with pytest.raises(Rejected) as error:
        say(Verb.NOTE, elsewhere, text="x")
    assert "the customer would read it" in error.value.words


@pytest.mark.parametrize(
    ("status", "words"), [(204, "it was taken back"), (403, "IT STAYS THERE (your role may not edit what it wrote)")]
)
def test_a_note_that_became_public_is_taken_back_or_said_loudly(status: int, words: str) -> None:
    public = one(journals=[journal(4, OLGA, "Hallo")])
    with pytest.raises(Rejected) as error:
        say(Verb.NOTE, one(), STORED, public, Response(status=status), text="Hallo")
    assert words in error.value.words


def test_a_colleague_who_has_it_is_asked_for_it_and_keeps_it_where_the_role_may_not_take_it() -> None:
    theirs = one(assigned_to=DIRK)
    assert say(Verb.ACKNOWLEDGE, theirs, STORED, one(assigned_to=OLGA)).writes[0].json == {
        "issue": {"assigned_to_id": 5}
    }
    with pytest.raises(Rejected, match="it stayed with Dirk: your role in Support may not do that"):
        say(Verb.ACKNOWLEDGE, theirs, STORED, theirs)


RESOLVED = {"id": 3, "name": "Resolved"}
MOVED = journal(4, OLGA, "", details=[{"name": "status_id", "new_value": "3"}])


@pytest.mark.parametrize(
    ("journals", "is_aside"),
    [
        ([MOVED], True),
        ([MOVED, journal(5, OLGA, "Klaar")], True),
        ([MOVED, journal(5, CAROL, "Dank!", created_on="2026-11-23T03:12:30Z")], True),
        ([MOVED, journal(5, CAROL, "Nee!", created_on="2026-11-23T03:13:00Z")], False),
        ([MOVED, journal(5, JENKINS, "Build 7", created_on="2026-11-23T03:13:00Z")], True),
    ],
    ids=["resolved", "with a word of ours", "by the customer's own word", "they wrote again", "a machine wrote"],
)
def test_an_issue_that_is_resolved_and_still_open_is_out_of_the_way_until_its_customer_writes(
    journals: Any, is_aside: bool
) -> None:
    resolved = {**SOURCE.options, "resolved_status": "resolved"}
    source = replace(SOURCE, options=resolved)
    answers = [page(1, total=1), ME, one(status=RESOLVED, journals=journals)]
    [signal] = play(redmine.CONNECTOR.poll(source), answers).result.signals
    assert (signal.suppressed == "resolved") is is_aside


def test_taking_a_reply_back_empties_its_journal_and_looks_again() -> None:
    said, about = one(journals=[journal(4, OLGA, "Hallo")]), write(Verb.REPLY, "Hallo", receipt="4")
    retract = redmine.CONNECTOR.retracts[Verb.REPLY]
    played = play(retract(SOURCE, about), [said, STORED, one()])
    assert [(put.method, put.path, put.json) for put in played.writes] == [
        ("PUT", "/journals/4.json", {"journal": {"notes": ""}})
    ]
    with pytest.raises(Rejected, match="your role may not edit what it wrote, so it stays"):
        play(retract(SOURCE, about), [said, Response(status=403)])
    assert play(retract(SOURCE, about), [said, Response(status=404), one()]).result == DONE


def test_giving_it_back_assigns_it_to_nobody() -> None:
    mine = one(assigned_to=OLGA, status={"id": 2, "name": "In Progress"})
    said = say(Verb.RELEASE, mine, STATUSES, STORED, one(), released_status="New")
    assert said.writes[0].json == {"issue": {"assigned_to_id": "", "status_id": 1}}
    with pytest.raises(Rejected):
        say(Verb.RELEASE, mine, STORED, mine)


@pytest.mark.parametrize(("who", "words"), [(DIRK, "Dirk has it now"), (None, "nobody had it any more")])
def test_what_a_colleague_has_is_not_taken_from_them(who: Any, words: str) -> None:
    said = say(Verb.RELEASE, one(assigned_to=who))
    assert (said.writes, said.result.words) == ((), words)


@pytest.mark.parametrize(
    ("entry", "is_seen"),
    [
        (journal(1, OLGA, "Hallo  daar"), True),
        (journal(1, OLGA, "Hallo daar", private=True), False),
        (journal(1, DIRK, "Hallo daar"), False),
        (journal(1, CAROL, "Hallo daar"), False),
        (journal(1, OLGA, "Hallo"), False),
        (journal(1, OLGA, "Hallo daar", created_on="2026-11-23T03:10:30Z"), True),
        (journal(1, OLGA, "Hallo daar", created_on="2026-11-23T03:09:59Z"), False),
    ],
    ids=[
        "mine",
        "private",
        "a colleague's",
        "the customer quotes it",
        "other words",
        "a clock a bit behind",
        "long before",
    ],
)
def test_a_reply_is_seen_when_i_said_it_in_these_words_since_the_first_try(entry: Any, is_seen: bool) -> None:
    answer = [one(journals=[entry])]
    assert play(seen(SOURCE, write(Verb.REPLY, "Hallo daar")), answer).result is is_seen


def test_what_was_said_to_an_issue_that_is_gone_was_not_seen() -> None:
    assert play(seen(SOURCE, write(Verb.REPLY, "x")), [Response(status=404)]).result is False
