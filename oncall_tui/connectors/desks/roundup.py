"""Roundup, REST: open issues with their messages; taking one assigns it to me, a reply is a message.

https://www.roundup-tracker.org/docs/rest.html. Seen on a real 2.6.0 with the classic tracker:

- Without `@page_size` a list is whole (up to 10,000,000 records): so it is asked for in one piece, and no issue that is closed
  meanwhile moves another to a page already read. A list that ends early says so with a link to its next page.
- `@verbose=2` names what is linked, `@verbose=3` gives a message's text as well, one message at a time: so a message that is
  known is not asked for again. `activity` of an issue has whole seconds, and moves with each change.
- Times are UTC, with a dot where ISO has a T. A change needs `X-Requested-With`, the `Origin` of the tracker and `If-Match`.
- A stale `If-Match` is a 412: somebody changed it since we read it. Null changes nothing (400), "" empties a field.
- A message is first made, with author and date (else they stay empty), and then attached to its issue, which mails it to
  everybody on the issue's nosy list. There are no private messages.
- Roles are told of nobody but oneself, so `team` must name ours; whoever it does not name speaks for the customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import msgspec

from oncall_tui import kit
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Source, get, send
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Voice, Write

PRIORITY: Mapping[str, Impact] = {
    **dict.fromkeys(("critical", "urgent", "immediate", "blocker", "p1"), Impact.DOWN),
    **dict.fromkeys(("high", "major", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("bug", "normal", "medium", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("feature", "wish", "minor", "low", "p4", "p5"), Impact.QUESTION),
}
DATA = "/rest/data"
FIELDS: Mapping[str, Any] = {
    "@fields": "title,status,priority,assignedto,creator,creation,activity,messages,superseder",
    "@verbose": 2,
}
PEOPLE: Mapping[str, Any] = {"@fields": "username,realname,address,organisation", "@verbose": 2}
TEXT: Mapping[str, Any] = {"@fields": "author,date,content", "@verbose": 3}
_SLACK = timedelta(seconds=5)
_STALE = 412
_GONE = (403, 404, 410)
_TRIES = 3


class _Link(msgspec.Struct):
    """Something that is linked; what it is called where it has a name, and when it changed."""

    id: kit.Id
    name: str = ""
    activity: str = ""


class _Issue(msgspec.Struct):
    title: str | None
    status: _Link | None
    priority: _Link | None
    assignedto: _Link | None
    creator: _Link
    creation: str
    activity: str
    messages: list[_Link]
    superseder: list[_Link]


class _Listed(_Issue):
    id: kit.Id


class _Head(msgspec.Struct):
    id: kit.Id
    activity: str
    messages: Any

    @property
    def message_ids(self) -> list[str]:
        """Its messages, of whatever shape: whether the issue can be read is found out later."""
        links = self.messages if isinstance(self.messages, list) else []
        return [str(link["id"]) for link in links if isinstance(link, dict) and link.get("id")]


class _Text(msgspec.Struct):
    author: _Link | None
    date: str
    content: str


class _Person(msgspec.Struct):
    id: kit.Id
    username: str = ""
    realname: str | None = None
    address: str | None = None
    organisation: str | None = None

    @property
    def name(self) -> str:
        return self.realname or self.username or f"user{self.id}"


class _List(msgspec.Struct):
    collection: list[msgspec.Raw]
    links: dict[str, Any] = msgspec.field(name="@links", default_factory=dict)


class _Item(msgspec.Struct):
    id: kit.Id
    attributes: msgspec.Raw
    etag: str = msgspec.field(name="@etag")


class _Found(msgspec.Struct):
    """An issue by itself, and the tag that a change of it must name."""

    id: str
    issue: _Issue
    etag: str


_Raws: TypeAlias = Mapping[str, msgspec.Raw]


class _Beside(NamedTuple):
    """What an issue only refers to: people and messages by id."""

    people: _Raws
    texts: _Raws


# --- who we are ------------------------------------------------------------------------------------------------------


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Who I am, and which statuses are open: all but those that `closed` names."""
    user = source.options.get("user", "")
    people = [kit.decode(raw, _Person) for raw in (yield from _list("user", username=user, **PEOPLE))]
    me = next((one for one in people if one.username == user), None)
    if me is None:
        raise Rejected(f"there is no user {user!r}: set user in [sources.{source.name}]")
    statuses = [kit.decode(raw, _Link) for raw in (yield from _list("status", **{"@fields": "name", "@verbose": 2}))]
    closed = {name.casefold() for name in kit.names(source.options.get("closed", ""))}
    still = [status.id for status in statuses if status.name.casefold() not in closed]
    return {"id": me.id, "name": me.name, "open": ",".join(still), "statuses": str(len(statuses))}


