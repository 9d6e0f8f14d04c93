"""`init`: from nothing to a source that was tested, by flags, questions and the environment; and a team's part."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from oncall_tui import config
from oncall_tui.cli import main
from oncall_tui.cli.arguments import parse
from oncall_tui.cli.asking import Asker
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.cli.setup import init
from oncall_tui.config import Secret, adding, team
from oncall_tui.demo.world import World
from oncall_tui.errors import OncallError, Unwritable

CANARY = "canary-init-4711"


@pytest.fixture
def world() -> Iterator[World]:
    with World(still=True) as world:
        yield world


class Desk(dict[str, str]):
    """What a config of the embedded world says, to type it again."""

    def __init__(self, world: World, folder: Path) -> None:
        loaded = config.load(world.write_config(folder))
        super().__init__({source.name: source.url for source in loaded.sources})
        secret = loaded.sources[1].secret
        assert secret
        self.key = secret.file


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    (tmp_path / "world").mkdir()
    return Desk(world, tmp_path / "world")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "oncall-tui" / "config.toml"


def by_flags(path: Path, *argv: str, answers: str | None = None) -> Outcome:
    out = io.StringIO()
    asker = Asker(io.StringIO(answers or ""), out, can_ask=answers is not None)
    try:
        done = init(path, parse(["init", *argv]), asker)
    except OncallError as error:
        return Outcome(Code.USAGE, out.getvalue(), error.words)
    return Outcome(done.code, out.getvalue() + done.out, done.talk)


MONITOR = ("--me", "Sanne", "--kind", "alertmanager", "--url")


# --- by flags --------------------------------------------------------------------------------------------------------


def test_one_command_writes_a_tested_source_and_shows_one_record_of_it(path: Path, desk: Desk) -> None:
    told = by_flags(path, *MONITOR, desk["monitor"], "--name", "am")
    assert told.code == 0, told
    assert "As it will look: " in told.out
    assert "am  signed in   ok  " in told.out
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert tomllib.loads(path.read_text()) == {
        "me": {"name": "Sanne"},
        "sources": {"am": {"kind": "alertmanager", "url": desk["monitor"]}},
    }
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]


def test_a_second_source_is_appended_and_not_a_letter_of_the_rest_changes(path: Path, desk: Desk) -> None:
    by_flags(path, *MONITOR, desk["monitor"])
    mine = "# mine\r\n" + path.read_text() + "# and the end, without a line end"
    path.write_bytes(mine.encode())
    told = by_flags(path, "--kind", "redmine", "--url", desk["desk"], "--name", "desk", "--secret", f"file {desk.key}",
                    "--set", "every=15s")  # fmt: skip
    assert told.code == 0, told
    assert path.read_bytes().startswith(mine.encode())
    second = config.load(path).sources[1]
    assert (second.name, second.secret, second.every_s) == ("desk", Secret(file=desk.key), 15)


def test_a_source_that_fails_is_told_and_not_written(path: Path) -> None:
    told = by_flags(path, *MONITOR, "http://127.0.0.1:1")
    assert (told.code, told.talk) == (3, "oncall-tui: nothing was written; --untested writes it all the same")
    assert "FAILED" in told.out
    assert "nothing listens" in told.out
    assert "\n\n" not in told.out
    assert not path.exists()
    assert by_flags(path, *MONITOR, "http://127.0.0.1:1", "--untested").code == 0
    assert path.exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--kind", "alertmanager", "--url", "http://x"), "--me is missing: "),
        (("--me", "S", "--kind", "alertmanager"), "--url is missing: "),
        (
            ("--me", "S", "--kind", "redmin", "--url", "http://x"),
            "--kind: that is no kind of source; did you mean 'redmine'?",
        ),
        ((*MONITOR, "ftp://x", "--untested"), "http or https, with a host"),
        ((*MONITOR, "http://x", "--untested", "--set", "evry=5s"), "unknown key; did you mean 'every'?"),
        ((*MONITOR, "http://x", "--untested", "--set", "every"), "--set wants KEY=VALUE"),
        ((*MONITOR, "http://x", "--untested", "--set", f"api_key={CANARY}"), "a secret may not stand in this file"),
        (
            (*MONITOR, "http://x", "--untested", "--set", "verify=yes"),
            "sources.alertmanager.verify: must be true or false",
        ),
        ((*MONITOR, "http://x", "--untested", "--set", f"token={CANARY}"), "never the secret itself"),
        ((*MONITOR, "http://x", "--untested", "--set", f"auth.secret={CANARY}"), "never the secret itself"),
        ((*MONITOR, "http://x", "--untested", "--secret", CANARY), "never the secret itself"),
        ((*MONITOR, "http://x", "--untested", "--secret", f"env {CANARY}-"), "not its value"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(path: Path, argv: tuple[str, ...], words: str) -> None:
    told = by_flags(path, *argv)
    assert told.code == 2
    assert words in told.talk
    assert CANARY not in told.talk + told.out
    assert ".new-" not in told.talk
    assert not path.exists()
    assert not path.parent.exists() or not list(path.parent.iterdir())


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--team", "x", "--from-env"), "--from-env does not go with --team"),
        (("--team", "--kind", "redmine"), "--kind does not go with --team"),
        (("--team", "x", "--set", "a=b"), "--set does not go with --team"),
        (("--from-env", "--me", "Sanne"), "--me does not go with --from-env"),
        (("--from-env", "--url", "http://x"), "--url does not go with --from-env"),
        (("--customers", "--untested"), "--customers are those that a test meets: it does not go with --untested"),
        (("--set", "every=5s", "--set", "every=9s"), "every is said twice"),
        (("--set", "url=http://x"), "--set url: there is --url for that"),
        (("--set", "kind=http"), "--set kind: there is --kind for that"),
        (
            ("--kind", "rt", "--url", "http://x", "--me", "S", "--secret", "env A", "--set", "token=env B"),
            "--secret and --set both say where the secret is kept: leave one out",
        ),
        (("--accept", "--kind", "redmine"), "--accept is about a team's part: it wants --team"),
    ],
)
def test_no_flag_is_passed_over_in_silence(path: Path, argv: tuple[str, ...], words: str) -> None:
    told = by_flags(path, *argv)
    assert (told.code, told.talk) == (2, words)
    assert not path.parent.exists()


def test_a_name_that_is_taken_and_another_engineer_are_refused(path: Path, desk: Desk) -> None:
    by_flags(path, *MONITOR, desk["monitor"])
    before = path.read_bytes()
    assert (
        "--name: a source is called alertmanager already"
        in by_flags(path, "--kind", "alertmanager", "--url", "http://x").talk
    )
    other = ("--me", "Olga", "--kind", "alertmanager", "--url", "http://x", "--name", "b")
    assert "says that you are Sanne" in by_flags(path, *other).talk
    moved = ("--email", "s@x.nl", "--kind", "alertmanager", "--url", "http://x", "--name", "b")
    assert "says that your mail address is not told: change it there" in by_flags(path, *moved).talk
    assert path.read_bytes() == before


def test_a_file_that_is_wrong_is_told_before_anything_is_asked(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("[me]\nnme = 'S'\n")
    told = by_flags(path, answers="")
    assert f"{path}:2: me.nme: unknown key" in told.talk
    assert path.read_text() == "[me]\nnme = 'S'\n"


def test_a_link_to_a_repository_stays_one(path: Path, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "repository" / "config.toml")
    assert by_flags(path, *MONITOR, desk["monitor"]).code == 0
    assert path.is_symlink()
    assert by_flags(path, "--kind", "alertmanager", "--url", desk["monitor"], "--name", "b").code == 0
    assert len(config.load(tmp_path / "repository" / "config.toml").sources) == 2


def test_customers_that_the_sources_name_are_proposed_and_written_when_wanted(path: Path, desk: Desk) -> None:
    redmine = ("--kind", "redmine", "--url", desk["desk"], "--secret", f"file {desk.key}")
    told = by_flags(path, "--me", "Sanne", *redmine, "--name", "one")
    assert told.talk.startswith("Customers that it names: ")
    assert not config.load(path).settings.customers
    assert by_flags(path, *redmine, "--name", "two", "--customers").talk == ""
    named = {customer.name for customer in config.load(path).settings.customers}
    assert named
    assert all(name in told.talk for name in named)


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(path: Path, desk: Desk) -> None:
    by_flags(path, *MONITOR, desk["monitor"])
    before = path.read_text()
    path.write_text(before + "# saved in an editor\n")
    with pytest.raises(Unwritable, match="was changed meanwhile: nothing was written"):
        adding.write(path, adding.extended(before, {"customers": {"Vos": {}}}), before=before)
    assert path.read_text().endswith("# saved in an editor\n")


FULL = """\
import sys
from pathlib import Path
from oncall_tui.cli import main

