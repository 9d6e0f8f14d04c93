"""Redmine: open issues with their notes; taking one assigns it to me, a reply is a note, a note a private note.

https://www.redmine.org/projects/redmine/wiki/Rest_api. Seen on a real 5.0.4:

- A wrong key is answered 200 with what anybody may see, usually nothing: so a poll ends by asking who we are (401 then).
- Pages are cut by id (`issue_id=>=N`, sorted by id), so that an issue closed meanwhile moves none to a page already read.
- Notes come only with one issue at a time, so an issue is asked for again only when `updated_on` changed. That has whole
  seconds, and does not move when a note is edited or retracted: what changed lately is asked for again anyway.
- A PUT is answered 204 also when nothing was done (a status that the role may not set), and a private note without the
  permission is stored as a public one: so the permission is looked up first, and everything is read back.
- A group as assignee looks like a person; only the memberships of a project tell `group` from `user`.
- There is no Date header, so times are compared with two minutes of slack.

Who is ours: the members whose role may read private notes (whoever reads what colleagues write is a colleague), me, and
anybody who wrote a private note. Everybody else speaks for the customer. `team` names ours instead, where roles do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from oncall_tui import kit
from oncall_tui.errors import Rejected, Unreadable
from oncall_tui.kit import DONE, Connector, Exchange, Option, Reading, Receipt, Source, get, send
from oncall_tui.model import Impact, Kind, Message, Signal, Verb, Voice, Write

PRIORITY: Mapping[str, Impact] = {
    **dict.fromkeys(("immediate", "urgent", "blocker", "critical", "p1"), Impact.DOWN),
    **dict.fromkeys(("high", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("normal", "medium", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("low", "minor", "p4", "p5"), Impact.QUESTION),
}
_SLACK = timedelta(minutes=2)
_FORBIDDEN, _GONE, _REFUSED = 403, 404, 422


class _Named(msgspec.Struct):
    id: int
    name: str = ""


class _Status(_Named):
    is_closed: bool = False


class _Detail(msgspec.Struct):
    name: str = ""
    new_value: Any = None


class _Journal(msgspec.Struct):
    id: int
    created_on: str
    user: _Named | None = None
    notes: str | None = None
    private_notes: bool = False
    details: list[_Detail] = []


class _Field(msgspec.Struct):
    name: str
    value: Any = None


class _Relation(msgspec.Struct):
    issue_id: int
    issue_to_id: int


class _Issue(msgspec.Struct):
    id: int
    project: _Named
    status: _Status
    priority: _Named
    author: _Named
    subject: str
    created_on: str
    updated_on: str
    description: str | None = None
    tracker: _Named | None = None
    category: _Named | None = None
    assigned_to: _Named | None = None
    due_date: str | None = None
    custom_fields: list[_Field] = []
    journals: list[_Journal] = []
    relations: list[_Relation] = []


class _Head(msgspec.Struct):
    id: int
    updated_on: str


class _Page(msgspec.Struct):
    issues: list[_Head]
    total_count: kit.Count


class _Role(msgspec.Struct):
    permissions: list[str] = []


class _Membership(msgspec.Struct):
    project: _Named
    roles: list[_Named]
    user: _Named | None = None
    group: _Named | None = None


class _Memberships(msgspec.Struct):
    memberships: list[_Membership]
    total_count: kit.Count


class _User(msgspec.Struct):
    id: int
    firstname: str = ""
    lastname: str = ""
    admin: bool = False
    memberships: list[_Membership] = []


# --- who we are ------------------------------------------------------------------------------------------------------


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Who I am, who is ours, which assignees are groups, and where I may write private notes; all as ids.

    One request for each role, and for each project that I am a member of unless `team` is configured.
    """
    me = (yield get("/users/current.json", include="memberships")).read(dict[str, _User])["user"]
    members = list(me.memberships)
    if not source.options.get("team"):
        for project in sorted({membership.project.id for membership in me.memberships}):
            members += yield from _members(project)
    permissions: dict[int, list[str]] = {}
    for role in sorted({role.id for membership in members for role in membership.roles}):
        answer = yield get(f"/roles/{role}.json", accepts=(_FORBIDDEN, _GONE))
        permissions[role] = answer.read(dict[str, _Role])["role"].permissions if answer.status == 200 else []

    def may(what: str, membership: _Membership) -> bool:
        return any(what in permissions[role.id] for role in membership.roles)

    team = {m.user.id for m in members if m.user and may("view_private_notes", m)} | {me.id}
    private = {m.project.id for m in me.memberships if may("set_notes_private", m)}
    return {
        "id": str(me.id),
        "name": f"{me.firstname} {me.lastname}".strip(),
        "team": _join(team),
        "groups": _join(m.group.id for m in members if m.group),
        "private": "*" if me.admin else _join(private),
    }


