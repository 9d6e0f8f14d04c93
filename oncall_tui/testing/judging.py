"""What must hold of a signal and of a request, whoever made it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from oncall_tui.kit import Request
from oncall_tui.model import Signal
from oncall_tui.testing.case import Case


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
