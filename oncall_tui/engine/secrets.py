"""Fetches a credential from where it is kept; its value is in no error, no log and no repr.

A failure is a `Denied`: the source is not asked until the engineer has mended it, and what waits to be sent is held.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import stat
from importlib import import_module
from pathlib import Path
from typing import Any

from oncall_tui.config import Secret
from oncall_tui.engine import command
from oncall_tui.errors import Denied

LIMIT_S = 30.0
"""How long a command or a keyring may take; a passphrase prompt that nobody sees would wait for ever."""

_MOST_BYTES = 65_536
_IN_THE_UNIT = "name it in the unit, as LoadCredential=NAME:/PATH"
_ALONE = "put the credential there, alone and on one line"
_BY_HAND = "run it by hand to see what its first line is (it has no terminal here)"
_IN_THE_PATH = "look whether it is installed and in the PATH that this was started with"
_ELSEWHERE = "use command or file"


async def fetch(secret: Secret, *, limit_s: float = LIMIT_S) -> str:
    """The credential itself. Raises `Denied`, which names the place and the remedy and never the value."""
    if secret.env:
        value = _from_env(secret.env)
    elif secret.command:
        value = await _from_command(secret.command, limit_s)
    elif secret.file:
        value = _from_file(secret.file)
    elif secret.credential:
        value = _from_systemd(secret.credential)
    else:
        value = await _from_keyring(secret.keyring, limit_s)
    return _checked(value, secret.origin)


def missing(secret: Secret) -> str | None:
    """Why it cannot be had, "" when it can; None where only running something tells: a command, a keyring, a systemd unit."""
    try:
        if secret.env:
            value = _from_env(secret.env)
        elif secret.file:
            value = _from_file(secret.file)
        elif secret.credential and "CREDENTIALS_DIRECTORY" in os.environ:
            value = _from_systemd(secret.credential)
        elif secret.command and shutil.which(secret.command[0]) is None:
            raise Denied(f"{secret.origin}: there is no such program that can be run", remedy=_IN_THE_PATH)
        else:
            return None
        _checked(value, secret.origin)
    except Denied as denied:
        return denied.words
    return ""


def _checked(value: bytes, origin: str) -> str:
    """The value without its line end. Header-safe: h11 and Python would print it in their complaints otherwise."""
    value = value.rstrip(b"\r\n")
    remedy = _BY_HAND if origin.startswith("command ") else _ALONE
    if not value.strip():
        raise Denied(f"{origin}: it is empty", remedy=remedy)
    if value.startswith(b"\xef\xbb\xbf"):
        raise Denied(f"{origin}: it begins with a byte order mark", remedy="save it without")
    if value != value.strip():
        raise Denied(f"{origin}: it begins or ends with a blank", remedy="remove it")
    if not re.fullmatch(rb"[\x20-\x7e]+", value):
        wrong = "it has a line end, a control or a non-ASCII character, which no header can carry"
        raise Denied(f"{origin}: {wrong}", remedy=remedy)
    return value.decode("ascii")


def _from_env(name: str) -> bytes:
    if name not in os.environ:
        raise Denied(f"env {name}: it is not set", remedy="export it before starting")
    return os.environ[name].encode("utf-8", "surrogateescape")


# --- files -----------------------------------------------------------------------------------------------------------


def _from_file(name: str) -> bytes:
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        wrong = f"file {name}: there is no home of {name.partition('/')[0]}"
        raise Denied(wrong, remedy="write the whole path") from None
    return _read(path, f"file {name}", private=True)


def _from_systemd(name: str) -> bytes:
    """What systemd laid in ``$CREDENTIALS_DIRECTORY`` (systemd.exec(5), LoadCredential=); systemd guards it."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not directory:
        raise Denied(f"credential {name}: systemd gave none", remedy=_IN_THE_UNIT)
    if "/" in name or name in (".", ".."):
        raise Denied(f"credential {name}: this is no name of a credential", remedy=_IN_THE_UNIT)
    return _read(Path(directory) / name, f"credential {name}", private=False)


