"""What every connector must hold, ours and others'."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from oncall_tui import safe
from oncall_tui.errors import OncallError
from oncall_tui.kit import Exchange, Reading, Receipt, Request, Response
from oncall_tui.model import Impact, Signal, Verb, Write
from oncall_tui.testing.play import Answer, Played, play
from oncall_tui.testing.recorded import MISSING, Case, Recorded, broken, is_time, places, put

SAYS_SO = (OncallError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, msgspec.MsgspecError)
"""How a connector may end on what it cannot read; the line makes `Unreadable` of what is not one of our errors."""

JUNK: tuple[Any, ...] = (
    MISSING,
    None,
    "",
    "x",
    "9999-99-99T00:00:00Z",
    -1,
    10**30,
    1e308,
    [],
    {},
    [[]],
    {"x": {"x": 1}},
)
PAGE = b"<!doctype html><html><body>Sign in</body></html>"
STRANGE_IDS = ("../../users/1", "..", "1?admin=1", "1#x", "1/../2", "1%2f..", "é\x1b[31m", "a b", "")
STATES = (Verb.ACKNOWLEDGE, Verb.RELEASE, Verb.RESOLVE, Verb.SNOOZE)
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
HOSTILE: list[dict[str, Any]] = json.loads((Path(__file__).parent / "hostile.json").read_text("utf-8"))


class Conformance:
    """The suite; `case` is given by the subclass."""

    # --- reading -----------------------------------------------------------------------------------------------------

    def test_a_poll_lists_every_record_once(self, case: Case) -> None:
        reading = poll(case, case.server())
        assert sorted(signal.id for signal in reading.signals) == sorted(case.ids)
        assert reading.unreadable == ()

    def test_a_poll_says_the_same_twice(self, case: Case) -> None:
        assert poll(case, case.server()) == poll(case, case.server())

    def test_a_poll_changes_nothing_at_the_source(self, case: Case) -> None:
        assert play(case.connector.poll(case.source), case.server()).writes == ()

    def test_every_signal_is_whole(self, case: Case) -> None:
        for signal in poll(case, case.server()).signals:
            assert_whole(case, signal)

    def test_several_pages_say_the_same_as_one(self, case: Case) -> None:
        if not case.pages:
            return  # the API has none
        paged = play(case.connector.poll(case.source), case.server(routes={**case.routes, **case.pages}))
        assert paged.result == poll(case, case.server())
        assert len(paged.asked) > len(play(case.connector.poll(case.source), case.server()).asked)

    def test_pages_that_go_round_in_circles_end(self, case: Case) -> None:
        if not case.pages:
            return
        first = next(iter(case.pages.values()))
        routes = {**case.routes, **dict.fromkeys(case.pages, first)}
        with pytest.raises(SAYS_SO):
            play(case.connector.poll(case.source), case.server(routes=routes))

    @pytest.mark.parametrize(
        "body",
        [PAGE, b"", b"   ", b"null", b"17", b'"x"', b"\xff\xfe", b"[" * 100_000],
        ids=["a web page", "nothing", "blanks", "null", "a number", "a text", "no UTF-8", "depth"],
    )
    def test_an_answer_that_is_no_answer_is_never_taken_for_one(self, case: Case, body: bytes) -> None:
        for turn in range(turns(case)):
            with pytest.raises(SAYS_SO):
                play(case.connector.poll(case.source), broken(case.server(), turn, body))

    def test_an_answer_that_is_cut_anywhere_is_never_taken_for_whole(self, case: Case) -> None:
        for turn in range(turns(case)):
            body = bodies(case)[turn]
            for cut in range(1, len(body), max(1, len(body) // 40)):
                with pytest.raises(SAYS_SO):
                    play(case.connector.poll(case.source), broken(case.server(), turn, body[:cut]))

    def test_junk_in_any_place_is_read_counted_or_said_and_hides_no_record(self, case: Case) -> None:
        tried = 0
        for name, place, _ in leaves(case):
            for junk in JUNK:
                reading = poll_or_none(case, spoilt(case, name, place, junk))
                tried += 1
                if reading is None or not isinstance(place[-1], str) or is_record_list(case, name, place):
                    continue
                assert len(reading.signals) + len(reading.unreadable) == len(case.ids), (name, place, junk)
                for signal in reading.signals:
                    assert_whole(case, signal)
        assert tried > 100

    def test_a_record_without_what_it_must_have_hides_no_other(self, case: Case) -> None:
        """At least one place in the records is required; spoiling it costs one signal and says so."""
        counted = [
            reading
            for name, place, _ in leaves(case)
            if isinstance(place[-1], str)
            and (reading := poll_or_none(case, spoilt(case, name, place, MISSING)))
            and reading.unreadable
        ]
        assert counted
        assert all(len(reading.unreadable) == 1 for reading in counted)

    def test_times_in_every_spelling_become_aware_utc(self, case: Case) -> None:
        spellings = (
            "2026-11-23T15:00:00",
            "2026-11-23T15:00:00.123456789Z",
            "2026-11-23T20:30:00+05:30",
            "2199-01-01T00:00:00Z",
        )
        for name, place, value in leaves(case):
            if not is_time(value):
                continue
            for spelling in spellings:
                reading = poll_or_none(case, spoilt(case, name, place, spelling))
                for signal in reading.signals if reading else ():
                    assert_whole(case, signal)

    def test_a_severity_of_nobodys_is_kept_counted_as_at_risk_and_told(self, case: Case) -> None:
        name, place = case.severity
        reading = poll(case, spoilt(case, name, place, "Sev Zero"))
        [signal] = [signal for signal in reading.signals if signal.severity == "Sev Zero"]
        assert signal.impact is Impact.AT_RISK
        assert "Sev Zero" in reading.warning

    @pytest.mark.parametrize("hostile", [one["id"] for one in HOSTILE if one["text"] is not None])
    def test_hostile_text_in_every_field_is_harmless_once_cleaned(self, case: Case, hostile: str) -> None:
        text = next(one["text"] for one in HOSTILE if one["id"] == hostile)
        server = case.server()
        for name, at in free_places(case).items():
            for place in at:
                server.spoilt[name] = put(server.document(name), place, text)
        signals = poll(case, server).signals
        assert len(signals) == len(case.ids)
        for signal in signals:
            assert_harmless(safe.signal(signal))

    # --- answering ---------------------------------------------------------------------------------------------------

    def test_each_verb_is_there_or_says_why_not(self, case: Case) -> None:
        assert set(case.connector.answers) | set(case.connector.cannot) == set(Verb)
        assert not set(case.connector.answers) & set(case.connector.cannot)
        assert all(case.connector.cannot.values())

    def test_each_verb_sends_a_change_and_is_seen_afterwards(self, case: Case) -> None:
        for verb in case.connector.answers:
            write = written(case, verb)
            said = say(case, write, case.server(verb))
            assert said.writes, verb
            assert all(request.method != "GET" for request in said.writes)
            assert isinstance(said.result, Receipt)
            if case.connector.seen:
                assert play(case.connector.seen(case.source, write), case.server(verb)).result is False, verb
                assert play(case.connector.seen(case.source, write), case.server(verb, is_done=True)).result is True, (
                    verb
                )

    def test_a_state_that_is_there_already_is_not_sent_again(self, case: Case) -> None:
        for verb in set(STATES) & set(case.connector.answers):
            assert say(case, written(case, verb), case.server(verb, is_done=True)).writes == (), verb

    def test_a_note_and_a_reply_are_never_the_same_request(self, case: Case) -> None:
        if {Verb.NOTE, Verb.REPLY} <= set(case.connector.answers):
            note = say(case, written(case, Verb.NOTE), case.server(Verb.NOTE)).writes
            reply = say(case, written(case, Verb.REPLY), case.server(Verb.REPLY)).writes
            assert note[0] != reply[0]

    def test_a_web_page_instead_of_an_answer_is_never_a_success(self, case: Case) -> None:
        for verb in case.connector.answers:
            asked = say(case, written(case, verb), case.server(verb)).asked
            for turn, request in enumerate(asked):
                if request.writes:
                    continue  # the driver judges these by their status
                with pytest.raises(SAYS_SO):
                    say(case, written(case, verb), broken(case.server(verb), turn, PAGE))

    def test_a_look_at_one_signal_says_what_the_poll_says(self, case: Case) -> None:
        if case.connector.peek is None:
            return
        listed = next(signal for signal in poll(case, case.server()).signals if signal.id == case.target)
        assert play(case.connector.peek(case.source, case.target), case.server()).result == listed

    def test_an_id_never_leaves_its_place_in_the_path(self, case: Case) -> None:
        for strange in STRANGE_IDS:
            for exchange in conversations_about(case, strange):
                for request in asked_until_it_ends(exchange, case.server()):
                    assert_in_place(request)

    # --- credentials -------------------------------------------------------------------------------------------------

    def test_the_secret_is_in_a_header_and_nowhere_else(self, case: Case) -> None:
        secret = case.source.secret
        assert secret
        assert secret not in repr(case.source)
        for exchange in all_conversations(case):
            for request in asked_until_it_ends(exchange, case.server()):
                assert secret not in f"{request.path}{request.query}{request.json}{request.form}{request.body!r}"
        assert any(secret in value or "Basic" in value for value in case.connector.headers(case.source).values())

    def test_the_check_says_something_and_not_the_secret(self, case: Case) -> None:
        assert case.connector.check
        words = play(case.connector.check(case.source), case.server()).result
        assert words
        assert case.source.secret not in words

    def test_the_login_learns_what_the_recorded_session_holds(self, case: Case) -> None:
        if case.connector.login is None:
            assert not case.source.session
            return
        assert play(case.connector.login(case.source), case.server()).result == case.source.session

    def test_every_request_stays_at_the_source(self, case: Case) -> None:
        for exchange in all_conversations(case):
            for request in asked_until_it_ends(exchange, case.server()):
                assert_in_place(request)

    def test_its_options_are_told_and_its_documentation_is_named(self, case: Case) -> None:
        names = [option.name for option in case.connector.options]
        assert len(names) == len(set(names))
        assert all(option.help for option in case.connector.options)
        assert case.connector.docs.startswith("https://")
        assert case.connector.title
        assert case.connector.proven


# --- playing ---------------------------------------------------------------------------------------------------------


def poll(case: Case, answer: Answer) -> Reading:
    return play(case.connector.poll(case.source), answer).result


def poll_or_none(case: Case, answer: Answer) -> Reading | None:
    """The reading, None when the poll says that it cannot read."""
    try:
        return poll(case, answer)
    except SAYS_SO:
        return None


def say(case: Case, write: Write, answer: Answer) -> Played[Receipt]:
    return play(case.connector.answers[write.verb](case.source, write), answer)


def written(case: Case, verb: Verb, signal_id: str | None = None) -> Write:
    """A write as the outbox holds it, asked at `server_at`."""
    at = case.server_at or NOW
    return Write(
        id="w-1",
        problem="p-1",
        ref=f"{case.source.name}/{case.target_of(verb) if signal_id is None else signal_id}",
        verb=verb,
        by=case.source.me.name,
        asked_at=at,
        tried_at=at,
        until=at + timedelta(hours=4),
        text="We zijn ermee bezig.",
    )


def turns(case: Case) -> int:
    return len(play(case.connector.poll(case.source), case.server()).asked)


def bodies(case: Case) -> list[bytes]:
    """The body of each answer of a poll."""
    server, given = case.server(), []

    def reply(request: Request) -> Response:
        given.append(server(request))
        return given[-1]

    poll(case, reply)
    return [response.body for response in given]


def conversations_about(case: Case, signal_id: str) -> Iterator[Exchange[Any]]:
    if case.connector.peek:
        yield case.connector.peek(case.source, signal_id)
    for verb, answer in case.connector.answers.items():
        write = written(case, verb, signal_id)
        yield answer(case.source, write)
        if case.connector.seen:
            yield case.connector.seen(case.source, write)


def all_conversations(case: Case) -> Iterator[Exchange[Any]]:
    yield case.connector.poll(case.source)
    for talk in (case.connector.login, case.connector.check):
        if talk:
            yield talk(case.source)
    yield from conversations_about(case, case.target)


def asked_until_it_ends(exchange: Exchange[Any], server: Recorded) -> list[Request]:
    """What it asks until it returns, or fails as it may (asking for what was never recorded ends it too)."""
    asked: list[Request] = []
    with suppress(*SAYS_SO):
        play(exchange, server, asked)
    return asked


# --- spoiling --------------------------------------------------------------------------------------------------------


def leaves(case: Case) -> Iterator[tuple[str, tuple[str | int, ...], Any]]:
    """Every place in every answer that a poll uses: the file's name, where, and what stands there."""
    server = case.server()
    poll(case, server)
    for name in dict.fromkeys(server.used):
        for place, value in places(server.document(name)):
            yield name, place, value


