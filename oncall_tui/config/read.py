"""The sections of config.toml: who I am, customers, services, weights, keys and the outbox's times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import time
from itertools import pairwise
from pathlib import Path

import msgspec

from oncall_tui.config import files, screen, team
from oncall_tui.config.keys import names, tables
from oncall_tui.config.shape import Config, SourceConfig
from oncall_tui.config.sources import source
from oncall_tui.config.table import Table, near
from oncall_tui.config.toml import parse
from oncall_tui.errors import ConfigError
from oncall_tui.model import Alternative, Customer, Match, Me, Moment, Process, Service, Settings, Weights

_ALONE_AT_THE_TOP = names("")
_SECTIONS = (*tables(), *_ALONE_AT_THE_TOP)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read(path: Path) -> Config:
    """The configuration in the file at `path` and its team's. Raises `ConfigError` at the first fault."""
    top = _own(path)
    top.only(*_SECTIONS)
    shared = _shared(top, path)
    parts = (top, *([shared] if shared else []))
    outbox = top.table("outbox")
    outbox.only(*names("outbox"))
    words = _holder(parts, "alarm_words")
    settings = Settings(
        me=_me(top.table("me", required='say who you are: name = "Sanne de Vries"')),
        customers=tuple(_customer(name, table) for name, table, _ in _named_tables(parts, "customers")),
        services=tuple(_service(name, table) for name, table, _ in _named_tables(parts, "services")),
        weights=_weights(_holder(parts, "urgency").table("urgency")),
        alarm_words=words.texts("alarm_words") if "alarm_words" in words else None,
        bots=_holder(parts, "bots").texts("bots"),
    )
    return Config(
        path=path,
        settings=settings,
        sources=_sources(parts, path),
        keys=top.strings("keys"),
        undo_s=outbox.seconds("undo", 5.0, most=120),
        late_s=outbox.seconds("late", 75.0, most=3600),
        keep_days=outbox.seconds("keep", 30 * 86400.0, least=86400) / 86400,
        ack_hours=outbox.seconds("acknowledge", 4 * 3600.0, least=300, most=7 * 86400) / 3600,
        team=shared.file if shared else "",
        ui=screen.ui(top.table("ui")),
        notify=screen.notify(top.table("notify")),
    )


# --- the own file and the team's --------------------------------------------------------------------------------------


def read_team(path: Path) -> tuple[SourceConfig, ...]:
    """The sources of a team's file, which is checked whole. Raises `ConfigError` at the first fault."""
    shared = _parse_team(path)
    for name, table in shared.tables("customers"):
        _customer(name, table)
    for name, table in shared.tables("services"):
        _service(name, table)
    _weights(shared.table("urgency"))
    for key in _ALONE_AT_THE_TOP:
        shared.texts(key)
    return tuple(source(name, table, path.parent) for name, table in shared.tables("sources"))


_OF_A_TEAM = ("sources", "customers", "services", "urgency", *_ALONE_AT_THE_TOP)


def _own(path: Path) -> Table:
    try:
        return parse(path)
    except FileNotFoundError:
        words = "there is no configuration here; `oncall-tui init` writes one, `oncall-tui demo` needs none"
        raise ConfigError(words, file=str(path)) from None


def _shared(top: Table, path: Path) -> Table | None:
    if "team" not in top:
        return None
    table = top.table("team")
    table.only(*names("team"))
    if wrong := team.unfit(table.text("from")):
        raise table.fault("from", wrong)
    file = files.leads_to(table, "file", path.parent, like='a file, as "team.toml"')
    if file is None or not files.is_there(file):
        raise table.fault("file", f"there is no file {file}: `oncall-tui init --team` fetches it")
    return _parse_team(file)


def _parse_team(path: Path) -> Table:
    shared = parse(path)
    shared.only(*_OF_A_TEAM)
    return shared


def _holder(parts: Sequence[Table], key: str) -> Table:
    """The part that says `key`: the own file before the team's."""
    return next((part for part in parts if key in part), parts[0])


def _named_tables(parts: Sequence[Table], section: str) -> Iterator[tuple[str, Table, Table]]:
    """Each named table with the part that it is from; one of the own file stands for one of the same name."""
    seen: set[str] = set()
    for part in parts:
        for name, table in part.tables(section):
            if name not in seen:
                seen.add(name)
                yield name, table, part


def _sources(parts: Sequence[Table], path: Path) -> tuple[SourceConfig, ...]:
    """Every source, at least one. A secret goes where the team's file says only once that was accepted."""
    found = []
    for name, table, part in _named_tables(parts, "sources"):
        made = source(name, table, Path(part.file).parent)
        if part is not parts[0] and not team.is_accepted(made, path):
            raise table.fault("", f"{team.told(made)}: see and accept that with `oncall-tui init --team`")
        found.append(made)
    if not found:
        raise parts[0].fault(
            "sources", 'is missing: add a table such as [sources.am] with kind = "..." and url = "..."'
        )
    return tuple(found)


def _me(table: Table) -> Me:
    table.only(*names("me"))
    return Me(
        name=table.text("name", None, like='your name, as name = "Sanne de Vries"'),
        email=table.text("email"),
        aliases=table.texts("aliases"),
    )


def _match(table: Table) -> Match:
    table.only(*names("customers.NAME.match"))
    return Match(
        organisations=table.texts("organisations"),
        domains=table.texts("domains"),
        labels=table.strings("labels"),
        services=table.texts("services"),
        hosts=table.texts("hosts"),
    )


def _customer(name: str, table: Table) -> Customer:
    table.only(*names("customers.NAME"))
    return Customer(
        name=_named(name, table),
        match=_match(table.table("match")),
        core_process=table.text("core_process"),
        core_process_theirs=table.text("core_process_theirs"),
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
    table.only(*names("services.NAME"))
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
    table.only(*names("customers.NAME.moments"))
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
    days = table.texts("days")
    for name in days:
        if name.lower()[:3] not in _DAYS or not _is_day(name.lower()):
            raise table.fault("days", f"{name!r} is no day; {near(name, _DAYS)}")
    return tuple(sorted({_DAYS.index(name.lower()[:3]) for name in days}))


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
    table.only(*names("urgency"))
    given = {name: _weight(table, name) for name in names("urgency") if name in table}
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
