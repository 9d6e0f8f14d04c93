"""Keys that say a verb to the sources, take it back, or settle what is stuck in the outbox."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from oncall_tui import words
from oncall_tui.model import Draft, Problem, Saying, Verb, Write
from oncall_tui.ui import audience, drafts, outbox, telling, writing
from oncall_tui.ui.answers import tell_answer
from oncall_tui.ui.asking import confirm
from oncall_tui.ui.composing import Composing
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.ink import Ink
from oncall_tui.ui.keys import Key


def speak(desk: Desk, key: Key) -> None:
    """Says the key's verb to the problem on screen."""
    problem = desk.target()
    if problem is None or key.verb is None:
        return
    if why := telling.cannot(desk, key.verb, problem):
        desk.tell(why, Ink.WARN)
    else:
        say(desk, Saying(key.verb, problem))


def resolve(desk: Desk, key: Key) -> None:
    """Says that it is solved, after one question that names who is told: it ends something for everyone."""
    problem = desk.target()
    if problem is None:
        return
    if why := telling.cannot(desk, Verb.RESOLVE, problem):
        desk.tell(why, Ink.WARN)
        return
    found = telling.sources(desk, problem)
    told = ", ".join(health.name for health in telling.able(found, Verb.RESOLVE, problem)) or "its sources"
    waiting = [hurt.contact or hurt.name for hurt in problem.customers if hurt.spoke and hurt.wrote]
    unheard = f" {waiting[0]} wrote and has not heard from you." if waiting else ""
    left_out = telling.reasons(found, Verb.RESOLVE, problem)
    others = f" Not told is {left_out}." if left_out else ""
    asked = f"Tell {told} that it is solved? It ends there for everyone.{others}{unheard}"
    desk.ask(confirm(asked, partial(say, desk, Saying(Verb.RESOLVE, problem))))


def say(desk: Desk, saying: Saying) -> None:
    """Says it; what the engine asks first is asked here."""
    done = partial(_greet, desk, saying.problem) if saying.verb is Verb.ACKNOWLEDGE else lambda: None
    again = partial(say, desk, replace(saying, sure=True))
    tell_answer(desk, desk.engine.say(saying), words.VERB[saying.verb], again=again, done=done)


def _greet(desk: Desk, problem: Problem) -> None:
    """It is taken: customers who wrote and were told nothing yet are told so, with words that are ready to send.

    Words that were begun before are offered instead. Nothing is opened over what the engineer went on to meanwhile.
    """
    waiting = [hurt for hurt in problem.customers if hurt.spoke and hurt.wrote]
    is_here = desk.hands.problem is not None and desk.hands.problem.id == problem.id
    if not waiting or not is_here or desk.page or desk.question or desk.editing:
        return
    if writing.draft_of(desk, Verb.REPLY, problem):
        writing.begin(desk, Verb.REPLY, problem)
        return
    together = audience.speaking_as(desk, waiting[0], waiting)
    if first := desk.advice.first_words(problem, together):
        everyone = len(together) == sum(hurt.spoke for hurt in problem.customers)
        to = () if everyone else tuple(hurt.name for hurt in together)
        writing.open_editor(desk, Composing(Verb.REPLY, problem, to=to, offered=first), first)


def undo(desk: Desk, key: Key) -> None:
    """Takes the last thing back, then the one before."""
    _undo(desk)


def _undo(desk: Desk, *, sure: bool = False) -> None:
    tell_answer(desk, desk.engine.undo(sure=sure), "undo", again=partial(_undo, desk, sure=True), stays=True)


def ask_now(desk: Desk, key: Key) -> None:
    """Asks every source now."""
    tell_answer(desk, desk.engine.ask_now(), "asking every source now")


def reload(desk: Desk, key: Key) -> None:
    """Reads the configuration again."""
    desk.shell.reload()


def send_again(desk: Desk, key: Key) -> None:
    """Sends the chosen write of the outbox again."""
    _settle(desk, send=True)


def withdraw(desk: Desk, key: Key) -> None:
    """Takes the chosen write out of the outbox."""
    _settle(desk, send=False)


def _settle(desk: Desk, *, send: bool) -> None:
    write = desk.page.item() if desk.page else None
    if isinstance(write, Draft) and send:
        desk.tell(f"it was never sent: {desk.keys.called('go_on')} goes on writing it", Ink.WARN)
    elif isinstance(write, Draft):
        drafts.ask_to_drop(desk, write)
    elif not isinstance(write, Write):
        desk.tell("the outbox is empty", Ink.WARN)
    elif why := outbox.why_not(write, send=send):
        desk.tell(why, Ink.WARN)
    else:
        tell_answer(desk, desk.engine.settle(write.id, send=send), "send again" if send else "withdraw")
