"""Keeps what a source answered, as files that may be shown to others: no credential, no person, nothing that anybody wrote.

The shape stays, so that a recorded answer can be played to a connector: keys, numbers, times, states and ids.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from oncall_tui.engine.line import Heard
from oncall_tui.errors import Unwritable

_PRIVATE = re.compile(
    r"token|passw|secret|api_?key|session|cookie|credential|mail|phone|login|user_?name|first_?name|last_?name|author"
    r"|creator|created_?by|contact|address|sender|recipient|organi[sz]ation|customer|tenant|assignee|owner",
    re.IGNORECASE,
)
"""Keys whose text is about a person or opens a door."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z| ?[+-]\d\d:?\d\d)?")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+|\b\d{1,3}(?:\.\d{1,3}){3}\b|https?://\S+|\+?\d[\d ()-]{7,}\d")
_DENSE = re.compile(r"(?=.*\d)[A-Za-z0-9+/_=.-]{24,}")
"""What looks like a key or a token; a uuid or a fingerprint does not hurt and is blurred alike each time."""

_KEPT_HEADERS = ("content-type", "date", "retry-after", "link")


class Recorder:
    """Writes each answer that it hears into `folder`, 0600, numbered per source."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unwritable(f"cannot record in {folder}: {(error.strerror or str(error)).lower()}") from None

    def __call__(self, heard: Heard) -> None:
        """Keeps one answer. Raises `Unwritable`."""
        if heard.response is None:
            return
        self.count += 1
        path = self.folder / f"{heard.source}-{self.count:03}.json"
        text = heard.scrub(json.dumps(redacted(heard), indent=1, ensure_ascii=True))
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{text}\n")
        except OSError as error:
            raise Unwritable(f"cannot record in {path}: {(error.strerror or str(error)).lower()}") from None


def redacted(heard: Heard) -> dict[str, Any]:
    """What was asked and answered, blurred."""
    response, request = heard.response, heard.request
    if response is None:
        return {}
    return {
        "method": request.method,
        "path": _blur_path(request.path),
        "query": [[name, _value(name, value)] for name, value in request.query],
        "status": response.status,
        "headers": {name: _blur(response.headers[name]) for name in _KEPT_HEADERS if name in response.headers},
        "body": _body(response.body),
    }


def _blur_path(path: str) -> str:
    parts = urlsplit(path)
    return "/".join(_DENSE.sub(_letters, part) for part in parts.path.split("/"))


def _body(body: bytes) -> Any:
    try:
        return _value("", json.loads(body))
    except (ValueError, RecursionError):
        return f"{len(body)} bytes that are no JSON"


def _value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {_letters(name) if _ADDRESS.search(name) else name: _value(name, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_value(key, one) for one in value]
    if not isinstance(value, str) or _TIME.fullmatch(value):
        return value
    return _letters(value) if _PRIVATE.search(key) else _blur(value)


def _blur(text: str) -> str:
    """A word is kept (a state, a severity, a label); what has blanks, an address or a number to ring in it is not."""
    is_kept = " " not in text.strip() and "\n" not in text and not _ADDRESS.search(text) and not _DENSE.fullmatch(text)
    return text if is_kept else _letters(text)


def _letters(text: str | re.Match[str]) -> str:
    """The same text with every letter an x and every digit a 0: its length and its line ends tell of bugs."""
    whole = text if isinstance(text, str) else text[0]
    return "".join(
        "0" if char.isdigit() else ("X" if char.isupper() else "x") if char.isalpha() else char for char in whole
    )
