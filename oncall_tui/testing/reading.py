"""What every connector must hold while it reads."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oncall_tui import safe
from oncall_tui.errors import OncallError
from oncall_tui.kit import Reading
from oncall_tui.model import Impact, Signal
from oncall_tui.testing.acts import attempt, bodies, leaves, listings, poll, spoilt
from oncall_tui.testing.case import Case
from oncall_tui.testing.documents import MISSING, Part, Place, part, put
from oncall_tui.testing.judging import assert_harmless, assert_whole
from oncall_tui.testing.play import play
from oncall_tui.testing.recorded import Recorded, broken
from oncall_tui.testing.spelling import spelt

JUNK: tuple[Any, ...] = (
    MISSING,
    None,
    "",
    "x",
    "9999-99-99T00:00:00Z",
    -1,
    10**30,
    1e308,
    [],
    {},
    [[]],
    {"x": {"x": 1}},
)
EMPTY: tuple[Any, ...] = (MISSING, [], {})
PAGE = b"<!doctype html><html><body>Sign in</body></html>"
MOMENTS = (
    datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2199, 1, 1, tzinfo=UTC),
)
"""Now; a leap day's last second; an hour that Amsterdam does not have; long ago; and by a clock that is far ahead."""

TIME = re.compile(r"\d{4}-\d\d-\d\d[T.]\d\d:\d\d")

HOSTILE: list[dict[str, Any]] = json.loads((Path(__file__).parent / "hostile.json").read_text("utf-8"))


