"""What a connector is made of; with `model` the whole interface for plug-ins.

A conversation with an API is a generator that yields `Request`s and is sent `Response`s (the shape of httpx's
``auth_flow`` and of gidgethub's sans-I/O core). It performs no I/O, reads no clock and catches nothing: the driver
(`engine.line` with `engine.wire`) decides timeouts, limits, origin and what a status means. Only a 2xx, or a status that
the request says it `accepts`, reaches the connector.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Annotated, Any, TypeAlias, TypeVar
from urllib.parse import quote as _quote

import msgspec

from oncall_tui.errors import ConfigError, Unreadable
from oncall_tui.model import Impact, Me, Signal, Verb, Write

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask: a path below the source's base URL (or a link of the same origin), its query and a JSON body.

    `accepts` are statuses beside 2xx that are an answer and not a failure. `writes` is set for what changes something:
    a redirect is then an error, and silence afterwards means that it may have arrived. `form` is sent URL-encoded,
    `body` as it is. `headers` come on top of the connector's.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    json: Any = None
    form: tuple[tuple[str, str], ...] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    accepts: frozenset[int] = frozenset()
    writes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back. `headers` have lower-case names; `at` is the server's own time by its Date header, if it told."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None

    def read(self, type_: type[T]) -> T:
        """The body as JSON of that type. Raises `Unreadable`, naming what is missing or of another shape."""
        if not self.body.strip():
            raise Unreadable("answered with an empty body where JSON was expected")
        if self.body.lstrip()[:1] == b"<":
            raise Unreadable(
                "answered with a web page where JSON was expected: is the URL right, or is there a login page?"
            )
        try:
            return decode(self.body, type_)
        except msgspec.ValidationError as error:
            raise Unreadable(f"the API changed shape: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreadable(f"answered with broken JSON ({type(error).__name__}: {str(error)[:80]})") from None

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


Exchange: TypeAlias = Generator[Request, Response, T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One configured account, as a connector sees it.

    `options` hold the connector's own settings with their defaults filled in, `secret` the credential ("" when none),
    `session` what `Connector.login` learnt. `known` are the signals of the last whole reading by id and `known_at` the
    server's time at which it began, so that what did not change since need not be asked again. `skew_s` is the source's
    clock minus ours, as last measured.
    """

    name: str
    url: str
    me: Me
    options: Mapping[str, str] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    session: Mapping[str, str] = field(default_factory=dict, repr=False)
    known: Mapping[str, Signal] = field(default_factory=dict, repr=False)
    known_at: datetime | None = None
    skew_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A whole poll: every open signal, and a line for each record that could not be read (counted, never hidden).

    `warning` is a line about the reading as a whole that somebody should mend ("severity 'sev0' is in no table").
    """

    signals: list[Signal]
    unreadable: tuple[str, ...] = ()
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a source said to a write. Not `settled` when it only took it for later: then it counts once it is `seen`.

    `id` is what the source calls it (a silence, a journal), for undoing; `words` is worth telling the engineer.
    """

    id: str = ""
    settled: bool = True
    words: str = ""


