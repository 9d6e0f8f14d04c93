"""Problem -> words: the sentences of the screen and of the command line, one function for each line of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from oncall_tui import words
from oncall_tui.model import (
    Alternative,
    Board,
    Health,
    Hurt,
    Impact,
    Kind,
    Problem,
    Rule,
    Signal,
    State,
    Verb,
    Voice,
    Write,
)

UNNAMED = "a customer without a name"

_SUFFERS = {
    Impact.DOWN: "cannot {}",
    Impact.DEGRADED: "can hardly {}",
    Impact.AT_RISK: "may soon not {}",
    Impact.QUESTION: "can {}, and asks",
}

_ALTERNATIVE = {
    Alternative.NONE: "no alternative",
    Alternative.MANUAL: "they can do it by hand",
    Alternative.FAILOVER: "their failover works",
}


def who(problem: Problem) -> str:
    """The customer who is hurt the most."""
    return (problem.customers[0].name if problem.customers else "") or UNNAMED


def more(problem: Problem) -> str:
    """How many others are hurt, as an ending: `` and 2 more``."""
    others = len(problem.customers) - 1
    return f" and {others} more" if others > 0 else ""


def everybody(problem: Problem) -> str:
    """The customer who is hurt the most, with how many more there are."""
    return who(problem) + more(problem)


def suffers(problem: Problem) -> str:
    """What it does to their core process; the problem's title when we do not know that."""
    process = problem.customers[0].core_process if problem.customers else ""
    return _SUFFERS[problem.impact].format(process) if process else problem.title


def clock(problem: Problem, now: datetime) -> str:
    """How long they are alone, or who is with them: the one figure that counts. Ticks by the second only for a fire."""
    if not problem.alone.is_alone:
        return f"with {problem.taken_by}" if problem.taken_by else "in hand"
    seconds = (now - (problem.alone.since or problem.started_at)).total_seconds()
    return f"ALONE {words.ticking(seconds)}" if problem.on_fire else f"alone {words.span(seconds)}"


def ticks(problem: Problem | None) -> bool:
    """Whether its clock moves by the second."""
    return problem is not None and problem.on_fire and problem.alone.is_alone and not problem.aside


def in_hand(problem: Problem, now: datetime) -> str:
    """Its state in the list: ``alone 1m``, ``with Sanne, word due in 19m``, or why it is out of the way."""
    if problem.aside:
        return problem.aside
    if problem.alone.is_alone:
        since = words.span((now - (problem.alone.since or problem.started_at)).total_seconds())
        why = {Rule.UNTOLD: ", not told", Rule.MISSED: ", promise missed"}.get(problem.alone.rule, "")
        return f"alone {since}{why}"
    due = f", word due {words.ahead(problem.promise_at, now)}" if problem.promise_at else ""
    return f"{clock(problem, now)}{due}"


def stake(problem: Problem, now: datetime) -> list[str]:
    """What they stand to lose: the next known moment, and what they can do without us."""
    said = []
    if problem.moment and problem.moment_at:
        at = words.their_clock(problem.moment_at, problem.moment_zone)
        said.append(f"{problem.moment} at {at}, {words.ahead(problem.moment_at, now)}")
    if problem.customers:
        said.append(_ALTERNATIVE[problem.customers[0].alternative])
    return [*said, f"{bad(problem.impact)}{', on fire' if problem.on_fire else ''}"]


def bad(impact: Impact) -> str:
    """How bad it is, in the glossary's word."""
    return impact.word.replace("_", " ")


def speakers(problem: Problem) -> list[Hurt]:
    """Customers who wrote something, those who wait for our word first."""
    return sorted((c for c in problem.customers if c.last_words), key=lambda c: -c.wrote)


def speaker(hurt: Hurt, now: datetime) -> str:
    """Who said it and when: ``Ron · 9m ago``."""
    when = f" · {words.ago(hurt.last_wrote_at, now)}" if hurt.last_wrote_at else ""
    return f"{hurt.contact or hurt.name}{when}"


def with_them(problem: Problem, now: datetime) -> list[str]:
    """Who of ours is with them, what they heard from us last, and what they were promised."""
    said = [problem.alone.why or clock(problem, now)]
    heard = [c.last_word_at for c in problem.customers if c.last_word_at]
    if heard:
        said.append(f"our last word {words.ago(max(heard), now)}")
    elif any(c.spoke for c in problem.customers) and problem.alone.rule is not Rule.UNTOLD:
        said.append("no word from us")
    if problem.promise_at and problem.alone.rule is not Rule.MISSED:
        said.append(f"word promised by {words.when(problem.promise_at, now)}, {words.ahead(problem.promise_at, now)}")
    return said


