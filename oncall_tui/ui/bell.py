"""When the engineer is called, and with what words: by a fire that is alone, by what overtakes, by a promise that falls due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

from oncall_tui import phrases, words
from oncall_tui.config.shape import Notify
from oncall_tui.model import Board, Problem

BEFORE = timedelta(minutes=3)
"""A promise of mine rings this long before it would be broken."""


_PLAIN = Notify()


class Cause(NamedTuple):
    """Something to call for: known by `name`, in words, after how long again (None: once); a fire breaks the quiet."""

    name: str
    words: str
    again: timedelta | None = None
    is_fire: bool = False


class Bell:
    """Remembers what rang when, so that each thing rings once and a fire again and again."""

    def __init__(self, notify: Notify = _PLAIN) -> None:
        self.notify = notify
        self._rang: Mapping[str, datetime] = {}
        self._standing: Mapping[str, str] = {}
        self._muted: set[str] = set()

    def calls(self, board: Board, now: datetime) -> str:
        """What to call out now, "" for nothing. What burns already at the start rings too, what is in hand never does."""
        causes = list(_causes(board, now, timedelta(seconds=self.notify.again_s)))
        new = [cause for cause in causes if self._is_due(cause, now)]
        self._rang = {cause.name: now if cause in new else self._rang[cause.name] for cause in causes}
        self._standing = {cause.name: cause.words for cause in causes}
        loud = [cause for cause in new if cause.is_fire or not is_quiet(self.notify.quiet, now)]
        self._muted = (self._muted | {cause.name for cause in new}) - {cause.name for cause in loud}
        return "; ".join(dict.fromkeys(cause.words for cause in loud))

    def missed(self, now: datetime) -> str:
        """What quiet hours kept from calling, in one line once they are over; "" while they last and for nothing.

        It is read, not called out: what still stands in the words of now, what is over only counted.
        """
        if not self._muted or is_quiet(self.notify.quiet, now):
            return ""
        standing = list(dict.fromkeys(self._standing[name] for name in sorted(self._muted & self._standing.keys())))
        over = len(self._muted - self._standing.keys())
        self._muted = set()
        gone = [f"{over} that {'is' if over == 1 else 'are'} over by now"] if over else []
        return f"while it was quiet: {'; '.join([*standing, *gone])}"

    def rings(self, board: Board, now: datetime) -> bool:
        """Whether to call out now."""
        return bool(self.calls(board, now))

    def _is_due(self, cause: Cause, now: datetime) -> bool:
        rang_at = self._rang.get(cause.name)
        return rang_at is None or (cause.again is not None and now - rang_at >= cause.again)


def is_quiet(span: tuple[time, time] | None, now: datetime) -> bool:
    """Whether `now` lies in these hours of our own clock; they may go over midnight."""
    if span is None:
        return False
    start, end = span
    at = now.astimezone().time()
    return start <= at < end if start < end else at >= start or at < end


def _causes(board: Board, now: datetime, again: timedelta) -> Iterator[Cause]:
    for problem in board.problems:
        if _burns(problem):
            yield Cause(f"fire {problem.id}", _alone(problem, now), again, is_fire=True)
    first = board.problems[0] if board.problems else None
    if first and first.alone.is_alone:
        yield Cause(f"first {first.id}", _alone(first, now), is_fire=first.on_fire)
    for problem in board.problems:
        if problem.mine and problem.promise_at and problem.promise_at - now <= BEFORE:
            due = f"a word to {phrases.who(problem)} is due {words.ahead(problem.promise_at, now)}"
            yield Cause(f"promise {problem.id} {problem.promise_at}", due, is_fire=problem.on_fire)


def _alone(problem: Problem, now: datetime) -> str:
    return f"{phrases.everybody(problem)}, {phrases.in_hand(problem, now)}: {phrases.suffers(problem)}"


def _burns(problem: Problem) -> bool:
    return problem.on_fire and problem.alone.is_alone
