"""Acknowledgements that end by themselves: renewed while the problem is mine, ended when it is over.

What outlives the program is bounded by the `until` of the last one that was said.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from oncall_tui.kit import Connector
from oncall_tui.model import Ref, Snapshot, State, Verb, Write

OVER_S = 300.0
"""An alert that flaps, or that a restarted server has not heard of again, is not over before it was away that long."""

_OURS = uuid.UUID("6f1f4e9e-5c0e-4c3f-9a55-0d7c1f0f6c11")
"""Makes the id of what follows from a write the same in every process, so that two say it once."""


def until(connector: Connector, now: datetime, ack_hours: float) -> datetime | None:
    """When an acknowledgement said now ends at that source; None where it has no end."""
    if connector.lasts_s is None:
        return None
    return now + timedelta(seconds=min(connector.lasts_s, ack_hours * 3600))


def ending(writes: Iterable[Write]) -> dict[Ref, Write]:
    """Each signal's latest acknowledgement that is at its source and has an end; none that was given back since."""
    standing: dict[Ref, Write | None] = {}
    for write in writes:
        if write.verb is Verb.ACKNOWLEDGE and write.state.has_effect:
            standing[write.ref] = None if write.state.is_open else write
        elif write.verb in (Verb.RELEASE, Verb.RESOLVE) and write.state.has_effect:
            standing[write.ref] = None
    return {ref: write for ref, write in standing.items() if write is not None and write.until is not None}


class Watch:
    """What to say about acknowledgements that end by themselves, reading after reading."""

    def __init__(self) -> None:
        self._gone_since: dict[Ref, datetime] = {}

    def due(
        self,
        writes: Iterable[Write],
        snapshots: Sequence[Snapshot],
        connectors: Mapping[str, Connector],
        now: datetime,
        ack_hours: float,
    ) -> list[Write]:
        """Renewals and ends that are due at `now`; saying them again is harmless, they have the same ids."""
        by_source = {snapshot.source: snapshot for snapshot in snapshots}
        found = (
            self._one(write, by_source.get(write.source), connectors.get(write.source), now, ack_hours)
            for write in ending(writes).values()
        )
        return [write for write in found if write is not None]

    def _one(
        self, write: Write, snapshot: Snapshot | None, connector: Connector | None, now: datetime, ack_hours: float
    ) -> Write | None:
        if connector is None or snapshot is None or not _is_told(snapshot, write):
            return None
        present = next((s for s in snapshot.signals if s.id == write.signal_id), None)
        if present is None:
            since = self._gone_since.setdefault(write.ref, now)
            is_over = (now - since).total_seconds() >= OVER_S and Verb.RELEASE in connector.answers
            return _follows(write, Verb.RELEASE, now, None) if is_over else None
        self._gone_since.pop(write.ref, None)
        ends_at = until(connector, now, ack_hours)
        if not present.mine or ends_at is None or write.until is None or write.delivered_at is None:
            return None
        half = (write.until - write.asked_at) / 2
        return _follows(write, Verb.ACKNOWLEDGE, now, ends_at) if now >= write.until - half else None


def _is_told(snapshot: Snapshot, write: Write) -> bool:
    """Whether the source's last word on it is whole, present and younger than the delivery."""
    is_whole = snapshot.asked_at is not None and not snapshot.fault and not snapshot.doubt
    return is_whole and write.delivered_at is not None and snapshot.asked_at > write.delivered_at  # type: ignore[operator]


def _follows(write: Write, verb: Verb, now: datetime, ends_at: datetime | None) -> Write:
    return Write(
        id=str(uuid.uuid5(_OURS, f"{write.id} {verb}")),
        problem=write.problem,
        ref=write.ref,
        verb=verb,
        by=write.by,
        asked_at=now,
        until=ends_at,
        state=State.WAITING,
        sure=True,
    )
