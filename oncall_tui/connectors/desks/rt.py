"""Request Tracker 5, REST 2: active tickets with what was said; taking one makes me its owner, a reply is correspondence.

https://docs.bestpractical.com/rt/latest/RT/REST2.html. Seen on a real 5.0.3:

- Lists hold 20 to 100 records, leave out what we may not see after they were cut, and often tell no total: so they are read
  by id (`id > N`, sorted by id) until a page comes back empty, and no ticket that closes meanwhile moves another.
- `fields[Owner]=RealName` fills in an object, in a list and alone, but `Privileged` stays empty: only `/user/NAME` tells it.
- A merged ticket answers to its old number as well, and names the other one as `EffectiveId`; a deleted one takes everything
  that is said to it. Lists leave both out. One in a queue that we may not see is a 403.
- A queue that is not there (called otherwise, disabled, hidden from us) lists no tickets and is no error. Who sees tickets
  only by a role in them (requestor, Cc) need not see their queue; the ones that are over are then listed, too.
- A transaction has no text of its own: texts are attachments, by transaction id. What was sent out by mail is one, too.
- Every change moves `LastUpdated`, which has whole seconds: what changed lately is asked for again anyway.
- A refused PUT is answered 200 with a sentence (in the user's language), so everything is read back. `take` of a ticket that
  somebody has is refused, `steal` takes it from them; a status in the same PUT is set all the same, so it goes alone.
- A comment without the right for it is a 400. The links of a ticket tell what we may do to it.
- Any `If-Match` on comment or correspond is a 412; on the others it is not atomic. Nobody is the user "Nobody".
- A token reads ``1-USER-SECRET``: the number in it is who we are.

Who is ours: privileged users (RT's word for staff) and me, unless they are the requestor. A ticket that somebody of ours typed
in for a requestor was said by the requestor. `team` names ours where everybody is privileged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Sized
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from oncall_tui import kit
from oncall_tui.errors import Rejected
from oncall_tui.kit import Connector, Exchange, Option, Receipt, Record, Source, desk, get, send
from oncall_tui.kit.desk import Change, Head, Listed, Person, Said, Ticket, Whole
from oncall_tui.model import Impact, Verb, Voice, Write

PRIORITY: Mapping[str, Impact] = {
    "0": Impact.AT_RISK,
    **dict.fromkeys(("1", "low"), Impact.QUESTION),
    **dict.fromkeys(("50", "medium"), Impact.AT_RISK),
    **dict.fromkeys(("100", "high"), Impact.DEGRADED),
}
"""From which number on, and words. RT calls 50 medium and 100 high; 0 is what a ticket has before anybody judged it."""

API = "/REST/2.0"
_SHOWN: Mapping[str, Any] = {
    "fields": "Subject,Status,Owner,Priority,Requestor,Queue,Created,LastUpdated,Due,CustomFields,_hyperlinks",
    "fields[Owner]": "RealName",
    "fields[Requestor]": "RealName,EmailAddress,Organization",
    "fields[Queue]": "Name",
}
_DONE: Mapping[str, Any] = {"fields": "Type,Field,Creator,Created,ObjectId", "fields[Creator]": "RealName"}
_TEXT: Mapping[str, Any] = {"fields": "TransactionId,ContentType,Content"}
_SAYS = ("Create", "Correspond", "Comment")
_KINDS = "(Type='Create' OR Type='Correspond' OR Type='Comment' OR (Type='Set' AND Field='Owner'))"
_LINKS = frozenset({"depends-on", "depended-on-by", "parent", "child", "refers-to", "referred-to-by"})
_TO_WRITE = {"lifecycle": "change its status", "comment": "comment", "correspond": "reply"}
_AT_ONCE = 50
"""About so many an address has room to ask at once."""

_Done: TypeAlias = tuple[Record, Record | None]
"""A transaction (who created the ticket, wrote in it or gave it away), and the attachment with its text."""


# --- who we are ------------------------------------------------------------------------------------------------------


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Who I am: the configured user, or the one whose number is in the token."""
    who = source.options.get("user") or source.secret.partition("-")[2].partition("-")[0]
    if not who:
        raise Rejected("this is no token of RT (1-NUMBER-SECRET), and no user is configured")
    me = Record.of((yield get(f"{API}/user/{kit.quote(who)}")))
    return {"id": me.id("Name"), "name": me.text("RealName", "") or me.id("Name")}


