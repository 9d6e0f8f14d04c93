"""What joins and what stays apart, beyond the nights of scenarios/."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from oncall_tui.core.triage import triage
from oncall_tui.core.wording import Alarm, distinctive, references, topics
from oncall_tui.model import Customer, Impact, Kind, Me, Message, Night, Settings, Signal, Snapshot, Voice
from tests.core.generated import NOW, ago

KORENAAR = Customer(name="Korenaar", core_process="take orders", depends_on=("orders-api",))
EIK = Customer(name="Eik", depends_on=("gateway-eu",))
BOS = Customer(name="Bos", core_process="send invoices", depends_on=("billing",))
DOWN = Signal(
    source="am", id="0123456789abcdef", kind=Kind.ALERT, title="OrdersApiDown", opened_at=ago(20), impact=Impact.DOWN,
    service="orders-api", url="https://am.example/orders",
)  # fmt: skip


def ticket(
    title: str,
    *,
    number: int = 1,
    customer: str = "Korenaar",
    said: str = "",
    opened: int = 5,
    by: Voice = Voice.THEIRS,
) -> Signal:
    return Signal(
        source="desk", id=str(number), kind=Kind.TICKET, title=title, opened_at=ago(opened), customer=customer,
        messages=(Message(id="0", voice=Voice.THEIRS, author="Ron", text=title, at=ago(opened)),
                  Message(id="1", voice=by, author="x", text=said, at=ago(opened), private=by is Voice.OURS)),
    )  # fmt: skip


def joined(*signals: Signal, customers: tuple[Customer, ...] = (KORENAAR, BOS, EIK)) -> list[tuple[str, ...]]:
    snapshots = [
        Snapshot(source=name, kind=name, every_s=15, signals=tuple(s for s in signals if s.source == name))
        for name in dict.fromkeys(s.source for s in signals)
    ]
    board = triage(Night(snapshots=tuple(snapshots)), Settings(me=Me(name="Sanne"), customers=customers), NOW)
    return [problem.joined for problem in board.problems]


@pytest.mark.parametrize(
    ("title", "apart"),
    [
        ("Bestellen lukt niet", False),
        ("Het scherm blijft wit", False),
        ("orders-api geeft fout 500", False),
        ("Wachtwoord vergeten", True),
        ("Factuur klopt niet", True),
        ("billing geeft een fout", True),
        ("gateway-eu geeft een fout", True),
    ],
)
def test_a_ticket_about_something_else_by_its_own_words_stays_apart(title: str, apart: bool):
    assert (len(joined(DOWN, ticket(title))) == 2) is apart


def test_a_topic_that_the_service_shares_does_not_keep_apart():
    billing = replace(DOWN, title="BillingDown", service="billing")
    assert joined(billing, ticket("Facturen gaan niet uit", customer="Bos")) == [("joined: Bos depends on billing",)]


@pytest.mark.parametrize(("opened", "together"), [(34, True), (36, False)])
def test_people_may_notice_fifteen_minutes_before_the_monitor(opened: int, together: bool):
    assert (len(joined(DOWN, ticket("Bestellen lukt niet", opened=opened))) == 1) is together


def test_a_number_in_a_customers_words_may_be_an_order_of_theirs():
    one, other = (
        ticket("Levering 4711", number=1, said="Het gaat om #4711"),
        ticket("Oven", number=4711, customer="Bos"),
    )
    assert joined(one, other) == [(), ()]


def test_a_number_in_our_own_note_is_that_ticket():
    one = ticket("Levering weg", number=12, said="Same as #4711", by=Voice.OURS)
    assert joined(one, ticket("Oven", number=4711, customer="Bos")) == [("joined: #12 refers to #4711",)]


def test_an_alert_that_names_a_ticket_and_a_link_that_a_source_gives():
    alert = replace(DOWN, service="", text="known, see #4711")
    linked = replace(ticket("Oven", number=4711, customer="Bos"), links=("https://am.example/orders",))
    assert joined(alert, ticket("Oven", number=4711, customer="Bos")) == [("joined: OrdersApiDown refers to #4711",)]
    assert joined(replace(DOWN, service=""), linked) == [("joined: #4711 refers to OrdersApiDown",)]


def test_a_service_that_two_monitors_watch_is_one_problem():
    other = replace(DOWN, source="zabbix", id="9", title="HTTP 5xx", service="Orders-API")
    assert joined(DOWN, other) == [("joined: both on orders-api",)]


def test_an_alert_that_names_another_one_needs_no_ticket_to_be_heard():
    other = replace(DOWN, id="b", title="Slow", service="", text="see https://am.example/orders", url="")
    assert joined(replace(DOWN, service=""), other) == [("joined: Slow refers to OrdersApiDown",)]


def test_a_reference_is_told_before_the_service_that_both_are_on():
    other = replace(DOWN, id="b", title="Slow", links=(DOWN.id,), url="")
    assert joined(DOWN, other) == [("joined: Slow refers to OrdersApiDown", "joined: both on orders-api")]


def test_a_host_that_two_services_share_joins_them():
    host = replace(DOWN, host="web-1:9100")
    other = replace(host, id="b", service="gateway", host="WEB-1:9200")
    assert joined(host, other, replace(other, id="c")) == [("joined: both on gateway", "joined: all on host web-1")]


def test_two_customers_with_the_same_words_are_not_joined_by_them():
    assert joined(ticket("Kassa drie hapert"), ticket("Kassa drie hapert", number=2, customer="Bos")) == [(), ()]


def test_words_that_say_nothing_do_not_join():
    one, other = ticket("Probleem: werkt niet"), ticket("Weer een probleem, werkt niet", number=2)
    assert len(joined(one, other)) == 2


def test_what_a_text_refers_to():
    told = "see https://desk.example/issues/48213, #48213 and OPS-12 (0123456789abcdef)."
    assert references(told) == ["https://desk.example/issues/48213", "#48213", "OPS-12", "0123456789abcdef"]


def test_what_a_title_is_about():
    assert distinctive("Re: Bestellen werkt niet meer!") == {"bestellen"}
    assert topics("De FACTUUR en het wachtwoord") == {"billing", "accounts"}


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Bij ons werkt niets meer", "werkt niets"),
        ("We can\u2019t  work", "can't work"),
        ("NOTHING WORKS", "NOTHING WORKS"),
        ("The site is not down", ""),
        ("Download is slow, countdown too", ""),
        ("het platform", ""),
    ],
)
def test_alarm_is_heard_on_word_boundaries_and_not_when_negated(text: str, heard: str):
    assert Alarm(None).heard(text) == heard


def test_the_configured_alarm_words_replace_ours():
    assert Alarm(("brand",)).heard("nothing works, brand!") == "brand"
    assert Alarm(()).heard("nothing works") == ""


def test_alarm_in_a_lesser_ticket_does_not_raise_what_is_already_worse():
    slow = replace(DOWN, impact=Impact.DEGRADED, text="see #77")
    asks = replace(ticket("Vraag", number=77, said="niets werkt"), impact=Impact.QUESTION)
    board = triage(
        Night(snapshots=tuple(Snapshot(source=s.source, kind="x", every_s=15, signals=(s,)) for s in (slow, asks))),
        Settings(me=Me(name="Sanne")),
        NOW,
    )
    assert [problem.impact for problem in board.problems] == [Impact.DEGRADED]


def test_customers_whom_an_outage_brought_together_stay_so_when_it_recovers():
    customers = (KORENAAR, replace(BOS, depends_on=("orders-api",)))
    tickets = (ticket("Bestellen lukt niet"), ticket("Niets komt door", number=2, customer="Bos"))
    settings = Settings(me=Me(name="Sanne"), customers=customers)
    desk = Snapshot(source="desk", kind="redmine", every_s=15, signals=tickets)
    am = Snapshot(source="am", kind="alertmanager", every_s=15, signals=(DOWN,))
    during = triage(Night(snapshots=(am, desk)), settings, ago(1))
    after = triage(Night(snapshots=(replace(am, signals=()), desk), memory=during.memory), settings, NOW)
    assert [sorted(p.refs) for p in after.problems] == [["desk/1", "desk/2"]]
    assert after.problems[0].id == during.problems[0].id
    assert after.problems[0].joined == during.problems[0].joined != ()
