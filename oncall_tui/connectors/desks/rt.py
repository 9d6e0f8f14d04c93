"""Request Tracker 5, REST 2: active tickets with what was said; taking one makes me its owner, a reply is correspondence.

https://docs.bestpractical.com/rt/latest/RT/REST2.html. Seen on a real 5.0.3:

- Lists hold 20 to 100 records, leave out what we may not see after they were cut, and often tell no total: so they are read
  by id (`id > N`, sorted by id) until a page comes back empty, and no ticket that closes meanwhile moves another.
- `fields[Owner]=RealName` fills in an object, but `Privileged` stays empty there: only `/user/NAME` tells it.
- A transaction has no text of its own: texts are attachments, by transaction id. What was sent out by mail is one, too.
- Every change moves `LastUpdated`, which has whole seconds: what changed lately is asked for again anyway.
- A refused PUT is answered 200 with a sentence (in the user's language), so everything is read back. `take` of a ticket that
  somebody has is refused, `steal` takes it from them. A comment without the right for it is a 400.
- Any `If-Match` on comment or correspond is a 412; on the others it is not atomic. Nobody is the user "Nobody".
- A token reads ``1-USER-SECRET``: the number in it is who we are.

Who is ours: privileged users (RT's word for staff) and me, unless they are the requestor. A ticket that somebody of ours typed
in for a requestor was said by the requestor. `team` names ours where everybody is privileged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from oncall_tui import kit
from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Source, get, send
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Voice, Write

_STALE = 412

PRIORITY: Mapping[str, Impact] = {
    "0": Impact.AT_RISK,
    **dict.fromkeys(("1", "low"), Impact.QUESTION),
    **dict.fromkeys(("50", "medium"), Impact.AT_RISK),
    **dict.fromkeys(("100", "high"), Impact.DEGRADED),
}
"""From which number on, and words. RT calls 50 medium and 100 high; 0 is what a ticket has before anybody judged it."""

API = "/REST/2.0"
LISTED: Mapping[str, Any] = {
    "fields": "Subject,Status,Owner,Priority,Requestor,Queue,Created,LastUpdated,Due,CustomFields,_hyperlinks",
    "fields[Owner]": "RealName",
    "fields[Requestor]": "RealName,EmailAddress,Organization",
    "fields[Queue]": "Name",
}
SAID: Mapping[str, Any] = {"fields": "Type,Field,Creator,Created,ObjectId", "fields[Creator]": "RealName"}
_KINDS = "(Type='Create' OR Type='Correspond' OR Type='Comment' OR (Type='Set' AND Field='Owner'))"
_LINKS = frozenset({"depends-on", "depended-on-by", "parent", "child", "refers-to", "referred-to-by"})
_SLACK = timedelta(seconds=5)
_PER_PAGE, _AT_ONCE = 100, 50
_FORBIDDEN, _GONE = 403, 404


class _User(msgspec.Struct, rename="pascal"):
    id: kit.Id = msgspec.field(name="id")
    real_name: str = ""
    email_address: str | None = ""
    organization: str | None = ""
    privileged: int | str = 0

    @property
    def name(self) -> str:
        return self.real_name or self.id


class _Queue(msgspec.Struct, rename="pascal"):
    name: str = ""


class _Field(msgspec.Struct):
    name: str
    values: list[Any] = []


class _Link(msgspec.Struct):
    ref: str = ""
    id: str | int = ""
    url: str = msgspec.field(name="_url", default="")


class _Ticket(msgspec.Struct, rename="pascal"):
    id: kit.Id = msgspec.field(name="id")
    subject: str
    status: str
    priority: str | int
    owner: _User
    queue: _Queue
    created: str
    last_updated: str
    due: str | None = None
    requestor: list[_User] = []
    custom_fields: list[_Field] | str = ""
    hyperlinks: list[_Link] = msgspec.field(name="_hyperlinks", default_factory=list)


class _Head(msgspec.Struct, rename="pascal"):
    id: kit.Id = msgspec.field(name="id")
    last_updated: str
    requestor: Any = None

    @property
    def asked_by(self) -> list[str]:
        """The requestors, of whatever shape: whether the ticket can be read is found out later."""
        people = self.requestor if isinstance(self.requestor, list) else []
        return [str(who.get("id")) for who in people if isinstance(who, dict)]


class _Said(msgspec.Struct, rename="pascal"):
    """A transaction: who created the ticket, wrote in it or gave it away. `text` comes with its attachments."""

    id: kit.Id = msgspec.field(name="id")
    type: str
    creator: _User
    created: str
    object_id: str
    text: str = ""


class _Text(msgspec.Struct, rename="pascal"):
    id: kit.Id = msgspec.field(name="id")
    transaction_id: str
    content_type: str = ""
    content: str = ""


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]
    total: kit.Count | None = None


class _Version(msgspec.Struct, rename="pascal"):
    version: str


# --- who we are ------------------------------------------------------------------------------------------------------


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Who I am: the configured user, or the one whose number is in the token."""
    who = source.options.get("user") or source.secret.partition("-")[2].partition("-")[0]
    if not who:
        raise Rejected("this is no token of RT (1-NUMBER-SECRET), and no user is configured")
    me = (yield get(f"{API}/user/{kit.quote(who)}")).read(dict[str, Any])
    return {"id": str(me["Name"]), "name": str(me.get("RealName") or me["Name"])}


