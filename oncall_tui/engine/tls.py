"""TLS as each source asks for it, shared where the settings are equal."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from oncall_tui.config import SourceConfig
from oncall_tui.errors import ConfigError


def context(config: SourceConfig) -> ssl.SSLContext:
    """The TLS of that source. Raises `ConfigError` when a file that it names cannot be used."""
    return _context(
        needed=config.url.startswith("https:") or config.proxy.startswith("https:"),
        ca_file=config.ca_file,
        client_cert=config.client_cert,
        client_key=config.client_key,
        verify=config.verify,
        stamp=stamp(config),
    )


Stamp = tuple[tuple[int, int, int], ...]


def stamp(config: SourceConfig) -> Stamp:
    """Another one when a certificate, key or CA that it uses was renewed, the system's store included."""
    store = "" if config.ca_file or not config.verify else ssl.get_default_verify_paths().cafile or ""
    return tuple(_stamp(file) for file in (config.ca_file or store, config.client_cert, config.client_key) if file)


def _stamp(file: str) -> tuple[int, int, int]:
    try:
        found = Path(file).stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=64)
def _context(
    *, needed: bool, ca_file: str, client_cert: str, client_key: str, verify: bool, stamp: Stamp
) -> ssl.SSLContext:
    # Not ssl.create_default_context: that writes session keys to a file when SSLKEYLOGFILE says so, and from Python
    # 3.13 refuses CAs without an Authority Key Identifier, as Icinga makes them.
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not needed:
        return made
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif ca_file:
        _load(ca_file, "ca_file", lambda path: made.load_verify_locations(cafile=path))
    else:
        _refuse_missing_store()
        made.load_default_certs()
    if client_cert:
        key = str(Path(client_key).expanduser()) if client_key else None
        _load(client_cert, "client_cert", lambda path: made.load_cert_chain(path, key, password=_ask_nobody))
    return made


def _load(file: str, key: str, load: Callable[[str], None]) -> None:
    try:
        load(str(Path(file).expanduser()))
    except _Locked:
        raise ConfigError("its key has a passphrase, and nobody is asked at night: store it without", key=key) from None
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise ConfigError(f"{file} cannot be used: {_why(error, key)}", key=key) from None


_WANTED = {
    "ca_file": "it must hold a certificate as PEM (-----BEGIN CERTIFICATE-----)",
    "client_cert": "it must hold a certificate as PEM, and its key too unless client_key names that",
}


def _why(error: OSError | ValueError, key: str) -> str:
    """OpenSSL says no more of a file that is none than "PEM lib"."""
    if isinstance(error, ssl.SSLError):
        is_others = error.reason == "KEY_VALUES_MISMATCH"
        return "its key is another certificate's: client_key must name its own" if is_others else _WANTED[key]
    why = getattr(error, "strerror", None) or type(error).__name__
    return f"{why.lower()}; it must be a file that you may read"


class _Locked(Exception):
    """A client key wants a passphrase."""


def _ask_nobody() -> str:
    """OpenSSL would ask on the terminal, in the middle of the screen."""
    raise _Locked


def _refuse_missing_store() -> None:
    """OpenSSL takes a store that is not there for an empty one, and then trusts nobody without saying why."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        named = os.environ.get(name, "")
        if named and not Path(named.split(":")[0]).exists():
            raise ConfigError(f"the environment's {name} names {named}, which is not there: unset or correct it")
