"""One engineer's night at real servers: the program, configured for them, on the screen of a pty and command by command."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

from oncall_tui.cli import main
from tests.pty import Session
from tests.servers.second.base import Second

DEADLINE_S = 30.0


class Ran(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    talk: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Night:
    """Olga Oncall's program in a folder of its own, with these servers as its sources.

    `tables` are the rest of the configuration: customers, services.
    """

    def __init__(self, folder: Path, sources: Mapping[str, Second], **tables: Mapping[str, Any]) -> None:
        self.state, self.config = folder / "state", folder / "config.toml"
        told = {
            "me": {"name": "Olga Oncall", "email": "oncall@example.net"},
            "outbox": {"undo": "1s", "late": "5s"},
            "sources": {name: {**second.table(folder), "every": "5s"} for name, second in sources.items()},
            **tables,
        }
        self.config.write_text(tomli_w.dumps(told), encoding="utf-8")

    @property
    def program(self) -> list[str]:
        return [sys.executable, "-m", "oncall_tui", *self._where]

    @property
    def _where(self) -> list[str]:
        return ["--config", str(self.config), "--state", str(self.state)]

    def screen(self, size: tuple[int, int] = (80, 30)) -> Session:
        return Session(self.program, size=size, timeout_s=DEADLINE_S)

    def run(self, *words: str) -> Ran:
        """One command, in this process."""
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as talk:
            code = main([*words, *self._where])
        return Ran(code, out.getvalue(), talk.getvalue())

    def problems(self) -> list[Any]:
        problems: list[Any] = self.run("list", "--json").json["problems"]
        return problems
