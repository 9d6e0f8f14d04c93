"""Makes an answer that is no JSON nobody's, a page or a text, as `engine.blur` does with JSON: how it is built stays.

A name stays where it is a tag's or an attribute's and HTML or the connector has it. All else is text, half a tag as well.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from oncall_tui.engine.blur import SECRET, Blur

MOST = 200_000
"""Letters of one answer that are kept: enough to see how a page is built."""

_HTML = frozenset(
    """
    html head title meta link script style noscript base body header footer main nav section article aside h1 h2 h3 h4 h5 h6
    div span p br hr a img b i em strong small code pre ul ol li dl dt dd table caption thead tbody tfoot tr th td
    form fieldset legend label input button select option textarea iframe
    id class lang dir name content charset http-equiv rel href src alt type action method value for placeholder
    autocomplete checked selected disabled required colspan rowspan width height target
    text password hidden submit checkbox radio get post refresh stylesheet utf-8 text/html text/css text/javascript
    """.split()  # noqa: SIM905 (as a list it would fill a screen)
)
"""What HTML has a name for, and the values that mean something to it."""

_MARK = re.compile(
    r"""(?P<kept><!doctype\ html>|<\?xml(?:\ version="1\.\d")?(?:\ encoding="utf-8")?\ ?\?>|<!\[CDATA\[|\]\]>|<!--|-->)
        | <(?P<close>/?)(?P<tag>[A-Za-z_][\w:.-]*)(?P<more>(?:[^<>"']|"[^"<>]*"|'[^'<>]*')*)>""",
    re.IGNORECASE | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""(?P<name>[A-Za-z_@:][\w:.@-]*)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s"']+))?""")
_CELL = re.compile(r"[^;,|\t\r\n]+")


def blurred(body: bytes, blur: Blur) -> str:
    """A page, XML, or lines of text, as a text of the same build."""
    return _Page(body.decode("utf-8", "replace")[:MOST], blur).blurred()


class _Page:
    def __init__(self, text: str, blur: Blur) -> None:
        self._text, self._blur = text, blur
        self._marks = list(_MARK.finditer(text))
        self._is_secret = SECRET.search(text) is not None

    def blurred(self) -> str:
        if not self._marks:
            return _CELL.sub(self._cell, self._text)
        return "".join(self._parts())

    def _parts(self) -> Iterator[str]:
        end = 0
        for mark in self._marks:
            yield self._between(self._text[end : mark.start()])
            yield mark["kept"] or self._tag(mark)
            end = mark.end()
        yield self._between(self._text[end:])

    def _between(self, text: str) -> str:
        return html.escape(_CELL.sub(self._cell, html.unescape(text)), quote=False)

    def _cell(self, cell: re.Match[str]) -> str:
        word = cell[0].strip()
        return cell[0].replace(word, self._said(word)) if word else cell[0]

    def _said(self, text: str) -> str:
        return self._blur.said(text, is_secret=self._is_secret)

    def _tag(self, mark: re.Match[str]) -> str:
        named = map(self._attribute, _ATTRIBUTE.finditer(mark["more"]))
        slash = "/" if mark["more"].endswith("/") else ""
        return f"<{mark['close']}{' '.join((self._name(mark['tag']), *named))}{slash}>"

    def _attribute(self, one: re.Match[str]) -> str:
        name = self._name(one["name"])
        if one["value"] is None:
            return name
        value = html.unescape(one["value"].strip("\"'"))
        return f'{name}="{html.escape(value if value.lower() in _HTML else self._said(value))}"'

    def _name(self, name: str) -> str:
        return name if name.lower() in _HTML else self._blur.name(name)
