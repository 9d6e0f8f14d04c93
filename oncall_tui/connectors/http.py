"""Any JSON API that no connector knows: the user's tables say where its list is, what a record means and what a verb sends.

There is no reference but the user's own (see `mapping` for the tables). What nobody told cannot be done, and says so on its
key. Whatever a 2xx says, a truthy `error` in it is a refusal; where `one` tells how to read a single record, every change of
state is read back, and only then believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

import msgspec

from oncall_tui import kit
from oncall_tui.connectors import mapping
from oncall_tui.connectors.mapping import Plan, listed, text
from oncall_tui.errors import ConfigError, Rejected, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Response, Source, get
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Voice, Write

SEVERITY: Mapping[str, Impact] = {
    **dict.fromkeys(("critical", "urgent", "immediate", "blocker", "disaster", "emergency", "p1"), Impact.DOWN),
    **dict.fromkeys(("error", "high", "major", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("warning", "warn", "normal", "medium", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("info", "none", "low", "minor", "p4", "p5"), Impact.QUESTION),
}
T = TypeVar("T")
_SLACK = timedelta(minutes=2)
_GONE = (404, 410)
_STATES = (Verb.ACKNOWLEDGE, Verb.RELEASE, Verb.RESOLVE, Verb.SNOOZE)


def fit(options: Mapping[str, str]) -> Connector:
    """What this is for a source with these options: it can be told exactly what they say how to tell."""
    plan = mapping.plan(options)
    if options.get("error"):
        mapping.expression("error", options["error"])
    spoken = _Spoken(plan)
    return replace(
        CONNECTOR,
        poll=spoken.poll,
        answers=dict.fromkeys(plan.verbs, spoken.say),
        cannot={verb: f"nobody told how: add a table {verb.value!r} to this source" for verb in _missing(plan)},
        login=spoken.login if plan.me else None,
        peek=spoken.peek if plan.one else None,
        seen=spoken.seen if plan.one else None,
        check=spoken.check,
    )


def _missing(plan: Plan) -> Iterator[Verb]:
    return (verb for verb in Verb if verb not in plan.verbs)


class _Spoken:
    """The exchanges with one such API."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def login(self, source: Source) -> Exchange[Mapping[str, str]]:
        """Who we are, as the API calls us."""
        me = self.plan.me
        if me is None:
            return {}
        found = text(me.record(_document(source, (yield replace(get(me.path), query=me.query)))))
        if not found:
            raise Unreadable("does not say who we are: me.record finds nothing")
        return {"me": found}

    def poll(self, source: Source) -> Exchange[Reading]:
        """Every record that is open, over all pages."""
        records = yield from self.records(source)
        table = kit.impacts(SEVERITY, source.options.get("severities", ""))
        reading = kit.read_each(
            map(msgspec.json.encode, records), Any, lambda one: signal(source, self.plan, one, table)
        )
        return replace(reading, warning=kit.strangers(reading.signals, table))

    def records(self, source: Source) -> Exchange[list[Any]]:
        """The records of all pages as they came. Raises `Unreadable` when the pages go round in a circle."""
        records: list[Any] = []
        pages: set[bytes] = set()
        request: kit.Request | None = self._first()
        while request is not None:
            answer = yield request
            document = _document(source, answer)
            page = listed(self.plan.listing.records(document), "list.records")
            print_ = msgspec.json.encode(page)
            if page and print_ in pages:
                raise Unreadable("its paging goes round in a circle: a page came twice")
            pages.add(print_)
            records += page
            request = self._next(source, request, answer, document, page=page, had=len(records))
        return records

    def _first(self) -> kit.Request:
        plan = self.plan.listing
        start = {"page": str(plan.first), "offset": "0"}.get(plan.paging)
        query = (*plan.query, (plan.param, start)) if start is not None else plan.query
        return replace(get(plan.path), query=query)

    def _next(
        self, source: Source, request: kit.Request, answer: Response, document: Any, *, page: list[Any], had: int
    ) -> kit.Request | None:
        """The request for the next page, None after the last: that is empty, or says so."""
        plan = self.plan.listing
        total = plan.total(document) if plan.total else None
        if plan.paging in ("page", "offset"):
            if not page or (isinstance(total, int) and had >= total >= 0):
                return None
            after = had if plan.paging == "offset" else int(dict(request.query)[plan.param]) + 1
            return replace(request, query=(*plan.query, (plan.param, str(after))))
        following = text(plan.next(document)) if plan.next else _link_header(answer)
        if plan.paging == "none" or not following:
            return None
        if plan.paging == "cursor":
            return replace(request, query=(*plan.query, (plan.param, following)))
        return _follow(source, following)

    # --- one of them -------------------------------------------------------------------------------------------------

    def peek(self, source: Source, signal_id: str) -> Exchange[Signal | None]:
        """That record now; None when it is gone or not open any more."""
        record = yield from self._find(source, signal_id)
        table = kit.impacts(SEVERITY, source.options.get("severities", ""))
        return signal(source, self.plan, record, table) if record is not None else None

    def _find(self, source: Source, signal_id: str) -> Exchange[Any]:
        one = self.plan.one
        if one is None:
            return None
        answer = yield replace(get(mapping.place(one.path, signal_id), accepts=_GONE), query=one.query)
        if answer.status in _GONE:
            return None
        record = one.record(_document(source, answer))
        if record is None or text(self.plan.fields["id"](record)) != signal_id:
            raise Unreadable(f"answered with something else when it was asked for {signal_id!r}")
        return record

    def say(self, source: Source, write: Write) -> Exchange[Receipt]:
        """What the verb's table says. A state that is there already is not sent again, and one that does not come is told."""
        is_state = write.verb in _STATES and self.plan.one is not None
        if is_state and (yield from self.seen(source, write)):
            now = yield from self.peek(source, write.signal_id)
            is_theirs = write.verb is Verb.RELEASE and now and now.taken_by
            return Receipt(words=f"{now.taken_by} has it now") if now and is_theirs else DONE
        answer = yield mapping.filled(self.plan.verbs[write.verb], source, write)
        if answer.body.strip():
            _document(source, answer)
        if is_state and not (yield from self.seen(source, write)):
            now = yield from self.peek(source, write.signal_id)
            if now and now.taken_by and not now.mine:
                raise Rejected(f"{now.taken_by} was faster")
            raise Rejected("it was answered well and yet nothing changed: look at the table of this verb")
        return DONE

    def seen(self, source: Source, write: Write) -> Exchange[bool]:
        """Whether the state is as the write wanted it, or my words are there since it was first tried."""
        found = yield from self.peek(source, write.signal_id)
        if write.verb is Verb.RESOLVE:
            return found is None
        if found is None:
            return False
        if write.verb in (Verb.NOTE, Verb.REPLY):
            return _is_said(source, write, found.messages)
        if write.verb is Verb.SNOOZE:
            return bool(found.suppressed)
        return found.mine is (write.verb is Verb.ACKNOWLEDGE)

    def check(self, source: Source) -> Exchange[str]:
        """Who we are where that is told, and how much is listed."""
        records = yield from self.records(source)
        who = f"{source.session['me']}, " if source.session.get("me") else ""
        return f"{who}{len(records)} record{'' if len(records) == 1 else 's'} listed"


