"""It is `oncall_tui.testing.conformance` now, where other packages find it, too."""

from oncall_tui.testing.conformance import *  # noqa: F403 (the tests here ask for it by this name)
