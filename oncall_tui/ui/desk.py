"""The desk behind the screen, without a terminal: what is under the hands, which page is open, and what each key does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from oncall_tui import words
from oncall_tui.errors import OncallError
from oncall_tui.model import Act, Board, Draft, Impact, Problem, Ref, Said, Signal, Verb, Write
from oncall_tui.ui import outbox, pages, phrases
from oncall_tui.ui.asking import Answer, Question, confirm
from oncall_tui.ui.bell import Bell
from oncall_tui.ui.focus import focus
from oncall_tui.ui.hands import Hands
from oncall_tui.ui.ink import Ink, Line, line
from oncall_tui.ui.keys import Key, Keys, Where
from oncall_tui.ui.page import Page
from oncall_tui.ui.queue import Queue
from oncall_tui.ui.sight import Sight


class Engine(Protocol):
    """What the desk asks of the engine; each answer comes once it is on disk. `engine.thread.EngineThread` is one."""

    def say(
        self,
        verb: Verb,
        problem: Problem,
        text: str = "",
        *,
        refs: Sequence[Ref] = (),
        promise_at: datetime | None = None,
        until: datetime | None = None,
        sure: bool = False,
        hold_s: float | None = None,
    ) -> Future[Said]: ...

    def decide(
        self,
        act: Act,
        refs: Sequence[Ref],
        *,
        others: Sequence[Ref] = (),
        value: str = "",
        until: datetime | None = None,
    ) -> Future[Said]: ...

    def undo(self) -> Future[Said]: ...
    def settle(self, write_id: str, *, send: bool) -> Future[Said]: ...
    def draft(self, problem: Problem, verb: Verb, text: str) -> Future[Said]: ...
    def ask_now(self, source: str = "") -> Future[Said]: ...


class Shell(Protocol):
    """What the desk asks of the terminal's side."""

    def repaint(self) -> None: ...
    def ring(self) -> None: ...
    def later(self, work: Awaitable[None]) -> None: ...
    def open_editor(self, verb: Verb, problem: Problem, text: str) -> None: ...
    def close_editor(self) -> None: ...
    def typed(self) -> str: ...
    def copy(self, text: str) -> None: ...
    def leave(self) -> None: ...


AnyPage = Page[Problem] | Page[Write] | Page[pages.Link]


