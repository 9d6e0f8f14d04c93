"""`oncall-tui config`: what it checks and shows, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_program import configured, run


def test_check_says_that_it_is_right_and_how_much_there_is(tmp_path: Path) -> None:
    path = configured(tmp_path)
    ran = run(tmp_path, "config", "check")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{path}: right (1 source, 0 customers, 0 services); `oncall-tui sources` tests them\n"


def test_check_also_finds_what_only_the_screen_would(tmp_path: Path) -> None:
    path = configured(tmp_path)
    path.write_text(path.read_text() + '[keys]\nnote = "N"\ntake = "r"\n')
    ran = run(tmp_path, "config", "check")
    assert (ran.returncode, ran.stdout) == (2, "")
    line = len(path.read_text().splitlines())
    assert ran.stderr == f"oncall-tui: {path}:{line}: keys.take: 'r' is already the key of 'reply': choose another\n"


def test_show_tells_every_value(tmp_path: Path) -> None:
    configured(tmp_path)
    assert 'sources.am.every = "30s"\n' in run(tmp_path, "config", "show").stdout


def test_schema_and_reference_need_no_file(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "config", "schema").stdout)["required"] == ["me"]
    assert run(tmp_path, "config", "schema", "config").stdout == run(tmp_path, "config", "schema").stdout
    assert "silence" in json.loads(run(tmp_path, "config", "schema", "care").stdout)["properties"]
    assert run(tmp_path, "config", "reference").stdout.startswith("#### At the top\n")


IN_PATH = "look whether it is installed and in the PATH that this was started with"
DOES = "`oncall-tui sources` does"


def test_check_tells_which_secrets_are_not_there_and_which_it_did_not_look_for(tmp_path: Path) -> None:
    path = configured(tmp_path)
    ran_by = tmp_path / "it-was-run"
    (tmp_path / "key").write_text("canary-check-4711")
    (tmp_path / "key").chmod(0o644)
    places = [
        'env = "NO_SUCH_KEY"', f'file = "{tmp_path / "key"}"', 'command = ["no-such-program"]', 'keyring = "a/b"',
        f'command = ["touch", "{ran_by}"]', 'credential = "desk"',
    ]  # fmt: skip
    for number, place in enumerate(places):
        source = f'\n[sources.s{number}]\nkind = "redmine"\nurl = "http://x"\ntoken = {{ {place} }}'
        path.write_text(path.read_text() + source)
    path.write_text(path.read_text() + '\nauth = { scheme = "bearer", secret = { env = "NO_GATE" } }\n')
    ran = run(tmp_path, "config", "check")
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"{path}: right (7 sources")
    assert ran.stderr.splitlines() == [
        f"oncall-tui: {path}:7: sources.s0: env NO_SUCH_KEY: it is not set: export it before starting",
        f"oncall-tui: {path}:11: sources.s1: file {tmp_path / 'key'}: others can read it (mode 0644): chmod 600",
        f"oncall-tui: {path}:15: sources.s2: command no-such-program: there is no such program that can be run: {IN_PATH}",
        f"oncall-tui: {path}:31: sources.s5.auth: env NO_GATE: it is not set: export it before starting",
        f"oncall-tui: not looked for: the secret of s3 (keyring a/b), s4 (command touch), s5 (credential desk); {DOES}",
    ]
    assert not ran_by.exists()
    (tmp_path / "key").chmod(0o600)
    there = run(
        tmp_path, "config", "check", NO_SUCH_KEY="canary", NO_GATE="canary", CREDENTIALS_DIRECTORY=str(tmp_path)
    )
    assert "sources.s0" not in there.stderr
    assert "sources.s1" not in there.stderr
    assert "sources.s5: credential desk: no such file or directory" in there.stderr
    assert "canary" not in ran.stderr + ran.stdout + there.stderr + there.stdout


@pytest.mark.parametrize("what", ["check", "show", "reference"])
def test_only_a_schema_is_of_one_file(what: str, tmp_path: Path) -> None:
    ran = run(tmp_path, "config", what, "care")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "oncall-tui: only `config schema` is of one file: leave care out\n"


def test_check_of_nothing_is_told(tmp_path: Path) -> None:
    ran = run(tmp_path, "config", "check")
    assert ran.returncode == 2
    assert "there is no configuration here" in ran.stderr