def headers(source: Source) -> Mapping[str, str]:
    """Name and password, and what Roundup wants of a script that changes something."""
    at = urlsplit(source.url)
    ours = {"Origin": f"{at.scheme}://{at.netloc}", "X-Requested-With": "rest"}
    return {**kit.basic(source.options.get("user", ""), source.secret), **ours}


def _is_me(source: Source, who: _Link | None) -> bool:
    return who is not None and who.id == source.session.get("id")


def _is_listed(source: Source, who: _Person, option: str) -> bool:
    listed = {name.casefold() for name in kit.names(source.options.get(option, ""))}
    return bool(listed & {who.username.casefold(), who.name.casefold()})


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every open issue; what did not change since the last reading is taken from it."""
    kept, changed = [], []
    for raw in (yield from _list("issue", status=f"-1,{source.session['open']}", **FIELDS)):
        head = kit.decode(raw, _Head)
        known = source.known.get(head.id)
        if known and _is_unchanged(source, known, head):
            kept.append(known)
        else:
            changed.append((head, raw))
    beside = (yield from _beside(source, [head for head, _ in changed])) if changed else _Beside({}, {})
    table = kit.impacts(PRIORITY, source.options.get("priorities", ""))
    fresh = kit.read_each((raw for _, raw in changed), _Listed, lambda one: signal(source, one.id, one, beside, table))
    signals = kept + fresh.signals
    return Reading(signals=signals, unreadable=fresh.unreadable, warning=kit.strangers(signals, table))


def _is_unchanged(source: Source, known: Signal, head: _Head) -> bool:
    changed_at = _at(head.activity)
    return known.changed_at == changed_at and source.known_at is not None and changed_at < source.known_at - _SLACK


def _list(what: str, **query: Any) -> Exchange[list[msgspec.Raw]]:
    """A whole list, in one piece."""
    found = (yield get(f"{DATA}/{what}", **query)).read(dict[str, _List])["data"]
    if "next" in found.links:
        raise Unreadable(f"does not list all of its {what}s at once: raise its limit of rows for REST")
    return found.collection


def _beside(source: Source, heads: Iterable[_Head]) -> Exchange[_Beside]:
    return _Beside((yield from _people()), (yield from _texts(source, heads)))


def _people() -> Exchange[_Raws]:
    """Everybody, by id."""
    return {kit.decode(raw, _Link).id: raw for raw in (yield from _list("user", **PEOPLE))}


def _texts(source: Source, heads: Iterable[_Head]) -> Exchange[_Raws]:
    """The messages of these issues that are not known already, by id. One that was taken away meanwhile is missing."""
    texts: dict[str, msgspec.Raw] = {}
    for head in heads:
        known = {message.id for message in source.known[head.id].messages} if head.id in source.known else set()
        for number in head.message_ids:
            if number not in known:
                answer = yield get(f"{DATA}/msg/{kit.quote(number)}", accepts=_GONE, **TEXT)
                if answer.status == 200:
                    texts[number] = answer.read(dict[str, _Item])["data"].attributes
    return texts


def signal(
    source: Source, number: str, issue: _Issue, beside: _Beside, table: Mapping[str, Impact] = PRIORITY
) -> Signal:
    """One issue as a signal."""
    creator = _person(beside.people, issue.creator)
    holder = _person(beside.people, issue.assignedto) if issue.assignedto else None
    severity = issue.priority.name if issue.priority else ""
    messages = tuple(_messages(source, number, issue, beside))
    is_taken = holder is not None and _is_taken(source, issue, holder)
    return Signal(
        source=source.name,
        id=number,
        kind=Kind.TICKET,
        title=issue.title or "an issue without a title",
        opened_at=_at(issue.creation),
        severity=severity,
        impact=table.get(severity.casefold(), Impact.AT_RISK),
        text=messages[0].text if messages else "",
        customer=creator.organisation or "",
        contact=creator.name,
        email=creator.address or "",
        status=issue.status.name if issue.status else "",
        assignee=holder.name if holder else "",
        taken_by=holder.name if holder and is_taken else "",
        mine=_is_me(source, issue.assignedto),
        changed_at=_at(issue.activity),
        messages=messages,
        links=tuple(_page(source, link.id) for link in issue.superseder),
        url=_page(source, number),
    )


def _messages(source: Source, number: str, issue: _Issue, beside: _Beside) -> Iterable[Message]:
    known = {message.id: message for message in source.known[number].messages} if number in source.known else {}
    for one in dict.fromkeys(link.id for link in issue.messages):  # one that was attached twice is listed twice
        if one in beside.texts:
            text = kit.decode(beside.texts[one], _Text)
            author = _person(beside.people, text.author) if text.author else None
            yield Message(
                id=one,
                voice=_voice(source, author),
                author=author.name if author else "",
                text=text.content,
                at=_at(text.date),
            )
        elif one in known:
            yield known[one]


def _person(people: _Raws, link: _Link) -> _Person:
    """Whom that is; somebody who was retired is a number. What is no text about them is left out."""
    told = kit.decode(people[link.id], dict[str, Any]) if link.id in people else {}
    texts = {name: text for name in ("username", "realname", "address", "organisation") if (text := told.get(name))}
    return _Person(id=link.id, **{name: text for name, text in texts.items() if isinstance(text, str)})


def _voice(source: Source, who: _Person | None) -> Voice:
    if who is None or _is_listed(source, who, "bots"):
        return Voice.MACHINE
    return Voice.OURS if who.id == source.session.get("id") or _is_listed(source, who, "team") else Voice.THEIRS


def _is_taken(source: Source, issue: _Issue, holder: _Person) -> bool:
    """Whether a human has it: no bot, and not the one who asked, to whom it was handed back."""
    voice = _voice(source, holder)
    return voice is Voice.OURS or (voice is Voice.THEIRS and holder.id != issue.creator.id)


def _page(source: Source, number: str) -> str:
    return f"{source.url}/issue{number}"


def _at(text: str) -> datetime:
    at = kit.when(text.replace(".", "T", 1) if text[10:11] == "." else text)
    if at is None:
        raise ValueError("a time is missing")
    return at


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That issue now; None when it is closed, retired or hidden from us."""
    found = yield from _find(signal_id)
    if found is None or (found.issue.status and found.issue.status.id not in kit.names(source.session["open"])):
        return None
    head = _Head(id=found.id, activity="", messages=[{"id": link.id} for link in found.issue.messages])
    beside = yield from _beside(source, [head])
    table = kit.impacts(PRIORITY, source.options.get("priorities", ""))
    return signal(source, found.id, found.issue, beside, table)


