"""Unpacks gzip with a limit, and knows whether it saw the end of it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from oncall_tui.errors import Unreadable


class Gunzip:
    """Unpacks gzip piece by piece, never more than was allowed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._member = zlib.decompressobj(wbits=31)
        self._began = False

    @property
    def is_whole(self) -> bool:
        return self._member.eof or not self._began

    def __call__(self, raw: bytes) -> bytes:
        return b"".join(self._pieces(raw))

    def _pieces(self, raw: bytes) -> Iterator[bytes]:
        while raw:
            self._began = True
            if self._member.eof:  # another member follows (RFC 1952, 2.2)
                self._member = zlib.decompressobj(wbits=31)
            try:
                piece = self._member.decompress(raw, self._most + 1)
            except zlib.error:
                raise Unreadable("answered with damaged gzip") from None
            yield piece
            if len(piece) > self._most:
                return
            raw = self._member.unused_data or self._member.unconsumed_tail
