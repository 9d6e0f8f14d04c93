"""Keeps what a source answered, as files that may be shown to others and played to its connector (`oncall_tui.testing`)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from oncall_tui import connectors
from oncall_tui.config import SourceConfig
from oncall_tui.engine import page
from oncall_tui.engine.blur import URL, Blur
from oncall_tui.engine.statuses import http_date
from oncall_tui.engine.vocabulary import known
from oncall_tui.engine.wire import Heard
from oncall_tui.errors import Unwritable
from oncall_tui.kit import Response
from oncall_tui.model import VERBS, Me

_KEPT_HEADERS = ("content-type", "date", "retry-after", "link")


class Recorder:
    """Writes each answer that it hears into `folder`, 0600, numbered per source."""

    def __init__(self, folder: Path, sources: Sequence[SourceConfig], me: Me) -> None:
        self.folder, self.count = folder, 0
        self._blurs = {source.name: blur_of(source) for source in sources}
        self._asked_by = {source.name: _source(source, me, self._blurs[source.name]) for source in sources}
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unwritable(f"cannot record in {folder}: {(error.strerror or str(error)).lower()}") from None
        if any(path for name in self._blurs for path in folder.glob(f"{name}-[0-9]*.json")):
            raise Unwritable(f"there is a recording in {folder} already: name another folder")

    def __call__(self, heard: Heard) -> None:
        """Keeps one answer to the connector. Raises `Unwritable`."""
        if heard.response is None or heard.aside:
            return
        path = self.folder / f"{heard.source}-{self.count + 1:03}.json"
        told = {"source": self._asked_by[heard.source], **redacted(heard, self._blurs[heard.source])}
        text = heard.scrub(json.dumps(told, indent=1, ensure_ascii=True))
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{text}\n")
            self.count += 1
        except OSError as error:
            with suppress(OSError):
                path.unlink()
            raise Unwritable(f"cannot record in {path}: {(error.strerror or str(error)).lower()}") from None


def blur_of(source: SourceConfig) -> Blur:
    """What blurs all that comes from that source."""
    return Blur(known(connectors.fit(source.kind, source.options), source.options), source.url)


_VERBS = tuple(verb.value for verb in VERBS)


def _source(source: SourceConfig, me: Me, blur: Blur) -> dict[str, Any]:
    """Who asked, and by which settings; what is said to it is not recorded, so the tables for that are left out."""
    options = {name: value for name, value in source.options.items() if value and name.partition(".")[0] not in _VERBS}
    return {
        "kind": source.kind,
        "url": URL,
        "me": blur.value({"name": me.name, "email": me.email, "aliases": list(me.aliases)}),
        "options": blur.options(options),
    }


def redacted(heard: Heard, blur: Blur) -> dict[str, Any]:
    """What was asked and answered, blurred."""
    response = heard.response
    if response is None:
        return {}
    headers = {name: _header(name, response.headers[name], blur) for name in _KEPT_HEADERS if name in response.headers}
    return {
        "request": blur.request(heard.request),
        "status": response.status,
        "headers": headers,
        **_body(response, blur),
    }


_LINK = re.compile(r"""<([^<>]*)>[^<]*?\brel\s*=\s*["']?(next|prev|first|last)\b""", re.IGNORECASE)


def _header(name: str, value: str, blur: Blur) -> str:
    """Made anew from what a connector reads in it: a stranger may have written anything beside that."""
    if name == "link":
        return ", ".join(f'<{blur.url(url)}>; rel="{rel.lower()}"' for url, rel in _LINK.findall(value))
    if name == "content-type":
        return value.partition(";")[0].strip()
    at = http_date(value)
    return format_datetime(at.astimezone(UTC), usegmt=True) if at else blur.text(value)


def _body(response: Response, blur: Blur) -> dict[str, Any]:
    """A body of JSON; a page or a text as one; of what is neither only how much it was."""
    try:
        return {"body": blur.value(json.loads(response.body))}
    except (ValueError, RecursionError):
        is_text = response.body and b"\0" not in response.body
        return {"text": page.blurred(response.body, blur)} if is_text else {"bytes": len(response.body)}
