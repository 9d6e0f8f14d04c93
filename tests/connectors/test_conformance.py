"""Every connector of the catalogue through the one suite."""

from __future__ import annotations

from importlib import import_module

import pytest

from oncall_tui import connectors
from oncall_tui.testing import Case, Conformance


class TestOurs(Conformance):
    @pytest.fixture(params=connectors.kinds())
    def case(self, request: pytest.FixtureRequest) -> Case:
        """The case of that kind; a connector without one fails here."""
        found: Case = import_module(f"tests.connectors.cases.{request.param}").CASE
        known = connectors.find(request.param)
        assert found.connector is known or (known.fit and found.connector.name == known.name)
        return found


@pytest.mark.parametrize("kind", connectors.ours())
def test_whoever_can_be_told_something_says_what_we_may_tell_it(kind: str) -> None:
    case: Case = import_module(f"tests.connectors.cases.{kind}").CASE
    assert bool(case.connector.answers) == bool(case.connector.may)
