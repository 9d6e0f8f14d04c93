"""A ticket as every desk has it: who asked, who has it, what was said; and the signal that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from oncall_tui.errors import Unavailable
from oncall_tui.kit.alert import impact
from oncall_tui.kit.connector import Source, is_listed
from oncall_tui.kit.exchange import STALE, Response
from oncall_tui.kit.text import same_text
from oncall_tui.model import RESOLVED, Impact, Kind, Message, Signal, Verb, Voice, Write

PRIORITY: Mapping[str, Impact] = {
    **dict.fromkeys(("immediate", "urgent", "blocker", "critical", "p1"), Impact.DOWN),
    **dict.fromkeys(("high", "major", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("normal", "medium", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("low", "minor", "p4", "p5"), Impact.QUESTION),
}
"""What desks call their priorities. A number counts from where on it is so: ``{"50": AT_RISK}`` is for 50 and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody at a desk: `voice` is whose words they speak, `is_me` whether that is the account that we use."""

    id: str
    name: str
    voice: Voice
    is_me: bool = False
    email: str = ""
    organisation: str = ""


def person(
    source: Source,
    id_: str,
    *names: str | None,
    staff: bool = False,
    machine: bool = False,
    email: str | None = "",
    organisation: str | None = "",
) -> Person:
    """Who that is to us. Ours are I, whom the product holds for `staff`, and whom the option `team` names, by any of `names`.

    A `machine` (a bot, a group) is nobody, and so is whom `bots` names. The first of the names is shown.
    """
    called = [name for name in names if name] or [id_]
    is_me = id_ == source.session.get("id")
    if not is_me and (machine or is_listed(source, "bots", *called)):
        voice = Voice.MACHINE
    else:
        voice = Voice.OURS if is_me or staff or is_listed(source, "team", *called) else Voice.THEIRS
    return Person(id=id_, name=called[0], voice=voice, is_me=is_me, email=email or "", organisation=organisation or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message in a ticket; `who` is None where the product names nobody."""

    id: str
    who: Person | None
    text: str
    at: datetime
    private: bool = False

    def repeats(self, write: Write) -> bool:
        """Whether I say here what the write says, whoever may read it."""
        return self.who is not None and self.who.is_me and same_text(self.text, write.text)

    def says(self, write: Write) -> bool:
        """Whether it is what the write says: in its words, by me, and private or not as it wants it."""
        return self.repeats(write) and self.private is (write.verb is Verb.NOTE)


def known(source: Source, ticket_id: str) -> dict[str, Said]:
    """What was said in a ticket as the last reading has it, by its ids: what cannot be edited need not be asked for again."""
    before, told = None if source.afresh else source.known.get(ticket_id), {}
    for one in before.messages if before else ():
        who = Person(id="", name=one.author, voice=one.voice)
        told[one.id] = Said(id=one.id, who=who, text=one.text, at=one.at, private=one.private)
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as every desk has it, with what was `said` in it, the oldest first.

    `requesters` asked: whoever of them holds it, it was handed back to. `moved_at` is when it came into its status.
    `fields` are those that the desk itself invented, any of which may name the customer or the service.
    `record` is whatever the connector itself needs again for a change (the tag of what was read, a project).
    """

    id: str
    title: str
    opened_at: datetime
    status: str
    url: str
    is_open: bool = True
    moved_at: datetime | None = None
    severity: str = ""
    requesters: Sequence[Person] = ()
    holder: Person | None = None
    taken_at: datetime | None = None
    changed_at: datetime | None = None
    due_at: datetime | None = None
    text: str = ""
    customer: str = ""
    service: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    said: Sequence[Said] = ()
    links: Sequence[str] = ()
    record: Any = None

    @property
    def taken_by(self) -> str:
        """The human who has it: no machine, and not the requester, to whom it was handed back."""
        who = self.holder
        if who is None or who.voice is Voice.MACHINE:
            return ""
        return who.name if who.voice is Voice.OURS or all(who.id != one.id for one in self.requesters) else ""

    @property
    def mine(self) -> bool:
        return self.holder is not None and self.holder.is_me

    @property
    def taken_until(self) -> None:
        """No desk knows an end of an assignment."""

    def is_in(self, status: str) -> bool:
        """Whether it has that status; "" is any."""
        return not status or self.status.casefold() == status.casefold()

    @property
    def is_answered(self) -> bool:
        """Whether no customer said anything since it came into its status."""
        since = self.moved_at or self.opened_at
        return not any(one.at > since and _voice(one) is Voice.THEIRS for one in self.said)


class Change(NamedTuple):
    """What of a ticket is to be another: who has it (True: I, False: nobody, None: as it is), its status ("": as it is)."""

    mine: bool | None = None
    status: str = ""


def fresh(answer: Response) -> Response:
    """The answer to a change; if somebody was faster, what to do is decided anew. Raises `Unavailable` then."""
    if answer.status == STALE:
        raise Unavailable("somebody changed the ticket at the same moment", maybe_sent=False)
    return answer


def values(of: Any) -> str:
    """What a field of the desk's own holds, several with commas; what is no text (a picture) is left out."""
    many = of if isinstance(of, list) else [of]
    return ", ".join(str(value) for value in many if value != "" and isinstance(value, (str, int, float)))


def signal(source: Source, ticket: Ticket, table: Mapping[str, Impact]) -> Signal:
    """A ticket as a signal. One that its desk lists although it is resolved is out of the way until its customer writes."""
    first = ticket.requesters[0] if ticket.requesters else None
    is_over = ticket.is_in(source.options.get("resolved_status") or "-") and ticket.is_answered
    return Signal(
        source=source.name,
        id=ticket.id,
        kind=Kind.TICKET,
        title=ticket.title,
        opened_at=ticket.opened_at,
        severity=ticket.severity,
        impact=_impact(ticket.severity, table),
        text=ticket.text,
        service=_named(source, ticket, "service") or ticket.service,
        customer=_named(source, ticket, "customer") or ticket.customer or (first.organisation if first else ""),
        contact=first.name if first else "",
        email=first.email if first else "",
        labels={**ticket.labels, **ticket.fields},
        status=ticket.status,
        assignee=ticket.holder.name if ticket.holder else "",
        taken_by=ticket.taken_by,
        mine=ticket.mine,
        taken_at=ticket.taken_at if ticket.taken_by else None,
        suppressed=RESOLVED if is_over else "",
        changed_at=ticket.changed_at,
        due_at=ticket.due_at,
        messages=tuple(_message(one) for one in ticket.said if one.text.strip()),
        links=tuple(ticket.links),
        url=ticket.url,
    )


def _named(source: Source, ticket: Ticket, what: str) -> str:
    """What the configured field says."""
    return ticket.fields.get(source.options.get(f"{what}_field", ""), "")


def _impact(severity: str, table: Mapping[str, Impact]) -> Impact:
    """That of the word, or of the highest number in the table which it reaches."""
    if not severity.isdecimal():
        return impact(table, severity)
    reached = [int(start) for start in table if start.isdecimal() and int(start) <= int(severity)]
    return table[str(max(reached))] if reached else Impact.AT_RISK


def _voice(said: Said) -> Voice:
    """Nobody's words are a machine's; whoever writes what only colleagues read is one."""
    if said.who is None:
        return Voice.MACHINE
    return Voice.OURS if said.private and said.who.voice is Voice.THEIRS else said.who.voice


def _message(said: Said) -> Message:
    author = said.who.name if said.who else ""
    return Message(id=said.id, voice=_voice(said), author=author, text=said.text, at=said.at, private=said.private)
