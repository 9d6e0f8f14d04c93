"""What `undo` takes back: the last key press, and the write that reverses what is already at a source.

Plain functions of plain values.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from oncall_tui.kit import Connector
from oncall_tui.model import Decision, State, Verb, Write
from oncall_tui.words import VERB

_OURS = uuid.UUID("0b9a4c38-5d6e-4f0e-8c55-2f3f0a6a7c21")
"""Makes the id of a reversal the same in every process, so that two that undo one thing reverse it once."""

_OPPOSITE = {Verb.ACKNOWLEDGE: Verb.RELEASE, Verb.RELEASE: Verb.ACKNOWLEDGE}


def last_press(writes: Iterable[Write], decisions: Sequence[Decision], me: str) -> tuple[str, ...] | Decision:
    """The ids of what my last key press or command said, or what it decided; none when there was none.

    What followed by itself (a renewal, a reversal) was not pressed: its id was not drawn at random.
    """
    pressed = [write for write in writes if write.by == me and uuid.UUID(write.id).version == 4]
    last_at = max((write.asked_at for write in pressed), default=None)
    if decisions and (last_at is None or decisions[-1].at > last_at):
        return decisions[-1]
    return tuple(write.id for write in pressed if write.asked_at == last_at)


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
        id=str(uuid.uuid5(_OURS, write.id)),
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
