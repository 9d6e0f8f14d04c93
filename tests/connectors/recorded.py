"""It is `oncall_tui.testing.recorded` now, where other packages find it, too."""

from oncall_tui.testing.recorded import *  # noqa: F403 (the tests here ask for it by this name)
