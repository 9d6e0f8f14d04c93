"""An engine for as long as one command takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from oncall_tui.cli import loop
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config
from oncall_tui.engine.engine import Engine
from oncall_tui.engine.store import BLIND

T = TypeVar("T")


def with_engine(config: Config, state: Path, use: Callable[[Engine], Awaitable[T]]) -> T:
    """What `use` makes of an engine that is closed again afterwards, also when it raises."""

    async def session() -> T:
        engine = Engine(config, state)
        try:
            return _in_trouble(await use(engine), engine.board.trouble)
        finally:
            await engine.stop()

    return loop.run(session())


def _in_trouble(told: T, trouble: str) -> T:
    """Also what is wrong with our own house; an outbox that cannot be read is not told to be empty and well."""
    if not isinstance(told, Outcome) or not trouble or trouble in told.talk:
        return told
    code = Code.INCOMPLETE if trouble.endswith(BLIND) and told.code == Code.DONE else told.code
    return told._replace(code=code, talk="\n".join(filter(None, (told.talk, f"oncall-tui: {trouble}"))))