def headers(source: Source) -> Mapping[str, str]:
    """The password of a configured user, or a token."""
    if user := source.options.get("user"):
        return kit.basic(user, source.secret)
    return {"Authorization": f"token {source.secret}"}


def _is_me(source: Source, who: _User) -> bool:
    return who.id == source.session.get("id")


def _is_listed(source: Source, who: _User, option: str) -> bool:
    listed = {one.casefold() for one in kit.names(source.options.get(option, ""))}
    return bool(listed & {who.id.casefold(), who.real_name.casefold()})


def _voice(source: Source, who: _User, ticket: _Ticket, staff: frozenset[str]) -> Voice:
    if who.id == "RT_System" or _is_listed(source, who, "bots"):
        return Voice.MACHINE
    if _is_me(source, who) or _is_listed(source, who, "team"):
        return Voice.OURS
    return Voice.OURS if who.id in staff and not _asked(ticket, who) else Voice.THEIRS


def _asked(ticket: _Ticket, who: _User) -> bool:
    return any(one.id == who.id for one in ticket.requestor)


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every active ticket; those that did not change since the last reading are taken from it."""
    queue = source.options.get("queue", "")
    where = "Status = '__Active__'" + (f" AND Queue = {_quoted(queue)}" if queue else "")
    kept, changed = [], []
    for raw in (yield from _all("tickets", where, LISTED)):
        head = kit.decode(raw, _Head)
        known = source.known.get(head.id)
        if known and _is_unchanged(source, known, head):
            kept.append(known)
        else:
            changed.append((head, raw))
    return (yield from _read(source, changed, kept))


def _is_unchanged(source: Source, known: Signal, head: _Head) -> bool:
    changed_at = kit.when(head.last_updated)
    if changed_at is None or source.known_at is None:
        return False
    return known.changed_at == changed_at and changed_at < source.known_at - _SLACK


def _read(source: Source, changed: list[tuple[_Head, msgspec.Raw]], kept: list[Signal]) -> Exchange[Reading]:
    said = yield from _told([head.id for head, _ in changed])
    staff = yield from _staff(source, [head for head, _ in changed], said)
    table = kit.impacts(PRIORITY, source.options.get("priorities", ""))
    fresh = kit.read_each(
        (raw for _, raw in changed),
        _Ticket,
        lambda ticket: signal(source, ticket, said.get(ticket.id, ()), staff, table),
    )
    signals = kept + fresh.signals
    return Reading(signals=signals, unreadable=fresh.unreadable, warning=_strangers(signals, table))


def _all(what: str, where: str, fields: Mapping[str, Any]) -> Exchange[list[msgspec.Raw]]:
    """Every record of a list in the order of their ids. Without a total, only an empty page is the end."""
    records: list[msgspec.Raw] = []
    last = 0
    while True:
        query = f"{where} AND id > {last}"
        page = (yield get(f"{API}/{what}", query=query, orderby="id", per_page=_PER_PAGE, **fields)).read(_Page)
        for raw in page.items:
            number = int(kit.decode(raw, dict[str, Any])["id"])
            if number <= last:
                raise Unreadable(f"lists its {what} in no order: {number} after {last}")
            last = number
        records += page.items
        if not page.items or (page.total is not None and len(page.items) >= page.total):
            return records


def _told(numbers: list[str]) -> Exchange[dict[str, list[_Said]]]:
    """What was said and done in those tickets, by ticket, in order."""
    told: dict[str, list[_Said]] = {}
    for some in _chunks(numbers):
        tickets = " OR ".join(f"ObjectId = {number}" for number in some)
        where = f"ObjectType = 'RT::Ticket' AND ({tickets}) AND {_KINDS}"
        records = [kit.decode(raw, _Said) for raw in (yield from _all("transactions", where, SAID))]
        texts = yield from _texts([one.id for one in records if one.type != "Set"])
        for one in records:
            one.text = texts.get(one.id, "")
            told.setdefault(one.object_id, []).append(one)
    return told


def _texts(transactions: list[str]) -> Exchange[dict[str, str]]:
    """The text of each transaction: its plain part where it has one. Files that came with it are left out."""
    texts: dict[str, str] = {}
    for some in _chunks(transactions):
        limits: list[dict[str, Any]] = [
            {"field": "TransactionId", "operator": "IN", "value": some},
            {"field": "ContentType", "operator": "STARTSWITH", "value": "text/"},
            {"field": "Filename", "operator": "IS", "value": "NULL"},
        ]
        for part in (yield from _parts(limits)):
            if part.content_type == "text/plain" or part.transaction_id not in texts:
                is_html = part.content_type == "text/html"
                texts[part.transaction_id] = kit.plain(part.content) if is_html else part.content
    return texts


def _parts(limits: list[dict[str, Any]]) -> Exchange[list[_Text]]:
    parts: list[_Text] = []
    page = 1
    while True:
        answer = yield get(
            f"{API}/attachments",
            query=json.dumps(limits),
            fields="TransactionId,ContentType,Content",
            orderby="id",
            per_page=_PER_PAGE,
            page=page,
        )
        found = [kit.decode(raw, _Text) for raw in answer.read(_Page).items]
        parts += found
        if len(found) < _PER_PAGE:
            return parts
        page += 1


def _chunks(many: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(many), _AT_ONCE):
        yield many[start : start + _AT_ONCE]


def _staff(source: Source, heads: list[_Head], said: Mapping[str, list[_Said]]) -> Exchange[frozenset[str]]:
    """Which of those who wrote are privileged. Who wrote only where they are the requestor need not be asked about."""
    wrote = {
        one.creator.id: one.creator
        for head in heads
        for one in said.get(head.id, ())
        if one.type != "Set" and one.creator.id not in head.asked_by
    }
    staff = set()
    for name, who in sorted(wrote.items()):
        if name == "RT_System" or _is_me(source, who) or any(_is_listed(source, who, of) for of in ("team", "bots")):
            continue
        answer = yield get(f"{API}/user/{kit.quote(name)}", accepts=(_FORBIDDEN, _GONE))
        if answer.status == 200 and answer.read(dict[str, Any]).get("Privileged") in (1, "1"):
            staff.add(name)
    return frozenset(staff)


def signal(
    source: Source,
    ticket: _Ticket,
    said: Iterable[_Said],
    staff: frozenset[str],
    table: Mapping[str, Impact] = PRIORITY,
) -> Signal:
    """One ticket, with what was said in it, as a signal."""
    said = tuple(said)
    fields = {field.name: _value(field) for field in ticket.custom_fields if isinstance(field, _Field)}
    requestor = ticket.requestor[0] if ticket.requestor else None
    messages = tuple(_message(source, ticket, one, staff) for one in said if one.type != "Set" and one.text.strip())
    taken = _is_taken(source, ticket)
    return Signal(
        source=source.name,
        id=ticket.id,
        kind=Kind.TICKET,
        title=ticket.subject or "a ticket without a subject",
        opened_at=_at(ticket.created),
        severity=str(ticket.priority),
        impact=_impact(str(ticket.priority), table),
        text=next((one.text for one in said if one.type == "Create"), ""),
        service=fields.get(source.options.get("service_field", ""), ""),
        customer=fields.get(source.options.get("customer_field", "")) or (requestor and requestor.organization) or "",
        contact=requestor.name if requestor else "",
        email=(requestor and requestor.email_address) or "",
        labels={"queue": ticket.queue.name, **fields},
        status=ticket.status,
        assignee="" if ticket.owner.id == "Nobody" else ticket.owner.name,
        taken_by=ticket.owner.name if taken else "",
        mine=_is_me(source, ticket.owner),
        taken_at=_taken_at(ticket, said) if taken else None,
        changed_at=_at(ticket.last_updated),
        due_at=kit.when(ticket.due),
        messages=messages,
        links=tuple(_link(source, link) for link in ticket.hyperlinks if link.ref in _LINKS),
        url=_page(source, ticket.id),
    )


def _message(source: Source, ticket: _Ticket, one: _Said, staff: frozenset[str]) -> Message:
    private = one.type == "Comment"
    author = ticket.requestor[0] if one.type == "Create" and ticket.requestor else one.creator
    voice = _voice(source, author, ticket, staff)
    return Message(
        id=one.id,
        voice=Voice.OURS if private and voice is Voice.THEIRS else voice,
        author=author.name if author.id != one.creator.id else one.creator.name,
        text=one.text,
        at=_at(one.created),
        private=private,
    )


def _impact(priority: str, table: Mapping[str, Impact]) -> Impact:
    """That of the highest number in the table which it reaches, or of its own word."""
    if not priority.isdecimal():
        return table.get(priority.casefold(), Impact.AT_RISK)
    reached = [int(start) for start in table if start.isdecimal() and int(start) <= int(priority)]
    return table[str(max(reached))] if reached else Impact.AT_RISK


def _strangers(signals: list[Signal], table: Mapping[str, Impact]) -> str:
    return kit.strangers((one for one in signals if not one.severity.isdecimal()), table)


def _value(field: _Field) -> str:
    """A custom field's values, with commas; a picture has none to read."""
    return ", ".join(str(value) for value in field.values if isinstance(value, (str, int, float)))