DONE = Receipt()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One setting of a connector in ``[sources.NAME]``; a `secret` one is only ever given by where it is kept.

    A `table` arrives flat: its key `path` as ``"list.path"``, a value that is no text as JSON.
    """

    name: str
    help: str
    default: str = ""
    secret: bool = False
    required: bool = False
    table: bool = False


def no_headers(source: Source) -> Mapping[str, str]:
    """The default of `Connector.headers`: nothing beyond what the driver sends."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A product that we can read from and answer to. What it cannot be told is simply not in `answers`.

    `poll` is all or nothing. `answers` may be called again for the same write: a state change must then do no harm.
    `login` learns once what later requests need (a session token, who I am) and is asked again after a refusal.
    `peek` is one signal's state now (None: gone), `seen` whether that note, reply or state has arrived: by own author,
    the same text, since the write's `tried_at`. `lasts_s` is how long an acknowledgement holds at most before it must be
    said again. `check` says in words who we are to the source, `may` what we may write there, without writing (`Rejected`
    when nothing). `cannot` says why a verb is missing, for its key.
    """

    name: str
    title: str
    docs: str
    poll: Callable[[Source], Exchange[Reading]]
    answers: Mapping[Verb, Callable[[Source, Write], Exchange[Receipt]]]
    options: tuple[Option, ...] = ()
    headers: Callable[[Source], Mapping[str, str]] = no_headers
    login: Callable[[Source], Exchange[Mapping[str, str]]] | None = None
    peek: Callable[[Source, str], Exchange[Signal | None]] | None = None
    seen: Callable[[Source, Write], Exchange[bool]] | None = None
    check: Callable[[Source], Exchange[str]] | None = None
    may: Callable[[Source], Exchange[str]] | None = None
    lasts_s: float | None = None
    fit: Callable[[Mapping[str, str]], Connector] | None = None
    cannot: Mapping[Verb, str] = field(default_factory=dict)
    proven: str = "contract"


# --- requests --------------------------------------------------------------------------------------------------------


def get(path: str, *, accepts: Iterable[int] = (), **query: object) -> Request:
    """Ask for something. A query value that is a list is repeated; a name may end in ``_`` to avoid a keyword."""
    return Request(method="GET", path=path, query=tuple(_pairs(query)), accepts=frozenset(accepts))


def send(method: str, path: str, json: Any = None, *, accepts: Iterable[int] = (), **query: object) -> Request:
    """Change something."""
    return Request(
        method=method, path=path, json=json, query=tuple(_pairs(query)), accepts=frozenset(accepts), writes=True
    )


def _pairs(query: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            yield name.rstrip("_"), str(one)


def quote(part: str) -> str:
    """An id as one segment of a path: nothing in it can leave that segment."""
    quoted = _quote(part, safe="")
    if part in ("", ".", ".."):
        raise Unreadable(f"an id cannot be {part!r}")
    return quoted


# --- reading ---------------------------------------------------------------------------------------------------------


def read_each(records: Iterable[msgspec.Raw | bytes], type_: type[T], signal: Callable[[T], Signal | None]) -> Reading:
    """Each raw record decoded and made a signal by itself, so that one of unknown shape hides no other.

    A record that makes no signal (None: it is over by now) is left out.
    """
    signals, unreadable = [], []
    for raw in records:
        try:
            if made := signal(decode(raw, type_)):
                signals.append(made)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError) as error:
            unreadable.append(str(error)[:120])
    return Reading(signals=signals, unreadable=tuple(unreadable))


def decode(body: bytes | msgspec.Raw, type_: type[T]) -> T:
    """JSON of that type. Half a surrogate pair or bytes that are no UTF-8, which a stranger can write into a ticket, become
    U+FFFD: they must not make the whole list unreadable. Raises msgspec's errors for all else.
    """
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = bytes(body).decode("utf-8", "replace").encode()
        return msgspec.json.decode(_ESCAPE.sub(_whole_escape, text), type=type_)


_ESCAPE = re.compile(rb"\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)")
"""One escape of a JSON text: a surrogate pair, half of one, or any other."""


def _whole_escape(found: re.Match[bytes]) -> bytes:
    is_half = len(found[1]) == 5
    return rb"\ufffd" if is_half else found[0]


Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
"""What names an object at its source: an empty one would name another, or all of them."""


def read_list(response: Response, type_: type[T], signal: Callable[[T], Signal]) -> Reading:
    """A list of records made signals: all at once, which is fast, and each by itself when one has an unknown shape."""
    try:
        records: list[T] = decode(response.body, list[type_])  # type: ignore[valid-type]
        return Reading(signals=[signal(record) for record in records])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError):
        return read_each(response.read(list[msgspec.Raw]), type_, signal)


def impacts(table: Mapping[str, Impact], more: str = "") -> dict[str, Impact]:
    """A connector's table with a user's own words added: ``"sev0=down, sev1=degraded"``. Raises `ConfigError`."""
    known = {impact.word: impact for impact in Impact}
    merged = dict(table)
    for word, _, meant in (part.partition("=") for part in names(more)):
        if meant.strip() not in known:
            raise ConfigError(f'{word.strip()!r} must be one of {", ".join(known)}, as in "sev0=down, sev1=degraded"')
        merged[word.strip().casefold()] = known[meant.strip()]
    return merged


def strangers(signals: Iterable[Signal], table: Mapping[str, Impact]) -> str:
    """A warning that names the severities that are in no table, "" when there are none; they count as `at_risk`."""
    missing = sorted({signal.severity for signal in signals} - {""})
    missing = [word for word in missing if word.casefold() not in table]
    return f"counted as at_risk, being in no table: {', '.join(missing[:5])}" if missing else ""


def names(text: str) -> tuple[str, ...]:
    """A list in one option: ``"Jenkins, Zabbix"`` -> its parts without blanks around them."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def when(text: str | float | None, *, per_s: float = 1.0) -> datetime | None:
    """A time as APIs write it: ISO 8601 (without a zone it is UTC) or a number since 1970 (`per_s` 1000 for milliseconds).

    None for what is empty or unset (year 1 and 1970 are how APIs say "never"). Raises `ValueError` for what is no time.
    """
    if text is None or text in ("", 0):
        return None
    if isinstance(text, (int, float)):
        at = datetime.fromtimestamp(text / per_s, UTC)
    else:
        at = datetime.fromisoformat(_trim_fraction(text.strip()))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return None if at.year <= 1970 else at


