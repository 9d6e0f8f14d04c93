"""What only shows itself when a source is used is told by file, line, key and remedy as well.

With `tests.test_config_sites` this reaches every place that raises a fault of the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_tui import config, connectors
from oncall_tui.engine import tls
from oncall_tui.engine.line import Line
from oncall_tui.errors import ConfigError
from tests.engine.authority import Authority
from tests.engine.faulty import Step, says, serving
from tests.test_config_sites import IN_USE, Site, foreign, modules, site_of, written

ACME = """\
from oncall_tui.kit import Connector, get
def poll(source):
    yield get("/list")
CONNECTOR = Connector(name="acme", title="Acme", docs="", poll=poll, answers={}, headers=lambda source: {"X-Room": "\\n"})
"""
ZABBIX = '{"jsonrpc": "2.0", "id": 1, "result": %s}'

Case = tuple[str, tuple[Step, ...], str, str]

CASES: dict[str, Case] = {
    "a key that tells no name": (
        'kind = "alerta"\nurl = "{url}"\ntoken = {{ env = "PATH" }}',
        (says(200, '{"keys": []}'),),
        ":3: sources.s.user: ",
        'set user = "LOGIN NAME" in [sources.s]',
    ),
    "a token that tells no name": (
        'kind = "zabbix"\nurl = "{url}"\ntoken = {{ env = "PATH" }}',
        (says(200, ZABBIX % '"6.0.14"'), says(200, ZABBIX % "[]"), says(200, ZABBIX % "[]")),
        ":3: sources.s.user: ",
        'set user = "LOGIN NAME" in [sources.s]',
    ),
    "a header": ('kind = "acme"\nurl = "{url}"', (), ":3: sources.s: ", "only printable ASCII can be in one"),
    "a proxy of the environment": (
        'kind = "alertmanager"\nurl = "http://source.invalid"\nproxy = "environment"',
        (),
        ":6: sources.s.proxy: ",
        "cannot be used: http://HOST:PORT or https://HOST:PORT",
    ),
    "no store": (
        'kind = "alertmanager"\nurl = "https://127.0.0.1:9"',
        (),
        ":3: sources.s: ",
        "SSL_CERT_FILE names /nowhere.pem, which is not there: unset or correct it",
    ),
    "no certificate": (
        'kind = "alertmanager"\nurl = "https://127.0.0.1:9"\nca_file = "rubbish.pem"',
        (),
        ":6: sources.s.ca_file: ",
        "it must hold a certificate as PEM",
    ),
    "a locked key": (
        'kind = "alertmanager"\nurl = "https://127.0.0.1:9"\nca_file = "ca.pem"\nclient_cert = "me.pem"\nclient_key = "me.locked"',
        (),
        ":7: sources.s.client_cert: ",
        "its key has a passphrase, and nobody is asked at night: store it without",
    ),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ca.pem, me.pem and its key behind a passphrase."""
    folder = tmp_path_factory.mktemp("ca")
    made = Authority(folder)
    made.locked(made.issue("me"))
    return folder


@pytest.fixture
def folder(tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where config.toml is written, among files to name; what the environment says is wrong too."""
    for name in ("ca.pem", "me.pem", "me.locked"):
        (tmp_path / name).write_bytes((authority / name).read_bytes())
    written(tmp_path, "rubbish", "rubbish.pem")
    foreign(tmp_path, monkeypatch, ACME)
    monkeypatch.setenv("HTTP_PROXY", "rubbish://x")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    tls._context.cache_clear()
    yield tmp_path
    tls._context.cache_clear()
    connectors.find.cache_clear()


async def used(folder: Path, case: Case) -> ConfigError:
    text, steps, _, _ = case
    async with serving(*steps) as server:
        path = written(folder, f'[me]\nname = "S"\n[sources.s]\n{text.format(url=server.url)}\n')
        loaded = config.load(path)
        (source,) = loaded.sources
        connector = connectors.fit(source.kind, source.options)
        line = Line(source, connector, loaded.settings.me)
        try:
            with pytest.raises(ConfigError) as caught:
                await line.play(connector.poll)
        finally:
            await line.close()
    return caught.value


@pytest.mark.parametrize("name", CASES)
async def test_each_has_its_file_line_key_and_remedy(name: str, folder: Path) -> None:
    _, _, where, remedy = CASES[name]
    words = (await used(folder, CASES[name])).words
    assert words.startswith(f"{folder}/config.toml{where}")
    assert remedy in words


async def test_every_place_has_a_case(folder: Path) -> None:
    reached: set[Site] = set()
    for case in CASES.values():
        tls._context.cache_clear()
        reached |= site_of(await used(folder, case))
    assert {(name, line) for name in IN_USE for line in modules()[name]} - reached == set()
