"""No error of the configuration without a case: each place in `oncall_tui.config` that raises one is reached here.

What is reached is told by the tracebacks themselves; a new ``raise`` without a case fails `test_every_place_has_a_case`.
"""

from __future__ import annotations

import ast
import re
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import oncall_tui.config
from oncall_tui import config, connectors
from oncall_tui.config import adding
from oncall_tui.errors import ConfigError
from tests.test_config import FAULTS, FOREIGN, LEAST, SMIT

HOME = Path(oncall_tui.config.__file__).parent
Site = tuple[str, int]


def sites() -> set[Site]:
    """Every ``raise`` of a fault, by file and first line."""
    return {
        (path.name, node.lineno)
        for path in HOME.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise) and not re.match(r"raise (Unwritable|ValueError)\(", ast.unparse(node))
    }


def site_of(error: ConfigError) -> set[Site]:
    """Where it was raised."""
    found, trace = set(), error.__traceback__
    while trace is not None:
        found.add((Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno))
        trace = trace.tb_next
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


def no_zones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(sys.modules, "tzdata", None)
    zoneinfo.reset_tzpath(to=[])
    return written(folder, f'{SMIT}moments = [{{ at = "05:00", what = "x", zone = "Pacific/Yap" }}]\n')


def broken_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    foreign(folder, monkeypatch, "raise RuntimeError('CANARY')\n")
    return written(folder, ACME)


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
    "no file": (lambda folder, patch: folder / "no.toml", "no.toml: ", "`oncall-tui init` writes one"),
    "too deep": (lambda folder, patch: written(folder, "x = " + "[" * 9000), "config.toml: ", "is nested too deeply"),
    "no time zones": (no_zones, "config.toml:7: customers.Smit.moments[0].zone: ", "install its tzdata package"),
    "a broken package": (broken_package, "config.toml:7: sources.x.kind: ", "acme"),
    "a package that wants a secret": (needy_package, "config.toml:6: sources.x: ", "api_key is missing: write api_key = "),
    "no team file": (lambda f, p: written(f, TEAM), "config.toml:4: team.file: there is no file ", "`oncall-tui init --team`"),
    "not accepted": (unaccepted, "team.toml:1: sources.desk: redmine at https://x gets ", "accept that with `oncall-tui init"),
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


def caught(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as told:
        config.load(path)
    return told.value


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
