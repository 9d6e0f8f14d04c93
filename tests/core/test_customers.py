"""Which signals are one customer's, and which likeness is not enough."""

from __future__ import annotations

import pytest

from oncall_tui.core.customers import Register, Roll, domain, key, settle
from oncall_tui.model import Customer, Kind, Match, Signal
from tests.core.generated import ago

KORENAAR = Customer(
    name="Bakkerij De Korenaar",
    match=Match(
        organisations=("Korenaar Groep",),
        domains=("korenaar.nl",),
        labels={"tenant": "korenaar", "env": "prod"},
        hosts=("oven-1",),
    ),
)


def ticket(**told: object) -> Signal:
    return Signal(source="desk", id="1", kind=Kind.TICKET, title="x", opened_at=ago(1), **told)  # type: ignore[arg-type]


def named(*tickets: Signal, customers: tuple[Customer, ...] = ()) -> list[str]:
    register = Register(customers)
    keys, names = settle([Roll(tickets, register)], register)
    return [names.get(its, "") for its in keys]


@pytest.mark.parametrize(
    "spelling",
    ["De Korenaar", "de korenaar", "De Korenaar B.V.", "DE KORENAAR BV", "De Korenaar, Ltd.", " De  Korenaar N.V. "],
)
def test_case_dots_and_legal_form_do_not_count(spelling: str):
    assert key(spelling) == "de korenaar"


@pytest.mark.parametrize("other", ["Korenaar", "De Korenaars", "De Korenaar Noord", "Stichting De Korenaar"])
def test_likeness_is_not_sameness(other: str):
    assert key(other) != key("De Korenaar")


def test_a_name_that_is_only_a_legal_form_stays_a_name():
    assert key("AG") == "ag"


def test_free_mail_tells_no_organisation():
    assert domain("jan@gmail.com") == ""
    assert domain("Jan <jan@Garage.NL>") == "garage.nl"


@pytest.mark.parametrize(
    "told",
    [
        {"customer": "bakkerij de korenaar b.v."},
        {"customer": "Korenaar Groep"},
        {"email": "els@korenaar.nl"},
        {"email": "els@winkel.korenaar.nl"},
        {"labels": {"tenant": "korenaar", "env": "prod"}},
        {"labels": {"customer": "BAKKERIJ DE KORENAAR"}},
        {"host": "Oven-1"},
    ],
)
def test_a_configured_customer_is_recognised_by_any_of_its_signs(told: dict[str, object]):
    assert named(ticket(**told), customers=(KORENAAR,)) == ["Bakkerij De Korenaar"]


@pytest.mark.parametrize(
    "told", [{"labels": {"tenant": "korenaar"}}, {"email": "els@notkorenaar.nl"}, {"customer": "Korenaar"}]
)
def test_half_a_sign_is_none(told: dict[str, object]):
    assert named(ticket(**told), customers=(KORENAAR,)) != ["Bakkerij De Korenaar"]


def test_a_mail_domain_is_whose_organisation_alone_writes_from_it():
    assert named(ticket(customer="Smit BV", email="a@smit.nl"), ticket(email="b@smit.nl")) == ["Smit BV", "Smit BV"]


def test_a_domain_that_two_organisations_share_tells_neither():
    told = named(
        ticket(customer="Smit", email="a@host.nl"), ticket(customer="Bos", email="b@host.nl"), ticket(email="c@host.nl")
    )
    assert told == ["Smit", "Bos", "host.nl"]


def test_two_people_with_free_mail_are_two_customers():
    assert named(ticket(email="jan@gmail.com", contact="Jan"), ticket(email="piet@gmail.com", contact="Piet")) == [
        "Jan",
        "Piet",
    ]
