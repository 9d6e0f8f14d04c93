"""The nouns: what sources report, what we say back to them, and the board that comes of both.

Every value is immutable. Times are aware UTC datetimes named ``..._at`` (or ``since``, ``until``); spans are seconds
named ``..._s``. Text in a `Signal` has passed `safe` when it gets here. A `ref` is ``"source/id"``, unique everywhere.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, time
from typing import TypeAlias

import msgspec

Ref: TypeAlias = str
"""``"source/id"``: one signal of one source. The source's name holds no slash; the id is the source's own."""


class Noun(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all nouns share: immutable, made by keywords, compared by value, stored as JSON by msgspec.

    A noun is made of values that were there before it, so no cycle can hold one and the garbage collector need not look at
    them. In a triage of 10,000 problems it takes a tenth of the time; if it did look, a third.
    """


# --- what a source reports -------------------------------------------------------------------------------------------


class Impact(enum.IntEnum):
    """What a problem does to the customer's core process; the higher, the worse."""

    QUESTION = 1
    AT_RISK = 2
    DEGRADED = 3
    DOWN = 4

    @property
    def word(self) -> str:
        """The glossary's word for it: ``down``, ``degraded``, ``at_risk``, ``question``."""
        return self.name.lower()


class Kind(enum.StrEnum):
    """Whether a machine complains or a person does."""

    ALERT = "alert"
    TICKET = "ticket"


class Voice(enum.StrEnum):
    """Who speaks in a message: the customer, a human of ours, or a machine (an auto-reply is nobody's word)."""

    THEIRS = "theirs"
    OURS = "ours"
    MACHINE = "machine"


RESOLVED = "resolved"
"""Why a ticket is out of the way that its desk lists until somebody closes it (`Signal.suppressed`)."""


class Message(Noun, frozen=True, kw_only=True):
    """One message of a ticket. Ours, not private: a word. Ours and private: a note."""

    id: str
    voice: Voice
    author: str
    text: str
    at: datetime
    private: bool = False

    @property
    def is_word(self) -> bool:
        """Whether a human of ours said this where the customer can read it."""
        return self.voice is Voice.OURS and not self.private


class Signal(Noun, frozen=True, kw_only=True):
    """An alert or a ticket that is open at its source, as we hold it.

    `severity` is the source's own word for it and `impact` what the connector's table makes of that word. `taken_by` is
    the human who has it ("" when nobody; a group or a bot is nobody), `mine` whether that is the engineer at this
    screen. An end of an acknowledgement is `taken_until`. `suppressed` says in words why its source keeps it out of the
    way ("silenced by Olga", "in downtime", "inhibited"), `suppressed_until` when that ends; "" when it does not.
    `links` are references that the source itself gives (URLs, fingerprints, ticket numbers), `url` is its own page.
    `cannot` says why this one cannot be told a verb that others of its source can.
    """

    source: str
    id: str
    kind: Kind
    title: str
    opened_at: datetime
    severity: str = ""
    impact: Impact = Impact.AT_RISK
    text: str = ""
    service: str = ""
    host: str = ""
    customer: str = ""
    contact: str = ""
    email: str = ""
    labels: Mapping[str, str] = {}
    status: str = "open"
    assignee: str = ""
    taken_by: str = ""
    mine: bool = False
    taken_at: datetime | None = None
    taken_until: datetime | None = None
    suppressed: str = ""
    suppressed_until: datetime | None = None
    changed_at: datetime | None = None
    due_at: datetime | None = None
    messages: tuple[Message, ...] = ()
    links: tuple[str, ...] = ()
    url: str = ""
    cannot: Mapping[Verb, str] = {}

    @property
    def ref(self) -> Ref:
        return f"{self.source}/{self.id}"


class Snapshot(Noun, frozen=True, kw_only=True):
    """The last whole reading of a source, and how asking it went since.

    `signals` come from the poll that began at `asked_at` and was answered at `answered_at` (both None before the first).
    `fault` is one line for a tired reader, "" while all is well, since `fault_at`; a fault never removes signals.
    `skew_s` is the source's clock minus ours. `doubt` says why an empty reading is not believed yet. `unreadable` counts
    the records of that reading that had an unknown shape, `gap` says why more may be missing from it. `can` holds the verbs
    that the source's connector has, `cannot` why it has not each of the others.
    """

    source: str
    kind: str
    every_s: float
    can: tuple[Verb, ...] = ()
    cannot: Mapping[Verb, str] = {}
    signals: tuple[Signal, ...] = ()
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    fault: str = ""
    fault_at: datetime | None = None
    skew_s: float = 0.0
    doubt: str = ""
    unreadable: int = 0
    gap: str = ""
    warning: str = ""


