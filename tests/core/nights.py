"""Reads a night from TOML as a support lead writes it (see scenarios/README.md) into what triage takes."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from oncall_tui.model import (
    Act,
    Alternative,
    Customer,
    Decision,
    Impact,
    Kind,
    Match,
    Me,
    Message,
    Moment,
    Night,
    Process,
    Service,
    Settings,
    Signal,
    Snapshot,
    State,
    Verb,
    Voice,
    Write,
)

IMPACT = {
    **dict.fromkeys(("critical", "page", "disaster", "urgent", "immediate", "blocker", "P1"), Impact.DOWN),
    **dict.fromkeys(("error", "high", "average", "P2"), Impact.DEGRADED),
    **dict.fromkeys(("warning", "normal", "medium", "P3"), Impact.AT_RISK),
    **dict.fromkeys(("info", "none", "low", "minor", "P4", "P5"), Impact.QUESTION),
}
SPAN = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Story:
    """One file: the night, its settings, the time, and what is expected of the board."""

    def __init__(self, path: Path) -> None:
        told = tomllib.loads(path.read_text())
        self.title: str = told["title"]
        self.now = datetime.fromisoformat(told.get("now", "2026-03-03T02:14:00Z"))
        self.expect: dict[str, Any] = told["expect"]
        self.earlier: list[dict[str, Any]] = told.get("earlier", [])
        self.told = told
        self.settings = Settings(
            me=Me(name="Sanne"),
            customers=tuple(customer(name, one) for name, one in told.get("customers", {}).items()),
            services=tuple(
                Service(name=name, match=Match(**{k: _plain(v) for k, v in one.items()}))
                for name, one in told.get("services", {}).items()
            ),
            bots=tuple(told.get("bots", ())),
        )
        self.night = self.read(told)

    def read(self, told: dict[str, Any], now: datetime | None = None) -> Night:
        """The night of these tables, its times counted from `now`."""
        now = now or self.now
        clocks = told.get("clock", {})
        alerts = [alert(one, now) for one in told.get("alerts", ())]
        tickets = [ticket(one, now) for one in told.get("tickets", ())]
        failing = told.get("failing", {})
        snapshots = []
        for name in dict.fromkeys(["am", "desk", *(s.source for s in (*alerts, *tickets))]):
            late = failing.get(name)
            answered_at = at(late["since"], now) if late else now
            snapshots.append(
                Snapshot(
                    source=name,
                    kind="alertmanager" if name == "am" else "redmine",
                    every_s=15,
                    signals=tuple(signal for signal in (*alerts, *tickets) if signal.source == name),
                    asked_at=answered_at,
                    answered_at=answered_at,
                    fault=late["fault"] if late else "",
                    skew_s=SPAN[clocks[name][-1]] * float(clocks[name][:-1]) if name in clocks else 0.0,
                )
            )
        return Night(
            snapshots=tuple(snapshots),
            writes=tuple(write(n, one, now) for n, one in enumerate(told.get("writes", ()))),
            decisions=tuple(decision(n, one, now) for n, one in enumerate(told.get("decisions", ()))),
        )


def at(text: str, now: datetime) -> datetime:
    """``9m ago``, ``in 10m``, ``now``, or a time written out."""
    if text == "now":
        return now
    if found := re.fullmatch(r"(in )?((?:\d+[smhd] ?)+)(ago)?", text):
        seconds = sum(int(n) * SPAN[unit] for n, unit in re.findall(r"(\d+)([smhd])", found[2]))
        return now + timedelta(seconds=seconds if found[1] else -seconds)
    return datetime.fromisoformat(text).astimezone(UTC)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def customer(name: str, told: dict[str, Any]) -> Customer:
    match = told.get("match", {})
    return Customer(
        name=name,
        match=Match(**{key: _plain(value) for key, value in match.items()}),
        core_process=told.get("core_process", ""),
        process=Process(told.get("process", "core")),
        depends_on=tuple(told.get("depends_on", ())),
        alternative=Alternative(told.get("alternative", "none")),
        moments=tuple(
            Moment(at=time.fromisoformat(m["at"]), what=m["what"], zone=m["zone"], days=tuple(m.get("days", ())))
            for m in told.get("moments", ())
        ),
    )


def alert(told: dict[str, Any], now: datetime) -> Signal:
    taken = told.get("taken_by", "")
    return Signal(
        source=told.get("source", "am"),
        id=told.get("id", told["name"].lower()),
        kind=Kind.ALERT,
        title=told["name"],
        opened_at=at(told["began"], now),
        severity=told.get("severity", "warning"),
        impact=IMPACT[told.get("severity", "warning")],
        text=told.get("text", ""),
        service=told.get("service", ""),
        host=told.get("host", ""),
        labels=told.get("labels", {}),
        taken_by=taken,
        mine=taken == "Sanne",
        taken_at=at(told["taken_at"], now) if "taken_at" in told else None,
        taken_until=at(told["taken_until"], now) if "taken_until" in told else None,
        suppressed=told.get("suppressed", ""),
        suppressed_until=at(told["suppressed_until"], now) if "suppressed_until" in told else None,
        links=tuple(told.get("links", ())),
        url=told.get("url", ""),
    )


def ticket(told: dict[str, Any], now: datetime) -> Signal:
    taken = told.get("taken_by", "")
    return Signal(
        source=told.get("source", "desk"),
        id=str(told["number"]),
        kind=Kind.TICKET,
        title=told["title"],
        opened_at=at(told["opened"], now),
        severity=told.get("priority", "normal"),
        impact=IMPACT[told.get("priority", "normal")],
        service=told.get("service", ""),
        customer=told.get("customer", ""),
        contact=told.get("contact", ""),
        email=told.get("email", ""),
        assignee=told.get("assignee", taken),
        taken_by=taken,
        mine=taken == "Sanne",
        taken_at=at(told["taken_at"], now) if "taken_at" in told else None,
        suppressed=told.get("suppressed", ""),
        due_at=at(told["due"], now) if "due" in told else None,
        messages=tuple(message(n, one, now) for n, one in enumerate(told.get("said", ()))),
        url=told.get("url", ""),
    )


def message(n: int, told: list[str], now: datetime) -> Message:
    """``[who, when, text]``; who is "they", "we", "note" or "machine", with a name after a colon if it matters."""
    who, _, author = told[0].partition(":")
    voice = {"they": Voice.THEIRS, "we": Voice.OURS, "note": Voice.OURS, "machine": Voice.MACHINE}[who]
    return Message(
        id=str(n),
        voice=voice,
        author=author.strip() or {"they": "Ron", "machine": "noreply"}.get(who, "Sanne"),
        at=at(told[1], now),
        text=told[2],
        private=who == "note",
    )


def write(n: int, told: dict[str, Any], now: datetime) -> Write:
    state = State(told.get("state", "delivered"))
    asked_at = at(told["asked"], now)
    arrived = state in (State.DELIVERED, State.CONFIRMED)
    return Write(
        id=f"w{n}",
        problem="",
        ref=told["to"],
        verb=Verb(told["verb"]),
        by="Sanne",
        text=told.get("text", ""),
        asked_at=asked_at,
        state=state,
        promise_at=at(told["promise"], now) if "promise" in told else None,
        delivered_at=at(told.get("delivered", told["asked"]), now) if arrived else None,
    )


def decision(n: int, told: dict[str, Any], now: datetime) -> Decision:
    return Decision(
        id=f"d{n}",
        act=Act(told["act"]),
        refs=tuple(told["refs"]),
        others=tuple(told.get("others", ())),
        value=told.get("value", ""),
        until=at(told["until"], now) if "until" in told else None,
        at=at(told["at"], now),
    )
