"""What the Zabbix connector asks, word for word, and what it makes of the answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_tui.connectors.monitors import zabbix
from oncall_tui.errors import ConfigError, Denied, Rejected, Unavailable, Unreadable
from oncall_tui.kit import Request, Response, Source
from oncall_tui.model import Impact, Me, Signal, Verb, Write
from oncall_tui.testing import Case
from oncall_tui.testing.acts import all_conversations, asked_until_it_ends
from oncall_tui.testing.conformance import Conformance
from oncall_tui.testing.play import Played, ok, play
from tests.connectors.cases.zabbix import CASE, OLDER

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
CLOCK = str(int(NOW.timestamp()))
SESSION = {"version": "7.0.12", "id": "3", "user 3": "Olga Oncall", "user 4": "Dirk Helper"}
SOURCE = Source(name="zbx", url="https://zbx", me=Me(name="Olga"), secret="t0ken", session=SESSION)
STORED = {"eventids": [7]}


class TestSixPointNought(Conformance):
    """The whole suite once more, over a server that wants the token in the body."""

    @pytest.fixture
    def case(self) -> Case:
        return OLDER

    def test_the_secret_is_in_a_header_and_nowhere_else(self, case: Case) -> None:
        """Here: in the body's `auth` and nowhere else, and nowhere at all while the version is asked for."""
        for exchange in all_conversations(case):
            for request in asked_until_it_ends(exchange, case.server()):
                body = dict(request.json)
                expected = None if body["method"] == "apiinfo.version" else case.source.secret
                assert body.pop("auth", None) == expected
                assert case.source.secret not in f"{request.path}{request.query}{body}{request.headers}"
        assert case.connector.headers(case.source) == {}


def told(result: object) -> Response:
    return ok(json.dumps({"jsonrpc": "2.0", "result": result, "id": 1}))


def failed(code: int, data: str) -> Response:
    return ok(
        json.dumps({"jsonrpc": "2.0", "error": {"code": code, "message": "Invalid params.", "data": data}, "id": 1})
    )


def update(number: int, user: str, action: int, message: str = "") -> dict[str, str]:
    return {"acknowledgeid": str(number), "userid": user, "clock": CLOCK, "action": str(action), "message": message}


NO_ITEM = told([])
"""By which the server would tell of itself, that we may see."""


def problem(event: str = "7", **more: Any) -> dict[str, Any]:
    return {
        "eventid": event,
        "objectid": f"1{event}",
        "clock": CLOCK,
        "name": "Disk full",
        "severity": "4",
        "acknowledged": "0",
        **more,
    }


def taken_by(user: str, *before: dict[str, str]) -> dict[str, Any]:
    return problem(acknowledged="1", acknowledges=[*before, update(9, user, 2)])


def suppressed_by(user: str, until: datetime = LATER) -> dict[str, Any]:
    held = {"maintenanceid": "0", "userid": user, "suppress_until": str(int(until.timestamp()))}
    return problem(suppressed="1", suppression_data=[held])


def trigger(number: str = "17", **more: Any) -> dict[str, Any]:
    return {"triggerid": number, "hosts": [{"host": "db1", "name": "db one"}], **more}


def read(*triggers: Any, **more: Any) -> list[Signal]:
    return play(zabbix.poll(SOURCE), [told([problem(**more)]), told(list(triggers)), NO_ITEM]).result.signals


def write(verb: Verb, text: str = "", **more: Any) -> Write:
    fields = {"id": "w1", "problem": "p", "ref": "zbx/7", "verb": verb, "by": "Olga", "asked_at": NOW}
    return Write(**{**fields, "text": text, **more})


class Zabbix:
    """Answers by method: with `before` until something is changed, then with `after`, and always with `triggers`."""

    def __init__(self, before: dict[str, Any], after: dict[str, Any] | None = None, *triggers: Any) -> None:
        self.present, self.after, self.triggers = before, after or before, list(triggers) or [trigger()]

    def __call__(self, request: Request) -> Response:
        match request.json["method"]:
            case "problem.get":
                return told([self.present])
            case "trigger.get":
                return told(self.triggers)
            case _:
                self.present = self.after
                return told(STORED)


def say(
    verb: Verb, before: dict[str, Any], after: dict[str, Any] | None = None, *, source: Source = SOURCE, **more: Any
) -> Played[Any]:
    return play(zabbix.CONNECTOR.answers[verb](source, write(verb, **more)), Zabbix(before, after))


