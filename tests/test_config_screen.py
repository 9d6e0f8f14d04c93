"""[ui] and [notify]: what they become, and what a wrong one is told."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from oncall_tui import config
from oncall_tui.config import Config
from oncall_tui.config.shape import Call, Notify, Theme, Ui
from oncall_tui.errors import ConfigError

LEAST = '[me]\nname = "Sanne"\n[sources.am]\nkind = "alertmanager"\nurl = "http://127.0.0.1:9093"\n'


def load(folder: Path, more: str) -> Config:
    path = folder / "config.toml"
    path.write_text(LEAST + more)
    return config.load(path)


def test_without_a_word_the_screen_is_dark_and_rings_the_bell(tmp_path: Path) -> None:
    read = load(tmp_path, "")
    assert (read.ui, read.notify) == (Ui(), Notify(how=(Call.BELL,)))


def test_all_that_can_be_said_is_read(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        '[ui]\ntheme = "night"\nfirst_words = false\n'
        '[notify]\nhow = ["bell", "osc777"]\ncommand = ["notify-send", "-u"]\nagain = "5m"\nquiet = "23:00-07:00"\n',
    )
    assert read.ui == Ui(theme=Theme.NIGHT, first_words=False)
    assert read.notify == Notify(
        how=(Call.BELL, Call.OSC_777),
        command=("notify-send", "-u"),
        again_s=300.0,
        quiet=(time(23, 0), time(7, 0)),
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[ui]\ntheme = "nihgt"', "config.toml:7: ui.theme: 'nihgt' is not allowed; did you mean 'night'?"),
        ("[ui]\nfirst_words = 1", "ui.first_words: must be true or false"),
        ('[notify]\nhow = ["osc8"]', "notify.how: 'osc8' is not allowed"),
        ('[notify]\nquiet = "11pm"', "notify.quiet: '11pm' is no span of the day; it must be as \"23:00-07:00\""),
        ('[notify]\nquiet = "07:00-07:00"', "is no span of the day"),
        ('[notify]\nagain = "1s"', "notify.again: must be from 30s to 1h"),
        ('[notify]\nsound = "x"', "notify.sound: unknown key"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, more: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, more)
    assert words in caught.value.words
