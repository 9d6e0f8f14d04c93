"""Board and record -> Markdown for the colleague who comes next: what is open, who was hurt, what was said and promised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from oncall_tui import phrases, safe, words
from oncall_tui.core.figures import Figure, Outcome, Promise, figures, promises, whose
from oncall_tui.model import Board, Problem, Record, Signal, State, Verb, Write

_MOST = 20
"""Problems that are told in full; of more than that nobody reads the last."""

_EACH = 5
"""Signals of a problem that are told."""


def handover(board: Board, record: Record, *, me: str) -> str:
    """All of it. What customers and colleagues wrote stands in it as text: it makes no links, lists or headings."""
    links = _links(board)
    sections = (
        ("Open", _open(board, links)),
        ("Who was hurt", [_hurt(figure) for figure in figures(board, record)]),
        ("What was said and promised", _said(board, record)),
        ("Not arrived", _stuck(board, record)),
        ("Ends by itself", _endings(board)),
        ("Out of the way, and no end is told", [f"- {_aside(p)}" for p in board.aside if not p.aside_until]),
    )
    head = f"# Handover of {plain(me)}, {_when(record.since, board.as_of)} to {words.clock(board.as_of)}"
    told = [f"## {title}\n\n" + "\n".join(lines) for title, lines in sections if lines]
    ends = ["\n".join(f"[{number}]: {address}" for address, number in links.items())] if links else []
    return "\n\n".join([head, *_blind(board), *told, *ends]) + "\n"


def _when(at: datetime, now: datetime) -> str:
    same_day = at.astimezone().date() == now.astimezone().date()
    return words.clock(at) if same_day else f"{at.astimezone():%Y-%m-%d %H:%M}"


def _blind(board: Board) -> list[str]:
    late = [plain(phrases.fault(source, board.as_of)) for source in board.sources if not source.live]
    return [f"Not all of it can be seen: {'; '.join(late)}."] if late else []


def plain(text: str) -> str:
    """A stranger's words on one line, with nothing left in them that Markdown would act on."""
    return re.sub(r"([\\`*\[\]<>|])", r"\\\1", " ".join(safe.line(text).split()))


def _address(url: str) -> str:
    """An address whole, so that it can be opened, and nothing in it but an address."""
    return re.sub(r"[^!#$%&+,\-./0-9:;=?@A-Z_a-z~]", lambda odd: quote(odd[0], safe="", errors="replace"), url)


# --- what is open ----------------------------------------------------------------------------------------------------


def _links(board: Board) -> Mapping[str, int]:
    """The addresses of the signals that are told of, each with its number.

    An Alertmanager's is three lines long: it stands at the end, as Markdown's references do, and nothing of it is lost.
    """
    told = (signal for problem in board.problems[:_MOST] for signal in phrases.signals(problem)[:_EACH])
    addresses = dict.fromkeys(_address(signal.url) for signal in told if signal.url)
    return {address: number for number, address in enumerate(addresses, 1)}


def _open(board: Board, links: Mapping[str, int]) -> list[str]:
    if not board.problems:
        return ["Nothing that the sources told of."]
    lines = [line for problem in board.problems[:_MOST] for line in _problem(problem, board.as_of, links)]
    left = board.problems[_MOST:]
    alone = sum(problem.alone.is_alone for problem in left)
    return [*lines, *([f"- {len(left)} more, {alone or 'nobody'} alone."] if left else [])]


def _problem(problem: Problem, now: datetime, links: Mapping[str, int]) -> list[str]:
    clock = [phrases.clock(problem, now)] if problem.alone.is_alone else []
    state = "; ".join([*clock, *phrases.with_them(problem, now)])
    lines = [f"- **{plain(phrases.everybody(problem))}**: {plain(phrases.suffers(problem))}. {plain(state)}."]
    lines += [
        f"  - they say: “{plain(hurt.last_words)}” ({plain(phrases.speaker(hurt, now))})"
        for hurt in phrases.speakers(problem)
    ]
    return [*lines, *(f"  - {_signal(signal, links)}" for signal in phrases.signals(problem)[:_EACH])]


def _signal(signal: Signal, links: Mapping[str, int]) -> str:
    where = ", ".join(x for x in (plain(signal.severity), plain(signal.source)) if x)
    link = f" [{links[_address(signal.url)]}]" if signal.url else ""
    return f"{plain(phrases.name(signal))} ({where}){link}"


