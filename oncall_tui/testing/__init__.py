"""For those who write a connector: the suite that every connector must pass, and what plays it. It needs pytest.

``pip install 'oncall-tui[test]'``, and then in a test of your own package::

    from oncall_tui.testing import Case, Conformance

    class TestMine(Conformance):
        @pytest.fixture
        def case(self) -> Case: ...
"""

from __future__ import annotations

import pytest

for _part in ("acts", "answering", "judging", "reading", "secrecy"):
    pytest.register_assert_rewrite(f"oncall_tui.testing.{_part}")  # what fails is then told in full

from oncall_tui.testing.acts import spoilt, written  # noqa: E402 (only a later import is rewritten)
from oncall_tui.testing.case import BESIDE, NOTHING, OVER, REFUSED, STALE, Case  # noqa: E402
from oncall_tui.testing.conformance import Conformance  # noqa: E402
from oncall_tui.testing.play import Played, ok, play  # noqa: E402
from oncall_tui.testing.recorded import Recorded  # noqa: E402
from oncall_tui.testing.recording import Recording  # noqa: E402
from oncall_tui.testing.spelling import Time, digits, dotted, iso, milliseconds, seconds  # noqa: E402

__all__ = [
    "BESIDE",
    "NOTHING",
    "OVER",
    "REFUSED",
    "STALE",
    "Case",
    "Conformance",
    "Played",
    "Recorded",
    "Recording",
    "Time",
    "digits",
    "dotted",
    "iso",
    "milliseconds",
    "ok",
    "play",
    "seconds",
    "spoilt",
    "written",
]
