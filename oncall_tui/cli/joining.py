"""`init --team`: takes a team's shared part, once what it does with our secrets was seen and accepted."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from oncall_tui.cli import loop
from oncall_tui.cli.asking import Asker, me
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import adding, read, team, toml
from oncall_tui.engine.download import download
from oncall_tui.errors import ConfigError, Unwritable, WrongUse

_NAME = "team.toml"


def join(path: Path, arguments: Namespace, asker: Asker) -> Outcome:
    """Copies the part beside config.toml and names it there; what it would run or send is asked about once per change."""
    before = adding.text_of(path)
    table = toml.parse(path).table("team") if before.strip() else None
    known = table.text("from") if table else ""
    origin = arguments.team or known
    if not origin:
        raise WrongUse("say where the team's part is: --team FILE or --team https://...")
    if table and table.values and arguments.team and _place(arguments.team) != known:
        raise table.fault("from", f"the team's part is from {known or 'nowhere'}: change it here first")
    if wrong := team.unfit(origin):
        raise WrongUse(wrong)
    mine = _mine(path, before, arguments, asker)
    text = _fetched(origin)
    shared = path.parent / _NAME
    asks = _asks(path, shared, text)
    if asks and not (arguments.accept or _is_accepted(asks, asker)):
        return Outcome(Code.REFUSED, talk="oncall-tui: nothing was written; --accept takes it without asking")
    if asks:
        _accept(asks, path)
    _keep(shared, text)
    if not (table and table.values):
        _name_it(path, before, {**mine, "team": {"file": _NAME, "from": _place(origin)}})
    return Outcome(Code.DONE, f"{shared}: taken from {_place(origin)}; `oncall-tui sources` tests it")


def _asks(path: Path, shared: Path, text: str) -> list[str]:
    """What it does with our secrets that was not accepted yet. Raises `ConfigError` when the part is not right."""
    with adding.beside(shared, text) as draft:
        try:
            sources = read.read_team(draft)
        except ConfigError as error:
            raise ConfigError(error.wrong, file="the team's part", line=error.line, key=error.key) from None
    sentences = [team.told(source) for source in sources]
    return [one for one in sentences if one and one not in team.accepted(path)]


def _is_accepted(asks: list[str], asker: Asker) -> bool:
    asker.say("This part would use secrets of yours:", *(f"  {one}" for one in asks))
    return asker.agrees("Is that right?")


def _accept(sentences: list[str], path: Path) -> None:
    kept = team.kept(path)
    before = adding.text_of(kept)
    adding.write(kept, before + "".join(f"{one}\n" for one in sentences), before=before)


def _keep(shared: Path, text: str) -> None:
    """The part as it came; the one before stays beside it."""
    old = adding.text_of(shared)
    if old and old != text:
        adding.write(shared.with_suffix(".toml.before"), old, before=adding.text_of(shared.with_suffix(".toml.before")))
    adding.write(shared, text, before=old)


def _mine(path: Path, before: str, arguments: Namespace, asker: Asker) -> dict[str, Any]:
    """Who we are, asked before anything is accepted or written."""
    if not before.strip():
        return me(None, arguments, asker)
    return {} if "team" in toml.parse(path) else me(adding.checked(path, before), arguments, asker)


def _name_it(path: Path, before: str, tables: adding.Tables) -> None:
    text = adding.extended(before, tables)
    adding.checked(path, text)
    adding.write(path, text, before=before)


def _place(origin: str) -> str:
    return origin if "://" in origin else str(_path(origin).absolute())


def _path(origin: str) -> Path:
    try:
        return Path(origin).expanduser()
    except RuntimeError:
        raise WrongUse(f"there is no home of {origin.partition('/')[0]}: write the whole path") from None


def _fetched(origin: str) -> str:
    if "://" not in origin:
        text = adding.text_of(_path(origin))
        if not text:
            raise Unwritable(f"there is nothing in {origin}")
        return text
    return loop.run(download(origin))
