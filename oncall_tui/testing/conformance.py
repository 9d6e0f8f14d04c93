"""What every connector must hold, ours and others': how it reads, how it answers, and what it keeps to itself."""

from __future__ import annotations

from oncall_tui.testing.answering import AnswersWell
from oncall_tui.testing.reading import ReadsWell
from oncall_tui.testing.secrecy import KeepsSecrets


class Conformance(ReadsWell, AnswersWell, KeepsSecrets):
    """The suite; the fixture `case` is given by the subclass."""
