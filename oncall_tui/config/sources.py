"""The ``[sources.NAME]`` tables: where a source is, who we are to it, and where its secret is kept."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import msgspec

from oncall_tui import connectors
from oncall_tui.config import files, places
from oncall_tui.config.keys import names, section
from oncall_tui.config.shape import Auth, Secret, SourceConfig
from oncall_tui.config.table import Table, near
from oncall_tui.errors import ConfigError
from oncall_tui.kit import Connector, Option

_SECRETS = ("token", "password")
"""What a secret is called for every kind; a connector's own secret options come on top."""

_COMMON = tuple(name for name in (*names("sources.NAME"), "auth") if name not in _SECRETS)
_SECRET = re.compile(r"token|password|passwd|secret|api_?key|credential", re.IGNORECASE)
_NO_SECRETS = (*_COMMON, "token_url")

LEAST_EVERY_S = 5.0
"""No source is asked more often than this: it must not suffer from being watched."""


def wrong_name(name: str) -> str:
    """Why no source can be called that, "" when one can."""
    is_right = re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", name)
    return "" if is_right else "a source's name must be 1 to 40 letters, digits, dots, dashes or underscores"


def wrong_url(text: str) -> str:
    """Why that is no address of a source, "" when it is one; to whom is asked for its secret, too."""
    if (parts := _split(text)) and _has_login(parts):
        return (
            "an address holds no name and no password: leave them out; where the password is kept comes next (--secret), "
            "and --set user=NAME says the name"
        )
    try:
        _url(Table({"url": text}, "", {}), "url", _LIKE_URL)
    except ConfigError as error:
        return error.wrong
    return ""


_LIKE_URL = 'the address of the server, as "https://desk.example.nl"'


def source(name: str, table: Table, folder: Path) -> SourceConfig:
    """One source. Relative file names are taken from `folder`."""
    if wrong := wrong_name(name):
        raise table.fault("", wrong)
    connector = _connector(table)
    secrets = tuple(dict.fromkeys((*_SECRETS, *(option.name for option in connector.options if option.secret))))
    _refuse_literals(table, secrets)
    table.only(*_COMMON, *secrets, *(option.name for option in connector.options if not option.secret))
    return SourceConfig(
        name=name,
        kind=connector.name,
        url=_url(table, "url", _LIKE_URL),
        every_s=table.seconds("every", 30.0, least=LEAST_EVERY_S, most=3600),
        secret=_secret(table, secrets, connector),
        options=_fitting(table, connector, _options(table, connector)),
        ca_file=_file(table, "ca_file", folder),
        client_cert=_file(table, "client_cert", folder),
        client_key=_client_key(table, folder),
        proxy=_proxy(table),
        verify=table.flag("verify", default=True),
        socket=_path(table, "socket", folder),
        auth=_auth(table.table("auth")) if "auth" in table else None,
        file=table.file,
    )


def _auth(table: Table) -> Auth:
    _refuse_literals(table, ("secret",))
    table.only(*names("sources.NAME.auth"))
    allowed = section("sources.NAME.auth").keys[0].words
    scheme = table.text("scheme", None, like=f"one of {', '.join(allowed)}")
    if scheme not in allowed:
        raise table.fault("scheme", f"{scheme!r} is not allowed; {near(scheme, allowed)}")
    for key in _NEEDS.get(scheme, ()):
        table.text(key, None, like=f"there for {scheme}")
    if "secret" not in table:
        raise table.fault("", f"secret is missing: {places.right_way('secret')}")
    return Auth(
        scheme=scheme,
        secret=places.place("secret", table),
        user=table.text("user"),
        header=_header(table),
        token_url=_url(table, "token_url", 'the address of tokens, as "https://login.example.nl/token"')
        if scheme == "oauth2"
        else "",
        client_id=table.text("client_id"),
        scope=table.text("scope"),
    )


_NEEDS = {"basic": ("user",), "header": ("header",), "oauth2": ("token_url", "client_id")}


def _header(table: Table) -> str:
    name = table.text("header")
    if name and not re.fullmatch(r"[A-Za-z0-9-]+", name):
        raise table.fault("header", 'must be the name of a header, as "X-Api-Key"')
    return name


