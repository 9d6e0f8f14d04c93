"""The monitor's API: as much of Alertmanager's v2 as the connector speaks, with its habits (errors as bare JSON strings).

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml; what that leaves open was observed on
Alertmanager 0.25 (`tests/demo/recorded`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from oncall_tui.demo.monitor import Alert, Matcher, Monitor, Refusal, Silence
from oncall_tui.demo.site import Ask, Reply, as_json

_Json: TypeAlias = dict[str, Any]

_MATCHER = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*')
_EMPTY = Reply()


class Alertmanager(Monitor):
    """The monitor, spoken to as Alertmanager."""

    def answer(self, ask: Ask) -> Reply:
        try:
            return self._route(ask)
        except Refusal as refusal:
            bare = as_json(refusal.words, refusal.status)
            return _fault(refusal.status, refusal.words, refusal.code) if refusal.code else bare

    def _route(self, ask: Ask) -> Reply:
        for method, pattern, does in _ROUTES:
            found = re.fullmatch(pattern, ask.path)
            if found and method == ask.method:
                if method == "POST" and not ask.headers.get("content-type", "").startswith("application/json"):
                    return _fault(415, "unsupported media type, only [application/json] are allowed")
                return does(self, ask, *found.groups())
        return _fault(404, f"path {ask.path} was not found")


# --- alerts ----------------------------------------------------------------------------------------------------------


def _alerts(monitor: Alertmanager, ask: Ask) -> Reply:
    matchers = _matchers(ask)
    hidden = {name for name in ("active", "silenced", "inhibited") if ask.one(name) == "false"}
    receiver = ask.one("receiver")
    shown = []
    for alert in monitor.firing():
        record = _alert(monitor, alert)
        status = record["status"]
        is_ = {
            "active": status["state"] == "active",
            "silenced": status["silencedBy"],
            "inhibited": status["inhibitedBy"],
        }
        wanted = not any(is_[name] for name in hidden) and re.fullmatch(receiver or ".*", "team-ops")
        if wanted and all(matcher.fits(alert.labels) for matcher in matchers):
            shown.append(record)
    return as_json(shown)


def _alert(monitor: Alertmanager, alert: Alert) -> _Json:
    """An alert in Alertmanager's order of fields; `generatorURL` is absent when empty."""
    silenced, inhibited = monitor.silenced_by(alert), monitor.inhibited_by(alert)
    generator = {"generatorURL": alert.generator} if alert.generator else {}
    return {
        "annotations": dict(sorted(alert.annotations.items())),
        "endsAt": _time(alert.ends(monitor.now())),
        "fingerprint": alert.fingerprint,
        "receivers": [{"name": "team-ops"}],
        "startsAt": _time(alert.starts_at),
        "status": {
            "inhibitedBy": inhibited,
            "silencedBy": silenced,
            "state": "suppressed" if silenced or inhibited else "active",
        },
        "updatedAt": _time(alert.changed_at),
        **generator,
        "labels": dict(sorted(alert.labels.items())),
    }


def _post_alerts(monitor: Alertmanager, ask: Ask) -> Reply:
    """What a Prometheus sends; an end that is past resolves."""
    records = _body(ask, list, "alerts")
    for record in records:
        labels = {name: value for name, value in record["labels"].items() if value}
        if not labels:
            raise Refusal(400, "at least one label pair required")
        ends = record.get("endsAt")
        monitor.fire(labels, at=_read(record["startsAt"]) if record.get("startsAt") else None,
                     ends_at=_read(ends) if ends else None, generator=record.get("generatorURL", ""),
                     **record.get("annotations", {}))  # fmt: skip
    return _EMPTY


# --- silences --------------------------------------------------------------------------------------------------------


def _silences(monitor: Alertmanager, ask: Ask) -> Reply:
    """The active ones first, then pending, then expired; each the sooner it ends (expired: the later it ended)."""
    matchers, now = _matchers(ask), monitor.now()
    fit = [s for s in monitor.silences.values() if all(m.fits({o.name: o.value for o in s.matchers}) for m in matchers)]
    rank = {"active": 0, "pending": 1, "expired": 2}
    fit.sort(key=lambda s: (rank[s.state(now)], s.ends_at.timestamp() * (-1 if s.state(now) == "expired" else 1)))
    return as_json([_silence(s, now) for s in fit])


