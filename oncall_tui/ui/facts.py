"""The facts of a problem as labelled lines: what they say, what we see, what we said, and short facts side by side."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from oncall_tui import phrases, words
from oncall_tui.model import Problem, Signal, Verb, Write
from oncall_tui.ui.fit import Block
from oncall_tui.ui.ink import Ink, Line, Piece, cut, line, pad, spread, width, wrap
from oncall_tui.ui.sight import Sight

_LABELS = {
    "at stake": "stake",
    "they say": "say",
    "we see": "see",
    "with them": "with",
    "we say": "we",
    "why first": "why",
    "why here": "why",
}


def label(name: str, sight: Sight) -> Piece:
    """What a line is about, short on a phone."""
    return Piece(pad(f" {_LABELS.get(name, name)}", 7) if sight.is_narrow else pad(f" {name}", 12), Ink.DIM)


def indent(sight: Sight) -> int:
    """Cells that a label takes."""
    return 7 if sight.is_narrow else 12


def room_beside(sight: Sight) -> int:
    """Cells beside a label; a line that is longer than a page is hard to read."""
    return min(sight.width, 120) - indent(sight) - 1


def joined(name: str, said: Sequence[str], sight: Sight, *, rank: int) -> Block:
    """A line of short facts, the weightiest first; on up to two more what it did not hold, unless words need the room."""
    rows = wrap(" · ".join(said), room_beside(sight))
    most = min(len(rows), 1 if sight.editing else 3)

    def draw(count: int) -> list[Line]:
        shown = rows[:count]
        if count < len(rows):
            shown[-1] = cut(f"{shown[-1]} {rows[count]}", room_beside(sight))
        return [line(label(name if i == 0 else "", sight), row) for i, row in enumerate(shown)]

    return Block(rank, 1 if said else 0, most if said else 0, draw, grows=6)


def they_say(problem: Problem, sight: Sight) -> Block:
    """Their last words, as theirs as they fit: every customer who wrote has a line before anybody has two."""
    heard = phrases.speakers(problem)
    if not heard:
        quiet_ = "nobody wrote to us" if problem.customers else "nothing yet"
        return Block(4, 1, 1, lambda _: [line(label("they say", sight), Piece(quiet_, Ink.DIM))])
    room = room_beside(sight)

    def draw(count: int) -> list[Line]:
        lines: list[Line] = []
        for i, hurt in enumerate(heard[:count]):
            mine = (count - len(lines)) // max(len(heard) - i, 1) if i else count - min(len(heard), count) + 1
            lines += _quote(hurt.last_words, phrases.speaker(hurt, sight.now), room, max(mine, 1))
        return [(label("they say" if i == 0 else "", sight), *one) for i, one in enumerate(lines[:count])]

    return Block(1, 1, len(draw(6 * len(heard))), draw, grows=1)


def _quote(said: str, by: str, cells: int, count: int) -> list[Line]:
    """Words in quotes and who said them, in at most `count` lines: beside the words if they fit, else below."""
    meta = line(cut(by, cells), ink=Ink.DIM)
    rows = wrap(f"“{' '.join(said.split())}”", cells)
    if len(rows) == 1 and width(line(rows[0])) + width(meta) + 2 <= cells:
        return [spread(line(rows[0]), meta, cells)]
    if count == 1:
        meta = line(_shorter(by, cells // 3), ink=Ink.DIM)
        words_ = cut(f"“{' '.join(said.split())}", max(cells - width(meta) - 3, 4)) + "”"
        return [spread(line(words_), meta, cells)]
    kept = rows[: count - 1]
    if len(kept) < len(rows):
        kept[-1] = cut(kept[-1] + "……", cells - 1).rstrip("…") + "…”"
    return [*(line(row) for row in kept), meta]


def _shorter(by: str, cells: int) -> str:
    """Who said it and when, in a third of a line: of the two, when is kept whole; their words need the room."""
    who, _, when = by.rpartition(" · ")
    room = cells - cell_len(when) - 3
    return by if cell_len(by) <= cells else f"{cut(who, room)} · {when}" if room >= _NAME else cut(when, cells)


_NAME = 4
"""Fewer cells of a name tell nobody."""


def we_see(problem: Problem, sight: Sight) -> Block:
    """Its signals in columns; how many more there are when not all of them fit."""
    found = phrases.signals(problem)

    def draw(count: int) -> list[Line]:
        shown = found if len(found) <= count else found[: max(count - 1, 1)]
        rows = [(label("we see" if i == 0 else "", sight), *row) for i, row in enumerate(_table(shown, sight))]
        if len(found) > count > 1:
            rows.append((label("", sight), Piece(f"and {len(found) - len(shown)} more signals", Ink.DIM)))
        return rows

    return Block(3, 1, len(found), draw, grows=2)


_INKS = {4: Ink.DOWN, 3: Ink.WARN, 2: Ink.PLAIN, 1: Ink.DIM}


def _table(found: Sequence[Signal], sight: Sight) -> list[Line]:
    """Signals in columns: what, where, how bad, how old, and which source says so."""
    cells = [
        (phrases.name(s), s.service or s.host, s.severity, phrases.news(s, sight.now), s.source)[
            : 1 if sight.is_narrow else 5
        ]
        for s in found
    ]
    ages = [phrases.news(s, sight.now) for s in found]
    most = (0, 6) if sight.is_narrow else (0, 24, 10, 7, 14)
    columns = list(zip(*cells, strict=True)) + ([ages] if sight.is_narrow else [])
    widths = [min(max(width(line(cell)) for cell in column), most[i]) for i, column in enumerate(columns)]
    room = room_beside(sight) - 2
    widths[0] = min(max(width(line(c)) for c in columns[0]), max(room - sum(w + 2 for w in widths[1:] if w), 8))
    rows = []
    for signal, *row in zip(found, *columns, strict=True):
        ink = _INKS[signal.impact]
        text = "  ".join(pad(plain_cell, w) for plain_cell, w in zip(map(safe_text, row), widths, strict=True) if w)
        rows.append(line(Piece(f"{phrases.shape(signal)} ", ink), text.rstrip()))
    return rows


def safe_text(text: str) -> str:
    """A stranger's text as it will be shown, to be measured and padded."""
    return "".join(piece.text for piece in line(text))


