"""The embedded world: a small desk and a small monitor over real HTTP on loopback, and the night they play."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncall_tui.config import Config


def run(run_screen: Callable[[Config, Path], int], state_dir: Path | None = None, *, speed: float = 1.0) -> int:
    """Plays the night for `run_screen` (the screen that every night gets) and returns what it returns.

    Its state is kept in `state_dir`, else in a directory that is gone afterwards.
    """
    from oncall_tui.demo.world import World  # noqa: PLC0415 (the command line loads this module for its help)

    with TemporaryDirectory(prefix="oncall-tui-demo-") as fresh, World(speed=speed) as world:
        folder = state_dir or Path(fresh)
        return run_screen(world.config(folder), folder)
