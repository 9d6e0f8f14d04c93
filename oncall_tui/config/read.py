"""The sections of config.toml: who I am, customers, services, weights, keys and the outbox's times."""

from __future__ import annotations

import re
import tomllib
from datetime import time
from itertools import pairwise
from pathlib import Path

import msgspec

from oncall_tui.config.lines import lines
from oncall_tui.config.shape import Config
from oncall_tui.config.sources import sources
from oncall_tui.config.table import Table, near
from oncall_tui.errors import ConfigError
from oncall_tui.model import Alternative, Customer, Match, Me, Moment, Process, Service, Settings, Weights

_SECTIONS = ("me", "sources", "customers", "services", "urgency", "keys", "outbox", "alarm_words", "bots")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read(path: Path) -> Config:
    """The configuration in the file at `path`. Raises `ConfigError` at the first fault."""
    top = _parse(path)
    top.only(*_SECTIONS)
    outbox = top.table("outbox")
    outbox.only("undo", "late", "keep", "acknowledge")
    settings = Settings(
        me=_me(top.table("me", required='say who you are: name = "Sanne de Vries"')),
        customers=tuple(_customer(name, table) for name, table in top.tables("customers")),
        services=tuple(_service(name, table) for name, table in top.tables("services")),
        weights=_weights(top.table("urgency")),
        alarm_words=top.texts("alarm_words") if "alarm_words" in top else None,
        bots=top.texts("bots"),
    )
    return Config(
        path=path,
        settings=settings,
        sources=sources(top, path.parent),
        keys=top.strings("keys"),
        undo_s=outbox.seconds("undo", 5.0, most=120),
        late_s=outbox.seconds("late", 75.0, most=3600),
        keep_days=outbox.seconds("keep", 30 * 86400.0, least=86400) / 86400,
        ack_hours=outbox.seconds("acknowledge", 4 * 3600.0, least=300, most=7 * 86400) / 3600,
    )


def _parse(path: Path) -> Table:
    file = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return Table(tomllib.loads(text), file, lines(text.replace("\r\n", "\n")))
    except FileNotFoundError:
        raise ConfigError("there is no configuration here; `oncall-tui demo` needs none", file=file) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=file) from None
    except UnicodeDecodeError as error:
        line = bytes(error.object[: error.start]).count(b"\n") + 1
        raise ConfigError("is not UTF-8: save it as UTF-8", file=file, line=line) from None
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, text, file) from None
    except RecursionError:
        raise ConfigError("is nested too deeply", file=file) from None


def _not_toml(error: tomllib.TOMLDecodeError, text: str, file: str) -> ConfigError:
    """`tomllib` tells the place at the end of its words: "... (at line 3, column 8)" or "(at end of document)"."""
    said = str(error)
    place = re.search(r"\(at line (\d+), column \d+\)$", said)
    line = int(place[1]) if place else text.rstrip().count("\n") + 1
    return ConfigError(f"is not TOML: {re.sub(r' ?[(]at [^)]*[)]$', '', said)}", file=file, line=line)


def _me(table: Table) -> Me:
    table.only("name", "email", "aliases")
    return Me(
        name=table.text("name", None, like='your name, as name = "Sanne de Vries"'),
        email=table.text("email"),
        aliases=table.texts("aliases"),
    )


def _match(table: Table) -> Match:
    table.only("organisations", "domains", "labels", "services", "hosts")
    return Match(
        organisations=table.texts("organisations"),
        domains=table.texts("domains"),
        labels=table.strings("labels"),
        services=table.texts("services"),
        hosts=table.texts("hosts"),
    )


def _customer(name: str, table: Table) -> Customer:
    table.only("match", "core_process", "process", "depends_on", "alternative", "language", "phone", "moments")
    return Customer(
        name=_named(name, table),
        match=_match(table.table("match")),
        core_process=table.text("core_process"),
        process=table.choice("process", Process.CORE),
        depends_on=table.texts("depends_on"),
        alternative=table.choice("alternative", Alternative.NONE),
        language=_language(table),
        phone=table.text("phone"),
        moments=tuple(
            _moment(moment)
            for moment in table.listed("moments", 'a list of tables, as [{ at = "04:30", what = "...", zone = "..." }]')
        ),
    )


def _service(name: str, table: Table) -> Service:
    table.only("match")
    return Service(name=_named(name, table), match=_match(table.table("match")))


def _named(name: str, table: Table) -> str:
    if not name.strip() or not name.isprintable():
        raise table.fault("", "the name must not be empty or hold control characters")
    return name.strip()


def _language(table: Table) -> str:
    language = table.text("language")
    if language and not re.fullmatch(r"[a-z]{2,3}", language):
        raise table.fault("language", 'must be a language code, as "nl" or "en"')
    return language


def _moment(table: Table) -> Moment:
    table.only("at", "what", "zone", "days")
    return Moment(
        at=_time(table),
        what=table.text("what", None, like='what happens then, as "ovens load"'),
        zone=_zone(table),
        days=_days(table),
    )


def _time(table: Table) -> time:
    text = table.text("at", None, like='a time of day, as "04:30"')
    if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", text):
        raise table.fault("at", f'{text!r} is no time of day; it must be from "00:00" to "23:59"')
    return time.fromisoformat(text)


def _zone(table: Table) -> str:
    """An IANA name that this machine knows: the zones are the system's own (or those of the tzdata package)."""
    import zoneinfo  # noqa: PLC0415 (only a customer with moments needs the zones)

    zone = table.text("zone", None, like='a time zone, as "Europe/Amsterdam"')
    try:
        return zoneinfo.ZoneInfo(zone).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        if not known:
            raise table.fault("zone", "this machine has no time zones: install its tzdata package") from None
        raise table.fault("zone", _no_zone(zone, known)) from None


def _no_zone(zone: str, known: set[str]) -> str:
    meant = near(zone, sorted(known)).partition("allowed:")[0]
    return f'{zone!r} is no time zone; {meant}allowed: IANA names such as "Europe/Amsterdam"'


def _days(table: Table) -> tuple[int, ...]:
    names = table.texts("days")
    for name in names:
        if name.lower()[:3] not in _DAYS or not _is_day(name.lower()):
            raise table.fault("days", f"{name!r} is no day; {near(name, _DAYS)}")
    return tuple(sorted({_DAYS.index(name.lower()[:3]) for name in names}))


def _is_day(name: str) -> bool:
    whole = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return name in _DAYS or name in whole


_FALLING = (
    ("down", "degraded", "at_risk", "question"),
    ("core", "supporting", "peripheral"),
    ("no_alternative", "manual", "failover"),
)
"""Weights of which a worse input may never weigh less than a better one."""

_AT_MOST_ONE = frozenset({"in_hand", "in_hand_due", "missed", "untold", "deadline"})


def _weights(table: Table) -> Weights:
    names = Weights.__struct_fields__
    table.only(*names)
    given = {name: _weight(table, name) for name in names if name in table}
    weights = msgspec.structs.replace(Weights(), **given)
    for order in (*_FALLING, ("in_hand_due", "in_hand")):
        for more, less in pairwise(order):
            if getattr(weights, less) > getattr(weights, more):
                key = less if less in given else more
                raise table.fault(key, f"{less} must not weigh more than {more} ({getattr(weights, more):g})")
    return weights


def _weight(table: Table, name: str) -> float:
    if name.endswith("_s"):
        return table.seconds(name, 0.0, least=1, most=30 * 86400)
    least = 1.0 if name == "spread_most" else 0.0
    return table.number(name, 0.0, least=least, most=1.0 if name in _AT_MOST_ONE else 1000.0)
