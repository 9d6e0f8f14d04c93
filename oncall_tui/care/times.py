"""The times in a clause, as they are typed at night in Dutch and English: how long from now, or which time of day.

"binnen 20 minuten", "in half an hour", "elk kwartier"; "om 04:00", "tegen half vijf", "before 4am". Each way of writing
is a pattern, tried in order; what one of them has read, no later one reads again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import NamedTuple, TypeAlias


class TimeOfDay(NamedTuple):
    """What a clock shows; `is_either` when it may be before or after noon, `is_utc` when it is not our own clock."""

    hour: int
    minute: int
    is_either: bool = False
    is_utc: bool = False


class Found(NamedTuple):
    """A time, and where in the clause it is written."""

    start: int
    time: timedelta | TimeOfDay


def times(clause: str) -> Iterator[Found]:
    """Every time in a clause of a text that was made `tidy`."""
    for pattern, read in _ways() if _MAY_BE.search(clause) else ():
        for found in list(pattern.finditer(clause)):
            time = read(found)
            if time is not None:
                yield Found(found.start(), time)
                clause = clause[: found.start()] + "#" * len(found[0]) + clause[found.end() :]


_MAY_BE = re.compile(r"\d|uur|hour|minu|kwartier|quarter|half|midd|midnight|noon|dag|day")


def _any(*ways: str) -> str:
    return f"(?:{'|'.join(ways)})"


# --- spans: "binnen 20 minuten", "in half an hour" -------------------------------------------------------------------

_IN = _any(
    "binnen(?: nu en)?", "over", "in", "within", "tussen nu en", "between now and", "elke?", "iedere?", "every",
    "om (?:de|het)", "nog", "another", "(?:geef|gun) (?:me|mij|ons)", "give (?:me|us)",
)  # fmt: skip
_ABOUT = (
    "(?:ongeveer|circa|zo'n|uiterlijk|hooguit|hoogstens|maximaal|minder|dan|nog|geen|even|de|het|komende|eerstvolgende|een"
    "|about|roughly|around|at|most|no|more|less|than|under|the|next|coming|another|an?)"
)
_LENGTHS = {
    "half": (30.0, "half (?:an? )?(?:uur\\w*|hour)|halfuur\\w*"),
    "more": (90.0, "anderhalf uur|(?:an )?hour and a half|one and a half hours?"),
    "quarter": (15.0, "kwartier\\w*|quarter of an hour"),
    "quarters": (45.0, "3 (?:kwartier|quarters of an hour)"),
    "hour": (60.0, "uur\\w*|hour"),
    "minute": (1.0, "minuut|minuutje|minute"),
    "day": (24 * 60.0, "dag|day"),
}
_UNIT = "min(?:uut|uten|uutje|uutjes|utes?|s)?|m|uur|uren|uurtjes?|u|hours?|hrs?|h|dag(?:en)?|days?"
_UNITS = {"m": 1.0, "u": 60.0, "h": 60.0, "d": 24 * 60.0}

_SPAN = (
    rf"\b(?P<in>{_IN}) (?:{_ABOUT} ){{0,5}}?"
    + _any(
        *(f"(?P<{name}>{written})" for name, (_, written) in _LENGTHS.items()),
        rf"(?P<n>\d{{1,4}}(?:[.,]\d{{1,3}})?) ?(?:more )?(?P<unit>{_UNIT})",
    )
    + r"(?!\w)(?! (?:telt|tellen|counts?|matters?)\b)"
)


def _span(found: re.Match[str]) -> timedelta | None:
    """How long; None for English "over 20 minutes", which is more than 20 minutes and no promise."""
    if found["in"] == "over" and re.search("(?:minutes?|hours?|hrs?|days?)$", found[0]):
        return None
    named = next((minutes for name, (minutes, _) in _LENGTHS.items() if found[name]), None)
    minutes = float(found["n"].replace(",", ".")) * _UNITS[found["unit"][0]] if named is None else named
    return timedelta(minutes=minutes)


# --- times of day: "om 04:00", "tegen half vijf", "before 4am" -------------------------------------------------------

_ENGLISH_AT = "at|by|before|around|about|between now and|@"
_AT = (
    f"(?P<at>om|tegen|voor|vóór|rond|omstreeks|uiterlijk|tussen nu en|{_ENGLISH_AT})"
    "(?: (?:om|at|ongeveer|about|around|uiterlijk|circa|precies|exactly|the latest)){0,3} ?"
)
_MAYBE_AT = f"(?:{_AT.replace('<at>', '<at_>')})?"
_NEWS = r"(?:update|bericht|nieuws|news|wordt|will be|'ll be|make it) (?=\d?\d[:.]\d\d)"
_UUR = r" ?(?:uur|u|h|hrs?|hours|o'clock)\b"
_NO_TIME = r"(?![\w:]|[.,]\d|-\d| ?(?:min|uur|uren|hour|%|€)| (?:euro|keer|times)\b)"
_UTC = r"(?: ?(?P<utc>utc|gmt|z)\b)?"

_CLOCK = rf"(?:{_AT}|{_NEWS})(?P<hour>\d\d?)(?:[:.hu](?P<minute>\d\d))?(?: ?(?P<half>[ap])m\b)?(?:{_UUR})?"


def _clock(found: re.Match[str]) -> TimeOfDay | None:
    """Of "04:00", "4.30 uur", "3u45", "4am" and "4:30 p.m."."""
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"]
    if not (found["minute"] or half) or minute > 59 or hour > (12 if half else 24) or (half and not hour):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return TimeOfDay(hour % 24, minute, is_either=not half and len(found["hour"]) == 1, is_utc=bool(found["utc"]))


_HALF = rf"(?:{_AT}(?:(?P<near>\d\d?) (?P<side>voor|over) )?)?half (?P<of>\d\d?)(?:{_UUR})?"


def _half(found: re.Match[str]) -> TimeOfDay | None:
    """Of "half vier" (3:30), "vijf voor half vier", and "at half 4", which is English (4:30)."""
    near = int(found["near"] or "0") * (-1 if found["side"] == "voor" else 1)
    return _near_hour(found, near + (30 if found["at"] in _ENGLISH_AT.split("|") else -30))


_NEAR = (
    rf"(?:{_AT}(?P<minutes>\d\d?)(?: minuten| minutes)?|{_MAYBE_AT}(?P<part>kwart|quarter|half(?= past)))"
    rf" (?P<side>voor|over|to|past) (?P<of>\d\d?)(?:{_UUR})?"
)
_PARTS = {"kwart": 15, "quarter": 15, "half": 30}


def _near(found: re.Match[str]) -> TimeOfDay | None:
    """Of "kwart voor vijf", "om tien over vier", "half past three" and "by ten to five"."""
    minutes = _PARTS[found["part"]] if found["part"] else int(found["minutes"])
    return _near_hour(found, minutes if found["side"] in ("over", "past") else -minutes)


_SPOKEN = rf"{_AT}(?:(?P<named>middernacht|midnight|noon)|(?P<of>\d\d?|een|one)(?P<uur>{_UUR})?(?: (?P<minutes>\d\d))?)"
_GOES_ON = re.compile(
    " ?$| (?:ik|we|wij|u|je|jij|jullie|er|het|is|bel\\w*|hoor\\w*|laat|kom\\w*|meld\\w*|stuur\\w*|schrijf\\w*|mail\\w*|geef"
    "|spreek|ben\\w*|zal|zullen|weet|heb\\w*|kan|kunt|krijg\\w*|van|weer|terug|opnieuw|nog|al|met|via|per|voor|bij|om|in|op"
    "|aan|uit|en|of|dan|wanneer|nieuws|een|de|'s|vannacht|vanochtend|vanmiddag|vanavond|morgen|precies|stipt|uiterlijk|graag"
    "|i|i'll|we'll|you\\w*|they|it|or|and|with|for|on|to|by|again|back|sharp|latest|at|will|our|the|a|tonight|today|tomorrow"
    "|this|local|please|then|when|news|utc|gmt)\\b"
)
"""What may follow a bare hour; anything else is what there are so many of: "voor 14 klanten", "at 3 sites"."""


def _spoken(found: re.Match[str]) -> TimeOfDay | None:
    """Of "om vier uur", "voor vieren", "tegen 4 uur 30", "at four thirty" and "by noon"."""
    if found["named"]:
        return TimeOfDay(12 if found["named"] == "noon" else 0, 0, is_utc=bool(found["utc"]))
    is_one, is_named = found["of"] in ("een", "one"), bool(found["uur"] or found["minutes"])
    if is_one and (not is_named or found["at"] == "voor"):  # "voor een uur" is an hour long
        return None
    if not (is_named or _GOES_ON.match(found.string, found.end())):
        return None
    return _near_hour(found, int(found["minutes"] or "0"), hour=1 if is_one else None)


def _near_hour(found: re.Match[str], minutes: int, hour: int | None = None) -> TimeOfDay | None:
    """So many minutes after a full hour, on either side of noon; from 13 on it is the afternoon."""
    hour = int(found["of"]) if hour is None else hour
    if hour > 24 or not -60 < minutes < 60:
        return None
    of_day = (hour * 60 + minutes) % (24 * 60)
    return TimeOfDay(of_day // 60, of_day % 60, is_either=1 <= hour <= 12, is_utc=bool(found["utc"]))


Way: TypeAlias = "tuple[re.Pattern[str], Callable[[re.Match[str]], timedelta | TimeOfDay | None]]"


@cache
def _ways() -> tuple[Way, ...]:
    of_day = ((_CLOCK, _clock), (_HALF, _half), (_NEAR, _near), (_SPOKEN, _spoken))
    return (re.compile(_SPAN), _span), *(
        (re.compile(rf"(?<![\w:.,-]){way}{_NO_TIME}{_UTC}"), read) for way, read in of_day
    )


# --- tidy ------------------------------------------------------------------------------------------------------------

_DUTCH = ("een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf", "dertien",
          "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien")  # fmt: skip
_ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
            "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = {20: ("twintig", "twenty"), 30: ("dertig", "thirty"), 40: ("veertig", "forty"), 50: ("vijftig", "fifty"),
         60: ("zestig", "sixty"), 90: ("negentig", "ninety")}  # fmt: skip
_BENT = (
    "tweeën",
    "drieën",
    "vieren",
    "vijven",
    "zessen",
    "zevenen",
    "achten",
    "negenen",
    "tienen",
    "elven",
    "twaalven",
)
_NUMBERS: Mapping[str, str] = {
    **{name: str(n) for names in (_DUTCH, _ENGLISH) for n, name in enumerate(names, 1) if n > 1},
    **{name: str(tens) for tens, names in _TENS.items() for name in names},
    **{f"{one}{'ën' if one.endswith('e') else 'en'}{tig}": str(tens + n)
       for tens, (tig, _) in _TENS.items() for n, one in enumerate(_DUTCH[:9], 1)},
    **{f"{ty}{between}{one}": str(tens + n)
       for tens, (_, ty) in _TENS.items() for n, one in enumerate(_ENGLISH[:9], 1) for between in "- "},
    **{f"half {name}": f"half past {n}" for n, name in enumerate(_ENGLISH[:12], 1)},
    **{name: f"{n} uur" for n, name in enumerate(_BENT, 2)},
    **dict.fromkeys(("paar", "few", "couple", "couple of"), "5"),
    "één": "een",
}  # fmt: skip
""" "A few" is five, so that the promise is looked at in time; "een" and "one" stay words, for most of them count nothing.
"Half four" is English and past four, "half vier" Dutch and before it."""

_NUMBER = re.compile(r"(?:half |(?:twenty|thirty|forty|fifty|sixty|ninety)[ -])?[a-zéë]+(?: of\b)?")


def _in_digits(found: re.Match[str]) -> str:
    """The number in digits; where it is none the words as they are."""
    if found[0] in _NUMBERS:
        return _NUMBERS[found[0]]
    return re.sub("[a-zéë]+", lambda word: _NUMBERS.get(word[0], word[0]), found[0])


@cache
def _tidying() -> tuple[tuple[re.Pattern[str], str], ...]:
    per, number = r"(?:min|uur|uren|hour|hrs?\b|dag|days?\b|kwartier)", r"\d{1,3}"
    hhmm = r"\d?\d[:.h]\d\d(?: ?uur| ?[ap]m)?"
    ways = {
        r"\b([ap])\.m\b\.?": r"\1m",
        r"\bca\.": "circa",
        r"\b(update|bericht|nieuws|news): ?(?=\d)": r"\1 ",
        r"\b(0\d)([0-5]\d)\b(?![:.,-]\d)": r"\1:\2",
        r"\btussen (?!nu\b)[\w:.]+(?: uur)? en\b": "tussen nu en",
        r"\bbetween (?!now\b)[\w:.]+(?: ?[ap]m)? and\b": "between now and",
        rf"(?<![\w:.,-]){hhmm} ?(?:-|–|tot|to|à|of|or) ?(?={hhmm})": "",
        rf"(?<![\w:.,-]){number} ?(?:-|–|à|of|or|tot|to) ?(?={number} ?{per})": "",
        rf"\b(om|at|rond|around|tegen|by|voor|before) \d\d? ?(?:-|–|à|of|or) ?(?=\d\d?(?! ?{per})\b)": r"\1 ",
        rf"\b(?:een|an?) (minuut|minuutje|uur|uurtje|minute|hour) (?:of|or) ({number})(?! ?{per})\b": r"\2 \1",
    }
    return tuple((re.compile(pattern), kept) for pattern, kept in ways.items())


def tidy(text: str) -> str:
    """Lower case, single blanks, numbers in digits, and of what is left open the later end only.

    "twenty to thirty minutes" becomes "30 minutes", "tussen vier en half vijf" "tussen nu en half 5".
    """
    text = re.sub(r"[^\S\n]+", " ", text.lower().replace("’", "'"))
    text = _NUMBER.sub(_in_digits, text)
    for pattern, kept in _tidying():
        text = pattern.sub(kept, text)
    return text