def _is_taken(source: Source, ticket: _Ticket) -> bool:
    """Whether a human has it: no bot, and not the requestor, to whom it was handed back."""
    who = ticket.owner
    if who.id in ("Nobody", "RT_System") or _is_listed(source, who, "bots"):
        return False
    return not _asked(ticket, who) or _is_me(source, who) or _is_listed(source, who, "team")


def _taken_at(ticket: _Ticket, said: Iterable[_Said]) -> datetime:
    """When it last got another owner; at its creation if it never did."""
    return _at(next((one.created for one in reversed(tuple(said)) if one.type == "Set"), ticket.created))


def _page(source: Source, number: str) -> str:
    return f"{source.url}/Ticket/Display.html?id={number}"


def _link(source: Source, link: _Link) -> str:
    """The page of another ticket, or the address of what is not in RT at all."""
    return _page(source, str(link.id)) if link.id else link.url


def _at(text: str) -> datetime:
    at = kit.when(text)
    if at is None:
        raise ValueError("a time is missing")
    return at


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That ticket now; None when it is active no more, merged into another or hidden from us."""
    records = yield from _all("tickets", f"id = {_number(signal_id)} AND Status = '__Active__'", LISTED)
    reading = yield from _read(source, [(kit.decode(raw, _Head), raw) for raw in records], [])
    if reading.unreadable:
        raise Unreadable(f"the API changed shape: {reading.unreadable[0]}")
    return reading.signals[0] if reading.signals else None


def _number(signal_id: str) -> int:
    """A ticket's number; in a query anything else would ask for other tickets."""
    if not (signal_id.isascii() and signal_id.isdecimal()):
        raise Unreadable(f"a ticket has a number, not {signal_id!r}")
    return int(signal_id)


