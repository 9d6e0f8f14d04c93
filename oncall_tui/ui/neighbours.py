"""The desk's two neighbours, as it sees them: the engine that says things, and the terminal's side that shows them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol

from oncall_tui.model import Act, Problem, Record, Ref, Said, Verb


class Engine(Protocol):
    """What the desk asks of the engine; each answer comes once it is on disk. `engine.thread.EngineThread` is one."""

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
    ) -> Future[Said]: ...

    def decide(
        self,
        act: Act,
        refs: Sequence[Ref],
        *,
        others: Sequence[Ref] = (),
        value: str = "",
        until: datetime | None = None,
    ) -> Future[Said]: ...

    def undo(self) -> Future[Said]: ...
    def settle(self, write_id: str, *, send: bool) -> Future[Said]: ...
    def draft(self, problem: Problem, verb: Verb, text: str) -> Future[Said]: ...
    def record(self, since: datetime) -> Future[Record]: ...
    def ask_now(self, source: str = "") -> Future[Said]: ...
    def reload(self) -> Future[Said]: ...


class Shell(Protocol):
    """What the desk asks of the terminal's side."""

    def repaint(self) -> None: ...
    def ring(self, said: str) -> None: ...
    def later(self, work: Awaitable[None]) -> None: ...
    def open_editor(self, verb: Verb, problem: Problem, text: str) -> None: ...
    def close_editor(self) -> None: ...
    def typed(self) -> str: ...
    def retype(self, text: str) -> None: ...
    def copy(self, text: str) -> None: ...
    def edit_outside(self) -> str: ...
    def leave(self) -> None: ...
