"""Makes what a source answered nobody's: what its connector knows by name stays, everything else becomes other letters.

Numbers of few digits and times stay too, so that a blurred answer can be played to the connector. All else may be a person,
a secret or what somebody wrote: each letter and digit becomes another one of its kind. The same text becomes the same within
one recording, so that what names something still names it; nobody can go back, the key is kept nowhere.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
from collections.abc import Mapping
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from oncall_tui.engine.vocabulary import Known
from oncall_tui.kit import Request

URL = "https://recorded.invalid"
"""Where a blurred source is: the name of its host may be a customer's."""

_RUN = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"-?\d{1,7}(?:\.\d{1,9})?|\d{1,3}(?:\.\d{1,3}){2}(?:p\d{1,3})?")
"""A number of few digits, or a version; an address has four parts and a phone number more digits."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T .]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?Z| ?UTC| ?[+-]\d\d:?\d\d)?")
_DAY = re.compile(r"(\d{4})-\d\d-\d\d")
_EPOCH = range(1_420_000_000, 2_000_000_000)
"""Seconds from 2015 to 2033. No phone number of North America begins like that."""

SECRET = re.compile(r"token|passw|secret|api_?key|session|cookie|credential|\bpin\b|otp", re.IGNORECASE)
"""Under such a key no number is kept, however short."""


class Blur:
    """Blurs all that comes from one source at `url`; what is equal stays equal."""

    def __init__(self, known: Known, url: str, *, key: bytes | None = None) -> None:
        self._known, self._url = known, urlsplit(url)
        phrases = sorted((word for word in known.words if len(word) > 6 and " " in word), key=len, reverse=True)
        self._phrase = re.compile(f"({'|'.join(map(re.escape, phrases)) or '(?!)'})", re.IGNORECASE)
        self._key = secrets.token_bytes(32) if key is None else key
        self._became: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def value(self, value: Any, key: str = "") -> Any:
        """JSON of the same shape; `key` is what it stands under."""
        if isinstance(value, dict):
            is_field = self._are_fields(value)
            return {
                self._name(name, is_field=is_field): self.value(one, f"{key} {name}") for name, one in value.items()
            }
        if isinstance(value, list):
            return [self.value(one, key) for one in value]
        if isinstance(value, str):
            return self._letters(value, value) if SECRET.search(key) else self.text(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._number(value, is_secret=bool(SECRET.search(key)))
        return value

    def text(self, text: str) -> str:
        """What is known, a number, a time or an address keeps its shape; anything else only its length and its signs.

        So does a phrase of the connector in it: it finds its own marks by these ("[oncall-tui ").
        """
        if text.casefold() in self._known.words or _NUMBER.fullmatch(text) or _TIME.fullmatch(text):
            return text
        if day := _DAY.fullmatch(text):
            return f"{day[1]}-01-01"
        if "://" in text and " " not in text:
            return self.url(text)
        first, *rest = self._phrase.split(text, maxsplit=1)
        if rest:
            return f"{self._part(first)}{rest[0]}{self._part(rest[1])}"
        return self._digits(text) if text.isdecimal() else self._letters(text, text if " " in text else "")

    def said(self, text: str, *, is_secret: bool) -> str:
        """The same, but for a number where anything `is_secret`: it is not kept then, however short."""
        return self._letters(text, "") if is_secret and _NUMBER.fullmatch(text) else self.text(text)

    def name(self, name: str) -> str:
        """The name of something: as it is where the connector has it."""
        return self._name(name, is_field=False)

    def _part(self, text: str) -> str:
        """What stands beside a phrase, blurred as it would be alone."""
        return text.replace(word, self.text(word)) if (word := text.strip()) else text

    def url(self, text: str) -> str:
        """An address at the source as one of `URL`; the parts of its path and of its query are texts."""
        try:
            parts = urlsplit(text)
        except ValueError:
            return self._letters(text, text)
        is_there = (parts.scheme, parts.netloc) == (self._url.scheme, self._url.netloc)
        base = URL if is_there else f"{parts.scheme}://{self._letters(parts.netloc, '')}"
        path = parts.path.removeprefix(self._url.path.rstrip("/")) if is_there else parts.path
        fragment = f"#{self._letters(parts.fragment, '')}" if parts.fragment else ""
        return f"{base}{self._path(path)}{self._query(parts.query)}{fragment}"

    def _path(self, path: str) -> str:
        return re.sub(r"[^/.]+", lambda part: quote(self.text(unquote(part[0])), safe=""), path)

    def _query(self, query: str) -> str:
        asked = parse_qsl(query, keep_blank_values=True)
        pairs = [(self.name(name), self.value(value, name)) for name, value in asked]
        return f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""

    def request(self, request: Request) -> dict[str, Any]:
        """What was asked, as an address and, where there was one, a body."""
        base = self._url.geturl().rstrip("/")
        url = request.path if "://" in request.path else f"{base}/{request.path.lstrip('/')}"
        joint = "&" if "?" in url else "?"
        whole = f"{url}{joint}{urlencode(request.query, quote_via=quote)}" if request.query else url
        told = {"method": request.method, "url": self.url(whole)}
        return told if request.json is None else told | {"json": self.value(msgspec.to_builtins(request.json))}

    def options(self, options: Mapping[str, str]) -> dict[str, str]:
        """A source's settings; expressions are known, and what a query asks for is left out."""
        told = {name: value for name, value in options.items() if not name.endswith(".query")}
        return {name: self._option(name, value) for name, value in told.items()}

    def _option(self, name: str, value: str) -> str:
        if name.endswith(".path"):
            return "".join(part if part[:1] == "{" else self._path(part) for part in re.split(r"(\{\w+\})", value))
        if "." in name:
            return value
        return re.sub(r"[^,= ][^,=]*(?<! )", lambda part: self.text(part[0]), value)

    # --- letters -----------------------------------------------------------------------------------------------------

    def _are_fields(self, table: Mapping[str, Any]) -> bool:
        """Whether its keys are names of fields, and not of hosts or people: one is known, and not all hold a table."""
        knows_one = any(name.casefold() in self._known.names for name in table)
        return knows_one and not all(isinstance(value, dict) for value in table.values())

    def _name(self, name: str, *, is_field: bool) -> str:
        looks_like_one = is_field and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,40}", name)
        is_kept = looks_like_one or name.casefold() in self._known.names or _NUMBER.fullmatch(name)
        return name if is_kept else self.text(name)

    def _number(self, number: float, *, is_secret: bool) -> float:
        if not is_secret and (abs(number) < 10_000_000 or _is_epoch(number)):
            return number
        return int(self._letters(str(abs(int(number))), "")) if math.isfinite(number) else 0

    def _digits(self, text: str) -> str:
        is_time = text[0] != "0" and len(text) <= 13 and _is_epoch(int(text))
        return text if is_time else self._letters(text, "")

    def _letters(self, text: str, seed: str) -> str:
        """Each run of letters and digits as another one; with a `seed` the same run differs from one text to the next."""
        return _RUN.sub(lambda run: self._run(run[0], seed), text)

    def _run(self, run: str, seed: str) -> str:
        """Without a seed no two runs become the same, as long as there are others: `web-1` and `web-2` stay two hosts.

        A known one stays, as it does where it stands alone: ``web-1!http`` is the service ``http`` of a host.
        """
        if not seed and run.isalpha() and run.casefold() in self._known.words:
            return run
        became = self._became.get((seed, run))
        if became is None:
            tries = (self._hashed(f"{number}\0{seed}\0{run}", run) for number in range(_MOST_TRIES))
            became = next((one for one in tries if seed or self._is_free(one)), "x" * len(run))
            self._became[seed, run] = became
            self._taken |= set() if seed else {became}
        return became

    def _is_free(self, run: str) -> bool:
        return run not in self._taken and not (run.isalpha() and run.casefold() in self._known.words)

    def _hashed(self, seed: str, run: str) -> str:
        stream = hashlib.shake_256(self._key + seed.encode("utf-8", "replace")).digest(len(run))
        return "".join(_of_its_kind(char, byte) for char, byte in zip(run, stream, strict=True))


_MOST_TRIES = 200


def _is_epoch(number: float) -> bool:
    return math.isfinite(number) and (int(number) in _EPOCH or int(number) // 1000 in _EPOCH)


def _of_its_kind(char: str, byte: int) -> str:
    kind = digits if char.isdigit() else ascii_uppercase if char.isupper() else ascii_lowercase
    return kind[byte % len(kind)]
