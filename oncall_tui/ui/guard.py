"""What arrives on standard input -> keys that a person pressed, text that was pasted, and nothing that a terminal said.

A stranger's text can make a terminal answer, and a paste can hold anything; neither may press a key. We ask the
terminal nothing, so every answer is one that we did not ask for. Pure: time is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple, TypeAlias

from oncall_tui import safe

TOGETHER_S = 0.015
"""Characters closer than this came together; a person's fastest roll is slower. So long a character waits to be a key."""

BURST = 3
"""So many characters of text together are a paste, not keys."""

TAINTED_S = 0.05
"""So long after an answer, a paste or a burst nothing is a key that does anything: it may be the rest of it."""

ESCAPE_S = 0.1
"""An ESC with nothing behind it for so long is the escape key (as Textual has it)."""

CUT_S = 0.5
"""A sequence that has not ended after so long a silence never will; it is dropped."""

PASTE_S = 1.0
"""A paste without an end is closed after so long a silence,"""

PASTE_MOST = 65536
"""or after so many characters; so is any other sequence."""

_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"

_WHOLE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|O[ -~]"  # SS3
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|(?=\x1b[^\\]))"  # a string, to its end or to the next ESC
    r"|[^\[\]PX^_O\x1b])"  # alt and a character
)

_ERASE = frozenset("\x08\x7f")
_MOVE = re.compile(r"\x1b(?:[\[O][A-DFH]|\[(?:1;\d)[A-DFH]|\[[1-8]~)")
"""Cursor keys and delete: in a burst over a slow line they belong to what is typed, and in a list they do no harm."""


class Key(NamedTuple):
    """One key: a character, or the whole sequence that the terminal sends for it."""

    sequence: str


class Paste(NamedTuple):
    """Text that was not typed key by key; already safe, with ``\\n`` as line end."""

    text: str


class Ignored(NamedTuple):
    """A key that came in the middle of text, as a paste may have it: it does nothing, and whoever did press it is told."""


Input: TypeAlias = Key | Paste | Ignored


class _Lexer:
    """Text as it was read -> single characters, whole sequences, whole pastes."""

    def __init__(self) -> None:
        self._rest = ""  # an unfinished sequence
        self._paste: str | None = None  # inside a bracketed paste: what came so far

    @property
    def patience_s(self) -> float | None:
        """The silence after which `give_up` has something to say; None when nothing is unfinished."""
        if self._paste is not None:
            return PASTE_S
        return (ESCAPE_S if self._rest == "\x1b" else CUT_S) if self._rest else None

    def feed(self, text: str) -> Iterator[str | Paste]:
        text, self._rest = self._rest + text, ""
        while text:
            if self._paste is not None:
                text = self._collect(text)
                if self._paste is None:
                    yield Paste(safe.prose(self._done))
            elif text[0] != "\x1b" or text.startswith("\x1b\x1b"):
                yield text[0]
                text = text[1:]
            elif whole := _WHOLE.match(text):
                text = text[whole.end() :]
                if whole[0] == _PASTE:
                    self._paste = ""
                else:
                    yield whole[0]
            else:
                self._rest, text = text[:PASTE_MOST], ""

    def _collect(self, text: str) -> str:
        """Take pasted text; only its end ends it, whatever else is inside. Returns what comes behind it."""
        body, end, behind = ((self._paste or "") + text).partition(_PASTE_END)
        if not end and len(body) < PASTE_MOST:
            self._paste = body
        else:
            self._done, self._paste = body, None
        return behind

    def give_up(self) -> Iterator[str | Paste]:
        """Nothing came for `patience_s`: a paste is closed, an ESC is the escape key, anything else is dropped."""
        if self._paste is not None:
            self._done, self._paste = self._paste, None
            yield Paste(safe.prose(self._done))
        elif self._rest == "\x1b":
            yield self._rest
        self._rest = ""


class Reader:
    """Feed it what was read and when (seconds on a clock that only runs forward); it says what that was.

    `is_key` tells whether a whole sequence is one that terminals send for a key.
    """

    def __init__(self, is_key: Callable[[str], bool]) -> None:
        self._is_key = is_key
        self._lexer = _Lexer()
        self._held: list[str] = []  # characters that may still turn out to be a burst
        self._last_at = float("-inf")
        self._answered_at = self._burst_at = float("-inf")

    def wait_s(self, now: float) -> float | None:
        """Seconds until `feed("", ...)` has something to say; None when only new input can change anything."""
        patience = [TOGETHER_S] if self._held else []
        if self._lexer.patience_s is not None:
            patience.append(self._lexer.patience_s)
        return max(self._last_at + min(patience) - now, 0.0) if patience else None

    def feed(self, text: str, at: float) -> list[Input]:
        """Take what was read at that time ("" when nothing was) and return the input that is certain by then."""
        found: list[Input] = []
        silence = at - self._last_at
        if silence >= TOGETHER_S:
            found += self._release()
        if self._lexer.patience_s is not None and silence >= self._lexer.patience_s:
            for piece in self._lexer.give_up():
                found += [Key(piece)] if isinstance(piece, str) else self._judge(piece, at)
        if text:
            self._last_at = at
        for piece in self._lexer.feed(text):
            found += self._judge(piece, at)
        return found

    def _judge(self, piece: str | Paste, at: float) -> Iterator[Input]:
        if isinstance(piece, Paste):
            yield from self._release()
            self._burst_at = at
            yield piece
        elif len(piece) == 1 and piece != "\x1b":
            self._held.append(piece)
        elif self._is_answer(piece):
            yield from self._release()
            self._answered_at = at
        else:
            yield from self._release()
            if at - self._answered_at >= TAINTED_S and (at - self._burst_at >= TAINTED_S or _MOVE.fullmatch(piece)):
                yield Key(piece)

    def _is_answer(self, piece: str) -> bool:
        """Whether a terminal says this by itself: whatever is no key. A cursor report looks like f3: then it is one."""
        return not self._is_key(piece) or (piece.startswith("\x1b[") and piece.endswith("R"))

    def _release(self) -> Iterator[Input]:
        """Decide about the characters that are held: keys, or a paste that came without brackets."""
        held, self._held = self._held, []
        if not held:
            return
        tainted = self._last_at - max(self._answered_at, self._burst_at) < TAINTED_S
        if not tainted and sum(map(_is_text, held)) < BURST:
            yield from map(Key, held)
            return
        self._burst_at = self._last_at
        for what, run in groupby((char for char in held if _is_text(char) or char in _ERASE), _is_text):
            if what:
                yield Paste(safe.prose("".join(run)))
            else:
                yield from map(Key, run)
        if not all(_is_text(char) or char in _ERASE for char in held):
            yield Ignored()


def _is_text(char: str) -> bool:
    return char.isprintable() or char in "\r\n\t"
