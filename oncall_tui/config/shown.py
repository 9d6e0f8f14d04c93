"""A whole configuration as lines, ``key = value``, defaults included; a secret is told by where it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

import msgspec

from oncall_tui.config.shape import Auth, Config, Notify, Secret, SourceConfig
from oncall_tui.model import Customer, Match, Moment, Noun, Service
from oncall_tui.words import length

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def lines(config: Config) -> list[str]:
    """Every key that has a value, one a line, in the order of the reference."""
    return [f"{name} = {value}" for name, value in _all(config)]


def _all(config: Config) -> Iterator[tuple[str, str]]:
    settings = config.settings
    yield "file", _text(str(config.path))
    yield from _plain("team", {"file": config.team})
    yield from _plain("", {"alarm_words": settings.alarm_words, "bots": settings.bots})
    yield from _plain("me", _fields(settings.me))
    for source in config.sources:
        yield from _source(f"sources.{source.name}", source)
    for customer in settings.customers:
        yield from _customer(f"customers.{_part(customer.name)}", customer)
    for service in settings.services:
        yield from _plain(f"services.{_part(service.name)}.match", _fields(service.match))
    yield from _weights(config)
    yield "outbox.undo", _text(length(config.undo_s))
    yield "outbox.late", _text(length(config.late_s))
    yield "outbox.keep", _text(length(config.keep_days * 86400))
    yield "outbox.acknowledge", _text(length(config.ack_hours * 3600))
    yield from _plain("keys", config.keys)
    yield from _plain("ui", _fields(config.ui))
    yield from _notify(config.notify)


def _source(at: str, source: SourceConfig) -> Iterator[tuple[str, str]]:
    values = _fields(source)
    secret, auth = values.pop("secret"), values.pop("auth")
    values.pop("name")
    options = values.pop("options")
    yield from _plain(at, {"kind": values.pop("kind"), "url": values.pop("url")})
    yield f"{at}.every", _text(length(values.pop("every_s")))
    if isinstance(secret, Secret):
        yield f"{at}.token", f"<{secret.origin}>"
    yield from _plain(at, values | options)
    if isinstance(auth, Auth):
        of_it = _fields(auth)
        yield f"{at}.auth.secret", f"<{of_it.pop('secret').origin}>"
        yield from _plain(f"{at}.auth", of_it)


def _customer(at: str, customer: Customer) -> Iterator[tuple[str, str]]:
    values = _fields(customer)
    match, moments = values.pop("match"), values.pop("moments")
    values.pop("name")
    yield from _plain(f"{at}.match", _fields(match))
    yield from _plain(at, values)
    for place, moment in enumerate(moments):
        yield from _plain(f"{at}.moments[{place}]", _moment(moment))


def _moment(moment: Moment) -> dict[str, Any]:
    return _fields(moment) | {"days": tuple(_DAYS[day] for day in moment.days)}


def _weights(config: Config) -> Iterator[tuple[str, str]]:
    for name, value in _fields(config.settings.weights).items():
        yield f"urgency.{name}", _text(length(value)) if name.endswith("_s") else f"{value:g}"


def _notify(notify: Notify) -> Iterator[tuple[str, str]]:
    yield from _plain("notify", {"how": notify.how, "command": notify.command})
    yield "notify.again", _text(length(notify.again_s))
    if notify.quiet:
        yield "notify.quiet", _text("-".join(f"{at:%H:%M}" for at in notify.quiet))


def _plain(at: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is there, as TOML would write it; what is empty is left out."""
    for name, value in values.items():
        if value not in (None, "", (), {}):
            yield f"{at}.{name}" if at else name, _value(value)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_part(name)} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value.strftime("%H:%M") if isinstance(value, time) else str(value))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _part(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else _text(name)


def _fields(noun: Noun | Match | Service) -> dict[str, Any]:
    return msgspec.structs.asdict(noun)
