"""What is said to one record, and what became of that, as far as the user's tables tell where to look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from oncall_tui import kit
from oncall_tui.connectors.http import templates
from oncall_tui.connectors.http.pages import document
from oncall_tui.connectors.http.records import identity, is_me, messages, signal
from oncall_tui.connectors.http.tables import Plan, expression
from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.kit import DONE, Exchange, Receipt, Source, Taking
from oncall_tui.model import Message, Signal, Verb, Write

SLACK = timedelta(minutes=2)
"""Many an API tells no time of its own, so that its clock and ours are only known to be about the same."""

_TAKEN_AWAY = "it is gone, or hidden from you"


def peek(plan: Plan, source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That record now; None when it is gone or not open any more."""
    record = yield from _find(plan, signal_id)
    return signal(source, plan, record) if record is not None else None


def _find(plan: Plan, signal_id: str) -> Exchange[Any]:
    if plan.one is None:
        return None
    answer = yield templates.one(plan.one, signal_id, accepts=kit.GONE)
    if answer.status in kit.GONE:
        return None
    record = expression(plan.one.record)(document(plan, answer))
    if record is None or identity(plan, record) != signal_id:
        raise Unreadable(f"answered with something else when it was asked for {signal_id!r}")
    return record


# --- saying ----------------------------------------------------------------------------------------------------------


def answer(plan: Plan, verb: Verb) -> Callable[[Source, Write], Exchange[Receipt]]:
    """The exchange that says it: what it changes is looked at before and after, where that can be."""
    if not plan.tells(verb):
        return partial(_tell, plan)
    match verb:
        case Verb.ACKNOWLEDGE:
            return _taking(plan).acknowledge
        case Verb.RELEASE:
            return _taking(plan).release
        case Verb.NOTE | Verb.REPLY:
            return partial(_say, plan)
    return partial(_set, plan)


def _taking(plan: Plan) -> Taking[Signal]:
    tell = partial(_tell, plan)
    return Taking(find=partial(peek, plan), take=tell, give=tell)


def _tell(plan: Plan, source: Source, write: Write, present: Signal | None = None) -> Exchange[Receipt]:
    """Send what the verb's table says. Who answers a write with JSON may say in it that it failed."""
    told = yield templates.said(plan.verbs[write.verb], source, write)
    if told.body.lstrip()[:1] in (b"{", b"["):
        document(plan, told)
    return DONE


def _set(plan: Plan, source: Source, write: Write) -> Exchange[Receipt]:
    """Change a state that is not so yet, and see it changed."""
    present = yield from peek(plan, source, write.signal_id)
    if _is_so(plan, present, write):
        return DONE
    if present is None:
        raise Rejected(_TAKEN_AWAY, gone=True)
    yield from _tell(plan, source, write)
    if not _is_so(plan, (yield from peek(plan, source, write.signal_id)), write):
        raise Rejected("it was answered well and yet nothing changed: look at the table of this verb")
    return DONE


def _say(plan: Plan, source: Source, write: Write) -> Exchange[Receipt]:
    """Say it where it is still there, and see that a note did not become what the customer reads."""
    if (yield from _find(plan, write.signal_id)) is None:
        raise Rejected(_TAKEN_AWAY, gone=True)
    yield from _tell(plan, source, write)
    if write.verb is Verb.NOTE and "private" in plan.message:
        said = yield from _said(plan, source, write)
        if said and not any(one.private for one in said):
            raise Rejected("it is there, and THE CUSTOMER CAN READ IT: look at the table of this verb")
    return DONE


# --- seeing ----------------------------------------------------------------------------------------------------------


def seen(plan: Plan, source: Source, write: Write) -> Exchange[bool | None]:
    """Whether the state is as the write wanted it, or my words are there since it was first tried; None: who knows."""
    if not plan.tells(write.verb):
        return None
    if write.verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
        return (yield from _taking(plan).is_so(source, write))
    if write.verb in (Verb.NOTE, Verb.REPLY):
        return (yield from _is_said(plan, source, write))
    return _is_so(plan, (yield from peek(plan, source, write.signal_id)), write)


def _is_so(plan: Plan, found: Signal | None, write: Write) -> bool:
    """Whether it is over, or out of the way for long enough, as far as the tables tell for how long."""
    if write.verb is Verb.RESOLVE or found is None:
        return found is None and write.verb is Verb.RESOLVE
    if "suppressed_until" not in plan.fields or write.until is None:
        return bool(found.suppressed)
    return bool(found.suppressed_until and found.suppressed_until >= write.until - SLACK)


def _is_said(plan: Plan, source: Source, write: Write) -> Exchange[bool | None]:
    """Certain only where the words are mine, and where notes can be told from replies if both can be said."""
    said = yield from _said(plan, source, write)
    if "private" in plan.message:
        said = [one for one in said if one.private is (write.verb is Verb.NOTE)]
    elif said and {Verb.NOTE, Verb.REPLY} <= set(plan.verbs):
        return None
    return any(is_me(source, one.author) for one in said) or (None if said else False)


def _said(plan: Plan, source: Source, write: Write) -> Exchange[list[Message]]:
    """Messages with these words since the write was first tried, whoever they are by."""
    record = yield from _find(plan, write.signal_id)
    since = (write.tried_at or write.asked_at) - SLACK
    every = messages(source, plan, record) if record is not None else ()
    return [one for one in every if one.at >= since and _is_alike(one.text, write.text)]


def _is_alike(said: str, wanted: str) -> bool:
    """Whether those are the same words; many an API makes HTML of them."""
    said = kit.unmarked(said)
    return kit.same_text(said, wanted) or kit.same_text(kit.plain(said), wanted)
