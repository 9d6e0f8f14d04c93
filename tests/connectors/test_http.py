"""The connector that is told by tables: what is wrong in them is told by its key, and what they say is what is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oncall_tui import config
from oncall_tui.connectors import fit
from oncall_tui.errors import ConfigError, Rejected, Unreadable
from oncall_tui.kit import Connector, Response, Source
from oncall_tui.model import Me, Verb, Voice, Write
from tests.connectors.cases.http import FOLDER, told
from tests.connectors.play import ok, play

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LEAST = 'list.path = "/t"\nfields = { id = "id", title = "t", opened_at = "at" }\n'
RECORD = {"id": 1, "t": "Bestellen werkt niet", "at": "2026-11-23T14:00:00Z"}


def made(toml: str = "", **options: str) -> tuple[Connector, Source]:
    """The connector and the source that `LEAST` and these tables come to."""
    flat = told(LEAST + toml) | options
    return fit("http", flat), Source(name="b", url="https://b.example/api", me=Me(name="Olga"), options=flat)


def answer(document: Any, **headers: str) -> Response:
    return Response(status=200, body=json.dumps(document).encode(), headers=headers)


def poll(toml: str, *answers: Response, **options: str) -> Any:
    connector, source = made(toml, **options)
    return play(connector.poll(source), answers)


def write(verb: Verb, text: str = "", signal_id: str = "1") -> Write:
    fields = {"id": "w1", "problem": "p", "by": "Olga", "asked_at": NOW, "tried_at": NOW}
    return Write(**fields, ref=f"b/{signal_id}", verb=verb, text=text)


# --- the configuration -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "key"),
    [
        ("", "sources.b.list.path"),
        ('[sources.b.list]\npath = "t"\n', "sources.b.list.path"),
        ('[sources.b.list]\npath = "/t?x=1"\n', "sources.b.list.path"),
        ('[sources.b.list]\npath = "/../t"\n', "sources.b.list.path"),
        ('[sources.b.list]\npath = "/t"\npaging = "pages"\n', "sources.b.list.paging"),
        ('[sources.b.list]\npath = "/t"\npaging = "page"\n', "sources.b.list.param"),
        ('[sources.b.list]\npath = "/t"\npage = 1\n', "sources.b.list.page"),
        ('[sources.b.list]\npath = "/t"\nrecords = "items["\n', "sources.b.list.records"),
        ('[sources.b.list]\npath = "/t"\nquery = { api_key = "geheim" }\n', "sources.b.list.query.api_key"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_by_its_key(tmp_path: Path, toml: str, key: str) -> None:
    fields = '[sources.b.fields]\nid = "id"\ntitle = "t"\nopened_at = "at"\n'
    path = tmp_path / "config.toml"
    path.write_text(f'[me]\nname = "Olga"\n[sources.b]\nkind = "http"\nurl = "https://b"\n{fields}{toml}', "utf-8")
    with pytest.raises(ConfigError) as fault:
        config.load(path)
    assert fault.value.key == key
    assert fault.value.line >= (10 if toml else 3)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("note.path = '/t/{id}'\nnote.body = { n = 'x' }", "put {text} into it"),
        ("note.path = '/t'\nnote.body = { n = '{text}' }", "put {id} into it"),
        ("note.path = '/t/{id}'\nnote.body = { n = '{text} {secret}' }", "{secret} stands for nothing"),
        ("resolve.path = '/t/{id}'\nresolve.method = 'GET'", "POST, PUT, PATCH, DELETE"),
        ("resolve.path = '/t/{id}'\none.path = '/t/{id}'", "whether a ticket is resolved"),
        ("message.list = 'c'", "what in a message is its id"),
        (
            "note = { path = '/t/{id}', body = { n = '{text}' } }\nreply = { path = '/t/{id}', body = { n = '{text}' } }",
            "the customer would read your notes",
        ),
    ],
)
def test_tables_that_would_do_harm_are_refused(toml: str, words: str) -> None:
    with pytest.raises(ConfigError) as fault:
        made(toml)
    assert words in fault.value.words


def test_only_what_was_told_can_be_said_and_each_other_key_says_so() -> None:
    connector, _ = made("note = { path = '/t/{id}', body = { n = '{text}' } }")
    assert set(connector.answers) == {Verb.NOTE}
    assert connector.cannot[Verb.REPLY] == "nobody told how: add a table 'reply' to this source"
    assert connector.peek is None
    assert connector.seen is None


def test_the_example_that_users_copy_is_a_configuration(tmp_path: Path) -> None:
    tables = (FOLDER / "source.toml").read_text("utf-8").replace("\n[", "\n[sources.board.")
    path = tmp_path / "config.toml"
    head = '[me]\nname = "Olga"\n[sources.board]\nkind = "http"\nurl = "https://b"\n'
    path.write_text(head + tables, encoding="utf-8")
    [source] = config.load(path).sources
    assert source.options["note.body"] == '{"text":"{text}","internal":true}'


# --- pages -----------------------------------------------------------------------------------------------------------


def records(*numbers: int) -> list[Any]:
    return [{**RECORD, "id": number} for number in numbers]


def test_pages_by_number_end_with_an_empty_one() -> None:
    connector, source = made(**{"list.paging": "page", "list.param": "p", "list.first": "0"})
    played = play(connector.poll(source), [answer(records(1, 2)), answer(records(3)), answer([])])
    assert [asked.query for asked in played.asked] == [(("p", "0"),), (("p", "1"),), (("p", "2"),)]
    assert [signal.id for signal in played.result.signals] == ["1", "2", "3"]


def test_a_cursor_is_followed_until_there_is_none() -> None:
    connector, source = made(**{"list.paging": "cursor", "list.param": "c", "list.next": "n", "list.records": "r"})
    answers = [answer({"r": records(1), "n": "x&y"}), answer({"r": records(2), "n": None})]
    played = play(connector.poll(source), answers)
    assert [asked.query for asked in played.asked] == [(), (("c", "x&y"),)]


@pytest.mark.parametrize(
    "link", ["/api/t?page=2&q=a%20b", "https://b.example/api/t?page=2&q=a%20b", "t?page=2&q=a%20b"]
)
def test_a_link_is_followed_in_the_answer_and_in_its_header(link: str) -> None:
    connector, source = made(**{"list.paging": "link"})
    answers = [
        answer(records(1), link=f'<https://b.example/api/t>; rel="prev", <{link}>; rel="next"'),
        answer(records(2)),
    ]
    played = play(connector.poll(source), answers)
    assert (played.asked[1].path, played.asked[1].query) == ("/t", (("page", "2"), ("q", "a b")))
    assert [signal.id for signal in played.result.signals] == ["1", "2"]


@pytest.mark.parametrize(
    "link", ["https://evil.example/api/t", "//evil.example/api/t", "/other/t", "http://b.example/api/t"]
)
def test_a_link_to_another_place_is_not_followed(link: str) -> None:
    connector, source = made(**{"list.paging": "link", "list.next": "n", "list.records": "r"})
    with pytest.raises(Unreadable, match="another place"):
        play(connector.poll(source), [answer({"r": records(1), "n": link})])


def test_pages_that_come_twice_are_a_circle() -> None:
    connector, source = made(**{"list.paging": "offset", "list.param": "o"})
    with pytest.raises(Unreadable, match="circle"):
        play(connector.poll(source), [answer(records(1)), answer(records(1))])


# --- records and answers ---------------------------------------------------------------------------------------------


def test_a_time_may_count_milliseconds_or_seconds() -> None:
    for unit, value in (("ms", 1795442400000), ("s", 1795442400), ("s", "1795442400")):
        [signal] = poll("", answer([{**RECORD, "at": value}]), times=unit).result.signals
        assert signal.opened_at == datetime(2026, 11, 23, 14, tzinfo=UTC)


def test_a_record_that_is_not_open_is_left_out() -> None:
    played = poll("", answer([RECORD, {**RECORD, "id": 2, "done": True}]), **{"fields.open": "!done"})
    assert [signal.id for signal in played.result.signals] == ["1"]


def test_whoever_is_not_known_to_be_ours_speaks_for_the_customer() -> None:
    message = "message = { list = 'c', id = 'i', author = 'a', text = 'x', at = 'd' }"
    said = [{"i": n, "a": who, "x": "hm", "d": RECORD["at"]} for n, who in enumerate(("Carol", "olga", "Dirk", "CI"))]
    [signal] = poll(message, answer([{**RECORD, "c": said}]), team="dirk", bots="ci").result.signals
    assert [m.voice for m in signal.messages] == [Voice.THEIRS, Voice.OURS, Voice.OURS, Voice.MACHINE]


def test_an_error_in_a_good_answer_is_an_error() -> None:
    with pytest.raises(Rejected, match="no such ticket"):
        poll("", answer({"error": "no such ticket"}), error="error")
    connector, source = made("note = { path = '/t/{id}', body = { n = '{text}' } }", error="error")
    with pytest.raises(Rejected, match="full"):
        play(connector.answers[Verb.NOTE](source, write(Verb.NOTE, "x")), [answer({"error": "full"})])


def test_what_is_said_never_changes_the_shape_of_the_request() -> None:
    connector, source = made("note = { path = '/t/{id}/{text}', body = { n = ['{text}'], m = '{marker}' } }")
    evil = '"}], "public": true, {id} {marker} ../..'
    [request] = play(connector.answers[Verb.NOTE](source, write(Verb.NOTE, evil, "1/../2")), [ok("")]).asked
    assert request.json == {"n": [evil], "m": "[oncall-tui w1]"}
    assert request.path.startswith("/t/1%2F..%2F2/%22%7D%5D")
    assert request.path.count("/") == 3


def test_a_change_that_did_not_come_is_told() -> None:
    tables = "one.path = '/t/{id}'\nfields.taken_by = 'who'\nrelease = { path = '/t/{id}/free' }"
    flat = told(
        LEAST.replace("fields = {", "fields = { taken_by = 'who',") + tables.replace("fields.taken_by = 'who'\n", "")
    )
    connector = fit("http", flat)
    _, source = made()
    taken = answer({**RECORD, "who": "Olga"})
    with pytest.raises(Rejected, match="nothing changed"):
        play(
            connector.answers[Verb.RELEASE](replace(source, options=flat), write(Verb.RELEASE)),
            [taken, ok(""), taken, taken],
        )


def test_another_record_than_the_one_that_was_asked_for_is_not_taken_for_it() -> None:
    connector, source = made("one.path = '/t/{id}'")
    assert connector.peek
    with pytest.raises(Unreadable, match="something else"):
        play(connector.peek(source, "2"), [answer(RECORD)])


def test_a_note_is_not_seen_in_a_message_that_the_customer_can_read() -> None:
    from tests.connectors.cases.http import CASE

    replied = CASE.server(Verb.REPLY, is_done=True)
    said = write(Verb.NOTE, "We zijn ermee bezig.")
    assert CASE.connector.seen
    assert play(CASE.connector.seen(CASE.source, said), replied).result is False