def _trim_fraction(text: str) -> str:
    """Go writes nanoseconds, `datetime` knows six digits; a zone may be written ``+0000``."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", text)
    return re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)


def marker(write: Write) -> str:
    """What finds a write of ours again where only colleagues see it: a line that no customer's text can forge."""
    return f"[oncall-tui {write.id}]"


_MARKER = re.compile(r"\s*\[oncall-tui [^\]\s]+\]\s*$")


def unmarked(text: str) -> str:
    """A note as its author wrote it, without the `marker` at its end."""
    return _MARKER.sub("", text)


def is_me(source: Source, author: str) -> bool:
    """Whether that is a name under which the engineer at this screen is known; for sources that take any name."""
    return author in (source.me.name, *source.me.aliases)


def basic(user: str, secret: str) -> Mapping[str, str]:
    """The header of basic authentication."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{secret}".encode()).decode()}


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for white space and line ends, which servers rewrite."""
    return " ".join(one.split()) == " ".join(other.split())


_TAG = re.compile(r"(<[a-zA-Z/!?][^<>]*>)")
_HIDDEN = frozenset({"script", "style", "head", "title"})
_ENDS_LINE = frozenset({"br", "p", "/p", "/div", "/tr", "li", "/ul", "/ol", "/pre", "/blockquote", "hr"})
_ENDS_LINE |= {f"/h{level}" for level in range(1, 7)}


def plain(html: str) -> str:
    """A message in HTML as text: tags go, blocks end lines, what no browser shows is left out. Linear in its length."""
    shown: list[str] = []
    hidden = ""
    for part in _TAG.split(html):
        if not _TAG.fullmatch(part):
            shown.append("" if hidden else part)
            continue
        name = (
            re.split(r"[\s/>]", part[1:].lower(), maxsplit=1)[0] if part[1] != "/" else "/" + part[2:-1].strip().lower()
        )
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in _HIDDEN:
            hidden = name
        elif name in _ENDS_LINE:
            shown.append("\n")
    lines = [line.strip() for line in unescape("".join(shown)).split("\n")]
    return "\n".join(line for before, line in zip(["", *lines], lines, strict=False) if before or line).strip()
