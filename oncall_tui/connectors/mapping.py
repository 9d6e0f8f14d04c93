"""What the user's own tables say about an API that no connector knows: where to ask, what a record means, what to send.

Expressions are JMESPath (https://jmespath.org/specification.html). Templates hold ``{words}`` in braces; what they stand for is
put into texts, never into the shape of a body, and into a path only as one segment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jmespath
import msgspec

from oncall_tui import kit
from oncall_tui.errors import ConfigError, Unreadable
from oncall_tui.kit import Source
from oncall_tui.model import Verb, Write

PAGING = ("none", "page", "offset", "cursor", "link")
METHODS = ("POST", "PUT", "PATCH", "DELETE")
MUST = ("id", "title", "opened_at")
TEXTS = ("severity", "text", "service", "host", "customer", "contact", "email", "status", "taken_by", "suppressed")
TIMES = ("taken_at", "taken_until", "suppressed_until", "changed_at", "due_at")
FIELDS = (*MUST, *TEXTS, *TIMES, "labels", "links", "url", "open")
MESSAGE = ("list", "id", "author", "text", "at", "ours", "machine", "private")
_LIST = ("path", "query", "records", "paging", "param", "first", "next", "total")
_ONE, _VERB = ("path", "query", "record"), ("method", "path", "query", "body")
_WORD = re.compile(r"\{([a-z_]+)\}")

Find = Callable[[Any], Any]
"""An expression, made ready: a document -> what it finds there, None for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Where the list is and how to turn its pages."""

    path: str
    query: tuple[tuple[str, str], ...]
    records: Find
    paging: str
    param: str
    first: int
    next: Find | None
    total: Find | None


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """Where one thing is: a ticket by its id, or who we are."""

    path: str
    query: tuple[tuple[str, str], ...]
    record: Find


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """The request that a verb is."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that the tables of a source say, checked."""

    listing: Listing
    fields: Mapping[str, Find]
    message: Mapping[str, Find]
    one: One | None
    me: One | None
    verbs: Mapping[Verb, Saying] = field(default_factory=dict)


def plan(options: Mapping[str, str]) -> Plan:
    """The plan that flat options (``"list.path"``) make. Raises `ConfigError`, whose `key` is the option."""
    tables = _tables(options)
    fields = _expressions("fields", tables.get("fields", {}), FIELDS)
    for name in MUST:
        if name not in fields:
            raise ConfigError(f"is missing: what in a record is its {name}?", key=f"fields.{name}")
    message = _expressions("message", tables.get("message", {}), MESSAGE)
    for name in ("id", "author", "text", "at") if message else ():
        if name not in message:
            raise ConfigError(f"is missing: what in a message is its {name}?", key=f"message.{name}")
    made = Plan(
        listing=_listing(tables.get("list", {})),
        fields=fields,
        message=message,
        one=_one("one", tables["one"], known=("id",)) if "one" in tables else None,
        me=_one("me", tables["me"], known=()) if "me" in tables else None,
        verbs={verb: _saying(verb.value, tables[verb.value]) for verb in Verb if verb.value in tables},
    )
    return _sound(made)


def _sound(made: Plan) -> Plan:
    """Refuses what would work and do harm."""
    if Verb.NOTE in made.verbs and made.verbs[Verb.NOTE] == made.verbs.get(Verb.REPLY):
        raise ConfigError("is the same request as reply: the customer would read your notes", key="note.body")
    for verb, saying in made.verbs.items():
        if "{id}" not in str((saying.path, saying.query, saying.body)):
            raise ConfigError("names no ticket: put {id} into it", key=f"{verb.value}.path")
    if Verb.RESOLVE in made.verbs and made.one and "open" not in made.fields:
        raise ConfigError("is missing: without it nobody can tell whether a ticket is resolved", key="fields.open")
    return made


