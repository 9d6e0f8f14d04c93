"""Which problem is first: stake x spread x waiting + voice + deadline, every term with its reason; then the order.

The numbers are `Weights`; the sentences of product.md ("Urgency") are the law.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from math import log2
from typing import TypeAlias

from oncall_tui import words
from oncall_tui.core.moments import Due
from oncall_tui.model import Alone, Alternative, Hurt, Impact, Noun, Problem, Process, Reason, Rule, Weights

Place: TypeAlias = tuple[bool, bool, float, datetime, str]

_ALTERNATIVE = {
    Alternative.NONE: "no alternative",
    Alternative.MANUAL: "can be done by hand meanwhile",
    Alternative.FAILOVER: "failover works",
}


class Case(Noun, frozen=True, kw_only=True):
    """All that the score of one problem is made of. `base` is the impact before the customer's own words raised it."""

    impact: Impact
    base: Impact
    heard: str = ""
    by_hand: bool = False
    worst: Hurt
    hurt: int
    alone: Alone
    taken_by: str = ""
    promise_at: datetime | None = None
    wrote: int = 0
    pressing: float = 0.0
    due: Due | None = None


def burns(impact: Impact, persons: Sequence[Hurt]) -> bool:
    """On fire: down, for somebody whose core process it is and who has no working failover."""
    return impact is Impact.DOWN and any(
        hurt.process is Process.CORE and hurt.alternative is not Alternative.FAILOVER for hurt in persons
    )


def worth(hurt: Hurt, weights: Weights) -> float:
    """What part of the impact's points is at stake for this customer: process x alternative."""
    process = {
        Process.CORE: weights.core,
        Process.SUPPORTING: weights.supporting,
        Process.PERIPHERAL: weights.peripheral,
    }
    alternative = {
        Alternative.NONE: weights.no_alternative,
        Alternative.MANUAL: weights.manual,
        Alternative.FAILOVER: weights.failover,
    }
    return process[hurt.process] * alternative[hurt.alternative]


def points(impact: Impact, weights: Weights) -> float:
    """What an impact weighs for a core process without alternative."""
    return {
        Impact.DOWN: weights.down,
        Impact.DEGRADED: weights.degraded,
        Impact.AT_RISK: weights.at_risk,
        Impact.QUESTION: weights.question,
    }[impact]


def judge(case: Case, weights: Weights, now: datetime) -> tuple[float, tuple[Reason, ...]]:
    """The score and the lines that add up to it. A line that gives no points and says nothing is left out."""
    part = worth(case.worst, weights)
    first = points(case.base, weights) * part
    stake = points(case.impact, weights) * part
    spread = min(weights.spread_most, 1 + weights.spread * log2(case.hurt)) if case.hurt > 1 else 1.0
    waits = waiting(case, weights, now)
    reasons = [Reason(factor="stake", words=_stake_words(case), points=first)]
    if case.heard:
        reasons.append(
            Reason(factor="their words", words=f'they say "{case.heard}": one step worse', points=stake - first)
        )
    if case.hurt > 1:
        reasons.append(Reason(factor="spread", words=f"{case.hurt} customers hurt", points=stake * (spread - 1)))
    reasons.append(Reason(factor="waiting", words=_waiting_words(case, now), points=stake * spread * (waits - 1)))
    if case.wrote:
        reasons.append(_voice(case.wrote, weights))
    if case.due is not None and case.pressing:
        pressure = weights.deadline * stake * case.pressing
        reasons.append(Reason(factor="deadline", words=case.due.words, points=pressure))
    return sum(reason.points for reason in reasons), tuple(reasons)


def waiting(case: Case, weights: Weights, now: datetime) -> float:
    """The factor for the time alone; while somebody is with them, for how near the promise is."""
    if case.alone.rule is Rule.WITH_THEM:
        return _in_hand(case.promise_at, weights, now)
    return waited(case.alone, now, weights) * {Rule.MISSED: weights.missed, Rule.UNTOLD: weights.untold}.get(
        case.alone.rule, 1.0
    )


def waited(alone: Alone, now: datetime, weights: Weights) -> float:
    """1 when the clock starts, 1.5 after 5 minutes, 0.25 more for each further hour. Never less than 1."""
    seconds = max(0.0, (now - alone.since).total_seconds()) if alone.since else 0.0
    if seconds <= weights.waiting_first_s:
        return 1 + weights.waiting_first * seconds / weights.waiting_first_s
    return 1 + weights.waiting_first + weights.waiting_hour * (seconds - weights.waiting_first_s) / 3600


def _in_hand(promise_at: datetime | None, weights: Weights, now: datetime) -> float:
    if promise_at is None:
        return weights.in_hand
    left_s = max(0.0, (promise_at - now).total_seconds())
    near = max(0.0, 1 - left_s / weights.in_hand_due_s)
    return weights.in_hand + (weights.in_hand_due - weights.in_hand) * near


def _voice(wrote: int, weights: Weights) -> Reason:
    told = "wrote once" if wrote == 1 else f"wrote {wrote} times"
    return Reason(
        factor="voice", words=f"{told} since our last word", points=min(weights.voice_most, weights.voice * wrote)
    )


def _stake_words(case: Case) -> str:
    impact = case.base.word.replace("_", " ") + (" (set by hand)" if case.by_hand else "")
    return f"{impact}, {case.worst.process} process, {_ALTERNATIVE[case.worst.alternative]}"


def _waiting_words(case: Case, now: datetime) -> str:
    if case.alone.rule is not Rule.WITH_THEM:
        for_s = (now - case.alone.since).total_seconds() if case.alone.since else 0
        return (
            f"{case.alone.why}, alone for {words.span(for_s)}" if for_s >= 60 else f"{case.alone.why}, alone just now"
        )
    if case.promise_at is None:
        return f"{case.taken_by} is with them"
    due = words.ahead(case.promise_at, now)
    return f"{case.taken_by} is with them, word due {due}"


def place(problem: Problem) -> Place:
    """The order of the board: sort by this, least first. No field of it knows what anybody pays."""
    lonely = problem.alone.is_alone
    return (not (lonely and problem.on_fire), not lonely, -problem.score, problem.started_at, problem.id)


def rules(ranked: Sequence[Problem]) -> list[str]:
    """For each problem of the ranked board, in words, which comparison put it before the next one."""
    told = [_rule(upper, lower) for upper, lower in pairwise(ranked)]
    return [*told, *(_last(problem) for problem in ranked[-1:])]


def _rule(upper: Problem, lower: Problem) -> str:
    fire, lonely = upper.alone.is_alone and upper.on_fire, upper.alone.is_alone
    if fire != (lower.alone.is_alone and lower.on_fire):
        return "on fire and alone: before everything else"
    if lonely != lower.alone.is_alone:
        return "alone: before all who are not"
    both = "both on fire and alone" if fire else "both alone" if lonely else "both in hand"
    if upper.score != lower.score:
        return f"{both}: the higher score, {upper.score:.1f} over {lower.score:.1f}"
    if upper.started_at != lower.started_at:
        return f"{both}, the same score: it started earlier"
    return f"{both}, the same score and start: by its id"


def _last(problem: Problem) -> str:
    if not problem.alone.is_alone:
        return "in hand: nothing is less urgent"
    return "on fire and alone" if problem.on_fire else "alone"