def _quoted(text: str) -> str:
    """A text in a query of RT's."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


# --- writing ---------------------------------------------------------------------------------------------------------


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Become its owner and, if one is configured, move it to `taken_status`. Not moving it is told, not refused."""
    stamp = yield from _stamp(write)
    ticket = yield from _open(write)
    if not _is_me(source, ticket.owner):
        how = "take" if ticket.owner.id == "Nobody" else "steal"
        before = ticket.owner.id
        answer = yield from _put(f"{_path(write)}/{how}", {}, stamp)
        ticket = yield from _open(write)
        if not _is_me(source, ticket.owner):
            is_taken = ticket.owner.id not in (before, "Nobody")
            raise Rejected(
                f"{ticket.owner.name} was faster" if is_taken else f"it was not given to you: {_words(answer)}"
            )
    wanted = source.options.get("taken_status", "")
    if wanted and ticket.status.casefold() != wanted.casefold():
        answer = yield send("PUT", _path(write), {"Status": wanted})
        if (yield from _open(write)).status.casefold() != wanted.casefold():
            return Receipt(words=f"it is yours, but it stayed {ticket.status!r}: {_words(answer)}")
    return DONE


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Give it back to nobody, if it is still mine."""
    stamp = yield from _stamp(write)
    ticket = yield from _open(write)
    if ticket.owner.id == "Nobody":
        return DONE
    if not _is_me(source, ticket.owner):
        return Receipt(words=f"{ticket.owner.name} has it now")
    answer = yield from _put(f"{_path(write)}/untake", {}, stamp)
    if _is_me(source, (yield from _open(write)).owner):
        raise Rejected(f"it stayed yours: {_words(answer)}")
    return DONE


def resolve(source: Source, write: Write) -> Exchange[Receipt]:
    """Move it to `resolved_status`."""
    wanted = _resolved(source)
    stamp = yield from _stamp(write)
    if (yield from _open(write)).status.casefold() == wanted.casefold():
        return DONE
    answer = yield from _put(_path(write), {"Status": wanted}, stamp)
    now = yield from _open(write)
    if now.status.casefold() != wanted.casefold():
        raise Rejected(f"it stayed {now.status!r}: {_words(answer)}")
    return DONE


def _resolved(source: Source) -> str:
    return source.options.get("resolved_status", "") or "resolved"


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A comment: RT shows it to those with a right of their own for that, and mails it to no requestor."""
    yield from _open(write)
    return (yield from _say(write, "comment"))


