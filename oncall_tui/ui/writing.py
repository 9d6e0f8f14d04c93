"""Notes and replies: opening the editor, keeping the draft, and sending what is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

from msgspec.structs import replace

from oncall_tui import phrases, words
from oncall_tui.model import Draft, Hurt, Problem, Saying, Verb
from oncall_tui.ui.advice import Heard
from oncall_tui.ui.asking import confirm
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.ink import Ink, Line, cut, line
from oncall_tui.ui.keys import Key

_CANNOT = {
    Verb.ACKNOWLEDGE: "take it",
    Verb.RELEASE: "give it back",
    Verb.NOTE: "write a note",
    Verb.REPLY: "write to the customer",
    Verb.RESOLVE: "resolve it",
    Verb.SNOOZE: "snooze it there",
}


def cannot(desk: Desk, verb: Verb, problem: Problem) -> bool:
    """Whether no source of this problem can be told that, which is then said."""
    sources = {signal.source for signal in problem.signals}
    known = [health for health in (desk.board.sources if desk.board else ()) if health.name in sources]
    if len(known) < len(sources) or any(verb in health.can for health in known):
        return False
    names = ", ".join(f"{health.name} ({health.kind})" for health in known)
    desk.tell(f"cannot {_CANNOT[verb]}: {names} cannot be told that", Ink.WARN)
    return True


def write(desk: Desk, key: Key) -> None:
    """Opens the editor for the key's verb, with the words that were left unsent there."""
    problem = desk.target()
    if problem is None or key.verb is None or cannot(desk, key.verb, problem):
        return
    draft = _draft(desk, key.verb, problem)
    open_editor(desk, key.verb, problem, draft.text if draft else "")
    if draft:
        desk.tell(f"your draft of {words.clock(draft.saved_at)}")


def open_editor(desk: Desk, verb: Verb, problem: Problem, text: str) -> None:
    """Opens it under the problem, so that what they said stays in sight."""
    desk.page = None
    desk.editing, desk.to = (verb, problem), ""
    desk.templates = ()
    desk.shell.open_editor(verb, problem, text)


def _draft(desk: Desk, verb: Verb, problem: Problem) -> Draft | None:
    """Words that were left unsent about this problem, or about signals that are part of it now."""
    for draft in desk.board.drafts if desk.board else ():
        same = draft.problem == problem.id or not set(draft.refs).isdisjoint(problem.refs)
        if draft.verb is verb and same:
            return draft
    return None


def keep(desk: Desk, text: str) -> None:
    """Saves what is being typed; it is said only when that fails."""
    if desk.editing:
        verb, problem = desk.editing
        desk.wait(desk.engine.draft(problem, verb, text), "your draft is not saved", quiet=True)


def send(desk: Desk, key: Key) -> None:
    """Sends what is written: a note at once, a reply after one question that names who reads it."""
    if not desk.editing:
        return
    verb, problem = desk.editing
    text = desk.shell.typed()
    if why := why_not(text, readers(desk), _in_their_words(desk, text)):
        desk.tell(why, Ink.WARN)
    elif verb is Verb.REPLY:
        each = ", each in their own ticket" if len(readers(desk)) > 1 else ""
        desk.ask(confirm(f"{phrases.readers(problem, verb, to=desk.to)}{each}. Send?", partial(_post, desk, text)))
    else:
        _post(desk, text)


def why_not(text: str, to: Sequence[Hurt] = (), told: Mapping[str, str] = MappingProxyType({})) -> str:
    """Why these words cannot be sent, `told` as each reader will be; "" when they can."""
    if not text.strip():
        return "there is nothing to send yet"
    for whom, said in (told or {"": text}).items():
        if left := re.search(r"\{[a-z_]+\}", said):
            return f"fill in {left.group()} first" + (f": it is not known of {whom}" if len(to) > 1 else "")
    return ""


def readers(desk: Desk) -> tuple[Hurt, ...]:
    """Who will read the reply that is written: every customer who wrote, or the one who was chosen."""
    if not desk.editing or desk.editing[0] is not Verb.REPLY:
        return ()
    wrote = [hurt for hurt in desk.editing[1].customers if hurt.spoke]
    return tuple(hurt for hurt in wrote if desk.to in ("", hurt.name))


def _in_their_words(desk: Desk, text: str) -> Mapping[str, str]:
    """What each customer is told, by name: with their own names in it."""
    return {hurt.name: desk.advice.filled(text, hurt) for hurt in readers(desk)}