def headers(source: Source) -> Mapping[str, str]:
    """The password of a configured user, or a token."""
    if user := source.options.get("user"):
        return kit.basic(user, source.secret)
    return {"Authorization": f"token {source.secret}"}


def _person(source: Source, who: Record, staff: Collection[str] = ()) -> Person:
    name, mail, organisation = map(who.hint, ("RealName", "EmailAddress", "Organization"))
    told: dict[str, Any] = {"staff": who.id() in staff, "machine": who.id() == "RT_System"}
    return desk.person(source, who.id(), name, who.id(), email=mail, organisation=organisation, **told)


# --- reading ---------------------------------------------------------------------------------------------------------


def _page(source: Source, after: int, only: str) -> Listed:
    where = f"id = {desk.number(only)} AND " if only else _in_queue(source)
    return _list("tickets", f"{where}Status = '__Active__' AND id > {after}", _SHOWN)


def _in_queue(source: Source) -> str:
    queue = source.options.get("queue", "").replace("\\", "\\\\").replace("'", "\\'")
    return f"Queue = '{queue}' AND " if queue else ""


def _sure(source: Source, listed: Sized) -> Exchange[None]:
    """An empty list is good news only for who sees that queue, or one at all; or, seeing tickets by a role in them alone,
    one that is over, and still what was told before.
    """
    queue = source.options.get("queue", "")
    which = ("id" if queue.isdecimal() else "Name", "=", queue) if queue else ("id", ">", "0")
    if listed or (yield from _list("queues", _limits(which), {"fields": "Name"}))[0]:
        return
    before = next(iter(source.known), "")
    status = (yield get(_path(before), accepts=kit.GONE)).status if before else 200
    if status == 403 or not (yield from _list("tickets", f"{_in_queue(source)}id > 0", {}))[0]:
        named = f" {queue!r}: is it called so, and may we see it?" if queue else ": may we see one?"
        raise Rejected(f"shows us no queue{named}")


def _list(what: str, query: str, fields: Mapping[str, Any]) -> Listed:
    """A page in the order of the ids. Without a total, only an empty page is the end."""
    page = Record.of((yield get(f"{API}/{what}", query=query, orderby="id", per_page=100, **fields)))
    items, total = page.each("items"), page.count("total", -1)
    return items, bool(items) and (total < 0 or len(items) < total)


def _read(source: Source, heads: Sequence[Head]) -> Whole:
    done, lost = yield from _told([head.id for head in heads if head.id])
    staff = yield from _staff(source, heads, done)

    def ticket(one: Record) -> Ticket:
        if one in lost:
            raise ValueError("what was said, or done, belongs to nothing that was asked for")
        return _ticket(source, one, done.get(one.id(), []), staff)

    return [*(head.record for head in heads), *lost], ticket


def _told(tickets: Sequence[str]) -> Exchange[tuple[dict[str, list[_Done]], list[Record]]]:
    """What was said and done in those tickets, by ticket, in order, and what says not to which of them it belongs. Of a
    text its plain part, where it has one.
    """
    done, lost = yield from _among("transactions", "ObjectId", tickets, _done_in, _DONE)
    said = [one.id() for one in done if one.value("Type") in _SAYS]
    parts, strange = yield from _among("attachments", "TransactionId", said, _texts_of, _TEXT)
    texts: dict[str, Record] = {}
    for part in parts:
        of = part.id("TransactionId")
        if part.value("ContentType") == "text/plain" or of not in texts:
            texts[of] = part
    told: dict[str, list[_Done]] = {}
    for one in done:
        told.setdefault(one.id("ObjectId"), []).append((one, texts.get(one.id())))
    return told, lost + strange


def _done_in(tickets: Sequence[str], after: int) -> str:
    among = " OR ".join(f"ObjectId = {one}" for one in tickets)
    return f"ObjectType = 'RT::Ticket' AND ({among}) AND {_KINDS} AND id > {after}"


def _texts_of(transactions: Sequence[str], after: int) -> str:
    """But for files that came with them."""
    are_texts = ("ContentType", "STARTSWITH", "text/"), ("Filename", "IS", "NULL")
    return _limits(("TransactionId", "IN", transactions), *are_texts, ("id", ">", after))