def _one_silence(monitor: Alertmanager, ask: Ask, id_: str) -> Reply:
    silence = monitor.silences.get(_uuid(id_))
    return as_json(_silence(silence, monitor.now())) if silence else Reply(status=404)


def _silence(silence: Silence, now: datetime) -> _Json:
    matchers = [
        {"isEqual": m.is_equal, "isRegex": m.is_regex, "name": m.name, "value": m.value} for m in silence.matchers
    ]
    return {
        "id": silence.id,
        "status": {"state": silence.state(now)},
        "updatedAt": _time(silence.changed_at),
        "comment": silence.comment,
        "createdBy": silence.author,
        "endsAt": _time(silence.ends_at),
        "matchers": matchers,
        "startsAt": _time(silence.starts_at),
    }


def _post_silence(monitor: Alertmanager, ask: Ask) -> Reply:
    body = _body(ask, dict, "silence")
    for name in ("comment", "createdBy", "endsAt", "matchers", "startsAt"):
        if name not in body:
            return _fault(422, f"{name} in body is required", 602)
    if not body["matchers"]:
        return _fault(422, "matchers in body should have at least 1 items", 612)
    matchers = tuple(Matcher(m["name"], m["value"], m["isRegex"], m.get("isEqual", True)) for m in body["matchers"])
    id_ = monitor.silence(
        matchers,
        starts_at=_read(body["startsAt"]),
        ends_at=_read(body["endsAt"]),
        author=body["createdBy"],
        comment=body["comment"],
        id_=body.get("id", ""),
    )
    return as_json({"silenceID": id_})


def _delete_silence(monitor: Alertmanager, ask: Ask, id_: str) -> Reply:
    monitor.expire(_uuid(id_))
    return _EMPTY


# --- the rest --------------------------------------------------------------------------------------------------------


def _status(monitor: Alertmanager, ask: Ask) -> Reply:
    return as_json({
        "cluster": {"peers": [], "status": "disabled"},
        "config": {"original": "route:\n  receiver: team-ops\n"},
        "uptime": _time(monitor.started_at),
        "versionInfo": {"branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": "",
                        "version": "0.25.0"},
    })  # fmt: skip


def _ready(monitor: Alertmanager, ask: Ask) -> Reply:
    return Reply(body=b"OK", headers={"Content-Type": "text/plain"})


def _matchers(ask: Ask) -> list[Matcher]:
    """Every `filter` of the query. Raises `Refusal` as Alertmanager words it."""
    found = []
    for text in ask.every("filter"):
        match = _MATCHER.fullmatch(text)
        if not match:
            raise Refusal(400, f"bad matcher format: {text}")
        name, sign, value = match.groups()
        found.append(Matcher(name, _unescaped(value), "~" in sign, not sign.startswith("!")))
    return found


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), value)


def _body(ask: Ask, shape: type[Any], what: str) -> Any:
    try:
        body = json.loads(ask.body)
    except ValueError:
        body = None
    if not isinstance(body, shape):
        raise Refusal(400, f"parsing {what} body failed", 400)
    return body


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Refusal(422, f'silenceID in path must be of type uuid: "{text}"', 601) from None


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).astimezone(UTC)
    except ValueError:
        raise Refusal(400, f'parsing time "{text}" failed', 400) from None


def _time(at: datetime) -> str:
    """RFC 3339 with milliseconds, as Alertmanager writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fault(status: int, words: str, code: int = 0) -> Reply:
    return as_json({"code": code or status, "message": words}, status)


_ROUTES: tuple[tuple[str, str, Callable[..., Reply]], ...] = (
    ("GET", r"/api/v2/alerts", _alerts),
    ("POST", r"/api/v2/alerts", _post_alerts),
    ("GET", r"/api/v2/silences", _silences),
    ("POST", r"/api/v2/silences", _post_silence),
    ("GET", r"/api/v2/silence/([^/]+)", _one_silence),
    ("DELETE", r"/api/v2/silence/([^/]+)", _delete_silence),
    ("GET", r"/api/v2/status", _status),
    ("GET", r"/-/(?:ready|healthy)", _ready),
)
