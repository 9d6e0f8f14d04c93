"""Arguments -> what the command comes to; the one place where an error becomes words and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import msgspec

from oncall_tui import config
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config
from oncall_tui.errors import ConfigError, OncallError, WrongUse, fault

_NO_CONFIG = """\
There is no configuration at {path}.
To write one, a source at a time: oncall-tui init
To see a night without one: oncall-tui demo"""


_ON_THE_FILE = {"config": "settings.settings", "init": "setup.init"}
_WITH_CONFIG = {
    "next": "reading.following",
    "list": "reading.listed",
    "explain": "reading.explained",
    "ack": "writing.acknowledge",
    "release": "writing.release",
    "resolve": "writing.resolve",
    "note": "writing.note",
    "reply": "writing.reply",
    "snooze": "writing.snooze",
    "undo": "writing.undo",
    "settle": "writing.settle",
    "outbox": "house.outbox",
    "handover": "handing.handover",
    "figures": "handing.tell_figures",
    "sources": "doctor.sources",
    "watch": "watch.watch",
}
"""What does each command, as module and function here: a command loads its own room and no other, the screen none."""


def _find(place: str) -> Callable[..., Outcome]:
    module, _, name = place.partition(".")
    found: Callable[..., Outcome] = getattr(import_module(f"oncall_tui.cli.{module}"), name)
    return found


def _printed(arguments: Namespace) -> Outcome:
    """What is made of the command line itself."""
    from oncall_tui.cli import completion, manual  # noqa: PLC0415 (for these alone)
    from oncall_tui.cli.arguments import parser  # noqa: PLC0415 (made anew: the parsing is over)

    if arguments.command == "completion":
        return completion.completion(parser(), arguments)
    return manual.manual(parser(), arguments) if arguments.command == "man" else manual.unit(arguments)


def run(arguments: Namespace) -> Outcome:
    """What the command comes to. A status bar shows stdout alone, and an empty one would look like a quiet night."""
    told = _told(arguments)
    if getattr(arguments, "line", False) and not told.out:
        return told._replace(out="cannot look: `oncall-tui next` says why")
    return told


def _told(arguments: Namespace) -> Outcome:
    """An `OncallError` is one line: 2 for the configuration or a wrong ID, else 3."""
    try:
        return _run(arguments)
    except OncallError as error:
        code = Code.USAGE if isinstance(error, (ConfigError, WrongUse)) else Code.INCOMPLETE
        return Outcome(code, talk=f"oncall-tui: {error.words}")
    except Exception as error:  # noqa: BLE001 (whatever it is: its text may hold a token, and a traceback helps nobody)
        words = f"a fault of our own ended this; what was saved is kept. If you report it, add this: {fault(error)}"
        return Outcome(Code.INCOMPLETE, talk=f"oncall-tui: {words}")


def _run(arguments: Namespace) -> Outcome:
    if wrong := _passed_over(arguments):
        raise WrongUse(wrong)
    if arguments.command == "connectors":
        return _find("house.connectors")(arguments)
    if arguments.command == "demo":
        return _demo(arguments)
    if arguments.command in ("completion", "man", "unit"):
        return _printed(arguments)
    path = arguments.config or config.default_path()
    if arguments.command in _ON_THE_FILE:
        return _find(_ON_THE_FILE[arguments.command])(path, arguments)
    if not _is_there(path):
        return _first_run(path, arguments)
    loaded = _debugged(config.load(path), arguments)
    state = arguments.state or config.state_dir()
    if not arguments.command:
        return _screen(loaded, state, arguments)
    return _find(_WITH_CONFIG[arguments.command])(loaded, state, arguments)


def _debugged(loaded: Config, arguments: Namespace) -> Config:
    debug, bodies = bool(arguments.debug), bool(arguments.bodies)
    return msgspec.structs.replace(loaded, debug=debug or bodies, bodies=bodies)


def _passed_over(arguments: Namespace) -> str:
    if not arguments.command:  # the screen, which waits for no parser
        return ""
    from oncall_tui.cli.everywhere import passed_over  # noqa: PLC0415 (as above)

    return passed_over(arguments)


def _is_there(path: Path) -> bool:
    """Whether there is a configuration; one that we may not look at is there, and the reader says what is wrong."""
    try:
        path.stat()
    except OSError as error:
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
    return True


def _first_run(path: Path, arguments: Namespace) -> Outcome:
    """There is no configuration: on a terminal one is asked where to begin, elsewhere told."""
    if arguments.command or no_screen():
        return Outcome(Code.USAGE, talk=_NO_CONFIG.format(path=path))
    from oncall_tui.cli.arguments import parse  # noqa: PLC0415 (each choice is a command)
    from oncall_tui.ui.firstrun import ask  # noqa: PLC0415 (Textual, for this alone)

    match ask(path):
        case "d":
            return _demo(parse(["demo"]))
        case "i":
            return _find(_ON_THE_FILE["init"])(path, parse(["init"]))
        case _:
            return Outcome(Code.USAGE, talk=_NO_CONFIG.format(path=path))


def _screen(loaded: Config, state: Path, arguments: Namespace) -> Outcome:
    """The screen where there is one; elsewhere what `next` prints, and why."""
    reason = no_screen()
    if reason:
        said = _find(_WITH_CONFIG["next"])(loaded, state, arguments)
        return Outcome(said.code, said.out, "\n".join(filter(None, (f"oncall-tui: {reason}", said.talk))))
    from oncall_tui.ui.app import run_screen  # noqa: PLC0415 (Textual, for the screen alone)

    return Outcome(run_screen(loaded, state))


def _demo(arguments: Namespace) -> Outcome:
    """The same screen (or what stands in for it) on the embedded night."""
    from oncall_tui import demo  # noqa: PLC0415 (the embedded world, for the demo alone)

    shown = []

    def show(loaded: Config, state: Path) -> int:
        shown.append(_screen(_debugged(loaded, arguments), state, arguments))
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
