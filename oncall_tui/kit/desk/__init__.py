"""What ticket desks have alike; part of the interface for plug-ins.

A connector for a desk maps its product's records to a `Ticket`, says in a `Desk` how to ask and to change, and has the poll
and the verbs from there. Nothing is believed because it was answered well: each change of state is looked at afterwards.
"""

from oncall_tui.kit.desk.desk import STALE, Change, Desk, fresh
from oncall_tui.kit.desk.listing import Changes, Head, Listed, Whole, number, numbered
from oncall_tui.kit.desk.settings import CANNOT, options, unknown
from oncall_tui.kit.desk.ticket import PRIORITY, Person, Said, Ticket, known, person, signal, values

__all__ = [
    "CANNOT",
    "PRIORITY",
    "STALE",
    "Change",
    "Changes",
    "Desk",
    "Head",
    "Listed",
    "Person",
    "Said",
    "Ticket",
    "Whole",
    "fresh",
    "known",
    "number",
    "numbered",
    "options",
    "person",
    "signal",
    "unknown",
    "values",
]
