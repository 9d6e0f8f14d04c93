"""What an answer, a failure or a look at the source makes of a write: plain functions of plain values."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

from msgspec.structs import replace

from oncall_tui.errors import OncallError, RateLimited, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Receipt, same_text
from oncall_tui.model import RESOLVED, Signal, Snapshot, State, Verb, Voice, Write, stamp

WORDS = frozenset({Verb.NOTE, Verb.REPLY})
"""Verbs that are heard twice when they are said twice; the others change a state, and saying them again does no harm."""

NOT_TWICE = WORDS | {Verb.SNOOZE}
"""Verbs that are not said again on a guess: a second snooze may be a second silence, or end later than was meant."""

TRY_S = 90.0
"""The longest that one try may take, all its requests together."""

_LONGEST_BACK_OFF_S = 30.0
_LOOK_S = 5.0
"""How long after a source took a write for later we first look whether it did it."""

_TIMES = tuple(name for name in Write.__struct_fields__ if name == "until" or name.endswith("_at"))

_CROSSING = timedelta(minutes=1)
"""So much later a reply leaves although the customer wrote meanwhile."""


def started(write: Write, now: datetime) -> Write:
    """On disk before the first byte leaves: whoever finds it so later knows that it may have been sent."""
    return replace(
        write,
        state=State.SENDING,
        attempts=write.attempts + 1,
        tried_at=write.tried_at or now,
        began_at=now,
        due_at=None,
        fault="",
    )


def answered(write: Write, receipt: Receipt, now: datetime) -> Write:
    """Delivered when the source says that it did it, else unsure until it can be seen there."""
    write = replace(write, receipt=receipt.id or write.receipt, fault=receipt.words)
    if receipt.settled:
        return replace(write, state=State.DELIVERED, delivered_at=now)
    words = receipt.words or "accepted, not yet seen to be done"
    return replace(write, state=State.UNSURE, fault=words, due_at=now + timedelta(seconds=_LOOK_S))


def failed(write: Write, error: OncallError, now: datetime, late_s: float) -> Write:
    """After a try that failed: refused, to be sent later, or unsure, by what the error tells about its arrival."""
    match error:
        case Rejected():
            return refused(write, error.words)
        case RateLimited():
            return _wait(write, error.words, now + timedelta(seconds=error.after_s))
        case Unavailable(maybe_sent=True) | Unreadable():
            return _unsure(write, error.words, now, late_s)
        case _:
            return _wait(write, error.words, now + timedelta(seconds=back_off_s(write)))


def not_tried(write: Write, error: OncallError, now: datetime) -> Write:
    """After a look before the try that failed: nothing of this write has left yet."""
    if isinstance(error, Rejected):
        return refused(write, error.words)
    wait_s = error.after_s if isinstance(error, RateLimited) else back_off_s(write)
    return _wait(write, error.words, now + timedelta(seconds=wait_s))


def not_found_out(write: Write, error: OncallError, now: datetime) -> Write:
    """After a look for an unsure write that failed: look again later, or ask the engineer when there is nothing to see."""
    if isinstance(error, Rejected):
        return in_question(write, f"it may have arrived, and {error.words}")
    wait_s = error.after_s if isinstance(error, RateLimited) else _LONGEST_BACK_OFF_S
    return replace(write, state=State.UNSURE, fault=error.words, due_at=now + timedelta(seconds=wait_s))


def orphaned(write: Write, now: datetime, late_s: float) -> Write:
    """Found as being sent by a program that is gone: it may have left until that try's limit."""
    began_at = write.began_at or now
    last_at = min(now, began_at + timedelta(seconds=TRY_S))
    return _unsure(write, "the program ended while it was being sent", max(last_at, began_at), late_s)


def found(write: Write, now: datetime) -> Write:
    """Seen at the source."""
    return replace(
        write, state=State.CONFIRMED, delivered_at=write.delivered_at or now, confirmed_at=now, fault="", due_at=None
    )


def confirmed(write: Write, now: datetime) -> Write | None:
    """What was delivered is seen by a poll; None when it is something else by now."""
    return found(write, now) if write.state is State.DELIVERED else None


def refused(write: Write, words: str) -> Write:
    """Handed back with the reason; the text stays with the engineer."""
    return replace(write, state=State.REFUSED, fault=words, due_at=None)


def in_question(write: Write, words: str) -> Write:
    """Unsure, and nothing that we can do finds out: without a `due_at` the engineer is asked."""
    return replace(write, state=State.UNSURE, fault=words, due_at=None)


def homeless(write: Write) -> Write | None:
    """Of a source that is configured no more: what was never sent waits for it, what was being sent is asked about.

    None when that is said already.
    """
    words = f"{write.source} is not configured any more: put it back, or withdraw this"
    if write.fault == words:
        return None
    if write.state in (State.SENDING, State.UNSURE):
        return in_question(write, words)
    return replace(write, state=State.WAITING, fault=words, due_at=None) if write.state.is_open else None


