"""Keys that decide something by hand, here and at no source: snooze, impact, split and join."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from oncall_tui import phrases, words
from oncall_tui.model import Act, Impact, Problem, Signal
from oncall_tui.ui.asking import Answer, Question
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.ink import Ink
from oncall_tui.ui.keys import Key
from oncall_tui.ui.queue import Queue

_SPANS = (("1", "15m", 15), ("2", "30m", 30), ("3", "1h", 60), ("4", "4h", 240))
_IMPACTS = (("4", Impact.DOWN), ("3", Impact.DEGRADED), ("2", Impact.AT_RISK), ("1", Impact.QUESTION), ("0", None))


def snooze(desk: Desk, key: Key) -> None:
    """Asks for how long, then puts the problem out of the way here."""
    if problem := desk.target():
        answers = tuple(Answer(k, said, partial(_snooze, desk, problem, minutes)) for k, said, minutes in _SPANS)
        wake = (Answer("0", "wake it", partial(_snooze, desk, problem, 0)),) if problem.aside else ()
        desk.ask(Question("snooze it here for", (*answers, *wake)))


def _snooze(desk: Desk, problem: Problem, minutes: int) -> None:
    until = desk.now() + timedelta(minutes=minutes)
    answer = desk.engine.decide(Act.SNOOZE, problem.refs, until=until)
    desk.wait(answer, f"snoozed here until {words.clock(until)}" if minutes else "awake again")


def impact(desk: Desk, key: Key) -> None:
    """Asks how bad it is for them."""
    if problem := desk.target():
        answers = tuple(Answer(k, _called(value), partial(_impact, desk, problem, value)) for k, value in _IMPACTS)
        desk.ask(Question("for them it is", answers))


def _called(value: Impact | None) -> str:
    return phrases.bad(value) if value else "as found"


def _impact(desk: Desk, problem: Problem, value: Impact | None) -> None:
    answer = desk.engine.decide(Act.IMPACT, problem.refs, value=value.word if value else "")
    desk.wait(answer, f"impact: {_called(value)}")


def split(desk: Desk, key: Key) -> None:
    """Asks which signal is another problem."""
    problem = desk.target()
    if problem is None:
        return
    if len(problem.signals) < 2:
        desk.tell("there is only one signal: nothing to split", Ink.WARN)
        return
    found = phrases.signals(problem)[:9]
    answers = (Answer(str(i), phrases.name(s)[:24], partial(_split, desk, problem, s)) for i, s in enumerate(found, 1))
    desk.ask(Question("take out", tuple(answers)))


def _split(desk: Desk, problem: Problem, signal: Signal) -> None:
    others = tuple(ref for ref in problem.refs if ref != signal.ref)
    answer = desk.engine.decide(Act.SPLIT, (signal.ref,), others=others)
    desk.wait(answer, f"taken out: {phrases.name(signal)}")


def join(desk: Desk, key: Key) -> None:
    """Opens the queue to choose which other problem belongs to this one."""
    if problem := desk.target():
        desk.page = Queue(partial(_join, desk, problem), verb=f"join {phrases.who(problem)} with")


def _join(desk: Desk, problem: Problem, other: Problem) -> None:
    desk.page = None
    if other.id == problem.id:
        desk.tell("that is the same problem", Ink.WARN)
        return
    answer = desk.engine.decide(Act.JOIN, problem.refs, others=other.refs)
    desk.wait(answer, f"joined with {phrases.who(other)}")
