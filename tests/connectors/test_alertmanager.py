"""What the Alertmanager connector asks, word for word, and what it makes of the answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_tui.connectors.monitors import alertmanager
from oncall_tui.errors import ConfigError, Rejected, Unavailable
from oncall_tui.kit import DONE, Exchange, Response, Source
from oncall_tui.model import Impact, Me, Signal, Verb, Write
from oncall_tui.testing.play import ok, play

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
SOURCE = Source(name="am", url="http://am:9093", me=Me(name="Sanne", aliases=("sanne.devries",)))
LABELS = {"alertname": "OrdersDown", "severity": "critical", "instance": "db1", "job": "node"}
STATUS = '{"uptime": "2026-11-20T00:00:00Z", "versionInfo": {"version": "0.25.0"}}'


def alert(fingerprint: str = "f1", labels: dict[str, str] = LABELS, **status: Any) -> dict[str, Any]:
    state = {"state": "active", "silencedBy": [], "inhibitedBy": [], **status}
    return {"fingerprint": fingerprint, "startsAt": "2026-11-23T03:00:00.5Z", "labels": labels, "status": state}


def silence(name: str = "s1", **more: Any) -> dict[str, Any]:
    """One with which Sanne took the alert f1 until five."""
    return {
        "id": name,
        "startsAt": "2026-11-23T03:10:00.686Z",
        "endsAt": "2026-11-23T05:00:00.000Z",
        "createdBy": "Sanne",
        "comment": "taken by Sanne: alert f1 [oncall-tui w0]",
        "status": {"state": "active"},
        **more,
    }


def told(content: object, at: datetime | None = NOW) -> Response:
    return replace(ok(json.dumps(content)), at=at)


def write(verb: Verb, **more: Any) -> Write:
    until = {"until": NOW + timedelta(hours=4)} if verb is Verb.ACKNOWLEDGE else {}
    return Write(
        **{"id": "w1", "problem": "p", "ref": "am/f1", "verb": verb, "by": "Sanne", "asked_at": NOW, **until, **more}
    )


def poll(alerts: list[Any], silences: list[Any] = [], source: Source = SOURCE) -> list[Signal]:  # noqa: B006
    return play(alertmanager.API.poll(source), [told(alerts), told(silences)]).result.signals


# --- reading ---------------------------------------------------------------------------------------------------------


def test_it_asks_for_the_alerts_and_then_for_the_silences_that_they_name() -> None:
    asked = play(alertmanager.API.poll(SOURCE), [told([alert()]), told([])]).asked
    assert [(one.method, one.path, one.query) for one in asked] == [
        ("GET", "/api/v2/alerts", ()),
        ("GET", "/api/v2/silences", ()),
    ]


def restarted(*alerts: Any, known: Signal, before: bool, minutes: int = 2) -> Any:
    """What is read of a server that started `minutes` ago; `known` was read `before` that."""
    started_at = NOW - timedelta(minutes=minutes)
    known_at = started_at + timedelta(seconds=-5 if before else 5)
    source = replace(SOURCE, known={known.id: known}, known_at=known_at)
    status = {"uptime": started_at.isoformat(), "versionInfo": {}}
    return play(alertmanager.API.poll(source), [told([*alerts]), told([]), told(status)]).result


def test_what_a_server_told_before_it_started_anew_stands_until_it_would_have_heard_of_it_again() -> None:
    [known] = poll([alert()])
    young = restarted(alert("f2"), known=known, before=True)
    assert [(one.id, one.status) for one in young.signals] == [
        ("f2", "active"),
        ("f1", "not heard of since its start"),
    ]
    assert young.gap == "started a moment ago and has not heard of every alert yet"
    still = restarted(known=young.signals[1], before=False)
    assert still.signals == [young.signals[1]]
    assert restarted(alert(), known=still.signals[0], before=False).signals == [known]
    old = restarted(known=still.signals[0], before=False, minutes=6)
    assert (old.signals, old.gap) == ([], "")


def watching(*alerts: Any, known: tuple[Signal, ...] = (), watchdog: str = "Watchdog, DeadMansSwitch") -> Any:
    """What is read where that is known, of a server that has long been running."""
    source = replace(SOURCE, known={one.id: one for one in known}, known_at=NOW, options={"watchdog": watchdog})
    return play(alertmanager.API.poll(source), [told([*alerts]), told([]), told(json.loads(STATUS))]).result


WATCHDOG = alert("dog", {"alertname": "Watchdog", "severity": "none"})


def test_an_alert_that_always_fires_is_nobodys_problem() -> None:
    dog, orders = watching(WATCHDOG, alert()).signals
    assert dog.suppressed == "it always fires, so that its silence is noticed"
    assert orders.suppressed == ""
    assert watching(WATCHDOG).gap == ""


def test_the_silence_of_an_alert_that_always_fires_is_a_gap_until_it_is_heard_again() -> None:
    known = tuple(watching(WATCHDOG, alert()).signals)
    silent = watching(alert(), known=known)
    assert silent.gap == "does not hear Watchdog any more, which always fires: what broke since may not be told"
    still = watching(known=tuple(silent.signals))
    assert [one.id for one in still.signals] == ["dog"]
    assert still.gap == silent.gap
    assert watching(WATCHDOG, known=tuple(still.signals)).gap == ""


def test_an_alert_that_always_fired_and_was_taken_away_is_forgotten_when_no_name_says_so() -> None:
    known = tuple(watching(WATCHDOG).signals)
    forgotten = watching(known=known, watchdog="none")
    assert (forgotten.signals, forgotten.gap) == ([], "")
    assert watching(WATCHDOG, watchdog="none").signals[0].suppressed == ""


@pytest.mark.parametrize(
    ("config", "is_young"),
    [("", True), ("global:\n  resolve_timeout: 5m\nroute:\n", True), ("global:\n  resolve_timeout: 1m30s\n", False),
     ("global:\n  resolve_timeout: 1h\n", True), ("global:\n  resolve_timeout: soon\n", True)],
)  # fmt: skip
def test_it_is_young_for_as_long_as_an_alert_lasts_that_nobody_repeats(config: str, is_young: bool) -> None:
    status = {"uptime": (NOW - timedelta(minutes=2)).isoformat(), "versionInfo": {}, "config": {"original": config}}
    reading = play(alertmanager.API.poll(SOURCE), [told([]), told([]), told(status)]).result
    assert bool(reading.gap) is is_young


def test_what_it_told_after_its_start_and_tells_no_more_is_over() -> None:
    [known] = poll([alert()])
    assert restarted(alert("f2"), known=known, before=False).signals == poll([alert("f2")])


@pytest.mark.parametrize(
    ("word", "impact"),
    [("critical", "down"), ("Page", "down"), ("P1", "down"), ("error", "degraded"), ("P2", "degraded"),
     ("warning", "at_risk"), ("p3", "at_risk"), ("info", "question"), ("none", "question"), ("zzz", "at_risk")],
)  # fmt: skip
def test_a_severity_becomes_an_impact(word: str, impact: str) -> None:
    [signal] = poll([alert(labels={**LABELS, "severity": word})])
    assert (signal.severity, signal.impact.word) == (word, impact)


def test_an_alert_without_a_severity_is_at_risk_and_nothing_is_said_of_it() -> None:
    played = play(alertmanager.API.poll(SOURCE), [told([alert(labels={"alertname": "X"})]), told([])]).result
    assert (played.signals[0].impact, played.warning) == (Impact.AT_RISK, "")


def test_severities_of_ones_own_are_configured() -> None:
    source = replace(SOURCE, options={"severities": "sev0=down"})
    assert poll([alert(labels={"severity": "Sev0"})], source=source)[0].impact is Impact.DOWN
    with pytest.raises(ConfigError):
        poll([], source=replace(SOURCE, options={"severities": "sev0=awful"}))


def test_a_name_is_found_for_an_alert_without_one() -> None:
    record = {**alert(labels={}), "annotations": {"summary": "no orders"}}
    assert poll([record])[0].title == "no orders"
    assert poll([alert(labels={})])[0].title == "an alert without a name"


def test_the_service_label_goes_before_the_job() -> None:
    assert poll([alert(labels={**LABELS, "service": "orders-api"})])[0].service == "orders-api"
    assert poll([alert()])[0].service == "node"


@pytest.mark.parametrize(
    ("silences", "taken_by", "mine", "suppressed"),
    [
        ([silence()], "Sanne", True, ""),
        ([silence(createdBy="sanne.devries")], "sanne.devries", True, ""),
        ([silence(createdBy="Olga", comment="taken by Olga: alert f1 [oncall-tui 9]")], "Olga", False, ""),
        ([silence(createdBy="Piet", comment="new disks")], "", False, "silenced by Piet"),
        ([silence(createdBy="", comment="")], "", False, "silenced by"),
        ([silence(comment="taken by Sanne: alert f2 [oncall-tui w0]")], "", False, "silenced by Sanne"),
        ([], "", False, "silenced"),
    ],
    ids=["mine", "my alias", "a colleague's", "made elsewhere", "nobody's", "for another alert", "not listed"],
)
def test_who_holds_a_silenced_alert(silences: list[Any], taken_by: str, mine: bool, suppressed: str) -> None:
    [signal] = poll([alert(state="suppressed", silencedBy=["s1"])], silences)
    assert (signal.taken_by, signal.mine, signal.suppressed) == (taken_by, mine, suppressed)


def test_a_maintenance_silence_beside_mine_is_still_told() -> None:
    both = [silence(), silence("s2", createdBy="Piet", comment="disks", endsAt="2026-11-23T09:00:00Z")]
    [signal] = poll([alert(state="suppressed", silencedBy=["s1", "s2"])], both)
    assert (signal.taken_by, signal.suppressed) == ("Sanne", "silenced by Piet")
    assert signal.taken_until == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert signal.suppressed_until == datetime(2026, 11, 23, 9, tzinfo=UTC)


# --- taking ----------------------------------------------------------------------------------------------------------


def test_taking_it_posts_one_silence_on_exactly_its_labels() -> None:
    said = play(
        alertmanager.API.acknowledge(SOURCE, write(Verb.ACKNOWLEDGE)),
        [told([alert()]), told([]), told({"silenceID": "s9"})],
    )
    [posted] = said.writes
    assert (posted.method, posted.path) == ("POST", "/api/v2/silences")
    assert posted.json == {
        "matchers": [
            {"name": "alertname", "value": "OrdersDown", "isRegex": False, "isEqual": True},
            {"name": "instance", "value": "db1", "isRegex": False, "isEqual": True},
            {"name": "job", "value": "node", "isRegex": False, "isEqual": True},
            {"name": "severity", "value": "critical", "isRegex": False, "isEqual": True},
        ],
        "startsAt": "2026-11-23T03:12:00+00:00",
        "endsAt": "2026-11-23T07:12:00+00:00",
        "createdBy": "Sanne",
        "comment": "taken by Sanne: alert f1 [oncall-tui w1]",
    }
    assert said.result.id == "s9"


def test_renewing_posts_the_same_id_and_start_with_a_later_end() -> None:
    said = play(
        alertmanager.API.acknowledge(SOURCE, write(Verb.ACKNOWLEDGE)),
        [told([alert()]), told([silence()]), told({"silenceID": "s1"})],
    )
    [posted] = said.writes
    assert posted.json["id"] == "s1"
    assert datetime.fromisoformat(posted.json["startsAt"]) == datetime(2026, 11, 23, 3, 10, 0, 686000, tzinfo=UTC)
    assert posted.json["endsAt"] == "2026-11-23T07:12:00+00:00"


def test_an_expired_silence_is_not_renewed() -> None:
    past = silence(status={"state": "expired"})
    said = play(
        alertmanager.API.acknowledge(SOURCE, write(Verb.ACKNOWLEDGE)),
        [told([alert()]), told([past]), told({"silenceID": "s2"})],
    )
    assert "id" not in said.writes[0].json


def test_a_silence_of_mine_that_lasts_longer_is_left_alone() -> None:
    long = silence(endsAt="2026-11-23T23:00:00Z")
    said = play(alertmanager.API.acknowledge(SOURCE, write(Verb.ACKNOWLEDGE)), [told([alert()]), told([long])])
    assert (said.writes, said.result.id) == ((), "s1")


def test_a_write_without_an_end_lasts_as_long_as_the_connector_says() -> None:
    said = play(
        alertmanager.API.acknowledge(SOURCE, write(Verb.ACKNOWLEDGE, until=None)),
        [told([alert()]), told([]), told({"silenceID": "s9"})],
    )
    assert alertmanager.CONNECTOR.lasts_s == 4 * 3600
    assert said.writes[0].json["endsAt"] == "2026-11-23T07:12:00+00:00"


def test_the_silence_starts_by_the_servers_clock_when_ours_is_ahead() -> None:
    slow = NOW - timedelta(hours=1)
    said = play(
        alertmanager.API.acknowledge(SOURCE, write(Verb.ACKNOWLEDGE)),
        [told([alert()]), told([], at=slow), told({"silenceID": "s"})],
    )
    assert said.writes[0].json["startsAt"] == slow.isoformat()


def test_an_alert_that_is_over_cannot_be_taken() -> None:
    with pytest.raises(Rejected) as error:
        play(alertmanager.API.acknowledge(SOURCE, write(Verb.ACKNOWLEDGE)), [told([alert("f2")]), ok(STATUS)])
    assert error.value.gone


@pytest.mark.parametrize("talk", ["peek", "acknowledge"])
def test_an_alert_that_is_missing_just_after_a_start_is_waited_for(talk: str) -> None:
    exchange: Exchange[Any] = (
        alertmanager.API.peek(SOURCE, "f1")
        if talk == "peek"
        else alertmanager.API.acknowledge(SOURCE, write(Verb.ACKNOWLEDGE))
    )
    young = {"uptime": (NOW - timedelta(minutes=1)).isoformat(), "versionInfo": {}}
    with pytest.raises(Unavailable) as error:
        play(exchange, [told([]), told(young)])
    assert not error.value.maybe_sent


def test_looking_at_a_known_alert_asks_for_its_name_first_and_for_all_when_that_finds_none() -> None:
    [known] = poll([alert(labels={**LABELS, "alertname": 'Od"d\\'})])
    source = replace(SOURCE, known={"f1": known})
    played = play(alertmanager.API.peek(source, "f1"), [told([alert("f2")]), told([alert()]), told([])])
    assert played.asked[0].query == (("filter", 'alertname="Od\\"d\\\\"'),)
    assert played.asked[1].query == ()
    assert played.result is not None


# --- giving back -----------------------------------------------------------------------------------------------------


def test_giving_it_back_deletes_mine_also_when_the_alert_is_over() -> None:
    listed = [
        silence("a"),
        silence("b", createdBy="sanne.devries"),
        silence("c", createdBy="Olga"),
        silence("d", comment="taken by Sanne: alert f2 [oncall-tui w0]"),
        silence("e", comment="new disks"),
        silence("f", status={"state": "expired"}),
    ]
    said = play(alertmanager.API.release(SOURCE, write(Verb.RELEASE)), [told(listed), ok(b""), ok(b"")])
    assert [(one.method, one.path) for one in said.writes] == [
        ("DELETE", "/api/v2/silence/a"),
        ("DELETE", "/api/v2/silence/b"),
    ]


def test_a_snooze_is_taken_back_by_ending_the_silence_that_it_made_and_no_other() -> None:
    ours = "snoozed by Sanne: alert f1 [oncall-tui w1]"
    listed = [
        silence("a"),
        silence("b", comment=ours),
        silence("c", comment=ours.replace("w1", "w0")),
        silence("d", comment=ours, createdBy="Olga"),
        silence("e", comment=ours, status={"state": "expired"}),
    ]
    said = play(alertmanager.API.retract(SOURCE, write(Verb.SNOOZE)), [told(listed), ok(b"")])
    assert [(one.method, one.path) for one in said.writes] == [("DELETE", "/api/v2/silence/b")]
    assert said.result == DONE


def test_an_ack_is_seen_only_with_its_own_end() -> None:
    for ends_at, seen in (("2026-11-23T07:12:00.000Z", True), ("2026-11-23T07:11:00.000Z", False)):
        answer = [told([silence(endsAt=ends_at)])]
        assert play(alertmanager.API.seen(SOURCE, write(Verb.ACKNOWLEDGE)), answer).result is seen


# --- credentials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "secret", "header"),
    [
        ("", "", {}),
        ("", "t0ken", {"Authorization": "Bearer t0ken"}),
        ("oncall", "secret", {"Authorization": "Basic b25jYWxsOnNlY3JldA=="}),
    ],
    ids=["none", "token", "password"],
)
def test_the_header_is_what_is_configured(user: str, secret: str, header: dict[str, str]) -> None:
    assert alertmanager.CONNECTOR.headers(replace(SOURCE, options={"user": user}, secret=secret)) == header
