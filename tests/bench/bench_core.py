"""Decode and triage of many signals, as ratios to `json.loads` of the same bytes in the same run.

python tests/bench/bench_core.py
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from msgspec.structs import replace

from oncall_tui import safe
from oncall_tui.connectors.monitors import alertmanager
from oncall_tui.core.triage import triage
from oncall_tui.core.work import Work
from oncall_tui.kit import Response, Source
from oncall_tui.model import Board, Customer, Kind, Match, Me, Message, Night, Settings, Signal, Snapshot, Voice

NOW = datetime(2026, 3, 3, 2, 14, tzinfo=UTC)
ME = Me(name="Sanne")
SETTINGS = Settings(
    me=ME,
    customers=tuple(
        Customer(name=f"Customer {n}", depends_on=(f"service-{n}",), match=Match(domains=(f"c{n}.example",)))
        for n in range(50)
    ),
)


def body(count: int, *, services: int) -> bytes:
    """What Alertmanager answers: about 1.1 kB an alert, on so many services and as many hosts of their own."""
    alerts = [
        {
            "annotations": {
                "summary": f"Instance {n} has trouble",
                "description": "The service answers slowly or not at all. " * 9,
                "runbook_url": f"https://runbooks.example/{n}",
            },
            "endsAt": "2026-03-03T02:18:00.000Z",
            "fingerprint": f"{n:016x}",
            "receivers": [{"name": "oncall"}],
            "startsAt": (NOW - timedelta(seconds=n % 9000)).isoformat(),
            "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"},
            "updatedAt": "2026-03-03T02:14:00.000Z",
            "generatorURL": f"http://prometheus.example/graph?g0.expr=up&n={n}",
            "labels": {
                "alertname": f"Alert{n % 40}",
                "service": f"service-{n % services}",
                "instance": f"host-{n % services}:9100",
                "severity": ("critical", "error", "warning", "info")[n % 4],
                "cluster": "eu-1",
                "team": "platform",
            },
        }
        for n in range(count)
    ]
    return json.dumps(alerts).encode()


def decode(raw: bytes) -> tuple[Signal, ...]:
    """Through the real connector and the real cleaning."""
    talk = alertmanager.CONNECTOR.poll(Source(name="am", url="http://am.example", me=ME))
    next(talk)
    talk.send(Response(status=200, body=raw))
    try:
        talk.send(Response(status=200, body=b"[]"))
    except StopIteration as done:
        return tuple(safe.signal(signal) for signal in done.value.signals)
    raise AssertionError("the connector asked for more than alerts and silences")


def desk(count: int) -> tuple[Signal, ...]:
    """Tickets of configured customers, each with two messages."""
    return tuple(
        Signal(
            source="desk", id=str(n), kind=Kind.TICKET, title=f"Trouble number {n}", opened_at=NOW - timedelta(minutes=n),
            email=f"a@c{n % 50}.example", contact="Ron",
            messages=tuple(
                Message(id=str(k), voice=Voice.THEIRS, author="Ron", text="It does not work", at=NOW - timedelta(minutes=n - k))
                for k in range(2)
            ),
        )
        for n in range(count)
    )  # fmt: skip


def night(alerts: tuple[Signal, ...], tickets: tuple[Signal, ...]) -> Night:
    return Night(
        snapshots=(
            Snapshot(source="am", kind="alertmanager", every_s=15, signals=alerts, asked_at=NOW, answered_at=NOW),
            Snapshot(source="desk", kind="redmine", every_s=15, signals=tickets, asked_at=NOW, answered_at=NOW),
        )
    )


def took(do: Callable[[], object], runs: int) -> float:
    """The quickest of some runs, in seconds: what else the machine does only ever adds. Earlier runs' waste is collected."""
    spans = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        do()
        spans.append(time.perf_counter() - start)
    return min(spans)


def measure(count: int, services: int, runs: int) -> None:
    raw = body(count, services=services)
    alerts, tickets = decode(raw), desk(200)
    whole = night(alerts, tickets)
    bare = took(lambda: json.loads(raw), runs)
    read = took(lambda: decode(raw), runs)
    first = took(lambda: triage(whole, SETTINGS, NOW), runs)
    work = Work()
    board = triage(whole, SETTINGS, NOW, work=work)

    later = iter(range(1, 1000))

    def again(*polls: Night) -> Callable[[], object]:
        """A triage of the next poll: each is another one than the last."""
        turns = cycle(polls)

        def once() -> Board:
            at = NOW + timedelta(seconds=15 * next(later))
            return triage(replace(next(turns), memory=board.memory), SETTINGS, at, work=work)

        once()
        return once

    spoke = (*tickets[:-1], replace(tickets[-1], title="Something else"))
    desk_polled = replace(whole, snapshots=(whole.snapshots[0], replace(whole.snapshots[1], signals=spoke)))
    changed = tuple(
        replace(alert, taken_by="Olga") if n % 100 == 0 else replace(alert) for n, alert in enumerate(alerts)
    )
    am_polled = replace(whole, snapshots=(replace(whole.snapshots[0], signals=changed), whole.snapshots[1]))
    print(f"\n{count:,} alerts ({len(raw) / 1e6:.0f} MB) and 200 tickets, {len(board.problems):,} problems")
    _tell("json.loads of the alerts", bare, bare)
    _tell("decode, signals, cleaned", read, bare)
    _tell("triage, the first", first, bare)
    _tell("both together", read + first, bare)
    _tell("triage again, the time only", took(again(whole), runs), bare)
    _tell("triage again, 1 of 200 tickets changed", took(again(whole, desk_polled), runs), bare)
    _tell("triage again, 1 in 100 alerts changed", took(again(whole, am_polled), runs), bare)


def _tell(what: str, seconds: float, bare: float) -> None:
    print(f"  {what:<40} {seconds * 1000:8.1f} ms {seconds / bare:8.2f}x")


if __name__ == "__main__":
    measure(10_000, services=400, runs=9)
    measure(10_000, services=10_000, runs=5)
    measure(100_000, services=2_000, runs=3)
