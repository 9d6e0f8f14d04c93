"""What the user's own tables say about an API that no connector knows, checked before anything is asked.

They say where its list is, what a record means and what a verb sends. Expressions are JMESPath
(https://jmespath.org/specification.html), what is sent may hold `WORDS` in braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import jmespath
import msgspec

from oncall_tui.errors import ConfigError
from oncall_tui.model import VERBS, Impact, Verb

MUST = ("id", "title", "opened_at")
TEXTS = ("severity", "text", "service", "host", "customer", "contact", "email", "status", "taken_by", "suppressed")
TIMES = ("taken_at", "taken_until", "suppressed_until", "changed_at", "due_at")
FIELDS = (*MUST, *TEXTS, *TIMES, "labels", "links", "url", "open")
MESSAGE_MUST = ("list", "id", "author", "text", "at")
MESSAGE = (*MESSAGE_MUST, "ours", "machine", "private")
WORDS = ("id", "text", "me", "name", "email", "until", "marker")
"""What a word in braces stands for, in what a verb sends."""

WORD = re.compile(r"\{([a-z_]+)\}")

ERROR = "error || errors"
"""Where an answer that went well says all the same that it did not, if nobody tells: most APIs that do so do it there."""

Find: TypeAlias = Callable[[Any], Any]
"""An expression, made ready: a document -> what it finds there, None for nothing."""

Path: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^/(?!/)(?!.*\.\.)[!\"$->@-\[\]-~]*\Z")]
Query: TypeAlias = dict[str, str | int | float]
Expression: TypeAlias = str
T = TypeVar("T", bound=msgspec.Struct)


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the list is and how to turn its pages. `changed` is the query for what changed since ``{since}``."""

    path: Path
    query: Query = {}
    changed: Query = {}
    records: Expression = "@"
    paging: Literal["none", "page", "offset", "cursor", "link"] = "none"
    param: str = ""
    first: Annotated[int, msgspec.Meta(ge=0)] = 1
    next: Expression = ""
    total: Expression = ""