def _addressed(desk: Desk, text: str) -> Mapping[str, str]:
    """As the engine wants it: empty when everyone who wrote is told the same."""
    told = _in_their_words(desk, text)
    return told if desk.to or any(said != text for said in told.values()) else {}


def _post(desk: Desk, text: str) -> None:
    if desk.editing:
        verb, problem = desk.editing
        promise_at = desk.advice.promised(text, desk.now()) if verb is Verb.REPLY else None
        _say(desk, Saying(verb, problem, text, to=_addressed(desk, text), promise_at=promise_at))


def _say(desk: Desk, saying: Saying) -> None:
    again = partial(_say, desk, replace(saying, sure=True))
    done = partial(_posted, desk, saying.verb, saying.problem)
    desk.wait(desk.engine.say(saying), words.VERB[saying.verb], again=again, done=done)


def _posted(desk: Desk, verb: Verb, problem: Problem) -> None:
    """It is in the outbox, on disk: only now the words may leave the screen."""
    if desk.editing == (verb, problem):
        keep(desk, "")
        _close(desk)


def leave(desk: Desk, key: Key) -> None:
    """Leaves the editor; the words are kept."""
    text = desk.shell.typed()
    keep(desk, text)
    _close(desk)
    desk.tell("kept as a draft" if text else "nothing was written")


def _close(desk: Desk) -> None:
    desk.editing = None
    desk.shell.close_editor()


def template(desk: Desk, key: Key) -> None:
    """Puts the next template in place of an empty text or of another template."""
    if not desk.editing:
        return
    desk.templates = desk.templates or tuple(desk.advice.templates(desk.editing[1], readers(desk)))
    texts, typed = list(desk.templates), desk.shell.typed()
    if not texts:
        desk.tell("there are no templates", Ink.WARN)
    elif typed and typed not in texts:
        desk.tell("a template takes the place of nothing that you wrote: empty the text first", Ink.WARN)
    else:
        desk.shell.retype(texts[(texts.index(typed) + 1) % len(texts) if typed else 0])


def whom(desk: Desk, key: Key) -> None:
    """From everyone who wrote to the first of them, the next, and back to everyone."""
    if not desk.editing or desk.editing[0] is not Verb.REPLY:
        desk.tell("only colleagues read a note", Ink.WARN)
        return
    names = ["", *(hurt.name for hurt in desk.editing[1].customers if hurt.spoke)]
    if len(names) <= 2:
        desk.tell(phrases.readers(desk.editing[1], desk.editing[0]))
        return
    desk.to = names[(names.index(desk.to) + 1) % len(names)]
    desk.templates = ()
    desk.tell(f"to {desk.to or 'everyone who wrote'}")


def promise(desk: Desk, key: Key) -> None:
    """Adds the sentence that promises when they hear from us again."""
    if not desk.editing:
        return
    said = desk.advice.proposed(desk.editing[1]) if desk.editing[0] is Verb.REPLY else ""
    if said:
        desk.shell.retype(f"{desk.shell.typed()}\n\n{said}".lstrip())
    else:
        desk.tell("there is no promise to propose here", Ink.WARN)


def outside(desk: Desk, key: Key) -> None:
    """Goes on writing in $EDITOR; the draft is on disk before, and the words are back after."""
    keep(desk, desk.shell.typed())
    if why := desk.shell.edit_outside():
        desk.tell(why, Ink.WARN)


def heard(desk: Desk, text: str) -> Sequence[Heard]:
    """What the customer will hear in a reply; colleagues are not spared."""
    if not desk.editing or desk.editing[0] is not Verb.REPLY or not text:
        return ()
    return desk.advice.hints(text, desk.editing[1])


def advice(desk: Desk, text: str, cells: int) -> list[Line]:
    """What stands below the words while they are typed: what they promise, and what will be heard in them."""
    if not desk.editing or desk.editing[0] is not Verb.REPLY or not text:
        return []
    lines = [line(cut(f" {hint.words}", cells), ink=Ink.WARN) for hint in heard(desk, text)][:2]
    if promise_at := desk.advice.promised(text, desk.now()):
        lines.append(line(f" they expect to hear from you by {words.clock(promise_at)}", ink=Ink.REPLY))
    elif desk.editing[1].on_fire:
        said = desk.advice.proposed(desk.editing[1])
        add = f" {desk.keys.called('promise')} adds “{said}”" if said else " when will they hear from you again?"
        lines.append(line(cut(f" no promise in it:{add}", cells), ink=Ink.DIM))
    return lines
