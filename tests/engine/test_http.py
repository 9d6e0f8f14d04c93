"""The line to a source: what a fault becomes, where credentials go, and when nobody is asked any more (faults.md 7)."""

from __future__ import annotations

import base64
import contextlib
import gzip
import logging
import socket
import threading
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from oncall_tui.errors import ConfigError, Denied, OncallError, RateLimited, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Request, get, send
from tests.engine.fakes import NIGHT, FakeClock
from tests.engine.faulty import (
    CANARY,
    Faulty,
    asks,
    drips,
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


async def failure(*steps, make=None, **parts) -> OncallError:
    """What playing one exchange against these steps raises."""
    async with serving(*steps) as server, line_to(server, **parts) as line:
        with pytest.raises(OncallError) as caught:
            await line.play(make or read())
        return caught.value


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


async def test_a_session_is_learnt_once_and_used_by_every_request():
    def login(source):
        response = yield send("POST", "/login", {"key": source.secret})
        return response.read(dict)

    async with (
        serving(says(200, '{"token": "sesame-1"}'), says(200, "[]")) as server,
        line_to(server, login=login) as line,
    ):
        await line.play(read())
        await line.play(read())
    assert [asked.target for asked in server.asked] == ["/login", "/list", "/list"]
    assert "Bearer sesame-1" in server.asked[2].head


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


@pytest.mark.parametrize(
    ("slip", "named"),
    [
        (lambda record: record["id"], "KeyError 'id'"),
        (lambda record: record[0], "KeyError 0"),
        (lambda record: record.upper(), "upper"),
        (lambda record: int("x"), "int()"),
        (lambda record: b"x".decode("rot13"), "rot13"),
    ],
)
async def test_a2_a_connector_that_stumbles_over_a_record_says_that_the_api_changed_shape(slip, named):
    def exchange(source):
        response = yield get("/list")
        return slip(response.read(dict))

    error = await failure(says(200, "{}"), make=exchange)
    assert isinstance(error, Unreadable)
    assert "changed shape" in error.words
    assert named in error.words


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


@pytest.mark.parametrize("step", [silent, hangs_up, says(502), says(429), says(401), says(404)])
async def test_a_read_that_fails_after_a_write_of_the_same_exchange_may_have_arrived(step):
    note_and_look = asks(send("POST", "/note", {}), get("/note/1"))
    error = await failure(says(201), step, make=note_and_look, limit_s=0.3)
    assert isinstance(error, Unavailable)
    assert error.maybe_sent


async def test_a_read_that_fails_before_the_write_was_not_sent():
    error = await failure(hangs_up, make=asks(get("/note/1"), send("POST", "/note", {})))
    assert isinstance(error, Unavailable)
    assert not error.maybe_sent


async def test_an_exchange_that_already_wrote_is_not_opened_again_for_new_credentials():
    async with serving(says(201), says(401), says(201)) as server, line_to(server, login=login_sesame) as line:
        server.steps.insert(0, says(200, '{"token": "sesame-1"}'))
        with pytest.raises(Unavailable):
            await line.play(asks(send("POST", "/note", {}), get("/note/1")))
    assert [asked.line.split(" ")[0] for asked in server.asked] == ["POST", "POST", "GET"]


# --- S4 to S11: statuses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_s4_a_redirected_write_is_a_failure_and_nothing_is_followed(status):
    async with (
        serving(says(status, "", "Location: /login?next=secret"), says(200, "{}")) as server,
        line_to(server) as line,
    ):
        with pytest.raises(Unreadable) as caught:
            await line.play(write())
    assert "redirects writes" in caught.value.words
    assert "/login, which looks like a login page" in caught.value.words
    assert "secret" not in caught.value.words
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "body", ["<!doctype html><title>Sign&#32;in &#27;[2J</title>", "<html><TITLE>Hotel WiFi</TITLE>"]
)
async def test_s5_a_web_page_is_no_answer_and_is_named(body):
    for make, words in ((write(), "does not count as sent"), (read(), "where its API should be")):
        error = await failure(says(200, body, "Content-Type: text/html; charset=utf-8"), make=make)
        assert isinstance(error, Unreadable)
        assert words in error.words
        assert "Sign in" in error.words or "Hotel WiFi" in error.words
        assert error.words.isprintable()


