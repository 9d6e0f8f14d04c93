"""Tests one source step by step and says what to do about each failure. It changes nothing there."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from oncall_tui import safe
from oncall_tui.config import SourceConfig
from oncall_tui.engine import proxies
from oncall_tui.engine.line import Line
from oncall_tui.engine.poller import SKEW_TOLD_S, whole
from oncall_tui.errors import (
    ConfigError,
    Denied,
    OncallError,
    RateLimited,
    Rejected,
    Unavailable,
    Unreadable,
    Unwritable,
)
from oncall_tui.kit import Connector, Exchange, Source
from oncall_tui.model import Signal

_NAME_S = 5.0
_RENEW_DAYS = 14
"""A certificate that ends sooner should be renewed by now."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried: whether it went well, what was seen, and what to do. `doubt`: well, but not as it should."""

    name: str
    ok: bool
    words: str
    remedy: str = ""
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What all steps came to, and the signals that were read."""

    steps: tuple[Step, ...]
    signals: tuple[Signal, ...] = ()

    @property
    def well(self) -> bool:
        """Whether every step went well."""
        return all(step.ok for step in self.steps)


class _Doubt(Exception):
    """It went well, and yet something should be mended; `args` are what was seen and what to do."""


async def examine(line: Line, connector: Connector) -> Found:
    """Every step up to the first failure; that we may not write ends nothing."""
    steps: list[Step] = []
    signals: list[Signal] = []
    for name, attempt in _TRIES.items():
        step = await _try(name, attempt, line, connector, signals)
        steps.append(step)
        if not step.ok and name != "may write":
            break
    return Found(tuple(steps), tuple(signals))


_Attempt = Callable[[Line, Connector, list[Signal]], Awaitable[str]]


async def _try(name: str, attempt: _Attempt, line: Line, connector: Connector, signals: list[Signal]) -> Step:
    began = line.clock.monotonic()
    try:
        said = await attempt(line, connector, signals)
    except _Doubt as doubt:
        return Step(name, ok=True, words=doubt.args[0], remedy=doubt.args[1], doubt=True)
    except Unwritable:
        raise  # our own disk, which keeps a recording: no fault of the source
    except OncallError as error:
        remedy = _remedy(error, line)
        return Step(name, ok=False, words=error.words.removesuffix(f": {remedy}"), remedy=remedy)
    took_ms = (line.clock.monotonic() - began) * 1000
    return Step(name, ok=True, words=f"{said}, in {took_ms:.0f} ms" if name in _TIMED else said)


def _remedy(error: OncallError, line: Line) -> str:
    """What to do about it, where the error's own words do not say it."""
    config = line.config
    match error:
        case Denied(remedy=known) if known:
            return known
        case Denied() if config.origins:
            return f"look whether what {config.kind} knows is in {config.origins}, then run this again"
        case Denied():
            return f'say where its secret is kept: token = {{ env = "NAME" }} in [sources.{config.name}]'
        case RateLimited():
            return f'ask it less often: every = "2m" in [sources.{config.name}]'
        case Unreadable() if "login page" in error.words:
            auth = f"[sources.{config.name}.auth]"
            return f"look whether url is the address of the API itself; {auth} gets us past a login in front of it"
        case Unreadable():
            return "look whether url is the address of the API itself; `sources --record DIR` keeps what it answered"
        case Rejected(gone=True):
            return f"look whether url, and what else [sources.{config.name}] names, is there: a path too much or too little?"
        case Rejected():
            return "ask those who run it what this account may do"
        case ConfigError(key=key) if key.startswith(f"sources.{config.name}.") or not config.file:
            return f"correct it in [sources.{config.name}]"
        case ConfigError():
            return "mend that, then run this again"
        case Unavailable(remedy=known) if known:
            return known
        case Unavailable():
            return f"try it from this machine without us: {_curl(config)}"
    return ""


