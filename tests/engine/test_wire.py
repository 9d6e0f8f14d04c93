"""One request out, one answer in: what a fault on the way becomes, and where nothing is ever sent (faults.md 7)."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from oncall_tui.errors import ConfigError, Unavailable, Unreadable
from oncall_tui.kit import Request, get, send
from tests.engine.fakes import NIGHT, FakeClock
from tests.engine.faulty import (
    CANARY,
    Faulty,
    asks,
    drips,
    failure,
    hangs_up,
    line_to,
    raw,
    read,
    resets,
    says,
    serving,
    silent,
    write,
)

JSON = "Content-Type: application/json"


# --- what goes well --------------------------------------------------------------------------------------------------


async def test_a_request_goes_below_the_base_url_with_credentials_query_and_a_user_agent():
    async with serving(says(200, "{}")) as server, line_to(server, config={"url": server.url + "/redmine/"}) as line:
        await line.play(asks(get("/issues.json", status_id=["open", "a b&c"], limit=100)))
    head = server.asked[0].head
    assert head.startswith("GET /redmine/issues.json?status_id=open&status_id=a%20b%26c&limit=100 HTTP/1.1\r\n")
    assert f"authorization: Bearer {CANARY}\r\n" in head
    assert "user-agent: oncall-tui/" in head
    assert "accept-encoding: gzip\r\n" in head


async def test_json_forms_and_raw_bodies_arrive_as_they_were_meant():
    requests = (
        send("POST", "/a", {"text": "é"}),
        Request(method="POST", path="/b", form=(("x", "1 2"),), writes=True),
        Request(method="POST", path="/c", body=b"\x00raw", headers={"Content-Type": "text/x"}, writes=True),
    )
    async with serving(says(201)) as server, line_to(server) as line:
        assert await line.play(asks(*requests)) == [201, 201, 201]
    assert [asked.body for asked in server.asked] == ['{"text":"é"}'.encode(), b"x=1+2", b"\x00raw"]
    types = [asked.head.lower().partition("content-type: ")[2].partition("\r\n")[0] for asked in server.asked]
    assert types == ["application/json", "application/x-www-form-urlencoded", "text/x"]


async def test_an_absolute_link_of_the_same_origin_is_followed_with_credentials():
    async with serving(says(200, "{}")) as server, line_to(server, config={"url": server.url + "/api"}) as line:
        await line.play(asks(get(server.url + "/other/next?page=2")))
    assert server.asked[0].target == "/other/next?page=2"
    assert CANARY in server.asked[0].head


async def test_no_cookie_comes_back():
    async with serving(says(200, "{}", "Set-Cookie: session=1; Path=/")) as server, line_to(server) as line:
        await line.play(read())
        await line.play(read())
    assert "cookie" not in server.asked[1].head.lower()


async def test_a_unix_socket_is_spoken_to(tmp_path):
    import asyncio

    faulty = Faulty([says(200, "[]")])
    server = await asyncio.start_unix_server(faulty._serve, tmp_path / "s")
    async with line_to(faulty, config={"url": "http://localhost", "socket": str(tmp_path / "s")}) as line:
        assert await line.play(read()) == []
    server.close()


async def test_the_environments_proxy_and_netrc_get_nothing(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "rubbish://")
    async with serving(says(200, "[]")) as server, line_to(server) as line:
        assert await line.play(read()) == []


async def test_a_proxy_that_was_configured_gets_the_request():
    async with (
        serving(says(200, "[]")) as server,
        line_to(server, config={"url": "http://source.invalid", "proxy": server.url}) as line,
    ):
        assert await line.play(read()) == []
    assert server.asked[0].line == "GET http://source.invalid/list HTTP/1.1"


# --- A1 to A5: bodies ------------------------------------------------------------------------------------------------

WHOLE = gzip.compress(b'[{"id": 1}, {"id": 2}]' * 50)


@pytest.mark.parametrize("cut", [1, 8, 12, len(WHOLE) // 2, len(WHOLE) - 5])
async def test_a1_gzip_that_was_cut_is_never_a_whole_answer(cut):
    error = await failure(says(200, WHOLE[:-cut], JSON, "Content-Encoding: gzip"))
    assert isinstance(error, Unavailable)
    assert "broke its answer off" in error.words


async def test_a1_a_cut_chunk_and_a_body_shorter_than_announced_are_unavailable():
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n[{"id": 1}, {"id"'
    assert isinstance(await failure(raw(chunked)), Unavailable)
    assert isinstance(await failure(says(200, "[1]", length=50)), Unavailable)


async def test_a1_a_body_longer_than_announced_is_unreadable():
    assert isinstance(await failure(says(200, '[{"id": 1}]', length=5)), Unreadable)


async def test_gzip_is_unpacked_in_several_members_too():
    body = gzip.compress(b"[1,") + gzip.compress(b"2]")
    async with serving(says(200, body, "Content-Encoding: gzip")) as server, line_to(server) as line:
        assert await line.play(read()) == [1, 2]


async def test_damaged_gzip_and_an_encoding_that_nobody_asked_for_are_unreadable():
    assert "damaged" in (await failure(says(200, b"no gzip", "Content-Encoding: gzip"))).words
    assert "did not ask for" in (await failure(says(200, b"x", "Content-Encoding: br"))).words


@pytest.mark.parametrize("body", [b"", b"null", b'"a"', b"[" * 100_000, b"{", b'{"a": NaN}', b"\xff\xfe{\x00}\x00"])
async def test_a2_a3_what_is_not_the_shape_asked_for_is_unreadable(body):
    def wants_a_list(source):
        response = yield get("/list")
        return response.read(list)

    assert isinstance(await failure(says(200, body, JSON), make=wants_a_list), Unreadable)


@pytest.mark.parametrize("charset", ["rot13", "utf-16", "no-such", '"; x'])
async def test_a3_a_wrong_charset_label_changes_nothing(charset):
    async with (
        serving(says(200, '"é"', f"Content-Type: application/json; charset={charset}")) as server,
        line_to(server) as line,
    ):
        assert await line.play(read()) == "é"


async def test_a4_a_gzip_bomb_is_left_at_the_limit():
    bomb = gzip.compress(bytes(200 << 20), 9)
    tracemalloc.start()
    error = await failure(says(200, bomb, "Content-Encoding: gzip"), most_bytes=5 << 20, limit_s=30)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(error, Unreadable)
    assert "more than 5 MiB" in error.words
    assert peak < 60 << 20


async def test_a4_a_large_plain_body_is_left_at_the_limit():
    error = await failure(says(200, b" " * (6 << 20)), most_bytes=5 << 20)
    assert "more than 5 MiB" in error.words


async def test_a5_a_slow_drip_is_cut_at_the_total_limit_in_head_and_body():
    for words in (b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"):
        error = await failure(drips(words), limit_s=0.5)
        assert isinstance(error, Unavailable)
        assert "no whole answer within" in error.words


async def test_a6_a_source_that_never_answers_is_cut_at_the_limit():
    error = await failure(silent, limit_s=0.3)
    assert isinstance(error, Unavailable)


async def test_a6_a_host_that_lets_nobody_in_was_not_sent_to():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as waiting:
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        async with line_to(Faulty([], port=full.getsockname()[1]), limit_s=0.6) as line:
            with pytest.raises(Unavailable, match="does not answer at all") as caught:
                await line.play(write())
    assert not caught.value.maybe_sent


async def test_a6_a_name_that_is_never_found_does_not_hold_us_beyond_the_limit(monkeypatch):
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found.wait(20) and [])
    async with line_to(Faulty([]), config={"url": "http://desk.invalid"}, limit_s=0.6) as line:
        with pytest.raises(Unavailable) as caught:
            await line.play(write())
    found.set()
    assert not caught.value.maybe_sent


# --- S1, S2: was it sent? --------------------------------------------------------------------------------------------


async def test_s1_a_refused_connection_and_an_unknown_name_never_left():
    async with serving(says()) as server:
        url = server.url
    for there, words in ((url, "nothing listens"), ("http://no-such-host.invalid", "is not found")):
        async with line_to(server, config={"url": there}) as line:
            with pytest.raises(Unavailable) as caught:
                await line.play(write())
        assert not caught.value.maybe_sent
        assert words in caught.value.words


@pytest.mark.parametrize(
    "step", [silent, hangs_up, resets, raw(b"HTTP/1.1 20"), raw(b"rubbish\r\n\r\n"), says(502), says(504)]
)
async def test_s2_silence_after_the_request_was_read_may_have_arrived(step):
    error = await failure(step, make=write(), limit_s=0.3)
    assert isinstance(error, Unavailable)
    assert error.maybe_sent


# --- A9, A10: origin -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "http://evil.invalid/next",
        "//evil.invalid/next",
        "https://127.0.0.1:{port}/next",
        "http://127.0.0.1:1/next",
        "http://127.0.0.1:{port}@evil.invalid/next",
        "http://user:pw@127.0.0.1:{port}/next",
        "http://127.0.0.1:{port}.evil.invalid/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:{port}/next",
        "http://127.0.0.1\\@evil.invalid/",
        "file:///etc/passwd",
        "http://localhost:{port}/next",
        "http://127.0.0.1:notaport/",
        "/../admin",
        "/a/%2e%2e/%2E%2e/admin",
        "/a\\..\\admin",
    ],
)
async def test_a9_a_link_to_another_origin_or_out_of_its_path_is_never_asked(link):
    async with serving(says(200, "{}")) as server, line_to(server) as line:
        with pytest.raises(Unreadable) as caught:
            await line.play(asks(get(link.format(port=server.port))))
    assert server.asked == []
    assert "never asked" in caught.value.words or "not followed" in caught.value.words


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a10_a_redirected_read_is_refused_with_the_reason_and_no_credential_leaves(status):
    async with (
        serving(says(200, "{}")) as other,
        serving(says(status, "", f"Location: {other.url}/x")) as server,
        line_to(server) as line,
    ):
        with pytest.raises(Unreadable) as caught:
            await line.play(read())
    assert other.asked == []
    assert f"redirects us ({status}) to {other.url}" in caught.value.words


# --- A11: clocks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("off_s", "told_s"), [(0, 0), (2, 0), (-2, 0), (3600, 3600), (-3600, -3600)])
async def test_a11_the_sources_clock_is_compared_with_ours(off_s, told_s):
    date = format_datetime(NIGHT + timedelta(seconds=off_s), usegmt=True)
    async with serving(says(200, "{}", f"Date: {date}")) as server, line_to(server, clock=FakeClock()) as line:
        await line.play(read())
        assert line.skew_s == told_s
        assert line.last_at == NIGHT


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT", "Mon, 23 Nov 2026 03:14:00"])
async def test_a11_a_date_that_is_none_is_no_skew(date):
    async with serving(says(200, "{}", f"Date: {date}")) as server, line_to(server, clock=FakeClock()) as line:
        await line.play(read())
        assert line.skew_s == 0


@pytest.mark.parametrize(("told", "skew_s"), [(NIGHT + timedelta(hours=3), 10_800), (None, 0)])
async def test_a11_where_no_answer_has_a_date_a_request_says_how_to_read_the_time(told, skew_s):
    asking = replace(get("/status"), clock=lambda response: told)
    async with serving(says(200, "{}")) as server, line_to(server, clock=FakeClock()) as line:
        await line.play(asks(asking))
        assert line.skew_s == skew_s


async def test_a_response_tells_the_servers_time():
    times = []

    def exchange(source):
        response = yield get("/list")
        times.append(response.at)

    async with serving(says(200, "{}", "Date: Mon, 23 Nov 2026 03:14:00 GMT")) as server, line_to(server) as line:
        await line.play(exchange)
    assert times == [datetime(2026, 11, 23, 3, 14, tzinfo=UTC)]


# --- A8: settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("proxy", ["rubbish", "ftp://x", "http://", "gopher://127.0.0.1"])
async def test_a8_a_proxy_that_is_none_is_an_error_of_the_configuration(proxy):
    error = await failure(says(), config={"proxy": proxy})
    assert isinstance(error, ConfigError)
    assert "proxy" in str(error)


async def test_a_proxy_that_wants_a_login_is_named():
    error = await failure(says(407))
    assert isinstance(error, Unavailable)
    assert "proxy" in error.words
