"""What a reading becomes and when a source is asked again, on a clock that the test turns (faults.md A12, A13, S8, W11)."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from oncall_tui.engine.poller import Poller, pause, poll
from oncall_tui.errors import ConfigError, Denied, OncallError, RateLimited, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Reading, get
from oncall_tui.model import Kind, Message, Signal, Snapshot, Verb, Voice
from tests.engine.fakes import NIGHT, FakeClock, settle
from tests.engine.faulty import connector, hangs_up, line_to, says, serving

BLANK = Snapshot(source="desk", kind="test", every_s=30.0, can=(Verb.NOTE,))


def signal(id_: str, title: str = "down", **fields) -> Signal:
    return Signal(source="desk", id=id_, kind=Kind.ALERT, title=title, opened_at=NIGHT, **fields)


def signals(count: int) -> list[Signal]:
    return [signal(str(number)) for number in range(count)]


@dataclass
class ScriptedLine:
    """A line whose plays end as written; the last ending repeats."""

    endings: list[object]
    clock: FakeClock = field(default_factory=FakeClock)
    skew_s: float = 0.0
    warning: str = ""
    denied: str = ""
    config: object = field(default_factory=lambda: SimpleNamespace(secret=None))
    plays: list[tuple[datetime, dict]] = field(default_factory=list)
    takes_s: float = 0.0

    async def play(self, make, **memory):
        if self.denied:
            raise Denied(self.denied)
        self.plays.append((self.clock.now(), memory))
        if self.takes_s:
            await self.clock.sleep(self.takes_s)
        ending = self.endings[min(len(self.plays), len(self.endings)) - 1]
        if isinstance(ending, Denied):
            self.denied = ending.words
        if isinstance(ending, Exception):
            raise ending
        return ending if isinstance(ending, Reading) else Reading(signals=ending)

    def forgive(self):
        self.denied = ""

    @property
    def times(self) -> list[float]:
        return [(at - NIGHT).total_seconds() for at, _ in self.plays]


async def polled(*endings, before: Snapshot = BLANK, **line) -> Snapshot:
    """The snapshot after as many polls as there are endings."""
    scripted = ScriptedLine(list(endings), **line)
    for _ in endings:
        before = await poll(scripted, connector(), before)
    return before


# --- one poll --------------------------------------------------------------------------------------------------------


async def test_a_reading_becomes_a_snapshot_with_its_times():
    line = ScriptedLine([signals(2)], takes_s=3, skew_s=-90, warning="not checked")
    asked = asyncio.create_task(poll(line, connector(), BLANK))
    await line.clock.advance(3)
    snapshot = await asked
    assert [one.id for one in snapshot.signals] == ["0", "1"]
    assert (snapshot.asked_at, snapshot.answered_at) == (NIGHT, NIGHT + timedelta(seconds=3))
    assert (snapshot.skew_s, snapshot.warning, snapshot.fault, snapshot.doubt) == (-90, "not checked", "", "")
    assert (snapshot.source, snapshot.kind, snapshot.every_s, snapshot.can) == ("desk", "test", 30.0, (Verb.NOTE,))


FAILURES = [
    Unavailable("cannot be reached"),
    RateLimited("slow down", after_s=7),
    Denied("wants credentials"),
    Rejected("has nothing at /list"),
    Unreadable("changed shape"),
    ConfigError("no such proxy"),
]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
async def test_a_failure_keeps_the_signals_and_their_age_and_says_since_when(error):
    line = ScriptedLine([signals(2), error, error])
    whole = await poll(line, connector(), BLANK)
    await line.clock.advance(30)
    first = await poll(line, connector(), whole)
    await line.clock.advance(30)
    second = await poll(line, connector(), first)
    assert first == replace(whole, fault=error.words, fault_at=NIGHT + timedelta(seconds=30))
    assert second == first


async def test_recovery_clears_the_fault():
    snapshot = await polled(Unavailable("away"), signals(1))
    assert (snapshot.fault, snapshot.fault_at, len(snapshot.signals)) == ("", None, 1)


async def test_what_is_known_is_told_with_the_servers_own_time():
    line = ScriptedLine([signals(2), signals(2)], skew_s=3600)
    snapshot = await poll(line, connector(), BLANK)
    await poll(line, connector(), snapshot)
    assert line.plays[0][1] == {"known": {}, "known_at": None, "afresh": False}
    assert line.plays[1][1] == {
        "known": {"0": signal("0"), "1": signal("1")},
        "known_at": NIGHT + timedelta(hours=1),
        "afresh": False,
    }


async def test_what_the_source_warns_of_is_told_beside_what_the_line_warns_of():
    snapshot = await polled(Reading(signals=signals(1), warning="knows no severity 'sev0'\x07"), warning="not checked")
    assert snapshot.warning == "not checked; knows no severity 'sev0'^G"


@pytest.mark.parametrize("is_under_way", [False, True])
async def test_whoever_is_woken_for_what_leaves_no_mark_reads_everything_again(is_under_way):
    line = ScriptedLine([signals(2)], takes_s=2)
    poller = Poller(line, connector(), BLANK, lambda snapshot: None, chance=random.Random(1))
    loop = asyncio.create_task(poller.run())
    for _ in range(60 if not is_under_way else 16):
        await line.clock.advance(1)
    before = len(line.plays)
    poller.wake(afresh=True)
    for _ in range(5):
        await line.clock.advance(1)
    loop.cancel()
    assert line.plays[before][1]["afresh"]


async def test_the_second_poll_and_one_every_ten_minutes_read_everything_again():
    line, chance = ScriptedLine([signals(2)]), random.Random(1)
    loop = asyncio.create_task(Poller(line, connector(), BLANK, lambda snapshot: None, chance=chance).run())
    for _ in range(2 * 11 * 60 // 30):
        await line.clock.advance(30)
    loop.cancel()
    afresh = [at for at, (_, memory) in zip(line.times, line.plays, strict=True) if memory["afresh"]]
    assert afresh[0] == line.times[1]
    assert [600 <= later - earlier < 680 for earlier, later in pairwise(afresh)] == [True, True]


async def test_whoever_reads_everything_again_is_told_what_was_there_before():
    """Else what stands while a source knows no better (a rule that fails, a server that forgot) would end every ten minutes."""
    line = ScriptedLine([signals(2)])
    loop = asyncio.create_task(Poller(line, connector(), BLANK, lambda snapshot: None, chance=random.Random(1)).run())
    for _ in range(3):
        await line.clock.advance(30)
    loop.cancel()
    anew = [memory for _, memory in line.plays if memory["afresh"]]
    assert [(set(memory["known"]), memory["known_at"]) for memory in anew] == [({"0", "1"}, NIGHT)]


@pytest.mark.parametrize("error", [Rejected("no such method"), Unreadable("the API changed shape")])
async def test_an_answer_that_makes_no_sense_is_asked_for_afresh_because_the_product_may_be_another_by_now(error):
    line = ScriptedLine([signals(2), signals(2), signals(2), error, signals(2), signals(2)])
    loop = asyncio.create_task(Poller(line, connector(), BLANK, lambda snapshot: None, chance=random.Random(1)).run())
    for _ in range(8):
        await line.clock.advance(30)
    loop.cancel()
    assert [memory["afresh"] for _, memory in line.plays][:6] == [False, True, False, False, True, False]


async def test_a_signal_that_is_told_twice_is_held_once_as_told_last():
    snapshot = await polled([signal("1", "old"), signal("2"), signal("1", "new")])
    assert [(one.id, one.title) for one in snapshot.signals] == [("1", "new"), ("2", "down")]


async def test_what_is_told_again_in_any_order_stays_the_very_same():
    first = await polled(signals(3))
    again = await polled(signals(3)[::-1], before=first)
    changed = await polled([*signals(2), signal("2", title="up")], before=again)
    assert again.signals is first.signals
    assert [one.title for one in changed.signals] == ["down", "down", "up"]


async def test_a_strangers_text_is_made_safe_where_it_enters():
    said = Message(id="m", voice=Voice.THEIRS, author="R\x1b]0;x\x07", text="a\x1b[2Jb\u202e", at=NIGHT)
    (held,) = (await polled([signal("1", "t\x1b[31m", labels={"k\x07": "v\x9b"}, messages=(said,))])).signals
    shown = [held.title, *held.labels, *held.labels.values(), held.messages[0].author, held.messages[0].text]
    assert all(text.isprintable() for text in shown)


async def test_records_that_cannot_be_read_are_counted_and_hide_no_other():
    snapshot = await polled(Reading(signals=signals(2), unreadable=("no id", "no title")))
    assert (len(snapshot.signals), snapshot.unreadable, snapshot.fault) == (2, 2, "")
    assert (await polled(signals(1), before=snapshot)).unreadable == 0


async def test_why_a_list_may_leave_something_out_stands_until_a_whole_one():
    snapshot = await polled(Reading(signals=signals(2), gap="makes no checks\n\x1b[2J"))
    assert (len(snapshot.signals), snapshot.fault) == (2, "")
    assert snapshot.gap.startswith("makes no checks ")
    assert snapshot.gap.isprintable()
    assert (await polled(Unavailable("no answer"), before=snapshot)).gap == snapshot.gap
    assert (await polled(signals(1), before=snapshot)).gap == ""


async def test_a_list_of_which_nothing_can_be_read_is_a_fault_and_no_empty_list():
    snapshot = await polled(signals(2), Reading(signals=[], unreadable=("no id",) * 40))
    assert snapshot.fault == "told 40 records and none can be read: no id"
    assert len(snapshot.signals) == 2


# --- A13: an empty reading after much --------------------------------------------------------------------------------


async def test_an_empty_reading_after_three_is_doubted_once_and_then_believed():
    whole = await polled(signals(3))
    doubted = await polled([], before=whole)
    assert doubted == replace(whole, doubt=doubted.doubt)
    assert "had 3 at " in doubted.doubt
    believed = await polled([], before=doubted)
    assert (believed.signals, believed.doubt) == ((), "")


async def test_an_empty_reading_after_two_is_believed_at_once():
    snapshot = await polled(signals(2), [])
    assert (snapshot.signals, snapshot.doubt) == ((), "")


async def test_a_doubt_ends_with_a_reading_that_is_not_empty_and_outlives_a_failure():
    doubted = await polled(signals(3), [])
    assert (await polled(signals(1), before=doubted)).doubt == ""
    failed = await polled(Unavailable("away"), before=doubted)
    assert failed.doubt
    assert len(failed.signals) == 3
    assert (await polled([], before=failed)).signals == ()


# --- when to ask next ------------------------------------------------------------------------------------------------

seeds = st.integers(0, 10_000).map(random.Random)
errors = st.sampled_from([None, *FAILURES])


@given(chance=seeds, every_s=st.floats(5, 3600))
def test_a_healthy_source_is_asked_at_its_interval_give_or_take_a_tenth(chance, every_s):
    seconds = pause(replace(BLANK, every_s=every_s), None, 0, chance)
    assert 0.9 * every_s <= seconds <= 1.1 * every_s


@given(chance=seeds, failures=st.integers(1, 100_000), every_s=st.floats(5, 300))
def test_a_failing_source_is_asked_more_and_more_seldom_but_within_five_minutes(chance, failures, every_s):
    seconds = pause(replace(BLANK, every_s=every_s), Unavailable(""), failures, chance)
    assert 0.9 * every_s <= seconds <= max(300, 1.1 * every_s)


def test_the_back_off_spreads_over_the_whole_of_its_time():
    chance = random.Random(1)
    pauses = [pause(BLANK, Unavailable(""), 10, chance) for _ in range(1000)]
    assert min(pauses) < 40
    assert max(pauses) > 280
    assert sum(pauses) / 1000 == pytest.approx(152, abs=15)
    assert max(pause(BLANK, Unavailable(""), 1, chance) for _ in range(1000)) <= 60


@given(chance=seeds, after_s=st.floats(0, 900), failures=st.integers(1, 100))
def test_a_rate_limit_is_waited_for_at_least(chance, after_s, failures):
    assert pause(BLANK, RateLimited("", after_s=after_s), failures, chance) >= max(after_s, 27)


@pytest.mark.parametrize("error", [Denied(""), ConfigError("")])
def test_what_only_the_engineer_can_mend_is_not_asked_again(error):
    assert pause(BLANK, error, 1, random.Random(1)) is None


def test_a_doubt_is_settled_soon():
    assert pause(replace(BLANK, doubt="had 40"), None, 0, random.Random(1)) == 5


# --- the loop --------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def running(*endings, before: Snapshot = BLANK, **line):
    """A poller that runs on a fake clock without jitter to speak of."""
    scripted, heard = ScriptedLine(list(endings), **line), []
    one = Poller(scripted, connector(), before, heard.append, chance=Middle())
    task = asyncio.create_task(one.run())
    await settle()
    try:
        yield one, scripted, heard
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


class Middle(random.Random):
    """Chance that always throws the middle."""

    def uniform(self, a, b):
        return (a + b) / 2


async def test_a_source_is_asked_at_once_and_then_every_interval_and_each_poll_is_told():
    async with running(signals(1)) as (one, line, heard):
        assert line.times == [0]
        await line.clock.advance(95)
        assert line.times == [0, 30, 60, 90]
        assert [snapshot.asked_at for snapshot in heard] == [at for at, _ in line.plays]
        assert one.snapshot is heard[-1]


async def test_a_poll_that_takes_longer_than_the_interval_is_not_overtaken():
    async with running(signals(1), takes_s=40) as (_, line, heard):
        await line.clock.advance(115)
        assert line.times == [0, 70]
        assert len(heard) == 2


async def test_a_source_that_is_down_for_hours_is_asked_seldom_and_found_when_it_returns():
    async with running(*[Unavailable("away")] * 40, signals(1)) as (_, line, heard):
        await line.clock.advance(3600)
        gaps = [later - earlier for earlier, later in zip(line.times, line.times[1:], strict=False)]
        assert gaps[:4] == [30, 60, 120, 150]
        assert set(gaps[4:]) == {150}
        assert heard[-1].fault_at == NIGHT
        await line.clock.advance(3600)
        assert heard[-1].fault == ""
        assert line.times[-1] - line.times[-2] == 30


async def test_a_source_that_was_well_for_long_is_asked_soon_after_its_first_failure():
    async with running(*[signals(1)] * 20, Unavailable("away")) as (_, line, _heard):
        await line.clock.advance(20 * 30 + 31)
        assert line.times[-2:] == [600, 630]


async def test_after_a_refusal_of_credentials_nobody_asks_until_told_and_it_is_said_once():
    async with running(Denied("wants credentials"), signals(1)) as (one, line, heard):
        await line.clock.advance(86_400)
        assert line.times == [0]
        assert [snapshot.fault for snapshot in heard] == ["wants credentials"]
        one.wake()
        await settle()
        assert line.times == [0, 86_400]
        assert heard[-1].fault == ""


async def test_wake_asks_at_once_and_the_interval_starts_anew():
    async with running(signals(1)) as (one, line, _):
        await line.clock.advance(10)
        one.wake()
        await line.clock.advance(35)
        assert line.times == [0, 10, 40]


async def test_wake_during_a_poll_asks_once_more_after_it():
    async with running(signals(1), takes_s=4) as (one, line, _):
        await line.clock.advance(2)
        one.wake()
        one.wake()
        await line.clock.advance(20)
        assert line.times == [0, 4]


async def test_wake_does_not_break_into_a_rate_limit():
    async with running(RateLimited("slow down", after_s=100), signals(1)) as (one, line, _):
        await line.clock.advance(10)
        one.wake()
        await line.clock.advance(89)
        assert line.times == [0]
        await line.clock.advance(30)
        assert line.times[1] >= 100


async def test_w11_after_a_suspend_the_source_is_asked_within_seconds():
    async with running(*[Unavailable("away")] * 5) as (_, line, _heard):
        await line.clock.advance(30 + 60 + 120)
        asked = len(line.plays)
        line.clock.jump(8 * 3600)
        await line.clock.advance(20)
        assert len(line.plays) == asked + 1


@pytest.mark.parametrize("jump_s", [-86_400, -3600, 3600, 86_400])
async def test_w11_a_wall_clock_that_is_set_brings_neither_a_burst_nor_a_stall(jump_s):
    async with running(signals(1)) as (_, line, heard):
        await line.clock.advance(45)
        line.clock.jump(jump_s)
        await line.clock.advance(60)
        assert 4 <= len(heard) <= 5


async def test_a_doubt_is_asked_again_within_seconds():
    async with running(signals(40), []) as (_, line, heard):
        await line.clock.advance(40)
        assert line.times == [0, 30, 35]
        assert [len(snapshot.signals) for snapshot in heard] == [40, 40, 0]


# --- over a real line ------------------------------------------------------------------------------------------------


def listing(source):
    response = yield get("/list")
    return Reading(signals=[signal(str(one)) for one in response.read(list[int])])


async def test_a_source_that_breaks_off_in_the_middle_of_its_list_keeps_the_last_whole_one():
    steps = says(200, "[1, 2, 3, 4]"), hangs_up, says(200, "[1, 2", length=40), says(200, "[1]")
    async with serving(*steps) as server, line_to(server, poll=listing) as line:
        before, counts, faults = BLANK, [], []
        for _ in steps:
            before = await poll(line, line.connector, before)
            counts.append(len(before.signals))
            faults.append(before.fault)
    assert counts == [4, 4, 4, 1]
    assert [bool(fault) for fault in faults] == [False, True, True, False]
    assert "desk" not in "".join(faults)


async def test_no_failure_of_a_line_escapes_a_poll():
    for error in (*FAILURES, OncallError("anything")):
        assert (await polled(error)).fault == error.words
