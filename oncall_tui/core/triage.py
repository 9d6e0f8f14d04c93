"""Snapshots, writes, settings and the time in; a board out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from msgspec.structs import replace

from oncall_tui import words
from oncall_tui.core import moments, urgency
from oncall_tui.core.alone import Hold, Promised, alone, hold, promise
from oncall_tui.core.case import Case, earliest_start
from oncall_tui.core.columns import Pack
from oncall_tui.core.correlate import correlate
from oncall_tui.core.customers import settle
from oncall_tui.core.identity import name_problems, remember_gone
from oncall_tui.core.overlay import painted_writes
from oncall_tui.core.together import Together
from oncall_tui.core.work import Work
from oncall_tui.model import (
    Act,
    Alone,
    Board,
    Decision,
    Health,
    Memory,
    Night,
    Problem,
    Ref,
    Settings,
    Snapshot,
    Write,
)

GRACE_S = 15.0
"""A source is late when its answer is older than twice its interval, and than its interval and this."""


def triage(
    night: Night, settings: Settings, now: datetime, *, promised: Promised | None = None, work: Work | None = None
) -> Board:
    """The board at `now`: pure and deterministic. Hand its `memory` to the next call, also after a restart.

    `promised` reads the time that a reply of ours promises (`care.promises`); without it only promises that were kept
    with a write count. `work` carries what can be used again from call to call; the board is the same without it.
    """
    table = _Table(night, settings, now, (work or Work()).on(settings, promised))
    problems, aside = table.problems()
    sources = tuple(health(snapshot, now) for snapshot in night.snapshots)
    return Board(
        as_of=now,
        problems=problems,
        aside=aside,
        sources=sources,
        outbox=night.writes,
        drafts=night.drafts,
        quiet=bool(sources) and all(s.live for s in sources) and not any(p.alone.is_alone for p in problems),
        memory=table.remember((*problems, *aside)),
        trouble=night.trouble,
    )


def health(snapshot: Snapshot, now: datetime) -> Health:
    """Whether a source answered within its interval, and whole."""
    grace_s = max(2 * snapshot.every_s, snapshot.every_s + GRACE_S)
    answered_at = snapshot.answered_at
    fresh = answered_at is not None and (now - answered_at).total_seconds() <= grace_s
    return Health(
        name=snapshot.source,
        kind=snapshot.kind,
        live=fresh and not (snapshot.fault or snapshot.doubt or snapshot.gap or snapshot.unreadable),
        asked_at=snapshot.asked_at,
        answered_at=answered_at,
        fault=snapshot.fault,
        fault_at=snapshot.fault_at,
        skew_s=snapshot.skew_s,
        signals=len(snapshot.signals),
        unreadable=snapshot.unreadable,
        doubt=snapshot.doubt,
        gap=snapshot.gap,
        warning=snapshot.warning,
        can=snapshot.can,
        cannot=snapshot.cannot,
    )


class _Table:
    """One triage under way: the problems' signals, what is known of them, and why they are together."""

    def __init__(self, night: Night, settings: Settings, now: datetime, work: Work) -> None:
        self.night, self.settings, self.now, self.work = night, settings, now, work
        self.ground = work.ground
        over = painted_writes(night.snapshots, night.writes)
        loose = any(decision.act is Act.SPLIT for decision in night.decisions)
        columns = [work.columns(s, its, loose=loose) for s, its in zip(night.snapshots, over, strict=True)]
        keys, self.names = settle([one.roll for one in columns], self.ground.register)
        self.writes = _by_ref(night.writes)
        together = Together(columns, keys, self.names)
        correlate(together, self.ground.register, night.decisions, night.memory)
        components, self.joined = together.components()
        self.packs = [together.pack(bundles) for bundles in components]
        self.ids = name_problems(self.packs, night.memory.problems)
        self.by_hand = _by_hand(night.decisions)
        self.first_seen: dict[Ref, datetime] = {}
        self.with_tickets: set[str] = set()

    def problems(self) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        """Ranked, and those out of the way in the same order."""
        found = [self._problem(*one) for one in zip(self.ids, self.packs, self.joined, strict=True)]
        self.work.keep(self.ids)
        found.sort(key=urgency.place)
        ranked = [problem for problem in found if not problem.aside]
        rules = urgency.rules(ranked)
        return (
            tuple([replace(problem, rule=rule) for problem, rule in zip(ranked, rules, strict=True)]),
            tuple([problem for problem in found if problem.aside]),
        )

    def _problem(self, its: str, pack: Pack, joined: tuple[str, ...]) -> Problem:
        case = self._case(its, pack, joined)
        now, weights = self.now, self.settings.weights
        started_at = earliest_start(case, now, self.night.memory.first_seen, self.first_seen)
        held, promise_at, state = self._standing(its, case, started_at)
        pressing, due = self._pressing(case, started_at)
        score, reasons = urgency.judge(
            case.stake, state, held, weights, now, promise_at=promise_at, wrote=case.wrote, pressing=pressing, due=due
        )
        aside, aside_until = self._aside(case)
        if not case.is_machine:
            self.with_tickets.add(its)
        return Problem(
            id=its,
            title=case.title,
            signals=pack[0],
            customers=case.hurts,
            impact=case.impact,
            on_fire=case.on_fire,
            alone=state,
            started_at=started_at,
            score=score,
            reasons=reasons,
            joined=joined,
            taken_by=held.by,
            mine=held.mine,
            taken_at=held.at,
            promise_at=promise_at,
            moment=due.what if due else "",
            moment_at=due.at if due else None,
            moment_zone=due.zone if due else "",
            writes=case.inputs[4],
            aside=aside,
            aside_until=aside_until,
        )

    def _standing(self, its: str, case: Case, started_at: datetime) -> tuple[Hold, datetime | None, Alone]:
        """Who has it, by when they said that they would be heard of, and whether the customers are alone by that."""
        now, held = self.now, hold(case.taken, self.settings.me, self.now)
        promise_at = None
        if held.by or case.said:
            weights = self.settings.weights
            promise_at = promise(case.said, case.inputs[4], held, case.impact, weights, on_fire=case.on_fire)
        before = self.night.memory.since.get(its)
        state = alone(case.persons, held, promise_at=promise_at, started_at=started_at, now=now, before=before)
        return held, promise_at, state

    def _case(self, its: str, pack: Pack, joined: tuple[str, ...]) -> Case:
        refs = pack[1]
        by_hand = self._decided(Act.IMPACT, refs)
        writes = tuple(chain.from_iterable(self.writes.get(ref, ()) for ref in refs)) if self.writes else ()
        return self.work.case(its, (*pack, writes, by_hand.value if by_hand else "", joined), self.names)

    def _decided(self, act: Act, refs: Sequence[Ref]) -> Decision | None:
        """The latest decision of that kind about any of the signals, unless it was taken back."""
        decisions = self.by_hand.get(act)
        if not decisions:
            return None
        found = [decision for ref in refs for decision in decisions.get(ref, ())]
        latest = max(found, key=lambda d: (d.at, d.id), default=None)
        return latest if latest and (latest.value or latest.until) else None

    def _pressing(self, case: Case, started_at: datetime) -> tuple[float, moments.Due | None]:
        if not case.dues and not case.moments:
            return 0.0, None
        dues = [moments.due(at, self.now) for at in case.dues]
        found = (moments.nearest(moment, self.now, started_at) for moment in case.moments)
        dues.extend(one for one in found if one)
        return moments.pressing(dues, self.now, self.settings.weights.deadline_s)

    def _aside(self, case: Case) -> tuple[str, datetime | None]:
        """Why it is out of the way, in words, and until when. A customer who writes brings it back, or what is worse."""
        signals, refs, *_ = case.inputs
        snoozed = self._decided(Act.SNOOZE, refs)
        if snoozed and snoozed.until and snoozed.until > self.now and not _woke(case, snoozed):
            return f"snoozed until {words.when(snoozed.until, self.now)}", snoozed.until
        if not case.suppressed:
            return "", None
        ends = [signal.suppressed_until for signal in signals if signal.suppressed_until]
        until = min(ends, default=None)
        if until is not None and until <= self.now:
            return "", None
        why = signals[0].suppressed
        return (f"{why} until {words.when(until, self.now)}" if until else why), until

    def remember(self, problems: Sequence[Problem]) -> Memory:
        """What the next board needs to know of this one."""
        before, now = self.night.memory, self.now
        of: dict[Ref, str] = {}
        for its, (_, refs, *_) in zip(self.ids, self.packs, strict=True):
            of.update(dict.fromkeys(refs, its))
        gone = remember_gone(before, of, now) if before.problems else {}
        of.update((ref, before.problems[ref]) for ref in gone)
        since = {problem.id: (problem.alone.rule, problem.alone.since or now) for problem in problems}
        kept = {p.id: p.joined for p in problems if p.joined and p.id in self.with_tickets}
        asleep = {*of.values()} if before.since else set()
        since.update((its, before.since[its]) for its in asleep if its not in since and its in before.since)
        kept.update((its, before.kept[its]) for its in asleep if its not in kept and its in before.kept)
        return Memory(problems=of, since=since, first_seen=self.first_seen, kept=kept, gone=gone)


def _by_ref(writes: Sequence[Write]) -> Mapping[Ref, list[Write]]:
    found: dict[Ref, list[Write]] = {}
    for write in sorted(writes, key=lambda write: (write.asked_at, write.id)):
        found.setdefault(write.ref, []).append(write)
    return found


def _by_hand(decisions: Sequence[Decision]) -> Mapping[Act, Mapping[Ref, list[Decision]]]:
    found: dict[Act, dict[Ref, list[Decision]]] = {}
    for decision in decisions:
        for ref in decision.refs:
            found.setdefault(decision.act, {}).setdefault(ref, []).append(decision)
    return found


def _woke(case: Case, snoozed: Decision) -> bool:
    """Whether a customer wrote since it was snoozed, or something began that is worse than what was put aside."""
    if any(hurt.last_wrote_at is not None and hurt.last_wrote_at > snoozed.at for hurt in case.hurts):
        return True
    signals, refs, *_ = case.inputs
    put = set(snoozed.refs)
    known = max((s.impact for s, ref in zip(signals, refs, strict=True) if ref in put), default=0)
    return any(
        ref not in put and signal.opened_at > snoozed.at and signal.impact > known
        for signal, ref in zip(signals, refs, strict=True)
    )
