"""What we send and what was recorded, against the API contracts of those products that have one.

`contract.json` is the small part of such a contract that we use: for each request which parameters and which body it may
have, for each recorded answer its schema. It names its source, and where it departs from that and why. What a product does
not describe as a body's field is refused, although most contracts leave that open: an invented field helps nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from oncall_tui.kit import Request
from oncall_tui.testing import Case
from oncall_tui.testing.acts import all_conversations, asked_until_it_ends, received, say, take_back, written
from oncall_tui.testing.documents import MISSING, places, put
from oncall_tui.testing.recorded import load

PAYLOADS = Path(__file__).parent / "payloads"
KINDS = sorted(path.parent.name for path in PAYLOADS.glob("*/contract.json"))


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = import_module(f"tests.connectors.cases.{request.param}").CASE
    return found


def contract(case: Case) -> Any:
    return load(case.folder, "contract")


def asked(case: Case) -> Iterator[Request]:
    """Every request of every conversation, those of each verb among them."""
    for exchange in all_conversations(case):
        yield from asked_until_it_ends(exchange, case.server())
    for verb in case.verbs:
        yield from say(case, written(case, verb), case.server(verb)).asked
    for verb in case.retracted:
        yield from take_back(case, received(case, verb), case.once_said(verb)).asked


def described(case: Case, request: Request) -> Any:
    """What the contract says about it, None for nothing."""
    for route, told in contract(case)["requests"].items():
        method, _, path = route.partition(" ")
        pattern = "[^/]+".join(re.escape(part) for part in re.split(r"\{\w+\}", path))
        if method == request.method and re.fullmatch(pattern, request.path):
            return told
    return None


def fault(schema: Any, document: Any) -> str:
    """What is wrong with it by that schema, "" for nothing."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    found = jsonschema.Draft202012Validator(schema, format_checker=checker).iter_errors(document)
    return "; ".join(f"{error.json_path}: {error.message[:200]}" for error in found)


def test_every_request_that_the_contract_describes_is_as_it_says(case: Case) -> None:
    for request in asked(case):
        if told := described(case, request):
            assert {name for name, _ in request.query} <= set(told["query"]), request
            if "body" in told:
                assert fault(told["body"], json.loads(json.dumps(request.json))) == "", request


def test_every_change_is_described(case: Case) -> None:
    changes = [request for request in asked(case) if request.writes]
    assert bool(changes) == bool(case.verbs)
    assert [request for request in changes if not described(case, request)] == []


def test_every_recorded_answer_is_as_the_contract_says(case: Case) -> None:
    assert contract(case)["answers"]
    for name, schema in contract(case)["answers"].items():
        assert fault(schema, load(case.folder, name)) == "", name


def test_the_contract_refuses_what_it_does_not_describe(case: Case) -> None:
    """Else it would prove nothing: each body without one of its fields, with a strange one, or with one of another type."""
    for request in (request for request in asked(case) if request.writes and request.json):
        told = described(case, request)
        body = json.loads(json.dumps(request.json))
        assert fault(told["body"], {**body, "strange": 1})
        refused = [place for place, _ in places(body) if fault(told["body"], put(body, place, MISSING))]
        twisted = [place for place, _ in places(body) if fault(told["body"], put(body, place, {"x": [None]}))]
        assert refused or case.connector.name == "redmine", "whose contract requires no field"
        assert twisted


def test_it_names_its_source_and_where_it_departs_from_it(case: Case) -> None:
    assert "https://" in contract(case)["source"]
    assert all(len(reason) > 30 for reason in contract(case)["departures"])
