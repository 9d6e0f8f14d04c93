"""Without a configuration: a screen that says where to begin, and the program as a newcomer starts it in a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from oncall_tui.ui.firstrun import CHOICES, FirstRun, lines
from oncall_tui.ui.ink import plain, width
from tests.hostile import EVERY
from tests.pty import Session

WHERE = Path("/home/sanne/.config/oncall-tui/config.toml")


@pytest.mark.parametrize(("key", "chosen"), [*((key, key) for key in CHOICES), ("escape", "q"), ("ctrl+c", "q")])
async def test_each_key_ends_it_with_its_choice(key: str, chosen: str) -> None:
    app = FirstRun(WHERE)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("x", key)
    assert app.chosen == chosen
    assert app.return_code == 0


@pytest.mark.parametrize("cells", [80, 40, 30])
def test_it_fits_and_names_every_choice_and_the_file(cells: int) -> None:
    shown = lines(WHERE, cells)
    assert max(width(one) for one in shown) <= cells
    text = " ".join(" ".join(piece.text for piece in one) for one in shown)
    for what in CHOICES.values():
        assert " ".join(what.split()) in " ".join(text.split())
    assert len(shown) <= 24 or cells < 40


def test_whatever_the_folder_is_called_only_text_in_its_bounds_is_shown() -> None:
    for text in EVERY:
        for cells in (80, 40, 200):
            for shown in lines(Path("/home") / text.replace("\0", "0") / "config.toml", cells):
                assert plain(shown).isprintable(), text
                assert width(shown) <= cells, text


def newcomer(tmp_path: Path, **env: str) -> Session:
    own = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    return Session([sys.executable, "-m", "oncall_tui"], size=(80, 24), env=own | env, timeout_s=30.0)


def test_a_newcomer_leaves_and_is_told_how_to_begin_another_time(tmp_path: Path) -> None:
    with newcomer(tmp_path) as session:
        session.wait("It does not know any yet")
        session.key("q")
        code, _ = session.wait_end()
        assert code == 2
        assert "oncall-tui init" in session.raw.decode()
    assert not (tmp_path / "config").exists()


def test_a_newcomer_sees_the_night_and_comes_back(tmp_path: Path) -> None:
    with newcomer(tmp_path) as session:
        session.wait("It does not know any yet")
        session.key("d")
        session.wait("BAKKERIJ DE KORENAAR")
        session.key("ctrl+c")
        code, _ = session.wait_end()
        assert code == 0
    assert not (tmp_path / "config").exists()


def test_a_newcomer_is_asked_for_a_first_source(tmp_path: Path) -> None:
    with newcomer(tmp_path) as session:
        session.wait("It does not know any yet")
        session.key("i")
        session.wait("(?i)your name|who are you|kind")
        session.key("ctrl+c")
        session.wait_end()
    assert not (tmp_path / "config").exists()


def test_where_there_is_no_screen_it_is_told_in_plain_words(tmp_path: Path) -> None:
    with newcomer(tmp_path, TERM="dumb") as session:
        code, _ = session.wait_end()
        assert code == 2
        assert b"\x1b" not in bytes(session.raw)
        assert "There is no configuration" in session.raw.decode()
