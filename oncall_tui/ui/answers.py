"""What the engine answers to what was said: asked, told, and never so that a smaller fault hides a greater one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from oncall_tui.errors import ConfigError, OncallError
from oncall_tui.model import Said
from oncall_tui.ui.asking import confirm
from oncall_tui.ui.desk import Desk, nothing
from oncall_tui.ui.ink import Ink


def tell_answer(
    desk: Desk,
    answer: Future[Said],
    what: str,
    *,
    again: Callable[[], None] | None = None,
    done: Callable[[], None] = nothing,
    undone: Callable[[], None] = nothing,
    quiet: bool = False,
    stays: bool = False,
) -> None:
    """Tells what became of `what` when the engine answers, without holding the screen up.

    `again` says it once more, sure, when the engine asks first; `done` is called once it is on disk, `undone` when
    nothing was said after all; `quiet` tells only failures. With `stays` its words go on being told with where the writes are.
    """
    asked_from = desk.place()

    async def heard() -> None:
        try:
            said = await asyncio.wrap_future(answer)
        except OncallError as error:
            undone()
            _tell_fault(desk, what, error, quiet=quiet)
            return
        if said.asks and again and desk.question is None and desk.place() == asked_from:
            undone()
            desk.ask(confirm(said.asks, again, otherwise=lambda: desk.tell("nothing was done")))
        elif said.refused or said.asks:
            undone()
            desk.tell(f"{what}: {said.refused or f'nothing was said, for you had gone on: {said.asks}'}", Ink.WARN)
        else:
            if not quiet:
                told = said.words.replace("u takes it back", f"{desk.keys.called('undo')} takes it back")
                desk.tell_writes(told if stays else what, said.writes, told)
            done()

    desk.shell.later(heard())


def _tell_fault(desk: Desk, what: str, error: OncallError, *, quiet: bool) -> None:
    """That it was not said, and that its words are still here. What is `quiet`, a draft, hides no other fault."""
    if quiet:
        if desk.told.ink is not Ink.ALARM:
            desk.tell(f"{what}: {error.words}", Ink.ALARM)
        return
    lost = "" if isinstance(error, ConfigError) else "nothing was said: "
    stays = " · the words are still here" if desk.editing and desk.shell.typed() else ""
    desk.tell(f"{what}: {lost}{error.words}{stays}", Ink.ALARM)
