"""An engine for as long as one command takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from oncall_tui.cli import loop
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config
from oncall_tui.engine.engine import Engine
from oncall_tui.engine.store import BLIND
from oncall_tui.model import Board


def with_engine(config: Config, state: Path, use: Callable[[Engine], Awaitable[Outcome]]) -> Outcome:
    """What `use` makes of an engine, and what is wrong with our own house."""

    async def session() -> Outcome:
        async with _engine(config, state) as engine:
            return _in_trouble(await use(engine), engine.board.trouble)

    return loop.run(session())


def asked_once(config: Config, state: Path) -> Board:
    """The board after every source was asked once, which tells such trouble itself."""

    async def session() -> Board:
        async with _engine(config, state) as engine:
            return await engine.once()

    return loop.run(session())


@asynccontextmanager
async def _engine(config: Config, state: Path) -> AsyncIterator[Engine]:
    engine = Engine(config, state)
    try:
        yield engine
    finally:
        await engine.stop()


def _in_trouble(told: Outcome, trouble: str) -> Outcome:
    """An outbox that cannot be read is not told to be empty and well."""
    if not trouble or trouble in told.talk:
        return told
    code = Code.INCOMPLETE if trouble.endswith(BLIND) and told.code == Code.DONE else told.code
    return told._replace(code=code, talk="\n".join(filter(None, (told.talk, f"oncall-tui: {trouble}"))))
