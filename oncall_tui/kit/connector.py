"""A product that can be read from and answered to, and what it is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from oncall_tui.kit.exchange import Exchange, basic
from oncall_tui.model import Me, Signal, Verb, Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One configured account, as a connector sees it.

    `options` hold the connector's own settings with their defaults filled in, `secret` the credential ("" when none),
    `session` what `Connector.login` learnt: who people are under `id`, `me`, `name`, `user` or `user NUMBER`; what stands
    under any other name is hidden in all words, as a credential is. `known` are the signals of the last whole reading by id
    and `known_at` the server's time at which it began, so that what did not change since need not be asked again, unless all
    is to be read `afresh`: then what is known only tells what was there before. `skew_s` is the source's clock minus ours, as
    last measured.
    """

    name: str
    url: str
    me: Me
    options: Mapping[str, str] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    session: Mapping[str, str] = field(default_factory=dict, repr=False)
    known: Mapping[str, Signal] = field(default_factory=dict, repr=False)
    known_at: datetime | None = None
    afresh: bool = False
    skew_s: float = 0.0


def is_me(source: Source, author: str) -> bool:
    """Whether that is a name under which the engineer at this screen is known; for sources that take any name."""
    return author in (source.me.name, *source.me.aliases)


def names(text: str) -> tuple[str, ...]:
    """A list in one option: ``"Jenkins, Zabbix"`` -> its parts without blanks around them."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def is_listed(source: Source, option: str, *called: str) -> bool:
    """Whether the option lists somebody who is called so, by any of their names, in capitals or not."""
    listed = {name.casefold() for name in names(source.options.get(option, ""))}
    return any(name.casefold() in listed for name in called)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A whole poll: every open signal, and a line for each record that could not be read (counted, never hidden).

    `warning` is a line about the reading as a whole that somebody should mend ("severity 'sev0' is in no table"). `gap` says
    why what is wrong may be missing from it ("its checks are switched off"): the source does not count as live, and an
    empty list is no good news.
    """

    signals: list[Signal] = field(default_factory=list)
    unreadable: tuple[str, ...] = ()
    warning: str = ""
    gap: str = ""

    def __add__(self, other: Reading) -> Reading:
        """Two parts of one list."""
        return Reading(
            signals=self.signals + other.signals,
            unreadable=self.unreadable + other.unreadable,
            warning=_both(self.warning, other.warning),
            gap=_both(self.gap, other.gap),
        )


def _both(one: str, other: str) -> str:
    return "; ".join(dict.fromkeys(filter(None, (one, other))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a source said to a write. Not `settled` when it only took it for later: then it counts once it is `seen`.

    `id` is what the source calls it (a silence, a journal), for undoing; `words` is worth telling the engineer.
    """

    id: str = ""
    settled: bool = True
    words: str = ""


DONE = Receipt()

Answer: TypeAlias = Callable[[Source, Write], Exchange[Receipt]]
"""How one verb is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One setting of a connector in ``[sources.NAME]``; a `secret` one is only ever given by where it is kept.

    A `table` arrives flat: its key `path` as ``"list.path"``, a value that is no text as JSON. `check` raises `ConfigError`
    for a text that cannot be meant; it is asked when the configuration is read, and told by file, line and key.
    """

    name: str
    help: str
    default: str = ""
    secret: bool = False
    required: bool = False
    table: bool = False
    check: Callable[[str], object] | None = None


def by_password(source: Source) -> Mapping[str, str]:
    """The header of basic authentication, by the option `user`; the secret is the password."""
    return basic(source.options.get("user", ""), source.secret)


def by_token(source: Source) -> Mapping[str, str]:
    """The header of a bearer token; of basic authentication where the option `user` names whose password the secret is."""
    if source.options.get("user"):
        return by_password(source)
    return {"Authorization": f"Bearer {source.secret}"} if source.secret else {}


def no_headers(source: Source) -> Mapping[str, str]:
    """The default of `Connector.headers`: nothing beyond what the driver sends."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A product that we can read from and answer to. What it cannot be told is simply not in `answers`.

    `poll` is all or nothing. `answers` may be called again for the same write: a state change must then do no harm. Every
    time of a write is by the source's clock there, and for `retracts` and `seen`.
    `login` learns what later requests need (a session token, who I am); it is asked again after a refusal, and when all is
    read afresh.
    `peek` is one signal's state now (None: gone), `seen` whether that note, reply or state has arrived: by own author,
    the same text, since the write's `tried_at` (None: nobody can tell). `lasts_s` is how long an acknowledgement holds at
    most before it must be said again. `check` says in words who we are to the source, `may` what we may write there,
    without writing (`Rejected` when nothing). `cannot` says why a verb is missing, for its key.

    `retracts` takes back what was said by that verb before: it is given that write, with its `receipt`. It is `DONE` also
    when nothing is there any more, for it may be called again. It must touch nothing but what that write made.
    """

    name: str
    title: str
    docs: str
    poll: Callable[[Source], Exchange[Reading]]
    answers: Mapping[Verb, Answer]
    retracts: Mapping[Verb, Answer] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    headers: Callable[[Source], Mapping[str, str]] = no_headers
    login: Callable[[Source], Exchange[Mapping[str, str]]] | None = None
    peek: Callable[[Source, str], Exchange[Signal | None]] | None = None
    seen: Callable[[Source, Write], Exchange[bool | None]] | None = None
    check: Callable[[Source], Exchange[str]] | None = None
    may: Callable[[Source], Exchange[str]] | None = None
    lasts_s: float | None = None
    fit: Callable[[Mapping[str, str]], Connector] | None = None
    cannot: Mapping[Verb, str] = field(default_factory=dict)
    proven: str = "contract"
