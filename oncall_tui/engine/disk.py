"""The state directory and its files: ours alone, on which kind of disk, and still the one that we opened."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from oncall_tui.config.files import no_file
from oncall_tui.errors import Unwritable

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ncpfs", "fuse.sshfs"}
)
"""File systems (as mountinfo names them) whose locks and syncs are another machine's promise."""

Identity = tuple[int, int]
"""Device and inode: which file it is, whatever it is called."""


_ELSEWHERE = "name another directory with --state"


def unfit(path: Path, *, me: int | None = None) -> str:
    """Why no file of ours (`me`, a user id) can be at that path, and what to do; "" when one can, as far as can be seen.

    A pipe or a device would be waited for. In a directory of somebody else's the file could be exchanged at any moment.
    """
    owners = (os.geteuid() if me is None else me, 0)
    whys = ((one, _wrong(one, owners, is_folder=one != path)) for one in (path.parent, path))
    return next((f"{one} {why}" for one, why in whys if why), "")


def _wrong(path: Path, owners: tuple[int, int], *, is_folder: bool) -> str:
    try:
        info = path.stat()
    except OSError as error:
        is_lost = error.errno in (errno.ENOENT, errno.ELOOP) and path.is_symlink()
        return f"is a link that leads nowhere: mend it, or {_ELSEWHERE}" if is_lost else ""
    if is_folder and not stat.S_ISDIR(info.st_mode):
        return f"is no directory: {_ELSEWHERE}"
    if not is_folder and (what := no_file(info.st_mode)):
        return f"{what}: move it away, or {_ELSEWHERE}"
    return "" if info.st_uid in owners else f"belongs to another user: {_ELSEWHERE}"


def make_private(path: Path) -> bool:
    """Sees to a file 0600 in a directory 0700, and tells whether it made the file just now.

    SQLite would create it readable by all, and its journal copies the file's mode. Raises `Unwritable`.
    """
    if wrong := unfit(path):
        raise Unwritable(f"cannot save: {wrong}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise Unwritable(f"cannot save in {path.parent}, which is read-only: {_ELSEWHERE}") from None
        return False
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Unwritable(f"cannot save in {path.parent} ({why}): {_ELSEWHERE}") from None
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
