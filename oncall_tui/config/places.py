"""Where a secret is kept, as the configuration says it: exactly one place, and never the secret itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from oncall_tui.config.keys import names
from oncall_tui.config.shape import Secret
from oncall_tui.config.table import Table
from oncall_tui.errors import ConfigError

_ORIGINS = names("sources.NAME.token")


def right_way(key: str) -> str:
    """What to write for a secret under that key."""
    return f'write {key} = {{ env = "NAME" }} or {{ command = ["pass", "show", "NAME"] }} or {{ file = "~/.NAME" }}'


def place(key: str, source: Table) -> Secret:
    """The place under `key` of that table. Raises `ConfigError`."""
    if not isinstance(source.values[key], dict):
        raise source.fault(key, f"must say where the secret is kept; {right_way(key)}")
    table = source.table(key)
    table.only(*_ORIGINS)
    if len(table.values) != 1:
        raise source.fault(key, f"must say exactly one place; {right_way(key)}")
    (origin,) = table.values
    if origin == "command":
        return Secret(command=_command(table))
    if origin == "env":
        return Secret(env=_variable(table))
    named = table.text(origin, None, like="the name of where the secret is kept")
    if origin == "keyring" and not re.fullmatch(r".+/[^/]+", named):
        raise table.fault("keyring", 'must be the service and the user in the keyring, as "desk/sanne"')
    if origin == "credential" and ("/" in named or named in (".", "..")):
        raise table.fault("credential", 'must be the name of a systemd credential, as "desk"; it is no path')
    return msgspec.convert({origin: named}, Secret)


def _command(table: Table) -> tuple[str, ...]:
    like = 'a list of the program and its arguments, as ["pass", "show", "desk"]; no shell reads it'
    if not isinstance(table.values["command"], list) or not table.values["command"]:
        raise table.fault("command", f"must be {like}")
    return table.texts("command")


def _variable(table: Table) -> str:
    name = table.text("env", None, like="the name of an environment variable")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise table.fault("env", 'must be the name of an environment variable, as "DESK_TOKEN", not its value')
    return name


def wrong_place(said: Mapping[str, Any]) -> str:
    """Why that is no place of a secret, as ``{"env": "DESK_KEY"}`` is one; "" when it is."""
    try:
        place("token", Table({"token": said}, "", {}))
    except ConfigError as error:
        return error.wrong
    return ""