def reply(source: Source, write: Write) -> Exchange[Receipt]:
    """Correspondence, which RT mails to the requestors; refused where there is none, for nobody would read it."""
    ticket = yield from _open(write)
    if not ticket.requestor:
        raise Rejected("the ticket has no requestor, so nobody would read this")
    return (yield from _say(write, "correspond"))


def _say(write: Write, how: str) -> Exchange[Receipt]:
    answer = yield send("POST", f"{_path(write)}/{how}", {"Content": write.text, "ContentType": "text/plain"})
    return Receipt(id=answer.headers.get("location", "").rpartition("/")[2])


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the state is as the write wanted it, or my words are there since it was first tried."""
    if write.verb in (Verb.NOTE, Verb.REPLY):
        return (yield from _is_said(source, write))
    ticket = yield from _find(write)
    if ticket is None:
        return False
    if write.verb is Verb.RESOLVE:
        return ticket.status.casefold() == _resolved(source).casefold()
    return _is_me(source, ticket.owner) is (write.verb is Verb.ACKNOWLEDGE)


def _is_said(source: Source, write: Write) -> Exchange[bool]:
    since = (write.tried_at or write.asked_at) + timedelta(seconds=source.skew_s) - _SLACK
    how = "Comment" if write.verb is Verb.NOTE else "Correspond"
    number = str(_number(write.signal_id))
    said = (yield from _told([number])).get(number, [])
    mine = [one for one in said if one.type == how and _is_me(source, one.creator) and _at(one.created) >= since]
    return any(kit.same_text(one.text, write.text) for one in mine)


def _find(write: Write) -> Exchange[_Ticket | None]:
    """The ticket in whatever status."""
    records = yield from _all("tickets", f"id = {_number(write.signal_id)}", LISTED)
    return kit.decode(records[0], _Ticket) if records else None


def _open(write: Write) -> Exchange[_Ticket]:
    ticket = yield from _find(write)
    if ticket is None:
        raise Rejected(f"ticket {write.signal_id} is no longer there, or hidden from you", gone=True)
    return ticket


def _stamp(write: Write) -> Exchange[str]:
    """The ticket's ETag, which only a look at it alone tells. Asked before it is read: what changes later is then noticed."""
    answer = yield get(_path(write), accepts=(404,))
    answer.read(dict[str, Any])  # a web page has tags of its own
    return answer.headers.get("etag", "")


