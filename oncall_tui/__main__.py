"""``python -m oncall_tui`` is ``oncall-tui``."""

from oncall_tui.cli import run

if __name__ == "__main__":
    raise SystemExit(run())