# --- answers ---------------------------------------------------------------------------------------------------------


def _document(source: Source, answer: Response) -> Any:
    """An answer's JSON; an error inside a 2xx is an error."""
    document = answer.read(Any)
    wrong = mapping.expression("error", source.options["error"])(document) if source.options.get("error") else None
    if wrong:
        raise Rejected(f"says that it failed: {text(wrong) if not isinstance(wrong, dict) else wrong}")
    return document


def _link_header(answer: Response) -> str:
    """The ``next`` of a Link header (RFC 8288), "" for none."""
    for part in answer.headers.get("link", "").split(","):
        link, _, parameters = part.partition(";")
        if 'rel="next"' in parameters.replace("'", '"').replace("rel=next", 'rel="next"'):
            return link.strip().removeprefix("<").removesuffix(">")
    return ""


def _follow(source: Source, link: str) -> kit.Request:
    """A link of the API's as a request below the source's url. It never leads to another place."""
    base, to = urlsplit(f"{source.url}/"), urlsplit(urljoin(f"{source.url}/", link))
    if (to.scheme, to.netloc) != (base.scheme, base.netloc) or not to.path.startswith(base.path):
        raise Unreadable("gave a link to another place: it is not followed")
    return replace(get("/" + to.path[len(base.path) :]), query=tuple(parse_qsl(to.query, keep_blank_values=True)))


# --- records ---------------------------------------------------------------------------------------------------------


def signal(source: Source, plan: Plan, record: Any, table: Mapping[str, Impact] = SEVERITY) -> Signal | None:
    """One record as a signal; None when it is not open."""
    found = {name: find(record) for name, find in plan.fields.items()}
    if "open" in found and not found["open"]:
        return None
    texts: dict[str, Any] = {name: text(found.get(name)) for name in mapping.TEXTS}
    times: dict[str, Any] = {name: _at(source, found.get(name)) for name in mapping.TIMES}
    number, owner = _needed("id", text(found["id"])), texts.pop("taken_by")
    bots = {name.casefold() for name in kit.names(source.options.get("bots", ""))}
    is_taken = bool(owner) and owner.casefold() not in bots
    contact = texts["contact"]
    return Signal(
        source=source.name,
        id=number,
        kind=Kind(source.options.get("kind_of") or Kind.TICKET),
        title=_needed("title", text(found["title"])),
        opened_at=_needed("opened_at", _at(source, found["opened_at"])),
        impact=table.get(texts["severity"].casefold(), Impact.AT_RISK),
        **texts,
        assignee=owner,
        taken_by=owner if is_taken else "",
        mine=is_taken and _is_me(source, owner),
        **times,
        labels=_labels(found.get("labels")),
        messages=tuple(_messages(source, plan, record, contact)),
        links=tuple(text(one) for one in found.get("links") or ()),
        url=_page(source, number, text(found.get("url"))),
    )