async def test_an_empty_answer_typed_as_a_page_counts_and_a_page_that_was_asked_for_is_given():
    async with serving(says(200, "", "Content-Type: text/html")) as server, line_to(server) as line:
        assert await line.play(write()) == 200
    wants = Request(method="GET", path="/cmd.cgi", headers={"Accept": "text/html"})
    async with serving(says(200, "<html>done", "Content-Type: text/html")) as server, line_to(server) as line:
        assert await line.play(asks(wants)) == [200]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            422,
            '{"errors": ["Assignee is invalid", "Subject\\ncannot be blank"]}',
            "Assignee is invalid; Subject cannot be blank",
        ),
        (400, '"bad matcher format: bad"', "bad matcher format: bad"),
        (422, '{"code": 602, "message": "comment in body is required"}', "comment in body is required"),
        (400, '{"errorMessages": [], "errors": {"summary": ["too long"]}}', "summary: too long"),
        (409, '{"results": [{"code": 409, "status": "is already acknowledged."}]}', "is already acknowledged."),
        (412, "plain \x1b[31mwords", "plain ^[[31mwords"),
        (400, "<html><title>Bad Request</title>", "Bad Request"),
        (409, "", "refused it (409)"),
    ],
)
async def test_s7_a_refusal_carries_the_sources_own_words(status, body, words):
    error = await failure(says(status, body), make=write())
    assert isinstance(error, Rejected)
    assert words in error.words
    assert not error.gone


async def test_s9_what_is_gone_says_so_and_a_forbidden_write_is_handed_back():
    for status in (404, 410):
        error = await failure(says(status), make=write("/tickets/7"))
        assert isinstance(error, Rejected)
        assert error.gone
        assert "/tickets/7" in error.words
    assert isinstance(await failure(says(403), make=write()), Rejected)
    assert isinstance(await failure(says(403), make=read()), Denied)


async def test_what_a_request_accepts_is_no_failure():
    requests = (get("/a", accepts=(404,)), get("/b", accepts=(500,)), get("/c", accepts=(304,)))
    async with serving(says(404), says(500), says(304)) as server, line_to(server) as line:
        assert await line.play(asks(*requests)) == [404, 500, 304]


@pytest.mark.parametrize(
    ("header", "after_s"),
    [
        ("7", 7),
        ("0", 0),
        ("-1", 0),
        ("1e9", 900),
        ("inf", 900),
        ("nan", 60),
        ("abc", 60),
        ("", 60),
        ("7\r\nRetry-After: 9", 9),
        (format_datetime(NIGHT + timedelta(seconds=120), usegmt=True), 120),
        (format_datetime(NIGHT - timedelta(hours=1), usegmt=True), 0),
        (format_datetime(NIGHT + timedelta(days=9), usegmt=True), 900),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_s11_a_rate_limit_is_waited_for_between_0_and_15_minutes(header, after_s, status):
    error = await failure(says(status, "", f"Retry-After: {header}"), clock=FakeClock())
    assert isinstance(error, RateLimited)
    assert error.after_s == after_s


async def test_s11_a_date_to_wait_for_is_read_by_the_sources_own_clock():
    theirs = NIGHT + timedelta(hours=1)
    headers = [f"Date: {format_datetime(theirs, usegmt=True)}"]
    headers.append(f"Retry-After: {format_datetime(theirs + timedelta(seconds=30), usegmt=True)}")
    error = await failure(says(429, "", *headers), clock=FakeClock())
    assert isinstance(error, RateLimited)
    assert error.after_s == 30


async def test_s12_failures_inside_are_unavailable_and_impossible_statuses_unreadable():
    assert isinstance(await failure(says(500)), Unavailable)
    assert isinstance(await failure(says(503)), Unavailable)
    assert isinstance(await failure(says(999)), Unreadable)


# --- S8: credentials -------------------------------------------------------------------------------------------------


def login_sesame(source):
    response = yield send("POST", "/login", {"key": source.secret})
    return response.read(dict)


async def test_s8_a_rejected_token_is_used_once_and_then_not_until_told():
    async with serving(says(401)) as server, line_to(server) as line:
        for _ in range(5):
            with pytest.raises(Denied):
                await line.play(read())
        assert len(server.asked) == 1
        assert line.denied
        line.forgive()
        server.steps[:] = [says(200, "[]")]
        assert await line.play(read()) == []
        assert line.denied == ""


async def test_s8_of_many_exchanges_at_once_only_one_tries_a_token_that_is_not_known_to_be_good():
    import asyncio

    async with serving(says(401)) as server, line_to(server) as line:
        ended = await asyncio.gather(*(line.play(read()) for _ in range(10)), return_exceptions=True)
    assert {type(one) for one in ended} == {Denied}
    assert len(server.asked) == 1


async def test_s8_a_session_that_ended_is_renewed_once():
    steps = [says(200, '{"token": "old-session"}'), says(401), says(200, '{"token": "new-session"}'), says(200, "[7]")]
    async with serving(*steps) as server, line_to(server, login=login_sesame) as line:
        assert await line.play(read()) == [7]
    assert "Bearer new-session" in server.asked[3].head


async def test_s8_a_session_refused_twice_stands_denied():
    async def answer(server, writer):
        body = '{"token": "refused-session"}' if "/login" in server.asked[-1].target else ""
        return await says(200 if body else 401, body)(server, writer)

    async with serving(answer) as server, line_to(server, login=login_sesame) as line:
        with pytest.raises(Denied):
            await line.play(read())
        with pytest.raises(Denied):
            await line.play(read())
    assert [asked.target for asked in server.asked] == ["/login", "/list", "/login", "/list"]


async def test_s8_a_secret_that_changed_where_it_is_kept_is_tried_once_more():
    kept = iter(["token-of-yesterday", "token-of-today"])

    async def fetch():
        return next(kept)

    async with serving(says(401), says(200, "[]")) as server, line_to(server, fetch=fetch) as line:
        assert await line.play(read()) == []
    assert "token-of-today" in server.asked[1].head


async def test_a_secret_is_fetched_once_and_kept():
    fetched = []

    async def fetch():
        fetched.append(1)
        return CANARY

    async with serving(says(200, "[]")) as server, line_to(server, fetch=fetch) as line:
        await line.play(read())
        line.forgive()
        await line.play(read())
    assert fetched == [1]


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


async def test_a9_paging_that_never_ends_is_ended(monkeypatch):
    from oncall_tui.engine import http

    monkeypatch.setattr(http, "_MOST_REQUESTS", 20)

    def for_ever(source):
        while True:
            yield get("/list")

    async with serving(says(200, "{}")) as server, line_to(server) as line:
        with pytest.raises(Unreadable, match="circle"):
            await line.play(for_ever)
    assert len(server.asked) == 20


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


async def test_a_response_tells_the_servers_time():
    times = []

    def exchange(source):
        response = yield get("/list")
        times.append(response.at)

    async with serving(says(200, "{}", "Date: Mon, 23 Nov 2026 03:14:00 GMT")) as server, line_to(server) as line:
        await line.play(exchange)
    assert times == [datetime(2026, 11, 23, 3, 14, tzinfo=UTC)]


# --- X1, T4: words ---------------------------------------------------------------------------------------------------

ECHO = f'{{"message": "bad token {CANARY} or Bearer {CANARY}"}}'


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 999])
async def test_x1_no_credential_is_in_an_error_although_the_source_says_it_back(status, caplog):
    caplog.set_level(logging.DEBUG)
    headers = [f"Location: http://x.invalid/{CANARY}", f"Retry-After: {CANARY}"]
    error = await failure(says(status, ECHO, *headers, reason=CANARY), make=read(f"/list/{CANARY}?key={CANARY}"))
    shown = [error.words, str(error), repr(error), repr(error.__dict__), caplog.text]
    assert all(CANARY not in text for text in shown)
    assert error.__cause__ is None


