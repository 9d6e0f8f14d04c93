"""The outbox on its disk: what is there after a call returned, and what is said when the disk will not."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from oncall_tui.engine import disk, holder
from oncall_tui.engine.outbox import LEASE_S, Outbox
from oncall_tui.errors import Unwritable
from oncall_tui.model import Act, Decision, Draft, Memory, Snapshot, State, Verb, Write

AT = datetime(2026, 11, 23, 3, 14, tzinfo=UTC)


def write(id_: str = "w1", ref: str = "desk/1", **more: Any) -> Write:
    return Write(id=id_, problem="p", ref=ref, verb=Verb.NOTE, by="Sanne", asked_at=AT, text=f"text {id_}", **more)


_OPEN: list[Outbox] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Whatever a test opened is closed at its end."""
    yield
    while _OPEN:
        _OPEN.pop().close()


def opened(state_dir: Path, **how: Path) -> Outbox:
    _OPEN.append(Outbox.open(state_dir, **how))
    return _OPEN[-1]


# --- what was saved is there -----------------------------------------------------------------------------------------


def test_a_write_is_there_after_a_restart(tmp_path: Path) -> None:
    opened(tmp_path).put([write("w1"), write("w2", "desk/2")])
    assert [w.id for w in opened(tmp_path).open_writes()] == ["w1", "w2"]


