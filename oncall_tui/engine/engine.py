"""Owns the night: asks the sources, saves what is said, has it delivered, and publishes boards."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from oncall_tui import connectors, safe
from oncall_tui.config import Config
from oncall_tui.engine import keeping, saying, undoing
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.courier import Courier
from oncall_tui.engine.known import RECENT, Known
from oncall_tui.engine.logbook import Logbook, edges, heard
from oncall_tui.engine.outbox import Outbox
from oncall_tui.errors import Unwritable
from oncall_tui.model import (
    Act,
    Board,
    Decision,
    Draft,
    Problem,
    Record,
    Ref,
    Said,
    Signal,
    Snapshot,
    State,
    Verb,
    Write,
    stamp,
)
from oncall_tui.words import VERB, clock

if TYPE_CHECKING:
    from oncall_tui.engine.line import Heard, Line
    from oncall_tui.engine.poller import Poller

_GLANCE_S = 1.0
"""How often to see whether another process changed the outbox (a pragma, no disk write)."""

_BOARD_S = 60.0
"""A board is at most that old: its clocks count minutes."""


PART_FAILED = "a part of the engine failed"
"""How `Board.trouble` begins when only a restart mends it."""


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
        self._lines: dict[str, Line] = dict(lines or {})
        self._connectors = {source.name: connectors.fit(source.kind, source.options) for source in config.sources}
        self._connectors |= {name: line.connector for name, line in self._lines.items()}
        self._on_board = on_board
        self._logbook = Logbook(self._state_dir, clock=self._clock)
        self._opened: tuple[Outbox, Known] | None = None
        self._courier: Courier | None = None
        self._pollers: dict[str, Poller] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._board = Board(as_of=self._clock.now())
        self._changed = asyncio.Event()
        self._last: tuple[str, ...] | Decision = ()
        self._said: set[str] = set()

    @property
    def board(self) -> Board:
        """The latest board."""
        return self._board

    # --- life -------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Reads what is on disk and makes the first board of it. Every other call does this when it is needed."""
        self._open()

    def _open(self) -> tuple[Outbox, Known]:
        if self._opened is None:
            box = Outbox.open(self._state_dir, clock=self._clock)
            self._opened = box, Known(box, self._config, self._connectors, self._clock)
            self._refresh()
        return self._opened

    async def start(self) -> None:
        """Begins to poll, deliver and publish. A program that asks once calls `once` without it."""
        from oncall_tui.engine.poller import Poller  # noqa: PLC0415 - the first board does not wait for it

        self.open()
        lines = self._open_lines()
        with suppress(Unwritable):
            self._box.prune(self._clock.now() - timedelta(days=self._config.keep_days))
        for name, line in lines.items():
            self._pollers[name] = Poller(
                line, self._connectors[name], self._known.snapshots[name], self._take_in, clock=self._clock
            )
        runs: list[Any] = [poller.run() for poller in self._pollers.values()]
        runs += [self._post().run(), self._publish(), self._glance()]
        self._tasks = [asyncio.ensure_future(run) for run in runs]
        self._logbook(f"started: {len(lines)} sources")
        for task in self._tasks:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task of ours that dies is a fault of ours: said in the header, while the others go on."""
        if not task.cancelled() and (error := task.exception()):
            words = f"{PART_FAILED} ({type(error).__name__}: {error}): restart oncall-tui"
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
        if self._courier is not None:
            await self._courier.stop()
            self._courier = None
        for line in self._lines.values():
            await line.close()
        if self._opened is not None:
            box, known = self._opened
            known.keep_all(self._board)
            box.close()
            self._opened = None

    async def _last_call(self, deliver_s: float) -> None:
        now = self._clock.now()
        for write_id in self._said:
            with suppress(Unwritable):
                if released := self._box.change(write_id, _hold_no_longer, now):
                    self._note(released)
        with suppress(TimeoutError):
            async with asyncio.timeout(deliver_s):
                await self._post().rest()

    async def once(self, timeout_s: float = 30.0) -> Board:
        """Asks every source once, side by side, and tells what came of it; who does not answer in time is at fault."""
        from oncall_tui.engine.poller import poll  # noqa: PLC0415

        self.open()
        asked = {
            name: asyncio.ensure_future(poll(line, self._connectors[name], self._known.snapshots[name]))
            for name, line in self._open_lines().items()
        }
        if asked:
            await asyncio.wait(asked.values(), timeout=timeout_s)
        for name, task in asked.items():
            if task.done():
                self._take_in(task.result())
            else:
                task.cancel()
                self._take_in(self._late(name, timeout_s))
        self._refresh()
        return self._board

    def _late(self, name: str, timeout_s: float) -> Snapshot:
        fault = f"did not answer within {timeout_s:.0f} s"
        return replace(self._known.snapshots[name], fault=fault, fault_at=self._clock.now())

    async def deliver(self, timeout_s: float = 30.0) -> None:
        """Sends what is due; returns when nothing more can be done now (or in time). Works with and without `start`."""
        self.open()
        self._open_lines()
        courier = self._post()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await (courier.rest() if self._tasks else courier.drain())
        if not self._tasks:
            await courier.stop()
        self._refresh()

    # --- what is said -----------------------------------------------------------------------------------------------

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
        to: Mapping[str, str] | None = None,
    ) -> Said:
        """Says it to the problem as it was on screen: writes on disk, or what to ask first, or why not.

        `refs` names the signals, else the verb chooses. `hold_s` is the undo window (None: the configured one). `to`
        holds a reply's words for each customer by name; only they are told, each in their own ticket.
        """
        self.open()
        to = to or {}
        aim = saying.aim(verb, problem, refs, self._connectors, to=to)
        refused = next(filter(None, (saying.unfit(verb, one) for one in to.values() or (text,))), "") or aim.refused
        if refused:
            return Said(refused=refused)
        present = saying.compare(verb, problem, aim.signals, self._board)
        if present.asks and not sure:
            return Said(asks=present.asks)
        hold_s = self._config.undo_s if hold_s is None else hold_s
        now = self._clock.now()
        writes = tuple(
            self._write(
                verb,
                problem,
                signal,
                saying.words_to(problem, signal.ref, text, to),
                now=now,
                promise_at=promise_at,
                until=until,
                sure=sure,
                hold_s=hold_s,
            )
            for signal in (present.signals if sure else self._shown(aim.signals, present.signals))
        )
        self._put(writes, instead_of=(problem.id, verb))
        self._last = tuple(write.id for write in writes)
        self._said.update(self._last)
        return Said(writes=writes, words=_told(writes, hold_s))

    @staticmethod
    def _shown(aimed: Sequence[Signal], present: Sequence[Signal]) -> tuple[Signal, ...]:
        """As the engineer saw them, but for those that are over meanwhile."""
        there = {signal.ref for signal in present}
        return tuple(signal for signal in aimed if signal.ref in there)

    def _write(
        self,
        verb: Verb,
        problem: Problem,
        signal: Signal,
        text: str,
        *,
        now: datetime,
        promise_at: datetime | None,
        until: datetime | None,
        sure: bool,
        hold_s: float,
    ) -> Write:
        if verb is Verb.ACKNOWLEDGE and until is None:
            until = keeping.until(self._connectors[signal.source], now, self._config.ack_hours)
        return Write(
            id=str(uuid.uuid4()),
            problem=problem.id,
            ref=signal.ref,
            verb=verb,
            by=self._config.settings.me.name,
            asked_at=now,
            text=text,
            state=State.HELD if hold_s > 0 else State.WAITING,
            until=until,
            promise_at=promise_at,
            due_at=now + timedelta(seconds=hold_s) if hold_s > 0 else None,
            after=self._relies_on(verb, problem),
            stated=stamp(signal),
            sure=sure,
        )

    def _relies_on(self, verb: Verb, problem: Problem) -> str:
        """The acknowledgement on its way: what is said as the one who has it must not go out if it is refused."""
        if verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
            return ""
        open_acks = [w for w in self._known.writes.values() if w.verb is Verb.ACKNOWLEDGE and w.state.is_open]
        return next((w.id for w in open_acks if w.problem == problem.id or w.ref in problem.refs), "")

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
        self.open()
        decision = Decision(
            id=str(uuid.uuid4()),
            act=act,
            refs=tuple(refs),
            others=tuple(others),
            value=value,
            until=until,
            at=self._clock.now(),
        )
        self._box.decide(decision)
        self._last = decision
        self._known.reload_own()
        self._refresh()
        return Said(words="decided: u takes it back")

    def undo(self) -> Said:
        """Takes the last key press back: withdraws what is held, reverses what was delivered where the source can.

        It is the last one here; where nothing was pressed yet, it is the last one that is on disk.
        """
        self.open()
        last, self._last = self._last or self._last_press(), ()
        if isinstance(last, Decision):
            return self._undecide(last)
        if not last:
            return Said(refused="there is nothing to take back")
        said = [self._take_back(write_id) for write_id in last]
        self._refresh()
        words = "; ".join(dict.fromkeys(one.words or one.refused for one in said))
        writes = tuple(write for one in said for write in one.writes)
        return Said(writes=writes, words=words) if writes else Said(refused=words)

    def _last_press(self) -> tuple[str, ...] | Decision:
        recent = self._box.writes(settled_since=self._clock.now() - RECENT)
        return undoing.last_press(recent, self._box.decisions(), self._config.settings.me.name)

    def _undecide(self, decision: Decision) -> Said:
        """What was joined by hand is kept apart by hand; anything else is as if it had not been decided."""
        self._box.undecide(decision.id)
        if decision.act is Act.JOIN:
            apart = replace(decision, id=str(uuid.uuid4()), act=Act.SPLIT, at=self._clock.now())
            self._box.decide(apart)
        self._known.reload_own()
        self._refresh()
        return Said(words="taken back")

    def _take_back(self, write_id: str) -> Said:
        withdrawn = self._box.change(write_id, undoing.withdrawn, self._clock.now())
        if withdrawn is not None:
            self._note(withdrawn)
            return Said(writes=(withdrawn,), words="withdrawn: it was not sent")
        write = self._box.write(write_id)
        if write is None or not write.state.has_effect:
            return Said(refused="it was not sent, or was taken back already")
        connector, now = self._connectors.get(write.source), self._clock.now()
        until = keeping.until(connector, now, self._config.ack_hours) if connector else None
        reverse = undoing.reversal(write, now, until)
        if reverse is None or connector is None or reverse.verb not in connector.answers:
            return Said(refused=undoing.why_not(write))
        if self._box.write(reverse.id):
            return Said(refused="that was taken back already")
        self._put((reverse,))
        return Said(writes=(reverse,), words=f"{write.source} is told to {VERB[reverse.verb].replace('it', 'that', 1)}")

    def settle(self, write_id: str, *, send: bool) -> Said:
        """Answers the question about an unsure or refused write: send it (again) all the same, or let it be."""
        self.open()
        settled = self._box.change(write_id, _again if send else _let_be, self._clock.now())
        if settled is None:
            return Said(refused="there is nothing to decide about it now")
        self._note(settled)
        self._refresh()
        left = "left as it is" if settled.attempts else "withdrawn: it is not sent"
        return Said(writes=(settled,), words="on its way again" if send else left)

    def draft(self, problem: Problem, verb: Verb, text: str) -> Said:
        """Keeps what is being typed; "" removes it."""
        self.open()
        now = self._clock.now()
        text = text.encode("utf-8", "replace").decode()
        self._box.keep_draft(Draft(problem=problem.id, verb=verb, text=text, saved_at=now, refs=problem.refs))
        self._known.reload_own()
        self._changed.set()
        return Said(words="draft saved" if text else "draft removed")

    def ask_now(self, source: str = "") -> Said:
        """Asks that source (or all) at once; one that stopped after `Denied` tries again."""
        names = [name for name in self._lines if source in ("", name)]
        if not names:
            return Said(refused=f"no source is called {source!r}")
        for name in names:
            if self._lines[name].denied:
                self._lines[name].forgive()
            self._post().forgive(name)
            if name in self._pollers:
                self._pollers[name].wake()
        return Said(words=f"asking {', '.join(names)}")

    def history(self, *, all: bool = False) -> tuple[Write, ...]:  # noqa: A002 (reads as the command's --all)
        """The outbox, oldest first: what is open and recent, or all that is kept."""
        self.open()
        return self._box.writes(settled_since=None if all else self._clock.now() - RECENT)

    def record(self, since: datetime) -> Record:
        """What was kept of the time after that: what was said from here, and who was alone when."""
        self.open()
        return self._known.record(since, self._board)

    # --- inside -----------------------------------------------------------------------------------------------------

    @property
    def _box(self) -> Outbox:
        return self._open()[0]

    @property
    def _known(self) -> Known:
        return self._open()[1]

    def _open_lines(self) -> Mapping[str, Line]:
        missing = [source for source in self._config.sources if source.name not in self._lines]
        if missing:
            from oncall_tui.engine.line import Line  # noqa: PLC0415 - the first board does not wait for it

            me = self._config.settings.me
            for source in missing:
                connector = self._connectors[source.name]
                self._lines[source.name] = Line(source, connector, me, clock=self._clock, on_heard=self._on_heard())
        return self._lines

    def _on_heard(self) -> Callable[[Heard], None] | None:
        """Who is told of each request: the log, when that was asked for."""
        return (lambda one: self._logbook(heard(one))) if self._config.debug else None

    def _post(self) -> Courier:
        if self._courier is None:
            self._courier = Courier(
                self._box,
                self._lines,
                self._clock,
                late_s=self._config.late_s,
                on_change=self._delivered,
                known=self._known.signal,
            )
        return self._courier

    def _put(self, writes: Sequence[Write], *, instead_of: tuple[str, Verb] | None = None) -> None:
        """On disk first, then on the board, then to the sources."""
        self._box.put(writes, instead_of=instead_of)
        if instead_of:
            self._known.reload_own()
        for write in writes:
            self._note(write)
        self._refresh()

    def _note(self, write: Write) -> None:
        self._known.writes[write.id] = write
        if self._courier is not None:
            self._courier.look_at({write.ref})

    def _delivered(self, write: Write) -> None:
        """The courier changed a write. What is there now is asked for at once, so that it can be confirmed."""
        self._known.writes[write.id] = write
        self._changed.set()
        if write.state is State.DELIVERED and write.source in self._pollers:
            self._pollers[write.source].wake()

    def _take_in(self, snapshot: Snapshot) -> None:
        self._known.take_in(snapshot)
        self._changed.set()

    def _refresh(self) -> None:
        """A new board of all that is known now."""
        self._show(self._known.board())

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
            await self._pause(self._next_mark_s())
            self._changed.clear()
            self._renew()
            self._refresh()
            self._known.keep()

    async def _pause(self, seconds: float) -> None:
        waits = [asyncio.ensure_future(self._changed.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _next_mark_s(self) -> float:
        """Seconds until a promise falls due, a snooze ends or five minutes alone are full; at most a minute."""
        now, weights = self._clock.now(), self._config.settings.weights
        marks: list[datetime | None] = []
        for problem in (*self._board.problems, *self._board.aside):
            marks += [problem.promise_at, problem.aside_until]
            marks.append(problem.alone.since and problem.alone.since + timedelta(seconds=weights.waiting_first_s))
        left = [(mark - now).total_seconds() for mark in marks if mark is not None and mark > now]
        return min([*left, _BOARD_S])

    def _renew(self) -> None:
        if due := self._known.due():
            with suppress(Unwritable):
                self._put(due)

    async def _glance(self) -> None:
        """Another pane or a command may have said something: show and deliver that, too."""
        while True:
            await self._clock.sleep(_GLANCE_S)
            if self._box.changed_elsewhere():
                self._known.reload()
                self._post().reload()
                self._changed.set()


def _hold_no_longer(write: Write) -> Write | None:
    return replace(write, state=State.WAITING, due_at=None) if write.state is State.HELD else None


def _again(write: Write) -> Write | None:
    can = write.state in (State.UNSURE, State.REFUSED, State.WITHDRAWN)
    return replace(write, state=State.WAITING, sure=True, fault="", due_at=None) if can else None


def _let_be(write: Write) -> Write | None:
    can = write.state in (State.UNSURE, State.REFUSED, State.WAITING, State.HELD)
    return replace(write, state=State.WITHDRAWN, due_at=None) if can else None


def _told(writes: Sequence[Write], hold_s: float) -> str:
    ends = [f"{write.source} until {clock(write.until)}" if write.until else write.source for write in writes]
    where = ", ".join(dict.fromkeys(ends))
    return f"goes to {where} in {hold_s:.0f} s: u takes it back" if hold_s > 0 else f"goes to {where}"
