"""The state directory and its one file: ours alone, on which kind of disk, and still the one that we opened."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from oncall_tui.errors import Unwritable

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ncpfs", "fuse.sshfs"}
)
"""File systems (as mountinfo names them) whose locks and syncs are another machine's promise."""

Identity = tuple[int, int]
"""Device and inode: which file it is, whatever it is called."""


def make_private(path: Path) -> bool:
    """Sees to a file 0600 in a directory 0700, and tells whether it made the file just now.

    SQLite would create it readable by all, and its journal copies the file's mode. Raises `Unwritable`.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise Unwritable(f"cannot save in {path.parent}: read-only") from None
        return False
    except OSError as error:
        raise Unwritable(f"cannot save in {path.parent}: {(error.strerror or str(error)).lower()}") from None
    return True


def identity(path: Path) -> Identity | None:
    """Which file is at that path now; None when there is none (any more), or when nothing links to it."""
    with suppress(OSError):
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and found.st_nlink:
            return found.st_dev, found.st_ino
    return None


def network_of(path: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> str:
    """The network file system that the path lives on ("nfs4", "cifs", ...), "" on a local disk or where none can tell."""
    try:
        lines = mountinfo.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    full, best, kind = str(path.resolve()), "", ""
    for line in lines:
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        is_above = full == point or full.startswith(point.rstrip("/") + "/")
        if is_above and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind if kind in _NETWORK else ""
