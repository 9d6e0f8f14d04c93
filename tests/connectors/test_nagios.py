"""What the Nagios connector asks, word for word, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_tui.connectors.monitors import nagios
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Request, Response, Source
from oncall_tui.model import Me, Signal, Verb, Write
from oncall_tui.testing.play import Played, ok, play

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
MS = NOW.timestamp() * 1000
SOURCE = Source(name="na", url="https://na/cgi", me=Me(name="Sanne"), options={"user": "oncall"})
DISK = "db1;disk /"
LATER = NOW + timedelta(hours=1)
FORM = "<INPUT TYPE='hidden' NAME='nagFormId' VALUE='79e2a9'\n<INPUT NAME='start_time' VALUE='2026-11-23 08:42:00'>"
QUEUED = "<P><DIV CLASS='infoMessage'>Your command request was successfully submitted to Nagios for processing.</DIV>"
NO = "<P><DIV CLASS='errorMessage'>It appears as though you do not have permission&#33;</DIV></P>"


def status(**more: Any) -> dict[str, Any]:
    state = {"state_type": "hard", "problem_has_been_acknowledged": False, "last_hard_state_change": MS}
    return {"status": "critical", **state, **more}


def service(name: str = DISK, **more: Any) -> dict[str, Any]:
    host, _, description = name.partition(";")
    return status(host_name=host, description=description, **more)


def host(name: str = "db1", **more: Any) -> dict[str, Any]:
    return status(**{"name": name, "status": "down", **more})


def said(author: str = "Sanne", about: str = DISK, **more: Any) -> dict[str, Any]:
    host_name, _, description = about.partition(";")
    where = {"comment_id": 7, "host_name": host_name, "service_description": description}
    return {**where, "author": author, "entry_time": MS, "entry_type": "acknowledgement", "comment_data": "x", **more}


class Nagios:
    """Answers by query; `form` is what cmd.cgi shows and `taken` what it says to a command.

    `variables` are custom ones by the name of what has them.
    """

    def __init__(
        self,
        *services: Any,
        hosts: Sequence[Any] = (),
        comments: Sequence[Any] = (),
        downtimes: Sequence[Any] = (),
        form: str = FORM,
        taken: str = QUEUED,
        sees: int = 2,
        variables: Mapping[str, Mapping[str, str]] | None = None,
        **result: Any,
    ) -> None:
        by_host: dict[str, dict[str, Any]] = {}
        for one in services:
            by_host.setdefault(one["host_name"], {})[one["description"]] = one
        self.data = {
            "servicelist": by_host,
            "hostlist": {one["name"]: one for one in hosts},
            "commentlist": {str(number): one for number, one in enumerate(comments)},
            "downtimelist": {str(number): one for number, one in enumerate(downtimes)},
            "programstatus": {"version": "4.4.6"},
            "hostcount": {"up": sees, "down": 0},
        }
        self.variables = variables or {}
        self.pages = form, taken
        self.result = {"query_time": MS, "last_data_update": MS, "program_start": 0, "type_code": 0, **result}

    def __call__(self, request: Request) -> Response:
        if request.path == "/cmd.cgi":
            return ok(self.pages[request.writes])
        asked = dict(request.query)
        name = "count" if asked["query"] == "hostcount" else asked["query"]
        found = self.objects(asked) if request.path == "/objectjson.cgi" else self.one(asked)
        return replace(ok(json.dumps({"result": self.result, "data": {name: found}})), at=NOW)

    def one(self, asked: Mapping[str, str]) -> Any:
        """What is asked for; a host that is not listed is up."""
        match asked["query"]:
            case "host":
                return self.data["hostlist"].get(asked["hostname"], host(asked["hostname"], status="up"))
            case "service":
                return self.data["servicelist"][asked["hostname"]][asked["servicedescription"]]
            case query:
                return self.data[query]

    def objects(self, asked: Mapping[str, str]) -> Any:
        def told(*names: str) -> Any:
            named = dict(zip(("host_name", "description") if names[1:] else ("name",), names, strict=True))
            return {**named, "custom_variables": self.variables.get(";".join(names), {})}

        match asked["query"]:
            case "host":
                return told(asked["hostname"])
            case "service":
                return told(asked["hostname"], asked["servicedescription"])
            case "hostlist":
                return {name: told(name) for name in (*self.data["hostlist"], *self.data["servicelist"])}
            case _:
                return {one: {name: told(one, name) for name in of} for one, of in self.data["servicelist"].items()}


def poll(server: Nagios) -> list[Signal]:
    return play(nagios.poll(SOURCE), server).result.signals


def write(verb: Verb, **more: Any) -> Write:
    return Write(
        **{"id": "w1", "problem": "p", "ref": f"na/{DISK}", "verb": verb, "by": "Sanne", "asked_at": NOW, **more}
    )


def say(verb: Verb, server: Nagios, **more: Any) -> Played[Any]:
    return play(nagios.CONNECTOR.answers[verb](SOURCE, write(verb, **more)), server)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_it_asks_for_what_is_not_well_in_words_and_not_in_numbers() -> None:
    played = play(nagios.poll(SOURCE), Nagios(service())).asked
    asked = [dict(one.query) for one in played if one.path == "/statusjson.cgi"]
    assert [one["query"] for one in asked] == ["hostlist", "servicelist", "commentlist", "downtimelist"]
    assert {one["formatoptions"] for one in asked} == {"enumerate"}
    assert (asked[0]["hoststatus"], asked[1]["servicestatus"]) == ("down unreachable", "warning critical unknown")


@pytest.mark.parametrize(
    ("word", "impact"), [("critical", "down"), ("warning", "at_risk"), ("unknown", "at_risk"), ("odd", "at_risk")]
)
def test_a_status_becomes_an_impact(word: str, impact: str) -> None:
    [signal] = poll(Nagios(service(status=word)))
    assert (signal.severity, signal.impact.word) == (word, impact)


def test_a_check_is_a_label_and_no_service_of_ours() -> None:
    [signal] = poll(Nagios(service()))
    assert (signal.service, signal.host, signal.labels) == ("", "db1", {"check": "disk /"})


@pytest.mark.parametrize("unwell", [{"status": "ok"}, {"state_type": "soft"}, {"status": "pending"}])
def test_what_is_well_or_only_tried_again_is_no_signal(unwell: dict[str, Any]) -> None:
    assert poll(Nagios(service(**unwell))) == []


def test_only_a_host_that_is_certainly_down_puts_its_services_aside() -> None:
    for state_type, aside in (("hard", True), ("soft", False)):
        signals = poll(Nagios(service(), hosts=[host(state_type=state_type)]))
        assert bool(signals[-1].suppressed) is aside


@pytest.mark.parametrize(
    ("comments", "taken_by", "mine"),
    [
        ([said("Sanne")], "Sanne", True),
        ([said("Olga")], "Olga", False),
        ([said("Olga"), said("Sanne")], "Sanne", True),
        ([said("Nagios Admin", comment_data="taken by Sanne [oncall-tui w0]")], "Sanne", True),
        ([said("Nagios Admin", comment_data="taken by Olga [oncall-tui w0]")], "Olga", False),
        ([said("Olga", about="db1;other")], "somebody", False),
        ([said("Olga", entry_type="user")], "somebody", False),
    ],
    ids=["me", "a colleague", "me on top", "me by one account", "a colleague by it", "of another", "only a note"],
)
def test_who_acknowledged_it_stands_in_the_last_comment(comments: list[Any], taken_by: str, mine: bool) -> None:
    [signal] = poll(Nagios(service(problem_has_been_acknowledged=True), comments=comments))
    assert (signal.taken_by, signal.mine) == (taken_by, mine)


def test_what_nagios_itself_writes_about_a_downtime_is_no_note() -> None:
    comments = [said("(Nagios Process)", entry_type="downtime"), said("Olga", entry_type="user", comment_data="hm")]
    assert [one.text for one in poll(Nagios(service(), comments=comments))[0].messages] == ["hm"]


def test_what_a_dead_daemon_left_behind_is_not_believed() -> None:
    assert poll(Nagios(service(), last_data_update=MS - 50_000))
    with pytest.raises(Unavailable, match="has stopped: its status is 70 s old") as stopped:
        poll(Nagios(service(), last_data_update=MS - 70_000))
    assert not stopped.value.maybe_sent


def test_an_empty_list_is_good_news_only_for_who_sees_hosts() -> None:
    assert poll(Nagios()) == []
    with pytest.raises(Rejected, match="no host at all"):
        poll(Nagios(sees=0))


def test_an_error_inside_a_success_is_an_error() -> None:
    with pytest.raises(Rejected, match="no such query"):
        poll(Nagios(type_code=6, message="no such query"))


def test_a_look_at_one_asks_for_its_host_only() -> None:
    asked = [dict(one.query) for one in play(nagios.API.peek(SOURCE, DISK), Nagios(service())).asked]
    assert [one["query"] for one in asked] == ["host", "host", "service", "service", "commentlist", "downtimelist"]
    assert {one["hostname"] for one in asked} == {"db1"}


def test_a_host_that_is_not_there_is_gone_and_no_error() -> None:
    assert play(nagios.API.peek(SOURCE, "nowhere"), Nagios(type_code=6, message="could not be found")).result is None


# --- answering -------------------------------------------------------------------------------------------------------


def test_taking_it_sends_the_forms_number_twice_and_calls_nobody() -> None:
    said_ = say(Verb.ACKNOWLEDGE, Nagios(service()))
    [sent] = said_.writes
    assert (sent.method, sent.path, sent.headers["Cookie"]) == ("POST", "/cmd.cgi", "NagFormId=79e2a9")
    assert dict(sent.form or ()) == {
        "nagFormId": "79e2a9",
        "cmd_mod": "2",
        "cmd_typ": "34",
        "host": "db1",
        "service": "disk /",
        "com_author": "Sanne",
        "sticky_ack": "on",
        "com_data": "taken by Sanne [oncall-tui w1]",
        "btnSubmit": "Commit",
    }
    assert not said_.result.settled


@pytest.mark.parametrize(
    ("verb", "of_host", "of_service"),
    [(Verb.ACKNOWLEDGE, "33", "34"), (Verb.NOTE, "1", "3"), (Verb.SNOOZE, "55", "56")],
)
def test_a_host_and_a_service_have_commands_of_their_own(verb: Verb, of_host: str, of_service: str) -> None:
    server = Nagios(service(), hosts=[host()])
    for ref, number in (("na/db1", of_host), (f"na/{DISK}", of_service)):
        [sent] = say(verb, server, ref=ref, until=LATER, text="x").writes
        assert dict(sent.form or ())["cmd_typ"] == number
        assert ("service" in dict(sent.form or ())) is (number == of_service)


@pytest.mark.parametrize(
    ("form", "taken", "words"),
    [(NO, QUEUED, "do not have permission!"), (FORM, NO, "do not have permission!"), (FORM, "<p>", "does not say why")],
    ids=["no form", "refused", "silent"],
)
def test_only_what_nagios_says_it_queued_counts(form: str, taken: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        say(Verb.NOTE, Nagios(service(), form=form, taken=taken), text="x")


@pytest.mark.parametrize("name", ["", ";", "db1;", ";disk /", "db1;disk\n/"])
def test_nothing_is_ever_said_without_one_object(name: str) -> None:
    for command in (nagios.ACKNOWLEDGE, nagios.REMOVE, nagios.COMMENT, nagios.DOWNTIME, nagios.DEL_DOWNTIME):
        with pytest.raises(Unreadable):
            play(nagios._command(SOURCE, write(Verb.NOTE, ref=f"na/{name}"), command), Nagios())


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("één – twee…", "een - twee..."),
        ("a;b\nc\t d", "a,b c d"),
        ("<b>x</b> 日", "bx/b ?"),
        ("“Straße”", '"Strasse"'),
    ],
)
def test_words_become_ascii_on_one_line(text: str, sent: str) -> None:
    assert nagios.ascii_line(text) == sent


def test_what_was_changed_in_a_note_is_told() -> None:
    assert say(Verb.NOTE, Nagios(service()), text="plain").result.words == ""
    assert "'een'" in say(Verb.NOTE, Nagios(service()), text="één").result.words


@pytest.mark.parametrize(
    ("shown", "end"),
    [
        ("2026-11-23 03:12:00", "2026-11-23 05:12:00"),
        ("2026-11-23 08:42:07", "2026-11-23 10:42:00"),
        ("11-22-2026 22:12:00", "11-23-2026 00:12:00"),
        ("23-11-2026 04:11:58", "23-11-2026 06:12:00"),
        ("2026-11-23T03:12:00", "2026-11-23T05:12:00"),
    ],
    ids=["ISO in UTC", "India", "US", "Europe", "strict ISO"],
)
def test_an_end_is_written_in_the_zone_and_the_spelling_of_the_servers_form(shown: str, end: str) -> None:
    assert nagios._spelt(shown, NOW, NOW + timedelta(hours=2)) == end


def test_a_day_that_could_be_a_month_is_told_from_it_by_the_date() -> None:
    march = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert nagios._spelt("03-04-2026 12:00:00", march, march + timedelta(days=1)).startswith("03-05-2026")
    assert nagios._spelt("04-03-2026 12:00:00", march, march + timedelta(days=1)).startswith("05-03-2026")


@pytest.mark.parametrize("shown", ["", "yesterday", "2026-11-20 03:12:00"])
def test_a_time_that_is_not_now_in_any_spelling_makes_no_downtime(shown: str) -> None:
    with pytest.raises(Unreadable):
        nagios._spelt(shown, NOW, NOW)


def test_a_daemon_that_has_just_started_is_not_asked_what_it_was_told_before() -> None:
    young = Nagios(service(), program_start=MS - 5000)
    with pytest.raises(Unavailable, match="just started"):
        play(nagios.seen(SOURCE, write(Verb.NOTE, attempts=1)), young)
    old = Nagios(service(), program_start=MS - 50_000)
    assert play(nagios.seen(SOURCE, write(Verb.NOTE, attempts=1)), old).result is False


def test_a_name_that_nagios_writes_in_ascii_is_still_mine() -> None:
    source = replace(SOURCE, me=Me(name="Zoë"))
    server = Nagios(service(problem_has_been_acknowledged=True), comments=[said("Zoe")])
    assert play(nagios.poll(source), server).result.signals[0].mine


def test_giving_it_back_ends_mine_and_leaves_a_colleagues() -> None:
    taken = service(problem_has_been_acknowledged=True)
    [sent] = say(Verb.RELEASE, Nagios(taken, comments=[said("Sanne")])).writes
    assert dict(sent.form or ())["cmd_typ"] == "52"
    theirs = say(Verb.RELEASE, Nagios(taken, comments=[said("Olga")]))
    assert (theirs.writes, theirs.result.words) == ((), "Olga has it now")


def test_taking_a_snooze_back_ends_the_downtime_that_it_made_by_its_number() -> None:
    mine = said("Sanne", downtime_id=4, comment="x [oncall-tui w1]", end_time=MS + 1000)
    other = said("Sanne", downtime_id=5, comment="x [oncall-tui w2]", end_time=MS + 1000)
    server = Nagios(service(), downtimes=[other, mine])
    [sent] = play(nagios.CONNECTOR.retracts[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE)), server).writes
    form = dict(sent.form or ())
    assert (form["cmd_typ"], form["down_id"]) == ("79", "4")


# --- labels ----------------------------------------------------------------------------------------------------------

VARIABLES = {"db1": {"CUSTOMER": "De Korenaar", "OS": "Linux", "BAKERY": ""}, DISK: {"OS": "none", "SERVICE": "orders"}}


def test_custom_variables_are_labels_a_services_own_before_its_hosts_and_none_that_nagios_cannot_tell() -> None:
    [signal] = poll(Nagios(service(), variables=VARIABLES))
    assert signal.labels == {"customer": "De Korenaar", "os": "none", "service": "orders", "check": "disk /"}
    assert signal.service == "orders"
    assert play(nagios.API.peek(SOURCE, DISK), Nagios(service(), variables=VARIABLES)).result == signal


@pytest.mark.parametrize(
    ("how", "is_stopped"),
    [({}, False), ({"checks_enabled": True}, False), ({"checks_enabled": False, "check_type": "active"}, True),
     ({"checks_enabled": False, "check_type": "passive", "accept_passive_checks": True}, False),
     ({"checks_enabled": False, "check_type": "passive", "accept_passive_checks": False}, True)],
)  # fmt: skip
def test_what_is_checked_no_more_says_that_it_may_be_well_by_now(how: dict[str, Any], is_stopped: bool) -> None:
    [signal] = poll(Nagios(service(**how)))
    assert ("Its checks were switched off since" in signal.text) is is_stopped


@pytest.mark.parametrize(
    ("known_at", "started_at", "afresh", "asks"),
    [
        (NOW, NOW - timedelta(hours=1), False, False),
        (NOW, NOW - timedelta(hours=1), True, True),
        (NOW, NOW - timedelta(seconds=30), False, True),
        (NOW, NOW + timedelta(seconds=30), False, True),
        (None, NOW - timedelta(hours=1), False, True),
    ],
    ids=["long running", "afresh", "just started", "started since", "nothing known"],
)
def test_labels_are_kept_while_the_daemon_that_told_them_runs(
    known_at: datetime | None, started_at: datetime, afresh: bool, asks: bool
) -> None:
    server = Nagios(service(), variables=VARIABLES, program_start=started_at.timestamp() * 1000)
    [before] = poll(server)
    played = play(nagios.poll(replace(SOURCE, known={DISK: before}, known_at=known_at, afresh=afresh)), server)
    assert played.result.signals == [before]
    assert any(one.path == "/objectjson.cgi" for one in played.asked) is asks


def test_custom_variables_that_cannot_be_read_cost_only_themselves_and_are_told() -> None:
    broken: Any = {"db1": {"CUSTOMER": "De Korenaar"}, DISK: ["SERVICE"]}
    reading = play(nagios.poll(SOURCE), Nagios(service(), hosts=[host()], variables=broken)).result
    assert {signal.id for signal in reading.signals} == {"db1", DISK}
    assert {signal.labels.get("customer") for signal in reading.signals} == {"De Korenaar", None}
    assert len(reading.unreadable) == 1


def test_what_is_no_problem_yet_is_no_reason_to_ask_for_all_labels() -> None:
    soft = service("db1;other", state_type="soft")
    server = Nagios(service(), soft, variables=VARIABLES, program_start=(NOW - timedelta(hours=1)).timestamp() * 1000)
    [before] = poll(server)
    played = play(nagios.poll(replace(SOURCE, known={DISK: before}, known_at=NOW)), server)
    assert played.result.signals == [before]
    assert not any(one.path == "/objectjson.cgi" for one in played.asked)


def test_what_is_listed_for_the_first_time_has_its_labels() -> None:
    server = Nagios(service(), variables=VARIABLES)
    played = play(nagios.poll(replace(SOURCE, known_at=NOW)), server)
    assert played.result.signals[0].labels["customer"] == "De Korenaar"


# --- who we are ------------------------------------------------------------------------------------------------------

NO_WORDS = "<P><DIV CLASS='errorMessage'>Comment was not entered</DIV></P>"
SORRY = "<P><DIV CLASS='errorMessage'>Sorry, but you are not authorized to commit the specified command.</DIV></P>"


def test_whether_we_may_is_asked_by_a_comment_without_words() -> None:
    asked = play(nagios.may(SOURCE), Nagios(hosts=[host()], taken=NO_WORDS))
    [sent] = asked.writes
    assert (dict(sent.form or ())["host"], dict(sent.form or ())["com_data"]) == ("db1", "")
    assert asked.result == "acknowledgements, comments and downtimes are taken from us"


@pytest.mark.parametrize(("taken", "words"), [(SORRY, "not authorized"), (QUEUED, "a question for an answer")])
def test_who_may_not_is_told_in_nagios_own_words(taken: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        play(nagios.may(SOURCE), Nagios(hosts=[host()], taken=taken))
