"""Every key of config.toml and care.toml: as Markdown for the README, and as JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oncall_tui.care.phrasebook import CODE, KINDS
from oncall_tui.config import keys
from oncall_tui.config.care import CARE
from oncall_tui.config.keys import MATCH, MOMENT, SECRET, Key, Section, Shape
from oncall_tui.kit import Connector

Names = Mapping[str, str]
"""What a key of the screen is called -> what it does."""


# --- Markdown --------------------------------------------------------------------------------------------------------


def markdown(connectors: Iterable[Connector], screen: Names) -> str:
    """The reference: one table a section, then one for each kind of source."""
    blocks = [_block(_title(one), one.help, one.keys or _screen(screen)) for one in keys.SECTIONS]
    blocks += [_block(f'`kind = "{one.name}"`', f"{one.title}: {one.docs}", _options(one)) for one in connectors]
    blocks += [_block(_title(one, "care.toml"), one.help, one.keys) for one in CARE]
    return "\n".join(blocks).rstrip()


def _title(section: Section, file: str = "") -> str:
    """With the name of the file where that is not config.toml."""
    title = f"`[{section.path}]`" if section.path else "At the top"
    return f"{title} of `{file}`" if file else title


def _block(title: str, help_: str, rows: Iterable[Key]) -> str:
    head = [f"#### {title}", "", help_, ""]
    body = [_row(key) for key in rows]
    table = (
        ["| key | what it is | for example | without it |", "|---|---|---|---|", *body]
        if body
        else ["No further keys."]
    )
    return "\n".join([*head, *table, ""])


def _row(key: Key) -> str:
    what = f"{key.help}: {', '.join(key.words)}" if key.words else key.help
    without = "it must be there" if key.required else f"`{key.default}`" if key.default else ""
    example = f"`{key.name} = {key.example}`" if key.example else ""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (f"`{key.name}`", what, example, without)) + " |"


def _options(connector: Connector) -> Iterator[Key]:
    for option in connector.options:
        shape = Shape.SECRET if option.secret else Shape.OPTIONS if option.table else Shape.TEXT
        yield Key(
            name=option.name, help=option.help, shape=shape, default=option.default, required=option.required
        )  # fmt: skip


def _screen(names: Names) -> Iterator[Key]:
    for name, does in names.items():
        yield Key(name=name, help=does)


# --- JSON Schema -----------------------------------------------------------------------------------------------------

_TYPES: Mapping[Shape, Mapping[str, Any]] = {
    Shape.TEXT: {"type": "string"},
    Shape.TEXTS: {"type": "array", "items": {"type": "string", "minLength": 1}},
    Shape.PAIR: {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
    Shape.DURATION: {"type": "string", "pattern": "^([0-9]+([.][0-9]+)?[smhd] ?)+$"},
    Shape.NUMBER: {"type": "number", "minimum": 0},
    Shape.FLAG: {"type": "boolean"},
    Shape.OPTIONS: {"type": "object"},
    Shape.LABELS: {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
}


_PLAIN = ("me", "urgency", "outbox", "ui", "notify", "team")
"""Sections that hold keys and nothing else."""


def schema(connectors: Iterable[Connector], screen: Names) -> dict[str, Any]:
    """The file's JSON Schema (2020-12). Any kind's options are allowed in any source: editors show whose they are."""
    found = list(connectors)
    top = _object(keys.section("").keys)
    options = {key.name: _value(key) for one in found for key in _told_by_kind(one)}
    source = _object(keys.section("sources.NAME").keys)
    source["properties"] |= {**options, "auth": _object(keys.section("sources.NAME.auth").keys)}
    source["properties"]["kind"]["enum"] = [one.name for one in found]
    screen_keys = {"type": "object", "properties": {name: {"type": "string", "description": does}
                   for name, does in screen.items()}, "additionalProperties": False}  # fmt: skip
    top["properties"] |= {name: _object(keys.section(name).keys) for name in _PLAIN}
    top["properties"] |= {
        "sources": _named(source),
        "customers": _named(_object(keys.section("customers.NAME").keys)),
        "services": _named(_object(keys.section("services.NAME").keys)),
        "keys": screen_keys,
    }
    return {"$schema": _DRAFT, "title": "oncall-tui", **top, "required": ["me"]}


_DRAFT = "https://json-schema.org/draft/2020-12/schema"

_NO_PHRASE = r"^\s*(\.\.\.(\s|$)|$)|(^|\s)\.\.\.\s*$"
"""Empty, or beginning or ending in a gap."""


def care_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of care.toml."""
    top, language = (_object(section.keys) for section in CARE[:2])
    (phrase,) = CARE[2].keys
    one_kind = {"type": "object", "description": f"as {phrase.name} = {phrase.example}",
                "propertyNames": {"not": {"pattern": _NO_PHRASE}}, "additionalProperties": _value(phrase)}  # fmt: skip
    language["properties"] |= dict.fromkeys(KINDS, one_kind)
    return {"$schema": _DRAFT, "title": "oncall-tui care.toml", **top, "patternProperties": {f"^{CODE}$": language}}


def _told_by_kind(connector: Connector) -> Iterator[Key]:
    for key in _options(connector):
        yield Key(name=key.name, help=f"{connector.name}: {key.help}", shape=key.shape)


def _object(rows: Iterable[Key]) -> dict[str, Any]:
    rows = list(rows)
    return {
        "type": "object",
        "properties": {key.name: _value(key) for key in rows},
        "required": [key.name for key in rows if key.required],
        "additionalProperties": False,
    }


def _named(table: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": table}


def _value(key: Key) -> dict[str, Any]:
    made = dict(_TYPES.get(key.shape) or _nested(key.shape))
    made["description"] = key.help
    if key.words and key.shape is Shape.TEXTS:
        made["items"] = {"enum": list(key.words)}
    elif key.words:
        made["enum"] = list(key.words)
    return made


def _nested(shape: Shape) -> dict[str, Any]:
    if shape is Shape.MOMENTS:
        return {"type": "array", "items": _object(MOMENT.keys)}
    if shape is Shape.MATCH:
        return _object(MATCH.keys)
    return _object(SECRET.keys) | {"minProperties": 1, "maxProperties": 1}
