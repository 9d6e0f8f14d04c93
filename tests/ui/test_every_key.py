"""Every key of the table in every state: something is done or told, nothing is said by accident, and nothing falls over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from rich.cells import cell_len
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from oncall_tui.errors import Unwritable
from oncall_tui.model import Board, Verb
from oncall_tui.ui.actions import ACTIONS
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.foot import foot
from oncall_tui.ui.ink import plain, width
from oncall_tui.ui.keys import TABLE, Key, Keys, Where
from oncall_tui.ui.rebinding import MOVES
from tests.ui import nights
from tests.ui.nights import NOW
from tests.ui.scripted import Hollow, Screen, Scripted
from tests.ui.states import SIZES, gone, left, snoozed, stuck


class Terminal(Hollow):
    """A terminal's side that remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tasks: list[asyncio.Future[None]] = []

    def later(self, work: Awaitable[None]) -> None:
        self.tasks.append(asyncio.ensure_future(work))

    def copy(self, text: str) -> str:
        self.asked.append("copy")
        return "copied"

    def leave(self) -> None:
        self.asked.append("leave")

    def reload(self) -> None:
        self.asked.append("reload")

    async def edit_outside(self) -> str:
        self.asked.append("edit outside")
        return ""


@dataclass
class Night:
    """A desk in a state, and all that a key could change of it."""

    desk: Desk
    engine: Scripted
    terminal: Terminal
    is_full: bool = False
    before: list[str] = field(default_factory=list)

    async def settle(self) -> None:
        while self.terminal.tasks:
            await self.terminal.tasks.pop()

    async def press(self, *keys: str) -> bool:
        used = False
        for key in keys:
            if self.is_full:
                self.engine.answers = [Unwritable("cannot save: the disk is read-only")]
            used = self.desk.pressed(key)
            if not used and len(key) == 1:
                self.terminal.text += key
            await self.settle()
        return used

    def shown(self) -> list[str]:
        return [plain(one) for one in self.desk.lines(80, 24)]

    def unsaid(self, size: tuple[int, int]) -> str:
        """What the desk tells or asks that does not stand on a screen of that size, every line of which fits."""
        desk = self.desk
        lines = desk.lines(*size)
        assert len(lines) == size[1]
        if desk.where is Where.EDITOR:
            lines += foot(desk.sight(size[0], 1), Where.EDITOR)
        assert max(map(width, lines)) <= size[0]
        said = " ".join((desk.question.words if desk.question else desk.told.text).split())
        return "" if said in " ".join(" ".join(plain(one) for one in lines).split()) else said

    def facts(self) -> tuple[object, ...]:
        """What a key can be seen to have changed."""
        desk = self.desk
        return (self.shown(), desk.told, desk.question, desk.editing and desk.editing.verb, self.terminal.text,
                list(self.engine.told), list(self.terminal.asked))  # fmt: skip


@dataclass(frozen=True)
class State:
    """A state to press keys in: from this board (None: none came yet), by these keys, then this board."""

    board: Callable[[], Board] | None
    keys: tuple[str, ...] = ()
    then: Callable[[], Board] | None = None
    is_full: bool = False


STATES: dict[str, State] = {
    "before the first board": State(None),
    "no problem": State(nights.nothing),
    "a problem": State(nights.bakery),
    "a problem that is mine": State(nights.taken),
    "a problem that is over": State(nights.bakery, then=gone),
    "a late source": State(nights.late),
    **{f"the page of {key}": State(nights.bakery, (key,)) for key in ("q", "e", "t", "o", "s", "H", "F", "?", ":")},
    "the queue with something out of the way": State(snoozed, ("q", "z")),
    "the queue while filtering": State(nights.bakery, ("q", "/")),
    "the queue to join with": State(nights.bakery, ("j",)),
    "an outbox with a write": State(stuck, ("s",)),
    "an outbox with a draft": State(left, ("s", "end")),
    "a page of a problem that is over": State(nights.bakery, ("e",), then=gone),
    "a note being written": State(nights.bakery, ("n", "x")),
    "an empty reply": State(nights.bakery, ("r",)),
    "a reply being written": State(nights.bakery, ("r", "x")),
    "the keys above a note": State(nights.bakery, ("n", "x", "ctrl+p")),
    "how long to snooze": State(nights.bakery, ("z",)),
    "how bad it is": State(nights.bakery, ("i",)),
    "whether to send a reply": State(nights.bakery, ("r", "x", "ctrl+o")),
    "whether to leave a note": State(nights.bakery, ("n", "x", "ctrl+c")),
    "an editor that did not open": State(nights.nothing, ("n",)),
    "a read-only disk": State(nights.bakery, is_full=True),
    "a note on a read-only disk": State(nights.bakery, ("n", "x"), is_full=True),
    "an outbox on a read-only disk": State(stuck, ("s",), is_full=True),
}

AGREES = frozenset("y0123456789s")
"""Keys that answer the questions here; none of them is a key of the table that says something."""


async def reached(state: State) -> Night:
    board = state.board() if state.board else None
    engine, terminal = Scripted(lambda _: None, board), Terminal()
    desk = Desk(engine, terminal, actions=ACTIONS, me="Sanne", keys=Keys(), now=lambda: NOW)
    engine.on_board = desk.see
    night = Night(desk, engine, terminal, state.is_full)
    if board is not None:
        desk.see(board)
    night.shown()
    for key in state.keys:
        await night.press(key)
        night.shown()
    if state.then:
        desk.see(state.then())
    return night


