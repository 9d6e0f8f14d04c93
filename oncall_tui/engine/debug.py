"""What ``--debug`` tells of each request in the log, and ``--debug-bodies`` of what was said in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from oncall_tui.config import Config
from oncall_tui.engine.logbook import Logbook, heard

if TYPE_CHECKING:
    from oncall_tui.engine.wire import Heard

_MOST = 20_000
"""Letters of one conversation; ten thousand alerts would turn the log over many times."""


def teller(config: Config, log: Logbook) -> Callable[[Heard], None] | None:
    """Who is told of each request; None when nobody asked for that."""
    if config.bodies:
        return _bodies(config, log)
    return (lambda one: log(heard(one))) if config.debug else None


def _bodies(config: Config, log: Logbook) -> Callable[[Heard], None]:
    """With what was asked and answered, blurred as in a recording: its shape, and no secret, no person and no text."""
    from oncall_tui.engine.record import blur_of, redacted  # noqa: PLC0415 (every connector's words, for this alone)

    blurs = {source.name: blur_of(source) for source in config.sources}

    def tell(one: Heard) -> None:
        told = {} if one.aside else redacted(one, blurs[one.source])
        log(f"{heard(one)} {one.scrub(json.dumps(told))[:_MOST]}" if told else heard(one))

    return tell
