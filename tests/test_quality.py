"""The table of sources says of each verb where it was proven, and what it says is so."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from oncall_tui import connectors
from oncall_tui.model import Verb
from tests import quality
from tests.servers.test_cycle import COMMANDS

SERVERS = Path(__file__).parent / "servers"
REAL = sorted(kind for kind in connectors.ours() if quality.is_real(kind))


def cells(kind: str) -> dict[Verb, str]:
    return {verb: quality.proof(kind, verb) for verb in Verb}


def said(kind: str) -> set[Verb]:
    """The verbs that the tests of that server alone say, and not only to see them refused."""
    tree = ast.parse((SERVERS / f"test_{kind}.py").read_text(encoding="utf-8"))
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
            refused = {id(one) for block in ast.walk(function) if is_refusal(block) for one in ast.walk(block)}
            parts = [one for one in ast.walk(function) if id(one) not in refused]
            if any(isinstance(one, ast.Attribute) and one.attr == "say" for one in parts):
                found |= {one.attr for one in parts if is_verb(one)}
    return {Verb[name] for name in found}


def is_refusal(node: ast.AST) -> bool:
    """``with pytest.raises(...)``."""
    return isinstance(node, ast.With) and "raises" in ast.dump(node.items[0].context_expr)


def is_verb(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Verb"


@pytest.mark.parametrize("kind", REAL)
def test_what_is_proven_on_a_real_server_is_said_to_it(kind: str) -> None:
    """By the cycle, in which each verb of `hears` must be heard, or by the tests of that server."""
    proven = {verb for verb, cell in cells(kind).items() if cell == "yes"}
    assert proven - set(COMMANDS) - said(kind) == set()
    assert proven or not connectors.find(kind).answers


def test_what_is_only_played_or_only_as_a_contract_has_it_is_not_called_proven() -> None:
    assert cells("zabbix")[Verb.SNOOZE] == "played", "6.0.14 cannot suppress"
    assert cells("http")[Verb.SNOOZE] == "played", "the tables of Redmine tell nothing of it"
    assert cells("http")[Verb.REPLY] == "yes"
    for kind in set(connectors.ours()) - set(REAL):
        assert set(cells(kind).values()) == {"contract", "-"}
        assert (SERVERS.parent / "connectors" / "payloads" / kind / "contract.json").exists()


def test_a_verb_that_a_test_expects_to_be_refused_is_not_proven_by_it() -> None:
    assert Verb.SNOOZE not in said("zabbix")
    assert Verb.SNOOZE in said("icinga2")
