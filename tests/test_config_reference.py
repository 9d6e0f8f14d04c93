"""The reference, the schema and the shown configuration tell the truth about what the reader takes."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from oncall_tui import config, connectors
from oncall_tui.care.hear import hear
from oncall_tui.care.phrasebook import KINDS, LANGUAGES, load
from oncall_tui.config import keys, reference, shown
from oncall_tui.config.care import CARE
from oncall_tui.config.keys import Key
from oncall_tui.errors import ConfigError
from tests.test_config import LEAST, WHOLE
from tests.test_config_sites import CARE as WRONG_CARE

CONNECTORS = [connectors.find(kind) for kind in ("alertmanager", "redmine")]
SCREEN = {"take": "take the problem"}
SCHEMA = reference.schema(CONNECTORS, SCREEN)


def example(keys_: tuple[Key, ...], *without: str) -> str:
    return "".join(f"{key.name} = {key.example}\n" for key in keys_ if key.name not in without)


def every_example(folder: Path) -> str:
    """One file that uses each key's own example, files beside it included."""
    for name in ("ca.pem", "me.pem", "me.key", "team.toml"):
        (folder / name).write_text("")
    return "\n".join(
        [
            example(keys.section("").keys),
            "[me]\n" + example(keys.section("me").keys),
            "[sources.a]\n" + example(keys.section("sources.NAME").keys, "password"),
            "[sources.a.auth]\n" + example(keys.section("sources.NAME.auth").keys),
            "[sources.b]\n" + example(keys.section("sources.NAME").keys, "token"),
            *(
                f'[sources.s{n}]\nkind = "redmine"\nurl = "https://x"\ntoken = {{ {key.name} = {key.example} }}\n'
                for n, key in enumerate(keys.SECRET.keys)
            ),
            "[customers.C]\n" + example(keys.section("customers.NAME").keys, "match", "moments"),
            "[customers.C.match]\n" + example(keys.MATCH.keys),
            "[[customers.C.moments]]\n" + example(keys.MOMENT.keys),
            "[customers.D]\n" + example(keys.section("customers.NAME").keys),
            "[services.S]\n" + example(keys.section("services.NAME").keys),
            "[urgency]\n" + example(keys.section("urgency").keys),
            "[outbox]\n" + example(keys.section("outbox").keys),
            "[ui]\n" + example(keys.section("ui").keys),
            "[notify]\n" + example(keys.section("notify").keys),
            "[team]\n" + example(keys.section("team").keys),
        ]
    )


def test_every_example_of_the_reference_is_taken_by_the_reader_and_by_the_schema(tmp_path: Path) -> None:
    text = every_example(tmp_path)
    path = tmp_path / "config.toml"
    path.write_text(text)
    loaded = config.load(path)
    assert len(loaded.sources) == 2 + len(keys.SECRET.keys)
    assert loaded.settings.weights == loaded.settings.weights.__class__()
    jsonschema.validate(tomllib.loads(text), SCHEMA)


def test_every_key_that_is_said_is_shown(tmp_path: Path) -> None:
    """As the reader took it; of a secret only where it is kept."""
    path = tmp_path / "config.toml"
    path.write_text(every_example(tmp_path) + '[keys]\ntake = "t"\n')
    told = {line.partition(" = ")[0] for line in shown.lines(config.load(path))}
    for section in keys.SECTIONS:
        if section in (keys.SECRET, keys.MATCH, keys.MOMENT) or section.path == "team":
            continue
        at = {"": "", "sources.NAME": "sources.a.", "customers.NAME": "customers.C.", "services.NAME": "services.S."}
        start = at.get(section.path, f"{section.path.replace('NAME', 'a')}.")
        for key in section.keys:
            name = f"{start}{'token' if key.name == 'password' else key.name}"
            assert any(one == name or one.startswith((f"{name}.", f"{name}[")) for one in told), name
    assert {"keys.take", "team.file"} <= told


def test_the_schema_knows_every_section() -> None:
    assert set(SCHEMA["properties"]) == {*keys.tables(), *keys.names("")}


