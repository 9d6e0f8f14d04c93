"""Every key that care.toml may hold, for the reference and the schema; `care.phrasebook` reads it, `config check` checks it."""

from __future__ import annotations

from oncall_tui.care.phrasebook import GAP, KINDS
from oncall_tui.config.keys import Key, Section, Shape

CARE = (
    Section(
        path="",
        help=(
            "Beside config.toml, if you like: what else frightens your customers, and what does not. In a phrase `a|b` "
            f"is either word, `word*` one with any ending, `word?` may be missing, `...` stands for up to {GAP} words, "
            "`uit+stel|stelt+gesteld` is a verb of two parts. `oncall-tui config schema care` prints its JSON Schema."
        ),
        keys=(
            Key(
                name="silence",
                help="phrases of ours, as they are shown, and whole kinds that are heard no more",
                shape=Shape.TEXTS,
                example='["ticket", "jargon"]',
            ),
        ),
    ),
    Section(
        path="LANGUAGE",
        help="A language is as a customer's `language`: ours are `nl` and `en`, and another can be added.",
        keys=(
            Key(
                name="fine",
                help="what frightens nobody, whatever words are in it",
                shape=Shape.TEXTS,
                example='["not difficult|hard"]',
            ),
        ),
    ),
    Section(
        path="LANGUAGE.KIND",
        help=f"A kind is one of {', '.join(f'`{kind}`' for kind in KINDS)}.",
        keys=(
            Key(
                name='"a phrase of yours"',
                help="what they hear, and a kinder and equally true way to say it",
                shape=Shape.PAIR,
                example='["Get in line.", "I am on it now."]',
            ),
        ),
    ),
)