def we_say(problem: Problem, sight: Sight) -> Block:
    """What was said from here and where it is; what went wrong comes first, with its reason whole."""
    told = [one for group in phrases.sayings(problem.writes) for one in _saying(group, sight)]

    def draw(count: int) -> list[Line]:
        return [(label("we say" if i == 0 else "", sight), *row) for i, row in enumerate(told[:count])]

    return Block(2, 1 if told else 0, min(len(told), 8), draw, grows=3)


_SAID_INK = {Verb.NOTE: Ink.NOTE, Verb.REPLY: Ink.REPLY}
_BEFORE_WORDS = {Verb.NOTE: "note", Verb.REPLY: "reply", Verb.RETRACT: "take back"}
"""What is short before the words themselves."""


def _saying(group: Sequence[Write], sight: Sight) -> list[Line]:
    """One thing that was said, perhaps to several sources, and how far it got with each."""
    first, room = group[0], room_beside(sight)
    failed = phrases.failed(first)
    ink = Ink.ALARM if failed else Ink.DIM
    states = ", ".join(dict.fromkeys(words.state(write, undo=sight.keys.called("undo")) for write in group))
    verb = _BEFORE_WORDS.get(first.verb, words.VERB[first.verb]) if first.text else words.VERB[first.verb]
    said = cut(first.text, room)
    left = line(f"{verb} “{said}”" if said else verb, ink=_SAID_INK.get(first.verb, Ink.PLAIN))
    if width(left) + width(line(states)) + 2 <= room or not failed:
        where = line(cut(safe_text(states), max(room * 2 // 3, room - width(left) - 2)), ink=ink)
        return [spread(left, where, room)]
    if sight.is_narrow:
        return [line(cut(safe_text(f"{verb}: {states}"), room), ink=ink)]
    return [*(line(row, ink=ink) for row in wrap(f"{verb}: {states}", room)[:2]), line(f"“{said}”", ink=Ink.DIM)]


def also_hurt(problem: Problem, sight: Sight) -> Block:
    """The other customers by name."""
    names = [hurt.name for hurt in problem.customers[1:]]
    if not names or sight.is_narrow:
        return Block(7, 0, 0, lambda _: [])
    return joined("also hurt", names, sight, rank=7)._replace(grows=5)
