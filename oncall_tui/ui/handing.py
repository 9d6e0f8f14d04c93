"""Pages of the night as it was kept: the handover, to be copied or written as a note, and the figures."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import timedelta

from oncall_tui.core.figures import figures as counted
from oncall_tui.core.figures import tell
from oncall_tui.core.handover import handover as told
from oncall_tui.errors import OncallError
from oncall_tui.model import Board, Problem, Record, Saying, Verb
from oncall_tui.ui import telling
from oncall_tui.ui.answers import tell_answer
from oncall_tui.ui.desk import UNREAD, Desk
from oncall_tui.ui.ink import Ink, Line, line, wrap
from oncall_tui.ui.keys import Key, Where
from oncall_tui.ui.page import Page
from oncall_tui.ui.sight import Sight

NIGHT = timedelta(hours=12)
"""How far the screen looks back; `oncall-tui handover --since` takes any beginning."""


class Handover(Page[Problem]):
    """The Markdown as it will be read, broken to the screen."""

    def __init__(self, text: str) -> None:
        super().__init__("handover of the last 12 hours", self._lines, where=Where.HANDOVER)
        self.text = text

    def _lines(self, sight: Sight) -> Sequence[Line]:
        return [
            line(" ", row, ink=Ink.STRONG if whole.startswith("#") else Ink.PLAIN)
            for whole in self.text.split("\n")
            for row in _hanging(whole, sight.width - 2)
        ]


def _hanging(whole: str, cells: int) -> list[str]:
    """A line of a list broken so that what it goes on with stands below its words."""
    mark = re.match(r" *(?:- )?", whole)
    depth = len(mark[0]) if mark else 0
    first, *more = wrap(whole[depth:], cells - depth)
    return [whole[:depth] + first, *(" " * depth + row for row in more)]


def handover(desk: Desk, key: Key) -> None:
    """Opens it once the engine has told what it kept."""
    _open(desk, lambda board, record: Handover(told(board, record, me=desk.me)))


def figures(desk: Desk, key: Key) -> None:
    """How long each customer was alone, and what became of promises."""
    _open(desk, lambda board, record: _figures(tell(counted(board, record))))


def _figures(said: Sequence[str]) -> Page[Problem]:
    return Page[Problem](
        "figures of the last 12 hours",
        lambda sight: [line(" ", row) for one in said for row in wrap(one, sight.width - 2)],
    )


def _open(desk: Desk, page: Callable[[Board, Record], Page[Problem]]) -> None:
    if desk.board is None:
        desk.tell(UNREAD)
    else:
        desk.shell.later(_opened(desk, page, desk.engine.record(desk.now() - NIGHT)))


async def _opened(desk: Desk, page: Callable[[Board, Record], Page[Problem]], answer: Future[Record]) -> None:
    """Opens it unless the engineer went on to something else meanwhile."""
    place = desk.place()
    try:
        record = await asyncio.wrap_future(answer)
    except OncallError as error:
        desk.tell(error.words, Ink.WARN)
        return
    if desk.board and desk.question is None and desk.place() == place:
        desk.page = page(desk.board, record)
        desk.shell.repaint()


def copy(desk: Desk, key: Key) -> None:
    """All of it, by the terminal."""
    if isinstance(desk.page, Handover):
        desk.tell(desk.shell.copy(desk.page.text))


def note(desk: Desk, key: Key) -> None:
    """As a note to the problem under the hands."""
    problem = desk.target()
    if problem is None or not isinstance(desk.page, Handover):
        return
    if why := telling.cannot(desk, Verb.NOTE, problem):
        desk.tell(why, Ink.WARN)
    else:
        tell_answer(desk, desk.engine.say(Saying(Verb.NOTE, problem, desk.page.text, sure=True)), "handover as a note")
