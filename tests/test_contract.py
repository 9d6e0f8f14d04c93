"""The JSON contract: written out in full once, so that any change of it is seen."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import msgspec

from oncall_tui import contract
from tests.night import BOARD, CALM, FIRE, REPLY, UNSURE

FIRST = {
    "id": "p-korenaar",
    "title": "OrdersApiDown",
    "customers": [
        {
            "name": "Bakkerij De Korenaar",
            "core_process": "take orders from 14 shops",
            "alternative": "none",
            "wrote": 3,
            "last_words": "De winkels kunnen niet bestellen, bel mij!",
            "last_wrote_at": "2026-11-23T02:05:00Z",
            "last_word_at": None,
        },
        {
            "name": "Webshop Lente",
            "core_process": "",
            "alternative": "none",
            "wrote": 0,
            "last_words": "",
            "last_wrote_at": None,
            "last_word_at": None,
        },
    ],
    "impact": "down",
    "on_fire": True,
    "alone": {"is": True, "why": "nobody yet", "since": "2026-11-23T02:01:18Z"},
    "taken_by": "",
    "promise_at": None,
    "score": 189.5,
    "reasons": [{"points": 171.5, "words": "down, core, no alternative"}, {"points": 18, "words": "wrote 3 times"}],
    "joined": ["joined: De Korenaar depends on orders-api"],
    "signals": [
        {
            "ref": "am/f00d",
            "kind": "alert",
            "title": "OrdersApiDown",
            "severity": "critical",
            "status": "active",
            "service": "orders-api",
            "customer": "",
            "opened_at": "2026-11-23T02:00:00Z",
            "assignee": "",
            "url": "",
        },
        {
            "ref": "desk/48213",
            "kind": "ticket",
            "title": "Bestellen werkt niet",
            "severity": "High",
            "status": "New",
            "service": "",
            "customer": "Bakkerij De Korenaar",
            "opened_at": "2026-11-23T02:02:00Z",
            "assignee": "",
            "url": "https://desk.example.nl/issues/48213",
        },
    ],
    "writes": [],
}
WAITING = {
    "id": "w-1",
    "ref": "desk/48213",
    "verb": "reply",
    "text": "Ik ben er.\nSanne",
    "state": "waiting",
    "attempts": 2,
    "fault": "503",
    "asked_at": "2026-11-23T02:13:00Z",
}


def test_a_board_is_written_as_the_contract_says() -> None:
    written = contract.as_json(BOARD)
    assert list(written) == ["as_of", "quiet", "problems", "sources", "outbox"]
    assert written["as_of"] == "2026-11-23T02:14:00Z"
    assert written["quiet"] is False
    assert written["problems"][0] == FIRST
    assert list(written["problems"][0]) == list(FIRST)
    assert [problem["id"] for problem in written["problems"]] == ["p-korenaar", "p-smit"]
    assert written["outbox"] == [WAITING]
    assert written["sources"][0] == {
        "name": "am",
        "kind": "alertmanager",
        "live": True,
        "asked_at": "2026-11-23T02:13:48Z",
        "answered_at": "2026-11-23T02:13:54Z",
        "fault": "",
    }


def test_the_writes_of_a_problem_look_like_those_of_the_outbox() -> None:
    problem = msgspec.structs.replace(FIRE, writes=(REPLY,))
    assert contract.problem(problem)["writes"] == [WAITING]


def test_next_holds_at_most_one_problem() -> None:
    assert [problem["id"] for problem in contract.as_json(BOARD, most=1)["problems"]] == ["p-korenaar"]
    assert contract.as_json(CALM, most=1)["problems"] == []


def test_quiet_and_the_sources_faults_are_told() -> None:
    assert contract.as_json(CALM)["quiet"] is True
    assert contract.as_json(UNSURE)["quiet"] is False
    assert contract.as_json(UNSURE)["sources"][1]["fault"] == "no answer"


def test_a_time_of_any_zone_is_told_in_utc() -> None:
    at = datetime(2026, 7, 1, 4, 30, 59, 999, timezone(timedelta(hours=2)))
    assert contract.utc(at) == "2026-07-01T02:30:59Z"
    assert contract.utc(None) is None


def test_it_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(contract.as_json(BOARD))) == contract.as_json(BOARD)