def _read(path: Path, origin: str, *, private: bool) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)  # a FIFO must not hold us up
    except OSError as error:
        raise _unreadable(error, origin, private=private) from None
    try:
        _refuse_open_to_others(os.fstat(handle), origin, private=private)
        value = os.read(handle, _MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(error, origin, private=private) from None
    finally:
        os.close(handle)
    return _short(value, origin)


def _unreadable(error: OSError, origin: str, *, private: bool) -> Denied:
    remedy = "put the credential into that file, chmod 600, or write where it is" if private else _IN_THE_UNIT
    return Denied(f"{origin}: {(error.strerror or 'cannot be read').lower()}", remedy=remedy)


def _refuse_open_to_others(info: os.stat_result, origin: str, *, private: bool) -> None:
    if not stat.S_ISREG(info.st_mode):
        raise Denied(f"{origin}: it is not a regular file", remedy="name a file that holds the credential alone")
    if private and info.st_uid != os.geteuid():
        raise Denied(f"{origin}: it belongs to another user", remedy="chown it to yourself")
    if private and info.st_mode & 0o077:
        raise Denied(f"{origin}: others can read it (mode {info.st_mode & 0o777:04o})", remedy="chmod 600")


def _short(value: bytes, origin: str) -> bytes:
    if len(value) > _MOST_BYTES:
        raise Denied(f"{origin}: far more than a credential came", remedy=_ALONE)
    return value


# --- commands --------------------------------------------------------------------------------------------------------


async def _from_command(argv: tuple[str, ...], limit_s: float) -> bytes:
    """The first line that it prints, as `pass` and its kin keep the password there. What it says on stderr is dropped."""
    origin = f"command {argv[0]}"
    try:
        value, code = await command.printed(argv, limit_s=limit_s, most_bytes=_MOST_BYTES)
    except TimeoutError:
        wrong = f"{origin}: gave nothing within {limit_s:.0f} s"
        raise Denied(wrong, remedy="run it by hand: does it wait for a passphrase? (it has no terminal here)") from None
    except OSError as error:
        wrong = f"{origin}: cannot be run: {(error.strerror or type(error).__name__).lower()}"
        raise Denied(wrong, remedy=_IN_THE_PATH) from None
    if len(value) > _MOST_BYTES:
        raise Denied(f"{origin}: printed far more than a credential", remedy="let it print the credential alone")
    if code != 0:
        raise Denied(f"{origin}: ended with {code}", remedy="run it by hand to see why (it has no terminal here)")
    return value.partition(b"\n")[0]


# --- keyring ---------------------------------------------------------------------------------------------------------


async def _from_keyring(name: str, limit_s: float) -> bytes:
    """From the desktop's keyring, when the optional package `keyring` is there; `name` is ``service/user``."""
    try:
        keyring: Any = import_module("keyring")
    except ImportError:
        raise Denied(
            f"keyring {name}: the package keyring is not installed", remedy=f"install it, or {_ELSEWHERE}"
        ) from None
    service, _, user = name.rpartition("/")
    try:
        async with asyncio.timeout(limit_s):
            value: str | None = await asyncio.to_thread(keyring.get_password, service or name, user)
    except TimeoutError:
        raise Denied(f"keyring {name}: gave nothing within {limit_s:.0f} s", remedy="is it locked? unlock it") from None
    except Exception as error:  # noqa: BLE001 (a backend raises what it likes: D-Bus, a locked chain, its own)
        kind = type(error).__name__
        if kind == "KeyringLocked":
            raise Denied(
                f"keyring {name}: it is locked", remedy=f"unlock it before the night, or {_ELSEWHERE}"
            ) from None
        raise Denied(f"keyring {name}: {kind}: no keyring works here", remedy=_ELSEWHERE) from None
    if value is None:
        raise Denied(f"keyring {name}: it holds nothing by that name", remedy="store it there, or correct the name")
    return value.encode()
