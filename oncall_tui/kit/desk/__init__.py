"""What ticket desks have alike; part of the interface for plug-ins.

A connector for a desk maps its product's records to a `Ticket`, says in a `Desk` how to ask and to change, and has the poll
and the verbs from there. Nothing is believed because it was answered well: each change of state is looked at afterwards.
"""

from oncall_tui.kit.desk.desk import Desk
from oncall_tui.kit.desk.listing import Changes, Head, Listed, Whole, by_number, number
from oncall_tui.kit.desk.settings import CANNOT, options, unknown
from oncall_tui.kit.desk.ticket import PRIORITY, Change, Person, Said, Ticket, fresh, known, person, signal, values

__all__ = [
    "CANNOT",
    "PRIORITY",
    "Change",
    "Changes",
    "Desk",
    "Head",
    "Listed",
    "Person",
    "Said",
    "Ticket",
    "Whole",
    "by_number",
    "fresh",
    "known",
    "number",
    "options",
    "person",
    "signal",
    "unknown",
    "values",
]
