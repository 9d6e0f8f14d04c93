"""Our painting looks like Textual's own on an emulated terminal, and costs a fraction of its bytes."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from oncall_tui.ui.paint import Painter, cells_of, cleaned
from oncall_tui.ui.terminal import erases_in_colour
from tests.pty import Emulator
from tests.terminal.conftest import Start

COLORS = ColorSystem.TRUECOLOR

STEPS = {
    "table": ["down", "down", "pagedown", "down", "m", "m", "up", "end", "80x24 60x15", "home", "60x15 100x30", "down"],
    "typing": ["a", "b", "tab", "down", "down", "end", "x", "日", "enter", "up", "80x24 50x20", "home", "backspace"],
    "styled": ["down", "down", "right", "right", "right", "pagedown", "m", "m", "right", "80x24 33x12", "down", "right", "33x12 90x25"],
    "plain": ["n", "n", "n", "m", "m", "n", "80x24 40x15", "n", "n", "40x15 81x25", "n"],
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("term", ["xterm-256color", "screen"])
def test_both_paths_show_the_same_cells_after_every_key_and_resize(start: Start, name: str, term: str) -> None:
    ours, stock = (start("compared", name, which, env={"TERM": term}) for which in ("ours", "stock"))
    for session in (ours, stock):
        session.wait(r"\w")
        session.quiet(0.25)
    assert ours.emulator.look() == stock.emulator.look()
    for step in STEPS[name]:
        for session in (ours, stock):
            if "x" in step and step[0].isdigit():
                session.resize(*map(int, step.split()[1].split("x")))
            else:
                session.key(step)
        for session in (ours, stock):
            session.quiet(0.2)
        assert ours.emulator.look() == stock.emulator.look(), f"after {step}\n{ours.text()}\n---\n{stock.text()}"
    assert len(ours.raw) < len(stock.raw) * 0.5


def painted(painter: Painter, terminal: Emulator, *lines: Strip, y: int = 0) -> str:
    """Paint lines of a whole screen and show them to a terminal."""
    region = Region(0, y, terminal.columns, len(lines))
    sent = painter.paint(
        LayoutUpdate([[line] for line in lines], region), (terminal.columns, terminal.rows), COLORS, (0, 0)
    )
    terminal.feed(sent.encode())
    return sent


def row(*parts: tuple[str, Style | None], width: int = 20) -> Strip:
    return Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(width)


def test_the_same_screen_again_costs_nothing() -> None:
    painter, terminal = Painter(), Emulator(20, 2)
    painted(painter, terminal, row(("hello", Style(bold=True))), row(("日本", None)))
    assert painted(painter, terminal, row(("hello", Style(bold=True))), row(("日本", None))) == ""


def test_a_second_of_a_clock_costs_one_move_and_one_digit() -> None:
    painter, terminal = Painter(), Emulator(20, 1)
    painted(painter, terminal, row(("ALONE 12:41", None)))
    assert painted(painter, terminal, row(("ALONE 12:42", None))) == "\x1b[1;11H2"
    assert terminal.text() == "ALONE 12:42"


def test_overwriting_half_of_a_wide_character_leaves_no_half() -> None:
    painter, terminal = Painter(), Emulator(8, 1)
    for text in ("a日本b", "日本ab", " 日ab ", "xx日 b", "日日日", "ab"):
        painted(painter, terminal, row((text, None), width=8))
        assert "".join(cell[0] for cell in terminal.look()[0]).rstrip() == text.rstrip()


def test_what_terminals_draw_in_different_widths_cannot_shift_what_follows() -> None:
    painter = Painter()
    sent = painter.paint(LayoutUpdate([[row(("日x", None))]], Region(0, 0, 20, 1)), (20, 1), COLORS, (0, 0))
    assert "日\x1b[1;3Hx" in sent


def test_gnu_screen_does_not_erase_in_colour_so_there_blanks_are_written() -> None:
    blue = row((" " * 20, Style(bgcolor="blue")))
    assert "\x1b[K" in painted(Painter(), Emulator(20, 1), blue)
    assert "\x1b[K" not in painted(Painter(erases_in_colour=False), Emulator(20, 1), blue)
    assert not erases_in_colour("screen.xterm-256color", in_tmux=False)
    assert erases_in_colour("screen-256color", in_tmux=True)
    assert erases_in_colour("xterm", in_tmux=False)


HOSTILE = ["\x1b[c", "\x1b]52;c;aGk=\x07", "\x9b31m", "\x00\x05\x07\x0e", "a\x7fb", "\u202eevil\u202c", "\U000e0041\U000e0042", "\u2028x", "a\tb", "\r\n",
           "\ud800", "\u200b\u200d", "\x85"]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_terminal_obeys_does_not_get_through_either_path(text: str) -> None:
    strip = row((f"before{text}after", None), width=30)
    shown = "".join(cell for cell, _ in cells_of(strip, COLORS))
    assert shown.isprintable()
    assert len(cells_of(strip, COLORS)) == 30
    layout = cleaned(LayoutUpdate([[strip]], Region(0, 0, 30, 1)))
    chops = cleaned(ChopsUpdate([{0: strip, 30: None}], [(0, 0, 30)], [[30, 40]]))
    assert isinstance(layout, LayoutUpdate)
    assert isinstance(chops, ChopsUpdate)
    for fallback in (next(iter(layout.strips[0])), chops.chops[0][0]):
        assert fallback is not None
        assert fallback.text.isprintable()
        assert fallback.cell_length == 30


def test_a_link_with_a_control_in_it_is_not_a_link() -> None:
    good, bad = Style(link="https://example.org/?a=b"), Style(link="https://example.org/\x1b\\\x1b[c")
    sent = painted(Painter(), Emulator(20, 1), row(("good", good), ("bad", bad)))
    assert sent.count("\x1b]8;;https://example.org/?a=b\x1b\\") == 1
    assert "\x1b[c" not in sent
    assert sent.index("\x1b]8;;\x1b\\") > sent.index("good")
    layout = cleaned(LayoutUpdate([[row(("bad", bad))]], Region(0, 0, 20, 1)))
    assert isinstance(layout, LayoutUpdate)
    assert [segment.style.link for line in layout.strips for strip in line for segment in strip if segment.style] == [
        None
    ]


def test_a_frame_is_the_screen_as_lines() -> None:
    painter, terminal = Painter(), Emulator(20, 2)
    painted(painter, terminal, row(("BAKKERIJ", Style(bold=True)), (" ok", None)), row(("", None)))
    assert painter.frame() == ["\x1b[0;1mBAKKERIJ\x1b[m ok", ""]


def test_what_our_painting_does_not_know_is_painted_by_textual_and_cleaned(start: Start) -> None:
    session = start("compared", "plain", "surprised")
    session.wait("ALONE 12:41")
    session.key("n")
    session.wait("ALONE 12:41")
    session.quiet()
    assert "\ufffd" in session.text()
    assert "\u202e" not in bytes(session.raw).decode()
    assert session.poll() is None
