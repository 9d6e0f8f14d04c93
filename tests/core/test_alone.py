"""Alone, in words: who has it, what was promised, and a clock that runs on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from oncall_tui.core.triage import triage
from oncall_tui.model import (
    Act,
    Board,
    Decision,
    Impact,
    Kind,
    Me,
    Message,
    Night,
    Rule,
    Settings,
    Signal,
    Snapshot,
    State,
    Verb,
    Voice,
    Write,
)
from tests.core.generated import NOW, ago

SETTINGS = Settings(me=Me(name="Sanne"))
ALERT = Signal(source="am", id="f", kind=Kind.ALERT, title="Down", opened_at=ago(9), impact=Impact.DOWN, service="till")
TICKET = Signal(
    source="desk", id="7", kind=Kind.TICKET, title="Kassa", opened_at=ago(8), impact=Impact.DEGRADED, customer="Kaasboer",
    messages=(Message(id="1", voice=Voice.THEIRS, author="Ron", text="Hij doet niets", at=ago(8)),),
)  # fmt: skip


def night(*signals: Signal, **told: object) -> Night:
    names = dict.fromkeys(signal.source for signal in signals)
    snapshots = [
        Snapshot(
            source=name,
            kind=name,
            every_s=15,
            asked_at=NOW,
            answered_at=NOW,
            signals=tuple(s for s in signals if s.source == name),
        )
        for name in names or ["am"]
    ]
    return Night(snapshots=tuple(snapshots), **told)  # type: ignore[arg-type]


def said(ticket: Signal, m: float, text: str = "Ik ben erbij") -> Signal:
    word = Message(id=f"w{m}", voice=Voice.OURS, author="Sanne", text=text, at=ago(m))
    return replace(ticket, messages=(*ticket.messages, word))


def board(told: Night, m: float = 0) -> Board:
    return triage(told, SETTINGS, ago(m))


def test_a_taken_fire_promises_a_word_in_twenty_minutes_from_when_it_was_taken():
    taken = replace(said(replace(TICKET, impact=Impact.DOWN), 7), taken_by="Sanne", mine=True, taken_at=ago(7))
    assert board(night(taken)).problems[0].promise_at == ago(7) + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("impact", "minutes"), [(Impact.DEGRADED, 60), (Impact.AT_RISK, None), (Impact.QUESTION, None)]
)
def test_what_is_no_fire_promises_less(impact: Impact, minutes: int | None):
    taken = replace(said(replace(TICKET, impact=impact), 7), taken_by="Sanne", mine=True, taken_at=ago(7))
    promise_at = board(night(taken)).problems[0].promise_at
    assert promise_at == (ago(7) + timedelta(minutes=minutes) if minutes else None)


def test_a_colleague_promises_only_what_they_said():
    taken = replace(said(replace(TICKET, impact=Impact.DOWN), 7), taken_by="Olga", taken_at=ago(7))
    assert board(night(taken)).problems[0].promise_at is None


def test_a_time_in_our_last_reply_is_a_promise():
    taken = replace(said(TICKET, 30, "U hoort om 00:35 van mij"), taken_by="Olga")
    read = triage(night(taken), SETTINGS, NOW, promised=lambda text, at: ago(5) if "00:35" in text else None)
    assert read.problems[0].alone.rule is Rule.MISSED
    assert read.problems[0].alone.why == "promise missed 5 min ago"


def test_a_promise_of_a_reply_that_never_arrived_was_not_made():
    reply = Write(
        id="w",
        problem="",
        ref="desk/7",
        verb=Verb.REPLY,
        by="Sanne",
        asked_at=ago(7),
        text="Om 00:35",
        promise_at=ago(5),
    )
    told = replace(TICKET, taken_by="Sanne", mine=True)
    assert board(night(told, writes=(reply,))).problems[0].alone.rule is Rule.UNTOLD
    there = replace(reply, state=State.DELIVERED, delivered_at=ago(7))
    assert board(night(said(told, 7), writes=(there,))).problems[0].alone.rule is Rule.MISSED


def test_the_clock_runs_on_through_a_restart_and_an_outage():
    first = board(night(ALERT), m=8)
    after = replace(night(replace(ALERT, opened_at=ago(1))), memory=first.memory)
    assert board(after).problems[0].alone.since == ago(9)
    assert board(after).problems[0].id == first.problems[0].id


def test_an_id_stays_when_a_ticket_joins_and_the_alert_goes():
    first = board(night(ALERT), m=2)
    joined = Decision(id="d", act=Act.JOIN, refs=("am/f",), others=("desk/7",), at=ago(1))
    second = board(replace(night(ALERT, TICKET), memory=first.memory, decisions=(joined,)), m=1)
    third = board(replace(night(TICKET), memory=second.memory))
    assert [len(b.problems) for b in (first, second, third)] == [1, 1, 1]
    assert first.problems[0].id == second.problems[0].id == third.problems[0].id


def test_a_split_gives_the_smaller_part_a_new_id():
    alerts = [replace(ALERT, id=f"f{n}", title=f"Down {n}") for n in range(3)]
    first = board(night(*alerts))
    split = Decision(id="d", act=Act.SPLIT, refs=("am/f0",), others=("am/f1", "am/f2"), at=NOW)
    second = board(replace(night(*alerts), memory=first.memory, decisions=(split,)))
    ids = {problem.refs: problem.id for problem in second.problems}
    assert ids["am/f1", "am/f2"] == first.problems[0].id
    assert ids["am/f0",] != first.problems[0].id


def test_a_split_outlives_a_flap():
    alerts = [replace(ALERT, id=f"f{n}", title=f"Down {n}") for n in range(2)]
    split = Decision(id="d", act=Act.SPLIT, refs=("am/f0",), others=("am/f1",), at=ago(5))
    gone = board(replace(night(alerts[1]), decisions=(split,)), m=3)
    back = board(replace(night(*alerts), decisions=(split,), memory=gone.memory))
    assert len(back.problems) == 2


def test_a_later_join_undoes_a_split():
    alerts = [replace(ALERT, id=f"f{n}", title=f"Down {n}") for n in range(2)]
    split = Decision(id="d", act=Act.SPLIT, refs=("am/f0",), others=("am/f1",), at=ago(5))
    join = Decision(id="e", act=Act.JOIN, refs=("am/f0",), others=("am/f1",), at=ago(4))
    assert len(board(replace(night(*alerts), decisions=(split, join))).problems) == 1


def test_what_has_been_gone_for_long_is_forgotten():
    first = board(night(ALERT), m=60)
    later = board(replace(night(), memory=first.memory), m=40)
    assert board(replace(night(), memory=later.memory), m=0).memory.problems == {}


def test_a_snoozed_problem_wakes_when_something_worse_joins_it():
    mild = replace(ALERT, impact=Impact.AT_RISK)
    snooze = Decision(id="d", act=Act.SNOOZE, refs=("am/f",), until=ago(-60), at=ago(5))
    worse = replace(ALERT, id="g", title="Gone", opened_at=ago(2))
    no_worse = replace(worse, impact=Impact.AT_RISK)
    assert len(board(night(mild, no_worse, decisions=(snooze,))).aside) == 1
    assert [p.on_fire for p in board(night(mild, worse, decisions=(snooze,))).problems] == [True]


def test_a_clock_survives_being_gone_for_a_quarter_of_an_hour():
    first = board(night(ALERT), m=20)
    gone = board(replace(night(), memory=board(replace(night(), memory=first.memory), m=18).memory), m=3)
    back = board(replace(night(replace(ALERT, opened_at=NOW)), memory=gone.memory))
    assert back.problems[0].alone.since == first.problems[0].alone.since


def test_a_machine_with_a_mail_address_is_nobody():
    assert board(night(replace(ALERT, taken_by="noreply@example.nl"))).problems[0].alone.rule is Rule.NOBODY


def test_a_promise_cannot_have_been_missed_before_the_problem_began():
    old = Message(id="0", voice=Voice.OURS, author="Sanne", text="Tot morgen", at=ago(100))
    told = replace(TICKET, messages=(old, *TICKET.messages), taken_by="Sanne", mine=True)
    assert board(night(told)).problems[0].alone.since == ago(8)


def test_quiet_needs_every_source_to_have_answered_in_time():
    fine = night()
    late = replace(fine, snapshots=(replace(fine.snapshots[0], answered_at=ago(2)),))
    doubted = replace(fine, snapshots=(replace(fine.snapshots[0], doubt="0, was 40"),))
    partial = replace(fine, snapshots=(replace(fine.snapshots[0], gap="makes no checks any more"),))
    never = replace(fine, snapshots=(replace(fine.snapshots[0], answered_at=None),))
    assert board(fine).quiet
    assert not any(board(told).quiet for told in (late, doubted, partial, never, Night()))


def test_impact_by_hand_can_be_taken_back():
    down = Decision(id="d", act=Act.IMPACT, refs=("desk/7",), value="down", at=ago(3))
    back = Decision(id="e", act=Act.IMPACT, refs=("desk/7",), value="", at=ago(1))
    assert board(night(TICKET, decisions=(down,))).problems[0].impact is Impact.DOWN
    assert board(night(TICKET, decisions=(down, back))).problems[0].impact is Impact.DEGRADED
