"""Redmine: open issues with their notes; taking one assigns it to me, a reply is a note, a note a private note.

https://www.redmine.org/projects/redmine/wiki/Rest_api. Seen on a real 5.0.4:

- A wrong key is answered 200 with what anybody may see, usually nothing: so a list ends by asking who we are (401 then). Who
  is taken out of all projects is answered in the same way, but that what they saw before is a 403, or no project is listed.
- Pages are cut by id (`issue_id=>=N`, sorted by id), so that an issue closed meanwhile moves none to a page already read.
- Notes come only with one issue at a time, so an issue is asked for again only when `updated_on` changed. That has whole
  seconds, and does not move when a note is edited or retracted: what changed lately is asked for again anyway.
- A PUT is answered 204 also when nothing was done (a status that the role may not set), and a private note without the
  permission is stored as a public one: so the permission is looked up first, and everything is read back.
- A group as assignee looks like a person; only the memberships of a project tell `group` from `user`.
- There is no Date header, so times are compared with two minutes of slack.
- A note that is emptied is gone for everybody, by then only mails tell of it (404 when it is asked for once more). Who may
  edit notes may empty anybody's.
- A list of 100 issues takes it ten times as long as to say that none changed, and a 304 (If-None-Match) as long as the list.
- "Resolved" is an open status: such an issue is listed until somebody closes it.

Who is ours: the members whose role may read private notes (whoever reads what colleagues write is a colleague), me, and
anybody who wrote a private note. Everybody else speaks for the customer. `team` names ours instead, where roles do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from oncall_tui import kit
from oncall_tui.errors import Rejected
from oncall_tui.kit import Connector, Exchange, Option, Receipt, Record, Request, Source, desk, get, send
from oncall_tui.kit.desk import Change, Changes, Head, Listed, Person, Said, Ticket, Whole
from oncall_tui.model import Verb, Write

_TO_WRITE = {"edit_issues": "change issues", "add_issue_notes": "write notes", "set_notes_private": "keep them private"}
"""What our roles must allow (Administration, Roles and permissions), in words."""


# --- who we are ------------------------------------------------------------------------------------------------------


def login(source: Source) -> Exchange[Mapping[str, str]]:
    """Who I am, who is ours, which assignees are groups, and in which projects I may do what writing needs; all as ids.

    One request for each role, and for each project that I am a member of unless `team` is configured.
    """
    me = yield from _me()
    mine = me.records("memberships")
    members = list(mine)
    for project in sorted({one.id("project.id") for one in mine}) if not source.options.get("team") else ():
        members += yield from _members(project)
    permitted = {}
    for role in sorted({role.id() for one in members for role in one.records("roles")}):
        found = yield from kit.if_there(get(f"/roles/{role}.json"), "role")
        permitted[role] = found.value("permissions") or () if found else ()

    def allowed(what: str, some: list[Record], whom: str) -> list[str]:
        may = (one for one in some if any(what in permitted[role.id()] for role in one.records("roles")))
        return [one.id(f"{whom}.id") for one in may if one.record(whom)]

    where = {what: ",".join(allowed(what, mine, "project")) for what in _TO_WRITE}
    return {
        "id": me.id(),
        "name": f"{me.text('firstname', '')} {me.text('lastname', '')}".strip(),
        "team": ",".join(sorted({me.id(), *allowed("view_private_notes", members, "user")})),
        "groups": ",".join(sorted({one.id("group.id") for one in members if one.record("group")})),
        **(dict.fromkeys(_TO_WRITE, "*") if me.flag("admin") else where),
    }


def _me() -> Exchange[Record]:
    return Record.of((yield get("/users/current.json", include="memberships")), "user")


def _members(project: str) -> Exchange[list[Record]]:
    """A project's members; none when we may not see them."""
    found: list[Record] = []
    while True:
        page = yield from kit.if_there(get(f"/projects/{project}/memberships.json", limit=100, offset=len(found)))
        members = page.records("memberships") if page else []
        found += members
        if not page or not members or len(found) >= page.count("total_count"):
            return found


