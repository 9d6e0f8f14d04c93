"""Takes credentials out of words, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from oncall_tui.kit import Source


class Scrub:
    """Takes credentials out of words. A source may say our token back to us, whole or as it travelled."""

    def __init__(self, source: Source | None = None) -> None:
        self._hidden: set[str] = set()
        if source is not None:
            self.learn((source.secret, *(value for name, value in source.session.items() if not _names_somebody(name))))

    def learn(self, values: Iterable[str]) -> None:
        """Hides these too; of ``Bearer abc`` also ``abc``. What is shorter than 4 characters would hide half of every word."""
        for value in values:
            for part in (value, value.rpartition(" ")[2], value.rpartition("=")[2]):
                self._hidden |= {form for form in (part, quote(part, safe="")) if len(form) >= 4}

    def __call__(self, words: str) -> str:
        for secret in sorted(self._hidden, key=len, reverse=True):
            words = words.replace(secret, "***")
        return self._without_cut(words)

    def _without_cut(self, words: str) -> str:
        """A line that was cut may end in the beginning of a credential."""
        for secret in self._hidden:
            for length in range(min(len(secret), len(words)), 3, -1):
                if words.endswith(secret[:length]):
                    return f"{words[:-length]}***"
        return words


def _names_somebody(name: str) -> bool:
    """Whether a login learnt there who people are, whom words must name ("Dirk was faster"); see `Source.session`."""
    return name in ("id", "me", "name", "user") or name.startswith("user ")
