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

README = Path(__file__).parent.parent / "README.md"
COLUMNS = {
    "acknowledges": Verb.ACKNOWLEDGE,
    "gives back": Verb.RELEASE,
    "notes": Verb.NOTE,
    "replies": Verb.REPLY,
    "resolves": Verb.RESOLVE,
    "snoozes": Verb.SNOOZE,
}


def table() -> str:
    """A line a connector: what it can be told, whether a write is looked at before and after, how that was proven."""
    heads = ["kind", "reads", "paged", *COLUMNS, "peeks", "sees", "proven on"]
    rows = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for kind in connectors.ours():
        case = import_module(f"tests.connectors.cases.{kind}").CASE
        connector = case.connector
        facts = [True, bool(case.pages), *(verb in connector.answers for verb in COLUMNS.values())]
        facts += [connector.peek is not None, connector.seen is not None]
        rows.append("| " + " | ".join([f"`{kind}`", *("yes" if f else "-" for f in facts), connector.proven]) + " |")
    return "\n".join(rows) + "\n"


def every_key() -> str:
    """The configuration's reference, as the command prints it."""
    return settings(Path(), Namespace(what="reference")).out.strip() + "\n"


def written(readme: str) -> str:
    """That README with today's table and reference in it."""
    for name, made in (("quality", table), ("reference", every_key)):
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, _, rest = readme.partition(begin)
        readme = f"{before}{begin}{made()}{end}{rest.partition(end)[2]}"
    return readme


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
