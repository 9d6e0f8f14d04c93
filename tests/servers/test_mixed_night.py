"""A night at six real servers at once: three monitors and three desks, on one screen in a pty.

What the program shows is read from the pty; what it did, and what others do meanwhile, goes through second clients.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.pty import Session
from tests.servers.conftest import Rack
from tests.servers.night import Night
from tests.servers.reach import eventually
from tests.servers.second.alertmanager import Alertmanager
from tests.servers.second.base import Said, Second
from tests.servers.second.icinga2 import HTTP, Icinga2
from tests.servers.second.redmine import URGENT, Redmine
from tests.servers.second.roundup import Roundup
from tests.servers.second.rt import RequestTracker
from tests.servers.second.zabbix import Zabbix

pytestmark = pytest.mark.server

KORENAAR, LENTE = "Bakkerij De Korenaar", "Webshop Lente"
SIZE = (120, 40)
QUIET = b"Nobody is alone"
TABLES: dict[str, Any] = {
    "customers": {
        KORENAAR: {"core_process": "take orders from 14 shops", "depends_on": ["orders-api"], "language": "nl"},
        LENTE: {"core_process": "sell seeds", "depends_on": ["orders-api"], "language": "nl"},
    },
    "outbox": {"undo": "4s", "late": "5s"},
    "services": {"orders-api": {"match": {"labels": {"service": "orders-api"}}}},
}


class Mixed:
    """The servers of the night by the name of their source, and what goes wrong there."""

    def __init__(self, rack: Rack, folder: Path) -> None:
        names = ("nights_alertmanager", "icinga2", "zabbix", "redmine", "rt", "roundup")
        servers = dict(zip(names, rack.start(*names), strict=True))
        self.am = Alertmanager(servers["nights_alertmanager"])
        self.icinga, self.zabbix = Icinga2(servers["icinga2"]), Zabbix(servers["zabbix"])
        self.redmine = Redmine(servers["redmine"]).told(customer_field="Customer")
        self.rt = RequestTracker(servers["rt"]).told(customer_field="Customer")
        self.roundup = Roundup(servers["roundup"])
        self.sources: dict[str, Second] = {
            "am": self.am,
            "icinga": self.icinga,
            "zabbix": self.zabbix,
            "redmine": self.redmine,
            "rt": self.rt,
            "roundup": self.roundup,
        }
        for second in self.sources.values():
            second.clear()
        self.night = Night(folder, self.sources, **TABLES)

    def burn(self) -> None:
        """Orders are down: two monitors say so, and two customers, each at another desk."""
        tags = [{"tag": "service", "value": "orders-api"}]
        self.on_am = self.am.appear("OrdersApiDown", service="orders-api")
        self.on_zabbix = self.zabbix.appear("HTTP 5xx at 41 percent", tags=tags)
        named = [{"id": 1, "value": KORENAAR}]
        self.on_redmine = self.redmine.appear("Bestellen werkt niet", priority_id=URGENT, custom_fields=named)
        self.on_rt = self.rt.appear("Afrekenen lukt niet", Priority=100)
        self.rt.change(self.rt.root, self.on_rt, CustomFields={"Customer": LENTE})
        on = {"am": self.on_am, "zabbix": self.on_zabbix, "redmine": self.on_redmine, "rt": self.on_rt}
        self.fire = [f"{source}/{signal_id}" for source, signal_id in on.items()]

    def smoulder(self) -> None:
        """Beside it: a web server that has nothing to do with it, and a question."""
        self.icinga.result(HTTP, 2, "connection refused")
        self.on_roundup = self.roundup.appear("Vraag over de factuur van oktober", "Klopt het bedrag?", priority="wish")


@pytest.fixture(scope="module")
def mixed(rack: Rack, tmp_path_factory: pytest.TempPathFactory) -> Mixed:
    return Mixed(rack, tmp_path_factory.mktemp("night"))


def test_a_night_from_the_first_alarm_to_quiet(mixed: Mixed) -> None:
    mixed.burn()
    mixed.smoulder()
    with mixed.night.screen(SIZE) as screen:
        the_fire_is_one_problem_and_on_screen(mixed, screen)
        it_is_taken_at_all_its_sources(mixed, screen)
        both_customers_hear_first_words(mixed, screen)
        a_note_stays_with_colleagues(mixed, screen)
        a_colleague_takes_another_one(mixed, screen)
        what_recovers_leaves_the_board(mixed, screen)
        words_are_held_when_the_program_is_killed(mixed, screen)
    with mixed.night.screen(SIZE) as screen:
        they_are_delivered_once(mixed, screen)
        a_server_is_stopped_and_nothing_is_called_quiet(mixed, screen)
        it_comes_back_and_all_is_quiet(mixed, screen)
        screen.key("ctrl+c")
        assert screen.wait_end()[0] == 0


def the_fire_is_one_problem_and_on_screen(mixed: Mixed, screen: Session) -> None:
    screen.wait("6 sources live")
    screen.wait("BAKKERIJ DE KORENAAR and 1 more .* ALONE")
    for seen in ("OrdersApiDown .* am", "HTTP 5xx at 41 percent .* zabbix", "Bestellen werkt niet .* redmine"):
        screen.wait(seen)
    screen.wait("Afrekenen lukt niet .* rt")
    screen.wait("nobody yet")
    fire, *others = mixed.night.problems()
    assert {signal["ref"] for signal in fire["signals"]} == set(mixed.fire)
    assert "both on orders-api" in " ".join(fire["joined"])
    for customer in (KORENAAR, LENTE):
        assert f"{customer} depends on orders-api" in " ".join(fire["joined"])
    assert [other["title"] for other in others] == ["http", "Vraag over de factuur van oktober"]


def it_is_taken_at_all_its_sources(mixed: Mixed, screen: Session) -> None:
    screen.key("a")
    for ref in mixed.fire:
        source, _, signal_id = ref.partition("/")
        second = mixed.sources[source]
        eventually(lambda second=second, id_=signal_id: second.holder(id_) == second.me, f"{ref} is taken")  # type: ignore[misc]
    screen.wait("have not heard")


def both_customers_hear_first_words(mixed: Mixed, screen: Session) -> None:
    """What the editor opened with goes to each in their own ticket, by their own name."""
    screen.wait("REPLY: .*reads? this")
    screen.key("ctrl+o")
    screen.wait("each in their own ticket. Send")
    screen.key("y")
    for second, ticket in ((mixed.redmine, mixed.on_redmine), (mixed.rt, mixed.on_rt)):
        eventually(lambda second=second, ticket=ticket: second.said(ticket), "the words")  # type: ignore[misc]
        [word] = second.said(ticket)
        assert (word.private, word.text.startswith("Dag Carol,"), "Olga" in word.text) == (False, True, True), word
    screen.wait_until(lambda: "have not heard" not in screen.text(), "they have heard")


def a_note_stays_with_colleagues(mixed: Mixed, screen: Session) -> None:
    screen.key("n")
    screen.wait("NOTE: only colleagues read this")
    screen.say("db1 is full, clearing it")
    noted = Said("db1 is full, clearing it", private=True)
    eventually(lambda: noted in mixed.redmine.said(mixed.on_redmine) + mixed.rt.said(mixed.on_rt), "the note")
    heard = mixed.redmine.carol.get(f"/issues/{mixed.on_redmine}.json?include=journals")["issue"]["journals"]
    assert "db1" not in str(heard)
    assert len(mixed.redmine.said(mixed.on_redmine) + mixed.rt.said(mixed.on_rt)) == 3


def a_colleague_takes_another_one(mixed: Mixed, screen: Session) -> None:
    """While it is on the screen; a key that was meant for what nobody had asks first."""
    screen.wait("more urgent: .*g goes")
    screen.key("g")
    screen.wait("UNKNOWN CUSTOMER")
    screen.wait("http .* icinga")
    mixed.icinga.take(HTTP)
    screen.wait("with Dirk Helper")
    screen.key("a")
    screen.wait("Dirk Helper .*Take it all the same")
    screen.key("escape")
    assert mixed.icinga.holder(HTTP) == mixed.icinga.colleague


def what_recovers_leaves_the_board(mixed: Mixed, screen: Session) -> None:
    mixed.icinga.end(HTTP)
    screen.wait("it is over|is over")
    eventually(lambda: [one["title"] for one in mixed.night.problems() if one["title"] == "http"] == [], "it is gone")
    screen.key("escape", "q")
    screen.wait("queue: 2 problems")
    assert "unknown customer" not in screen.text()


def words_are_held_when_the_program_is_killed(mixed: Mixed, screen: Session) -> None:
    """A second note to the fire, which may be taken back for some seconds still."""
    screen.wait("cannot take orders")
    screen.key("end", "enter")
    screen.wait("OrdersApiDown")
    screen.key("n")
    screen.wait("NOTE: only colleagues read this")
    screen.say("the disk is clean again")
    screen.wait("held")
    screen.kill(signal.SIGKILL)
    screen.wait_end()
    assert not in_tickets(mixed, "the disk is clean again")
    assert QUIET not in bytes(screen.raw)


def in_tickets(mixed: Mixed, text: str) -> list[Said]:
    said = mixed.redmine.said(mixed.on_redmine) + mixed.rt.said(mixed.on_rt)
    return [one for one in said if one.text == text]


def they_are_delivered_once(mixed: Mixed, screen: Session) -> None:
    screen.wait("6 sources live")
    eventually(lambda: in_tickets(mixed, "the disk is clean again"), "the note")
    screen.wait("Vraag over de factuur")
    assert mixed.night.run("outbox", "--deliver").code == 0
    assert in_tickets(mixed, "the disk is clean again") == [Said("the disk is clean again", private=True)]


def a_server_is_stopped_and_nothing_is_called_quiet(mixed: Mixed, screen: Session) -> None:
    """The question is the last thing that somebody is alone with. Once it is answered all would be quiet, but for that."""
    mixed.rt.server.stop()
    screen.wait(r"1 of 6 not live: rt (now|\d)")
    screen.wait("rt cannot be reached: nothing listens at .* as of ")
    [fire] = [one for one in mixed.night.problems() if len(one["signals"]) > 1]
    assert f"rt/{mixed.on_rt}" in {signal["ref"] for signal in fire["signals"]}
    screen.wait("Vraag over de factuur")
    screen.key("a")
    eventually(lambda: mixed.roundup.holder(mixed.on_roundup) == mixed.roundup.me, "the question is taken")
    screen.wait("REPLY: ")
    screen.key("ctrl+o")
    screen.wait("Send.? +y yes")
    screen.key("y")
    eventually(lambda: mixed.roundup.said(mixed.on_roundup), "the answer")
    screen.wait("Nobody is known to be alone, but rt has not answered in time")
    assert mixed.night.run("list").code == 3
    assert QUIET not in bytes(screen.raw)


def it_comes_back_and_all_is_quiet(mixed: Mixed, screen: Session) -> None:
    """It was away for a while, so the program would ask it again some time later; the engineer does not wait for that."""
    mixed.rt.begin()
    screen.key("A")
    screen.wait("6 sources live")
    screen.wait(QUIET.decode())
    for source, second in mixed.sources.items():
        for ref in (*mixed.fire, f"roundup/{mixed.on_roundup}"):
            if ref.startswith(f"{source}/"):
                second.end(ref.partition("/")[2])
    eventually(lambda: mixed.night.problems() == [], "everything is over")
    assert mixed.night.run("list", "--json").json["quiet"]
