"""What a connector knows by name: the fields that it reads, and the words that mean something to it. They are in its code.

What stands there is public; `engine.blur` keeps nothing else.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from oncall_tui.kit import Connector

_OURS, _KIT = "oncall_tui.connectors", "oncall_tui.kit"
_PATH = re.compile(r"[\w@]+(\.[\w@]+)+")
"""How `kit.Record` is asked for what an object in it holds: ``"author.name"``. What is asked for by keyword is in a query."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a connector knows by name, in lower case: `names` of fields, and `words` that it compares values with."""

    names: frozenset[str]
    words: frozenset[str]


def known(connector: Connector, options: Mapping[str, str]) -> Known:
    """The names and words in a connector's code, and in the expressions that a source is told by (``"fields.id"``)."""
    words, names = set(_of_expressions(options)), set[str]()
    for module in _modules(connector):
        for node in ast.walk(_tree(module)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words |= {node.value, *(node.value.split("/") if node.value.startswith("/") else ())}
                names |= set(node.value.split(".") if _PATH.fullmatch(node.value) else ())
            elif isinstance(node, ast.keyword) and node.arg:
                names.add(node.arg.rstrip("_"))
        for value in vars(module).values():
            names |= set(getattr(value, "__struct_encode_fields__", ()))
    words |= {part for word in words if word.startswith((".", "/")) for part in re.split(r"[/.]", word)}
    return Known(names=_lower(names | words), words=_lower(words))


def _lower(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def _modules(connector: Connector) -> Iterator[ModuleType]:
    """Where its code is: every module that was loaded of its package, and the kit that it is made of."""
    talks = (connector.poll, connector.login, connector.check, connector.may, connector.peek, connector.headers)
    names = {getattr(getattr(talk, "func", talk), "__module__", "") for talk in talks}
    roots = {_OURS if name.startswith(_OURS) else name.partition(".")[0] for name in names}
    roots = roots - {"oncall_tui", ""} | {_KIT}
    for name, module in list(sys.modules.items()):
        if any(name == root or name.startswith(f"{root}.") for root in roots):
            yield module


def _tree(module: ModuleType) -> ast.AST:
    """Its code; nothing when there is no source to read, and then all is blurred."""
    try:
        return ast.parse(inspect.getsource(module))
    except (OSError, TypeError):
        return ast.Module([], [])


_NO_EXPRESSIONS = ("path", "body", "method")


def _of_expressions(options: Mapping[str, str]) -> Iterator[str]:
    """The names in what a source is told by (``"fields.id"``), and those of a query, whose values are nobody's business."""
    for name, value in options.items():
        _, is_told, what = name.rpartition(".")
        if what == "query":
            yield from re.findall(r'"([^"]+)":', value)
        elif is_told and what not in _NO_EXPRESSIONS:
            yield from re.findall(r"[A-Za-z_][\w-]*", value)
            yield from re.findall(r"""["'`]([^"'`]+)["'`]""", value)