def may_send_again(write: Write, now: datetime, late_s: float) -> bool:
    """Whether the server's longest lateness has passed since the latest try, by the plan or by the clock."""
    if write.verb not in NOT_TWICE or write.began_at is None:
        return True
    late_at = write.began_at + timedelta(seconds=late_s)
    return now >= late_at or (write.due_at is not None and write.due_at >= late_at)


def look_later(write: Write, now: datetime, late_s: float) -> Write:
    """Not there yet, and too early to send again."""
    late_at = (write.began_at or now) + timedelta(seconds=late_s)
    return replace(write, due_at=min(now + timedelta(seconds=2 * _LOOK_S), max(late_at, now)))


def back_off_s(write: Write) -> float:
    """Doubling from 2 to at most 30 seconds, spread by the write's own id so that many do not knock at once."""
    spread = zlib.crc32(f"{write.id} {write.attempts}".encode()) / 2**32
    longest_s: float = min(2.0 ** (1 + min(write.attempts, 10)), _LONGEST_BACK_OFF_S)
    return longest_s * (0.5 + 0.5 * spread)


def objection(write: Write, present: Signal | None, now: datetime) -> str:
    """What speaks against sending it now although it was right when it was said; "" when nothing does.

    Who calls "is anybody there?" while "I am here" waits to be taken back shall hear it. Words that cross fit still; those
    that could not leave for longer may no longer.
    """
    if present is None:
        return "" if write.verb is Verb.RELEASE else "it is closed or gone meanwhile"
    if why := present.cannot.get(write.verb):
        return why
    taken_by, _, theirs = write.stated.rpartition("|")
    is_taken = present.taken_by and not present.mine and present.taken_by != taken_by
    if is_taken and write.verb in (Verb.ACKNOWLEDGE, Verb.RESOLVE):
        return f"taken by {present.taken_by} meanwhile"
    crosses = write.verb is Verb.REPLY and now - write.asked_at <= _CROSSING
    speaks = write.verb in (Verb.REPLY, Verb.RESOLVE) and not crosses
    if speaks and write.stated and stamp(present).rpartition("|")[2] != theirs:
        return f"{present.contact or 'the customer'} wrote again meanwhile"
    return ""


def is_so(write: Write, present: Signal | None) -> bool:
    """Whether the state that a write asks for is the signal's state now."""
    match write.verb:
        case Verb.RELEASE:
            return present is None or not present.mine
        case Verb.RESOLVE:
            return present is None or present.suppressed == RESOLVED
        case Verb.ACKNOWLEDGE if present and present.mine:
            return _lasts(present.taken_until, write.until)
        case Verb.SNOOZE if present and present.suppressed:
            return _lasts(present.suppressed_until, write.until)
        case _:
            return False


def _lasts(until: datetime | None, wanted: datetime | None) -> bool:
    """Whether what ends then (None: never) is there for as long as was wanted; sources round to the second."""
    return not (until and wanted) or until >= wanted - timedelta(seconds=1)


def by_their_clock(write: Write, skew_s: float) -> Write:
    """The write as a source is told it, whose clock is `skew_s` ahead of ours: every time of it is by that clock."""
    times = {name: at + timedelta(seconds=skew_s) for name in _TIMES if (at := getattr(write, name))}
    return replace(write, **times) if skew_s else write


def is_shown(write: Write, snapshot: Snapshot, before: Write | None = None) -> bool:
    """Whether a poll that began after the delivery shows what was said; `before` is the write that this one follows."""
    if not (write.delivered_at and snapshot.asked_at and snapshot.asked_at > write.delivered_at):
        return False
    present = next((signal for signal in snapshot.signals if signal.id == write.signal_id), None)
    if write.verb is Verb.RETRACT:
        return before is not None and not _is_there(by_their_clock(before, snapshot.skew_s), present)
    return _is_there(by_their_clock(write, snapshot.skew_s), present)


def _is_there(write: Write, present: Signal | None) -> bool:
    if write.verb not in WORDS:
        return is_so(write, present)
    private = write.verb is Verb.NOTE
    return present is not None and any(
        m.voice is Voice.OURS and m.private is private and same_text(m.text, write.text) for m in present.messages
    )


def _wait(write: Write, words: str, due_at: datetime) -> Write:
    return replace(write, state=State.WAITING, fault=words, due_at=due_at)


def _unsure(write: Write, words: str, last_at: datetime, late_s: float) -> Write:
    """A state is looked at soon; words only once nothing can arrive late any more."""
    wait_s = late_s if write.verb in WORDS else back_off_s(write)
    return replace(write, state=State.UNSURE, fault=words, due_at=last_at + timedelta(seconds=wait_s))
