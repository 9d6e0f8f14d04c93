"""Owns the night: asks the sources, saves what is said, has it delivered, and publishes boards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from oncall_tui import safe
from oncall_tui.config import Config
from oncall_tui.core.marks import next_mark
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.courier import Courier
from oncall_tui.engine.debug import teller
from oncall_tui.engine.known import RECENT, Known
from oncall_tui.engine.logbook import Logbook, edges
from oncall_tui.engine.outbox import Outbox
from oncall_tui.engine.scribe import Scribe
from oncall_tui.engine.sources import Sources
from oncall_tui.errors import Unwritable, fault
from oncall_tui.model import Act, Board, Draft, Problem, Record, Ref, Said, Saying, Snapshot, State, Verb, Write

if TYPE_CHECKING:
    from oncall_tui.engine.line import Line

_GLANCE_S = 1.0
"""How often to see whether another process changed the outbox (a pragma, no disk write)."""

_BOARD_S = 60.0
"""A board is at most that old: its clocks count minutes."""

PART_FAILED = "a part of the engine failed"
"""How `Board.trouble` begins when only a restart mends it."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What stands around the state directory once it is open."""

    box: Outbox
    known: Known
    scribe: Scribe
    courier: Courier


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
        self._config, self._state_dir, self._clock = config, Path(state_dir), clock or Clock()
        self._logbook = Logbook(self._state_dir, clock=self._clock)
        self._sources = Sources(config, self._clock, lines or {}, teller(config, self._logbook))
        self._on_board = on_board
        self._opened: _Opened | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._board = Board(as_of=self._clock.now())
        self._changed = asyncio.Event()

    @property
    def board(self) -> Board:
        """The latest board."""
        return self._board

    # --- life -------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Reads what is on disk and makes the first board of it. Every other call does this when it is needed."""
        self._open()

    def _open(self) -> _Opened:
        if self._opened is None:
            config, clock, sources = self._config, self._clock, self._sources
            box = Outbox.open(self._state_dir, clock=clock)
            known = Known(box, config, sources.connectors, clock)
            scribe = Scribe(box, known, config, sources.connectors, clock)
            courier = Courier(
                box, sources.lines, clock, late_s=config.late_s, on_change=self._delivered, known=known.signal
            )
            self._opened = _Opened(box, known, scribe, courier)
            self._refresh()
        return self._opened

    async def start(self) -> None:
        """Begins to poll, deliver and publish. A program that asks once calls `once` without it."""
        there = self._open()
        with suppress(Unwritable):
            there.box.prune(self._clock.now() - timedelta(days=self._config.keep_days))
        runs: list[Any] = self._sources.polls(there.known.snapshots, self._take_in)
        self._logbook(f"started: {len(runs)} sources")
        runs += [there.courier.run(), self._publish(), self._glance()]
        self._tasks = [asyncio.ensure_future(run) for run in runs]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task of ours that dies is a fault of ours: said in the header, while the others go on."""
        if not task.cancelled() and (error := task.exception()):
            self._logbook(f"{PART_FAILED}: {fault(error)}")
            words = f"{PART_FAILED} ({type(error).__name__}): restart oncall-tui; {self._logbook.path} has the place"
            self._show(replace(self._board, trouble=safe.line(words), quiet=False))

    async def stop(self, *, deliver_s: float = 1.5) -> None:
        """Ends what `start` began, saves what is worth it and closes lines and outbox.

        What was said here and is still held leaves first, if it can in `deliver_s`: whoever quits meant what they said.
        """
        if self._tasks and deliver_s > 0:
            await self._last_call(deliver_s)
        tasks, self._tasks = self._tasks, []
        if tasks:
            self._logbook("stopped")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._opened is not None:
            await self._opened.courier.stop()
        await self._sources.close()
        if self._opened is not None:
            self._opened.known.keep_all(self._board)
            self._opened.box.close()
            self._opened = None

    async def _last_call(self, deliver_s: float) -> None:
        there = self._open()
        there.courier.look_at({write.ref for write in there.scribe.send_held()})
        with suppress(TimeoutError):
            async with asyncio.timeout(deliver_s):
                await there.courier.rest()

    async def once(self, timeout_s: float = 30.0) -> Board:
        """Asks every source once, side by side, and tells what came of it; who does not answer in time is at fault."""
        self.open()
        await self._sources.once(self._known.snapshots, self._take_in, timeout_s)
        self._refresh()
        return self._board

    async def deliver(self, timeout_s: float = 30.0) -> None:
        """Sends what is due; returns when nothing more can be done now (or in time). Works with and without `start`."""
        courier = self._open().courier
        self._sources.open()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await (courier.rest() if self._tasks else courier.drain())
        if not self._tasks:
            await courier.stop()
        self._refresh()

    # --- what is said: see `Scribe` -----------------------------------------------------------------------------------

    def say(self, saying: Saying) -> Said:
        """Says it to the problem as it was on screen: writes on disk, or what to ask first, or why not."""
        return self._heed(self._open().scribe.say(saying, self._board))

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
        return self._heed(self._open().scribe.decide(act, refs, others, value, until))

    def undo(self, *, sure: bool = False) -> Said:
        """Takes the last key press back: withdraws what is held, reverses what was delivered where the source can.

        Once more, the one before; `sure`: they were asked whether a source is to be told of that, and said yes.
        """
        return self._heed(self._open().scribe.undo(self._board, sure=sure))

    def settle(self, write_id: str, *, send: bool) -> Said:
        """Answers the question about an unsure or refused write: send it (again) all the same, or let it be."""
        return self._heed(self._open().scribe.settle(write_id, send=send))

    def draft(self, problem: Problem, verb: Verb, text: str, *, was: str = "") -> Said:
        """Keeps what is being typed; "" removes it. `was` is the id of an older problem under which it was kept."""
        said = self._open().scribe.draft(problem, verb, text, was)
        self._changed.set()
        return said

    def drop_draft(self, draft: Draft) -> Said:
        """Throws words away that were never sent, also when their problem is over."""
        said = self._open().scribe.drop_draft(draft)
        self._changed.set()
        return said

    def _heed(self, said: Said) -> Said:
        """It is on disk: now on the board, then to the sources."""
        if not (said.refused or said.asks):
            self._open().courier.look_at({write.ref for write in said.writes})
            self._refresh()
        return said

    def ask_now(self, source: str = "") -> Said:
        """Asks that source (or all) at once; one that stopped after `Denied` tries again."""
        names = [name for name in self._sources.lines if source in ("", name)]
        if not names:
            return Said(refused=f"no source is called {source!r}")
        for name in names:
            self._sources.forgive(name)
            self._open().courier.forgive(name)
            self._sources.wake(name)
        return Said(words=f"asking {', '.join(names)}")

    def history(self, *, all: bool = False) -> tuple[Write, ...]:  # noqa: A002 (reads as the command's --all)
        """The outbox, oldest first: what is open and recent, or all that is kept."""
        return self._open().box.writes(settled_since=None if all else self._clock.now() - RECENT)

    def record(self, since: datetime) -> Record:
        """What was kept of the time after that: what was said from here, and who was alone when."""
        return self._known.record(since, self._board)

    # --- what comes in ------------------------------------------------------------------------------------------------

    @property
    def _known(self) -> Known:
        return self._open().known

    def _take_in(self, snapshot: Snapshot) -> None:
        self._known.take_in(snapshot)
        self._changed.set()

    def _delivered(self, write: Write) -> None:
        """The courier changed a write. What is there now is asked for at once, so that it can be confirmed.

        What is taken back leaves no trace at some sources, not even that something changed.
        """
        self._known.note(write)
        self._changed.set()
        if write.state is State.DELIVERED:
            self._sources.wake(write.source, afresh=write.verb is Verb.RETRACT)

    def _refresh(self) -> None:
        """A new board of all that is known now."""
        self._show(replace(self._known.board(), unlogged=self._logbook.trouble))

    def _show(self, board: Board) -> None:
        if self._tasks:
            for line in edges(self._board, board):
                self._logbook(line)
        self._board = board
        if self._on_board is not None:
            self._on_board(self._board)

    # --- tasks ------------------------------------------------------------------------------------------------------

    async def _publish(self) -> None:
        """A board whenever something changed (bursts make one), and whenever a clock on it passes a mark."""
        while True:
            await self._clock.doze(self._next_mark_s(), self._changed)
            self._changed.clear()
            self._renew()
            self._refresh()
            self._known.keep()

    def _next_mark_s(self) -> float:
        now = self._clock.now()
        mark = next_mark(self._board, now, self._config.settings.weights)
        return _BOARD_S if mark is None else min((mark - now).total_seconds(), _BOARD_S)

    def _renew(self) -> None:
        """Acknowledgements that end by themselves are said again, or ended, when it is time for that."""
        if due := self._known.due():
            with suppress(Unwritable):
                self._open().scribe.put(due)
                self._open().courier.look_at({write.ref for write in due})

    async def _glance(self) -> None:
        """Another pane or a command may have said something: show and deliver that, too."""
        there = self._open()
        while True:
            await self._clock.sleep(_GLANCE_S)
            if there.box.changed_elsewhere():
                there.known.reload()
                there.courier.reload()
                self._changed.set()
