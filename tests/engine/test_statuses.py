"""What an answer's status becomes, through a line to a source that gives it (faults.md 7)."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from oncall_tui.errors import Denied, RateLimited, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Request, get
from tests.engine.fakes import NIGHT, FakeClock
from tests.engine.faulty import (
    asks,
    failure,
    line_to,
    read,
    says,
    serving,
    write,
)


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
