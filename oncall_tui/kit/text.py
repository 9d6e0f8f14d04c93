"""Words on their way: what marks ours, what tells two apart, and a web page as the text that it is."""

from __future__ import annotations

import re
import unicodedata

from oncall_tui.model import Write


def marker(write: Write) -> str:
    """What finds a write of ours again where only colleagues see it: a line that no customer's text can forge."""
    return f"[oncall-tui {write.id}]"


_MARKER = re.compile(r"\s*\[oncall-tui [^\]\s]+\]\s*$")


def unmarked(text: str) -> str:
    """A note as its author wrote it, without the `marker` at its end."""
    return _MARKER.sub("", text)


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for white space and line ends, which servers rewrite."""
    return " ".join(one.split()) == " ".join(other.split())


_LIKE = str.maketrans(
    {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "ß": "ss", "ø": "o", "æ": "ae", "€": "EUR "}
)


def in_ascii(text: str) -> str:
    """`text` for what keeps nothing else; a letter that has no likeness there becomes a question mark."""
    letters = unicodedata.normalize("NFKD", text.translate(_LIKE))
    return "".join(char if char.isascii() else "?" for char in letters if not unicodedata.combining(char))


_TAG = re.compile(r"(<[a-zA-Z/!?][^<>]*>)")
_HIDDEN = frozenset({"script", "style", "head", "title"})
_ENDS_LINE = frozenset({"br", "p", "/p", "/div", "/tr", "li", "/ul", "/ol", "/pre", "/blockquote", "hr"})
_ENDS_LINE |= {f"/h{level}" for level in range(1, 7)}


def plain(html: str) -> str:
    """A message in HTML as text: tags go, blocks end lines, what no browser shows is left out. Linear in its length."""
    shown: list[str] = []
    hidden = ""
    for part in _TAG.split(html):
        if not _TAG.fullmatch(part):
            shown.append("" if hidden else part)
            continue
        name = (
            re.split(r"[\s/>]", part[1:].lower(), maxsplit=1)[0] if part[1] != "/" else "/" + part[2:-1].strip().lower()
        )
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in _HIDDEN:
            hidden = name
        elif name in _ENDS_LINE:
            shown.append("\n")
    from html import unescape  # noqa: PLC0415 (a table of every entity, for web pages alone)

    lines = [line.strip() for line in unescape("".join(shown)).split("\n")]
    return "\n".join(line for before, line in zip(["", *lines], lines, strict=False) if before or line).strip()