class ReadsWell:
    """All that a poll must be: whole or refused, and true to what the source says."""

    def test_a_poll_lists_every_record_once(self, case: Case) -> None:
        reading = poll(case, case.server())
        assert sorted(signal.id for signal in reading.signals) == sorted(case.ids)
        assert reading.unreadable == ()

    def test_a_poll_says_the_same_twice(self, case: Case) -> None:
        assert poll(case, case.server()) == poll(case, case.server())

    def test_a_poll_changes_nothing_at_the_source(self, case: Case) -> None:
        assert play(case.connector.poll(case.source), case.server()).writes == ()

    def test_every_signal_is_whole(self, case: Case) -> None:
        for signal in poll(case, case.server()).signals:
            assert_whole(case, signal)

    def test_an_empty_list_is_empty_and_nothing_is_wrong(self, case: Case) -> None:
        assert poll(case, case.server(routes={**case.routes, **case.empty})) == Reading(signals=[])

    # --- pages -------------------------------------------------------------------------------------------------------

    def test_several_pages_say_the_same_as_one(self, case: Case) -> None:
        whole = play(case.connector.poll(case.source), case.server())
        for routes in listings(case)[1:]:
            paged = play(case.connector.poll(case.source), case.server(routes=routes))
            assert paged.result == whole.result
            assert len(paged.asked) > len(whole.asked)

    def test_pages_that_go_round_in_circles_end(self, case: Case) -> None:
        for first in list(case.pages.values())[:1]:
            with pytest.raises(OncallError):
                poll(case, case.server(routes={**case.routes, **dict.fromkeys(case.pages, first)}))

    @pytest.mark.parametrize(
        "body",
        [PAGE, b"", b"   ", b"null", b"17", b'"x"', b"\xff\xfe", b"[" * 100_000],
        ids=["a web page", "nothing", "blanks", "null", "a number", "a text", "no UTF-8", "depth"],
    )
    def test_an_answer_that_is_no_answer_is_never_taken_for_one(self, case: Case, body: bytes) -> None:
        for routes in listings(case):
            for turn in range(len(bodies(case, routes))):
                with pytest.raises(OncallError):
                    poll(case, broken(case.server(routes=routes), turn, body))

    def test_an_answer_that_is_cut_anywhere_on_any_page_is_never_taken_for_whole(self, case: Case) -> None:
        for routes in listings(case):
            for turn, body in enumerate(bodies(case, routes)):
                for cut in range(1, len(body), max(1, len(body) // 40)):
                    with pytest.raises(OncallError):
                        poll(case, broken(case.server(routes=routes), turn, body[:cut]))

    @pytest.mark.parametrize("status", [500, 429])
    def test_a_request_that_fails_fails_the_poll(self, case: Case, status: int) -> None:
        """A reading is all or nothing: half a list looks like alerts that recovered."""
        for routes in listings(case):
            for turn, body in enumerate(bodies(case, routes)):
                with pytest.raises(OncallError):
                    poll(case, broken(case.server(routes=routes), turn, body, status))

    # --- junk --------------------------------------------------------------------------------------------------------

    def test_junk_in_a_record_costs_at_most_that_record_and_is_counted(self, case: Case) -> None:
        """The field is ignored, or the record is counted as unreadable; all others are shown as ever."""
        patterns = {**case.records, **case.beside}
        whole = poll(case, case.server()).signals
        for name, place, _ in leaves(case):
            where = part(patterns.get(name), place)
            for junk in JUNK if where in (Part.INSIDE, Part.RECORD, Part.HOLDER) else ():
                server = spoilt(case, name, place, junk)
                reading = attempt(case, server)
                if where is not Part.INSIDE and junk in EMPTY:
                    continue  # as if it were not there, which may be so; or a count beside the list tells that it was
                assert not isinstance(reading, OncallError), (name, place, junk, reading.words)
                if where is Part.HOLDER:  # of how many records it was, nobody can say any more
                    assert reading.unreadable or len(reading.signals) == len(whole), (name, place, junk)
                else:
                    assert_at_most_one_lost(case, server, reading, whole, (name, place, junk))

    def test_junk_around_the_records_is_said_or_changes_nothing(self, case: Case) -> None:
        for routes in listings(case):
            for name, place, _ in leaves(case, routes):
                where = part({**case.records, **case.beside}.get(name), place)
                for junk in JUNK if where in (Part.AROUND, Part.LIST) else ():
                    reading = attempt(case, spoilt(case, name, place, junk, routes))
                    if isinstance(reading, OncallError) or (where is Part.LIST and junk in ([], {})):
                        continue  # said; or there are none of these, which may well be
                    is_all = {signal.id for signal in reading.signals} == set(case.ids)
                    assert is_all or (where is Part.LIST and reading.unreadable), (name, place, junk)

    def test_something_in_a_record_must_be_there(self, case: Case) -> None:
        """Else a record of another kind would be a signal."""
        tried = [
            attempt(case, spoilt(case, name, place, MISSING))
            for name, place, _ in leaves(case)
            if part(case.records.get(name), place) is Part.INSIDE
        ]
        assert any(isinstance(reading, Reading) and reading.unreadable for reading in tried)

    # --- what it says ------------------------------------------------------------------------------------------------

    def test_a_time_is_that_moment_however_it_is_spelt(self, case: Case) -> None:
        assert case.times
        for field, time in case.times.items():
            for moment in MOMENTS:
                for spelling in spelt(time.spell, moment):
                    reading = poll(case, spoilt(case, time.name, time.place, spelling))
                    assert moment in moments(reading.signals, field), (field, spelling)
                    assert_all_whole(case, reading)

    @pytest.mark.parametrize("never", [0, "0", "", None, "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
    def test_a_time_that_is_none_is_not_1970(self, case: Case, never: Any) -> None:
        for field, time in case.times.items():
            reading = attempt(case, spoilt(case, time.name, time.place, never))
            told = moments(reading.signals, field) if isinstance(reading, Reading) else []
            assert all(at is None or at.year > 1970 for at in told), field

    def test_a_severity_of_nobodys_is_kept_counted_as_at_risk_and_told(self, case: Case) -> None:
        name, place = case.severity
        reading = poll(case, spoilt(case, name, place, "Sev Zero"))
        [signal] = [signal for signal in reading.signals if signal.severity == "Sev Zero"]
        assert signal.impact is Impact.AT_RISK
        assert "Sev Zero" in reading.warning

    @pytest.mark.parametrize("hostile", [one["id"] for one in HOSTILE if one["text"] is not None])
    def test_hostile_text_in_every_field_is_harmless_once_cleaned(self, case: Case, hostile: str) -> None:
        text = next(one["text"] for one in HOSTILE if one["id"] == hostile)
        server = case.server()
        for name, at in free_places(case).items():
            for place in at:
                server.spoilt[name] = put(server.document(name), place, text)
        signals = poll(case, server).signals
        assert len(signals) == len(case.ids)
        for signal in signals:
            assert_harmless(safe.signal(signal))

    def test_a_look_at_one_signal_says_what_the_poll_says(self, case: Case) -> None:
        if case.connector.peek:
            listed = next(signal for signal in poll(case, case.server()).signals if signal.id == case.target)
            assert play(case.connector.peek(case.source, case.target), case.server()).result == listed


def assert_all_whole(case: Case, reading: Reading) -> None:
    for signal in reading.signals:
        assert_whole(case, signal)


def assert_at_most_one_lost(
    case: Case, server: Recorded, reading: Reading, whole: list[Signal], where: tuple[str, Place, Any]
) -> None:
    """Nothing is lost uncounted; what the server then denied having counts as told. All but one are shown as ever."""
    assert len(reading.signals) + len(reading.unreadable) + len(server.strange) >= len(whole), where
    shown = {essence(signal) for signal in reading.signals}
    changed = [signal.id for signal in whole if essence(signal) not in shown]
    assert len(changed) <= 1 or where[0] not in case.records, (changed, where)
    assert len({signal.id for signal in whole} - {signal.id for signal in reading.signals}) <= 1, where
    assert_all_whole(case, reading)


def essence(signal: Signal) -> tuple[Any, ...]:
    """What of a signal no other record has a say in (one may suppress another, or be linked with it)."""
    return signal.id, signal.title, signal.opened_at, signal.severity, signal.taken_by, signal.messages


def moments(signals: list[Signal], field: str) -> list[datetime | None]:
    """What stands in that field of each signal; "message" is the time of each message."""
    if field == "message":
        return [message.at for signal in signals for message in signal.messages]
    return [getattr(signal, field) for signal in signals]


_FREE: dict[str, dict[str, list[Place]]] = {}


def free_places(case: Case) -> dict[str, list[Place]]:
    """Where people may write what they like: places of text that can hold any text with every record still read."""
    key = case.connector.name
    if key not in _FREE:
        _FREE[key] = {}
        for name, place, value in leaves(case):
            if (
                isinstance(value, str)
                and not TIME.match(value)
                and all(holds(case, spoilt(case, name, place, text)) for text in ("any text", ""))
            ):
                _FREE[key].setdefault(name, []).append(place)
    return _FREE[key]


def holds(case: Case, server: Recorded) -> bool:
    """Whether every record is still read."""
    reading = attempt(case, server)
    if not isinstance(reading, Reading) or reading.unreadable:
        return False
    return sorted(signal.id for signal in reading.signals) == sorted(case.ids)
