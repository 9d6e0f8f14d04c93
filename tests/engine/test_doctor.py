"""What the doctor tries with a source, what it saw, and what it says to do about each failure."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from msgspec.structs import replace as replace_fields

from oncall_tui.config import Secret
from oncall_tui.config.shape import Auth
from oncall_tui.engine.doctor import Found, examine
from oncall_tui.engine.record import Recorder
from oncall_tui.engine.wire import Heard
from oncall_tui.errors import Rejected, Unwritable
from oncall_tui.kit import DONE, Reading, get, send
from oncall_tui.model import Kind, Me, Signal, Verb
from tests.engine.authority import Authority, server_side
from tests.engine.faulty import CANARY, line_to, says, serving


def listing(source):
    found = (yield get("/list")).read(list[int])
    return Reading(
        signals=[
            Signal(source="desk", id=str(one), kind=Kind.ALERT, title="down", opened_at=datetime.now(UTC))
            for one in found
        ]
    )


def told(found: Found) -> dict[str, tuple[bool, str, str]]:
    return {step.name: (step.ok, step.words, step.remedy) for step in found.steps}


async def examined(*steps, tls=None, **parts) -> Found:
    async with serving(*steps, tls=tls) as server, line_to(server, **{"poll": listing, **parts}) as line:
        return await examine(line, line.connector)


async def test_each_step_says_what_it_saw():
    def check(source):
        response = yield get("/me")
        return f"we are {response.read(dict[str, str])['name']}"

    answers = {
        "/": says(404),
        "/me": says(200, '{"name": "Sanne"}'),
        "/list": says(200, "[1]", "X-RateLimit-Remaining: 58", "X-RateLimit-Limit: 60"),
    }

    async def answer(server, writer):
        return await answers[server.asked[-1].target](server, writer)

    async with serving(answer) as server, line_to(server, poll=listing, check=check) as line:
        found = await examine(line, line.connector)
    said = told(found)
    assert list(said) == ["name", "reached", "TLS", "signed in", "read", "may write", "clock", "rate limit"]
    assert found.well
    assert said["name"][1] == "not needed: 127.0.0.1 is an address"
    assert "answers (404), in " in said["reached"][1]
    assert said["signed in"][1].startswith("we are Sanne, in ")
    assert said["read"][1].startswith("1 open signal, the first: down, in ")
    assert said["rate limit"][1] == "58 of 60 left"
    assert "canary" not in server.asked[0].head
    assert [signal.title for signal in found.signals] == ["down"]


def by(**place: object) -> Auth:
    return Auth(scheme="bearer", secret=Secret(**place))


GATE, UNSET = by(env="PATH"), by(env="NOWHERE")


async def test_our_own_disk_is_no_fault_of_the_source():
    def full(heard):
        raise Unwritable("cannot record in /full: no space left on device")

    async with serving(says(200, "[1]")) as server, line_to(server, poll=listing, on_heard=full) as line:
        with pytest.raises(Unwritable):
            await examine(line, line.connector)


@pytest.mark.parametrize(
    ("steps", "config", "name", "words", "remedy"),
    [
        ([says(401)], {"secret": Secret(env="KEY")}, "read", "credentials from env KEY", "look whether what test knows is in env KEY, then"),
        ([says(401)], {"auth": GATE}, "read", "credentials from env PATH", "look whether what test knows is in env PATH, then"),
        ([says(401)], {"auth": UNSET}, "signed in", "env NOWHERE: it is not set", "export it before starting"),
        ([says(200)], {"auth": by(file="/nowhere/key")}, "signed in", "file /nowhere/key: no such file", "put the credential into that file"),
        ([says(200)], {"auth": by(command=("false",))}, "signed in", "command false: ended with 1", "run it by hand to see why"),
        ([says(401)], {"auth": GATE, "secret": Secret(env="KEY")}, "read", "env KEY and env PATH", "in env KEY and env PATH"),
        ([says(401)], {}, "read", "none are configured", "say where its secret is kept: token ="),
        ([says(200, "<html><title>Login</title>")], {}, "read", 'a web page "Login"', "address of the API itself"),
        ([says(302, "", "Location: https://sso.example/login")], {}, "read", "looks like a login page", "[sources.desk.auth] gets"),
        ([says(407)], {}, "read", "wants a login (407)", 'into HTTPS_PROXY (HTTP_PROXY for an http source) and write proxy = "env'),
        ([says(429)], {}, "read", "slow down", 'every = "2m" in [sources.desk]'),
        ([says(404)], {}, "read", "nothing at", "a path too much or too little?"),
        ([says(503)], {}, "read", "not available", "curl -v http://127.0.0.1"),
        ([says()], {"url": "http://desk.invalid"}, "name", "the name desk.invalid is not found", "curl -v http://desk.invalid"),
        ([says()], {"url": "http://127.0.0.1:1"}, "reached", "nothing listens", "curl -v"),
        ([says()], {"socket": "/nowhere.sock"}, "reached", "at the socket /nowhere.sock", "curl -v --unix-socket /nowhere.sock http"),
        ([says()], {"proxy": "http://127.0.0.1:1"}, "reached", "nothing listens at 127.0.0.1:1", "curl -v -x http://127.0.0.1:1 http"),
        ([says()], {"ca_file": "/nowhere/ca.pem", "url": "https://127.0.0.1:1"}, "reached", "cannot be used", "correct it in [sources.desk]"),
    ],
)  # fmt: skip
async def test_each_failure_ends_it_with_what_to_do(steps, config, name, words, remedy):
    found = await examined(*steps, config=config)
    last = found.steps[-1]
    assert (last.name, last.ok, found.well) == (name, False, False)
    assert words in last.words
    assert remedy in last.remedy
    assert last.remedy not in last.words
    assert CANARY not in repr(found)


async def test_that_we_may_not_write_is_a_failure_that_ends_nothing():
    def may(source):
        yield send("POST", "/question", accepts=(400,))
        raise Rejected("our role may not")

    def say(source, write):
        yield send("POST", "/note")
        return DONE

    found = await examined(says(200, "[]"), may=may, answers={Verb.NOTE: say})
    assert told(found)["may write"] == (False, "our role may not", "ask those who run it what this account may do")
    assert found.steps[-1].name == "rate limit"
    assert not found.well
    unknown = await examined(says(200, "[]"), answers={Verb.NOTE: say})
    assert told(unknown)["may write"][1] == "not told: its connector knows no way to ask without writing"


async def test_a_wrong_clock_is_to_be_minded():
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    found = await examined(says(200, "[]", f"Date: {date}"))
    step = next(step for step in found.steps if step.name == "clock")
    assert (step.ok, step.doubt) == (True, True)
    assert "behind ours" in step.words
    assert "timedatectl" in step.remedy


@pytest.mark.server
async def test_tls_is_told_with_its_end_and_what_is_weak_about_it(tmp_path):
    authority = Authority(tmp_path)
    soon = datetime.now(UTC) + timedelta(days=3, hours=1)
    cases = {
        "good": ({"ca_file": str(authority.ca)}, {}, "holds until 2090-01-01", False),
        "soon": ({"ca_file": str(authority.ca)}, {"end": f"{soon:%Y%m%d%H%M%SZ}"}, "(in 3 days)", True),
        "loose": ({"verify": False}, {}, "its certificate is not checked", True),
    }
    for name, (config, issued, words, doubt) in cases.items():
        found = await examined(says(200, "[]"), tls=server_side(authority.issue(name, **issued)), config=config)
        step = next(step for step in found.steps if step.name == "TLS")
        assert words in step.words
        assert (step.ok, step.doubt) == (True, doubt)


ANSWER = {"issues": [{
    "id": 7, "created_on": "2026-11-23T03:14:00Z", "updated_on": "2026-11-23T03:14:00Z", "api_key": "k-short",
    "status": {"id": 1, "name": "Geheim"}, "priority": {"id": 4, "name": "Urgent"}, "mail": "carol@korenaar.nl",
    "subject": "De winkels kunnen niet bestellen, bel +31 20 123 45 67!", "author": {"id": 5, "name": "Carol Vos"},
    "host": "192.0.2.17", "echo": CANARY, "labels": {"tenant": "korenaar"},
}], "total_count": 1}  # fmt: skip


async def test_a_record_keeps_the_shape_and_no_secret_no_person_and_no_text(tmp_path):
    def one(source):
        yield get("/issues.json", sort="carol@korenaar.nl", limit=100)
        return Reading(signals=[])

    heard: list[Heard] = []
    answer = says(200, json.dumps(ANSWER), "Set-Cookie: s=1")
    async with serving(answer) as server, line_to(server, poll=one, on_heard=heard.append) as line:
        await examine(line, line.connector)
        desk = replace_fields(line.config, kind="redmine", options={"customer_field": "Carol"})
    recorder = Recorder(tmp_path / "r", [desk], Me(name="Carol Vos"))
    for each in heard:
        recorder(each)
    (path,) = (tmp_path / "r").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    for private in (
        CANARY,
        "winkels",
        "20 123",
        "carol",
        "Vos",
        "korenaar",
        "k-short",
        "192.0.2.17",
        "Cookie",
        "geheim",
    ):
        assert private.lower() not in text.lower(), private
    kept = json.loads(text)
    assert kept["request"]["url"].startswith("https://recorded.invalid/issues.json?sort=")
    assert kept["request"]["url"].endswith("&limit=100")
    (issue,) = kept["body"]["issues"]
    assert (issue["id"], issue["created_on"], issue["priority"]["name"]) == (7, "2026-11-23T03:14:00Z", "Urgent")
    assert [len(word) for word in issue["subject"].split()] == [2, 7, 6, 4, 10, 3, 3, 2, 3, 2, 3]
