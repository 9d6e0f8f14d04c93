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
from oncall_tui.core.alone import Hold
from oncall_tui.core.moments import Due
from oncall_tui.model import Alone, Alternative, Hurt, Impact, Noun, Problem, Process, Reason, Rule, Weights

Place: TypeAlias = tuple[bool, bool, float, datetime, str]

_ALTERNATIVE = {
    Alternative.NONE: "no alternative",
    Alternative.MANUAL: "can be done by hand meanwhile",
    Alternative.FAILOVER: "failover works",
}


class Stake(Noun, frozen=True, kw_only=True):
    """What hangs by a problem before any time is counted: the stake itself, with the spread, and the lines for both."""

    points: float
    spread_points: float
    reasons: tuple[Reason, ...]


class Scale:
    """The weights, made quick to ask. `worth` is process x alternative: what part of the impact's points is at stake."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.points = {
            Impact.DOWN: weights.down,
            Impact.DEGRADED: weights.degraded,
            Impact.AT_RISK: weights.at_risk,
            Impact.QUESTION: weights.question,
        }
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
        self.worth = {(p, a): process[p] * alternative[a] for p in Process for a in Alternative}
        self._stakes: dict[tuple[object, ...], Stake] = {}

    def stake(self, base: Impact, impact: Impact, worst: Hurt, hurt: int, *, heard: str, by_hand: bool) -> Stake:
        """For `hurt` customers of whom `worst` is hurt the most; `base` is the impact before their words raised it."""
        seen = (base, impact, worst.process, worst.alternative, hurt, heard, by_hand)
        if seen not in self._stakes:
            self._stakes[seen] = self._weigh(base, impact, worst, hurt, heard=heard, by_hand=by_hand)
        return self._stakes[seen]

    def _weigh(self, base: Impact, impact: Impact, worst: Hurt, hurt: int, *, heard: str, by_hand: bool) -> Stake:
        part = self.worth[worst.process, worst.alternative]
        first, stake = self.points[base] * part, self.points[impact] * part
        many = min(self.weights.spread_most, 1 + self.weights.spread * log2(hurt))
        told = base.word.replace("_", " ") + (" (set by hand)" if by_hand else "")
        told = f"{told}, {worst.process} process, {_ALTERNATIVE[worst.alternative]}"
        reasons = [Reason(factor="stake", words=told, points=first)]
        if heard:
            told = f'they say "{heard}": one step worse'
            reasons.append(Reason(factor="their words", words=told, points=stake - first))
        if hurt > 1:
            reasons.append(Reason(factor="spread", words=f"{hurt} customers hurt", points=stake * (many - 1)))
        return Stake(points=stake, spread_points=stake * many, reasons=tuple(reasons))


def burns(impact: Impact, persons: Sequence[Hurt]) -> bool:
    """On fire: down, for somebody whose core process it is and who has no working failover."""
    return impact is Impact.DOWN and any(
        hurt.process is Process.CORE and hurt.alternative is not Alternative.FAILOVER for hurt in persons
    )


def judge(
    stake: Stake,
    alone: Alone,
    held: Hold,
    weights: Weights,
    now: datetime,
    *,
    promise_at: datetime | None = None,
    wrote: int = 0,
    pressing: float = 0.0,
    due: Due | None = None,
) -> tuple[float, tuple[Reason, ...]]:
    """The score and the lines that add up to it; `wrote` counts messages since our last word, `pressing` is 0 to 1."""
    if alone.rule is Rule.WITH_THEM:
        factor = _in_hand(promise_at, weights, now)
    else:
        factor = waited(alone, now, weights)
        if alone.rule is not Rule.NOBODY:
            factor *= weights.missed if alone.rule is Rule.MISSED else weights.untold
    told = _waiting_words(alone, held, promise_at, now)
    waits = Reason(factor="waiting", words=told, points=stake.spread_points * (factor - 1))
    score = stake.spread_points * factor
    if not wrote and not pressing:
        return score, (*stake.reasons, waits)
    reasons = [*stake.reasons, waits]
    if wrote:
        reasons.append(_voice(wrote, weights))
        score += reasons[-1].points
    if due is not None and pressing:
        reasons.append(Reason(factor="deadline", words=due.words, points=weights.deadline * stake.points * pressing))
        score += reasons[-1].points
    return score, tuple(reasons)


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


def _waiting_words(alone: Alone, held: Hold, promise_at: datetime | None, now: datetime) -> str:
    if alone.rule is not Rule.WITH_THEM:
        for_s = (now - alone.since).total_seconds() if alone.since else 0
        return f"{alone.why}, alone for {words.span(for_s)}" if for_s >= 60 else f"{alone.why}, alone just now"
    if promise_at is None:
        return f"{held.by} is with them"
    return f"{held.by} is with them, word due {words.ahead(promise_at, now)}"


def place(problem: Problem) -> Place:
    """The order of the board: sort by this, least first. No field of it knows what anybody pays."""
    lonely = problem.alone.is_alone
    return (not (lonely and problem.on_fire), not lonely, -problem.score, problem.started_at, problem.id)


def rules(ranked: Sequence[Problem]) -> list[str]:
    """For each problem of the ranked board, in words, which comparison put it before the next one."""
    told = [_rule(upper, lower) for upper, lower in pairwise(ranked)]
    return [*told, *(_last(problem) for problem in ranked[-1:])]


def _rule(upper: Problem, lower: Problem) -> str:
    lonely, also = upper.alone.is_alone, lower.alone.is_alone
    fire = lonely and upper.on_fire
    if fire != (also and lower.on_fire):
        return "on fire and alone: before everything else"
    if lonely != also:
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
