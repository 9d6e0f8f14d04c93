"""What is told of a request when somebody looks closer, and what is never told."""

from __future__ import annotations

import json
from pathlib import Path

from oncall_tui.config import Config, SourceConfig
from oncall_tui.engine.debug import teller
from oncall_tui.engine.logbook import NAME, Logbook
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.wire import Heard
from oncall_tui.kit import Response, send
from oncall_tui.model import Me, Settings

DESK = SourceConfig(name="desk", kind="redmine", url="https://desk.example.nl")
ISSUE = {
    "issue": {"id": 7, "subject": "De winkels staan stil", "author": {"name": "Carol Vos"}, "total": "canary-4711"}
}


def told(folder: Path, *, bodies: bool, aside: bool = False, body: bytes = json.dumps(ISSUE).encode()) -> str:
    config = Config(path=folder, settings=Settings(me=Me(name="S")), sources=(DESK,), debug=True, bodies=bodies)
    tell = teller(config, Logbook(folder))
    assert tell
    scrub = Scrub()
    scrub.learn(("canary-4711",))
    asked = send("PUT", "/issues/7.json", {"issue": {"notes": "Carol belt om 4"}})
    tell(Heard("desk", asked, Response(status=200, body=body), 0.0123, "", scrub, aside))
    return (folder / NAME).read_text()


def test_nobody_is_told_unless_that_was_asked_for(tmp_path: Path) -> None:
    assert teller(Config(path=tmp_path, settings=Settings(me=Me(name="S")), sources=(DESK,)), Logbook(tmp_path)) is None


def test_a_request_is_told_without_its_bodies(tmp_path: Path) -> None:
    assert told(tmp_path, bodies=False).endswith(" desk PUT /issues/7.json: 200, 113 bytes, in 12 ms\n")


def test_bodies_are_told_when_asked_for_by_their_shape_alone(tmp_path: Path) -> None:
    said = told(tmp_path, bodies=True)
    assert said.count("\n") == 1
    shape = json.loads(said.partition("ms ")[2])
    assert set(shape["request"]["json"]["issue"]) == {"notes"}
    assert shape["body"]["issue"]["id"] == 7
    assert list(map(len, shape["body"]["issue"]["subject"].split())) == [2, 7, 5, 4]
    for private in ("winkels", "Carol", "Vos", "belt", "canary", "example.nl"):
        assert private not in said


def test_no_body_is_told_of_a_token_that_was_asked_for(tmp_path: Path) -> None:
    assert told(tmp_path, bodies=True, aside=True).endswith(" in 12 ms\n")


def test_a_large_body_is_cut(tmp_path: Path) -> None:
    assert len(told(tmp_path, bodies=True, body=json.dumps(["x y"] * 100_000).encode())) < 21_000
