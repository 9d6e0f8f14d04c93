"""The handover on the screen, the broadcast and the keys of the editor that came with them."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from oncall_tui.model import Board, Me, Settings, Verb
from oncall_tui.ui.caring import caring
from oncall_tui.ui.outside import Outside
from tests.engine.fakes import until
from tests.ui import nights
from tests.ui.nights import NOW, VOS, kept, two
from tests.ui.states import ADVICE, garage_first
from tests.ui.test_desk import at, press


@pytest.fixture
def hears_hang_ups() -> Iterator[None]:
    """Whoever runs the tests with nohup lets every program that they start ignore a hang-up; the screen never does."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


# --- handover --------------------------------------------------------------------------------------------------------


async def test_capital_h_shows_the_handover() -> None:
    async with at() as (screen, pilot):
        screen.engine.kept = kept()
        await press(pilot, "H")
        assert "# Handover of Sanne de Vries" in screen.text()
        await press(pilot, "end")
        assert "promised a word by 03:34" in " ".join(screen.text().split())


@pytest.mark.parametrize("size", [(80, 24), (40, 15)])
async def test_capital_f_tells_how_long_each_was_alone_and_what_became_of_promises(size: tuple[int, int]) -> None:
    async with at(size=size) as (screen, pilot):
        screen.engine.kept = kept()
        await press(pilot, "F")
        shown = " ".join(screen.text().split())
        assert "Bakkerij De Korenaar: alone for 12m and still · 1 word · 1 promise open" in shown


async def test_figures_of_a_night_without_any_say_so() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "F")
        assert "Nobody was alone, and nothing was said." in screen.text()


async def test_the_handover_is_copied_whole() -> None:
    async with at() as (screen, pilot):
        copied = screen.copies()
        screen.engine.kept = kept()
        await press(pilot, "H", "c")
        assert copied[0].startswith("# Handover of Sanne de Vries")
        assert "## What was said and promised" in copied[0]


async def test_the_handover_becomes_a_note_to_the_problem_on_the_screen() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "H", "n")
        (_, verb, problem, text, sure) = screen.engine.told[0]
        assert (verb, problem, sure) == (Verb.NOTE, "p1", True)
        assert str(text).startswith("# Handover of ")


# --- to whom ---------------------------------------------------------------------------------------------------------


async def test_a_broadcast_says_to_whom_and_each_is_told_in_their_own_ticket() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"Dag {first_name}, ik ben er.", "ctrl+o")
        shown = " ".join(screen.text().split())
        assert (
            "Ron of Bakkerij De Korenaar and Vos, Eva of Slagerij Vos read this, each in their own ticket. Send?"
            in shown
        )
        await press(pilot, "y")
        assert screen.engine.addressed == {
            "Bakkerij De Korenaar": "Dag Ron, ik ben er.",
            "Slagerij Vos": "Dag Eva, ik ben er.",
        }


async def test_one_of_several_customers_can_be_chosen_and_the_border_says_so() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"hallo", "ctrl+r")
        assert "REPLY: Ron of Bakkerij De Korenaar reads this" in screen.text()
        await press(pilot, "ctrl+r")
        assert "REPLY: Vos, Eva of Slagerij Vos reads this" in screen.text()
        await press(pilot, "ctrl+o", "y")
        assert screen.engine.addressed == {"Slagerij Vos": "hallo"}


async def test_after_the_last_it_is_everyone_again() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"hallo", "ctrl+r", "ctrl+r", "ctrl+r", "ctrl+o", "y")
        assert screen.engine.addressed == {}


async def test_a_name_that_is_not_known_of_one_of_them_stops_all_of_it() -> None:
    board = two()
    nameless = msgspec.structs.replace(VOS, contact="info@vos.nl")
    fire = msgspec.structs.replace(board.problems[0], customers=(nights.RON, nameless))
    async with at(nights.bakery(problems=(fire,)), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"Dag {first_name}", "ctrl+o")
        assert "fill in {first_name} first: it is not known of Slagerij Vos" in screen.text()
        assert screen.engine.told == []