def spoilt(case: Case, name: str, place: tuple[str | int, ...], value: Any) -> Recorded:
    server = case.server()
    server.spoilt[name] = put(server.document(name), place, value)
    return server


def is_record_list(case: Case, name: str, place: tuple[str | int, ...]) -> bool:
    """Whether the list of records itself stands there: emptied, it is an empty list and nothing is wrong with it.

    So is a whole record that stands by its name: without that it is not there.
    """
    return isinstance(case.server().document(name), dict) and len(place) <= case.keyed.get(name, 1)


_FREE: dict[str, dict[str, list[tuple[str | int, ...]]]] = {}


def free_places(case: Case) -> dict[str, list[tuple[str | int, ...]]]:
    """Where people may write what they like: places of text that can hold any text with every record still read."""
    key = case.connector.name
    if key not in _FREE:
        _FREE[key] = {}
        for name, place, value in leaves(case):
            if not isinstance(value, str) or is_time(value):
                continue
            readings = [poll_or_none(case, spoilt(case, name, place, text)) for text in ("any text", "")]
            if all(reading and sorted(s.id for s in reading.signals) == sorted(case.ids) for reading in readings):
                _FREE[key].setdefault(name, []).append(place)
    return _FREE[key]


# --- judging ---------------------------------------------------------------------------------------------------------


