"""The options that may stand before and after every command, and where one is of no use."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

_UNSAID = argparse.SUPPRESS
"""An option that may stand before and after the command must not be set back by the second place's default."""

_OPTIONS = {"config": "--config", "state": "--state", "debug": "--debug", "bodies": "--debug-bodies"}
_OF_A_NIGHT = ("state", "debug", "bodies")
NO_USE = {
    "demo": ("config",),
    "init": _OF_A_NIGHT,
    "config check": _OF_A_NIGHT,
    "config show": _OF_A_NIGHT,
    "config schema": tuple(_OPTIONS),
    "config reference": tuple(_OPTIONS),
    "connectors": tuple(_OPTIONS),
    "completion": tuple(_OPTIONS),
    "man": tuple(_OPTIONS),
}
"""Which options that may stand at every command one has no use for."""


def passed_over(given: argparse.Namespace) -> str:
    """Why an option cannot be meant that the command would pass over in silence, "" when there is none.

    A place that stands before the command is where whatever follows finds its own, as in an alias. Only the demo has
    another night than that one.
    """
    command = f"{given.command} {given.what}" if given.command == "config" else given.command
    meant = {*given.here, *(("debug", "bodies") if command != "demo" else ("config",))}
    found = next((one for one in NO_USE.get(command, ()) if one in meant and getattr(given, one) is not None), "")
    return f"`oncall-tui {command}` has no use for {_OPTIONS[found]}: leave it out" if found else ""


def gathered(given: argparse.Namespace) -> argparse.Namespace:
    """With each of these options once: as it stands after the command, else before it; `here` are those after it."""
    given.here = tuple(name for name in _OPTIONS if hasattr(given, name))
    for name in _OPTIONS:
        setattr(given, name, getattr(given, name, getattr(given, f"before_{name}", None)))
    return given


def options(without: Sequence[str] = (), *, before: bool = False) -> argparse.ArgumentParser:
    """The options that may stand everywhere; those that are of no use are not told, and refused in words of our own.

    What stands before the command is kept apart from what stands after it.
    """
    made = argparse.ArgumentParser(add_help=False)
    made.add_argument("--config", type=path_of, metavar="PATH", default=_UNSAID, help="the configuration, a TOML file")
    made.add_argument("--state", type=path_of, metavar="DIR", default=_UNSAID, help="the folder of the outbox")
    made.add_argument(
        "--debug", action="store_true", default=_UNSAID, help="tell every request and its time in the log there"
    )
    made.add_argument(
        "--debug-bodies",
        dest="bodies",
        action="store_true",
        default=_UNSAID,
        help="as --debug, with what was asked and answered, without secrets, persons and texts",
    )
    for action in made._actions:
        action.help = argparse.SUPPRESS if action.dest in without else action.help
        action.dest = f"before_{action.dest}" if before else action.dest
    return made


def said(text: str) -> str:
    """What says something: an empty one, of a variable that is not set, would pass as not given at all."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty: is a variable not set?")
    return text


def path_of(text: str) -> Path:
    """An empty path would be the folder at hand."""
    return Path(said(text))
