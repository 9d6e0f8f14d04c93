"""Roundup, REST: open issues with their messages; taking one assigns it to me, a reply is a message.

https://www.roundup-tracker.org/docs/rest.html. Seen on a real 2.6.0 with the classic tracker:

- Without `@page_size` a list is whole (up to 10,000,000 records): so it is asked for in one piece, and no issue that is closed
  meanwhile moves another to a page already read. A list that ends early says so with a link to its next page.
- `@verbose=2` names what is linked, `@verbose=3` gives a message's text as well, one message at a time: so a message that is
  known is not asked for again. `activity` of an issue has whole seconds, and moves with each change.
- A filter is in reverse Polish notation (`7,8,-4,-2`: neither 7 nor 8). So what is over is left out, and not what is open asked
  for: an issue may be in a status that was invented since, or retired, and Roundup's own index shows it.
- Times are UTC, with a dot where ISO has a T. A change needs `X-Requested-With`, the `Origin` of the tracker and `If-Match`.
- A stale `If-Match` is a 412: somebody changed it since we read it. Of several in one moment more than one is answered 200
  all the same, so what came of a change is looked at. Null changes nothing (400), "" empties a field.
- A message is first made, with author and date (else they stay empty), and then attached to its issue, which mails it to
  everybody on the issue's nosy list. There are no private messages.
- Roles are told of nobody but oneself, so `team` must name ours; whoever it does not name speaks for the customer.
- What a role may do is told nowhere (OPTIONS names the same methods to everybody), but it is looked at before what was sent
  is: who asks for the impossible is answered 400 when they may, and 403 when they may not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from oncall_tui import kit
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Connector, Exchange, Option, Receipt, Record, Request, Source, desk, get, send
from oncall_tui.kit.desk import Change, Head, Listed, Person, Said, Ticket, Whole
from oncall_tui.model import Impact, Verb, Write

PRIORITY: Mapping[str, Impact] = {
    **desk.PRIORITY,
    "bug": Impact.AT_RISK,
    **dict.fromkeys(("feature", "wish"), Impact.QUESTION),
}
DATA = "/rest/data"
_SHOWN: Mapping[str, Any] = {
    "@fields": "title,status,priority,assignedto,creator,creation,activity,messages,superseder",
    "@verbose": 2,
}
_PEOPLE: Mapping[str, Any] = {"@fields": "username,realname,address,organisation", "@verbose": 2}
_TEXT: Mapping[str, Any] = {"@fields": "author,date,content", "@verbose": 3}
_ALLOWED = 400
"""The answer to the impossible, from whom something possible would be taken."""
_TOLD = frozenset({_ALLOWED, 403})
_TRIES = 3
_TO_WRITE = {"messages": "attach messages", "assignedto": "take issues", "status": "change their status"}


# --- who we are ------------------------------------------------------------------------------------------------------


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Who I am, and which statuses are over: those that `closed` names."""
    user = source.options.get("user", "")
    people = yield from _list("user", username=user, **_PEOPLE)
    me = next((one for one in people if one.value("username") == user), None)
    if me is None:
        raise Rejected(f"there is no user {user!r}: set user in [sources.{source.name}]")
    statuses = yield from _list("status", **{"@fields": "name", "@verbose": 2})
    closed = [one.id() for one in statuses if kit.is_listed(source, "closed", one.text("name"))]
    names = ",".join(one.text("name") for one in statuses)
    return {"id": me.id(), "name": _person(source, me).name, "closed": ",".join(closed), "statuses": names}


def headers(source: Source) -> Mapping[str, str]:
    """Name and password, and what Roundup wants of a script that changes something."""
    at = urlsplit(source.url)
    ours = {"Origin": f"{at.scheme}://{at.netloc}", "X-Requested-With": "rest"}
    return {**kit.basic(source.options.get("user", ""), source.secret), **ours}


def _person(source: Source, who: Record, people: Mapping[str, Record] | None = None) -> Person:
    """Somebody who was retired is a number."""
    who = (people or {}).get(who.id(), who)
    names, mail = (who.hint("realname"), who.hint("username"), f"user{who.id()}"), who.hint("address")
    return desk.person(source, who.id(), *names, email=mail, organisation=who.hint("organisation"))


