"""The pictures show what the program shows today."""

from __future__ import annotations

import re

from tests.ui.pictures import FOLDER, README, SHOWN, draw, stamp, stamp_of, stamped, wanted, words


def test_there_is_a_picture_of_every_state_and_no_other() -> None:
    assert {path.name for path in FOLDER.glob("*.svg")} == set(wanted())


async def test_no_picture_is_stale() -> None:
    for name, what in wanted().items():
        drawn = await draw(*what)
        assert words((FOLDER / name).read_text(encoding="utf-8")) == words(drawn), f"draw {name} anew"


async def test_a_picture_loads_nothing_from_elsewhere() -> None:
    drawn = await draw(SHOWN, (80, 24), "dark")
    assert "url(http" not in drawn


async def test_the_picture_of_the_readme_is_not_stale() -> None:
    assert stamp_of(README.read_bytes()) == stamp(await draw(SHOWN, (80, 24), "dark"))


def test_a_png_without_its_stamp_or_of_another_picture_is_found_out() -> None:
    png = README.read_bytes()
    assert stamp_of(stamped(png.replace(b"tEXtsource", b"tEXtSOURCE"), stamp("<text>x</text>"))) == stamp(
        "<text>x</text>"
    )
    assert stamp_of(b"\x89PNG") == ""


async def test_night_is_red_on_black_and_light_is_on_white() -> None:
    night, light = await draw(SHOWN, (80, 24), "night"), await draw(SHOWN, (80, 24), "light")
    colours = set(re.findall(r"-r\d+ \{ fill: #(\w\w)(\w\w)(\w\w)", night))
    assert colours
    assert all(
        int(red, 16) >= int(green, 16) + int(blue, 16) or red == green == blue == "00" for red, green, blue in colours
    )
    assert 'fill="#ffffff"' in light


async def test_no_text_begins_with_blanks_that_a_drawing_program_leaves_out() -> None:
    drawn = await draw(SHOWN, (80, 24), "dark")
    assert "BAKKERIJ" in drawn
    assert not re.search(r">(?:&#160;)+[^<&]", drawn)
