"""The command `init`: from nothing to a source that was tested and written down, by questions, flags or the environment."""

from __future__ import annotations

import os
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from oncall_tui import connectors, words
from oncall_tui.cli import doctor, given, plain
from oncall_tui.cli.asking import Asker, Ended, me
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config, adding
from oncall_tui.config.places import wrong_place
from oncall_tui.config.sources import wrong_name, wrong_url
from oncall_tui.config.table import near
from oncall_tui.core import customers
from oncall_tui.engine.doctor import Found
from oncall_tui.errors import ConfigError, WrongUse
from oncall_tui.kit import Connector, Option
from oncall_tui.model import Signal


def init(path: Path, arguments: Namespace, asker: Asker | None = None) -> Outcome:
    """`init`: writes what was tested (or what you want all the same); 3 when a test failed and nothing was written."""
    given.refuse_strangers(arguments)
    asker = asker or Asker()
    if arguments.team is not None:
        from oncall_tui.cli.joining import join  # noqa: PLC0415 (for that alone)

        return join(path, arguments, asker)
    written: Outcome | None = None
    try:
        while True:
            told = _add(path, arguments, asker)
            if told.code or _by_flags(arguments) or not asker.can_ask:
                return told
            written = told
            if not _another(asker):
                return told
            asker.say(told.out)
            asker.forget()
    except (Ended, KeyboardInterrupt) as end:
        why, code = (end.words, Code.USAGE) if isinstance(end, Ended) else ("interrupted", Code.INTERRUPTED)
        return Outcome(code, talk=f"oncall-tui: {why}: nothing {'more ' if written else ''}was written")


def _another(asker: Asker) -> bool:
    """Whether there is another source; whoever ends the answers here has told all."""
    try:
        return asker.agrees("Another source?")
    except Ended:
        return False


def _by_flags(arguments: Namespace) -> bool:
    return bool(arguments.kind or arguments.from_env)


def _add(path: Path, arguments: Namespace, asker: Asker) -> Outcome:
    """One source, asked for until it is as wanted: what was answered is offered again."""
    while True:
        try:
            if (told := _tried(path, arguments, asker)) is not None:
                return told
        except ConfigError as error:
            if _by_flags(arguments) or not asker.can_ask or error.file == str(path):
                raise
            asker.say(error.words)
        if _by_flags(arguments) or not asker.agrees("Answer again? Enter keeps what you answered."):
            return Outcome(Code.INCOMPLETE, talk="oncall-tui: nothing was written; --untested writes it all the same")


def _tried(path: Path, arguments: Namespace, asker: Asker) -> Outcome | None:
    """What came of it; None when a source failed and is not to be written."""
    before = adding.text_of(path)
    there = adding.checked(path, before) if before.strip() else None
    tables = given.from_env(os.environ, there) if arguments.from_env else _from_answers(there, arguments, asker)
    if not tables.get("sources"):
        return Outcome(Code.DONE, f"{path}: every source of the environment is there already")
    text = adding.extended(before, tables)
    loaded = _would_be(path, text)
    found = () if arguments.untested else _test(loaded, tables["sources"], asker)
    if not all(one.well for one in found) and not asker.agrees("Write it all the same?"):
        return None
    met = _met((signal for one in found for signal in one.signals), loaded)
    if met and _wanted(met, arguments, asker):
        text = adding.extended(text, {"customers": {name: {} for name in met}})
        adding.checked(path, text)
    adding.write(path, text, before=before)
    is_news = met and not arguments.customers and (_by_flags(arguments) or not asker.can_ask)
    return Outcome(Code.DONE, _written(path, tables), _proposal(met) if is_news else "")


def _would_be(path: Path, text: str) -> Config:
    """What that text would be. A fault is in what was added, at no line of a file that anybody can look at."""
    try:
        return adding.checked(path, text)
    except ConfigError as error:
        raise ConfigError(error.wrong, key=error.key) from None


# --- what to write ---------------------------------------------------------------------------------------------------


def _from_answers(there: Config | None, arguments: Namespace, asker: Asker) -> dict[str, Any]:
    more = given.options(arguments.set)
    if again := next((key for key in ("kind", "url") if key in more), ""):
        raise WrongUse(f"--set {again}: there is --{again} for that")
    mine = me(there, arguments, asker)
    kind = _kind(arguments, asker)
    connector = connectors.find(kind)
    url = asker.text(
        "The address of the server, as https://desk.example.nl",
        flag="--url",
        given=arguments.url or "",
        check=wrong_url,
    )
    taken = {source.name for source in there.sources} if there else set()
    name = asker.text(
        "A name for it", flag="--name", given=arguments.name or (kind if _by_flags(arguments) else ""), default=kind,
        check=lambda said: f"a source is called {said} already: give another" if said in taken else wrong_name(said),
    )  # fmt: skip
    source: dict[str, Any] = {"kind": kind, "url": url, **_secret(connector, more, arguments, asker), **more}
    for option in connector.options:
        if option.required and not option.secret and option.name not in source:
            source[option.name] = asker.text(
                option.help, flag=f"--set {option.name}=...", check=partial(_unfit, option)
            )
    return {**mine, "sources": {name: source}}


def _unfit(option: Option, said: str) -> str:
    try:
        if option.check:
            option.check(said)
    except ConfigError as error:
        return error.wrong
    return ""


def _kind(arguments: Namespace, asker: Asker) -> str:
    kinds = connectors.kinds()
    asked = f"What kind of source is it ({', '.join(kinds)})"
    kind = asker.text(asked, flag="--kind", given=arguments.kind or "", check=lambda said: _no_kind(said, arguments))
    return kind if kind in kinds else kind.lower()


def _no_kind(said: str, arguments: Namespace) -> str:
    kinds = connectors.kinds()
    kind = said if said in kinds else said.lower()
    if kind not in kinds:
        return f"that is no kind of source; {near(said, kinds)}"
    if any(option.table for option in connectors.find(kind).options) and not arguments.set:
        return f"{kind} is told by tables: write them into the file, or give them as --set list.path=/tickets"
    return ""


_PLACES = (
    "- env DESK_KEY: an environment variable",
    "- command pass show desk: what a program prints, run without a shell",
    "- file ~/.desk-key: a file that only you can read (chmod 600)",
    "- keyring desk/sanne: the desktop's keyring, service and user",
    "- credential desk: what systemd keeps (LoadCredential=)",
)


def _secret(connector: Connector, more: Mapping[str, Any], arguments: Namespace, asker: Asker) -> dict[str, Any]:
    """Its place under ``token``; nothing when there is none, or when `more` says it."""
    own = [option for option in connector.options if option.secret]
    if more.keys() & {"token", "password", *(option.name for option in own)}:
        if arguments.secret:
            raise WrongUse("--secret and --set both say where the secret is kept: leave one out")
        return {}
    needed = any(option.required for option in own)
    if not arguments.secret:
        if _by_flags(arguments) and not needed:
            return {}
        if asker.can_ask:
            asker.say("Its secret stays where it is; only that place is written down:", *_PLACES)
    said = asker.text(
        "Where its secret is kept", flag="--secret",
        given=arguments.secret or "", needed=needed, check=_no_place,
    )  # fmt: skip
    return {"token": given.place(said)} if said else {}


def _no_place(said: str) -> str:
    try:
        return wrong_place(given.place(said))
    except WrongUse as wrong:
        return wrong.words


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
