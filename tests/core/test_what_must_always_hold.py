"""Each sentence under "What must always hold", as a check of a ranking; and each check catches a broken ranking.

A ranking is what `triage` is: night, settings and the time in, a board out. The checks take it as an argument, so that the
deliberately broken ones at the end go through the very same tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as run
from hypothesis import strategies as st
from msgspec.structs import replace

from oncall_tui import model
from oncall_tui.core.triage import triage
from oncall_tui.model import (
    Alternative,
    Board,
    Impact,
    Kind,
    Message,
    Night,
    Problem,
    Process,
    Rule,
    Settings,
    Signal,
    Snapshot,
    Voice,
    Weights,
)
from tests.core import generated
from tests.core.generated import NOW, ago

Rank = Callable[[Night, Settings, datetime], Board]
CALM = {"max_examples": 150, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


# --- worsening -------------------------------------------------------------------------------------------------------

WORSE = {
    "its impact": lambda s: replace(s, impact=Impact(min(s.impact + 1, 4))),
    "an earlier start": lambda s: replace(s, opened_at=s.opened_at - timedelta(minutes=45)),
    "nobody has it": lambda s: replace(s, taken_by="", mine=False),
    "they write again": lambda s: replace(s, messages=(*s.messages, _theirs(s, 0))) if s.kind is Kind.TICKET else s,
    "we said nothing": lambda s: replace(s, messages=tuple(m for m in s.messages if m.voice is not Voice.OURS)),
    "an agreed time nears": lambda s: replace(s, due_at=min(s.due_at or ago(-60), ago(-60)) - timedelta(minutes=20)),
}


def _theirs(ticket: Signal, m: int) -> Message:
    return Message(id=f"new{m}", voice=Voice.THEIRS, author="x", text="hm", at=max(ago(m), ticket.opened_at))


def apart(signal: Signal, n: int) -> Signal:
    """The signal as a problem of its own, so that what is made worse does not change what it belongs to."""
    own = {
        "service": f"own-{n}",
        "host": "",
        "labels": {},
        "customer": f"Customer {n}",
        "title": f"Own{n}",
        "email": "",
    }
    opened = Message(id="open", voice=Voice.THEIRS, author="x", text="hm", at=signal.opened_at)
    said = (opened, *signal.messages) if signal.kind is Kind.TICKET else ()
    return replace(signal, **own, suppressed="", messages=said)


def worsening_never_lowers(rank: Rank, night: Night, settings: Settings, worse: str, pick: int) -> None:
    signals = [apart(s, n) for n, s in enumerate(s for snapshot in night.snapshots for s in snapshot.signals)]
    if not signals:
        return
    chosen = signals[pick % len(signals)]
    board = rank(_night(signals), settings, NOW)
    before = place_of(board, chosen.ref)
    if worse == "we said nothing" and board.problems[before].alone.rule is Rule.MISSED:
        return  # the word was a promise, and a broken one weighs more than silence
    signals[pick % len(signals)] = WORSE[worse](chosen)
    after = place_of(rank(_night(signals), settings, NOW), chosen.ref)
    assert after <= before, f"{worse}: from place {before} to {after}"


def _night(signals: list[Signal]) -> Night:
    snapshots = [
        Snapshot(source=name, kind=name, every_s=15, signals=tuple(s for s in signals if s.source == name))
        for name in ("am", "desk")
    ]
    return Night(snapshots=tuple(snapshots))


def place_of(board: Board, ref: str) -> int:
    return next(n for n, problem in enumerate(board.problems) if ref in problem.refs)


def a_worse_customer_never_lowers(rank: Rank, night: Night, settings: Settings, pick: int) -> None:
    """What hangs by it for a customer: a more important process, a poorer alternative."""
    if not settings.customers:
        return
    customer = settings.customers[pick % len(settings.customers)]
    worse = [
        replace(customer, process=Process.CORE),
        replace(customer, alternative=Alternative.NONE),
    ][pick % 2]
    others = tuple(worse if c is customer else c for c in settings.customers)
    before, after = rank(night, settings, NOW), rank(night, replace(settings, customers=others), NOW)
    for n, problem in enumerate(before.problems):
        if any(hurt.name == customer.name for hurt in problem.customers):
            above = {p.id for p in before.problems[:n]}
            overtaken = [
                p for p in after.problems[: place_of(after, problem.refs[0])]
                if p.id not in above and all(hurt.name != customer.name for hurt in p.customers)
            ]  # fmt: skip
            assert not overtaken


# --- the order -------------------------------------------------------------------------------------------------------


def fires_come_first(rank: Rank, night: Night, settings: Settings) -> None:
    burning = [p.alone.is_alone and p.on_fire for p in rank(night, settings, NOW).problems]
    assert burning == sorted(burning, reverse=True)


def nobody_starves(rank: Rank, night: Night, settings: Settings) -> None:
    lonely = [p.alone.is_alone for p in rank(night, settings, NOW).problems]
    assert lonely == sorted(lonely, reverse=True)


def what_they_pay_never_enters(rank: Rank, night: Night, settings: Settings) -> None:
    def rich(signal: Signal) -> Signal:
        return replace(signal, labels={**signal.labels, "tier": "platinum", "plan": "enterprise", "revenue": "1000000"})

    golden = tuple(replace(s, signals=tuple(map(rich, s.signals))) for s in night.snapshots)
    before, after = rank(night, settings, NOW), rank(replace(night, snapshots=golden), settings, NOW)
    assert [(p.id, p.score) for p in before.problems] == [(p.id, p.score) for p in after.problems]


def the_parts_add_up(rank: Rank, night: Night, settings: Settings) -> None:
    board = rank(night, settings, NOW)
    for problem in (*board.problems, *board.aside):
        assert sum(reason.points for reason in problem.reasons) == pytest.approx(problem.score)
        assert all(reason.words for reason in problem.reasons)
    for upper, lower in pairwise(board.problems):
        assert names_the_rule(upper, lower), (upper.rule, upper.score, lower.score)


def names_the_rule(upper: Problem, lower: Problem) -> bool:
    """Worked out anew: the first of the comparisons in which the two differ is the one that is named."""
    compared = [
        (
            "on fire and alone: before",
            (upper.on_fire and upper.alone.is_alone) != (lower.on_fire and lower.alone.is_alone),
        ),
        ("alone: before", upper.alone.is_alone != lower.alone.is_alone),
        ("higher score", upper.score != lower.score),
        ("started earlier", upper.started_at != lower.started_at),
        ("by its id", True),
    ]
    return next(name for name, differs in compared if differs) in upper.rule


def a_wrong_clock_hides_nobody(rank: Rank, night: Night, settings: Settings) -> None:
    board = rank(night, settings, NOW)
    shown = sorted(ref for problem in (*board.problems, *board.aside) for ref in problem.refs)
    assert shown == sorted(s.ref for snapshot in night.snapshots for s in snapshot.signals)
    for problem in (*board.problems, *board.aside):
        assert problem.started_at <= NOW
        assert problem.alone.since is not None
        assert problem.alone.since <= NOW
        assert problem.score > 0
        assert not any(re.search(r"-\d", reason.words) for reason in problem.reasons if reason.factor == "waiting")


def a_skew_changes_nothing(rank: Rank, night: Night, settings: Settings) -> None:
    """The same night told by sources whose clocks are wrong, and known to be, is the same board."""
    right = replace(night, snapshots=tuple(replace(s, skew_s=0.0) for s in night.snapshots))
    wrong = replace(night, snapshots=tuple(_skewed(s, 3600.0) for s in right.snapshots))
    one, other = rank(right, settings, NOW), rank(wrong, settings, NOW)
    assert [(p.id, p.score, p.alone) for p in one.problems] == [(p.id, p.score, p.alone) for p in other.problems]


def _skewed(snapshot: Snapshot, skew_s: float) -> Snapshot:
    from oncall_tui.core.overlay import by_our_clock

    shift = timedelta(seconds=skew_s)
    return replace(snapshot, skew_s=skew_s, signals=tuple(by_our_clock(s, shift) for s in snapshot.signals))


def a_join_hides_no_customer(rank: Rank, night: Night, settings: Settings) -> None:
    board = rank(night, settings, NOW)
    for problem in (*board.problems, *board.aside):
        listed = {ref for hurt in problem.customers for ref in hurt.refs}
        assert {s.ref for s in problem.signals if s.kind is Kind.TICKET} <= listed
        if len(problem.signals) > 1:
            assert problem.joined


CHECKS = {
    check.__name__: check
    for check in (
        fires_come_first,
        nobody_starves,
        what_they_pay_never_enters,
        the_parts_add_up,
        a_wrong_clock_hides_nobody,
        a_skew_changes_nothing,
        a_join_hides_no_customer,
    )
}


@pytest.mark.parametrize("name", CHECKS)
def test_it_always_holds(name: str):
    @run(**CALM)
    @given(generated.nights(), generated.settings)
    def holds(night: Night, settings: Settings):
        CHECKS[name](triage, night, settings)

    holds()


@pytest.mark.parametrize("worse", WORSE)
def test_worsening_one_input_never_lowers_a_problem(worse: str):
    @run(**CALM)
    @given(generated.nights(4), generated.settings, st.integers(0, 7))
    def holds(night: Night, settings: Settings, pick: int):
        worsening_never_lowers(triage, night, settings, worse, pick)

    holds()


@run(**CALM)
@given(generated.nights(), generated.settings, st.integers(0, 7))
def test_what_matters_more_to_a_customer_never_lowers_their_problems(night: Night, settings: Settings, pick: int):
    a_worse_customer_never_lowers(triage, night, settings, pick)


@run(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(generated.nights(150), generated.settings)
def test_it_holds_with_hundreds_of_signals(night: Night, settings: Settings):
    for check in CHECKS.values():
        check(triage, night, settings)


def test_there_is_no_field_for_what_a_customer_pays():
    nouns = [noun for noun in vars(model).values() if isinstance(noun, type) and issubclass(noun, model.Noun)]
    fields = {field for noun in nouns for field in noun.__struct_fields__}
    assert not {f for f in fields if re.search(r"pay|pric|revenue|contract|tier|plan$|budget|vip|gold", f)}


# --- the checks themselves: each was seen to fail --------------------------------------------------------------------


def ordered(order: Callable[[Problem], object]) -> Rank:
    """A ranking that sorts in another way."""

    def rank(night: Night, settings: Settings, now: datetime) -> Board:
        board = triage(night, settings, now)
        return replace(board, problems=tuple(sorted(board.problems, key=order)))

    return rank


def weighed(**weights: float) -> Rank:
    """A ranking with weights that do not make sense."""

    def rank(night: Night, settings: Settings, now: datetime) -> Board:
        return triage(night, replace(settings, weights=Weights(**weights)), now)

    return rank


def tampered(change: Callable[[Problem], Problem | None]) -> Rank:
    """A ranking that tells its problems differently."""

    def rank(night: Night, settings: Settings, now: datetime) -> Board:
        board = triage(night, settings, now)
        changed = [change(problem) for problem in board.problems]
        return replace(board, problems=tuple(problem for problem in changed if problem))

    return rank


def by_money(problem: Problem) -> tuple[bool, float]:
    return ("platinum" not in {s.labels.get("tier") for s in problem.signals[:1]}, -problem.score)


def as_told(night: Night, settings: Settings, now: datetime) -> Board:
    """A ranking that believes every source's clock."""
    return triage(replace(night, snapshots=tuple(replace(s, skew_s=0.0) for s in night.snapshots)), settings, now)


