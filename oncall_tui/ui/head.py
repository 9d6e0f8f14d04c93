"""The head of every screen: is the picture whole, whose is it, and when was it taken."""

from __future__ import annotations

from oncall_tui import phrases, words
from oncall_tui.model import Board, Health
from oncall_tui.ui.ink import Ink, Line, Piece, clip, line, spread, width
from oncall_tui.ui.sight import Sight


def head(sight: Sight) -> Line:
    """One line: the name, the sources, me and the clock."""
    name = "oncall" if sight.is_narrow else "oncall-tui"
    right = line(sight.me.partition(" ")[0], "   ", Piece(words.clock(sight.now), Ink.STRONG), " ")
    left = line(" ", Piece(name, Ink.DIM), "  ")
    room = sight.width - width(left) - width(right) - 2
    health = clip(sources(sight), max(room, 0))
    blank = max((room - width(health)) // (1 if not sight.is_narrow else 2), 0)
    return spread((*left, Piece(" " * blank), *health), right, sight.width)


def sources(sight: Sight) -> Line:
    """``6 sources live``, or the source that is not, by name, and since when, or that it tells only a part."""
    board = sight.board
    if board is None:
        return line("reading what was known", ink=Ink.DIM)
    if not board.sources:
        return line("no sources", ink=Ink.WARN)
    failing = [source for source in board.sources if not source.live]
    if not failing:
        count = len(board.sources)
        return line(f"{count} source{'s' if count > 1 else ''} live", ink=Ink.GOOD)
    what = "late: " if sight.is_narrow else f"{len(failing)} of {len(board.sources)} not live: "
    return line(what, ", ".join(_late(s, sight) for s in failing), ink=Ink.WARN)


def _late(source: Health, sight: Sight) -> str:
    if phrases.is_partial(source):
        return f"{source.name} in part"
    if source.answered_at is None:
        return f"{source.name} never"
    return f"{source.name} {words.span((sight.now - source.answered_at).total_seconds())}"


def troubles(sight: Sight) -> list[Line]:
    """What the engineer must know about the picture itself, a line each: our own house, failing sources, wrong clocks."""
    if sight.board is None:
        return []
    said = [line(" ! ", sight.board.trouble, ink=Ink.ALARM)] if sight.board.trouble else []
    said += [line(" ! ", sight.board.unlogged, ink=Ink.WARN)] if sight.board.unlogged else []
    said += [line(" ! ", words_, ink=Ink.WARN) for s in sight.board.sources if (words_ := phrases.fault(s, sight.now))]
    for source in sight.board.sources:
        said += [line(" ! ", words_, ink=Ink.WARN) for words_ in _remarks(source) if words_]
    return said


def _remarks(source: Health) -> list[str]:
    return [phrases.skew(source), f"{source.name}: {source.warning}" if source.warning else ""]


def quiet(board: Board, now_alone: int) -> str:
    """Whether anybody is alone, never saying more than is known."""
    if board.quiet:
        return "Nobody is alone. Every source answered within its interval."
    if now_alone:
        return ""
    if not board.sources:
        return "No source is configured, so nothing is known."
    late, partial = phrases.missing(board)
    told = [f"{late} {'have' if ', ' in late else 'has'} not answered in time"] if late else []
    told += [f"{partial} may not tell all"] if partial else []
    return f"Nobody is known to be alone, but {', and '.join(told)}." if told else ""
