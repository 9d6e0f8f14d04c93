"""What Nagios and its descendants have alike: hosts and checks, who acknowledged one, and what was said about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec

from oncall_tui import kit
from oncall_tui.errors import Unreadable
from oncall_tui.kit import Exchange, Monitor, Option, Pause, Reading, Receipt, Remark, Source
from oncall_tui.model import Impact, Kind, Signal, Verb, Write

T = TypeVar("T")
R = TypeVar("R", Remark, Pause)

QUEUED = Receipt(settled=False)
"""What a monitor said that only put a command into a queue: whether it is done is seen later."""

SEVERITY: Mapping[str, Impact] = {
    **dict.fromkeys(("critical", "down", "disaster", "p1"), Impact.DOWN),
    **dict.fromkeys(("error", "high", "major", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("warning", "unknown", "unreachable", "medium", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("info", "low", "none", "p4", "p5"), Impact.QUESTION),
}
"""Nobody knows what an unknown check or a host behind a broken one is like: that is a risk."""

CANNOT: Mapping[Verb, str] = {
    Verb.REPLY: kit.NOBODY_WROTE,
    Verb.RESOLVE: "a problem ends when its check is well again",
}

OPTIONS = (
    Option(name="service_label", help="label that names the service", default="service"),
    Option(name="severity_label", help="label that says how bad it is; the state without it"),
    kit.severities("gold=down, warning=degraded"),
)

_STOPPED = "Its checks were switched off since: it may be well by now."

_EVER = datetime.max.replace(tzinfo=UTC)
_TAKING = re.compile(r"taken by (.+) \[oncall-tui [^\]\s]+\]\s*$")


@dataclass(frozen=True, slots=True)
class Said(Generic[R]):
    """Comments or downtimes by the id of what they are about, and a line for each that was unreadable."""

    by_object: Mapping[str, Sequence[R]]
    unreadable: tuple[str, ...] = ()

    def about(self, signal_id: str) -> Sequence[R]:
        return self.by_object.get(signal_id, ())

    @property
    def lost(self) -> Reading:
        """What they add to a reading: how many there are more."""
        return Reading(signals=[], unreadable=self.unreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A host (no `name`) or a check on one, with all that was said about it.

    `is_problem`: it is not well, and was so often enough to be believed. `unreachable` says that it is only so because of
    another, `is_stopped` that it is looked at no more. `labels` may name the service that it is of and how bad it is
    (`OPTIONS`).
    """

    id: str
    host: str
    state: str
    is_problem: bool
    since: datetime | None
    url: str
    name: str = ""
    title: str = ""
    output: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    acknowledged: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_until: datetime | None = None
    in_downtime: bool = False
    unreachable: bool = False
    is_stopped: bool = False
    comments: Sequence[Remark] = ()
    downtimes: Sequence[Pause] = ()


def split(signal_id: str, separator: str) -> tuple[str, str]:
    """Host and check ("" for the host itself). Raises `Unreadable` where not exactly one object is named: a monitor may take
    that for all of them.
    """
    host, separated, name = signal_id.partition(separator)
    if not host or (separated and not name) or not signal_id.isprintable():
        raise Unreadable(f"{signal_id!r} names no host and no service")
    return host, name


def said(records: Iterable[msgspec.Raw], type_: type[T], make: Callable[[T], tuple[str, R] | None]) -> Said[R]:
    """What each record says, with what it is about; None leaves it out."""
    made, unreadable = kit.each(records, type_, make)
    by_object: dict[str, list[R]] = {}
    for about, one in made:
        by_object.setdefault(about, []).append(one)
    return Said(by_object, unreadable)


