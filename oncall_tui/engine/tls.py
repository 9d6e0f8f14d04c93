"""TLS as each source asks for it, shared where the settings are equal, and its refusals in a tired reader's words."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from oncall_tui.config import SourceConfig
from oncall_tui.errors import ConfigError

_REASONS = {
    9: "its certificate is not valid yet: is the clock of this machine right?",
    10: "its certificate has expired: have it renewed there",
    18: "its certificate is signed by itself: give its CA as ca_file",
    19: "its chain ends in a CA that nobody here trusts: give that CA as ca_file",
    20: "its certificate is from a CA that nobody here trusts: give that CA as ca_file",
    21: "its certificate is from a CA that nobody here trusts: give that CA as ca_file",
    23: "its certificate was revoked: tell the people who run it",
    62: "its certificate is for another name than that of the url",
    64: "its certificate is for another address than that of the url",
}
"""`SSLCertVerificationError.verify_code` (X509_V_ERR_*, openssl-verification-options(1)) -> what it means."""


def context(config: SourceConfig) -> ssl.SSLContext:
    """The TLS of that source. Raises `ConfigError` when a file that it names cannot be used."""
    return _context(
        needed=config.url.startswith("https:") or config.proxy.startswith("https:"),
        ca_file=config.ca_file,
        client_cert=config.client_cert,
        client_key=config.client_key,
        verify=config.verify,
    )


@cache
def _context(*, needed: bool, ca_file: str, client_cert: str, client_key: str, verify: bool) -> ssl.SSLContext:
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
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(f"{file} cannot be used: {reason}", key=key) from None


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


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that led to it, the members of groups included, each once."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def reason(error: BaseException, *, connected: bool) -> str:
    """Why TLS failed, in words; "" when the failure was another.

    Once `connected` only a missing client certificate is a matter of TLS (1.3 tells it after the handshake); whatever
    else OpenSSL says then is a line that broke.
    """
    for one in causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _REASONS.get(one.verify_code, f"its certificate is not accepted: {one.verify_message}")
        said = (one.reason or "").upper() if isinstance(one, ssl.SSLError) else ""
        if said and (not connected or "CERTIFICATE_REQUIRED" in said):
            return _handshake(said)
    return ""


def _handshake(said: str) -> str:
    if any(word in said for word in ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "UNEXPECTED_EOF")):
        return "it ends the handshake: does it want a client certificate (client_cert and client_key)?"
    if said in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"):
        return "it does not speak TLS at this port: is it http instead of https?"
    return f"TLS failed: {said.replace('_', ' ').lower()}"
