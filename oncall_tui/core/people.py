"""The customers whom a problem hurts: who wrote, what they heard from us, and what hangs by it for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from oncall_tui.core.customers import Register
from oncall_tui.model import Customer, Hurt, Impact, Kind, Message, Process, Ref, Signal, Voice

NOBODY_KNOWN = "unknown customer"
"""How a customer is called whom no source and no configuration names."""


class Talk:
    """What one customer and we said to each other in a problem's tickets. Times are None when nothing was said."""

    __slots__ = ("contact", "first_wrote_at", "last_word_at", "last_words", "last_wrote_at", "wrote")

    def __init__(self, tickets: Iterable[Signal], is_bot: Mapping[str, bool]) -> None:
        said = sorted((m for ticket in tickets for m in conversation(ticket)), key=lambda message: message.at)
        theirs = [message for message in said if message.voice is Voice.THEIRS]
        words = [message for message in said if message.is_word and not is_bot[message.author]]
        self.first_wrote_at = theirs[0].at if theirs else None
        self.last_wrote_at = theirs[-1].at if theirs else None
        self.last_words = theirs[-1].text if theirs else ""
        self.contact = theirs[-1].author if theirs else ""
        self.last_word_at = words[-1].at if words else None
        self.wrote = sum(1 for m in theirs if self.last_word_at is None or m.at > self.last_word_at)

    @property
    def is_untold(self) -> bool:
        """Whether they spoke and have not had a word since they first did."""
        first = self.first_wrote_at
        return first is not None and (self.last_word_at is None or self.last_word_at < first)


def conversation(ticket: Signal) -> tuple[Message, ...]:
    """A ticket's messages; one that shows none was still opened by somebody, with its title at least."""
    if ticket.messages:
        return ticket.messages
    said = ticket.text or ticket.title
    return (Message(id="", voice=Voice.THEIRS, author=ticket.contact, text=said, at=ticket.opened_at),)


class Person:
    """A customer in a problem while it is being judged: `hurt` is what the board shows, the rest is for the judgement."""

    __slots__ = ("first_wrote_at", "hurt", "is_untold")

    def __init__(self, hurt: Hurt, first_wrote_at: datetime | None = None, *, is_untold: bool = False) -> None:
        self.hurt, self.first_wrote_at, self.is_untold = hurt, first_wrote_at, is_untold


def people(
    signals: Sequence[Signal],
    *,
    refs: Sequence[Ref],
    keys: Sequence[str],
    services: Iterable[str],
    register: Register,
    names: Mapping[str, str],
    is_bot: Mapping[str, bool],
) -> list[Person]:
    """Whoever wrote, is named by a signal, or depends on one of the alerting `services`; unranked, never empty."""
    theirs: dict[str, list[int]] = {}
    for n, its in enumerate(keys):
        if its or signals[n].kind is Kind.TICKET:
            theirs.setdefault(its, []).append(n)
    for service in services:
        for its in register.dependents.get(service.casefold(), ()):
            theirs.setdefault(its, [])
    if not theirs:
        return _STRANGER_BESIDE_KNOWN if register.known else _STRANGER
    return [
        _person(its, own, signals, refs, register=register, names=names, is_bot=is_bot) for its, own in theirs.items()
    ]


def alerting(signals: Iterable[Signal], services: Iterable[str]) -> set[str]:
    """The services of alerts that tell of harm; an alert for information hurts nobody who only depends on it."""
    return {
        name for signal, name in zip(signals, services, strict=True)
        if name and signal.kind is Kind.ALERT and signal.impact > Impact.QUESTION
    }  # fmt: skip


def _person(
    its: str,
    own: Sequence[int],
    signals: Sequence[Signal],
    refs: Sequence[Ref],
    *,
    register: Register,
    names: Mapping[str, str],
    is_bot: Mapping[str, bool],
) -> Person:
    known = _known(
        register.known.get(its),
        names.get(its, NOBODY_KNOWN),
        tuple([refs[n] for n in own]),
        has_customers=bool(register.known),
    )
    tickets = [signals[n] for n in own if signals[n].kind is Kind.TICKET]
    if not tickets:
        return Person(known)
    talk = Talk(tickets, is_bot)
    hurt = replace(
        known,
        contact=next((ticket.contact for ticket in tickets if ticket.contact), talk.contact),
        wrote=talk.wrote,
        spoke=talk.first_wrote_at is not None,
        last_words=talk.last_words,
        last_wrote_at=talk.last_wrote_at,
        last_word_at=talk.last_word_at,
    )
    return Person(hurt, talk.first_wrote_at, is_untold=talk.is_untold)


def _known(customer: Customer | None, name: str, refs: tuple[Ref, ...], *, has_customers: bool) -> Hurt:
    """Unknown is not unimportant: supporting beside configured customers, core when nobody is configured."""
    if customer is None:
        return Hurt(name=name, process=Process.SUPPORTING if has_customers else Process.CORE, refs=refs)
    return Hurt(
        name=customer.name,
        core_process=customer.core_process,
        core_process_theirs=customer.core_process_theirs,
        process=customer.process,
        alternative=customer.alternative,
        known=True,
        language=customer.language,
        phone=customer.phone,
        refs=refs,
    )


_STRANGER = [Person(_known(None, NOBODY_KNOWN, (), has_customers=False))]
_STRANGER_BESIDE_KNOWN = [Person(_known(None, NOBODY_KNOWN, (), has_customers=True))]
"""Who is hurt by an alert that names nobody; one for all such problems."""
