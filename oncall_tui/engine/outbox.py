"""What was said, typed, decided and last read: on disk before anybody is told that it was saved."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from oncall_tui.engine import holder
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.store import Schema, Store
from oncall_tui.errors import Unwritable
from oncall_tui.model import Decision, Draft, Memory, Ref, Snapshot, Stretch, Verb, Write

_SCHEMA = Schema(
    version=1,
    statements="""
create table if not exists writes (
    seq integer primary key autoincrement, id text not null unique, ref text not null, is_open integer not null,
    changed_at real not null, holder text not null default '', held_until real not null default 0, body blob not null);
create index if not exists writes_open on writes (ref, seq) where is_open;
create table if not exists drafts (problem text, verb text, body blob not null, primary key (problem, verb));
create table if not exists decisions (seq integer primary key autoincrement, id text not null unique, body blob not null);
create table if not exists kept (name text primary key, body blob not null);
""",
    columns={
        "writes": "id, ref, is_open, changed_at, holder, held_until, body",
        "drafts": "problem, verb, body",
        "decisions": "id, body",
        "kept": "name, body",
    },
)
"""Taken over is all but `seq`, which another file counts in its own way."""

LEASE_S = 20.0
"""How long a claim holds without being renewed; a dead claimer on this machine is found out at once."""

T = TypeVar("T")


class Outbox:
    """One process's view of the state directory that several share. Every change is durable when its call returns.

    A change raises `Unwritable`, and then nothing was saved. `trouble` says what is wrong with our own house, ""
    when nothing is; without a writable disk it still reads, and keeps snapshots in memory.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        """Use `open`."""
        self._store, self._clock = store, clock
        self._me = f"{holder.me()}/{uuid.uuid4().hex[:8]}"

    @classmethod
    def open(
        cls, state_dir: Path, *, clock: Clock | None = None, mountinfo: Path = Path("/proc/self/mountinfo")
    ) -> Outbox:
        """Never raises: what is wrong stands in `trouble`, and changes then raise."""
        return cls(Store(Path(state_dir) / "outbox.db", _SCHEMA, mountinfo), clock or Clock())

    def close(self) -> None:
        """Lets go of what is still claimed (it counts as maybe sent if it was being sent) and closes the file."""
        with suppress(Unwritable):
            if self._store.rows("select 1 from writes where holder = ?", self._me):
                with self._store.saving() as db:
                    db.execute("update writes set holder = '' where holder = ?", (self._me,))
        self._store.close()

    @property
    def trouble(self) -> str:
        """What is wrong with our own house, "" when nothing is."""
        return self._store.trouble

    @property
    def is_writable(self) -> bool:
        return self._store.is_writable

    # --- writes ---------------------------------------------------------------------------------------------------

    def put(self, writes: Iterable[Write], *, instead_of: tuple[str, Verb] | None = None) -> None:
        """Saves new writes, all or none, in their order. One whose id is there already stays as it is there.

        In the same transaction the draft `instead_of` (a problem's id and a verb) is removed: it has become a write.
        """
        rows = [(w.id, w.ref, w.state.is_open, w.asked_at.timestamp(), _json(w)) for w in writes]
        try:
            with self._store.saving() as db:
                db.executemany(
                    "insert or ignore into writes (id, ref, is_open, changed_at, body) values (?, ?, ?, ?, ?)", rows
                )
                db.execute("delete from drafts where problem = ? and verb = ?", instead_of or ("", ""))
        except Unwritable:
            if not self._is_there([row[0] for row in rows]):
                raise
            with (
                self._store.saving() as db
            ):  # COMMIT failed and yet happened, as when the directory's sync fails: sync once more
                db.executemany("update writes set changed_at = changed_at where id = ?", [row[:1] for row in rows])

    def claim(self, write_id: str, now: datetime) -> Write | None:
        """The write, held by us for `LEASE_S` from `now`, as it is on disk.

        None while another living process holds it, when an older one of its ref is open, or when it is open no more.
        """
        with self._store.saving() as db:
            found = db.execute("select holder from writes where id = ?", (write_id,)).fetchone()
            dead = found[0] if found and holder.is_dead(found[0]) else self._me
            row = db.execute(
                "update writes set holder = ?, held_until = ? where id = ? and is_open"
                " and (holder in ('', ?, ?) or held_until < ?) and not exists"
                " (select 1 from writes o where o.ref = writes.ref and o.is_open and o.seq < writes.seq) returning body",
                (self._me, now.timestamp() + LEASE_S, write_id, self._me, dead, now.timestamp()),
            ).fetchone()
        return msgspec.json.decode(row[0], type=Write) if row else None

    def renew(self, write_id: str, now: datetime) -> bool:
        """Holds a claimed write on; False when somebody else took it over."""
        with self._store.saving() as db:
            return bool(
                db.execute(
                    "update writes set held_until = ? where id = ? and holder = ?",
                    (now.timestamp() + LEASE_S, write_id, self._me),
                ).rowcount
            )

    def save(self, write: Write, *, keep_claim: bool = False) -> bool:
        """Puts a claimed write's new state on disk, and lets go of it; False when it is not ours any more."""
        with self._store.saving() as db:
            return bool(
                db.execute(
                    "update writes set body = ?, is_open = ?, changed_at = ?, holder = case when ? then holder else '' end"
                    " where id = ? and holder = ?",
                    (_json(write), write.state.is_open, self._now(), keep_claim, write.id, self._me),
                ).rowcount
            )

    def let_go(self, write_id: str) -> None:
        """Gives a claim back, nothing changed."""
        with self._store.saving() as db:
            db.execute("update writes set holder = '' where id = ? and holder = ?", (write_id, self._me))

    def change(self, write_id: str, how: Callable[[Write], Write | None], now: datetime) -> Write | None:
        """Changes a write that nobody is sending at this moment; None when it is being sent, unknown, or `how` says so."""
        with self._store.saving() as db:
            row = db.execute("select body, holder, held_until from writes where id = ?", (write_id,)).fetchone()
            if row is None or (row[1] and row[2] >= now.timestamp() and not holder.is_dead(row[1])):
                return None
            changed = how(msgspec.json.decode(row[0], type=Write))
            if changed is not None:
                db.execute(
                    "update writes set body = ?, is_open = ?, changed_at = ?, holder = '' where id = ?",
                    (_json(changed), changed.state.is_open, self._now(), write_id),
                )
        return changed

    def open_writes(self) -> tuple[Write, ...]:
        """What is on its way or in question, oldest first."""
        return self._read("select body from writes where is_open order by seq", Write)

    def head(self, ref: Ref) -> Write | None:
        """The oldest open write of a signal: the one that is next."""
        sql = "select body from writes where ref = ? and is_open order by seq limit 1"
        return next(iter(self._read(sql, Write, ref)), None)

    def writes(self, *, settled_since: datetime | None = None) -> tuple[Write, ...]:
        """Oldest first: the open ones and those settled since then; None: all that are kept."""
        since = settled_since.timestamp() if settled_since else 0.0
        return self._read("select body from writes where is_open or changed_at >= ? order by seq", Write, since)

    def write(self, write_id: str) -> Write | None:
        return next(iter(self._read("select body from writes where id = ?", Write, write_id)), None)

    def prune(self, before: datetime) -> int:
        """Forgets settled writes last changed before then, never one that is open, and who was alone; tells how many."""
        with self._store.saving() as db:
            began = f"alone/{before:%Y-%m-%d}"
            db.execute("delete from kept where name >= 'alone/' and name < ?", (began,))
            return db.execute("delete from writes where not is_open and changed_at < ?", (before.timestamp(),)).rowcount

    # --- drafts, decisions, memory, snapshots ---------------------------------------------------------------------

    def keep_draft(self, draft: Draft, *, instead_of: str = "") -> None:
        """Saves what is being typed, in place of what was; an empty text removes it.

        In the same transaction the draft of the problem `instead_of` is removed: it goes on as this one.
        """
        with self._store.saving() as db:
            db.execute("delete from drafts where problem = ? and verb = ?", (instead_of, draft.verb))
            if draft.text:
                db.execute("insert or replace into drafts values (?, ?, ?)", (draft.problem, draft.verb, _json(draft)))
            else:
                db.execute("delete from drafts where problem = ? and verb = ?", (draft.problem, draft.verb))

    def drafts(self) -> tuple[Draft, ...]:
        return self._read("select body from drafts order by problem, verb", Draft)

    def decide(self, decision: Decision) -> None:
        with self._store.saving() as db:
            db.execute("insert or ignore into decisions (id, body) values (?, ?)", (decision.id, _json(decision)))

    def undecide(self, decision_id: str) -> None:
        with self._store.saving() as db:
            db.execute("delete from decisions where id = ?", (decision_id,))

    def decisions(self) -> tuple[Decision, ...]:
        return self._read("select body from decisions order by seq", Decision)

    def keep(self, name: str, noun: Memory | Snapshot) -> None:
        """Keeps the latest of that name for the next start. Worth having, but nothing that anybody said."""
        with self._store.saving(anywhere=True) as db:
            db.execute("insert or replace into kept values (?, ?)", (name, _json(noun)))

    def memory(self) -> Memory:
        return next(iter(self._read("select body from kept where name = 'memory'", Memory)), Memory())

    def snapshot(self, source: str) -> Snapshot | None:
        """The last snapshot of that source that was kept (as ``snapshot/SOURCE``)."""
        return next(iter(self._read("select body from kept where name = ?", Snapshot, f"snapshot/{source}")), None)

    def keep_stretches(self, found: Mapping[str, Stretch]) -> None:
        """Keeps when customers were alone, by `core.stretches.name`; one that is there already goes on."""
        rows = [(f"alone/{name}", _json(stretch)) for name, stretch in found.items()]
        with self._store.saving(anywhere=True) as db:
            db.executemany("insert or replace into kept values (?, ?)", rows)

    def stretches(self, since: datetime) -> tuple[Stretch, ...]:
        """When customers were alone after that, oldest first."""
        sql = "select body from kept where name >= 'alone/' and name < 'alone0' order by name"
        return tuple(stretch for stretch in self._read(sql, Stretch) if stretch.until >= since)

    def changed_elsewhere(self) -> bool:
        """Whether another process changed anything since this was last asked."""
        return self._store.changed_elsewhere()

    def _read(self, sql: str, type_: type[T], *values: object) -> tuple[T, ...]:
        """Rows as nouns. A row that this version cannot read is passed over; it stays on disk for one that can."""
        return tuple(_decoded(self._store.rows(sql, *values), type_))

    def _is_there(self, ids: list[str]) -> bool:
        marks = ", ".join("?" * len(ids))
        found = self._store.rows(f"select count(*) from writes where id in ({marks})", *ids)  # noqa: S608 (marks only)
        return found == [(len(set(ids)),)]

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _decoded(rows: Iterable[tuple[bytes]], type_: type[T]) -> Iterator[T]:
    for (body,) in rows:
        with suppress(msgspec.ValidationError):
            yield msgspec.json.decode(body, type=type_)


def _json(noun: object) -> bytes:
    return msgspec.json.encode(noun)
