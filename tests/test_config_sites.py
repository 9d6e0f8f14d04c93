"""No error of the configuration without a case: each place that raises one for a file is reached here.

What is reached is told by the tracebacks themselves; a new ``raise`` without a case fails `test_every_place_has_a_case`, one
in a module that is not listed here `test_every_module_that_raises_one_is_known`.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import zoneinfo
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import oncall_tui
from oncall_tui import connectors
from oncall_tui.cli.settings import settings
from oncall_tui.config import adding
from oncall_tui.errors import ConfigError
from tests.test_config import FAULTS, FOREIGN, LEAST, SMIT

HOME = Path(oncall_tui.__file__).parent
Site = tuple[str, int]

FROM_A_FILE = (
    "config/",
    "connectors/http/",
    "connectors/__init__",
    "kit/reading",
    "cli/settings",
    "ui/outfit",
    "ui/rebinding",
    "ui/caring",
    "care/phrasebook",
)
"""Where what stands in config.toml or care.toml is judged when it is read."""

IN_USE = (
    "engine/line.py",
    "engine/tls.py",
    "engine/wire.py",
    "connectors/monitors/alerta.py",
    "connectors/monitors/zabbix.py",
)
"""Where one is raised that shows itself only when a source is used: `tests.test_config_in_use`."""

TO_BE = ("cli/joining.py", "cli/setup.py")
"""Where it is told of a text that is in no file yet: `tests.cli.test_setup`."""


TREES = {path.relative_to(HOME).as_posix(): ast.parse(path.read_text("utf-8")) for path in HOME.rglob("*.py")}


def makers(tree: ast.Module) -> set[str]:
    """The functions of that module that make a fault."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.returns)
    return {node.name for node in functions if node.returns and ast.unparse(node.returns) == "ConfigError"}


KNOWN = {"ConfigError", *(name for tree in TREES.values() for name in makers(tree) if not name.startswith("_"))}


