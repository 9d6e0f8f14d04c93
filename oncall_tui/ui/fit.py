"""Shares the lines of a screen between its blocks: the important ones get their lines first, on a phone the others go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from oncall_tui.ui.ink import BLANK, Line


class Block(NamedTuple):
    """Lines that belong together. `rank` 0 matters most; it is drawn with `least` to `most` lines, or not at all."""

    rank: int
    least: int
    most: int
    draw: Callable[[int], list[Line]]
    grows: int = 99
    """Its turn when lines are left over; the lower, the sooner."""


def fixed(rank: int, *lines: Line) -> Block:
    """A block of exactly these lines."""
    return Block(rank, len(lines), len(lines), lambda n: list(lines)[:n])


def gap(rank: int) -> Block:
    """An empty line where there is room for it."""
    return fixed(rank, BLANK)


def share(blocks: Sequence[Block], height: int) -> list[int]:
    """How many lines each block gets: at least its least by rank, then more, one by one in the order in which they grow."""
    given = [0] * len(blocks)
    left = height
    for i in sorted(range(len(blocks)), key=lambda i: blocks[i].rank):
        if blocks[i].least <= left:
            given[i] = blocks[i].least
            left -= given[i]
    growing = sorted((i for i in range(len(blocks)) if given[i] or not blocks[i].least), key=lambda i: blocks[i].grows)
    for i in growing:
        more = min(left, blocks[i].most - given[i])
        given[i] += more
        left -= more
    return given


def stack(blocks: Sequence[Block], height: int) -> list[Line]:
    """The blocks' lines from the top, never more than `height`."""
    lines: list[Line] = []
    for block, count in zip(blocks, share(blocks, height), strict=True):
        lines.extend(block.draw(count)[:count] if count else ())
    return lines