def actions(played: Played[Any]) -> list[Any]:
    return [request.json["params"] for request in played.writes]


# --- the login -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "is_header"),
    [("6.0.14", False), ("6.2.9", False), ("6.4.0", True), ("7.0.0rc1", True), ("7.4.1", True), ("10.0.0", True)],
)
def test_the_token_goes_where_that_version_wants_it(version: str, is_header: bool) -> None:
    olga = [{"userid": "3", "username": "oncall"}]
    first, *rest = play(zabbix.login(replace(SOURCE, session={})), [told(version), told(olga), told(olga)]).asked
    assert ("auth" in first.json, dict(first.headers)) == (False, {})
    for request in rest:
        assert ("auth" in request.json) is not is_header
        assert request.headers == ({"Authorization": "Bearer t0ken"} if is_header else {})


def login(*editable: dict[str, str], **options: str) -> Any:
    source = replace(SOURCE, me=Me(name="Sanne de Vries", aliases=("sdv",)), session={}, options=options)
    answers = [told("7.0.0"), told([{"userid": "4", "username": "dirk"}]), told(list(editable))]
    return play(zabbix.login(source), answers).result


def user(number: str, login_name: str, first: str = "", last: str = "") -> dict[str, str]:
    return {"userid": number, "username": login_name, "name": first, "surname": last}


def test_whoever_may_change_only_themselves_is_me() -> None:
    learnt = login(user("3", "oncall", "Olga", "Oncall"))
    assert learnt == {"version": "7.0.0", "id": "3", "user 4": "dirk", "user 3": "Olga Oncall"}


@pytest.mark.parametrize(
    ("everybody", "options", "me"),
    [
        ([user("1", "Admin"), user("5", "sanne", "Sanne", "de Vries")], {}, "5"),
        ([user("1", "Admin"), user("5", "SDV")], {}, "5"),
        ([user("1", "Admin"), user("5", "sdv")], {"user": "admin"}, "1"),
    ],
    ids=["by full name", "by alias", "as configured"],
)
def test_who_may_change_everybody_is_found_by_name(everybody: list[Any], options: dict[str, str], me: str) -> None:
    assert login(*everybody, **options)["id"] == me


