"""Board after board -> when each customer was alone: what the handover and the figures count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec.structs import replace

from oncall_tui.model import Board, Hurt, Problem, Rule, Stretch


def stretches(board: Board, only: Collection[str] | None = None) -> Iterator[Stretch]:
    """Who is alone on this board, since when; `only` in these problems, by id.

    What is out of the way counts only for a customer who wrote.
    """
    for problem in board.problems:
        if only is None or problem.id in only:
            yield from _of(problem, board, problem.customers)
    for problem in board.aside:
        if only is None or problem.id in only:
            yield from _of(problem, board, tuple(hurt for hurt in problem.customers if hurt.spoke))


def _of(problem: Problem, board: Board, customers: tuple[Hurt, ...]) -> Iterator[Stretch]:
    state = problem.alone
    if not state.is_alone:
        return
    for hurt in customers:
        if _is_alone(hurt, state.rule):
            yield Stretch(
                problem=problem.id,
                title=problem.title,
                customer=hurt.name,
                since=min(state.since or problem.started_at, board.as_of),
                until=board.as_of,
                on_fire=problem.on_fire,
            )


def _is_alone(hurt: Hurt, rule: Rule) -> bool:
    """Nobody has it: all of them. Taken and untold: who wrote and heard nothing. A promise missed: who wrote."""
    if rule is Rule.UNTOLD:
        return hurt.spoke and hurt.last_word_at is None
    return rule is Rule.NOBODY or hurt.spoke


class Log:
    """What is to be kept of the boards that were seen since it was last taken."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Stretch]] = {}
        """By problem, then by name."""
        self._unkept: dict[str, Stretch] = {}

    def see(self, board: Board, only: Collection[str] | None = None) -> None:
        """A stretch that this board no longer has ended when the board was made. `only`: nothing else changed."""
        now: dict[str, dict[str, Stretch]] = {}
        for stretch in stretches(board, only):
            now.setdefault(stretch.problem, {})[name(stretch)] = stretch
        for problem in self._open.keys() | now.keys() if only is None else only:
            before, after = self._open.pop(problem, {}), now.get(problem, {})
            self._unkept |= {key: replace(one, until=board.as_of) for key, one in before.items() if key not in after}
            self._unkept |= after
        self._open |= now

    def take(self) -> Mapping[str, Stretch]:
        """By name, what began, went on or ended; from now on it counts as kept."""
        taken, self._unkept = self._unkept, {}
        return taken


def name(stretch: Stretch) -> str:
    """What tells one stretch from another; sorts by when it began."""
    return f"{stretch.since.isoformat()}/{stretch.problem}/{stretch.customer}"