def _limits(*limits: tuple[str, str, Any]) -> str:
    """A query: a field, an operator and a value each."""
    return json.dumps([dict(zip(("field", "operator", "value"), one, strict=True)) for one in limits])


def _among(
    what: str, of: str, many: Sequence[str], query: Callable[[Sequence[str], int], str], fields: Mapping[str, Any]
) -> Exchange[tuple[list[Record], list[Record]]]:
    """Every record of a list that belongs to one of those, and those that do not say to which."""
    among, found = {*many}, {True: list[Record](), False: list[Record]()}
    for start in range(0, len(many), _AT_ONCE):

        def page(after: int, some: Sequence[str] = many[start : start + _AT_ONCE]) -> Listed:
            return _list(what, query(some, after), fields)

        for one in (yield from desk.by_number(page)):
            found[_is_of(one, of, among)].append(one)
    return found[True], found[False]


def _is_of(record: Record, of: str, among: Collection[str]) -> bool:
    with suppress(ValueError):
        return bool(record.id()) and record.id(of) in among
    return False


def _staff(source: Source, heads: Sequence[Head], told: Mapping[str, Sequence[_Done]]) -> Exchange[frozenset[str]]:
    """Which of those who wrote are privileged. Who wrote only where they are the requestor need not be asked about."""
    wrote: dict[str, Person] = {}
    for head in heads:
        asked = [who.value("id") for who in head.record.some("Requestor")]
        for one, _ in told.get(head.id, ()):
            is_nobodys = one.value("Type") == "Set" or (one.value("Type") == "Create" and asked)
            name = "" if is_nobodys else one.hint("Creator.id")
            wrote |= {name: _person(source, one.need("Creator"))} if name and name not in asked else {}
    staff = set()
    for name in sorted(name for name, who in wrote.items() if who.voice is Voice.THEIRS):
        user = yield from kit.if_there(get(f"{API}/user/{kit.quote(name)}"))
        if user and user.value("Privileged") in (1, "1"):
            staff.add(name)
    return frozenset(staff)


def _find(source: Source, signal_id: str) -> Exchange[Ticket | None]:
    """Without what was said in it. A merged or deleted ticket is gone."""
    answer = yield get(_path(signal_id), accepts=kit.GONE, **_SHOWN)
    if answer.status in kit.GONE:
        return None
    found = Record.of(answer)
    if found.id("EffectiveId.id") != signal_id or found.value("Status") == "deleted":
        return None
    return replace(_ticket(source, found, (), ()), record=answer.headers.get("etag", ""))


def _ticket(source: Source, ticket: Record, told: Sequence[_Done], staff: Collection[str]) -> Ticket:
    number, owner = ticket.id(), ticket.record("Owner")
    requestors = [_person(source, who) for who in ticket.records("Requestor")]
    ours = {*staff} - {who.id for who in requestors}
    given = [one.at("Created") for one, _ in told if one.text("Type") == "Set"]
    said = [_said(source, requestors, one, text, ours) for one, text in told if one.text("Type") != "Set"]
    return Ticket(
        id=number,
        title=ticket.text("Subject") or "a ticket without a subject",
        opened_at=ticket.at("Created"),
        status=ticket.text("Status"),
        severity=ticket.id("Priority"),
        requesters=requestors,
        holder=_person(source, owner) if owner and owner.id() != "Nobody" else None,
        taken_at=given[-1] if given else ticket.at("Created"),
        changed_at=ticket.at("LastUpdated"),
        due_at=ticket.when("Due"),
        text=said[0].text if told and told[0][0].value("Type") == "Create" else "",
        labels={"queue": ticket.text("Queue.Name", "")},
        fields={one.text("name"): desk.values(one.value("values")) for one in ticket.records("CustomFields")},
        said=said,
        links=[_link(source, one) for one in ticket.records("_hyperlinks") if one.value("ref") in _LINKS],
        url=_url(source, number),
    )


def _said(
    source: Source, requestors: Sequence[Person], done: Record, text: Record | None, staff: Collection[str]
) -> Said:
    """What one of ours typed in for a requestor was said by the requestor."""
    kind, words = done.text("Type"), text.text("Content") if text else ""
    if kind not in _SAYS:
        raise ValueError(f"a transaction is of the type {kind!r}")
    return Said(
        id=done.id(),
        who=requestors[0] if kind == "Create" and requestors else _person(source, done.need("Creator"), staff),
        text=kit.plain(words) if text and text.value("ContentType") == "text/html" else words,
        at=done.at("Created"),
        private=kind == "Comment",
    )


