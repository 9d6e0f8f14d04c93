"""What a command comes to: data for stdout, talk for stderr and an exit code; and the codes themselves."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Code(enum.IntEnum):
    """The exit codes. An incomplete picture outweighs somebody alone: who is first may be whom we cannot see."""

    QUIET = 0
    DONE = 0
    ALONE = 1
    USAGE = 2
    INCOMPLETE = 3
    WAITING = 4
    REFUSED = 5
    INTERRUPTED = 130


class Outcome(NamedTuple):
    """`out` is data, `talk` is for the person at the terminal; neither ends in a newline, both may have several lines."""

    code: int
    out: str = ""
    talk: str = ""


MEANING = """\
exit codes:
  next, list     0 nobody is alone   1 somebody is alone   3 a source failed: the picture is incomplete
  ack, note, ... 0 the source confirmed it   4 it waits in the outbox   5 refused, or there is a question first
  all            2 usage or configuration   3 it could not be done   130 interrupted"""
