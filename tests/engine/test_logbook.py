"""The log: what is a line in it, that it stays small and private, and what it never holds."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from msgspec.structs import replace

from oncall_tui.engine.logbook import KEPT, NAME, Logbook, edges, heard
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.wire import Heard
from oncall_tui.kit import Response, get
from oncall_tui.model import Board, State
from tests.engine.fakes import NIGHT, FakeClock
from tests.night import AM, BOARD, CALM, DESK, REPLY

SILENT = replace(DESK, live=False, fault="nothing listens at desk:80", fault_at=NIGHT)


def board(*sources, **more) -> Board:
    return replace(CALM, sources=sources, **more)


def test_a_source_that_goes_and_returns_is_a_line_each_however_often_it_is_asked() -> None:
    night = [board(AM, DESK), *[board(AM, SILENT)] * 500, board(AM, DESK), board(AM, DESK)]
    told = [line for before, after in pairwise(night) for line in edges(before, after)]
    assert len(told) == 2
    assert told[0] == "desk is gone: nothing listens at desk:80"
    assert told[1].startswith("desk is back, silent since ")


def test_what_is_on_disk_at_the_start_is_no_event() -> None:
    assert list(edges(Board(as_of=NIGHT), BOARD)) == []


def test_each_step_of_a_write_is_a_line_without_its_words() -> None:
    waiting = replace(REPLY, state=State.WAITING, fault="")
    steps = [board(AM), board(AM, outbox=(waiting,)), board(AM, outbox=(replace(waiting, state=State.DELIVERED),))]
    told = [line for before, after in pairwise(steps) for line in edges(before, after)]
    assert [line.rpartition("): ")[2] for line in told] == ["waiting for desk", "delivered to desk"]
    assert REPLY.text not in "".join(told)


def test_a_warning_a_doubt_and_unreadable_records_are_told_once() -> None:
    odd = replace(AM, warning="its certificate is not checked", doubt="told of nothing", gap="is deaf", unreadable=2)
    assert sorted(edges(board(AM), board(odd))) == [
        "am: 2 records cannot be read", "am: is deaf", "am: its certificate is not checked", "am: told of nothing",
    ]  # fmt: skip
    assert list(edges(board(odd), board(odd))) == []


def test_a_line_has_its_time_and_is_one_line_whatever_stands_in_it(tmp_path: Path) -> None:
    log = Logbook(tmp_path / "new", clock=FakeClock())
    log("one\ntwo \x1b]2;x\x07")
    (line,) = log.path.read_text().splitlines()
    assert line.startswith("2026-11-23T03:14:00Z ")
    assert "\x1b" not in line
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.path.parent.stat().st_mode & 0o777 == 0o700


def test_the_log_stays_small(tmp_path: Path) -> None:
    log = Logbook(tmp_path, clock=FakeClock(), most_bytes=1000)
    for number in range(500):
        log(f"line {number}")
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files in ([NAME, *(f"{NAME}.{n}" for n in range(1, KEPT + 1))], [f"{NAME}.{n}" for n in range(1, KEPT + 1)])
    assert all(path.stat().st_size < 1100 for path in tmp_path.iterdir())
    assert "line 499" in "".join(path.read_text() for path in tmp_path.iterdir())


def test_a_disk_that_takes_nothing_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Logbook(tmp_path / "file")("nobody reads this")


def test_a_request_is_told_without_query_body_or_secret() -> None:
    scrub = Scrub()
    scrub.learn(("canary-4711",))
    asked = get("/bot/canary-4711/list?x=private", key="private")
    one = Heard("desk", asked, Response(status=200, body=b"private"), 0.0123, "", scrub)
    assert heard(one) == "desk GET /bot/***/list: 200, 7 bytes, in 12 ms"
    gone = Heard("desk", asked, None, timedelta(seconds=15).total_seconds(), "gave no whole answer", scrub)
    assert heard(gone) == "desk GET /bot/***/list: gave no whole answer, in 15000 ms"
