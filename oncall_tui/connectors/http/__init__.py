"""Any JSON API that no connector knows: the user's tables say where its list is, what a record means and what a verb sends.

There is no reference but the user's own (see `tables`). What nobody told cannot be done, and says so on its key. What is an
error in an answer that went well is one, whatever was asked. Where `one` tells how to read a single record, and `fields` or
`message` what a verb changes in it, each change is looked at before and after; what cannot be looked up is not known to have
arrived, and not known not to have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from oncall_tui import kit
from oncall_tui.connectors.http import pages, tables, templates, verbs
from oncall_tui.connectors.http.records import identity, signal, text
from oncall_tui.connectors.http.tables import Plan
from oncall_tui.errors import Unreadable
from oncall_tui.kit import Connector, Exchange, Option, Reading, Source
from oncall_tui.model import VERBS, Impact, Kind, Verb

SEVERITY: Mapping[str, Impact] = {
    **dict.fromkeys(("critical", "urgent", "immediate", "blocker", "disaster", "emergency", "p1"), Impact.DOWN),
    **dict.fromkeys(("error", "high", "major", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("warning", "warn", "normal", "medium", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("info", "none", "low", "minor", "p4", "p5"), Impact.QUESTION),
}


def fit(options: Mapping[str, str]) -> Connector:
    """What this is for a source with these options: it can be told exactly what they say how to tell."""
    plan = tables.plan(options, kit.impacts(SEVERITY, options.get("severities", "")))
    missing = (verb for verb in VERBS if verb not in plan.verbs)
    return replace(
        CONNECTOR,
        poll=partial(poll, plan),
        answers={verb: verbs.answer(plan, verb) for verb in plan.verbs},
        cannot={verb: f"nobody told how: add a table {verb.value!r} to this source" for verb in missing},
        login=partial(login, plan.me, plan) if plan.me else None,
        peek=partial(verbs.peek, plan) if plan.one else None,
        seen=partial(verbs.seen, plan) if plan.one else None,
        check=partial(check, plan),
        may=partial(may, plan),
    )


def login(me: tables.One, plan: Plan, source: Source) -> Exchange[Mapping[str, str]]:
    """Who we are, as the API calls us."""
    found = text(tables.expression(me.record)(pages.document(plan, (yield templates.one(me)))))
    if not found:
        raise Unreadable("does not say who we are: me.record finds nothing")
    return {"me": found}


def poll(plan: Plan, source: Source) -> Exchange[Reading]:
    """Every record that is open; or what changed since the last reading, and all else as it was then."""
    is_told = plan.listing.changed and source.known and not source.afresh
    since = source.known_at - verbs.SLACK if is_told and source.known_at else None
    records = yield from pages.records(source, plan, since)
    reading = kit.make_each(records, partial(signal, source, plan))
    changed = {identity(plan, record) for record in records}
    stayed = [known for known in source.known.values() if known.id not in changed] if since else []
    return kit.warned(replace(reading, signals=[*stayed, *reading.signals]), plan.impacts)


def check(plan: Plan, source: Source) -> Exchange[str]:
    """Who we are where that is told, how much is listed, and what nobody will see arrive."""
    records = yield from pages.records(source, plan)
    who = f"{source.session['me']}, " if source.session.get("me") else ""
    return "; ".join((f"{who}{len(records)} record{'' if len(records) == 1 else 's'} listed", *_unseen(plan)))


def may(plan: Plan, source: Source) -> Exchange[str]:
    """That nobody knows: no two APIs tell it alike, and none can be asked to write as a question."""
    yield from ()
    verbs = ", ".join(verb.value for verb in plan.verbs)
    return f"not told: only a real {verbs} shows whether this API takes it"


def _unseen(plan: Plan) -> Iterator[str]:
    unseen = [verb.value for verb in plan.verbs if not plan.tells(verb)]
    if unseen:
        yield f"the tables tell nothing by which to see whether it did: {', '.join(unseen)}"
    if plan.tells(Verb.NOTE) and Verb.NOTE in plan.verbs and "private" not in plan.message:
        yield "without message.private nobody sees whether the customer can read a note"


def _fitted(source: Source) -> Exchange[Reading]:
    """Only with its tables does it know where to ask."""
    return fit(source.options).poll(source)


CONNECTOR = Connector(
    name="http",
    title="Any JSON API",
    docs="https://jmespath.org/specification.html",
    options=(
        Option(name="list", help="where the open records are, and how pages are turned", table=True),
        Option(
            name="fields", help="JMESPath for each field of a signal; id, title and opened_at must be there", table=True
        ),
        Option(name="message", help="JMESPath for the messages in a record", table=True),
        Option(name="one", help='one record by its id, as { path = "/tickets/{id}" }', table=True),
        Option(name="me", help='who we are, as { path = "/me", record = "login" }', table=True),
        *(
            Option(name=verb.value, help="the request that says it: method, path, query, body", table=True)
            for verb in VERBS
        ),
        Option(name="kind_of", help="what its records are: ticket or alert", default="ticket", check=kit.one_of(*Kind)),
        Option(name="user", help="user name for basic authentication; the secret is its password"),
        Option(name="error", help="JMESPath for what is an error in a good answer", default=tables.ERROR),
        Option(name="web", help='the page of one record for people, as "https://desk.example.nl/t/{id}"'),
        Option(name="times", help="s or ms: what a number as a time counts", default="s", check=kit.one_of("s", "ms")),
        Option(name="team", help="authors of ours, with commas"),
        Option(name="bots", help="authors and assignees that are machines"),
        Option(name="severities", help='severities of your own, as in "sev0=down, sev1=degraded"', check=kit.meanings),
    ),
    headers=kit.by_token,
    fit=fit,
    poll=_fitted,
    answers={},
    cannot=dict.fromkeys(VERBS, "nobody told how: its table in the source says that"),
    proven="Redmine 5.0.4, told by tables",
)
