"""The page of the sources and the outbox: who answers, what waits, what needs a decision, and what was never sent."""

from __future__ import annotations

from collections.abc import Sequence

from oncall_tui import phrases, words
from oncall_tui.model import Draft, Health, State, Write
from oncall_tui.ui.ink import BLANK, Ink, Line, Piece, line, pad, wrap
from oncall_tui.ui.sight import Sight


def items(sight: Sight) -> Sequence[Line | Write | Draft]:
    """Every source with its health, then every write, those that need the engineer first, then the latest; then drafts."""
    board = sight.board
    if board is None:
        return []
    lines: list[Line | Write | Draft] = [one for source in board.sources for one in _source(source, sight)]
    latest = sorted(board.outbox, key=lambda w: w.asked_at, reverse=True)
    latest.sort(key=lambda w: (w.state not in (State.REFUSED, State.UNSURE), not w.state.is_open))
    if latest:
        lines += [BLANK, line(" outbox", ink=Ink.STRONG), *latest]
    else:
        lines += [BLANK, line(" the outbox is empty", ink=Ink.DIM)]
    drafts = sorted((draft for draft in board.drafts if draft.text), key=lambda draft: draft.saved_at, reverse=True)
    return [*lines, BLANK, line(" drafts", ink=Ink.STRONG), *drafts] if drafts else lines


def known(item: Write | Draft) -> object:
    """What one of them is known by across boards."""
    return item.id if isinstance(item, Write) else (item.problem, item.verb)


def _source(source: Health, sight: Sight) -> list[Line]:
    age = words.ago(source.answered_at, sight.now) if source.answered_at else "never"
    count = f"{source.signals} signal{'' if source.signals == 1 else 's'}"
    state = Piece(pad("live" if source.live else "not live", 9), Ink.GOOD if source.live else Ink.WARN)
    lines = [line(f" {pad(source.name, 14)} {pad(source.kind, 14)} ", state, f" answered {age}, {count}")]
    remarks = [phrases.fault(source, sight.now), phrases.skew(source), source.warning]
    lines += [line("   ", one, ink=Ink.WARN) for remark in remarks if remark for one in wrap(remark, sight.width - 5)]
    can = ", ".join(verb.value for verb in source.can) or "nothing"
    return [*lines, *(line("   ", one, ink=Ink.DIM) for one in wrap(f"it can be told: {can}", sight.width - 5))]


def row(item: Write | Draft, sight: Sight) -> Line:
    """One write: when, what, to whom, and where it is; or one draft: about whom."""
    return _write(item, sight) if isinstance(item, Write) else _draft(item, sight)


def _draft(draft: Draft, sight: Sight) -> Line:
    about = (*sight.board.problems, *sight.board.aside) if sight.board else ()
    refs = set(draft.refs)
    found = next((p for p in about if p.id == draft.problem or not refs.isdisjoint(p.refs)), None)
    whose = Piece(phrases.everybody(found)) if found else Piece("its problem is over", Ink.WARN)
    return line(
        f"{words.when(draft.saved_at, sight.now)} {words.VERB[draft.verb]} · ", whose, f" · {words.quoted(draft.text)}"
    )


def _write(write: Write, sight: Sight) -> Line:
    ink = Ink.ALARM if write.state in (State.REFUSED, State.UNSURE) else Ink.PLAIN
    text = f" “{' '.join(write.text.split())}”" if write.text else ""
    return line(
        f"{words.when(write.asked_at, sight.now)} {words.VERB[write.verb]} · ",
        Piece(words.state(write, undo=sight.keys.called("undo")), ink),
        f" · {write.ref}{text}",
    )


def why_not(write: Write, *, send: bool) -> str:
    """Why this write can be neither sent again nor withdrawn; "" when it can."""
    if send and write.state in (State.HELD, State.WAITING, State.SENDING):
        return f"it is {words.state(write).partition(':')[0]}: it goes by itself"
    if send and write.state not in (State.REFUSED, State.UNSURE, State.WITHDRAWN):
        return f"it is {words.state(write)}: there is nothing to send again"
    if not send and write.state is State.SENDING:
        return f"it is {words.state(write)}: whether it arrived will be known in a moment"
    if not send and not (write.state.is_open or write.state is State.REFUSED):
        return f"it is {words.state(write)}: it cannot be withdrawn any more"
    return ""
