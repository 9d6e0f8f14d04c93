"""config.toml: what a right one becomes, and what each wrong one is told, by file, line, key and remedy."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from oncall_tui import config, connectors
from oncall_tui.config import Config, Secret
from oncall_tui.errors import ConfigError
from oncall_tui.model import Alternative, Moment, Process

WHOLE = """\
[me]
name = "Sanne de Vries"
email = "sanne@example.nl"
[sources.am]                       # the name is ours, the kind is the connector
kind = "alertmanager"
url = "http://127.0.0.1:9093"
every = "15s"
[sources.desk]
kind = "redmine"
url = "https://desk.example.nl"
token = { env = "REDMINE_KEY" }    # or { command = ["pass", "show", "redmine"] } or { file = "~/.redmine-key" }
[customers."Bakkerij De Korenaar"]
match = { organisations = ["Bakkerij De Korenaar"], domains = ["korenaar.nl"], labels = { tenant = "korenaar" } }
core_process = "take orders from 14 shops"
core_process_theirs = "bestellingen van 14 winkels aannemen"
process = "core"                   # core | supporting | peripheral
depends_on = ["orders-api"]
alternative = "none"               # none | manual | failover
language = "nl"
phone = "+31 00 000 00 00"
moments = [{ at = "04:30", what = "ovens load", zone = "Europe/Amsterdam" }]
[services.orders-api]
match = { labels = { service = "orders-api" } }
"""

LEAST = """\
[me]
name = "Sanne"
[sources.am]
kind = "alertmanager"
url = "http://127.0.0.1:9093"
"""


def load(folder: Path, text: str | bytes) -> Config:
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return config.load(path)


def told(folder: Path, text: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return caught.value


def test_the_promised_shape_is_read_whole(tmp_path: Path) -> None:
    read = load(tmp_path, WHOLE)
    assert read.settings.me.name == "Sanne de Vries"
    am, desk = read.sources
    assert (am.name, am.kind, am.url, am.every_s, am.secret) == (
        "am",
        "alertmanager",
        "http://127.0.0.1:9093",
        15,
        None,
    )
    assert (desk.kind, desk.secret) == ("redmine", Secret(env="REDMINE_KEY"))
    (customer,) = read.settings.customers
    assert customer.match.labels == {"tenant": "korenaar"}
    assert customer.core_process == "take orders from 14 shops"
    assert customer.core_process_theirs == "bestellingen van 14 winkels aannemen"
    assert (customer.process, customer.alternative, customer.language) == (Process.CORE, Alternative.NONE, "nl")
    assert customer.moments == (Moment(at=time(4, 30), what="ovens load", zone="Europe/Amsterdam"),)
    (service,) = read.settings.services
    assert (service.name, service.match.labels) == ("orders-api", {"service": "orders-api"})


def test_what_is_not_said_has_the_products_defaults(tmp_path: Path) -> None:
    read = load(tmp_path, LEAST + "[customers.Smit]\n")
    assert (read.undo_s, read.late_s, read.keep_days, read.ack_hours) == (5, 75, 30, 4)
    assert read.settings.alarm_words is None
    assert (read.settings.customers[0].process, read.settings.customers[0].alternative) == (
        Process.CORE,
        Alternative.NONE,
    )
    assert read.sources[0].every_s == 30
    assert read.sources[0].verify


def test_the_optional_sections_are_read(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        'alarm_words = ["ligt plat"]\nbots = ["mailer-daemon"]\n'
        + LEAST
        + '[outbox]\nundo = "10s"\nlate = "2m"\nkeep = "7d"\nacknowledge = "90m"\n'
        + '[urgency]\nvoice = 3\nwaiting_first_s = "10m"\n[keys]\ntake = "t"\n',
    )
    assert (read.undo_s, read.late_s, read.keep_days, read.ack_hours) == (10, 120, 7, 1.5)
    assert (read.settings.weights.voice, read.settings.weights.waiting_first_s, read.settings.weights.down) == (
        3,
        600,
        100,
    )
    assert read.settings.alarm_words == ("ligt plat",)
    assert read.settings.bots == ("mailer-daemon",)
    assert read.keys == {"take": "t"}


def test_a_moment_may_be_on_some_days_only(tmp_path: Path) -> None:
    moment = (
        '[customers.S]\nmoments = [{ at = "04:30", what = "x", zone = "Europe/Amsterdam", days = ["Friday", "mon"] }]\n'
    )
    assert load(tmp_path, LEAST + moment).settings.customers[0].moments[0].days == (0, 4)


@pytest.mark.parametrize(
    ("given", "secret", "origin"),
    [
        ('{ env = "KEY" }', Secret(env="KEY"), "env KEY"),
        ('{ command = ["pass", "show", "desk"] }', Secret(command=("pass", "show", "desk")), "command pass"),
        ('{ file = "~/.redmine-key" }', Secret(file="~/.redmine-key"), "file ~/.redmine-key"),
        ('{ keyring = "desk/sanne" }', Secret(keyring="desk/sanne"), "keyring desk/sanne"),
        ('{ credential = "desk" }', Secret(credential="desk"), "credential desk"),
    ],
)
def test_a_secret_is_only_ever_the_place_where_it_is_kept(
    tmp_path: Path, given: str, secret: Secret, origin: str
) -> None:
    read = load(tmp_path, LEAST + f'[sources.desk]\nkind = "redmine"\nurl = "https://x"\ntoken = {given}\n')
    assert read.sources[1].secret == secret
    assert secret.origin == origin


def test_files_are_found_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    assert load(tmp_path, LEAST + 'ca_file = "ca.pem"\n').sources[0].ca_file == str(tmp_path / "ca.pem")


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode()).settings.me.name == "Sanne"
    error = told(tmp_path, (LEAST + 'evry = "5s"\n').replace("\n", "\r\n"))
    assert (error.line, error.key) == (6, "sources.am.evry")


SMIT = LEAST + "[customers.Smit]\n"
DESK = LEAST + '[sources.desk]\nkind = "redmine"\nurl = "https://x"\n'
RIGHT_WAY = 'write token = { env = "NAME" } or { command = ["pass", "show", "NAME"] } or { file = "~/.NAME" }'
MOMENT = 'moments = [\n  { at = "04:30", what = "x", zone = "UTC" },\n  {%s},\n]\n'

FAULTS = {
    "a misspelt section": ("[surces.am]\n", 1, "surces", "did you mean 'sources'?"),
    "nobody is me": ("[sources.am]\n", 0, "", '[me] is missing: say who you are: name = "Sanne de Vries"'),
    "I have no name": ("[me]\n", 1, "me", 'name is missing: it must be your name, as name = "Sanne de Vries"'),
    "my name is empty": ('[me]\nname = " "\n', 2, "me.name", "must be your name, as name = "),
    "my name is a number": ("[me]\nname = 5\n", 2, "me.name", "not a number"),
    "my name has an escape": ('[me]\nname = "a\\u001b[2J"\n', 2, "me.name", "without control characters"),
    "me is no table": ("me = 5\n", 1, "me", "must be a table: [me]"),
    "a misspelt key of mine": (
        '[me]\nnmae = "S"\n',
        2,
        "me.nmae",
        "did you mean 'name'? allowed: name, email, aliases",
    ),
    "aliases is one text": (
        '[me]\nname = "S"\naliases = "s"\n',
        3,
        "me.aliases",
        'must be a list of texts, as ["one", "two"]',
    ),
    "an alias is empty": (
        '[me]\nname = "S"\naliases = ["s",\n  ""]\n',
        4,
        "me.aliases[1]",
        "must be a text that is not empty",
    ),
    "no source": ('[me]\nname = "S"\n', 0, "sources", 'is missing: add a table such as [sources.am] with kind = "..."'),
    "a source named with a slash": (
        LEAST + '[sources."a/b"]\n',
        6,
        'sources."a/b"',
        "1 to 40 letters, digits, dots, dashes",
    ),
    "a source is no table": (LEAST + "[sources]\ndesk = 5\n", 7, "sources.desk", "must be a table: [sources.desk]"),
    "no kind": (LEAST + "[sources.desk]\n", 6, "sources.desk", "kind is missing: it must be one of "),
    "an unknown kind": (
        LEAST + '[sources.desk]\nkind = "redmin"\n',
        7,
        "sources.desk.kind",
        "did you mean 'redmine'? allowed: alert",
    ),
    "no url": (
        LEAST + '[sources.x]\nkind = "alertmanager"\n',
        6,
        "sources.x",
        "url is missing: it must be the address of the",
    ),
    "a url without a scheme": (LEAST.replace("http://", ""), 5, "sources.am.url", "http or https, with a host"),
    "a url of files": (LEAST.replace("http:", "file:"), 5, "sources.am.url", "http or https, with a host"),
    "a url without a host": (LEAST.replace("127.0.0.1:9093", ""), 5, "sources.am.url", "http or https, with a host"),
    "a url with an absurd port": (LEAST.replace("9093", "99999"), 5, "sources.am.url", "http or https, with a host"),
    "a url with a query": (LEAST.replace("9093", "9093/?a=1"), 5, "sources.am.url", "without ? or #"),
    "asked too often": (LEAST + 'every = "1s"\n', 6, "sources.am.every", "must be from 5s to 1h"),
    "a duration without a unit": (LEAST + 'every = "15"\n', 6, "sources.am.every", 'a duration such as "15s", "5m"'),
    "a duration as a number": (
        LEAST + "every = 15\n",
        6,
        "sources.am.every",
        'a duration such as "15s", "5m", "2h" or "30d", not a n',
    ),
    "verify as a text": (LEAST + 'verify = "no"\n', 6, "sources.am.verify", "must be true or false, not a text"),
    "an unknown option of that kind": (
        LEAST + 'evry = "15s"\n',
        6,
        "sources.am.evry",
        "did you mean 'every'? allowed: kind, url",
    ),
    "a missing CA file": (
        LEAST + 'ca_file = "/nowhere/ca.pem"\n',
        6,
        "sources.am.ca_file",
        "there is no file /nowhere/ca.pem",
    ),
    "a CA file in a home that nobody has": (
        LEAST + 'ca_file = "~nobody-at-all/ca.pem"\n',
        6,
        "sources.am.ca_file",
        "there is no home of ~nobody-at-all: write the whole path",
    ),
    "a socket in a home that nobody has": (
        LEAST + 'socket = "~nobody-at-all/s"\n',
        6,
        "sources.am.socket",
        "there is no home of ~nobody-at-all: write the whole path",
    ),
    "a CA file whose name no system takes": (
        LEAST + f'ca_file = "/{"x" * 300}"\n',
        6,
        "sources.am.ca_file",
        "there is no file /xxx",
    ),
    "a team's part in a home that nobody has": (
        LEAST + '[team]\nfile = "~nobody-at-all/team.toml"\n',
        7,
        "team.file",
        "there is no home of ~nobody-at-all: write the whole path",
    ),
    "a team's part whose name no system takes": (
        LEAST + f'[team]\nfile = "{"x" * 300}"\n',
        7,
        "team.file",
        "there is no file ",
    ),
    "a client key alone": (
        LEAST + 'client_key = "k.pem"\n',
        6,
        "sources.am.client_key",
        "belongs to a client_cert, and there is none",
    ),
    "a proxy that is no address": (
        LEAST + 'proxy = "proxy:3128"\n',
        6,
        "sources.am.proxy",
        "must be the address of a proxy",
    ),
    "a token and a password": (
        DESK + 'token = { env = "K" }\npassword = { env = "P" }\n',
        10,
        "sources.desk.password",
        "only one secret is allowed, and token is there already",
    ),
    "a literal token": (
        DESK + 'token = "CANARY"\n',
        9,
        "sources.desk.token",
        f"may not stand in this file; {RIGHT_WAY}",
    ),
    "a literal under a likely name": (
        DESK + 'api_key = "CANARY"\n',
        9,
        "sources.desk.api_key",
        "a secret may not stand in this file",
    ),
    "a password in the url": (
        LEAST.replace("127", "me:CANARY@127"),
        5,
        "sources.am.url",
        "a secret may not stand in this file, nor in",
    ),
    "a token that is a list": (
        DESK + 'token = ["pass"]\n',
        9,
        "sources.desk.token",
        "must say where the secret is kept; write",
    ),
    "a token in an unknown place": (
        DESK + 'token = { envv = "K" }\n',
        9,
        "sources.desk.token.envv",
        "did you mean 'env'? allowed: env,",
    ),
    "a token in two places": (
        DESK + 'token = { env = "K", file = "f" }\n',
        9,
        "sources.desk.token",
        "must say exactly one place",
    ),
    "a token nowhere": (DESK + "token = { }\n", 9, "sources.desk.token", "must say exactly one place"),
    "a command as a text": (
        DESK + 'token = { command = "pass x" }\n',
        9,
        "sources.desk.token.command",
        "a list of the program and its",
    ),
    "a token for a variable's name": (
        DESK + 'token = { env = "abc-123" }\n',
        9,
        "sources.desk.token.env",
        "not its value",
    ),
    "a misspelt key of a customer": (
        SMIT + 'proces = "core"\n',
        7,
        "customers.Smit.proces",
        "did you mean 'process'? allowed: match,",
    ),
    "an unknown process": (
        SMIT + 'process = "kern"\n',
        7,
        "customers.Smit.process",
        "allowed: core, supporting, peripheral",
    ),
    "an unknown alternative": (
        SMIT + 'alternative = "nome"\n',
        7,
        "customers.Smit.alternative",
        "did you mean 'none'? allowed: none, man",
    ),
    "a customer without a name": (LEAST + '[customers.""]\n', 6, 'customers.""', "the name must not be empty"),
    "a misspelt match": (
        SMIT + 'match = { domain = ["x"] }\n',
        7,
        "customers.Smit.match.domain",
        "did you mean 'domains'?",
    ),
    "labels as a list": (SMIT + "match = { labels = [] }\n", 7, "customers.Smit.match.labels", "must be a table"),
    "a label that is a number": (
        SMIT + "match = { labels = { a = 1 } }\n",
        7,
        "customers.Smit.match.labels.a",
        "must be a text, not a number",
    ),
    "a language by name": (
        SMIT + 'language = "Dutch"\n',
        7,
        "customers.Smit.language",
        'must be a language code, as "nl" or "en"',
    ),
    "moments as a text": (
        SMIT + 'moments = "04:30"\n',
        7,
        "customers.Smit.moments",
        "must be a list of tables, as [{ at = ",
    ),
    "a moment as a text": (
        SMIT + 'moments = ["04:30"]\n',
        7,
        "customers.Smit.moments",
        "must be a list of tables, as [{ at = ",
    ),
    "a moment at no time": (
        SMIT + MOMENT % 'at="25:00"',
        9,
        "customers.Smit.moments[1].at",
        "is no time of day; it must be from",
    ),
    "a moment about nothing": (
        SMIT + MOMENT % 'at="05:00"',
        9,
        "customers.Smit.moments[1]",
        "what is missing: it must be what happens",
    ),
    "an unknown zone": (
        SMIT + MOMENT % 'at="05:00", what="x", zone="Europe/Amsterdan"',
        9,
        "customers.Smit.moments[1].zone",
        "did you mean 'Europe/Amsterdam'? allowed: IANA names",
    ),
    "an unknown day": (
        SMIT + MOMENT % 'at="05:00", what="x", zone="UTC", days=["tues"]',
        9,
        "customers.Smit.moments[1].days",
        "did you mean 'tue'? allowed: mon, tue, wed, thu, fri, sat, sun",
    ),
    "a misspelt key of a service": (
        LEAST + "[services.x]\nmatsh = {}\n",
        7,
        "services.x.matsh",
        "did you mean 'match'?",
    ),
    "a misspelt weight": (LEAST + "[urgency]\ndonw = 1\n", 7, "urgency.donw", "did you mean 'down'?"),
    "a weight as a text": (LEAST + '[urgency]\ndown = "1"\n', 7, "urgency.down", "must be a number"),
    "a negative weight": (LEAST + "[urgency]\nvoice = -1\n", 7, "urgency.voice", "must be from 0 to 1000"),
    "a weight that is no number": (LEAST + "[urgency]\nvoice = nan\n", 7, "urgency.voice", "must be from 0 to 1000"),
    "being with them weighs more": (LEAST + "[urgency]\nin_hand = 1.5\n", 7, "urgency.in_hand", "must be from 0 to 1"),
    "worse weighs less": (
        LEAST + "[urgency]\ndegraded = 200\n",
        7,
        "urgency.degraded",
        "degraded must not weigh more than down (100)",
    ),
    "a weight in seconds": (LEAST + "[urgency]\ndeadline_s = 5\n", 7, "urgency.deadline_s", 'a duration such as "15s"'),
    "a misspelt time of the outbox": (
        LEAST + '[outbox]\nundoo = "5s"\n',
        7,
        "outbox.undoo",
        "did you mean 'undo'? allowed: undo, late,",
    ),
    "a long undo": (LEAST + '[outbox]\nundo = "1h"\n', 7, "outbox.undo", "must be from 0s to 2m"),
    "kept too shortly": (LEAST + '[outbox]\nkeep = "1h"\n', 7, "outbox.keep", "must be 1d or more"),
    "a key that is a number": (LEAST + "[keys]\ntake = 5\n", 7, "keys.take", "must be a text, not a number"),
    "alarm words as a text": (
        'alarm_words = "x"\n' + LEAST,
        1,
        "alarm_words",
        'must be a list of texts, as ["one", "two"]',
    ),
    "an auth without a scheme": (
        LEAST + "[sources.am.auth]\n",
        6,
        "sources.am.auth",
        "scheme is missing: it must be one of basic",
    ),
    "an unknown scheme": (
        LEAST + '[sources.am.auth]\nscheme = "oauth"\n',
        7,
        "sources.am.auth.scheme",
        "did you mean 'oauth2'?",
    ),
    "basic without a user": (
        LEAST + '[sources.am.auth]\nscheme = "basic"\nsecret = { env = "X" }\n',
        6,
        "sources.am.auth",
        "user is missing: it must be there for basic",
    ),
    "oauth2 without a server of tokens": (
        LEAST + '[sources.am.auth]\nscheme = "oauth2"\nclient_id = "x"\nsecret = { env = "X" }\n',
        6,
        "sources.am.auth",
        "token_url is missing",
    ),
    "an auth without a secret": (
        LEAST + '[sources.am.auth]\nscheme = "bearer"\n',
        6,
        "sources.am.auth",
        'secret is missing: write secret = { env = "NAME" }',
    ),
    "an auth with a literal secret": (
        LEAST + '[sources.am.auth]\nscheme = "bearer"\nsecret = "CANARY"\n',
        8,
        "sources.am.auth.secret",
        "a secret may not stand in this file",
    ),
    "a header that is none": (
        LEAST + '[sources.am.auth]\nscheme = "header"\nheader = "X Y"\nsecret = { env = "X" }\n',
        8,
        "sources.am.auth.header",
        "must be the name of a header",
    ),
    "a word that is no proxy": (LEAST + 'proxy = "system"\n', 6, "sources.am.proxy", '"environment" or "none"'),
    "a keyring without a user": (
        DESK + 'token = { keyring = "desk" }\n',
        9,
        "sources.desk.token.keyring",
        'must be the service and the user in the keyring, as "desk/sanne"',
    ),
    "a credential that is a path": (
        DESK + 'token = { credential = "../desk" }\n',
        9,
        "sources.desk.token.credential",
        'must be the name of a systemd credential, as "desk"',
    ),
    "a team from a number": (LEAST + '[team]\nfile = "t"\nfrom = 5\n', 8, "team.from", "must be a text, not a number"),
    "a team from an address with a password": (
        LEAST + '[team]\nfile = "t"\nfrom = "https://me:CANARY@x/t.toml"\n',
        8,
        "team.from",
        "it may hold no secret, ? or #",
    ),
    "a team from where it can be changed": (
        LEAST + '[team]\nfile = "t"\nfrom = "http://x.example/t.toml"\n',
        8,
        "team.from",
        "a team's part comes by https",
    ),
    "nothing that calls": (
        LEAST + "[notify]\nhow = []\n",
        7,
        "notify.how",
        "nothing would call you; allowed: bell, osc9",
    ),
    "a team without a file": (LEAST + "[team]\n", 6, "team", "file is missing"),
    "no TOML": ('[me]\nname = "S\n', 2, "", "is not TOML: "),
    "TOML that stops": ("[me]\nname =", 2, "", "is not TOML"),
    "a key twice": ('[me]\nname = "S"\nname = "T"\n', 3, "", "is not TOML: "),
    "not UTF-8": (b'[me]\nname = "Ren\xe9"\n', 2, "", "is not UTF-8: save it as UTF-8"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_file_is_told_by_file_line_key_and_remedy(tmp_path: Path, name: str) -> None:
    text, line, key, remedy = FAULTS[name]
    error = told(tmp_path, text)
    assert (error.file, error.line, error.key) == (str(tmp_path / "config.toml"), line, key)
    where = f"{error.file}:{line}" if line else error.file
    assert error.words.startswith(f"{where}: {key}: " if key else f"{where}: ")
    assert remedy in error.words


@pytest.mark.parametrize(
    "name", [name for name, fault in FAULTS.items() if b"CANARY" in bytes(repr(fault[0]), "utf-8")]
)
def test_a_literal_secret_is_never_repeated(tmp_path: Path, name: str) -> None:
    assert "CANARY" not in repr(told(tmp_path, FAULTS[name][0]))


BAD_OPTIONS = [
    *((kind, "severities", "gold=dwn", "'gold' must be one of question, at_risk, degraded, down")
      for kind in ("alerta", "alertmanager", "checkmk", "grafana", "http", "icinga2", "nagios", "prometheus", "zabbix")),
    *((kind, "priorities", "gold", "'gold' must be one of") for kind in ("redmine", "roundup", "rt")),
    ("zabbix", "page_size", "x", "'x' is no number"),
    ("alerta", "page_size", "0", "'0' is no number"),
    ("grafana", "org", "main", "'main' is no number"),
    ("prometheus", "external_labels", "eu", "'eu' has no value; each must be NAME=VALUE"),
    ("http", "kind_of", "tickets", "'tickets' is not allowed; allowed: alert, ticket"),
    ("http", "times", "us", "'us' is not allowed; allowed: s, ms"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "option", "value", "remedy"), BAD_OPTIONS)
def test_an_option_that_cannot_be_meant_is_told_when_the_file_is_read(
    tmp_path: Path, kind: str, option: str, value: str, remedy: str
) -> None:
    needed = "".join(f'{one.name} = "x"\n' for one in connectors.find(kind).options if one.required and not one.secret)
    text = f'{LEAST}[sources.x]\n{option} = "{value}"\nkind = "{kind}"\nurl = "https://x"\n{needed}'
    error = told(tmp_path, text)
    assert (error.line, error.key) == (7, f"sources.x.{option}")
    assert remedy in error.words


FOREIGN = """\
from oncall_tui.kit import Connector, Option
def poll(source):
    yield
