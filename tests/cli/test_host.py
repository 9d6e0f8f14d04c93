"""What a shell, a man page reader and systemd get from us."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import oncall_tui.cli
from oncall_tui.cli.arguments import parser
from oncall_tui.cli.completion import commands
from tests.cli.test_program import run
from tests.pty import Session
from tests.readme import README

NAMES = tuple(commands(parser()))


def bash(script: str, *words: str) -> list[str]:
    """What bash completes for the last of these words."""
    line = " ".join(f"'{word}'" for word in ("oncall-tui", *words))
    asked = f'{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words)}; _oncall_tui; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_their_options_and_their_choices(tmp_path: Path) -> None:
    script = run(tmp_path, "completion", "bash").stdout
    assert bash(script, "sou") == ["sources"]
    assert bash(script, "sources", "--re") == ["--record"]
    assert bash(script, "--state", "x", "next", "--l") == ["--line"]
    assert bash(script, "config", "sch") == ["schema"]
    assert set(bash(script, "")) >= set(NAMES)
    (tmp_path / "team.toml").touch()
    for option in (("--config",), ("init", "--team"), ("sources", "--record"), ("list", "--state")):
        assert bash(script, *option, f"{tmp_path}/te") == [f"{tmp_path}/team.toml"]


def test_each_choice_has_its_own_help(tmp_path: Path) -> None:
    script = run(tmp_path, "completion", "zsh").stdout
    (line,) = [line for line in script.splitlines() if line.strip().startswith("('config')")]
    for word in ("check:is it right", "schema:JSON Schema for editors"):
        assert f"'{word}'" in line
    (line,) = [line for line in script.splitlines() if line.strip().startswith("('completion')")]
    assert "'bash:for which shell'" in line


@pytest.mark.server
def test_fish_completes_the_same(tmp_path: Path) -> None:
    (tmp_path / "c.fish").write_text(run(tmp_path, "completion", "fish").stdout)
    for line, wanted in (("sou", "sources"), ("sources --re", "--record"), ("config sch", "schema")):
        asked = f"source {tmp_path}/c.fish; complete -C 'oncall-tui {line}'"
        done = subprocess.run(["fish", "-N", "-c", asked], capture_output=True, text=True, timeout=30, check=True)
        assert [one.split("\t")[0] for one in done.stdout.splitlines()] == [wanted], done


@pytest.mark.server
def test_zsh_completes_the_same(tmp_path: Path) -> None:
    script = run(tmp_path, "completion", "zsh").stdout
    shown = "compdef() { :; }; _describe() { print -l -- ${(P)2}; }\n"
    for words, wanted in (("''", "sources"), ("sources ''", "--record"), ("config ''", "schema")):
        asked = f"{shown}{script}\nwords=(oncall-tui {words}); CURRENT=${{#words}}; _oncall_tui"
        done = subprocess.run(["zsh", "-f", "-c", asked], capture_output=True, text=True, timeout=30, check=True)
        assert wanted in [one.partition(":")[0] for one in done.stdout.splitlines()], done
        assert done.stderr == ""


LINES = {
    "bash": (".bashrc", 'eval "$(oncall-tui completion bash)"', ["bash", "-i"]),
    "zsh": (".zshrc", 'eval "$(oncall-tui completion zsh)"', ["zsh", "-i"]),
    "fish": (".config/fish/config.fish", "oncall-tui completion fish | source", ["fish", "-i"]),
}


@pytest.mark.server
@pytest.mark.parametrize("shell", LINES)
def test_tab_completes_in_a_real_shell_that_has_the_readmes_line_and_nothing_else(shell: str, tmp_path: Path) -> None:
    name, line, argv = LINES[shell]
    assert line.replace(shell, "bash") in README.read_text("utf-8") or line in README.read_text("utf-8")
    started, program = tmp_path / name, tmp_path / "bin" / "oncall-tui"
    for path in (started, program):
        path.parent.mkdir(parents=True, exist_ok=True)
    started.write_text(f"{line}\nPS1='> '\n" if shell != "fish" else f"{line}\n")
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m oncall_tui "$@"\n')
    program.chmod(0o755)
    env = {"HOME": str(tmp_path), "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(Path.cwd())}
    with Session(argv, env=env, size=(110, 30)) as session:
        session.wait("Type help" if shell == "fish" else "^>")
        session.quiet()
        for typed, wanted in (("oncall-tui sou\t", "oncall-tui sources"), ("--re\t", "oncall-tui sources --record")):
            session.send(typed.encode())
            session.wait(wanted)
        assert "not found" not in session.text()


def test_the_man_page_tells_every_command_and_is_clean_troff(tmp_path: Path) -> None:
    page = run(tmp_path, "man").stdout
    assert re.findall(r"^\.SS (.*)$", page, re.MULTILINE) == [name.replace("-", "\\-") for name in NAMES]
    known = (".TH", ".SH", ".SS", ".TP", ".B", ".nf", ".fi")
    assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} == set(known)
    if groff := shutil.which("groff"):
        done = subprocess.run([groff, "-ww", "-man", "-Tutf8"], input=page, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert "oncall-tui" in done.stdout


def test_the_page_that_is_installed_is_todays(tmp_path: Path) -> None:
    installed = Path(oncall_tui.cli.__file__).with_name("oncall-tui.1")
    assert installed.read_text("utf-8") == run(tmp_path, "man").stdout, "oncall-tui man > oncall_tui/cli/oncall-tui.1"


def test_the_unit_watches_what_this_command_would(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    odd = tmp_path / "a b" / 'c%h$HOME"d.toml'
    ran = run(tmp_path, "unit", "--config", str(odd), "--state", str(tmp_path / "plain"))
    (start,) = re.findall(r"^ExecStart=(.*)$", ran.stdout, re.MULTILINE)
    escaped = str(odd).replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    assert start.endswith(f' watch --config "{escaped}" --state {tmp_path}/plain')
    relative = run(tmp_path, "unit", "--config", "mine.toml").stdout
    assert re.search(r"--config /\S*/mine\.toml$", relative, re.MULTILINE)


def test_the_unit_starts_what_was_installed(tmp_path: Path) -> None:
    ran = run(tmp_path, "unit")
    (start,) = re.findall(r"^ExecStart=(.*)$", ran.stdout, re.MULTILINE)
    assert start.endswith(" watch")
    assert Path(start.split()[0]).is_absolute()
    assert "systemctl --user enable" in ran.stderr
    if verify := shutil.which("systemd-analyze"):
        unit = tmp_path / "oncall-tui.service"
        unit.write_text(ran.stdout)
        done = subprocess.run([verify, "--user", "verify", str(unit)], capture_output=True, text=True, check=False)
        assert str(unit) not in done.stderr, done.stderr
