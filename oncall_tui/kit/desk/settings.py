"""What is configured of every desk, and what no desk can be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oncall_tui.kit.connector import Option, Source
from oncall_tui.kit.reading import meanings
from oncall_tui.model import Verb

CANNOT: Mapping[Verb, str] = {Verb.SNOOZE: "a ticket knows no end of a pause; snooze it here instead"}

STATUS = {Verb.ACKNOWLEDGE: "taken_status", Verb.RELEASE: "released_status", Verb.RESOLVE: "resolved_status"}
"""The option that says to which status a verb moves a ticket."""


def options(*, team: str, resolved: str, customer: str = "", service: str = "") -> tuple[Option, ...]:
    """The settings that every desk has. `team` says who is ours where nobody is named; `customer` and `service` what names
    them without a field of their own, where the product has such fields.
    """
    fields = (("customer", customer), ("service", service))
    custom = (
        (f"{name}_field", f"custom field that names the {name}; {without}") for name, without in fields if without
    )
    return (
        *(Option(name=name, help=words) for name, words in custom),
        Option(name="team", help=f"names of ours, with commas; {team}"),
        Option(name="bots", help="names of machines that write or are assigned"),
        Option(name="priorities", help='priorities as you mean them, as in "Sev 0=down, 60=degraded"', check=meanings),
        Option(name="taken_status", help='status of a ticket that is taken, as in "In Progress"'),
        Option(name="released_status", help="status of a ticket that is given back"),
        Option(name="resolved_status", help="status of a ticket that is resolved", default=resolved),
    )


def unknown(source: Source, statuses: Iterable[str]) -> str:
    """Words about configured statuses that are not among these, "" when there are none."""
    known = {one.casefold() for one in statuses}
    missing = ((name, source.options.get(name, "")) for name in STATUS.values())
    return "".join(f"; {name}: there is no status {it!r}" for name, it in missing if it and it.casefold() not in known)
