"""The sections ``[ui]`` and ``[notify]``: how the screen looks, and how it calls an engineer who looks away."""

from __future__ import annotations

import re
from datetime import time

from oncall_tui.config.keys import names
from oncall_tui.config.shape import Call, Notify, Theme, Ui
from oncall_tui.config.table import Table, near

_HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d) ?- ?((?:[01]\d|2[0-3]):[0-5]\d)")


def ui(table: Table) -> Ui:
    """``[ui]``. Raises `ConfigError`."""
    table.only(*names("ui"))
    return Ui(theme=table.choice("theme", Theme.DARK), first_words=table.flag("first_words", default=True))


def notify(table: Table) -> Notify:
    """``[notify]``. Raises `ConfigError`."""
    table.only(*names("notify"))
    return Notify(
        how=_how(table),
        command=table.texts("command"),
        again_s=table.seconds("again", 180.0, least=30, most=3600),
        quiet=_quiet(table),
    )


def _how(table: Table) -> tuple[Call, ...]:
    if "how" not in table:
        return (Call.BELL,)
    if not (given := table.texts("how")) and "command" not in table:
        raise table.fault(
            "how", f"is empty, and there is no command: nothing would call you; allowed: {', '.join(Call)}"
        )
    for word in given:
        if word not in tuple(Call):
            raise table.fault("how", f"{word!r} is not allowed; {near(word, tuple(Call))}")
    return tuple(Call(word) for word in given)


def _quiet(table: Table) -> tuple[time, time] | None:
    text = table.text("quiet")
    if not text:
        return None
    found = _HOURS.fullmatch(text)
    if not found or found[1] == found[2]:
        raise table.fault("quiet", f'{text!r} is no span of the day; it must be as "23:00-07:00"')
    return time.fromisoformat(found[1]), time.fromisoformat(found[2])
