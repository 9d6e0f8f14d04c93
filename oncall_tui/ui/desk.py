"""The desk behind the screen, without a terminal: what is under the hands, which page is open, what is asked and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from oncall_tui import phrases, words
from oncall_tui.config.shape import Notify
from oncall_tui.model import Board, Problem, Verb, Write
from oncall_tui.ui.advice import Advice
from oncall_tui.ui.asking import Answer, Question
from oncall_tui.ui.bell import Bell
from oncall_tui.ui.composing import Composing
from oncall_tui.ui.focus import focus, too_small
from oncall_tui.ui.hands import Hands
from oncall_tui.ui.ink import SILENCE, Ink, Line, Piece, line
from oncall_tui.ui.keys import Key, Keys, Where
from oncall_tui.ui.neighbours import Engine, Shell
from oncall_tui.ui.page import Page, letters
from oncall_tui.ui.sight import Sight

AnyPage: TypeAlias = Page[Any]
UNREAD = "what was known is still being read"
"""Why a key can do nothing before the first board."""

Action: TypeAlias = "Callable[[Desk, Key], None]"


def nothing() -> None:
    """What happens after an answer that changes nothing."""


class Desk:
    """All that the engineer has before them. A key acts on the problem that was on screen when it was pressed."""

    def __init__(
        self,
        engine: Engine,
        shell: Shell,
        *,
        actions: Mapping[str, Action],
        me: str,
        keys: Keys,
        now: Callable[[], datetime],
        advice: Advice | None = None,
        notify: Notify | None = None,
    ) -> None:
        """`actions` holds what each key does, by the key's name; `notify` when to call."""
        self.engine, self.shell, self.me, self.now = engine, shell, me, now
        self.keys = keys
        self.advice = advice or Advice()
        self.board: Board | None = None
        self.hands = Hands(go_key=keys.called("go"))
        self.page: AnyPage | None = None
        self.question: Question | None = None
        self._about: Page[Problem] | None = None
        self.glance: Page[Problem] | None = None
        """What stands above an open editor in place of the problem, until another key than those that move in it."""
        self.told = SILENCE
        self.editing: Composing | None = None
        self._actions = actions
        self._bell = Bell(notify or Notify())
        self._followed: tuple[str, tuple[Write, ...]] | None = None

    def refit(self, *, me: str, keys: Keys, advice: Advice, notify: Notify) -> None:
        """The configuration was read again; what is under the hands, typed or asked stays."""
        self.me, self.keys, self.advice = me, keys, advice
        self.hands.go_key = keys.called("go")
        self._bell.notify = notify
        self.shell.repaint()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def see(self, board: Board) -> None:
        """Takes a new board; what is under the hands stays there."""
        self.board = board
        self.hands.see(board)
        self._follow(board)
        self.tick()

    def _follow(self, board: Board) -> None:
        """What was told of a write goes on telling where it is, so that it never tells of what is past."""
        if self._followed:
            what, before = self._followed
            found = {write.id: write for write in board.outbox}
            now = tuple(found.get(write.id, write) for write in before)
            if [write.state for write in now] != [write.state for write in before]:
                self._tell_of(what, now)

    def _tell_of(self, what: str, writes: tuple[Write, ...]) -> None:
        failed = any(phrases.failed(write) for write in writes)
        settle = f" · {self.keys.called('sources')} shows what can be done" if failed else ""
        self.tell(self._on_its_way(what, writes) + settle, Ink.ALARM if failed else Ink.PLAIN)
        self._followed = (what, writes)

    def tick(self) -> None:
        """Time has passed: the bell may be due, and clocks are painted anew."""
        if self.board and (said := self._bell.calls(self.board, self.now())):
            self.shell.ring(said)
        if missed := self._bell.missed(self.now()):
            self.tell(missed)
        self.shell.repaint()

    def sight(self, width: int, height: int) -> Sight:
        """All that the screen is drawn from."""
        return Sight(
            board=self.board,
            now=self.now(),
            me=self.me,
            width=width,
            height=height,
            keys=self.keys,
            problem=self.hands.problem,
            over=self.hands.over,
            told=self.told,
            asked=self.question,
            editing=self.editing is not None,
        )

    def lines(self, width: int, height: int) -> list[Line]:
        """The screen as it is now."""
        sight = self.sight(width, height)
        if sight.is_too_small and not self.editing:
            return too_small(sight)
        if self.question and self._about:
            return self._about.lines(sight)
        if self.glance and self.editing:
            return self.glance.lines(sight)
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
        self.hands.hold()
        found = self.keys.find(self.where, key)
        if self.glance and not self.question and self._looks_on(key, found):
            self.shell.repaint()
            return True
        if self.question and not (found and found.name == "quit"):
            self._answer(key)
        elif self.editing and not (found and (found.where is Where.EDITOR or found.name == "quit")):
            return False
        elif self.editing or not (self.page and self.page.pressed(key, found.name if found else "")):
            self._do(found, key)
        self.shell.repaint()
        return True

    def pasted(self, text: str) -> bool:
        """Text that arrived in one piece is letters where those are typed, and never a key; whether it was taken."""
        self.hands.hold()
        if self.question or self.editing or not (self.page and self.page.pasted(letters(text))):
            return False
        self.shell.repaint()
        return True

    def _looks_on(self, key: str, found: Key | None) -> bool:
        """Whether the key was for the glance: it moves in it (but no letter does), or closes it and nothing else."""
        if self.glance and len(key) > 1 and key != "space" and self.glance.pressed(key):
            return True
        self.glance = None
        return found is not None and found.name in ("leave", "back", "writing_keys")

    def _do(self, found: Key | None, key: str) -> None:
        self.told, self._followed = SILENCE, None
        elsewhere = self.keys.find(Where.FOCUS, key)
        if found:
            self.do(found)
        elif elsewhere and elsewhere.verb in (Verb.NOTE, Verb.REPLY):
            self.decline(f"{key} ({elsewhere.short}) writes about the problem: {self._back} goes there first")
        elif elsewhere:
            self.tell(f"{key} ({elsewhere.short}) is a key of the problem: {self._back} goes there first", Ink.WARN)
        else:
            self.tell(f"{key} does nothing here; {self.keys.called('help')} shows every key")

    def do(self, key: Key) -> None:
        """What that key does, wherever it is pressed or chosen."""
        self._actions[key.name](self, key)

    @property
    def _back(self) -> str:
        return self.keys.called("back")

    def _answer(self, key: str) -> None:
        answer = self.question.answer(key) if self.question else None
        found = self.keys.find(self.where, key)
        if answer or (found and found.name in ("back", "leave")):
            self.question, self.told, self._followed = None, SILENCE, None
        if answer:
            answer.then()
        elif self.question and self._about:
            self._about.pressed(key)

    def ask(self, question: Question) -> None:
        """Waits for an answer before anything else is done; until then what it is about can be looked through."""
        about = [line(f" {one}") for one in question.about]
        self.question, self._about = question, Page(question.title, lambda _: about) if about else None
        self.shell.repaint()

    def decline(self, why: str) -> None:
        """No editor could be opened. What is typed now was meant as words: no letter of it is a key until `back`."""
        self.ask(Question(why, (Answer(self._back, "go on: nothing is being written", nothing),)))

    def tell(self, said: str, ink: Ink = Ink.PLAIN) -> None:
        """One line about what became of the last key."""
        self.told, self._followed = Piece(said, ink), None
        self.shell.repaint()

    # --- what actions share ------------------------------------------------------------------------------------------

    def target(self) -> Problem | None:
        """The problem that a key acts on; tells why when there is none to act on."""
        if why := self.no_target():
            self.tell(why, Ink.WARN)
            return None
        return self.hands.problem

    def no_target(self) -> str:
        """Why there is no problem that a key could act on; "" when there is one."""
        if self.hands.problem is None:
            return "there is no problem on the screen"
        return f"nothing done: {self.hands.over}" if self.hands.over else ""

    def place(self) -> tuple[object, ...]:
        """Where the engineer is; what is asked of them there must not be answered from anywhere else."""
        held = self.hands.problem.id if self.hands.problem else ""
        return (held, self.page, self.editing, self.shell.typed())

    def tell_writes(self, what: str, writes: tuple[Write, ...], told: str = "") -> None:
        """Where those writes are, or else `told`; it goes on telling as they go on their way."""
        self.tell(told or self._on_its_way(what, writes))
        self._followed = (what, writes) if writes else None

    def _on_its_way(self, what: str, writes: tuple[Write, ...]) -> str:
        """``take it: waiting for am, held: u takes it back``, never more than is known."""
        states = list(dict.fromkeys(words.state(write, undo=self.keys.called("undo")) for write in writes))
        return f"{what}: {', '.join(states)}" if states else what
