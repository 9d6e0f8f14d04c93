"""Saved is saved: at every system call of a save, on a disk that fills up, among processes that are killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.crash import many, sweep


@pytest.mark.server
def test_a_save_syncs_the_journal_the_file_and_the_directory_before_it_is_told(tmp_path: Path) -> None:
    calls = sweep.calls_of(sweep.prepared(tmp_path / "state"), tmp_path / "log")
    syncs = [n for n, call in enumerate(calls) if call in ("fdatasync", "fsync")]
    assert len(syncs) == 5
    assert syncs[-1] > calls.index("unlink"), "the journal's end is durable, too"


@pytest.mark.server
def test_no_kill_and_no_disk_error_at_any_system_call_makes_a_lie_of_saved(tmp_path: Path) -> None:
    assert shutil.which("strace"), "this test needs strace: apt-get install strace"
    calls, outcomes = sweep.sweep(tmp_path)
    assert len(outcomes) >= 100, calls
    assert [one for one in outcomes if one.is_lost] == []
    assert [one for one in outcomes if one.is_a_lie] == []
    assert [one.trouble for one in outcomes if one.trouble] == []
    kills = [one for one in outcomes if one.point.what == sweep.KILL]
    errors = [one for one in outcomes if one.point.what != sweep.KILL]
    assert any(not one.said for one in kills), "the kills hit"
    assert any(one.said.startswith("REFUSED") for one in errors), "the errors hit"


FILL = """
import sys
from pathlib import Path
from msgspec.structs import replace
from oncall_tui.engine.outbox import Outbox
from oncall_tui.errors import Unwritable
from tests.engine.crash.save import write

disk = Path(sys.argv[1])
(disk / "ballast").write_bytes(bytes(50_000))
box, saved = Outbox.open(disk / "state"), []
try:
    for n in range(1000):
        box.put([replace(write(f"w{n}"), ref=f"desk/{n}", text="x" * 20_000)])
        saved.append(f"w{n}")
except Unwritable as error:
    print(error.words)
assert [w.id for w in box.open_writes()] == saved
assert [w.id for w in Outbox.open(disk / "state").open_writes()] == saved
(disk / "ballast").unlink()
box.put([replace(write("after"), ref="desk/after")])
print(len(saved), "saved, and one more when there was room again:", repr(box.trouble))
"""


@pytest.mark.server
def test_on_a_full_disk_nothing_is_said_to_be_saved_and_what_was_saved_stays(tmp_path: Path) -> None:
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = 'mount -t tmpfs -o size=600k none "$1" && exec "$2" -c "$3" "$1"'
    argv = ["unshare", *as_root, "--mount", "sh", "-c", script, "sh", str(tmp_path), sys.executable, FILL]
    done = subprocess.run(argv, cwd=sweep.ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    words, rest = done.stdout.splitlines()
    assert words in ("cannot save: disk full", "cannot save: the disk fails, or is over quota")
    assert rest.endswith("when there was room again: ''")


def test_four_processes_on_one_state_directory_deliver_400_writes_once_each(tmp_path: Path) -> None:
    tally = many.four(tmp_path)
    assert len(tally.said) == 400
    assert (tally.lost, tally.doubled, tally.overtaken) == (set(), [], [])


def test_four_processes_and_a_desk_that_cuts_connections_still_say_everything_once(tmp_path: Path) -> None:
    tally = many.four(tmp_path, seed=3)
    assert len(tally.said) == 400
    assert (tally.lost, tally.doubled, tally.overtaken) == (set(), [], [])


def test_300_writes_under_random_kills_are_neither_lost_nor_doubled_nor_reordered(tmp_path: Path) -> None:
    tally = many.killed(tmp_path)
    assert tally.kills >= 10
    assert len(tally.said) >= 300
    assert (tally.lost, tally.doubled, tally.overtaken) == (set(), [], [])