disk, part = Path(sys.argv[1]), sys.argv[2]
home, ballast = disk / "etc", disk / "ballast"
config, accepted = home / "config.toml", home / "team.accepted"
am = ["--kind", "alertmanager", "--url", "http://127.0.0.1:9", "--untested"]


def init(*argv):
    code = main(["init", "--config", str(config), *argv])
    print(code, sorted(one.name for one in home.iterdir()), file=sys.stderr)


def fill(pages_left=0):
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            file.truncate(file.tell() // 4096 * 4096 - pages_left * 4096)


fill()
init("--me", "Sanne", *am)
ballast.unlink()
init("--me", "Sanne", *am)
accepted.write_text("#" * 4089 + "\\n")
before = config.read_bytes(), accepted.read_bytes()
fill()
init("--name", "b", *am)
fill(pages_left=1)
init("--team", part, "--accept")
assert (config.read_bytes(), accepted.read_bytes()) == before
ballast.unlink()
init("--team", part, "--accept")
"""


@pytest.mark.server
def test_on_a_full_disk_nothing_is_half_written_and_it_says_so(tmp_path: Path) -> None:
    part, disk = tmp_path / "part.toml", tmp_path / "disk"
    part.write_text('[sources.d]\nkind = "redmine"\nurl = "https://d"\ntoken = { command = ["pass", "d"] }\n')
    disk.mkdir()
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = 'mount -t tmpfs -o size=64k none "$1" && exec "$3" -c "$4" "$1" "$2"'
    argv = ["unshare", *as_root, "--mount", "sh", "-c", script, "sh", str(disk), str(part), sys.executable, FULL]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    full = "oncall-tui: cannot write {}: no space left on device"
    assert done.stderr.splitlines() == [
        full.format(disk / "etc/config.toml"),
        "3 []",
        "0 ['config.toml']",
        full.format(disk / "etc/config.toml"),
        "3 ['config.toml', 'team.accepted']",
        full.format(disk / "etc/team.accepted"),
        "3 ['config.toml', 'team.accepted']",
        "0 ['config.toml', 'team.accepted', 'team.toml']",
    ]


# --- by questions ----------------------------------------------------------------------------------------------------


def test_without_flags_everything_is_asked(path: Path, desk: Desk) -> None:
    answers = ["Sanne", "", "redmin", "redmine", desk["desk"], "desk", CANARY, f"file {desk.key}", "y",
               "y", "alertmanager", desk["monitor"], "", "", "n"]  # fmt: skip
    told = by_flags(path, answers="\n".join(answers) + "\n")
    assert told.code == 0, told
    loaded = config.load(path)
    assert [(one.name, one.kind) for one in loaded.sources] == [("desk", "redmine"), ("alertmanager", "alertmanager")]
    assert loaded.settings.customers
    assert "that is no kind of source; did you mean 'redmine'?" in told.out
    assert CANARY not in told.out
    assert told.out.count("Your name") == 1
    assert (told.out + told.talk).count("Customers that it names") == 1


def test_each_source_is_told_to_be_written_before_the_next_is_asked(path: Path, desk: Desk) -> None:
    answers = [
        "Sanne",
        "",
        "alertmanager",
        desk["monitor"],
        "am",
        "",
        "y",
        "alertmanager",
        desk["monitor"],
        "b",
        "",
        "n",
    ]
    told = by_flags(path, answers="\n".join(answers) + "\n")
    assert told.out.index("am written") < told.out.index("A name for it", told.out.index("Another source?"))
    assert told.out.endswith("`oncall-tui list` tells it here")
    assert "- command pass show desk: what a program prints" in told.out


def test_a_source_behind_a_gate_is_set_up_by_flags(path: Path, desk: Desk, tmp_path: Path) -> None:
    key = tmp_path / "gate.key"
    key.write_text(CANARY)
    key.chmod(0o600)
    gate = ("auth.scheme=basic", "auth.user=oncall", f"auth.secret=file {key}")
    told = by_flags(path, *MONITOR, desk["monitor"], *(word for one in gate for word in ("--set", one)))
    assert told.code == 0, told
    (source,) = config.load(path).sources
    assert source.auth
    assert (source.auth.scheme, source.auth.user, source.auth.secret) == ("basic", "oncall", Secret(file=str(key)))


BOARD = (
    "list.path=/issues.json", "list.records=issues", "fields.id=id", "fields.title=subject", "fields.opened_at=created_on",
    "fields.severity=priority.name", "one.path=/issues/{id}.json", "one.record=issue",
)  # fmt: skip


def test_an_api_that_no_connector_knows_is_set_up_by_flags(path: Path, desk: Desk) -> None:
    board = ("--me", "S", "--kind", "http", "--url", desk["desk"], "--name", "board", "--set", "auth.scheme=header",
             "--set", "auth.header=X-Redmine-API-Key", "--set", f"auth.secret=file {desk.key}")  # fmt: skip
    assert "http is told by tables" in by_flags(path, *board[:6]).talk
    told = by_flags(path, *board, *(word for one in BOARD for word in ("--set", one)))
    assert told.code == 0, told
    assert "As it will look: ticket " in told.out
    assert config.load(path).sources[0].options["one.path"] == "/issues/{id}.json"


def test_a_failing_source_is_written_only_when_that_is_wanted(path: Path) -> None:
    typed = ["Sanne", "", "alertmanager", "http://127.0.0.1:1", "am", ""]
    assert by_flags(path, answers="\n".join([*typed, "n", "n", ""])).code == 3
    assert not path.exists()
    assert by_flags(path, answers="\n".join([*typed, "y", "n", ""])).code == 0
    assert path.exists()


def test_a_failing_source_is_answered_again_and_every_answer_is_offered(path: Path, desk: Desk) -> None:
    typed = ["Sanne", "", "alertmanager", "http://127.0.0.1:1", "am", "", "n"]
    told = by_flags(path, answers="\n".join([*typed, "y", "", "", "", desk["monitor"], "", "", "n", "n", ""]))
    assert told.code == 0, told
    assert "The address of the server, as https://desk.example.nl [http://127.0.0.1:1]: " in told.out
    (source,) = config.load(path).sources
    assert (source.name, source.url, config.load(path).settings.me.name) == ("am", desk["monitor"], "Sanne")


def test_an_answer_that_is_offered_again_can_be_taken_back(path: Path, desk: Desk) -> None:
    typed = ["Sanne", "s@x.nl", "alertmanager", desk["monitor"], "am", "env NO_SUCH_KEY", "n"]
    told = by_flags(path, answers="\n".join([*typed, "y", "", "-", "", "", "", "-", "n", "n", ""]))
    assert "Your mail address at the sources (empty for none): " in told.out
    assert "Where its secret is kept (- for none) [env NO_SUCH_KEY]: " in told.out
    assert told.code == 0, told
    assert config.load(path).sources[0].secret is None
    assert config.load(path).settings.me.email == ""


def test_an_address_with_a_password_is_told_what_to_answer_here(path: Path) -> None:
    told = by_flags(path, answers=f"Sanne\n\nalertmanager\nhttps://sanne:{CANARY}@host\n")
    words = (
        "an address holds no name and no password: leave them out; where the password is kept comes next (--secret), "
    )
    assert f"{words}and --set user=NAME says the name\n" in told.out
    assert "this file" not in told.out
    flag = by_flags(path, "--me", "S", "--kind", "alertmanager", "--url", f"https://{CANARY}@host")
    assert flag.talk.startswith(f"--url: {words}")
    assert CANARY not in told.out + told.talk + flag.talk


WRONG = {
    "a mail address": ("Sanne", CANARY),
    "a kind": ("Sanne", "", CANARY),
    "a kind that tables tell": ("Sanne", "", "http"),
    "no address": ("Sanne", "", "alertmanager", "htps://am.example.nl"),
    "an address with a password": ("Sanne", "", "alertmanager", f"http://sanne:{CANARY}@127.0.0.1:9"),
    "a name": ("Sanne", "", "alertmanager", "http://127.0.0.1:9", f"{CANARY} x"),
    "a secret": ("Sanne", "", "alertmanager", "http://127.0.0.1:9", "am", CANARY),
    "a secret as the name of a variable": ("Sanne", "", "alertmanager", "http://127.0.0.1:9", "am", f"env {CANARY}"),
    "half a place in the keyring": ("Sanne", "", "alertmanager", "http://127.0.0.1:9", "am", "keyring desk"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_refused_at_once_and_asked_again_and_not_repeated(path: Path, name: str) -> None:
    told = by_flags(path, answers="\n".join([*WRONG[name], ""]))
    *_, refused, again = told.out.rstrip("\n").splitlines()
    assert again in refused, "the same question"
    assert refused.rpartition(again)[2].strip()
    assert CANARY not in told.out + told.talk
    assert told.talk == "oncall-tui: the answers ended before the questions: nothing was written"
    assert not path.exists()


def test_a_kind_may_be_written_with_capitals(path: Path, desk: Desk) -> None:
    answers = ["Sanne", "", "Alertmanager", desk["monitor"], "", "", "n", "n", ""]
    assert by_flags(path, answers="\n".join(answers)).code == 0
    assert config.load(path).sources[0].kind == "alertmanager"


def test_what_is_wrong_in_what_would_be_added_names_no_line_of_the_file(path: Path) -> None:
    told = by_flags(path, *MONITOR, "http://x", "--untested", "--set", "evry=5s")
    assert told.talk.startswith("sources.alertmanager.evry: unknown key")


def all_of(desk: Desk) -> tuple[str, ...]:
    """Every answer until a source is written."""
    return ("Sanne", "", "redmine", desk["desk"], "desk", f"file {desk.key}", "n")


ALL = 7


@pytest.mark.parametrize("answered", range(ALL + 1))
def test_answers_may_end_at_every_question(path: Path, desk: Desk, answered: int) -> None:
    answers = all_of(desk)[:answered]
    told = by_flags(path, answers="".join(f"{one}\n" for one in answers))
    is_whole = answered == ALL
    assert told.code == (0 if is_whole else 2)
    assert path.exists() == is_whole
    assert told.talk == ("" if is_whole else "oncall-tui: the answers ended before the questions: nothing was written")


class Interrupted(io.StringIO):
    """A terminal at which ctrl+c is pressed after the last answer."""

    def readline(self, size: int | None = -1, /) -> str:
        if line := super().readline():
            return line
        raise KeyboardInterrupt


@pytest.mark.parametrize("answered", range(ALL + 3))
def test_an_interrupt_at_every_question_says_what_was_written(path: Path, desk: Desk, answered: int) -> None:
    answers = (*all_of(desk), "y", "alertmanager")[:answered]
    asker = Asker(Interrupted("".join(f"{one}\n" for one in answers)), io.StringIO(), can_ask=True)
    told = init(path, parse(["init"]), asker)
    is_written = answered >= ALL
    assert path.exists() == is_written
    more = "more " if is_written else ""
    assert told == Outcome(130, talk=f"oncall-tui: interrupted: nothing {more}was written")


def test_of_two_that_write_at_once_none_is_lost(path: Path) -> None:
    """Each reads, adds its own and puts it there; who finds it changed says so, and does it again."""

    def add(name: str) -> None:
        while True:
            before = adding.text_of(path)
            try:
                adding.write(path, adding.extended(before, {"customers": {name: {}}}), before=before)
            except Unwritable:
                continue
            return

    names = [f"c{number}" for number in range(24)]
    threads = [threading.Thread(target=add, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(tomllib.loads(path.read_text())["customers"]) == set(names)


# --- from the environment --------------------------------------------------------------------------------------------


def test_a_container_is_set_up_by_its_environment_as_often_as_it_starts(
    path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Path(desk.key).read_text().strip()
    for name, value in {
        "ME": "Sanne", "EMAIL": "sanne@example.nl", "SOURCE_AM_KIND": "alertmanager", "SOURCE_AM_URL": desk["monitor"],
        "SOURCE_DESK_KIND": "redmine", "SOURCE_DESK_URL": desk["desk"], "SOURCE_DESK_TOKEN": key,
        "SOURCE_DESK_VERIFY": "true", "SOURCE_DESK_TAKEN_STATUS": "In Progress",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"ONCALL_TUI_{name}", value)
    assert by_flags(path, "--from-env").code == 0
    assert key not in path.read_text()
    am, redmine = config.load(path).sources
    assert (am.name, redmine.name, redmine.secret) == ("am", "desk", Secret(env="ONCALL_TUI_SOURCE_DESK_TOKEN"))
    assert redmine.options["taken_status"] == "In Progress"
    before = path.read_bytes()
    assert "there already" in by_flags(path, "--from-env").out
    assert path.read_bytes() == before


# --- a team's part ---------------------------------------------------------------------------------------------------


def shared(desk: Desk, *, program: str = "cat") -> str:
    return (
        f'[sources.am]\nkind = "alertmanager"\nurl = "{desk["monitor"]}"\n[sources.desk]\nkind = "redmine"\n'
        f'url = "{desk["desk"]}"\ntoken = {{ command = ["{program}", "{desk.key}"] }}\n[customers.Smit]\n'
    )


def test_a_teams_part_is_taken_after_its_commands_were_seen_and_asked_about_once_a_change(
    path: Path, desk: Desk, tmp_path: Path
) -> None:
    part = tmp_path / "part.toml"
    part.write_text(shared(desk))
    refused = by_flags(path, "--me", "Sanne", "--team", str(part), answers="\nn\n")
    assert refused.code == Code.REFUSED
    assert f"redmine at {desk['desk']} gets what the command `cat {desk.key}` prints" in refused.out
    assert not path.exists()
    taken = by_flags(path, "--me", "Sanne", "--team", str(part), answers="\ny\n")
    assert taken.code == 0, taken
    assert {one.name for one in config.load(path).sources} == {"am", "desk"}
    assert {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == dict.fromkeys(
        ("config.toml", "team.accepted", "team.toml"), 0o600
    )
    assert main(["sources", "--config", str(path), "--state", str(tmp_path / "s")]) == 0
    again = by_flags(path, "--team", answers="")
    assert again.code == 0, again
    assert "gets what" not in again.out
    part.write_text(shared(desk, program="tac"))
    changed = by_flags(path, "--team", answers="y\n")
    assert "`tac " in changed.out
    assert config.load(path).sources[1].secret == Secret(command=("tac", desk.key))
    assert (path.parent / "team.toml.before").read_text() == shared(desk)
    assert len(team.accepted(path)) == 2


class Shelf(BaseHTTPRequestHandler):
    """A real server with one page, or that leads to another; it keeps what it was asked."""

    page, asked, status = "", [], 200

    def do_GET(self) -> None:
        type(self).asked.append(f"{self.path} {self.headers}")
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "https://elsewhere.example/team.toml")
        self.send_header("Content-Length", str(len(self.page.encode())))
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_request(self, *args: object) -> None:
        """Nothing on the tests' stderr."""


@pytest.fixture
def shelf() -> Iterator[str]:
    """The address of the part that `Shelf.page` is."""
    Shelf.page, Shelf.asked, Shelf.status = "", [], 200
    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/oncall/team.toml"
        server.shutdown()


def test_a_teams_part_comes_from_an_address_and_is_asked_about_once_a_change(
    path: Path, desk: Desk, shelf: str
) -> None:
    Shelf.page = shared(desk)
    first = by_flags(path, "--me", "Sanne", "--team", shelf, answers="\ny\n")
    assert first.code == 0, first
    assert f"what the command `cat {desk.key}` prints" in first.out
    assert f'from = "{shelf}"' in path.read_text()
    again = by_flags(path, "--team", answers="")
    assert (again.code, "gets what" in again.out) == (0, False)
    Shelf.page = shared(desk).replace("[customers.Smit]", "[customers.Vos]")
    assert "gets what" not in by_flags(path, "--team", answers="").out
    assert config.load(path).settings.customers[0].name == "Vos"
    Shelf.page = shared(desk, program="tac")
    assert by_flags(path, "--team", answers="n\n").code == Code.REFUSED
    assert "cat" in (path.parent / "team.toml").read_text()
    assert all(asked.startswith("/oncall/team.toml ") and "authorization" not in asked.lower() for asked in Shelf.asked)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (302, "redirect"),
        (404, "nothing at"),
        (500, "500"),
        (200, "answered with a web page"),
    ],
)
def test_what_is_no_part_is_not_taken(path: Path, shelf: str, status: int, words: str) -> None:
    Shelf.page, Shelf.status = "<html>", status
    told = by_flags(path, "--me", "Sanne", "--team", shelf)
    assert told.code == 2
    assert words in told.talk
    assert not (path.parent / "team.toml").exists()
    assert not path.exists()


