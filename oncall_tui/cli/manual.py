"""The commands `man` and `unit`: a man page made of the parser itself, and a systemd user unit for `watch`."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator

import oncall_tui
from oncall_tui.cli.completion import commands, helps
from oncall_tui.cli.outcome import MEANING, Code, Outcome


def manual(parser: argparse.ArgumentParser, arguments: Namespace) -> Outcome:
    """`man`: the page as troff, for ``man -l -`` or ``~/.local/share/man/man1/oncall-tui.1``."""
    return Outcome(Code.DONE, "\n".join(_page(parser)))


def _page(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f'.TH ONCALL-TUI 1 "" "oncall-tui {oncall_tui.__version__}" "User Commands"'
    yield from (
        ".SH NAME",
        f"oncall\\-tui \\- {_text('the single most urgent customer problem, for the engineer on call')}",
    )
    yield from (".SH SYNOPSIS", ".B oncall\\-tui", "[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR ...]")
    yield from (".SH DESCRIPTION", _text(parser.description or ""))
    yield from (".SH OPTIONS", *_arguments(parser))
    yield ".SH COMMANDS"
    told = helps(parser)
    for name, one in commands(parser).items():
        yield from (f".SS {_text(name)}", _text(f"{told[name][:1].upper()}{told[name][1:]}."), *_arguments(one))
    yield from (".SH EXIT STATUS", ".nf", *(_text(line.strip()) for line in MEANING.splitlines()[1:]), ".fi")
    yield from (".SH FILES", ".TP", _text("~/.config/oncall-tui/config.toml"), _text("The configuration; "
                "`oncall-tui config reference` tells every key. $XDG_CONFIG_HOME moves it."),
                ".TP", _text("~/.config/oncall-tui/care.toml"), "Phrases of yours that frighten, and what does not.",
                ".TP", _text("~/.local/state/oncall-tui/"),
                "The outbox, the last readings and the log. $XDG_STATE_HOME moves it.")  # fmt: skip
    yield from (".SH ENVIRONMENT", ".TP", "NO_COLOR", "Without colours.", ".TP", "ONCALL_TUI_...",
                _text("What `init --from-env` reads."))  # fmt: skip


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        is_told_elsewhere = isinstance(action, (argparse._HelpAction, argparse._SubParsersAction))
        if is_told_elsewhere or action.help == argparse.SUPPRESS:
            continue
        names = ", ".join(action.option_strings) or str(action.metavar or "|".join(action.choices or (action.dest,)))
        value = f" {action.metavar}" if action.option_strings and action.metavar else ""
        yield from (".TP", f".B {_text(names + value)}", _text(action.help or ""))


def _text(text: str) -> str:
    """Safe in troff: no line begins with a request, a dash stays one that can be copied."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


_UNIT = """\
# {path}
[Unit]
Description=Rings for a customer who is alone, and keeps the outbox moving
After=network-online.target

[Service]
ExecStart={start}
Restart=on-failure
RestartSec=10
# What env = "DESK_KEY" means in the configuration; or LoadCredential= with credential = "desk".
#EnvironmentFile=%h/.config/oncall-tui/secrets
#LoadCredential=desk:%h/.config/oncall-tui/desk.key
NoNewPrivileges=true

[Install]
WantedBy=default.target"""


def unit(arguments: Namespace) -> Outcome:
    """`unit`: the systemd unit, to be kept where its first line says."""
    found = shutil.which("oncall-tui")
    program = [found] if found else [sys.executable, "-m", "oncall_tui"]
    places = [(f"--{name}", getattr(arguments, name)) for name in ("config", "state")]
    argv = [*program, "watch", *(str(word) for name, path in places if path for word in (name, path.absolute()))]
    argv += [
        flag for flag, is_given in (("--debug", arguments.debug), ("--debug-bodies", arguments.bodies)) if is_given
    ]
    talk = "oncall-tui: systemctl --user daemon-reload && systemctl --user enable --now oncall-tui"
    return Outcome(
        Code.DONE,
        _UNIT.format(path="~/.config/systemd/user/oncall-tui.service", start=" ".join(map(_word, argv))),
        talk,
    )


def _word(text: str) -> str:
    """One word of an ExecStart= line (systemd.service(5), COMMAND LINES): % and $ stand for something there."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if re.search(r"""[\s"';\\]""", text) else escaped