# --- what we say back ------------------------------------------------------------------------------------------------


class Verb(enum.StrEnum):
    """What can be said to a signal. `ACKNOWLEDGE` takes it (and renews), `RELEASE` gives it back.

    `RETRACT` takes an earlier write back, the one that `Write.after` names; its words are that one's.
    """

    ACKNOWLEDGE = "acknowledge"
    RELEASE = "release"
    NOTE = "note"
    REPLY = "reply"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    RETRACT = "retract"


VERBS = tuple(verb for verb in Verb if verb is not Verb.RETRACT)
"""What a connector answers, or says why it cannot."""


class State(enum.StrEnum):
    """Where a write is on its way. The words are shown as they are."""

    DRAFT = "draft"
    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    UNSURE = "unsure"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether the outbox still has work with it (or a question about it)."""
        return self in (State.HELD, State.WAITING, State.SENDING, State.UNSURE)

    @property
    def has_effect(self) -> bool:
        """Whether it is painted over the snapshot: on its way, or there."""
        return self.is_open or self in (State.DELIVERED, State.CONFIRMED)


class Write(Noun, frozen=True, kw_only=True):
    """One thing said to one signal: a row of the outbox. Holds the verb and the words, never a request or a secret.

    `until` is when an acknowledgement or a snooze ends at the source, `promise_at` when the customer was told to expect
    us again. `due_at` is not sent before then (the undo window, a back-off). `after` is the id of the write that this
    one relies on. `tried_at` is the first try; `began_at` the latest. `stated` tells the signal's state as the engineer
    saw it when pressing the key (`stamp`), `sure` that they were asked and said yes. `fault` is the last answer in words,
    `receipt` what the source calls what it made of it (a silence's id).
    """

    id: str
    problem: str
    ref: Ref
    verb: Verb
    by: str
    asked_at: datetime
    text: str = ""
    state: State = State.WAITING
    until: datetime | None = None
    promise_at: datetime | None = None
    due_at: datetime | None = None
    after: str = ""
    attempts: int = 0
    tried_at: datetime | None = None
    began_at: datetime | None = None
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    fault: str = ""
    stated: str = ""
    sure: bool = False
    receipt: str = ""

    @property
    def source(self) -> str:
        return self.ref.partition("/")[0]

    @property
    def signal_id(self) -> str:
        return self.ref.partition("/")[2]


class Draft(Noun, frozen=True, kw_only=True):
    """Words that are being typed, kept on disk so that no dropped line loses them. `refs` are the problem's signals."""

    problem: str
    verb: Verb
    text: str
    saved_at: datetime
    refs: tuple[Ref, ...] = ()


class Act(enum.StrEnum):
    """What the engineer can decide by hand about problems, here and not at a source."""

    SNOOZE = "snooze"
    SPLIT = "split"
    JOIN = "join"
    IMPACT = "impact"


class Decision(Noun, frozen=True, kw_only=True):
    """Something decided by hand. It hangs on signals (`refs`), not on a problem's id, so it outlives both.

    SNOOZE hides the problem that holds `refs` until `until`; SPLIT keeps `refs` apart from `others`; JOIN keeps `refs`
    and `others` together; IMPACT sets the impact to `value` (an `Impact.word`; "" takes an earlier decision back).
    """

    id: str
    act: Act
    refs: tuple[Ref, ...]
    at: datetime
    others: tuple[Ref, ...] = ()
    value: str = ""
    until: datetime | None = None


# --- what the configuration tells ------------------------------------------------------------------------------------


class Process(enum.StrEnum):
    """How much of the customer's bread hangs on it."""

    CORE = "core"
    SUPPORTING = "supporting"
    PERIPHERAL = "peripheral"


class Alternative(enum.StrEnum):
    """What the customer can do without us."""

    NONE = "none"
    MANUAL = "manual"
    FAILOVER = "failover"


class Me(Noun, frozen=True, kw_only=True):
    """The engineer at this screen; `aliases` are further names or logins that sources know them by."""

    name: str
    email: str = ""
    aliases: tuple[str, ...] = ()


class Match(Noun, frozen=True, kw_only=True):
    """How signals are recognised as a customer's or a service's: any one of these is enough; labels need all of theirs."""

    organisations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    services: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


class Moment(Noun, frozen=True, kw_only=True):
    """A known time of a customer in their own zone (an IANA name): "the ovens load at 04:30", daily or on `days`."""

    at: time
    what: str
    zone: str
    days: tuple[int, ...] = ()
    """Weekdays, Monday is 0; empty is daily."""


class Customer(Noun, frozen=True, kw_only=True):
    """An organisation whose work can be hurt, as configured."""

    name: str
    match: Match = Match()
    core_process: str = ""
    core_process_theirs: str = ""
    """The same in their own language, for words that they read."""
    process: Process = Process.CORE
    depends_on: tuple[str, ...] = ()
    alternative: Alternative = Alternative.NONE
    language: str = ""
    phone: str = ""
    moments: tuple[Moment, ...] = ()


class Service(Noun, frozen=True, kw_only=True):
    """What we run and what core processes depend on, as configured."""

    name: str
    match: Match = Match()


class Weights(Noun, frozen=True, kw_only=True):
    """The numbers of `core.urgency`; the defaults are the product's (`[urgency]` in the configuration)."""

    down: float = 100.0
    degraded: float = 60.0
    at_risk: float = 25.0
    question: float = 8.0
    core: float = 1.0
    supporting: float = 0.6
    peripheral: float = 0.3
    no_alternative: float = 1.0
    manual: float = 0.75
    failover: float = 0.5
    spread: float = 0.15
    spread_most: float = 1.6
    waiting_first: float = 0.5
    waiting_first_s: float = 300.0
    waiting_hour: float = 0.25
    in_hand: float = 0.35
    in_hand_due: float = 0.9
    in_hand_due_s: float = 300.0
    missed: float = 0.9
    untold: float = 0.7
    voice: float = 6.0
    voice_most: float = 24.0
    deadline: float = 0.5
    deadline_s: float = 7200.0
    promise_fire_s: float = 1200.0
    promise_degraded_s: float = 3600.0


class Settings(Noun, frozen=True, kw_only=True):
    """All that triage needs to know from the configuration.

    `alarm_words` are the customer's own words that raise the impact by one step; `bots` are authors and assignees that
    are nobody (names, logins or mail addresses, compared without case).
    """

    me: Me
    customers: tuple[Customer, ...] = ()
    services: tuple[Service, ...] = ()
    weights: Weights = Weights()
    alarm_words: tuple[str, ...] | None = None
    bots: tuple[str, ...] = ()


# --- what the screen shows -------------------------------------------------------------------------------------------


class Rule(enum.StrEnum):
    """Why a problem's customers are alone, or that they are not."""

    NOBODY = "nobody"
    UNTOLD = "untold"
    MISSED = "missed"
    WITH_THEM = "with them"


class Alone(Noun, frozen=True, kw_only=True):
    """Whether nobody of ours is with them as they would see it, why in words, and since when."""

    rule: Rule
    why: str
    since: datetime | None = None

    @property
    def is_alone(self) -> bool:
        return self.rule is not Rule.WITH_THEM


class Hurt(Noun, frozen=True, kw_only=True):
    """A customer in a problem. `wrote` counts their messages since our last word; `spoke` whether they wrote at all."""

    name: str
    core_process: str = ""
    core_process_theirs: str = ""
    process: Process = Process.CORE
    alternative: Alternative = Alternative.NONE
    known: bool = False
    language: str = ""
    phone: str = ""
    contact: str = ""
    wrote: int = 0
    spoke: bool = False
    last_words: str = ""
    last_wrote_at: datetime | None = None
    last_word_at: datetime | None = None
    refs: tuple[Ref, ...] = ()


class Reason(Noun, frozen=True, kw_only=True):
    """A line of the explanation: the factor's name, what it saw in words, and its points. Points add up to the score."""

    factor: str
    words: str
    points: float


class Problem(Noun, frozen=True, kw_only=True):
    """Signals that belong together, seen from the customers whom they hurt. `customers[0]` is hurt the most.

    `rule` names, in words, what decided its place on the board. `joined` says why its signals are together, a line a
    join. `moment` is the next known deadline ("ovens load") at `moment_at`, told in the customer's `moment_zone` ("": in
    ours). `aside` says why it is out of the way ("snoozed until 04:00", "silenced by Olga until 04:00"), "" when it is not.
    """

    id: str
    title: str
    signals: tuple[Signal, ...]
    customers: tuple[Hurt, ...]
    impact: Impact
    on_fire: bool
    alone: Alone
    started_at: datetime
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    rule: str = ""
    joined: tuple[str, ...] = ()
    taken_by: str = ""
    mine: bool = False
    taken_at: datetime | None = None
    promise_at: datetime | None = None
    moment: str = ""
    moment_at: datetime | None = None
    moment_zone: str = ""
    writes: tuple[Write, ...] = ()
    aside: str = ""
    aside_until: datetime | None = None

    @property
    def refs(self) -> tuple[Ref, ...]:
        return tuple(signal.ref for signal in self.signals)


class Health(Noun, frozen=True, kw_only=True):
    """How a source is: `live` only when it answered within its interval, and whole. `can`, `cannot`: see `Snapshot`."""

    name: str
    kind: str
    live: bool
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    fault: str = ""
    fault_at: datetime | None = None
    skew_s: float = 0.0
    signals: int = 0
    unreadable: int = 0
    doubt: str = ""
    gap: str = ""
    warning: str = ""
    can: tuple[Verb, ...] = ()
    cannot: Mapping[Verb, str] = {}


class Memory(Noun, frozen=True, kw_only=True):
    """What one board hands to the next, also across restarts: which problem a signal belongs to, and running clocks.

    `problems` maps a ref to its problem's id, `since` a problem's id to the rule of its aloneness and its start.
    `first_seen` holds when a signal was first met whose own start lies in the future, `gone` since when a ref is missing
    (it may flap), `kept` a problem's joins that outlive the alert that made them.
    """

    problems: Mapping[Ref, str] = {}
    since: Mapping[str, tuple[Rule, datetime]] = {}
    first_seen: Mapping[Ref, datetime] = {}
    kept: Mapping[str, tuple[str, ...]] = {}
    gone: Mapping[Ref, datetime] = {}


class Board(Noun, frozen=True, kw_only=True):
    """What the screen shows: every problem, ranked, with the writes and the sources' health.

    `quiet` is true only when every source is live and nobody is alone. `aside` are problems out of the way, told.
    """

    as_of: datetime
    problems: tuple[Problem, ...] = ()
    aside: tuple[Problem, ...] = ()
    sources: tuple[Health, ...] = ()
    outbox: tuple[Write, ...] = ()
    drafts: tuple[Draft, ...] = ()
    quiet: bool = False
    memory: Memory = Memory()
    trouble: str = ""
    """What is wrong with our own house ("cannot save: disk full"), for the header; "" when nothing is."""
    unlogged: str = ""
    """Why no log is kept, "" when one is (or nothing was to be told in it)."""

    @property
    def whole(self) -> bool:
        """Whether every source is live, so that the picture is complete."""
        return all(source.live for source in self.sources)

    def find(self, problem_id: str) -> Problem | None:
        """The problem of that id, ranked or aside."""
        return next((p for p in (*self.problems, *self.aside) if p.id == problem_id), None)


class Night(Noun, frozen=True, kw_only=True):
    """All that a board is made of, beside the settings and the time. `writes` are the outbox's, open and recent."""

    snapshots: tuple[Snapshot, ...] = ()
    writes: tuple[Write, ...] = ()
    drafts: tuple[Draft, ...] = ()
    decisions: tuple[Decision, ...] = ()
    memory: Memory = Memory()
    trouble: str = ""


def stamp(signal: Signal) -> str:
    """What matters of a signal's state when a key is pressed: who has it and the customer's latest message.

    Equal stamps mean that nothing changed that the engineer should be asked about.
    """
    theirs = [m.id for m in signal.messages if m.voice is Voice.THEIRS]
    return f"{signal.taken_by}|{theirs[-1] if theirs else ''}"


class Saying(Noun, frozen=True):
    """What one key press or command says to a problem as it was on screen; it becomes one write a signal.

    `refs` names the signals, else the verb chooses. `to` holds a reply's words for each customer by name, and then only
    they are told, each in their own ticket. `sure`: they were asked and said yes. `hold_s` is the undo window (None: the
    configured one).
    """

    verb: Verb
    problem: Problem
    text: str = ""
    refs: tuple[Ref, ...] = ()
    to: Mapping[str, str] = {}
    promise_at: datetime | None = None
    until: datetime | None = None
    sure: bool = False
    hold_s: float | None = None


class Said(Noun, frozen=True, kw_only=True):
    """What became of a key press: the writes that are now on disk, or a question to ask first, or why nothing was done."""

    writes: tuple[Write, ...] = ()
    asks: str = ""
    refused: str = ""
    words: str = ""


# --- what remains of a night ----------------------------------------------------------------------------------------


class Stretch(Noun, frozen=True, kw_only=True):
    """One time that a customer was alone, `since` to `until` (the last moment at which it was so known)."""

    problem: str
    title: str
    customer: str
    since: datetime
    until: datetime
    on_fire: bool = False


class Record(Noun, frozen=True, kw_only=True):
    """What was kept of the time after `since`: what was said from here, oldest first, and who was alone when."""

    since: datetime
    writes: tuple[Write, ...] = ()
    stretches: tuple[Stretch, ...] = ()
