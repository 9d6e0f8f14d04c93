"""What an ID or a span of time on the command line means; what cannot be meant is told, and nothing is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from oncall_tui import words
from oncall_tui.errors import WrongUse
from oncall_tui.model import Board, Noun, Problem, Ref, Write


class Target(Noun, frozen=True, kw_only=True):
    """A problem as it was found, and the one signal of it that was named (none: the problem as a whole)."""

    problem: Problem
    refs: tuple[Ref, ...] = ()


def find(board: Board, text: str) -> Target:
    """What `text` means: a problem's id, a signal's ref or its bare id, whole or a prefix of just one thing.

    A whole name wins over prefixes and a problem over its own signals. Raises `WrongUse`, which lists the candidates.
    """
    named = list(_named(board))
    found = [target for name, target in named if name == text]
    found = found or [target for name, target in named if text and name.startswith(text)]
    distinct = list({(target.problem.id, target.refs): target for target in found}.values())
    wholes = {target.problem.id for target in distinct if not target.refs}
    distinct = [target for target in distinct if not target.refs or target.problem.id not in wholes]
    if len(distinct) == 1:
        return distinct[0]
    raise WrongUse(_nothing(board, text) if not distinct else _several(text, distinct))


def _named(board: Board) -> Iterator[tuple[str, Target]]:
    for problem in (*board.problems, *board.aside):
        yield problem.id, Target(problem=problem)
        for signal in problem.signals:
            target = Target(problem=problem, refs=(signal.ref,))
            yield signal.ref, target
            yield signal.id, target


def _nothing(board: Board, text: str) -> str:
    missing = [source.name for source in board.sources if not source.live]
    unseen = f"; not seen: {', '.join(missing)}" if missing else ""
    return f"no problem or signal is called {text!r}{unseen}; `oncall-tui list` tells which there are"


def _several(text: str, targets: list[Target]) -> str:
    names = [target.refs[0] if target.refs else target.problem.id for target in targets]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"{text!r} means {words.counted(len(names), 'thing')}: {', '.join(names[:8])}{more}"


def find_write(writes: Sequence[Write], text: str) -> Write:
    """The write whose id begins with `text`. Raises `WrongUse` when there is none, or more than one."""
    found = [write for write in writes if text and write.id.startswith(text)]
    if len(found) == 1:
        return found[0]
    count = f"begins {words.counted(len(found), 'write')}" if found else "is no write"
    raise WrongUse(f"{text!r} {count}; `oncall-tui outbox --all` tells which there are")


DAY_S = 86400


def span(text: str, least_s: float, most_s: float) -> timedelta:
    """How long `text` says: ``30m``, ``2h``. Raises `WrongUse` for what is no duration, or none from least to most."""
    try:
        seconds = words.seconds(text)
    except ValueError:
        raise WrongUse(f"{text!r} is no duration; it must be like 30m, 2h or 1h30m") from None
    if not least_s <= seconds <= most_s:
        raise WrongUse(f"{text!r} must be from {words.length(least_s)} to {words.length(most_s)}")
    return timedelta(seconds=seconds)