# --- reading ---------------------------------------------------------------------------------------------------------


def _page(source: Source, after: int, only: str) -> Listed:
    closed, one = kit.names(source.session["closed"]), {"id": desk.number(only)} if only else {}
    still = {"status": ",".join((*closed, *["-4"] * (len(closed) - 1), "-2"))} if closed else {}
    issues = [issue for issue in (yield from _list("issue", **one, **still, **_SHOWN)) if _is_open(source, issue)]
    return sorted(issues, key=lambda issue: (len(issue.hint("id")), issue.hint("id"))), False


def _is_open(source: Source, issue: Record) -> bool:
    """By the name of its status, which is told also of one that was retired."""
    return not kit.is_listed(source, "closed", issue.hint("status.name"))


def _list(what: str, **query: Any) -> Exchange[list[Record]]:
    """A whole list, in one piece."""
    found = Record.of((yield get(f"{DATA}/{what}", **query)), "data")
    if found.value("@links.next") is not None:
        raise Unreadable(f"does not list all of its {what}s at once: raise its limit of rows for REST")
    return found.each("collection")


def _read(source: Source, heads: Sequence[Head]) -> Whole:
    """A message that was taken away meanwhile is missing."""
    people = yield from _people()
    texts: dict[str, Record] = {}
    for head in heads:
        known = desk.known(source, head.id)
        ids = dict.fromkeys(one.hint("id") for one in head.record.some("messages"))
        for number in (one for one in ids if one and one not in known):
            text = yield from _text(number)
            texts |= {number: text} if text else {}
    return [head.record for head in heads], lambda one: _ticket(source, one.id(), one, people, texts)


def _people() -> Exchange[dict[str, Record]]:
    """Everybody, by id."""
    return {one.hint("id"): one for one in (yield from _list("user", **_PEOPLE))}


def _text(number: str) -> Exchange[Record | None]:
    return kit.if_there(get(f"{DATA}/msg/{kit.quote(number)}", **_TEXT))


def _issue(signal_id: str) -> Exchange[Record | None]:
    return kit.if_there(get(f"{DATA}/issue/{kit.quote(signal_id)}", **_SHOWN), "data")


def _find(source: Source, signal_id: str) -> Exchange[Ticket | None]:
    """Without what was said in it; who has it is looked up when it is somebody else."""
    found = yield from _issue(signal_id)
    if found is None:
        return None
    is_theirs = found.value("attributes.assignedto.id") not in (None, source.session["id"])
    people = (yield from _people()) if is_theirs else {}
    issue = found.need("attributes")
    return replace(_ticket(source, found.id(), issue, people, {}), is_open=_is_open(source, issue), record=found)


def _ticket(
    source: Source, number: str, issue: Record, people: Mapping[str, Record], texts: Mapping[str, Record]
) -> Ticket:
    status, holder = issue.record("status"), issue.record("assignedto")
    creator = _person(source, issue.need("creator"), people)
    ids = dict.fromkeys(one.id() for one in issue.records("messages"))
    told = desk.known(source, number) | {one: _said(source, one, texts[one], people) for one in ids if one in texts}
    said = [told[one] for one in ids if one in told]
    return Ticket(
        id=number,
        title=issue.text("title", "") or "an issue without a title",
        opened_at=issue.at("creation"),
        status=status.text("name") if status else "",
        severity=issue.text("priority.name", ""),
        requesters=[creator],
        holder=_person(source, holder, people) if holder else None,
        changed_at=issue.at("activity"),
        text=said[0].text if said else "",
        said=said,
        links=[_url(source, one.id()) for one in issue.records("superseder")],
        url=_url(source, number),
    )


def _said(source: Source, number: str, answer: Record, people: Mapping[str, Record]) -> Said:
    text = answer.need("data.attributes")
    author = text.record("author")
    who = _person(source, author, people) if author else None
    return Said(id=number, who=who, text=text.text("content"), at=text.at("date"))


def _url(source: Source, number: str) -> str:
    return f"{source.url}/issue{number}"