def _link(source: Source, link: Record) -> str:
    """The page of another ticket, or the address of what is not in RT at all."""
    return _url(source, link.id()) if link.value("id") else link.text("_url", "")


def _url(source: Source, number: str) -> str:
    return f"{source.url}/Ticket/Display.html?id={number}"


def _heard(source: Source, signal_id: str, since: datetime) -> Exchange[Iterable[Said]]:
    told, _ = yield from _told([str(desk.number(signal_id))])
    return [_said(source, (), one, text, ()) for one, text in told.get(signal_id, ()) if one.text("Type") != "Set"]


# --- writing ---------------------------------------------------------------------------------------------------------


def _change(source: Source, ticket: Ticket, change: Change) -> Exchange[str]:
    """Whose it is goes first and alone: where that is refused, its status stays as well."""
    path, words = _path(ticket.id), []
    if change.mine is not None:
        how = ("steal" if ticket.holder else "take") if change.mine else "untake"
        words += yield from _put(f"{path}/{how}", {}, ticket)
        ticket = (yield from _find(source, ticket.id)) or ticket
    if change.status and change.mine in (None, ticket.mine):
        words += yield from _put(path, {"Status": change.status}, ticket)
    return "; ".join(words) or "RT says nothing about it"


def _put(path: str, change: Mapping[str, Any], ticket: Ticket) -> Exchange[list[str]]:
    """Change it as it was when we looked. What RT says to it is no proof: it does not notice each race."""
    request = send("PUT", path, change, accepts=(kit.STALE,))
    answer = yield replace(request, headers={"If-Match": ticket.record}) if ticket.record else request
    return desk.fresh(answer).read(list[str])


def _say(source: Source, ticket: Ticket, write: Write) -> Exchange[Receipt]:
    """A comment, which RT mails to no requestor, or correspondence, which it mails to all of them."""
    how = "comment" if write.verb is Verb.NOTE else "correspond"
    answer = yield send("POST", f"{_path(ticket.id)}/{how}", {"Content": write.text, "ContentType": "text/plain"})
    made = answer.headers.get("location", "").rpartition("/")[2]
    return Receipt(id=made, settled=bool(made))


def _path(signal_id: str) -> str:
    return f"{API}/ticket/{desk.number(signal_id)}"


def check(source: Source) -> Exchange[str]:
    """Who we are to RT, and its version."""
    who = yield from login(source)
    version = Record.of((yield get(f"{API}/rt"))).text("Version")
    return f"{who['name']} ({who['id']}), Request Tracker {version}"


def may(source: Source) -> Exchange[str]:
    """What RT says that we may do to the first open ticket. Raises `Rejected` when that is not all."""
    tickets, _ = yield from _page(source, 0, "")
    yield from _sure(source, tickets)
    if not tickets:
        return "no ticket is open, so RT does not tell"
    links = {link.value("ref") for link in tickets[0].records("_hyperlinks")}
    if missing := [words for ref, words in _TO_WRITE.items() if ref not in links]:
        raise Rejected(f"we may not {', nor '.join(missing)}, as for ticket {tickets[0].id()}")
    return f"{', '.join(_TO_WRITE.values())}, as for ticket {tickets[0].id()}"


DESK = desk.Desk(
    page=_page,
    changed="LastUpdated",
    sure=_sure,
    read=_read,
    find=_find,
    said=_heard,
    change=_change,
    say=_say,
    table=PRIORITY,
)

CONNECTOR = Connector(
    name="rt",
    title="Request Tracker",
    docs="https://docs.bestpractical.com/rt/latest/RT/REST2.html",
    options=(
        Option(name="user", help="user name, when the secret is a password and not a token"),
        Option(name="queue", help="the only queue to show; all that you may see without it"),
        *desk.options(
            team="every privileged user is, unless they ask themselves",
            resolved="resolved",
            customer="the requestor's organization without it",
            service="none is named without it",
        ),
    ),
    headers=headers,
    login=login,
    check=check,
    may=may,
    proven="Request Tracker 5.0.3",
    **DESK.parts,
)