def _find(signal_id: str) -> Exchange[_Found | None]:
    answer = yield get(f"{DATA}/issue/{kit.quote(signal_id)}", accepts=_GONE, **FIELDS)
    if answer.status != 200:
        return None
    item = answer.read(dict[str, _Item])["data"]
    return _Found(item.id, kit.decode(item.attributes, _Issue), item.etag)


# --- writing ---------------------------------------------------------------------------------------------------------


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Assign it to me and, if one is configured, move it to `taken_status`, in one change."""
    found = yield from _open(write)
    wanted, status = source.options.get("taken_status", ""), found.issue.status
    change = {} if _is_me(source, found.issue.assignedto) else {"assignedto": source.session["id"]}
    if wanted and (status is None or status.name.casefold() != wanted.casefold()):
        change["status"] = wanted
    if change:
        yield from _change(found, change)
        now = (yield from _open(write)).issue.assignedto
        if not _is_me(source, now):
            who = f"{_person((yield from _people()), now).name} was faster" if now else "it stayed with nobody"
            raise Rejected(who)
    return DONE


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Assign it to nobody, if it is still mine."""
    found = yield from _open(write)
    holder = found.issue.assignedto
    if holder is None:
        return DONE
    if not _is_me(source, holder):
        who = _person((yield from _people()), holder)
        return Receipt(words=f"{who.name} has it now")
    yield from _change(found, {"assignedto": ""})
    return DONE


def resolve(source: Source, write: Write) -> Exchange[Receipt]:
    """Move it to `resolved_status`."""
    found = yield from _open(write)
    if not _is_resolved(source, found.issue):
        yield from _change(found, {"status": _resolved(source)})
    return DONE


