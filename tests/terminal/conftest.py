"""How the tests of the terminal layer start their apps: each in a pseudo-terminal of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.pty import Session

ROOT = str(Path(__file__).parents[2])

Start = Callable[..., Session]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start ``python -m tests.terminal.apps.NAME ARGS`` in a pty; every one of them is ended with the test."""
    with ExitStack() as stack:

        def begin(name: str, *args: str, env: dict[str, str | None] | None = None, **options: Any) -> Session:
            command = [sys.executable, "-m", f"tests.terminal.apps.{name}", *args]
            return stack.enter_context(Session(command, env={"PYTHONPATH": ROOT, **(env or {})}, **options))

        yield begin


@pytest.fixture
def small(start: Start) -> Callable[..., Session]:
    """The small app, ready."""

    def begin(**env: str) -> Session:
        session = start("small", env=dict(env))
        session.wait("got:")
        session.quiet(0.1)
        return session

    return begin
