"""A site goes wrong exactly as its script says, and is well again afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import http.client
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from oncall_tui.demo import faults
from oncall_tui.demo.faults import Fault
from oncall_tui.demo.redmine import Redmine
from oncall_tui.demo.world import KEY, World

from .client import Answer, ask

CUT = (http.client.RemoteDisconnected, ConnectionResetError, http.client.BadStatusLine)


@pytest.fixture
def issue(empty: World) -> str:
    return f"{empty.desk.url}/issues/{empty.desk.add_issue('ron', 'Bestellen werkt niet').id}.json"


def write(issue: str, text: str = "words", **more: Any) -> Answer:
    return ask(issue, "PUT", {"issue": {"notes": text}}, key=KEY, **more)


def notes(world: World) -> list[str]:
    return [journal.text for issue in world.desk.issues.values() for journal in issue.journals]


def until(fact: Callable[[], bool], limit_s: float = 5.0) -> None:
    deadline = time.monotonic() + limit_s
    tick = threading.Event()
    while not fact():
        assert time.monotonic() < deadline, "it never came true"
        tick.wait(0.01)


def test_a_line_that_is_cut_before_storing_leaves_nothing_behind(empty: World, issue: str) -> None:
    empty.desk.faults = [faults.CUT_BEFORE]
    with pytest.raises(CUT):
        write(issue)
    assert notes(empty) == []


def test_a_line_that_is_cut_after_storing_leaves_the_note_and_no_answer(empty: World, issue: str) -> None:
    empty.desk.faults = [faults.CUT_AFTER]
    with pytest.raises(CUT):
        write(issue)
    assert notes(empty) == ["words"]


@pytest.mark.parametrize(
    ("fault", "status", "stored"),
    [
        (faults.STORED_THEN_500, 500, True),
        (faults.GATEWAY_TIMEOUT, 504, True),
        (faults.BAD_GATEWAY, 502, False),
        (faults.UNAVAILABLE, 503, False),
        (faults.slow_down(7), 429, False),
    ],
)
def test_an_answer_that_says_no_may_have_been_stored_all_the_same(
    empty: World, issue: str, fault: Fault, status: int, *, stored: bool
) -> None:
    empty.desk.faults = [fault]
    answer = write(issue)
    assert answer.status == status
    assert notes(empty) == (["words"] if stored else [])
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)


@pytest.mark.parametrize(("fault", "stored"), [(faults.HANGS_BEFORE, []), (faults.HANGS_AFTER, ["words"])])
def test_a_site_can_keep_its_answer_to_itself(empty: World, issue: str, fault: Fault, stored: list[str]) -> None:
    empty.desk.faults = [fault]
    with pytest.raises(TimeoutError):
        write(issue, timeout=0.3)
    assert notes(empty) == stored


def test_a_late_request_is_stored_after_its_line_is_gone(empty: World, issue: str) -> None:
    empty.desk.faults = [faults.late(0.3)]
    with pytest.raises(CUT):
        write(issue)
    assert notes(empty) == []
    until(lambda: notes(empty) == ["words"])


def test_a_script_meets_writes_only_and_all_is_well_after_its_end(empty: World, issue: str) -> None:
    empty.desk.faults = [faults.UNAVAILABLE, None, faults.UNAVAILABLE]
    assert ask(issue, key=KEY).status == 200
    assert [write(issue, f"{n}").status for n in range(5)] == [503, 204, 503, 204, 204]
    assert notes(empty) == ["1", "3", "4"]


def test_a_failing_site_fails_reads_and_writes_until_it_is_mended(empty: World, issue: str) -> None:
    empty.desk.failing = faults.UNAVAILABLE
    assert (ask(issue, key=KEY).status, write(issue).status) == (503, 503)
    empty.desk.failing = None
    assert (ask(issue, key=KEY).status, write(issue).status) == (200, 204)


def test_a_source_that_went_away_refuses_and_returns_on_its_port_with_all_it_knew(empty: World, issue: str) -> None:
    write(issue, "before")
    empty.desk.stop_listening()
    with pytest.raises(ConnectionRefusedError):
        write(issue, "meanwhile")
    empty.desk.listen_again()
    write(issue, "after")
    assert notes(empty) == ["before", "after"]


def test_a_source_that_goes_away_cuts_the_lines_that_were_open(empty: World) -> None:
    line = http.client.HTTPConnection("127.0.0.1", empty.monitor.port, timeout=5)
    line.request("GET", "/-/ready")
    assert line.getresponse().read() == b"OK"
    sock = line.sock
    empty.monitor.stop_listening()
    assert sock.recv(1) == b""
    line.close()


@pytest.mark.parametrize("turns", range(7))
async def test_a_site_that_closes_cuts_a_line_that_it_accepted_a_moment_ago(turns: int) -> None:
    site, before = Redmine(lambda: datetime.now(UTC)), asyncio.all_tasks()
    await site.open()
    line = socket.create_connection(("127.0.0.1", site.port))
    for _ in range(turns):
        await asyncio.sleep(0)
    await site.close()
    with line:
        line.settimeout(5.0)
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(1) == b""
    assert asyncio.all_tasks() == before
    gc.collect()  # one that was forgotten is told as unclosed


def test_one_line_carries_many_requests(empty: World) -> None:
    line = http.client.HTTPConnection("127.0.0.1", empty.monitor.port, timeout=5)
    for _ in range(3):
        line.request("GET", "/api/v2/alerts")
        assert line.getresponse().read() == b"[]"
    line.close()
    assert empty.monitor.asked == {"GET": 3}


def test_many_writers_at_once_each_leave_one_note(empty: World, issue: str) -> None:
    writers = [threading.Thread(target=write, args=(issue, f"{n}")) for n in range(40)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(10)
    assert sorted(notes(empty), key=int) == [f"{n}" for n in range(40)]


def test_what_is_no_http_gets_no_answer_and_harms_nobody(empty: World) -> None:
    for rubbish in (b"\x16\x03\x01 hello", b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"x" * 200_000):
        with http.client.socket.create_connection(("127.0.0.1", empty.desk.port), timeout=5) as line:
            try:
                line.sendall(rubbish)
                line.shutdown(http.client.socket.SHUT_WR)
                heard = line.recv(10)
            except TimeoutError:
                raise
            except OSError:  # it hung up while we were still talking
                heard = b""
            assert heard == b""
    assert ask(f"{empty.desk.url}/users/current.json", key=KEY).status == 200


def test_the_mix_of_faults_is_the_same_for_the_same_seed_and_has_its_shares() -> None:
    first, again, other = (list(islice(faults.mix(seed, late_s=2.0), 10_000)) for seed in (1, 1, 2))
    assert first == again != other
    shares = {status: sum(1 for f in first if f and f.status == status) / 100 for status in (429, 502, 503, 504)}
    assert all(abs(shares[status] - share) < 1 for status, share in ((429, 8), (502, 2), (503, 4), (504, 3)))
    assert 0 < max(f.late_s for f in first if f) <= 2.0
    assert 60 < sum(1 for f in first if f is None) / 100 < 70
