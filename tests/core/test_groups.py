"""Union-find: what joined is together, and nothing else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.core.groups import Groups

pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20)


def parts(groups: Groups) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for i, root in enumerate(groups.roots()):
        found.setdefault(root, set()).add(i)
    return {frozenset(members) for members in found.values()}


@given(pairs)
def test_the_order_of_joins_does_not_matter(joins: list[tuple[int, int]]):
    one, other = Groups(10), Groups(10)
    for i, j in joins:
        one.join(i, j)
    for i, j in reversed(joins):
        other.join(j, i)
    assert parts(one) == parts(other)


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), max_size=6))
def test_joining_many_is_joining_each(lists: list[list[int]]):
    one, other = Groups(10), Groups(10)
    for members in lists:
        one.join_all(members)
        for i in members[1:]:
            other.join(members[0], i)
    assert parts(one) == parts(other)


@given(
    pairs,
    st.sets(st.integers(0, 4), min_size=1),
    st.sets(st.integers(5, 9), min_size=1),
    st.lists(st.integers(0, 9), min_size=2),
)
def test_what_was_parted_never_meets(joins, one: set[int], other: set[int], many: list[int]):
    groups = Groups(10)
    groups.part("d", one, other)
    for i, j in joins:
        groups.join(i, j)
    groups.join_all(many)
    assert not {groups.root(i) for i in one} & {groups.root(i) for i in other}


def test_those_that_were_parted_from_the_rest_stay_together():
    groups = Groups(4)
    groups.part("d", [2, 3], [0, 1])
    groups.join_all([0, 1, 2, 3])
    assert parts(groups) == {frozenset({0, 1}), frozenset({2, 3})}
