"""What the suite does with a case: polls it, says something to it, spoils what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from oncall_tui.errors import OncallError
from oncall_tui.kit import Exchange, Reading, Receipt, Request, Response
from oncall_tui.model import Verb, Write
from oncall_tui.testing.case import Case
from oncall_tui.testing.documents import Place, places, put
from oncall_tui.testing.play import Answer, Played, play
from oncall_tui.testing.recorded import Recorded, Routes, UnrecordedError

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def poll(case: Case, answer: Answer) -> Reading:
    return play(case.connector.poll(case.source), answer).result


def attempt(case: Case, answer: Answer) -> Reading | OncallError:
    """The reading, or what the poll raises because it cannot read that."""
    try:
        return poll(case, answer)
    except OncallError as error:
        return error


def say(case: Case, write: Write, answer: Answer) -> Played[Receipt]:
    return play(case.connector.answers[write.verb](case.source, write), answer)


def take_back(case: Case, write: Write, answer: Answer) -> Played[Receipt]:
    return play(case.connector.retracts[write.verb](case.source, write), answer)


def received(case: Case, verb: Verb) -> Write:
    """A write that was delivered there, as the outbox holds it."""
    write = written(case, verb)
    return replace(write, receipt=say(case, write, case.server(verb)).result.id)


def has_seen(case: Case, write: Write, answer: Answer) -> bool | None:
    assert case.connector.seen
    return play(case.connector.seen(case.source, write), answer).result


def written(case: Case, verb: Verb, signal_id: str | None = None, **more: Any) -> Write:
    """A write as the outbox holds it, asked at `server_at`."""
    at = case.server_at or NOW
    fields: dict[str, Any] = {
        "id": "w-1",
        "problem": "p-1",
        "ref": f"{case.source.name}/{case.target_of(verb) if signal_id is None else signal_id}",
        "verb": verb,
        "by": case.source.me.name,
        "asked_at": at,
        "tried_at": at,
        "until": at + timedelta(hours=4),
        "text": "We zijn ermee bezig.",
    }
    return Write(**{**fields, **more})


def conversations_about(case: Case, signal_id: str | None = None) -> Iterator[Exchange[Any]]:
    """All that can be asked about one signal; without an id, about what each verb is tried on."""
    if case.connector.peek:
        yield case.connector.peek(case.source, case.target if signal_id is None else signal_id)
    for verb in case.verbs:
        write = written(case, verb, signal_id)
        yield case.connector.answers[verb](case.source, write)
        if case.connector.seen:
            yield case.connector.seen(case.source, write)


def all_conversations(case: Case) -> Iterator[Exchange[Any]]:
    yield case.connector.poll(case.source)
    for talk in (case.connector.login, case.connector.check, case.connector.may):
        if talk:
            yield talk(case.source)
    yield from conversations_about(case)


def asked_until_it_ends(exchange: Exchange[Any], server: Recorded) -> list[Request]:
    """What it asks until it returns, or fails as it may (asking for what was never recorded ends it too)."""
    asked: list[Request] = []
    with suppress(OncallError, UnrecordedError):
        play(exchange, server, asked)
    return asked


# --- spoiling --------------------------------------------------------------------------------------------------------


def listings(case: Case) -> list[Routes]:
    """The routes of each recorded way to list everything: at once and, where the API has pages, over several."""
    return [case.routes, {**case.routes, **case.pages}] if case.pages else [case.routes]


def bodies(case: Case, routes: Routes) -> list[bytes]:
    """The body of each answer of a poll."""
    server, given = case.server(routes=routes), []

    def reply(request: Request) -> Response:
        given.append(server(request))
        return given[-1]

    poll(case, reply)
    return [response.body for response in given]


def leaves(case: Case, routes: Routes | None = None) -> Iterator[tuple[str, Place, Any]]:
    """Every place in every answer that a poll uses: the file's name, where, and what stands there."""
    server = case.server(routes=routes)
    poll(case, server)
    for name in dict.fromkeys(server.used):
        for place, value in places(server.document(name)):
            yield name, place, value


def spoilt(case: Case, name: str, place: Place, value: Any, routes: Routes | None = None) -> Recorded:
    """The server with something else in that place. What that makes a connector ask for it does not have: a 404."""
    server = case.server(routes=routes)
    server.spoilt[name] = put(server.document(name), place, value)
    server.otherwise = 404
    return server
