"""Whether a problem's customers are alone, as they would see it: why, since when, and what was promised to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from oncall_tui import words
from oncall_tui.core.people import Person, conversation
from oncall_tui.core.vocabulary import BOTS
from oncall_tui.model import Alone, Impact, Me, Noun, Rule, Signal, State, Verb, Weights, Write

Promised: TypeAlias = Callable[[str, datetime], datetime | None]
"""Reads the time that a word of ours promises, given when it was said; None when it promises none."""


class Nobodies(dict[str, bool]):
    """Author or assignee -> whether that is a machine: configured, or called like one. Filled as names are met."""

    def __init__(self, bots: Iterable[str]) -> None:
        self._bots = BOTS | {bot.casefold() for bot in bots}

    def __missing__(self, name: str) -> bool:
        lower = name.casefold().strip()
        self[name] = is_bot = lower in self._bots or lower.partition("@")[0] in self._bots
        return is_bot


class Hold(Noun, frozen=True, kw_only=True):
    """Who has a problem, since when as far as is known; `lapsed_at` is when the last one who had it no longer did."""

    by: str = ""
    mine: bool = False
    at: datetime | None = None
    lapsed_at: datetime | None = None


FREE = Hold()


def hold(claimed: Sequence[Signal], me: Me, now: datetime) -> Hold:
    """Who has it still, of the signals that a human took: an acknowledgement that ran out is none.

    Mine counts before a colleague's.
    """
    if not claimed:
        return FREE
    taken = []
    lapsed_at = None
    for signal in claimed:
        if signal.taken_until is not None and signal.taken_until <= now:
            lapsed_at = max(lapsed_at or signal.taken_until, signal.taken_until)
        else:
            taken.append(signal)
    if not taken:
        return Hold(lapsed_at=lapsed_at)
    mine = any(signal.mine for signal in taken)
    own = [signal for signal in taken if signal.mine] or taken
    at = min((signal.taken_at for signal in own if signal.taken_at), default=None)
    return Hold(by=me.name if mine else own[0].taken_by, mine=mine, at=at)


class Word(Noun, frozen=True, kw_only=True):
    """A word of ours: when they could read it and what it promised."""

    at: datetime
    promise_at: datetime | None = None


def our_words(
    tickets: Iterable[Signal], writes: Iterable[Write], nobodies: Mapping[str, bool], promised: Promised | None
) -> tuple[Word, ...]:
    """What customers heard from us, in order: replies that arrived with their promises, and what a text itself says."""
    found = []
    for message in (message for ticket in tickets for message in conversation(ticket)):
        if message.is_word and not nobodies[message.author]:
            at = promised(message.text, message.at) if promised else None
            found.append(Word(at=message.at, promise_at=at))
    found.extend(
        Word(at=write.delivered_at or write.asked_at, promise_at=write.promise_at)
        for write in writes
        if write.verb is Verb.REPLY and write.state in (State.DELIVERED, State.CONFIRMED) and write.promise_at
    )
    return tuple(sorted(found, key=lambda word: word.at))


def promise(
    said: Sequence[Word], writes: Iterable[Write], held: Hold, impact: Impact, weights: Weights, *, on_fire: bool
) -> datetime | None:
    """When they were told that they would hear from us again, or may expect it because it is mine.

    What a word promised stands until its time, or until a later word promises anew; a word after that time, or one
    without a time, starts the default again: 20 minutes for a fire, 60 for what is degraded, none below.
    """
    heard_at = said[-1].at if said else None
    told = [word.promise_at for word in said if word.promise_at]
    if told and heard_at and told[-1] > heard_at:
        return told[-1]
    taken = [w for w in writes if w.verb is Verb.ACKNOWLEDGE and w.state.has_effect and w.promise_at]
    if taken and held.by and (heard_at is None or taken[-1].asked_at >= heard_at):
        return taken[-1].promise_at
    from_at = max((at for at in (heard_at, held.at) if at), default=None)
    if not held.mine or from_at is None or impact < Impact.DEGRADED:
        return None
    return from_at + timedelta(seconds=weights.promise_fire_s if on_fire else weights.promise_degraded_s)


def alone(
    persons: Sequence[Person],
    held: Hold,
    *,
    promise_at: datetime | None,
    started_at: datetime,
    now: datetime,
    before: tuple[Rule, datetime] | None,
) -> Alone:
    """The state that they are in, by the first rule that holds; its clock began with the earliest that does.

    `before` is the rule and start of the board before: a clock runs on while they stay alone, whatever the reason.
    """
    untold = [p for p in persons if p.is_untold and p.first_wrote_at]
    since: list[tuple[Rule, datetime]] = []
    if not held.by:
        since.append((Rule.NOBODY, _left_at(held, started_at, untold, now, before)))
    if promise_at is not None and promise_at < now and any(p.hurt.spoke for p in persons):
        since.append((Rule.MISSED, max(promise_at, started_at)))
    since.extend((Rule.UNTOLD, p.first_wrote_at) for p in untold if p.first_wrote_at)
    if not since:
        return Alone(rule=Rule.WITH_THEM, why=f"with {held.by}", since=_with_since(held, now, before))
    if before is not None and before[0] is not Rule.WITH_THEM:
        since.append(before)
    began_at = min(now, *(at for _, at in since))
    rule = since[0][0]
    return Alone(rule=rule, why=_why(rule, persons, held, promise_at, now), since=began_at)


def _left_at(
    held: Hold, started_at: datetime, untold: Sequence[Person], now: datetime, before: tuple[Rule, datetime] | None
) -> datetime:
    """Since when nobody has it: from the start, or from when the last one left it."""
    if held.lapsed_at is not None:
        return max(held.lapsed_at, started_at)
    if before is not None and before[0] is Rule.WITH_THEM:
        return now
    return started_at


def _with_since(held: Hold, now: datetime, before: tuple[Rule, datetime] | None) -> datetime:
    if before is not None and before[0] is Rule.WITH_THEM:
        return min(before[1], now)
    return min(held.at, now) if held.at and before is None else now


def _why(rule: Rule, persons: Sequence[Person], held: Hold, promise_at: datetime | None, now: datetime) -> str:
    if rule is Rule.NOBODY:
        return "nobody yet" if held.lapsed_at is None else "nobody any more: the acknowledgement ran out"
    if rule is Rule.MISSED and promise_at is not None:
        return f"promise missed {late(promise_at, now)}"
    spoke = [p for p in persons if p.hurt.spoke]
    untold = [p.hurt.name for p in spoke if p.is_untold]
    who = "they have" if len(untold) == len(spoke) else f"{_list(untold)} {'has' if len(untold) == 1 else 'have'}"
    return f"taken by {held.by}, but {who} not heard"


def _list(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} more"


def late(promise_at: datetime, now: datetime) -> str:
    """``just now``, ``4 min ago``, ``2h 5m ago``."""
    minutes = int((now - promise_at).total_seconds() // 60)
    return f"{minutes} min ago" if 1 <= minutes < 60 else words.ago(promise_at, now)
