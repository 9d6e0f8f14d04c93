"""Words that were left unsent, on the page of the outbox: also those whose problem is over, which no editor offers again."""

from __future__ import annotations

from functools import partial

from oncall_tui import words
from oncall_tui.model import Draft, Problem, Write
from oncall_tui.ui import telling, writing
from oncall_tui.ui.answers import tell_answer
from oncall_tui.ui.asking import confirm
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.ink import Ink
from oncall_tui.ui.keys import Key


def go_on(desk: Desk, key: Key) -> None:
    """Opens the editor with the chosen draft, under the problem that its signals belong to now."""
    draft = desk.page.item() if desk.page else None
    if not isinstance(draft, Draft):
        desk.tell("only a draft can be written on: choose one", Ink.WARN)
        return
    problem = _problem(desk, draft)
    if problem is None:
        desk.tell(f"its problem is over: {desk.keys.called('copy_words')} copies the words", Ink.WARN)
    elif why := telling.cannot(desk, draft.verb, problem):
        desk.tell(why, Ink.WARN)
    else:
        desk.hands.take(problem)
        writing.resume(desk, draft, problem)


def _problem(desk: Desk, draft: Draft) -> Problem | None:
    board = desk.board
    if board is None:
        return None
    refs = set(draft.refs)
    every = (*board.problems, *board.aside)
    return board.find(draft.problem) or next((p for p in every if not refs.isdisjoint(p.refs)), None)


def copy_words(desk: Desk, key: Key) -> None:
    """The words of the chosen draft or write, by the terminal."""
    chosen = desk.page.item() if desk.page else None
    if isinstance(chosen, (Draft, Write)) and chosen.text:
        desk.tell(desk.shell.copy(chosen.text))
    else:
        desk.tell("there are no words to copy here", Ink.WARN)


def ask_to_drop(desk: Desk, draft: Draft) -> None:
    """Asks once: words that are thrown away are gone."""
    dropped = partial(_drop, desk, draft)
    desk.ask(confirm(f"Throw the draft {words.quoted(draft.text, 40)} away?", dropped))


def _drop(desk: Desk, draft: Draft) -> None:
    tell_answer(desk, desk.engine.drop_draft(draft), "thrown away")
