"""The command `sources`: each one tested step by step, side by side; what it says tells what to mend."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from oncall_tui import connectors, contract
from oncall_tui.cli import loop, plain
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config, SourceConfig
from oncall_tui.engine.debug import teller
from oncall_tui.engine.doctor import Found, Step, examine
from oncall_tui.engine.line import Line
from oncall_tui.engine.logbook import Logbook
from oncall_tui.engine.record import Recorder
from oncall_tui.engine.wire import Heard
from oncall_tui.errors import WrongUse
from oncall_tui.model import Me

Hear = Callable[[Heard], None]


def sources(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`sources`: 0 when every step of every source went well, else 3."""
    log = Logbook(state)
    tell = teller(config, log)
    told = _sample(config, arguments, tell) if arguments.sample else _examined(config, arguments, tell)
    unlogged = f"oncall-tui: {log.trouble}" if log.trouble else ""
    return told._replace(talk="\n".join(filter(None, (told.talk, unlogged))))


def _sample(config: Config, arguments: Namespace, tell: Hear | None) -> Outcome:
    if arguments.json or arguments.record:
        raise WrongUse("--try shows one record and keeps nothing: leave --json and --record out")
    from oncall_tui.cli.trying import tried  # noqa: PLC0415 (and with it JMESPath, for this alone)

    return tried(config, arguments.sample, tell)


def _examined(config: Config, arguments: Namespace, tell: Hear | None) -> Outcome:
    recorder = Recorder(arguments.record, config.sources, config.settings.me) if arguments.record else None
    found = examine_all(config.sources, config.settings.me, on_heard=_both(recorder, tell))
    pairs = list(zip(config.sources, found, strict=True))
    code = Code.DONE if all(one.well for one in found) else Code.INCOMPLETE
    talk = (
        f"oncall-tui: {recorder.count} answers are in {recorder.folder}; read them before you show them"
        if recorder
        else ""
    )
    if arguments.json:
        return Outcome(code, contract.as_text([_source(*pair) for pair in pairs]), talk)
    return Outcome(code, "\n".join(lines(pairs)), talk)


def _both(recorder: Recorder | None, tell: Hear | None) -> Hear:
    def hear(one: Heard) -> None:
        if tell:
            tell(one)
        if recorder:
            recorder(one)

    return hear


def examine_all(sources: Sequence[SourceConfig], me: Me, *, on_heard: Hear | None = None) -> Sequence[Found]:
    """What the doctor finds at each source; they are asked side by side."""

    async def ask_all() -> Sequence[Found]:
        return await asyncio.gather(*(_examine(one, me, on_heard) for one in sources))

    return loop.run(ask_all())


async def _examine(source: SourceConfig, me: Me, on_heard: Hear | None) -> Found:
    connector = connectors.fit(source.kind, source.options)
    line = Line(source, connector, me, on_heard=on_heard)
    try:
        return await examine(line, connector)
    finally:
        await line.close()


def _source(source: SourceConfig, found: Found) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "url": source.url,
        "secret": source.secret.origin if source.secret else "",
        "ok": found.well,
        "steps": [
            {"name": step.name, "ok": step.ok, "doubt": step.doubt, "words": step.words, "remedy": step.remedy}
            for step in found.steps
        ],
    }


def lines(pairs: Sequence[tuple[SourceConfig, Found]]) -> list[str]:
    """A line each step, and below what is to be mended what to do about it."""
    rows = [(source.name, step.name, _mark(step), step.words) for source, found in pairs for step in found.steps]
    steps = [step for _, found in pairs for step in found.steps]
    told = []
    for row, step in zip(plain.columns(rows), steps, strict=True):
        told += [row, *([f"  -> {step.remedy}"] if step.remedy else [])]
    return told


def _mark(step: Step) -> str:
    return "mind" if step.doubt else "ok" if step.ok else "FAILED"
