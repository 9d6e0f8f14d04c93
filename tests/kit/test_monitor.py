"""What can be said to any monitor, told as dialogues with a product that remembers what it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from oncall_tui import kit
from oncall_tui.errors import Rejected
from oncall_tui.kit import DONE, Exchange, Pause, Receipt, Remark, Source
from oncall_tui.model import Impact, Kind, Me, Signal, Verb, Write

AT = datetime(2026, 11, 23, 3, 12, 0, 250_000, tzinfo=UTC)
LATER = AT + timedelta(hours=2)
SOURCE = Source(name="s", url="http://s", me=Me(name="Sanne"))
LATE = Receipt(settled=False)


@dataclass
class Product:
    """One alert, what was said about it and what it was told; `obeys` is whether it does that, `says` its receipt."""

    is_there: bool = True
    is_open: bool = True
    obeys: bool = True
    says: Receipt = DONE
    cannot: Mapping[Verb, str] = field(default_factory=dict)
    notes: list[Remark] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def find(self, source: Source, signal_id: str) -> Exchange[Product | None]:
        yield kit.get(f"/{signal_id}")
        return self if self.is_there else None

    def signal(self, source: Source, product: Product, table: Mapping[str, Impact]) -> Signal | None:
        known: dict[str, Any] = {"source": "s", "id": "7", "kind": Kind.ALERT, "title": "x", "opened_at": AT}
        return Signal(**known, cannot=self.cannot) if self.is_open else None

    def tell(self, what: str, does: Callable[[], object]) -> Exchange[Receipt]:
        yield kit.send("POST", f"/{what}")
        self.told.append(what)
        if self.obeys:
            does()
        return self.says

    def note(self, source: Source, write: Write, words: str) -> Exchange[Receipt]:
        remark = Remark(id="n", author="Sanne", text=words, at=AT, mine=True)
        return (yield from self.tell("note", lambda: self.notes.append(remark)))

    def snooze(self, source: Source, write: Write, product: Product) -> Exchange[Receipt]:
        pause = Pause(id="p", author="Sanne", until=write.until, text=kit.marker(write), mine=True)
        return (yield from self.tell("snooze", lambda: self.pauses.append(pause)))

    def resolve(self, source: Source, write: Write, product: Product) -> Exchange[Receipt]:
        return (yield from self.tell("resolve", lambda: setattr(self, "is_open", False)))

    def undo(self, source: Source, write: Write, one: Remark | Pause) -> Exchange[Receipt]:
        return (yield from self.tell(f"undo {one.id}", lambda: None))

    def monitor(self, **more: Any) -> kit.Monitor[Product]:
        said: dict[str, Callable[[Source, Product], Iterable[Any]]] = {
            "notes": lambda _, product: product.notes,
            "pauses": lambda _, product: product.pauses,
        }
        tells: dict[str, Any] = {"note": self.note, "snooze": self.snooze, "resolve": self.resolve}
        undo = {Verb.NOTE: self.undo, Verb.SNOOZE: self.undo}
        known: dict[str, Any] = {"table": {}, "find": self.find, "signal": self.signal, "take": None, "give": None}
        return kit.Monitor(**{**known, **said, **tells, "undo": undo, **more})

    def say(self, verb: Verb, text: str = "", **more: Any) -> Receipt:
        receipt = run(self.monitor().answers[verb](SOURCE, write(verb, text, **more)))
        assert isinstance(receipt, Receipt)
        return receipt

    def has_seen(self, verb: Verb, **more: Any) -> object:
        return run(self.monitor().seen(SOURCE, write(verb, **more)))


def write(verb: Verb, text: str = "", *, until: datetime | None = LATER, id_: str = "w1") -> Write:
    return Write(id=id_, problem="p", ref="s/7", verb=verb, by="Sanne", asked_at=AT, text=text, until=until)


def run(exchange: Exchange[Any]) -> object:
    try:
        next(exchange)
        while True:
            exchange.send(kit.Response(status=200, body=b"{}"))
    except StopIteration as end:
        return end.value


def pause(text: str = "", until: datetime | None = LATER, *, mine: bool | None = True, id_: str = "p") -> Pause:
    return Pause(id=id_, author="x", until=until, text=text, mine=mine)


# --- notes -----------------------------------------------------------------------------------------------------------


def test_a_note_carries_the_mark_by_which_it_is_seen() -> None:
    product = Product()
    assert product.has_seen(Verb.NOTE) is False
    assert product.say(Verb.NOTE, "db1 is full") == DONE
    assert [one.text for one in product.notes] == ["db1 is full\n[oncall-tui w1]"]
    assert product.has_seen(Verb.NOTE) is True
    assert product.has_seen(Verb.NOTE, id_="w2") is False


def test_words_that_are_kept_otherwise_than_they_were_given_are_told() -> None:
    monitor = Product().monitor(keeps=str.upper, joint=" ")
    receipt = run(monitor.answers[Verb.NOTE](SOURCE, write(Verb.NOTE, "db1")))
    assert receipt == Receipt(words="it was given 'DB1'")


@pytest.mark.parametrize(
    ("remark", "is_ours"),
    [
        ({"mine": True, "text": "x [oncall-tui w1]"}, True),
        ({"mine": None, "text": "x [oncall-tui w1]"}, True),
        ({"mine": False, "text": "I quote: [oncall-tui w1]"}, False),
        ({"mine": True, "text": "x"}, False),
    ],
    ids=["mine", "of an account that all use", "a colleague quotes it", "without the mark"],
)
def test_only_what_a_write_made_is_taken_back(remark: dict[str, Any], is_ours: bool) -> None:
    product = Product(notes=[Remark(id="1", author="x", at=AT, **remark)])
    run(product.monitor().retracts[Verb.NOTE](SOURCE, write(Verb.NOTE)))
    assert product.told == (["undo 1"] if is_ours else [])
    assert product.has_seen(Verb.NOTE) is is_ours


def test_notes_are_told_the_oldest_first_without_their_marks_and_without_those_that_were_deleted() -> None:
    first, last, gone = (
        Remark(id=str(number), author="Olga", text=f"{number}\n[oncall-tui w]", at=AT + timedelta(minutes=number))
        for number in range(3)
    )
    assert [one.text for one in kit.messages([last, replace(gone, deleted=True), first])] == ["0", "1"]


# --- pauses ----------------------------------------------------------------------------------------------------------


def test_a_snooze_is_looked_at_again_unless_it_has_an_id_or_comes_later() -> None:
    assert Product().say(Verb.SNOOZE) == DONE
    with pytest.raises(Rejected, match="not put out of the way"):
        Product(obeys=False).say(Verb.SNOOZE)
    for says in (LATE, Receipt(id="d1")):
        assert Product(obeys=False, says=says).say(Verb.SNOOZE) == says


@pytest.mark.parametrize("until", [None, AT], ids=["without an end", "its end has passed"])
def test_a_snooze_that_cannot_be_meant_is_refused_before_anything_is_asked(until: datetime | None) -> None:
    with pytest.raises(Rejected):
        next(Product().monitor().answers[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE, until=until)))


def test_what_cannot_be_snoozed_there_says_why_and_is_not_told() -> None:
    product = Product(cannot={Verb.SNOOZE: "6.2 and later can"})
    with pytest.raises(Rejected, match=r"6\.2 and later can"):
        product.say(Verb.SNOOZE)
    assert product.told == []


@pytest.mark.parametrize(
    ("there", "is_enough", "is_ours"),
    [
        (pause("x [oncall-tui w1]"), True, True),
        (pause("x [oncall-tui w1]", AT, mine=None), True, True),
        (pause("x [oncall-tui w1]", mine=False), False, False),
        (pause("x [oncall-tui w2]"), True, False),
        (pause("x [oncall-tui w2]", AT), False, False),
        (pause("x [oncall-tui w2]", mine=None), False, False),
        (pause(until=LATER.replace(microsecond=0)), True, True),
        (pause(until=LATER + timedelta(hours=1)), True, False),
        (pause(until=None), True, False),
        (pause(until=LATER.replace(microsecond=0), mine=False), False, False),
    ],
    ids=[
        "that one", "that one by an account that all use", "a colleague quotes it", "another of mine, long enough",
        "another of mine, too short", "somebody's, by an account that all use", "mine, without words, to the second",
        "mine, without words, longer", "mine, for ever", "a colleague's, without words",
    ],
)  # fmt: skip
def test_a_pause_serves_when_it_is_mine_and_long_enough_and_is_taken_back_only_by_who_made_it(
    there: Pause, is_enough: bool, is_ours: bool
) -> None:
    product = Product(pauses=[there])
    assert product.has_seen(Verb.SNOOZE) is is_enough
    product.say(Verb.SNOOZE)
    assert product.told == ([] if is_enough else ["snooze"])
    again = Product(pauses=[there, pause("y [oncall-tui w9]", id_="other")])
    run(again.monitor().retracts[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE)))
    assert again.told == (["undo p"] if is_ours else [])


# --- what is over ----------------------------------------------------------------------------------------------------


def test_what_was_resolved_is_looked_at_again() -> None:
    assert Product().say(Verb.RESOLVE) == DONE
    assert Product(obeys=False, says=LATE).say(Verb.RESOLVE) == LATE
    with pytest.raises(Rejected, match="not closed"):
        Product(obeys=False).say(Verb.RESOLVE)


@pytest.mark.parametrize("over", [{"is_open": False}, {"is_there": False}], ids=["over", "gone"])
def test_what_is_over_is_resolved_and_takes_nothing_else(over: dict[str, bool]) -> None:
    product = Product(**over)
    assert product.say(Verb.RESOLVE) == DONE
    assert product.has_seen(Verb.RESOLVE) is True
    for verb in (Verb.NOTE, Verb.SNOOZE):
        with pytest.raises(Rejected) as refused:
            product.say(verb, "x")
        assert refused.value.gone
        assert product.has_seen(verb) is False
    assert product.told == []


def test_what_nobody_may_end_by_hand_has_no_verb_for_it() -> None:
    assert set(Product().monitor().answers) - set(Product().monitor(resolve=None).answers) == {Verb.RESOLVE}
