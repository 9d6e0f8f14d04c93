"""The states that are held as text in `snapshots` and drawn as pictures: what is known, and the keys that were pressed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from textual.app import App
from textual.pilot import Pilot

from oncall_tui.errors import OncallError, Unwritable
from oncall_tui.model import Alone, Board, Draft, Hurt, Me, Problem, Reason, Rule, Said, Settings, State, Verb
from oncall_tui.ui.caring import caring
from oncall_tui.ui.firstrun import FirstRun
from oncall_tui.ui.theme import THEMES
from tests.ui import nights
from tests.ui.scripted import Screen, text_of

ADVICE = caring(Settings(me=Me(name="Sanne de Vries")), Path("no-care.toml"), lambda: nights.NOW)


@dataclass(frozen=True)
class StateOfThings:
    """A screen to come to: from this board, by these keys (perhaps rebound), then this board.

    `answers` is what the engine says to what is said; `draft_fault` why it cannot keep what is typed.
    """

    board: Callable[[], Board]
    keys: tuple[str, ...] = ()
    then: Callable[[], Board] | None = None
    rebound: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[Said | OncallError, ...] = ()
    draft_fault: OncallError | None = None

    def begin(self, theme: str = "dark") -> Screen:
        """The screen before any key."""
        screen = Screen(self.board(), theme=theme, keys=dict(self.rebound), advice=ADVICE)
        screen.engine.kept = nights.kept()
        screen.engine.answers += self.answers
        screen.engine.draft_faults += [self.draft_fault] * 9 if self.draft_fault else []
        return screen


def overtaken() -> Board:
    """The garage is under the hands while the bakery burns."""
    board = nights.bakery()
    return msgspec.structs.replace(board, problems=board.problems)


def garage_first() -> Board:
    return nights.bakery(problems=(nights.GARAGE,))


def gone() -> Board:
    return nights.bakery(problems=nights.bakery().problems[1:])


def storm() -> Board:
    """Forty alerts on one problem."""
    many = tuple(
        msgspec.structs.replace(nights.ORDERS_DOWN, id=f"a{i}", title=f"PodCrashLooping orders-{i}") for i in range(40)
    )
    first: Problem = msgspec.structs.replace(nights.FIRE, signals=(*many, nights.TICKET))
    return nights.bakery(problems=(first, *nights.bakery().problems[1:]))


def wide() -> Board:
    """A customer who writes in Japanese, and an accent that is a mark of its own."""
    hurt = msgspec.structs.replace(
        nights.RON,
        name="株式会社ベーカリー",
        contact="田中",
        last_words="注文ができません。すぐに電話してください! Cafe\u0301 ook.",
        core_process="注文を受ける",
    )
    return nights.bakery(problems=(msgspec.structs.replace(nights.FIRE, customers=(hurt,), title="注文APIが停止"),))


def drafted() -> Board:
    return nights.bakery(
        drafts=(Draft(problem="p1", verb=Verb.REPLY, text="Ik kijk nu,", saved_at=nights.ago(3), refs=()),)
    )


def stuck() -> Board:
    """A write that nobody knows whether it arrived."""
    write = nights.write(Verb.NOTE, state=State.UNSURE, text="restarting", fault="no answer within 15 s")
    return nights.bakery(outbox=(write, *nights.taken().outbox[:2]))


def snoozed() -> Board:
    aside = msgspec.structs.replace(nights.WEBSHOP, aside="snoozed until 04:00")
    return nights.bakery(problems=(nights.FIRE, nights.GARAGE), aside=(aside,))


def crowd() -> Board:
    """Twenty customers wrote about one problem."""
    many = tuple(
        Hurt(name=f"Klant {i} BV", contact=f"Persoon {i} van Dam", spoke=True, wrote=1, last_words="help")
        for i in range(20)
    )
    return nights.bakery(problems=(msgspec.structs.replace(nights.FIRE, customers=many),))


def left() -> Board:
    """One draft about the bakery, one about a problem that is over."""
    own = Draft(problem="p1", verb=Verb.REPLY, text="Ik kijk nu,", saved_at=nights.ago(3), refs=nights.FIRE.refs)
    over = Draft(problem="gone", verb=Verb.NOTE, text="it was the cache", saved_at=nights.ago(5), refs=("desk/1",))
    return nights.bakery(drafts=(own, over))


def able(*verbs: Verb) -> Board:
    """Only the desk has these verbs; the monitor says why not."""
    am = msgspec.structs.replace(nights.SOURCES[0], cannot=dict.fromkeys(verbs, "an alert ends by itself"))
    return nights.bakery(sources=(am, nights.health("desk", "redmine", (*nights.BOTH, *verbs))))


def failing() -> Board:
    """The bakery burns; the desk refuses us, the monitor's clock is wrong, and our own disk takes nothing."""
    desk = nights.health(
        "desk",
        "redmine",
        live=False,
        answered_at=nights.ago(12),
        fault="401: the key was refused",
        fault_at=nights.ago(12),
    )
    am = msgspec.structs.replace(nights.SOURCES[0], skew_s=840.0)
    return nights.bakery(sources=(am, desk), trouble="cannot save: disk full")


