"""A night's record as figures and as Markdown: nobody's hour is counted twice and no promise is called kept by hope."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from oncall_tui.core.figures import Outcome, figures, promises
from oncall_tui.core.handover import handover, plain
from oncall_tui.model import (
    Alone,
    Board,
    Health,
    Hurt,
    Impact,
    Kind,
    Message,
    Problem,
    Record,
    Rule,
    Signal,
    State,
    Stretch,
    Verb,
    Voice,
    Write,
)

NOW = datetime(2026, 1, 14, 5, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=8)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


TICKET = Signal(
    source="desk", id="7", kind=Kind.TICKET, title="Bestellen werkt niet", opened_at=ago(120), severity="high",
    messages=(Message(id="1", voice=Voice.THEIRS, author="Ron", text="Help!", at=ago(120)),),
)  # fmt: skip
BAKERY = Problem(
    id="p1", title="OrdersApiDown", signals=(TICKET,), impact=Impact.DOWN, on_fire=True, started_at=ago(120),
    customers=(Hurt(name="De Korenaar", core_process="take orders", spoke=True, last_words="Help!", contact="Ron",
                    last_wrote_at=ago(120), refs=("desk/7",)),),
    alone=Alone(rule=Rule.WITH_THEM, why="with Sanne", since=ago(100)), taken_by="Sanne", mine=True,
)  # fmt: skip
BOARD = Board(as_of=NOW, problems=(BAKERY,), sources=(Health(name="desk", kind="redmine", live=True),))


def reply(minutes_ago: float, promise: float | None = None, **changes: object) -> Write:
    made = Write(
        id=f"w{minutes_ago}", problem="p1", ref="desk/7", verb=Verb.REPLY, by="Sanne", asked_at=ago(minutes_ago),
        delivered_at=ago(minutes_ago), state=State.CONFIRMED, text="Ik ben er.",
        promise_at=None if promise is None else ago(promise),
    )  # fmt: skip
    return replace(made, **changes)


def alone(start: float, end: float, customer: str = "De Korenaar", problem: str = "p1") -> Stretch:
    return Stretch(problem=problem, title="OrdersApiDown", customer=customer, since=ago(start), until=ago(end))


def record(*writes: Write, stretches: tuple[Stretch, ...] = ()) -> Record:
    return Record(since=SINCE, writes=writes, stretches=stretches)


def outcome(*writes: Write, board: Board = BOARD, stretches: tuple[Stretch, ...] = ()) -> Outcome:
    return promises(board, record(*writes, stretches=stretches))[0].outcome


# --- promises --------------------------------------------------------------------------------------------------------


def test_a_promise_is_kept_by_a_word_before_its_time() -> None:
    assert outcome(reply(100, 80), reply(81)) is Outcome.KEPT


def test_a_word_after_its_time_keeps_no_promise() -> None:
    assert outcome(reply(100, 80), reply(79)) is Outcome.MISSED


def test_a_promise_that_lies_ahead_is_open() -> None:
    assert outcome(reply(10, -10)) is Outcome.OPEN


def test_a_note_keeps_no_promise() -> None:
    assert outcome(reply(100, 80), reply(90, verb=Verb.NOTE)) is Outcome.MISSED


def test_a_reply_that_was_refused_keeps_no_promise_and_makes_none() -> None:
    refused = reply(90, 60, state=State.REFUSED)
    assert outcome(reply(100, 80), refused) is Outcome.MISSED
    assert len(promises(BOARD, record(reply(100, 80), refused))) == 1


def shown(text: str, minutes_ago: float) -> Board:
    message = Message(id="2", voice=Voice.OURS, author="Olga", text=text, at=ago(minutes_ago))
    ticket = replace(TICKET, messages=(*TICKET.messages, message))
    return replace(BOARD, problems=(replace(BAKERY, signals=(ticket,)),))


def test_the_word_of_a_colleague_keeps_it_too() -> None:
    assert outcome(reply(100, 80), board=shown("Het werkt bijna weer.", 90)) is Outcome.KEPT


def test_the_reply_itself_as_its_source_shows_it_a_little_later_keeps_nothing() -> None:
    assert outcome(reply(100, 80), board=shown("Ik ben er.\n", 98)) is Outcome.MISSED


def test_what_was_over_before_it_fell_due_was_kept_and_what_burned_on_was_not() -> None:
    over = replace(BOARD, problems=())
    assert outcome(reply(100, 80), board=over) is Outcome.KEPT
    assert outcome(reply(100, 80), board=over, stretches=(alone(80, 60),)) is Outcome.MISSED


# --- figures ---------------------------------------------------------------------------------------------------------


def test_two_problems_at_once_are_one_time_alone() -> None:
    found = figures(BOARD, record(stretches=(alone(60, 30), alone(45, 20, problem="p2"), alone(10, 5))))
    assert [(f.customer, f.alone_s, f.longest_s) for f in found] == [("De Korenaar", 45 * 60, 40 * 60)]


def test_only_the_time_since_then_counts() -> None:
    assert figures(BOARD, record(stretches=(alone(9 * 60, 7 * 60),)))[0].alone_s == 3600


def test_who_is_alone_now_is_told() -> None:
    assert [f.is_alone for f in figures(BOARD, record(stretches=(alone(9, 0), alone(9, 1, "Smit"))))] == [True, False]


@given(st.lists(st.tuples(st.integers(0, 479), st.integers(0, 479)), max_size=12))
def test_nobody_is_alone_for_longer_than_there_was_time(pairs: list[tuple[int, int]]) -> None:
    spans = [(max(pair), min(pair)) for pair in pairs]
    found = figures(BOARD, record(stretches=tuple(alone(a, b, problem=str(i)) for i, (a, b) in enumerate(spans))))
    minutes = {minute for start, end in spans for minute in range(end, start)}
    assert sum(f.alone_s for f in found) == 60 * len(minutes)


# --- the text --------------------------------------------------------------------------------------------------------


def test_it_tells_what_is_open_who_was_hurt_and_what_was_promised() -> None:
    refused = reply(5, verb=Verb.NOTE, text="restarted", state=State.REFUSED, fault="403")
    text = handover(BOARD, record(reply(100, 80), reply(79), refused, stretches=(alone(120, 100),)), me="Sanne")
    assert text == (
        "# Handover of Sanne, 2026-01-13 21:00 to 05:00\n\n"
        "## Open\n\n"
        "- **De Korenaar**: cannot take orders. with Sanne; no word from us.\n"
        "  - they say: “Help!” (Ron · 2h ago)\n"
        "  - 7 Bestellen werkt niet (high, desk)\n\n"
        "## Who was hurt\n\n"
        "- De Korenaar: alone for 20m; 2 words from us, promises: 1 missed.\n\n"
        "## What was said and promised\n\n"
        "- 03:20 reply, De Korenaar (desk/7): “Ik ben er.” — promised a word by 03:40: missed\n"
        "- 03:41 reply, De Korenaar (desk/7): “Ik ben er.”\n\n"
        "## Not arrived\n\n"
        "- note, De Korenaar (desk/7): refused by desk: 403: “restarted”\n"
    )


def test_it_tells_whose_silence_ends_when() -> None:
    aside = replace(BAKERY, id="p2", aside="silenced by Olga until 06:00", aside_until=NOW + timedelta(hours=1))
    text = handover(replace(BOARD, problems=(), aside=(aside,)), record(), me="Sanne")
    assert "## Ends by itself\n\n- De Korenaar, OrdersApiDown: silenced by Olga until 06:00\n" in text


def test_what_is_out_of_the_way_without_an_end_does_not_end_by_itself() -> None:
    aside = replace(BAKERY, id="p2", aside="in maintenance")
    text = handover(replace(BOARD, problems=(), aside=(aside,)), record(), me="Sanne")
    assert "## Out of the way, and no end is told\n\n- De Korenaar, OrdersApiDown: in maintenance\n" in text
    assert "Ends by itself" not in text


def test_it_tells_which_alert_of_an_open_problem_is_silenced_until_when() -> None:
    silenced = replace(BAKERY.signals[0], suppressed="silenced by Olga", suppressed_until=NOW + timedelta(hours=1))
    text = handover(replace(BOARD, problems=(replace(BAKERY, signals=(silenced,)),)), record(), me="Sanne")
    assert re.search(r"## Ends by itself\n\n- .+: silenced by Olga until \d\d:\d\d\n", text)


def test_half_of_a_character_in_any_field_takes_no_handover_down() -> None:
    half = "\ud800x\udfff"
    ticket = replace(TICKET, id=half, title=half, url=f"http://desk/{half}", severity=half, suppressed=half)
    text = handover(replace(BOARD, problems=(replace(BAKERY, signals=(ticket,), title=half),)), record(), me=half)
    assert text.encode()


def test_it_says_which_source_it_does_not_know_of() -> None:
    late = Health(name="desk", kind="redmine", live=False, fault="no answer", answered_at=ago(30))
    assert "Not all of it can be seen: desk no answer · as of 30m ago." in handover(
        replace(BOARD, sources=(late,)), record(), me="Sanne"
    )


def test_the_words_of_a_stranger_are_only_words() -> None:
    assert plain("# x\n[y](http://z) <b>`c`</b> *d*") == ("# x \\[y\\](http://z) \\<b\\>\\`c\\`\\</b\\> \\*d\\*")


def test_an_address_can_be_opened_and_is_nothing_but_an_address() -> None:
    ticket = replace(TICKET, url="http://desk/#/issues/7?a=b](x) <b>\n# y")
    text = handover(replace(BOARD, problems=(replace(BAKERY, signals=(ticket,)),)), record(), me="Sanne")
    assert text.endswith("\n\n[1]: http://desk/#/issues/7?a=b%5D%28x%29%20%3Cb%3E%0A#%20y\n")


def test_addresses_stand_at_the_end_each_once_and_whole_and_their_signals_name_them_by_number() -> None:
    long = "http://prometheus.example.nl/graph?g0.expr=" + "rate%28http_requests_total%5B5m%5D%29+" * 9
    alerts = [replace(TICKET, source="am", id=str(n), kind=Kind.ALERT, title=f"Slow{n}", url=long) for n in range(2)]
    night = replace(BAKERY, signals=(replace(TICKET, url="http://desk/7"), *alerts, replace(alerts[0], id="3", url="")))
    text = handover(replace(BOARD, problems=(night,)), record(), me="Sanne")
    told, *ends = text.rstrip("\n").split("\n\n[1]: ")
    assert sorted(line.split(": ")[-1] for line in ends[0].split("\n")) == sorted(["http://desk/7", long])
    assert "http" not in told
    assert told.count("[1]") + told.count("[2]") == 3


@given(st.text())
def test_no_name_makes_a_line_of_its_own(name: str) -> None:
    hurt = replace(BAKERY.customers[0], name=name)
    text = handover(replace(BOARD, problems=(replace(BAKERY, customers=(hurt,)),)), record(), me="Sanne")
    assert len(text.splitlines()) == len(handover(BOARD, record(), me="Sanne").splitlines())