@pytest.mark.parametrize("state", STATES)
async def test_every_key_does_something_or_says_why_not_and_never_falls_over(state: str) -> None:
    silent = []
    for key in TABLE:
        night = await reached(STATES[state])
        asked, where, before = night.desk.question, night.desk.where, night.facts()
        night.desk.told = type(night.desk.told)("")
        used = await night.press(key.key)
        for size in SIZES:
            assert night.unsaid(size) == "", key
        if night.facts() == before and used and not _is_silent(key, where, night, asked=bool(asked)):
            silent.append(key.name)
    assert silent == []


def _is_silent(key: Key, where: Where, night: Night, *, asked: bool) -> bool:
    """Whether it is right that nothing is seen of that key there: there is nothing to come back from at the problem."""
    if asked:
        return night.desk.question is not None  # it waits, and is on the screen
    moves_at_an_end = key.key in MOVES and where is not Where.FOCUS
    return moves_at_an_end or (where is Where.FOCUS and key.key == "escape")


@pytest.mark.parametrize("state", [name for name, state in STATES.items() if state.keys])
async def test_no_key_of_the_problem_says_anything_from_another_place(state: str) -> None:
    """What waits for an answer, is typed or is read is not about to be taken, given back or solved."""
    for key in (k for k in TABLE if k.where is Where.FOCUS and k.key not in AGREES):
        night = await reached(STATES[state])
        await night.press(key.key)
        said = {one[1] for one in night.engine.told if one[0] == "say"}
        assert said <= ({Verb.NOTE} if state == "the page of H" else set()), key


async def test_a_disk_that_takes_nothing_is_told_of_by_each_key_that_says_something() -> None:
    for key, answer in (
        ("a", ()),
        ("R", ()),
        ("z", ("1",)),
        ("i", ("3",)),
        ("x", ("2",)),
        ("u", ()),
        ("j", ("down", "enter")),
    ):
        night = await reached(STATES["a read-only disk"])
        await night.press(key)
        night.shown()
        for one in answer:
            await night.press(one)
        assert "the disk is read-only" in night.desk.told.text, key


# --- the real app, at every size ------------------------------------------------------------------------------------

PLACES: dict[str, tuple[str, ...]] = {
    "the problem": (),
    **{f"the page of {key}": (key,) for key in ("q", "e", "t", "o", "s", "H", "F", "?", ":")},
    "the queue while filtering": ("q", "/"),
    "a note": ("n", "x"),
    "a reply": ("r", "x"),
    "how long to snooze": ("z",),
}


async def ahead(pilot: Pilot[int], *keys: str) -> None:
    """Keys as they come from somebody who does not wait for the screen: `Pilot.press` waits after each, for minutes here."""
    for key in keys:
        is_letter = len(key) == 1
        event = events.Key(_character_to_key(key) if is_letter else key, key if is_letter else None)
        event.set_sender(pilot.app)
        pilot.app._driver.send_message(event)  # type: ignore[union-attr]
    await pilot.pause()


def is_told(screen: Screen) -> bool:
    """Whether all that is said just now stands on the screen."""
    desk = screen.app.desk
    said = desk.question.words if desk.question else desk.told.text
    return " ".join(said.split()) in " ".join(screen.text().split())


async def told(pilot: Pilot[int], screen: Screen, within_s: float = 20.0) -> None:
    """Until what a key says is painted; an answer of the engine takes its turns of the loop, more of them on a busy machine."""
    deadline = time.monotonic() + within_s
    while not is_told(screen) and time.monotonic() < deadline:
        await pilot.pause(0.01)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("place", PLACES)
async def test_on_the_terminal_every_key_that_works_there_is_answered_within_its_lines(
    place: str, size: tuple[int, int]
) -> None:
    from tests.ui.test_desk import at

    async with at(stuck(), size) as (screen, pilot):
        screen.app.leave = lambda: None  # type: ignore[method-assign]
        desk = screen.app.desk
        await ahead(pilot, *PLACES[place])
        where, there = desk.where, desk.page
        answers = [answer.key for answer in desk.question.answers] if desk.question else []
        for key in answers or [key.key for key in TABLE if where in key.places]:
            if not (desk.where is where and desk.page is there and bool(desk.question) is bool(answers)):
                while desk.page or desk.editing or desk.question:
                    await ahead(pilot, "escape")
                await ahead(pilot, *PLACES[place])
                there = desk.page
            await ahead(pilot, key)
            await told(pilot, screen)
            lines = screen.text().split("\n")
            assert len(lines) == size[1], key
            assert max(map(cell_len, lines)) <= size[0], key
            assert is_told(screen), key


# --- walks, counted in keys ------------------------------------------------------------------------------------------


async def test_from_start_to_taken_and_told_takes_at_most_four_keys_also_with_several_customers() -> None:
    from tests.ui.test_desk import at, press
    from tests.ui.test_handing import ADVICE, two

    for board in (nights.bakery, two):
        async with at(board(), advice=ADVICE) as (screen, pilot):
            walk = ("a", "ctrl+o", "y")
            await press(pilot, walk[0])
            await press(pilot, *walk[1:])
            assert [told[1] for told in screen.engine.told] == [Verb.ACKNOWLEDGE, Verb.REPLY]
            assert len(walk) <= 4


async def test_a_private_note_takes_two_keys_and_its_text() -> None:
    from tests.ui.test_desk import at, press

    async with at() as (screen, pilot):
        await press(pilot, "n", *"restarted", "ctrl+o")
        assert screen.engine.told == [("say", Verb.NOTE, "p1", "restarted", False)]
