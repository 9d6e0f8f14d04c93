"""An engine for as long as one command takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from oncall_tui.cli import loop
from oncall_tui.config import Config
from oncall_tui.engine.engine import Engine

T = TypeVar("T")


def with_engine(config: Config, state: Path, use: Callable[[Engine], Awaitable[T]]) -> T:
    """What `use` makes of an engine that is closed again afterwards, also when it raises."""

    async def session() -> T:
        engine = Engine(config, state)
        try:
            return await use(engine)
        finally:
            await engine.stop()

    return loop.run(session())