def missed() -> Board:
    """We said that they would hear from us four minutes ago."""
    alone = Alone(rule=Rule.MISSED, why="promise missed 4 min ago", since=nights.ago(4))
    ron = msgspec.structs.replace(nights.RON, last_word_at=nights.ago(24))
    broken = msgspec.structs.replace(
        nights.FIRE,
        customers=(ron,),
        taken_by="Sanne",
        mine=True,
        taken_at=nights.ago(30),
        promise_at=nights.ago(4),
        alone=alone,
        reasons=(
            Reason(factor="stake", words="down, a core process, no alternative", points=100.0),
            Reason(factor="waiting", words="alone 4m", points=20.0),
            Reason(factor="voice", words="wrote 3 times", points=18.0),
        ),
    )
    return nights.bakery(problems=(broken, *nights.bakery().problems[1:]))


def promised() -> Board:
    """It is in hand, and the next word is due on another day."""
    with_me = Alone(rule=Rule.WITH_THEM, why="with Sanne")
    at = nights.NOW + timedelta(hours=30)
    mine = msgspec.structs.replace(nights.FIRE, taken_by="Sanne", mine=True, promise_at=at, alone=with_me)
    return nights.bakery(problems=(mine, *nights.bakery().problems[1:]))


def solvable() -> Board:
    return able(Verb.RESOLVE)


def quietable() -> Board:
    return able(Verb.SNOOZE)


FULL = Unwritable("cannot save: disk full")
FRIGHTENING = "Helaas lukt het niet, morgen bent u de eerste."
MORE_FRIGHTENING = "Hm, lastig. Misschien lukt het niet. Wij doen ons best, maar morgen is er iemand."


@dataclass(frozen=True)
class First:
    """The screen of a newcomer."""

    app: FirstRun

    def text(self) -> str:
        return text_of(self.app)


@dataclass(frozen=True)
class FirstStart:
    """Before there is any configuration."""

    keys: tuple[str, ...] = ()
    then: None = None

    def begin(self, theme: str = "dark") -> First:
        """The screen that waits for a choice."""
        return First(FirstRun(Path("/home/sanne/.config/oncall-tui/config.toml"), looks=THEMES[theme], ascii_=False))


