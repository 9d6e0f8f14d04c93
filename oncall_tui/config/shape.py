"""What a configuration is once it has been read and found right: values only."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import time
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
    `file` is where the table stands.
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
    file: str = ""

    @property
    def origins(self) -> str:
        """Where its credentials are kept, in words, those for its gate last; "" when it has none."""
        return " and ".join(one.origin for one in (self.secret, self.auth and self.auth.secret) if one)


class Theme(enum.StrEnum):
    """For which background the screen is coloured; night is red on black, for eyes that are used to the dark."""

    DARK = "dark"
    LIGHT = "light"
    NIGHT = "night"


class Ui(Noun, frozen=True, kw_only=True):
    """``[ui]``. `first_words`: taking the problem of a customer who wrote opens a reply that is ready to be sent."""

    theme: Theme = Theme.DARK
    first_words: bool = True


class Call(enum.StrEnum):
    """A way in which a terminal calls: the bell, or the escape sequence of a notification by its number."""

    BELL = "bell"
    OSC_9 = "osc9"
    OSC_777 = "osc777"
    OSC_99 = "osc99"


class Notify(Noun, frozen=True, kw_only=True):
    """``[notify]``. `command` gets the sentence on stdin and in ``ONCALL_TUI_LINE``; `quiet` is told by our own clock."""

    how: tuple[Call, ...] = (Call.BELL,)
    command: tuple[str, ...] = ()
    again_s: float = 180.0
    quiet: tuple[time, time] | None = None


class Config(Noun, frozen=True, kw_only=True):
    """A whole configuration. `late_s` is the longest lateness of a server that cut an answer (see `engine.courier`).

    `team` is the file of the shared part, "" without one. `debug` and `bodies` are the command line's: requests
    are told in the log, and what was said in them.
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
    bodies: bool = False
    ui: Ui = Ui()
    notify: Notify = Notify()