def _members(project: int) -> Exchange[list[_Membership]]:
    """A project's members; none when we may not see them."""
    found: list[_Membership] = []
    while True:
        path = f"/projects/{project}/memberships.json"
        answer = yield get(path, limit=100, offset=len(found), accepts=(_FORBIDDEN, _GONE))
        if answer.status != 200:
            return found
        page = answer.read(_Memberships)
        found += page.memberships
        if not page.memberships or len(found) >= page.total_count:
            return found


def _join(ids: Iterable[int]) -> str:
    return ",".join(str(one) for one in sorted(set(ids)))


def _is_listed(source: Source, who: _Named, name: str) -> bool:
    """Whether the session (by id) or the option (by name) of that name lists them."""
    listed = {one.casefold() for one in kit.names(source.options.get(name, ""))}
    return str(who.id) in kit.names(source.session.get(name, "")) or who.name.casefold() in listed


def _voice(source: Source, who: _Named | None) -> Voice:
    if who is None or _is_listed(source, who, "bots"):
        return Voice.MACHINE
    ours = _is_me(source, who) or _is_listed(source, who, "team")
    return Voice.OURS if ours else Voice.THEIRS


def _is_me(source: Source, who: _Named | None) -> bool:
    return who is not None and str(who.id) == source.session.get("id")


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every open issue; those that did not change since the last reading are taken from it."""
    table = kit.impacts(PRIORITY, source.options.get("priorities", ""))
    kept, records = [], []
    for head in (yield from _heads(source)):
        known = source.known.get(str(head.id))
        if known and _is_unchanged(source, known, head):
            kept.append(known)
            continue
        answer = yield _ask(str(head.id))
        if answer.status == 200:
            records.append(answer.read(dict[str, msgspec.Raw])["issue"])
    fresh = kit.read_each(records, _Issue, lambda issue: _open_signal(source, issue, table))
    _ = (yield get("/users/current.json")).read(dict[str, _User])["user"]
    signals = kept + fresh.signals
    return Reading(signals=signals, unreadable=fresh.unreadable, warning=kit.strangers(signals, table))


def _heads(source: Source) -> Exchange[list[_Head]]:
    project = source.options.get("project", "")
    scope: dict[str, Any] = {"status_id": "open", "sort": "id", "limit": 100} | (
        {"project_id": project} if project else {}
    )
    heads: list[_Head] = []
    last = 0
    while True:
        page = (yield get("/issues.json", issue_id=f">={last + 1}", **scope)).read(_Page)
        for head in page.issues:
            if head.id <= last:
                raise Unreadable(f"lists its issues in no order: {head.id} after {last}")
            last = head.id
        heads += page.issues
        if len(page.issues) >= page.total_count:
            return heads
        if not page.issues:
            raise Unreadable(f"says that {page.total_count} more issues are open and lists none")


def _is_unchanged(source: Source, known: Signal, head: _Head) -> bool:
    changed_at = kit.when(head.updated_on)
    if changed_at is None or source.known_at is None:
        return False
    return known.changed_at == changed_at and changed_at < source.known_at - _SLACK


def _ask(signal_id: str) -> kit.Request:
    path = f"/issues/{kit.quote(signal_id)}.json"
    return get(path, include="journals,relations", accepts=(_FORBIDDEN, _GONE))


def _open_signal(source: Source, issue: _Issue, table: Mapping[str, Impact]) -> Signal | None:
    return None if issue.status.is_closed else signal(source, issue, table)


def signal(source: Source, issue: _Issue, table: Mapping[str, Impact] = PRIORITY) -> Signal:
    """One issue as a signal. A due date lasts until its day is over (UTC: Redmine names no zone)."""
    fields = {field.name: _value(field) for field in issue.custom_fields}
    due = kit.when(issue.due_date)
    taken = _taken(source, issue)
    return Signal(
        source=source.name,
        id=str(issue.id),
        kind=Kind.TICKET,
        title=issue.subject,
        opened_at=_at(issue.created_on),
        severity=issue.priority.name,
        impact=table.get(issue.priority.name.casefold(), Impact.AT_RISK),
        text=issue.description or "",
        service=fields.get(source.options.get("service_field", "")) or (issue.category.name if issue.category else ""),
        customer=fields.get(source.options.get("customer_field", "")) or issue.project.name,
        contact=issue.author.name,
        labels={"project": issue.project.name, "tracker": issue.tracker.name if issue.tracker else "", **fields},
        status=issue.status.name,
        assignee=issue.assigned_to.name if issue.assigned_to else "",
        taken_by=issue.assigned_to.name if issue.assigned_to and taken else "",
        mine=_is_me(source, issue.assigned_to),
        taken_at=_taken_at(issue) if taken else None,
        changed_at=_at(issue.updated_on),
        due_at=due + timedelta(days=1) if due else None,
        messages=tuple(_messages(source, issue)),
        links=tuple(f"{source.url}/issues/{one}" for one in _related(issue)),
        url=f"{source.url}/issues/{issue.id}",
    )


def _value(field: _Field) -> str:
    """A custom field's value; several are listed with commas."""
    values = field.value if isinstance(field.value, list) else [field.value]
    return ", ".join(str(value) for value in values if value not in (None, ""))


