"""A line in a file for what changed: a source gone, a source back, a write on its way; never what anybody wrote.

Only edges are told: a source that stays away for a night is one line when it goes and one when it returns.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui import safe, words
from oncall_tui.engine import disk
from oncall_tui.engine.clock import Clock
from oncall_tui.model import Board, Health, Write

if TYPE_CHECKING:
    from oncall_tui.engine.wire import Heard

NAME = "oncall-tui.log"
MOST_BYTES = 1_000_000
KEPT = 3
"""So many full files are kept beside the one that is written: ``oncall-tui.log.1`` is the youngest."""


class Logbook:
    """One file in the state directory, 0600. A disk that takes no more is no reason to stop: then there is no log.

    `trouble` says why the last line is not in it, "" when it is.
    """

    def __init__(self, folder: Path, *, clock: Clock | None = None, most_bytes: int = MOST_BYTES) -> None:
        self.path = folder / NAME
        self._clock, self._most_bytes = clock or Clock(), most_bytes
        self.trouble = ""

    def __call__(self, said: str) -> None:
        """Adds one line; in one write, so that lines of two programs do not mix."""
        line = f"{self._clock.now():%Y-%m-%dT%H:%M:%SZ} {os.getpid()} {safe.line(said)}\n"
        try:
            wrong = disk.unfit(self.path)
            if not wrong:
                self._add(line.encode("utf-8", "replace"))
        except OSError as error:
            wrong = f"{self.path}: {(error.strerror or str(error)).lower()}"
        self.trouble = wrong and f"no log is kept: {wrong}"

    def _add(self, line: bytes) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, line)
            is_full = os.fstat(handle).st_size >= self._most_bytes
        finally:
            os.close(handle)
        if is_full:
            self._turn()

    def _turn(self) -> None:
        for number in range(KEPT, 0, -1):
            older = self.path if number == 1 else self.path.with_name(f"{NAME}.{number - 1}")
            with suppress(FileNotFoundError):
                older.replace(self.path.with_name(f"{NAME}.{number}"))


def heard(one: Heard) -> str:
    """One request, for ``--debug``: what was asked, what came, how long it took; never a body, a header or a query."""
    came = f"{one.response.status}, {len(one.response.body)} bytes" if one.response else one.words
    path = one.scrub(one.request.path.partition("?")[0])
    return f"{one.source} {one.request.method} {path}: {came}, in {one.took_s * 1000:.0f} ms"


def edges(before: Board, after: Board) -> Iterator[str]:
    """What is otherwise than a board ago, a line each; nothing for the first board, which is what is on disk."""
    if not before.sources:
        return
    known = {source.name: source for source in before.sources}
    for source in after.sources:
        if source.name in known:
            yield from _source(known[source.name], source)
    if after.trouble != before.trouble:
        yield f"trouble: {after.trouble or 'over'}"
    said = {write.id: write for write in before.outbox}
    for write in after.outbox:
        yield from _write(said.get(write.id), write)


def _source(before: Health, now: Health) -> Iterator[str]:
    if bool(now.fault) != bool(before.fault):
        since = f", silent since {words.clock(before.fault_at)}" if before.fault_at else ""
        yield f"{now.name} is gone: {now.fault}" if now.fault else f"{now.name} is back{since}"
    for told, was in ((now.doubt, before.doubt), (now.gap, before.gap), (now.warning, before.warning)):
        if told and told != was:
            yield f"{now.name}: {told}"
    if now.unreadable and now.unreadable != before.unreadable:
        yield f"{now.name}: {words.counted(now.unreadable, 'record')} cannot be read"


def _write(before: Write | None, now: Write) -> Iterator[str]:
    if before is None or before.state is not now.state:
        yield f"{now.verb.value} {now.ref} ({now.id[:8]}): {words.state(now)}"
