"""What `sources --record` keeps of a source: nothing that is anybody's, and enough to play it to its connector."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from oncall_tui import connectors
from oncall_tui.config import SourceConfig
from oncall_tui.engine.blur import Blur
from oncall_tui.engine.record import Recorder
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.vocabulary import known
from oncall_tui.engine.wire import Heard
from oncall_tui.errors import Unwritable
from oncall_tui.kit import Connector, Reading, Request, Response, Source
from oncall_tui.testing import Case, Recording, play
from oncall_tui.testing.recorded import load

PAYLOADS = Path(__file__).parents[1] / "connectors" / "payloads"
KINDS = connectors.ours()


def case_of(kind: str) -> Case:
    found: Case = import_module(f"tests.connectors.cases.{kind}").CASE
    return found


def blur_of(case: Case) -> Blur:
    return Blur(known(case.connector, case.source.options), case.source.url)


# --- canaries --------------------------------------------------------------------------------------------------------

CANARIES: tuple[Any, ...] = (
    "Kenau",
    "Kenau Hasselaer",
    "kenau.hasselaer@korenaar.example",
    "De winkels van Kenau liggen plat,\nbel Hasselaer!",
    "https://kenau:hasselaer@intra.korenaar.example/hasselaer/kenau?kenau=hasselaer#kenau",
    "hunter2-kenau",
    "06-98765432",
    "+31 6 98765432",
    "0698765432",
    "192.168.98.76",
    31698765432,
    698765432.5,
)
TRACES = ("kenau", "hasselaer", "korenaar", "hunter2", "98765432", "98.76")


def planted(document: Any, canary: Any) -> Any:
    """The document with a canary in each of its texts and numbers."""
    if isinstance(document, dict):
        return {name: planted(value, canary) for name, value in document.items()}
    if isinstance(document, list):
        return [planted(value, canary) for value in document]
    return document if isinstance(document, bool) or document is None else canary


def documents(kind: str) -> Iterator[tuple[str, Any]]:
    for path in sorted((PAYLOADS / kind).glob("*.json")):
        yield path.stem, load(path.parent, path.stem)


@pytest.mark.parametrize("kind", KINDS)
def test_a_canary_in_every_field_of_every_answer_is_in_none_of_what_is_kept(kind: str) -> None:
    blur = blur_of(case_of(kind))
    for name, document in documents(kind):
        for canary in CANARIES:
            kept = json.dumps(blur.value(planted(document, canary))).lower()
            assert not [trace for trace in TRACES if trace in kept], (name, canary)


@pytest.mark.parametrize("kind", KINDS)
def test_hosts_and_people_that_are_keys_are_not_kept(kind: str) -> None:
    blur = blur_of(case_of(kind))
    document = {"data": {"Kenau": {"HTTP": {"state": "open"}, "hasselaer": {"state": "open"}}}, "korenaar": {}}
    kept = json.dumps(blur.value(document)).lower()
    assert not [trace for trace in TRACES if trace in kept]


@pytest.mark.parametrize("where", ["path", "query", "json"])
def test_what_was_asked_is_blurred_as_well(where: str) -> None:
    blur = blur_of(case_of("redmine"))
    asked = {
        "path": Request(method="GET", path="/kenau/hasselaer%40korenaar.json"),
        "query": Request(method="GET", path="/issues.json", query=(("subject", "Kenau Hasselaer"), ("limit", "100"))),
        "json": Request(method="POST", path="/issues.json", json={"issue": {"subject": "Kenau", "priority_id": 4}}),
    }[where]
    kept = json.dumps(blur.request(asked)).lower()
    assert not [trace for trace in TRACES if trace in kept]
    assert where == "path" or ("/issues.json" in kept and ("limit=100" in kept or '"priority_id": 4' in kept))


def test_no_number_under_a_secrets_name_is_kept_however_short() -> None:
    kept = blur_of(case_of("redmine")).value({"id": 4711, "api_key": 4711, "session": {"id": 4711}, "otp": ["4711"]})
    assert kept["id"] == 4711
    assert 4711 not in (kept["api_key"], kept["session"]["id"])
    assert kept["otp"] != ["4711"]


# --- what stays ------------------------------------------------------------------------------------------------------


def test_what_the_connector_knows_times_and_numbers_stay() -> None:
    blur = blur_of(case_of("redmine"))
    kept = {
        "id": 48213, "priority": {"id": 4, "name": "Urgent"}, "created_on": "2026-11-23T03:14:00Z", "is_private": False,
        "done_ratio": 12.5, "due_date": None, "a_new_field": "",
    }  # fmt: skip
    assert blur.value(kept) == kept
    assert blur.value({"id": 1, "due_date": "1980-05-17"})["due_date"] == "1980-01-01"


def test_what_is_equal_stays_equal_and_what_differs_stays_apart() -> None:
    blur = blur_of(case_of("icinga2"))
    names = [f"web-{number}" for number in range(10)] + ["web-1!disk", "disk 1", "disk 2", "ab", "ba"]
    first, second = blur.value(names), blur.value(names)
    assert first == second
    assert len(set(first)) == len(names)
    assert first[10].partition("!")[0] == first[1]
    assert [len(one) for one in first] == [len(one) for one in names]
    assert blur_of(case_of("icinga2")).value(names) != first


def test_links_of_the_source_stay_its_own_and_others_do_not() -> None:
    blur = Blur(known(case_of("rt").connector, {}), "https://rt.korenaar.example/rt")
    own = blur.text("https://rt.korenaar.example/rt/REST/2.0/ticket/12")
    assert own == "https://recorded.invalid/REST/2.0/ticket/12"
    assert "invalid" not in blur.text("https://elsewhere.example/REST/2.0/ticket/12")


# --- played back -----------------------------------------------------------------------------------------------------


class Wiretap:
    """A recorded server whose every answer goes to a `Recorder`, as a `Line` would tell it."""

    def __init__(self, case: Case, recorder: Recorder) -> None:
        self._server, self._name, self._recorder = case.server(), case.source.name, recorder

    def __call__(self, request: Request) -> Response:
        answer = self._server(request)
        self._recorder(Heard(self._name, request, answer, 0.1, "", Scrub()))
        return answer


Answer = Callable[[Request], Response]


def conversations(connector: Connector, source: Source, answer: Answer) -> tuple[Reading, str]:
    """What the doctor asks of a source: what it reads, and who we are there."""
    if connector.login:
        source = replace(source, session=play(connector.login(source), answer).result)
    who = play(connector.check(source), answer).result if connector.check else ""
    return play(connector.poll(source), answer).result, who


MORE = {"alerta": {"user": "olga@example.net"}}
"""Where a source is asked whose key it knows us by, and no key is kept."""


def count(reading: Reading, name: str) -> int:
    """In how many signals there is such a thing."""
    return sum(bool(getattr(signal, name)) for signal in reading.signals)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_recorded_can_be_played_to_the_connector(kind: str, tmp_path: Path) -> None:
    case = case_of(kind)
    options = {**case.source.options, **MORE.get(kind, {})}
    config = SourceConfig(name=case.source.name, kind=kind, url=case.source.url, options=options)
    source = replace(case.source, options=options)
    read, _ = conversations(case.connector, source, Wiretap(case, Recorder(tmp_path, [config], source.me)))
    recording = Recording(tmp_path, case.source.name, secret=case.source.secret)
    again, _ = conversations(case.connector, recording.source, recording)
    assert again.unreadable == read.unreadable
    assert sorted(one.impact.word for one in again.signals) == sorted(one.impact.word for one in read.signals)
    assert sorted(one.opened_at for one in again.signals) == sorted(one.opened_at for one in read.signals)
    assert len({one.id for one in again.signals}) == len({one.id for one in read.signals})
    for name in ("mine", "taken_by", "suppressed", "messages"):
        assert count(again, name) == count(read, name), name
    private = {
        word for one in read.signals for word in (one.title, one.customer, one.contact, one.email) if len(word) > 4
    }
    kept = "".join(path.read_text() for path in tmp_path.iterdir())
    assert not [word for word in private if word in kept]


def test_two_recordings_are_never_mixed(tmp_path: Path) -> None:
    case = case_of("redmine")
    config = SourceConfig(name="desk", kind="redmine", url="https://x")
    (tmp_path / "desk-001.json").write_text("{}")
    (tmp_path / "desktop-001.json").write_text("{}")
    with pytest.raises(Unwritable, match="there is a recording in"):
        Recorder(tmp_path, [config], case.source.me)
    (tmp_path / "desk-001.json").unlink()
    assert Recorder(tmp_path, [config], case.source.me).count == 0


def test_a_disk_that_takes_no_record_is_told_as_one_and_not_as_a_fault_of_the_source(tmp_path: Path) -> None:
    case = case_of("redmine")
    config = SourceConfig(name="desk", kind="redmine", url=case.source.url)
    recorder = Recorder(tmp_path / "record", [config], case.source.me)
    (tmp_path / "record").rmdir()
    with pytest.raises(Unwritable, match="cannot record in "):
        conversations(case.connector, replace(case.source, name="desk"), Wiretap(case, recorder))
    assert recorder.count == 0
