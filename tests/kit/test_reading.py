"""What connectors are made of: reading answers, times, ids and lists, whatever a source sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui import kit
from oncall_tui.errors import ConfigError, Unreadable
from oncall_tui.model import Impact, Kind, Me, Signal, Verb, Write

AT = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


class Record(msgspec.Struct):
    id: int
    name: str = ""


def signal(record: Record) -> Signal:
    if record.id == 13:
        raise ValueError("no such record")
    return Signal(source="s", id=str(record.id), kind=Kind.ALERT, title=record.name, opened_at=AT)


def ok(body: bytes) -> kit.Response:
    return kit.Response(status=200, body=body)


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty body"),
        (b"  <html>", "web page"),
        (b'{"id": "x"}', "the API changed shape: Expected `int`, got `str` - at `$.id`"),
        (b"{}", "missing required field `id`"),
        (b'{"id": 1', "broken JSON"),
        (b'{"x": ' + b"[" * 200_000, "broken JSON"),
    ],
    ids=["nothing", "html", "type", "missing", "cut", "deep"],
)
def test_an_answer_that_cannot_be_read_says_why(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable) as error:
        ok(body).read(Record)
    assert words in error.value.words


def test_half_a_surrogate_pair_or_a_wrong_byte_costs_one_letter_and_not_the_list() -> None:
    lone = rb'[{"id": 1, "name": "a\udc00b"}, {"id": 2, "name": "\ud83d\ude00 \\ud800 \ud800\n"}]'
    assert [record.name for record in ok(lone).read(list[Record])] == ["a\ufffdb", "\U0001f600 \\ud800 \ufffd\n"]
    assert ok(b'[{"id": 1, "name": "caf\xe9"}]').read(list[Record])[0].name == "caf\ufffd"
    assert len(kit.read_list(ok(lone), Record, signal).signals) == 2


@given(st.text(st.characters(), max_size=30))
def test_any_text_that_a_python_server_can_write_is_read(text: str) -> None:
    body = json.dumps({"id": 1, "name": text}).encode()
    assert ok(body).read(Record).name == "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text)


def test_one_record_of_an_unknown_shape_hides_no_other_and_is_counted() -> None:
    reading = kit.read_list(ok(b'[{"id": 1}, {"id": "x"}, 17, null, {"id": 13}, {"id": 2}]'), Record, signal)
    assert [one.id for one in reading.signals] == ["1", "2"]
    assert len(reading.unreadable) == 4


def test_the_records_of_a_list_within_an_answer_are_left_for_each_to_be_read_by_itself() -> None:
    answer = ok(b'{"data": {"more": false, "groups": [{"id": 1}, 17]}}')
    assert [bytes(raw) for raw in answer.unread("data.groups")] == [b'{"id": 1}', b"17"]
    assert ok(b'{"groups": []}').unread("groups") == []
    for wrong in ("groups", "data.more", "data"):
        with pytest.raises(kit.SHAPES):
            answer.unread(wrong)
    with pytest.raises(Unreadable):
        ok(b"<html>").unread("data")


def test_what_is_made_of_each_record_comes_with_a_line_for_each_that_could_not_be_read() -> None:
    assert kit.sift(["1", "x", "2", ""], lambda text: int(text) if text else None) == (  # None is left out
        [1, 2],
        ("invalid literal for int() with base 10: 'x'",),
    )


def test_two_parts_of_a_list_are_one_reading() -> None:
    one = signal(Record(1))
    first = kit.Reading(signals=[one], unreadable=("x",), warning="odd", gap="deaf")
    second = kit.Reading(unreadable=("y",))
    assert first + second == kit.Reading(signals=[one], unreadable=("x", "y"), warning="odd", gap="deaf")
    assert ((first + first).warning, (first + first).gap) == ("odd", "deaf")


def test_a_list_that_is_none_is_unreadable_and_not_empty() -> None:
    for body in (b"", b"null", b"{}", b"<html>", b'[{"id": 1}'):
        with pytest.raises(Unreadable):
            kit.read_list(ok(body), Record, signal)
    assert kit.read_list(ok(b"[]"), Record, signal).signals == []


def test_a_record_that_makes_no_signal_is_left_out() -> None:
    raw = [msgspec.Raw(b'{"id": 1}'), msgspec.Raw(b'{"id": 2}')]
    reading = kit.read_each(raw, Record, lambda record: signal(record) if record.id == 2 else None)
    assert ([one.id for one in reading.signals], reading.unreadable) == (["2"], ())


# --- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T03:12:00Z",
        "2026-11-23T03:12:00",
        "2026-11-23 03:12:00",
        "2026-11-23T04:12:00+0100",
        "2026-11-23T08:42:00+05:30",
        "2026-11-23T03:12:00.000000000Z",
        " 2026-11-23T03:12:00Z\n",
        AT.timestamp(),
        int(AT.timestamp()),
    ],
)
def test_a_time_is_read_in_every_spelling_that_apis_use(text: str | float) -> None:
    assert kit.when(text) == AT
    assert kit.when(text).tzinfo is UTC  # type: ignore[union-attr]


def test_digits_are_seconds_since_1970_but_for_a_date_without_dashes() -> None:
    assert kit.when(str(int(AT.timestamp()))) == AT
    assert kit.when("20261123") == AT.replace(hour=0, minute=0)
    assert kit.when("0") is None


def test_milliseconds_are_told_by_the_caller() -> None:
    assert kit.when(AT.timestamp() * 1000, per_s=1000) == AT


@pytest.mark.parametrize("unset", [None, "", 0, "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_a_time_that_is_unset_is_none(unset: str | int | None) -> None:
    assert kit.when(unset) is None


@pytest.mark.parametrize("wrong", ["tomorrow", "2026-13-01", "x" * 10_000, 1e300, -(10**20)])
def test_what_is_no_time_is_an_error_that_readers_count(wrong: str | float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        kit.when(wrong)


@given(
    st.datetimes(
        min_value=AT.replace(year=1971, tzinfo=None), timezones=st.just(timezone(timedelta(hours=5, minutes=30)))
    )
)
def test_any_time_survives_being_written_and_read(at: datetime) -> None:
    assert kit.when(at.isoformat()) == at


# --- requests --------------------------------------------------------------------------------------------------------


def test_a_query_repeats_a_list_and_a_name_may_end_in_an_underscore() -> None:
    asked = kit.get("/x", filter_=["a", "b"], limit=3)
    assert asked.query == (("filter", "a"), ("filter", "b"), ("limit", "3"))
    assert not asked.writes
    assert kit.send("PUT", "/x").writes


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_an_id_stays_one_segment_of_a_path(part: str) -> None:
    if part in (".", ".."):
        return
    assert not set("/?#\\ ") & set(kit.quote(part))
    assert kit.quote(part).isascii()


def test_a_page_has_its_query_quoted_and_leaves_out_what_is_empty() -> None:
    assert (
        kit.page("http://s/view", host="a b/c", service="", n=2, **{"x.y": "&"})
        == "http://s/view?host=a%20b%2Fc&n=2&x.y=%26"
    )
    assert kit.page("http://s/view", host="") == "http://s/view"


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_an_id_that_would_climb_is_refused(part: str) -> None:
    with pytest.raises(Unreadable):
        kit.quote(part)


# --- words and tables ------------------------------------------------------------------------------------------------


def test_a_users_own_severities_join_the_table() -> None:
    table = kit.impacts({"critical": Impact.DOWN}, "Sev 0=down, sev1 = degraded ,critical=question")
    assert table == {"critical": Impact.QUESTION, "sev 0": Impact.DOWN, "sev1": Impact.DEGRADED}


@pytest.mark.parametrize("wrong", ["sev0", "sev0=terrible", "sev0="])
def test_a_severity_that_means_nothing_says_what_is_allowed(wrong: str) -> None:
    with pytest.raises(ConfigError) as error:
        kit.impacts({}, wrong)
    assert "question, at_risk, degraded, down" in error.value.words


def test_severities_in_no_table_are_named_once() -> None:
    signals = [signal(Record(1)), *(msgspec.structs.replace(signal(Record(2)), severity=s) for s in ("X", "X", "High"))]
    assert kit.strangers(signals, {"high": Impact.DEGRADED}) == "counted as at_risk, being in no table: X"
    assert kit.strangers(signals, {"high": Impact.DEGRADED, "x": Impact.DOWN}) == ""


def test_texts_are_the_same_whatever_a_server_does_to_white_space() -> None:
    assert kit.same_text("a\n\nb ", "a\r\n\r\nb")
    assert not kit.same_text("a b", "ab")


@pytest.mark.parametrize(
    ("text", "told"), [("één – twee", "een - twee"), ("“Straße”", '"Strasse"'), ("日 x", "? x"), ("a;b\n", "a;b\n")]
)
def test_what_keeps_only_ascii_is_given_what_looks_like_it(text: str, told: str) -> None:
    assert kit.in_ascii(text) == told


def test_a_marker_names_its_write() -> None:
    write = Write(id="7f", problem="p", ref="am/1", verb=Verb.NOTE, by="Sanne", asked_at=AT)
    assert kit.marker(write) == "[oncall-tui 7f]"


def test_a_source_keeps_its_secret_out_of_its_words() -> None:
    source = kit.Source(name="s", url="u", me=Me(name="S"), secret="hunter2", session={"token": "hunter3"})
    assert "hunter" not in repr(source)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("disk ordered [oncall-tui 7f]", "disk ordered"),
        ("two\nlines\n[oncall-tui 7f]\n", "two\nlines"),
        ("[oncall-tui 7f] first", "[oncall-tui 7f] first"),
        ("no marker", "no marker"),
    ],
)
def test_a_note_is_shown_without_the_marker_at_its_end(text: str, without: str) -> None:
    assert kit.unmarked(text) == without


def test_i_am_my_name_and_my_aliases_and_nobody_else() -> None:
    source = kit.Source(name="s", url="u", me=Me(name="Sanne", aliases=("sdv",)))
    assert [kit.is_me(source, author) for author in ("Sanne", "sdv", "Olga", "")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Een<br>twee &amp; drie</p>", "Een\ntwee & drie"),
        ("<div>a</div><DIV class='x'>b</DIV >", "a\nb"),
        ("<script>alert(1)</script>x<style>p{}</style>", "x"),
        ("<head><title>t</title></head>x", "x"),
        ("1 < 2 en 3 > 2", "1 < 2 en 3 > 2"),
        ("<ul><li>een<li>twee</ul>", "een\ntwee"),
        ("&lt;b&gt; blijft", "<b> blijft"),
        ("a<p></p><p></p><p></p>b", "a\n\nb"),
        ("<>x</>", "<>x"),
    ],
)
def test_a_message_in_html_becomes_what_a_browser_shows(html: str, text: str) -> None:
    assert kit.plain(html) == text


def test_html_that_is_made_to_be_slow_is_not() -> None:
    for hostile in ("<" * 300_000, "<script>" * 60_000, "<p" * 150_000, "\n" * 300_000):
        kit.plain(hostile)
