"""`sources --try NAME`: what one record of a source becomes, field by field, so that a mapping can be got right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from oncall_tui import connectors, contract, safe, words
from oncall_tui.cli import loop, plain
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config, SourceConfig
from oncall_tui.config.table import near
from oncall_tui.connectors.http import tables
from oncall_tui.engine.line import Line
from oncall_tui.engine.wire import Heard
from oncall_tui.errors import WrongUse
from oncall_tui.kit import Reading, Response
from oncall_tui.model import Me, Message, Signal

_LONGEST = 2000
"""Characters of a record that are shown: it is looked at, not kept."""


def tried(config: Config, name: str, tell: Callable[[Heard], None] | None = None) -> Outcome:
    """The first record that `name` lists and the signal that it becomes; 3 when there is none to show, or it cannot be read.

    `tell` is told of each request.
    """
    source = next((one for one in config.sources if one.name == name), None)
    if source is None:
        raise WrongUse(f"there is no source {name!r}; {near(name, [one.name for one in config.sources])}")
    reading, records = loop.run(_ask(source, config.settings.me, tell))
    told = [f"{name}: {words.counted(len(reading.signals), 'signal')}, {len(reading.unreadable)} unreadable"]
    if records:
        told += ["", "what it answers", *_indented(_shown(records[0]))]
    if reading.signals:
        told += ["", "what it becomes", *_indented(plain.columns(list(_fields(safe.signal(reading.signals[0])))))]
    told += [f"unreadable: {safe.line(why)}" for why in dict.fromkeys(reading.unreadable)]
    told += [safe.line(one) for one in (reading.gap, reading.warning) if one]
    code = Code.DONE if reading.signals and not reading.unreadable else Code.INCOMPLETE
    return Outcome(code, "\n".join(told))


async def _ask(source: SourceConfig, me: Me, tell: Callable[[Heard], None] | None) -> tuple[Reading, list[Any]]:
    heard: list[Heard] = []

    def hear(one: Heard) -> None:
        heard.append(one)
        if tell:
            tell(one)

    connector = connectors.fit(source.kind, source.options)
    line = Line(source, connector, me, on_heard=hear)
    try:
        return await line.play(connector.poll), [one for each in heard for one in _records(source, each)]
    finally:
        await line.close()


def _records(source: SourceConfig, heard: Heard) -> Iterator[Any]:
    """The raw records in an answer, where the user's own tables say which these are. Credentials are taken out."""
    listing = tables.listing(source.options) if source.kind == "http" else None
    if listing and heard.response and heard.request.path == listing.path:
        answer = Response(status=200, body=heard.scrub(heard.response.text).encode())
        yield from tables.expression(listing.records)(answer.read(Any)) or ()


def _shown(record: Any) -> list[str]:
    pretty = msgspec.json.format(msgspec.json.encode(record), indent=2).decode()
    cut = pretty if len(pretty) <= _LONGEST else f"{pretty[:_LONGEST]}\n..."
    return safe.prose(cut).splitlines()


def _fields(signal: Signal) -> Iterator[tuple[str, str]]:
    """Each field that holds something, and what."""
    for name in signal.__struct_fields__:
        value = getattr(signal, name)
        if name == "messages":
            yield from (("message", _message(message)) for message in value)
        elif value not in ("", None, (), {}):
            yield name, _value(value)


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return contract.utc(value) or ""
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    return ", ".join(value) if isinstance(value, tuple) else safe.line(getattr(value, "word", str(value)))


def _message(message: Message) -> str:
    seen_by = ", for colleagues only" if message.private else ""
    return f"{contract.utc(message.at)} {message.voice.value}{seen_by}, {message.author}: {words.quoted(message.text)}"


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
