"""What `undo` takes back: the last key press, then the one before; and the write that reverses what is at a source.

Plain functions of plain values.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace

from oncall_tui import phrases
from oncall_tui.kit import Connector
from oncall_tui.model import Act, Board, Decision, State, Verb, Write
from oncall_tui.words import VERB, when

_OURS = uuid.UUID("0b9a4c38-5d6e-4f0e-8c55-2f3f0a6a7c21")
"""Makes the id of a reversal the same in every process, so that two that undo one thing reverse it once."""

_OPPOSITE = {Verb.ACKNOWLEDGE: Verb.RELEASE, Verb.RELEASE: Verb.ACKNOWLEDGE}


Press: TypeAlias = tuple[Write, ...] | Decision
"""What one key press or command said, or what it decided."""


def presses(writes: Iterable[Write], decisions: Iterable[Decision], me: str, here: Sequence[str]) -> list[Press]:
    """My key presses and commands, the last one first; those of this process before all others (`here`: ids in order).

    What followed by itself (a renewal, a reversal) was not pressed: its id was not drawn at random.
    """
    said: dict[datetime, list[Write]] = {}
    for write in writes:
        if write.by == me and _is_pressed(write.id):
            said.setdefault(write.asked_at, []).append(write)
    rank = {id_: place for place, id_ in enumerate(here)}
    decided = (decision for decision in decisions if _is_pressed(decision.id))
    found: list[Press] = [*map(tuple, said.values()), *decided]
    return sorted(found, key=lambda press: (rank.get(_first(press).id, -1), _at(_first(press))), reverse=True)


def _is_pressed(id_: str) -> bool:
    return uuid.UUID(id_).version == 4


def _first(press: Press) -> Write | Decision:
    return press if isinstance(press, Decision) else press[0]


def _at(one: Write | Decision) -> datetime:
    return one.at if isinstance(one, Decision) else one.asked_at


def is_taken_back(press: Press, writes: Iterable[Write]) -> bool:
    """Whether it was undone, as far as it could be: nothing of a decision is left then."""
    if isinstance(press, Decision):
        return False
    known = {write.id for write in writes}
    return any(write.state is State.WITHDRAWN or _reversed(write.id) in known for write in press)


def _reversed(id_: str) -> str:
    """The id of what reverses that."""
    return str(uuid.uuid5(_OURS, id_))


def apart(joined: Decision, now: datetime) -> Decision:
    """What keeps apart by hand what was joined by hand: without it, it may be joined for another reason at once."""
    return replace(joined, id=_reversed(joined.id), act=Act.SPLIT, at=now)


def what(press: Press, board: Board) -> str:
    """What it was, for whom, and when: ``note (Garage Smit, 03:10)``."""
    first = _first(press)
    refs = set(first.refs) if isinstance(first, Decision) else {first.ref}
    about = next((p for p in (*board.problems, *board.aside) if not refs.isdisjoint(p.refs)), None)
    name = phrases.who(about) if about else ", ".join(sorted(refs))
    said = first.act if isinstance(first, Decision) else VERB[first.verb]
    return f"{said} ({name}, {when(_at(first), board.as_of)})"


def withdrawn(write: Write) -> Write | None:
    """The write, never to be sent; None when it may have left. Only what was never tried can be withdrawn for certain."""
    never_sent = write.state in (State.HELD, State.WAITING) and write.attempts == 0
    return replace(write, state=State.WITHDRAWN, due_at=None) if never_sent else None


def reversal(write: Write, now: datetime, until: datetime | None, connector: Connector) -> Write | None:
    """What ends its effect at the source; None where that cannot. `until` is the end of a new acknowledgement.

    A retraction waits for its write and is refused with it: what never arrived need not be taken back.
    """
    opposite = Verb.RETRACT if write.verb in connector.retracts else _OPPOSITE.get(write.verb)
    if opposite is None or (opposite is not Verb.RETRACT and opposite not in connector.answers):
        return None
    return Write(
        id=_reversed(write.id),
        problem=write.problem,
        ref=write.ref,
        verb=opposite,
        by=write.by,
        asked_at=now,
        text=write.text if opposite is Verb.RETRACT else "",
        until=until if opposite is Verb.ACKNOWLEDGE else None,
        after=write.id if opposite is Verb.RETRACT else "",
        sure=opposite is not Verb.RETRACT,
    )


def told(write: Write, reverse: Write) -> str:
    """What is said of that reversal: what was mailed is not taken back."""
    words = f"{write.source} is told to {VERB[reverse.verb].replace('it', 'that', 1)}"
    is_mailed = write.verb is Verb.REPLY and reverse.verb is Verb.RETRACT
    return f"{words}; who reads it as mail may have it already" if is_mailed else words


def why_not(write: Write) -> str:
    """Why what is at its source cannot be taken back, and what can be done instead."""
    if write.verb is Verb.REPLY:
        return "a reply that is on its way or delivered cannot be taken back: the customer may have read it"
    if write.verb is Verb.NOTE:
        return f"a note that {write.source} may have cannot be taken back from here: write another that puts it right"
    if write.verb is Verb.RESOLVE:
        return f"{write.source} cannot be told from here that it is not solved after all: open it again there"
    if write.verb is Verb.SNOOZE:
        return f"{write.source} cannot be told from here to end a snooze: end it there"
    return f"{write.source} cannot take that back"
