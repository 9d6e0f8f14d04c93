"""What Prometheus, Alertmanager and Grafana have alike: alerts that are their labels, and how one signs in to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from oncall_tui import kit
from oncall_tui.kit import Option, Reading, Source
from oncall_tui.model import Impact, Signal

SEVERITY: Mapping[str, Impact] = {
    **dict.fromkeys(("critical", "page", "disaster", "fatal", "emergency", "p1"), Impact.DOWN),
    **dict.fromkeys(("error", "high", "major", "average", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("warning", "warn", "minor", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("info", "none", "p4", "p5"), Impact.QUESTION),
}
"""Nobody prescribes what a severity label holds: these are the customs."""

OPTIONS = (
    Option(name="user", help="user name for basic authentication; the secret is its password"),
    kit.severities("sev0=down, sev1=degraded"),
    Option(
        name="watchdog",
        help="alerts that always fire: out of the way, and when one falls silent, what broke since may not be told",
        default="Watchdog, DeadMansSwitch",
    ),
)
"""The names of the watchdog are those of prometheus-operator's rules, by which most installations have one
(https://runbooks.prometheus-operator.dev/runbooks/general/watchdog).
"""

_ALWAYS = "it always fires, so that its silence is noticed"


def watched(source: Source, reading: Reading) -> Reading:
    """The alerts that always fire are nobody's problem. One that fell silent stands and leaves a gap: whoever evaluates the
    rules, or the way from there, may be dead, and nothing else would tell.
    """
    always = kit.names(source.options.get("watchdog", ""))
    heard = {signal.id for signal in reading.signals}
    silent = [known for known in source.known.values() if known.title in always and known.id not in heard]
    signals = [_put_aside(signal) if signal.title in always else signal for signal in reading.signals]
    names = ", ".join(sorted({signal.title for signal in silent}))
    gap = f"does not hear {names} any more, which always fires: what broke since may not be told" if silent else ""
    return replace(reading, signals=signals) + Reading(signals=silent, gap=gap)


def _put_aside(signal: Signal) -> Signal:
    return msgspec.structs.replace(signal, suppressed=signal.suppressed or _ALWAYS)


def utc(at: datetime) -> datetime | None:
    """A time that was read, in UTC; without a zone it is that already. None for year 1, which Go writes for none."""
    if at.year <= 1970:
        return None
    if at.tzinfo is UTC:
        return at
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
