"""Who holds a write while it is being sent: one process of one machine since its last start, told dead from alive."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path


def me() -> str:
    """This process: ``place/pid/start``, equal for no other process, ever (a pid alone is used again)."""
    return f"{_place()}/{os.getpid()}/{_started(os.getpid())}"


def is_dead(holder: str) -> bool:
    """Whether that process is gone for certain. Of another machine, container or boot nobody can tell: False."""
    place, pid, started, *_ = [*holder.split("/"), "", "", ""]
    return bool(started) and place == _place() and _started(int(pid)) != started


@cache
def _place() -> str:
    """This boot of this machine and its own numbering of processes (a container has another); "" parts off Linux."""
    boot = namespace = ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str(Path("/proc/self/ns/pid").stat().st_ino)
    return f"{socket.gethostname().replace('/', '_')}:{boot}:{namespace}"


def _started(pid: int) -> str:
    """When the kernel started it, in ticks since boot (proc(5), field 22); "" when there is no such process."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    return ""
