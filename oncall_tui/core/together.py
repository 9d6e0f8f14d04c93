"""What a correlation knows of every signal, which of them are joined by now, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain

from oncall_tui.core.columns import Columns, Pack, packed
from oncall_tui.core.groups import Groups
from oncall_tui.model import Ref, Signal


class Together:
    """The state of one correlation: the signals with what is known of each, their groups, and why they joined.

    Signals are numbered over all sources; `placed` are the sources' columns, each with the number of its first signal.
    What is grouped are the sources' bundles: `bundle` is the one that a signal is in, `bundles` are each one's signals.
    """

    def __init__(self, columns: Sequence[Columns], keys: Sequence[str], names: Mapping[str, str]) -> None:
        self.keys, self.names = keys, names
        self.placed = _placed(columns, [len(one.signals) for one in columns])
        self._bundled = _placed(columns, [len(one.bundles) for one in columns])
        placed = self.placed
        self.signals: list[Signal] = list(chain.from_iterable(one.signals for one in columns))
        self.refs: list[Ref] = list(chain.from_iterable(one.refs for one in columns))
        self.services: list[str] = list(chain.from_iterable(one.services for one in columns))
        self.tickets = list(chain.from_iterable(_shifted(one.tickets, start) for one, start in placed))
        self.bundle = list(chain.from_iterable(_shifted(one.bundle_of, first) for one, first in self._bundled))
        self.bundles = list(chain.from_iterable(_all_shifted(one.bundles, start) for one, start in placed))
        self.outages = _merged((one.outages, start) for one, start in placed)
        self.hosts = _merged((one.hosts, start) for one, start in placed)
        self.groups = Groups(len(self.bundles))
        self.reasons: list[tuple[int, str]] = []

    def at(self, refs: Iterable[Ref]) -> list[int]:
        """Where those of the refs are that are there."""
        places = [(one.at, start) for one, start in self.placed]
        return [start + at[ref] for ref in refs for at, start in places if ref in at]

    def are_joined(self, i: int, j: int) -> bool:
        """Whether they are together by now."""
        return self.groups.root(self.bundle[i]) == self.groups.root(self.bundle[j])

    def join(self, i: int, j: int, why: str) -> None:
        """Joins two, and keeps the reason when that changed anything, or tells more than that both are on one service."""
        if self.bundle[i] == self.bundle[j] or self.groups.join(self.bundle[i], self.bundle[j]):
            self.reasons.append((i, f"joined: {why}"))

    def join_all(self, members: Sequence[int], why: str, *, bound: bool | None = None) -> None:
        """Joins many for one reason, which is told when it changed anything, or had `bound` some in a bundle already (None:
        if they are in one).
        """
        bundles = list(dict.fromkeys([self.bundle[i] for i in members]))
        if bound is None:
            bound = len(bundles) < len(members)
        if self.groups.join_all(bundles) or bound:
            self.reasons.append((members[0], f"joined: {'both' if len(members) == 2 else 'all'} {why}"))

    def components(self) -> tuple[list[list[int]], list[tuple[str, ...]]]:
        """The groups of bundles, in the order of their first signals, and the reasons that made each."""
        found: dict[int, list[int]] = {}
        for bundle, root in enumerate(self.groups.roots()):
            found.setdefault(root, []).append(bundle)
        reasons: dict[int, dict[str, None]] = {}
        for i, why in self.reasons:
            reasons.setdefault(self.groups.root(self.bundle[i]), {})[why] = None
        return list(found.values()), [tuple(reasons.get(root, ())) for root in found]

    def pack(self, bundles: Sequence[int]) -> Pack:
        """The signals of those bundles in order, with what is known of each."""
        members = self.bundles[bundles[0]]
        if len(bundles) > 1:
            members = sorted(chain.from_iterable(self.bundles[bundle] for bundle in bundles))
            return packed(members, self.signals, self.refs, self.keys, self.services)
        if len(members) == 1:
            i = members[0]
            return (self.signals[i],), (self.refs[i],), (self.keys[i],), (self.services[i],)
        columns, first = next(one for one in reversed(self._bundled) if one[1] <= bundles[0])
        return columns.pack(bundles[0] - first)


def _placed(columns: Sequence[Columns], sizes: Sequence[int]) -> list[tuple[Columns, int]]:
    """Each with the number at which it begins."""
    return list(zip(columns, accumulate(sizes, initial=0), strict=False))


def _shifted(numbers: Sequence[int], by: int) -> Sequence[int]:
    return [number + by for number in numbers] if by else numbers


def _all_shifted(lists: Sequence[Sequence[int]], by: int) -> Iterable[Sequence[int]]:
    return [_shifted(numbers, by) for numbers in lists] if by else lists


def _merged(tables: Iterable[tuple[Mapping[str, Sequence[int]], int]]) -> dict[str, Sequence[int]]:
    """The sources' tables as one."""
    found: dict[str, Sequence[int]] = {}
    for table, start in tables:
        for name, members in table.items():
            shifted = _shifted(members, start)
            found[name] = [*found[name], *shifted] if name in found else shifted
    return found
