"""The focus screen: the one problem that matters most, from the customer's side; the rest in a few lines."""

from __future__ import annotations

from collections.abc import Sequence

from oncall_tui import words
from oncall_tui.model import Problem, Signal, Verb, Write
from oncall_tui.ui import phrases
from oncall_tui.ui.fit import Block, fixed, gap, stack
from oncall_tui.ui.foot import foot
from oncall_tui.ui.head import head, quiet, troubles
from oncall_tui.ui.ink import Ink, Line, Piece, cut, frame, line, pad, rule, spread, width, wrap
from oncall_tui.ui.keys import Where
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


def focus(sight: Sight) -> list[Line]:
    """The whole screen, exactly as high and nowhere wider than it may be."""
    below = [] if sight.editing else foot(sight, Where.FOCUS)
    top = [fixed(0, head(sight)), _troubles(sight), *_across(sight)]
    room = max(sight.height - len(below), 0)
    body = [*top, *_body(sight), *([] if sight.editing else _rest(sight))]
    return frame([*frame(stack(body, room), sight.width, room), *below], sight.width, sight.height)


def _across(sight: Sight) -> list[Block]:
    """A line across, where there is room for decoration."""
    return [] if sight.height < 18 else [fixed(8, rule(sight.width))]


def _space(sight: Sight) -> list[Block]:
    return [gap(10)] if sight.height >= 18 else []


def _troubles(sight: Sight) -> Block:
    said = troubles(sight)
    return Block(1, 1 if said else 0, len(said), lambda n: said[:n], grows=0)


# --- the problem -----------------------------------------------------------------------------------------------------


def _body(sight: Sight) -> list[Block]:
    problem = sight.problem
    if problem is None:
        return _nothing(sight)
    blocks = [
        *_calm(sight),
        fixed(0, _name(problem, sight)),
        fixed(2, line(" ", phrases.suffers(problem), ink=_faded(sight, Ink.STRONG))),
        *_space(sight),
        _joined("at stake", phrases.stake(problem, sight.now), sight, rank=5),
        _they_say(problem, sight),
        _we_see(problem, sight),
        _joined("with them", phrases.with_them(problem, sight.now), sight, rank=3),
        _we_say(problem, sight),
        _joined("why first" if _is_first(sight) else "why here", phrases.why_first(problem), sight, rank=6),
        _also(problem, sight),
    ]
    return [_grey(block) for block in blocks] if sight.over else blocks


def _faded(sight: Sight, ink: Ink) -> Ink:
    return Ink.DIM if sight.over else ink


def _grey(block: Block) -> Block:
    return block._replace(draw=lambda n: [tuple(p._replace(ink=Ink.DIM) for p in one) for one in block.draw(n)])


def _nothing(sight: Sight) -> list[Block]:
    """No problem at all: the only screen on which it may be said that all is well, and only if it is."""
    if sight.board is None:
        said = ["Reading what was known when this was last open, and asking the sources."]
    else:
        said = [quiet(sight.board, 0) or "No problem is known."]
    return [gap(9), *(fixed(0, line(" ", one, ink=Ink.STRONG)) for text in said for one in wrap(text, sight.width - 2))]


def _calm(sight: Sight) -> list[Block]:
    board = sight.board
    if board is None or not (said := quiet(board, sum(p.alone.is_alone for p in board.problems))):
        return []
    return [fixed(4, line(" ", said, ink=Ink.GOOD if board.quiet else Ink.WARN))]


