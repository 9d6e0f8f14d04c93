"""What happened so far, in order: alerts, their words, our words, notes, who took it when, and what was said from here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from oncall_tui import phrases, words
from oncall_tui.model import Kind, Message, Problem, Signal, State, Verb, Voice, Write
from oncall_tui.ui.ink import Ink, Line, Piece, line, wrap
from oncall_tui.ui.keys import Keys
from oncall_tui.ui.sight import Sight


class _Told(NamedTuple):
    """One thing that happened: when, who did what in which ink, and the words of it."""

    at: datetime
    ink: Ink
    who: str
    text: str


def story(problem: Problem, sight: Sight) -> Sequence[Line]:
    """The time line: alerts, their words, our words, notes, who took it, and what was done from here, the oldest first.

    What was said from here is told once, with where it is on its way, also when its source shows it by now.
    """
    told = [_began(signal) for signal in problem.signals]
    told += [_message(one) for s in problem.signals for one in s.messages if not _is_from_here(one, s, problem.writes)]
    told += _takings(problem)
    told += [_done(group, sight.keys) for group in _together(problem.writes)]
    lines: list[Line] = []
    for at, ink, who, text in sorted(told, key=lambda one: one.at):
        rows = wrap(text, max(sight.width - 9, 10))
        lines.append(line(f" {_clock(at, sight.now)} ", Piece(who, ink)))
        lines += [line(" " * 7, row) for row in rows if row]
    return [*lines, *_taken_some_time(problem, sight)]


def _clock(at: datetime, now: datetime) -> str:
    return words.clock(at) if (now - at).total_seconds() < 86400 else at.astimezone().strftime("%d-%m")


def _began(signal: Signal) -> _Told:
    what = "ticket" if signal.kind is Kind.TICKET else "alert"
    where = f"{phrases.shape(signal)} {what} at {signal.source}: {signal.severity}"
    return _Told(signal.opened_at, Ink.WARN, where, phrases.name(signal))


_VOICES = {
    Voice.THEIRS: (Ink.STRONG, "{} wrote"),
    Voice.OURS: (Ink.REPLY, "{} answered"),
    Voice.MACHINE: (Ink.DIM, "{}, a machine"),
}


def _message(message: Message) -> _Told:
    ink, how = (Ink.NOTE, "{} noted, for colleagues") if message.private else _VOICES[message.voice]
    return _Told(message.at, ink, how.format(message.author), message.text)


_BY_THEN = timedelta(minutes=2)
"""A source's clock may be this far behind ours when it shows what we said."""


def _is_from_here(message: Message, signal: Signal, writes: Sequence[Write]) -> bool:
    """Whether one of our own writes to that signal said this."""
    said = " ".join(message.text.split())
    return message.voice is Voice.OURS and any(
        write.ref == signal.ref
        and write.state.has_effect
        and write.verb is (Verb.NOTE if message.private else Verb.REPLY)
        and message.at >= write.asked_at - _BY_THEN
        and " ".join(write.text.split()) == said
        for write in writes
    )


def _together(writes: Sequence[Write]) -> list[list[Write]]:
    """The same words at the same time are one saying, to however many signals."""
    groups: dict[tuple[Verb, str, datetime], list[Write]] = {}
    for write in writes:
        if write.state is not State.DRAFT:
            groups.setdefault((write.verb, write.text, write.asked_at), []).append(write)
    return list(groups.values())


def _done(group: Sequence[Write], keys: Keys) -> _Told:
    first = group[0]
    ink = {Verb.NOTE: Ink.NOTE, Verb.REPLY: Ink.REPLY}.get(first.verb, Ink.GOOD)
    states = dict.fromkeys(words.state(write, undo=keys.called("undo")) for write in group)
    return _Told(first.asked_at, ink, f"{first.by}: {words.VERB[first.verb]} · {'; '.join(states)}", first.text)


def _takings(problem: Problem) -> list[_Told]:
    """Who took which signals when, as their sources tell it; what was taken from here is told as it was said."""
    ours = {w.ref for w in problem.writes if w.verb is Verb.ACKNOWLEDGE and w.state.has_effect}
    found: dict[tuple[datetime, str], list[str]] = {}
    for signal in problem.signals:
        if signal.taken_by and signal.taken_at and not (signal.mine and signal.ref in ours):
            found.setdefault((signal.taken_at, signal.taken_by), []).append(phrases.name(signal))
    return [_Told(at, Ink.GOOD, f"{by} took it", _few(names)) for (at, by), names in found.items()]


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _taken_some_time(problem: Problem, sight: Sight) -> list[Line]:
    """Those who have it since a time that the source does not tell."""
    takers = dict.fromkeys(s.taken_by for s in problem.signals if s.taken_by and not s.taken_at)
    said = [f"{who} has it; the source does not say since when" for who in takers]
    return [line(" ", row, ink=Ink.GOOD) for one in said for row in wrap(one, sight.width - 2)]
