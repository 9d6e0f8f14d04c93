"""Prometheus: firing alerts as its rules tell them; it can be read and nothing else (Alertmanager takes silences).

https://prometheus.io/docs/prometheus/latest/querying/api/#rules. Seen on a real 2.42:

- `/api/v1/rules` holds what `/api/v1/alerts` holds, and beside it whether each rule could be evaluated at all.
- After a start or a reload a rule is unevaluated (`health` is "unknown") until its turn comes, with a long interval for
  long: it then tells nothing, so what it told before stands. So it does while a rule fails (`err`), which is warned of:
  one that was changed then tells nothing, one that only cannot be evaluated for now tells what fired before.
- Rule files that are not there are no error: then it has no rule at all, fires nothing, and says nothing of that.
- A reload that fails leaves the rules that there were. A rule that is taken away takes its alerts along.
- After a start an alert with a `for` is pending again for a moment, and then fires with its old `activeAt`.
- Alerts have no id. We give them the fingerprint that Alertmanager gives to the same labels, so that the two are seen to
  belong together; `external_labels` are put on only on the way there, so they have to be told here, too.
- A silence does not show here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from urllib.parse import quote

import msgspec

from oncall_tui import kit
from oncall_tui.connectors.labelled import OPTIONS, SEVERITY, watched
from oncall_tui.errors import Rejected
from oncall_tui.kit import Connector, Exchange, Option, Reading, Record, Source, get
from oncall_tui.model import VERBS, Impact, Kind, Signal

_READ_ONLY = "Prometheus can only be read; Alertmanager, to which it tells its alerts, takes silences"


class _Alert(msgspec.Struct, rename="camel"):
    labels: dict[str, str]
    state: str
    active_at: str
    annotations: dict[str, str] = {}


class _Group(msgspec.Struct):
    rules: list[msgspec.Raw]


class _Rule(msgspec.Struct, rename="camel"):
    name: str
    health: str
    alerts: list[msgspec.Raw]
    last_error: str = ""


def poll(source: Source) -> Exchange[Reading]:
    """Every alert that fires; what a rule told before stands while nobody knows better. Without a rule nothing can fire."""
    table = kit.scale(source, SEVERITY)
    answer = yield get("/api/v1/rules", type_="alert")
    groups, lost = kit.each(answer.unread("data.groups"), _Group, lambda group: group.rules)
    rules, missed = kit.each(chain(*groups), _Rule, lambda rule: rule)
    if not rules and not lost and not missed:
        raise Rejected("has no alerting rule, so that it can tell of nothing: are its rule_files there?")
    records = (record for rule in rules for record in rule.alerts)
    reading = kit.read_each(records, _Alert, lambda alert: _firing(source, alert, table))
    fresh = {signal.id: signal for signal in reading.signals}
    signals = list((dict(_standing(source, rules)) | fresh).values())
    unreadable = lost + missed + reading.unreadable
    return kit.warned(watched(source, Reading(signals=signals, unreadable=unreadable, gap=_failing(rules))), table)


def _firing(source: Source, alert: _Alert, table: Mapping[str, Impact]) -> Signal | None:
    """None while it is pending, unless it fired when we last looked."""
    made = signal(source, alert, table)
    return None if alert.state == "pending" and made.id not in source.known else made


def _standing(source: Source, rules: list[_Rule]) -> Iterator[tuple[str, Signal]]:
    unevaluated = {rule.name for rule in rules if rule.health in ("unknown", "err")}
    for known in source.known.values():
        if known.title in unevaluated:
            yield known.id, known


def _failing(rules: list[_Rule]) -> str:
    """The gap that rules leave which tell nothing because they cannot be evaluated, by their names; "" when there are none."""
    failing = {rule.name: rule.last_error for rule in rules if rule.health == "err"}
    told = "; ".join(f"{name} ({error})" if error else name for name, error in sorted(failing.items())[:3])
    return f"cannot evaluate {len(failing)} of its rules (what they told stands): {told}" if failing else ""


@lru_cache(maxsize=1024)
def _page(url: str, title: str) -> str:
    """What of that name fires or is pending, as Prometheus itself links it; Debian's build has no `/alerts`."""
    name = msgspec.json.encode(title).decode()
    return f"{url}/graph?g0.expr={quote(f'ALERTS{{alertname={name}}}', safe='')}&g0.tab=1"


def signal(source: Source, alert: _Alert, table: Mapping[str, Impact] = SEVERITY) -> Signal:
    """One alert as a signal. The customer is in its labels, for the core to find."""
    labels = {**kit.pairs(source.options.get("external_labels", "")), **alert.labels}
    notes, severity = alert.annotations, labels.get("severity", "")
    title = labels.get("alertname", "") or notes.get("summary", "") or "an alert without a name"
    return Signal(
        source=source.name,
        id=fingerprint(tuple(sorted(labels.items()))),
        kind=Kind.ALERT,
        title=title,
        opened_at=kit.at(alert.active_at),
        severity=severity,
        impact=kit.impact(table, severity),
        text="\n".join(line for name in ("summary", "description", "message") if (line := notes.get(name, ""))),
        service=labels.get("service") or labels.get("job", ""),
        host=labels.get("instance", ""),
        labels=labels,
        status=alert.state,
        url=_page(source.url, title),
    )


@lru_cache(maxsize=20_000)
def fingerprint(labels: tuple[tuple[str, str], ...]) -> str:
    """The one that Alertmanager gives to these labels, sorted by name: FNV-1a of 64 bits over names and values, each ended
    by a byte that no UTF-8 has (github.com/prometheus/common, model/signature.go).
    """
    found = 0xCBF29CE484222325
    for byte in b"".join(part.encode("utf-8", "replace") + b"\xff" for pair in labels for part in pair):
        found = (found ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{found:016x}"


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That alert now, None when it is over."""
    reading = yield from poll(source)
    return next((signal for signal in reading.signals if signal.id == signal_id), None)


def check(source: Source) -> Exchange[str]:
    """The version, by asking for it as whoever reads the rules may."""
    answer = yield get("/api/v1/status/buildinfo")
    return f"Prometheus {Record.of(answer).text('data.version')}, to be read only"


CONNECTOR = Connector(
    name="prometheus",
    title="Prometheus",
    docs="https://prometheus.io/docs/prometheus/latest/querying/api/",
    options=(
        *OPTIONS,
        Option(
            name="external_labels",
            help='what its configuration adds for Alertmanager, as in "cluster=eu, dc=ams"',
            check=kit.pairs,
        ),
    ),
    headers=kit.by_token,
    poll=poll,
    answers={},
    cannot=dict.fromkeys(VERBS, _READ_ONLY),
    peek=peek,
    check=check,
    proven="Prometheus 2.42.0",
)
