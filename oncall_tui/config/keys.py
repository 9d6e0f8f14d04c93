"""Every key that config.toml may hold, in one table: the reader, the reference and the schema are made of it."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from oncall_tui.config.shape import Call, Theme
from oncall_tui.model import Alternative, Noun, Process, Weights
from oncall_tui.words import length


class Shape(enum.Enum):
    """What a value looks like; the value is how the reference calls it."""

    TEXT = "text"
    TEXTS = "list of texts"
    PAIR = "two texts"
    DURATION = "duration"
    NUMBER = "number"
    FLAG = "true or false"
    SECRET = "place of a secret"  # noqa: S105 (the name of a shape)
    LABELS = "table of texts"
    MATCH = "table"
    OPTIONS = "table of texts and tables"
    MOMENTS = "list of tables"


class Key(Noun, frozen=True, kw_only=True):
    """One key: what it is for, what it is without being said, and, as TOML, an example."""

    name: str
    help: str
    shape: Shape = Shape.TEXT
    default: str = ""
    example: str = ""
    words: tuple[str, ...] = ()
    required: bool = False


class Section(Noun, frozen=True, kw_only=True):
    """One table; its `path` holds NAME where the name is yours."""

    path: str
    help: str
    keys: tuple[Key, ...]


def _key(name: str, help_: str, shape: Shape = Shape.TEXT, *, default: str = "", example: str = "") -> Key:
    return Key(name=name, help=help_, shape=shape, default=default, example=example)


def _must(name: str, help_: str, example: str) -> Key:
    return Key(name=name, help=help_, example=example, required=True)


_TOP = Section(
    path="",
    help="These stand above the first table.",
    keys=(
        _key("alarm_words", "the customers' own words that raise an impact by one step; they replace ours",
             Shape.TEXTS, example='["ligt plat", "on fire"]'),
        _key("bots", "authors and assignees that are nobody: names, logins or mail addresses", Shape.TEXTS,
             example='["mailer-daemon"]'),
    ),
)  # fmt: skip

_ME = Section(
    path="me",
    help="Who you are.",
    keys=(
        _must("name", "your name, as colleagues and customers know you", '"Sanne de Vries"'),
        _key("email", "your mail address at the sources", example='"sanne@example.nl"'),
        _key("aliases", "other names under which sources know you", Shape.TEXTS, example='["sanne", "svries"]'),
    ),
)

_SOURCE = Section(
    path="sources.NAME",
    help="One account on a monitoring or ticket system. Each kind has keys of its own on top of these.",
    keys=(
        _must("kind", "which product it is: one of `oncall-tui connectors`", '"redmine"'),
        _must("url", "the address of the server; a secret never stands in it", '"https://desk.example.nl"'),
        _key("every", "how often it is asked, 5s to 1h", Shape.DURATION, default="30s", example='"15s"'),
        _key("token", "where its token or key is kept", Shape.SECRET, example='{ env = "DESK_KEY" }'),
        _key("password", "the same as token, for what is called a password; there is one of the two", Shape.SECRET,
             example='{ command = ["pass", "show", "desk"] }'),
        _key("ca_file", "the CA that its certificate is from; the system's CAs without it", example='"ca.pem"'),
        _key("client_cert", "the certificate that we show to it", example='"me.pem"'),
        _key("client_key", "the key of client_cert, when it is not in the same file", example='"me.key"'),
        _key("proxy", 'the proxy to it; "environment" takes what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say, '
             '"none" takes none; without it an https source takes the environment\'s and an http source none', example='"http://proxy.example.nl:3128"'),
        _key("verify", "false leaves its certificate unchecked; the screen then warns of it all the time", Shape.FLAG,
             default="true", example="false"),
        _key("socket", "a unix socket that is connected to instead of the url's host", example='"/run/am.sock"'),
    ),
)  # fmt: skip

_AUTH = Section(
    path="sources.NAME.auth",
    help="How to get past what stands in front of a source (a proxy that wants a login), or into a product that has no "
    "login of its own. It comes on top of the source's own token.",
    keys=(
        Key(name="scheme", help="how the credential is shown", required=True, example='"oauth2"',
            words=("basic", "bearer", "header", "oauth2")),
        Key(name="secret", help="where the credential is kept (for oauth2: the client's secret)", shape=Shape.SECRET,
            required=True, example='{ env = "GATE_SECRET" }'),
        _key("user", "basic: the name that belongs to the password", example='"oncall"'),
        _key("header", "header: which one carries the credential", example='"X-Api-Key"'),
        _key("token_url", "oauth2: where the access token comes from (client credentials, RFC 6749 4.4)",
             example='"https://login.example.nl/token"'),
        _key("client_id", "oauth2: who we are there", example='"oncall-tui"'),
        _key("scope", "oauth2: what is asked for", example='"alerts.read"'),
    ),
)  # fmt: skip

SECRET = Section(
    path="sources.NAME.token",
    help="Where a secret is kept, never the secret itself: exactly one of these.",
    keys=(
        _key("env", "the name of an environment variable", example='"DESK_KEY"'),
        _key("command", "a program and its arguments, run without a shell; the first line that it prints", Shape.TEXTS,
             example='["pass", "show", "desk"]'),
        _key("file", "a file that only you can read (0600)", example='"~/.desk-key"'),
        _key("keyring", "service/user in the desktop's keyring; needs the package keyring", example='"desk/sanne"'),
        _key("credential", "the name of a systemd credential (LoadCredential=)", example='"desk"'),
    ),
)  # fmt: skip

_CUSTOMER = Section(
    path="customers.NAME",
    help="An organisation whose work can be hurt. Once there is one, customers that are not named count as supporting.",
    keys=(
        _key("match", "how its signals are recognised; its own name always is", Shape.MATCH,
             example='{ domains = ["korenaar.nl"] }'),
        _key("core_process", "what it earns its bread with; the screen says what they cannot do",
             example='"take orders from 14 shops"'),
        _key("core_process_theirs", "the same in the customer's own language; a reply leaves it out when neither is in that",
             example='"bestellingen van 14 winkels aannemen"'),
        Key(name="process", help="how near to its bread our work for it is", default="core", example='"supporting"',
            words=tuple(Process)),
        _key("depends_on", "the services that its core process depends on", Shape.TEXTS, example='["orders-api"]'),
        Key(name="alternative", help="what it can do without us", default="none", example='"manual"',
            words=tuple(Alternative)),
        _key("language", "the language that it is answered in", example='"nl"'),
        _key("phone", "whom to ring there; it is shown", example='"+31 00 000 00 00"'),
        _key("moments", "times before which it must work again", Shape.MOMENTS,
             example='[{ at = "04:30", what = "ovens load", zone = "Europe/Amsterdam" }]'),
    ),
)  # fmt: skip

MATCH = Section(
    path="customers.NAME.match",
    help="Any one of these is enough. Services have the same table.",
    keys=(
        _key("organisations", "names as sources write them", Shape.TEXTS, example='["Bakkerij De Korenaar"]'),
        _key("domains", "mail domains, with all below them", Shape.TEXTS, example='["korenaar.nl"]'),
        _key("labels", "labels that a signal must all have", Shape.LABELS, example='{ tenant = "korenaar" }'),
        _key("services", "services whose signals are theirs", Shape.TEXTS, example='["orders-api"]'),
        _key("hosts", "hosts whose signals are theirs", Shape.TEXTS, example='["orders-eu-1"]'),
    ),
)

MOMENT = Section(
    path="customers.NAME.moments",
    help="Each has these.",
    keys=(
        _must("at", "the time of day", '"04:30"'),
        _must("what", "what happens then", '"ovens load"'),
        _must("zone", "the time zone that it is read in", '"Europe/Amsterdam"'),
        _key("days", "the days on which it happens; every day without it", Shape.TEXTS, example='["mon", "fri"]'),
    ),
)

_SERVICE = Section(
    path="services.NAME",
    help="Something that we run. Signals about the same service belong together.",
    keys=(
        _key("match", "how its signals are recognised", Shape.MATCH, example='{ labels = { service = "orders-api" } }'),
    ),
)

_WEIGHTS = {
    "down": "stake of a process that is down",
    "degraded": "stake of one that is degraded",
    "at_risk": "stake of one that is at risk",
    "question": "stake of a question",
    "core": "factor of a core process",
    "supporting": "factor of a supporting one",
    "peripheral": "factor of a peripheral one",
    "no_alternative": "factor of a customer without an alternative",
    "manual": "factor of one who can go on by hand",
    "failover": "factor of one who has a failover",
    "spread": "what each doubling of the customers hurt adds",
    "spread_most": "the highest factor for many customers",
    "waiting_first": "what the first time alone adds",
    "waiting_first_s": "how long that first time is",
    "waiting_hour": "what each further hour alone adds",
    "in_hand": "factor while somebody is with them",
    "in_hand_due": "that factor as a promise falls due",
    "in_hand_due_s": "how long before a promise it begins to rise",
    "missed": "factor when alone by a missed promise",
    "untold": "factor when taken, but they have not heard",
    "voice": "points for each message of theirs since our last word",
    "voice_most": "the most points for messages",
    "deadline": "the part of the stake that a known moment adds",
    "deadline_s": "how long before a moment it begins to add",
    "promise_fire_s": "the promise that taking a fire makes, without one in words",
    "promise_degraded_s": "the same for what is degraded",
}


def _weight(name: str) -> Key:
    value = getattr(Weights(), name)
    if name.endswith("_s"):
        return _key(name, _WEIGHTS[name], Shape.DURATION, default=length(value), example=f'"{length(value)}"')
    return _key(name, _WEIGHTS[name], Shape.NUMBER, default=f"{value:g}", example=f"{value:g}")


_URGENCY = Section(
    path="urgency",
    help="The weights of the score; `oncall-tui explain` shows each at work.",
    keys=tuple(_weight(name) for name in Weights.__struct_fields__),
)

_OUTBOX = Section(
    path="outbox",
    help="What becomes of what you say.",
    keys=(
        _key("undo", "how long it can be taken back before it leaves, 0s to 2m", Shape.DURATION, default="5s",
             example='"10s"'),
        _key("late", "the longest lateness of a server that broke an answer off: so long is waited before looking "
             "whether a write arrived, 0s to 1h", Shape.DURATION, default="75s", example='"2m"'),
        _key("keep", "how long settled writes are kept, a day or more", Shape.DURATION, default="30d", example='"7d"'),
        _key("acknowledge", "how long an acknowledgement holds where a source wants an end, 5m to 7d", Shape.DURATION,
             default="4h", example='"90m"'),
    ),
)  # fmt: skip

_KEYS = Section(path="keys", help="What a key of the screen is rebound to, by the name of what it does.", keys=())

_UI = Section(
    path="ui",
    help="How the screen looks.",
    keys=(
        Key(name="theme", help="the background it is coloured for; night is red on black. NO_COLOR takes all colour away",
            default="dark", example='"night"', words=tuple(Theme)),
        _key("first_words", "taking the problem of a customer who wrote opens a reply that is ready to be sent",
             Shape.FLAG, default="true", example="false"),
    ),
)  # fmt: skip

_NOTIFY = Section(
    path="notify",
    help="How you are called: by a fire that is alone, by what becomes most urgent, by a promise that falls due.",
    keys=(
        Key(name="how", help="how the terminal calls, also through tmux (`set -g allow-passthrough on`) and screen",
            shape=Shape.TEXTS, default='["bell"]', example='["bell", "osc9"]', words=tuple(Call)),
        _key("command", "a program that is run as well; the sentence is on its stdin and in ONCALL_TUI_LINE",
             Shape.TEXTS, example='["sh", "-c", "notify-send oncall \\"$ONCALL_TUI_LINE\\""]'),
        _key("again", "how often a fire that is alone calls again, 30s to 1h", Shape.DURATION, default="3m",
             example='"5m"'),
        _key("quiet", "from when to when, by your own clock, only a fire calls", example='"23:00-07:00"'),
    ),
)  # fmt: skip

_TEAM = Section(
    path="team",
    help="A shared part of the configuration (sources, customers, services, urgency, alarm_words, bots), without secrets. "
    "What stands in your own file wins. `oncall-tui init --team` writes this.",
    keys=(
        _must("file", "the shared part", '"team.toml"'),
        _key("from", "where `oncall-tui init --team` fetches it", example='"https://git.example.nl/oncall/team.toml"'),
    ),
)

SECTIONS = (
    _TOP, _ME, _SOURCE, SECRET, _AUTH, _CUSTOMER, MATCH, MOMENT, _SERVICE, _URGENCY, _OUTBOX, _KEYS, _UI, _NOTIFY, _TEAM,
)  # fmt: skip


def section(path: str) -> Section:
    """The section of that path."""
    return next(one for one in SECTIONS if one.path == path)


def names(path: str) -> tuple[str, ...]:
    """What keys the section of that path may hold."""
    return tuple(key.name for key in section(path).keys)


def tables() -> Iterator[str]:
    """The tables that stand at the top: ``me``, ``sources``, ..."""
    return iter(dict.fromkeys(one.path.partition(".")[0] for one in SECTIONS if one.path))