class Desk:
    """Every action of the engineer. A key acts on the problem that was on screen when it was pressed."""

    def __init__(self, engine: Engine, shell: Shell, *, me: str, keys: Keys, now: Callable[[], datetime]) -> None:
        self._engine, self._shell, self._me, self._now = engine, shell, me, now
        self.keys = keys
        self.board: Board | None = None
        self.hands = Hands()
        self.bell = Bell()
        self.page: AnyPage | None = None
        self.question: Question | None = None
        self.told: Line = ()
        self.editing: tuple[Verb, Problem] | None = None

    # --- what is shown -----------------------------------------------------------------------------------------------

    def see(self, board: Board) -> None:
        """Takes a new board; what is under the hands stays there."""
        self.board = board
        self.hands.see(board)
        self.tick()

    def tick(self) -> None:
        """Time has passed: the bell may be due, and clocks are painted anew."""
        if self.board and self.bell.rings(self.board, self._now()):
            self._shell.ring()
        self._shell.repaint()

    def sight(self, width: int, height: int) -> Sight:
        """All that the screen is drawn from."""
        return Sight(
            board=self.board, now=self._now(), me=self._me, width=width, height=height, keys=self.keys,
            problem=self.hands.problem, over=self.hands.over, told=self.told,
            asked=self.question.line(width) if self.question else (), editing=self.editing is not None,
        )  # fmt: skip

    def lines(self, width: int, height: int) -> list[Line]:
        """The screen as it is now."""
        sight = self.sight(width, height)
        return self.page.lines(sight) if self.page and not self.editing else focus(sight)

    @property
    def where(self) -> Where:
        """Where the engineer is."""
        if self.editing:
            return Where.EDITOR
        return self.page.where if self.page else Where.FOCUS

    # --- keys --------------------------------------------------------------------------------------------------------

    def pressed(self, key: str) -> bool:
        """What a key does here; whether it did anything (in the editor, what does nothing is text)."""
        if self.question and key != "ctrl+c":
            self._answer(key)
            return True
        found = self.keys.find(self.where, key)
        if self.page and not self.editing and self.page.pressed(key):
            self._shell.repaint()
            return True
        if found is None or (self.editing and found.where is Where.ANYWHERE and found.name != "quit"):
            return self._unknown(key)
        self.told = ()
        self._do(found)
        self._shell.repaint()
        return True

    def _do(self, key: Key) -> None:
        """A key with a verb says it; any other is a method called by the key's name."""
        if key.verb in (Verb.NOTE, Verb.REPLY):
            self._write(key.verb)
        elif key.verb:
            self._speak(key.verb)
        else:
            getattr(self, f"do_{key.name}")()

    def _unknown(self, key: str) -> bool:
        if self.editing:
            return False
        self.tell(f"{key} does nothing here; {self.keys.called('help')} shows every key")
        self._shell.repaint()
        return True

    def _answer(self, key: str) -> None:
        question, answer = self.question, self.question.answer(key) if self.question else None
        if question and (answer or key == "escape"):
            self.question = None
            self.told = ()
            if answer:
                answer.then()
        self._shell.repaint()

    def ask(self, question: Question) -> None:
        """Waits for an answer."""
        self.question = question
        self._shell.repaint()

    def tell(self, said: str, ink: Ink = Ink.PLAIN) -> None:
        """One line about what became of the last key."""
        self.told = line(f" {said}", ink=ink)
        self._shell.repaint()

    # --- saying something --------------------------------------------------------------------------------------------

    def _target(self) -> Problem | None:
        """The problem that a key acts on; tells why when there is none to act on."""
        problem = self.hands.problem
        if problem is None:
            self.tell("there is no problem on the screen", Ink.WARN)
        elif self.hands.over:
            self.tell(f"nothing done: {self.hands.over}", Ink.WARN)
            return None
        return problem

    def _why_silent(self, verb: Verb, problem: Problem) -> str:
        """Why no source of this problem can be told that; "" when one can, or when that is not known yet."""
        sources = {signal.source for signal in problem.signals}
        known = [health for health in (self.board.sources if self.board else ()) if health.name in sources]
        if not known or len(known) < len(sources) or any(verb in health.can for health in known):
            return ""
        return f"cannot {_CANNOT[verb]}: {', '.join(f'{h.name} ({h.kind})' for h in known)} cannot be told that"

    def _speak(self, verb: Verb, *, sure: bool = False, problem: Problem | None = None) -> None:
        problem = problem or self._target()
        if problem is None:
            return
        if why := self._why_silent(verb, problem):
            self.tell(why, Ink.WARN)
            return
        again = partial(self._speak, verb, sure=True, problem=problem)
        self._shell.later(self._heard(self._engine.say(verb, problem, sure=sure), words.VERB[verb], again))

    async def _heard(
        self,
        answer: Future[Said],
        what: str,
        again: Callable[[], None] | None = None,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Tells what became of it: on its way, refused and why, or a question that must be answered first."""
        try:
            said = await _wait(answer)
        except OncallError as error:
            self.tell(f"{what}: nothing was said: {error.words}", Ink.ALARM)
            return
        if said.asks and again:
            self.ask(confirm(said.asks, again, otherwise=lambda: self.tell("nothing was done")))
        elif said.refused or said.asks:
            self.tell(f"{what}: {said.refused or said.asks}", Ink.WARN)
        else:
            self.tell(said.words or _on_its_way(what, said.writes))
            done()

    # --- writing -----------------------------------------------------------------------------------------------------

    def _write(self, verb: Verb) -> None:
        problem = self._target()
        if problem is None:
            return
        if why := self._why_silent(verb, problem):
            self.tell(why, Ink.WARN)
            return
        self.editing = (verb, problem)
        draft = self._draft(verb, problem)
        self._shell.open_editor(verb, problem, draft.text if draft else "")
        if draft:
            self.tell(f"your draft of {words.clock(draft.saved_at)}")

    def _draft(self, verb: Verb, problem: Problem) -> Draft | None:
        """Words that were left unsent about this problem, or about signals that are part of it now."""
        for draft in self.board.drafts if self.board else ():
            same = draft.problem == problem.id or not set(draft.refs).isdisjoint(problem.refs)
            if draft.verb is verb and same:
                return draft
        return None

    def keep(self, text: str) -> None:
        """Saves what is being typed; said only when it cannot be."""
        if self.editing:
            verb, problem = self.editing
            self._shell.later(self._kept(self._engine.draft(problem, verb, text)))

    async def _kept(self, answer: Future[Said]) -> None:
        try:
            said = await _wait(answer)
        except OncallError as error:
            self.tell(f"your draft is not saved: {error.words}", Ink.ALARM)
            return
        if said.refused:
            self.tell(f"your draft is not saved: {said.refused}", Ink.ALARM)

    def send(self, text: str) -> None:
        """Sends what is written: a note at once, a reply after one question that names who reads it."""
        if not self.editing:
            return
        verb, problem = self.editing
        if not text.strip():
            self.tell("there is nothing to send yet", Ink.WARN)
        elif verb is Verb.REPLY:
            self.ask(confirm(f"{phrases.readers(problem, verb)}. Send?", partial(self._post, text)))
        else:
            self._post(text)

    def _post(self, text: str, *, sure: bool = False) -> None:
        if not self.editing:
            return
        verb, problem = self.editing
        answer = self._engine.say(verb, problem, text, sure=sure)
        again = partial(self._post, text, sure=True)
        self._shell.later(self._heard(answer, words.VERB[verb], again, partial(self._posted, verb, problem)))

    def _posted(self, verb: Verb, problem: Problem) -> None:
        """It is in the outbox, on disk: only now the words may leave the screen."""
        if self.editing == (verb, problem):
            self.stop_editing()
        self._shell.later(self._kept(self._engine.draft(problem, verb, "")))

    def stop_editing(self) -> None:
        """Closes the editor."""
        self.editing = None
        self._shell.close_editor()
        self._shell.repaint()

    # --- what keys do, by the key's name -----------------------------------------------------------------------------

    def do_undo(self) -> None:
        self._shell.later(self._heard(self._engine.undo(), "undo"))

    def do_ask(self) -> None:
        self._shell.later(self._heard(self._engine.ask_now(), "asking every source now"))

    def do_go(self) -> None:
        if self.board and (why := self.hands.go(self.board)):
            self.tell(why)

    def do_snooze(self) -> None:
        if problem := self._target():
            spans = (("1", "15m", 15), ("2", "30m", 30), ("3", "1h", 60), ("4", "4h", 240))
            answers = tuple(Answer(key, said, partial(self._snooze, problem, minutes)) for key, said, minutes in spans)
            self.ask(Question("snooze it here for", answers))

    def _snooze(self, problem: Problem, minutes: int) -> None:
        until = self._now() + timedelta(minutes=minutes)
        self._decide(Act.SNOOZE, problem.refs, f"snoozed here until {words.clock(until)}", until=until)

    def do_impact(self) -> None:
        if problem := self._target():
            values = (*((str(5 - i), i.word) for i in sorted(Impact, reverse=True)), ("0", ""))
            answers = tuple(
                Answer(key, value.replace("_", " ") or "as the sources say", partial(self._impact, problem, value))
                for key, value in values
            )
            self.ask(Question("for them it is", answers))

    def _impact(self, problem: Problem, value: str) -> None:
        self._decide(
            Act.IMPACT, problem.refs, f"impact: {value.replace('_', ' ') or 'as the sources say'}", value=value
        )

    def do_split(self) -> None:
        problem = self._target()
        if problem is None:
            return
        if len(problem.signals) < 2:
            self.tell("there is only one signal: nothing to split", Ink.WARN)
            return
        found = phrases.signals(problem)[:9]
        answers = tuple(
            Answer(str(i), phrases.name(s)[:24], partial(self._split, problem, s)) for i, s in enumerate(found, 1)
        )
        self.ask(Question("another problem is", answers))

    def _split(self, problem: Problem, signal: Signal) -> None:
        others = tuple(ref for ref in problem.refs if ref != signal.ref)
        self._decide(Act.SPLIT, (signal.ref,), f"split: {phrases.name(signal)}", others=others)

    def do_join(self) -> None:
        if problem := self._target():
            self.page = Queue(partial(self._join, problem), verb=f"join {phrases.who(problem)} with")

    def _join(self, problem: Problem, other: Problem) -> None:
        self.page = None
        if other.id == problem.id:
            self.tell("that is the same problem", Ink.WARN)
            return
        self._decide(Act.JOIN, problem.refs, f"joined with {phrases.who(other)}", others=other.refs)

    def _decide(self, act: Act, refs: Sequence[Ref], done: str, *, others: Sequence[Ref] = (), value: str = "",
                until: datetime | None = None) -> None:  # fmt: skip
        answer = self._engine.decide(act, refs, others=others, value=value, until=until)
        self._shell.later(self._heard(answer, done))

    # --- pages -------------------------------------------------------------------------------------------------------

    def do_queue(self) -> None:
        self.page = Queue(self._look_at)

    def _look_at(self, problem: Problem) -> None:
        self.hands.take(problem)
        self.page = None

    def do_filter(self) -> None:
        if isinstance(self.page, Queue):
            self.page.typing = True

    def do_group(self) -> None:
        if isinstance(self.page, Queue):
            self.page.grouped = not self.page.grouped

    def do_aside(self) -> None:
        if isinstance(self.page, Queue):
            self.page.with_aside = not self.page.with_aside

    def do_explain(self) -> None:
        self._about("why it has this place", pages.explain)

    def do_story(self) -> None:
        self._about("what happened so far", pages.story)

    def _about(self, title: str, items: Callable[[Problem, Sight], Sequence[Line]]) -> None:
        if self.hands.problem is None:
            self.tell("there is no problem on the screen", Ink.WARN)
            return
        self.page = Page[Problem](title, lambda sight: items(self.hands.problem, sight) if self.hands.problem else ())

    def do_open(self) -> None:
        if problem := self.hands.problem:
            self.page = Page[pages.Link](
                f"links of {phrases.who(problem)}", lambda sight: pages.link_items(problem, sight), paint=pages.link_row,
                where=Where.LINKS, enter=self._copy, hint="shown in full, never opened",
            )  # fmt: skip
        else:
            self.tell("there is no problem on the screen", Ink.WARN)

    def _copy(self, link: pages.Link) -> None:
        self._shell.copy(link.url)
        self.tell("handed to your terminal's clipboard, if it takes it")

    def do_sources(self) -> None:
        self.page = Page[Write](
            "sources and outbox", outbox.items, paint=outbox.row, name=lambda write: write.id, where=Where.OUTBOX
        )

    def do_send_again(self) -> None:
        self._settle(send=True)

    def do_withdraw(self) -> None:
        self._settle(send=False)

    def _settle(self, *, send: bool) -> None:
        write = self.page.item() if self.page else None
        if not isinstance(write, Write):
            self.tell("the outbox is empty", Ink.WARN)
        elif why := outbox.why_not(write, send=send):
            self.tell(why, Ink.WARN)
        else:
            what = "send again" if send else "withdraw"
            self._shell.later(self._heard(self._engine.settle(write.id, send=send), what))

    def do_help(self) -> None:
        self.page = Page[Problem]("keys", lambda sight: pages.help_lines(self.keys, sight))

    def do_back(self) -> None:
        self.page = None

    def do_send(self) -> None:
        self.send(self._shell.typed())

    def do_leave(self) -> None:
        self.keep(self._shell.typed())
        self.stop_editing()
        self.tell("kept as a draft")

    def do_quit(self) -> None:
        if self.editing and not self.question:
            self.ask(confirm("You are writing; it is kept as a draft. Leave?", self._shell.leave))
        else:
            self._shell.leave()


_CANNOT = {
    Verb.ACKNOWLEDGE: "take it",
    Verb.RELEASE: "give it back",
    Verb.NOTE: "write a note",
    Verb.REPLY: "write to the customer",
    Verb.RESOLVE: "resolve it",
    Verb.SNOOZE: "snooze it there",
}


def _on_its_way(what: str, writes: Sequence[Write]) -> str:
    """``take it: waiting for am, held: u takes it back``, never more than is known."""
    states = list(dict.fromkeys(words.state(write) for write in writes))
    return f"{what}: {', '.join(states)}" if states else what


async def _wait(answer: Future[Said]) -> Said:
    """The engine's answer, waited for without holding the screen up."""
    return await asyncio.wrap_future(answer)
