"""What a command comes to: data for stdout, talk for stderr and an exit code; and the codes themselves."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Any

from oncall_tui.errors import OncallError


class Code(enum.IntEnum):
    """The exit codes. Somebody alone outweighs an incomplete picture: that much is certain already."""

    QUIET = 0
    DONE = 0
    ALONE = 1
    USAGE = 2
    INCOMPLETE = 3
    WAITING = 4
    REFUSED = 5
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Outcome:
    """`out` is data, `talk` is for the person at the terminal; neither ends in a newline, both may have several lines."""

    code: int
    out: str = ""
    talk: str = ""


class WrongUse(OncallError):
    """What was typed after the command cannot be meant: an unknown ID, no words, no duration."""


def as_text(value: Any) -> str:
    """`value` as JSON in ASCII, which passes every encoding and holds no control character."""
    return json.dumps(value, indent=2, ensure_ascii=True)


MEANING = """\
exit codes:
  next, list     0 nobody is alone   1 somebody is alone   3 a source failed, so the picture is incomplete
  ack, note, ... 0 the source confirmed it   4 it waits in the outbox   5 refused, or there is a question first
  all            2 usage or configuration   3 it could not be done   130 interrupted"""
