"""``python -m tests.ui.pictures``: the pictures in ``screenshots/``, drawn from the states that the snapshots hold."""

from __future__ import annotations

import asyncio
import hashlib
import html
import io
import os
import re
import struct
import subprocess
import time
import zlib
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME, TerminalTheme

from oncall_tui.ui.ink import cut
from tests.ui.states import SIZES, STATES, reached

FOLDER = Path(__file__).parent.parent.parent / "screenshots"
SHOWN = "a bakery on fire is alone"
"""The state that is drawn at every size in every theme."""

AT_EVERY_SIZE = (
    "the queue",
    "the story so far",
    "why it is first",
    "what frightens is underlined and said more kindly",
    "the sources and the outbox",
    "the handover",
    "nothing is set up yet",
    "what to do by a few letters",
)
IN_EVERY_THEME = ("the queue", "what frightens is underlined and said more kindly")
LOOKS = ("dark", "light", "night", "bare")
"""The three themes, and what NO_COLOR leaves of them."""

_BLACK = TerminalTheme((0, 0, 0), (170, 0, 0), [(0, 0, 0), (205, 40, 40), *[(170, 170, 170)] * 6])
PAPERS: dict[str, TerminalTheme] = {"light": DEFAULT_TERMINAL_THEME, "night": _BLACK}
"""The terminal behind a theme; without one a dark terminal."""

README = FOLDER / "a-bakery-on-fire-is-alone.png"
"""The one that the README shows; PyPI shows no SVG."""


def _file(sentence: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", sentence)


def wanted() -> dict[str, tuple[str, tuple[int, int], str]]:
    """File name -> the state, the size and the theme to draw."""
    drawn = [(sentence, SIZES[0], LOOKS[0]) for sentence in STATES]
    drawn += [(SHOWN, size, look) for size in SIZES for look in LOOKS]
    drawn += [(sentence, size, LOOKS[0]) for sentence in AT_EVERY_SIZE for size in SIZES]
    drawn += [(sentence, SIZES[0], look) for sentence in IN_EVERY_THEME for look in LOOKS]
    return {_name(*what): what for what in drawn}


def _name(sentence: str, size: tuple[int, int], look: str) -> str:
    at = "" if size == SIZES[0] else f"-{size[0]}x{size[1]}"
    return f"{_file(sentence)}{at}{'' if look == LOOKS[0] else f'-{look}'}.svg"


async def draw(sentence: str, size: tuple[int, int], theme: str) -> str:
    """The state as SVG, without a link to anything outside of it."""
    async with reached(sentence, size, theme) as screen:
        console = Console(
            width=size[0], height=size[1], file=io.StringIO(), force_terminal=True, color_system="truecolor",
            record=True, legacy_windows=False, safe_box=False,
        )  # fmt: skip
        console.print(screen.app.screen._compositor.render_update(full=True))
    svg = console.export_svg(title=cut(sentence, size[0] - 6), theme=PAPERS.get(theme, SVG_EXPORT_THEME))
    return _indented(re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL))


def _indented(svg: str) -> str:
    """Text begins where it is seen to begin: librsvg leaves the blanks out with which it begins otherwise."""

    def moved(found: re.Match[str]) -> str:
        text = found["text"]
        blanks = len(found["blanks"]) // len("&#160;")
        cells = cell_len(html.unescape(text)) + blanks
        cell = float(found["length"]) / cells
        x, length = float(found["x"]) + blanks * cell, float(found["length"]) - blanks * cell
        return f'{found["a"]}x="{x:g}"{found["b"]}textLength="{length:g}"{found["c"]}>{text}</text>'

    texts = r'(?P<a><text [^>]*?)x="(?P<x>[\d.]+)"(?P<b>[^>]*?)textLength="(?P<length>[\d.]+)"(?P<c>[^>]*)>'
    return re.sub(texts + r"(?P<blanks>(?:&#160;)+)(?P<text>[^<]+)</text>", moved, svg)


def words(svg: str) -> str:
    """What stands in a picture, and in which colours, without where it is drawn."""
    said = " ".join("".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)).split())
    return f"{said} {' '.join(re.findall(r'fill: (#[0-9a-f]{6})', svg))}"


def stamp(svg: str) -> str:
    """What a PNG made of this picture carries, so that a stale one is found out."""
    return hashlib.sha256(words(svg).encode()).hexdigest()


def stamped(png: bytes, told: str) -> bytes:
    """The PNG with a text chunk ``source`` before its end (PNG 1.2, 4.2.3.1)."""
    body = b"tEXt" + b"source\0" + told.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:-12] + chunk + png[-12:]


def stamp_of(png: bytes) -> str:
    """The stamp in that PNG; "" when there is none."""
    found = re.search(rb"tEXtsource\0([0-9a-f]{64})", png)
    return found[1].decode() if found else ""


def main() -> None:
    """Every picture anew; those of states that are gone are removed. The PNG needs rsvg-convert (librsvg2-bin)."""
    os.environ["TZ"] = "Europe/Amsterdam"
    time.tzset()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.svg"):
        if old.name not in wanted():
            old.unlink()
    for name, what in wanted().items():
        (FOLDER / name).write_text(asyncio.run(draw(*what)), encoding="utf-8")
        print(name)
    svg = README.with_suffix(".svg")
    png = subprocess.run(["rsvg-convert", "--width", "1200", str(svg)], capture_output=True, check=True).stdout
    README.write_bytes(stamped(png, stamp(svg.read_text(encoding="utf-8"))))
    print(README.name)


if __name__ == "__main__":
    main()
