"""On which line of a TOML text each key stands; `tomllib` tells that only of what it cannot parse.

It walks a text that `tomllib` has already accepted, so it only has to find the ends of things, not to judge them.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Mapping
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys from the top, with numbers for places in arrays: ``("customers", "Smit", "moments", 0, "at")``."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*("(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]*")


def lines(text: str) -> Mapping[Path, int]:
    """Each key's path -> its line in `text`, counted from 1. `text` must be valid TOML."""
    walk = _Walk(text)
    walk.document()
    return walk.found


class _Walk:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.ends = [end.start() for end in re.finditer("\n", text)]
        self.found: dict[Path, int] = {}
        self.elements: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)

    def header(self) -> Path:
        start, is_array = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        path = self.inside(self.keys(), start)
        self.at += 2 if is_array else 1
        if is_array:
            self.elements[path] = self.elements.get(path, -1) + 1
            self.note(path, start)
            path = (*path, self.elements[path])
        self.note(path, start)
        return path

    def inside(self, keys: tuple[str, ...], start: int) -> Path:
        """`keys` with the number of the latest element put in after each key that is an array of tables."""
        path: Path = ()
        for key in keys[:-1]:
            path = (*path, key)
            path = (*path, self.elements[path]) if path in self.elements else path
            self.note(path, start)
        return (*path, keys[-1])

    def pair(self, table: Path) -> None:
        start, path = self.at, table
        for key in self.keys():
            path = (*path, key)
            self.note(path, start)
        self.at += 1
        self.value(path)

    def keys(self) -> tuple[str, ...]:
        keys = [self.key()]
        while self.text.startswith(".", self.at):
            self.at += 1
            keys.append(self.key())
        return tuple(keys)

    def key(self) -> str:
        raw = self.skip(_KEY).strip()
        return str(tomllib.loads(f"key = {raw}")["key"]) if raw[0] in "\"'" else raw

    def value(self, path: Path) -> None:
        self.skip(_BLANK)
        opening = self.text[self.at]
        if opening in "[{":
            self.items(path, "]" if opening == "[" else "}")
        elif opening in "\"'":
            self.skip(_STRING)
        else:
            self.skip(_BARE)

    def items(self, path: Path, end: str) -> None:
        """The inside of an array or an inline table, up to and with `end`."""
        self.at += 1
        number = 0
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == end:
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
            elif end == "}":
                self.pair(path)
            else:
                self.note((*path, number), self.at)
                self.value((*path, number))
                number += 1

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not TOML at {self.at}")
        self.at = match.end()
        return match[0]

    def note(self, path: Path, at: int) -> None:
        self.found.setdefault(path, bisect_left(self.ends, at) + 1)
