"""Why TLS failed, in a tired reader's words, and what to do about each reason."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from oncall_tui.config import SourceConfig
from oncall_tui.engine import proxies


class Distrust(NamedTuple):
    """What is wrong, to follow "is not trusted:", and the step that mends it or shows more."""

    words: str
    remedy: str


def reason(error: BaseException, config: SourceConfig, *, connected: bool) -> Distrust | None:
    """Why TLS failed; None when the failure was another.

    Once `connected` only a missing client certificate is a matter of TLS (1.3 tells it after the handshake); whatever
    else OpenSSL says then is a line that broke.
    """
    for one in causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _unverified(one, config)
        said = (one.reason or "").upper() if isinstance(one, ssl.SSLError) else ""
        if said and (not connected or "CERTIFICATE_REQUIRED" in said):
            return _handshake(said, config)
    return None


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


def _unverified(error: ssl.SSLCertVerificationError, config: SourceConfig) -> Distrust:
    """By `verify_code` (X509_V_ERR_*, openssl-verification-options(1))."""
    match error.verify_code:
        case 9:
            words = "its certificate is not valid yet: is the clock of this machine right?"
            return Distrust(
                words, f"compare `date -u` with a clock that you trust; {_shows(config, '-dates')} its span"
            )
        case 10:
            words = "its certificate has expired: have it renewed there"
            return Distrust(words, f"{_shows(config, '-enddate')} when it ended; those who run it renew it")
        case 18:
            return Distrust(
                "its certificate is signed by itself: give its CA as ca_file", _new_ca(config, "that certificate")
            )
        case 19:
            words = "its chain ends in a CA that nobody here trusts: give that CA as ca_file"
            return Distrust(words, _new_ca(config, "that CA"))
        case 20 | 21:
            words = "its certificate is from a CA that nobody here trusts: give that CA as ca_file"
            return Distrust(words, _new_ca(config, "that CA"))
        case 23:
            return Distrust("its certificate was revoked: tell the people who run it", "tell the people who run it")
        case 62 | 64 as code:
            words = f"its certificate is for another {'name' if code == 62 else 'address'} than that of the url"
            shows = _shows(config, "-ext subjectAltName")
            return Distrust(words, f"{shows} for which: put one of those into url, in [sources.{config.name}]")
        case _:
            return Distrust(f"its certificate is not accepted: {error.verify_message}", _look(config))


def _handshake(said: str, config: SourceConfig) -> Distrust:
    if any(word in said for word in ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "UNEXPECTED_EOF")):
        words = "it ends the handshake: does it want a client certificate (client_cert and client_key)?"
        remedy = f'those who run it make one: client_cert = "FILE", client_key = "FILE" in [sources.{config.name}]'
        return Distrust(words, remedy)
    if said in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"):
        words = "it does not speak TLS at this port: is it http instead of https?"
        return Distrust(words, f"ask those who run it for its https port: url in [sources.{config.name}]")
    return Distrust(f"TLS failed: {said.replace('_', ' ').lower()}", _look(config))


def _new_ca(config: SourceConfig, what: str) -> str:
    if config.ca_file:
        return f"{config.ca_file} holds another CA, or an older one: {_shows(config, '-issuer')} who signed it"
    return (
        f'ask those who run it for {what} as a PEM file, and write ca_file = "FILE" in [sources.{config.name}]; '
        f"{_shows(config, '-issuer')} who signed it"
    )


def _shows(config: SourceConfig, what: str) -> str:
    return f"`{_client(config)} | openssl x509 -noout {what}` shows"


def _look(config: SourceConfig) -> str:
    return f"look at it without us: {_client(config)}"


def _client(config: SourceConfig) -> str:
    """OpenSSL's own client on the way that we went."""
    parts = urlsplit(config.url)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    name = "" if _is_address(host) else f" -servername {host}"
    proxy = proxies.shown(config.proxy).removeprefix("http://") if config.proxy.startswith("http://") else ""
    through = f" -proxy {proxy}" if proxy else ""
    return f"openssl s_client -connect {shown}:{parts.port or 443}{name}{through} </dev/null"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