BROKEN = {
    "fires by score": (fires_come_first, ordered(lambda p: (not p.alone.is_alone, -p.score))),
    "score alone": (nobody_starves, ordered(lambda p: -p.score)),
    "the oldest first": (nobody_starves, ordered(lambda p: p.started_at)),
    "the rich first": (what_they_pay_never_enters, ordered(by_money)),
    "a line is missing": (the_parts_add_up, tampered(lambda p: replace(p, reasons=p.reasons[:-1]))),
    "another rule is named": (the_parts_add_up, tampered(lambda p: replace(p, rule="because"))),
    "the future is hidden": (a_wrong_clock_hides_nobody, tampered(lambda p: None if p.alone.since == NOW else p)),
    "a clock runs backward": (
        a_wrong_clock_hides_nobody,
        tampered(lambda p: replace(p, alone=replace(p.alone, since=p.signals[0].opened_at))),
    ),
    "every clock is believed": (a_skew_changes_nothing, as_told),
    "only the first customer": (a_join_hides_no_customer, tampered(lambda p: replace(p, customers=p.customers[:1]))),
    "a join without a reason": (a_join_hides_no_customer, tampered(lambda p: replace(p, joined=()))),
}
BROKEN_WORSENING = {
    "the mildest first": ("its impact", weighed(down=1, degraded=2, at_risk=3, question=4)),
    "the youngest first": ("an earlier start", weighed(waiting_first=-0.5, waiting_hour=0)),
    "who is in hand first": ("nobody has it", ordered(lambda p: p.alone.is_alone)),
    "the silent first": ("they write again", weighed(voice=-6.0)),
    "the told first": ("we said nothing", ordered(lambda p: (not p.on_fire, p.alone.is_alone, -p.score))),
    "deadlines last": ("an agreed time nears", weighed(deadline=-0.5)),
}
ONCE = run(
    max_examples=600,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", BROKEN)
def test_each_property_catches_a_broken_ranking(name: str):
    check, rank = BROKEN[name]

    @ONCE
    @given(generated.nights(), generated.settings)
    def holds(night: Night, settings: Settings):
        check(rank, night, settings)

    with pytest.raises(AssertionError):
        holds()


@pytest.mark.parametrize("name", BROKEN_WORSENING)
def test_worsening_catches_a_broken_ranking(name: str):
    worse, rank = BROKEN_WORSENING[name]

    @ONCE
    @given(generated.nights(4), generated.settings, st.integers(0, 7))
    def holds(night: Night, settings: Settings, pick: int):
        worsening_never_lowers(rank, night, settings, worse, pick)

    with pytest.raises(AssertionError):
        holds()


def test_the_customers_property_catches_a_broken_ranking():
    @ONCE
    @given(generated.nights(), generated.settings, st.integers(0, 7))
    def holds(night: Night, settings: Settings, pick: int):
        a_worse_customer_never_lowers(weighed(no_alternative=0.1, core=0.1, peripheral=1), night, settings, pick)

    with pytest.raises(AssertionError):
        holds()
