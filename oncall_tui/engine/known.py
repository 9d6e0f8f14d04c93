"""What is known of a night: readings, writes, drafts, decisions and what one board hands to the next, here and on disk."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec.structs import replace

from oncall_tui.config import Config
from oncall_tui.core.stretches import Log
from oncall_tui.core.triage import triage
from oncall_tui.core.work import Work
from oncall_tui.engine import keeping, outcomes, saying
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.outbox import Outbox
from oncall_tui.errors import Unwritable
from oncall_tui.kit import Connector
from oncall_tui.model import Board, Decision, Draft, Night, Record, Ref, Signal, Snapshot, State, Verb, Write

RECENT = timedelta(hours=48)
"""Settled writes that the board still knows of; older ones are history."""

_KEEP_S = 60.0
_KEEP_CHANGED_S = 5.0
"""A snapshot that changed is kept for the next start after a few seconds, an unchanged one each minute (its age counts)."""

_RECORD_S = 300.0
"""How often it is kept that somebody is still alone; that it began or ended is kept at once."""


class Known:
    """Begins with what `box` has. What is kept for the next start only is lost without a word where no disk takes it."""

    def __init__(self, box: Outbox, config: Config, connectors: Mapping[str, Connector], clock: Clock) -> None:
        self._box, self._config, self._connectors, self._clock = box, config, connectors, clock
        self.snapshots: dict[str, Snapshot] = {}
        self.writes: dict[str, Write] = {}
        self._kept: dict[str, Snapshot] = {}
        self._kept_at: dict[str, float] = {}
        self._drafts: tuple[Draft, ...] = ()
        self._decisions: tuple[Decision, ...] = ()
        self._memory = self._memory_kept = box.memory()
        self._watch = keeping.Watch()
        self._work = Work()
        self._log = Log()
        self._recorded_at = -_RECORD_S
        for source in config.sources:
            self.snapshots[source.name] = self._fresh(source.name, box.snapshot(source.name))
        self._tell_homeless()
        self.reload()

    def _fresh(self, name: str, before: Snapshot | None) -> Snapshot:
        """The last snapshot under today's configuration: another interval, another kind, other verbs."""
        source = next(source for source in self._config.sources if source.name == name)
        connector = self._connectors[name]
        can, cannot = tuple(connector.answers), saying.cannot(connector)
        if before is None or before.kind != source.kind:
            before = Snapshot(source=name, kind=source.kind, every_s=source.every_s)
        return replace(before, every_s=source.every_s, can=can, cannot=cannot)

    def _tell_homeless(self) -> None:
        """What is on its way to a source that was taken out of the configuration does not just wait for ever."""
        for write in self._box.open_writes():
            if write.source not in self._connectors:
                with suppress(Unwritable):
                    self._box.change(write.id, outcomes.homeless, self._clock.now())

    # --- what changes -------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Reads what was said, typed and decided again, as after another process did so."""
        since = self._clock.now() - RECENT
        self.writes = {write.id: write for write in self._box.writes(settled_since=since)}
        self.reload_own()

    def reload_own(self) -> None:
        """Reads what was typed and decided here again."""
        self._drafts, self._decisions = self._box.drafts(), self._box.decisions()

    def note(self, *writes: Write) -> None:
        """These are new on disk, or changed there."""
        self.writes |= {write.id: write for write in writes}

    def take_in(self, snapshot: Snapshot) -> None:
        """A source was asked: confirms what it shows to have been done, and keeps it for the next start."""
        self.snapshots[snapshot.source] = snapshot
        self._confirm(snapshot)
        self._keep(snapshot)

    def signal(self, ref: Ref) -> Signal | None:
        """As it was last read."""
        source, _, id_ = ref.partition("/")
        snapshot = self.snapshots.get(source)
        return next((signal for signal in snapshot.signals if signal.id == id_), None) if snapshot else None

    def due(self) -> list[Write]:
        """Renewals and ends of acknowledgements that nobody has said yet."""
        now, hours = self._clock.now(), self._config.ack_hours
        due = self._watch.due(self.writes.values(), tuple(self.snapshots.values()), self._connectors, now, hours)
        return [write for write in due if write.id not in self.writes]

    def _confirm(self, snapshot: Snapshot) -> None:
        """What a poll that began after the delivery shows is confirmed."""
        delivered = [w for w in self.writes.values() if w.state is State.DELIVERED and w.source == snapshot.source]
        now = self._clock.now()
        for write in delivered:
            if outcomes.is_shown(write, snapshot, self.writes.get(write.after)):
                with suppress(Unwritable):
                    confirmed = self._box.change(write.id, lambda there: outcomes.confirmed(there, now), now)
                    self.note(confirmed or write)

    # --- the board ----------------------------------------------------------------------------------------------------

    def board(self) -> Board:
        """Made of all that is known now."""
        night = Night(
            snapshots=tuple(self.snapshots.values()),
            writes=tuple(self.writes.values()),
            drafts=self._drafts,
            decisions=self._decisions,
            memory=self._memory,
            trouble=self._box.trouble,
        )
        now = self._clock.now()
        board = triage(night, self._config.settings, now, promised=_promised, work=self._work)
        self._record_alone(board)
        self._memory = board.memory
        return board

    def _record_alone(self, board: Board) -> None:
        """Looks closely only at problems where somebody's aloneness began, ended or changed; now and then at all."""
        if self._clock.monotonic() - self._recorded_at >= _RECORD_S:
            self._log.see(board)
        elif board.memory.since != self._memory.since:
            changed = board.memory.since.items() ^ self._memory.since.items()
            self._log.see(board, {problem for problem, _ in changed})

    def record(self, since: datetime, board: Board) -> Record:
        """What was kept of the time after that: what was said from here, and who was alone when."""
        self._log.see(board)
        self._keep_record()
        writes = tuple(_with_promise(write) for write in self._box.writes() if write.asked_at >= since)
        return Record(since=since, writes=writes, stretches=self._box.stretches(since))

    # --- for the next start -------------------------------------------------------------------------------------------

    def keep_all(self, board: Board) -> None:
        """At the end."""
        for snapshot in self.snapshots.values():
            if snapshot is not self._kept.get(snapshot.source) and snapshot.asked_at is not None:
                self._keep(snapshot, now=True)
        self._log.see(board)
        self.keep()

    def keep(self) -> None:
        """What one board hands to the next, if it changed."""
        if self._memory != self._memory_kept:
            with suppress(Unwritable):
                self._box.keep("memory", self._memory)
                self._memory_kept = self._memory
        self._keep_record()

    def _keep(self, snapshot: Snapshot, *, now: bool = False) -> None:
        """On disk when it changed (not at each poll), and each minute for its age."""
        before, at = self._kept.get(snapshot.source), self._clock.monotonic()
        changed = before is None or (before.signals is not snapshot.signals and before.signals != snapshot.signals)
        since = at - self._kept_at.get(snapshot.source, -_KEEP_S)
        if now or since >= (_KEEP_CHANGED_S if changed else _KEEP_S):
            with suppress(Unwritable):
                self._box.keep(f"snapshot/{snapshot.source}", snapshot)
                self._kept[snapshot.source], self._kept_at[snapshot.source] = snapshot, at

    def _keep_record(self) -> None:
        if found := self._log.take():
            self._recorded_at = self._clock.monotonic()
            with suppress(Unwritable):
                self._box.keep_stretches(found)


def _with_promise(write: Write) -> Write:
    """A reply with what its words promise, also when it was said without being asked for that."""
    if write.verb is not Verb.REPLY or write.promise_at:
        return write
    return replace(write, promise_at=_promised(write.text, write.asked_at))


def _promised(text: str, said_at: datetime) -> datetime | None:
    """What a reply promises, its clock times read as the engineer's own."""
    from oncall_tui.care.promises import promised  # noqa: PLC0415 (its patterns: the first board may hold no reply)

    return promised(text, said_at)
