"""What was said, typed, decided and last read, in SQLite: on disk before anybody is told that it was saved.

Rollback journal and ``synchronous=EXTRA``, never WAL: SQLite before 3.51.3 can corrupt a WAL database that two
connections have open, and WAL does not work on network homes. There is no ``await`` between BEGIN and COMMIT.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from oncall_tui.engine import disk, holder
from oncall_tui.engine.clock import Clock
from oncall_tui.errors import Unwritable
from oncall_tui.model import Decision, Draft, Memory, Ref, Snapshot, Stretch, Verb, Write

_VERSION = 1
_SCHEMA = """
create table if not exists writes (
    seq integer primary key autoincrement, id text not null unique, ref text not null, is_open integer not null,
    changed_at real not null, holder text not null default '', held_until real not null default 0, body blob not null);
create index if not exists writes_open on writes (ref, seq) where is_open;
create table if not exists drafts (problem text, verb text, body blob not null, primary key (problem, verb));
create table if not exists decisions (seq integer primary key autoincrement, id text not null unique, body blob not null);
create table if not exists kept (name text primary key, body blob not null);
"""
LEASE_S = 20.0
"""How long a claim holds without being renewed; a dead claimer on this machine is found out at once."""

_BUSY_S = 1.0
"""How long to wait for another process (one stopped by Ctrl-Z in mid-write never lets go)."""

_SAID = {
    "SQLITE_FULL": "disk full",
    "SQLITE_BUSY": "another oncall-tui holds the lock (is one stopped by Ctrl-Z?)",
    "SQLITE_READONLY": "the disk is read-only",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_IOERR": "the disk fails, or is over quota",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_NOTADB": "the file is damaged",
}
T = TypeVar("T")


class Outbox:
    """One process's view of the state directory that several share. Every change is durable when its call returns.

    A change raises `Unwritable`, and then nothing was saved. `trouble` says what is wrong with our own house, ""
    when nothing is; without a writable disk it still reads, and keeps snapshots in memory.
    """

    def __init__(self, path: Path, clock: Clock, mountinfo: Path) -> None:
        """Use `open`."""
        self._path, self._clock, self._mountinfo = path, clock, mountinfo
        self._me = f"{holder.me()}/{uuid.uuid4().hex[:8]}"
        self._db = _memory()
        self._identity: disk.Identity | None = None
        self._version = 0
        self.trouble = ""
        self.is_writable = False

    @classmethod
    def open(
        cls, state_dir: Path, *, clock: Clock | None = None, mountinfo: Path = Path("/proc/self/mountinfo")
    ) -> Outbox:
        """Never raises: what is wrong stands in `trouble`, and changes then raise."""
        outbox = cls(Path(state_dir) / "outbox.db", clock or Clock(), mountinfo)
        with closing(outbox._db):
            outbox._open()
        return outbox

    def close(self) -> None:
        """Lets go of what is still claimed (it counts as maybe sent if it was being sent) and closes the file."""
        with suppress(Unwritable, sqlite3.Error):
            if self._db.execute("select 1 from writes where holder = ?", (self._me,)).fetchone():
                with self._saving():
                    self._db.execute("update writes set holder = '' where holder = ?", (self._me,))
        self._db.close()

    # --- writes ---------------------------------------------------------------------------------------------------

    def put(self, writes: Iterable[Write], *, instead_of: tuple[str, Verb] | None = None) -> None:
        """Saves new writes, all or none, in their order. One whose id is there already stays as it is there.

        In the same transaction the draft `instead_of` (a problem's id and a verb) is removed: it has become a write.
        """
        rows = [(w.id, w.ref, w.state.is_open, w.asked_at.timestamp(), _json(w)) for w in writes]
        try:
            with self._saving():
                self._db.executemany(
                    "insert or ignore into writes (id, ref, is_open, changed_at, body) values (?, ?, ?, ?, ?)", rows
                )
                self._db.execute("delete from drafts where problem = ? and verb = ?", instead_of or ("", ""))
        except Unwritable:
            if not self._is_there([row[0] for row in rows]):
                raise
            with self._saving():  # COMMIT failed and yet happened, as when the directory's sync fails: sync once more
                self._db.executemany(
                    "update writes set changed_at = changed_at where id = ?", [row[:1] for row in rows]
                )

    def claim(self, write_id: str, now: datetime) -> Write | None:
        """The write, held by us for `LEASE_S` from `now`, as it is on disk.

        None while another living process holds it, when an older one of its ref is open, or when it is open no more.
        """
        with self._saving():
            found = self._db.execute("select holder from writes where id = ?", (write_id,)).fetchone()
            dead = found[0] if found and holder.is_dead(found[0]) else self._me
            row = self._db.execute(
                "update writes set holder = ?, held_until = ? where id = ? and is_open"
                " and (holder in ('', ?, ?) or held_until < ?) and not exists"
                " (select 1 from writes o where o.ref = writes.ref and o.is_open and o.seq < writes.seq) returning body",
                (self._me, now.timestamp() + LEASE_S, write_id, self._me, dead, now.timestamp()),
            ).fetchone()
        return msgspec.json.decode(row[0], type=Write) if row else None

    def renew(self, write_id: str, now: datetime) -> bool:
        """Holds a claimed write on; False when somebody else took it over."""
        with self._saving():
            return bool(
                self._db.execute(
                    "update writes set held_until = ? where id = ? and holder = ?",
                    (now.timestamp() + LEASE_S, write_id, self._me),
                ).rowcount
            )

    def save(self, write: Write, *, keep_claim: bool = False) -> bool:
        """Puts a claimed write's new state on disk, and lets go of it; False when it is not ours any more."""
        with self._saving():
            return bool(
                self._db.execute(
                    "update writes set body = ?, is_open = ?, changed_at = ?, holder = case when ? then holder else '' end"
                    " where id = ? and holder = ?",
                    (_json(write), write.state.is_open, self._now(), keep_claim, write.id, self._me),
                ).rowcount
            )

    def let_go(self, write_id: str) -> None:
        """Gives a claim back, nothing changed."""
        with self._saving():
            self._db.execute("update writes set holder = '' where id = ? and holder = ?", (write_id, self._me))

    def change(self, write_id: str, how: Callable[[Write], Write | None], now: datetime) -> Write | None:
        """Changes a write that nobody is sending at this moment; None when it is being sent, unknown, or `how` says so."""
        with self._saving():
            row = self._db.execute("select body, holder, held_until from writes where id = ?", (write_id,)).fetchone()
            if row is None or (row[1] and row[2] >= now.timestamp() and not holder.is_dead(row[1])):
                return None
            changed = how(msgspec.json.decode(row[0], type=Write))
            if changed is not None:
                self._db.execute(
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
        with self._saving():
            began = f"alone/{before:%Y-%m-%d}"
            self._db.execute("delete from kept where name >= 'alone/' and name < ?", (began,))
            return self._db.execute(
                "delete from writes where not is_open and changed_at < ?", (before.timestamp(),)
            ).rowcount

    # --- drafts, decisions, memory, snapshots ---------------------------------------------------------------------

    def keep_draft(self, draft: Draft, *, instead_of: str = "") -> None:
        """Saves what is being typed, in place of what was; an empty text removes it.

        In the same transaction the draft of the problem `instead_of` is removed: it goes on as this one.
        """
        with self._saving():
            self._db.execute("delete from drafts where problem = ? and verb = ?", (instead_of, draft.verb))
            if draft.text:
                self._db.execute(
                    "insert or replace into drafts values (?, ?, ?)", (draft.problem, draft.verb, _json(draft))
                )
            else:
                self._db.execute("delete from drafts where problem = ? and verb = ?", (draft.problem, draft.verb))

    def drafts(self) -> tuple[Draft, ...]:
        return self._read("select body from drafts order by problem, verb", Draft)

    def decide(self, decision: Decision) -> None:
        with self._saving():
            self._db.execute("insert or ignore into decisions (id, body) values (?, ?)", (decision.id, _json(decision)))

    def undecide(self, decision_id: str) -> None:
        with self._saving():
            self._db.execute("delete from decisions where id = ?", (decision_id,))

    def decisions(self) -> tuple[Decision, ...]:
        return self._read("select body from decisions order by seq", Decision)

    def keep(self, name: str, noun: Memory | Snapshot) -> None:
        """Keeps the latest of that name for the next start. Worth having, but nothing that anybody said."""
        with self._saving(anywhere=True):
            self._db.execute("insert or replace into kept values (?, ?)", (name, _json(noun)))

    def memory(self) -> Memory:
        return next(iter(self._read("select body from kept where name = 'memory'", Memory)), Memory())

    def snapshot(self, source: str) -> Snapshot | None:
        """The last snapshot of that source that was kept (as ``snapshot/SOURCE``)."""
        return next(iter(self._read("select body from kept where name = ?", Snapshot, f"snapshot/{source}")), None)

    def keep_stretches(self, found: Mapping[str, Stretch]) -> None:
        """Keeps when customers were alone, by `core.stretches.name`; one that is there already goes on."""
        rows = [(f"alone/{name}", _json(stretch)) for name, stretch in found.items()]
        with self._saving(anywhere=True):
            self._db.executemany("insert or replace into kept values (?, ?)", rows)

    def stretches(self, since: datetime) -> tuple[Stretch, ...]:
        """When customers were alone after that, oldest first."""
        sql = "select body from kept where name >= 'alone/' and name < 'alone0' order by name"
        return tuple(stretch for stretch in self._read(sql, Stretch) if stretch.until >= since)

    def changed_elsewhere(self) -> bool:
        """Whether another process changed anything since this was last asked."""
        with suppress(sqlite3.Error):
            version = self._db.execute("pragma data_version").fetchone()[0]
            changed, self._version = version != self._version, version
            return bool(changed)
        return False

    # --- the file ---------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        try:
            disk.make_private(self._path)
            self._identity = disk.identity(self._path)
            self._db = _connect(self._path)
        except Unwritable as error:
            self._open_to_read(error.words)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
                self._set_aside()
            else:
                self._open_to_read(_words(error))
        except _Newer as error:
            self._open_to_read(str(error))
        else:
            network = disk.network_of(self._path.parent, self._mountinfo)
            words = f"{self._path.parent} is on a network disk ({network}): name a local one with --state"
            self.is_writable, self.trouble = True, words if network else ""
        self._version = -1

    def _open_to_read(self, words: str) -> None:
        """Reads what is there without touching it; an empty store in memory when not even that works."""
        self.trouble, self.is_writable = words, False
        try:
            with ExitStack() as failed:
                db = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)
                failed.callback(db.close)
                db.execute("select count(*) from writes, drafts, decisions, kept")
                failed.pop_all()
            self._db = db
        except sqlite3.Error:
            self._db = _memory()

    def _set_aside(self) -> None:
        """Keeps a damaged file under another name, says so and begins a new one."""
        aside = self._path.with_name(f"{self._path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")
        try:
            if disk.identity(self._path) == self._identity:  # else another process has just set it aside
                for end in ("-journal", ""):
                    with suppress(FileNotFoundError):
                        Path(f"{self._path}{end}").rename(f"{aside}{end}")
            disk.make_private(self._path)
            self._identity = disk.identity(self._path)
            self._db = _connect(self._path)
        except (OSError, sqlite3.Error, Unwritable) as error:
            self._open_to_read(f"{self._path.name} is damaged and cannot be set aside: {error}")
        else:
            self.is_writable = True
            self.trouble = f"the outbox was damaged and is kept as {aside.name}: look there for what was not sent"

    def _follow(self) -> None:
        """If the file was deleted or replaced under us, takes what we still hold over into the one that is there now.

        SQLite would go on saving into the deleted one and say nothing.
        """
        if not self.is_writable or disk.identity(self._path) == self._identity:
            return
        lost = self._db
        self._open()
        with closing(lost):
            if not self.is_writable:
                raise Unwritable(f"cannot save: the outbox was deleted under us, and {self.trouble}")
            try:
                _copy(lost, self._db)
            except sqlite3.Error as error:
                raise Unwritable(f"cannot save: the outbox was deleted under us ({_words(error)})") from None
        self.trouble = "the outbox was deleted or replaced meanwhile; what was open is in the new one"

    # --- reading and saving -------------------------------------------------------------------------------------------

    def _read(self, sql: str, type_: type[T], *values: object) -> tuple[T, ...]:
        """Rows as nouns. A row that this version cannot read is passed over; it stays on disk for one that can."""
        try:
            rows = self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            self.trouble = f"cannot read the outbox: {_words(error)}"
            return ()
        return tuple(_decoded(rows, type_))

    def _is_there(self, ids: list[str]) -> bool:
        with suppress(sqlite3.Error):
            marks = ", ".join("?" * len(ids))
            found = self._db.execute(f"select count(*) from writes where id in ({marks})", ids)  # noqa: S608 (marks only)
            return bool(found.fetchone()[0] == len(set(ids)))
        return False

    def _now(self) -> float:
        return self._clock.now().timestamp()

    @contextmanager
    def _saving(self, *, anywhere: bool = False) -> Iterator[None]:
        """One durable transaction in the file that is still at its path afterwards, or `Unwritable`."""
        if not self.is_writable and not anywhere:
            with closing(self._db):
                self._open()  # it may be writable again
            if not self.is_writable:
                raise Unwritable(f"cannot save: {self.trouble}")
        self._follow()
        try:
            with _transaction(self._db):
                yield
        except sqlite3.Error as error:
            self.trouble = f"cannot save: {_words(error)}"
            raise Unwritable(self.trouble) from None
        self._follow()
        if self.is_writable and self.trouble.startswith("cannot save"):
            self.trouble = ""


class _Newer(Exception):
    """The file was written by a newer version of this program."""


def _connect(path: Path) -> sqlite3.Connection:
    """The file opened, checked and of our schema. Raises `sqlite3.DatabaseError`, `_Newer` or `Unwritable`."""
    db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    with ExitStack() as failed:
        failed.callback(db.close)
        _prepare(db)
        failed.pop_all()
    return db


def _prepare(db: sqlite3.Connection) -> None:
    found = db.execute("pragma quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(found)
    modes = [db.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode = delete", "journal_mode")]
    db.execute("pragma synchronous = extra")
    if modes[1] != "delete" or db.execute("pragma synchronous").fetchone()[0] != 3:
        raise Unwritable(f"cannot save durably: SQLite keeps journal_mode {modes[1]}")
    version = db.execute("pragma user_version").fetchone()[0]
    if version > _VERSION:
        raise _Newer("a newer oncall-tui wrote the outbox: this one only reads it; update this one")
    if version < _VERSION:
        with _transaction(db):
            _create(db)


def _create(db: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";"):
        db.execute(statement)
    db.execute(f"pragma user_version = {_VERSION}")


def _memory() -> sqlite3.Connection:
    """A store that lasts as long as the process, where no disk takes anything."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    _create(db)
    return db


def _damaged(words: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(words)
    error.sqlite_errorname = "SQLITE_CORRUPT"
    return error


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """IMMEDIATE: a transaction that reads first and writes then fails at once with SQLITE_BUSY_SNAPSHOT otherwise."""
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    finally:
        if db.in_transaction:
            with suppress(sqlite3.Error):
                db.execute("rollback")


_COLUMNS = {
    "writes": "id, ref, is_open, changed_at, holder, held_until, body",
    "drafts": "problem, verb, body",
    "decisions": "id, body",
    "kept": "name, body",
}
"""What is copied: all but `seq`, which another file counts in its own way."""


def _copy(lost: sqlite3.Connection, db: sqlite3.Connection) -> None:
    with _transaction(db):
        for table, columns in _COLUMNS.items():
            rows = lost.execute(f"select {columns} from {table} order by rowid").fetchall()  # noqa: S608 (our own names)
            marks = ", ".join("?" * len(columns.split(",")))
            db.executemany(f"insert or ignore into {table} ({columns}) values ({marks})", rows)  # noqa: S608


def _words(error: sqlite3.Error) -> str:
    """What SQLite says, for a tired reader. A full quota comes as an I/O error."""
    name = getattr(error, "sqlite_errorname", "")
    return next((words for start, words in _SAID.items() if name.startswith(start)), str(error))


def _decoded(rows: Iterable[tuple[bytes]], type_: type[T]) -> Iterator[T]:
    for (body,) in rows:
        with suppress(msgspec.ValidationError):
            yield msgspec.json.decode(body, type=type_)


def _json(noun: object) -> bytes:
    return msgspec.json.encode(noun)
