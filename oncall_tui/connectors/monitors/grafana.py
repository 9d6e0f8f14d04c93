"""Grafana Alerting: the alerts of its own Alertmanager, taken by silencing exactly them.

https://grafana.com/docs/grafana/latest/developers/http_api/alerting/ and pkg/services/ngalert/api in its source. Not tried
on a real Grafana, but on a real Alertmanager below the same path. What differs from that, by Grafana's source:

- It stands below `/api/alertmanager/grafana`; a silence that was made is answered 202 and not 200.
- Its `status` tells neither version nor start (`/api/health` tells the version, to anybody). So nothing says whether a
  Grafana that was just started has heard of every alert again: one that is not listed counts as over.
- A silence without an id needs the right to create, one with an id (to prolong it) the right to update; a server
  administrator who is not an administrator of the organisation has neither. Which organisation it is, the token says;
  for a user with a password, the option does.
- Labels that begin with two underscores name the rule, and are matched like all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from oncall_tui.connectors import labelled
from oncall_tui.connectors.labelled import OPTIONS
from oncall_tui.connectors.silencing import CANNOT, LASTS_S, SILENCES, Silencing
from oncall_tui.kit import Connector, Exchange, Option, Source, count, get
from oncall_tui.model import Verb

BASE = "/api/alertmanager/grafana"


class _Health(msgspec.Struct):
    database: str
    version: str = "of a version that it does not tell"


def _page(url: str, labels: Mapping[str, str]) -> str:
    """The rule's own page where its labels name it, the list of rules with that name where they do not."""
    if rule := labels.get("__alert_rule_uid__", ""):
        return f"{url}/alerting/grafana/{quote(rule, safe='')}/view"
    return f"{url}/alerting/list?search={quote(labels.get('alertname', ''), safe='')}"


def _settled() -> Exchange[None]:
    """Nothing tells when it started, so nothing is asked."""
    yield from ()


def check(source: Source) -> Exchange[str]:
    """The version, and in whose name silences are made; reading them shows that the token is good."""
    health = (yield get("/api/health")).read(_Health)
    (yield get(BASE + SILENCES)).read(list[msgspec.Raw])
    return f"Grafana {health.version}, silences in the name of {source.me.name}"


def headers(source: Source) -> Mapping[str, str]:
    """A service account's token, or a user and their password; the organisation where one is configured."""
    org = source.options.get("org", "")
    return {**labelled.headers(source), **({"X-Grafana-Org-Id": org} if org else {})}


API = Silencing(base=BASE, page=_page, settled=_settled)

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
    lasts_s=LASTS_S,
)
