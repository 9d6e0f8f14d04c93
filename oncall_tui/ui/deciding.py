"""Keys that decide something by hand: snooze (here, or at the source), impact, split and join."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from functools import partial

from oncall_tui import phrases, words
from oncall_tui.model import Act, Impact, Problem, Said, Saying, Signal, Verb
from oncall_tui.ui import saying, telling
from oncall_tui.ui.answers import tell_answer
from oncall_tui.ui.asking import Answer, Question
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.ink import Ink
from oncall_tui.ui.keys import Key
from oncall_tui.ui.queue import Queue

_SPANS = (("1", "15m", 15), ("2", "30m", 30), ("3", "1h", 60), ("4", "4h", 240))
_IMPACTS = (("4", Impact.DOWN), ("3", Impact.DEGRADED), ("2", Impact.AT_RISK), ("1", Impact.QUESTION), ("0", None))


def snooze(desk: Desk, key: Key) -> None:
    """Asks for how long, then puts the problem out of the way here; or at its sources, where they can."""
    if problem := desk.target():
        wake = (Answer("0", "wake it", partial(_snooze, desk, problem, 0)),) if problem.aside else ()
        there = Answer("s", "at the source", partial(_ask_there, desk, problem))
        desk.ask(Question("snooze it here for", (*_spans(partial(_snooze, desk, problem)), *wake, there)))


def _spans(then: Callable[[int], None]) -> tuple[Answer, ...]:
    return tuple(Answer(key, said, partial(then, minutes)) for key, said, minutes in _SPANS)


def _ask_there(desk: Desk, problem: Problem) -> None:
    """The source's own downtime, shelf or silence: then it is quiet for colleagues as well."""
    if why := telling.cannot(desk, Verb.SNOOZE, problem):
        desk.tell(why, Ink.WARN)
        return
    found = telling.sources(desk, problem)
    told = ", ".join(health.name for health in telling.able(found, Verb.SNOOZE, problem)) or "its sources"
    left_out = telling.reasons(found, Verb.SNOOZE, problem)
    others = f" (not told is {left_out})" if left_out else ""
    desk.ask(Question(f"snooze it at {told}, for colleagues too{others}, for", _spans(partial(_there, desk, problem))))


def _there(desk: Desk, problem: Problem, minutes: int) -> None:
    saying.say(desk, Saying(Verb.SNOOZE, problem, until=desk.now() + timedelta(minutes=minutes)))


def _tell(desk: Desk, answer: Future[Said], what: str) -> None:
    """What was decided; no source is told, so there is nothing to wait for."""
    undo = desk.keys.called("undo")
    tell_answer(desk, answer, what, done=lambda: desk.tell(f"{what} · {undo} takes it back"))


def _snooze(desk: Desk, problem: Problem, minutes: int) -> None:
    until = desk.now() + timedelta(minutes=minutes)
    answer = desk.engine.decide(Act.SNOOZE, problem.refs, until=until)
    _tell(desk, answer, f"snoozed here until {words.when(until, desk.now())}" if minutes else "awake again")


def impact(desk: Desk, key: Key) -> None:
    """Asks how bad it is for them."""
    if problem := desk.target():
        answers = tuple(Answer(k, _called(value), partial(_impact, desk, problem, value)) for k, value in _IMPACTS)
        desk.ask(Question("for them it is", answers))


def _called(value: Impact | None) -> str:
    return phrases.bad(value) if value else "as found"


def _impact(desk: Desk, problem: Problem, value: Impact | None) -> None:
    answer = desk.engine.decide(Act.IMPACT, problem.refs, value=value.word if value else "")
    _tell(desk, answer, f"impact: {_called(value)}")


def split(desk: Desk, key: Key) -> None:
    """Asks which signal is another problem."""
    problem = desk.target()
    if problem is None:
        return
    if len(problem.signals) < 2:
        desk.tell("there is only one signal: nothing to split", Ink.WARN)
        return
    found = phrases.signals(problem)
    answers = tuple(
        Answer(str(i), _shown(one), partial(_split, desk, problem, one)) for i, one in enumerate(found[:9], 1)
    )
    many = f", of the first 9 of {len(found)}" if len(found) > len(answers) else ""
    desk.ask(Question(f"take out{many}", answers))


def _shown(signal: Signal) -> str:
    """As it stands in the problem."""
    return f"{phrases.shape(signal)} {phrases.name(signal)}"


def _split(desk: Desk, problem: Problem, signal: Signal) -> None:
    others = tuple(ref for ref in problem.refs if ref != signal.ref)
    answer = desk.engine.decide(Act.SPLIT, (signal.ref,), others=others)
    _tell(desk, answer, f"taken out: {phrases.name(signal)}")


def join(desk: Desk, key: Key) -> None:
    """Opens the queue to choose which other problem belongs to this one."""
    if problem := desk.target():
        desk.page = Queue(
            partial(_join, desk, problem),
            verb=f"join {phrases.who(problem)} with",
            without=problem.id,
            hint=f"{desk.keys.called('choose')} makes one problem of the two",
        )


def _join(desk: Desk, problem: Problem, other: Problem) -> None:
    desk.page = None
    answer = desk.engine.decide(Act.JOIN, problem.refs, others=other.refs)
    _tell(desk, answer, f"joined with {phrases.who(other)}")
