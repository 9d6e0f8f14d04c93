"""The states that are held as text in `snapshots` and drawn as pictures: what is known, and the keys that were pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from oncall_tui.model import Board, Draft, Hurt, Problem, State, Verb
from tests.ui import nights
from tests.ui.scripted import Screen


@dataclass(frozen=True)
class StateOfThings:
    """A screen to come to: from this board, by these keys, then this board."""

    board: Callable[[], Board]
    keys: tuple[str, ...] = ()
    then: Callable[[], Board] | None = None


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


def solvable() -> Board:
    return able(Verb.RESOLVE)


def quietable() -> Board:
    return able(Verb.SNOOZE)


STATES: dict[str, StateOfThings] = {
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
    "what to do by a few letters": StateOfThings(nights.bakery, (":", *"re")),
}

SIZES = ((80, 24), (40, 15), (200, 60))


async def reach(pilot: object, screen: Screen, state: StateOfThings) -> None:
    """Presses what leads to that state."""
    await pilot.pause()  # type: ignore[attr-defined]
    for key in state.keys:
        await pilot.press(key)  # type: ignore[attr-defined]
    if state.then:
        screen.engine.publish(state.then())
    await pilot.pause()  # type: ignore[attr-defined]
    await pilot.pause()  # type: ignore[attr-defined]
