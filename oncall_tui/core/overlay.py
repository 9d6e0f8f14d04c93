"""What we said, painted over what the sources last told; no snapshot is ever changed.

Law 1: what is on its way shows at once. Law 2: what was delivered stays painted until a reading that began after the
delivery has come. A reply counts as a word only once it was delivered: before that, the customer has heard nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from oncall_tui.model import Me, Message, Ref, Signal, Snapshot, State, Verb, Voice, Write

SKEW_MOST_S = 5.0
"""Below this a difference of clocks is the network's and the whole seconds of a ``Date`` header."""

_HEARD = (State.DELIVERED, State.CONFIRMED)


def paint(snapshots: Iterable[Snapshot], writes: Sequence[Write], me: Me) -> list[Sequence[Signal]]:
    """Each snapshot's signals as they are by our clock and with what we said, in the snapshots' order."""
    snapshots = tuple(snapshots)
    over = painted_writes(snapshots, writes)
    return [paint_one(snapshot, its, me) for snapshot, its in zip(snapshots, over, strict=True)]


def painted_writes(snapshots: Iterable[Snapshot], writes: Iterable[Write]) -> list[tuple[Write, ...]]:
    """The writes that are painted over each snapshot, in the snapshots' order; each one's in the order of asking."""
    by_source: dict[str, list[Write]] = {}
    for write in sorted(writes, key=lambda write: (write.asked_at, write.id)):
        by_source.setdefault(write.source, []).append(write)
    return [
        tuple(write for write in by_source.get(snapshot.source, ()) if is_painted(write, snapshot.asked_at))
        for snapshot in snapshots
    ]


def paint_one(snapshot: Snapshot, writes: Iterable[Write], me: Me) -> Sequence[Signal]:
    """The snapshot's signals by our clock, with those writes on them."""
    signals: Sequence[Signal] = snapshot.signals
    if abs(snapshot.skew_s) > SKEW_MOST_S:
        signals = [by_our_clock(signal, timedelta(seconds=-snapshot.skew_s)) for signal in signals]
    writes = tuple(writes)
    retracted = {write.after for write in writes if write.verb is Verb.RETRACT}
    said: dict[Ref, list[Write]] = {}
    for write in writes:
        if write.id not in retracted:
            said.setdefault(write.ref, []).append(write)
    if not said:
        return signals
    painted = (_with(signal, said.get(signal.ref, ()), me) for signal in signals)
    return [signal for signal in painted if signal is not None]


def is_painted(write: Write, asked_at: datetime | None) -> bool:
    """Whether the write counts as done although the reading that began at `asked_at` may not show it."""
    if not write.state.has_effect:
        return False
    there_at = (write.delivered_at or write.confirmed_at) if write.state in _HEARD else None
    return there_at is None or asked_at is None or asked_at <= there_at


def _with(signal: Signal, writes: Iterable[Write], me: Me) -> Signal | None:
    """The signal with those writes on it; None when it is resolved."""
    for write in writes:
        match write.verb:
            case Verb.ACKNOWLEDGE:
                signal = _taken(signal, write, me)
            case Verb.RELEASE:
                signal = replace(signal, taken_by="", mine=False, assignee="", taken_at=None, taken_until=None)
            case Verb.SNOOZE:
                signal = replace(signal, suppressed=f"snoozed by {me.name}", suppressed_until=write.until)
            case Verb.NOTE | Verb.REPLY:
                signal = _told(signal, write, me)
            case Verb.RESOLVE:
                if write.state in _HEARD:
                    return None
                signal = replace(signal, status="resolving")
    return signal


def _taken(signal: Signal, write: Write, me: Me) -> Signal:
    since = signal.taken_at if signal.mine and signal.taken_at else write.asked_at
    return replace(signal, taken_by=me.name, assignee=me.name, mine=True, taken_at=since, taken_until=write.until)


def _told(signal: Signal, write: Write, me: Me) -> Signal:
    """A note shows at once, colleagues are not waiting for it; a reply once the customer can read it."""
    is_reply = write.verb is Verb.REPLY
    if is_reply and write.state not in _HEARD:
        return signal
    at = (write.delivered_at or write.confirmed_at or write.asked_at) if is_reply else write.asked_at
    said = Message(
        id=f"write:{write.id}", voice=Voice.OURS, author=me.name, text=write.text, at=at, private=not is_reply
    )
    return replace(signal, messages=(*signal.messages, said))


def by_our_clock(signal: Signal, shift: timedelta) -> Signal:
    """The signal with every time of its source moved by `shift`."""

    def moved(at: datetime | None) -> datetime | None:
        return at and at + shift

    return replace(
        signal,
        opened_at=signal.opened_at + shift,
        taken_at=moved(signal.taken_at),
        taken_until=moved(signal.taken_until),
        suppressed_until=moved(signal.suppressed_until),
        changed_at=moved(signal.changed_at),
        messages=tuple(replace(message, at=message.at + shift) for message in signal.messages),
    )