def test_what_was_accepted_and_cannot_be_read_is_told_and_not_waited_for(
    path: Path, desk: Desk, tmp_path: Path
) -> None:
    part = tmp_path / "part.toml"
    part.write_text(shared(desk))
    assert by_flags(path, "--me", "Sanne", "--team", str(part), "--accept").code == 0
    for spoil in (lambda file: file.write_bytes(b"\xff"), os.mkfifo, os.mkdir):
        team.kept(path).unlink()
        spoil(team.kept(path))
        assert by_flags(path, "--team", answers="y\n").talk.startswith(f"{team.kept(path)}:")


class Meanwhile(io.StringIO):
    """Answers, and something that happens while the last of them is thought about."""

    def __init__(self, answers: str, happens: Callable[[], object]) -> None:
        super().__init__(answers)
        self._happens = happens

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline()
        if self.tell() == len(self.getvalue()):
            self._happens()
        return line


def test_what_is_accepted_of_a_teams_part_is_what_was_seen(path: Path, desk: Desk, shelf: str, tmp_path: Path) -> None:
    part, seen, changed = tmp_path / "part.toml", shared(desk), shared(desk, program="tac")
    for origin, put in ((str(part), part.write_text), (shelf, lambda text: setattr(Shelf, "page", text))):
        put(seen)
        arguments, out = parse(["init", "--me", "Sanne", "--team", origin]), io.StringIO()
        answers = Meanwhile("\ny\n", lambda put=put: put(changed))
        assert init(path, arguments, Asker(answers, out, can_ask=True)).code == 0
        assert f"`cat {desk.key}`" in out.getvalue()
        assert (path.parent / "team.toml").read_text() == seen
        assert config.load(path).sources[1].secret == Secret(command=("cat", desk.key))
        assert not [one for one in team.accepted(path) if "tac" in one]
        assert by_flags(path, "--team", answers="n\n").code == Code.REFUSED
        shutil.rmtree(path.parent)


