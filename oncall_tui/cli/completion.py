"""The command `completion`: what bash, zsh or fish completes, made of the parser itself."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence

from oncall_tui.cli.outcome import Code, Outcome

Words = Mapping[str, tuple[tuple[str, str], ...]]
"""A command ("" for none) -> what may follow it, each with its help."""


def completion(parser: argparse.ArgumentParser, arguments: Namespace) -> Outcome:
    """`completion SHELL`: a script for that shell to read when it starts."""
    words, files = _words(parser), tuple(dict.fromkeys(_of_files(parser)))
    return Outcome(Code.DONE, {"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell](words, files))


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
        if isinstance(action, argparse._SubParsersAction) or action.help == argparse.SUPPRESS:
            continue
        help_ = action.help or ""
        yield from ((name, help_) for name in action.option_strings)
        if not action.option_strings:
            each = action.choices if isinstance(action.choices, Mapping) else {}
            yield from ((str(choice), each.get(choice, help_)) for choice in action.choices or ())


_NAMES_FILE = ("PATH", "DIR", "FILE-OR-URL")


def _of_files(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The options that want a file or a folder, by what their value is called."""
    for one in (parser, *commands(parser).values()):
        for action in one._actions:
            if action.metavar in _NAMES_FILE:
                yield from action.option_strings


_BASH = """\
# oncall-tui completion for bash: eval "$(oncall-tui completion bash)"
_oncall_tui() {
  local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} command="" part words
  for part in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $part in %(names)s) command=$part; break;; esac
  done
  case $last in
    %(files)s) COMPREPLY=($(compgen -f -- "$word")); return;;
  esac
  case $command in
%(cases)s
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _oncall_tui oncall-tui"""


def _bash(words: Words, files: Sequence[str]) -> str:
    cases = "\n".join(f'    "{name}") words="{" ".join(word for word, _ in found)}";;' for name, found in words.items())
    return _BASH % {"names": "|".join(filter(None, words)), "cases": cases, "files": "|".join(files)}


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
    (%(files)s) _files; return;;
  esac
  case $command in
%(cases)s
  esac
  _describe 'oncall-tui' found
}
if [[ $funcstack[1] == _oncall_tui ]]; then  # as a file in $fpath
  _oncall_tui "$@"
else
  (( $+functions[compdef] )) || { autoload -U compinit && compinit }
  compdef _oncall_tui oncall-tui
fi"""


def _zsh(words: Words, files: Sequence[str]) -> str:
    cases = "\n".join(
        f"    ('{name}') found=({' '.join(_zsh_word(*one) for one in found)});;" for name, found in words.items()
    )
    return _ZSH % {"names": "|".join(filter(None, words)), "cases": cases, "files": "|".join(files)}


def _zsh_word(word: str, help_: str) -> str:
    text = f"{word}:{help_}".replace("'", "'\\''")
    return f"'{text}'"


def _fish(words: Words, files: Sequence[str]) -> str:
    lines = ["# oncall-tui completion for fish: oncall-tui completion fish | source", "complete -c oncall-tui -f"]
    for command, found in words.items():
        only = f'-n "__fish_seen_subcommand_from {command}"' if command else "-n __fish_use_subcommand"
        lines += [f"complete -c oncall-tui {only} {_fish_word(word)} -d {_quoted(help_)}" for word, help_ in found]
    lines += [f"complete -c oncall-tui -l {name[2:]} -rF" for name in files]
    return "\n".join(lines)


def _fish_word(word: str) -> str:
    return f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}" if word.startswith("-") else f"-a {word}"


def _quoted(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"
