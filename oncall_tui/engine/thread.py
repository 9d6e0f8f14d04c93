"""The engine on a thread and event loop of its own, so that a frozen screen holds nothing up.

Between the two travel immutable values only: a `Board` down, a `Said` up (as a `concurrent.futures.Future`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from oncall_tui.config import Config
from oncall_tui.engine.engine import Engine
from oncall_tui.errors import OncallError, Unwritable
from oncall_tui.model import Act, Board, Problem, Record, Ref, Said, Verb

T = TypeVar("T")
MakeEngine = Callable[[Config, Path, Callable[[Board], None]], Engine]


def _engine(config: Config, state_dir: Path, on_board: Callable[[Board], None]) -> Engine:
    return Engine(config, state_dir, on_board=on_board)


class EngineThread:
    """Starts, asks and stops an `Engine` that lives elsewhere. `on_board` is called on the engine's thread.

    Each verb's future ends once its row is on disk; it raises `errors.Unwritable` when nothing was said.
    """

    def __init__(
        self, config: Config, state_dir: Path, on_board: Callable[[Board], None], *, make: MakeEngine = _engine
    ) -> None:
        self._make = partial(make, config, state_dir, on_board)
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._engine: Engine | None = None
        self._waiting: set[Future[Any]] = set()
        self._thread = threading.Thread(target=self._live, name="engine", daemon=True)

    def start(self) -> None:
        """Begins; the first board comes through `on_board`, from disk, before any source was asked."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.5) -> bool:
        """Ends the engine in order and tells whether it did in time; what is not delivered stays on disk."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    # --- the verbs: see `Engine` --------------------------------------------------------------------------------------

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
    ) -> Future[Said]:
        return self._ask(
            lambda engine: engine.say(
                verb, problem, text, refs=refs, promise_at=promise_at, until=until, sure=sure, hold_s=hold_s, to=to
            )
        )

    def decide(
        self,
        act: Act,
        refs: Sequence[Ref],
        *,
        others: Sequence[Ref] = (),
        value: str = "",
        until: datetime | None = None,
    ) -> Future[Said]:
        return self._ask(lambda engine: engine.decide(act, refs, others=others, value=value, until=until))

    def undo(self) -> Future[Said]:
        return self._ask(lambda engine: engine.undo())

    def settle(self, write_id: str, *, send: bool) -> Future[Said]:
        return self._ask(lambda engine: engine.settle(write_id, send=send))

    def draft(self, problem: Problem, verb: Verb, text: str) -> Future[Said]:
        return self._ask(lambda engine: engine.draft(problem, verb, text))

    def ask_now(self, source: str = "") -> Future[Said]:
        return self._ask(lambda engine: engine.ask_now(source))

    def record(self, since: datetime) -> Future[Record]:
        return self._ask(lambda engine: engine.record(since))

    # --- across the threads -------------------------------------------------------------------------------------------

    def _ask(self, what: Callable[[Engine], T]) -> Future[T]:
        answer: Future[T] = Future()
        self._waiting.add(answer)
        answer.add_done_callback(self._waiting.discard)
        try:
            self._loop.call_soon_threadsafe(self._answer, what, answer)
        except RuntimeError:  # the loop is closed: the engine is gone
            _fail(answer)
        return answer

    def _answer(self, what: Callable[[Engine], T], answer: Future[T]) -> None:
        if self._engine is None:
            _fail(answer)
            return
        if not answer.set_running_or_notify_cancel():
            return
        try:
            said = what(self._engine)
        except OncallError as error:
            answer.set_exception(error)
        else:
            answer.set_result(said)

    def _live(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._engine = None
            self._loop.close()  # does not wait for a resolver's thread that hangs in DNS
            for answer in list(self._waiting):
                _fail(answer)

    async def _main(self) -> None:
        self._engine = self._make()
        try:
            await self._engine.start()
            await self._stopping.wait()
        finally:
            await self._engine.stop()


def _fail(answer: Future[Any]) -> None:
    try:
        answer.set_exception(Unwritable("the engine has stopped: nothing was said"))
    except InvalidStateError:  # answered in the same moment
        return
