"""A JSON object of a stranger's, read field by field: each is named once, where it is used, with whether it may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn

import msgspec

from oncall_tui.kit.decoding import decode
from oncall_tui.kit.exchange import GONE, Exchange, Request, Response
from oncall_tui.kit.reading import at, when


class Record:
    """One object. A path leads into what it holds: ``"author.name"``. Null is missing, as is what lies below what is no object.

    What is missing or of another shape raises `ValueError`, by name, unless it may be missing.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    @classmethod
    def read(cls, raw: bytes | msgspec.Raw) -> Record:
        """One object of a list, that was not read with it. Raises msgspec's errors."""
        return cls(decode(raw, dict[str, Any]))

    @classmethod
    def of(cls, answer: Response, path: str = "") -> Record:
        """The object that an answer is, or that stands there in it."""
        whole = cls(answer.read(dict[str, Any]))
        return whole.need(path) if path else whole

    def value(self, path: str) -> Any:
        """Whatever stands there; None for nothing."""
        if "." not in path:
            return self._fields.get(path)
        found: Any = self._fields
        for key in path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def text(self, path: str, default: str | None = None) -> str:
        """A text; it may be missing where there is a `default`."""
        found = self.value(path)
        if isinstance(found, str):
            return found
        return default if found is None and default is not None else _strange(path, found, "a text")

    def hint(self, path: str) -> str:
        """A text that may as well be missing: "" for whatever is none."""
        found = self.value(path)
        return found if isinstance(found, str) else ""

    def id(self, path: str = "id") -> str:
        """What names an object, which is a text or a number, and never empty."""
        found = self.value(path)
        is_one = isinstance(found, (str, int)) and not isinstance(found, bool) and found != ""
        return str(found) if is_one else _strange(path, found, "an id")

    def number(self, path: str = "id") -> int | None:
        """The number that names an object, by which a list can be asked for; None where nothing there can be one."""
        found = str(self.value(path))
        return int(found) if found.isdecimal() and len(found) < 19 else None

    def count(self, path: str, default: int | None = None) -> int:
        """How many there are; it may be missing where there is a `default`."""
        found = self.value(path)
        if found is None and default is not None:
            return default
        is_one = isinstance(found, int) and not isinstance(found, bool) and found >= 0
        return int(found) if is_one else _strange(path, found, "a number of things")

    def amount(self, path: str, default: float | None = None) -> float:
        """Any number; it may be missing where there is a `default`."""
        found = self.value(path)
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            return found
        return default if found is None and default is not None else _strange(path, found, "a number")

    def flag(self, path: str, *, default: bool = False) -> bool:
        """Whether it is so; `default` where that is missing."""
        found = self.value(path)
        if isinstance(found, bool):
            return found
        return default if found is None else _strange(path, found, "true or false")

    def at(self, path: str, *, per_s: float = 1.0) -> datetime:
        """A time that must be there."""
        return at(self._time(path), per_s=per_s)

    def when(self, path: str, *, per_s: float = 1.0) -> datetime | None:
        """A time that may be missing, or unset."""
        return when(self._time(path), per_s=per_s)

    def _time(self, path: str) -> str | float | None:
        found = self.value(path)
        return found if found is None or isinstance(found, (str, int, float)) else _strange(path, found, "a time")

    def texts(self, path: str) -> list[str]:
        """A list of texts; empty where it is missing."""
        found = self.value(path) or []
        is_one = isinstance(found, list) and all(isinstance(one, str) for one in found)
        return found if is_one else _strange(path, found, "a list of texts")

    def labels(self, path: str) -> dict[str, str]:
        """An object's names, each with its value as a text; what is neither a text nor a number labels nothing."""
        found = self.value(path) or {}
        if not isinstance(found, dict):
            _strange(path, found, "an object")
        return {name: str(value) for name, value in found.items() if isinstance(value, (str, int, float))}

    def record(self, path: str) -> Record | None:
        """An object, where there is one."""
        found = self.value(path)
        if found is None:
            return None
        return Record(found) if isinstance(found, dict) else _strange(path, found, "an object")

    def need(self, path: str) -> Record:
        """An object that must be there."""
        return self.record(path) or _strange(path, None, "an object")

    def records(self, path: str) -> list[Record]:
        """A list of objects; empty where it is missing."""
        found = self.value(path) or []
        if not isinstance(found, list):
            _strange(path, found, "a list of objects")
        return [Record(one) if isinstance(one, dict) else _strange(path, one, "a list of objects") for one in found]

    def rows(self, path: str, columns: Mapping[str, int]) -> list[Record]:
        """A list of rows, as objects whose fields stand in these columns (from 0 on), where they have such; or empty."""
        rows = self.value(path) or []
        return [Record({name: row[place] for name, place in columns.items() if place < len(row)}) for row in rows]

    def each(self, path: str) -> list[Record]:
        """A list that must be there, each of which is read by itself: of what is no object everything is missing."""
        found = self.value(path)
        if not isinstance(found, list):
            _strange(path, found, "a list")
        return [Record(one if isinstance(one, dict) else {}) for one in found]

    def some(self, path: str) -> list[Record]:
        """The objects of a list, leniently: for a look ahead at what is read strictly later."""
        found = self.value(path)
        return [Record(one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def if_there(request: Request, path: str = "") -> Exchange[Record | None]:
    """The object that is asked for, or that stands there in the answer; None for what is `GONE`."""
    answer = yield replace(request, accepts=GONE)
    return None if answer.status in GONE else Record.of(answer, path)


def _strange(path: str, found: object, wanted: str) -> NoReturn:
    raise ValueError(f"{path} is missing" if found is None else f"{path} is not {wanted}")