async def test_a_choice_of_one_customer_does_not_outlive_the_editor() -> None:
    async with at(two(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"hallo", "ctrl+r", "escape", "r")
        assert "Ron of Bakkerij De Korenaar and Vos, Eva of Slagerij Vos read this" in screen.text()


async def test_first_words_are_read_whole_before_they_go_and_on_a_phone_their_last_lines() -> None:
    async with at(advice=ADVICE) as (screen, pilot):
        await press(pilot, "a")
        shown = screen.text()
        assert screen.app.typed().startswith("Dag Ron,")
        for row in screen.app.typed().split("\n"):
            assert row[:60] in shown
        assert "bel mij!" in shown
    async with at(size=(40, 15), advice=ADVICE) as (screen, pilot):
        await press(pilot, "a")
        assert "Uiterlijk om 03:34 hoort u weer van" in screen.text()
        assert "De winkels kunn" in screen.text()


# --- templates and promises ------------------------------------------------------------------------------------------


async def test_templates_are_filled_in_their_language_and_the_rest_must_be() -> None:
    async with at(advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", "ctrl+t")
        assert screen.app.typed().startswith(
            "Dag Ron,\n\nIk ben Sanne, en ik ben er nu. Uiterlijk om 03:34 hoort u weer"
        )
        await press(pilot, "ctrl+t", "ctrl+o")
        assert "fill in {found} first" in screen.text()


def mixed() -> Board:
    """Ron speaks Dutch by the configuration, Eva English by what she wrote, of Kaasboer Bos nobody knows."""
    eva = msgspec.structs.replace(VOS, language="", last_words="We cannot sell and the shop is full, please call me")
    bos = msgspec.structs.replace(VOS, name="Kaasboer Bos", contact="Jan", language="", last_words="kapot!")
    return nights.bakery(problems=(msgspec.structs.replace(nights.FIRE, customers=(nights.RON, eva, bos)),))


async def test_a_template_is_for_those_who_share_a_language_and_says_who_is_left_out() -> None:
    async with at(mixed(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", "ctrl+t")
        assert screen.app.typed().startswith("Dag Ron,")
        assert "Slagerij Vos and 1 more read another language: ctrl+r chooses them" in screen.text()
        await press(pilot, "ctrl+o", "y")
        assert list(screen.engine.addressed) == ["Bakkerij De Korenaar"]


async def test_who_speaks_what_is_told_by_what_they_wrote_when_nobody_wrote_it_down() -> None:
    async with at(mixed(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", "ctrl+r", "ctrl+r", "ctrl+t")
        assert screen.app.typed().startswith("Hello Eva,")
        await press(pilot, *(["backspace"] * len(screen.app.typed())), *"soon")
        assert "they hear “Not now, and nobody knows when.”" in screen.text()


async def test_a_note_is_begun_with_what_a_colleague_needs_and_may_hold_any_braces() -> None:
    async with at(mixed(), advice=ADVICE) as (screen, pilot):
        await press(pilot, "n", "ctrl+t")
        assert screen.app.typed().startswith("Bakkerij De Korenaar and 2 more: take orders from 14 shops\nI see:")
        await press(pilot, *" up in {namespace}, {customer}", "ctrl+o")
        assert screen.engine.told[-1][3].endswith("up in {namespace}, {customer}")


async def test_a_reply_may_hold_braces_that_are_none_of_ours() -> None:
    async with at(advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"Het zit in {namespace}", "ctrl+o", "y")
        assert screen.engine.told[-1][3] == "Het zit in {namespace}"


async def test_a_reply_to_a_fire_without_a_promise_proposes_one_and_a_key_adds_it() -> None:
    async with at(advice=ADVICE) as (screen, pilot):
        await press(pilot, "r", *"Ik kijk nu.")
        shown = " ".join(screen.text().split())
        assert "no promise in it: ctrl+g adds “Uiterlijk om 03:34 hoort u weer van mij" in shown
        await press(pilot, "ctrl+g")
        assert screen.app.typed().startswith("Ik kijk nu.\n\nUiterlijk om 03:34 hoort u weer van mij")
        assert "they expect to hear from you by 03:34" in screen.text()


@pytest.mark.parametrize(
    ("language", "process", "theirs", "said"),
    [
        (
            "nl",
            "take orders from 14 shops",
            "bestellingen van 14 winkels aannemen",
            "bestellingen van 14 winkels aannemen",
        ),
        ("nl", "take orders from 14 shops", "", ""),
        ("nl", "sell flowers online", "", ""),
        ("nl", "de bestellingen van 14 winkels aannemen", "", "de bestellingen van 14 winkels aannemen"),
        ("en", "take orders from 14 shops", "", "take orders from 14 shops"),
        ("en", "sell flowers online", "", "sell flowers online"),
        ("en", "de bestellingen van 14 winkels aannemen", "", ""),
        ("fr", "take orders from 14 shops", "vendre du pain", "take orders from 14 shops"),
    ],
)
def test_first_words_say_what_is_at_stake_in_the_language_of_the_rest_or_not_at_all(
    language: str, process: str, theirs: str, said: str
) -> None:
    hurt = msgspec.structs.replace(nights.RON, language=language, core_process=process, core_process_theirs=theirs)
    stake = "hangt: " if language == "nl" else "for you: "
    words = ADVICE.first_words(nights.FIRE, [hurt])
    assert (f"{stake}{said}." in words) if said else (stake not in words)
    assert "{" not in words
    assert ADVICE.filled("{core_process}", hurt) == (said or "{core_process}")


def test_first_words_can_be_turned_off() -> None:
    silent = caring(Settings(me=Me(name="Sanne")), Path("no-care.toml"), lambda: NOW, greets=False)
    assert silent.first_words(nights.FIRE, [nights.RON]) == ""
    assert ADVICE.first_words(nights.FIRE, [nights.RON]) != ""


# --- rebound keys ----------------------------------------------------------------------------------------------------


async def test_a_phrase_that_names_a_key_follows_a_rebound_key() -> None:
    async with at(keys={"undo": "U", "go": "G", "help": "!"}) as (screen, pilot):
        await press(pilot, "a")
        assert "held: U takes it back" in screen.text()
        screen.engine.publish(nights.taken())
        await pilot.pause()
        assert "held: U takes it back" in screen.text()
        await press(pilot, "w")
        assert "w does nothing here; ! shows every key" in screen.text()
        screen.engine.publish(nights.bakery(problems=nights.bakery().problems[1:]))
        await pilot.pause()
        assert "no source reports it any more; G goes on" in screen.text()


async def test_what_the_engine_says_of_a_key_follows_it_too() -> None:
    from oncall_tui.model import Said

    async with at(keys={"undo": "U"}) as (screen, pilot):
        screen.engine.answers = [Said(words="goes to desk in 5 s: u takes it back")]
        await press(pilot, "a")
        assert "goes to desk in 5 s: U takes it back" in screen.text()


# --- $EDITOR ---------------------------------------------------------------------------------------------------------


def editor(folder: Path, script: str) -> str:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


async def test_the_words_come_back_from_the_editor_and_the_file_was_private_and_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, f'stat -c "%a %n" "$1" > {tmp_path}/seen; printf " en meer" >> "$1"'))
    assert await Outside("Ik kijk nu").edit() == ("Ik kijk nu en meer", "")
    mode, name = (tmp_path / "seen").read_text().split()
    assert mode == "600"
    assert not Path(name).parent.exists()


@pytest.mark.parametrize(("script", "said"), [("echo lost > $1; exit 3", "ended with 3"), ("rm $1", "cannot be used")])
async def test_an_editor_that_fails_takes_no_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    monkeypatch.setenv("VISUAL", editor(tmp_path, script))
    edited = await Outside("Ik kijk nu").edit()
    assert edited.text == "Ik kijk nu"
    assert said in edited.fault


@pytest.mark.parametrize("named", ["no-such-editor-here", "'unclosed"])
async def test_an_editor_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("VISUAL", named)
    assert "cannot be used" in (await Outside("x").edit()).fault


async def test_without_a_place_for_its_file_the_words_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    edited = await Outside("Ik kijk nu").edit()
    assert edited.text == "Ik kijk nu"
    assert "no file could be made for" in edited.fault
    assert "No such file or directory" in edited.fault


@pytest.mark.usefixtures("hears_hang_ups")
async def test_what_the_editor_saved_is_kept_when_the_line_drops_and_its_file_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "saved"
    monkeypatch.setenv("VISUAL", editor(tmp_path, f'printf " en meer" >> "$1"; echo "$1" > {saved}; exec sleep 60'))
    visit = Outside("Ik kijk nu")
    editing = asyncio.ensure_future(visit.edit())
    await until(lambda: saved.exists() and bool(saved.read_text()))
    assert await asyncio.to_thread(visit.end) == "Ik kijk nu en meer"
    assert not Path(saved.read_text().strip()).parent.exists()
    assert (await editing).text == "Ik kijk nu en meer"


@pytest.mark.usefixtures("hears_hang_ups")
async def test_an_editor_that_is_still_starting_when_the_line_drops_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", editor(tmp_path, "exec sleep 60"))
    visit = Outside("Ik kijk nu")
    editing = asyncio.ensure_future(visit.edit())
    await asyncio.sleep(0)  # it has its file, and is being started
    assert visit.end() == "Ik kijk nu"
    async with asyncio.timeout(30):
        assert (await editing).text == "Ik kijk nu"


async def test_the_bell_rings_also_while_an_editor_has_the_terminal_and_nothing_is_painted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with at(garage_first()) as (screen, pilot):
        screen.app._is_lent = True
        screen.engine.publish(nights.bakery())
        await press(pilot)
        assert capfd.readouterr().err == "\a"


async def test_where_the_terminal_cannot_be_handed_over_the_words_stay() -> None:
    async with at() as (screen, pilot):
        await press(pilot, "n", *"half", "ctrl+e")
        assert screen.app.typed() == "half"
        assert "this terminal cannot be handed over to another program" in screen.text()
