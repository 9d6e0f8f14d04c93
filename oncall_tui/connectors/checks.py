"""What Nagios and its descendants have alike: hosts and checks, who acknowledged one, and what was said about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oncall_tui import kit
from oncall_tui.kit import Option, Reading, Source
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Voice, Write

SEVERITY: Mapping[str, Impact] = {
    **dict.fromkeys(("critical", "down", "disaster", "p1"), Impact.DOWN),
    **dict.fromkeys(("error", "high", "major", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("warning", "unknown", "unreachable", "medium", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("info", "low", "none", "p4", "p5"), Impact.QUESTION),
}
"""Nobody knows what an unknown check or a host behind a broken one is like: that is a risk."""

CANNOT: Mapping[Verb, str] = {
    Verb.REPLY: "nobody wrote an alert, so there is nobody to reply to",
    Verb.RESOLVE: "a problem ends when its check is well again",
}

SEVERITIES = Option(
    name="severities", help='severities of your own, as in "gold=down, warning=degraded"', check=kit.meanings
)


_TAKING = re.compile(r"taken by (.+) \[oncall-tui [^\]\s]+\]\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment or a downtime. `takes`: it was made by acknowledging. `until` is when a downtime ends, if it has `begun`."""

    id: str
    author: str
    text: str
    at: datetime
    takes: bool = False
    until: datetime | None = None
    begun: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A host (no `name`) or a check on one that is not well, with all that was said about it, the oldest first.

    `unreachable` says that it is only so because of another.
    """

    id: str
    host: str
    state: str
    since: datetime | None
    url: str
    name: str = ""
    title: str = ""
    output: str = ""
    severity: str = ""
    service: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    acknowledged: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_until: datetime | None = None
    in_downtime: bool = False
    unreachable: bool = False
    comments: Sequence[Remark] = ()
    downtimes: Sequence[Remark] = ()


def signal(source: Source, check: Check, table: Mapping[str, Impact]) -> Signal:
    """A check as a signal. Its name ("http") is a label, `check`: it does not say which service of ours that is."""
    if check.since is None:
        raise ValueError("says not since when")
    severity = check.severity or check.state
    shown = check.title or check.name or check.host
    return Signal(
        source=source.name,
        id=check.id,
        kind=Kind.ALERT,
        title=shown if check.name else f"{shown} is {check.state}",
        opened_at=check.since,
        severity=severity,
        impact=table.get(severity.casefold(), Impact.AT_RISK),
        text=check.output,
        service=check.service,
        host=check.host,
        labels={**check.labels, **({"check": check.name} if check.name else {})},
        status=check.state,
        messages=tuple(_message(remark) for remark in check.comments if _is_note(remark)),
        url=check.url,
        **_taken(source, check),
        **_aside(check),
    )


def _taken(source: Source, check: Check) -> Mapping[str, Any]:
    """Who acknowledged it last. One without a comment was acknowledged by somebody whom nobody knows."""
    if not check.acknowledged:
        return {}
    by = [remark for remark in check.comments if remark.takes]
    who = _taker(by[-1]) if by else ""
    return {
        "taken_by": who or "somebody",
        "assignee": who,
        "mine": kit.is_me(source, who),
        "taken_at": by[-1].at if by else check.acknowledged_at,
        "taken_until": check.acknowledged_until,
    }


def _taker(remark: Remark) -> str:
    """Who says so in the words of `taking`: a monitor may put one name under everything that an account does."""
    ours = _TAKING.match(remark.text)
    return ours[1] if ours else remark.author


def _aside(check: Check) -> Mapping[str, Any]:
    """Why the monitor itself calls nobody for it."""
    if check.in_downtime:
        begun = [remark for remark in check.downtimes if remark.begun]
        last = max(begun, key=lambda remark: remark.until or remark.at, default=None)
        by = f"in downtime by {last.author}" if last and last.author else "in downtime"
        return {"suppressed": by, "suppressed_until": last.until if last else None}
    return {"suppressed": "unreachable: what it depends on is down"} if check.unreachable else {}


def _is_note(remark: Remark) -> bool:
    """Whether a person wrote it: not what we say ourselves to acknowledge."""
    return not remark.takes or kit.unmarked(remark.text) == remark.text


def _message(remark: Remark) -> Message:
    text = kit.unmarked(remark.text)
    return Message(id=remark.id, voice=Voice.OURS, author=remark.author, text=text, at=remark.at, private=True)


def impacts(source: Source) -> dict[str, Impact]:
    """The table, with the severities of the user's own."""
    return kit.impacts(SEVERITY, source.options.get("severities", ""))


def warned(reading: Reading, table: Mapping[str, Impact]) -> Reading:
    """The reading, with a warning about the severities that are in no table."""
    warning = kit.strangers(reading.signals, table)
    return Reading(signals=reading.signals, unreadable=reading.unreadable, warning=warning)


def by_object(remarks: Iterable[tuple[str, Remark]]) -> dict[str, list[Remark]]:
    """Remarks by the id of what they are about, the oldest first."""
    found: dict[str, list[Remark]] = {}
    for about, remark in sorted(remarks, key=lambda pair: pair[1].at):
        found.setdefault(about, []).append(remark)
    return found


# --- writing ---------------------------------------------------------------------------------------------------------


def taking(source: Source, write: Write) -> str:
    """What an acknowledgement says."""
    return f"taken by {source.me.name} {kit.marker(write)}"


def said(write: Write, text: str = "") -> str:
    """What a note says: its words, and what finds it again."""
    return f"{write.text or text} {kit.marker(write)}"


def is_held(present: Signal | None, write: Write) -> bool:
    """Whether it is mine, and long enough."""
    if present is None or not present.mine:
        return False
    ends_at = present.taken_until
    return ends_at is None or (write.until is not None and ends_at >= write.until)


def is_said(write: Write, remarks: Iterable[Remark]) -> bool:
    """Whether what the write says is among them."""
    return any(remark.text.rstrip().endswith(kit.marker(write)) for remark in remarks)