class One(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one thing is: a ticket by its id, or who we are."""

    path: Path
    query: Query = {}
    record: Expression = "@"


class Saying(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The request that a verb is."""

    path: Path
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    query: Query = {}
    body: dict[str, Any] | list[Any] | None = None


_HELP: Mapping[str, str] = {
    "path": 'must be a path below url, as "/tickets"; what follows a ? belongs into query',
    "query": 'must be a table of texts, as { state = "open" }',
    "changed": 'must be a table of texts, as { state = "all", updated_since = "{since}" }',
    "body": 'must be a table, as body = { text = "{text}" }',
    "paging": "must be one of none, page, offset, cursor, link",
    "method": "must be one of POST, PUT, PATCH, DELETE",
    "first": "must be a whole number from 0 on",
}
_NO_TEXTS = ("query", "changed", "body", "first")
"""What arrives as JSON, not being a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that the tables of a source say, checked."""

    listing: Listing
    fields: Mapping[str, Find]
    message: Mapping[str, Find]
    one: One | None
    me: One | None
    verbs: Mapping[Verb, Saying]
    error: Find
    impacts: Mapping[str, Impact]

    def tells(self, verb: Verb) -> bool:
        """Whether what a verb did can be looked up."""
        if self.one is None:
            return False
        match verb:
            case Verb.ACKNOWLEDGE | Verb.RELEASE:
                return "taken_by" in self.fields
            case Verb.SNOOZE:
                return "suppressed" in self.fields
            case Verb.NOTE | Verb.REPLY:
                return bool(self.message)
        return True


def plan(options: Mapping[str, str], impacts: Mapping[str, Impact]) -> Plan:
    """The plan that flat options (``"list.path"``) make, with that table of severities.

    Raises `ConfigError`, whose `key` is the option.
    """
    tables = _tables(options)

    def one(name: str, type_: type[T], words: tuple[str, ...]) -> T | None:
        return _checked(name, type_, tables[name], words) if name in tables else None

    sayings = {verb: one(verb.value, Saying, WORDS) for verb in VERBS}
    made = Plan(
        listing=listing(options),
        fields=_expressions("fields", tables.get("fields", {}), MUST, FIELDS),
        message=_expressions("message", tables["message"], MESSAGE_MUST, MESSAGE) if "message" in tables else {},
        one=one("one", One, ("id",)),
        me=one("me", One, ()),
        verbs={verb: saying for verb, saying in sayings.items() if saying},
        error=expression(options.get("error") or ERROR, "error"),
        impacts=impacts,
    )
    _refuse_harm(made)
    return made


def listing(options: Mapping[str, str]) -> Listing:
    """Where these options say that the list is. Raises `ConfigError`."""
    return _turning(_checked("list", Listing, _tables(options).get("list", {}), ("since",)))


def _tables(options: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for name, value in options.items():
        table, dot, key = name.partition(".")
        if dot:
            tables.setdefault(table, {})[key] = _json(value) if key in _NO_TEXTS else value
    return tables


def _json(value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value  # a text after all, which is then refused as one


def _checked(name: str, type_: type[T], table: Mapping[str, Any], words: tuple[str, ...]) -> T:
    """That table, with every expression and every word of its templates known."""
    try:
        made = msgspec.convert(table, type_)
    except msgspec.ValidationError as error:
        raise _fault(name, type_, str(error)) from None
    for key in ("records", "next", "total", "record"):
        if text := getattr(made, key, ""):
            expression(text, f"{name}.{key}")
    for key in ("path", "query", "changed", "body"):
        for text in _texts(getattr(made, key, None)):
            _refuse_strangers(text, words, f"{name}.{key}")
    return made


def _fault(name: str, type_: type[msgspec.Struct], said: str) -> ConfigError:
    """What is wrong in a table, by its key."""
    if found := re.search(r"unknown field `(.+?)`", said):
        return ConfigError(f"unknown key; allowed: {', '.join(type_.__struct_fields__)}", key=f"{name}.{found[1]}")
    if found := re.search(r"missing required field `(.+?)`", said):
        return ConfigError(f"is missing; it {_HELP[found[1]]}", key=f"{name}.{found[1]}")
    key = re.search(r"\$\.(\w+)", said)
    return ConfigError(_HELP[key[1]] if key else said, key=f"{name}.{key[1]}" if key else name)


def _turning(listing: Listing) -> Listing:
    """Refuses pages that cannot be turned."""
    if listing.paging in ("page", "offset", "cursor") and not listing.param:
        raise ConfigError(f"is missing: which parameter of the query is the {listing.paging}?", key="list.param")
    if listing.paging == "cursor" and not listing.next:
        raise ConfigError("is missing: where in an answer is the next cursor?", key="list.next")
    return listing


def _refuse_harm(made: Plan) -> None:
    """Refuses what would work and do harm."""
    if Verb.NOTE in made.verbs and made.verbs[Verb.NOTE] == made.verbs.get(Verb.REPLY):
        raise ConfigError("is the same request as reply: the customer would read your notes", key="note.body")
    for verb, saying in made.verbs.items():
        said = "".join((saying.path, *_texts(saying.query), *_texts(saying.body)))
        if "{id}" not in said:
            raise ConfigError("names no ticket: put {id} into it", key=f"{verb.value}.path")
        if verb in (Verb.NOTE, Verb.REPLY) and "{text}" not in said:
            raise ConfigError("says nothing: put {text} into it", key=f"{verb.value}.body")
    if Verb.RESOLVE in made.verbs and made.one and "open" not in made.fields:
        raise ConfigError("is missing: without it nobody can tell whether a ticket is resolved", key="fields.open")
    if made.listing.changed:
        if "open" not in made.fields:
            raise ConfigError("is missing: among what changed, which are over?", key="fields.open")
        if not any("{since}" in text for text in _texts(made.listing.changed)):
            raise ConfigError("asks since no time: put {since} into it", key="list.changed")


def _refuse_strangers(text: str, known: tuple[str, ...], key: str) -> None:
    for word in WORD.findall(text):
        if word not in known:
            raise ConfigError(f"{{{word}}} stands for nothing here; known: {', '.join(known) or 'nothing'}", key=key)


def _expressions(
    name: str, table: Mapping[str, str], must: tuple[str, ...], allowed: tuple[str, ...]
) -> dict[str, Find]:
    for key in table:
        if key not in allowed:
            raise ConfigError(f"unknown key; allowed: {', '.join(allowed)}", key=f"{name}.{key}")
    for key in must:
        if key not in table:
            of = "message" if name == "message" else "record"
            raise ConfigError(f"is missing: what in a {of} is its {key}?", key=f"{name}.{key}")
    return {key: expression(text, f"{name}.{key}") for key, text in table.items()}


@lru_cache(maxsize=256)
def expression(text: str, key: str = "") -> Find:
    """A JMESPath expression made ready. Raises `ConfigError`."""
    try:
        find: Find = jmespath.compile(text).search
    except jmespath.exceptions.JMESPathError as error:
        why = re.sub(r"(, for expression)?:$", "", str(error).splitlines()[0])
        raise ConfigError(f"is no JMESPath ({why}): https://jmespath.org shows how one is written", key=key) from None
    return find


def _texts(value: Any) -> Iterator[str]:
    """Every text in a template that people filled in."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)