CONNECTOR = Connector(name="acme", title="Acme", docs="", poll=poll, answers={}, options=(
    Option(name="api_key", help="the key", secret=True, required=True),
    Option(name="room", help="the room to watch", required=True),
    Option(name="floor", help="the floor", default="3"),
))
"""


def test_another_packages_connector_is_checked_by_its_own_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme.py").write_text(FOREIGN)
    (tmp_path / "acme-1.dist-info").mkdir()
    (tmp_path / "acme-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    (tmp_path / "acme-1.dist-info" / "entry_points.txt").write_text("[oncall_tui.connectors]\nacme = acme:CONNECTOR\n")
    monkeypatch.syspath_prepend(tmp_path)
    acme = LEAST + '[sources.acme]\nkind = "acme"\nurl = "https://x"\n'
    error = told(tmp_path, acme + 'room = "1"\n')
    assert (error.line, error.key) == (6, "sources.acme")
    assert 'api_key is missing: write api_key = { env = "NAME" }' in error.words
    assert "room is missing: it must be the room to watch" in told(tmp_path, acme + 'api_key = { env = "K" }\n').words
    read = load(tmp_path, acme + 'api_key = { env = "K" }\nroom = "1"\n').sources[1]
    assert (read.secret, read.options) == (Secret(env="K"), {"room": "1", "floor": "3"})


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"nowhere\.toml: there is no configuration here; `oncall-tui init` writes one"
    ):
        config.load(tmp_path / "nowhere.toml")


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(is a directory\): it must be a file"):
        config.load(tmp_path)


def test_the_default_places_follow_the_users_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    assert config.default_path() == tmp_path / "c" / "oncall-tui" / "config.toml"
    assert config.state_dir() == tmp_path / "s" / "oncall-tui"
