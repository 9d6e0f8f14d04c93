"""A team's shared part: what of it counts, whose faults it tells, and that it sends no secret anywhere unaccepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_tui import config
from oncall_tui.config import team
from oncall_tui.config.read import read_team
from oncall_tui.errors import ConfigError

OWN = '[me]\nname = "Olga"\n[team]\nfile = "team.toml"\n'
SHARED = """\
bots = ["mailer"]
[sources.am]
kind = "alertmanager"
url = "http://127.0.0.1:9093"
[sources.desk]
kind = "redmine"
url = "https://desk.example.nl"
token = { command = ["pass", "show", "desk key"] }
[customers.Smit]
process = "supporting"
[urgency]
voice = 3
"""
SENTENCE = "redmine at https://desk.example.nl gets what the command `pass show 'desk key'` prints"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "team.toml").write_text(SHARED)
    path = tmp_path / "config.toml"
    path.write_text(OWN)
    return path


def fault(own: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        config.load(own)
    return caught.value


def test_a_teams_command_is_refused_until_it_was_accepted(own: Path) -> None:
    error = fault(own)
    assert (error.file, error.line, error.key) == (str(own.parent / "team.toml"), 5, "sources.desk")
    assert f"{SENTENCE}: see and accept that with `oncall-tui init --team`" in error.words
    team.kept(own).write_text(f"{SENTENCE}\n")
    assert [one.name for one in config.load(own).sources] == ["am", "desk"]


def test_a_certificate_that_we_show_is_a_secret_as_well(own: Path) -> None:
    (own.parent / "me.pem").write_text("x")
    shared = SHARED.replace('token = { command = ["pass", "show", "desk key"] }', 'client_cert = "me.pem"')
    (own.parent / "team.toml").write_text(shared.replace('kind = "redmine"', 'kind = "alertmanager"'))
    assert (
        f"alertmanager at https://desk.example.nl gets our certificate in {own.parent / 'me.pem'}" in fault(own).words
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"show"', '"steal"'),
        ("https://desk.example.nl", "https://evil.example.nl"),
        ("token =", "verify = false\ntoken ="),
        ("token =", 'proxy = "http://evil:1"\ntoken ='),
        ("token =", 'socket = "/tmp/evil"\ntoken ='),
        ('{ command = ["pass", "show", "desk key"] }', '{ file = "~/.ssh/id_ed25519" }'),
        ('{ command = ["pass", "show", "desk key"] }', '{ env = "AWS_SECRET_ACCESS_KEY" }'),
    ],
)
def test_each_change_of_what_goes_where_is_accepted_anew(own: Path, old: str, new: str) -> None:
    team.kept(own).write_text(f"{SENTENCE}\n")
    config.load(own)
    (own.parent / "team.toml").write_text(SHARED.replace(old, new))
    assert "see and accept that" in fault(own).words


def test_a_source_that_gets_no_secret_needs_no_consent(own: Path) -> None:
    (own.parent / "team.toml").write_text(SHARED.replace('token = { command = ["pass", "show", "desk key"] }\n', "")
                                          .replace('kind = "redmine"', 'kind = "alertmanager"'))  # fmt: skip
    assert len(config.load(own).sources) == 2


def test_what_stands_in_the_own_file_wins(own: Path) -> None:
    own.write_text(
        'bots = ["mine"]\n' + OWN + '[sources.desk]\nkind = "redmine"\nurl = "https://own"\ntoken = { env = "MINE" }\n'
        "[customers.Smit]\nprocess = 'core'\n[customers.Vos]\n[urgency]\nvoice = 4\n"
    )
    loaded = config.load(own)
    assert {one.name: one.url for one in loaded.sources} == {"desk": "https://own", "am": "http://127.0.0.1:9093"}
    assert {one.name: one.process.value for one in loaded.settings.customers} == {"Smit": "core", "Vos": "core"}
    assert (loaded.settings.weights.voice, loaded.settings.bots) == (4, ("mine",))
    assert loaded.team == str(own.parent / "team.toml")


@pytest.mark.parametrize(
    ("shared", "line", "key", "remedy"),
    [
        ('[me]\nname = "X"\n', 1, "me", "unknown key; allowed: sources"),
        ('[keys]\ntake = "t"\n', 1, "keys", "unknown key"),
        ("[customers.S]\nproces = 1\n", 2, "customers.S.proces", "did you mean 'process'?"),
        (
            '[sources.x]\nkind = "redmine"\ntoken = "CANARY"\n',
            3,
            "sources.x.token",
            "a secret may not stand in this file",
        ),
        ("[sources", 1, "", "is not TOML"),
        ("bots = 5\n", 1, "bots", "must be a list of texts"),
    ],
)
def test_a_fault_of_the_team_names_the_teams_file(own: Path, shared: str, line: int, key: str, remedy: str) -> None:
    file = own.parent / "team.toml"
    file.write_text(shared)
    error = fault(own)
    assert (error.file, error.line, error.key) == (str(file), line, key)
    assert remedy in error.words
    assert "CANARY" not in error.words
    with pytest.raises(ConfigError):
        read_team(file)


def test_a_teams_file_that_is_missing_says_what_fetches_it(own: Path) -> None:
    (own.parent / "team.toml").unlink()
    assert "there is no file" in fault(own).words
    assert "`oncall-tui init --team` fetches it" in fault(own).words
