"""``python -m oncall_tui`` is ``oncall-tui``."""

from oncall_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
