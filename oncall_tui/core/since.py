"""What people write for the beginning of a time that is over: ``22:00`` is the last such moment, ``12h`` is so long ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from oncall_tui import words

_OLDEST_S = 36500 * 86400
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def since(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment that `text` means at `now`, its clock times read in `zone` (our own without one). Raises `ValueError`."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        ago_s = words.seconds(text)
        if not 0 < ago_s <= _OLDEST_S:
            raise ValueError(f"nothing that is over began then: {text!r}")
        return now - timedelta(seconds=ago_s)
    here = now.astimezone(zone)
    at = here.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0, tzinfo=zone)
    if at.astimezone(now.tzinfo) > now:
        at = (here.replace(tzinfo=None) - timedelta(days=1)).replace(
            hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0, tzinfo=zone
        )
    return at.astimezone(now.tzinfo)
