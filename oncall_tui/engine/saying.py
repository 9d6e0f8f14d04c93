"""A key press -> writes: which signals a verb goes to, what must be asked first, and which words cannot be sent.

Plain functions of plain values: the engine puts what they return on disk.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from oncall_tui import safe
from oncall_tui.kit import Connector
from oncall_tui.model import VERBS, Board, Kind, Problem, Ref, Saying, Signal, Verb, Voice, stamp
from oncall_tui.words import VERB

MOST_BYTES = 64 * 1024
"""Of one note or reply; servers cut, refuse or choke on more."""

SPOKEN = (Verb.NOTE, Verb.REPLY)


@dataclass(frozen=True, slots=True)
class Aim:
    """The signals that are spoken to, or why none is."""

    signals: tuple[Signal, ...] = ()
    refused: str = ""


def unfit(saying: Saying) -> str:
    """Why its words cannot be sent; "" when they can."""
    return next(filter(None, (_unfit(saying.verb, text) for text in saying.to.values() or (saying.text,))), "")


def _unfit(verb: Verb, text: str) -> str:
    if verb in SPOKEN and not text.strip():
        return "there are no words to send"
    if "\0" in text:
        return "the text holds a NUL character: remove it"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "the text holds half a character (a lone surrogate): type that word again"
    if size > MOST_BYTES:
        return f"the text is {size // 1024} kB long, {MOST_BYTES // 1024} kB is the most: cut it or attach a file"
    return ""


def aim(saying: Saying, connectors: Mapping[str, Connector]) -> Aim:
    """Whom it speaks to: its `refs` when it has some, else the signals of the problem that its verb fits.

    A reply goes to the customers whose names are in `to`; to everyone who wrote without any.
    """
    verb, problem, refs = saying.verb, saying.problem, saying.refs
    meant = tuple(s for s in problem.signals if s.ref in refs) if refs else _fitting(saying, connectors)
    if refs and not meant:
        return Aim(refused=f"{', '.join(refs)} is not part of this problem")
    able = tuple(s for s in meant if _can(verb, s, connectors))
    if not able:
        return Aim(refused=_why_not(verb, meant or problem.signals, connectors))
    if refs:
        return Aim(able)
    match verb:
        case Verb.RELEASE if not (able := tuple(s for s in able if s.mine)):
            return Aim(refused="it is not yours, so there is nothing to give back")
        case Verb.NOTE:
            able = able[:1]
        case _:
            pass
    return Aim(able)


def words_to(saying: Saying, ref: Ref) -> str:
    """What the customer of that signal is told: the words meant for them by name, else those for everyone."""
    to, customers = saying.to, saying.problem.customers
    return next((to[hurt.name] for hurt in customers if ref in hurt.refs and hurt.name in to), saying.text)


def _fitting(saying: Saying, connectors: Mapping[str, Connector]) -> tuple[Signal, ...]:
    if saying.verb is Verb.NOTE:
        return _by_fitness(saying.problem)
    if saying.verb is Verb.REPLY:
        return _where_they_wrote(saying.problem, connectors, saying.to)
    return saying.problem.signals


def _by_fitness(problem: Problem) -> tuple[Signal, ...]:
    """Tickets before alerts, the worst customer's first."""
    rank = {ref: place for place, customer in reversed(list(enumerate(problem.customers))) for ref in customer.refs}
    return tuple(sorted(problem.signals, key=lambda s: (s.kind is not Kind.TICKET, rank.get(s.ref, len(rank)))))


def _where_they_wrote(problem: Problem, connectors: Mapping[str, Connector], to: Collection[str]) -> tuple[Signal, ...]:
    """For each customer who wrote, the ticket in which they did so last: one reply each, and nobody is left out."""
    chosen: dict[Ref, Signal] = {}
    for customer in problem.customers:
        if to and customer.name not in to:
            continue
        wrote = [s for s in problem.signals if s.ref in customer.refs and s.kind is Kind.TICKET and _they_wrote(s)]
        able = [s for s in wrote if _can(Verb.REPLY, s, connectors)]
        if able or wrote:
            last = max(able or wrote, key=lambda s: max(m.at for m in s.messages if m.voice is Voice.THEIRS))
            chosen[last.ref] = last
    return tuple(chosen.values())


