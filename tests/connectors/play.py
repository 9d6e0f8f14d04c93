"""It is `oncall_tui.testing.play` now, where other packages find it, too."""

from oncall_tui.testing.play import *  # noqa: F403 (the tests here ask for it by this name)