def _tables(options: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for name, value in options.items():
        table, dot, key = name.partition(".")
        if dot:
            tables.setdefault(table, {})[key] = value
    return tables


def _listing(table: Mapping[str, str]) -> Listing:
    _only("list", table, _LIST)
    paging = table.get("paging", "none")
    if paging not in PAGING:
        raise ConfigError(f"must be one of {', '.join(PAGING)}", key="list.paging")
    if paging in ("page", "offset", "cursor") and not table.get("param"):
        raise ConfigError(f"is missing: which parameter of the query is the {paging}?", key="list.param")
    if paging == "cursor" and "next" not in table:
        raise ConfigError("is missing: where in an answer is the next cursor?", key="list.next")
    if not re.fullmatch(r"\d{1,9}", table.get("first", "1")):
        raise ConfigError("must be a number", key="list.first")
    return Listing(
        path=_path("list", table, known=()),
        query=_query("list", table, known=()),
        records=expression("list.records", table.get("records", "@")),
        paging=paging,
        param=table.get("param", ""),
        first=int(table.get("first", "1")),
        next=expression("list.next", table["next"]) if "next" in table else None,
        total=expression("list.total", table["total"]) if "total" in table else None,
    )


def _one(name: str, table: Mapping[str, str], *, known: tuple[str, ...]) -> One:
    _only(name, table, _ONE)
    record = expression(f"{name}.record", table.get("record", "@"))
    return One(path=_path(name, table, known=known), query=_query(name, table, known=()), record=record)


def _saying(name: str, table: Mapping[str, str]) -> Saying:
    _only(name, table, _VERB)
    method = table.get("method", "POST")
    if method not in METHODS:
        raise ConfigError(f"must be one of {', '.join(METHODS)}", key=f"{name}.method")
    body = msgspec.json.decode(table["body"]) if "body" in table and table["body"][:1] in "[{" else None
    if "body" in table and body is None:
        raise ConfigError('must be a table, as body = { text = "{text}" }', key=f"{name}.body")
    for text in _texts(body):
        _known(text, WORDS, f"{name}.body")
    if name in ("note", "reply") and "{text}" not in str((body, table.get("query", ""))):
        raise ConfigError("says nothing: put {text} into it", key=f"{name}.body")
    known = tuple(WORDS)
    return Saying(
        method=method, path=_path(name, table, known=known), query=_query(name, table, known=known), body=body
    )


def _only(name: str, table: Mapping[str, str], allowed: tuple[str, ...]) -> None:
    for key in table:
        if key not in allowed:
            raise ConfigError(f"unknown key; allowed: {', '.join(allowed)}", key=f"{name}.{key}")


def _path(name: str, table: Mapping[str, str], *, known: tuple[str, ...]) -> str:
    path, key = table.get("path", ""), f"{name}.path"
    if (
        not path.startswith("/")
        or path.startswith("//")
        or set("?#\\ ") & set(path)
        or ".." in path
        or not path.isascii()
    ):
        raise ConfigError('must be a path below url, as "/tickets"; what follows a ? belongs into query', key=key)
    _known(path, known, key)
    return path


def _query(name: str, table: Mapping[str, str], *, known: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if "query" not in table:
        return ()
    pairs = msgspec.json.decode(table["query"]) if table["query"].startswith("{") else None
    if not isinstance(pairs, dict) or not all(isinstance(value, (str, int, float)) for value in pairs.values()):
        raise ConfigError('must be a table of texts, as { state = "open" }', key=f"{name}.query")
    query = tuple((key, value if isinstance(value, str) else str(value)) for key, value in pairs.items())
    for _, value in query:
        _known(value, known, f"{name}.query")
    return query


def _known(text: str, known: tuple[str, ...], key: str) -> None:
    for word in _WORD.findall(text):
        if word not in known:
            raise ConfigError(f"{{{word}}} stands for nothing here; known: {', '.join(known) or 'nothing'}", key=key)


def _expressions(name: str, table: Mapping[str, str], allowed: tuple[str, ...]) -> dict[str, Find]:
    _only(name, table, allowed)
    return {key: expression(f"{name}.{key}", text) for key, text in table.items()}


@lru_cache(maxsize=256)
def expression(key: str, text: str) -> Find:
    """A JMESPath expression made ready. Raises `ConfigError`."""
    try:
        find: Find = jmespath.compile(text).search
    except jmespath.exceptions.JMESPathError as error:
        raise ConfigError(f"is no JMESPath: {str(error).splitlines()[0]}", key=key) from None
    return find


# --- templates -------------------------------------------------------------------------------------------------------

WORDS = ("id", "text", "me", "name", "email", "until", "marker")
"""What a word in braces stands for."""


def place(path: str, signal_id: str) -> str:
    """The path of one ticket."""
    return path.replace("{id}", kit.quote(signal_id))


def filled(saying: Saying, source: Source, write: Write) -> kit.Request:
    """The request that says this write. Every word of a path is one segment of it."""
    words = dict(zip(WORDS, _meant(source, write), strict=True))
    path = _WORD.sub(lambda found: kit.quote(words[found[1]]), saying.path)
    request = kit.send(saying.method, path, _filled(saying.body, words))
    return kit.Request(
        method=request.method,
        path=path,
        query=tuple((name, _fill(value, words)) for name, value in saying.query),
        json=request.json,
        writes=True,
    )


def _meant(source: Source, write: Write) -> Iterator[str]:
    """What each of `WORDS` stands for, in their order."""
    yield write.signal_id
    yield write.text
    yield source.session.get("me") or source.me.name
    yield source.me.name
    yield source.me.email
    yield write.until.isoformat() if write.until else ""
    yield kit.marker(write)


def _filled(body: Any, words: Mapping[str, str]) -> Any:
    if isinstance(body, str):
        return _fill(body, words)
    if isinstance(body, list):
        return [_filled(one, words) for one in body]
    if isinstance(body, dict):
        return {name: _filled(value, words) for name, value in body.items()}
    return body


def _fill(text: str, words: Mapping[str, str]) -> str:
    """In one pass, so that braces in what somebody wrote stand for nothing."""
    return _WORD.sub(lambda found: words[found[1]], text)


def _texts(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    for one in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _texts(one)


# --- what is found ---------------------------------------------------------------------------------------------------


def text(value: Any) -> str:
    """What an expression found, as a text; several things are listed with commas. Raises `ValueError` for an object."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(text(one) for one in value)
    if isinstance(value, dict):
        raise ValueError("an object stands where a text was expected")
    return str(value)


def listed(value: Any, what: str) -> list[Any]:
    """What an expression found, which must be a list. Raises `Unreadable`."""
    if not isinstance(value, list):
        raise Unreadable(f"{what} finds no list in the answer")
    return value