def _they_wrote(signal: Signal) -> bool:
    return any(message.voice is Voice.THEIRS for message in signal.messages)


def _can(verb: Verb, signal: Signal, connectors: Mapping[str, Connector]) -> bool:
    connector = connectors.get(signal.source)
    return connector is not None and verb in connector.answers and verb not in signal.cannot


def _why_not(verb: Verb, signals: Sequence[Signal], connectors: Mapping[str, Connector]) -> str:
    """A line that names each source and why it has not got the verb."""
    if verb is Verb.REPLY and not any(_they_wrote(s) for s in signals):
        return "no customer wrote about this, so there is nobody to reply to"
    why = {s.source: s.cannot.get(verb) or _cannot(verb, connectors.get(s.source)) for s in signals}
    return "; ".join(f"{source}: {words}" for source, words in why.items())


def _cannot(verb: Verb, connector: Connector | None) -> str:
    return cannot(connector).get(verb, "") if connector else "is not configured any more"


def cannot(connector: Connector) -> Mapping[Verb, str]:
    """Why it has not each verb that it has not."""
    missing = (verb for verb in VERBS if verb not in connector.answers)
    return {
        verb: connector.cannot.get(verb) or f'{connector.title} cannot do that ("{VERB[verb]}")' for verb in missing
    }


# --- what changed since the key was pressed --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Now:
    """The aimed signals as they are at this moment, and what to ask before they are spoken to ("" is nothing)."""

    signals: tuple[Signal, ...]
    asks: str = ""


def compare(saying: Saying, aimed: Sequence[Signal], board: Board) -> Now:
    """The problem as it was on screen beside the board of this moment."""
    places = {ref: p for p in (*board.aside, *board.problems) for ref in p.refs}
    there = [s for s in aimed if s.ref in places]
    if not there:
        return Now(tuple(aimed), f"it is over: no source reports it any more. {_still(saying.verb)}")
    present = tuple(_signal(places[s.ref], s.ref) for s in there)
    moved = _moved(saying, [places[s.ref] for s in there])
    differs = (_differs(saying.verb, shown, now) for shown, now in zip(there, present, strict=True))
    question = moved or next(filter(None, differs), "")
    return Now(present, f"{question} {_still(saying.verb)}" if question else "")


def _signal(problem: Problem, ref: Ref) -> Signal:
    return next(signal for signal in problem.signals if signal.ref == ref)


def _moved(saying: Saying, now: Sequence[Problem]) -> str:
    """Split, merged, or joined by somebody else's ticket. A further alert of the same problem changes nothing."""
    homes = {home.id: home for home in now}
    if len(homes) > 1:
        return f"It was split: these signals belong to {len(homes)} problems now."
    home = now[0]
    if home.id != saying.problem.id:
        return f'It was joined with "{safe.line(home.title)}" meanwhile.'
    joined = [s for s in home.signals if s.kind is Kind.TICKET and s.ref not in saying.problem.refs]
    if joined and saying.verb is not Verb.NOTE:
        return f'A ticket joined it meanwhile: "{safe.line(joined[0].title)}".'
    return ""


def _differs(verb: Verb, shown: Signal, now: Signal) -> str:
    if now.taken_by and not now.mine and verb is not Verb.NOTE:
        if now.taken_by != shown.taken_by:
            return f"{safe.line(now.taken_by)} took it meanwhile."
        if verb is Verb.ACKNOWLEDGE:
            return f"{safe.line(now.taken_by)} has it."
    wrote_again = stamp(now).rpartition("|")[2] != stamp(shown).rpartition("|")[2]
    if wrote_again and verb is not Verb.NOTE:
        return f"{safe.line(now.contact) or 'The customer'} wrote again meanwhile."
    return ""


def _still(verb: Verb) -> str:
    return {
        Verb.ACKNOWLEDGE: "Take it all the same?",
        Verb.RELEASE: "Give it back all the same?",
        Verb.NOTE: "Save the note all the same?",
        Verb.REPLY: "Send the reply all the same?",
        Verb.RESOLVE: "Resolve it all the same?",
        Verb.SNOOZE: "Snooze it all the same?",
        Verb.RETRACT: "Take it back all the same?",
    }[verb]