def _needed(name: str, value: T | None) -> T:
    if not value:
        raise ValueError(f"{name} is missing")
    return value


def _labels(value: Any) -> dict[str, str]:
    """An object of labels; what is no text in it is written as one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("fields.labels finds no object")
    return {name: text(one) if not isinstance(one, dict) else str(one) for name, one in value.items()}


def _at(source: Source, value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
        raise ValueError("no time where one was expected")
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal():
        value = float(value)
    return kit.when(value, per_s=1000.0 if source.options.get("times") == "ms" else 1.0)


def _page(source: Source, number: str, found: str) -> str:
    """Where people read it: the user's own template, or what the record says if that is on the source's own origin."""
    if web := source.options.get("web", ""):
        return web.replace("{id}", kit.quote(number))
    at, to = urlsplit(source.url), urlsplit(urljoin(f"{source.url}/", found))
    is_there = bool(found) and (to.scheme, to.netloc) == (at.scheme, at.netloc)
    return to.geturl() if is_there else f"{source.url}/"


def _messages(source: Source, plan: Plan, record: Any, contact: str) -> Iterable[Message]:
    find = plan.message
    if "list" not in find:
        return
    for one in find["list"](record) or ():
        author = text(find["author"](one))
        private = bool(find["private"](one)) if "private" in find else False
        yield Message(
            id=_needed("a message's id", text(find["id"](one))),
            voice=_voice(source, plan, one, author, private=private),
            author=author,
            text=text(find["text"](one)),
            at=_needed("a message's time", _at(source, find["at"](one))),
            private=private,
        )


def _voice(source: Source, plan: Plan, one: Any, author: str, *, private: bool) -> Voice:
    """Ours by the record, by `team` or by being me; whoever is not known to be ours speaks for the customer."""
    find = plan.message
    bots, team = (kit.names(source.options.get(name, "").casefold()) for name in ("bots", "team"))
    if author.casefold() in bots or ("machine" in find and find["machine"](one)):
        return Voice.MACHINE
    ours = private or author.casefold() in team or _is_me(source, author)
    return Voice.OURS if ours or ("ours" in find and find["ours"](one)) else Voice.THEIRS


def _is_me(source: Source, who: str) -> bool:
    mine = (source.session.get("me", ""), source.me.name, source.me.email, *source.me.aliases)
    return bool(who) and who.casefold() in {one.casefold() for one in mine}


def _is_said(source: Source, write: Write, messages: Iterable[Message]) -> bool:
    since = (write.tried_at or write.asked_at) + timedelta(seconds=source.skew_s) - _SLACK
    is_note = write.verb is Verb.NOTE
    return any(
        one.private is is_note
        and one.at >= since
        and _is_me(source, one.author)
        and kit.same_text(kit.unmarked(one.text), write.text)
        for one in messages
    )


def headers(source: Source) -> Mapping[str, str]:
    """A bearer token, or basic authentication when a user is configured; other ways are the source's `auth`."""
    if user := source.options.get("user"):
        return kit.basic(user, source.secret)
    return {"Authorization": f"Bearer {source.secret}"} if source.secret else {}


def _unfit(source: Source) -> Exchange[Reading]:
    """Only with its tables does it know where to ask."""
    raise ConfigError("is missing: where is the list?", key="list.path")
    yield


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
            for verb in Verb
        ),
        Option(name="kind_of", help="what its records are: ticket or alert", default="ticket", check=kit.one_of(*Kind)),
        Option(name="user", help="user name for basic authentication; the secret is its password"),
        Option(name="error", help="JMESPath for what is an error in a good answer"),
        Option(name="web", help='the page of one record for people, as "https://desk.example.nl/t/{id}"'),
        Option(name="times", help="s or ms: what a number as a time counts", default="s", check=kit.one_of("s", "ms")),
        Option(name="team", help="authors of ours, with commas"),
        Option(name="bots", help="authors and assignees that are machines"),
        Option(name="severities", help='severities of your own, as in "sev0=down, sev1=degraded"', check=kit.meanings),
    ),
    headers=headers,
    fit=fit,
    poll=_unfit,
    answers={},
    cannot=dict.fromkeys(Verb, "nobody told how: its table in the source says that"),
    proven="Redmine 5.0.4, told by tables",
)