def why_first(problem: Problem) -> list[str]:
    """The rule that decided its place, then what weighed most."""
    said = [problem.rule] if problem.rule else []
    for reason in sorted(problem.reasons, key=lambda r: -r.points):
        if reason.words and problem.alone.why not in reason.words and reason.words not in said:
            said.append(reason.words)
    if len(problem.customers) > 1:
        said.append(f"{len(problem.customers) - 1} more hurt")
    return said


SHAPES = {Impact.DOWN: "■", Impact.DEGRADED: "▲", Impact.AT_RISK: "●", Impact.QUESTION: "○"}


def shape(signal: Signal) -> str:
    """Its severity without colour: a shape for an alert, ``#`` for a ticket."""
    return "#" if signal.kind is Kind.TICKET else SHAPES[signal.impact]


def name(signal: Signal) -> str:
    """What it is called: a ticket by its number and title, an alert by its title."""
    return f"{signal.id} {signal.title}" if signal.kind is Kind.TICKET else signal.title


def news(signal: Signal, now: datetime) -> str:
    """How old an alert is; how many of the customer's messages in a ticket came after our last word."""
    if signal.kind is Kind.TICKET and (new := _unanswered(signal)):
        return f"{new} new"
    return words.span((now - signal.opened_at).total_seconds())


def _unanswered(signal: Signal) -> int:
    count = 0
    for message in signal.messages:
        if message.is_word:
            count = 0
        elif message.voice is Voice.THEIRS:
            count += 1
    return count


def signals(problem: Problem) -> list[Signal]:
    """Alerts before tickets, the worst first."""
    return sorted(problem.signals, key=lambda s: (s.kind is Kind.TICKET, -s.impact, s.opened_at, s.ref))


def fault(source: Health, now: datetime) -> str:
    """What is wrong with a source and since when; "" when it is live and whole."""
    if source.live:
        return ""
    if source.answered_at is None:
        return f"{source.name} {words.fault(source, now)}"
    return f"{source.name} {words.lack(source) or 'is late'} · as of {words.ago(source.answered_at, now)}"


def missing(board: Board) -> tuple[str, str]:
    """The names of the sources that do not answer, and of those that do and may leave something out; "" for none."""
    not_live = [source for source in board.sources if not source.live]
    late = ", ".join(one.name for one in not_live if not is_partial(one))
    return late, ", ".join(one.name for one in not_live if is_partial(one))


def is_partial(source: Health) -> bool:
    """Whether it answers, and may leave something out."""
    return bool(source.gap or source.unreadable) and not source.fault and not source.doubt


def skew(source: Health) -> str:
    """That its clock is wrong, when it is by more than a minute."""
    if abs(source.skew_s) <= 60:
        return ""
    return (
        f"the clock of {source.name} is {words.span(abs(source.skew_s))} {'ahead' if source.skew_s > 0 else 'behind'}"
    )


def failed(write: Write) -> bool:
    """Whether it needs the engineer: refused, or nobody knows whether it arrived."""
    return write.state in (State.REFUSED, State.UNSURE)


def sayings(writes: Sequence[Write]) -> list[list[Write]]:
    """Writes by what was said, what went wrong first, then the latest; the same words to many signals are one saying."""
    groups: dict[tuple[object, ...], list[Write]] = {}
    for write in sorted(writes, key=lambda w: (not failed(w), -w.asked_at.timestamp())):
        if write.state not in (State.DRAFT, State.WITHDRAWN):
            groups.setdefault((failed(write), write.verb, write.text), []).append(write)
    return list(groups.values())


def readers(problem: Problem, verb: Verb, *, brief: bool = False, to: Collection[str] = ()) -> str:
    """Who will read what is written, by name; `brief` in a few words. `to` names the customers meant."""
    if verb is not Verb.REPLY:
        return "only colleagues read this"
    them = reading(problem, to=to, brief=brief)
    if not them:
        return "the customer reads this"
    if len(them) == 1:
        return f"{them[0]} reads this"
    if brief and len(them) > 2:
        return f"{them[0]} and {len(them) - 1} more read this"
    return f"{', '.join(them[:-1])} and {them[-1]} read this"


def reading(problem: Problem, *, to: Collection[str] = (), brief: bool = False) -> list[str]:
    """Each customer who wrote (of those in `to`), as ``Ron of Bakkerij De Korenaar``; `brief` without the company."""
    return [
        c.contact or c.name if brief else f"{c.contact} of {c.name}" if c.contact and c.contact != c.name else c.name
        for c in problem.customers
        if c.spoke and c.name in (to or (c.name,))
    ]
