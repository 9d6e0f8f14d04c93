"""A desk that is told by tables alone: the same Redmine, of which its own connector is not asked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tests.servers.second.redmine import Redmine
from tests.servers.test_http import TABLES


class Board(Redmine):
    """Its secret is what the header of the tables carries."""

    kind = "http"

    def table(self, folder: Path) -> dict[str, Any]:
        told: dict[str, Any] = tomllib.loads(TABLES.format(url=self.server.url))["sources"]["board"]
        told["auth"]["secret"] = self.kept(folder)
        return told

    def is_open(self, signal: str) -> bool:
        """As the tables have it: what is resolved is over."""
        return super().is_open(signal) and self.read(signal)["status"]["name"] != "Resolved"
