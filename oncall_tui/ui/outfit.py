"""What the screen takes from the configuration: how it looks and calls, its keys, its advice and whose it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from rich.style import Style

from oncall_tui.config import Config, located
from oncall_tui.config.shape import Notify
from oncall_tui.errors import ConfigError
from oncall_tui.ui.advice import Advice
from oncall_tui.ui.caring import caring
from oncall_tui.ui.ink import Ink
from oncall_tui.ui.keys import Keys
from oncall_tui.ui.theme import THEMES


class Outfit(NamedTuple):
    """All of it, made and found right."""

    me: str
    looks: Mapping[Ink, Style]
    keys: Keys
    advice: Advice
    notify: Notify


def outfit(config: Config, now: Callable[[], datetime]) -> Outfit:
    """As that configuration, and the care.toml beside it, have it. Raises `ConfigError`."""
    try:
        keys = Keys(config.keys)
    except ConfigError as fault:
        raise located(fault, config.path) from None
    return Outfit(
        me=config.settings.me.name,
        looks=THEMES["bare" if os.environ.get("NO_COLOR") else config.ui.theme],
        keys=keys,
        advice=caring(config.settings, config.path.parent / "care.toml", now, greets=config.ui.first_words),
        notify=config.notify,
    )
