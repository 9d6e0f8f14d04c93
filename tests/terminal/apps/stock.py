"""What the bench compares with: Textual as it comes. ``python -m tests.terminal.apps.stock hello|table``."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static


class Hello(App[None]):
    """One line."""

    def compose(self) -> ComposeResult:
        yield Static("hello")


class Table(App[None]):
    """Twenty rows and a cursor."""

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("who", "what", "since")
        for n in range(20):
            table.add_row(f"customer {n}", "cannot take orders", f"{n} min")


if __name__ == "__main__":
    {"hello": Hello, "table": Table}[sys.argv[1]]().run()
