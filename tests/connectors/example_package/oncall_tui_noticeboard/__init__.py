"""The notice board in the hall: notices that people hang up; taking one signs it. It exists in this example alone."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from oncall_tui import kit
from oncall_tui.errors import Rejected
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Source, get, send
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Voice, Write

COLOUR: Mapping[str, Impact] = {"red": Impact.DOWN, "orange": Impact.DEGRADED, "white": Impact.AT_RISK}
"""What is written on paper of that colour."""

_GONE = 404


class _Scribble(msgspec.Struct):
    by: str
    text: str
    at: str


class _Notice(msgspec.Struct):
    number: int
    headline: str
    colour: str
    hung_at: str
    hung_by: str
    signed: str = ""
    scribbles: list[_Scribble] = []


def poll(source: Source) -> Exchange[Reading]:
    """Every notice on the board; it has no pages."""
    table = kit.impacts(COLOUR, source.options.get("colours", ""))
    reading = kit.read_list((yield get("/notices")), _Notice, lambda notice: signal(source, notice, table))
    warning = kit.strangers(reading.signals, table)
    return Reading(signals=reading.signals, unreadable=reading.unreadable, warning=warning)


def signal(source: Source, notice: _Notice, table: Mapping[str, Impact] = COLOUR) -> Signal:
    """One notice as a signal."""
    hung_at = kit.when(notice.hung_at)
    if hung_at is None:
        raise ValueError("nobody knows when it was hung up")
    return Signal(
        source=source.name,
        id=str(notice.number),
        kind=Kind.TICKET,
        title=notice.headline,
        opened_at=hung_at,
        severity=notice.colour,
        impact=table.get(notice.colour.casefold(), Impact.AT_RISK),
        contact=notice.hung_by,
        assignee=notice.signed,
        taken_by=notice.signed,
        mine=kit.is_me(source, notice.signed),
        messages=tuple(_message(place, one) for place, one in enumerate(notice.scribbles)),
        url=f"{source.url}/notices/{notice.number}",
    )


def _message(place: int, one: _Scribble) -> Message:
    at = kit.when(one.at)
    if at is None:
        raise ValueError("nobody knows when it was scribbled")
    return Message(id=str(place), voice=Voice.OURS, author=one.by, text=one.text, at=at, private=True)


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That notice now; None when it was taken down."""
    answer = yield get(f"/notices/{kit.quote(signal_id)}", accepts=(_GONE,))
    return signal(source, answer.read(_Notice)) if answer.status == 200 else None


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Sign it, unless it is signed by me. Who signs first has it, so who that was is read back."""
    if not (yield from _there(source, write)).mine:
        yield send("POST", f"/notices/{kit.quote(write.signal_id)}/taken", {"by": source.me.name})
        there = yield from _there(source, write)
        if not there.mine:
            raise Rejected(f"{there.taken_by or 'nobody'} has it now")
    return DONE


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Strike my signature out, and see it gone; a colleague's stays."""
    there = yield from _there(source, write)
    if not there.mine:
        return Receipt(words=f"{there.taken_by or 'nobody'} has it now")
    yield send("POST", f"/notices/{kit.quote(write.signal_id)}/left", {"by": source.me.name})
    if (yield from _there(source, write)).mine:
        raise Rejected("your signature is still on it")
    return DONE


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A scribble in the margin, with a marker to find it again."""
    yield from _there(source, write)
    text = f"{write.text} {kit.marker(write)}"
    yield send("POST", f"/notices/{kit.quote(write.signal_id)}/scribbles", {"by": source.me.name, "text": text})
    return DONE


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the board is as the write wanted it."""
    there = yield from peek(source, write.signal_id)
    if there is None:
        return False
    if write.verb is Verb.NOTE:
        return any(kit.marker(write) in message.text for message in there.messages)
    return there.mine is (write.verb is Verb.ACKNOWLEDGE)


def _there(source: Source, write: Write) -> Exchange[Signal]:
    there = yield from peek(source, write.signal_id)
    if there is None:
        raise Rejected("the notice was taken down", gone=True)
    return there


def check(source: Source) -> Exchange[str]:
    """In whose name notices are signed."""
    yield get("/notices")
    return f"the board signs for {source.me.name}"


def headers(source: Source) -> Mapping[str, str]:
    """The key to the hall."""
    return {"X-Hall-Key": source.secret}


CONNECTOR = Connector(
    name="noticeboard",
    title="The notice board in the hall",
    docs="https://noticeboard.example/api",
    options=(Option(name="colours", help='colours of your own, as in "purple=down"'),),
    headers=headers,
    poll=poll,
    answers={Verb.ACKNOWLEDGE: acknowledge, Verb.RELEASE: release, Verb.NOTE: note},
    cannot={
        Verb.REPLY: "nobody reads a notice twice",
        Verb.RESOLVE: "take the paper off the board",
        Verb.SNOOZE: "paper does not sleep; snooze it here instead",
    },
    peek=peek,
    seen=seen,
    check=check,
    proven="the board of its own tests",
)
