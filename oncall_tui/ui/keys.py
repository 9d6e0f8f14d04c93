"""Every key in one table: what it does, where it works and how the help calls it; `[keys]` rebinds, a conflict is an error.

No key needs ctrl+s or ctrl+q (flow control), ctrl+a or ctrl+b (the prefix of screen and tmux), ctrl+m (enter), a function
key or a mouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oncall_tui.model import Verb
from oncall_tui.ui import rebinding
from oncall_tui.ui.ink import Ink, Line, Piece, clip, line, width
from oncall_tui.ui.key import Key, Where

__all__ = ["TABLE", "Key", "Keys", "Where"]


def _focus(name: str, key: str, short: str, long: str, *, verb: Verb | None = None, bar: int = 0) -> Key:
    return Key(name=name, key=key, where=Where.FOCUS, short=short, long=long, verb=verb, bar=bar)


TABLE: tuple[Key, ...] = (
    _focus(
        "take",
        "a",
        "I'm on it",
        "take the problem: every source is told that you have it",
        verb=Verb.ACKNOWLEDGE,
        bar=1,
    ),
    _focus("reply", "r", "reply", "write to the customer; they read it", verb=Verb.REPLY, bar=2),
    _focus("note", "n", "note", "write to colleagues; the customer does not see it", verb=Verb.NOTE, bar=3),
    _focus("snooze", "z", "snooze", "put it out of the way for a while, here or at the source", bar=5),
    _focus("undo", "u", "undo", "take the last thing back, as far as its source allows", bar=6),
    _focus("go", "g", "go", "go to the most urgent problem, and back again", bar=7),
    _focus("open", "o", "open", "show its links, to copy", bar=8),
    _focus("queue", "q", "queue", "every problem, most urgent first", bar=4),
    _focus("explain", "e", "explain", "why it has this place: every factor and its points", bar=9),
    _focus("story", "t", "story", "what happened so far, in order", bar=10),
    _focus("sources", "s", "sources", "the sources' health and the outbox", bar=11),
    _focus("handover", "H", "handover", "what the colleague who comes next must know, to copy or to note"),
    _focus("impact", "i", "impact", "say by hand how bad it is for them"),
    _focus("split", "x", "split", "take a signal out: it is another problem"),
    _focus("join", "j", "join", "put it together with another problem"),
    _focus("release", "R", "give it back", "give it back: nobody has it then", verb=Verb.RELEASE),
    Key(
        name="ask",
        key="A",
        where=Where.FOCUS,
        short="ask now",
        long="ask every source now",
        also=(Where.OUTBOX,),
        bar=14,
    ),
    _focus("resolve", "D", "solved", "say to its sources that it is solved; asks once", verb=Verb.RESOLVE),
    _focus("reload", "ctrl+r", "configuration", "read the configuration again"),
    _focus("figures", "F", "figures", "how long each customer was alone, and which promises were kept"),
    Key(name="help", key="?", where=Where.ANYWHERE, short="help", long="every key", bar=12),
    Key(name="palette", key=":", where=Where.ANYWHERE, short="do", long="find what to do by a few letters", bar=13),
    Key(name="quit", key="ctrl+c", where=Where.ANYWHERE, short="quit", long="leave; what waits in the outbox is kept"),
    Key(name="back", key="escape", where=Where.ANYWHERE, short="back", long="back to the problem"),
    Key(name="filter", key="/", where=Where.QUEUE, short="filter", long="show only what holds these letters", bar=2),
    Key(
        name="choose",
        key="enter",
        where=Where.QUEUE,
        short="choose",
        long="put it on the screen, or do with it what the list is for",
        bar=1,
    ),
    Key(name="group", key="c", where=Where.QUEUE, short="by customer", long="group by customer, or not", bar=3),
    Key(
        name="aside",
        key="z",
        where=Where.QUEUE,
        short="out of the way",
        long="what is snoozed or silenced, or not",
        bar=4,
    ),
    Key(
        name="send_again", key="r", where=Where.OUTBOX, short="send again", long="send the chosen write (again)", bar=1
    ),
    Key(
        name="withdraw",
        key="w",
        where=Where.OUTBOX,
        short="withdraw",
        long="do not send the chosen write; throw a draft away",
        bar=2,
    ),
    Key(name="go_on", key="enter", where=Where.OUTBOX, short="go on", long="go on writing the chosen draft", bar=3),
    Key(
        name="copy_words",
        key="c",
        where=Where.OUTBOX,
        short="copy",
        long="copy the words of the chosen write or draft",
        bar=4,
    ),
    Key(name="copy", key="enter", where=Where.LINKS, short="copy", long="copy the chosen address", bar=1),
    Key(name="copy_all", key="c", where=Where.HANDOVER, short="copy", long="copy all of it", bar=1),
    Key(
        name="hand_over",
        key="n",
        where=Where.HANDOVER,
        short="as a note",
        long="write it as a note to the problem on the screen",
        bar=2,
        verb=Verb.NOTE,
    ),
    Key(name="send", key="ctrl+o", where=Where.EDITOR, short="send", long="send what is written", bar=1),
    Key(
        name="template", key="ctrl+t", where=Where.EDITOR, short="template", long="begin with the next template", bar=3
    ),
    Key(name="whom", key="ctrl+r", where=Where.EDITOR, short="to whom", long="to everyone who wrote, or to one", bar=5),
    Key(
        name="promise",
        key="ctrl+g",
        where=Where.EDITOR,
        short="promise",
        long="add the promise that is proposed",
        bar=4,
    ),
    Key(name="outside", key="ctrl+e", where=Where.EDITOR, short="$EDITOR", long="go on writing in $EDITOR", bar=6),
    Key(
        name="writing_keys",
        key="ctrl+p",
        where=Where.EDITOR,
        short="keys",
        long="every key of the editor, above the words",
    ),
    Key(
        name="leave",
        key="escape",
        where=Where.EDITOR,
        short="draft",
        long="leave; the words are kept as a draft",
        bar=2,
    ),
)


class Keys:
    """The table as the engineer configured it."""

    def __init__(self, rebound: Mapping[str, str] | None = None) -> None:
        """`rebound` maps a key's name to another key. Raises `ConfigError` for an unknown name, key or a conflict."""
        self._table = rebinding.rebound(TABLE, rebound or {})
        general_first = sorted(self._table, key=lambda key: key.where is not Where.ANYWHERE)
        self._found = {(where, key.key): key for key in general_first for where in key.places}

    def __iter__(self) -> Iterator[Key]:
        return iter(self._table)

    def find(self, where: Where, pressed: str) -> Key | None:
        """The key that was pressed there, if it means anything."""
        return self._found.get((where, pressed))

    def named(self, name: str) -> Key:
        """The key of that name."""
        return next(key for key in self._table if key.name == name)

    def called(self, name: str) -> str:
        """The key that does `name`, as it is written."""
        return self.named(name).key

    def bar(self, where: Where, cells: int) -> Line:
        """The keys that matter most there, as many as fit; the help is always among them."""
        here = (k for k in self._table if k.bar and where in (k.where, *k.also))
        shown = sorted(here, key=lambda k: k.bar)
        last = _hint(self.named("writing_keys" if where is Where.EDITOR else "help"))
        pieces: Line = ()
        for key in shown:
            if width(pieces) + width(_hint(key)) + width(last) > cells:
                break
            pieces += _hint(key)
        return clip((*pieces, *last), cells)


def _hint(key: Key) -> Line:
    return line(" ", Piece(key.key, Ink.KEY), f" {key.short} ")
