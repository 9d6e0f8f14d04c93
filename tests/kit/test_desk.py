"""What all desks have alike, told as dialogues with a desk that remembers what it was told."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from oncall_tui import kit
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Receipt, Record, desk
from oncall_tui.kit.desk import Change, Head, Listed, Said, Ticket, Whole
from oncall_tui.model import RESOLVED, VERBS, Impact, Me, Signal, Verb, Voice, Write

AT = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
OPTIONS = {
    "team": "Dirk",
    "bots": "jenkins",
    "taken_status": "open",
    "released_status": "new",
    "resolved_status": "done",
}
SOURCE = kit.Source(name="d", url="http://d", me=Me(name="Olga"), session={"id": "olga"}, options=OPTIONS)


def somebody(name: str, **more: Any) -> desk.Person:
    return desk.person(SOURCE, name.casefold(), name, **more)


STORED = Receipt(id="9")
OLGA, DIRK, CAROL, JENKINS = map(somebody, ("Olga", "Dirk", "Carol", "Jenkins"))


def a_ticket(**more: Any) -> Ticket:
    fields = {"id": "7", "title": "x", "opened_at": AT, "status": "new", "url": "http://d/7", "requesters": [CAROL]}
    return Ticket(**{**fields, **more})


@dataclass
class Product:
    """What a server would know, and what it was told; `obeys` is whether it does what it is told.

    `receipt` is its answer to words, `stores` what it makes of them, `stays` why it empties nothing.
    """

    ticket: Ticket | None
    obeys: bool = True
    receipt: Receipt = STORED
    stores: Said | None = None
    stays: str = ""
    changes: list[Change] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)

    def page(self, source: kit.Source, after: int, only: str) -> Listed:
        yield kit.get("/")
        return [Record({"id": "7", "at": "2026-11-23T03:12:00Z"})] if self.ticket else [], False

    def read(self, source: kit.Source, heads: Sequence[Head]) -> Whole:
        yield kit.get("/7")
        return [head.record for head in heads], lambda _: self.ticket or a_ticket()

    def find(self, source: kit.Source, signal_id: str) -> kit.Exchange[Ticket | None]:
        yield kit.get("/7")
        return self.ticket

    def change(self, source: kit.Source, ticket: Ticket, change: Change) -> kit.Exchange[str]:
        yield kit.send("PUT", "/7")
        self.changes.append(change)
        if self.obeys and self.ticket and change.mine is not None:
            self.ticket = replace(self.ticket, holder=OLGA if change.mine else None)
        if self.obeys and self.ticket and change.status:
            self.ticket = replace(self.ticket, status=change.status)
        return "as you like"

    def say(self, source: kit.Source, ticket: Ticket, write: Write) -> kit.Exchange[Receipt]:
        yield kit.send("POST", "/7")
        self.words.append(write.text)
        if self.stores and self.ticket:
            self.ticket = replace(self.ticket, said=[*self.ticket.said, self.stores])
        return self.receipt

    def unsay(self, source: kit.Source, said: Said) -> kit.Exchange[str]:
        yield kit.send("DELETE", "/7")
        self.emptied.append(said.id)
        if self.obeys and self.ticket:
            self.ticket = replace(self.ticket, said=[one for one in self.ticket.said if one.id != said.id])
        return "" if self.obeys else self.stays

    @property
    def desk(self) -> desk.Desk:
        hooks: dict[str, Any] = {"change": self.change, "say": self.say, "unsay": self.unsay}
        return desk.Desk(page=self.page, changed="at", read=self.read, find=self.find, **hooks)

    def hear(self, verb: Verb, text: str = "") -> Any:
        return run(self.desk.answers[verb](SOURCE, write(verb, text)))


def write(verb: Verb, text: str = "") -> Write:
    return Write(id="w", problem="p", ref="d/7", verb=verb, by="Olga", asked_at=AT, text=text)


def run(exchange: kit.Exchange[Any]) -> Any:
    try:
        next(exchange)
        while True:
            exchange.send(kit.Response(status=200, body=b"{}"))
    except StopIteration as end:
        return end.value


def signal(**more: Any) -> Signal:
    return desk.signal(SOURCE, a_ticket(**more), desk.PRIORITY)


# --- who is who ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "voice"),
    [(OLGA, Voice.OURS), (DIRK, Voice.OURS), (CAROL, Voice.THEIRS), (JENKINS, Voice.MACHINE),
     (somebody("Piet", staff=True), Voice.OURS), (somebody("Night Team", machine=True), Voice.MACHINE)],
    ids=["me", "the team names them", "a customer", "a bot", "the product holds them for staff", "a group"],
)  # fmt: skip
def test_whose_words_somebody_speaks(who: desk.Person, voice: Voice) -> None:
    assert who.voice is voice


@pytest.mark.parametrize(
    ("holder", "taken_by"),
    [(None, ""), (OLGA, "Olga"), (DIRK, "Dirk"), (JENKINS, ""), (CAROL, ""), (somebody("Piet"), "Piet")],
    ids=["nobody", "me", "a colleague", "a bot", "handed back to the requester", "somebody whom nobody names"],
)
def test_who_has_a_ticket(holder: desk.Person | None, taken_by: str) -> None:
    assert (signal(holder=holder).taken_by, signal(holder=holder).mine) == (taken_by, holder is OLGA)


def test_a_colleague_who_asks_and_has_it_themselves_has_it() -> None:
    assert signal(holder=DIRK, requesters=[DIRK]).taken_by == "Dirk"


@pytest.mark.parametrize(
    ("who", "private", "voice"),
    [(None, False, Voice.MACHINE), (CAROL, False, Voice.THEIRS), (CAROL, True, Voice.OURS), (JENKINS, True, Voice.MACHINE)],
    ids=["nobody", "a customer", "who writes what only colleagues read", "a bot's note"],
)  # fmt: skip
def test_whose_words_a_message_is(who: desk.Person | None, private: bool, voice: Voice) -> None:
    [message] = signal(said=[Said(id="1", who=who, text="hm", at=AT, private=private)]).messages
    assert message.voice is voice


@pytest.mark.parametrize(
    ("severity", "impact"),
    [("Urgent", Impact.DOWN), ("75", Impact.DEGRADED), ("60", Impact.DEGRADED), ("59", Impact.AT_RISK), ("hm", Impact.AT_RISK)],
)  # fmt: skip
def test_a_priority_is_a_word_or_the_number_that_it_reaches(severity: str, impact: Impact) -> None:
    table = {**desk.PRIORITY, "60": Impact.DEGRADED}
    assert desk.signal(SOURCE, a_ticket(severity=severity), table).impact is impact


def test_a_field_of_the_desks_own_may_name_the_customer_and_the_service() -> None:
    source = replace(SOURCE, options={"customer_field": "Shop", "service_field": "System"})
    told = a_ticket(fields={"Shop": "Korenaar", "System": "orders"}, customer="Support", service="web")
    made = desk.signal(source, told, desk.PRIORITY)
    assert (made.customer, made.service, made.labels["Shop"]) == ("Korenaar", "orders", "Korenaar")
    assert (signal(customer="Support").customer, signal(customer="Support").service) == ("Support", "")


@pytest.mark.parametrize(("minutes", "is_aside"), [(-1, True), (0, True), (1, False)])
def test_a_resolved_ticket_that_is_still_listed_is_out_of_the_way_until_its_customer_writes(
    minutes: int, is_aside: bool
) -> None:
    said = [Said(id="1", who=CAROL, text="hm", at=AT + timedelta(minutes=10 + minutes))]
    made = signal(status="Done", moved_at=AT + timedelta(minutes=10), said=said)
    assert made.suppressed == (RESOLVED if is_aside else "")
    assert signal(status="open", said=said).suppressed == ""


# --- what is said to it ----------------------------------------------------------------------------------------------


def test_taking_assigns_and_moves_in_one_change_and_what_is_so_is_not_changed_again() -> None:
    product = Product(a_ticket())
    assert product.hear(Verb.ACKNOWLEDGE) == kit.DONE
    assert product.hear(Verb.ACKNOWLEDGE) == kit.DONE
    assert product.changes == [Change(mine=True, status="open")]


def test_what_is_mine_but_in_another_status_is_only_moved() -> None:
    product = Product(a_ticket(holder=OLGA))
    product.hear(Verb.ACKNOWLEDGE)
    assert product.changes == [Change(mine=None, status="open")]


def test_giving_back_assigns_to_nobody_and_moves() -> None:
    product = Product(a_ticket(holder=OLGA, status="open"))
    assert product.hear(Verb.RELEASE) == kit.DONE
    assert product.changes == [Change(mine=False, status="new")]


@pytest.mark.parametrize(
    ("verb", "holder", "words"),
    [(Verb.ACKNOWLEDGE, None, "it was not given to you: as you like"), (Verb.ACKNOWLEDGE, DIRK, "it stayed with Dirk: as you like"),
     (Verb.RELEASE, OLGA, "it stayed yours: as you like"), (Verb.RESOLVE, None, "it stayed 'new': as you like")],
)  # fmt: skip
def test_a_desk_that_says_yes_and_does_nothing_is_not_believed(verb: Verb, holder: Any, words: str) -> None:
    with pytest.raises(Rejected) as refusal:
        Product(a_ticket(holder=holder), obeys=False).hear(verb)
    assert refusal.value.words == words


def test_resolving_moves_it_and_is_not_done_twice() -> None:
    product = Product(a_ticket())
    assert product.hear(Verb.RESOLVE) == product.hear(Verb.RESOLVE) == kit.DONE
    assert product.changes == [Change(status="done")]


def test_words_are_refused_where_nobody_would_read_them_and_count_once_seen_where_nobody_names_them() -> None:
    assert Product(a_ticket()).hear(Verb.REPLY, "Hallo") == STORED
    assert not Product(a_ticket(), receipt=Receipt(settled=False)).hear(Verb.REPLY, "Hallo").settled
    unasked = Product(a_ticket(requesters=[]))
    with pytest.raises(Rejected, match="nobody would read this"):
        unasked.hear(Verb.REPLY, "Hallo")
    assert unasked.hear(Verb.NOTE, "intern").id == "9"
    assert unasked.words == ["intern"]


def said(number: str, *, private: bool, who: desk.Person = OLGA) -> Said:
    return Said(id=number, who=who, text="Hallo", at=AT, private=private)


def test_words_without_an_id_are_looked_for_among_those_that_are_new() -> None:
    silent = Receipt(words="your role may not write notes")
    before = a_ticket(said=[said("3", private=True)])
    stored = Product(before, receipt=silent, stores=said("4", private=True))
    assert stored.hear(Verb.NOTE, "Hallo") == Receipt(id="4")
    for nothing in (None, said("4", private=True, who=DIRK)):
        with pytest.raises(Rejected) as refusal:
            Product(before, receipt=silent, stores=nothing).hear(Verb.NOTE, "Hallo")
        assert refusal.value.words == "nothing was stored: your role may not write notes"


@pytest.mark.parametrize(
    ("stays", "words", "emptied"),
    [
        ("", "it was taken back", ["4"]),
        ("your role may not", "IT STAYS THERE (your role may not)", ["4"]),
        (None, "IT STAYS THERE (nothing can be taken back there)", []),
    ],
    ids=["taken back", "the product refuses", "the product cannot"],
)
def test_a_note_that_its_customer_can_read_is_taken_back_or_told_loudly(
    stays: str | None, words: str, emptied: list[str]
) -> None:
    product = Product(a_ticket(), obeys=not stays, receipt=Receipt(words="hm"), stores=said("4", private=False))
    product.stays = stays or ""
    one = product.desk if stays is not None else replace(product.desk, unsay=None)
    with pytest.raises(Rejected) as refusal:
        run(one.tell(SOURCE, write(Verb.NOTE, "Hallo")))
    assert refusal.value.words == f"it was shown to the customer; {words}, and they may have had it by mail"
    assert product.emptied == emptied


def test_a_status_is_told_by_the_products_own_name_for_it_and_a_missing_one_is_named() -> None:
    def statuses(source: kit.Source) -> kit.Exchange[dict[str, str]]:
        yield kit.get("/statuses")
        return {"open": "17"}

    product = Product(a_ticket())
    named = replace(product.desk, statuses=statuses)
    with pytest.raises(Rejected, match="it stayed 'new': there is no status 'done'"):
        run(named.resolve(SOURCE, write(Verb.RESOLVE)))
    assert product.changes == []
    taken = run(named.answers[Verb.ACKNOWLEDGE](SOURCE, write(Verb.ACKNOWLEDGE)))
    assert product.changes == [Change(mine=True, status="17")]
    assert taken.words == "it is yours, but it stayed '17': as you like"


def test_what_is_listed_may_be_doubted() -> None:
    listed: list[int] = []

    def sure(source: kit.Source, heads: Sized) -> kit.Exchange[None]:
        yield kit.get("/me")
        listed.append(len(heads))
        if not heads:
            raise Rejected("shows us nothing")

    assert run(replace(Product(a_ticket()).desk, sure=sure).poll(SOURCE)).signals
    with pytest.raises(Rejected, match="shows us nothing"):
        run(replace(Product(None).desk, sure=sure).poll(SOURCE))
    assert listed == [1, 0]


def test_all_of_a_connector_that_a_desk_is() -> None:
    connector = kit.Connector(name="d", title="D", docs="", **Product(a_ticket()).desk.parts)
    assert set(connector.answers) | set(connector.cannot) == set(VERBS)
    assert set(connector.retracts) == {Verb.NOTE, Verb.REPLY}
    assert connector.peek
    assert connector.seen


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.NOTE, Verb.REPLY, Verb.RESOLVE])
def test_a_ticket_that_is_gone_takes_nothing(verb: Verb) -> None:
    with pytest.raises(Rejected) as refusal:
        Product(None).hear(verb, "x")
    assert refusal.value.gone


def test_words_are_seen_when_i_said_them_so_since_the_first_try() -> None:
    def seen(verb: Verb, **more: Any) -> Any:
        said = Said(**{"id": "1", "who": OLGA, "text": "ja  hoor", "at": AT, **more})
        return run(Product(a_ticket(said=[said])).desk.seen(SOURCE, write(verb, "ja hoor")))

    assert seen(Verb.REPLY)
    assert seen(Verb.NOTE, private=True)
    assert not seen(Verb.REPLY, private=True)
    assert not seen(Verb.REPLY, who=DIRK)
    assert not seen(Verb.REPLY, at=AT - timedelta(seconds=6))


def test_a_state_is_seen_at_the_ticket_and_closed_is_more_than_resolved() -> None:
    def seen(verb: Verb, **more: Any) -> Any:
        return run(Product(a_ticket(**more)).desk.seen(SOURCE, write(verb)))

    assert seen(Verb.ACKNOWLEDGE, holder=OLGA)
    assert not seen(Verb.ACKNOWLEDGE, holder=DIRK)
    assert seen(Verb.RELEASE, holder=DIRK)
    assert seen(Verb.RESOLVE, status="Done")
    assert seen(Verb.RESOLVE, is_open=False)
    assert not seen(Verb.RESOLVE)


def test_what_i_said_is_taken_back_by_its_receipt_and_nothing_else() -> None:
    mine, theirs, before = (
        Said(id=n, who=who, text="ja hoor", at=AT) for n, who in (("1", OLGA), ("2", DIRK), ("3", OLGA))
    )
    product = Product(a_ticket(said=[mine, theirs, before]))
    by_receipt = msgspec.structs.replace(write(Verb.REPLY, "ja hoor"), receipt="1")
    retract = product.desk.retracts[Verb.REPLY]
    assert run(retract(SOURCE, by_receipt)) == run(retract(SOURCE, by_receipt)) == kit.DONE
    assert product.emptied == ["1"]


@pytest.mark.parametrize(
    ("said", "receipt", "words"),
    [
        (
            [("1", "ja hoor"), ("2", "ja hoor")],
            "",
            "it is there more than once, and nobody can tell which of them this was",
        ),
        ([("1", "ja hoor, maar morgen")], "1", "somebody changed it meanwhile, so it stays"),
    ],
    ids=["said twice and without a receipt", "edited"],
)
def test_what_may_be_something_else_by_now_is_not_taken_back(said: Any, receipt: str, words: str) -> None:
    product = Product(a_ticket(said=[Said(id=n, who=OLGA, text=text, at=AT) for n, text in said]))
    one = msgspec.structs.replace(write(Verb.REPLY, "ja hoor"), receipt=receipt)
    with pytest.raises(Rejected) as refusal:
        run(product.desk.retract(SOURCE, one))
    assert refusal.value.words == words
    assert product.emptied == []


def test_without_a_receipt_the_words_tell_and_what_stays_is_told() -> None:
    product = Product(a_ticket(said=[Said(id="1", who=OLGA, text="ja hoor", at=AT)]), obeys=False)
    with pytest.raises(Rejected, match="it is still there"):
        run(product.desk.retract(SOURCE, write(Verb.REPLY, "ja hoor")))
    assert product.emptied == ["1"]
    assert run(Product(None).desk.retract(SOURCE, write(Verb.NOTE, "x"))) == kit.DONE


def test_a_desk_that_cannot_empty_anything_lets_nothing_be_taken_back() -> None:
    assert set(Product(None).desk.retracts) == {Verb.NOTE, Verb.REPLY}
    assert replace(Product(None).desk, unsay=None).retracts == {}


def test_resolving_to_no_status_is_refused_and_not_called_done() -> None:
    source = replace(SOURCE, options={"resolved_status": ""})
    with pytest.raises(Rejected, match=r"set resolved_status in \[sources.d\]"):
        run(Product(a_ticket()).desk.resolve(source, write(Verb.RESOLVE)))


def test_a_change_of_what_is_not_so_any_more_was_certainly_not_made() -> None:
    with pytest.raises(Unavailable) as refusal:
        desk.fresh(kit.Response(status=kit.STALE))
    assert not refusal.value.maybe_sent


# --- reading ---------------------------------------------------------------------------------------------------------


def test_only_what_changed_is_read_again() -> None:
    product = Product(a_ticket(changed_at=AT))
    [first] = run(product.desk.poll(SOURCE)).signals
    product.ticket = a_ticket(title="y", changed_at=AT)
    still = replace(SOURCE, known={"7": first}, known_at=AT + timedelta(minutes=1))
    assert run(product.desk.poll(still)).signals == [first]
    for anew in (SOURCE, replace(still, afresh=True)):
        assert run(product.desk.poll(anew)).signals[0].title == "y"


def test_a_ticket_that_closed_since_it_was_listed_is_left_out() -> None:
    product = Product(a_ticket(is_open=False))
    assert run(product.desk.poll(SOURCE)) == kit.Reading(signals=[])
    assert run(product.desk.peek(SOURCE, "7")) is None


@pytest.mark.parametrize("strange", ["", "x", "-1", "1 OR 1", "\u0661"])
def test_what_is_no_number_is_never_put_into_a_query(strange: str) -> None:
    assert desk.number("17") == 17
    with pytest.raises(Unreadable):
        desk.number(strange)


def test_a_configured_status_that_the_desk_does_not_have_is_named() -> None:
    assert desk.unknown(SOURCE, ["new", "open", "done"]) == ""
    assert desk.unknown(SOURCE, ["new", "open"]) == "; resolved_status: there is no status 'done'"
