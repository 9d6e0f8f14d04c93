"""Text of a stranger never controls a terminal, and nothing readable of it is lost."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui import safe
from oncall_tui.model import Kind, Message, Signal, Voice

HOSTILE: list[dict[str, Any]] = json.loads((Path(__file__).parent / "hostile.json").read_text("utf-8"))
TEXTS = [one for one in HOSTILE if one["text"] is not None]
ANY = st.text(st.characters(), max_size=60)
"""Every code point, surrogates too."""


def harm(text: str) -> list[str]:
    """What a terminal obeys, reorders or hides."""
    return [hex(ord(char)) for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]


@pytest.mark.parametrize("one", TEXTS, ids=lambda one: one["id"])
def test_a_hostile_text_is_harmless_on_one_line_and_on_several(one: dict[str, Any]) -> None:
    assert harm(safe.line(one["text"])) == []
    assert harm(safe.prose(one["text"]).replace("\n", "")) == []


@pytest.mark.parametrize("one", TEXTS, ids=lambda one: one["id"])
def test_no_byte_sequence_of_a_hostile_text_leaks_that_a_terminal_would_obey(one: dict[str, Any]) -> None:
    shown = safe.line(one["text"]).encode()
    for leak in one["leak"] or ():
        sequence = bytes.fromhex(leak)
        if any(byte < 0x20 or byte == 0x7F for byte in sequence):
            assert sequence not in shown


def test_the_corpus_is_the_whole_one() -> None:
    assert len(HOSTILE) == 113
    assert {"escape", "bidi", "width", "encoding", "size"} <= {one["category"] for one in HOSTILE}


def test_readable_words_stay_as_they_are() -> None:
    for text in (
        "De winkels kunnen niet bestellen, bel mij!",
        "€ 2.000 – café",
        "日本語の障害",
        "Ошибка",
        "[/] [red]x",
    ):
        assert safe.line(text) == text
        assert safe.prose(text) == text


def test_an_escape_is_shown_not_swallowed() -> None:
    assert safe.line("\x1b]52;c;aGk=\x07 boom") == "^[]52;c;aGk=^G boom"
    assert safe.line("a\x9bm") == "a�m"
    assert safe.line("user\u202egnp.exe") == "user�gnp.exe"


def test_what_is_left_of_a_stripped_sequence_cannot_become_one() -> None:
    assert "\x1b" not in safe.line("\x1b\x1b[31m[31m")
    assert safe.line(safe.line("\x1b\x1b[31m[31m")) == safe.line("\x1b\x1b[31m[31m")


def test_line_ends_stay_in_prose_and_become_blanks_on_a_line() -> None:
    assert safe.prose("a\r\nb\rc\n\nd") == "a\nb\nc\n\nd"
    assert safe.line("a\r\nb\rc\n\nd\te") == "a b c d e"


def test_marks_piled_on_a_letter_are_cut_to_two() -> None:
    assert len(safe.line("Z" + "\u0335" * 40)) <= 3


def test_the_width_of_what_terminals_disagree_about_is_taken_away() -> None:
    assert safe.line("1\ufe0f\u20e3 \U0001f44d\U0001f3fd") == "1 \U0001f44d"


@given(ANY)
def test_nothing_that_a_terminal_obeys_is_left_of_any_text(text: str) -> None:
    assert harm(safe.line(text)) == []
    assert harm(safe.prose(text).replace("\n", "")) == []


@given(ANY)
def test_what_is_harmless_stays_so(text: str) -> None:
    assert safe.line(safe.line(text)) == safe.line(text)
    assert safe.prose(safe.prose(text)) == safe.prose(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_is_not_touched(text: str) -> None:
    assert safe.prose(text) == text
    assert safe.line(text) == text


SIGNAL = Signal(source="am", id="1", kind=Kind.ALERT, title="db down", opened_at=datetime(2026, 11, 23, tzinfo=UTC))


def test_a_plain_signal_is_the_same_object() -> None:
    assert safe.signal(SIGNAL) is SIGNAL


@pytest.mark.parametrize("field", [name for name in Signal.__struct_fields__ if isinstance(getattr(SIGNAL, name), str)])
def test_each_text_of_a_signal_is_cleaned(field: str) -> None:
    cleaned = safe.signal(msgspec.structs.replace(SIGNAL, **{field: "a\x1b[2Jb"}))
    shown = "a\x1b[2Jb" if field in ("source", "id", "kind") else "a^[[2Jb"
    assert getattr(cleaned, field) == shown


@pytest.mark.parametrize("char", ["\n", "\t", "\x7f", "\x00", "\x1f", "\u00e9", "\u202e", "\x9b", "\u2028"])
def test_a_signal_is_cleaned_as_its_texts_are_one_by_one(char: str) -> None:
    text = f"a{char}b"
    cleaned = safe.signal(msgspec.structs.replace(SIGNAL, title=text, text=text, labels={text: text}))
    assert (cleaned.title, cleaned.text) == (safe.line(text), safe.prose(text))
    assert cleaned.labels == {safe.line(text): safe.line(text)}
    for field in ("title", "text"):
        alone = safe.signal(msgspec.structs.replace(SIGNAL, **{field: text}))
        assert getattr(alone, field) == getattr(cleaned, field)


def test_labels_links_and_messages_of_a_signal_are_cleaned() -> None:
    message = Message(id="1", voice=Voice.THEIRS, author="R\x1bon", text="a\x07\nb", at=SIGNAL.opened_at)
    dirty = msgspec.structs.replace(SIGNAL, labels={"a\x1b": "b\n"}, links=("x\x9b",), messages=(message,))
    cleaned = safe.signal(dirty)
    assert cleaned.labels == {"a^[": "b"}
    assert cleaned.links == ("x�",)
    assert (cleaned.messages[0].author, cleaned.messages[0].text) == ("R^[on", "a^G\nb")
