"""What every connector must hold while it writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any

import pytest

from oncall_tui.errors import OncallError, Rejected, Unavailable
from oncall_tui.kit import DONE, Exchange, Receipt, Request
from oncall_tui.model import VERBS, Verb, Write
from oncall_tui.testing.acts import (
    asked_until_it_ends,
    conversations_about,
    has_seen,
    received,
    say,
    take_back,
    written,
)
from oncall_tui.testing.case import BESIDE, NOTHING, OVER, REFUSED, STALE, Case
from oncall_tui.testing.judging import assert_in_place
from oncall_tui.testing.play import Answer, Played, play
from oncall_tui.testing.reading import PAGE
from oncall_tui.testing.recorded import Recorded, Routes, broken

STRANGE_IDS = ("../../users/1", "..", "1?admin=1", "1#x", "1/../2", "1%2f..", "é\x1b[31m", "a b", "")
STATES = (Verb.ACKNOWLEDGE, Verb.RELEASE, Verb.RESOLVE, Verb.SNOOZE)
WORDS = (Verb.NOTE, Verb.REPLY)
ENDS = (Verb.RELEASE, Verb.RESOLVE)
"""What is gone is given back and resolved already."""


class AnswersWell:
    """All that a verb must be: exactly what was recorded, done once, seen where it was done, and never a lie."""

    def test_each_verb_is_there_or_says_why_not(self, case: Case) -> None:
        assert set(case.connector.answers) | set(case.connector.cannot) == set(VERBS)
        assert not set(case.connector.answers) & set(case.connector.cannot)
        assert all(case.connector.cannot.values())

    def test_each_verb_sends_exactly_what_was_recorded(self, case: Case) -> None:
        """Method, path, query, body and headers of each change, as the file `said` beside the answers has them."""
        sent = {verb.value: changes(say(case, written(case, verb), case.server(verb))) for verb in case.verbs}
        for verb in case.retracted:
            sent[f"retract {verb.value}"] = changes(take_back(case, received(case, verb), case.once_said(verb)))
        assert all(sent.values())
        assert json.loads(json.dumps(sent)) == recorded_writes(case)

    def test_each_verb_is_seen_where_it_was_done_and_nowhere_else(self, case: Case) -> None:
        for verb in case.verbs:
            write, server = written(case, verb), case.server(verb)
            if case.connector.seen:
                assert has_seen(case, write, case.server()) is False, verb
            assert isinstance(say(case, write, server).result, Receipt)
            if case.connector.seen:
                assert has_seen(case, write, server) is True, verb

    def test_a_state_that_is_there_already_is_not_sent_again(self, case: Case) -> None:
        for verb in set(STATES) & set(case.verbs):
            assert say(case, written(case, verb), case.server(verb, is_done=True)).writes == (), verb

    def test_a_state_that_was_answered_well_and_did_not_come_is_never_called_done(self, case: Case) -> None:
        """It is looked at, or counts once it is seen. Only what was stored under an id need not be."""
        for verb in set(STATES) & set(case.verbs):
            server = case.server(verb, then=case.routes)
            assert is_claimed(case, written(case, verb), server) is (verb in case.believed), verb

    def test_a_state_is_not_seen_in_what_a_colleague_did(self, case: Case) -> None:
        """Else an acknowledgement whose answer was lost counts as ours although they have it."""
        for verb, routes in case.faster.items():
            if case.connector.seen and verb is Verb.ACKNOWLEDGE:
                assert has_seen(case, written(case, verb), case.server(verb, is_done=True, then=routes)) is False

    def test_words_are_not_seen_in_other_words_nor_in_older_ones(self, case: Case) -> None:
        """Else what was never said counts as said. The same words said again are other words, with an id of their own."""
        for verb in set(WORDS) & set(case.verbs):
            assert case.connector.seen, "without it words are never sent again"
            server = case.server(verb, is_done=True)
            other = written(case, verb, id="w-2", text="Iets anders.")
            later = written(case, verb, id="w-2", tried_at=written(case, verb).until)
            assert [has_seen(case, one, server) for one in (other, later)] == [False, False], verb

    def test_a_note_is_not_seen_in_a_reply_nor_a_reply_in_a_note(self, case: Case) -> None:
        if set(WORDS) <= set(case.verbs):
            for verb, other in (WORDS, WORDS[::-1]):
                assert has_seen(case, written(case, verb), case.server(other, is_done=True)) is False

    def test_a_note_and_a_reply_are_never_the_same_request(self, case: Case) -> None:
        if set(WORDS) <= set(case.verbs):
            note, reply = (say(case, written(case, verb), case.server(verb)).writes for verb in WORDS)
            assert note[0] != reply[0]

    def test_taking_back_touches_nothing_but_what_that_write_made(self, case: Case) -> None:
        """What is not there any more is no trouble: it may be taken back again, after an answer that was lost."""
        for verb in case.retracted:
            later = written(case, verb).asked_at + timedelta(hours=9)
            other = written(case, verb, id="w-2", text="Iets anders.", until=later)
            for one, server in ((received(case, verb), case.server()), (other, case.once_said(verb))):
                taken_back = take_back(case, one, server)
                assert (taken_back.writes, taken_back.result) == ((), DONE), verb

    # --- others are there, too ---------------------------------------------------------------------------------------

    def test_a_refusal_of_what_is_so_already_is_no_refusal(self, case: Case) -> None:
        """As after a first try whose answer was lost."""
        for verb, routes in case.already.items():
            said = say(case, written(case, verb), case.server(verb, then=routes))
            assert said.writes
            assert said.result.settled

    def test_what_becomes_of_an_acknowledgement_of_what_somebody_has_is_stated_and_borne(self, case: Case) -> None:
        """However lately we looked: a colleague may have been faster, or our own first try, whose answer was lost."""
        if Verb.ACKNOWLEDGE not in case.verbs:
            assert not case.again
            return
        assert case.again in (REFUSED, STALE, NOTHING, OVER, BESIDE), "say what this server does then"
        theirs = case.faster.get(Verb.ACKNOWLEDGE, {})
        assert case.again != REFUSED or Verb.ACKNOWLEDGE in case.already, "show its refusal of what is so already"
        assert (case.again == BESIDE) is bool(case.together)
        write = written(case, Verb.ACKNOWLEDGE)
        if case.again == STALE:
            asked = say(case, write, case.server(Verb.ACKNOWLEDGE)).asked
            turn = next(number for number, request in enumerate(asked) if request.writes)
            with pytest.raises(Unavailable) as later:
                say(case, write, broken(case.server(Verb.ACKNOWLEDGE), turn, b"", 412))
            assert not later.value.maybe_sent, "it was not done: we look again, and then try again"
        if case.again == NOTHING:
            assert case.colleague in what_it_says(case, write, theirs)
        if case.again == OVER:
            server = case.server(Verb.ACKNOWLEDGE, routes={**case.routes, **theirs})
            said = say(case, write, server)
            assert said.writes
            assert said.result.settled or has_seen(case, write, server)

    def test_who_was_faster_is_named_and_nobody_is_told_that_it_is_theirs(self, case: Case) -> None:
        if Verb.ACKNOWLEDGE in case.verbs:
            assert bool(case.faster) != bool(case.together), "a colleague may be faster, or you say why not"
        for verb, routes in case.faster.items():
            words = what_it_says(case, written(case, verb), routes)
            assert case.colleague in words, (verb, words)

    def test_what_is_gone_or_hidden_by_now_is_told_so_and_takes_nothing(self, case: Case) -> None:
        """It is no reason to think that our credentials are no good any more, which would silence the whole source."""
        assert case.gone or not case.connector.peek, "say how this server answers about what is not there"
        for routes in case.gone:
            server, asked = case.server(routes={**case.routes, **routes}), list[Request]()
            assert case.connector.peek
            assert play(case.connector.peek(case.source, case.target), server).result is None
            for verb in case.verbs:
                assert_handed_back(case, written(case, verb, case.target), server, asked)
            assert not [request for request in asked if request.writes]

    def test_what_this_server_cannot_do_is_refused_before_anything_is_sent(self, case: Case) -> None:
        for verb in case.unable:
            asked: list[Request] = []
            with pytest.raises(Rejected):
                say(case, written(case, verb), in_sight(case, asked))
            assert not [request for request in asked if request.writes]

    # --- answers that are none ---------------------------------------------------------------------------------------

    def test_a_web_page_instead_of_an_answer_is_never_a_success(self, case: Case) -> None:
        for verb in case.verbs:
            asked = say(case, written(case, verb), case.server(verb)).asked
            for turn, request in enumerate(asked):
                if request.writes:
                    continue  # the line refuses a web page as the answer to a write
                with pytest.raises(OncallError):
                    say(case, written(case, verb), broken(case.server(verb), turn, PAGE))

    @pytest.mark.parametrize("status", [500, 503, 429])
    def test_a_request_that_fails_is_never_an_answer(self, case: Case, status: int) -> None:
        """What could not be looked up is not gone, and what could not be changed is not done."""
        for number, server in enumerate(servers_about(case)):
            asked = asked_until_it_ends(nth(conversations_about(case), number), server())
            for turn in range(len(asked)):
                with pytest.raises(OncallError):
                    play(nth(conversations_about(case), number), broken(server(), turn, b"", status))

    def test_an_id_never_leaves_its_place_in_the_path(self, case: Case) -> None:
        for strange in STRANGE_IDS:
            for exchange in conversations_about(case, strange):
                for request in asked_until_it_ends(exchange, case.server()):
                    assert_in_place(request)


def assert_handed_back(case: Case, write: Write, server: Answer, asked: list[Request]) -> None:
    """What is gone takes nothing and holds no words."""
    if case.connector.seen and write.verb not in ENDS:
        assert not has_seen(case, write, server), write.verb
    saying = case.connector.answers[write.verb](case.source, write)
    if write.verb in ENDS:
        with suppress(Rejected):
            play(saying, server, asked)
        return
    with pytest.raises(Rejected) as refusal:
        play(saying, server, asked)
    assert refusal.value.gone, (write.verb, refusal.value.words)


def is_claimed(case: Case, write: Write, server: Answer) -> bool:
    """Whether it is told as done, by its receipt or once it is looked for, without an id by which it was stored."""
    try:
        receipt = say(case, write, server).result
    except Rejected:
        return False
    return not receipt.id and bool(receipt.settled or (case.connector.seen and has_seen(case, write, server)))


def servers_about(case: Case) -> Iterator[Callable[[], Recorded]]:
    """What makes the server for each of `conversations_about`: as it answers before, or once that verb was said."""
    if case.connector.peek:
        yield case.server
    for verb in case.verbs:
        for _ in range(2 if case.connector.seen else 1):
            yield partial(case.server, verb)


def nth(conversations: Iterator[Exchange[Any]], number: int) -> Exchange[Any]:
    return next(islice(conversations, number, None))


def changes(played: Played[Receipt]) -> list[dict[str, Any]]:
    return [told(request) for request in played.writes]


def told(request: Request) -> dict[str, Any]:
    """A request as that file has it: what is empty is left out, and a body is a text."""
    fields = {
        "method": request.method,
        "path": request.path,
        "query": [list(pair) for pair in request.query],
        "headers": dict(request.headers),
        "json": request.json,
        "form": [list(pair) for pair in request.form or ()],
        "body": (request.body or b"").decode(),
    }
    return {name: value for name, value in fields.items() if value}


def recorded_writes(case: Case) -> Any:
    path = case.folder / f"{case.said}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def in_sight(case: Case, asked: list[Request]) -> Any:
    """The case's server, which notes what it is asked."""
    server = case.server()

    def reply(request: Request) -> Any:
        asked.append(request)
        return server(request)

    return reply


def what_it_says(case: Case, write: Write, routes: Routes) -> str:
    """The words of its refusal or receipt; what the source only took for later says nothing, and is then not seen."""
    server = case.server(write.verb, is_done=write.verb is Verb.RELEASE, then=routes)
    try:
        receipt = say(case, write, server).result
    except Rejected as refusal:
        return refusal.words
    assert receipt != DONE
    if not receipt.settled:
        assert has_seen(case, write, server) is False
        return case.colleague
    return receipt.words
