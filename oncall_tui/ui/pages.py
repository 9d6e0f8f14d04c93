"""What the pages hold: why a problem has its place, its links, and every key; lines from plain values."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from oncall_tui import phrases, safe
from oncall_tui.model import Noun, Problem, Signal
from oncall_tui.ui.ink import BLANK, Ink, Line, Piece, line, pad, wrap
from oncall_tui.ui.keys import Keys, Where
from oncall_tui.ui.sight import Sight

# --- explain ---------------------------------------------------------------------------------------------------------


def explain(problem: Problem, sight: Sight) -> Sequence[Line]:
    """Every factor, what it saw and its points; they add up to the score. Then the rule that decided the place."""
    room = max(sight.width - 24, 10)
    lines = [line(" ", phrases.everybody(problem), ink=Ink.STRONG), *_para(phrases.suffers(problem), sight), BLANK]
    for reason in problem.reasons:
        rows = wrap(reason.words, room)
        lines.append(line(f" {pad(reason.factor, 10)} ", f"{reason.points:>+8.1f}  ", rows[0]))
        lines += [line(" " * 22, rest) for rest in rows[1:]]
    lines += [line(f" {pad('score', 10)} ", f"{problem.score:>8.1f}", ink=Ink.STRONG), BLANK]
    lines += _para(f"its place: {problem.rule}", sight) if problem.rule else []
    lines += [one for said in problem.joined for one in _para(f"joined: {said.removeprefix('joined: ')}", sight)]
    return [*lines, BLANK, *(_signal(signal, sight) for signal in phrases.signals(problem))]


def _para(text: str, sight: Sight) -> list[Line]:
    return [line(" ", one) for one in wrap(text, sight.width - 2)]


def _signal(signal: Signal, sight: Sight) -> Line:
    where = " · ".join(x for x in (signal.service, signal.host, signal.severity, signal.status, signal.source) if x)
    return line(f" {phrases.shape(signal)} {phrases.name(signal)}", Piece(f"  {where}", Ink.DIM))


# --- links -----------------------------------------------------------------------------------------------------------


class Link(Noun, frozen=True, kw_only=True):
    """Where a signal can be looked at. `url` is plain ASCII, so that nothing in it only looks like something else."""

    name: str
    url: str
    warning: str = ""


def links(problem: Problem) -> list[Link]:
    """Every page that its sources give for it; shown and copied, never opened."""
    found = {url: s for s in phrases.signals(problem) for url in (s.url, *s.links) if "://" in url}
    return [
        Link(name=f"{s.source} {phrases.name(s)}", url=ascii_url(url), warning=_warning(url))
        for url, s in found.items()
    ]


def ascii_url(url: str) -> str:
    """The same address in ASCII only: a host in punycode, everything else percent-encoded."""
    url = safe.line(url)
    if not url.isascii():
        url = _with_ascii_host(url)
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def _with_ascii_host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.encode("idna").decode("ascii")).geturl()
    except ValueError:  # not an address, or a host that punycode does not know (UnicodeError is a ValueError)
        return url


def _warning(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "not a web address"
    if parts.scheme not in ("http", "https"):
        return "not a web address"
    if "@" in parts.netloc:
        return "a name stands before the host"
    return "" if url.isascii() else "the host or path is not plain ASCII"


def link_items(problem: Problem, sight: Sight) -> Sequence[Line | Link]:
    """The links, each below the signal it belongs to, whole even where it takes several lines."""
    found = links(problem)
    if not found:
        return [line("  no source gives a link for this", ink=Ink.DIM)]
    items: list[Line | Link] = []
    for link in found:
        items += [line(f" {link.name}", ink=Ink.STRONG), link]
        items += [
            line(f"  {link.url[i : i + sight.width - 4]}")
            for i in range(sight.width - 4, len(link.url), sight.width - 4)
        ]
        items += [line(f"  {link.warning}", ink=Ink.WARN)] if link.warning else []
    return items


def link_row(link: Link, sight: Sight) -> Line:
    """The first part of an address."""
    return line(link.url[: sight.width - 4])


# --- help ------------------------------------------------------------------------------------------------------------


def keys_there(keys: Keys, where: Where, sight: Sight) -> list[Line]:
    """Every key of one place and what it does."""
    lines: list[Line] = []
    for key in (k for k in keys if where in (k.where, *k.also)):
        rows = wrap(key.long, max(sight.width - 13, 10))
        lines.append(line("  ", Piece(pad(key.key, 9), Ink.KEY), rows[0]))
        lines += [line(" " * 11, row) for row in rows[1:]]
    return lines


def help_lines(keys: Keys, sight: Sight) -> Sequence[Line]:
    """Every key, generated from the table, by where it works."""
    lines: list[Line] = []
    for where in (w for w in Where if w is not Where.PAGE):
        lines += [line(f" {where.value}", ink=Ink.STRONG), *keys_there(keys, where, sight), BLANK]
    lines += _para(
        "Up, down, k, j, space, page up and down, home and end move in a list; ctrl+l paints the screen again.", sight
    )
    return [*lines, *_para("■ down  ▲ degraded  ● at risk  ○ question  # ticket", sight)]
