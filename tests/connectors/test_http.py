"""The connector that is told by tables: what is wrong in them is told by its key, and what they say is what is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from oncall_tui import config
from oncall_tui.connectors import fit
from oncall_tui.errors import ConfigError, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Connector, Response, Source
from oncall_tui.model import Me, Verb, Voice, Write
from oncall_tui.testing.play import ok, play
from tests.connectors.cases.http import FOLDER, told

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


PAGED = {"list.paging": "page", "list.param": "p", "list.total": "n", "list.records": "r"}


def paged(*answers: tuple[int, list[Any]]) -> Any:
    connector, source = made(**PAGED)
    return play(connector.poll(source), [answer({"n": total, "r": page}) for total, page in answers])


def test_half_a_list_is_none() -> None:
    """An empty page before as many came as the answers say that there are."""
    with pytest.raises(Unreadable, match="says that there are 3 and lists 1"):
        paged((3, records(1)), (3, []))
    with pytest.raises(Unreadable, match="says that there are 3 and lists 2"):
        poll("", answer({"n": 3, "r": records(1, 2)}), **{"list.total": "n", "list.records": "r"})


def test_a_list_that_changes_while_its_pages_are_turned_is_read_again() -> None:
    played = paged((3, records(1, 2)), (2, []), (2, records(2, 3)))
    assert [signal.id for signal in played.result.signals] == ["2", "3"]
    with pytest.raises(Unavailable, match="faster than it can be read"):
        paged(*[(3, records(1, 2)), (2, [])] * 3)


@pytest.mark.parametrize("total", [None, "x", -1, True, 1.5])
def test_a_total_that_is_no_number_ends_no_list(total: Any) -> None:
    with pytest.raises(Unreadable, match="finds no number"):
        paged((total, records(1)))


# --- what changed ----------------------------------------------------------------------------------------------------

CHANGED = "list = { path = '/t', query = { state = 'open' }, changed = { since = '{since}', state = 'all' } }\n"
FIELDS = "fields = { id = 'id', title = 't', opened_at = 'at', open = '!done' }\n"


def test_what_changed_is_asked_for_since_the_last_reading_and_all_else_stays() -> None:
    flat = told(CHANGED + FIELDS)
    connector, (_, source) = fit("http", flat), made()
    whole = play(connector.poll(source), [answer(records(1, 2, 3))])
    assert whole.asked[0].query == (("state", "open"),)
    known = {signal.id: signal for signal in whole.result.signals}
    again = replace(source, known=known, known_at=NOW)
    changed = [{**RECORD, "id": 2, "done": True}, {**RECORD, "id": 3, "t": "anders"}, {**RECORD, "id": 4}]
    played = play(connector.poll(again), [answer(changed)])
    assert played.asked[0].query == (("since", "2026-11-23T14:58:00Z"), ("state", "all"))
    assert {signal.id: signal.title for signal in played.result.signals} == {
        "1": RECORD["t"],
        "3": "anders",
        "4": RECORD["t"],
    }
    anew = play(connector.poll(replace(again, afresh=True)), [answer(records(1, 2))])
    assert anew.asked[0].query == (("state", "open"),)
    assert [signal.id for signal in anew.result.signals] == ["1", "2"]


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("list = { path = '/t', changed = { state = 'all' } }\n" + FIELDS, "put {since} into it"),
        (CHANGED + "fields = { id = 'id', title = 't', opened_at = 'at' }", "which are over?"),
        ("list = { path = '/t', changed = 'x' }\n" + FIELDS, "must be a table"),
    ],
)
def test_changes_that_cannot_be_followed_are_refused(toml: str, words: str) -> None:
    with pytest.raises(ConfigError) as fault:
        fit("http", told(toml))
    assert words in fault.value.words


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


NOTE = "note = { path = '/t/{id}/n', body = { n = '{text}' } }\n"
REPLY = "reply = { path = '/t/{id}/r', body = { r = '{text}' } }\n"
ONE = "one.path = '/t/{id}'\n"
MESSAGE = "list = 'c', id = 'i', author = 'a', text = 'x', at = 'd'"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"error": "no such ticket"}, "no such ticket"),
        ({"error": {"code": 7, "message": "no such ticket"}}, "no such ticket"),
        ({"errors": ["no such ticket"], "items": []}, "no such ticket"),
    ],
)
def test_an_error_in_a_good_answer_is_an_error_whoever_told_where_it_stands(told: Any, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        poll("", answer(told))
    for verb, connector, source in ((verb, *made(NOTE + REPLY)) for verb in (Verb.NOTE, Verb.REPLY)):
        with pytest.raises(Rejected, match=words):
            play(connector.answers[verb](source, write(verb, "x")), [answer(told)])


@pytest.mark.parametrize("told", [{"error": None}, {"error": ""}, {"errors": []}, {"error": False}, {}, []])
def test_an_answer_without_an_error_is_none(told: Any) -> None:
    connector, source = made(NOTE)
    assert play(connector.answers[Verb.NOTE](source, write(Verb.NOTE, "x")), [answer(told)]).result.settled


def test_where_an_error_stands_can_be_told_and_that_it_is_none() -> None:
    failing = {"fault": {"why": "full"}, "error": "a column of ours"}
    connector, source = made(NOTE, error="fault.why")
    with pytest.raises(Rejected, match="full"):
        play(connector.answers[Verb.NOTE](source, write(Verb.NOTE, "x")), [answer(failing)])
    connector, source = made(NOTE, error="`null`")
    assert play(connector.answers[Verb.NOTE](source, write(Verb.NOTE, "x")), [answer(failing)]).result.settled


def test_a_word_that_is_no_json_is_an_answer_to_a_write() -> None:
    connector, source = made(NOTE)
    assert play(connector.answers[Verb.NOTE](source, write(Verb.NOTE, "x")), [ok("OK")]).result.settled


# --- what became of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.RELEASE, Verb.SNOOZE])
def test_a_state_that_no_table_tells_is_sent_and_neither_refused_nor_known(verb: Verb) -> None:
    connector, source = made(f"{ONE}{verb.value} = {{ path = '/t/{{id}}/{verb.value}' }}")
    said = play(connector.answers[verb](source, write(verb)), [ok("")])
    assert [request.path for request in said.asked] == [f"/t/1/{verb.value}"]
    assert connector.seen
    assert play(connector.seen(source, write(verb)), []).result is None


def said_there(*messages: dict[str, Any]) -> Response:
    return answer({**RECORD, "c": list(messages)})


def message(author: str = "Olga", text: str = "We zijn er.", at: str = "2026-11-23T15:00:05Z", **more: Any) -> Any:
    return {"i": 1, "a": author, "x": text, "d": at, **more}


PRIVATE = f"message = {{ {MESSAGE}, private = 'p' }}\n"
UNTOLD = f"message = {{ {MESSAGE} }}\n"


@pytest.mark.parametrize(
    ("tables", "there", "seen"),
    [
        ("", None, None),
        (UNTOLD, said_there(), False),
        (UNTOLD, said_there(message()), None),
        (PRIVATE, said_there(), False),
        (PRIVATE, said_there(message(p=False)), True),
        (PRIVATE, said_there(message(p=True)), False),
        (PRIVATE, said_there(message(text="<p>We zijn er.</p>")), True),
        (PRIVATE, said_there(message("a bot of ours")), None),
        (PRIVATE, said_there(message(at="2026-11-23T14:00:00Z")), False),
        (PRIVATE, said_there(message(text="Iets anders.")), False),
    ],
    ids=[
        "no table tells", "not there", "there, and it may be a note", "not there either", "there", "there as a note",
        "there in HTML", "there by another name", "there before it was tried", "other words",
    ],
)  # fmt: skip
def test_a_reply_is_sent_again_only_where_it_certainly_did_not_arrive(
    tables: str, there: Response | None, seen: bool | None
) -> None:
    connector, source = made(f"{ONE}{NOTE}{REPLY}{tables}")
    assert connector.seen
    found = play(connector.seen(source, write(Verb.REPLY, "We zijn er.")), [there] if there else []).result
    assert found is seen


def test_a_note_that_became_what_the_customer_reads_is_told() -> None:
    connector, source = made(f"{ONE}{NOTE}{PRIVATE}")
    note = write(Verb.NOTE, "We zijn er.")
    with pytest.raises(Rejected, match="THE CUSTOMER CAN READ IT"):
        play(connector.answers[Verb.NOTE](source, note), [said_there(), ok(""), said_there(message(p=False))])
    for there in (said_there(message(p=True)), said_there(message(p=True), message(p=False)), said_there()):
        assert play(connector.answers[Verb.NOTE](source, note), [said_there(), ok(""), there]).result.settled


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (NOTE + REPLY, "by which to see whether it did: note, reply"),
        (ONE + NOTE + UNTOLD, "without message.private nobody sees whether the customer can read a note"),
        (ONE + NOTE + PRIVATE, ""),
    ],
)
def test_the_check_tells_what_nobody_will_see_arrive(tables: str, words: str) -> None:
    connector, source = made(tables)
    assert connector.check
    told = play(connector.check(source), [answer([RECORD])]).result
    assert told.partition("; ")[0] == "1 record listed"
    assert words in told.partition("; ")[2]
    assert bool(words) == ("; " in told)


def test_a_pause_that_ends_too_early_is_no_pause() -> None:
    fields = "fields = { id = 'id', title = 't', opened_at = 'at', suppressed = 's', suppressed_until = 's' }"
    flat = told(f"list.path = '/t'\n{fields}\n{ONE}snooze = {{ path = '/t/{{id}}' }}")
    connector, (_, source) = fit("http", flat), made()
    assert connector.seen
    pause = msgspec.structs.replace(write(Verb.SNOOZE), until=NOW + timedelta(hours=4))
    for until, seen in (("2026-11-23T19:00:00Z", True), ("2026-11-23T16:00:00Z", False), (None, False)):
        assert play(connector.seen(source, pause), [answer({**RECORD, "s": until})]).result is seen


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
    with pytest.raises(Rejected, match="it stayed yours"):
        play(
            connector.answers[Verb.RELEASE](replace(source, options=flat), write(Verb.RELEASE)),
            [taken, ok(""), taken],
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


def test_that_nobody_can_tell_what_we_may_is_said_with_what_would_show_it() -> None:
    connector, source = made('note = { method = "POST", path = "/t/{id}/notes", body = { text = "{text}" } }\n')
    assert connector.may
    played = play(connector.may(source), [])
    assert (played.result, played.asked) == ("not told: only a real note shows whether this API takes it", ())
