"""The versions that the table of sources names are those that are installed here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from oncall_tui import connectors

pytestmark = pytest.mark.server

HERE = Path(__file__).parent
PACKAGES = {
    "alertmanager": "prometheus-alertmanager",
    "http": "redmine",
    "icinga2": "icinga2-bin",
    "nagios": "nagios4-core",
    "prometheus": "prometheus",
    "redmine": "redmine",
    "rt": "request-tracker5",
    "zabbix": "zabbix-server-pgsql",
}
PINNED = {"alerta": "alerta-server", "roundup": "roundup"}
"""These come from PyPI, in the version that their script asks for."""


def installed(kind: str) -> str:
    if kind in PINNED:
        found = re.search(rf"\b{PINNED[kind]}==([\d.]+)", (HERE / f"{kind}.sh").read_text(encoding="utf-8"))
        return found[1] if found else ""
    asked = ["dpkg-query", "-W", "-f=${Version}", PACKAGES[kind]]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    return re.sub(r"^\d+:|[+~-].*$", "", told)


@pytest.mark.parametrize("kind", [kind for kind in connectors.ours() if kind not in ("checkmk", "grafana")])
def test_what_it_was_proven_on_is_what_is_installed(kind: str) -> None:
    assert re.search(r"\d[\d.]*\d", connectors.find(kind).proven)[0] == installed(kind)  # type: ignore[index]
