"""What is alike in the alerts of every monitor: how bad a word is, who has it, and what colleagues noted there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oncall_tui.kit.connector import Option, Source
from oncall_tui.kit.reading import impacts, meanings
from oncall_tui.kit.text import unmarked
from oncall_tui.model import Impact, Message, Voice

NOBODY_WROTE = "nobody wrote an alert, so there is nobody to reply to"
"""Why no monitor can be told a reply."""


def severities(example: str) -> Option:
    """The option by which the user says what severities mean, as in that example."""
    return Option(name="severities", help=f'severities of your own, as in "{example}"', check=meanings)


def scale(source: Source, table: Mapping[str, Impact]) -> Mapping[str, Impact]:
    """How bad each severity is: the connector's table, with what the user says in `severities`."""
    return impacts(table, source.options.get("severities", ""))


def impact(scale: Mapping[str, Impact], severity: str) -> Impact:
    """How bad that is. What is on no scale may be bad."""
    return scale.get(severity.casefold(), Impact.AT_RISK)


def taken(by: str, *, mine: bool, at: datetime | None, until: datetime | None = None) -> Mapping[str, Any]:
    """The fields of a signal that somebody has acknowledged; "" when nobody knows who."""
    return {"taken_by": by or "somebody", "assignee": by, "mine": mine, "taken_at": at, "taken_until": until}


def note(id_: str, author: str, text: str, at: datetime) -> Message:
    """What a colleague noted, without the mark by which we find ours again. Nobody else reads it."""
    return Message(id=id_, voice=Voice.OURS, author=author, text=unmarked(text), at=at, private=True)
