"""What a team's file may do with our secrets: only what its reader has seen and accepted, once for each change.

A source of the team names a command to run, or a place to read, and where the result is sent. Each such sentence is kept in
``team.accepted`` beside config.toml, a line each, in words that a person can check.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from urllib.parse import urlsplit

from oncall_tui.config.shape import Secret, SourceConfig
from oncall_tui.config.toml import text_of


def unfit(origin: str) -> str:
    """Why a team's part cannot be fetched from there, "" when it can: a file, or an address that nobody in between changes.

    It is kept in the configuration, so it holds no secret.
    """
    if "://" not in origin:
        return ""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return "this is no address"
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_here)):
        return "a team's part comes by https: on any other way it could be changed"
    if parts.username is not None or parts.query or parts.fragment:
        return "the address of a team's part is kept in the configuration: it may hold no secret, ? or #"
    return ""


def told(source: SourceConfig) -> str:
    """Which secrets of ours go where, as one line; "" when none does. A certificate that we show is one."""
    sent = [_place(secret) for secret in (source.secret, source.auth.secret if source.auth else None) if secret]
    sent += [f"our certificate in {source.client_cert}"] if source.client_cert else []
    sent += [f"our key in {source.client_key}"] if source.client_key else []
    if not sent:
        return ""
    ways = [
        f"through the proxy {source.proxy}" if source.proxy not in ("", "none") else "",
        f"by the socket {source.socket}" if source.socket else "",
        f"trusting {source.ca_file}" if source.ca_file else "",
        "without checking its certificate" if not source.verify else "",
        f"and {source.auth.token_url}" if source.auth and source.auth.token_url else "",
    ]
    return " ".join(filter(None, (f"{source.kind} at {source.url} gets {' and '.join(sent)}", *ways)))


def _place(secret: Secret) -> str:
    if secret.command:
        return f"what the command `{shlex.join(secret.command)}` prints"
    return f"the secret in {secret.origin}"


def is_accepted(source: SourceConfig, config: Path) -> bool:
    """Whether what the source does with our secrets was accepted beside that config.toml."""
    said = told(source)
    return not said or said in accepted(config)


def accepted(config: Path) -> frozenset[str]:
    """Every sentence that was accepted beside that config.toml. Raises `ConfigError` when they cannot be read."""
    try:
        return frozenset(text_of(kept(config)).splitlines())
    except FileNotFoundError:
        return frozenset()


def kept(config: Path) -> Path:
    """The file of what was accepted."""
    return config.parent / "team.accepted"
