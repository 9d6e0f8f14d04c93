"""What one triage hands to the next so that only what changed is worked out again; a board is the same without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from oncall_tui.core.alone import Promised
from oncall_tui.core.case import Case, Ground, Inputs
from oncall_tui.core.columns import Columns
from oncall_tui.core.overlay import paint_one
from oncall_tui.model import Settings, Signal, Snapshot, Write


class Work:
    """The last board's columns by source and its cases by problem.

    Keep one beside the memory; it may be thrown away at any time.
    """

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._promised: Promised | None = None
        self._cases: dict[str, tuple[Case, tuple[str, ...]]] = {}
        self._columns: dict[str, tuple[Sequence[Signal], tuple[float, tuple[Write, ...], bool], Columns]] = {}

    def on(self, settings: Settings, promised: Promised | None) -> Work:
        """Makes it fit for these settings: other ones than last time start from nothing."""
        if self._settings is not settings or self._promised is not promised:
            self._settings, self._promised = settings, promised
            self.ground = Ground(settings, promised)
            self._cases, self._columns = {}, {}
        return self

    def columns(self, snapshot: Snapshot, writes: tuple[Write, ...], *, loose: bool) -> Columns:
        """The columns of the snapshot with those writes painted over it: the last ones while nothing of that changed."""
        made_of = (snapshot.skew_s, writes, loose)
        before = self._columns.get(snapshot.source)
        if before is not None and before[0] is snapshot.signals and before[1] == made_of:
            return before[2]
        signals = paint_one(snapshot, writes, self.ground.settings.me)
        columns = Columns(signals, self.ground.register, self.ground.services, loose=loose)
        self._columns[snapshot.source] = (snapshot.signals, made_of, columns)
        return columns

    def case(self, its: str, inputs: Inputs, names: Mapping[str, str]) -> Case:
        """The problem's case: the last one when it was made of the same."""
        called = tuple([names.get(customer, "") for customer in dict.fromkeys(inputs[2])])
        before = self._cases.get(its)
        if before is not None and before[1] == called and before[0].inputs == inputs:
            return before[0]
        case = Case(inputs, self.ground, names)
        self._cases[its] = (case, called)
        return case

    def keep(self, ids: Iterable[str]) -> None:
        """Forgets the cases of problems that are no more."""
        if len(self._cases) > len(living := set(ids)):
            self._cases = {its: case for its, case in self._cases.items() if its in living}
