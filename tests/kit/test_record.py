"""What a record says when a field is there, missing, or of another shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

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