def _curl(config: SourceConfig) -> str:
    """The same way without us."""
    proxy = proxies.shown(proxies.find(config))
    way = f" --unix-socket {config.socket}" if config.socket else f" -x {proxy}" if proxy else ""
    return f"curl -v{way} {config.url}"


# --- the steps -------------------------------------------------------------------------------------------------------


async def _name(line: Line, connector: Connector, signals: list[Signal]) -> str:
    parts, proxy = urlsplit(line.config.url), proxies.shown(proxies.find(line.config))
    host = parts.hostname or ""
    if line.config.socket:
        return f"not needed: it is asked by the socket {line.config.socket}"
    if proxy:
        return f"left to the proxy {proxy}"
    if _is_address(host):
        return f"not needed: {host} is an address"
    try:
        async with asyncio.timeout(_NAME_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, parts.port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise Unavailable(f"the name {host} is not found: is the network up, is the url right?") from None
    return f"{host} is {', '.join(dict.fromkeys(str(one[4][0]) for one in found))}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _reach(line: Line, connector: Connector, signals: list[Signal]) -> str:
    return await line.reach()


async def _tls(line: Line, connector: Connector, signals: list[Signal]) -> str:
    config = line.config
    host = urlsplit(config.url).hostname or ""
    if not config.url.startswith("https:"):
        if config.origins and not config.socket and not _is_here(host):
            raise _Doubt("none: whoever is in between can read our secret", "use https if it speaks it")
        return "none"
    if not config.verify:
        raise _Doubt(line.warning, "give its CA as ca_file and remove verify = false")
    ends_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(line.tls_until), UTC)
    days = (ends_at - line.clock.now()).days
    held = f"its certificate holds until {ends_at:%Y-%m-%d} (in {days} days)"
    if days < _RENEW_DAYS:
        raise _Doubt(held, "have it renewed there")
    return held


def _is_here(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


async def _sign_in(line: Line, connector: Connector, signals: list[Signal]) -> str:
    if connector.check is not None:
        return await line.play(connector.check)
    await line.play(_nothing)
    return "credentials are at hand" if line.config.origins else "no credentials configured"


def _nothing(source: Source) -> Exchange[None]:
    """An exchange without requests: it fetches the secret and logs in, and that is all."""
    yield from ()


async def _read(line: Line, connector: Connector, signals: list[Signal]) -> str:
    reading = await line.play(connector.poll)
    signals += whole(reading)
    if reading.unreadable:
        raise Unreadable(f"{len(reading.unreadable)} of its records cannot be read: {reading.unreadable[0]}")
    shown = f", the first: {signals[0].title[:60]}" if signals else ""
    said = f"{len(signals)} open signal{'' if len(signals) == 1 else 's'}{shown}"
    if told := "; ".join(filter(None, (reading.gap, reading.warning))):
        raise _Doubt(f"{said}; {safe.line(told)}", "see that in the reference of its kind")
    return said


async def _may_write(line: Line, connector: Connector, signals: list[Signal]) -> str:
    if not connector.answers:
        return "nothing: it can only be read"
    if connector.may is None:
        return "not told: its connector knows no way to ask without writing"
    return await line.play(connector.may)


async def _clock(line: Line, connector: Connector, signals: list[Signal]) -> str:
    if not line.skew_s:
        return "as ours"
    skew = f"{abs(line.skew_s):.0f} s {'ahead of' if line.skew_s > 0 else 'behind'} ours"
    if abs(line.skew_s) >= SKEW_TOLD_S:
        raise _Doubt(skew, "set the clock that is wrong: `timedatectl` tells about this machine's")
    return skew


async def _rate(line: Line, connector: Connector, signals: list[Signal]) -> str:
    return line.rate or "none told"


_TRIES: dict[str, _Attempt] = {
    "name": _name,
    "reached": _reach,
    "TLS": _tls,
    "signed in": _sign_in,
    "read": _read,
    "may write": _may_write,
    "clock": _clock,
    "rate limit": _rate,
}

_TIMED = ("reached", "signed in", "read")
