"""Which problem is which from one board to the next: an id lives as long as any of its signals, and a while longer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from oncall_tui.core.columns import Pack
from oncall_tui.model import Memory, Ref

FLAPS = timedelta(minutes=30)
"""A signal that comes back within this is the same story: its problem, clock and decisions are kept for it."""


def name_problems(packs: Sequence[Pack], before: Mapping[Ref, str]) -> list[str]:
    """An id for each problem: the one that most of its signals had, else one made of its earliest signal's ref."""
    claims = _claims(packs, before) if before else [""] * len(packs)
    taken = set(claims)
    for n, (signals, refs, *_) in enumerate(packs):
        if not claims[n]:
            first = refs[0] if len(refs) == 1 else min(zip([s.opened_at for s in signals], refs, strict=True))[1]
            claims[n] = _fresh(first, taken)
            taken.add(claims[n])
    return claims


def _claims(packs: Sequence[Pack], before: Mapping[Ref, str]) -> list[str]:
    """Each remembered id goes to the problem that holds most of its signals; of equals to the first."""
    best: dict[str, tuple[int, int]] = {}
    votes: list[dict[str, int]] = []
    for n, (_, refs, *_) in enumerate(packs):
        count: dict[str, int] = {}
        for known in map(before.get, refs):
            if known:
                count[known] = count.get(known, 0) + 1
        votes.append(count)
        for known, held in count.items():
            if known not in best or held > best[known][0]:
                best[known] = (held, n)
    claims = []
    for n, count in enumerate(votes):
        mine = [(held, known) for known, held in count.items() if best[known][1] == n]
        claims.append(max(mine)[1] if mine else "")
    return claims


def _fresh(ref: Ref, taken: set[str]) -> str:
    """Eight hex digits of the ref; other ones when those are in use."""
    for salt in range(1000):
        name = hashlib.blake2b(f"{ref}{salt or ''}".encode(), digest_size=4).hexdigest()
        if name not in taken:
            return name
    return hashlib.blake2b(ref.encode()).hexdigest()


def remember_gone(before: Memory, living: Mapping[Ref, str], now: datetime) -> dict[Ref, datetime]:
    """What has vanished and since when, for as long as it may come back."""
    missing = before.problems.keys() - living.keys()
    gone = {ref: before.gone.get(ref, now) for ref in missing}
    return {ref: at for ref, at in gone.items() if now - at <= FLAPS}
