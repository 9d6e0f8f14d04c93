"""What stands in front of a source: proxies that want a login, access tokens, and proxies between us and it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from oncall_tui.config import Secret, SourceConfig
from oncall_tui.config.shape import Auth
from oncall_tui.engine import logbook, proxies
from oncall_tui.errors import ConfigError, Denied, Unavailable
from tests.engine.fakes import FakeClock
from tests.engine.faulty import CANARY, line_to, read, says, serving

GATE = "canary-gate-0815"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE", GATE)


def auth(scheme: str, **more: str) -> Auth:
    return Auth(scheme=scheme, secret=Secret(env="GATE"), **more)


def token(text: str, **more: object):
    return says(200, json.dumps({"access_token": text, "token_type": "Bearer", **more}))


def header(head: str, name: str) -> str:
    return next((line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith(f"{name}:")), "")


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        (auth("basic", user="olga"), "authorization", "Basic " + base64.b64encode(f"olga:{GATE}".encode()).decode()),
        (auth("bearer"), "authorization", f"Bearer {GATE}"),
        (auth("header", header="X-Gate"), "x-gate", GATE),
    ],
)
async def test_a_gate_gets_its_own_header_with_every_request(given, name, value):
    async with serving(says(200, "[]")) as server, line_to(server, config={"auth": given}) as line:
        await line.play(read())
    assert header(server.asked[0].head, name) == value
    assert (CANARY in server.asked[0].head) is (name != "authorization")


async def test_an_access_token_is_asked_for_once_and_only_its_server_sees_our_secret():
    async with serving(token("t-1", expires_in=3600)) as login, serving(says(200, "[]")) as server:
        oauth = auth("oauth2", token_url=f"{login.url}/token", client_id="on call", scope="alerts.read")
        async with line_to(server, config={"auth": oauth}) as line:
            await line.play(read())
            await line.play(read())
    (asked,) = login.asked
    assert asked.line == "POST /token HTTP/1.1"
    assert asked.body == b"grant_type=client_credentials&scope=alerts.read"
    assert header(asked.head, "authorization") == "Basic " + base64.b64encode(f"on%20call:{GATE}".encode()).decode()
    assert CANARY not in asked.head
    assert [header(one.head, "authorization") for one in server.asked] == ["Bearer t-1"] * 2
    assert GATE not in "".join(one.head for one in server.asked)


async def test_an_access_token_is_renewed_before_it_ends():
    clock = FakeClock()
    tokens = [token("t-1", expires_in=60), token("t-2", expires_in=60)]
    async with serving(*tokens) as login, serving(says(200, "[]")) as server:
        oauth = auth("oauth2", token_url=login.url, client_id="x")
        async with line_to(server, config={"auth": oauth}, clock=clock) as line:
            await line.play(read())
            await clock.advance(31)
            await line.play(read())
    assert [header(one.head, "authorization") for one in server.asked] == ["Bearer t-1", "Bearer t-2"]


def counted(tmp_path: Path, prints: str = GATE) -> tuple[Secret, Callable[[], int]]:
    """A command that prints a secret, and how often it ran."""
    ran, program = tmp_path / "ran", tmp_path / "prints"
    program.write_text(f"#!/bin/sh\necho once >>{ran}\ncat {tmp_path / 'secret'}\n")
    program.chmod(0o700)
    (tmp_path / "secret").write_text(prints)
    return Secret(command=(str(program),)), lambda: len(ran.read_text().split()) if ran.exists() else 0


async def test_a_token_that_ends_is_renewed_without_fetching_any_secret_again(tmp_path: Path):
    clock, (place, runs), fetched = FakeClock(), counted(tmp_path), []

    async def fetch() -> str:
        fetched.append(1)
        return CANARY

    tokens = [token(f"t-{n}", expires_in=60) for n in range(4)]
    async with serving(*tokens) as login, serving(says(200, "[]")) as server:
        oauth = Auth(scheme="oauth2", secret=place, token_url=login.url, client_id="x")
        async with line_to(server, config={"auth": oauth}, clock=clock, fetch=fetch) as line:
            for _ in range(4):
                await line.play(read())
                await clock.advance(31)
    assert [header(one.head, "authorization") for one in server.asked] == [f"Bearer t-{n}" for n in range(4)]
    assert (len(fetched), runs()) == (1, 1)


async def test_a_clients_secret_that_was_changed_is_fetched_again_when_the_token_server_refuses_the_old_one(
    tmp_path: Path,
):
    clock, (place, runs) = FakeClock(), counted(tmp_path)
    answers = [token("t-1", expires_in=60), says(401, ""), token("t-2", expires_in=60), says(401, "")]
    async with serving(*answers) as login, serving(says(200, "[]")) as server:
        oauth = Auth(scheme="oauth2", secret=place, token_url=login.url, client_id="x")
        async with line_to(server, config={"auth": oauth}, clock=clock) as line:
            await line.play(read())
            (tmp_path / "secret").write_text("another-gate")
            await clock.advance(31)
            await line.play(read())
            await clock.advance(31)
            with pytest.raises(Denied, match="does not accept the credentials"):
                await line.play(read())
    shown = [header(one.head, "authorization") for one in login.asked]
    old, new = (f"Basic {base64.b64encode(f'x:{secret}'.encode()).decode()}" for secret in (GATE, "another-gate"))
    assert shown == [old, old, new, new]
    assert runs() == 3


@pytest.mark.parametrize(("secret", "named"), [(None, "env GATE"), (Secret(env="KEY"), "env KEY and env GATE")])
async def test_a_refusal_names_every_place_that_credentials_come_from(secret, named):
    async with serving(says(401, "")) as server:
        config = {"auth": auth("bearer"), "secret": secret}
        async with line_to(server, config=config) as line:
            with pytest.raises(Denied, match=f"does not accept the credentials from {named} "):
                await line.play(read())


async def test_a_token_that_is_asked_for_and_a_look_are_told_aside_and_no_secret_with_them():
    heard = []
    async with serving(token("t-canary-1")) as login, serving(says(200, "[]")) as server:
        oauth = auth("oauth2", token_url=f"{login.url}/token", client_id="x")
        async with line_to(server, config={"auth": oauth}, on_heard=heard.append) as line:
            await line.reach()
            await line.play(read())
    assert [(one.request.method, one.request.path, one.aside) for one in heard] == [
        ("GET", "", True),
        ("POST", "", True),
        ("GET", "/list", False),
    ]
    said = "".join(logbook.heard(one) for one in heard)
    assert said.count("200, ") == 3
    assert "canary" not in said


async def test_an_access_token_that_is_refused_is_renewed_once_and_then_the_source_is_left_alone():
    async with serving(token("t-1"), token("t-2")) as login, serving(says(401, "")) as server:
        oauth = auth("oauth2", token_url=login.url, client_id="x")
        async with line_to(server, config={"auth": oauth}) as line:
            with pytest.raises(Denied):
                await line.play(read())
    assert (len(login.asked), len(server.asked)) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (says(400, '{"error": "invalid_client"}'), Denied, "invalid_client"),
        (says(401, '{"error": "' + GATE + '"}'), Denied, "does not accept the credentials from env GATE"),
        (says(503, ""), Unavailable, "is not available now (503)"),
    ],
)
async def test_a_token_server_that_refuses_is_named_without_our_secret(answer, kind, words):
    async with serving(answer) as login, serving(says(200, "[]")) as server:
        oauth = auth("oauth2", token_url=f"{login.url}/token", client_id="x")
        async with line_to(server, config={"auth": oauth}) as line:
            with pytest.raises(kind) as caught:
                await line.play(read())
    assert f"no access token from {login.url}/token: " in caught.value.words
    assert words in caught.value.words
    assert GATE not in str(caught.value)
    assert server.asked == []


async def test_a_redirected_token_request_takes_our_secret_nowhere():
    async with (
        serving(says(200, "{}")) as other,
        serving(says(307, "", f"Location: {other.url}/t")) as login,
        serving(says(200, "[]")) as server,
    ):
        oauth = auth("oauth2", token_url=login.url, client_id="x")
        async with line_to(server, config={"auth": oauth}) as line:
            with pytest.raises(Exception, match="redirects us"):
                await line.play(read())
    assert (other.asked, server.asked) == ([], [])


# --- proxies ---------------------------------------------------------------------------------------------------------


def source(url: str = "https://desk.example.nl", **more: str) -> SourceConfig:
    return SourceConfig(name="desk", kind="redmine", url=url, **more)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://olga:canary@proxy.example.nl:3128")
    monkeypatch.setenv("HTTP_PROXY", "plain.example.nl:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example.nl,.local")
    return monkeypatch


def test_https_goes_through_the_environments_proxy_by_itself_and_http_only_when_told(environment):
    assert proxies.find(source()) == "http://olga:canary@proxy.example.nl:3128"
    assert proxies.find(source("http://desk.example.nl")) == ""
    assert proxies.find(source("http://desk.example.nl", proxy="environment")) == "http://plain.example.nl:3128"


def test_what_no_proxy_names_this_machine_and_a_socket_are_asked_directly(environment):
    assert proxies.find(source("https://inside.example.nl")) == ""
    assert proxies.find(source("https://x.local:8443")) == ""
    assert proxies.find(source("https://127.0.0.1:8443")) == ""
    assert proxies.find(source("https://localhost")) == ""
    assert proxies.find(source(socket="/run/s")) == ""
    assert proxies.find(source(proxy="none")) == ""


def test_a_sources_own_proxy_wins_over_the_environments(environment):
    assert proxies.find(source(proxy="http://own:1")) == "http://own:1"


async def test_the_environments_proxy_gets_the_request_and_its_password_is_in_no_words(environment):
    async with serving(says(200, "[]")) as server:
        environment.setenv("HTTP_PROXY", f"http://olga:canary@127.0.0.1:{server.port}")
        config = {"url": "http://source.invalid", "proxy": "environment"}
        async with line_to(server, config=config) as line:
            assert await line.play(read()) == []
            said = await line.reach()
    assert server.asked[0].line == "GET http://source.invalid/list HTTP/1.1"
    assert said.endswith(f"through the proxy http://127.0.0.1:{server.port}")


@pytest.mark.parametrize(
    ("value", "kind"), [("rubbish://olga:canary@x", ConfigError), ("http://olga:canary@127.0.0.1:9", Unavailable)]
)
async def test_a_proxy_of_the_environment_that_does_not_work_is_named_without_its_password(environment, value, kind):
    environment.setenv("HTTP_PROXY", value)
    async with serving(says(200, "[]")) as server:
        config = {"url": "http://source.invalid", "proxy": "environment"}
        async with line_to(server, config=config) as line:
            with pytest.raises(kind) as caught:
                await line.play(read())
    assert "proxy" in caught.value.words
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(("status", "why"), [(407, "wants a login (407)"), (403, "does not let us through (403)")])
async def test_a_proxy_that_opens_no_tunnel_is_named_as_what_refused(environment, status, why):
    async with serving(says(status)) as server:
        environment.setenv("HTTPS_PROXY", f"http://olga:canary@127.0.0.1:{server.port}")
        async with line_to(server, config={"url": "https://source.invalid"}) as line:
            with pytest.raises(Unavailable) as caught:
                await line.play(read())
    assert caught.value.words == f"cannot be reached: the proxy http://127.0.0.1:{server.port} {why}"
    assert ("HTTPS_PROXY" in caught.value.remedy) == (status == 407)


async def test_a_proxy_that_is_not_there_is_named_and_not_the_source(environment):
    environment.setenv("HTTPS_PROXY", "http://olga:canary@proxy.invalid:3128")
    async with serving() as server, line_to(server, config={"url": "https://source.invalid"}) as line:
        with pytest.raises(Unavailable, match=r"the name proxy\.invalid is not found"):
            await line.play(read())
