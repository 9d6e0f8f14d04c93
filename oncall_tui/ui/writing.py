"""Notes and replies: opening the editor, keeping the draft, and sending what is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from oncall_tui import words
from oncall_tui.model import Draft, Problem, Saying, Verb
from oncall_tui.ui import audience, telling
from oncall_tui.ui.answers import tell_answer
from oncall_tui.ui.composing import Composing
from oncall_tui.ui.desk import Desk, nothing
from oncall_tui.ui.ink import Ink
from oncall_tui.ui.keys import Key


def write(desk: Desk, key: Key) -> None:
    """Opens the editor for the key's verb, with the words that were left unsent there."""
    problem = desk.hands.problem
    if problem is None or key.verb is None or desk.no_target():
        desk.decline(desk.no_target())
    elif why := telling.cannot(desk, key.verb, problem):
        desk.decline(why)
    else:
        begin(desk, key.verb, problem)


def begin(desk: Desk, verb: Verb, problem: Problem) -> None:
    """Opens the editor, with the draft if there is one."""
    if draft := draft_of(desk, verb, problem):
        resume(desk, draft, problem)
    else:
        open_editor(desk, Composing(verb, problem), "")


def resume(desk: Desk, draft: Draft, problem: Problem) -> None:
    """Goes on with a draft, which belongs to this problem from now on."""
    verb = draft.verb
    was = draft.problem if draft.problem != problem.id else ""
    open_editor(desk, Composing(verb, problem, was=was), draft.text)
    if was:
        keep(desk, draft.text)
    desk.tell(f"your draft of {words.when(draft.saved_at, desk.now())}")


def open_editor(desk: Desk, composing: Composing, text: str) -> None:
    """Opens it under the problem, so that what they said stays in sight."""
    desk.page = None
    desk.editing = composing
    desk.shell.open_editor(composing.verb, composing.problem, text)


def draft_of(desk: Desk, verb: Verb, problem: Problem) -> Draft | None:
    """Words that were left unsent about this problem, else about signals that are part of it now."""
    drafts = [draft for draft in (desk.board.drafts if desk.board else ()) if draft.verb is verb]
    own = (draft for draft in drafts if draft.problem == problem.id)
    taken_over = (draft for draft in drafts if not set(draft.refs).isdisjoint(problem.refs))
    return next(own, None) or next(taken_over, None)


def keep(desk: Desk, text: str) -> None:
    """Saves what is being typed; it is said only when that fails."""
    if desk.editing:
        _keep(desk, desk.editing, text)


def _keep(desk: Desk, editing: Composing, text: str, unkept: Callable[[], None] = nothing) -> None:
    """What is on its way already is kept as it was: once there it is no draft any more."""
    editing.text = text
    if editing.sent != text:
        editing.kept = desk.engine.draft(editing.problem, editing.verb, editing.left(text), was=editing.was)
        tell_answer(desk, editing.kept, "your draft is not saved", quiet=True, undone=unkept)


def keep_at_end(desk: Desk, text: str) -> None:
    """As `keep`, from another thread and waiting for no answer: nobody is there any more to be told."""
    if (editing := desk.editing) and editing.sent != text:
        editing.text = text
        editing.kept = desk.engine.draft(editing.problem, editing.verb, editing.left(text), was=editing.was)


def unkept(desk: Desk) -> str:
    """The words in the editor, with why our disk does not have them; "" when it has them. For after the end."""
    editing = desk.editing
    why = editing.why_unkept() if editing else ""
    if editing is None or not (why and editing.text.strip()):
        return ""
    return (
        f"Your {editing.verb.value} about {editing.problem.title} was not saved: {why}. "
        f"Copy its words from here:\n\n{editing.text}"
    )


def send(desk: Desk, key: Key) -> None:
    """Sends what is written: a note at once, a reply after one question that names who reads it."""
    editing = desk.editing
    if editing is None:
        return
    text = desk.shell.typed()
    if editing.sent is not None:
        desk.tell("it is being saved already: wait for that before you send more", Ink.WARN)
    elif why := why_not(desk, text):
        desk.tell(why, Ink.WARN)
    elif editing.verb is Verb.REPLY:
        desk.ask(audience.goes_to(desk, editing, text, partial(_post, desk, editing, text)))
    else:
        _post(desk, editing, text)


def why_not(desk: Desk, text: str) -> str:
    """Why these words cannot be sent; "" when they can. In a note braces are only text."""
    if not text.strip():
        return "there is nothing to send yet"
    if desk.editing is None or desk.editing.verb is not Verb.REPLY:
        return ""
    told = audience.in_their_words(desk, text) or {"": text}
    for whom, said in told.items():
        for left in desk.advice.unfilled(said)[:1]:
            return f"fill in {{{left}}} first" + (f": it is not known of {whom}" if len(told) > 1 else "")
    return ""


def _post(desk: Desk, editing: Composing, text: str) -> None:
    """Gives the words to the engine. They are a draft before that, so that they are on disk whatever it answers."""
    verb, problem = editing.verb, editing.problem
    promise_at = desk.advice.promised(text, desk.now()) if verb is Verb.REPLY else None
    _say(desk, editing, text, Saying(verb, problem, text, to=audience.addressed(desk, text), promise_at=promise_at))


def _say(desk: Desk, editing: Composing, text: str, saying: Saying) -> None:
    keep(desk, text)
    answer = editing.kept = desk.engine.say(saying)
    editing.sent = text
    tell_answer(
        desk,
        answer,
        words.VERB[saying.verb],
        again=partial(_say, desk, editing, text, replace(saying, sure=True)),
        done=partial(_posted, desk, editing),
        undone=partial(_not_posted, desk, editing),
    )


def _posted(desk: Desk, editing: Composing) -> None:
    """It is in the outbox, on disk: only now the words may leave the screen, but for those that were typed since."""
    if desk.editing is not editing:
        return
    if left := editing.left(desk.shell.typed()):
        editing.sent = None
        desk.shell.retype(left)
        keep(desk, left)
        desk.tell(f"{desk.told.text} · what you typed since is still here")
    else:
        _close(desk)


def _not_posted(desk: Desk, editing: Composing) -> None:
    """All the words are still to be sent, also those that were left here meanwhile."""
    editing.sent = None
    _keep(desk, editing, desk.shell.typed() if desk.editing is editing else editing.text)


def leave(desk: Desk, key: Key) -> None:
    """Leaves the editor; the words are kept, else it is open again."""
    editing, text = desk.editing, desk.shell.typed()
    if editing is None:
        return
    left = editing.left(text)
    _keep(desk, editing, text, partial(_open_again, desk, editing, left))
    _close(desk)
    if left or not text:
        desk.tell("kept as a draft" if left else "nothing was written")


def _open_again(desk: Desk, editing: Composing, left: str) -> None:
    """Our disk did not take the draft: the only place where its words are is the screen."""
    if left and desk.editing is None and desk.question is None:
        open_editor(desk, editing, left)


def _close(desk: Desk) -> None:
    desk.editing = desk.glance = None
    desk.shell.close_editor()


def outside(desk: Desk, key: Key) -> None:
    """Goes on writing in $EDITOR; the draft is on disk before, and the words are back after."""
    if desk.editing and desk.editing.sent is not None:
        desk.tell("it is being saved already: wait for that before you write more", Ink.WARN)
        return
    keep(desk, desk.shell.typed())
    desk.shell.later(_outside(desk))


async def _outside(desk: Desk) -> None:
    if why := await desk.shell.edit_outside():
        desk.tell(why, Ink.WARN)
