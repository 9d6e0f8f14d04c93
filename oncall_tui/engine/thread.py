"""The engine on a thread and event loop of its own, so that a frozen screen holds nothing up.

Between the two travel immutable values only: a `Board` down, a `Said` up (as a `concurrent.futures.Future`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from oncall_tui import safe
from oncall_tui.config import Config
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.engine import Engine
from oncall_tui.errors import OncallError, Unwritable, fault
from oncall_tui.model import Act, Board, Draft, Problem, Record, Ref, Said, Saying, Verb

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
        self._config = config
        self._on_board = on_board
        self._make: Callable[[Config], Engine] = lambda config: make(config, state_dir, on_board)
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._engine: Engine | None = None
        self._broken: Exception | None = None
        self._changing = asyncio.Lock()
        self._asked_meanwhile: list[Callable[[], None]] = []
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

    def say(self, saying: Saying) -> Future[Said]:
        return self._ask(lambda engine: engine.say(saying))

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

    def undo(self, *, sure: bool = False) -> Future[Said]:
        return self._ask(lambda engine: engine.undo(sure=sure))

    def settle(self, write_id: str, *, send: bool) -> Future[Said]:
        return self._ask(lambda engine: engine.settle(write_id, send=send))

    def draft(self, problem: Problem, verb: Verb, text: str, *, was: str = "") -> Future[Said]:
        return self._ask(lambda engine: engine.draft(problem, verb, text, was=was))

    def drop_draft(self, draft: Draft) -> Future[Said]:
        return self._ask(lambda engine: engine.drop_draft(draft))

    def ask_now(self, source: str = "") -> Future[Said]:
        return self._ask(lambda engine: engine.ask_now(source))

    def record(self, since: datetime) -> Future[Record]:
        return self._ask(lambda engine: engine.record(since))

    def change(self, config: Config) -> Future[Said]:
        """Goes on with another configuration: an engine of that one takes over what is on disk.

        What is held, typed, on its way or decided stays. When that engine cannot be made, all goes on as it was.
        """
        return self._promised(lambda answer: asyncio.run_coroutine_threadsafe(self._change(config, answer), self._loop))

    # --- across the threads -------------------------------------------------------------------------------------------

    def _ask(self, what: Callable[[Engine], T]) -> Future[T]:
        return self._promised(lambda answer: self._loop.call_soon_threadsafe(self._answer, what, answer))

    def _promised(self, ask: Callable[[Future[T]], object]) -> Future[T]:
        """An answer that comes, whatever happens: the engine's, or that it is gone."""
        answer: Future[T] = Future()
        self._waiting.add(answer)
        answer.add_done_callback(self._waiting.discard)
        try:
            ask(answer)
        except RuntimeError:  # the loop is closed: the engine is gone
            _fail(answer)
        return answer

    def _answer(self, what: Callable[[Engine], T], answer: Future[T]) -> None:
        if self._changing.locked() and not self._stopping.is_set():
            self._asked_meanwhile.append(lambda: self._answer(what, answer))
            return
        if self._engine is None:
            _fail(answer)
            return
        if answer.set_running_or_notify_cancel():
            with _answering(answer):
                answer.set_result(what(self._engine))

    async def _change(self, config: Config, answer: Future[Said]) -> None:
        async with self._changing:
            with _answering(answer):
                await self._go_on_with(self._make(config))
                self._config = config
                answer.set_result(Said(words="the configuration was read again"))
        asked, self._asked_meanwhile = self._asked_meanwhile, []
        for ask in asked:
            ask()

    async def _go_on_with(self, engine: Engine) -> None:
        """The old engine ends only once the new one was made. Without either, this thread ends and says so."""
        try:
            if self._engine is not None:
                await self._engine.stop(deliver_s=0)
            self._engine = engine
            await engine.start()
        except Exception as error:
            self._broken = error
            self._stopping.set()
            raise

    def _live(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        except Exception as error:  # noqa: BLE001 (whatever ended it, the screen must not stand as if all were well)
            self._tell_end(error)
        finally:
            self._engine = None
            self._loop.close()  # does not wait for a resolver's thread that hangs in DNS
            for answer in list(self._waiting):
                _fail(answer)

    def _tell_end(self, error: Exception) -> None:
        """The last thing that comes from this thread: what was known, and that nobody asks or delivers any more."""
        known = self._engine.board if self._engine is not None else Board(as_of=Clock().now())
        why = error.words if isinstance(error, OncallError) else type(error).__name__
        trouble = f"the engine has stopped ({why}): start the program again; what was saved is kept"
        self._on_board(replace(known, quiet=False, trouble=safe.line(trouble)))

    async def _main(self) -> None:
        self._engine = self._make(self._config)
        try:
            await self._engine.start()
            await self._stopping.wait()
            if self._broken is not None:
                raise self._broken
        finally:
            async with self._changing:
                await self._engine.stop()


@contextmanager
def _answering(answer: Future[Any]) -> Iterator[None]:
    """What goes wrong is the answer; of an error that is none of ours only its kind and place are told."""
    try:
        yield
    except OncallError as error:
        answer.set_exception(error)
    except Exception as error:  # noqa: BLE001 (nobody may wait for an answer that never comes)
        answer.set_exception(OncallError(f"a fault of our own: {fault(error)}"))


def _fail(answer: Future[Any]) -> None:
    try:
        answer.set_exception(Unwritable("the engine has stopped: nothing was said"))
    except InvalidStateError:  # answered in the same moment
        return
