"""Where each key of a TOML text stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.config.lines import Path, lines

AWKWARD = '''\
# [not.a.table]
top = """
[not.a.table]
"""
"quoted key" = 'a = "b" # no comment'
a.b.'c d' = 1

[[list]]   # comment with ] and "
name = "one"
[list.sub]
x = [1, [2,
  3], { y = "}" }]
[[list]]
name = """ends in a quote""""
[ spaced . "out" ]
z = 1979-05-27T07:32:00Z
'''


def test_an_awkward_text_is_walked_to_its_end() -> None:
    found = lines(AWKWARD)
    assert ("not",) not in found
    expected: dict[Path, int] = {
        ("top",): 2,
        ("quoted key",): 5,
        ("a", "b", "c d"): 6,
        ("list", 0, "name"): 9,
        ("list", 0, "sub", "x", 1, 1): 12,
        ("list", 0, "sub", "x", 2, "y"): 12,
        ("list", 1): 13,
        ("list", 1, "name"): 14,
        ("spaced",): 15,
        ("spaced", "out", "z"): 16,
    }
    assert {path: found.get(path) for path in expected} == expected


NAMES = st.text(max_size=5)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    below = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in below:
        yield (*path, key)
        yield from paths(inner, (*path, key))


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.booleans())
def test_every_key_of_any_document_is_found_on_a_line_of_it(document: dict[str, Any], multiline: bool) -> None:
    text = tomli_w.dumps(document, multiline_strings=multiline).replace("\r", "")
    found = lines(text)
    assert set(paths(tomllib.loads(text))) <= set(found)
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())
