"""What is a key, what is a paste, and what was said by a terminal: on sequences of (time, bytes)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.ui.driver import Keyboard
from oncall_tui.ui.guard import PASTE_MOST, PASTE_S, TAINTED_S, TOGETHER_S, Ignored, Input, Key, Paste, Reader

ARROW, DELETE, F5, SHIFT_F3 = "\x1b[A", "\x1b[3~", "\x1b[15~", "\x1b[1;2R"
KNOWN = {ARROW, DELETE, F5, SHIFT_F3, "\x1b[Z", "\x1bOA", "\x1ba"}


def read(*chunks: tuple[float, str]) -> list[Input]:
    """Everything that the reader makes of these chunks, asked at each chunk and at each moment that it asks for."""
    reader, found = Reader(KNOWN.__contains__), []
    now = 0.0
    for at, text in [*chunks, (chunks[-1][0] + 10.0, "")]:
        while (wait := reader.wait_s(now)) is not None and now + wait < at:
            now += wait + 0.0001
            found += reader.feed("", now)
        now = at
        found += reader.feed(text, at)
    return found


def spelled(text: str, start: float = 1.0, gap: float = 0.2) -> list[tuple[float, str]]:
    return [(start + n * gap, char) for n, char in enumerate(text)]


def test_a_typist_presses_keys() -> None:
    assert read(*spelled("ack\r")) == [Key("a"), Key("c"), Key("k"), Key("\r")]


def test_a_fast_roll_of_two_keys_is_two_keys() -> None:
    assert read((1.0, "a"), (1.005, "s")) == [Key("a"), Key("s")]


def test_two_keys_in_one_packet_of_a_slow_line_are_two_keys() -> None:
    assert read((1.0, "ar")) == [Key("a"), Key("r")]


def test_three_characters_at_once_are_a_paste() -> None:
    assert read((1.0, "ack")) == [Paste("ack")]


def test_a_paste_without_brackets_that_comes_byte_by_byte_is_a_paste_from_its_first_character() -> None:
    assert read(*spelled("quit", gap=0.001)) == [Paste("quit")]


def test_what_trickles_in_behind_a_paste_is_part_of_it() -> None:
    found = read((1.0, "first "), (1.0 + TAINTED_S * 0.8, "a"))
    assert found == [Paste("first "), Paste("a")]


def test_a_key_some_time_after_a_paste_is_a_key() -> None:
    assert read((1.0, "paste"), (1.5, "a")) == [Paste("paste"), Key("a")]


def test_a_character_waits_no_longer_than_needed_to_know_that_it_is_a_key() -> None:
    reader = Reader(KNOWN.__contains__)
    assert reader.feed("a", 1.0) == []
    assert reader.wait_s(1.0) == pytest.approx(TOGETHER_S)
    assert reader.feed("", 1.0 + TOGETHER_S + 1e-9) == [Key("a")]
    assert reader.wait_s(2.0) is None


def test_cursor_keys_wait_for_nothing() -> None:
    assert Reader(KNOWN.__contains__).feed(ARROW, 1.0) == [Key(ARROW)]


@pytest.mark.parametrize(
    "answer",
    [
        "\x1b[?1;2c", "\x1b[?64;1;2;6c", "\x1b[>41;379;0c", "\x1b[24;80R", SHIFT_F3, "\x1b[0n", "\x1b[8;24;80t",
        "\x1b]lq\x1b\\", "\x1b]lack\x07", "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1bP>|XTerm(379)\x1b\\", "\x1bP!|00000000\x1b\\",
        "\x1b[?2026;2$y", "\x1b[?25u", "\x1b[48;24;80;384;640t", "\x1b[I", "\x1b[<0;3;4M", "\x1b_Gi=1;OK\x1b\\", "\x1b[201~",
    ],
)  # fmt: skip
def test_what_a_terminal_says_by_itself_presses_nothing(answer: str) -> None:
    assert read((1.0, answer)) == []
    assert read(*spelled(answer, gap=0.0001)) == []


def test_keys_right_behind_an_answer_press_nothing() -> None:
    assert read((1.0, "\x1b[?1;2c"), (1.02, "c"), (1.04, F5)) == [Paste("c")]
    assert read((1.0, "\x1b[?1;2c"), (1.2, "c")) == [Key("c")]


def test_an_answer_that_is_cut_off_presses_nothing() -> None:
    assert read((1.0, "\x1b[?1;"), (5.0, "c")) == [Key("c")]
    assert read((1.0, "\x1b]lquit")) == []


def test_a_bracketed_paste_is_one_text() -> None:
    assert read((1.0, "\x1b[200~a b\rc\x1b[201~")) == [Paste("a b\nc")]


def test_an_escape_inside_a_paste_does_not_end_it() -> None:
    found = read((1.0, "\x1b[200~text \x1b[31mq more\x1b[201~"))
    assert found == [Paste("text ^[[31mq more")]


def test_a_paste_that_brings_its_own_end_presses_nothing() -> None:
    found = read((1.0, "\x1b[200~x\x1b[201~q\x1b[15~ack\r\x1b[201~"))
    assert all(isinstance(item, Paste) for item in found)
    assert "".join(item.text for item in found if isinstance(item, Paste)) == "xqack\n"


def test_a_paste_without_an_end_is_closed_by_silence() -> None:
    assert read((1.0, "\x1b[200~half"), (1.0 + PASTE_S + 1, "a")) == [Paste("half"), Key("a")]


def test_a_paste_without_an_end_is_closed_when_it_is_huge() -> None:
    found = read((1.0, "\x1b[200~" + "x" * PASTE_MOST), (1.01, "y" * 10))
    assert [type(item) for item in found] == [Paste, Paste]


def test_the_end_of_a_paste_may_come_in_pieces() -> None:
    assert read((1.0, "\x1b[20"), (1.1, "0~ab\x1b[2"), (1.2, "01~")) == [Paste("ab")]


def test_a_control_key_in_a_burst_does_nothing_and_is_told_and_backspace_erases() -> None:
    assert read((1.0, "teh\x7f\x7fhe\x03\x13")) == [Paste("teh"), Key("\x7f"), Key("\x7f"), Paste("he"), Ignored()]


def test_held_backspaces_over_a_slow_line_are_keys() -> None:
    assert read((1.0, "\x7f\x7f\x7f\x7f")) == [Key("\x7f")] * 4


def test_cursor_keys_typed_ahead_on_a_slow_line_keep_their_place() -> None:
    assert read((1.0, f"abc{ARROW}d")) == [Paste("abc"), Key(ARROW), Paste("d")]


def test_the_escape_key_is_known_after_a_tenth_of_a_second() -> None:
    reader = Reader(KNOWN.__contains__)
    assert reader.feed("\x1b", 1.0) == []
    assert reader.feed("", 1.101) == [Key("\x1b")]


@given(
    st.lists(
        st.tuples(st.floats(0, 0.2), st.text(st.sampled_from("aq\r\x03\x7f\x1b[]?;c01~2RM\x07\\PO<é "), max_size=12))
    )
)
def test_whatever_arrives_is_taken_and_the_reader_comes_to_rest(chunks: list[tuple[float, str]]) -> None:
    at, timed = 1.0, []
    for gap, text in chunks:
        at += gap
        timed.append((at, text))
    reader = Reader(KNOWN.__contains__)
    for when, text in timed:
        for item in reader.feed(text, when):
            assert not isinstance(item, Key) or len(item.sequence) == 1 or item.sequence in KNOWN
    for later in range(1, 4):
        reader.feed("", at + 2 * later)
    assert reader.wait_s(at + 10) is None


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_no_text_within_brackets_becomes_a_key(before: str, after: str) -> None:
    found = read((1.0, f"\x1b[200~{before}\x1b[{after}\x1b[201~"))
    assert not [
        item for item in found if isinstance(item, Key) and item.sequence not in ("\x7f", "\x08", "\x1b", *KNOWN)
    ]


def test_the_keyboard_names_keys_as_textual_does() -> None:
    keyboard = Keyboard()
    chunks = ["a", "\x1b[A", "\r", "\x03", "\x1bx", "\x1b[Z", "\x1bOP", "é", "?"]
    found = []
    for at, chunk in enumerate(chunks):
        found += [*keyboard.read(chunk, at), *keyboard.read("", at + 0.5)]
    names = [(event.key, event.character) for event in found if event.__class__.__name__ == "Key"]
    assert names == [
        ("a", "a"), ("up", None), ("enter", "\r"), ("ctrl+c", "\x03"), ("alt+x", "x"), ("shift+tab", None), ("f1", None),
        ("é", "é"), ("question_mark", "?"),
    ]  # fmt: skip


def test_the_keyboard_never_asks_to_be_woken_at_once_for_ever() -> None:
    keyboard = Keyboard()
    list(keyboard.read("a", 1.0))
    assert keyboard.wait_ms(1.0) in (15, 16)
    assert keyboard.wait_ms(9.0) == 1
