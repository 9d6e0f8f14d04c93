"""What is not under the hands: who needs help more, and the next few in a line each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from oncall_tui import phrases
from oncall_tui.model import Problem
from oncall_tui.ui.facts import safe_text
from oncall_tui.ui.fit import Block, fixed
from oncall_tui.ui.ink import Ink, Line, Piece, cut, line, pad, rule, spread
from oncall_tui.ui.sight import Sight


def across(sight: Sight) -> list[Block]:
    """A line across, where there is room for decoration."""
    return [] if sight.height < 18 else [fixed(8, rule(sight.width))]


def rest(sight: Sight) -> list[Block]:
    """That the problem on screen is over, that another is more urgent, and the next few; nothing when there is nothing."""
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
    return [*across(sight), *blocks, *across(sight)] if blocks else across(sight)


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
    lines = _rows(shown, sight)
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


def _rows(shown: Sequence[tuple[int, Problem]], sight: Sight) -> list[Line]:
    """Each as who, what and how it is with them; the columns are as wide as what is in them, what is told last is cut first."""
    names = [safe_text(phrases.everybody(problem)) for _, problem in shown]
    states = [Piece(safe_text(phrases.in_hand(problem, sight.now)), _ink(problem)) for _, problem in shown]
    if sight.is_narrow:
        return [
            spread(line(" ", name), line(state._replace(text=cut(state.text, sight.width // 2)), " "), sight.width)
            for name, state in zip(names, states, strict=True)
        ]
    room = sight.width - 10
    name_cells = min(max(map(cell_len, names), default=0), 24, room // 3)
    state_cells = min(max((cell_len(state.text) for state in states), default=0), room // 2)
    title_cells = min(room - name_cells - state_cells - 4, 60)
    return [
        line(
            f"      {place:>2} {pad(name, name_cells)}  {pad(safe_text(problem.title), title_cells)}  ",
            state._replace(text=cut(state.text, state_cells)),
        )
        for (place, problem), name, state in zip(shown, names, states, strict=True)
    ]


def _ink(problem: Problem) -> Ink:
    return Ink.ALARM if phrases.ticks(problem) else Ink.WARN if problem.alone.is_alone else Ink.DIM
