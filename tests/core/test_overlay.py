"""What was said is painted over what was read, until a later reading shows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from oncall_tui.core.overlay import is_painted, paint
from oncall_tui.model import Kind, Me, Signal, Snapshot, State, Verb, Write
from tests.core.generated import NOW, ago

ME = Me(name="Sanne")
ALERT = Signal(source="am", id="f", kind=Kind.ALERT, title="Down", opened_at=ago(9))
TICKET = Signal(source="am", id="f", kind=Kind.TICKET, title="Help", opened_at=ago(9))


def write(verb: Verb, state: State, *, delivered: int | None = None) -> Write:
    at = None if delivered is None else ago(delivered)
    return Write(
        id="w", problem="p", ref="am/f", verb=verb, by="Sanne", asked_at=ago(3), state=state, delivered_at=at, text="Hi"
    )


def painted(signal: Signal, *writes: Write, asked: int = 5) -> Signal:
    snapshot = Snapshot(source="am", kind="x", every_s=15, signals=(signal,), asked_at=ago(asked))
    return paint([snapshot], writes, ME)[0][0]


@pytest.mark.parametrize("state", [State.HELD, State.WAITING, State.SENDING, State.UNSURE])
def test_an_acknowledgement_on_its_way_is_taken_by_me_at_once(state: State):
    shown = painted(ALERT, write(Verb.ACKNOWLEDGE, state))
    assert (shown.taken_by, shown.mine, shown.taken_at) == ("Sanne", True, ago(3))


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN, State.DRAFT])
def test_what_was_refused_or_withdrawn_is_not_painted(state: State):
    assert painted(ALERT, write(Verb.ACKNOWLEDGE, state)) == ALERT


@pytest.mark.parametrize(("asked", "stays"), [(5, True), (2, True), (1, False)])
def test_a_delivered_write_stays_until_a_poll_that_began_after_the_delivery(asked: int, stays: bool):
    shown = painted(ALERT, write(Verb.ACKNOWLEDGE, State.DELIVERED, delivered=2), asked=asked)
    assert shown.mine is stays


def test_a_poll_that_began_before_the_delivery_and_returned_after_it_changes_nothing():
    assert is_painted(write(Verb.ACKNOWLEDGE, State.DELIVERED, delivered=2), ago(2) - timedelta(seconds=1))


def test_a_reply_is_a_word_only_once_it_is_delivered():
    waiting = painted(TICKET, write(Verb.REPLY, State.WAITING))
    there = painted(TICKET, write(Verb.REPLY, State.DELIVERED, delivered=2))
    assert [m for m in waiting.messages if m.is_word] == []
    assert [(m.text, m.at) for m in there.messages if m.is_word] == [("Hi", ago(2))]


def test_a_note_shows_at_once_and_is_never_a_word():
    (note,) = painted(TICKET, write(Verb.NOTE, State.WAITING)).messages
    assert note.private
    assert not note.is_word


def test_a_release_after_an_acknowledgement_gives_it_back():
    taken = write(Verb.ACKNOWLEDGE, State.DELIVERED, delivered=2)
    given = replace(write(Verb.RELEASE, State.WAITING), id="x", asked_at=ago(1))
    assert painted(ALERT, given, taken).taken_by == ""


def test_a_resolved_signal_is_gone_once_its_source_took_that():
    snapshot = Snapshot(source="am", kind="x", every_s=15, signals=(ALERT,), asked_at=ago(5))
    assert painted(ALERT, write(Verb.RESOLVE, State.WAITING)).status == "resolving"
    assert list(paint([snapshot], [write(Verb.RESOLVE, State.DELIVERED, delivered=2)], ME)[0]) == []


def test_nobody_edits_a_snapshot():
    snapshot = Snapshot(source="am", kind="x", every_s=15, signals=(ALERT,), asked_at=ago(5))
    paint([snapshot], [write(Verb.ACKNOWLEDGE, State.WAITING)], ME)
    assert snapshot.signals == (ALERT,)


def test_a_known_skew_moves_every_time_of_the_source():
    snapshot = Snapshot(source="am", kind="x", every_s=15, signals=(replace(ALERT, taken_until=NOW),), skew_s=3600)
    ((shown,),) = paint([snapshot], [], ME)
    assert shown.opened_at == ALERT.opened_at - timedelta(hours=1)
    assert shown.taken_until == NOW - timedelta(hours=1)
