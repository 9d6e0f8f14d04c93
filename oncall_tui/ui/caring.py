"""`care` as the screen's advice: looked up when words are first typed, for most nights begin with reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui import phrases, words
from oncall_tui.config import located
from oncall_tui.errors import ConfigError
from oncall_tui.model import Hurt, Impact, Problem, Settings
from oncall_tui.ui.advice import Advice, Heard

if TYPE_CHECKING:
    from oncall_tui.care.phrasebook import Phrasebook


def caring(settings: Settings, care_toml: Path, now: Callable[[], datetime], *, greets: bool = True) -> Advice:
    """Advice by our phrases and those of the engineer's own `care_toml`, if there is one; `greets`: with first words.

    Raises `ConfigError` at once when that file cannot be used.
    """
    book = cache(lambda: _book(care_toml))
    if care_toml.exists():
        book()

    @lru_cache(maxsize=1)
    def heard(text: str, spoken: str) -> Sequence[Heard]:
        """Each repaint asks twice, for what is underlined and for what stands below; so does each tick of the clock."""
        from oncall_tui.care.hear import hear  # noqa: PLC0415 (the phrases are loaded for the first reply)

        found = hear(text, spoken, book())
        return [Heard(hint.start, hint.end, _words(hint.phrase, hint.they_hear, hint.say_instead)) for hint in found]

    def hints(text: str, readers: Sequence[Hurt]) -> Sequence[Heard]:
        return heard(text, _shared(readers))

    def promised(text: str, said_at: datetime) -> datetime | None:
        from oncall_tui.care import promises  # noqa: PLC0415

        return promises.promised(text, said_at)

    def first_words(problem: Problem, readers: Sequence[Hurt]) -> str:
        from oncall_tui.care import first_words as first  # noqa: PLC0415

        hurt = readers[0] if len(readers) == 1 else Hurt(name="")
        return first.first_words(
            _shared(readers),
            customer=hurt.name,
            contact=hurt.contact,
            core_process=_their_process(hurt),
            me=settings.me.name,
            promise=_due(problem, settings, now()),
            each=_differing(readers) if len(readers) > 1 else (),
        )

    def proposed(problem: Problem, readers: Sequence[Hurt]) -> str:
        from oncall_tui.care import first_words as first  # noqa: PLC0415

        due = _due(problem, settings, now())
        return first.promise_words(_shared(readers), due) if due else ""

    def templates(problem: Problem, readers: Sequence[Hurt]) -> Sequence[str]:
        from oncall_tui.care import templates  # noqa: PLC0415

        due = _due(problem, settings, now())
        ours = {"me": settings.me.name.partition(" ")[0], "eta": words.clock(due) if due else ""}
        begun = [templates.fill(text.strip(), ours) for text in templates.offered(_shared(readers)).values()]
        return [filled(text, readers[0]) for text in begun] if len(readers) == 1 else begun

    def notes(problem: Problem) -> Sequence[str]:
        from oncall_tui.care import templates  # noqa: PLC0415

        first = problem.customers[0] if problem.customers else Hurt(name="")
        about = {"customer": phrases.everybody(problem), "core_process": first.core_process or problem.title}
        texts = templates.offered_notes(os.environ.get("LC_ALL") or os.environ.get("LANG") or "").values()
        return [templates.fill(text.strip(), about) for text in texts]

    def told_by(text: str) -> str:
        from oncall_tui.care import language  # noqa: PLC0415

        return language.told_by(text)

    def unfilled(text: str) -> Sequence[str]:
        from oncall_tui.care import templates  # noqa: PLC0415

        return templates.unfilled(text)

    def filled(text: str, reader: Hurt) -> str:
        from oncall_tui.care import templates  # noqa: PLC0415

        named = {"customer": reader.name, "core_process": _their_process(reader)}
        return templates.fill(text, named | {"first_name": templates.first_name(reader.contact)})

    def strangers(told: Sequence[tuple[Hurt, str]], problem: Problem, elsewhere: Sequence[Problem]) -> Sequence[str]:
        from oncall_tui.care import strangers  # noqa: PLC0415

        return strangers.strangers(told, problem, elsewhere, settings)

    return Advice(
        hints=hints,
        promised=promised,
        proposed=proposed,
        templates=templates,
        notes=notes,
        language=language,
        told_by=told_by,
        filled=filled,
        unfilled=unfilled,
        strangers=strangers,
        **({"first_words": first_words} if greets else {}),
    )


def _due(problem: Problem, settings: Settings, now: datetime) -> datetime | None:
    due_s = promise_s(problem, settings)
    return now + timedelta(seconds=due_s) if due_s else None


def promise_s(problem: Problem, settings: Settings) -> float | None:
    """After how long a word is due when nothing else was said: sooner for a fire, never for what is slight."""
    if problem.on_fire:
        return settings.weights.promise_fire_s
    return settings.weights.promise_degraded_s if problem.impact >= Impact.DEGRADED else None


def _differing(readers: Sequence[Hurt]) -> Sequence[str]:
    """What is known of every one of them, to be filled in for each."""
    from oncall_tui.care.templates import first_name  # noqa: PLC0415

    named = all(first_name(hurt.contact) for hurt in readers)
    at_stake = all(_their_process(hurt).strip() for hurt in readers)
    return ("customer", *(["first_name"] if named else []), *(["core_process"] if at_stake else []))


def language(hurt: Hurt) -> str:
    """What they speak (``nl``, ``en``): as configured, else as they wrote; "" when neither tells it."""
    from oncall_tui.care.language import told_by  # noqa: PLC0415

    return hurt.language[:2].lower() or told_by(hurt.last_words)


def _their_process(hurt: Hurt) -> str:
    """What they earn their bread with, in the language that our words to them are in; "" when it is not known in that one."""
    from oncall_tui.care.language import told_by  # noqa: PLC0415

    spoken = language(hurt)
    ours = "nl" if spoken == "nl" else "en"
    if hurt.core_process_theirs and spoken == ours:
        return hurt.core_process_theirs
    is_ours = (told_by(hurt.core_process) or "en") == ours
    return hurt.core_process if is_ours else ""


def _shared(readers: Sequence[Hurt]) -> str:
    """The language that all of them speak; "" when there is no such."""
    spoken = {language(hurt) for hurt in readers}
    return spoken.pop() if len(spoken) == 1 else ""


def _words(phrase: str, they_hear: str, say_instead: str) -> str:
    kinder = f" · kinder: “{say_instead}”" if say_instead else ""
    return f"“{phrase}”: they hear “{they_hear}”{kinder}"


def _book(care_toml: Path) -> Phrasebook:
    """Our phrases with those of that file, if there is one. Raises `ConfigError`, which names file, line and key."""
    from oncall_tui.care.phrasebook import load  # noqa: PLC0415
    from oncall_tui.config.toml import parse  # noqa: PLC0415

    try:
        theirs = parse(care_toml).values
    except FileNotFoundError:
        theirs = {}
    try:
        return load(theirs)
    except ConfigError as fault:
        raise located(fault, care_toml) from None
