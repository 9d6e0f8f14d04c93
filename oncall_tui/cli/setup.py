"""The command `init`: from nothing to a source that was tested and written down, by questions, flags or the environment."""

from __future__ import annotations

import os
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oncall_tui import connectors, words
from oncall_tui.cli import doctor, given, plain
from oncall_tui.cli.asking import Asker, me
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config, adding
from oncall_tui.core import customers
from oncall_tui.engine.doctor import Found
from oncall_tui.errors import WrongUse
from oncall_tui.model import Signal


def init(path: Path, arguments: Namespace, asker: Asker | None = None) -> Outcome:
    """`init`: writes what was tested (or what you want all the same); 3 when a test failed and nothing was written."""
    asker = asker or Asker()
    if arguments.team is not None:
        from oncall_tui.cli.joining import join  # noqa: PLC0415 (for that alone)

        return join(path, arguments, asker)
    told = _add(path, arguments, asker)
    while asker.can_ask and not _by_flags(arguments) and told.code == Code.DONE and asker.agrees("Another source?"):
        asker.say(told.out)
        told = _add(path, arguments, asker)
    return told


def _by_flags(arguments: Namespace) -> bool:
    return bool(arguments.kind or arguments.from_env)


def _add(path: Path, arguments: Namespace, asker: Asker) -> Outcome:
    before = adding.text_of(path)
    there = adding.checked(path, before) if before.strip() else None
    tables = given.from_env(os.environ, there) if arguments.from_env else _from_answers(there, arguments, asker)
    if not tables.get("sources"):
        return Outcome(Code.DONE, f"{path}: every source of the environment is there already")
    text = adding.extended(before, tables)
    loaded = adding.checked(path, text)
    found = () if arguments.untested else _test(loaded, tables["sources"], asker)
    if not all(one.well for one in found) and not asker.agrees("Write it all the same?"):
        return Outcome(Code.INCOMPLETE, talk="oncall-tui: nothing was written; --untested writes it all the same")
    met = _met((signal for one in found for signal in one.signals), loaded)
    if met and _wanted(met, arguments, asker):
        text = adding.extended(text, {"customers": {name: {} for name in met}})
        adding.checked(path, text)
    adding.write(path, text, before=before)
    is_news = met and not arguments.customers and (_by_flags(arguments) or not asker.can_ask)
    return Outcome(Code.DONE, _written(path, tables), _proposal(met) if is_news else "")


# --- what to write ---------------------------------------------------------------------------------------------------


def _from_answers(there: Config | None, arguments: Namespace, asker: Asker) -> dict[str, Any]:
    mine = me(there, arguments, asker)
    kind = arguments.kind or asker.one_of("What kind of source is it", connectors.kinds(), flag="--kind")
    connector = connectors.find(kind)
    if any(option.table for option in connector.options) and not arguments.set:
        raise WrongUse(f"{kind} is told by tables: write them into the file, or give them as --set list.path=/tickets")
    url = arguments.url or asker.text("The address of the server, as https://desk.example.nl", flag="--url")
    name = arguments.name or (
        kind if _by_flags(arguments) else asker.text("A name for it", flag="--name", default=kind)
    )
    if there and any(source.name == name for source in there.sources):
        raise WrongUse(f"{there.path} has a source called {name} already: give another --name")
    source: dict[str, Any] = {"kind": kind, "url": url}
    if secret := _secret(arguments, asker, needed=any(one.secret and one.required for one in connector.options)):
        source["token"] = secret
    source |= given.options(arguments.set)
    for option in connector.options:
        if option.required and not option.secret and option.name not in source:
            source[option.name] = asker.text(option.help, flag=f"--set {option.name}=...")
    return {**mine, "sources": {name: source}}


_PLACES = (
    "- env DESK_KEY: an environment variable",
    "- command pass show desk: what a program prints, run without a shell",
    "- file ~/.desk-key: a file that only you can read (chmod 600)",
    "- keyring desk/sanne: the desktop's keyring, service and user",
    "- credential desk: what systemd keeps (LoadCredential=)",
)


def _secret(arguments: Namespace, asker: Asker, *, needed: bool) -> dict[str, Any]:
    if arguments.secret:
        return given.place(arguments.secret)
    if _by_flags(arguments) and not needed:
        return {}
    if asker.can_ask:
        asker.say("Its secret stays where it is; only that place is written down:", *_PLACES)
    while True:
        said = asker.text(
            f"Where its secret is kept{'' if needed else ' (empty for none)'}", flag="--secret", needed=needed
        )
        try:
            return given.place(said) if said else {}
        except WrongUse as wrong:
            asker.say(wrong.words)


# --- what the sources say --------------------------------------------------------------------------------------------


def _test(loaded: Config, names: Iterable[str], asker: Asker) -> tuple[Found, ...]:
    """Each new source examined at once, told step by step, with one of its records as it will look."""
    added = [source for source in loaded.sources if source.name in names]
    found = tuple(doctor.examine_all(added, loaded.settings.me))
    asker.say(*doctor.lines(list(zip(added, found, strict=True))))
    now = datetime.now(UTC)
    asker.say(*(f"As it will look: {plain.signal(one.signals[0], now)}" for one in found if one.signals))
    return found


def _met(signals: Iterable[Signal], loaded: Config) -> dict[str, int]:
    """Customers that the signals name and the configuration does not, with how many signals are theirs."""
    known = customers.Register(loaded.settings.customers)
    seen: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for signal in signals:
        name = signal.customer or next(
            (signal.labels[label] for label in customers.LABELS if label in signal.labels), ""
        )
        if name.strip() and name.isprintable() and not known.recognise(signal):
            seen[customers.key(name)] += 1
            spelled.setdefault(customers.key(name), name.strip())
    return {spelled[its]: count for its, count in seen.most_common(20)}


def _wanted(met: Mapping[str, int], arguments: Namespace, asker: Asker) -> bool:
    if arguments.customers or not asker.can_ask or _by_flags(arguments):
        return bool(arguments.customers)
    asker.say(_proposal(met))
    return asker.agrees("Write them down now?")


def _proposal(met: Mapping[str, int]) -> str:
    names = ", ".join(f"{name} ({words.counted(count, 'signal')})" for name, count in met.items())
    return (
        f"Customers that it names: {names}. Written down (--customers) each can be given its core process and services."
    )


def _written(path: Path, tables: Mapping[str, Any]) -> str:
    return f"{path}: {', '.join(tables['sources'])} written; `oncall-tui` opens the screen, `oncall-tui list` tells it here"
