"""A connector, the recorded server that it is tried on, and what is in there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from oncall_tui.kit import Connector, Source
from oncall_tui.model import Verb
from oncall_tui.testing.documents import Pattern, Place
from oncall_tui.testing.recorded import Recorded, Routes
from oncall_tui.testing.spelling import Time

REFUSED, STALE, NOTHING, OVER, BESIDE = (
    "refused",
    "412",
    "answered well, and nothing",
    "the last has it",
    "both have it",
)
"""What a server may do with an acknowledgement of what somebody has since we looked."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A connector and the recorded server that it is tried on.

    Routes map ``"GET /path"`` or ``"GET /path?name=value"`` (which then must be among the query) to a file in `folder`
    without its ending, to a status, or to both. What each verb sends stands in its file `said`.

    What is in there: `ids` are the signals that a poll lists, `records` the files whose records these are, with where each
    stands, and `beside` those with records of other things (comments, people). `times` are where the times of a signal
    come from, by its field ("message": of a message); `severity` is where in which file a severity stands. `target` is the
    signal on which a verb is tried where `targets` name no other.

    Other routes of the same server: `empty` with nothing to list, `pages` with the same signals on several pages, `done`
    once a verb was sent, `already` where the source refuses what is so already, and `faster` where `colleague` was faster:
    from the first change on, or, for giving back, from the start. `together` says why nobody can be. `again` is what the
    source does with an acknowledgement then (`REFUSED` and the others); that can be proven at the real server alone.
    `gone` are the ways to answer about a `target` that is over, was deleted, merged, or moved to where we may not look.

    `believed` are verbs whose good answer nobody looks after: only where that server never answered well and did nothing.
    `unable` are verbs that this server cannot do although others of its kind can; `server_at` is the time in the Date
    header, where the server has one; `speaks` is how it finds its answers.
    """

    connector: Connector
    source: Source
    folder: Path
    routes: Routes
    ids: tuple[str, ...]
    records: Mapping[str, Pattern]
    target: str
    severity: tuple[str, Place]
    times: Mapping[str, Time]
    empty: Routes
    beside: Mapping[str, Pattern] = field(default_factory=dict)
    targets: Mapping[Verb, str] = field(default_factory=dict)
    pages: Routes = field(default_factory=dict)
    done: Mapping[Verb, Routes] = field(default_factory=dict)
    already: Mapping[Verb, Routes] = field(default_factory=dict)
    again: str = ""
    faster: Mapping[Verb, Routes] = field(default_factory=dict)
    colleague: str = ""
    together: str = ""
    gone: Sequence[Routes] = ()
    believed: frozenset[Verb] = frozenset()
    unable: frozenset[Verb] = frozenset()
    server_at: datetime | None = None
    speaks: type[Recorded] = Recorded
    said: str = "said"

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be said to this server."""
        return tuple(verb for verb in self.connector.answers if verb not in self.unable)

    @property
    def retracted(self) -> tuple[Verb, ...]:
        """What can be taken back there."""
        return tuple(verb for verb in self.verbs if verb in self.connector.retracts)

    def target_of(self, verb: Verb) -> str:
        return self.targets.get(verb, self.target)

    def server(
        self,
        verb: Verb | None = None,
        *,
        is_done: bool = False,
        routes: Routes | None = None,
        then: Routes | None = None,
    ) -> Recorded:
        """The recorded server, or one of `routes`. From the first change on, or from the start if `is_done`, it answers
        as `then`; without that as when `verb` was done.
        """
        before = self.routes if routes is None else routes
        after = then if then is not None else self.done.get(verb, {}) if verb else {}
        later = {**before, **after}
        return self.speaks(self.folder, later if is_done else before, later, self.server_at)

    def once_said(self, verb: Verb) -> Recorded:
        """The recorded server after that verb, which answers as before it from the next change on."""
        return self.speaks(self.folder, {**self.routes, **self.done.get(verb, {})}, self.routes, self.server_at)
