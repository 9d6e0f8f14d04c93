"""The command `sources`: each one tested step by step, side by side; what it says tells what to mend."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oncall_tui import connectors, contract
from oncall_tui.cli import plain
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config, SourceConfig
from oncall_tui.engine import poller
from oncall_tui.engine.http import Line
from oncall_tui.engine.poller import Step
from oncall_tui.model import Me


def sources(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`sources`: 0 when every step of every source went well, else 3."""
    tested = asyncio.run(_test_all(config))
    well = all(step.ok for steps in tested for step in steps)
    pairs = list(zip(config.sources, tested, strict=True))
    out = (
        contract.as_text([_source(one, steps) for one, steps in pairs]) if arguments.json else "\n".join(_lines(pairs))
    )
    return Outcome(Code.DONE if well else Code.INCOMPLETE, out)


async def _test_all(config: Config) -> Sequence[Sequence[Step]]:
    return await asyncio.gather(*(_test(one, config.settings.me) for one in config.sources))


async def _test(source: SourceConfig, me: Me) -> Sequence[Step]:
    connector = connectors.find(source.kind)
    line = Line(source, connector, me)
    try:
        return await poller.test(line, connector)
    finally:
        await line.close()


def _source(source: SourceConfig, steps: Sequence[Step]) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "url": source.url,
        "secret": source.secret.origin if source.secret else "",
        "ok": all(step.ok for step in steps),
        "steps": [{"name": step.name, "ok": step.ok, "words": step.words} for step in steps],
    }


def _lines(pairs: Sequence[tuple[SourceConfig, Sequence[Step]]]) -> list[str]:
    rows = [
        (source.name, step.name, "ok" if step.ok else "FAILED", step.words) for source, steps in pairs for step in steps
    ]
    return plain.columns(rows)
