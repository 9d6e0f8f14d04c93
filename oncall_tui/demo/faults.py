"""What a site of the embedded world can do wrong: cut a line, forget its answer, be late; for the crash tests."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum


class Ending(Enum):
    """How the conversation ends: with an answer, with a cut line, or not at all."""

    ANSWERS = "answers"
    CUTS = "cuts the line"
    HANGS = "never answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one request after it was read whole.

    `stores` tells whether the site does what it was asked. It waits `late_s` seconds first, also when the client has hung
    up meanwhile. A `status` of 0 is the site's own answer, else `status`, `headers` and `body` replace it.
    """

    stores: bool = True
    ending: Ending = Ending.ANSWERS
    late_s: float = 0.0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


CUT_BEFORE = Fault(stores=False, ending=Ending.CUTS)
"""The line is cut after the request was read and before anything is stored."""

CUT_AFTER = Fault(ending=Ending.CUTS)
"""The line is cut after it was stored and before the answer."""

STORED_THEN_500 = Fault(status=500, body=b"Internal Server Error", headers={"Content-Type": "text/plain"})
"""It is stored, and the answer says that it failed."""

GATEWAY_TIMEOUT = Fault(
    status=504, body=b"<html><h1>504 Gateway Time-out</h1></html>", headers={"Content-Type": "text/html"}
)
"""It is stored, and a proxy lost patience before the answer."""

BAD_GATEWAY = Fault(
    stores=False, status=502, body=b"<html><h1>502 Bad Gateway</h1></html>", headers={"Content-Type": "text/html"}
)
"""A proxy in front answers with a page; nothing is stored."""

UNAVAILABLE = Fault(stores=False, status=503, body=b"down for maintenance", headers={"Content-Type": "text/plain"})
"""The site is being repaired; nothing is stored."""

HANGS_BEFORE = Fault(stores=False, ending=Ending.HANGS)
"""Nothing is stored and no answer ever comes."""

HANGS_AFTER = Fault(ending=Ending.HANGS)
"""It is stored and no answer ever comes."""


def slow_down(after_s: int) -> Fault:
    """429 with `Retry-After`; nothing is stored."""
    return Fault(stores=False, status=429, headers={"Retry-After": str(after_s)})


def late(seconds: float) -> Fault:
    """The line is cut at once as the client sees it, and the request is stored `seconds` later all the same."""
    return Fault(late_s=seconds, ending=Ending.CUTS)


def mix(seed: int, *, late_s: float = 5.0, hangs: bool = False) -> Iterator[Fault | None]:
    """An endless, repeatable mix in the shares of the reliability study: None is a request that goes well.

    Of 100 requests 8 are slowed down, 6 dropped, 6 stored and cut, 4 meet a 503, 3 a 504 after storing, 2 a 502 page,
    2 a 500 after storing and 3 arrive up to `late_s` late; with `hangs`, 1 more is stored and never answered.
    """
    dice = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    shares: list[tuple[int, Fault | None]] = [
        (8, slow_down(1)),
        (6, CUT_BEFORE),
        (6, CUT_AFTER),
        (4, UNAVAILABLE),
        (3, GATEWAY_TIMEOUT),
    ]
    shares += [(2, BAD_GATEWAY), (2, STORED_THEN_500), (1, HANGS_AFTER if hangs else None)]
    faults = [fault for share, fault in shares for _ in range(share)]
    while True:
        drawn = dice.randrange(100)
        if drawn < 3:
            yield late(dice.uniform(0, late_s))
        else:
            yield faults[drawn - 3] if drawn - 3 < len(faults) else None
