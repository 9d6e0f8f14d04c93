"""A stranger's text in every field of every screen: nothing but printable text is painted, and nothing falls over.

No field is written down here: whatever the nouns hold, or will hold, is poisoned by its type.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec
import pytest

from oncall_tui import safe
from oncall_tui.errors import OncallError
from oncall_tui.model import Board, Draft, Hurt, Me, Problem, Record, Said, Settings, State, Stretch, Verb
from oncall_tui.ui.caring import caring
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.ink import plain, width
from oncall_tui.ui.keys import TABLE, Where
from tests.hostile import EVERY
from tests.ui import nights
from tests.ui.scripted import Screen, bare_desk

T = TypeVar("T")
SIZES = ((80, 24), (40, 15), (200, 60))
OPENS = ("", "r", "n", "q", "H", ":")
ADVICE = caring(Settings(me=Me(name="Sanne de Vries")), Path("no-care.toml"), lambda: nights.NOW)

OURS = {"source", "problem", "zone", "moment_zone"}
"""Names that the configuration gave or that we gave ourselves; no stranger writes them."""


_hints = cache(get_type_hints)


class Poison:
    """Puts `text` into every text of a noun and of what it holds, empty ones too; what is known by its name stays unique."""

    def __init__(self, text: str) -> None:
        self.text, self._met = text, 0

    def into(self, noun: T) -> T:
        hints = _hints(type(noun))
        fields = noun.__struct_fields__  # type: ignore[attr-defined]
        changes = {name: self._field(name, getattr(noun, name), hints[name]) for name in fields if name not in OURS}
        return msgspec.structs.replace(noun, **changes)  # type: ignore[type-var]

    def _field(self, name: str, value: Any, hint: object) -> Any:
        if isinstance(value, msgspec.Struct):
            return self.into(value)
        if isinstance(value, enum.Enum):
            return value
        if isinstance(value, str):
            return self._text(name)
        if isinstance(value, Mapping):
            return {self.text: self.text}
        if isinstance(value, tuple) and hint in (tuple[str, ...], tuple[str, ...] | None):
            return (self._text(name), self._text(name))
        return tuple(self._field(name, one, hint) for one in value) if isinstance(value, tuple) else value

    def _text(self, name: str) -> str:
        self._met += 1
        if name == "id":
            return f"{self.text}{self._met}"
        if name in ("ref", "refs", "after"):
            return f"desk/{self.text}{self._met}"
        return f"https://x/{self.text}" if name == "url" else self.text


def whole() -> Board:
    """A board with something in every corner of it."""
    fire = nights.taken().problems[0]
    hurt = msgspec.structs.replace(nights.RON, last_word_at=nights.ago(5))
    signals = tuple(
        msgspec.structs.replace(s, taken_by="Olga", taken_at=nights.ago(4), taken_until=nights.ago(-9), due_at=nights.ago(-9))
        for s in fire.signals
    )  # fmt: skip
    fire = msgspec.structs.replace(fire, signals=signals, customers=(hurt, hurt, *fire.customers))
    late = [nights.health(n, "redmine", (*nights.BOTH, Verb.NOTE, Verb.REPLY), live=False, unreadable=2, skew_s=900.0, fault_at=nights.ago(3)) for n in ("am", "desk")]  # fmt: skip
    outbox = tuple(nights.write(Verb.NOTE, f"desk/{state}", state, "x") for state in State)
    fire = msgspec.structs.replace(fire, writes=(*fire.writes, *outbox))
    aside = msgspec.structs.replace(nights.WEBSHOP, id="aside", aside_until=nights.ago(-30))
    return nights.bakery(
        problems=(fire, nights.WEBSHOP, nights.GARAGE), aside=(aside,), sources=tuple(late), outbox=outbox
    )


@cache
def poisoned(text: str) -> Board:
    """`text` in every field of it. The problems keep their names, so that they are found again, and only one is aside."""
    board = whole()
    problems = [_named(text, one) for one in board.problems]
    draft = Draft(problem="p1", verb=Verb.REPLY, text=safe.prose(text), saved_at=nights.NOW)
    return msgspec.structs.replace(
        Poison(text).into(board),
        problems=tuple(problems), aside=(msgspec.structs.replace(_named(text, board.aside[0]), aside=text),),
        sources=tuple(msgspec.structs.replace(Poison(text).into(one), name=one.name) for one in board.sources),
        drafts=(draft,),
    )  # fmt: skip


def _named(text: str, problem: Problem) -> Problem:
    return msgspec.structs.replace(Poison(text).into(problem), id=problem.id, aside="", moment_zone=problem.moment_zone)


@cache
def record(text: str) -> Record:
    stretch = Stretch(problem="p1", title="", customer="", since=nights.ago(9), until=nights.NOW, on_fire=True)
    writes = (
        nights.write(Verb.REPLY, state=State.CONFIRMED, promise_at=nights.ago(-9)),
        nights.write(Verb.NOTE, state=State.REFUSED),
    )
    return Poison(text).into(Record(since=nights.ago(60), writes=writes, stretches=(stretch,)))


PATHS: tuple[tuple[str, ...], ...] = (
    (),
    *((key.key,) for key in TABLE if key.where in (Where.FOCUS, Where.ANYWHERE) and key.name != "quit"),
    ("q", "down", "enter"),
    ("q", "c", "z"),
    ("q", "/", *"abc"),
    ("j", "down", "enter"),
    ("o", "down", "enter"),
    ("s", "down", "r"),
    ("s", "w"),
    ("H", "c"),
    ("H", "n"),
    ("r", "ctrl+t"),
    ("r", "ctrl+t", "ctrl+t", "ctrl+o"),
    ("r", "ctrl+r", "ctrl+t"),
    ("r", "ctrl+g"),
    ("r", "ctrl+o"),
    ("r", "ctrl+o", "y"),
    ("n", "ctrl+t"),
    ("n", "ctrl+o"),
    ("x", "1"),
    ("z", "1"),
    ("i", "4"),
    (":", *"go"),
)


async def settled(desk: Desk) -> None:
    """After what the desk waits for."""
    for _ in range(4):
        await asyncio.sleep(0)


def held(desk: Desk, size: tuple[int, int], text: str) -> None:
    """Asserts that a screen of that size holds nothing but text in its bounds."""
    lines = desk.lines(*size)
    assert len(lines) == size[1]
    for shown in lines:
        assert plain(shown).isprintable(), (text, shown)
        assert width(shown) <= size[0], (text, shown)


@pytest.mark.parametrize("keys", PATHS, ids=" ".join)
async def test_no_page_holds_anything_but_text(keys: tuple[str, ...]) -> None:
    at = PATHS.index(keys)
    for i, text in enumerate(EVERY):
        desk = bare_desk(poisoned(text), advice=ADVICE, kept=record(text))
        for key in keys:
            desk.pressed(key)
            await settled(desk)
        held(desk, SIZES[(i + at) % len(SIZES)], text)


async def test_what_is_typed_into_the_palette_and_the_filter_is_only_text() -> None:
    for i, text in enumerate(EVERY):
        desk = bare_desk(poisoned(text), advice=ADVICE)
        for first in ((":",), ("q", "/")):
            for key in (*first, *text[:12]):
                desk.pressed(key)
            held(desk, SIZES[i % len(SIZES)], text)
            desk.pressed("escape")


@pytest.mark.parametrize("name", ["words", "asks", "refused", "error"])
async def test_what_the_engine_says_of_a_stranger_is_only_text(name: str) -> None:
    for i, text in enumerate(EVERY):
        desk = bare_desk(poisoned(text), advice=ADVICE)
        desk.engine.answers = [OncallError(text) if name == "error" else Said(**{name: text})]  # type: ignore[attr-defined]
        desk.pressed("a")
        await settled(desk)
        held(desk, SIZES[i % len(SIZES)], text)


async def test_who_is_announced_and_what_is_over_are_only_text() -> None:
    for i, text in enumerate(EVERY):
        board = poisoned(text)
        fire, *others = board.problems
        desk = bare_desk(msgspec.structs.replace(board, problems=tuple(others)), advice=ADVICE)
        desk.see(board)  # a more urgent one announces itself
        held(desk, SIZES[i % len(SIZES)], text)
        desk.see(msgspec.structs.replace(board, problems=(fire,)))  # what was under the hands is over
        held(desk, SIZES[(i + 1) % len(SIZES)], text)
        desk.see(msgspec.structs.replace(board, problems=(), aside=()))
        held(desk, SIZES[(i + 2) % len(SIZES)], text)


async def test_words_that_are_offered_to_a_stranger_are_only_text() -> None:
    for text in EVERY:
        hurt = Hurt(name=text, contact=text, core_process=text, last_words=text, language=text, spoke=True, wrote=1)
        problem = msgspec.structs.replace(nights.FIRE, customers=(hurt,))
        desk = bare_desk(nights.bakery(problems=(problem,)), advice=ADVICE)
        desk.pressed("a")
        await settled(desk)
        assert desk.editing is not None
        said = desk.shell.typed()
        assert safe.prose(said).replace("\n", "").isprintable()
        assert all(0 <= hint.start < hint.end <= len(said) for hint in ADVICE.hints(said, (hurt,)))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "40x15", "200x60"])
@pytest.mark.parametrize("key", OPENS)
async def test_the_screen_paints_nothing_but_text(key: str, size: tuple[int, int]) -> None:
    """Each text behind every key, at one of the sizes: at which, goes round."""
    first = (SIZES.index(size) + OPENS.index(key)) % len(SIZES)
    screen = Screen(poisoned(EVERY[0]), advice=ADVICE)
    async with screen.app.run_test(size=size) as pilot:
        await pilot.press(*key)
        for text in EVERY[first :: len(SIZES)]:
            screen.engine.publish(poisoned(text))
            screen.app.retype(safe.prose(text))
            await pilot.pause()
            shown = screen.text()
            assert {char for char in shown if not char.isprintable()} <= {"\n"}, text
            assert shown.count("\n") == size[1] - 1
        assert screen.engine.told == []


def test_every_field_that_holds_text_is_poisoned() -> None:
    """The poison itself reaches everything: what is left unpoisoned is named above."""
    board = poisoned("\x1b[31m")
    for problem in board.problems:
        for noun in (problem, *problem.signals, *problem.customers, *problem.writes, problem.alone, *problem.reasons):
            for name in noun.__struct_fields__:
                value = getattr(noun, name)
                if type(value) is str and name not in OURS and (name, noun) != ("id", problem) and name != "aside":
                    assert "\x1b" in value, (type(noun), name)


async def test_text_in_markup_is_shown_as_it_is() -> None:
    async with (screen := Screen(poisoned("[/] [@click=app.quit]x[/] [bold]"))).app.run_test(size=(80, 24)):
        assert "[/] [@click=app.quit]x[/] [bold]" in screen.text()


async def test_a_paste_is_made_safe_before_it_is_shown_or_kept() -> None:
    from textual import events

    screen = Screen()
    async with screen.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await pilot.pause()
        screen.app.post_message(events.Paste("one\x1b[31m\u202etwo\r\nthree"))
        await pilot.pause()
        await pilot.pause()
        shown = screen.app._editor.words.text if screen.app._editor else ""
        assert shown == screen.app.typed() == "one^[[31m\ufffdtwo\nthree"
        screen.app.retype("raw\x1b[31m\u202e")
        assert screen.app.typed() == "raw^[[31m\ufffd"


async def test_a_paste_into_the_problem_presses_no_key() -> None:
    from textual import events

    screen = Screen()
    async with screen.app.run_test(size=(80, 24)) as pilot:
        screen.app.post_message(events.Paste("aaaa"))
        await pilot.pause()
        assert screen.engine.told == []
        assert "no key was pressed" in screen.text()