def monitor(
    *,
    find: Callable[[Source, str], Exchange[Check | None]],
    take: Callable[[Source, Write, Signal], Exchange[Receipt]],
    give: Callable[[Source, Write, Signal], Exchange[Receipt]],
    note: Callable[[Source, Write, str], Exchange[Receipt]],
    snooze: Callable[[Source, Write, Check], Exchange[Receipt]],
    cancel: Callable[[Source, Write, Pause], Exchange[Receipt]],
    keeps: Callable[[str], str] = str,
) -> Monitor[Check]:
    """One of them, which is asked and told as in `Monitor`: to snooze is a downtime, which `cancel` ends."""
    return Monitor(
        table=SEVERITY,
        find=find,
        signal=partial(signal, keeps=keeps),
        notes=lambda _, check: check.comments,
        pauses=lambda _, check: check.downtimes,
        take=take,
        give=give,
        note=note,
        snooze=snooze,
        undo={Verb.SNOOZE: cancel},
        keeps=keeps,
        joint=" ",
        gone="it is well again, gone, or hidden from you",
    )


def signal(
    source: Source, check: Check, table: Mapping[str, Impact], keeps: Callable[[str], str] = str
) -> Signal | None:
    """A check as a signal; None when it has no problem. `keeps` is how this monitor keeps a text that it is given.

    Its name ("http") is a label, `check`: it does not say which service of ours that is.
    """
    if not check.is_problem:
        return None
    if check.since is None:
        raise ValueError("says not since when")
    labels, option = check.labels, source.options.get
    severity = labels.get(option("severity_label", ""), "") or check.state
    shown = check.title or check.name or check.host
    return Signal(
        source=source.name,
        id=check.id,
        kind=Kind.ALERT,
        title=shown if check.name else f"{shown} is {check.state}",
        opened_at=check.since,
        severity=severity,
        impact=kit.impact(table, severity),
        text="\n".join(filter(None, (check.output, _STOPPED if check.is_stopped else ""))),
        service=labels.get(option("service_label", "") or "service", ""),
        host=check.host,
        labels={**labels, **({"check": check.name} if check.name else {})},
        status=check.state,
        messages=kit.messages(one for one in check.comments if _is_note(one)),
        url=check.url,
        **_taken(source, check, keeps),
        **_aside(check),
    )


def _taken(source: Source, check: Check, keeps: Callable[[str], str]) -> Mapping[str, Any]:
    """Who acknowledged it last. One without a comment was acknowledged by somebody whom nobody knows."""
    if not check.acknowledged:
        return {}
    by = sorted((one for one in check.comments if one.takes), key=lambda one: one.at)
    last = by[-1] if by else None
    who = _taker(last) if last else ""
    names = (source.me.name, *source.me.aliases)
    at = last.at if last else check.acknowledged_at
    return kit.taken(who, mine=who in (*names, *map(keeps, names)), at=at, until=check.acknowledged_until)


def taking(source: Source, write: Write) -> str:
    """What an acknowledgement says."""
    return f"taken by {source.me.name} {kit.marker(write)}"


def pausing(source: Source, write: Write) -> tuple[str, datetime, datetime]:
    """What a downtime says, and from when to when it is."""
    words = f"{write.text or f'snoozed by {source.me.name}'} {kit.marker(write)}"
    return words, write.asked_at, kit.until(write)


def _taker(remark: Remark) -> str:
    """Who says so in the words of `taking`: a monitor may put one name under everything that an account does."""
    ours = _TAKING.match(remark.text)
    return ours[1] if ours else remark.author


def _aside(check: Check) -> Mapping[str, Any]:
    """Why the monitor itself calls nobody for it."""
    if check.in_downtime:
        begun = [one for one in check.downtimes if one.begun]
        last = max(begun, key=lambda one: one.until or _EVER, default=None)
        by = f"in downtime by {last.author}" if last and last.author else "in downtime"
        return {"suppressed": by, "suppressed_until": last.until if last else None}
    return {"suppressed": "unreachable: what it depends on is down"} if check.unreachable else {}


def _is_note(remark: Remark) -> bool:
    """Whether a person wrote it: not what we say ourselves to acknowledge."""
    return not remark.takes or kit.unmarked(remark.text) == remark.text