def raising(tree: ast.Module) -> set[int]:
    """The first line of every ``raise`` of a fault in that module."""
    made = "|".join({*KNOWN, *makers(tree)})
    raised = (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    return {node.lineno for node in raised if re.search(rf"\b(?:{made})\(", ast.unparse(node))}


def modules() -> dict[str, set[int]]:
    found = {name: raising(tree) for name, tree in TREES.items()}
    return {name: lines for name, lines in found.items() if lines}


def sites() -> set[Site]:
    """Every place that judges what stands in a file."""
    return {(name, line) for name, lines in modules().items() if name.startswith(FROM_A_FILE) for line in lines}


def site_of(error: BaseException | None) -> set[Site]:
    """Where it was raised, and what it was made of."""
    found: set[Site] = set()
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            path = Path(trace.tb_frame.f_code.co_filename)
            found |= {(path.relative_to(HOME).as_posix(), trace.tb_lineno)} if HOME in path.parents else set()
            trace = trace.tb_next
        error = error.__context__
    return found


def written(folder: Path, text: str, name: str = "config.toml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def foreign(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Another package's connector `acme`, installed for this test alone."""
    written(folder, code, "acme_sites.py")
    info = folder / "acme_sites-1.dist-info"
    info.mkdir()
    written(info, "Metadata-Version: 2.1\nName: acme-sites\nVersion: 1\n", "METADATA")
    written(info, "[oncall_tui.connectors]\nacme = acme_sites:CONNECTOR\n", "entry_points.txt")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "acme_sites", raising=False)
    connectors.find.cache_clear()


ACME = f'{LEAST}[sources.x]\nkind = "acme"\nurl = "https://x"\n'
TEAM = '[me]\nname = "S"\n[team]\nfile = "team.toml"\n'


def led(folder: Path, to: Path) -> Path:
    (folder / "config.toml").symlink_to(to)
    return folder / "config.toml"


def pipe(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """To open one waits until somebody writes into it."""
    os.mkfifo(folder / "config.toml")
    return folder / "config.toml"


def team_pipe(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    os.mkfifo(folder / "team.toml")
    return written(folder, TEAM)


def no_zones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(sys.modules, "tzdata", None)
    zoneinfo.reset_tzpath(to=[])
    return written(folder, f'{SMIT}moments = [{{ at = "05:00", what = "x", zone = "Pacific/Yap" }}]\n')


def broken_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    foreign(folder, monkeypatch, "raise RuntimeError('CANARY')\n")
    return written(folder, ACME)


def no_connector(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    foreign(folder, monkeypatch, "CONNECTOR = 5\n")
    return written(folder, ACME)


def no_certificate(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    written(folder, "rubbish", "ca.pem")
    source = '[sources.x]\nkind = "alertmanager"\nurl = "https://x"\nca_file = "ca.pem"\n'
    return written(folder, f'[me]\nname = "S"\n{source}')


def needy_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    foreign(folder, monkeypatch, FOREIGN)
    return written(folder, f'{ACME}room = "1"\n')


def unaccepted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    desk = '[sources.desk]\nkind = "redmine"\nurl = "https://x"\ntoken = { env = "KEY" }\n'
    written(folder, desk, "team.toml")
    return written(folder, TEAM)


Make = Callable[[Path, pytest.MonkeyPatch], Path]

ODD: dict[str, tuple[Make, str, str]] = {
    "a folder": (lambda folder, patch: folder, ": cannot be read (is a directory)", "it must be a file that you may read"),
    "a loop": (lambda folder, patch: led(folder, folder / "config.toml"), ": cannot be read (", "it must be a file that you may read"),
    "a device": (
        lambda folder, patch: led(folder, Path("/dev/zero")),
        ": cannot be read (is a device)",
        "it must be a file that you may read",
    ),
    "a pipe": (pipe, ": cannot be read (is a pipe)", "it must be a file that you may read"),
    "a pipe of the team": (team_pipe, "config.toml:4: team.file: there is no file ", "`oncall-tui init --team`"),
    "no file": (lambda folder, patch: folder / "no.toml", "no.toml: ", "`oncall-tui init` writes one"),
    "too deep": (lambda folder, patch: written(folder, "x = " + "[" * 9000), "config.toml: ", "is nested too deeply"),
    "no time zones": (no_zones, "config.toml:7: customers.Smit.moments[0].zone: ", "install its tzdata package"),
    "a broken package": (broken_package, "config.toml:7: sources.x.kind: ", "acme"),
    "no connector": (no_connector, "config.toml:7: sources.x.kind: ", "not a Connector of oncall_tui.kit: mend or remove"),
    "a package that wants a secret": (needy_package, "config.toml:6: sources.x: ", "api_key is missing: write api_key = "),
    "no team file": (lambda f, p: written(f, TEAM), "config.toml:4: team.file: there is no file ", "`oncall-tui init --team`"),
    "not accepted": (unaccepted, "team.toml:1: sources.desk: redmine at https://x gets ", "accept that with `oncall-tui init"),
    "no certificate": (
        no_certificate,
        "config.toml:6: sources.x.ca_file: ",
        "it must hold a certificate as PEM (-----BEGIN CERTIFICATE-----)",
    ),
    "no theme": (
        lambda f, p: written(f, f'{LEAST}[ui]\ntheme = "nihgt"\n'),
        "config.toml:7: ui.theme: ",
        "did you mean 'night'?",
    ),
    "no call": (
        lambda f, p: written(f, f'{LEAST}[notify]\nhow = ["osc8"]\n'),
        "config.toml:7: notify.how: ",
        "did you mean 'osc9'?",
    ),
    "no span": (
        lambda f, p: written(f, f'{LEAST}[notify]\nquiet = "11pm"\n'),
        "config.toml:7: notify.quiet: ",
        'it must be as "23:00-07:00"',
    ),
    "no list": (
        lambda f, p: written(f, f'{LEAST}[sources.x]\nkind = "http"\nurl = "https://x"\n[sources.x.list]\npath = "x"\n'
                                '[sources.x.fields]\nid = "id"\ntitle = "t"\nopened_at = "o"\n'),
        "config.toml:10: sources.x.list.path: ",
        "must be a path below url",
    ),
    "no meaning": (
        lambda f, p: written(f, f'{LEAST}severities = "gold=dwn"\n'),
        "config.toml:6: sources.am.severities: ",
        "'gold' must be one of question, at_risk, degraded, down",
    ),
}  # fmt: skip


BOARD = """\
[me]
name = "S"
[sources.b]
kind = "http"
url = "https://b"
[sources.b.fields]
id = "id"
title = "t"
opened_at = "at"
"""
LIST = f'{BOARD}[sources.b.list]\npath = "/t"\n'
RESOLVE = f"{LIST}[sources.b.resolve]\npath = '/t/{{id}}'\n"

TOLD: dict[str, tuple[str, str, str]] = {
    "no list": (BOARD, "config.toml:3: sources.b.list.path: is missing; it ", "must be a path below url"),
    "unknown in a table": (f"{LIST}page = 1\n", ":12: sources.b.list.page: unknown key; ", "allowed: path, "),
    "a wrong path": (LIST.replace("/t", "t"), ":11: sources.b.list.path: ", "must be a path below url"),
    "no parameter": (f'{LIST}paging = "page"\n', ":10: sources.b.list.param: ", "is missing: which parameter of the query"),
    "no cursor": (f'{LIST}paging = "cursor"\nparam = "c"\n', ":10: sources.b.list.next: ", "is missing: where in an answer"),
    "no expression": (f'{LIST}records = "items["\n', ":12: sources.b.list.records: ", "https://jmespath.org shows how"),
    "a word": (f'{LIST}query = {{ q = "{{who}}" }}\n', ":12: sources.b.list.query: ", "stands for nothing here; known: "),
    "no field": (LIST.replace('title = "t"\n', ""), ":6: sources.b.fields.title: ", "is missing: what in a record is its title?"),
    "another field": (LIST.replace("title", "titel"), ":8: sources.b.fields.titel: unknown key", "allowed: id, title"),
    "no ticket": (RESOLVE.replace("/{id}", ""), ":13: sources.b.resolve.path: ", "names no ticket: put {id} into it"),
    "no text": (
        RESOLVE.replace("resolve", "note") + "body = { n = 'x' }\n", ":14: sources.b.note.body: ", "put {text} into it",
    ),
    "a note for the customer": (
        "".join((LIST, *(f"[sources.b.{verb}]\npath = '/t/{{id}}'\nbody = {{ n = '{{text}}' }}\n" for verb in ("note", "reply")))),
        ":14: sources.b.note.body: ", "is the same request as reply",
    ),
    "what is open": (f"{RESOLVE}[sources.b.one]\npath = '/t/{{id}}'\n", ":6: sources.b.fields.open: ", "is missing: without it"),
    "what changed": (f"{LIST}changed = {{ a = '{{since}}' }}\n", ":6: sources.b.fields.open: ", "is missing: among what changed"),
    "since when": (
        f"{LIST}changed = {{ a = 'x' }}\n".replace('id = "id"', 'id = "id"\nopen = "o"'), ":13: sources.b.list.changed: ",
        "put {since} into it",
    ),
    "severities": (f'{LEAST}severities = "gold=dwn"\n', ":6: sources.am.severities: ", "must be one of question, at_risk"),
    "labels": (
        LEAST.replace("alertmanager", "prometheus") + 'external_labels = "eu"\n', ":6: sources.am.external_labels: ",
        "each must be NAME=VALUE",
    ),
    "no kind of it": (f'{LIST}[sources.c]\nkind = "http"\nurl = "https://c"\nkind_of = "tickets"\n', ":15: sources.c.kind_of: ",
        "allowed: alert, ticket",
    ),
    "a number": (
        LEAST.replace("alertmanager", "zabbix") + 'token = { env = "K" }\npage_size = "x"\n', ":7: sources.am.page_size: ",
        'it must be a whole one from 1 on, as "1000"',
    ),
    "no such key": (f'{LEAST}[keys]\nnope = "x"\n', ":7: keys.nope: ", "did you mean 'open'? allowed: "),
    "no key at all": (f'{LEAST}[keys]\ntake = "f1"\n', ":7: keys.take: ", "it must be one character, ctrl+ and a letter"),
    "a key twice": (f'{LEAST}[keys]\ntake = "r"\n', ":7: keys.take: ", "is already the key of 'reply': choose another"),
}  # fmt: skip

CARE: dict[str, tuple[str | bytes, str, str]] = {
    "no TOML": ("[nl", "care.toml:1: is not TOML: ", "Expected ']'"),
    "too deep": ("x = " + "[" * 9000, "care.toml: ", "is nested too deeply"),
    "no UTF-8": (b"# caf\xe9\n", "care.toml:1: ", "save it as UTF-8"),
    "no language": ('\nnl = "delay"\n', "care.toml:2: nl: ", "must be a table of a language, as [nl.delay]"),
    "no code": ('[NL.delay]\n"x" = ["a", "b"]\n', "care.toml:1: NL: ", "is neither silence nor the code of a language: write it as [nl.delay]"),
    "no kind": ('[nl.late]\n"x" = ["a", "b"]\n', "care.toml:1: nl.late: is no table of a kind; ", "there are delay, "),
    "no list": ('silence = "ticket"\n', "care.toml:1: silence: ", 'must be a list of phrases, as ["one", "another"]'),
    "no pair": ('[nl.delay]\n"x" = "a"\n', 'care.toml:2: nl.delay."x": ', 'must be two texts: ["what they hear"'),
    "only gaps": ('[nl.delay]\n"... x" = ["a", "b"]\n', 'care.toml:2: nl.delay."... x": ', "must begin and end with a word"),
    "two verbs": ('[nl]\nfine = ["a+b c+d"]\n', 'care.toml:2: nl.fine."a+b c+d": ', "may hold one verb of two parts (with a +) at most"),
}  # fmt: skip


def caught(path: Path) -> ConfigError:
    """What `config check` finds, which judges all that is read before a night."""
    with pytest.raises(ConfigError) as told:
        settings(path, Namespace(what="check", of=None))
    return told.value


def cared(folder: Path, text: str | bytes) -> Path:
    (folder / "care.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return written(folder, f"{LEAST}")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    zoneinfo.reset_tzpath()
    connectors.find.cache_clear()


@pytest.mark.parametrize("name", ODD)
def test_each_odd_one_says_where_and_what_to_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, where, remedy = ODD[name]
    words = caught(make(tmp_path, monkeypatch)).words
    assert words.startswith(str(tmp_path))
    assert where in words
    assert remedy in words
    assert "CANARY" not in words


@pytest.mark.parametrize("name", TOLD)
def test_what_a_connector_or_the_screen_finds_has_its_file_line_key_and_remedy(name: str, tmp_path: Path) -> None:
    text, where, remedy = TOLD[name]
    words = caught(written(tmp_path, text)).words
    assert words.startswith(f"{tmp_path}/config.toml:")
    assert where in words
    assert remedy in words


@pytest.mark.parametrize("name", CARE)
def test_a_wrong_care_toml_has_its_file_line_key_and_remedy(name: str, tmp_path: Path) -> None:
    text, where, remedy = CARE[name]
    words = caught(cared(tmp_path, text)).words
    assert words.startswith(f"{tmp_path}/{where}")
    assert remedy in words


def test_a_care_toml_that_is_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "care.toml")
    words = caught(written(tmp_path, LEAST)).words
    assert words == f"{tmp_path}/care.toml: cannot be read (is a pipe): it must be a file that you may read"


def test_every_module_that_raises_one_is_known() -> None:
    assert {name for name in modules() if not name.startswith(FROM_A_FILE)} == {*IN_USE, *TO_BE}


def test_every_place_has_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: set[Site] = set()
    for number, text in enumerate(fault[0] for fault in FAULTS.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "config.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        reached |= site_of(caught(folder / "config.toml"))
    for name, (make, _, _) in ODD.items():
        folder = tmp_path / name
        folder.mkdir()
        with monkeypatch.context() as patch:
            reached |= site_of(caught(make(folder, patch)))
        zoneinfo.reset_tzpath()
    (tmp_path / "latin").write_bytes(b"# caf\xe9\n")
    for number, (text, _, _) in enumerate(TOLD.values()):
        folder = tmp_path / f"told{number}"
        folder.mkdir()
        reached |= site_of(caught(written(folder, text)))
    for number, (wrong_care, _, _) in enumerate(CARE.values()):
        folder = tmp_path / f"care{number}"
        folder.mkdir()
        reached |= site_of(caught(cared(folder, wrong_care)))
    (tmp_path / "folder" / "care.toml").mkdir(parents=True)
    reached |= site_of(caught(written(tmp_path / "folder", LEAST)))
    for wrong in (
        lambda: adding.text_of(tmp_path),
        lambda: adding.text_of(tmp_path / "latin"),
        lambda: adding.checked(tmp_path / "x.toml", "[me]\nnme = 1\n"),
    ):
        with pytest.raises(ConfigError) as told:
            wrong()
        assert str(tmp_path) in told.value.words
        reached |= site_of(told.value)
    assert sites() - reached == set()
