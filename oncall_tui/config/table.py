"""A table of the configuration that knows where it stands, so that each wrong value is told by file, line and key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from oncall_tui import words
from oncall_tui.config.lines import Path
from oncall_tui.errors import ConfigError

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

_TYPES = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}


@dataclass(frozen=True, slots=True)
class Table:
    """`values` at `path` in `file`; `lines` tells where each key stands. Every reader raises `ConfigError`."""

    values: Mapping[str, Any]
    file: str
    lines: Mapping[Path, int]
    path: Path = ()

    def fault(self, key: str | int, wrong: str) -> ConfigError:
        """The error that tells `wrong` of `key` (or, with an empty key, of this table)."""
        path = (*self.path, key) if key != "" else self.path
        return ConfigError(wrong, file=self.file, line=self._line(path), key=dotted(path))

    def _line(self, path: Path) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def only(self, *allowed: str) -> None:
        """Refuses a key that is not `allowed`, with the near one if there is one."""
        for key in self.values:
            if key not in allowed:
                raise self.fault(key, f"unknown key; {near(key, allowed)}")

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def _typed(self, key: str, type_: type[T], wanted: str) -> T:
        value = self.values[key]
        if not isinstance(value, type_) or (isinstance(value, bool) and type_ is not bool):
            raise self.fault(key, f"must be {wanted}, not {_TYPES.get(type(value), 'a time')}")
        return value

    def text(self, key: str, default: str | None = "", *, like: str = "a text") -> str:
        """One text without line ends, trimmed; a `default` of None means that it must be there and not be empty."""
        if key not in self.values:
            if default is None:
                raise self.fault("", f"{key} is missing: it must be {like}")
            return default
        text = self._typed(key, str, like).strip()
        if (default is None and not text) or not text.isprintable():
            raise self.fault(key, f"must be {like}, " + ("without control characters" if text else "and is empty"))
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none of them empty."""
        values = self._typed(key, list, 'a list of texts, as ["one", "two"]') if key in self.values else []
        for place, value in enumerate(values):
            if not isinstance(value, str) or not value.strip() or not value.isprintable():
                raise Table({}, self.file, self.lines, (*self.path, key)).fault(
                    place, "must be a text that is not empty"
                )
        return tuple(value.strip() for value in values)

    def choice(self, key: str, default: E) -> E:
        """One of the words of `default`'s kind."""
        text = self.text(key, default.value)
        try:
            return type(default)(text)
        except ValueError:
            raise self.fault(key, f"{text!r} is not allowed; {near(text, tuple(type(default)))}") from None

    def flag(self, key: str, *, default: bool) -> bool:
        """true or false."""
        return self._typed(key, bool, "true or false") if key in self.values else default

    def seconds(self, key: str, default: float, *, least: float = 0.0, most: float = float("inf")) -> float:
        """A duration such as ``"15s"``, in seconds."""
        if key not in self.values:
            return default
        like = 'a duration such as "15s", "5m", "2h" or "30d"'
        try:
            value = words.seconds(self._typed(key, str, like))
        except ValueError:
            raise self.fault(key, f"must be {like}") from None
        if not least <= value <= most:
            raise self.fault(key, f"must be {_range(least, most, words.length)}")
        return value

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        """A finite number from `least` to `most`."""
        if key not in self.values:
            return default
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fault(key, "must be a number")
        if not least <= value <= most:
            raise self.fault(key, f"must be {_range(least, most, lambda n: f'{n:g}')}")
        return float(value)

    def table(self, key: str, *, required: str = "") -> Table:
        """The table under `key`, empty when there is none; `required` says what to write when there must be one."""
        if key not in self.values:
            if required:
                raise self.fault("", f"[{dotted((*self.path, key))}] is missing: {required}")
            return self._below({}, key)
        value = self.values[key]
        if not isinstance(value, dict):
            raise self.fault(key, f"must be a table: [{dotted((*self.path, key))}]")
        return self._below(value, key)

    def tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """Each named table under `key`: ``[sources.am]`` gives ``"am"`` and its table."""
        table = self.table(key)
        for name in table.values:
            yield name, table.table(name)

    def listed(self, key: str, like: str) -> Iterator[Table]:
        """Each table of the list under `key`."""
        values = self._typed(key, list, like) if key in self.values else []
        for place, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.fault(key, f"must be {like}")
            yield Table(value, self.file, self.lines, (*self.path, key, place))

    def strings(self, key: str) -> Mapping[str, str]:
        """A table of texts: ``{ tenant = "korenaar" }``."""
        table = self.table(key)
        return {name: table.text(name, None) for name in table.values}

    def _below(self, values: Mapping[str, Any], key: str) -> Table:
        return Table(values, self.file, self.lines, (*self.path, key))


def near(word: str, allowed: Iterable[str]) -> str:
    """What is allowed, in words, with the one that was probably meant first."""
    import difflib  # noqa: PLC0415 (only a fault needs it)

    names = [str(name) for name in allowed]
    close = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return f"{meant}allowed: {', '.join(names)}"


def dotted(path: Path) -> str:
    """``customers."De Korenaar".moments[0].at``, as it can be written in TOML."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            bare = re.fullmatch(r"[A-Za-z0-9_-]+", part)
            written += ("." if written else "") + (part if bare else f'"{part}"')
    return written


def _range(least: float, most: float, say: Callable[[float], str]) -> str:
    if most == float("inf"):
        return f"{say(least)} or more"
    return f"from {say(least)} to {say(most)}"
