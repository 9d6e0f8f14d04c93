"""Owns the night: asks the sources, saves what is said, has it delivered, and publishes boards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui.config import Config
from oncall_tui.engine.clock import Clock
from oncall_tui.model import Act, Board, Problem, Ref, Said, Verb, Write

if TYPE_CHECKING:
    from oncall_tui.engine.http import Line


class Engine:
    """Everything of a night, on the loop that `start` or `once` is called on.

    `say`, `decide`, `undo`, `settle`, `draft` are plain calls: when they return, it is on disk. They raise
    `errors.Unwritable` when our disk does not take it; then nothing was said. `on_board` gets every new board.
    """

    def __init__(
        self,
        config: Config,
        state_dir: Path,
        *,
        clock: Clock | None = None,
        lines: Mapping[str, Line] | None = None,
        on_board: Callable[[Board], None] | None = None,
    ) -> None:
        raise NotImplementedError

    @property
    def board(self) -> Board:
        """The latest board."""
        raise NotImplementedError

    async def start(self) -> None:
        """Begins to poll, deliver and publish. A program that asks once calls `once` without it."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Ends what `start` began, saves what is worth it and closes lines and outbox."""
        raise NotImplementedError

    async def once(self, timeout_s: float = 30.0) -> Board:
        """Asks every source once, side by side, and tells what came of it; who does not answer in time is at fault."""
        raise NotImplementedError

    async def deliver(self, timeout_s: float = 30.0) -> None:
        """Sends what is due; returns when nothing more can be done now (or in time). Works with and without `start`."""
        raise NotImplementedError

    def say(
        self,
        verb: Verb,
        problem: Problem,
        text: str = "",
        *,
        refs: Sequence[Ref] = (),
        promise_at: datetime | None = None,
        until: datetime | None = None,
        sure: bool = False,
        hold_s: float | None = None,
    ) -> Said:
        """Says it to the problem as it was on screen: writes on disk, or what to ask first, or why not.

        `refs` names the signals, else the verb chooses. `hold_s` is the undo window (None: the configured one).
        """
        raise NotImplementedError

    def decide(
        self,
        act: Act,
        refs: Sequence[Ref],
        *,
        others: Sequence[Ref] = (),
        value: str = "",
        until: datetime | None = None,
    ) -> Said:
        """Decides here, not at a source: snooze, split, join, impact."""
        raise NotImplementedError

    def undo(self) -> Said:
        """Takes the last key press back: withdraws what is held, reverses what was delivered where the source can."""
        raise NotImplementedError

    def settle(self, write_id: str, *, send: bool) -> Said:
        """Answers the question about an unsure or refused write: send it (again) all the same, or let it be."""
        raise NotImplementedError

    def draft(self, problem: Problem, verb: Verb, text: str) -> Said:
        """Keeps what is being typed; "" removes it."""
        raise NotImplementedError

    def ask_now(self, source: str = "") -> Said:
        """Asks that source (or all) at once; one that stopped after `Denied` tries again."""
        raise NotImplementedError

    def history(self, *, all: bool = False) -> tuple[Write, ...]:  # noqa: A002 (reads as the command's --all)
        """The outbox, oldest first: what is open and recent, or all that is kept."""
        raise NotImplementedError
