"""Whatever stands in the file: a `Config` or one `ConfigError` with its place, never another failure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_tui import config
from oncall_tui.config import Config
from oncall_tui.errors import ConfigError

KEYS = re.findall(
    r"\w+",
    "me sources customers services urgency keys outbox alarm_words bots name email aliases kind url every token password "
    "env command file ca_file client_cert client_key proxy verify socket match organisations domains labels hosts "
    "core_process core_process_theirs process depends_on alternative language phone moments at what zone days down in_hand deadline_s undo keep",
)
WORDS = (
    "alertmanager", "redmine", "https://x", "http://[", "core", "none", "15s", "04:30", "UTC", "../x", "/", "mon", "nl", "",
    "\x1b[2J", "a:b@c", "1e9d",
)  # fmt: skip
SINGLE = (
    st.sampled_from(WORDS) | st.text(max_size=6) | st.integers() | st.floats() | st.booleans() | st.times() | st.dates()
)
VALUES = st.recursive(
    SINGLE,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)
SOUND: dict[str, Any] = {
    "me": {"name": "Sanne"},
    "sources": {"am": {"kind": "alertmanager", "url": "http://127.0.0.1:9093"}},
    "customers": {"Smit": {"match": {"labels": {"a": "b"}}, "moments": [{"at": "04:30", "what": "x", "zone": "UTC"}]}},
    "services": {"orders": {"match": {}}},
    "urgency": {"voice": 3},
    "outbox": {"undo": "5s"},
}


def outcome(path: Path, text: str | bytes) -> Config | ConfigError:
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    try:
        return config.load(path)
    except ConfigError as error:
        return error


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config") / "config.toml"


def spoil(value: Any, steps: list[int], wrong: Any) -> Any:
    """`value` with what is found after so many turns replaced by `wrong`."""
    if not steps or not isinstance(value, dict | list) or not value:
        return wrong
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[steps[0] % len(keys)]
    copy = value.copy()
    copy[key] = spoil(value[key], steps[1:], wrong)
    return copy


@settings(deadline=None, max_examples=300)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), VALUES)
def test_one_wrong_value_anywhere_is_told_with_its_line(path: Path, steps: list[int], wrong: Any) -> None:
    spoilt = spoil(SOUND, steps, wrong)
    found = outcome(path, tomli_w.dumps(spoilt))
    if isinstance(found, ConfigError):
        assert str(found).startswith(str(path))
        assert found.key or "is missing" in found.words
        assert found.line or "missing" in found.words
        assert re.fullmatch(r"[^\x00-\x1f\x7f-\x9f]+", found.words)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_any_document_is_a_configuration_or_a_fault(path: Path, document: dict[str, Any]) -> None:
    assert isinstance(outcome(path, tomli_w.dumps(document)), Config | ConfigError)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60) | st.text(alphabet="[]{}=\"\n.,#'\\ab1", max_size=40))
def test_any_bytes_are_a_configuration_or_a_fault(path: Path, text: str | bytes) -> None:
    assert isinstance(outcome(path, text), Config | ConfigError)
