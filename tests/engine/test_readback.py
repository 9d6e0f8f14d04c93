"""What counts the figures of the crash tests: it must see each kind of harm, and take nobody else's words for ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oncall_tui.demo.world import KEY, World
from tests.engine.crash.readback import Tally, tally


class Scene:
    """A desk on which things were said, and what the program told of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.me = next(person for person in world.desk.people.values() if person.key == KEY)
        self.issue = next(iter(world.desk.issues))

    def store(self, text: str, *, private: bool = True) -> None:
        self.world.desk.write(self.world.desk.issues[self.issue], self.me, text, private=private)

    def tally(self, *said: str) -> Tally:
        return tally(self.world.desk.url, KEY, self.world.monitor.url, set(said), 0)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with World(still=True) as world:
        yield Scene(world)


def test_words_of_colleagues_that_look_like_ours_are_not_counted(scene: Scene) -> None:
    scene.store("The worker on billing-1 is swapping.")
    assert scene.tally().stored == ()


def test_what_was_said_and_is_not_there_is_lost(scene: Scene) -> None:
    assert f"n0-0 on {scene.issue}" in scene.tally(f"n0-0 on {scene.issue}").lost


def test_what_is_there_twice_is_doubled(scene: Scene) -> None:
    text = f"k0-0 on {scene.issue}"
    scene.store(text)
    scene.store(text)
    assert scene.tally(text).doubled == [text]


def test_what_stands_on_another_ticket_is_misplaced(scene: Scene) -> None:
    scene.store("k0-0 on 99999")
    assert [one.text for one in scene.tally().misplaced] == ["k0-0 on 99999"]


def test_a_note_that_the_customer_reads_and_a_reply_that_they_do_not_are_misplaced(scene: Scene) -> None:
    scene.store(f"n0-0 on {scene.issue}", private=False)
    scene.store(f"r0-0 on {scene.issue}", private=True)
    scene.store(f"n0-1 on {scene.issue}", private=True)
    scene.store(f"r0-1 on {scene.issue}", private=False)
    assert [one.text[:4] for one in scene.tally().misplaced] == ["n0-0", "r0-0"]


def test_an_alert_that_nobody_took_is_lost_and_one_taken_twice_is_doubled(scene: Scene) -> None:
    untaken = scene.tally()
    assert untaken.lost == ["an alert that nobody took"] * untaken.alerts
    assert untaken.alerts > 0
