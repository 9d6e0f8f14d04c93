"""Which problem is which from one board to the next: an id lives as long as any of its signals, and a while longer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from oncall_tui.model import Memory, Ref, Signal

FLAPS = timedelta(minutes=30)
"""A signal that comes back within this is the same story: its problem, clock and decisions are kept for it."""


def name_problems(
    components: Sequence[Sequence[int]], signals: Sequence[Signal], refs: Sequence[Ref], before: Mapping[Ref, str]
) -> list[str]:
    """An id for each component: the one that most of its signals had, else one made of its earliest signal's ref."""
    claims = _claims(components, refs, before) if before else [""] * len(components)
    taken = set(claims)
    for n, members in enumerate(components):
        if not claims[n]:
            first = min(members, key=lambda i: (signals[i].opened_at, refs[i])) if len(members) > 1 else members[0]
            claims[n] = _fresh(refs[first], taken)
            taken.add(claims[n])
    return claims


def _claims(components: Sequence[Sequence[int]], refs: Sequence[Ref], before: Mapping[Ref, str]) -> list[str]:
    """Each remembered id goes to the component that holds most of its signals; of equals to the first."""
    best: dict[str, tuple[int, int]] = {}
    votes: list[dict[str, int]] = []
    for n, members in enumerate(components):
        count: dict[str, int] = {}
        for i in members:
            if known := before.get(refs[i], ""):
                count[known] = count.get(known, 0) + 1
        votes.append(count)
        for known, held in count.items():
            if held > best.get(known, (0, 0))[0]:
                best[known] = (held, n)
    claims = []
    for n, count in enumerate(votes):
        mine = [known for known in count if best[known][1] == n]
        claims.append(max(mine, key=lambda known: (count[known], known)) if mine else "")
    return claims


def _fresh(ref: Ref, taken: set[str]) -> str:
    """Eight hex digits of the ref; other ones when those are in use."""
    for salt in range(1000):
        name = hashlib.blake2b(f"{ref}{salt or ''}".encode(), digest_size=4).hexdigest()
        if name not in taken:
            return name
    return hashlib.blake2b(ref.encode()).hexdigest()


def remember_gone(before: Memory, living: Iterable[Ref], now: datetime) -> dict[Ref, datetime]:
    """What has vanished and since when, for as long as it may come back."""
    missing = before.problems.keys() - set(living)
    gone = {ref: before.gone.get(ref, now) for ref in missing}
    return {ref: at for ref, at in gone.items() if now - at <= FLAPS}
