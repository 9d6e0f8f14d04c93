"""A problem from its beginning to its end at each real server, said by commands and read back by a second client."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from oncall_tui.model import Verb
from tests.servers.conftest import Rack
from tests.servers.night import Night
from tests.servers.reach import eventually
from tests.servers.second.alerta import Alerta
from tests.servers.second.alertmanager import Alertmanager, Grafana
from tests.servers.second.base import Said, Second
from tests.servers.second.board import Board
from tests.servers.second.icinga2 import Icinga2
from tests.servers.second.nagios import Nagios
from tests.servers.second.prometheus import Prometheus
from tests.servers.second.redmine import Redmine
from tests.servers.second.roundup import Roundup
from tests.servers.second.rt import RequestTracker
from tests.servers.second.zabbix import Zabbix

pytestmark = pytest.mark.server

ON: dict[type[Second], str] = {
    Alerta: "alerta",
    Alertmanager: "nights_alertmanager",
    Board: "redmine",
    Grafana: "grafanas_alertmanager",
    Icinga2: "icinga2",
    Nagios: "nagios",
    Prometheus: "prometheus",
    Redmine: "redmine",
    RequestTracker: "rt",
    Roundup: "roundup",
    Zabbix: "zabbix",
}
"""Which server of the rack each is."""

DONE, ALONE, INCOMPLETE, WAITING, REFUSED = 0, 1, 3, 4, 5
COMMANDS = {Verb.ACKNOWLEDGE: "ack", Verb.RELEASE: "release", Verb.RESOLVE: "resolve", Verb.NOTE: "note"}
COMMANDS[Verb.REPLY] = "reply"


class Cycle:
    """One problem at one server, and the engineer who has nothing but that server."""

    def __init__(self, second: Second, folder: Path) -> None:
        self.second = second
        self.night = Night(folder, {"it": second})
        second.clear()
        eventually(lambda: self.night.run("list").code == DONE, "nothing is open")
        self.id = second.appear("OrdersDown")
        eventually(self.listed, "it is listed")
        [found] = self.listed()
        self.ref = next(one["ref"] for one in found["signals"])

    def listed(self) -> list[Any]:
        """The problem in the engineer's list; none when that is empty."""
        return self.night.problems()

    def hears(self, verb: Verb, *text: str) -> bool:
        """Whether the product hears that verb; says it then, and sees to it that it is done."""
        ran = self.night.run(COMMANDS[verb], self.ref, *text)
        if verb not in self.second.hears:
            assert ran.code == REFUSED, ran
            assert ran.talk.startswith(("oncall-tui: it: ", "oncall-tui: no customer wrote about this")), ran
            return False
        assert ran.code in (DONE, WAITING), ran
        if ran.code == WAITING:
            self.deliver()
        return True

    def deliver(self) -> None:
        delivered = self.night.run("outbox", "--deliver", "--wait", "60s")
        assert delivered.code == DONE, delivered


@pytest.fixture(params=ON, ids=lambda kind: kind.kind)
def cycle(request: pytest.FixtureRequest, rack: Rack, tmp_path: Path) -> Cycle:
    kind: type[Second] = request.param
    return Cycle(kind(rack.start(ON[kind])[0]), tmp_path)


def test_a_problem_appears_and_ends_at_its_source(cycle: Cycle) -> None:
    appears(cycle)
    is_taken(cycle)
    is_spoken_to(cycle)
    is_spoken_to_while_the_server_is_down(cycle)
    is_taken_by_a_colleague_and_taken_over(cycle)
    is_given_back(cycle)
    ends(cycle)


def appears(cycle: Cycle) -> None:
    assert cycle.night.run("list").code == ALONE
    [problem] = cycle.listed()
    assert (problem["taken_by"], problem["alone"]["why"]) == ("", "nobody yet")


def is_taken(cycle: Cycle) -> None:
    if not cycle.hears(Verb.ACKNOWLEDGE):
        return
    assert cycle.second.holder(cycle.id) == cycle.second.me
    assert has_it(cycle, cycle.second.me)


def has_it(cycle: Cycle, who: str) -> bool:
    """Whether the engineer's list says so; some servers tell it a moment later. It calls the engineer by their own name."""
    names = (who, "Olga Oncall") if who == cycle.second.me else (who,)
    eventually(lambda: cycle.listed()[0]["taken_by"] in names, f"{who or 'nobody'} has it")
    return True


def is_spoken_to(cycle: Cycle) -> None:
    """A note is read by colleagues only, a reply by the customer, each word for word and once."""
    said = []
    for verb, text in ((Verb.NOTE, "db1 is full"), (Verb.REPLY, "We zijn ermee bezig.")):
        if cycle.hears(verb, text):
            said.append(Said(text, private=verb is Verb.NOTE))
    assert words(cycle) == said


def words(cycle: Cycle) -> list[Said]:
    """What was said there, without the mark by which a note is found again."""
    if not cycle.second.hears & {Verb.NOTE, Verb.REPLY}:
        return []
    return [Said(said.text.split("[oncall-tui")[0].strip(), said.private) for said in cycle.second.said(cycle.id)]


def is_spoken_to_while_the_server_is_down(cycle: Cycle) -> None:
    """What was said waits, what was there stays, and once the server is back it is there once."""
    before = words(cycle)
    cycle.second.server.stop()
    assert cycle.night.run("list").code == INCOMPLETE
    [problem] = cycle.listed()
    speaks = next((verb for verb in (Verb.REPLY, Verb.NOTE) if verb in cycle.second.hears), None)
    if speaks:
        assert cycle.night.run(COMMANDS[speaks], cycle.ref, "still there").code == WAITING
    cycle.second.begin()
    cycle.deliver()
    if speaks:
        assert words(cycle) == [*before, Said("still there", private=speaks is Verb.NOTE)]
        cycle.deliver()
        assert len(words(cycle)) == len(before) + 1
    assert has_it(cycle, cycle.second.me if problem["taken_by"] else "")


def is_taken_by_a_colleague_and_taken_over(cycle: Cycle) -> None:
    if Verb.ACKNOWLEDGE not in cycle.second.hears:
        return
    cycle.second.take(cycle.id)
    assert has_it(cycle, cycle.second.colleague)
    kept = cycle.night.run("release", cycle.ref)
    assert (kept.code, bool(re.search("has it now|no silence of yours was left", kept.out))) == (DONE, True), kept
    assert cycle.second.holder(cycle.id) == cycle.second.colleague
    asked = cycle.night.run("ack", cycle.ref)
    assert (asked.code, cycle.second.colleague in asked.talk) == (REFUSED, True), asked
    assert cycle.second.holder(cycle.id) == cycle.second.colleague
    assert cycle.night.run("ack", cycle.ref, "--sure").code in (DONE, WAITING)
    cycle.deliver()
    assert cycle.second.holder(cycle.id) == cycle.second.me


def is_given_back(cycle: Cycle) -> None:
    if cycle.hears(Verb.RELEASE):
        assert cycle.second.holder(cycle.id) == ""
    assert has_it(cycle, "")


def ends(cycle: Cycle) -> None:
    if not cycle.hears(Verb.RESOLVE):
        cycle.second.end(cycle.id)
    eventually(lambda: not cycle.second.is_open(cycle.id), "it is over there")
    eventually(lambda: not cycle.listed(), "it is listed no more")
    eventually(lambda: cycle.night.run("list", "--json").json["quiet"], "all is told, and quiet")
    assert cycle.night.run("list").code == DONE
