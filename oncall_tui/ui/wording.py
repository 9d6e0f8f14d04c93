"""Keys of the editor that put words into it, and the one that chooses who reads them."""

from __future__ import annotations

from collections.abc import Sequence

from oncall_tui import phrases
from oncall_tui.model import Verb
from oncall_tui.ui import audience
from oncall_tui.ui.composing import Composing
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.ink import Ink
from oncall_tui.ui.keys import Key


def template(desk: Desk, key: Key) -> None:
    """Puts the next template in place of an empty text or of another template."""
    editing = desk.editing
    if editing is None:
        return
    said = _to_one_language(desk, editing) if editing.verb is Verb.REPLY else ""
    editing.templates = editing.templates or tuple(_templates(desk, editing))
    texts, typed = list(editing.templates), desk.shell.typed()
    if not texts:
        desk.tell("there are no templates", Ink.WARN)
    elif typed and typed not in texts:
        desk.tell("a template takes the place of nothing that you wrote: empty the text first", Ink.WARN)
    else:
        desk.shell.retype(texts[(texts.index(typed) + 1) % len(texts) if typed else 0])
        if said:
            desk.tell(said)


def _templates(desk: Desk, editing: Composing) -> Sequence[str]:
    if editing.verb is Verb.REPLY:
        return desk.advice.templates(editing.problem, audience.readers(desk))
    return desk.advice.notes(editing.problem)


def _to_one_language(desk: Desk, editing: Composing) -> str:
    """Makes the reply one for those who speak as the first of them does, and says so; "" when all of them do."""
    everyone = audience.readers(desk)
    together = audience.speaking_as(desk, everyone[0], everyone) if everyone else []
    if len(together) == len(everyone):
        return ""
    editing.to = tuple(hurt.name for hurt in together)
    first, *more = (hurt.name for hurt in everyone if hurt not in together)
    others = f"{first} and {len(more)} more read" if more else f"{first} reads"
    return f"{others} another language: {desk.keys.called('whom')} chooses them, for words of their own"


def whom(desk: Desk, key: Key) -> None:
    """From everyone who wrote to the first of them, the next, and back to everyone."""
    editing = desk.editing
    if editing is None or editing.verb is not Verb.REPLY:
        desk.tell("only colleagues read a note", Ink.WARN)
        return
    choices: list[tuple[str, ...]] = [(), *((hurt.name,) for hurt in editing.problem.customers if hurt.spoke)]
    if len(choices) <= 2:
        desk.tell(phrases.readers(editing.problem, editing.verb))
        return
    at = choices.index(editing.to) if editing.to in choices else -1
    before, editing.templates = editing.templates, ()
    editing.to = choices[(at + 1) % len(choices)]
    _turn(desk, editing, before)
    tongue = audience.mixed(desk, desk.shell.typed())
    desk.tell(f"to {editing.to[0] if editing.to else 'everyone who wrote'}{f'. {tongue}' if tongue else ''}")


def _turn(desk: Desk, editing: Composing, templates: Sequence[str]) -> None:
    """What was offered and is as it was is offered anew to those who read it now; `templates` are those of before."""
    typed = desk.shell.typed()
    if not typed:
        return
    if typed == editing.offered:
        editing.offered = desk.advice.first_words(editing.problem, audience.readers(desk))
        desk.shell.retype(editing.offered)
    elif typed in templates:
        editing.templates = tuple(_templates(desk, editing))
        desk.shell.retype(editing.templates[templates.index(typed) % len(editing.templates)])


def promise(desk: Desk, key: Key) -> None:
    """Adds the sentence that promises when they hear from us again."""
    if not desk.editing:
        return
    said = desk.advice.proposed(desk.editing.problem, audience.readers(desk)) if desk.editing.verb is Verb.REPLY else ""
    if said:
        desk.shell.retype(f"{desk.shell.typed()}\n\n{said}".lstrip())
    else:
        desk.tell("there is no promise to propose here", Ink.WARN)
