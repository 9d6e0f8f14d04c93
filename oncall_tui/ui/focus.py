"""The focus screen: the one problem that matters most, from the customer's side; the rest in a few lines."""

from __future__ import annotations

from oncall_tui import phrases
from oncall_tui.model import Problem
from oncall_tui.ui.facts import also_hurt, joined, safe_text, they_say, we_say, we_see
from oncall_tui.ui.fit import Block, fixed, gap, stack
from oncall_tui.ui.foot import foot
from oncall_tui.ui.head import head, quiet, troubles
from oncall_tui.ui.ink import Ink, Line, Piece, cut, frame, line, spread, wrap
from oncall_tui.ui.keys import Where
from oncall_tui.ui.rest import across, rest
from oncall_tui.ui.sight import Sight


def focus(sight: Sight) -> list[Line]:
    """The whole screen, exactly as high and nowhere wider than it may be."""
    below = [] if sight.editing else foot(sight, Where.FOCUS)
    top = [fixed(0, head(sight)), _troubles(sight), *across(sight)]
    room = max(sight.height - len(below), 0)
    body = [*top, *_body(sight), *([] if sight.editing else rest(sight))]
    return frame([*frame(stack(body, room), sight.width, room), *below], sight.width, sight.height)


def too_small(sight: Sight) -> list[Line]:
    """Whose problem it is and for how long, and how large the terminal must be for the rest."""
    problem = sight.problem
    name = [_name(problem, sight)] if problem else []
    asked = [line(" ", one, ink=Ink.DIM) for one in wrap("too small: 30 x 8 is the least", max(sight.width - 2, 1))]
    return frame([*name, *asked], sight.width, sight.height)


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
        joined("at stake", phrases.stake(problem, sight.now), sight, rank=5),
        they_say(problem, sight),
        we_see(problem, sight),
        joined("with them", phrases.with_them(problem, sight.now), sight, rank=3),
        we_say(problem, sight),
        joined("why first" if _is_first(sight) else "why here", phrases.why_first(problem), sight, rank=6),
        also_hurt(problem, sight),
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
    name = line(" ", Piece(safe_text(phrases.who(problem)).upper(), Ink.STRONG), phrases.more(problem))
    if sight.over:
        return spread(name, line("OVER ", ink=Ink.STRONG), sight.width)
    ink = Ink.ALARM if phrases.ticks(problem) else Ink.WARN if problem.alone.is_alone else Ink.GOOD
    said = problem.aside or phrases.clock(problem, sight.now)
    return spread(name, line(Piece(cut(said, sight.width // 2), ink), " "), sight.width)


def _is_first(sight: Sight) -> bool:
    board = sight.board
    return bool(board and sight.problem and board.problems and board.problems[0].id == sight.problem.id)
