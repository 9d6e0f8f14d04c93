"""The commands that only look: `next`, `list`, `explain`. Each asks every source once, side by side."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from oncall_tui import contract, phrases
from oncall_tui.cli import plain
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.cli.session import asked_once, is_blind
from oncall_tui.cli.target import find
from oncall_tui.config import Config
from oncall_tui.model import Board


def following(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`next`: the most urgent problem; also what stands in for the screen where there is none."""
    board = asked_once(config, state)
    if getattr(arguments, "json", False):
        return told(board, contract.as_text(contract.as_json(board, most=1)))
    if getattr(arguments, "line", False):
        return Outcome(_code(board), plain.line(board))
    return told(board, plain.following(board))


def listed(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`list`: every problem."""
    board = asked_once(config, state)
    return told(board, contract.as_text(contract.as_json(board)) if arguments.json else plain.listed(board))


def explained(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`explain ID`: each factor, what it saw, its points."""
    board = asked_once(config, state)
    return told(board, plain.explained(find(board, arguments.id).problem), code=Code.DONE)


def told(board: Board, out: str | Sequence[str], *, code: int | None = None) -> Outcome:
    """`out` as data, and on stderr which sources failed and what is wrong with our own house."""
    text = out if isinstance(out, str) else "\n".join(out)
    return Outcome(_code(board) if code is None else code, text, talk(board))


def talk(board: Board) -> str:
    """What a person should know about the picture itself, a line each."""
    lines = [phrases.fault(source, board.as_of) for source in board.sources if not source.live]
    lines += [skew for source in board.sources if (skew := phrases.skew(source))]
    lines += [f"{source.name}: {source.warning}" for source in board.sources if source.warning]
    lines += filter(None, (board.trouble, board.unlogged))
    return "\n".join(f"oncall-tui: {line}" for line in lines)


def _code(board: Board) -> int:
    """A failed source comes first, as in grep: who is alone is told in the data, that it may be half of it only here.

    So does an outbox that cannot be read: what was said, put aside or joined is not in the picture.
    """
    if not board.whole or is_blind(board):
        return Code.INCOMPLETE
    return Code.ALONE if any(problem.alone.is_alone for problem in board.problems) else Code.QUIET