def _taken(source: Source, issue: _Issue) -> bool:
    """Whether a human has it: no group, no bot, and not the requester, to whom it was handed back."""
    who = issue.assigned_to
    if who is None or _is_listed(source, who, "groups") or _is_listed(source, who, "bots"):
        return False
    return who.id != issue.author.id or _voice(source, who) is Voice.OURS


def _taken_at(issue: _Issue) -> datetime:
    """When it was last assigned; at its creation if no journal says otherwise."""
    assigned = [j.created_on for j in issue.journals if any(d.name == "assigned_to_id" for d in j.details)]
    return _at(assigned[-1] if assigned else issue.created_on)


def _messages(source: Source, issue: _Issue) -> Iterable[Message]:
    if issue.description:
        yield Message(
            id=f"issue-{issue.id}",
            voice=_voice(source, issue.author),
            author=issue.author.name,
            text=issue.description,
            at=_at(issue.created_on),
        )
    for journal in issue.journals:
        if not journal.notes:
            continue
        voice = _voice(source, journal.user)
        yield Message(
            id=str(journal.id),
            voice=Voice.OURS if journal.private_notes and voice is Voice.THEIRS else voice,
            author=journal.user.name if journal.user else "",
            text=journal.notes,
            at=_at(journal.created_on),
            private=journal.private_notes,
        )


def _related(issue: _Issue) -> list[int]:
    return sorted({one for r in issue.relations for one in (r.issue_id, r.issue_to_id)} - {issue.id})


