"""Whether a problem's sources can be told something, and why one of them cannot."""

from __future__ import annotations

from collections.abc import Sequence

from oncall_tui import words
from oncall_tui.model import Health, Problem, Signal, Verb
from oncall_tui.ui.desk import Desk


def cannot(desk: Desk, verb: Verb, problem: Problem) -> str:
    """Why no source of this problem can be told that, in the words of each; "" when one can, or is not known yet."""
    if verb is Verb.REPLY and not any(hurt.spoke for hurt in problem.customers):
        return f"{words.VERB[verb]}: no customer wrote about this, so there is nobody to reply to"
    known = sources(desk, problem)
    is_known = len(known) == len({signal.source for signal in problem.signals})
    is_able = not is_known or able(known, verb, problem)
    return "" if is_able else f"{words.VERB[verb]}: {reasons(known, verb, problem)}"


def sources(desk: Desk, problem: Problem) -> list[Health]:
    """The sources of its signals, as far as the board knows them."""
    names = {signal.source for signal in problem.signals}
    return [health for health in (desk.board.sources if desk.board else ()) if health.name in names]


def able(found: Sequence[Health], verb: Verb, problem: Problem) -> list[Health]:
    """Those that can be told that about one of its signals at least."""
    return [one for one in found if any(not _reason(one, verb, signal) for signal in _of(one, problem))]


def reasons(found: Sequence[Health], verb: Verb, problem: Problem) -> str:
    """Why each of the others cannot, as the command line says it; and what cannot be told about one signal of those."""
    told = able(found, verb, problem)
    lines = (
        f"{one.name}: {f'{signal.title}: ' if one in told else ''}{why}"
        for one in found
        for signal in _of(one, problem)
        if (why := _reason(one, verb, signal))
    )
    return "; ".join(dict.fromkeys(lines))


def _of(health: Health, problem: Problem) -> list[Signal]:
    return [signal for signal in problem.signals if signal.source == health.name]


def _reason(health: Health, verb: Verb, signal: Signal) -> str:
    if verb in health.can:
        return signal.cannot.get(verb, "")
    return health.cannot.get(verb) or f"{health.kind} cannot be told that"