def test_what_is_said_to_be_the_default_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(LEAST)
    told = dict(line.split(" = ", 1) for line in shown.lines(config.load(path)))
    for section, at in (
        ("ui", "ui"),
        ("notify", "notify"),
        ("outbox", "outbox"),
        ("urgency", "urgency"),
        ("sources.NAME", "sources.am"),
    ):
        for key in keys.section(section).keys:
            if key.default:
                assert told[f"{at}.{key.name}"].strip('"') == key.default


def test_the_reference_names_every_key_of_the_file_of_each_kind_and_of_the_screen() -> None:
    text = reference.markdown(CONNECTORS, SCREEN)
    for section in keys.SECTIONS:
        for key in section.keys:
            assert f"| `{key.name}` | " in text
    for connector in CONNECTORS:
        for option in connector.options:
            assert f"| `{option.name}` | {option.help}" in text
    assert "| `take` | take the problem |" in text


def test_the_schema_is_one_and_takes_what_the_reader_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for text in (LEAST, WHOLE):
        jsonschema.validate(tomllib.loads(text), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        LEAST + "evry = '5s'\n",
        LEAST + 'token = "abc"\n',
        LEAST + 'token = { env = "A", file = "b" }\n',
        LEAST + "[outbox]\nundo = 5\n",
        LEAST + "[keys]\ntke = 'x'\n",
        LEAST + "[ui]\ntheme = 'grey'\n",
        LEAST + "[notify]\nhow = ['horn']\n",
        "[sources]\n",
        LEAST.replace('"alertmanager"', '"alertmanger"'),
    ],
)
def test_what_the_reader_refuses_an_editor_marks(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), SCHEMA)
    if "tke" not in text:  # the screen's own keys are checked by the screen
        with pytest.raises(ConfigError):
            config.load(path)


def test_what_is_shown_tells_where_a_secret_is_kept_and_never_its_arguments(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(LEAST + 'token = { command = ["pass", "show", "CANARY"] }\n')
    lines: list[Any] = shown.lines(config.load(path))
    assert "sources.am.token = <command pass>" in lines
    assert "CANARY" not in "".join(lines)


def test_each_key_of_care_toml_is_told_and_its_example_is_heard() -> None:
    top, language, kind = (example(one.keys) for one in CARE)
    theirs = tomllib.loads(f"{top}[en]\n{language}[en.delay]\n{kind}")
    book = load(theirs)
    assert [(hint.phrase, hint.they_hear) for hint in hear("a phrase of yours", "en", book)] == [
        ("a phrase of yours", "Get in line.")
    ]
    assert hear("It is difficult.", "en", book)
    assert not hear("It is not difficult; see the ticket.", "en", book)
    made = reference.markdown(CONNECTORS, SCREEN)
    assert "#### At the top of `care.toml`" in made
    assert all(kind in made for kind in KINDS)


CARE_SCHEMA = reference.care_schema()
CARED = """
silence = ["ticket", "jargon"]
[nl]
fine = ["niet moeilijk|lastig"]
[nl.delay]
"uit+stel|stelt+gesteld" = ["Niet nu.", ""]
"wacht ... nog? even*" = ["Niet nu.", "Ik ben bezig."]
[fy.doubt]
"miskien" = ["Hy wit it net.", "Ik sykje it út."]
"""


def test_the_schema_of_care_toml_takes_what_its_reader_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(CARE_SCHEMA)
    for text in ("", CARED):
        load(tomllib.loads(text))
        jsonschema.validate(tomllib.loads(text), CARE_SCHEMA)
    top, language, kind = (example(one.keys) for one in CARE)
    jsonschema.validate(tomllib.loads(f"{top}[en]\n{language}[en.delay]\n{kind}"), CARE_SCHEMA)


def test_all_of_our_own_phrases_are_what_the_schema_of_care_toml_takes() -> None:
    for language in LANGUAGES:
        ours = tomllib.loads((resources.files("oncall_tui.care.phrases") / f"{language}.toml").read_text("utf-8"))
        jsonschema.validate({language: ours}, CARE_SCHEMA)


@pytest.mark.parametrize("name", sorted(WRONG_CARE.keys() - {"no TOML", "too deep", "no UTF-8", "two verbs"}))
def test_what_the_reader_of_care_toml_refuses_an_editor_marks(name: str) -> None:
    text = WRONG_CARE[name][0]
    assert isinstance(text, str)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), CARE_SCHEMA)
