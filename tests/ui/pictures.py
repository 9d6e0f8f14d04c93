"""``python -m tests.ui.pictures``: the pictures in ``screenshots/``, drawn from the states that the snapshots hold."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path

from tests.ui.scripted import Screen
from tests.ui.states import SIZES, STATES, reach

FOLDER = Path(__file__).parent.parent.parent / "screenshots"
SHOWN = "a bakery on fire is alone"
"""The state that is drawn at every size and in every theme."""


def _file(sentence: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", sentence)


def wanted() -> dict[str, tuple[str, tuple[int, int], str]]:
    """File name -> the state, the size and the theme to draw."""
    pictures = {f"{_file(sentence)}.svg": (sentence, (80, 24), "dark") for sentence in STATES}
    pictures |= {f"{_file(SHOWN)}-{w}x{h}.svg": (SHOWN, (w, h), "dark") for w, h in SIZES[1:]}
    return pictures | {f"{_file(SHOWN)}-{theme}.svg": (SHOWN, (80, 24), theme) for theme in ("night", "bare")}


async def draw(sentence: str, size: tuple[int, int], theme: str) -> str:
    """The state as SVG, without a link to anything outside of it."""
    screen = Screen(STATES[sentence].board(), theme=theme)
    async with screen.app.run_test(size=size) as pilot:
        await reach(pilot, screen, STATES[sentence])
        svg = screen.app.export_screenshot(title=sentence)
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def words(svg: str) -> str:
    """What stands in a picture, without how it is drawn."""
    return " ".join("".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)).split())


def main() -> None:
    os.environ["TZ"] = "Europe/Amsterdam"
    time.tzset()
    FOLDER.mkdir(exist_ok=True)
    for name, what in wanted().items():
        (FOLDER / name).write_text(asyncio.run(draw(*what)), encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