def _at(text: str) -> datetime:
    at = kit.when(text)
    if at is None:
        raise ValueError("a time is missing")
    return at


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That issue now; None when it is closed, deleted or hidden from us."""
    issue = yield from _find(signal_id)
    table = kit.impacts(PRIORITY, source.options.get("priorities", ""))
    return _open_signal(source, issue, table) if issue else None


def _find(signal_id: str) -> Exchange[_Issue | None]:
    answer = yield _ask(signal_id)
    return answer.read(dict[str, _Issue])["issue"] if answer.status == 200 else None


# --- writing ---------------------------------------------------------------------------------------------------------


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """Assign it to me and, if one is configured, move it to `taken_status`. Not moving it is told, not refused."""
    issue = yield from _open(write)
    wanted = source.options.get("taken_status", "")
    status = yield from _status(wanted)
    yield from _change(write, issue, assigned_to_id=int(source.session["id"]), status_id=status.id if status else None)
    now = yield from _open(write)
    if not _is_me(source, now.assigned_to):
        raise Rejected(_why_not(issue, now))
    stayed = wanted and now.status.name.casefold() != wanted.casefold()
    return Receipt(words=f"assigned to you, but it stayed {now.status.name!r}" if stayed else "")


def _why_not(before: _Issue, now: _Issue) -> str:
    """Why an issue is not mine although it was assigned to me."""
    if now.assigned_to and now.assigned_to != before.assigned_to:
        return f"{now.assigned_to.name} was faster"
    return f"it was not assigned: your role in {now.project.name} may not be assigned issues"


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """Assign it to nobody, if it is still mine."""
    issue = yield from _open(write)
    if issue.assigned_to is None:
        return DONE
    if not _is_me(source, issue.assigned_to):
        return Receipt(words=f"{issue.assigned_to.name} has it now")
    status = yield from _status(source.options.get("released_status", ""))
    yield from _change(write, issue, assigned_to_id="", status_id=status.id if status else None)
    if _is_me(source, (yield from _open(write)).assigned_to):
        raise Rejected("it stayed assigned to you: your role may not change that")
    return DONE


def resolve(source: Source, write: Write) -> Exchange[Receipt]:
    """Move it to `resolved_status`."""
    wanted = source.options.get("resolved_status", "") or "Resolved"
    issue = yield from _open(write)
    status = yield from _status(wanted)
    if status is None:
        raise Rejected(f"there is no status {wanted!r}: set resolved_status in [sources.{source.name}]")
    yield from _change(write, issue, status_id=status.id)
    now = yield from _find(write.signal_id)
    if now and now.status.id != status.id:
        raise Rejected(f"it stayed {now.status.name!r}: your role may not set {status.name!r}")
    return DONE


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A private note. Refused before it leaves where our role would make it public; taken back if it became so."""
    issue = yield from _open(write)
    allowed = kit.names(source.session.get("private", ""))
    if "*" not in allowed and str(issue.project.id) not in allowed:
        raise Rejected(f"your role in {issue.project.name} may not write private notes: the customer would read it")
    journal = yield from _say(source, write, issue, private=True)
    if not journal.private_notes:
        path = f"/journals/{journal.id}.json"
        taken_back = yield send("PUT", path, {"journal": {"notes": ""}}, accepts=(_FORBIDDEN, _GONE))
        what = "it was taken back" if taken_back.status < 300 else "YOUR ROLE MAY NOT TAKE IT BACK"
        raise Rejected(f"Redmine showed the note to the customer; {what}, and they may have had it by mail")
    return Receipt(id=str(journal.id))


def reply(source: Source, write: Write) -> Exchange[Receipt]:
    """A public note."""
    issue = yield from _open(write)
    journal = yield from _say(source, write, issue, private=False)
    return Receipt(id=str(journal.id))


def _say(source: Source, write: Write, issue: _Issue, *, private: bool) -> Exchange[_Journal]:
    """Store the text and read back what became of it."""
    before = {journal.id for journal in issue.journals}
    yield from _put(write, {"notes": write.text, "private_notes": private})
    now = yield from _open(write)
    for journal in now.journals:
        if journal.id not in before and _is_said(source, write, journal):
            return journal
    raise Rejected(f"Redmine stored nothing: your role in {issue.project.name} may not write notes")