STATES: dict[str, StateOfThings | FirstStart] = {
    "a bakery on fire is alone": StateOfThings(nights.bakery),
    "mine, but they have not heard": StateOfThings(nights.taken),
    "nobody is alone": StateOfThings(nights.calm),
    "no problem at all": StateOfThings(nights.nothing),
    "nobody is known to be alone but the desk is late": StateOfThings(nights.late),
    "a more urgent problem announces itself": StateOfThings(garage_first, then=overtaken),
    "the problem under the hands is over": StateOfThings(nights.bakery, then=gone),
    "an alert storm": StateOfThings(storm),
    "a customer who writes in wide letters": StateOfThings(wide),
    "a reply is written under the problem": StateOfThings(nights.taken, ("r", *"Ik ben er")),
    "a reply asks before it goes": StateOfThings(nights.taken, ("r", *"Ik ben er", "ctrl+o")),
    "a note is written under the problem": StateOfThings(nights.bakery, ("n", *"restarting")),
    "a draft is offered again": StateOfThings(drafted, ("r",)),
    "how long to snooze": StateOfThings(nights.bakery, ("z",)),
    "how bad it is": StateOfThings(nights.bakery, ("i",)),
    "which signal to take out": StateOfThings(nights.bakery, ("x",)),
    "the queue": StateOfThings(nights.bakery, ("q", "down")),
    "the queue filtered": StateOfThings(nights.bakery, ("q", "/", *"klant")),
    "the queue by customer with what is out of the way": StateOfThings(snoozed, ("q", "c", "z")),
    "why it is first": StateOfThings(nights.bakery, ("e",)),
    "the story so far": StateOfThings(nights.taken, ("t",)),
    "its links": StateOfThings(nights.bakery, ("o",)),
    "the sources and the outbox": StateOfThings(stuck, ("s",)),
    "many readers are listed before a reply goes": StateOfThings(crowd, ("r", *"Ik ben er", "ctrl+o")),
    "the keys of the editor above the words": StateOfThings(nights.bakery, ("n", *"restarting", "ctrl+p")),
    "a note that no source takes": StateOfThings(nights.nothing, ("n", *"restarting")),
    "whether it is solved": StateOfThings(solvable, ("D",)),
    "how long to snooze it at the source": StateOfThings(quietable, ("z", "s")),
    "drafts below the outbox": StateOfThings(left, ("s",)),
    "every key": StateOfThings(nights.bakery, ("?",)),
    "every key with one that was rebound": StateOfThings(nights.bakery, ("?",), rebound={"take": "m"}),
    "the first words are ready when it is taken": StateOfThings(nights.bakery, ("a",)),
    "what frightens is underlined and said more kindly": StateOfThings(nights.taken, ("r", *FRIGHTENING)),
    "more that frightens than there is room for": StateOfThings(nights.taken, ("r", *MORE_FRIGHTENING)),
    "what a reply promises is read from it": StateOfThings(nights.taken, ("r", *"Ik bel u om 04:00.")),
    "a promise for another day shows its day": StateOfThings(nights.taken, ("r", *"U hoort vrijdag om 09:00 van mij.")),
    "the next word is due on another day": StateOfThings(promised),
    "a promise was missed": StateOfThings(missed),
    "a reply to two customers says to whom it goes": StateOfThings(nights.two, ("r", "ctrl+t", "ctrl+o")),
    "a template with a gap is not sent": StateOfThings(nights.taken, ("r", "ctrl+t", "ctrl+t", "ctrl+o")),
    "a colleague was faster": StateOfThings(
        nights.bakery, ("a",), answers=(Said(asks="Olga took it meanwhile. Take it all the same?"),)
    ),
    "a source fails and the disk is full while a bakery burns": StateOfThings(failing),
    "words that cannot be saved stay on the screen": StateOfThings(
        nights.bakery, ("n", *"restarting", "ctrl+o"), answers=(FULL,), draft_fault=FULL
    ),
    "the handover": StateOfThings(nights.taken, ("H",)),
    "the figures of the night": StateOfThings(nights.taken, ("F",)),
    "nothing is set up yet": FirstStart(),
    "what to do by a few letters": StateOfThings(nights.bakery, (":", *"re")),
}

SIZES = ((80, 24), (40, 15), (200, 60))


@asynccontextmanager
async def reached(sentence: str, size: tuple[int, int], theme: str = "dark") -> AsyncIterator[Screen | First]:
    """That state on a terminal of that size."""
    state = STATES[sentence]
    screen = state.begin(theme)
    app: App[int] = screen.app
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await _lead(pilot, screen, state)
        yield screen


async def _lead(pilot: Pilot[Any], screen: Screen | First, state: StateOfThings | FirstStart) -> None:
    for key in state.keys:
        await pilot.press(key)
    if isinstance(screen, Screen) and state.then:
        screen.engine.publish(state.then())
    await pilot.pause()
    await pilot.pause()