def _put(path: str, change: Mapping[str, Any], stamp: str) -> Exchange[kit.Response]:
    """Change it as it was when we looked. RT does not always notice a race, so what came of it is read back all the same."""
    request = send("PUT", path, change, accepts=(_STALE,))
    answer = yield replace(request, headers={"If-Match": stamp}) if stamp else request
    if answer.status == _STALE:
        raise Rejected("somebody changed it in this moment: look at it again")
    return answer


def _path(write: Write) -> str:
    return f"{API}/ticket/{_number(write.signal_id)}"


def _words(answer: kit.Response) -> str:
    """What RT says to a change."""
    return "; ".join(answer.read(list[str])) or "RT says nothing about it"


def check(source: Source) -> Exchange[str]:
    """Who we are to RT, and its version."""
    who = yield from login(source)
    version = (yield get(f"{API}/rt")).read(_Version).version
    return f"{who['name']} ({who['id']}), Request Tracker {version}"


CONNECTOR = Connector(
    name="rt",
    title="Request Tracker",
    docs="https://docs.bestpractical.com/rt/latest/RT/REST2.html",
    options=(
        Option(name="user", help="user name, when the secret is a password and not a token"),
        Option(name="queue", help="the only queue to show; all that you may see without it"),
        Option(
            name="customer_field", help="custom field that names the customer; the requestor's organization without it"
        ),
        Option(name="service_field", help="custom field that names the service"),
        Option(name="team", help="users of ours, with commas; every privileged user is, unless they ask themselves"),
        Option(name="bots", help="users that are machines"),
        Option(
            name="priorities",
            help='what your numbers mean from where on, as in "60=degraded, 80=down"',
            check=kit.meanings,
        ),
        Option(name="taken_status", help='status of a ticket that is taken, as in "open"'),
        Option(name="resolved_status", help="status of a ticket that is resolved", default="resolved"),
    ),
    headers=headers,
    login=login,
    poll=poll,
    answers={
        Verb.ACKNOWLEDGE: acknowledge,
        Verb.RELEASE: release,
        Verb.NOTE: note,
        Verb.REPLY: reply,
        Verb.RESOLVE: resolve,
    },
    cannot={Verb.SNOOZE: "RT knows no end of a pause; snooze it here instead"},
    peek=peek,
    seen=seen,
    check=check,
    proven="Request Tracker 5.0.3",
)
