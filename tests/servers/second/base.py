"""A real server as everybody else has it: the machine that complains, the customer, a colleague, a browser.

No code of ours is in between: what a second client sees, the product did not make up.
"""

from __future__ import annotations

import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Mapping
from http.cookiejar import CookieJar
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self
from urllib.parse import urlencode

from oncall_tui.model import Verb
from tests.servers.conftest import Server

DEADLINE_S = 30.0
WORDS = "De winkels kunnen niet bestellen.\n\nBel mij!"
"""What a customer writes."""

TAKES = frozenset({Verb.ACKNOWLEDGE, Verb.RELEASE})


class Said(NamedTuple):
    """Words as the server keeps them, and whether only colleagues can read them."""

    text: str
    private: bool


class Second(ABC):
    """One server. `me` and `colleague` are the engineer and another one, as this server names them.

    `hears` are the verbs that the product has. What is no use without one of them need not be there.
    """

    kind: ClassVar[str]
    hears: ClassVar[frozenset[Verb]] = frozenset()
    me: ClassVar[str] = "Olga Oncall"
    colleague: ClassVar[str] = "Dirk Helper"
    options: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    def __init__(self, server: Server) -> None:
        self.server = server

    def told(self, **options: Any) -> Self:
        """With further options of its table."""
        self.options = {**self.options, **options}  # type: ignore[misc]
        return self

    @property
    def secret(self) -> str:
        """What the engineer signs in with; "" where nobody has to."""
        return ""

    def table(self, folder: Path) -> dict[str, Any]:
        """Its table in the engineer's configuration, whose folder keeps the secret."""
        secret = {"token": self.kept(folder)} if self.secret else {}
        return {"kind": self.kind, "url": self.server.url, **self.options, **secret}

    def kept(self, folder: Path) -> dict[str, str]:
        """Where the secret is from now on."""
        key = folder / f"{self.kind}.key"
        key.touch(mode=0o600)
        key.write_text(self.secret, encoding="utf-8")
        return {"file": str(key)}

    @abstractmethod
    def clear(self) -> None:
        """Nothing is wrong, nothing is open."""

    @abstractmethod
    def appear(self, title: str) -> str:
        """Something is wrong: its machine or its customer says so, in these words where it can; the id."""

    @abstractmethod
    def is_open(self, signal: str) -> bool: ...

    @abstractmethod
    def end(self, signal: str) -> None:
        """It is over: the cause has gone, or somebody closed it."""

    def begin(self) -> None:
        """Started again after a stop, on what it kept."""
        self.server.start()

    def holder(self, signal: str) -> str:
        """Who has it, "" for nobody."""
        raise NotImplementedError

    def take(self, signal: str) -> None:
        """The colleague takes it, also from us."""
        raise NotImplementedError

    def said(self, signal: str) -> list[Said]:
        """What people of ours said to it."""
        raise NotImplementedError

    def page(self, url: str) -> str:
        """The web page that a colleague who is logged in sees there."""
        raise NotImplementedError


class Browser:
    """Keeps cookies and follows redirections, as a browser does; it knows no proxy."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        self._headers = dict(headers or {})

    def get(self, url: str, **form: str) -> str:
        """The page; a form makes it a POST. Raises `HTTPError` for anything but a 2xx at the end."""
        body = urlencode(form).encode() if form else None
        with self._opener.open(urllib.request.Request(url, body, self._headers), timeout=DEADLINE_S) as answer:
            text: str = answer.read().decode("utf-8", "replace")
        return text