def _person(source: Source, who: Record | None) -> Person | None:
    if who is None:
        return None
    number, name = who.id(), who.text("name", "")
    team, groups = (kit.names(source.session.get(listed, "")) for listed in ("team", "groups"))
    is_group = number in groups or kit.is_listed(source, "groups", name)
    return desk.person(source, number, name, staff=number in team, machine=is_group)


# --- reading ---------------------------------------------------------------------------------------------------------


def _list(source: Source, **scope: Any) -> Request:
    project = source.options.get("project")
    return get("/issues.json", **(scope | {"project_id": project} if project else scope))


def _page(source: Source, after: int, only: str) -> Listed:
    page = Record.of((yield _list(source, issue_id=f">={after + 1}", status_id="open", sort="id", limit=100)))
    issues = page.each("issues")
    return issues, len(issues) < page.count("total_count")


def _sure(source: Source, listed: Sized) -> Exchange[None]:
    """To who is a member of nothing an empty list is good news where a public project is shown, and what was told before."""
    me = yield from _me()
    if listed or me.records("memberships") or me.flag("admin"):
        return
    before = next(iter(source.known), "")
    status = (yield replace(_issue(before), accepts=kit.GONE)).status if before else 200
    if status == 403 or not Record.of((yield get("/projects.json", limit=1))).count("total_count"):
        raise Rejected("shows us nothing, being a member of no project: was that taken from us?")


def _changes(source: Source, since: datetime) -> Exchange[Changes | None]:
    found = Record.of((yield _list(source, updated_on=f">={since:%Y-%m-%dT%H:%M:%SZ}", status_id="*", limit=100)))
    issues = found.each("issues")
    if len(issues) < found.count("total_count"):
        return None
    total = Record.of((yield _list(source, status_id="open", limit=1))).count("total_count")
    return Changes(issues, lambda issue: issue.value("status.is_closed") is not True, total)


def _read(source: Source, heads: Sequence[Head]) -> Whole:
    records = [head.record for head in heads if not head.id]
    for head in heads:
        found = (yield from kit.if_there(_issue(head.id))) if head.id else None
        records += [found] if found else []
    return records, lambda one: _ticket(source, one.need("issue"))


def _find(source: Source, signal_id: str) -> Exchange[Ticket | None]:
    issue = yield from kit.if_there(_issue(signal_id), "issue")
    return _ticket(source, issue) if issue else None


def _issue(signal_id: str) -> Request:
    return get(f"/issues/{kit.quote(signal_id)}.json", include="journals,relations")


def _ticket(source: Source, issue: Record) -> Ticket:
    """A due date lasts until its day is over (UTC: Redmine names no zone)."""
    number, project, due = issue.id(), issue.text("project.name"), issue.when("due_date")
    author = _person(source, issue.record("author"))
    related = {r.id(name) for r in issue.records("relations") for name in ("issue_id", "issue_to_id")} - {number}
    return Ticket(
        id=number,
        title=issue.text("subject"),
        opened_at=issue.at("created_on"),
        status=issue.text("status.name"),
        is_open=not issue.flag("status.is_closed"),
        moved_at=_set_at(issue, "status_id"),
        severity=issue.text("priority.name"),
        requesters=[author] if author else [],
        holder=_person(source, issue.record("assigned_to")),
        taken_at=_set_at(issue, "assigned_to_id"),
        changed_at=issue.at("updated_on"),
        due_at=due + timedelta(days=1) if due else None,
        text=issue.text("description", ""),
        customer=project,
        service=issue.text("category.name", ""),
        labels={"project": project, "tracker": issue.text("tracker.name", "")},
        fields={one.text("name"): desk.values(one.value("value")) for one in issue.records("custom_fields")},
        said=list(_said(source, issue, author)),
        links=[f"{source.url}/issues/{one}" for one in sorted(related, key=int)],
        url=f"{source.url}/issues/{number}",
        record=issue,
    )


def _set_at(issue: Record, field: str) -> datetime:
    """When that was last set; at its creation if no journal says otherwise."""
    setting = [one for one in issue.records("journals") if field in (it.value("name") for it in one.records("details"))]
    return (setting or [issue])[-1].at("created_on")


