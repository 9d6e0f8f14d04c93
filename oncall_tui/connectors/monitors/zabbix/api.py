"""How Zabbix is spoken to: one JSON-RPC call at a time, with the token where that version wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from oncall_tui.errors import ConfigError, Denied, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Exchange, Request, Response, Source

T = TypeVar("T")

_DENIED = ("not authori", "re-login", "token expired")
_REFUSALS = (-32500, -32600, -32601, -32602)


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: str = ""


class _Answer(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None


class _User(msgspec.Struct):
    userid: str
    username: str = ""
    name: str = ""
    surname: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.surname}".strip() or self.username


def call(source: Source, method: str, params: Any, *, writes: bool = False) -> Request:
    """One JSON-RPC call, with the token where that version wants it; before the version is known, without one."""
    version = source.session.get("version", "")
    body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
    if version and not _has_header(version):
        body["auth"] = source.secret
    return Request(method="POST", path="/api_jsonrpc.php", json=body, headers=headers(source), writes=writes)


def _has_header(version: str) -> bool:
    return number(version) >= (6, 4)


def number(version: str) -> tuple[int, ...]:
    """``"6.4.0rc1"`` -> (6, 4)."""
    return tuple(int(part) for part in version.split(".")[:2])


def headers(source: Source) -> Mapping[str, str]:
    """The token, from 6.4 on."""
    version = source.session.get("version", "")
    return {"Authorization": f"Bearer {source.secret}"} if version and _has_header(version) else {}


def result(answer: Response, type_: type[T]) -> T:
    """What a call came to. Raises what its `error` means."""
    told = answer.read(_Answer)
    if error := told.error:
        words = error.data or error.message
        if any(sign in words.casefold() for sign in _DENIED):
            raise Denied(words)
        if error.code not in _REFUSALS or "SQL statement" in words:
            raise Unavailable(words)
        raise Rejected(words, gone="does not exist" in words)
    if not bytes(told.result):
        raise Unreadable("answered with neither a result nor an error")
    return replace(answer, body=bytes(told.result)).read(type_)


def refusal(answer: Response) -> str:
    """What its `error` says, "" when there is none."""
    error = answer.read(_Answer).error
    return (error.data or error.message) if error else ""


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """The version, who we are, and the names of everybody whom we may see, by id, as JSON."""
    version = result((yield call(replace(source, session={}), "apiinfo.version", [])), str)
    known = replace(source, session={"version": version})
    fields = {"output": ["userid", "username", "name", "surname"]}
    users = result((yield call(known, "user.get", fields)), list[_User])
    editable = result((yield call(known, "user.get", fields | {"editable": True})), list[_User])
    me = _me(source, editable)
    return {
        "version": version,
        "id": me.userid,
        "users": msgspec.json.encode({user.userid: user.full_name for user in (*users, me)}).decode(),
    }


def _me(source: Source, editable: list[_User]) -> _User:
    """Whom the token belongs to: whoever may change only themselves. Who may change all has to say it."""
    if len(editable) == 1:
        return editable[0]
    told = source.options.get("user", "")
    ours = {name.casefold() for name in ([told] if told else (source.me.name, *source.me.aliases))}
    found = [user for user in editable if {user.username.casefold(), user.full_name.casefold()} & ours]
    if len(found) != 1:
        raise ConfigError(f'whose token is it? set user = "LOGIN NAME" in [sources.{source.name}]', key="user")
    return found[0]


def name_of(source: Source, userid: str) -> str:
    """Their name, where we may see it."""
    return _users(source.session.get("users", "{}")).get(userid, f"user #{userid}")


@lru_cache(maxsize=8)
def _users(users: str) -> Mapping[str, str]:
    return msgspec.json.decode(users, type=dict[str, str])


def is_mine(source: Source, userid: str) -> bool:
    """Whether that is the user whose token we have."""
    return userid == source.session.get("id")