def _is_said(source: Source, write: Write, journal: _Journal) -> bool:
    return _is_me(source, journal.user) and kit.same_text(journal.notes or "", write.text)


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the state is as the write wanted it, or my words are there since it was first tried."""
    issue = yield from _find(write.signal_id)
    if issue is None:
        return False
    if write.verb is Verb.ACKNOWLEDGE:
        return _is_me(source, issue.assigned_to)
    if write.verb is Verb.RELEASE:
        return not _is_me(source, issue.assigned_to)
    if write.verb is Verb.RESOLVE:
        wanted = source.options.get("resolved_status", "") or "Resolved"
        return issue.status.name.casefold() == wanted.casefold()
    since = (write.tried_at or write.asked_at) + timedelta(seconds=source.skew_s) - _SLACK
    private = write.verb is Verb.NOTE
    said = [one for one in issue.journals if one.private_notes is private and _is_said(source, write, one)]
    return any(_at(one.created_on) >= since for one in said)


def _open(write: Write) -> Exchange[_Issue]:
    issue = yield from _find(write.signal_id)
    if issue is None:
        raise Rejected(f"issue {write.signal_id} is no longer there, or hidden from you", gone=True)
    return issue


def _status(name: str) -> Exchange[_Status | None]:
    """The status of that name; None for no name or an unknown one."""
    if not name:
        return None
    statuses = (yield get("/issue_statuses.json")).read(dict[str, list[_Status]])["issue_statuses"]
    return next((status for status in statuses if status.name.casefold() == name.casefold()), None)


def _change(write: Write, issue: _Issue, **wanted: int | str | None) -> Exchange[None]:
    """Set what is not so already (None: leave alone); nothing is sent when all is."""
    present: dict[str, int | str | None] = {
        "status_id": issue.status.id,
        "assigned_to_id": issue.assigned_to.id if issue.assigned_to else "",
    }
    change = {name: value for name, value in wanted.items() if value is not None and value != present[name]}
    if change:
        yield from _put(write, change)


def _put(write: Write, change: Mapping[str, Any]) -> Exchange[None]:
    path = f"/issues/{kit.quote(write.signal_id)}.json"
    answer = yield send("PUT", path, {"issue": change}, accepts=(_FORBIDDEN, _GONE, _REFUSED))
    if answer.status == _FORBIDDEN:
        raise Rejected("your account may not change this issue")
    if answer.status == _GONE:
        raise Rejected(f"issue {write.signal_id} is no longer there", gone=True)
    if answer.status == _REFUSED:
        raise Rejected("; ".join(answer.read(dict[str, list[str]]).get("errors", [])) or "refused without a reason")


def check(source: Source) -> Exchange[str]:
    """Who we are to Redmine, how many are ours, where notes stay private, and which configured status is missing."""
    who = yield from login(source)
    team, private = kit.names(who["team"]), kit.names(who["private"])
    where = "everywhere" if "*" in private else f"in {len(private)} project{'' if len(private) == 1 else 's'}"
    words = f"{who['name']}, one of {len(team)} of ours; private notes {where}"
    for name in ("taken_status", "released_status", "resolved_status"):
        wanted = source.options.get(name, "")
        if wanted and (yield from _status(wanted)) is None:
            words += f"; {name}: there is no status {wanted!r}"
    return words


_TO_WRITE = {"edit_issues": "change issues", "add_issue_notes": "write notes", "set_notes_private": "keep them private"}
"""What our roles must allow (Administration, Roles and permissions), in words."""


def may(source: Source) -> Exchange[str]:
    """In how many of our projects our roles allow each thing that we say. Raises `Rejected` when one is allowed nowhere."""
    me = (yield get("/users/current.json", include="memberships")).read(dict[str, _User])["user"]
    if me.admin:
        return "everything: it is an administrator's key"
    allowed: dict[str, set[int]] = {permission: set() for permission in _TO_WRITE}
    for role in sorted({role.id for membership in me.memberships for role in membership.roles}):
        permissions = (yield get(f"/roles/{role}.json")).read(dict[str, _Role])["role"].permissions
        projects = {m.project.id for m in me.memberships if role in {one.id for one in m.roles}}
        for permission in allowed.keys() & set(permissions):
            allowed[permission] |= projects
    missing = [words for permission, words in _TO_WRITE.items() if not allowed[permission]]
    if missing:
        raise Rejected(f"our roles in {len(me.memberships)} projects nowhere allow to {', nor to '.join(missing)}")
    told = (f"{words} in {len(allowed[permission])}" for permission, words in _TO_WRITE.items())
    return f"of {len(me.memberships)} projects: {', '.join(told)}"


def headers(source: Source) -> Mapping[str, str]:
    """The key of "My account"; the REST API must be switched on in the administration."""
    return {"X-Redmine-API-Key": source.secret}


CONNECTOR = Connector(
    name="redmine",
    title="Redmine",
    docs="https://www.redmine.org/projects/redmine/wiki/Rest_api",
    options=(
        Option(name="project", help="identifier of the only project to show; all that you may see without it"),
        Option(name="customer_field", help="custom field that names the customer; the project's name without it"),
        Option(name="service_field", help="custom field that names the service; the category without it"),
        Option(name="team", help="names of ours, with commas; without it, members who may read private notes"),
        Option(name="groups", help="names of groups that issues are assigned to; needed only beside team"),
        Option(name="bots", help="names of machines that write or are assigned"),
        Option(
            name="priorities", help='priority names of your own, as in "Sev 0=down, Sev 1=degraded"', check=kit.meanings
        ),
        Option(name="taken_status", help='status of an issue that is taken, as in "In Progress"'),
        Option(name="released_status", help="status of an issue that is given back"),
        Option(name="resolved_status", help="status of an issue that is resolved", default="Resolved"),
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
    cannot={Verb.SNOOZE: "Redmine cannot snooze an issue; snooze it here instead"},
    peek=peek,
    seen=seen,
    check=check,
    may=may,
    proven="Redmine 5.0.4",
)
