"""A stranger's text in every field of every screen: nothing but printable text is painted, and nothing falls over."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from oncall_tui import safe
from oncall_tui.model import Alone, Board, Draft, Hurt, Message, Reason, Rule, State, Verb, Voice
from oncall_tui.ui.ink import plain, width
from tests.ui import nights
from tests.ui.scripted import Screen, bare_desk

ENTRIES = json.loads((Path(__file__).parent.parent / "hostile.json").read_text())
CORPUS = [e["text"] or bytes.fromhex(e["bytes"]).decode("utf-8", "surrogateescape") for e in ENTRIES]
PATHS: tuple[tuple[str, ...], ...] = (
    (),
    ("r",),
    ("n",),
    ("q",),
    ("q", "c", "z"),
    ("e",),
    ("t",),
    ("o",),
    ("s",),
    ("x",),
    ("j",),
)


def poisoned(text: str) -> Board:
    """A board with `text` in every field that a source or a customer can fill, cleaned as at the entrance or not at all."""
    message = Message(id=text, voice=Voice.THEIRS, author=text, text=text, at=nights.ago(3))
    signals = tuple(
        msgspec.structs.replace(
            signal, id=f"{text}{i}", title=text, text=text, severity=text, service=text, host=text, customer=text, contact=text,
            assignee=text, taken_by=text, status=text, suppressed=text, url=f"https://x/{text}", links=(text, f"javascript://{text}"),
            messages=(message,), labels={text: text},
        )
        for i, signal in enumerate((nights.ORDERS_DOWN, nights.GATEWAY, nights.TICKET))
    )  # fmt: skip
    hurt = Hurt(
        name=text, core_process=text, contact=text, last_words=text, spoke=True, wrote=2, last_wrote_at=nights.ago(3)
    )
    writes = (
        nights.write(Verb.NOTE, ref=f"desk/{text}", state=State.REFUSED, text=text, fault=text, receipt=text),
        nights.write(Verb.REPLY, ref=f"desk/{text}", text=text, fault=text),
    )
    problem = msgspec.structs.replace(
        nights.FIRE, title=text, signals=signals, customers=(hurt, hurt), taken_by=text, moment=text, rule=text, joined=(text,),
        alone=Alone(rule=Rule.NOBODY, why=text, since=nights.ago(3)), reasons=(Reason(factor=text, words=text, points=1.0),),
        writes=writes,
    )  # fmt: skip
    aside = msgspec.structs.replace(problem, id="aside", aside=text)
    sources = tuple(
        nights.health(
            name,
            "redmine",
            (Verb.NOTE, Verb.REPLY),
            live=False,
            fault=text,
            doubt=text,
            warning=text,
            unreadable=2,
            skew_s=900.0,
        )
        for name in ("am", "desk")
    )
    return Board(
        as_of=nights.NOW, problems=(problem, nights.GARAGE), aside=(aside,), sources=sources, outbox=writes, trouble=text,
        drafts=(Draft(problem="p1", verb=Verb.REPLY, text=safe.prose(text), saved_at=nights.NOW),),
    )  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (40, 15), (200, 60)], ids=["80x24", "40x15", "200x60"])
@pytest.mark.parametrize("keys", PATHS, ids=" ".join)
async def test_no_page_holds_anything_but_text(keys: tuple[str, ...], size: tuple[int, int]) -> None:
    for text in CORPUS:
        desk = bare_desk(poisoned(text))
        for key in keys:
            desk.pressed(key)
        lines = desk.lines(*size)
        assert len(lines) == size[1]
        for shown in lines:
            assert plain(shown).isprintable(), (text, shown)
            assert width(shown) <= size[0], (text, shown)


async def test_the_screen_paints_nothing_but_text() -> None:
    screen = Screen(poisoned(CORPUS[0]))
    async with screen.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        for text in CORPUS:
            screen.engine.publish(poisoned(text))
            screen.app.retype(safe.prose(text))
            await pilot.pause()
            unsafe = {char for char in screen.text() if not char.isprintable() and char != "\n"}
            assert not unsafe, (text, unsafe)
        assert screen.engine.told == []


async def test_text_in_markup_is_shown_as_it_is() -> None:
    async with (screen := Screen(poisoned("[/] [@click=app.quit]x[/] [bold]"))).app.run_test(size=(80, 24)):
        assert "[/] [@click=app.quit]x[/] [bold]" in screen.text()


async def test_a_paste_is_made_safe_before_it_is_shown_or_kept() -> None:
    from textual import events

    screen = Screen()
    async with screen.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await pilot.pause()
        screen.app.post_message(events.Paste("one\x1b[31m\u202etwo\r\nthree"))
        await pilot.pause()
        await pilot.pause()
        shown = screen.app._editor.words.text if screen.app._editor else ""
        assert shown == screen.app.typed() == "one^[[31m\ufffdtwo\nthree"
        screen.app.retype("raw\x1b[31m\u202e")
        assert screen.app.typed() == "raw^[[31m\ufffd"


async def test_a_paste_into_the_problem_presses_no_key() -> None:
    from textual import events

    screen = Screen()
    async with screen.app.run_test(size=(80, 24)) as pilot:
        screen.app.post_message(events.Paste("aaaa"))
        await pilot.pause()
        assert screen.engine.told == []
        assert "no key was pressed" in screen.text()