def _resolved(source: Source) -> str:
    return source.options.get("resolved_status", "") or "resolved"


def _is_resolved(source: Source, issue: _Issue) -> bool:
    return issue.status is not None and issue.status.name.casefold() == _resolved(source).casefold()


def reply(source: Source, write: Write) -> Exchange[Receipt]:
    """A message, made and then attached: until then nobody can read it, and after a failure in between it is made anew."""
    found = yield from _open(write)
    text = {"content": write.text, "author": source.session["id"], "date": "."}
    made = (yield send("POST", f"{DATA}/msg", text)).read(dict[str, _Link])["data"]
    for _ in range(_TRIES):
        answer = yield _patch(found, {"@op": "add", "messages": [made.id]})
        if answer.status != _STALE:
            return Receipt(id=made.id)
        found = yield from _open(write)
    raise Unavailable("the issue changes faster than we can attach the message", maybe_sent=False)


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the state is as the write wanted it, or my words are there since it was first tried."""
    found = yield from _find(write.signal_id)
    if found is None:
        return False
    if write.verb is Verb.REPLY:
        return (yield from _is_said(source, write, found.issue))
    if write.verb is Verb.RESOLVE:
        return _is_resolved(source, found.issue)
    return _is_me(source, found.issue.assignedto) is (write.verb is Verb.ACKNOWLEDGE)


def _is_said(source: Source, write: Write, issue: _Issue) -> Exchange[bool]:
    since = (write.tried_at or write.asked_at) + timedelta(seconds=source.skew_s) - _SLACK
    for link in issue.messages:
        if _at(link.activity) >= since:
            text = kit.decode((yield get(f"{DATA}/msg/{kit.quote(link.id)}", **TEXT)).body, dict[str, _Item])["data"]
            one = kit.decode(text.attributes, _Text)
            if _is_me(source, one.author) and kit.same_text(one.content, write.text):
                return True
    return False


def _open(write: Write) -> Exchange[_Found]:
    found = yield from _find(write.signal_id)
    if found is None:
        raise Rejected(f"issue {write.signal_id} is no longer there, or hidden from you", gone=True)
    return found


def _patch(found: _Found, change: Mapping[str, Any]) -> kit.Request:
    request = send("PATCH", f"{DATA}/issue/{kit.quote(found.id)}", change, accepts=(_STALE,))
    return replace(request, headers={"If-Match": found.etag})


def _change(found: _Found, change: Mapping[str, Any]) -> Exchange[None]:
    """Change it as it was when we read it; if it is not so any more, what to do is decided anew."""
    answer = yield _patch(found, change)
    if answer.status == _STALE:
        raise Unavailable("somebody changed the issue at the same moment", maybe_sent=False)


def check(source: Source) -> Exchange[str]:
    """Who we are to Roundup, and how many of its statuses are open ones."""
    who = yield from login(source)
    return f"{who['name']}, {len(kit.names(who['open']))} of {who['statuses']} statuses are open"


CONNECTOR = Connector(
    name="roundup",
    title="Roundup",
    docs="https://www.roundup-tracker.org/docs/rest.html",
    options=(
        Option(name="user", help="your user name; the secret is its password", required=True),
        Option(name="team", help="users of ours, with commas; whoever is not named speaks for the customer"),
        Option(name="bots", help="users that are machines"),
        Option(name="closed", help="statuses of issues that are over", default="resolved, done-cbb"),
        Option(name="priorities", help='priority names of your own, as in "showstopper=down"', check=kit.meanings),
        Option(name="taken_status", help='status of an issue that is taken, as in "in-progress"'),
        Option(name="resolved_status", help="status of an issue that is resolved", default="resolved"),
    ),
    headers=headers,
    login=login,
    poll=poll,
    answers={Verb.ACKNOWLEDGE: acknowledge, Verb.RELEASE: release, Verb.REPLY: reply, Verb.RESOLVE: resolve},
    cannot={
        Verb.NOTE: "Roundup has no private messages: the customer would read it",
        Verb.SNOOZE: "Roundup cannot snooze an issue; snooze it here instead",
    },
    peek=peek,
    seen=seen,
    check=check,
    proven="Roundup 2.6.0",
)
