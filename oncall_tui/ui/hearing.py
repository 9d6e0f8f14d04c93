"""What stands below the words while they are typed: how the customer will hear them, and what they promise."""

from __future__ import annotations

from collections.abc import Sequence

from oncall_tui import words
from oncall_tui.model import Verb
from oncall_tui.ui.advice import Heard
from oncall_tui.ui.audience import readers
from oncall_tui.ui.composing import Composing
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.ink import Ink, Line, cut, line, wrap


def heard(desk: Desk, text: str) -> Sequence[Heard]:
    """What the customer will hear in a reply; colleagues are not spared."""
    if not desk.editing or desk.editing.verb is not Verb.REPLY or not text:
        return ()
    return desk.advice.hints(text, readers(desk))


def advice(desk: Desk, text: str, cells: int, rows: int) -> list[Line]:
    """What stands below the words while they are typed: what will be heard in them, and what they promise."""
    if not desk.editing or desk.editing.verb is not Verb.REPLY or not text:
        return []
    hints = _hints(heard(desk, text), cells, rows)
    if promise_at := desk.advice.promised(text, desk.now()):
        expected = f"they expect to hear from you by {words.when(promise_at, desk.now())}"
        return [*hints, *(line(f" {row}", ink=Ink.REPLY) for row in wrap(expected, cells - 2))]
    return [*hints, *_unpromised(desk, desk.editing, cells, rows - len(hints))]


def _hints(found: Sequence[Heard], cells: int, rows: int) -> list[Line]:
    """The first of them, the next if they fit whole, and how many more are underlined; the same is told once."""
    told: list[str] = []
    hints = list(dict.fromkeys(hint.words for hint in found))
    for i, hint in enumerate(hints):
        said, is_last = wrap(hint, cells - 2), i == len(hints) - 1
        room = max(rows - len(told) - (not is_last), 1)
        if told and len(said) > room:
            told.append(f"and {len(hints) - i} more underlined")
            break
        told += said if len(said) <= room else [*said[: room - 1], cut(" ".join(said[room - 1 :]), cells - 2)]
    return [line(f" {row}", ink=Ink.WARN) for row in told]


def _unpromised(desk: Desk, editing: Composing, cells: int, rows: int) -> list[Line]:
    """That a burning customer is promised no word, and the key that adds one, with its sentence where there is room."""
    if not editing.problem.on_fire:
        return []
    said, key = desk.advice.proposed(editing.problem, readers(desk)), desk.keys.called("promise")
    whole = wrap(f"no promise in it: {f'{key} adds “{said}”' if said else 'when will they hear from you?'}", cells - 2)
    shown = whole if len(whole) <= rows or not said else [f"no promise in it: {key} adds one"]
    return [line(f" {row}", ink=Ink.DIM) for row in shown]
