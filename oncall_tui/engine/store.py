"""The file that several processes share: opened, checked, set aside when damaged, followed when replaced, saved durably.

Rollback journal and ``synchronous=EXTRA``, never WAL: SQLite before 3.51.3 can corrupt a WAL database that two
connections have open, and WAL does not work on network homes. There is no ``await`` between BEGIN and COMMIT.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oncall_tui.engine import disk
from oncall_tui.errors import Unwritable

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


@dataclass(frozen=True, slots=True)
class Schema:
    """What is in the file: how its tables are made, and which columns another file takes over from it, by table."""

    version: int
    statements: str
    columns: Mapping[str, str]


BLIND = "what was said before cannot be read"
"""How `trouble` ends when nothing of it can be told either."""


class Store:
    """One process's view of the file. `trouble` says what is wrong with our own house, "" when nothing is.

    Without a writable disk it still reads, and what is saved `anywhere` is kept in memory.
    """

    def __init__(self, path: Path, schema: Schema, mountinfo: Path) -> None:
        """Never raises: what is wrong stands in `trouble`, and `saving` then raises."""
        self._path, self._schema, self._mountinfo = path, schema, mountinfo
        self._identity: disk.Identity | None = None
        self._version = 0
        self.trouble = ""
        self.is_writable = False
        self._db = _memory(schema)
        with closing(self._db):
            self._open()

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    # --- reading and saving -------------------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the query finds; nothing, and `trouble`, where the disk does not give it."""
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            self.trouble = f"cannot read the outbox: {_words(error)}"
            return []

    @contextmanager
    def saving(self, *, anywhere: bool = False) -> Iterator[sqlite3.Connection]:
        """One durable transaction in the file that is still at its path afterwards, or `Unwritable`."""
        if not self.is_writable and not anywhere:
            with closing(self._db):
                self._open()  # it may be writable again
            if not self.is_writable:
                raise Unwritable(f"cannot save: {self.trouble.removeprefix('cannot save: ')}")
        self._follow()
        try:
            with _transaction(self._db):
                yield self._db
        except sqlite3.Error as error:
            self.trouble = f"cannot save: {_words(error)}"
            raise Unwritable(self.trouble) from None
        self._follow()
        if self.is_writable and self.trouble.startswith("cannot"):
            self.trouble = ""

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
            self._db = _connect(self._path, self._schema)
        except Unwritable as error:
            self._open_to_read(error.words)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
                self._set_aside()
            else:
                self._open_to_read(f"cannot open {self._path}: {_words(error)}")
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
            self._db = self._as_it_is()
        except (sqlite3.Error, Unwritable):
            self._db = _memory(self._schema)
            self.trouble = f"{words}; {BLIND}"

    def _as_it_is(self) -> sqlite3.Connection:
        if wrong := disk.unfit(self._path):
            raise Unwritable(wrong)
        with ExitStack() as failed:
            db = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)
            failed.callback(db.close)
            db.execute(f"select count(*) from {', '.join(self._schema.columns)}")  # noqa: S608 (our own names)
            failed.pop_all()
        return db

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
            self._db = _connect(self._path, self._schema)
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
                _copy(lost, self._db, self._schema.columns)
            except sqlite3.Error as error:
                raise Unwritable(f"cannot save: the outbox was deleted under us ({_words(error)})") from None
        self.trouble = "the outbox was deleted or replaced meanwhile; what was open is in the new one"


class _Newer(Exception):
    """The file was written by a newer version of this program."""


def _connect(path: Path, schema: Schema) -> sqlite3.Connection:
    """The file opened, checked and of our schema. Raises `sqlite3.DatabaseError`, `_Newer` or `Unwritable`."""
    db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    with ExitStack() as failed:
        failed.callback(db.close)
        _prepare(db, schema)
        failed.pop_all()
    return db


def _prepare(db: sqlite3.Connection, schema: Schema) -> None:
    found = db.execute("pragma quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(found)
    modes = [db.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode = delete", "journal_mode")]
    db.execute("pragma synchronous = extra")
    if modes[1] != "delete" or db.execute("pragma synchronous").fetchone()[0] != 3:
        raise Unwritable(f"cannot save durably: SQLite keeps journal_mode {modes[1]}")
    version = db.execute("pragma user_version").fetchone()[0]
    if version > schema.version:
        raise _Newer("a newer oncall-tui wrote the outbox: this one only reads it; update this one")
    if version < schema.version:
        with _transaction(db):
            _create(db, schema)


def _create(db: sqlite3.Connection, schema: Schema) -> None:
    for statement in schema.statements.split(";"):
        db.execute(statement)
    db.execute(f"pragma user_version = {schema.version}")


def _memory(schema: Schema) -> sqlite3.Connection:
    """A store that lasts as long as the process, where no disk takes anything."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    _create(db, schema)
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


def _copy(lost: sqlite3.Connection, db: sqlite3.Connection, columns: Mapping[str, str]) -> None:
    with _transaction(db):
        for table, names in columns.items():
            rows = lost.execute(f"select {names} from {table} order by rowid").fetchall()  # noqa: S608 (our own names)
            marks = ", ".join("?" * len(names.split(",")))
            db.executemany(f"insert or ignore into {table} ({names}) values ({marks})", rows)  # noqa: S608


def _words(error: sqlite3.Error) -> str:
    """What SQLite says, for a tired reader. A full quota comes as an I/O error."""
    name = getattr(error, "sqlite_errorname", "")
    return next((words for start, words in _SAID.items() if name.startswith(start)), str(error))