def _connector(table: Table) -> Connector:
    if not isinstance(table.values.get("kind"), str):
        table.text("kind", None, like=f"one of {', '.join(connectors.kinds())}")
    kind = table.text("kind")
    try:
        return connectors.find(kind)
    except ConfigError as error:
        if kind not in connectors.kinds():
            raise table.fault("kind", f"there is no connector {kind!r}; {near(kind, connectors.kinds())}") from None
        raise table.fault("kind", error.words) from None


def _options(table: Table, connector: Connector) -> dict[str, str]:
    options: dict[str, str] = {}
    for option in connector.options:
        if option.table:
            options |= _flat(table, option.name)
        elif not option.secret:
            like = option.help or "a text"
            value = table.text(option.name, None if option.required else option.default, like=like)
            options[option.name] = _checked(table, option, value)
    return options


def _checked(table: Table, option: Option, value: str) -> str:
    try:
        if value and option.check:
            option.check(value)
    except ConfigError as error:
        raise table.fault(option.name, error.words) from None
    return value


def _flat(table: Table, name: str) -> dict[str, str]:
    """A table of options: ``list = { path = "/x" }`` as ``"list.path"``; what is no text in it as JSON."""
    below = table.table(name)
    for one in (below, *(below.table(key) for key, value in below.values.items() if isinstance(value, dict))):
        _refuse_literals(one, ())
    return {
        f"{name}.{key}": below.text(key) if isinstance(value, str) else msgspec.json.encode(value).decode()
        for key, value in below.values.items()
    }


def _fitting(table: Table, connector: Connector, options: dict[str, str]) -> dict[str, str]:
    """The options, once the connector said that it can be fitted to them."""
    try:
        connectors.fit(connector.name, options)
    except ConfigError as error:
        *above, last = error.key.split(".")
        for part in above:
            table = table.table(part)
        raise table.fault(last, error.words.removeprefix(f"{error.key}: ")) from None
    return options


# --- secrets ---------------------------------------------------------------------------------------------------------


def _refuse_literals(table: Table, secrets: tuple[str, ...]) -> None:
    """No secret stands in the file itself: neither under its own key nor under one that reads like it."""
    for key, value in table.values.items():
        names_one = key in secrets or (_SECRET.search(key) and key not in _NO_SECRETS)
        if names_one and isinstance(value, (str, int, float)) and not isinstance(value, bool):
            raise table.fault(key, f"a secret may not stand in this file; {places.right_way(key)}")


def _secret(table: Table, secrets: tuple[str, ...], connector: Connector) -> Secret | None:
    given = [name for name in secrets if name in table]
    if len(given) > 1:
        raise table.fault(given[1], f"only one secret is allowed, and {given[0]} is there already")
    if given:
        return places.place(given[0], table)
    needed = next((option.name for option in connector.options if option.secret and option.required), None)
    if needed:
        raise table.fault("", f"{needed} is missing: {places.right_way(needed)}")
    return None


# --- addresses and files ---------------------------------------------------------------------------------------------


def _url(table: Table, key: str, like: str) -> str:
    """An http or https address with a host and without credentials; the closing slash is dropped."""
    text = table.text(key, None, like=like)
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise table.fault(key, f"must be {like}: http or https, with a host, and a port of at most 65535 if any")
    if _has_login(parts):
        raise table.fault(
            key, f"a secret may not stand in this file, nor in an address; {places.right_way('password')}"
        )
    if parts.query or parts.fragment or " " in text or not text.isascii():
        wrong = "without ? or #, blanks or letters beyond ASCII (a host that has such is written as xn--...)"
        raise table.fault(key, f"must be {like}: {wrong}")
    return text.rstrip("/")


def _has_login(parts: SplitResult) -> bool:
    return parts.username is not None or parts.password is not None


def _proxy(table: Table) -> str:
    if "proxy" not in table or table.values["proxy"] in ("environment", "none"):
        return table.text("proxy")
    return _url(table, "proxy", 'the address of a proxy, as "http://proxy.example.nl:3128", "environment" or "none"')


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _path(table: Table, key: str, folder: Path) -> str:
    return str(files.leads_to(table, key, folder) or "")


def _file(table: Table, key: str, folder: Path) -> str:
    path = files.leads_to(table, key, folder)
    if path and not files.is_there(path):
        raise table.fault(key, f"there is no file {path} that we may read")
    return str(path or "")


def _client_key(table: Table, folder: Path) -> str:
    if "client_key" in table and "client_cert" not in table:
        raise table.fault("client_key", "belongs to a client_cert, and there is none")
    return _file(table, "client_key", folder)
