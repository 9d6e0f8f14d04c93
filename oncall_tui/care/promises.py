"""The promise in a text: the earliest time at which it says that the customer will hear from us again.

A time promises by what is said around it. What is past ("om 03:00 viel het uit"), denied ("niet voor vieren"), asked
("kunt u om 04:00 bellen?") or theirs ("uw ovens laden om 04:30") promises nothing; what is said in the next clause
changes nothing ("ik heb nog geen oorzaak en bel u om 04:00").
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import chain
from typing import NamedTuple, TypeAlias

from oncall_tui.care.lately import remembered
from oncall_tui.care.times import TimeOfDay, tidy, times

_FAR = timedelta(hours=16)
"""A time of day that comes later than this after it was said was meant as past ("om 03:00 viel het uit")."""

_DONE_FAR = timedelta(hours=4)
"""The same where something was done by us: "om 23:00 heb ik herstart", but also "om 04:00 heb ik het gerepareerd"."""

_DAY, _LONGEST = timedelta(days=1), timedelta(days=7)


def promised(text: str, said_at: datetime, zone: tzinfo | None = None) -> datetime | None:
    """When `text`, said at `said_at` (aware), promises to be back; None when it promises nothing. In UTC.

    Times of day are those of `zone` (the engineer's own without one), the next that comes; what lies more than sixteen
    hours ahead was meant as past unless a day is named. Of a span left open ("20-30 minuten") the later end counts.
    """
    try:
        said_at = said_at.astimezone(UTC)
        return min((at for at in _promises(text, said_at, zone) if said_at < at <= said_at + _LONGEST), default=None)
    except (OverflowError, ValueError):  # said at an end of the calendar: a source made that time up
        return None


def _promises(text: str, said_at: datetime, zone: tzinfo | None) -> Iterator[datetime]:
    for clause, found in _timed(text):
        when = _when(clause, said_at.astimezone(zone))
        for time in found:
            at = said_at + time if isinstance(time, timedelta) else _next(time, when, said_at, zone)
            if at is not None:
                yield at


Timed: TypeAlias = tuple[str, Sequence[timedelta | TimeOfDay]]
"""A promising clause, and the times in it."""


def timed(text: str) -> Sequence[Timed]:
    """The promising clauses of a text with the times in them."""
    found = (
        (
            clause,
            tuple(time for start, time in times(clause) if not _NOT_FROM.search(clause, max(start - 30, 0), start)),
        )
        for clause in _promising(_unquoted(text))
    )
    return tuple((clause, told) for clause, told in found if told)


_timed_in_each = remembered(timed)


def _timed(text: str) -> Iterator[Timed]:
    """Those of all lines, for no clause goes on in the next; the screen asks with each key, and each second."""
    return chain.from_iterable(_timed_in_each(text.split("\n")))


# --- clauses ---------------------------------------------------------------------------------------------------------


def _unquoted(text: str) -> str:
    """Without what they wrote, and with what only looks like a denial said another way."""
    plain = tidy(re.sub(r"^[ \t]*>.*$", "", text, flags=re.MULTILINE))
    return _NO_DENIAL.sub(" ", _AT_THE_LATEST.sub("uiterlijk", plain))


_AT_THE_LATEST = re.compile(
    r"\b(?:(?:en |and )?(?:niet|geen \w+|not?|no \w+) (?:later|laten) (?:dan|than)|not after|niet na)\b"
)
_NO_DENIAL = re.compile(
    r"\b(?:no|geen) (?:worries|problem|doubt|matter|panic|need to worry|zorgen|probleem|paniek|twijfel)\b"
    r"|\b(?:not|niet) (?:only|just|alleen|enkel)\b|\bwithout fail\b"
)
_STRONG = r"[;!?()\n]+|[,.…](?!\d)|:(?!\d)| [-–—] "
_WEAK = r"(?<!nu )\ben\b|(?<!now )\band\b(?! a half)"
_THAT = r"\b(?:dat|that|whether|if|of(?= (?:ik|we|wij|u|het|er|dat)\b))\b"
_OTHER = (
    r"\b(?:als|zodra|omdat|want|maar|dus|terwijl|ook al|tenzij|voordat|totdat"
    r"|because|but|so|while|when|once|unless|until)\b"
)
_JOINT = re.compile(f"({_STRONG}|{_WEAK}|{_THAT}|{_OTHER})")
_SUBJECT = re.compile(r"\b(?=(?:ik|we|wij|i|i'll|i'm|we'll)\b(?!'))")

_DENIED = re.compile(
    r"\b(?:niet|geen|nooit|niets|niks|niemand|betwijfel|not|never|cannot|no|nothing|nobody|none|unable|doubt)\b|n't\b"
)
_PAST = re.compile(
    r"\b(?:viel\w*|ging\w*|begon\w*|waren|was|werd\w*|stopte\w*|had|hadden|belde\w*|zei\w*|schreef|deed|zag|gisteren"
    r"|were|went|broke|began|fell|saw|did|told|yesterday|(?:i|we|it|they|you|that) (?!need|proceed)\w+ed)\b"
)
_DONE = re.compile(r"\b(?:heb|hebben|heeft|hebt|have|has)\b|'ve\b")
_THEIRS = re.compile(
    r"\b(?:uw|jullie|your|their|hun|dienst|shift|laadt|laden|loads?|openen|opent|opens?|sluiten|sluit|closes?|vertrek\w*|leaves?)\b"
)
_ASKED = re.compile(r"^ ?(?:kunt|kan|kun|wilt|wil|zou|can|could|would|are|is|do|does) (?:u|je|jij|jullie|you|it|het)\b")
_CONTACT = re.compile(
    r"\b(?:ik|wij|we|mij|me|ons|hoor\w*|bel|bellen|bericht\w*|nieuws|update\w*|meld\w*|laat|mail\w*|stuur\w*|schrijf\w*"
    r"|i|i'll|i'm|we'll|us|hear|call|news|tell|let|message|report|write|mail|send|will|back)\b"
)
_NOT_FROM = re.compile(
    r"\b(?:sinds|sedert|vanaf|na|tot|tot en met|al|al sinds|since|from|after|until|till|already|for|been|van)"
    r"(?: (?:ongeveer|about|around|circa|rond|om|at))* ?$"
)
"""Before a time these make it the beginning or the end of something else."""

_LEFT_OPEN = re.compile(r"\b(?:think|believe|know|sure|promise|guarantee|expect|say|certain) ?$")


def _promising(text: str) -> Iterator[str]:
    """The clauses in which a time is when they hear from us.

    A denial reaches into what hangs on it ("I cannot promise that I will call at four"), and like a past or what is
    theirs into a clause that has no beginning of its own ("viel om 03:00 uit en om 03:30 weer").
    """
    blocked = False
    for joint, clause in _clauses(text):
        is_ours = bool(_CONTACT.search(clause))
        hangs_on = joint == "that" or (joint == "and" and not is_ours)
        says_no = bool(_DENIED.search(clause))
        blocked = (
            (blocked and hangs_on)
            or says_no
            or bool(_PAST.search(clause) or _ASKED.search(clause))
            or (not is_ours and bool(_THEIRS.search(clause)))
        )
        if not blocked:
            yield clause


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """Each clause with what joins it to the one before: "and", "that", or "" when it stands alone."""
    parts = ["", *_JOINT.split(text)]
    for joint, whole in zip(parts[::2], parts[1::2], strict=True):
        how = "that" if joint in ("dat", "that", "whether", "if", "of") else "and" if joint in ("en", "and") else ""
        head, *rest = _SUBJECT.split(whole)
        pieces: Sequence[str] = [head + "".join(rest[:1]), *rest[1:]] if rest else [head]
        for piece in pieces:
            yield how, piece
            how = "that" if _LEFT_OPEN.search(piece) else ""


# --- moments ---------------------------------------------------------------------------------------------------------

_DAYS = (
    ("maandag", "monday"), ("dinsdag", "tuesday"), ("woensdag", "wednesday"), ("donderdag", "thursday"),
    ("vrijdag", "friday"), ("zaterdag", "saturday"), ("zondag", "sunday"),
)  # fmt: skip
_WEEKDAY = re.compile(r"\b(" + "|".join(name for names in _DAYS for name in names) + r")\w{0,7}\b")
_TODAY = re.compile(r"\b(?:vandaag|vanmiddag|vanavond|today|tonight|this (?:afternoon|evening))\b")
_TOMORROW = re.compile(r"\b(?:(over)?morgen(?:ochtend|middag|avond|vroeg)?|(day after )?tomorrow)\b")
_PARTS = (
    (re.compile(r"\b(?:vannacht|nachts?|tonight|night)\b"), (*range(8), *range(18, 24))),
    (re.compile(r"ochtend|\b(?:morning|morgenvroeg)\b"), range(12)),
    (re.compile(r"middag|\bafternoon\b"), range(12, 18)),
    (re.compile(r"avond|\bevening\b"), (*range(17, 24), 0)),
    (re.compile(r"\bp\.?m\b"), range(12, 24)),
    (re.compile(r"\ba\.?m\b"), range(12)),
)
_STILL_NIGHT = 5
"""Until this hour "tomorrow" is the day that begins when the night is over."""


class _When(NamedTuple):
    """What a clause says of when its times of day are: the days, the hours (all without any), and how far ahead at most."""

    days: Sequence[date]
    hours: Sequence[Container[int]]
    far: timedelta


def _when(clause: str, said_at: datetime) -> _When:
    days = _named_days(clause, said_at)
    far = _LONGEST if days else _DONE_FAR if _DONE.search(clause) else _DAY if _TODAY.search(clause) else _FAR
    today = said_at.date()
    return _When(
        days=days or (today, today + _DAY), hours=[hours for part, hours in _PARTS if part.search(clause)], far=far
    )


def _next(time: TimeOfDay, when: _When, said_at: datetime, zone: tzinfo | None) -> datetime | None:
    """The first moment after `said_at` at which clocks show that time."""
    either = [time.hour % 12, time.hour % 12 + 12] if time.is_either else [time.hour]
    hours = [hour for hour in either if all(hour in hours for hours in when.hours)] or either
    ahead = [
        at
        for day in when.days
        for hour in hours
        for at in _moments(datetime(day.year, day.month, day.day, hour, time.minute), UTC if time.is_utc else zone)  # noqa: DTZ001 (its zone comes next)
        if said_at < at <= said_at + when.far
    ]
    return min(ahead, default=None)


def _named_days(clause: str, said_at: datetime) -> Sequence[date]:
    """The days that the clause names, by the clock of whoever said it; none when it names none."""
    today = said_at.date()
    if found := _WEEKDAY.search(clause):
        weekday = next(i for i, names in enumerate(_DAYS) if found[1] in names)
        first = today + timedelta(days=(weekday - today.weekday()) % 7)
        return (first, first + timedelta(days=7))
    if found := _TOMORROW.search(clause):
        after = 2 if found[1] or found[2] else 1
        first = today + timedelta(days=after - (said_at.hour < _STILL_NIGHT))
        return (first, first + timedelta(days=1))
    return ()


def _moments(shown: datetime, zone: tzinfo | None) -> Iterator[datetime]:
    """When the clocks of `zone` show `shown` (naive): twice where they go back; where they skip it, the moment they do."""
    for fold in (1, 0):
        local = shown.replace(fold=fold)
        at = (local.astimezone() if zone is None else local.replace(tzinfo=zone)).astimezone(UTC)
        while fold and at.astimezone(zone).replace(tzinfo=None) < shown:
            at += timedelta(minutes=1)
        if fold or at.astimezone(zone).replace(tzinfo=None) == shown:
            yield at
