"""What every monitor's alerts have alike, in examples."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oncall_tui import kit
from oncall_tui.errors import ConfigError
from oncall_tui.kit import Source
from oncall_tui.model import Impact, Me, Voice

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
TABLE = {"high": Impact.DEGRADED, "disaster": Impact.DOWN}


def test_the_user_says_what_a_severity_means_before_the_product_does() -> None:
    source = Source(
        name="zbx", url="https://zbx", me=Me(name="Olga"), options={"severities": "High=down, sev9=question"}
    )
    scale = kit.scale(source, TABLE)
    assert [kit.impact(scale, word) for word in ("HIGH", "disaster", "sev9")] == [
        Impact.DOWN,
        Impact.DOWN,
        Impact.QUESTION,
    ]


def test_a_severity_on_no_scale_may_be_bad() -> None:
    assert kit.impact(TABLE, "odd") is Impact.AT_RISK


def test_the_option_shows_its_example_and_refuses_what_means_nothing() -> None:
    option = kit.severities("high=down")
    assert "high=down" in option.help
    assert option.check
    with pytest.raises(ConfigError):
        option.check("high=terrible")


def test_what_somebody_has_whom_nobody_knows_is_taken_and_assigned_to_no_one() -> None:
    assert kit.taken("", mine=False, at=None)["taken_by"] == "somebody"
    assert kit.taken("", mine=False, at=None)["assignee"] == ""
    assert kit.taken("Olga", mine=True, at=NOW)["assignee"] == "Olga"


def test_a_note_is_for_colleagues_and_shows_no_mark_of_ours() -> None:
    noted = kit.note("7", "Olga", "db1 is full\n[oncall-tui w1]", NOW)
    assert (noted.text, noted.voice, noted.private) == ("db1 is full", Voice.OURS, True)
