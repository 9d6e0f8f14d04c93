"""Writing in the engineer's own $EDITOR: the words go into a file that only they can read, and come back from it."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from oncall_tui import safe

_MOST = 1024 * 1024


class Edited(NamedTuple):
    """The words afterwards, and why they are as they were; "" when the editor ended well."""

    text: str
    fault: str = ""


def edit(text: str) -> Edited:
    """The words as $VISUAL, $EDITOR or vi leaves them. Blocks until it ends; the file is gone then."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="oncall-tui-") as folder:  # made 0700
        path = Path(folder) / "words.txt"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        try:
            ended = subprocess.run([*shlex.split(named), str(path)], check=False).returncode
            after = path.read_bytes()[:_MOST]
        except (OSError, ValueError) as error:
            return Edited(text, f"{named} cannot be used: {getattr(error, 'strerror', None) or error}")
    if ended:
        return Edited(text, f"{named} ended with {ended}: your words are as they were")
    return Edited(safe.prose(after.decode("utf-8", "replace")).strip())
