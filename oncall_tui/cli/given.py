"""What flags and variables say about a source, as TOML has it: ``auth.scheme=bearer``, ``ONCALL_TUI_SOURCE_AM_URL``."""

from __future__ import annotations

import re
import shlex
import tomllib
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oncall_tui.config import Config
from oncall_tui.config.keys import SECRET, Shape, section
from oncall_tui.errors import WrongUse

PLACES = tuple(key.name for key in SECRET.keys)
WHERE = "env NAME, command PROGRAM ARGUMENTS, file PATH, keyring SERVICE/USER or credential NAME"

_SHAPES = {key.name: key.shape for key in section("sources.NAME").keys} | {
    f"auth.{key.name}": key.shape for key in section("sources.NAME.auth").keys
}


_FLAGS = ("me", "email", "kind", "url", "name", "secret", "set", "customers", "untested", "from_env", "team", "accept")
_GO_WITH = {"team": {"me", "email", "team", "accept"}, "from_env": {"customers", "untested", "from_env"}}


def refuse_strangers(arguments: Namespace) -> None:
    """Raises `WrongUse` for a flag of `init` that the others leave no use for, so that none is passed over in silence."""
    given = [flag for flag in _FLAGS if getattr(arguments, flag) not in (None, False, [])]
    way = next((way for way in _GO_WITH if way in given), "")
    for flag in given:
        if flag not in _GO_WITH.get(way, {*_FLAGS} - {"accept"}):
            why = f"does not go with {_option(way)}" if way else "is about a team's part: it wants --team"
            raise WrongUse(f"{_option(flag)} {why}")
    if arguments.customers and arguments.untested:
        raise WrongUse("--customers are those that a test meets: it does not go with --untested")


def _option(flag: str) -> str:
    return f"--{flag.replace('_', '-')}"


def place(text: str) -> dict[str, Any]:
    """``env DESK_KEY`` as TOML has it. Raises `WrongUse` without repeating what may be the secret itself."""
    origin, _, rest = text.strip().partition(" ")
    if origin not in PLACES or not rest.strip():
        raise WrongUse(f"say where the secret is kept, never the secret itself: {WHERE}")
    return {origin: _words(rest) if origin == "command" else rest.strip()}


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        raise WrongUse("the command has a quotation mark without its other half") from None


def options(pairs: Iterable[str]) -> dict[str, Any]:
    """What each ``KEY=VALUE`` says; a key may lead into a table (``list.path``), and is written as in the file."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        path = _path(key) if equals else ()
        if not path:
            raise WrongUse(f"--set wants KEY=VALUE, not {key!r}")
        _put(found, path, _meant(path, value))
    return found


def _path(key: str) -> tuple[str, ...]:
    """A key of TOML in its parts, () when it is none."""
    try:
        table: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    path: tuple[str, ...] = ()
    while isinstance(table, dict):
        ((name, table),) = table.items()
        path = (*path, name)
    return path


def _meant(path: tuple[str, ...], value: str) -> Any:
    """A value as its key wants it; one that fits no key is left for the reader of the file to refuse.

    A flag is one of two words: with a third that counted as false, ``verify=yes`` would leave a certificate unchecked.
    """
    match _SHAPES.get(".".join(path)):
        case Shape.FLAG:
            return {"true": True, "false": False}.get(value.lower(), value)
        case Shape.SECRET:
            return place(value)
    return value


def _put(table: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise WrongUse(f"{'.'.join(path)} leads into {name}, which is said to be no table")
    if path[-1] in table:
        raise WrongUse(f"{'.'.join(path)} is said twice")
    table[path[-1]] = value


# --- from the environment --------------------------------------------------------------------------------------------

_VARIABLE = re.compile(r"ONCALL_TUI_SOURCE_([A-Z0-9_]+)")
_OF_A_SECRET = re.compile(r"(TOKEN|PASSWORD|AUTH__SECRET)(?:_(ENV|COMMAND|FILE|KEYRING|CREDENTIAL))?")


def from_env(environment: Mapping[str, str], there: Config | None = None) -> dict[str, Any]:
    """What ``ONCALL_TUI_ME``, ``ONCALL_TUI_SOURCE_NAME_KIND``, ``..._URL`` and so on say; a token stays where it is.

    A name may hold ``_``; two of them lead into a table (``..._AUTH__SCHEME``). Sources that are in the file already are
    left alone, so that a container may do it at each start.
    """
    known = {source.name for source in there.sources} if there else set()
    sources = {name: source for name, source in _sources(environment).items() if name not in known}
    if there is not None:
        return {"sources": sources}
    if not sources:
        raise WrongUse("the environment names no source: set ONCALL_TUI_SOURCE_NAME_KIND and ..._URL")
    if not environment.get("ONCALL_TUI_ME"):
        raise WrongUse("the environment does not say who you are: set ONCALL_TUI_ME")
    mine = {"name": environment["ONCALL_TUI_ME"]}
    if email := environment.get("ONCALL_TUI_EMAIL"):
        mine["email"] = email
    return {"me": mine, "sources": sources}


def _sources(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Every source by its name: what stands before ``_KIND`` is one."""
    said = {found[1]: value for name, value in environment.items() if (found := _VARIABLE.fullmatch(name))}
    names = sorted((name.removesuffix("_KIND") for name in said if name.endswith("_KIND")), key=len, reverse=True)
    sources: dict[str, dict[str, Any]] = {name.lower(): {} for name in sorted(names)}
    for variable, value in sorted(said.items()):
        name = next((one for one in names if variable.startswith(f"{one}_")), None)
        if name is None:
            raise WrongUse(f"ONCALL_TUI_SOURCE_{variable} belongs to no source: each has a variable ..._KIND")
        for path, meant in _from_variable(variable.removeprefix(f"{name}_"), f"ONCALL_TUI_SOURCE_{variable}", value):
            _put(sources[name.lower()], path, meant)
    return sources


def _from_variable(key: str, variable: str, value: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    if secret := _OF_A_SECRET.fullmatch(key):
        origin = (secret[2] or "ENV").lower()
        kept = value if secret[2] else variable
        yield tuple(secret[1].lower().split("__")), {origin: _words(kept) if origin == "command" else kept}
        return
    path = tuple(key.lower().split("__"))
    yield path, _meant(path, value)
