"""The command line's shape: every command, its arguments and its help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import oncall_tui
from oncall_tui.cli import everywhere
from oncall_tui.cli.everywhere import path_of, said
from oncall_tui.cli.outcome import MEANING

HANDOVER_SINCE, FIGURES_SINCE = "12h", "7d"

_ID = "a problem's or a signal's id; a unique prefix will do"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; prints usage and exits by 2 when they are wrong. `command` is "" for the screen."""
    words = sys.argv[1:] if argv is None else argv
    given = parser().parse_args(words) if words else argparse.Namespace(command="")  # the screen waits for no parser
    return everywhere.gathered(given)


def parser() -> argparse.ArgumentParser:
    """The whole command line; completion and the man page are made of it."""
    made = argparse.ArgumentParser(
        prog="oncall-tui",
        description="The single most urgent customer problem, for the engineer on call. Without a command: the screen.",
        epilog=MEANING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[everywhere.options(before=True)],
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"oncall-tui {oncall_tui.__version__}")
    made.set_defaults(command="")
    commands = _Commands(made.add_subparsers(title="commands", metavar="COMMAND"))
    _add_reading(commands)
    _add_writing(commands)
    _add_house(commands)
    return made


def _times(text: str) -> float:
    try:
        times = float(text)
    except ValueError:
        times = 0.0
    if not 0 < times <= _FASTEST:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above 0, at most {_FASTEST:g}")
    return times


_FASTEST = 1000.0
"""A night in half a minute; more than that nobody sees."""


class _Commands:
    def __init__(self, parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        self._parsers = parsers

    def add(self, name: str, help_: str, *, more: str = "", json: bool = False) -> argparse.ArgumentParser:
        places = everywhere.options(everywhere.NO_USE.get(name) or everywhere.NO_USE.get(f"{name} check", ()))
        parser = self._parsers.add_parser(
            name, help=help_, description=f"{help_[0].upper()}{help_[1:]}. {more}".strip(), parents=[places]
        )
        parser.set_defaults(command=name)
        if json:
            _add_json(parser)
        return parser


def _add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="the JSON contract on stdout")


def _add_reading(commands: _Commands) -> None:
    following = commands.add("next", "ask every source once and tell the most urgent problem")
    shape = following.add_mutually_exclusive_group()
    _add_json(shape)
    shape.add_argument("--line", action="store_true", help="one short line, for a status bar or a prompt")
    commands.add("list", "ask every source once and tell every problem, the most urgent first", json=True)
    explain = commands.add("explain", "tell why a problem has its place: each factor, what it saw, its points")
    explain.add_argument("id", metavar="ID", help=_ID)


def _add_writing(commands: _Commands) -> None:
    for name, help_ in (
        ("ack", "take a problem: tell every source that you are on it"),
        ("release", "give a problem back: tell every source that you no longer have it"),
        ("resolve", "tell every source that it is solved"),
    ):
        _add_sure(commands.add(name, help_)).add_argument("id", metavar="ID", help=_ID)
    for name, help_ in (
        ("note", "write to colleagues; the customer does not see it"),
        ("reply", "write to the customer; they read it"),
    ):
        command = _add_sure(commands.add(name, help_))
        command.add_argument("id", metavar="ID", help=_ID)
        command.add_argument("text", metavar="TEXT", help="the words; - reads them from stdin")
    undo = commands.add("undo", "take the last thing back that you said or decided here, as far as its source allows")
    undo.add_argument("--sure", action="store_true", help="take the one before back without being asked")
    snooze = _add_sure(commands.add("snooze", "put a problem out of the way for a while, here or at its sources"))
    snooze.add_argument("id", metavar="ID", help=_ID)
    snooze.add_argument("span", metavar="FOR", help="how long, as 30m or 2h; at most 30d")
    snooze.add_argument(
        "--at-source",
        action="store_true",
        help="tell the sources that can: quiet for colleagues, too (a downtime, a silence)",
    )


