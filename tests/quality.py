"""Writes into the README what the code tells: the table of sources, and every key of the configuration."""

from __future__ import annotations

import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from oncall_tui import connectors
from oncall_tui.cli.settings import settings
from oncall_tui.model import Verb
from tests.servers.test_cycle import ON

README = Path(__file__).parent.parent / "README.md"
HEARS = {second.kind: second.hears for second in ON}
"""What each real server was told, by the tests that go through it from the beginning of a problem to its end."""

COLUMNS = {
    "acknowledges": Verb.ACKNOWLEDGE,
    "gives back": Verb.RELEASE,
    "notes": Verb.NOTE,
    "replies": Verb.REPLY,
    "resolves": Verb.RESOLVE,
    "snoozes": Verb.SNOOZE,
}


def is_real(kind: str) -> bool:
    """Whether that product itself answered its tests; what stands in for Grafana is an Alertmanager."""
    return not connectors.find(kind).proven.startswith("contract")


def proof(kind: str, verb: Verb) -> str:
    """Where that verb was proven: "yes" on the real server, "contract" by its API's, "played" with answers of files alone."""
    if verb not in import_module(f"tests.connectors.cases.{kind}").CASE.connector.answers:
        return "-"
    if not is_real(kind):
        return "contract"
    return "yes" if verb in HEARS[kind] else "played"


def table() -> str:
    """A line a connector: where what it can be told was proven, and whether a write is looked at before and after."""
    heads = ["kind", "reads", "paged", *COLUMNS, "peeks", "sees", "proven on"]
    rows = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for kind in connectors.ours():
        case = import_module(f"tests.connectors.cases.{kind}").CASE
        connector = case.connector
        proofs = [proof(kind, verb) for verb in COLUMNS.values()]
        reads, looks = (True, bool(case.pages)), (connector.peek is not None, connector.seen is not None)
        cells = [f"`{kind}`", *map(_word, reads), *proofs, *map(_word, looks), connector.proven]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _word(fact: bool) -> str:
    return "yes" if fact else "-"


def every_key() -> str:
    """The configuration's reference, as the command prints it."""
    return settings(Path(), Namespace(what="reference", of=None)).out.strip() + "\n"


def written(readme: str) -> str:
    """That README with today's table and reference in it."""
    for name, made in (("quality", table), ("reference", every_key)):
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, _, rest = readme.partition(begin)
        readme = f"{before}{begin}{made()}{end}{rest.partition(end)[2]}"
    return readme


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
