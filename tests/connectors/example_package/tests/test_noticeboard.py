"""The notice board through the suite that every connector must pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from oncall_tui_noticeboard import CONNECTOR

from oncall_tui.kit import Source
from oncall_tui.model import Me, Verb
from oncall_tui.testing import OVER, Case, Conformance, Time, iso

CASE = Case(
    connector=CONNECTOR,
    source=Source(name="board", url="https://hall.example", me=Me(name="Olga"), secret="s3cret-k3y"),
    folder=Path(__file__).parent / "payloads",
    routes={
        "GET /notices": "notices",
        "GET /notices/1": "notice-1",
        "GET /notices/2": "notice-2",
        "POST /notices/1/taken": 204,
        "POST /notices/2/left": 204,
        "POST /notices/1/scribbles": 201,
    },
    ids=("1", "2", "3"),
    records={"notices": (...,)},
    target="1",
    severity=("notices", (0, "colour")),
    times={
        "opened_at": Time("notices", (0, "hung_at"), iso),
        "message": Time("notices", (0, "scribbles", 0, "at"), iso),
    },
    empty={"GET /notices": "nothing"},
    targets={Verb.RELEASE: "2"},
    done={
        Verb.ACKNOWLEDGE: {"GET /notices/1": "notice-1-taken"},
        Verb.RELEASE: {"GET /notices/2": "notice-2-left"},
        Verb.NOTE: {"GET /notices/1": "notice-1-scribbled"},
    },
    again=OVER,
    faster={
        Verb.ACKNOWLEDGE: {"GET /notices/1": "notice-1-signed-by-dirk"},
        Verb.RELEASE: {"GET /notices/2": "notice-2-signed-by-dirk"},
    },
    colleague="Dirk",
    gone=[{"GET /notices/1": 404}],
)


class TestNoticeboard(Conformance):
    @pytest.fixture
    def case(self) -> Case:
        return CASE