def test_a_teams_part_without_a_reader_is_refused_unless_accepted_by_a_flag(
    path: Path, desk: Desk, tmp_path: Path
) -> None:
    part = tmp_path / "part.toml"
    part.write_text(shared(desk))
    told = by_flags(path, "--me", "Sanne", "--team", str(part))
    assert (told.code, told.talk) == (Code.REFUSED, "oncall-tui: nothing was written; --accept takes it without asking")
    assert by_flags(path, "--me", "Sanne", "--team", str(part), "--accept").code == 0


def test_nothing_is_accepted_or_written_before_all_is_said(path: Path, desk: Desk, tmp_path: Path) -> None:
    part = tmp_path / "part.toml"
    part.write_text(shared(desk))
    told = by_flags(path, "--team", str(part), "--accept")
    assert (told.code, told.talk) == (2, "--me is missing: your name, as colleagues and customers know you")
    assert not path.parent.exists()


def test_a_part_from_elsewhere_is_named_by_the_line_that_says_whence_it_is(
    path: Path, desk: Desk, tmp_path: Path
) -> None:
    part = tmp_path / "part.toml"
    part.write_text(shared(desk))
    assert by_flags(path, "--me", "Sanne", "--team", str(part), "--accept").code == 0
    told = by_flags(path, "--team", str(tmp_path / "other.toml"))
    assert told.talk == f"{path}:6: team.from: the team's part is from {part}: change it here first"


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("http://git.example.nl/team.toml", "comes by https"),
        ("ftp://git.example.nl/team.toml", "comes by https"),
        (f"https://olga:{CANARY}@git.example.nl/team.toml", "it may hold no secret"),
        (f"https://git.example.nl/team.toml?token={CANARY}", "it may hold no secret"),
        ("/nowhere/team.toml", "there is nothing in /nowhere/team.toml"),
        ("", "say where the team's part is"),
    ],
)
def test_a_place_that_no_part_may_come_from_is_refused(path: Path, origin: str, words: str) -> None:
    told = by_flags(path, "--me", "Sanne", "--team", origin)
    assert told.code == 2
    assert words in told.talk
    assert CANARY not in told.talk


def test_a_part_with_a_fault_is_told_by_its_line_and_not_taken(path: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.toml"
    part.write_text('[sources.x]\nkind = "redmine"\nurl = "https://x"\ntoken = "' + CANARY + '"\n')
    told = by_flags(path, "--me", "Sanne", "--team", str(part))
    assert "the team's part:4: sources.x.token: a secret may not stand in this file" in told.talk
    assert CANARY not in told.talk
    shutil.rmtree(path.parent, ignore_errors=True)
