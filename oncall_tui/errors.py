"""A few ways to fail, each with exactly one response. Their words are for a tired reader and safe to print.

| error | a poll | a write |
|---|---|---|
| `Unavailable` | backs off, keeps the snapshot, says since when | waits; `maybe_sent`: becomes unsure |
| `RateLimited` | waits at least `after_s`, the whole source | waits at least `after_s` |
| `Denied` | stops asking, says so once, offers the fix | is held until fixed |
| `Rejected` | is shown | is handed back: text and reason |
| `Unreadable` | is shown, keeps the snapshot | is looked for before it is sent again |
| `ConfigError` | cannot start: exit 2 with file, line and key | |
| `WrongUse` | a command cannot be meant: exit 2 | |
| `Unwritable` | | is not said: what was typed stays with the engineer |
"""

from __future__ import annotations

from oncall_tui import safe


class OncallError(Exception):
    """Anything that this program reports in words. `words` is one safe line: what happened, where, what to do."""

    def __init__(self, words: str) -> None:
        self.words = safe.line(words)[:400]
        super().__init__(self.words)


class Unavailable(OncallError):
    """No answer, a 5xx, or cut short. `maybe_sent` is False only when the request provably never left.

    `remedy` is what to do about it, where that is known and too long for its words.
    """

    def __init__(self, words: str, *, maybe_sent: bool = True, remedy: str = "") -> None:
        super().__init__(words)
        self.maybe_sent, self.remedy = maybe_sent, remedy


class RateLimited(OncallError):
    """The source asks us to slow down for `after_s` seconds."""

    def __init__(self, words: str, *, after_s: float) -> None:
        super().__init__(words)
        self.after_s = after_s


class Denied(OncallError):
    """The source does not accept our credentials, or they cannot be had; its words end in the `remedy` where one is known."""

    def __init__(self, words: str, *, remedy: str = "") -> None:
        super().__init__(f"{words}: {remedy}" if remedy else words)
        self.remedy = remedy


class Rejected(OncallError):
    """The source understood and refused. `gone` when the object does not exist (any more)."""

    def __init__(self, words: str, *, gone: bool = False) -> None:
        super().__init__(words)
        self.gone = gone


class Unreadable(OncallError):
    """The source answered in a shape that we do not know."""


class Unwritable(OncallError):
    """Our own disk does not take what was said; nothing was sent."""


class ConfigError(OncallError):
    """The configuration cannot be used: says file, line, key and what is allowed, which alone is `wrong`."""

    def __init__(self, words: str, *, file: str = "", line: int = 0, key: str = "") -> None:
        where = ":".join(part for part in (file, str(line) if line else "") if part)
        super().__init__(": ".join(part for part in (where, key, words) if part))
        self.wrong, self.file, self.line, self.key = words, file, line, key


class WrongUse(OncallError):
    """What stands after a command cannot be meant: an unknown ID, no words, no duration."""


_PLACES = 6
"""Places in the code that a fault of our own names, the innermost last."""


def fault(error: BaseException) -> str:
    """The kind and place of an error that is none of ours, as one safe line; never its text or a value.

    Its text can hold what must not be shown: an HTTP library's "illegal header value" prints the token.
    """
    import traceback  # noqa: PLC0415 (a fault alone needs it)

    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
    return safe.line(f"{type(error).__name__}, {places[-1000:]}" if places else type(error).__name__)
