"""What a record says when a field is there, missing, or of another shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import ValidationError

from oncall_tui.errors import Unreadable
from oncall_tui.kit import Record, Response

RECORD = Record(
    {
        "id": 7,
        "title": "Bestellen",
        "nothing": None,
        "open": True,
        "many": 3,
        "at": "2026-11-23T03:12:00Z",
        "never": "1970-01-01T00:00:00Z",
        "author": {"id": "carol", "name": "Carol"},
        "said": [{"id": "1"}, {"id": "2"}],
        "mixed": [{"id": "1"}, 17],
        "share": 0.5,
        "digits": "1795403520",
        "tags": ["a", "b"],
        "vars": {"tier": 1, "site": "ams", "list": ["x"], "none": None},
        "table": [["7", "Olga", 3], ["8"]],
    }
)


def test_a_path_leads_into_what_a_record_holds() -> None:
    assert RECORD.text("author.name") == "Carol"
    assert RECORD.need("author").id() == "carol"
    assert [one.id() for one in RECORD.records("said")] == ["1", "2"]
    assert RECORD.value("title.name") is None


def test_an_id_is_a_text_or_a_number_and_a_time_is_aware() -> None:
    assert (RECORD.id(), RECORD.count("many"), RECORD.flag("open")) == ("7", 3, True)
    assert RECORD.at("at") == RECORD.when("at") == datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
    assert RECORD.when("never") is None


def test_what_may_be_missing_is_not_asked_for_in_vain() -> None:
    assert (RECORD.text("nothing", ""), RECORD.text("gone", "x"), RECORD.count("gone", 0)) == ("", "x", 0)
    assert (RECORD.flag("gone"), RECORD.record("gone"), RECORD.records("gone")) == (False, None, [])
    assert (RECORD.hint("gone"), RECORD.hint("many"), RECORD.hint("title")) == ("", "", "Bestellen")
    assert [one.id() for one in RECORD.some("mixed")] == ["1"]
    assert RECORD.some("title") == []


def test_a_time_may_be_digits_and_is_of_milliseconds_where_the_caller_says_so() -> None:
    assert RECORD.at("digits") == datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
    assert Record({"ms": 1795403520000}).when("ms", per_s=1000) == RECORD.at("digits")


def test_any_number_is_an_amount_and_what_is_missing_is_as_the_caller_says() -> None:
    assert (RECORD.amount("share"), RECORD.amount("many"), RECORD.amount("gone", 1)) == (0.5, 3, 1)
    assert (RECORD.flag("gone", default=True), RECORD.flag("open", default=False)) == (True, True)


@pytest.mark.parametrize(
    ("id_", "number"),
    [("7", 7), (7, 7), ("", None), ("x", None), (None, None), (-1, None), ("9" * 19, None)],
)
def test_only_what_can_name_the_next_page_is_a_number(id_: Any, number: int | None) -> None:
    assert Record({"id": id_}).number() == number


def test_labels_are_texts_and_numbers_and_nothing_else() -> None:
    assert RECORD.labels("vars") == {"tier": "1", "site": "ams"}
    assert (RECORD.labels("gone"), RECORD.texts("tags"), RECORD.texts("gone")) == ({}, ["a", "b"], [])


def test_a_row_is_an_object_by_its_columns_and_may_end_early() -> None:
    olga, nobody = RECORD.rows("table", {"id": 0, "many": 2})
    assert (olga.id(), olga.amount("many"), nobody.id(), nobody.amount("many", 0)) == ("7", 3, "8", 0)
    assert RECORD.rows("gone", {"id": 0}) == []


def test_one_record_of_a_list_is_read_by_itself() -> None:
    assert Record.read(b'{"id": 7}').id() == "7"
    for junk in (b"17", b"null", b"[]"):
        with pytest.raises(ValidationError):
            Record.read(junk)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda r: r.text("gone"), "gone is missing"),
        (lambda r: r.text("nothing"), "nothing is missing"),
        (lambda r: r.text("many"), "many is not a text"),
        (lambda r: r.text("many", ""), "many is not a text"),
        (lambda r: r.id("open"), "open is not an id"),
        (lambda r: r.id("author"), "author is not an id"),
        (lambda r: r.count("title"), "title is not a number of things"),
        (lambda r: r.flag("many"), "many is not true or false"),
        (lambda r: r.amount("gone"), "gone is missing"),
        (lambda r: r.amount("open"), "open is not a number"),
        (lambda r: r.amount("title", 0), "title is not a number"),
        (lambda r: r.texts("mixed"), "mixed is not a list of texts"),
        (lambda r: r.labels("title"), "title is not an object"),
        (lambda r: r.at("never"), "a time is missing"),
        (lambda r: r.when("author"), "author is not a time"),
        (lambda r: r.need("gone"), "gone is missing"),
        (lambda r: r.record("title"), "title is not an object"),
        (lambda r: r.records("mixed"), "mixed is not a list of objects"),
        (lambda r: r.each("gone"), "gone is missing"),
        (lambda r: r.each("title"), "title is not a list"),
        (lambda r: r.each("mixed")[1].id(), "id is missing"),
    ],
)
def test_what_must_be_there_is_missed_by_name(ask: Callable[[Record], Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}$"):
        ask(RECORD)


@pytest.mark.parametrize("value", [-1, True, "3", 1.5])
def test_a_count_is_a_whole_number_that_is_not_below_none(value: Any) -> None:
    with pytest.raises(ValueError, match="number of things"):
        Record({"many": value}).count("many")


def test_an_answer_is_a_record_or_holds_one() -> None:
    answer = Response(status=200, body=b'{"issue": {"id": 7}}')
    assert Record.of(answer, "issue").id() == Record.of(answer).id("issue.id") == "7"
    with pytest.raises(ValueError, match="ticket is missing"):
        Record.of(answer, "ticket")
    with pytest.raises(Unreadable):
        Record.of(Response(status=200, body=b"<html>"))
