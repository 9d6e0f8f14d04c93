"""Arguments -> what the command comes to; the one place where an error becomes words and an exit code."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import msgspec

from oncall_tui import config
from oncall_tui.cli import house, reading, writing
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.cli.target import WrongUse
from oncall_tui.config import Config
from oncall_tui.errors import ConfigError, OncallError

_NO_CONFIG = """\
There is no configuration at {path}.
To write one, a source at a time: oncall-tui init
To see a night without one: oncall-tui demo"""


def _sources(loaded: Config, state: Path, arguments: Namespace) -> Outcome:
    from oncall_tui.cli.doctor import sources  # noqa: PLC0415 (it alone speaks to a source without the engine)

    return sources(loaded, state, arguments)


def _settings(path: Path, arguments: Namespace) -> Outcome:
    from oncall_tui.cli.settings import settings  # noqa: PLC0415 (every key with its words, for this alone)

    return settings(path, arguments)


def _init(path: Path, arguments: Namespace) -> Outcome:
    from oncall_tui.cli.setup import init  # noqa: PLC0415 (it writes TOML and examines sources)

    return init(path, arguments)


def _printed(arguments: Namespace) -> Outcome:
    """What is made of the command line itself."""
    from oncall_tui.cli import completion, manual  # noqa: PLC0415 (for these alone)
    from oncall_tui.cli.arguments import parser  # noqa: PLC0415 (made anew: the parsing is over)

    if arguments.command == "completion":
        return completion.completion(parser(), arguments)
    return manual.manual(parser(), arguments) if arguments.command == "man" else manual.unit(arguments)


def _watch(loaded: Config, state: Path, arguments: Namespace) -> Outcome:
    from oncall_tui.cli.watch import watch  # noqa: PLC0415 (it alone stays)

    return watch(loaded, state, arguments)


_ON_THE_FILE: dict[str, Callable[[Path, Namespace], Outcome]] = {"config": _settings, "init": _init}


def _handover(loaded: Config, state: Path, arguments: Namespace) -> Outcome:
    from oncall_tui.cli.handing import handover  # noqa: PLC0415 (nothing else reads the record)

    return handover(loaded, state, arguments)


def _figures(loaded: Config, state: Path, arguments: Namespace) -> Outcome:
    from oncall_tui.cli.handing import tell_figures  # noqa: PLC0415 (nothing else reads the record)

    return tell_figures(loaded, state, arguments)


_WITH_CONFIG: dict[str, Callable[[Config, Path, Namespace], Outcome]] = {
    "next": reading.following,
    "list": reading.listed,
    "explain": reading.explained,
    "ack": writing.acknowledge,
    "release": writing.release,
    "resolve": writing.resolve,
    "note": writing.note,
    "reply": writing.reply,
    "snooze": writing.snooze,
    "undo": writing.undo,
    "outbox": house.outbox,
    "handover": _handover,
    "figures": _figures,
    "settle": writing.settle,
    "sources": _sources,
    "watch": _watch,
}


def run(arguments: Namespace) -> Outcome:
    """What the command comes to. An `OncallError` is one line: 2 for the configuration or a wrong ID, else 3."""
    try:
        return _run(arguments)
    except OncallError as error:
        code = Code.USAGE if isinstance(error, (ConfigError, WrongUse)) else Code.INCOMPLETE
        return Outcome(code, talk=f"oncall-tui: {error.words}")


def _run(arguments: Namespace) -> Outcome:
    if arguments.command == "connectors":
        return house.connectors(arguments)
    if arguments.command == "demo":
        return _demo(arguments)
    if arguments.command in ("completion", "man", "unit"):
        return _printed(arguments)
    path = arguments.config or config.default_path()
    if arguments.command in _ON_THE_FILE:
        return _ON_THE_FILE[arguments.command](path, arguments)
    if not path.exists():
        return Outcome(Code.USAGE, talk=_NO_CONFIG.format(path=path))
    loaded = msgspec.structs.replace(config.load(path), debug=bool(arguments.debug))
    state = arguments.state or config.state_dir()
    if not arguments.command:
        return _screen(loaded, state, arguments)
    return _WITH_CONFIG[arguments.command](loaded, state, arguments)


def _screen(loaded: Config, state: Path, arguments: Namespace) -> Outcome:
    """The screen where there is one; elsewhere what `next` prints, and why."""
    reason = no_screen()
    if reason:
        said = reading.following(loaded, state, arguments)
        return Outcome(said.code, said.out, "\n".join(filter(None, (f"oncall-tui: {reason}", said.talk))))
    from oncall_tui.ui.app import run_screen  # noqa: PLC0415 (Textual, for the screen alone)

    return Outcome(run_screen(loaded, state))


def _demo(arguments: Namespace) -> Outcome:
    """The same screen (or what stands in for it) on the embedded night."""
    from oncall_tui import demo  # noqa: PLC0415 (the embedded world, for the demo alone)

    shown = []

    def show(loaded: Config, state: Path) -> int:
        shown.append(_screen(loaded, state, arguments))
        return shown[-1].code

    demo.run(show, arguments.state, speed=arguments.speed)
    return shown[-1]


def no_screen() -> str:
    """Why this is no place for a screen, "" when it is one."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "not a terminal, so this is what `oncall-tui next` prints"
    if os.environ.get("TERM", "") in ("", "dumb"):
        return "this terminal cannot place text (TERM=dumb), so this is what `oncall-tui next` prints"
    return ""