@pytest.mark.parametrize("everybody", [[], [user("1", "Admin"), user("2", "guest")]], ids=["nobody", "two strangers"])
def test_who_is_not_found_is_asked_for(everybody: list[Any]) -> None:
    with pytest.raises(ConfigError) as error:
        login(*everybody)
    assert "[sources.zbx]" in error.value.words


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "data", "kind"),
    [
        (-32602, "Not authorized.", Denied),
        (-32602, "Session terminated, re-login, please.", Denied),
        (-32500, "API token expired.", Denied),
        (-32602, "Invalid parameter", Rejected),
        (-32500, 'SQL statement execution has failed "SELECT 1"', Unavailable),
        (1, "Error connecting to database.", Unavailable),
    ],
)
def test_an_error_in_a_200_is_an_error(code: int, data: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        play(zabbix.poll(SOURCE), [failed(code, data)])


def test_what_does_not_exist_is_gone() -> None:
    answers = [told([problem()]), told([]), failed(-32500, "No permissions to referred object or it does not exist!")]
    with pytest.raises(Rejected) as error:
        play(zabbix.CONNECTOR.answers[Verb.NOTE](SOURCE, write(Verb.NOTE, "x")), answers)
    assert error.value.gone


def test_neither_a_result_nor_an_error_is_no_answer() -> None:
    with pytest.raises(Unreadable):
        play(zabbix.poll(SOURCE), [ok('{"jsonrpc": "2.0", "id": 1}')])


def test_whether_we_may_write_is_asked_about_an_event_that_is_none() -> None:
    gone = failed(-32500, "No permissions to referred object or it does not exist!")
    played = play(zabbix.may(SOURCE), [gone])
    assert actions(played) == [{"eventids": ["0"], "action": 6, "message": "a question"}]
    assert played.result == "acknowledgements and notes are taken from us"
    for answer in (failed(-32602, "no permission to add problem comments"), told(STORED)):
        with pytest.raises(Rejected):
            play(zabbix.may(SOURCE), [answer])


# --- reading ---------------------------------------------------------------------------------------------------------


def test_pages_are_cut_by_event_so_that_a_solved_problem_moves_none_to_a_page_already_read() -> None:
    source = replace(SOURCE, options={"page_size": "2"})
    seven, nine = [trigger("13"), trigger("17")], [trigger("19")]
    answers = [told([problem("3"), problem("7")]), told(seven), told([problem("9")]), told(nine), NO_ITEM]
    played = play(zabbix.poll(source), answers)
    asked = [request.json["params"] for request in played.asked if request.json["method"] == "problem.get"]
    assert [(one["eventid_from"], one["limit"], one["sortorder"]) for one in asked] == [
        ("1", 2, "ASC"),
        ("8", 2, "ASC"),
    ]
    assert [signal.id for signal in played.result.signals] == ["3", "7", "9"]


def test_a_page_whose_last_problem_tells_no_number_is_asked_for_with_more_behind_it() -> None:
    source = replace(SOURCE, options={"page_size": "2"})
    first, last = [problem("3"), problem("")], [problem("9")]
    eight, nine = [trigger("13"), trigger("17"), trigger("18")], [trigger("19")]
    answers = [told(first), told([*first, problem("7"), problem("8")]), told(eight), told(last), told(nine), NO_ITEM]
    played = play(zabbix.poll(source), answers)
    asked = [request.json["params"] for request in played.asked if request.json["method"] == "problem.get"]
    assert [(one["eventid_from"], one["limit"]) for one in asked] == [("1", 2), ("1", 4), ("9", 2)]
    assert [signal.id for signal in played.result.signals] == ["3", "7", "8", "9"]
    assert len(played.result.unreadable) == 1


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_a_page_that_holds_nothing_is_no_page(size: str) -> None:
    with pytest.raises(ConfigError):
        play(zabbix.poll(replace(SOURCE, options={"page_size": size})), [])


def test_a_list_without_order_is_not_believed() -> None:
    with pytest.raises(Unreadable):
        play(zabbix.poll(replace(SOURCE, options={"page_size": "2"})), [told([problem("9"), problem("3")]), told([])])


@pytest.mark.parametrize(
    ("number", "severity", "impact"),
    [("5", "Disaster", "down"), ("4", "High", "degraded"), ("3", "Average", "degraded"), ("2", "Warning", "at_risk"),
     ("1", "Information", "question"), ("0", "Not classified", "question"), ("6", "6", "at_risk"), ("", "", "at_risk")],
)  # fmt: skip
def test_a_severity_becomes_an_impact(number: str, severity: str, impact: str) -> None:
    [signal] = read(trigger(), severity=number)
    assert (signal.severity, signal.impact.word) == (severity, impact)


def test_severities_are_meant_as_configured() -> None:
    source = replace(SOURCE, options={"severities": "High=down"})
    [signal] = play(zabbix.poll(source), [told([problem()]), told([trigger()]), NO_ITEM]).result.signals
    assert signal.impact is Impact.DOWN


def test_a_problem_whose_trigger_nobody_watches_any_more_is_left_out() -> None:
    played = play(zabbix.poll(SOURCE), [told([problem()]), told([]), NO_ITEM])
    assert played.asked[1].json["params"]["monitored"] is True
    assert played.result.signals == []


@pytest.mark.parametrize("broken", [{"triggerid": []}, trigger(comments=17), trigger(hosts="db1")])
def test_a_problem_whose_trigger_cannot_be_read_is_shown_without_its_host(broken: dict[str, Any]) -> None:
    [signal] = read(broken)
    assert (signal.title, signal.host) == ("Disk full", "")


@pytest.mark.parametrize(
    ("other", "suppressed"),
    [
        ({"status": "0", "value": "1"}, "a consequence of another problem"),
        ({"status": "0", "value": "0"}, ""),
        ({"status": "1", "value": "1"}, ""),
    ],
    ids=["in trouble", "well", "disabled"],
)
def test_a_consequence_is_one_while_what_it_depends_on_is_in_trouble(other: dict[str, str], suppressed: str) -> None:
    [signal] = read(trigger(dependencies=[other]))
    assert signal.suppressed == suppressed


@pytest.mark.parametrize(
    ("data", "suppressed", "until"),
    [
        ([{"maintenanceid": "1", "suppress_until": CLOCK}], "in maintenance", NOW),
        ([{"maintenanceid": "0", "userid": "4", "suppress_until": CLOCK}], "suppressed by Dirk Helper", NOW),
        ([{"maintenanceid": "0", "userid": "9", "suppress_until": "0"}], "suppressed by user #9", None),
        ([], "in maintenance", None),
    ],
    ids=["maintenance", "a colleague", "for ever", "not told"],
)
def test_what_is_suppressed_says_by_whom_and_until_when(data: Any, suppressed: str, until: datetime | None) -> None:
    [signal] = read(trigger(), suppressed="1", suppression_data=data)
    assert (signal.suppressed, signal.suppressed_until) == (suppressed, until)


@pytest.mark.parametrize(
    ("updates", "taken_by", "mine"),
    [
        ([update(1, "3", 2)], "Olga Oncall", True),
        ([update(1, "3", 6, "hm")], "Olga Oncall", True),
        ([update(1, "3", 2), update(2, "3", 16), update(3, "4", 2)], "Dirk Helper", False),
        ([update(1, "4", 2), update(2, "3", 4, "hm")], "Dirk Helper", False),
        ([update(1, "9", 2)], "user #9", False),
        ([], "somebody", False),
    ],
    ids=["mine", "with words", "handed over", "a note takes nothing", "a stranger", "not told any more"],
)
def test_who_has_a_problem_that_is_acknowledged(updates: list[Any], taken_by: str, mine: bool) -> None:
    [signal] = read(trigger(), acknowledged="1", acknowledges=updates)
    assert (signal.taken_by, signal.mine) == (taken_by, mine)


def test_an_acknowledgement_that_was_taken_back_takes_nothing() -> None:
    [signal] = read(trigger(), acknowledges=[update(1, "3", 2), update(2, "3", 16)])
    assert (signal.taken_by, signal.mine, signal.taken_at) == ("", False, None)


def test_colleagues_messages_are_notes_without_their_marker() -> None:
    [signal] = read(trigger(), acknowledges=[update(1, "4", 6, "bel Piet\n[oncall-tui w9]"), update(2, "3", 2)])
    assert [(m.author, m.text, m.private, m.at) for m in signal.messages] == [("Dirk Helper", "bel Piet", True, NOW)]


# --- writing ---------------------------------------------------------------------------------------------------------


def test_taking_it_over_takes_theirs_back_and_reads_back_who_has_it() -> None:
    said = say(Verb.ACKNOWLEDGE, taken_by("4"), taken_by("3"))
    assert actions(said) == [{"eventids": ["7"], "action": 16}, {"eventids": ["7"], "action": 2}]


def test_a_colleague_who_was_faster_has_it() -> None:
    with pytest.raises(Rejected) as error:
        say(Verb.ACKNOWLEDGE, problem(), taken_by("4"))
    assert error.value.words == "Dirk Helper was faster"


def test_what_a_colleague_has_is_not_taken_from_them() -> None:
    said = say(Verb.RELEASE, taken_by("4"))
    assert (said.writes, said.result.words) == ((), "Dirk Helper has it now")


@pytest.mark.parametrize("gone", [problem(r_eventid="99"), problem("8")], ids=["solved", "another one"])
def test_a_problem_that_is_not_there_takes_nothing(gone: dict[str, Any]) -> None:
    assert play(zabbix.API.peek(SOURCE, "7"), Zabbix(gone)).result is None
    for verb in (Verb.ACKNOWLEDGE, Verb.NOTE, Verb.SNOOZE):
        with pytest.raises(Rejected) as error:
            say(verb, gone, text="x", until=LATER)
        assert error.value.gone
    said = say(Verb.RELEASE, gone)
    assert (said.writes, said.result.words) == ((), "nobody had it any more")


def test_closing_and_suppressing_are_done_later_and_said_once() -> None:
    said = say(Verb.RESOLVE, problem())
    assert (actions(said), said.result.settled) == ([{"eventids": ["7"], "action": 1}], False)
    again = say(Verb.RESOLVE, problem(acknowledges=[update(1, "3", 1)]))
    assert (again.writes, again.result.settled) == ((), False)
    snoozed = say(Verb.SNOOZE, problem(), until=LATER)
    wanted = {"eventids": ["7"], "action": 32, "suppress_until": int(LATER.timestamp())}
    assert (actions(snoozed), snoozed.result.settled) == ([wanted], False)
    again = say(Verb.SNOOZE, suppressed_by("3"), until=LATER)
    assert (again.writes, again.result.settled) == ((), True)


@pytest.mark.parametrize(
    ("held", "ends"),
    [
        (suppressed_by("3"), True),
        (suppressed_by("4"), False),
        (suppressed_by("3", LATER + timedelta(hours=1)), False),
        (problem(), False),
    ],
    ids=["mine", "a colleague's", "mine, made anew with another end", "none"],
)
def test_taking_a_snooze_back_ends_what_it_made_and_nothing_else(held: dict[str, Any], ends: bool) -> None:
    took = play(zabbix.CONNECTOR.retracts[Verb.SNOOZE](SOURCE, write(Verb.SNOOZE, until=LATER)), Zabbix(held))
    assert actions(took) == ([{"eventids": ["7"], "action": 64}] if ends else [])


@pytest.mark.parametrize(("version", "can"), [("6.0.14", False), ("6.2.0", True), ("7.0.22", True)])
def test_suppressing_is_there_from_6_2_on(version: str, can: bool) -> None:
    source = replace(SOURCE, session={**SESSION, "version": version})
    present = play(zabbix.API.peek(source, "7"), Zabbix(problem())).result
    assert present
    assert (Verb.SNOOZE in present.cannot) is not can
    if can:
        assert say(Verb.SNOOZE, problem(), source=source, until=LATER).writes
        return
    with pytest.raises(Rejected, match="and later can"):
        say(Verb.SNOOZE, problem(), source=source, until=LATER)


@pytest.mark.parametrize(("allowed", "can"), [("1", True), ("0", False)])
def test_a_problem_that_may_not_be_closed_by_hand_says_so_before_anything_is_tried(allowed: str, can: bool) -> None:
    [signal] = read(trigger(manual_close=allowed))
    assert (Verb.RESOLVE in signal.cannot) is not can


@pytest.mark.parametrize(
    ("entry", "seen"),
    [
        (update(1, "3", 4, "Hallo\n[oncall-tui w1]"), True),
        (update(1, "3", 4, "Hallo"), False),
        (update(1, "3", 4, "Hallo\n[oncall-tui w2]"), False),
        (update(1, "4", 4, "I quote: [oncall-tui w1]"), False),
    ],
    ids=["mine", "without the marker", "another of mine", "a colleague quotes it"],
)
def test_a_note_is_seen_when_i_said_it_with_its_marker(entry: Any, seen: bool) -> None:
    noted = Zabbix(problem(acknowledges=[entry]))
    assert play(zabbix.API.seen(SOURCE, write(Verb.NOTE, "Hallo")), noted).result is seen


@pytest.mark.parametrize(
    ("verb", "seen"), [(Verb.RESOLVE, True), (Verb.RELEASE, True), (Verb.ACKNOWLEDGE, False), (Verb.NOTE, False)]
)
def test_what_a_problem_that_is_over_says_of_a_write(verb: Verb, seen: bool) -> None:
    assert play(zabbix.API.seen(SOURCE, write(verb, "x")), [told([])]).result is seen


def test_an_empty_list_is_good_news_only_for_who_sees_a_host() -> None:
    empty = {**CASE.routes, **CASE.empty}
    assert play(zabbix.CONNECTOR.poll(CASE.source), CASE.server(routes=empty)).result.signals == []
    with pytest.raises(Rejected, match="shows you no host at all"):
        play(zabbix.CONNECTOR.poll(CASE.source), CASE.server(routes={**empty, "CALL /host.get": "page-4"}))


@pytest.mark.parametrize(
    ("items", "is_told"),
    [([NOW - timedelta(minutes=9)], False), ([None, NOW - timedelta(minutes=9)], False), ([], False),
     ([NOW - timedelta(minutes=11), NOW - timedelta(hours=1)], True), ([None], True)],
    ids=["alive", "one is young", "may see none", "dead", "dead for a day"],
)  # fmt: skip
def test_a_server_that_stores_nothing_of_itself_any_more_is_no_quiet(
    items: list[datetime | None], is_told: bool
) -> None:
    stored = told([{"itemid": "1", "lastclock": str(int(at.timestamp())) if at else "0"} for at in items])

    def answers(request: Request) -> Response:
        method = request.json["method"]
        listed = stored if method == "item.get" else told([{"hostid": "1"}] if method == "host.get" else [])
        return replace(listed, at=NOW)

    gap = play(zabbix.CONNECTOR.poll(CASE.source), answers).result.gap
    assert gap.startswith("takes in nothing any more (has its server stopped?)") is is_told


def test_a_role_that_may_not_ask_what_the_server_stores_of_itself_reads_all_the_same() -> None:
    refused = failed(-32602, 'No permissions to call "item.get".')
    played = play(zabbix.poll(SOURCE), [told([problem()]), told([trigger()]), refused]).result
    assert ([one.id for one in played.signals], played.gap) == (["7"], "")
    with pytest.raises(Unavailable):
        play(zabbix.poll(SOURCE), [told([problem()]), told([trigger()]), failed(1, "SQL statement execution failed")])
