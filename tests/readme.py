"""Prints a command of the README by its name, so that CI runs what a newcomer reads and nothing else.

A command is a ``sh`` block behind a line ``<!-- name -->``: ``python3 tests/readme.py tests``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def commands() -> dict[str, str]:
    """Every named ``sh`` block of the README, by name."""
    return dict(re.findall(r"<!-- (\w[\w-]*) -->\n```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL))


def unnamed() -> list[str]:
    """The ``sh`` blocks that have no name, so that nothing would run them."""
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if block not in commands().values()]


if __name__ == "__main__":
    sys.stdout.write(commands()[sys.argv[1]])