def assert_whole(case: Case, signal: Signal) -> None:
    """It has an id, a title, times that are aware and UTC, and its page is on the source's own origin."""
    assert signal.source == case.source.name
    assert signal.id
    assert signal.url[:4] == "http"
    assert urlsplit(signal.url)[:2] == urlsplit(case.source.url)[:2]
    for field in signal.__struct_fields__:
        value = getattr(signal, field)
        if isinstance(value, datetime):
            assert value.tzinfo is UTC, field
    assert all(message.at.tzinfo is UTC for message in signal.messages)
    assert signal.opened_at.tzinfo is UTC
    assert len({message.id for message in signal.messages}) == len(signal.messages)
    msgspec.convert(msgspec.to_builtins(signal), Signal)  # every field has the type that it says


def assert_harmless(signal: Signal) -> None:
    """No text of it holds what a terminal obeys or hides; only long texts have line ends."""
    for text in (*_texts(signal), *(message.author for message in signal.messages)):
        assert not _harm(text), (text, _harm(text))
    for text in (signal.text, *(message.text for message in signal.messages)):
        assert not _harm(text.replace("\n", "")), (text, _harm(text))


def _texts(signal: Signal) -> Iterator[str]:
    addressing = ("source", "id", "kind", "text")
    for name in signal.__struct_fields__:
        value = getattr(signal, name)
        if isinstance(value, str) and name not in addressing:
            yield value
    yield from signal.labels
    yield from signal.labels.values()
    yield from signal.links


def _harm(text: str) -> list[str]:
    return [hex(ord(char)) for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")]


def assert_in_place(request: Request) -> None:
    """A path below the base URL, with nothing in it that climbs or begins a query."""
    assert request.path.startswith("/")
    assert not request.path.startswith("//")
    assert not set("?#\\ \x1b") & set(request.path)
    assert ".." not in request.path.split("/")
    assert request.path.isascii()
