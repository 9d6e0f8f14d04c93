"""Keys that go somewhere: to another problem, to a page, back, and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from oncall_tui import phrases
from oncall_tui.model import Draft, Problem, Write
from oncall_tui.ui import outbox, pages, timeline
from oncall_tui.ui.asking import confirm
from oncall_tui.ui.desk import UNREAD, Desk
from oncall_tui.ui.ink import Ink, Line
from oncall_tui.ui.keys import Key, Where
from oncall_tui.ui.page import Page
from oncall_tui.ui.palette import Palette
from oncall_tui.ui.queue import Queue
from oncall_tui.ui.sight import Sight


def go(desk: Desk, key: Key) -> None:
    """To the most urgent problem, and from there back to where we were."""
    if desk.board is None:
        desk.tell(UNREAD)
    elif why := desk.hands.go(desk.board):
        desk.tell(why)


def queue(desk: Desk, key: Key) -> None:
    """Every problem; enter puts one under the hands."""
    desk.page = Queue(partial(_look_at, desk))


def _look_at(desk: Desk, problem: Problem) -> None:
    desk.hands.take(problem)
    desk.page = None


def switch(desk: Desk, key: Key) -> None:
    """The queue's own switches: filter, group, out of the way."""
    if isinstance(desk.page, Queue):
        desk.page.switch(key.name)
    if key.name == "aside" and not (desk.board and desk.board.aside):
        desk.tell("nothing is out of the way")


def explain(desk: Desk, key: Key) -> None:
    """Why it has its place."""
    _about(desk, "why it has this place", pages.explain)


def story(desk: Desk, key: Key) -> None:
    """What happened so far."""
    _about(desk, "what happened so far", timeline.story)


def _about(desk: Desk, title: str, lines: Callable[[Problem, Sight], Sequence[Line]]) -> None:
    if desk.hands.problem is None:
        desk.tell("there is no problem on the screen", Ink.WARN)
        return
    desk.page = Page[Problem](title, lambda sight: lines(sight.problem, sight) if sight.problem else ())


def links(desk: Desk, key: Key) -> None:
    """Its links in full, to copy; nothing is ever launched."""
    problem = desk.hands.problem
    if problem is None:
        desk.tell("there is no problem on the screen", Ink.WARN)
        return
    desk.page = Page[pages.Link](
        f"links of {phrases.who(problem)}",
        lambda sight: pages.link_items(problem, sight),
        paint=pages.link_row,
        where=Where.LINKS,
        enter=partial(_copy, desk),
        hint="shown in full, never opened",
    )


def _copy(desk: Desk, link: pages.Link) -> None:
    desk.tell(desk.shell.copy(link.url))


def choose(desk: Desk, key: Key) -> None:
    """What the page is for, with what is chosen on it."""
    if not (desk.page and desk.page.choose()):
        desk.tell("there is nothing to choose here", Ink.WARN)


def sources(desk: Desk, key: Key) -> None:
    """The sources' health and the outbox."""
    desk.page = Page[Write | Draft](
        "sources and outbox", outbox.items, paint=outbox.row, name=outbox.known, where=Where.OUTBOX
    )


_HELP = "keys"


def show_help(desk: Desk, key: Key) -> None:
    """Every key; pressed there once more, back."""
    if desk.page and desk.page.title == _HELP:
        desk.page = None
        return
    desk.page = Page[Problem](_HELP, lambda sight: pages.help_lines(sight.keys, sight))


def show_writing_keys(desk: Desk, key: Key) -> None:
    """The editor's keys above the words, until something else is pressed: what is typed goes on being typed."""
    desk.glance = Page[Problem]("keys of the editor", lambda sight: pages.keys_there(sight.keys, Where.EDITOR, sight))


def palette(desk: Desk, key: Key) -> None:
    """All that can be done, to be found by its words."""
    desk.page = Palette(partial(_choose, desk))


def _choose(desk: Desk, item: Key | Problem) -> None:
    desk.page = None
    if isinstance(item, Problem):
        desk.hands.take(item)
    else:
        desk.do(item)


def back(desk: Desk, key: Key) -> None:
    """To the problem."""
    desk.page = None


def leave(desk: Desk, key: Key) -> None:
    """Out; asks once while something is being written."""
    if desk.editing and desk.shell.typed() and not desk.question:
        trouble = desk.board.trouble if desk.board else ""
        kept = (
            f"it may not be kept: {trouble}. Leave, and have the words printed?"
            if trouble
            else "it is kept as a draft. Leave?"
        )
        desk.ask(confirm(f"You are writing; {kept}", desk.shell.leave))
    else:
        desk.shell.leave()
