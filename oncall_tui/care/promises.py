"""The promise in a text: the earliest time at which it says that the customer will hear from us again.

It reads Dutch and English times as they are typed at night ("binnen 20 minuten", "om 04:00", "tegen half vijf", "in half
an hour", "before 4am"). What is past ("sinds 04:00"), denied ("niet voor vieren") or theirs ("uw ovens laden om 04:30")
promises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

_FAR = timedelta(hours=16)
"""A time of day that comes later than this after it was said was meant as past ("om 03:00 viel het uit")."""

_LONGEST = timedelta(days=7)

# --- numbers ---------------------------------------------------------------------------------------------------------

_NUMBERS = {
    "een": 1, "één": 1, "a": 1, "an": 1, "one": 1, "twee": 2, "two": 2, "drie": 3, "three": 3, "vier": 4, "four": 4,
    "vijf": 5, "five": 5, "zes": 6, "six": 6, "zeven": 7, "seven": 7, "acht": 8, "eight": 8, "negen": 9, "nine": 9,
    "tien": 10, "ten": 10, "elf": 11, "eleven": 11, "twaalf": 12, "twelve": 12, "vijftien": 15, "fifteen": 15,
    "twintig": 20, "twenty": 20, "vijfentwintig": 25, "dertig": 30, "thirty": 30, "veertig": 40, "forty": 40,
    "vijfenveertig": 45, "forty-five": 45, "vijftig": 50, "fifty": 50, "zestig": 60, "sixty": 60, "negentig": 90,
    "ninety": 90, "paar": 5, "few": 5, "couple": 5,
    "vieren": 4, "vijven": 5, "zessen": 6, "zevenen": 7, "achten": 8, "negenen": 9, "tienen": 10, "elven": 11,
    "twaalven": 12, "enen": 1, "tweeën": 2, "drieën": 3,
}  # fmt: skip
"""Number words of both languages; "a few" is five, so that the promise is looked at in time."""


def _any_of(words: Iterable[str]) -> str:
    return r"(?:\d{1,4}(?:[.,]\d+)?|" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_NUMBER = _any_of(_NUMBERS)


def _number(text: str) -> float:
    return float(_NUMBERS[text]) if text in _NUMBERS else float(text.replace(",", "."))


# --- spans: "binnen 20 minuten", "in half an hour" -------------------------------------------------------------------

_ABOUT = (
    r"(?:ongeveer|circa|zo'n|uiterlijk|hooguit|maximaal|about|roughly|around|at most|the next|de komende|een|a|\s)*"
)
_SPAN = re.compile(
    rf"""\b(?P<in>binnen|over|in|within)\s+{_ABOUT}
    (?:
      (?P<half>half\s+(?:an?\s+)?(?:uur\w*|hour))
    | (?P<more>anderhalf\s+uur|(?:an\s+)?hour\s+and\s+a\s+half)
    | (?P<quarters>drie\s+kwartier|three\s+quarters\s+of\s+an\s+hour)
    | (?P<quarter>kwartier\w*|quarter\s+of\s+an\s+hour)
    | (?P<hour>het\s+uur|the\s+hour|uur\w*|hour)
    | (?P<n>{_NUMBER})\s*(?:of\s+)?(?P<unit>min(?:uut|uten|uutje|uutjes|utes?)?|m|uur|uren|uurtjes?|u|hours?|hrs?|h)
    )\b""",
    re.VERBOSE,
)
_MINUTES = {"half": 30.0, "more": 90.0, "quarters": 45.0, "quarter": 15.0, "hour": 60.0}


def _span(found: re.Match[str]) -> timedelta | None:
    """How long; None for English "over 20 minutes", which is more than 20 minutes and no promise."""
    if found["in"] == "over" and re.search(r"minutes?$|hours?$|hrs?$", found[0]):
        return None
    named = next((minutes for name, minutes in _MINUTES.items() if found[name]), None)
    if named is not None:
        return timedelta(minutes=named)
    minutes = _number(found["n"]) * (1 if found["unit"].startswith("m") else 60)
    span = timedelta(minutes=min(minutes, 1e6))
    return span if timedelta(0) < span <= _LONGEST else None


# --- times of day: "om 04:00", "tegen half vijf", "before 4am" -------------------------------------------------------

_BEFORE = r"(?:om|tegen|voor|vóór|rond|uiterlijk|omstreeks|at|by|before|around|about|till\s+then|@)"
_PARTS = {"kwart": 15.0, "quarter": 15.0, "half": 30.0}
_ENGLISH_HOURS = frozenset(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"))
"""After "half" these are past the hour, where a Dutch one is before it: "half four" is 4:30, "half vier" 3:30."""

_HOUR = _any_of(word for word in _NUMBERS if word not in ("a", "an", "paar", "few", "couple"))
_AT = rf"(?:{_BEFORE}(?:\s+(?:om|at|ongeveer|about|around|uiterlijk|circa))*\s+)"
_CLOCK = re.compile(
    rf"""\b(?:
      (?:{_AT}(?:(?P<near>{_HOUR})\s+(?P<side>voor|over)\s+)?)?(?P<half>half)\s+(?P<halfhour>{_HOUR})
    | (?:{_AT}(?P<minutes>{_HOUR})(?:\s+minuten|\s+minutes)?|{_AT}?(?P<quarter>kwart|quarter|half(?=\s+past)))
      \s+(?P<to>voor|over|to|past)\s+(?P<of>{_HOUR})(?:\s+uur)?
    | {_AT}
      (?: (?P<night>middernacht|midnight) | (?P<noon>noon)
        | (?P<h24>\d{{1,2}})[:.hu](?P<min>\d\d)(?:\s*(?P<ap>[ap])\.?m\b\.?)?(?:\s*(?:uur|u|h))?
        | (?P<h12>\d{{1,2}})\s*(?P<ap12>[ap])\.?m\b\.?
        | (?P<spoken>{_HOUR})(?:\s*(?P<uur>uur|u|o'clock))?
      )
    )(?![\w:]|\.\d|\s*(?:min|uur|hour|winkel|shop|euro|%))""",
    re.VERBOSE,
)


class _Time(NamedTuple):
    """A time of day; `is_either` when it may be before or after noon."""

    hour: int
    minute: int
    is_either: bool


def _time(found: re.Match[str]) -> _Time | None:
    """The time of day that was written; None when there is no such time."""
    if found["night"]:
        return _Time(0, 0, is_either=False)
    if found["noon"]:
        return _Time(12, 0, is_either=False)
    if found["h24"]:
        is_either = len(found["h24"]) == 1 and not found["ap"]
        return _checked(int(found["h24"]), int(found["min"]), found["ap"], is_either=is_either)
    if found["h12"]:
        return _checked(int(found["h12"]), 0, found["ap12"], is_either=False)
    if found["half"]:
        near = _number(found["near"] or "0") * (-1 if found["side"] == "voor" else 1)
        return _spoken(_number(found["halfhour"]), near + (30 if found["halfhour"] in _ENGLISH_HOURS else -30))
    if found["to"]:
        minutes = _PARTS[found["quarter"]] if found["quarter"] else _number(found["minutes"])
        return _spoken(_number(found["of"]), minutes if found["to"] in ("over", "past") else -minutes)
    hour = _number(found["spoken"])
    is_bare = not found["uur"] and found["spoken"] in ("een", "one")
    return None if is_bare else _spoken(hour, 0)


def _checked(hour: int, minute: int, half_day: str | None, *, is_either: bool) -> _Time | None:
    if half_day:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half_day == "p" else 0)
    return _Time(hour % 24, minute, is_either) if hour <= 24 and minute < 60 else None


def _spoken(hour: float, minutes: float) -> _Time | None:
    """ "Half five" is half an hour before five, on either side of noon; from 13 on it is the afternoon."""
    if hour != int(hour) or not 0 <= hour <= 24:
        return None
    of_day = int(hour * 60 + minutes) % (24 * 60)
    return _Time(of_day // 60, of_day % 60, is_either=1 <= hour <= 12)


# --- clauses ---------------------------------------------------------------------------------------------------------

_CLAUSE = re.compile(
    r"[;!?()\n]+|[,.](?!\d)|:(?!\d)|\s[-–—]\s"
    r"|\b(?:dat|als|zodra|omdat|want|maar|dus|terwijl|ook als|that|because|but|so|while|when|once|if|even if|whether)\b"
)
_PAST = re.compile(
    r"\b(?:sinds|vanaf|sedert|geleden|al|viel|ging|begon|waren|was|werd|stopte|had|hadden|gisteren"
    r"|since|ago|from\s+\d+|started|went|were|broke|stopped|failed|yesterday|last|afgelopen|tot|until|till|after|na)\b"
)
_DENIED = re.compile(r"\b(?:niet|geen|nooit|not|never|cannot|no)\b|n't\b")
_AT_THE_LATEST = re.compile(r"\b(?:niet later dan|not? later than)\b")
_THEIRS = re.compile(r"\b(?:uw|jullie|your|their|hun)\b")
_CONTACT = re.compile(
    r"\b(?:ik|wij|we|mij|me|ons|hoor\w*|horen|bel|bellen|bericht\w*|nieuws|update\w*|i|i'll|we'll|us|hear|call|news|"
    r"tell|let you know|message|report)\b"
)
_LATER_DAY = re.compile(r"\b(?:morgen|morgenochtend|morgenmiddag|tomorrow)\b")
_MORNING = re.compile(r"\b(?:ochtend\w*|'s ochtends|'s nachts|vannacht|vanochtend|morning|tonight|morgenochtend)\b")
_EVENING = re.compile(r"\b(?:middags?|vanmiddag|vanavond|avonds?|afternoon|evening|morgenmiddag)\b")


def promised(text: str, said_at: datetime, zone: tzinfo) -> datetime | None:
    """When `text`, said at `said_at` (aware), promises to be back; None when it promises nothing. In UTC.

    Times of day are those of `zone`, the next that comes; what lies more than sixteen hours ahead was meant as past unless
    it says "tomorrow".
    """
    return min(_promises(text, said_at.astimezone(UTC), zone), default=None)


def _promises(text: str, said_at: datetime, zone: tzinfo) -> Iterator[datetime]:
    unquoted = re.sub(r"^[ \t]*>.*$", "", text, flags=re.MULTILINE)
    plain = _AT_THE_LATEST.sub("uiterlijk", unquoted.lower().replace("’", "'"))
    for clause in _CLAUSE.split(plain):
        if not _may_promise(clause):
            continue
        for found in _SPAN.finditer(clause):
            span = _span(found)
            if span is not None:
                yield said_at + span
        for found in _CLOCK.finditer(clause):
            time = _time(found)
            at = _next(time, clause, said_at, zone) if time else None
            if at is not None:
                yield at


def _may_promise(clause: str) -> bool:
    if _PAST.search(clause) or _DENIED.search(clause):
        return False
    return bool(_CONTACT.search(clause)) or not _THEIRS.search(clause)


def _next(time: _Time, clause: str, said_at: datetime, zone: tzinfo) -> datetime | None:
    """The first moment after `said_at` at which clocks in `zone` show that time."""
    hours = [time.hour]
    if time.is_either:
        hours = [time.hour % 12, time.hour % 12 + 12]
        if _EVENING.search(clause):
            hours = hours[1:]
        elif _MORNING.search(clause) and "tonight" not in clause:
            hours = hours[:1]
    is_later_day = bool(_LATER_DAY.search(clause))
    today = said_at.astimezone(zone).date()
    days = [today + timedelta(days=day) for day in ([1] if is_later_day else [0, 1])]
    moments = [
        datetime(day.year, day.month, day.day, hour, time.minute, fold=fold, tzinfo=zone)
        for day in days
        for hour in hours
        for fold in (0, 1)  # an hour that the clocks show twice
    ]
    ahead = sorted(at for at in (moment.astimezone(UTC) for moment in moments) if at > said_at)
    if not ahead or (not is_later_day and ahead[0] - said_at > _FAR):
        return None
    return ahead[0]
