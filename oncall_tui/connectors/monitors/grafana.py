"""Grafana Alerting: the alerts of its own Alertmanager, taken by silencing exactly them.

https://grafana.com/docs/grafana/latest/developers/http_api/alerting/ and pkg/services/ngalert/api in its source. Not tried
on a real Grafana, but on a real Alertmanager below the same path. What differs from that, by Grafana's source:

- It stands below `/api/alertmanager/grafana`; a silence that was made is answered 202 and not 200.
- Its `status` tells neither version nor start (`/api/health` tells the version, to anybody). So nothing says whether a
  Grafana that was just started has heard of every alert again: one that is not listed counts as over.
- A silence without an id needs the right to create, one with an id (to prolong it) the right to update; a server
  administrator who is not an administrator of the organisation has neither. Which organisation it is, the token says;
  for a user with a password, the option does.
- What we may do is told to ourselves, as a map of actions (pkg/services/accesscontrol/api), before version 9 to nobody. An
  `alert.silences` right may hold for some folders only, which that map does not tell.
- Labels that begin with two underscores name the rule, and are matched like all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from oncall_tui import kit
from oncall_tui.connectors.labelled import OPTIONS
from oncall_tui.connectors.silencing import CANNOT, LASTS_S, SILENCES, Silencing
from oncall_tui.errors import Rejected
from oncall_tui.kit import Connector, Exchange, Option, Record, Source, count, get
from oncall_tui.model import Verb

BASE = "/api/alertmanager/grafana"


_MAY = {"create": "make silences", "write": "end or prolong them"}
_RIGHTS = ("alert.instances", "alert.silences")


def _page(url: str, labels: Mapping[str, str]) -> str:
    """The rule's own page where its labels name it, the list of rules with that name where they do not."""
    if rule := labels.get("__alert_rule_uid__", ""):
        return f"{url}/alerting/grafana/{quote(rule, safe='')}/view"
    return f"{url}/alerting/list?search={quote(labels.get('alertname', ''), safe='')}"


def check(source: Source) -> Exchange[str]:
    """The version, and in whose name silences are made; reading them shows that the token is good."""
    health = Record.of((yield get("/api/health")))
    (yield get(BASE + SILENCES)).read(list[msgspec.Raw])
    return f"Grafana {health.text('version', 'of a version that it does not tell')}, silences in the name of {source.me.name}"


def may(source: Source) -> Exchange[str]:
    """Which of the rights that a silence needs Grafana says we have. Raises `Rejected` when one is missing."""
    answer = yield get("/api/access-control/user/actions", accepts=(404,))
    if answer.status == 404:
        return "not told: this Grafana is too old to say what we may"
    ours = answer.read(dict[str, bool])
    if missing := [words for what, words in _MAY.items() if not any(ours.get(f"{one}:{what}") for one in _RIGHTS)]:
        raise Rejected(f"we may not {', nor '.join(missing)}")
    return "silences are taken from us"


def headers(source: Source) -> Mapping[str, str]:
    """A service account's token, or a user and their password; the organisation where one is configured."""
    org = source.options.get("org", "")
    return {**kit.by_token(source), **({"X-Grafana-Org-Id": org} if org else {})}


API = Silencing(base=BASE, page=_page)

CONNECTOR = Connector(
    name="grafana",
    title="Grafana Alerting",
    docs="https://grafana.com/docs/grafana/latest/developers/http_api/alerting/",
    options=(
        *OPTIONS,
        Option(name="org", help="number of the organisation, for a user who is in several", check=count),
    ),
    headers=headers,
    poll=API.poll,
    answers=API.answers,
    retracts=API.retracts,
    cannot={**CANNOT, Verb.NOTE: "Grafana's Alertmanager keeps no notes"},
    peek=API.peek,
    seen=API.seen,
    check=check,
    may=may,
    lasts_s=LASTS_S,
)