def _name(problem: Problem, sight: Sight) -> Line:
    name = line(" ", Piece(_safe(phrases.who(problem)).upper(), Ink.STRONG), phrases.more(problem))
    if sight.over:
        return spread(name, line("OVER ", ink=Ink.STRONG), sight.width)
    ink = Ink.ALARM if phrases.ticks(problem) else Ink.WARN if problem.alone.is_alone else Ink.GOOD
    said = problem.aside or phrases.clock(problem, sight.now)
    return spread(name, line(Piece(cut(said, sight.width // 2), ink), " "), sight.width)


def _is_first(sight: Sight) -> bool:
    board = sight.board
    return bool(board and sight.problem and board.problems and board.problems[0].id == sight.problem.id)


def _label(name: str, sight: Sight) -> Piece:
    return Piece(pad(f" {_LABELS.get(name, name)}", 7) if sight.is_narrow else pad(f" {name}", 12), Ink.DIM)


def _indent(sight: Sight) -> int:
    return 7 if sight.is_narrow else 12


def _room(sight: Sight) -> int:
    """Cells beside a label; a line that is longer than a page is hard to read."""
    return min(sight.width, 120) - _indent(sight) - 1


def _joined(name: str, said: Sequence[str], sight: Sight, *, rank: int) -> Block:
    """A line of short facts, the weightiest first; on a second line what the first did not hold."""
    rows = wrap(" · ".join(said), _room(sight))
    most = min(len(rows), 2)

    def draw(count: int) -> list[Line]:
        shown = rows[:count]
        if count < len(rows):
            shown[-1] = cut(f"{shown[-1]} {rows[count]}", _room(sight))
        return [line(_label(name if i == 0 else "", sight), row) for i, row in enumerate(shown)]

    return Block(rank, 1 if said else 0, most if said else 0, draw, grows=6)


def _they_say(problem: Problem, sight: Sight) -> Block:
    """Their last words, as theirs as they fit: every customer who wrote has a line before anybody has two."""
    heard = phrases.speakers(problem)
    if not heard:
        quiet_ = "nobody wrote to us" if problem.customers else "nothing yet"
        return Block(4, 1, 1, lambda _: [line(_label("they say", sight), Piece(quiet_, Ink.DIM))])
    room = _room(sight)
    quotes = [wrap(f"“{hurt.last_words}”", room) for hurt in heard]
    most = sum(min(len(quote), 5) + 1 for quote in quotes)

    def draw(count: int) -> list[Line]:
        lines: list[Line] = []
        for i, hurt in enumerate(heard[:count]):
            mine = (count - len(lines)) // max(len(heard) - i, 1) if i else count - min(len(heard), count) + 1
            lines += _quote(hurt.last_words, phrases.speaker(hurt, sight.now), room, max(mine, 1))
        return [(_label("they say" if i == 0 else "", sight), *one) for i, one in enumerate(lines[:count])]

    return Block(1, 1, most, draw, grows=1)


def _quote(said: str, by: str, cells: int, count: int) -> list[Line]:
    """Words in quotes and who said them, in at most `count` lines: beside the words if they fit, else below."""
    meta = line(cut(by, cells // 2 if count == 1 else cells), ink=Ink.DIM)
    rows = wrap(f"“{' '.join(said.split())}”", cells)
    if len(rows) == 1 and width(line(rows[0])) + width(meta) + 2 <= cells:
        return [spread(line(rows[0]), meta, cells)]
    if count == 1:
        words_ = cut(f"“{' '.join(said.split())}", max(cells - width(meta) - 3, 4)) + "”"
        return [spread(line(words_), meta, cells)]
    kept = rows[: count - 1]
    if len(kept) < len(rows):
        kept[-1] = cut(kept[-1] + "……", cells - 1).rstrip("…") + "…”"
    return [*(line(row) for row in kept), meta]


def _we_see(problem: Problem, sight: Sight) -> Block:
    found = phrases.signals(problem)

    def draw(count: int) -> list[Line]:
        shown = found if len(found) <= count else found[: max(count - 1, 1)]
        rows = [(_label("we see" if i == 0 else "", sight), *row) for i, row in enumerate(_table(shown, sight))]
        if len(found) > count > 1:
            rows.append((_label("", sight), Piece(f"and {len(found) - len(shown)} more signals", Ink.DIM)))
        return rows

    return Block(3, 1, len(found), draw, grows=2)


_INKS = {4: Ink.ALARM, 3: Ink.WARN, 2: Ink.PLAIN, 1: Ink.DIM}


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
    room = _room(sight) - 2
    widths[0] = min(max(width(line(c)) for c in columns[0]), max(room - sum(w + 2 for w in widths[1:] if w), 8))
    rows = []
    for signal, *row in zip(found, *columns, strict=True):
        ink = _INKS[signal.impact]
        text = "  ".join(pad(plain_cell, w) for plain_cell, w in zip(map(_safe, row), widths, strict=True) if w)
        rows.append(line(Piece(f"{phrases.shape(signal)} ", ink), text.rstrip()))
    return rows


def _safe(text: str) -> str:
    return "".join(piece.text for piece in line(text))


def _we_say(problem: Problem, sight: Sight) -> Block:
    """What was said from here and where it is; what went wrong comes first, with its reason whole."""
    told = [one for group in phrases.sayings(problem.writes) for one in _saying(group, sight)]

    def draw(count: int) -> list[Line]:
        return [(_label("we say" if i == 0 else "", sight), *row) for i, row in enumerate(told[:count])]

    return Block(2, 1 if told else 0, min(len(told), 8), draw, grows=3)


_SAID_INK = {Verb.NOTE: Ink.NOTE, Verb.REPLY: Ink.REPLY}


def _saying(group: Sequence[Write], sight: Sight) -> list[Line]:
    """One thing that was said, perhaps to several sources, and how far it got with each."""
    first, room = group[0], _room(sight)
    failed = phrases.failed(first)
    ink = Ink.ALARM if failed else Ink.DIM
    states = ", ".join(dict.fromkeys(words.state(write) for write in group))
    verb = words.VERB[first.verb].split(" ")[0] if first.text else words.VERB[first.verb]
    left = line(f"{verb} “{first.text}”" if first.text else verb, ink=_SAID_INK.get(first.verb, Ink.PLAIN))
    if width(left) + width(line(states)) + 2 <= room or not failed:
        where = line(cut(_safe(states), max(room * 2 // 3, room - width(left) - 2)), ink=ink)
        return [spread(left, where, room)]
    if sight.is_narrow:
        return [line(cut(_safe(f"{verb}: {states}"), room), ink=ink)]
    return [*(line(row, ink=ink) for row in wrap(f"{verb}: {states}", room)[:2]), line(f"“{first.text}”", ink=Ink.DIM)]


def _also(problem: Problem, sight: Sight) -> Block:
    names = [hurt.name for hurt in problem.customers[1:]]
    if not names or sight.is_narrow:
        return Block(7, 0, 0, lambda _: [])
    return _joined("also hurt", names, sight, rank=7)._replace(grows=5)


# --- the rest --------------------------------------------------------------------------------------------------------


def _rest(sight: Sight) -> list[Block]:
    board = sight.board
    if board is None:
        return []
    held = sight.problem.id if sight.problem else ""
    others = [(i, p) for i, p in enumerate(board.problems, 1) if p.id != held]
    blocks: list[Block] = []
    if sight.over and sight.problem:
        blocks.append(fixed(0, line(f" {sight.over}", ink=Ink.WARN)))
    if news := announcement(sight):
        blocks.append(fixed(0, news))
    if others or board.aside:
        most = min(len(others) + bool(board.aside), max(3, (sight.height - 18) // 2))
        blocks.append(Block(6, 1, max(most, 1), lambda n: _then(others, len(board.aside), n, sight), grows=4))
    return [*_across(sight), *blocks, *_across(sight)] if blocks else _across(sight)


def announcement(sight: Sight) -> Line:
    """That somebody else needs help more than the problem under the hands; it never takes its place by itself."""
    first = sight.board.problems[0] if sight.board and sight.board.problems else None
    if first is None or sight.problem is None or first.id == sight.problem.id or not first.alone.is_alone:
        return ()
    ink = Ink.ALARM if first.on_fire else Ink.WARN
    said = f" more urgent: {phrases.everybody(first)}, {phrases.in_hand(first, sight.now)}"
    return line(Piece(cut(said, sight.width - 8), ink), "  ", Piece(sight.keys.called("go"), Ink.KEY), " goes")


def _then(others: Sequence[tuple[int, Problem]], aside: int, count: int, sight: Sight) -> list[Line]:
    shown = others if len(others) + bool(aside) <= count else others[: max(count - 1, 0)]
    lines = [_one(place, problem, sight) for place, problem in shown]
    if left := _left(others[len(shown) :], aside):
        lines.append(line(" " * (7 if not sight.is_narrow else 1), left, ink=Ink.DIM))
    if lines and not sight.is_narrow:
        lines[0] = (Piece(" then ", Ink.DIM), *_after(lines[0], 6))
    return lines


def _after(pieces: Line, cells: int) -> Line:
    first, *others = pieces
    return (first._replace(text=first.text[cells:]), *others)


def _left(others: Sequence[tuple[int, Problem]], aside: int) -> str:
    said = []
    if others:
        alone = sum(p.alone.is_alone for _, p in others)
        said.append(f"{len(others)} more, {f'{alone} alone' if alone else 'all in hand'}")
    if aside:
        said.append(f"{aside} out of the way")
    return " · ".join(said)


def _one(place: int, problem: Problem, sight: Sight) -> Line:
    state = phrases.in_hand(problem, sight.now)
    ink = Ink.ALARM if phrases.ticks(problem) else Ink.WARN if problem.alone.is_alone else Ink.DIM
    if sight.is_narrow:
        return spread(
            line(" ", phrases.everybody(problem)), line(Piece(cut(state, sight.width // 2), ink), " "), sight.width
        )
    room = sight.width - 9
    name = pad(_safe(phrases.everybody(problem)), min(24, room // 3))
    state_cells = min(max(room // 3, 22), 44)
    title = pad(_safe(problem.title), max(room - min(24, room // 3) - state_cells - 4, 0))
    return line(f"      {place:>2} ", f"{name}  {title}  ", Piece(cut(state, state_cells), ink))
