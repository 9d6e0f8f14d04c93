"""The commands about a night that ends: `handover` and `figures`, from what was kept of it."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oncall_tui import words
from oncall_tui.cli import plain, reading
from oncall_tui.cli.arguments import FIGURES_SINCE, HANDOVER_SINCE
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.cli.session import with_engine, with_what_was_said
from oncall_tui.cli.target import DAY_S, find
from oncall_tui.cli.writing import said_to
from oncall_tui.config import Config
from oncall_tui.core.figures import NOTHING, Figure, figures, kept_of, length
from oncall_tui.core.handover import handover as told
from oncall_tui.core.since import since
from oncall_tui.engine.engine import Engine
from oncall_tui.errors import WrongUse
from oncall_tui.model import Verb


def handover(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`handover`: Markdown for the colleague who comes next; with --note it becomes a note to a ticket."""
    begin = _since(config, arguments, HANDOVER_SINCE)

    async def tell(engine: Engine) -> Outcome:
        board = await engine.once()
        text = told(board, engine.record(begin), me=config.settings.me.name)
        if arguments.note:
            return await said_to(engine, find(board, arguments.note), Verb.NOTE, text, sure=True)
        code = Code.DONE if board.whole else Code.INCOMPLETE
        return Outcome(code, text.rstrip("\n"), reading.talk(board))

    return with_engine(config, state, tell)


def tell_figures(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`figures`: per customer, how long they were alone and what became of promises; asks no source."""
    begin = _since(config, arguments, FIGURES_SINCE)

    async def count(engine: Engine) -> Outcome:
        return Outcome(Code.DONE, "\n".join(_rows(figures(engine.board, engine.record(begin)))))

    return with_what_was_said(config, state, count)


def _since(config: Config, arguments: Namespace, without: str) -> datetime:
    """What --since means, `without` when it is not there: at most as long ago as what was said is kept."""
    now = datetime.now(UTC)
    oldest = now - timedelta(days=config.keep_days)
    if not arguments.since:
        return max(since(without, now), oldest)
    try:
        begin = since(arguments.since, now)
    except ValueError:
        raise WrongUse(f"{arguments.since!r} is no beginning; it must be like 22:00, 12h or 7d") from None
    if begin < oldest:
        kept = words.length(config.keep_days * DAY_S)
        raise WrongUse(f"{arguments.since!r} is too long ago: what was said is kept for {kept} (keep in [outbox])")
    return begin


def _rows(found: tuple[Figure, ...]) -> list[str]:
    if not found:
        return [NOTHING]
    head = ("customer", "alone", "longest", "words", "kept", "missed", "open")
    rows = [head] + [
        (
            f"{one.customer}{' (alone now)' if one.is_alone else ''}",
            length(one.alone_s),
            length(one.longest_s),
            *map(str, (one.words, one.kept, one.missed, one.open)),
        )
        for one in found
    ]
    return [*plain.columns(rows), *kept_of(found)]
