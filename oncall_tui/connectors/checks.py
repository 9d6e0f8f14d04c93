"""What Nagios and its descendants have alike: hosts and checks, who acknowledged one, and what was said about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from oncall_tui import kit
from oncall_tui.errors import Unreadable
from oncall_tui.kit import Exchange, Monitor, Option, Pause, Receipt, Record, Remark, Source
from oncall_tui.model import Impact, Kind, Noun, Signal, Verb, Write

T = TypeVar("T")

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

TIMES = ("last_hard_state_change", "last_state_change", "last_check")
OUTPUT = ("plugin_output", "long_plugin_output")
"""Names that all of them kept from Nagios."""

_STOPPED = "Its checks were switched off since: it may be well by now."

_EVER = datetime.max.replace(tzinfo=UTC)
_TAKING = re.compile(r"taken by (.+) \[oncall-tui [^\]\s]+\]\s*$")


class Check(Noun, frozen=True, kw_only=True):
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
    labels: Mapping[str, str] = {}
    acknowledged: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_until: datetime | None = None
    in_downtime: bool = False
    unreachable: bool = False
    is_stopped: bool = False
    comments: Sequence[Remark] = ()
    downtimes: Sequence[Pause] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Comments and downtimes by the id of what they are about, and a line for each that was unreadable."""

    comments: Mapping[str, Sequence[Remark]]
    downtimes: Mapping[str, Sequence[Pause]]
    unreadable: tuple[str, ...]

    def about(self, check: Check) -> Check:
        """That one, with what was said about it."""
        comments, downtimes = self.comments.get(check.id, ()), self.downtimes.get(check.id, ())
        return replace(check, comments=comments, downtimes=downtimes) if comments or downtimes else check


def said(
    comments: Iterable[msgspec.Raw],
    noted: Callable[[Record], tuple[str, Remark] | None],
    downtimes: Iterable[msgspec.Raw],
    planned: Callable[[Record], tuple[str, Pause]],
) -> Said:
    """What each record says, and what it is about, by `noted` and `planned`; None leaves it out."""
    remarks, unreadable = kit.sift(comments, lambda raw: noted(Record.read(raw)))
    pauses, lost = kit.sift(downtimes, lambda raw: planned(Record.read(raw)))
    return Said(_by_object(remarks), _by_object(pauses), (*unreadable, *lost))


def _by_object(told: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    by_object: dict[str, list[T]] = {}
    for about, one in told:
        by_object.setdefault(about, []).append(one)
    return by_object


def since(record: Record, *, per_s: float = 1.0) -> datetime | None:
    """Since when it is so: the first of `TIMES` that is told."""
    return next((at for name in TIMES if (at := record.when(name, per_s=per_s))), None)


def output(record: Record) -> str:
    """What the check printed."""
    return "\n".join(filter(None, (record.text(name, "") for name in OUTPUT)))


def join(host: str, name: str, separator: str) -> str:
    """The id of a host or of a check on it, which `split` reads."""
    return f"{host}{separator}{name}" if name else host


def split(signal_id: str, separator: str) -> tuple[str, str]:
    """Host and check ("" for the host itself). Raises `Unreadable` where not exactly one object is named: a monitor may take
    that for all of them.
    """
    host, separated, name = signal_id.partition(separator)
    if not host or (separated and not name) or not signal_id.isprintable():
        raise Unreadable(f"{signal_id!r} names no host and no service")
    return host, name


def monitor(
    *,
    find: Callable[[Source, str], Exchange[Check | None]],
    take: Callable[[Source, Write, Signal, str], Exchange[Receipt]],
    give: Callable[[Source, Write, Signal], Exchange[Receipt]],
    note: Callable[[Source, Write, str], Exchange[Receipt]],
    pause: Callable[[Source, Write, str, datetime], Exchange[Receipt]],
    cancel: Callable[[Source, Write, Pause], Exchange[Receipt]],
    keeps: Callable[[str], str] = str,
) -> Monitor[Check]:
    """One of them, which is asked and told as in `Monitor`. `take` is given the words of the acknowledgement as well, `pause`
    those of the downtime that a snooze is, and its end; `cancel` ends that.
    """

    def taken(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
        return take(source, write, present, keeps(f"taken by {source.me.name} {kit.marker(write)}"))

    def paused(source: Source, write: Write, check: Check) -> Exchange[Receipt]:
        words = f"{write.text or f'snoozed by {source.me.name}'} {kit.marker(write)}"
        return pause(source, write, keeps(words), kit.until(write))

    return Monitor(
        table=SEVERITY,
        find=find,
        signal=partial(signal, keeps=keeps),
        notes=lambda _, check: check.comments,
        pauses=lambda _, check: check.downtimes,
        take=taken,
        give=give,
        note=note,
        snooze=paused,
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


def _taker(remark: Remark) -> str:
    """Who says so in our words: a monitor may put one name under everything that an account does."""
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
