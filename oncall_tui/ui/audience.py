"""Who reads a reply: chosen among the customers who wrote, each told what is theirs of it, asked about before it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from oncall_tui import phrases
from oncall_tui.model import Hurt, Problem, Verb
from oncall_tui.ui.asking import Question, confirm
from oncall_tui.ui.composing import Composing
from oncall_tui.ui.desk import Desk


def speaking_as(desk: Desk, one: Hurt, readers: Sequence[Hurt]) -> list[Hurt]:
    """Those of them who speak the language of that one."""
    return [hurt for hurt in readers if desk.advice.language(hurt) == desk.advice.language(one)]


def readers(desk: Desk) -> tuple[Hurt, ...]:
    """Who will read the reply that is written: every customer who wrote, or the one who was chosen."""
    editing = desk.editing
    if editing is None or editing.verb is not Verb.REPLY:
        return ()
    return tuple(hurt for hurt in editing.problem.customers if hurt.spoke and hurt.name in (editing.to or (hurt.name,)))


def in_their_words(desk: Desk, text: str) -> Mapping[str, str]:
    """What each customer is told, by name: with their own names in it."""
    return {hurt.name: desk.advice.filled(text, hurt) for hurt in readers(desk)}


def addressed(desk: Desk, text: str) -> Mapping[str, str]:
    """As the engine wants it: empty when everyone who wrote is told the same."""
    told = in_their_words(desk, text)
    is_meant = desk.editing and desk.editing.to
    return told if is_meant or any(said != text for said in told.values()) else {}


_FEW = 3
"""So many readers are named in the question itself; more are a list above it."""


def goes_to(desk: Desk, editing: Composing, text: str, then: Callable[[], None]) -> Question:
    """The one question before a reply, which says to whom it goes, and whom it names that should not be named to them."""
    problem = editing.problem
    them = phrases.reading(problem, to=editing.to)
    named = " and ".join(_named_to_others(desk, problem, text)[:_FEW])
    told = [mixed(desk, text), f"It names {named} to somebody else." if named else "", "Send?"]
    asked = " ".join(filter(None, told))
    if len(them) > _FEW:
        said = f"{len(them)} customers read this, each in their own ticket. {asked}"
        return confirm(said, then, title=f"it goes to {len(them)} customers", about=tuple(them))
    each = ", each in their own ticket" if len(them) > 1 else ""
    return confirm(f"{phrases.readers(problem, editing.verb, to=editing.to)}{each}. {asked}", then)


_NAMES = {"nl": "Dutch", "en": "English"}


def mixed(desk: Desk, text: str) -> str:
    """In which language it is, where not all of its readers speak that one; "" where they do, or nobody can tell."""
    spoken = {desk.advice.language(one) for one in readers(desk)} - {""}
    name = _NAMES.get(desk.advice.told_by(text), "")
    if len(spoken) > 1:
        return f"They do not share a language{f': it is in {name}' if name else ''}."
    return f"It is in {name}." if name and spoken and name != _NAMES.get(*spoken) else ""


def _named_to_others(desk: Desk, problem: Problem, text: str) -> Sequence[str]:
    """Whom somebody reads about who is not they: each reads what is theirs of it, with their own name in it."""
    elsewhere = (*desk.board.problems, *desk.board.aside) if desk.board else ()
    told = [(one, desk.advice.filled(text, one)) for one in readers(desk)]
    return desk.advice.strangers(told, problem, elsewhere)
