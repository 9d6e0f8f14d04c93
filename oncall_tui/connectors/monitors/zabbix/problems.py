"""Zabbix's problems, and what one is as a signal: who has it, what keeps it out of the way, what was said about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from oncall_tui import kit
from oncall_tui.connectors.monitors.zabbix.api import is_mine, name_of
from oncall_tui.kit import Source
from oncall_tui.model import Impact, Kind, Message, Signal, Voice

NAMES = ("Not classified", "Information", "Warning", "Average", "High", "Disaster")
"""The severities by their number; an installation can rename them, but tells that only to its administrators."""

SEVERITY: Mapping[str, Impact] = {
    "disaster": Impact.DOWN,
    **dict.fromkeys(("high", "average"), Impact.DEGRADED),
    "warning": Impact.AT_RISK,
    **dict.fromkeys(("information", "not classified"), Impact.QUESTION),
}
CLOSE, ACKNOWLEDGE, MESSAGE, UNACKNOWLEDGE, SUPPRESS = 1, 2, 4, 16, 32
_OFF = "1"
"""The status of what is disabled, hosts, triggers and items alike."""


class _Tag(msgspec.Struct):
    tag: str
    value: str = ""


class Update(msgspec.Struct):
    """Something that somebody did to a problem: the sum of the bits, and words if they said any."""

    acknowledgeid: str
    userid: str
    clock: str
    action: str
    message: str = ""

    def has(self, bit: int) -> bool:
        return bool(int(self.action) & bit)


class _Suppression(msgspec.Struct):
    suppress_until: str = "0"
    maintenanceid: str = "0"
    userid: str = "0"


class Head(msgspec.Struct):
    """What names a problem, and the trigger that made it."""

    eventid: kit.Id
    objectid: kit.Id


class Problem(Head):
    """One record of `problem.get`; its numbers are texts."""

    clock: str
    name: str
    severity: str
    acknowledged: str
    r_eventid: str = "0"
    opdata: str = ""
    suppressed: str = "0"
    acknowledges: list[Update] = []
    tags: list[_Tag] = []
    suppression_data: list[_Suppression] = []

    @property
    def is_over(self) -> bool:
        return int(self.r_eventid or "0") > 0

    @property
    def taking(self) -> Update | None:
        """The update with which somebody took it; None when it is acknowledged by nobody, or that is not told any more."""
        taken = [one for one in self.acknowledges if self.acknowledged == "1" and one.has(ACKNOWLEDGE)]
        return max(taken, key=lambda one: int(one.acknowledgeid), default=None)


class _Switch(msgspec.Struct):
    status: str = "0"
    value: str = "0"


class _Host(_Switch):
    host: str = ""
    name: str = ""


class Trigger(_Switch, kw_only=True):
    """One record of `trigger.get`, with its hosts, its items and what it depends on."""

    triggerid: kit.Id
    comments: str = ""
    url: str = ""
    hosts: list[_Host] = []
    items: list[_Switch] = []
    dependencies: list[_Switch] = []

    @property
    def is_watched(self) -> bool:
        """Whether all of it is enabled; what is not tells nothing new any more."""
        return all(one.status != _OFF for one in (self, *self.hosts, *self.items))

    @property
    def is_consequence(self) -> bool:
        return any(one.value == "1" and one.status != _OFF for one in self.dependencies)


def open_signal(
    source: Source, problem: Problem, triggers: Mapping[str, Trigger], table: Mapping[str, Impact]
) -> Signal | None:
    """None for what is over, or what nobody watches any more; a trigger that is not told is believed to be watched."""
    trigger = triggers.get(problem.objectid) or Trigger(triggerid=problem.objectid)
    if problem.is_over or not trigger.is_watched:
        return None
    return signal(source, problem, trigger, table)


def signal(source: Source, problem: Problem, trigger: Trigger, table: Mapping[str, Impact] = SEVERITY) -> Signal:
    """One problem as a signal. The customer is in its tags, for the core to find."""
    severity = NAMES[int(problem.severity)] if problem.severity in "012345" and problem.severity else problem.severity
    tags = _labels(problem.tags)
    host = trigger.hosts[0] if trigger.hosts else _Host()
    return Signal(
        source=source.name,
        id=problem.eventid,
        kind=Kind.ALERT,
        title=problem.name or "a problem without a name",
        opened_at=moment(problem.clock),
        severity=severity,
        impact=table.get(severity.casefold(), Impact.AT_RISK),
        text="\n".join(line for line in (problem.opdata, trigger.comments) if line),
        service=tags.get("service", ""),
        host=host.host,
        labels={**tags, **({"host": host.name} if host.name else {})},
        messages=tuple(_notes(source, problem)),
        links=(trigger.url,) if trigger.url else (),
        url=f"{source.url}/tr_events.php?triggerid={kit.quote(problem.objectid)}&eventid={kit.quote(problem.eventid)}",
        **taken_by(source, problem),
        **_suppressed(source, problem, trigger),
    )


def _labels(tags: list[_Tag]) -> dict[str, str]:
    """A tag may be there several times: its values are told with commas. The server lists tags in any order."""
    labels: dict[str, str] = {}
    for tag in sorted(tags, key=lambda tag: (tag.tag, tag.value)):
        labels[tag.tag] = f"{labels[tag.tag]}, {tag.value}" if tag.tag in labels else tag.value
    return labels


def taken_by(source: Source, problem: Problem) -> dict[str, Any]:
    """The fields of a signal that tell who has it; none when nobody has."""
    if problem.acknowledged != "1":
        return {}
    taking = problem.taking
    name = name_of(source, taking.userid) if taking else "somebody"
    mine = taking is not None and is_mine(source, taking.userid)
    return {
        "taken_by": name,
        "assignee": name,
        "mine": mine,
        "status": "acknowledged",
        "taken_at": moment(taking.clock) if taking else None,
    }


def _suppressed(source: Source, problem: Problem, trigger: Trigger) -> dict[str, Any]:
    held = problem.suppression_data if problem.suppressed == "1" else []
    if problem.suppressed == "1":
        by_people = [name_of(source, one.userid) for one in held if one.maintenanceid == "0" and one.userid != "0"]
        words = f"suppressed by {', '.join(by_people)}" if by_people else "in maintenance"
        ends = [int(one.suppress_until) for one in held]
        return {"suppressed": words, "suppressed_until": moment(str(max(ends))) if ends and all(ends) else None}
    return {"suppressed": "a consequence of another problem"} if trigger.is_consequence else {}


def _notes(source: Source, problem: Problem) -> Iterator[Message]:
    """What colleagues wrote; nobody else reads it."""
    for update in problem.acknowledges:
        if update.has(MESSAGE):
            yield Message(
                id=update.acknowledgeid,
                voice=Voice.OURS,
                author=name_of(source, update.userid),
                text=kit.unmarked(update.message),
                at=moment(update.clock),
                private=True,
            )


def moment(clock: str) -> datetime:
    """Seconds since 1970 in a text -> UTC."""
    return kit.at(int(clock))
