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
            return _in_trouble(await use(engine), engine.board)

    return loop.run(session())


def with_what_was_said(config: Config, state: Path, use: Callable[[Engine], Awaitable[Outcome]]) -> Outcome:
    """As `with_engine`, for a command about what was said before: nothing comes of it where that cannot be read."""

    async def unless_blind(engine: Engine) -> Outcome:
        engine.open()
        return Outcome(Code.INCOMPLETE) if is_blind(engine.board) else await use(engine)

    return with_engine(config, state, unless_blind)


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


def is_blind(board: Board) -> bool:
    """Whether nothing of what was said can be read: that must not look as if nothing was said."""
    return board.trouble.endswith(BLIND)


def _in_trouble(told: Outcome, board: Board) -> Outcome:
    """What is wrong with our own house is told by each command, and is no success where it hides what was said."""
    untold = [f"oncall-tui: {one}" for one in (board.trouble, board.unlogged) if one and one not in told.talk]
    code = Code.INCOMPLETE if is_blind(board) and told.code == Code.DONE else told.code
    return told._replace(code=code, talk="\n".join(filter(None, (told.talk, *untold))))
