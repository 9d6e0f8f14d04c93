"""Taking and giving back, told as dialogues with a product that remembers who has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from oncall_tui import kit
from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.model import Kind, Me, Signal, Verb, Write

AT = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
SOURCE = kit.Source(name="s", url="http://s", me=Me(name="Sanne"))


@dataclass
class Product:
    """What a server would know, and what it was told; `obeys` is whether it does what it is told, `becomes` who is faster."""

    present: Signal | None
    obeys: bool = True
    becomes: str = ""
    settles: bool = True
    told: list[str] = field(default_factory=list)

    def find(self, source: kit.Source, signal_id: str) -> kit.Exchange[Signal | None]:
        yield kit.get(f"/{signal_id}")
        return self.present

    def take(self, source: kit.Source, write: Write, present: Signal) -> kit.Exchange[kit.Receipt]:
        return (yield from self._change("take", "Sanne", mine=True))

    def give(self, source: kit.Source, write: Write, present: Signal) -> kit.Exchange[kit.Receipt]:
        return (yield from self._change("give", "", mine=False))

    def _change(self, what: str, who: str, *, mine: bool) -> kit.Exchange[kit.Receipt]:
        yield kit.send("POST", f"/{what}")
        self.told.append(what)
        if self.obeys and self.settles and self.present:
            self.present = replace(self.present, taken_by=self.becomes or who, mine=mine and not self.becomes)
        return kit.Receipt(settled=self.settles, words="as you like")

    @property
    def taking(self) -> kit.Taking[Signal]:
        return kit.Taking(find=self.find, take=self.take, give=self.give)


def moving(product: Product, *, wanted: str) -> kit.Taking[Signal]:
    """A product that is to have another status as well."""

    def lacks(source: kit.Source, present: Signal) -> str:
        return "" if present.status == wanted else f"it stayed {present.status!r}"

    return dataclasses.replace(product.taking, lacks=lacks)


def problem(taken_by: str = "", *, until: datetime | None = None) -> Signal:
    mine = taken_by == "Sanne"
    return Signal(
        source="s", id="7", kind=Kind.ALERT, title="x", opened_at=AT, taken_by=taken_by, mine=mine, taken_until=until
    )


def write(verb: Verb = Verb.ACKNOWLEDGE, until: datetime | None = None) -> Write:
    return Write(id="w", problem="p", ref="s/7", verb=verb, by="Sanne", asked_at=AT, until=until)


def run(exchange: kit.Exchange[object]) -> object:
    answer = kit.Response(status=200, body=b"{}")
    try:
        next(exchange)
        while True:
            exchange.send(answer)
    except StopIteration as end:
        return end.value


def test_what_nobody_has_is_taken_and_looked_at_again() -> None:
    product = Product(problem())
    assert run(product.taking.acknowledge(SOURCE, write())) == kit.DONE
    assert product.present is not None
    assert product.present.mine


def test_what_is_mine_already_is_not_taken_twice() -> None:
    product = Product(problem("Sanne"))
    assert run(product.taking.acknowledge(SOURCE, write())) == kit.DONE
    assert product.told == []


@pytest.mark.parametrize(("ends", "told"), [(AT + timedelta(hours=1), ["take"]), (AT + timedelta(hours=3), [])])
def test_what_is_mine_but_ends_too_early_is_taken_anew(ends: datetime, told: list[str]) -> None:
    product = Product(problem("Sanne", until=ends))
    run(product.taking.acknowledge(SOURCE, write(until=AT + timedelta(hours=2))))
    assert product.told == told


def test_a_colleague_who_took_it_meanwhile_was_faster() -> None:
    product = Product(problem(), becomes="Olga")
    with pytest.raises(Rejected, match="Olga was faster"):
        run(product.taking.acknowledge(SOURCE, write()))


def test_what_a_colleague_keeps_although_it_was_asked_for_stayed_with_them() -> None:
    with pytest.raises(Rejected, match="it stayed with Olga: as you like"):
        run(Product(problem("Olga"), obeys=False).taking.acknowledge(SOURCE, write()))


def test_what_else_taking_it_wants_is_asked_for_and_told_where_it_does_not_come() -> None:
    mine, other = Product(problem("Sanne")), Product(problem())
    taking = moving(mine, wanted="in progress")
    receipt = run(taking.acknowledge(SOURCE, write()))
    assert receipt == kit.Receipt(words="it is yours, but it stayed 'open': as you like")
    assert mine.told == ["take"]
    assert run(moving(other, wanted="open").acknowledge(SOURCE, write())) == kit.DONE


def test_a_server_that_says_yes_and_does_nothing_is_not_believed() -> None:
    with pytest.raises(Rejected, match="it was not given to you: as you like"):
        run(Product(problem(), obeys=False).taking.acknowledge(SOURCE, write()))
    with pytest.raises(Rejected, match="it stayed yours"):
        run(Product(problem("Sanne"), obeys=False).taking.release(SOURCE, write(Verb.RELEASE)))


def test_what_a_server_does_later_is_not_looked_at_now_but_counts_once_it_is_so() -> None:
    product = Product(problem(), settles=False)
    receipt = run(product.taking.acknowledge(SOURCE, write()))
    assert isinstance(receipt, kit.Receipt)
    assert not receipt.settled
    assert run(product.taking.is_so(SOURCE, write())) is False
    product.present = problem("Sanne")
    assert run(product.taking.is_so(SOURCE, write())) is True


def test_what_is_gone_cannot_be_taken_and_need_not_be_given_back() -> None:
    gone = Product(None)
    with pytest.raises(Rejected) as refused:
        run(gone.taking.acknowledge(SOURCE, write()))
    assert refused.value.gone
    assert run(gone.taking.release(SOURCE, write(Verb.RELEASE))) == kit.Receipt(words="nobody had it any more")
    assert run(gone.taking.is_so(SOURCE, write(Verb.RELEASE))) is True


def test_what_a_colleague_has_is_not_given_back() -> None:
    product = Product(problem("Olga"))
    assert run(product.taking.release(SOURCE, write(Verb.RELEASE))) == kit.Receipt(words="Olga has it now")
    assert product.told == []


@pytest.mark.parametrize(
    ("until", "began_at", "words"),
    [
        (None, None, "not said until when"),
        (AT, None, "its end has passed"),
        (AT + timedelta(hours=1), AT + timedelta(hours=2), "its end has passed"),
    ],
    ids=["no end", "over when it was asked", "over when it is tried"],
)
def test_a_snooze_without_an_end_or_whose_end_has_passed_is_refused(
    until: datetime | None, began_at: datetime | None, words: str
) -> None:
    with pytest.raises(Rejected, match=words):
        kit.until(replace(write(Verb.SNOOZE, until), began_at=began_at))


def test_a_snooze_that_is_tried_in_time_has_its_end() -> None:
    later = AT + timedelta(hours=1)
    assert kit.until(write(Verb.SNOOZE, later)) == later
    assert kit.until(replace(write(Verb.SNOOZE, later), began_at=AT + timedelta(minutes=59))) == later


# --- pages by number, and what need not be asked for again -----------------------------------------------------------


def pages(*lists: list[int]) -> kit.Exchange[list[int]]:
    turns: Iterator[list[int]] = iter(lists)

    def page(after: int) -> kit.Exchange[tuple[list[tuple[int, int]], bool]]:
        yield kit.get("/", after=after)
        numbers = next(turns)
        return [(number, number) for number in numbers], bool(numbers)

    return kit.by_number(page)


def test_pages_are_read_by_number_until_one_is_the_last() -> None:
    assert run(pages([1, 2], [5], [])) == [1, 2, 5]


@pytest.mark.parametrize("lists", [([2, 1], []), ([1], [1], []), ([1, 2], [2], [])], ids=["mixed", "round", "again"])
def test_a_list_in_no_order_or_that_goes_round_is_not_believed(lists: tuple[list[int], ...]) -> None:
    with pytest.raises(Unreadable, match="in no order"):
        run(pages(*lists))


def test_only_what_has_not_changed_for_longer_than_the_slack_is_kept() -> None:
    known = replace(problem(), changed_at=AT)
    slack = timedelta(seconds=5)

    def source(known_at: datetime | None) -> kit.Source:
        return kit.Source(name="s", url="", me=Me(name="Sanne"), known={"7": known}, known_at=known_at)

    later = source(AT + timedelta(seconds=6))
    assert kit.kept(later, "7", AT, slack) is known
    assert kit.kept(later, "8", AT, slack) is None
    assert kit.kept(later, "7", AT + timedelta(seconds=1), slack) is None
    assert kit.kept(later, "7", None, slack) is None
    assert kit.kept(source(AT + timedelta(seconds=5)), "7", AT, slack) is None
    assert kit.kept(source(None), "7", AT, slack) is None
    assert kit.kept(dataclasses.replace(later, afresh=True), "7", AT, slack) is None