def _said(source: Source, issue: Record, author: Person | None) -> Iterator[Said]:
    if text := issue.text("description", ""):
        yield Said(id=f"issue-{issue.id()}", who=author, text=text, at=issue.at("created_on"))
    for one in issue.records("journals"):
        if text := one.text("notes", ""):
            who, at, private = _person(source, one.record("user")), one.at("created_on"), one.flag("private_notes")
            yield Said(id=one.id(), who=who, text=text, at=at, private=private)


# --- writing ---------------------------------------------------------------------------------------------------------


def _change(source: Source, ticket: Ticket, change: Change) -> Exchange[str]:
    """In one request, about which Redmine mails once."""
    owner = int(source.session["id"]) if change.mine else ""
    fields: dict[str, Any] = {} if change.mine is None else {"assigned_to_id": owner}
    yield _put(ticket, fields | ({"status_id": int(change.status)} if change.status else {}))
    return f"your role in {ticket.customer} may not do that"


def _statuses(source: Source) -> Exchange[dict[str, str]]:
    """The id of each status."""
    statuses = Record.of((yield get("/issue_statuses.json"))).records("issue_statuses")
    return {one.text("name").casefold(): one.id() for one in statuses}


def _say(source: Source, ticket: Ticket, write: Write) -> Exchange[Receipt]:
    """Refused before it leaves where our role would make a private note public."""
    role, allowed = f"your role in {ticket.customer}", kit.names(source.session.get("set_notes_private", ""))
    is_note = write.verb is Verb.NOTE
    if is_note and not {"*", ticket.record.id("project.id")} & {*allowed}:
        raise Rejected(f"{role} may not write private notes: the customer would read it")
    yield _put(ticket, {"notes": write.text, "private_notes": is_note})
    return Receipt(words=f"{role} may not write notes")


def _unsay(source: Source, said: Said) -> Exchange[str]:
    """Then it is gone from the issue, for everybody; mails have left."""
    emptied = {"journal": {"notes": ""}}
    answer = yield send("PUT", f"/journals/{kit.quote(said.id)}.json", emptied, accepts=kit.GONE)
    return "your role may not edit what it wrote" if answer.status == 403 else ""


def _put(ticket: Ticket, change: Mapping[str, Any]) -> Request:
    return send("PUT", f"/issues/{kit.quote(ticket.id)}.json", {"issue": change})


def check(source: Source) -> Exchange[str]:
    """Who we are to Redmine, how many are ours, and which configured status is missing."""
    who = yield from login(source)
    missing = desk.unknown(source, (yield from _statuses(source)))
    return f"{who['name']}, one of {len(kit.names(who['team']))} of ours{missing}"


def may(source: Source) -> Exchange[str]:
    """In how many projects our roles allow each thing that we say. Raises `Rejected` when one is allowed nowhere."""
    who = yield from login(source)
    if missing := [words for what, words in _TO_WRITE.items() if not who[what]]:
        raise Rejected(f"our roles nowhere allow to {', nor to '.join(missing)}")
    if who["edit_issues"] == "*":
        return "everything: it is an administrator's key"
    return "by projects: " + ", ".join(f"{words} in {len(kit.names(who[what]))}" for what, words in _TO_WRITE.items())


def headers(source: Source) -> Mapping[str, str]:
    """The key of "My account"; the REST API must be switched on in the administration."""
    return {"X-Redmine-API-Key": source.secret}


DESK = desk.Desk(
    page=_page,
    changed="updated_on",
    changes=_changes,
    sure=_sure,
    read=_read,
    find=_find,
    change=_change,
    statuses=_statuses,
    say=_say,
    unsay=_unsay,
    slack=timedelta(minutes=2),
)

CONNECTOR = Connector(
    name="redmine",
    title="Redmine",
    docs="https://www.redmine.org/projects/redmine/wiki/Rest_api",
    options=(
        Option(name="project", help="identifier of the only project to show; all that you may see without it"),
        Option(name="groups", help="names of groups that issues are assigned to; needed only beside team"),
        *desk.options(
            team="without it, members who may read private notes",
            resolved="Resolved",
            customer="the project's name without it",
            service="the category without it",
        ),
    ),
    headers=headers,
    login=login,
    check=check,
    may=may,
    proven="Redmine 5.0.4",
    **DESK.parts,
)
