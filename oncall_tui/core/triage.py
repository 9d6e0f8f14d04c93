"""Snapshots, writes, settings and the time in; a board out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from msgspec.structs import replace

from oncall_tui import words
from oncall_tui.core import correlate, moments, urgency
from oncall_tui.core.alone import Nobodies, Promised, alone, hold, our_words, promise
from oncall_tui.core.customers import Register, Roll, key
from oncall_tui.core.identity import name_problems, remember_gone
from oncall_tui.core.overlay import paint
from oncall_tui.core.people import alerting, conversation, people
from oncall_tui.core.services import Services
from oncall_tui.core.wording import Alarm
from oncall_tui.model import (
    Act,
    Board,
    Decision,
    Health,
    Hurt,
    Impact,
    Kind,
    Memory,
    Night,
    Problem,
    Ref,
    Settings,
    Signal,
    Snapshot,
    Voice,
    Write,
)

GRACE_S = 15.0
"""A source is late when its answer is older than twice its interval, and than its interval and this."""


def triage(night: Night, settings: Settings, now: datetime, *, promised: Promised | None = None) -> Board:
    """The board at `now`: pure and deterministic. Hand its `memory` to the next call, also after a restart.

    `promised` reads the time that a reply of ours promises (`care.promises`); without it only promises that were kept
    with a write count.
    """
    table = _Table(night, settings, now, promised)
    problems = table.problems()
    ranked = sorted((problem for problem in problems if not problem.aside), key=urgency.place)
    told = tuple(replace(problem, rule=rule) for problem, rule in zip(ranked, urgency.rules(ranked), strict=True))
    aside = tuple(sorted((problem for problem in problems if problem.aside), key=urgency.place))
    sources = tuple(health(snapshot, now) for snapshot in night.snapshots)
    return Board(
        as_of=now,
        problems=told,
        aside=aside,
        sources=sources,
        outbox=night.writes,
        drafts=night.drafts,
        quiet=bool(sources) and all(s.live for s in sources) and not any(p.alone.is_alone for p in told),
        memory=table.remember(problems),
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
        live=fresh and not snapshot.fault and not snapshot.doubt and not snapshot.unreadable,
        asked_at=snapshot.asked_at,
        answered_at=answered_at,
        fault=snapshot.fault,
        fault_at=snapshot.fault_at,
        skew_s=snapshot.skew_s,
        signals=len(snapshot.signals),
        unreadable=snapshot.unreadable,
        doubt=snapshot.doubt,
        warning=snapshot.warning,
        can=snapshot.can,
    )


class _Table:
    """One triage under way: every signal with its customer, service and group."""

    def __init__(self, night: Night, settings: Settings, now: datetime, promised: Promised | None) -> None:
        self.night, self.settings, self.now, self.promised = night, settings, now, promised
        self.signals: list[Signal] = list(chain.from_iterable(paint(night.snapshots, night.writes, settings.me)))
        self.refs: list[Ref] = [f"{signal.source}/{signal.id}" for signal in self.signals]
        self.register = Register(settings.customers)
        self.roll = Roll(self.signals, self.register)
        recognise = Services(settings.services).recognise
        self.services = [recognise(signal) for signal in self.signals]
        self.alarm = Alarm(settings.alarm_words)
        self.nobodies = Nobodies(settings.bots)
        self.writes = _by_ref(night.writes)
        together = correlate.Together(self.signals, self.refs, self.roll, self.services)
        correlate.correlate(together, self.register, night.decisions, night.memory)
        self.components, self.joined = together.components()
        self.ids = name_problems(self.components, self.signals, self.refs, night.memory.problems)
        self.by_hand = _by_hand(night.decisions)
        self.first_seen: dict[Ref, datetime] = {}

    def problems(self) -> list[Problem]:
        """Each component as a problem, in no order yet."""
        return [self._problem(members, its) for members, its in zip(self.components, self.ids, strict=True)]

    def _problem(self, members: Sequence[int], its: str) -> Problem:
        now, weights = self.now, self.settings.weights
        signals = [self.signals[i] for i in members]
        services = [self.services[i] for i in members]
        refs = [self.refs[i] for i in members]
        persons = people(
            signals,
            keys=[self.roll.keys[i] for i in members],
            services=alerting(signals, services),
            register=self.register,
            names=self.roll.names,
            is_bot=self.nobodies,
        )
        persons.sort(key=lambda p: (-urgency.worth(p.hurt, weights), -p.hurt.spoke, -p.hurt.wrote, p.hurt.name))
        hurts = tuple(person.hurt for person in persons)
        base, impact, heard, by_hand = self._impact(signals, refs)
        on_fire = urgency.burns(impact, hurts)
        started_at = self._started(signals, refs)
        writes = tuple(chain.from_iterable(self.writes.get(ref, ()) for ref in refs)) if self.writes else ()
        held = hold(signals, self.settings.me, self.nobodies, now)
        said = our_words(signals, writes, self.nobodies, self.promised)
        promise_at = promise(said, writes, held, impact, weights, on_fire=on_fire) if held.by or said else None
        state = alone(
            persons,
            held,
            promise_at=promise_at,
            started_at=started_at,
            now=now,
            before=self.night.memory.since.get(its),
        )
        dues = self._dues(signals, hurts, started_at)
        pressing, due = moments.pressing(dues, now, weights.deadline_s)
        score, reasons = urgency.judge(
            urgency.Case(
                impact=impact, base=base, heard=heard, by_hand=by_hand, worst=hurts[0], hurt=len(hurts), alone=state,
                taken_by=held.by, promise_at=promise_at, wrote=sum(hurt.wrote for hurt in hurts), pressing=pressing, due=due,
            ),
            weights, now,
        )  # fmt: skip
        aside, aside_until = self._aside(signals, refs)
        return Problem(
            id=its,
            title=title(signals, services, hurts, impact, self.register),
            signals=tuple(signals),
            customers=hurts,
            impact=impact,
            on_fire=on_fire,
            alone=state,
            started_at=started_at,
            score=score,
            reasons=reasons,
            joined=self.joined.get(members[0], ()),
            taken_by=held.by,
            mine=held.mine,
            taken_at=held.at,
            promise_at=promise_at,
            moment=due.what if due else "",
            moment_at=due.at if due else None,
            writes=writes,
            aside=aside,
            aside_until=aside_until,
        )

    def _impact(self, signals: Sequence[Signal], refs: Sequence[Ref]) -> tuple[Impact, Impact, str, bool]:
        """Before and after the customers' own words, what they said, and whether it was set by hand."""
        if by_hand := self._decided(Act.IMPACT, refs):
            impact = Impact[by_hand.value.upper()]
            return impact, impact, "", True
        base = max(signal.impact for signal in signals)
        worst, heard = base, ""
        for signal in signals:
            may_raise = signal.kind is Kind.TICKET and base is not Impact.DOWN and signal.impact >= worst
            if may_raise and (phrase := self.alarm.heard(correlate.their_words(signal))):
                worst, heard = Impact(signal.impact + 1), phrase
        return (base, worst, heard, False) if worst > base else (base, base, "", False)

    def _decided(self, act: Act, refs: Sequence[Ref]) -> Decision | None:
        """The latest decision of that kind about any of the signals, unless it was taken back."""
        decisions = self.by_hand.get(act)
        if not decisions:
            return None
        found = [decision for ref in refs for decision in decisions.get(ref, ())]
        latest = max(found, key=lambda d: (d.at, d.id), default=None)
        return latest if latest and (latest.value or latest.until) else None

    def _started(self, signals: Sequence[Signal], refs: Sequence[Ref]) -> datetime:
        """The earliest start; one that lies in the future counts from when we first met the signal."""
        started_at = min(signal.opened_at for signal in signals)
        if started_at <= self.now:
            return started_at
        seen = [self.night.memory.first_seen.get(ref, self.now) for ref in refs]
        self.first_seen.update(zip(refs, seen, strict=True))
        return min(self.now, *seen)

    def _dues(self, signals: Sequence[Signal], hurts: Sequence[Hurt], started_at: datetime) -> list[moments.Due]:
        dues = [moments.due(signal.due_at, self.now) for signal in signals if signal.due_at]
        for hurt in hurts:
            if hurt.known:
                its = self.register.known[key(hurt.name)].moments
                found = (moments.nearest(moment, self.now, started_at) for moment in its)
                dues.extend(one for one in found if one)
        return dues

    def _aside(self, signals: Sequence[Signal], refs: Sequence[Ref]) -> tuple[str, datetime | None]:
        """Why it is out of the way, in words, and until when. A customer who writes brings it back."""
        snoozed = self._decided(Act.SNOOZE, refs)
        if snoozed and snoozed.until and snoozed.until > self.now and not _wrote_since(signals, snoozed.at):
            return f"snoozed until {words.clock(snoozed.until)}", snoozed.until
        if any(signal.kind is Kind.TICKET for signal in signals):
            return "", None
        if not all(signal.suppressed and not _is_over(signal.suppressed_until, self.now) for signal in signals):
            return "", None
        ends = [signal.suppressed_until for signal in signals if signal.suppressed_until]
        until = min(ends) if ends else None
        why = signals[0].suppressed
        return (f"{why} until {words.clock(until)}" if until else why), until

    def remember(self, problems: Sequence[Problem]) -> Memory:
        """What the next board needs to know of this one."""
        before, now = self.night.memory, self.now
        of: dict[Ref, str] = {}
        for members, its in zip(self.components, self.ids, strict=True):
            for i in members:
                of[self.refs[i]] = its
        gone = remember_gone(before, of, now) if before.problems else {}
        of.update((ref, before.problems[ref]) for ref in gone)
        since = {problem.id: (problem.alone.rule, problem.alone.since or now) for problem in problems}
        asleep = {before.problems[ref] for ref in gone} | {problem.id for problem in problems}
        since.update((its, before.since[its]) for its in asleep if its not in since and its in before.since)
        kept = {p.id: p.joined for p in problems if p.joined and any(s.kind is Kind.TICKET for s in p.signals)}
        kept.update((its, before.kept[its]) for its in asleep if its not in kept and its in before.kept)
        return Memory(problems=of, since=since, first_seen=self.first_seen, kept=kept, gone=gone)


def title(
    signals: Sequence[Signal], services: Sequence[str], hurts: Sequence[Hurt], impact: Impact, register: Register
) -> str:
    """What the one who is hurt most cannot do; else what they wrote; else what the worst alert says."""
    first = hurts[0]
    if impact is Impact.DOWN and first.core_process and first.known:
        depends = {name.casefold() for name in register.known[key(first.name)].depends_on}
        if any(name.casefold() in depends for name in services if name):
            return f"cannot {first.core_process}"
    tickets = [signal for signal in signals if signal.kind is Kind.TICKET]
    own = [signal for signal in tickets if signal.ref in first.refs] or tickets or signals
    worst = min(own, key=lambda signal: (-signal.impact, signal.opened_at, signal.ref))
    return worst.title


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


def _is_over(until: datetime | None, now: datetime) -> bool:
    return until is not None and until <= now


def _wrote_since(signals: Sequence[Signal], at: datetime) -> bool:
    return any(
        message.voice is Voice.THEIRS and message.at > at
        for signal in signals
        if signal.kind is Kind.TICKET
        for message in conversation(signal)
    )
