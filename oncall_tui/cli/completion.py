"""The command `completion`: what bash, zsh or fish completes, made of the parser itself."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Iterator, Mapping

from oncall_tui.cli.outcome import Code, Outcome

Words = Mapping[str, tuple[tuple[str, str], ...]]
"""A command ("" for none) -> what may follow it, each with its help."""


def completion(parser: argparse.ArgumentParser, arguments: Namespace) -> Outcome:
    """`completion SHELL`: a script for that shell to read when it starts."""
    words = _words(parser)
    return Outcome(Code.DONE, {"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell](words))


def commands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """Every command's own parser."""
    found: Mapping[str, argparse.ArgumentParser] = next(
        action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    return found


def helps(parser: argparse.ArgumentParser) -> Mapping[str, str]:
    """Every command's one line of help."""
    action = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {one.dest: one.help or "" for one in action._choices_actions}


def _words(parser: argparse.ArgumentParser) -> Words:
    top = (*helps(parser).items(), *_options(parser))
    return {"": top, **{name: tuple(_options(one)) for name, one in commands(parser).items()}}


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        names = action.option_strings or [str(choice) for choice in action.choices or ()]
        yield from ((name, action.help or "") for name in names)


_BASH = """\
# oncall-tui completion for bash: eval "$(oncall-tui completion bash)"
_oncall_tui() {
  local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} command="" part words
  for part in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $part in %(names)s) command=$part; break;; esac
  done
  case $last in
    --config|--state|--record) COMPREPLY=($(compgen -f -- "$word")); return;;
  esac
  case $command in
%(cases)s
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _oncall_tui oncall-tui"""


def _bash(words: Words) -> str:
    cases = "\n".join(f'    "{name}") words="{" ".join(word for word, _ in found)}";;' for name, found in words.items())
    return _BASH % {"names": "|".join(filter(None, words)), "cases": cases}


_ZSH = """\
#compdef oncall-tui
# oncall-tui completion for zsh: eval "$(oncall-tui completion zsh)"
_oncall_tui() {
  local command="" part
  local -a found
  for part in "${(@)words[2,CURRENT-1]}"; do
    case $part in (%(names)s) command=$part; break;; esac
  done
  case $words[CURRENT-1] in
    (--config|--state|--record) _files; return;;
  esac
  case $command in
%(cases)s
  esac
  _describe -o 'oncall-tui' found
}
compdef _oncall_tui oncall-tui"""


def _zsh(words: Words) -> str:
    cases = "\n".join(
        f"    ('{name}') found=({' '.join(_zsh_word(*one) for one in found)});;" for name, found in words.items()
    )
    return _ZSH % {"names": "|".join(filter(None, words)), "cases": cases}


def _zsh_word(word: str, help_: str) -> str:
    text = f"{word}:{help_}".replace("'", "'\\''")
    return f"'{text}'"


def _fish(words: Words) -> str:
    lines = ["# oncall-tui completion for fish: oncall-tui completion fish | source", "complete -c oncall-tui -f"]
    for command, found in words.items():
        only = f'-n "__fish_seen_subcommand_from {command}"' if command else "-n __fish_use_subcommand"
        lines += [f"complete -c oncall-tui {only} {_fish_word(word)} -d {_quoted(help_)}" for word, help_ in found]
    lines += [f"complete -c oncall-tui -l {name} -rF" for name in ("config", "state", "record")]
    return "\n".join(lines)


def _fish_word(word: str) -> str:
    return f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}" if word.startswith("-") else f"-a {word}"


def _quoted(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"
