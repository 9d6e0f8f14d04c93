"""What a Redmine and an Alertmanager have of all that was said, read back by a client that is not ours."""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_OURS = re.compile(r"[knr]\d+-\d+ on \d+")
"""What `speaker` (k) and `typist` (n for notes, r for replies) say; a desk has other people's words, too."""


@dataclass(frozen=True)
class Stored:
    """One text of ours at the desk."""

    ticket: str
    text: str
    is_private: bool

    @property
    def is_misplaced(self) -> bool:
        """On another ticket than it says, or read by others than it was meant for."""
        return not self.text.endswith(f" on {self.ticket}") or self.is_private is self.text.startswith("r")


@dataclass(frozen=True)
class Tally:
    """What the program told to be saved, what the servers have, and how often the program was killed.

    `silences` counts the active ones by what they match, `alerts` how many there are to take.
    """

    said: frozenset[str]
    stored: tuple[Stored, ...]
    kills: int
    alerts: int
    silences: Counter[str]

    @property
    def lost(self) -> list[str]:
        untaken = self.alerts - len(self.silences)
        return [*sorted(self.said - {one.text for one in self.stored}), *["an alert that nobody took"] * untaken]

    @property
    def doubled(self) -> list[str]:
        texts = Counter(one.text for one in self.stored)
        return [what for what, count in (*texts.items(), *self.silences.items()) if count > 1]

    @property
    def misplaced(self) -> list[Stored]:
        return [one for one in self.stored if one.is_misplaced]

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.doubled or self.misplaced)

    def __str__(self) -> str:
        return (
            f"{len(self.said)} said and {self.alerts} alerts taken, {self.kills} kills: {len(self.lost)} lost, "
            f"{len(self.doubled)} doubled, {len(self.misplaced)} in the wrong place"
        )


def tally(desk: str, key: str, monitor: str, said: set[str], kills: int) -> Tally:
    """Asks both servers."""
    silences = [one for one in ask("GET", f"{monitor}/api/v2/silences") if one["status"]["state"] == "active"]
    return Tally(
        said=frozenset(said),
        stored=tuple(_stored(desk, key)),
        kills=kills,
        alerts=len(ask("GET", f"{monitor}/api/v2/alerts")),
        silences=Counter(json.dumps(one["matchers"], sort_keys=True) for one in silences),
    )


def _stored(desk: str, key: str) -> Iterator[Stored]:
    """Every text of ours on every issue, open or closed."""
    for issue in ask("GET", f"{desk}/issues.json?status_id=*&limit=100", key=key)["issues"]:
        whole = ask("GET", f"{desk}/issues/{issue['id']}.json?include=journals", key=key)["issue"]
        for entry in whole["journals"]:
            if _OURS.fullmatch(entry.get("notes") or ""):
                yield Stored(str(issue["id"]), entry["notes"], bool(entry.get("private_notes")))


def ask(method: str, url: str, body: Any = None, *, key: str = "") -> Any:
    """One request and its JSON (None for an empty answer)."""
    headers = {"Content-Type": "application/json", "X-Redmine-API-Key": key}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = answer.read()
    return json.loads(found) if found.strip() else None