def _heard(source: Source, signal_id: str, since: datetime) -> Exchange[list[Said]]:
    found = yield from _issue(signal_id)
    said = []
    for one in found.records("attributes.messages") if found else ():
        text = (yield from _text(one.id())) if one.at("activity") >= since else None
        said += [_said(source, one.id(), text, {})] if text else []
    return said


# --- writing ---------------------------------------------------------------------------------------------------------


def _change(source: Source, ticket: Ticket, change: Change) -> Exchange[str]:
    """In one request, about which Roundup mails once."""
    fields = {} if change.mine is None else {"assignedto": source.session["id"] if change.mine else ""}
    desk.fresh((yield _patch(ticket, fields | ({"status": change.status} if change.status else {}))))
    return "Roundup says nothing about it"


def _statuses(source: Source) -> Exchange[Mapping[str, str]]:
    yield from ()
    return {name.casefold(): name for name in kit.names(source.session["statuses"])}


def _say(source: Source, ticket: Ticket, write: Write) -> Exchange[Receipt]:
    """A message, made and then attached: until then nobody can read it, and after a failure in between it is made anew.

    A change in the same moment may take it off again, so it is looked for.
    """
    text = {"content": write.text, "author": source.session["id"], "date": "."}
    made = Record.of((yield send("POST", f"{DATA}/msg", text)), "data").id()
    is_sent = False
    for _ in range(_TRIES):
        answer = yield _patch(ticket, {"@op": "add", "messages": [made]})
        is_sent |= answer.status != kit.STALE
        now = yield from _find(source, ticket.id)
        if now is None:
            raise Rejected("the issue was taken away meanwhile", gone=True)
        if made in [one.value("id") for one in now.record.some("attributes.messages")]:
            return Receipt(id=made)
        ticket = now
    raise Unavailable("the issue changes faster than we can attach the message", maybe_sent=is_sent)


def _patch(ticket: Ticket, change: Mapping[str, Any]) -> Request:
    """Change it as it was when we read it."""
    request = send("PATCH", f"{DATA}/issue/{kit.quote(ticket.id)}", change, accepts=(kit.STALE,))
    return replace(request, headers={"If-Match": ticket.record.text("@etag")})


def check(source: Source) -> Exchange[str]:
    """Who we are to Roundup, how many of its statuses are open ones, and which configured status is missing."""
    who = yield from login(source)
    statuses = kit.names(who["statuses"])
    still = len(statuses) - len(kit.names(who["closed"]))
    return f"{who['name']}, {still} of {len(statuses)} statuses are open" + desk.unknown(source, statuses)


def may(source: Source) -> Exchange[str]:
    """Whether messages and changes are taken from us, by such as cannot be. Raises `Rejected` when some are not."""
    made = yield send("POST", f"{DATA}/msg", {"date": "never"}, accepts=_TOLD)
    refused = [] if made.status == _ALLOWED else ["write messages"]
    issues, _ = yield from _page(source, 0, "")
    ticket = (yield from _find(source, issues[0].id())) if issues else None
    if ticket:
        for field, words in _TO_WRITE.items():
            answer = yield replace(_patch(ticket, {"@op": "ask", field: ""}), accepts=_TOLD)
            refused += [] if answer.status == _ALLOWED else [words]
    if refused:
        raise Rejected(f"our role may not {', nor '.join(refused)}")
    return "messages and changes are taken from us" if ticket else "messages are; no issue is open to ask about changes"


DESK = desk.Desk(
    page=_page,
    changed="activity",
    read=_read,
    find=_find,
    said=_heard,
    change=_change,
    statuses=_statuses,
    say=_say,
    table=PRIORITY,
    cannot={**desk.CANNOT, Verb.NOTE: "Roundup has no private messages: the customer would read it"},
)

CONNECTOR = Connector(
    name="roundup",
    title="Roundup",
    docs="https://www.roundup-tracker.org/docs/rest.html",
    options=(
        Option(name="user", help="your user name; the secret is its password", required=True),
        Option(name="closed", help="statuses of issues that are over", default="resolved, done-cbb"),
        *desk.options(team="whoever is not named speaks for the customer", resolved="resolved"),
    ),
    headers=headers,
    login=login,
    check=check,
    may=may,
    proven="Roundup 2.6.0",
    **DESK.parts,
)