def test_the_same_write_put_twice_is_one_and_keeps_its_state(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.put([write()])
    claimed = box.claim("w1", AT)
    assert claimed
    box.save(replace(claimed, state=State.DELIVERED))
    box.put([write()])
    assert [w.state for w in box.writes()] == [State.DELIVERED]


def test_a_draft_survives_and_goes_in_the_moment_it_becomes_a_write(tmp_path: Path) -> None:
    box = opened(tmp_path)
    draft = Draft(problem="p", verb=Verb.REPLY, text="Wij zijn er mee bezi", saved_at=AT)
    box.keep_draft(draft)
    assert opened(tmp_path).drafts() == (draft,)
    box.put([write()], instead_of=("p", Verb.REPLY))
    assert opened(tmp_path).drafts() == ()


def test_an_empty_draft_removes_it(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.keep_draft(Draft(problem="p", verb=Verb.NOTE, text="x", saved_at=AT))
    box.keep_draft(Draft(problem="p", verb=Verb.NOTE, text="", saved_at=AT))
    assert box.drafts() == ()


def test_a_draft_of_an_older_problem_goes_on_as_this_ones_and_another_is_left_alone(tmp_path: Path) -> None:
    box = opened(tmp_path)
    for problem, verb in (("old", Verb.NOTE), ("old", Verb.REPLY), ("other", Verb.NOTE)):
        box.keep_draft(Draft(problem=problem, verb=verb, text="x", saved_at=AT))
    box.keep_draft(Draft(problem="new", verb=Verb.NOTE, text="x y", saved_at=AT), instead_of="old")
    left = [(draft.problem, draft.verb) for draft in opened(tmp_path).drafts()]
    assert left == [("new", Verb.NOTE), ("old", Verb.REPLY), ("other", Verb.NOTE)]


def test_decisions_memory_and_snapshots_survive(tmp_path: Path) -> None:
    box = opened(tmp_path)
    decision = Decision(id="d", act=Act.SPLIT, refs=("a/1",), others=("a/2",), at=AT)
    memory = Memory(problems={"a/1": "p1"}, first_seen={"a/1": AT})
    snapshot = Snapshot(source="a", kind="redmine", every_s=30, asked_at=AT)
    box.decide(decision)
    box.keep("memory", memory)
    box.keep("snapshot/a", snapshot)
    again = opened(tmp_path)
    assert (again.decisions(), again.memory(), again.snapshot("a")) == ((decision,), memory, snapshot)
    again.undecide("d")
    assert again.decisions() == ()


def test_pruning_forgets_what_is_settled_and_old_and_never_the_undelivered(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.put([write("open"), write("done", "desk/2"), write("unsure", "desk/3")])
    for id_, state in (("done", State.CONFIRMED), ("unsure", State.UNSURE)):
        claimed = box.claim(id_, AT)
        assert claimed
        box.save(replace(claimed, state=state))
    assert box.prune(datetime.now(UTC) - timedelta(days=1)) == 0
    assert box.prune(datetime.now(UTC) + timedelta(days=1)) == 1
    assert [w.id for w in box.writes()] == ["open", "unsure"]


def test_a_row_that_this_version_cannot_read_hides_no_other_and_stays(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.put([write("w1"), write("w2", "desk/2")])
    with sqlite3.connect(tmp_path / "outbox.db") as other:
        other.execute("update writes set body = ? where id = 'w1'", (b'{"verb": "sing"}',))
    other.close()
    assert [w.id for w in box.open_writes()] == ["w2"]
    assert box.prune(datetime.now(UTC) + timedelta(days=1)) == 0


# --- one at a time ---------------------------------------------------------------------------------------------------


def test_a_claimed_write_is_nobody_elses_until_the_lease_ends(tmp_path: Path) -> None:
    one, two = opened(tmp_path), opened(tmp_path)
    one.put([write()])
    assert one.claim("w1", AT)
    assert two.claim("w1", AT + timedelta(seconds=LEASE_S - 1)) is None
    assert two.claim("w1", AT + timedelta(seconds=LEASE_S + 1))
    assert not one.save(write(state=State.DELIVERED)), "it was taken over"


def test_a_renewed_lease_holds(tmp_path: Path) -> None:
    one, two = opened(tmp_path), opened(tmp_path)
    one.put([write()])
    one.claim("w1", AT)
    assert one.renew("w1", AT + timedelta(seconds=LEASE_S - 1))
    assert two.claim("w1", AT + timedelta(seconds=LEASE_S + 1)) is None
    assert not two.renew("w1", AT)


def test_a_dead_claimers_write_is_taken_over_at_once(tmp_path: Path) -> None:
    code = f"""
        import os
        from pathlib import Path
        from tests.engine.test_outbox import *
        box = Outbox.open(Path({str(tmp_path)!r}))
        box.put([write()])
        assert box.claim("w1", AT)
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=_root(), timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert opened(tmp_path).claim("w1", AT + timedelta(seconds=1))


def test_a_holder_is_dead_only_when_that_can_be_known() -> None:
    place, pid, started = holder.me().split("/")
    assert not holder.is_dead(holder.me())
    assert holder.is_dead(f"{place}/{pid}/1"), "the pid was given to another process"
    assert not holder.is_dead(f"elsewhere:boot:1/{pid}/{started}"), "another machine's processes cannot be seen"
    assert not holder.is_dead("")


def test_only_the_oldest_open_write_of_a_signal_can_be_claimed(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.put([write("w1"), write("w2"), write("w3", "desk/2")])
    assert box.claim("w2", AT) is None
    assert box.claim("w3", AT)
    first = box.claim("w1", AT)
    assert first
    box.save(replace(first, state=State.DELIVERED))
    assert box.claim("w2", AT)


def test_what_is_being_sent_cannot_be_changed_under_the_sender(tmp_path: Path) -> None:
    one, two = opened(tmp_path), opened(tmp_path)
    one.put([write()])
    one.claim("w1", AT)
    assert two.change("w1", lambda w: replace(w, state=State.WITHDRAWN), AT) is None
    one.let_go("w1")
    assert two.change("w1", lambda w: replace(w, state=State.WITHDRAWN), AT)


def test_each_process_notices_what_another_changed(tmp_path: Path) -> None:
    one, two = opened(tmp_path), opened(tmp_path)
    one.changed_elsewhere(), two.changed_elsewhere()
    one.put([write()])
    assert two.changed_elsewhere()
    assert not two.changed_elsewhere()
    assert not one.changed_elsewhere(), "one's own change is no news"


# --- the file --------------------------------------------------------------------------------------------------------


def test_nobody_else_can_read_the_state(tmp_path: Path) -> None:
    box = opened(tmp_path / "deep" / "state")
    modes: list[int] = []
    with box._store.saving() as db:
        db.execute("insert into kept values ('x', '')")
        modes += [stat.S_IMODE(path.stat().st_mode) for path in box._store._path.parent.iterdir()]
    assert set(modes) == {0o600}
    assert len(modes) == 2, "the file and its journal"
    assert stat.S_IMODE(box._store._path.parent.stat().st_mode) == 0o700


def test_the_journal_is_rolled_back_and_synced_in_the_directory_too(tmp_path: Path) -> None:
    box = opened(tmp_path)
    assert box._store._db.execute("pragma journal_mode").fetchone() == ("delete",)
    assert box._store._db.execute("pragma synchronous").fetchone() == (3,)


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_a_file_that_goes_under_us_loses_nothing(tmp_path: Path, how: str) -> None:
    box = opened(tmp_path)
    box.put([write("before")])
    path = tmp_path / "outbox.db"
    match how:
        case "deleted":
            path.unlink()
        case "moved":
            path.rename(tmp_path / "elsewhere.db")
        case "replaced":
            opened(tmp_path / "new").put([write("theirs", "desk/9")])
            shutil.move(tmp_path / "new" / "outbox.db", path)
    box.put([write("after", "desk/2")])
    assert {w.id for w in opened(tmp_path).open_writes()} >= {"before", "after"}
    assert "deleted or replaced" in box.trouble


def test_a_file_that_goes_in_the_middle_of_a_save_loses_nothing(tmp_path: Path) -> None:
    box = opened(tmp_path)
    with box._store.saving() as db:
        db.execute("insert into kept values ('x', '')")
        (tmp_path / "outbox.db").unlink()
    found = opened(tmp_path)._store._db.execute("select count(*) from kept where name = 'x'").fetchone()
    assert found == (1,)


DAMAGE = {
    "garbage": lambda path: path.write_bytes(b"\xa5" * 20_000),
    "a text": lambda path: path.write_text("hello\n" * 1000),
    "a zeroed header": lambda path: _overwrite(path, 0, bytes(100)),
    "a wild page": lambda path: _overwrite(path, 4096, os.urandom(4096)),
    "cut in half": lambda path: os.truncate(path, path.stat().st_size // 2 // 512 * 512 + 7),
}


def _overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_is_kept_aside_and_said_and_the_night_goes_on(tmp_path: Path, how: str) -> None:
    first = opened(tmp_path)
    first.put([write(f"w{n}", f"desk/{n}") for n in range(40)])
    first.close()
    DAMAGE[how](tmp_path / "outbox.db")
    damaged = (tmp_path / "outbox.db").read_bytes()
    box = opened(tmp_path)
    aside = list(tmp_path.glob("outbox.db.corrupt-*"))
    assert [path.read_bytes() for path in aside] == [damaged]
    assert aside[0].name in box.trouble
    box.put([write("new")])
    assert [w.id for w in opened(tmp_path).open_writes()] == ["new"]


def test_an_empty_file_is_a_new_outbox(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").touch(mode=0o600)
    box = opened(tmp_path)
    box.put([write()])
    assert box.trouble == ""


def test_a_newer_outbox_is_read_and_never_written(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.put([write()])
    box._store._db.execute("pragma user_version = 99")
    box.close()
    older = opened(tmp_path)
    assert "newer" in older.trouble
    assert [w.id for w in older.open_writes()] == ["w1"]
    with pytest.raises(Unwritable, match="newer"):
        older.put([write("w2")])


@pytest.mark.parametrize(
    ("kind", "is_network"), [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("9p", True), ("ext4", False)]
)
def test_a_network_home_is_said(tmp_path: Path, kind: str, is_network: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 20 0:50 / {tmp_path} rw shared:1 - {kind} box:/home rw\n"
    )
    box = opened(tmp_path / "state", mountinfo=mounts)
    assert (kind in box.trouble) is is_network
    box.put([write()])


def test_a_mount_point_beside_ours_says_nothing(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 20 0:50 / {tmp_path}x rw - nfs4 box:/home rw\n")
    assert disk.network_of(tmp_path / "state", mounts) == ""


# --- a disk that does not take it ------------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.put([write("before")])
    pages = box._store._db.execute("pragma page_count").fetchone()[0]
    box._store._db.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(Unwritable, match="cannot save: disk full"):
        box.put([replace(write("big"), text="x" * 60_000)])
    assert box.trouble == "cannot save: disk full"
    assert [w.id for w in box.open_writes()] == ["before"]
    box._store._db.execute("pragma max_page_count = 1000000")
    box.put([write("after", "desk/2")])
    assert box.trouble == ""


def test_another_process_that_holds_the_lock_is_said_within_a_second(tmp_path: Path) -> None:
    box = opened(tmp_path)
    stopped = sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)
    stopped.execute("begin immediate")
    with pytest.raises(Unwritable, match="another oncall-tui holds the lock"):
        box.put([write()])
    stopped.execute("rollback")
    stopped.close()
    box.put([write()])


def test_a_directory_that_cannot_be_made_reads_on_and_refuses_to_say(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    box = opened(tmp_path / "file" / "state")
    assert box.trouble.startswith("cannot save in")
    box.keep("memory", Memory(problems={"a/1": "p"}))
    assert box.memory().problems == {"a/1": "p"}, "in memory, for as long as we run"
    with pytest.raises(Unwritable, match="cannot save"):
        box.put([write()])


def test_what_belongs_to_another_user_is_neither_read_nor_written(tmp_path: Path) -> None:
    me = os.geteuid()
    opened(tmp_path).close()
    assert disk.unfit(tmp_path / "outbox.db", me=me) == ""
    theirs = disk.unfit(tmp_path / "outbox.db", me=me + 1)
    assert theirs == ("" if me == 0 else f"{tmp_path} belongs to another user: name another directory with --state")
    if me == 0:  # root's is the system's: it is nobody else's
        os.chown(tmp_path / "outbox.db", 65534, 65534)
        box = opened(tmp_path)
        assert box.trouble.startswith(f"cannot save: {tmp_path / 'outbox.db'} belongs to another user")
        assert not box.is_writable


def _root() -> Path:
    return Path(__file__).parents[2]


def as_nobody(code: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """Runs it as a user who owns nothing (root may write everywhere); as ourselves when we are not root."""
    setpriv = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
    argv_ = [*setpriv, sys.executable, "-c", textwrap.dedent(code), *argv]
    return subprocess.run(argv_, cwd=_root(), capture_output=True, text=True, timeout=60, check=False)


READ_ONLY = """
    import sys
    from pathlib import Path
    from tests.engine.test_outbox import Outbox, Unwritable, write
    box = Outbox.open(Path(sys.argv[1]))
    print(len(box.open_writes()), box.trouble, sep="|")
    try:
        box.put([write("w9", "desk/9")])
    except Unwritable as error:
        print(error.words)
"""


def test_a_read_only_directory_is_read_and_not_written(tmp_path: Path) -> None:
    state = tmp_path / "state"
    opened(state).put([write()])
    for path, mode in ((state / "outbox.db", 0o444), (state, 0o555)):
        path.chmod(mode)
    for parent in list(tmp_path.parents)[:3]:
        if parent.stat().st_uid == os.geteuid():
            parent.chmod(parent.stat().st_mode | 0o711)
    tmp_path.chmod(0o755)
    done = as_nobody(READ_ONLY, str(state))
    state.chmod(0o755)
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first.startswith("1|cannot save in")
    assert first.endswith("which is read-only: name another directory with --state")
    assert re.match("cannot save.*read-only", second)
