"""What is known of one problem whatever the time: who is hurt, how badly, who has it, what was said. The clock comes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from oncall_tui.core import urgency
from oncall_tui.core.alone import Nobodies, Promised, Word, our_words
from oncall_tui.core.customers import Register, key
from oncall_tui.core.people import alerting, people
from oncall_tui.core.services import Services
from oncall_tui.core.wording import Alarm, their_words
from oncall_tui.model import RESOLVED, Hurt, Impact, Kind, Moment, Ref, Settings, Signal, Weights, Write

Inputs: TypeAlias = tuple[
    tuple[Signal, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[Write, ...], str, tuple[str, ...]
]
"""Signals with their refs, their customers' keys and services; writes, the impact set by hand, why they are together."""


class Ground:
    """What all cases of a board stand on: the settings, made quick to ask."""

    def __init__(self, settings: Settings, promised: Promised | None) -> None:
        self.settings, self.promised = settings, promised
        self.register = Register(settings.customers)
        self.services = Services(settings.services)
        self.alarm = Alarm(settings.alarm_words)
        self.nobodies = Nobodies(settings.bots)
        self.scale = urgency.Scale(settings.weights)

    @property
    def weights(self) -> Weights:
        return self.settings.weights


class Case:
    """One problem's standing facts. `inputs` is all that they were made of: equal inputs make an equal case."""

    __slots__ = (
        "base", "dues", "earliest", "heard", "hurts", "impact", "inputs", "is_machine", "moments", "on_fire", "persons",
        "said", "stake", "suppressed", "taken", "title", "wrote",
    )  # fmt: skip

    def __init__(self, inputs: Inputs, ground: Ground, names: Mapping[str, str]) -> None:
        signals, refs, keys, services, writes, by_hand, _ = self.inputs = inputs
        tickets = [signal for signal in signals if signal.kind is Kind.TICKET]
        self.is_machine = not tickets
        self.earliest = min([signal.opened_at for signal in signals])
        self.taken = tuple([s for s in signals if s.taken_by and not ground.nobodies[s.taken_by]])
        self.suppressed = all(map(_is_out_of_the_way, signals))
        self.persons = people(
            signals,
            refs=refs,
            keys=keys,
            services=alerting(signals, services) if ground.register.dependents else (),
            register=ground.register,
            names=names,
            is_bot=ground.nobodies,
        )
        if len(self.persons) > 1:
            worth = ground.scale.worth
            self.persons.sort(
                key=lambda p: (-worth[p.hurt.process, p.hurt.alternative], -p.hurt.spoke, -p.hurt.wrote, p.hurt.name)
            )
        self.hurts: tuple[Hurt, ...] = tuple([person.hurt for person in self.persons])
        self.wrote = 0 if self.is_machine else sum(hurt.wrote for hurt in self.hurts)
        self.base, self.impact, self.heard = _impact(signals, tickets, by_hand, ground.alarm)
        self.on_fire = urgency.burns(self.impact, self.hurts)
        self.stake = ground.scale.stake(
            self.base, self.impact, self.hurts[0], len(self.hurts), heard=self.heard, by_hand=bool(by_hand)
        )
        self.said: tuple[Word, ...] = (
            () if self.is_machine else our_words(tickets, writes, ground.nobodies, ground.promised)
        )
        self.dues = tuple([signal.due_at for signal in signals if signal.due_at])
        self.moments = _moments(self.hurts, ground.register)
        self.title = _title(inputs, self.hurts, self.impact, ground.register)


def _is_out_of_the_way(signal: Signal) -> bool:
    """Whether its source keeps it so. A customer waits in a ticket whatever its desk says, unless it is resolved."""
    return bool(signal.suppressed) if signal.kind is Kind.ALERT else signal.suppressed == RESOLVED


def _impact(
    signals: Sequence[Signal], tickets: Sequence[Signal], by_hand: str, alarm: Alarm
) -> tuple[Impact, Impact, str]:
    """Before and after the customers' own words, and what they said. Words raise by one step; the engineer has the last."""
    if by_hand:
        impact = Impact[by_hand.upper()]
        return impact, impact, ""
    base = max([signal.impact for signal in signals])
    if base is Impact.DOWN:
        return base, base, ""
    for ticket in tickets:
        if ticket.impact is base and (phrase := alarm.heard(their_words(ticket))):
            return base, Impact(base + 1), phrase
    return base, base, ""


def _moments(hurts: Sequence[Hurt], register: Register) -> tuple[Moment, ...]:
    known = [hurt for hurt in hurts if hurt.known]
    return tuple(chain.from_iterable(register.known[key(hurt.name)].moments for hurt in known)) if known else ()


def _title(inputs: Inputs, hurts: Sequence[Hurt], impact: Impact, register: Register) -> str:
    """What the one who is hurt most cannot do; else what they wrote; else what the worst alert says."""
    signals, refs, _, services, *_ = inputs
    first = hurts[0]
    if impact is Impact.DOWN and first.core_process and first.known:
        depends = {name.casefold() for name in register.known[key(first.name)].depends_on}
        if any(name.casefold() in depends for name in services if name):
            return f"cannot {first.core_process}"
    if len(signals) == 1:
        return signals[0].title
    tickets = [(signal, ref) for signal, ref in zip(signals, refs, strict=True) if signal.kind is Kind.TICKET]
    theirs = set(first.refs)
    own = [pair for pair in tickets if pair[1] in theirs] or tickets or list(zip(signals, refs, strict=True))
    worst = max([signal.impact for signal, _ in own])
    return min([(signal.opened_at, ref, signal.title) for signal, ref in own if signal.impact is worst])[2]


def earliest_start(case: Case, now: datetime, first_seen: Mapping[Ref, datetime], met: dict[Ref, datetime]) -> datetime:
    """When it began; a start in the future counts from when we first met the signal, which is noted in `met`."""
    if case.earliest <= now:
        return case.earliest
    refs = case.inputs[1]
    seen = [first_seen.get(ref, now) for ref in refs]
    met.update(zip(refs, seen, strict=True))
    return min(now, *seen)
