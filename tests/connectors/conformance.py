"""It is `oncall_tui.testing` now, where other packages find it, too."""

from oncall_tui.testing import Conformance

__all__ = ["Conformance"]
