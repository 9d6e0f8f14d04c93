"""File names in the configuration: where they lead, and whether a file is there."""

from __future__ import annotations

import stat
from pathlib import Path

from oncall_tui.config.table import Table


def leads_to(table: Table, key: str, folder: Path, *, like: str = "") -> Path | None:
    """Where the name under `key` leads from `folder`; None without one, unless `like` says that there must be one."""
    text = table.text(key, None, like=like) if like else table.text(key)
    try:
        return folder / Path(text).expanduser() if text else None
    except RuntimeError:  # what pathlib raises for a home that nobody has
        raise table.fault(key, f"there is no home of {text.partition('/')[0]}: write the whole path") from None


def is_there(path: Path) -> bool:
    """Whether it is a file; a name that the system cannot even look up (too long, a folder that is closed) is none."""
    try:
        return path.is_file()
    except OSError:
        return False


_WHAT = {
    stat.S_IFIFO: "is a pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
    stat.S_IFDIR: "is a directory",
}


def no_file(mode: int) -> str:
    """What it is by its ``st_mode``, "" for a file; whoever opens what is none may wait for ever."""
    kind = stat.S_IFMT(mode)
    return "" if kind == stat.S_IFREG else _WHAT.get(kind, "is no file")
