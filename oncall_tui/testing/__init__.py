"""For those who write a connector: the suite that every connector must pass, and what plays it. It needs pytest.

``pip install 'oncall-tui[test]'``, and then in a test of your own package::

    from oncall_tui.testing import Case, Conformance

    class TestMine(Conformance):
        @pytest.fixture
        def case(self) -> Case: ...
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("oncall_tui.testing.conformance")

from oncall_tui.testing.conformance import Conformance  # noqa: E402 (what it asserts is told in full only when it comes later)
from oncall_tui.testing.play import Played, ok, play  # noqa: E402
from oncall_tui.testing.recorded import Case, Recorded  # noqa: E402
from oncall_tui.testing.recording import Recording  # noqa: E402

__all__ = ["Case", "Conformance", "Played", "Recorded", "Recording", "ok", "play"]
