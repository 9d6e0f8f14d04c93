"""Both connectors, unchanged, on the embedded sites over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from oncall_tui.connectors import find
from oncall_tui.demo.world import KEY, World
from oncall_tui.errors import Rejected
from oncall_tui.kit import Connector, Receipt, Source
from oncall_tui.model import Me, Signal, Verb, Voice, Write

from .client import play

ME = Me(name="Sanne de Vries", email="sanne@example.nl")


class Played:
    """A connector and a source of it."""

    def __init__(self, kind: str, url: str, secret: str = "", **options: str) -> None:
        self.connector: Connector = find(kind)
        defaults = {option.name: option.default for option in self.connector.options}
        source = Source(name=kind, url=url, me=ME, secret=secret, options={**defaults, **options})
        if self.connector.login:
            session = play(self.connector, source, self.connector.login(source))
            source = Source(name=kind, url=url, me=ME, secret=secret, options=source.options, session=session)
        self.source = source

    def signals(self) -> dict[str, Signal]:
        reading = play(self.connector, self.source, self.connector.poll(self.source))
        assert reading.unreadable == ()
        return {signal.title: signal for signal in reading.signals}

    def say(self, verb: Verb, signal: Signal, text: str = "") -> Receipt:
        return play(self.connector, self.source, self.connector.answers[verb](self.source, said(verb, signal, text)))

    def has_seen(self, verb: Verb, signal: Signal, text: str = "") -> bool:
        assert self.connector.seen is not None
        return play(self.connector, self.source, self.connector.seen(self.source, said(verb, signal, text)))

    def peek(self, signal: Signal) -> Signal | None:
        assert self.connector.peek is not None
        return play(self.connector, self.source, self.connector.peek(self.source, signal.id))


def said(verb: Verb, signal: Signal, text: str = "") -> Write:
    now = datetime.now(UTC)
    return Write(id="w1", problem="p1", ref=signal.ref, verb=verb, by=ME.name, asked_at=now, tried_at=now, text=text,
                 until=now.replace(microsecond=0) + timedelta(hours=4))  # fmt: skip


@pytest.fixture
def night() -> Iterator[World]:
    with World(still=True) as world:
        yield world


@pytest.fixture
def desk(night: World) -> Played:
    return Played("redmine", night.desk.url, KEY, taken_status="In Progress")


@pytest.fixture
def monitor(night: World) -> Played:
    return Played("alertmanager", night.monitor.url)


def test_the_desk_s_tickets_tell_customer_words_and_who_has_them(desk: Played) -> None:
    signals = desk.signals()
    orders, invoices = signals["Bestellen werkt niet"], signals["Facturen komen te laat"]
    assert (orders.customer, orders.contact, orders.taken_by) == ("Bakkerij De Korenaar", "Ron van Dam", "")
    assert [message.voice for message in orders.messages] == [Voice.THEIRS] * 3
    assert invoices.taken_by == "Joris Bakker"
    assert [(m.voice, m.private) for m in invoices.messages] == [
        (Voice.THEIRS, False),
        (Voice.OURS, False),
        (Voice.OURS, True),
    ]


def test_taking_a_ticket_and_giving_it_back_are_read_back_from_the_desk(night: World, desk: Played) -> None:
    signal = desk.signals()["Bestellen werkt niet"]
    desk.say(Verb.ACKNOWLEDGE, signal)
    issue = night.desk.issues[int(signal.id)]
    assert (issue.assignee and issue.assignee.name, issue.status) == ("Sanne de Vries", 2)
    assert desk.signals()["Bestellen werkt niet"].mine
    assert desk.has_seen(Verb.ACKNOWLEDGE, signal)
    desk.say(Verb.RELEASE, signal)
    assert night.desk.issues[int(signal.id)].assignee is None


def test_a_note_is_private_and_a_reply_is_public_on_the_desk(night: World, desk: Played) -> None:
    signal = desk.signals()["Bestellen werkt niet"]
    assert not desk.has_seen(Verb.NOTE, signal, "The pod restarts.")
    desk.say(Verb.NOTE, signal, "The pod restarts.")
    desk.say(Verb.REPLY, signal, "Ron, ik ben bij je.\nSanne")
    written = [(j.text, j.private) for j in night.desk.issues[int(signal.id)].journals[-2:]]
    assert written == [("The pod restarts.", True), ("Ron, ik ben bij je.\nSanne", False)]
    assert desk.has_seen(Verb.NOTE, signal, "The pod restarts.")
    assert desk.has_seen(Verb.REPLY, signal, "Ron, ik ben bij je. Sanne")


def test_a_resolved_ticket_leaves_the_list_when_it_is_closed(night: World, desk: Played) -> None:
    signal = desk.signals()["Bestellen werkt niet"]
    closing = Played("redmine", night.desk.url, KEY, resolved_status="Closed")
    closing.say(Verb.RESOLVE, signal)
    assert "Bestellen werkt niet" not in desk.signals()
    assert desk.peek(signal) is None


def test_hundreds_of_tickets_come_whole_over_several_pages(night: World, desk: Played) -> None:
    for number in range(250):
        night.desk.add_issue("mia", f"Question {number}")
    assert len(desk.signals()) == 252


def test_taking_an_alert_silences_exactly_that_one_and_renewing_keeps_the_silence(
    night: World, monitor: Played
) -> None:
    signal = monitor.signals()["OrdersApiDown"]
    receipt = monitor.say(Verb.ACKNOWLEDGE, signal)
    again = monitor.say(Verb.ACKNOWLEDGE, signal)
    active = [s for s in night.monitor.silences.values() if s.state(night.now()) == "active"]
    assert [silence.id for silence in active] == [receipt.id] == [again.id]
    assert active[0].author == "Sanne de Vries"
    after = monitor.signals()
    assert after["OrdersApiDown"].mine
    assert [title for title, s in after.items() if s.taken_by] == ["OrdersApiDown"]
    assert monitor.has_seen(Verb.ACKNOWLEDGE, signal)


def test_giving_an_alert_back_ends_its_silence(monitor: Played) -> None:
    signal = monitor.signals()["OrdersApiDown"]
    monitor.say(Verb.ACKNOWLEDGE, signal)
    monitor.say(Verb.RELEASE, signal)
    assert not monitor.signals()["OrdersApiDown"].taken_by
    assert monitor.has_seen(Verb.RELEASE, signal)


def test_an_alert_that_is_over_is_gone_for_who_looks_again(night: World, monitor: Played) -> None:
    signal = monitor.signals()["OrdersApiDown"]
    assert monitor.peek(signal) is not None
    night.monitor.resolve("OrdersApiDown")
    assert monitor.peek(signal) is None
    with pytest.raises(Rejected):
        monitor.say(Verb.ACKNOWLEDGE, signal)


@pytest.mark.parametrize("kind", ["redmine", "alertmanager"])
def test_each_source_says_who_we_are_to_it(kind: str, night: World) -> None:
    played = Played(kind, night.desk.url if kind == "redmine" else night.monitor.url, KEY)
    assert played.connector.check is not None
    assert "Sanne de Vries" in play(played.connector, played.source, played.connector.check(played.source))