# --- who was hurt, what was said ---------------------------------------------------------------------------------------


def _hurt(figure: Figure) -> str:
    alone = f"alone for {_long(figure.alone_s)}" if figure.alone_s >= 1 else "never alone"
    if figure.longest_s < figure.alone_s:
        alone += f" in all, {_long(figure.longest_s)} the longest"
    now = ", and still is" if figure.is_alone else ""
    return f"- {plain(figure.customer)}: {alone}{now}; {words.counted(figure.words, 'word')} from us{kept(figure)}."


def kept(figure: Figure) -> str:
    """``, promises: 2 kept, 1 missed``; "" when nothing was promised."""
    counts = ((figure.kept, "kept"), (figure.missed, "missed"), (figure.open, "open"))
    said = [f"{count} {what}" for count, what in counts if count]
    return f", promises: {', '.join(said)}" if said else ""


def _long(seconds: float) -> str:
    return "less than a minute" if seconds < 60 else words.span(seconds)


def _said(board: Board, record: Record) -> list[str]:
    made = {promise.write.id: promise for promise in promises(board, record)}
    said = [w for w in record.writes if w.state in (State.DELIVERED, State.CONFIRMED)]
    return [_write(group, board, record, made.get(group[0].id)) for group in _groups(said)]


def _groups(writes: Iterable[Write]) -> list[list[Write]]:
    """The same said to many signals of a problem at once is one thing said; replies each have their customer."""
    groups: dict[tuple[object, ...], list[Write]] = {}
    for write in writes:
        own = write.id if write.verb is Verb.REPLY else f"{write.asked_at:%Y%m%d%H%M}"
        groups.setdefault((write.problem, write.verb, write.text, own), []).append(write)
    return list(groups.values())


_SAID = {
    Verb.ACKNOWLEDGE: "taken",
    Verb.RELEASE: "given back",
    Verb.NOTE: "note",
    Verb.REPLY: "reply",
    Verb.RESOLVE: "resolved",
    Verb.SNOOZE: "snoozed at the source",
    Verb.RETRACT: "taken back",
}


def _write(group: Sequence[Write], board: Board, record: Record, promise: Promise | None) -> str:
    first = group[0]
    text = f": “{plain(first.text)}”" if first.text else ""
    refs = ", ".join(dict.fromkeys(write.ref for write in group))
    who = plain(whose(first, board, record))
    when = _when(first.asked_at, board.as_of)
    return f"- {when} {_SAID[first.verb]}, {who} ({plain(refs)}){text}{_promise(promise, board.as_of)}"


def _promise(promise: Promise | None, now: datetime) -> str:
    if promise is None:
        return ""
    ending = {Outcome.KEPT: "kept", Outcome.MISSED: "missed", Outcome.OPEN: words.ahead(promise.at, now)}
    return f" — promised a word by {_when(promise.at, now)}: {ending[promise.outcome]}"


def _stuck(board: Board, record: Record) -> list[str]:
    stuck = [w for w in record.writes if w.state.is_open or w.state is State.REFUSED]
    return [
        f"- {_SAID[w.verb]}, {plain(whose(w, board, record))} ({plain(w.ref)}): {plain(words.state(w))}"
        + (f": “{plain(w.text)}”" if w.text else "")
        for w in stuck
    ]


def _endings(board: Board) -> list[str]:
    """Whose silence, snooze or acknowledgement ends when, the soonest first."""
    found: list[tuple[datetime, str]] = []
    for problem in (*board.problems, *board.aside):
        if problem.aside_until:
            found.append((problem.aside_until, _aside(problem)))
        for signal in problem.signals:
            if signal.taken_until:
                ends = f"acknowledged by {plain(signal.taken_by)} until {_when(signal.taken_until, board.as_of)}"
                found.append((signal.taken_until, f"{plain(phrases.name(signal))} ({plain(signal.source)}): {ends}"))
            if signal.suppressed and signal.suppressed_until and not problem.aside:
                until = _when(signal.suppressed_until, board.as_of)
                kept = (
                    f"{plain(phrases.name(signal))} ({plain(signal.source)}): {plain(signal.suppressed)} until {until}"
                )
                found.append((signal.suppressed_until, kept))
    return [f"- {line}" for _, line in sorted(found)]


def _aside(problem: Problem) -> str:
    """Which problem is out of the way, and why."""
    return f"{plain(phrases.everybody(problem))}, {plain(problem.title)}: {plain(problem.aside)}"
