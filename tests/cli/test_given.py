"""What flags and variables say about a source: nested keys, flags of two words, and places of secrets."""

from __future__ import annotations

import pytest

from oncall_tui.cli.given import from_env, options, place
from oncall_tui.cli.target import WrongUse

CANARY = "canary-given-4711"
START = "ONCALL_TUI_SOURCE_"


def env(**said: str) -> dict[str, dict[str, object]]:
    """The sources of an environment with these variables."""
    found = from_env({"ONCALL_TUI_ME": "S", **{f"{START}{name}": value for name, value in said.items()}})
    sources: dict[str, dict[str, object]] = found["sources"]
    return sources


def test_a_place_is_never_the_secret() -> None:
    assert place("command pass show 'desk key'") == {"command": ["pass", "show", "desk key"]}
    assert place("file ~/a b") == {"file": "~/a b"}
    for wrong in (CANARY, "token x", "env", "command 'x"):
        with pytest.raises(WrongUse) as caught:
            place(wrong)
        assert CANARY not in caught.value.words


def test_a_key_may_lead_into_tables() -> None:
    said = (
        "auth.scheme=oauth2",
        "auth.secret=env GATE",
        "list.path=/t",
        "list.query.state=open",
        'list.query."a b"=1=2',
    )
    assert options(said) == {
        "auth": {"scheme": "oauth2", "secret": {"env": "GATE"}},
        "list": {"path": "/t", "query": {"state": "open", "a b": "1=2"}},
    }


@pytest.mark.parametrize("wrong", ["every", "=5s", "a b=1", "a..b=1", "a\nb=1", "[x]=1"])
def test_what_is_no_key_is_refused(wrong: str) -> None:
    with pytest.raises(WrongUse, match="wants KEY=VALUE"):
        options([wrong])


def test_a_table_cannot_be_a_text_as_well() -> None:
    with pytest.raises(WrongUse, match=r"list\.path leads into list, which is said to be no table"):
        options(["list=x", "list.path=/"])


def test_nothing_is_said_twice() -> None:
    with pytest.raises(WrongUse, match="token is said twice"):
        env(AM_KIND="x", AM_TOKEN="t", AM_TOKEN_FILE="/t")


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("TRUE", True), ("false", False), ("False", False)])
def test_a_flag_is_one_of_two_words(said: str, meant: bool) -> None:
    assert options([f"verify={said}"]) == {"verify": meant}
    assert env(AM_KIND="x", AM_VERIFY=said)["am"]["verify"] is meant


@pytest.mark.parametrize("said", ["yes", "1", "on", "no", "0", "off", ""])
def test_another_word_never_leaves_a_certificate_unchecked(said: str) -> None:
    """It stays a text, which the reader of the file refuses."""
    assert options([f"verify={said}"]) == {"verify": said}
    assert env(AM_KIND="x", AM_VERIFY=said)["am"]["verify"] == said


def test_an_environment_that_says_too_little_is_told() -> None:
    with pytest.raises(WrongUse, match="names no source"):
        from_env({"ONCALL_TUI_ME": "S"})
    with pytest.raises(WrongUse, match="set ONCALL_TUI_ME"):
        from_env({f"{START}AM_KIND": "alertmanager"})
    with pytest.raises(WrongUse, match=f"{START}DSK_URL belongs to no source"):
        env(DESK_KIND="redmine", DSK_URL="http://x")


def test_names_may_hold_what_also_stands_in_keys() -> None:
    found = env(MY_AM_KIND="alertmanager", MY_AM_URL="http://a", MY_KIND="http", MY_KIND_OF="alert", MY_AM_CA_FILE="c")
    assert found == {
        "my": {"kind": "http", "kind_of": "alert"},
        "my_am": {"kind": "alertmanager", "url": "http://a", "ca_file": "c"},
    }


@pytest.mark.parametrize(
    ("variable", "value", "key", "kept"),
    [
        ("TOKEN", CANARY, "token", {"env": f"{START}D_TOKEN"}),
        ("PASSWORD", CANARY, "password", {"env": f"{START}D_PASSWORD"}),
        ("TOKEN_FILE", "/run/key", "token", {"file": "/run/key"}),
        ("TOKEN_ENV", "DESK_KEY", "token", {"env": "DESK_KEY"}),
        ("TOKEN_COMMAND", "pass show 'a b'", "token", {"command": ["pass", "show", "a b"]}),
        ("PASSWORD_KEYRING", "desk/sanne", "password", {"keyring": "desk/sanne"}),
        ("TOKEN_CREDENTIAL", "desk", "token", {"credential": "desk"}),
        ("AUTH__SECRET", CANARY, "auth", {"secret": {"env": f"{START}D_AUTH__SECRET"}}),
        ("AUTH__SECRET_FILE", "/run/key", "auth", {"secret": {"file": "/run/key"}}),
    ],
)
def test_a_secret_of_the_environment_is_told_by_its_place(variable: str, value: str, key: str, kept: object) -> None:
    found = env(**{"D_KIND": "x", f"D_{variable}": value})["d"]
    assert found == {"kind": "x", key: kept}
    assert CANARY not in repr(found)


def test_two_underscores_lead_into_a_table() -> None:
    found = env(B_KIND="http", B_LIST__PATH="/t", B_FIELDS__OPENED_AT="created", B_AUTH__SCHEME="bearer")["b"]
    assert found == {
        "kind": "http",
        "list": {"path": "/t"},
        "fields": {"opened_at": "created"},
        "auth": {"scheme": "bearer"},
    }
