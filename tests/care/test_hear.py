"""What frightens is heard, what only looks like it is not, and the kinder way frightens nobody."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.care.hear import hear
from oncall_tui.care.phrasebook import KINDS, LANGUAGES, Phrase, Step, load

BOOK = load()
EVERY = [(language, phrase) for language in LANGUAGES for phrase in BOOK.languages[language].phrases if phrase.kind]


def heard(text: str, language: str = "") -> list[tuple[str, str]]:
    return [(hint.phrase, hint.kind) for hint in hear(text, language)]


@pytest.mark.parametrize(
    ("text", "phrase", "kind"),
    [
        ("Ik kan het niet oplossen.", "kan het niet oplossen", "refusal"),
        ("Dat kunnen wij vannacht niet voor u repareren", "kunnen wij vannacht niet voor u repareren", "refusal"),
        ("Morgen bent u als eerste aan de beurt.", "Morgen bent u als eerste", "tomorrow"),
        ("Hm, daar kijk ik naar.", "Hm", "doubt"),
        ("Er is vertraging in de keten", "vertraging", "delay"),
        ("De verwerking is vertraagd", "vertraagd", "delay"),
        ("Wat zijn de kosten? Eerst een offerte.", "kosten", "money"),
        ("We hebben een overrun", "overrun", "jargon"),
        ("Dat had u eerder moeten melden", "eerder moeten melden", "blame"),
        ("Ik laat u in de steek", "in de steek", "refusal"),
        ("We weten nog niet wat er is", "weten nog niet wat", "doubt"),
        ("We can't fix this", "can't fix", "refusal"),
        ("We can’t fix this", "can’t fix", "refusal"),
        ("Tomorrow you are first", "Tomorrow you are first", "tomorrow"),
        ("It is delayed, sorry", "delayed", "delay"),
        ("I'm not sure yet", "not sure", "doubt"),
        ("You should have called", "You should have", "blame"),
        ("What about the fee?", "fee", "money"),
        ("We are escalating it", "escalating", "jargon"),
    ],
)
def test_what_frightens_is_heard_with_its_kind(text: str, phrase: str, kind: str) -> None:
    assert heard(text)[0] == (phrase, kind)


@pytest.mark.parametrize(
    "text",
    [
        "We laten u niet in de steek.",
        "Wij laten u zeker vannacht nooit in de steek",
        "In de steek laten we u niet.",
        "Er is geen vertraging.",
        "Zonder uitstel begin ik.",
        "Goede morgen Ron, ik ben er.",
        "Ik doe het, kost wat het kost.",
        "Dit kost u niets.",
        "We won't leave you alone.",
        "There is no delay.",
        "Good morning, I am here.",
        "It runs without delay again.",
        "I call you as soon as it works.",
        "Your customers can pay again.",
        "Ik weet dat alles bij u stilligt.",
        "Alles ligt bij u plat, dat zie ik.",
        "De bestellingen lopen weer.",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert heard(text) == []


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Er is geen uitval, wel vertraging", ["vertraging"]),
        ("Er is geen vertraging maar het duurt langer", ["duurt langer"]),
        ("Not only a delay", ["delay"]),
        ("Niet alleen vertraging", ["vertraging"]),
        ("No, it is a delay", ["delay"]),
    ],
)
def test_a_negation_ends_with_its_clause_and_not_only_is_none(text: str, phrases: list[str]) -> None:
    assert [phrase for phrase, _ in heard(text)] == phrases


def test_words_are_heard_whole_only() -> None:
    assert heard("De hoofdtickets, een snelheidsticketing en de omkosten") == []
    assert heard("The delicatessen, a ratepayer, unhard") == []


def test_a_phrase_does_not_reach_over_the_end_of_a_clause() -> None:
    assert heard("Bel me als het kan. Niet alles oplossen, eerst kijken") == []
    assert heard("Bel me als het kan\n\nNiet alles oplossen") == []
    assert heard("Als het kan\nniet alles oplossen") == [("kan\nniet alles oplossen", "refusal")]


def test_what_they_wrote_themselves_is_left_alone() -> None:
    assert heard("> is er vertraging?\n> pas morgen?\nIk ben er nu.") == []


def test_the_longest_way_of_saying_wins_and_none_lies_inside_another() -> None:
    assert [phrase for phrase, _ in heard("as soon as possible")] == ["as soon as possible"]
    assert [phrase for phrase, _ in heard("Dat duurt nog even lang, morgen de eerste")] == [
        "duurt nog even lang",
        "morgen de eerste",
    ]


@pytest.mark.parametrize(("language", "phrases"), [("nl", []), ("nl-BE", []), ("en", ["soon"]), ("EN_gb", ["soon"])])
def test_the_customer_s_language_decides(language: str, phrases: list[str]) -> None:
    assert [phrase for phrase, _ in heard("soon", language)] == phrases


def test_without_a_language_the_text_tells_it_and_a_word_alone_is_heard_in_both() -> None:
    assert heard("I will call you, and it is a raar thing that you have") == []
    assert heard("raar") == [("raar", "doubt")]
    assert heard("weird") == [("weird", "doubt")]


def test_a_language_without_phrases_is_told_by_the_text_too() -> None:
    assert heard("We can't fix it", "fr") == [("can't fix", "refusal")]


def test_there_are_enough_phrases_of_each_kind_in_both_languages() -> None:
    for language in LANGUAGES:
        phrases = [phrase for code, phrase in EVERY if code == language]
        assert len(phrases) >= 60
        assert {phrase.kind for phrase in phrases} == set(KINDS)
        assert all(sum(1 for phrase in phrases if phrase.kind == kind) >= 5 for kind in KINDS)
        assert all(phrase.they_hear and phrase.say_instead for phrase in phrases)


def example(phrase: Phrase) -> str:
    """The shortest text that the phrase was written for."""

    def word(step: Step) -> str:
        return min(step.words) if step.words else step.stems[0]

    return " ".join(word(step) for step in phrase.steps if not step.is_gap and not step.is_optional)


@pytest.mark.parametrize(("language", "phrase"), EVERY, ids=[f"{code}: {phrase.pattern}" for code, phrase in EVERY])
def test_every_phrase_is_heard_when_it_is_said(language: str, phrase: Phrase) -> None:
    text = example(phrase)
    assert any(hint.start == 0 and hint.end == len(text) for hint in hear(text, language)), text


@pytest.mark.parametrize(("language", "phrase"), EVERY, ids=[f"{code}: {phrase.pattern}" for code, phrase in EVERY])
def test_the_kinder_way_frightens_nobody(language: str, phrase: Phrase) -> None:
    assert heard(phrase.say_instead, language) == []


texts = st.text() | st.lists(
    st.sampled_from(re.findall(r"\S+", "een niet de the not kan 20 . , maar ticket duurt morgen > ..."))
).map(" ".join)


@given(texts, st.sampled_from(["", "nl", "en", "xx"]))
def test_it_never_fails_and_every_hint_lies_within_the_text(text: str, language: str) -> None:
    last = 0
    for hint in hear(text, language):
        assert last <= hint.start < hint.end <= len(text)
        assert text[hint.start : hint.end] == hint.phrase
        last = hint.end


@given(texts)
def test_more_text_in_another_paragraph_changes_nothing_before_it(text: str) -> None:
    assert hear(text, "nl") == [hint for hint in hear(text + "\n\nIk ben er nu.", "nl") if hint.end <= len(text)]
