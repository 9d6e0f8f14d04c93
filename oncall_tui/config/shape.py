"""What a configuration is once it has been read and found right: values only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from oncall_tui.model import Noun, Settings


class Secret(Noun, frozen=True, kw_only=True):
    """Where a credential is kept, never the credential: exactly one of these is set."""

    env: str = ""
    command: tuple[str, ...] = ()
    file: str = ""
    keyring: str = ""
    credential: str = ""

    @property
    def origin(self) -> str:
        """In words, for people: ``env REDMINE_KEY``, ``command pass``, ``file ~/.redmine-key``."""
        name = next(field for field in self.__struct_fields__ if getattr(self, field))
        value = getattr(self, name)
        return f"{name} {value[0] if isinstance(value, tuple) else value}"


class Auth(Noun, frozen=True, kw_only=True):
    """How to get past what stands in front of a source; `scheme` is one of basic, bearer, header and oauth2."""

    scheme: str
    secret: Secret
    user: str = ""
    header: str = ""
    token_url: str = ""
    client_id: str = ""
    scope: str = ""


class SourceConfig(Noun, frozen=True, kw_only=True):
    """One ``[sources.NAME]`` table. `options` are the connector's own, defaults filled in.

    `proxy` is an address, ``environment``, ``none``, or "" for what the url's scheme makes of it (`engine.proxies`).
    """

    name: str
    kind: str
    url: str
    every_s: float = 30.0
    secret: Secret | None = None
    options: Mapping[str, str] = {}
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = ""
    verify: bool = True
    socket: str = ""
    auth: Auth | None = None


class Config(Noun, frozen=True, kw_only=True):
    """A whole configuration. `late_s` is the longest lateness of a server that cut an answer (see `engine.courier`).

    `team` is the file of the shared part, "" without one. `debug` is the command line's: requests are told in the log.
    """

    path: Path
    settings: Settings
    sources: tuple[SourceConfig, ...]
    keys: Mapping[str, str] = {}
    undo_s: float = 5.0
    late_s: float = 75.0
    keep_days: float = 30.0
    ack_hours: float = 4.0
    team: str = ""
    debug: bool = False
