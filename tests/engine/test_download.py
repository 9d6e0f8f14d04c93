"""A text is fetched whole, without credentials, or refused with its address."""

from __future__ import annotations

import pytest

from oncall_tui.engine.download import download
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from tests.engine.faulty import hangs_up, says, serving


async def test_a_text_is_downloaded_whole_and_without_credentials():
    async with serving(says(200, "[sources.x]\n# \u00e9")) as server:
        assert await download(f"{server.url}/team.toml") == "[sources.x]\n# \u00e9"
    assert server.asked[0].line == "GET /team.toml HTTP/1.1"
    assert "uthorization" not in server.asked[0].head


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (says(302, "", "Location: http://elsewhere.example/x"), Unreadable, "redirects us (302) to http://elsewhere"),
        (says(200, b"\xff\xfe"), Unreadable, "it is not UTF-8"),
        (says(200, "<!doctype html><title>Sign in</title>"), Unreadable, 'a web page "Sign in"'),
        (says(200, "x" * (1 << 20) + "x"), Unreadable, "more than 1 MiB"),
        (says(404), Rejected, "has nothing at"),
        (hangs_up, Unavailable, "broke the connection off"),
    ],
)
async def test_what_is_not_a_text_there_is_refused_with_its_address(answer, kind, words):
    async with serving(answer) as server:
        with pytest.raises(kind) as caught:
            await download(f"{server.url}/team.toml")
    assert caught.value.words.startswith(f"{server.url}/team.toml: ")
    assert words in caught.value.words
    assert len(server.asked) == 1
