"""Numbered things that belong together: union-find with things that must stay apart."""

from __future__ import annotations

from collections.abc import Iterable


class Groups:
    """`size` things, each a group of its own at first. Joining is almost free, whatever the size of the groups."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))
        self._sides: dict[int, set[tuple[str, int]]] = {}

    def root(self, i: int) -> int:
        """The thing that stands for i's group."""
        parent = self._parent
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i

    def part(self, name: str, one: Iterable[int], other: Iterable[int]) -> None:
        """From now on no group holds things of both sides. Name each such decision differently."""
        for side, members in ((0, one), (1, other)):
            for i in members:
                self._sides.setdefault(self.root(i), set()).add((name, side))

    def may_join(self, i: int, j: int) -> bool:
        """Whether no decision keeps the groups of i and j apart."""
        ours, theirs = self._sides.get(self.root(i)), self._sides.get(self.root(j))
        return not ours or not theirs or not any((name, 1 - side) in theirs for name, side in ours)

    def join(self, i: int, j: int) -> bool:
        """Puts i and j together, unless they must stay apart. True when that made one group of two."""
        i, j = self.root(i), self.root(j)
        if i == j or (self._sides and not self.may_join(i, j)):
            return False
        self._parent[max(i, j)] = min(i, j)
        if moved := self._sides.pop(max(i, j), None):
            self._sides.setdefault(min(i, j), set()).update(moved)
        return True

    def join_all(self, members: list[int]) -> bool:
        """Puts all of them together; those that must stay apart end up in as few groups as that allows."""
        if not self._sides:
            return self._join_freely(members)
        heads: list[int] = []
        joined = False
        for i in members:
            for head in heads:
                if self.root(head) == self.root(i):
                    break
                if self.join(head, i):
                    joined = True
                    break
            else:
                heads.append(i)
        return joined

    def _join_freely(self, members: list[int]) -> bool:
        parent, joined = self._parent, False
        first = self.root(members[0])
        for i in members:
            if parent[i] == i and i > first:  # the common case: a group of its own
                parent[i] = first
                joined = True
            elif self.join(first, i):
                joined = True
                first = self.root(first)
        return joined

    def roots(self) -> list[int]:
        """Every thing's root, in the things' order."""
        root = self.root
        return [p if p == i else root(i) for i, p in enumerate(self._parent)]
