"""The address that `o` shows leads somewhere: a page that a colleague who is logged in can open, about that very problem.

Alertmanager's page is made by its script, which reads it from the fragment and asks the API: that is asked here. Not opened are
Alerta's (its web page is in no package; `/alert/ID` stands in the routes of its source) and Icinga Web's (it wants a Redis, a
daemon of its own and a database; `host?name=` and `service?name=&host.name=` are what Icinga DB Web 1.0.2 asks for).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.servers.conftest import Rack
from tests.servers.night import Night
from tests.servers.reach import eventually
from tests.servers.second.alertmanager import Alertmanager
from tests.servers.second.base import Browser, Second
from tests.servers.second.nagios import Nagios
from tests.servers.second.prometheus import Prometheus
from tests.servers.second.redmine import Redmine
from tests.servers.second.roundup import Roundup
from tests.servers.second.rt import RequestTracker
from tests.servers.second.zabbix import Zabbix

pytestmark = pytest.mark.server

TITLE = "Kassa 7 doet het niet"


@pytest.mark.parametrize("kind", [Nagios, Redmine, Roundup, RequestTracker, Zabbix], ids=lambda kind: kind.kind)
def test_the_page_of_a_problem_names_it(kind: type[Second], rack: Rack, tmp_path: Path) -> None:
    second = kind(rack.start(kind.kind)[0])
    second.clear()
    second.appear(TITLE)
    url = address(second, tmp_path)
    page = second.page(url)
    assert TITLE in page, page[:2000]
    assert "secret-pass-1" not in url


@pytest.mark.parametrize(
    "title", [TITLE, 'Kassa "7" \\ café & {zon}, 100%'], ids=["plain", "with all that needs quoting"]
)
def test_what_the_script_of_alertmanager_asks_for_is_that_alert_taken_or_not(
    title: str, rack: Rack, tmp_path: Path
) -> None:
    """``{NAME="TEXT"}`` is cut at its commas outside of texts, and each part is one filter of the API."""
    second = Alertmanager(rack.start("alertmanager")[0])
    second.clear()
    signal = second.appear(title)
    second.appear("Another")
    page, _, fragment = address(second, tmp_path, title).partition("#")
    assert "<title>Alertmanager</title>" in Browser().get(page)
    path, _, query = fragment.partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    [matcher] = re.findall(r'^\{(alertname="(?:[^"\\]|\\.)*")\}$', asked["filter"])
    assert (path, asked["silenced"], asked["inhibited"]) == ("/alerts", "true", "true")
    for _ in ("as it fires", "and once a colleague silenced it"):
        assert shown(second, {**asked, "filter": matcher}) == [signal]
        second.take(signal)


def shown(second: Alertmanager, query: dict[str, str]) -> list[Any]:
    """Which alerts Alertmanager's page would show then."""
    groups = second.client.get(f"/alerts/groups?{urlencode(query)}")
    return [alert["fingerprint"] for group in groups for alert in group["alerts"]]


@pytest.mark.parametrize("title", ["OrdersDown", "Kassa 7 doet het niet"])
def test_what_the_graph_page_of_prometheus_asks_for_is_that_alert(title: str, rack: Rack, tmp_path: Path) -> None:
    """The address is the one with which its own page of alerts leads to that alert."""
    second = Prometheus(rack.start("prometheus")[0])
    second.clear()
    second.appear(title)
    second.appear("Another")
    url = address(second, tmp_path, title)
    assert "<title>Prometheus" in Browser().get(url)
    [expression] = parse_qs(urlsplit(url).query)["g0.expr"]
    found = second.client.get(f"/api/v1/query?{urlencode({'query': expression})}")["data"]["result"]
    assert [one["metric"]["alertname"] for one in found] == [title]


def address(second: Second, folder: Path, title: str = "") -> str:
    """What `o` shows of the problem that is called so, or of the only one, on the source's own origin."""
    night = Night(folder, {"it": second})
    eventually(night.problems, "it is listed")
    signals = [signal for problem in night.problems() for signal in problem["signals"]]
    [url] = [str(signal["url"]) for signal in signals if title in ("", signal["title"])]
    assert urlsplit(url)[:2] == urlsplit(second.server.url)[:2]
    return url
