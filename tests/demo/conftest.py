"""An embedded world that stands still, and its clients."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from oncall_tui.demo.world import World


class Hands:
    """The world's clock, turned by the test."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 2, 14, 0, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def world(hands: Hands) -> Iterator[World]:
    """As the night opens; it stands still until the test turns it."""
    with World(hands, still=True) as world:
        yield world


@pytest.fixture
def empty() -> Iterator[World]:
    """People, and no trouble at all."""
    with World(empty=True) as world:
        yield world
