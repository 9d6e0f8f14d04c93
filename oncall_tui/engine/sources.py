"""The configured sources, each with its connector and its line: asked once, asked again and again, hung up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from oncall_tui import connectors
from oncall_tui.config import Config
from oncall_tui.engine.clock import Clock
from oncall_tui.kit import Connector
from oncall_tui.model import Snapshot

if TYPE_CHECKING:
    from oncall_tui.engine.line import Line
    from oncall_tui.engine.poller import Poller
    from oncall_tui.engine.wire import Heard

Tell = Callable[[Snapshot], None]
Snapshots = Mapping[str, Snapshot]
"""By source, as they were last read."""


class Sources:
    """`lines` (by name) are made by `open` where they are not given; `on_heard` is told of every request on them."""

    def __init__(
        self, config: Config, clock: Clock, lines: Mapping[str, Line], on_heard: Callable[[Heard], None] | None
    ) -> None:
        self._config, self._clock, self._on_heard = config, clock, on_heard
        self.lines: dict[str, Line] = dict(lines)
        self.connectors: dict[str, Connector] = {
            source.name: connectors.fit(source.kind, source.options) for source in config.sources
        }
        self.connectors |= {name: line.connector for name, line in lines.items()}
        self._pollers: dict[str, Poller] = {}

    def open(self) -> Mapping[str, Line]:
        """Every line, at hand; nothing is asked by that."""
        missing = [source for source in self._config.sources if source.name not in self.lines]
        if missing:
            from oncall_tui.engine.line import Line  # noqa: PLC0415 - the first board does not wait for it

            me = self._config.settings.me
            for source in missing:
                connector = self.connectors[source.name]
                self.lines[source.name] = Line(source, connector, me, clock=self._clock, on_heard=self._on_heard)
        return self.lines

    async def once(self, before: Snapshots, tell: Tell, timeout_s: float) -> None:
        """Asks every one, side by side, and tells what came of it; who does not answer in time is at fault."""
        from oncall_tui.engine.poller import poll  # noqa: PLC0415

        asked = {
            name: asyncio.ensure_future(poll(line, self.connectors[name], before[name]))
            for name, line in self.open().items()
        }
        if asked:
            await asyncio.wait(asked.values(), timeout=timeout_s)
        for name, task in asked.items():
            if task.done():
                tell(task.result())
            else:
                task.cancel()
                fault = f"did not answer within {timeout_s:.0f} s"
                tell(replace(before[name], fault=fault, fault_at=self._clock.now()))

    def polls(self, before: Snapshots, tell: Tell) -> list[Coroutine[Any, Any, None]]:
        """A loop for each one, to be run as a task, that asks it for ever."""
        from oncall_tui.engine.poller import Poller  # noqa: PLC0415

        for name, line in self.open().items():
            self._pollers[name] = Poller(line, self.connectors[name], before[name], tell, clock=self._clock)
        return [poller.run() for poller in self._pollers.values()]

    def wake(self, name: str, *, afresh: bool = False) -> None:
        """Asks it at once, if it is asked again and again; `afresh` for all that it has."""
        if name in self._pollers:
            self._pollers[name].wake(afresh=afresh)

    def forgive(self, name: str) -> None:
        """Asks one that stopped after `Denied` again."""
        if self.lines[name].denied:
            self.lines[name].forgive()

    async def close(self) -> None:
        """Hangs up."""
        for line in self.lines.values():
            await line.close()
