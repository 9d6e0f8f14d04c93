"""The commands as they are typed, on the embedded world over real HTTP: what they print, do and exit with."""

from __future__ import annotations

import io
import json
import re
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from oncall_tui.cli import commands, main, show
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.cli.writing import code
from oncall_tui.demo.desk import Issue
from oncall_tui.demo.world import World
from oncall_tui.model import State
from tests.night import REPLY


class Ran(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    talk: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def world() -> Iterator[World]:
    with World(still=True) as world:
        yield world


@pytest.fixture
def calm() -> Iterator[World]:
    with World(empty=True) as world:
        yield world


@pytest.fixture
def run(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(world, tmp_path, capsys)


def runner(world: World, folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    path = world.write_config(folder)

    def run(*argv: str) -> Ran:
        capsys.readouterr()
        code = main([*argv, "--config", str(path), "--state", str(folder / "state")])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


def orders(world: World) -> Issue:
    return world.desk.issues[world.night.tickets["orders"]]


def first(run: Run) -> dict[str, Any]:
    problem: dict[str, Any] = run("next", "--json").json["problems"][0]
    return problem


# --- looking ---------------------------------------------------------------------------------------------------------


def test_list_tells_every_problem_and_that_somebody_is_alone(run: Run) -> None:
    ran = run("list", "--json")
    assert ran.code == 1
    assert ran.json["quiet"] is False
    assert [source["live"] for source in ran.json["sources"]] == [True, True]
    worst = ran.json["problems"][0]
    assert worst["customers"][0]["name"] == "Bakkerij De Korenaar"
    assert (worst["on_fire"], worst["alone"]["is"], worst["impact"]) == (True, True, "down")
    assert sum(reason["points"] for reason in worst["reasons"]) == pytest.approx(worst["score"])


def test_next_tells_only_the_first_in_json_and_in_sentences(run: Run) -> None:
    assert len(run("next", "--json").json["problems"]) == 1
    ran = run("next")
    assert ran.code == 1
    assert ran.out.startswith("Bakkerij De Korenaar: cannot take orders from 14 shops.\nThey are alone for ")
    assert "They say: “De winkels kunnen niet bestellen, bel mij!” (Ron van Dam" in ran.out
    line = run("next", "--line")
    assert re.fullmatch(
        r"ALONE 1\d:\d\d Bakkerij De Korenaar: cannot take orders from 14 shops · 1 more alone\n", line.out
    )


def test_list_has_a_line_for_each_problem_with_its_id(run: Run) -> None:
    ids = [problem["id"] for problem in run("list", "--json").json["problems"]]
    assert [line.split()[-1] for line in run("list").out.splitlines()] == ids


@pytest.mark.parametrize(
    "argv",
    [("outbox",), ("outbox", "--json"), ("outbox", "--deliver"), ("figures",), ("undo",), ("settle", "ab", "--leave")],
)
def test_what_cannot_be_read_is_not_told_to_be_nothing(argv: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    ran = run(*argv)
    assert (ran.code, ran.out) == (3, "")
    assert ran.talk == (
        f"oncall-tui: cannot save: {tmp_path / 'state'} is no directory: name another directory with --state; "
        "what was said before cannot be read\n"
    )


def test_a_picture_without_what_was_said_is_not_whole(calm: World, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "state").touch()
    ran = runner(calm, tmp_path, capsys)("list")
    assert ran.code == 3
    assert "what was said before cannot be read" in ran.talk


def test_a_damaged_outbox_is_told_by_every_command_that_sets_it_aside(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "outbox.db").write_bytes(b"garbage" * 1000)
    ran = run("outbox")
    assert "the outbox was damaged and is kept as outbox.db.corrupt-" in ran.talk


def test_nobody_alone_and_every_source_whole_is_exit_0(calm: World, tmp_path: Path, capsys: Any) -> None:
    ran = runner(calm, tmp_path, capsys)("list")
    assert ran == Ran(0, "Nobody is alone. Every source answered within its interval.\n", "")


def test_nobody_known_to_be_alone_while_a_source_is_silent_is_exit_3(calm: World, tmp_path: Path, capsys: Any) -> None:
    run = runner(calm, tmp_path, capsys)
    calm.desk.stop_listening()
    ran = run("list")
    assert ran.code == 3
    assert ran.out.startswith("Nobody is known to be alone, but not everything is known: desk")
    assert ran.talk.startswith("oncall-tui: desk ")
    assert run("list", "--json").json["quiet"] is False
    assert run("next", "--line").out.endswith("no answer from desk\n")


def test_a_silent_source_keeps_its_last_tickets(run: Run, world: World) -> None:
    before = first(run)
    world.desk.stop_listening()
    ran = run("next", "--json")
    assert ran.code == 3, "somebody is alone, but the picture is incomplete"
    assert [signal["ref"] for signal in ran.json["problems"][0]["signals"]] == [s["ref"] for s in before["signals"]]
    assert "desk" in ran.talk


def test_explain_adds_up_to_the_score(run: Run) -> None:
    worst = first(run)
    ran = run("explain", worst["id"])
    assert ran.code == 0
    points = [float(line.split()[-1]) for line in ran.out.splitlines()[2:-1]]
    assert sum(points[:-1]) == pytest.approx(points[-1], abs=0.05)
    assert points[-1] == pytest.approx(worst["score"], rel=0.01)


# --- saying ----------------------------------------------------------------------------------------------------------


def test_ack_takes_the_problem_at_every_source(run: Run, world: World) -> None:
    problem = first(run)
    ran = run("ack", problem["id"])
    assert ran.code == 0, ran
    lines = ran.out.splitlines()
    assert len(lines) == len(problem["signals"])
    assert all(": delivered to " in line or ": confirmed by " in line for line in lines)
    issue = orders(world)
    assert issue.assignee is not None
    assert issue.assignee.name == "Sanne de Vries"
    assert {silence.author for silence in world.monitor.silences.values()} == {"Sanne de Vries"}
    after = first(run)
    assert after["id"] != problem["id"] or not after["alone"]["is"] or "have not heard" in after["alone"]["why"]


def test_release_gives_it_back(run: Run, world: World) -> None:
    problem = first(run)
    run("ack", problem["id"])
    assert run("release", problem["id"]).code == 0
    assert orders(world).assignee is None


def test_a_note_is_private_and_a_reply_is_public(run: Run, world: World) -> None:
    ticket = f"desk/{orders(world).id}"
    note, reply = run("note", ticket, "The pool is exhausted."), run("reply", ticket, "Ik ben er, en ik kijk mee.")
    assert (note.code, reply.code) == (0, 0), (note, reply)
    said = [(journal.text, journal.private, journal.author.login) for journal in orders(world).journals[-2:]]
    assert said == [("The pool is exhausted.", True, "sanne"), ("Ik ben er, en ik kijk mee.", False, "sanne")]


def test_a_reply_that_names_another_customer_goes_and_tells_so_on_stderr(run: Run, world: World) -> None:
    ran = run("reply", f"desk/{orders(world).id}", "Ik ben er. Garage Smit heeft hetzelfde.")
    assert ran.code == 0, ran
    assert ran.talk == "oncall-tui: the reply names Garage Smit to somebody else\n"
    assert orders(world).journals[-1].text == "Ik ben er. Garage Smit heeft hetzelfde."
    told = [
        run("reply", first(run)["id"], "Ik kijk mee, ook met Jan Smit."),
        run("note", first(run)["id"], "Garage Smit"),
    ]
    assert ["to somebody else" in one.talk for one in told] == [True, False]


def test_a_reply_can_be_read_from_stdin(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Ik ben er.\nSanne\n"))
    assert run("reply", str(orders(world).id), "-").code == 0
    assert orders(world).journals[-1].text == "Ik ben er.\nSanne"


def test_nothing_to_say_is_wrong_use(run: Run, world: World) -> None:
    ran = run("reply", str(orders(world).id), "  ")
    assert (ran.code, ran.talk) == (2, "oncall-tui: there are no words to send\n")


def test_what_a_source_cannot_be_told_is_refused_with_the_reason(run: Run, world: World) -> None:
    alert = next(iter(world.monitor.firing())).fingerprint
    ran = run("note", f"monitor/{alert}", "x")
    assert (ran.code, ran.out) == (5, "")
    assert "Alertmanager keeps no notes" in ran.talk


def test_what_cannot_be_delivered_now_waits_and_is_delivered_once(run: Run, world: World) -> None:
    ticket = str(orders(world).id)
    run("list")
    world.desk.stop_listening()
    ran = run("reply", ticket, "Ik ben er.")
    assert ran.code == 4, ran
    assert "waiting for desk" in ran.out
    (waiting,) = run("outbox", "--json").json
    assert (waiting["state"], waiting["verb"], waiting["text"]) == ("waiting", "reply", "Ik ben er.")
    assert run("outbox", "--deliver", "--wait", "0s").code == 4
    world.desk.listen_again()
    assert run("outbox", "--deliver").code == 0
    assert run("outbox", "--deliver").code == 0
    assert [journal.text for journal in orders(world).journals].count("Ik ben er.") == 1
    (settled,) = run("outbox", "--json", "--all").json
    assert settled["state"] in ("delivered", "confirmed")


def test_a_write_that_waits_can_be_left_or_sent_by_decision(run: Run, world: World) -> None:
    ticket = str(orders(world).id)
    run("list")
    world.desk.stop_listening()
    run("note", ticket, "one")
    (waiting,) = run("outbox", "--json").json
    left = run("settle", waiting["id"][:8], "--leave")
    assert (left.code, left.out) == (0, f"note desk/{ticket}: withdrawn\n")
    world.desk.listen_again()
    assert run("outbox", "--deliver").code == 0
    assert "one" not in [journal.text for journal in orders(world).journals]
    sent = run("settle", waiting["id"][:8], "--send")
    assert sent.code == 0, sent
    assert orders(world).journals[-1].text == "one"
    assert run("settle", waiting["id"], "--send").code == 5
    assert run("settle", "nope", "--send").code == 2


def test_a_colleague_who_was_faster_is_told_and_nothing_is_sent_unless_sure(run: Run, world: World) -> None:
    world.desk.assign(orders(world).id, "joris")
    ran = run("ack", f"desk/{orders(world).id}")
    assert (ran.code, ran.out) == (5, "")
    assert "Joris Bakker has it." in ran.talk
    assert "--sure" in ran.talk
    assert orders(world).assignee is world.desk.person("joris")
    assert run("ack", f"desk/{orders(world).id}", "--sure").code == 0
    assert orders(world).assignee is world.desk.person("sanne")


HOSTILE = json.loads((Path(__file__).parent.parent / "hostile.json").read_text())


def test_nothing_that_a_stranger_wrote_reaches_the_terminal_raw(run: Run, world: World) -> None:
    text = "\n".join(str(case["text"]) for case in HOSTILE if isinstance(case.get("text"), str))
    world.desk.add_journal(orders(world).id, "ron", text.encode("utf-8", "replace").decode())
    world.monitor.fire({"alertname": "\x1b]52;c;aGk=\x07 [/]", "severity": "critical", "tenant": "\u202ekorenaar"})
    for command in (("next",), ("list",), ("next", "--line"), ("list", "--json")):
        ran = run(*command)
        assert ran.code == 1
        unsafe = {char for char in ran.out + ran.talk if char != "\n" and not char.isprintable()}
        assert unsafe == set(), command
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f]", ran.out)


def test_what_is_printed_is_cleaned_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    show(Outcome(0, "an id \x1b[2J\n\u202e", "talk \x9b"))
    assert capsys.readouterr() == ("an id ^[[2J\n\ufffd\n", "talk \ufffd\n")


def test_snooze_puts_it_out_of_the_way_here_only(run: Run, world: World) -> None:
    problem = first(run)
    ran = run("snooze", problem["id"], "30m")
    assert ran.code == 0
    assert f"{problem['id']}: snoozed here until " in ran.out
    assert problem["id"] not in [p["id"] for p in run("list", "--json").json["problems"]]
    assert any(line.startswith("-") and line.endswith(problem["id"]) for line in run("list").out.splitlines())
    assert world.monitor.silences == {}
    assert orders(world).assignee is None


def test_snooze_at_the_source_tells_the_sources_that_can_and_says_until_when(run: Run, world: World) -> None:
    problem = first(run)
    ran = run("snooze", problem["id"], "30m", "--at-source")
    assert (ran.code, ran.talk) == (0, "")
    silences = list(world.monitor.silences.values())
    assert silences
    assert {round((one.ends_at - world.monitor.now()).total_seconds() / 60) for one in silences} == {30}
    assert orders(world).assignee is None


def test_snooze_at_a_source_that_cannot_says_why_in_its_words(run: Run, world: World) -> None:
    ran = run("snooze", f"desk/{world.night.tickets['orders']}", "30m", "--at-source")
    assert ran.code == 5
    assert ran.talk == "oncall-tui: desk: a ticket knows no end of a pause; snooze it here instead\n"


def test_a_wrong_id_or_duration_is_told_and_nothing_is_said(run: Run, world: World) -> None:
    assert run("ack", "nope").talk.startswith("oncall-tui: no problem or signal is called 'nope'")
    assert run("ack", "nope").code == 2
    assert run("ack", "desk/").code == 2
    for span in ("soon", "0m", "0.5s", "59s", "31d", "999999999d", "30", "09:00", ""):
        ran = run("snooze", first(run)["id"], span)
        assert (ran.code, ran.out) == (2, ""), span
        assert ran.talk.startswith(f"oncall-tui: {span!r} ")
    assert run("snooze", first(run)["id"], "0m").talk == "oncall-tui: '0m' must be from 1m to 30d\n"
    assert run("snooze", first(run)["id"], "0m", "--at-source").code == 2
    assert run("outbox", "--deliver", "--wait", "25h").talk == "oncall-tui: '25h' must be from 0s to 1d\n"
    assert run("list").talk == ""
    assert run("outbox").out == "The outbox is empty.\n"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["delivered", "confirmed"], 0),
        (["delivered", "waiting"], 4),
        (["unsure"], 4),
        (["sending"], 4),
        (["delivered", "refused"], 5),
        (["waiting", "refused"], 5),
        ([], 0),
    ],
)
def test_one_write_that_is_not_through_decides_the_exit_code(states: list[str], expected: int) -> None:
    writes = [
        REPLY.__class__(**{f: getattr(REPLY, f) for f in REPLY.__struct_fields__} | {"state": State(s)}) for s in states
    ]
    assert code(writes) == expected


# --- our own house ---------------------------------------------------------------------------------------------------


def test_sources_tests_each_step_of_each_source(run: Run) -> None:
    ran = run("sources", "--json")
    assert ran.code == 0, ran
    assert [(source["name"], source["kind"], source["ok"]) for source in ran.json] == [
        ("monitor", "alertmanager", True),
        ("desk", "redmine", True),
    ]
    assert all(step["words"] for source in ran.json for step in source["steps"])
    text = run("sources")
    assert text.code == 0
    assert text.out.splitlines()[0].startswith("monitor")


def test_sources_says_what_is_wrong_and_never_the_secret(run: Run, tmp_path: Path, world: World) -> None:
    (tmp_path / "demo.key").write_text("CANARY")
    ran = run("sources")
    assert ran.code == 3
    assert "FAILED" in ran.out
    assert "CANARY" not in ran.out + ran.talk
    assert run("list").code == 3
    assert "desk" in run("list").talk


def test_connectors_tells_each_verb_and_why_one_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["connectors", "--json"]) == 0
    known = {one["kind"]: one for one in json.loads(capsys.readouterr().out)}
    assert known["alertmanager"]["verbs"] == ["acknowledge", "release", "snooze"]
    assert known["alertmanager"]["cannot"]["note"] == "Alertmanager keeps no notes"
    assert "reply" in known["redmine"]["verbs"]
    main(["connectors"])
    assert "  no note: Alertmanager keeps no notes\n" in capsys.readouterr().out


# --- a fault of our own ----------------------------------------------------------------------------------------------


class Failing(Namespace):
    """Arguments that fail where they are read, with a text that must not be shown."""

    @property
    def config(self) -> Path:
        raise ValueError("illegal header value canary-4711")


def test_an_error_that_is_none_of_ours_is_told_by_its_kind_and_place_and_never_by_its_text() -> None:
    came = commands.run(Failing(command="next", here=()))
    assert (came.code, came.out) == (Code.INCOMPLETE, "")
    assert "a fault of our own ended this; what was saved is kept" in came.talk
    assert re.search(r"ValueError, commands\.py:\d+ _told > .*test_commands\.py:\d+ config", came.talk)
    assert "canary" not in came.talk
    assert "\n" not in came.talk


def test_a_configuration_whose_name_no_system_takes_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", "x" * 300, "list"]) == 2
    assert "There is no configuration at xxx" in capsys.readouterr().err