@pytest.mark.parametrize("padding", range(185, 200, 3))
async def test_x1_no_beginning_of_a_credential_is_left_where_a_line_was_cut(padding):
    body = f'{{"message": "{"x" * padding}{CANARY}"}}'
    assert "cana" not in str(await failure(says(422, body), make=write()))
    assert "cana" not in str(await failure(says(302, "", f"Location: /{'x' * (padding - 100)}{CANARY}")))

    def exchange(source):
        yield get("/list")
        raise Rejected("x" * (padding + 200) + source.secret)

    assert "cana" not in str(await failure(says(200), make=exchange))


async def test_x1_a_credential_is_hidden_in_the_form_in_which_it_travelled_too():
    basic = base64.b64encode(f"sanne:{CANARY}".encode()).decode()
    error = await failure(
        says(400, f"bad header: Basic {basic}"), headers=lambda source: {"Authorization": f"Basic {basic}"}
    )
    assert error.words == "refused it (400): bad header: ***"


async def test_x1_a_secret_that_breaks_a_header_is_refused_without_its_value():
    error = await failure(says(), secret=f"{CANARY}\n")
    assert isinstance(error, ConfigError)
    assert CANARY not in str(error)


async def test_x1_neither_line_nor_source_nor_credentials_show_the_secret():
    seen = []

    def exchange(source):
        seen.append(repr(source))
        yield get("/list")

    async with serving(says(200, "{}")) as server, line_to(server) as line:
        await line.play(exchange)
        assert CANARY not in repr(line) + repr(line._credentials) + seen[0]


async def test_a_connectors_own_error_is_scrubbed_and_named_too():
    def exchange(source):
        yield get("/list")
        raise Rejected(f"stored in public by {source.secret}")

    error = await failure(says(200, "{}"), make=exchange)
    assert error.words == "stored in public by ***"
    assert str(error) == "desk: stored in public by ***"


async def test_t4_controls_in_reason_header_and_body_do_not_reach_the_words():
    error = await failure(says(500, '{"message": "Oops \x1b[31m"}', "X: \x1b[2J", reason="No\x1b[31m"))
    assert error.words.isprintable()


async def test_a_text_that_cannot_be_encoded_is_refused_before_it_leaves():
    async with serving(says()) as server, line_to(server) as line:
        with pytest.raises(Rejected, match="broken character"):
            await line.play(write(text="a\ud800"))
    assert server.asked == []


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
