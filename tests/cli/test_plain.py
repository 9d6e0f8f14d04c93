"""What the command line prints for people: the screen's words, in lines that a screen reader can read."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
import pytest

from oncall_tui.cli import plain
from tests.night import AM, ASIDE, BOARD, CALM, DISK, FIRE, IN_HAND, REPLY, UNSURE


@pytest.fixture(autouse=True)
def in_amsterdam(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_next_tells_the_one_problem_in_sentences() -> None:
    assert plain.following(BOARD) == [
        "Bakkerij De Korenaar and 1 more: cannot take orders from 14 shops.",
        "They are alone for 12m, since 03:01: nobody yet.",
        "Also hurt: Webshop Lente.",
        "At stake: ovens load at 04:30, in 1h 16m; no alternative; down, on fire.",
        "They say: “De winkels kunnen niet bestellen, bel mij!” (Ron · 9m ago)",
        "We see: OrdersApiDown; orders-eu-1; critical; 14m; am.",
        "We see: ticket 48213 Bestellen werkt niet; High; 1 new; desk.",
        "Joined: De Korenaar depends on orders-api.",
        "With them: nobody yet; no word from us.",
        "Why first: on fire and alone; down, core, no alternative; wrote 3 times; 1 more hurt.",
        "Its id is p-korenaar.",
        "Then 2: Garage Smit, Facturen te laat, with Sanne, word due in 19m.",
        "1 problem out of the way: p-disk DiskFull (silenced by Olga until 04:00).",
    ]


def test_what_we_said_and_where_it_is_stands_with_the_problem() -> None:
    board = msgspec.structs.replace(BOARD, problems=(msgspec.structs.replace(FIRE, writes=(REPLY,)),))
    assert "We say: reply desk/48213: waiting for desk: 503." in plain.following(board)


def test_next_says_that_nobody_is_alone_before_what_is_in_hand() -> None:
    lines = plain.following(msgspec.structs.replace(CALM, problems=(IN_HAND,)))
    assert lines[:3] == [
        "Nobody is alone. Every source answered within its interval.",
        "Garage Smit: Facturen te laat.",
        "They are not alone: with Sanne.",
    ]


def test_quiet_is_said_only_when_every_source_answered() -> None:
    assert (
        plain.following(CALM) == plain.listed(CALM) == ["Nobody is alone. Every source answered within its interval."]
    )
    (line,) = plain.following(UNSURE)
    assert line.startswith("Nobody is known to be alone, but not everything is known: desk no answer")
    assert plain.line(CALM) == "quiet"
    assert plain.line(UNSURE) == "nobody known to be alone · no answer from desk"


def test_a_source_that_may_leave_something_out_is_no_quiet() -> None:
    deaf = msgspec.structs.replace(AM, live=False, gap="makes no service checks any more")
    board = msgspec.structs.replace(CALM, quiet=False, sources=(deaf,))
    (line,) = plain.following(board)
    assert line.startswith(
        "Nobody is known to be alone, but not everything is known: am makes no service checks any more"
    )
    assert plain.line(board) == "nobody known to be alone · not all from am"


def test_list_gives_each_problem_an_aligned_line_and_hides_none() -> None:
    lines = plain.listed(BOARD)
    assert [line.split()[0] for line in lines] == ["1", "2", "-"]
    assert [line.split()[-1] for line in lines] == [FIRE.id, IN_HAND.id, ASIDE.id]
    assert (
        len({line.index(what) for line, what in zip(lines, ("on fire: cannot", "Facturen", "DiskFull"), strict=True)})
        == 1
    )


def test_many_problems_are_counted_with_those_alone() -> None:
    many = (
        FIRE,
        *(msgspec.structs.replace(IN_HAND, id=f"p{i}") for i in range(4)),
        msgspec.structs.replace(FIRE, id="last"),
    )
    assert "3 more problems, 1 alone." in plain.following(msgspec.structs.replace(BOARD, problems=many))


def test_a_status_line_is_one_short_line() -> None:
    second = msgspec.structs.replace(FIRE, id="second")
    board = msgspec.structs.replace(UNSURE, problems=(FIRE, second, IN_HAND))
    assert plain.line(board) == (
        "ALONE 12:42 Bakkerij De Korenaar: cannot take orders from 14 shops · 1 more alone · no answer from desk"
    )


def test_explain_shows_parts_that_add_up_to_the_score() -> None:
    lines = plain.explained(FIRE)
    points = [float(line.split()[-1]) for line in lines[2:5]]
    assert points[0] + points[1] == points[2] == FIRE.score
    assert lines[-1] == "Its place was decided by: on fire and alone."


def test_the_outbox_tells_when_what_and_where_it_is() -> None:
    assert plain.outbox([REPLY]) == [
        "2026-11-23 03:13  reply  desk/48213  waiting for desk: 503  “Ik ben er. Sanne”  w-1"
    ]
    assert plain.outbox([]) == ["The outbox is empty."]


def test_columns_are_aligned_by_what_the_terminal_shows() -> None:
    assert plain.columns([("日本", "x"), ("e\u0301", "x"), ("abc", "x")]) == ["日本  x", "e\u0301     x", "abc   x"]


def test_an_alert_that_no_customer_is_known_for_is_still_told() -> None:
    lone = msgspec.structs.replace(ASIDE, signals=(DISK,), aside="")
    lines = plain.following(msgspec.structs.replace(CALM, problems=(lone,), sources=(AM,)))
    assert "a customer without a name: DiskFull." in lines
