"""What one record means by the user's tables: a signal with its messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from oncall_tui import kit
from oncall_tui.connectors.http.tables import TEXTS, TIMES, Plan
from oncall_tui.kit import Source
from oncall_tui.model import Impact, Kind, Message, Signal, Voice

T = TypeVar("T")


def signal(source: Source, plan: Plan, record: Any) -> Signal | None:
    """One record as a signal; None when it is not open."""
    found = {name: find(record) for name, find in plan.fields.items()}
    if "open" in found and not found["open"]:
        return None
    texts: dict[str, Any] = {name: text(found.get(name)) for name in TEXTS}
    times: dict[str, Any] = {name: _at(source, found.get(name)) for name in TIMES}
    number, owner = _needed("id", text(found["id"])), texts.pop("taken_by")
    is_taken = bool(owner) and not kit.is_listed(source, "bots", owner)
    return Signal(
        source=source.name,
        id=number,
        kind=Kind(source.options.get("kind_of") or Kind.TICKET),
        title=_needed("title", text(found["title"])),
        opened_at=_needed("opened_at", _at(source, found["opened_at"])),
        impact=plan.impacts.get(texts["severity"].casefold(), Impact.AT_RISK),
        **texts,
        assignee=owner,
        taken_by=owner if is_taken else "",
        mine=is_taken and is_me(source, owner),
        **times,
        labels=_labels(found.get("labels")),
        messages=tuple(_shown(message) for message in messages(source, plan, record)),
        links=tuple(text(one) for one in _list("fields.links", found.get("links"))),
        url=_page(source, number, text(found.get("url"))),
    )


def identity(plan: Plan, record: Any) -> str:
    """Which record that is, "" when it does not say."""
    found = plan.fields["id"](record)
    return "" if isinstance(found, (dict, list)) else text(found)


def _shown(message: Message) -> Message:
    return msgspec.structs.replace(message, text=kit.unmarked(message.text))


def messages(source: Source, plan: Plan, record: Any) -> Iterator[Message]:
    """What was said in it, word for word."""
    find = plan.message
    for one in _list("message.list", find["list"](record)) if find else ():
        author = text(find["author"](one))
        private = bool(find["private"](one)) if "private" in find else False
        yield Message(
            id=_needed("a message's id", text(find["id"](one))),
            voice=_voice(source, plan, one, author, private=private),
            author=author,
            text=text(find["text"](one)),
            at=_needed("a message's time", _at(source, find["at"](one))),
            private=private,
        )


def _voice(source: Source, plan: Plan, one: Any, author: str, *, private: bool) -> Voice:
    """Ours by the record, by `team` or by being me; whoever is not known to be ours speaks for the customer."""
    find = plan.message
    if kit.is_listed(source, "bots", author) or ("machine" in find and find["machine"](one)):
        return Voice.MACHINE
    ours = private or kit.is_listed(source, "team", author) or is_me(source, author)
    return Voice.OURS if ours or ("ours" in find and find["ours"](one)) else Voice.THEIRS


def is_me(source: Source, who: str) -> bool:
    """Whether the API calls us so, or we call ourselves so."""
    mine = (source.session.get("me", ""), source.me.name, source.me.email, *source.me.aliases)
    return bool(who) and who.casefold() in {one.casefold() for one in mine}


def _needed(name: str, value: T | None) -> T:
    if not value:
        raise ValueError(f"{name} is missing")
    return value


def _list(what: str, value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise ValueError(f"{what} finds no list")
    return value or []


def _labels(value: Any) -> dict[str, str]:
    """An object of labels; what is no text in it is written as one."""
    if value is not None and not isinstance(value, dict):
        raise ValueError("fields.labels finds no object")
    return {name: str(one) if isinstance(one, dict) else text(one) for name, one in (value or {}).items()}


def _at(source: Source, value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
        raise ValueError("no time where one was expected")
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal():
        value = float(value)
    return kit.when(value, per_s=1000.0 if source.options.get("times") == "ms" else 1.0)


def _page(source: Source, number: str, found: str) -> str:
    """Where people read it: the user's own template, or what the record says if that is on the source's own origin."""
    if web := source.options.get("web", ""):
        return web.replace("{id}", kit.quote(number))
    at, to = urlsplit(source.url), urlsplit(urljoin(f"{source.url}/", found))
    is_there = bool(found) and (to.scheme, to.netloc) == (at.scheme, at.netloc)
    return to.geturl() if is_there else f"{source.url}/"


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
