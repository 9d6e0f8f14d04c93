"""The line to a source: credentials, whole exchanges, and when nobody is asked any more (faults.md 7)."""

from __future__ import annotations

import base64
import logging

import pytest

from oncall_tui.errors import ConfigError, Denied, Rejected, Unavailable, Unreadable
from oncall_tui.kit import get, send
from tests.engine.faulty import (
    CANARY,
    asks,
    failure,
    hangs_up,
    line_to,
    read,
    says,
    serving,
    silent,
    write,
)

# --- exchanges -------------------------------------------------------------------------------------------------------


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


async def test_a9_paging_that_never_ends_is_ended(monkeypatch):
    from oncall_tui.engine import line as lines

    monkeypatch.setattr(lines, "_MOST_REQUESTS", 20)

    def for_ever(source):
        while True:
            yield get("/list")

    async with serving(says(200, "{}")) as server, line_to(server) as line:
        with pytest.raises(Unreadable, match="circle"):
            await line.play(for_ever)
    assert len(server.asked) == 20


# --- S8: credentials -------------------------------------------------------------------------------------------------


def login_sesame(source):
    response = yield send("POST", "/login", {"key": source.secret})
    return response.read(dict)


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


async def test_a_whole_reading_learns_a_new_session_with_the_secret_that_is_at_hand():
    """A colleague came meanwhile, a status was invented, or the product was upgraded."""
    fetched = []

    async def secret():
        fetched.append("s3cret")
        return fetched[-1]

    steps = [
        says(200, '{"token": "old-session"}'),
        says(200, "[]"),
        says(200, '{"token": "new-session"}'),
        says(200, "[]"),
    ]
    async with serving(*steps) as server, line_to(server, login=login_sesame, fetch=secret) as line:
        await line.play(read())
        await line.play(read(), afresh=True)
        await line.play(read())
    assert [asked.target for asked in server.asked] == ["/login", "/list", "/login", "/list", "/list"]
    assert "Bearer new-session" in server.asked[4].head
    assert fetched == ["s3cret"]


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
        assert CANARY not in repr(line) + repr(line._signing._held) + seen[0]


async def test_a_connectors_own_error_is_scrubbed_and_named_too():
    def exchange(source):
        yield get("/list")
        raise Rejected(f"stored in public by {source.secret}")

    error = await failure(says(200, "{}"), make=exchange)
    assert error.words == "stored in public by ***"
    assert str(error) == "desk: stored in public by ***"


async def test_whom_a_login_learnt_is_named_and_what_it_learnt_to_sign_with_is_not():
    def exchange(source):
        yield get("/list")
        raise Rejected(
            f"{source.session['user 7']} was faster than {source.session['ticket']} and {source.session['token']}"
        )

    learnt = says(200, '{"token": "sesame", "user 7": "Dirk Helper", "ticket": "abracadabra"}')
    async with serving(learnt, says(200, "[]")) as server, line_to(server, login=login_sesame) as line:
        with pytest.raises(Rejected) as refusal:
            await line.play(exchange)
    assert refusal.value.words == "Dirk Helper was faster than *** and ***"


async def test_t4_controls_in_reason_header_and_body_do_not_reach_the_words():
    error = await failure(says(500, '{"message": "Oops \x1b[31m"}', "X: \x1b[2J", reason="No\x1b[31m"))
    assert error.words.isprintable()


async def test_a_text_that_cannot_be_encoded_is_refused_before_it_leaves():
    async with serving(says()) as server, line_to(server) as line:
        with pytest.raises(Rejected, match="broken character"):
            await line.play(write(text="a\ud800"))
    assert server.asked == []
