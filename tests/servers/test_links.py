"""The address that `o` shows leads somewhere: a page that a colleague who is logged in can open, about that very problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.conftest import Rack
from tests.servers.night import Night
from tests.servers.reach import eventually
from tests.servers.second.base import Second
from tests.servers.second.nagios import Nagios
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
    night = Night(tmp_path, {"it": second})
    eventually(night.problems, "it is listed")
    [signal] = night.problems()[0]["signals"]
    page = second.page(signal["url"])
    assert TITLE in page, page[:2000]
    assert "secret-pass-1" not in signal["url"]