def _add_sure(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument(
        "--sure", action="store_true", help="say it also when something changed that you would be asked about"
    )
    return parser


_SETTINGS = {
    "check": "is it right",
    "show": "every value, secrets by where they are kept",
    "schema": "JSON Schema for editors",
    "reference": "every key, as Markdown",
}


def _add_house(commands: _Commands) -> None:
    handover = commands.add("handover", "tell the colleague who comes next of the night, as Markdown")
    figures = commands.add("figures", "tell how long each customer was alone, and which promises were kept")
    for command, without in ((handover, HANDOVER_SINCE), (figures, FIGURES_SINCE)):
        command.add_argument("--since", type=said, metavar="WHEN", help=f"from when on, as 22:00 or 12h ({without})")
    handover.add_argument("--note", type=said, metavar="ID", help="write it to that ticket, as a note for colleagues")
    outbox = commands.add("outbox", "tell what was said and where it is on its way", json=True)
    outbox.add_argument("--all", action="store_true", help="also what was settled long ago")
    outbox.add_argument("--deliver", action="store_true", help="deliver what waits, and return when done")
    outbox.add_argument("--wait", type=said, metavar="FOR", help="how long --deliver keeps trying (30s)")
    settle = commands.add("settle", "decide about a write that is unsure, waits or was refused")
    settle.add_argument("id", metavar="WRITE", help="its id in the outbox; a unique prefix will do")
    decision = settle.add_mutually_exclusive_group(required=True)
    decision.add_argument("--send", action="store_true", help="send it (again) all the same")
    decision.add_argument("--leave", action="store_true", help="let it be: it is not sent (again)")
    _add_init(commands)
    settings = commands.add("config", "check the configuration, show what it comes to, or tell every key")
    settings.add_argument(
        "what", choices=_SETTINGS, help="; ".join(f"{what}: {help_}" for what, help_ in _SETTINGS.items())
    )
    settings.add_argument(
        "of", nargs="?", choices=("config", "care"), help="after schema: of config.toml (config) or of care.toml"
    )
    sources = commands.add("sources", "test each source step by step, and say what to mend", json=True)
    sources.add_argument(
        "--record", type=path_of, metavar="DIR", help="keep what they answer there, without secrets, persons and texts"
    )
    sources.add_argument(
        "--try", dest="sample", type=said, metavar="NAME", help="show what one record of that source becomes"
    )
    commands.add("connectors", "tell which products can be read and what each can be told", json=True)
    _add_host(commands)
    demo = commands.add("demo", "play a night on a small desk and a small monitor of its own; needs nothing")
    demo.add_argument("--speed", type=_times, default=1.0, metavar="N", help="play it N times as fast")


def _add_host(commands: _Commands) -> None:
    watch = commands.add(
        "watch",
        "no screen: ring for whom the screen would ring for, and keep the outbox moving",
        more="A line on stdout for each change; SIGTERM ends it. `oncall-tui unit` prints a systemd unit for it.",
    )
    watch.add_argument(
        "--ring",
        type=said,
        metavar="COMMAND",
        help="run this for each ring, with the line on stdin; no shell reads it",
    )
    completion = commands.add("completion", "print what makes a shell complete these commands")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="for which shell")
    commands.add("man", "print the man page; `oncall-tui man | man -l -` shows it")
    commands.add("unit", "print a systemd user unit for `oncall-tui watch`")


def _add_init(commands: _Commands) -> None:
    init = commands.add(
        "init",
        "add a source to the configuration, tested at once; asks for what no flag says",
        more="What stands in the file is never changed. A secret is only ever told by where it is kept.",
    )
    init.add_argument("--me", type=said, metavar="NAME", help="your name, when the file is new")
    init.add_argument(
        "--email", type=said, metavar="ADDRESS", help="your mail address at the sources, when the file is new"
    )
    init.add_argument("--kind", type=said, help="what kind of source: one of `oncall-tui connectors`")
    init.add_argument("--url", type=said, help="the address of the server")
    init.add_argument("--name", type=said, help="a name for it; its kind without one")
    init.add_argument(
        "--secret", type=said, metavar="PLACE", help='where its secret is kept, as "env DESK_KEY" or "file ~/.key"'
    )
    init.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="another key of the source")
    init.add_argument("--customers", action="store_true", help="write down the customers that it names, too")
    init.add_argument("--untested", action="store_true", help="write it without a test, or although one fails")
    init.add_argument("--from-env", action="store_true", help="take all of it from ONCALL_TUI_... variables")
    init.add_argument(
        "--team", nargs="?", const="", metavar="FILE-OR-URL", help="take a team's shared part; without a place: anew"
    )
    init.add_argument("--accept", action="store_true", help="accept what a team's part does with secrets, unasked")
