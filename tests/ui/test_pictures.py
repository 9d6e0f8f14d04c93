"""The pictures show what the program shows today."""

from __future__ import annotations

from tests.ui.pictures import FOLDER, SHOWN, draw, wanted, words


def test_there_is_a_picture_of_every_state_and_no_other() -> None:
    assert {path.name for path in FOLDER.glob("*.svg")} == set(wanted())


async def test_no_picture_is_stale() -> None:
    for name, what in wanted().items():
        drawn = await draw(*what)
        assert words((FOLDER / name).read_text(encoding="utf-8")) == words(drawn), f"draw {name} anew"


async def test_a_picture_loads_nothing_from_elsewhere() -> None:
    drawn = await draw(SHOWN, (80, 24), "dark")
    assert "url(http" not in drawn
