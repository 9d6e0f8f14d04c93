"""What was worked out for the pieces of the last text: of one that is being typed only the piece under the cursor is new."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Piece = TypeVar("Piece", bound=Hashable)
Result = TypeVar("Result")


def remembered(work: Callable[[Piece], Result]) -> Callable[[Iterable[Piece]], list[Result]]:
    """`work`, a pure function, on each of some pieces; what the call before this one had as well is not worked out again."""
    lately: dict[Piece, Result] = {}

    def each(pieces: Iterable[Piece]) -> list[Result]:
        nonlocal lately
        before, now, results = lately, dict[Piece, Result](), []
        for piece in pieces:
            if piece not in now:
                now[piece] = before[piece] if piece in before else work(piece)
            results.append(now[piece])
        lately = now
        return results

    return each
