"""The commands about our own house: `outbox`, `sources`, `connectors`."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oncall_tui import connectors as catalogue
from oncall_tui import contract
from oncall_tui.cli import plain, writing
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.cli.session import with_what_was_said
from oncall_tui.cli.target import DAY_S, span
from oncall_tui.config import Config
from oncall_tui.engine.engine import Engine
from oncall_tui.errors import ConfigError, WrongUse
from oncall_tui.kit import Connector
from oncall_tui.model import VERBS, Write


def outbox(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`outbox`: what was said and where it is; with --deliver after what waits was sent."""
    if arguments.wait and not arguments.deliver:
        raise WrongUse("--wait is about --deliver: it wants that, too")
    longest = span(arguments.wait or "30s", 0, DAY_S)

    async def look(engine: Engine) -> Outcome:
        if not arguments.deliver:
            return _told(engine.history(all=arguments.all), arguments)
        waiting = {write.id for write in engine.history() if write.state.is_open}
        await _deliver(engine, longest)
        return _told([one for one in engine.history(all=True) if arguments.all or one.id in waiting], arguments)

    return with_what_was_said(config, state, look)


def _told(writes: Sequence[Write], arguments: Namespace) -> Outcome:
    out = contract.as_text(contract.writes(writes)) if arguments.json else "\n".join(plain.outbox(writes))
    return Outcome(writing.code(writes) if arguments.deliver else Code.DONE, out)


async def _deliver(engine: Engine, longest: timedelta) -> None:
    """Delivers what is due, and what becomes due (after a back-off) before `longest` is over."""
    last = datetime.now(UTC) + longest
    while True:
        await engine.deliver()
        due = [write.due_at for write in engine.history() if write.state.is_open and write.due_at]
        if not due or min(due) > last:
            return
        await asyncio.sleep(max((min(due) - datetime.now(UTC)).total_seconds(), 0.1))


def connectors(arguments: Namespace) -> Outcome:
    """`connectors`: which products can be read, and what each can and cannot be told; 3 when one cannot be loaded."""
    found, broken = _catalogue()
    talk = "\n".join(f"oncall-tui: {words}" for words in broken)
    code = Code.INCOMPLETE if broken else Code.DONE
    if arguments.json:
        return Outcome(code, contract.as_text([_connector(one) for one in found]), talk)
    rows = [(one.name, one.title, ", ".join(verb.value for verb in one.answers) or "only read") for one in found]
    lines = zip(plain.columns(rows), map(_cannot, found), strict=True)
    return Outcome(code, "\n".join(line for first, more in lines for line in (first, *more)), talk)


def _catalogue() -> tuple[list[Connector], list[str]]:
    """Every connector that can be loaded, and why another cannot: a foreign one must not hide ours."""
    found, broken = [], []
    for kind in catalogue.kinds():
        try:
            found.append(catalogue.find(kind))
        except ConfigError as error:
            broken.append(error.words)
    return found, broken


def _connector(one: Connector) -> dict[str, Any]:
    return {
        "kind": one.name,
        "title": one.title,
        "docs": one.docs,
        "verbs": [verb.value for verb in one.answers],
        "cannot": {verb.value: one.cannot.get(verb, "") for verb in VERBS if verb not in one.answers},
        "options": [
            {"name": o.name, "help": o.help, "default": o.default, "secret": o.secret, "required": o.required}
            for o in one.options
        ],
        "proven": one.proven,
    }


def _cannot(one: Connector) -> list[str]:
    return [f"  no {verb.value}: {why}" for verb, why in one.cannot.items()]
