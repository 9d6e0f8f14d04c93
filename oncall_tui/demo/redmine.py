"""The desk's API: as much of Redmine 5's REST as the connector speaks, with its silences (204 also when nothing was done).

https://www.redmine.org/projects/redmine/wiki/Rest_api; what that leaves open was observed on Redmine 5.0.4
(`tests/demo/recorded`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from oncall_tui.demo import desk as kept
from oncall_tui.demo.desk import Desk, Issue, Journal, Person, Project
from oncall_tui.demo.site import Ask, Reply, as_json

_Json: TypeAlias = dict[str, Any]

_MOST = 100
"""Issues a page; a higher `limit` is silently cut to this, as Redmine does."""

_MANAGER, _REPORTER = 3, 5
_ROLE_NAMES = {_MANAGER: "Manager", _REPORTER: "Reporter"}
_ROLES = {
    _MANAGER: ("view_issues", "edit_issues", "add_issue_notes", "view_private_notes", "set_notes_private"),
    _REPORTER: ("view_issues", "add_issues", "add_issue_notes"),
}
"""What members may, by role."""

_EMPTY = Reply(status=204)
_MISSING = Reply(status=404, headers={"Content-Type": "application/json"})
_FORBIDDEN = Reply(status=403, headers={"Content-Type": "application/json"})
_LOG_IN = Reply(
    status=401, headers={"Content-Type": "application/json", "WWW-Authenticate": 'Basic realm="Redmine API"'}
)
_NO_PAGE = Reply(
    status=404,
    body=b"<!DOCTYPE html>\n<html><head><title>Redmine 404 error</title></head><body><h1>Page not found</h1></body></html>",
    headers={"Content-Type": "text/html; charset=utf-8"},
)


class Redmine(Desk):
    """The desk, spoken to as Redmine."""

    def answer(self, ask: Ask) -> Reply:
        reply = self._route(ask)
        if ask.method != "GET" or reply.status != 200:
            return reply
        etag = f'W/"{hashlib.md5(reply.body, usedforsecurity=False).hexdigest()}"'
        headers = {**reply.headers, "ETag": etag}
        if ask.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(status=200, body=reply.body, headers=headers)

    def _route(self, ask: Ask) -> Reply:
        who = self._who(ask)
        for method, pattern, does in _ROUTES:
            found = re.fullmatch(pattern, ask.path)
            if found and method == ask.method:
                if who is None:
                    return _anonymous(ask)
                return does(self, ask, who, *found.groups())
        return _NO_PAGE

    def _who(self, ask: Ask) -> Person | None:
        key = ask.headers.get("x-redmine-api-key", "")
        return next((person for person in self.people.values() if key and person.key == key), None)


def _anonymous(ask: Ask) -> Reply:
    """A bad key is nobody: lists are empty with 200, everything else asks to log in (`login_required` is off)."""
    if ask.method == "GET" and ask.path == "/issues.json":
        return _json({"issues": [], "total_count": 0, "offset": 0, "limit": 25})
    return _LOG_IN


# --- reading ---------------------------------------------------------------------------------------------------------


def _current(desk: Redmine, ask: Ask, who: Person) -> Reply:
    since = _time(desk.second())
    user = {"id": who.id, "login": who.login, "admin": False, "firstname": who.firstname, "lastname": who.lastname,
            "created_on": since, "updated_on": since, "last_login_on": None, "passwd_changed_on": since,
            "twofa_scheme": None, "api_key": who.key}  # fmt: skip
    if "memberships" in ask.one("include").split(","):
        user["memberships"] = [{"id": project.id * 100 + who.id, "project": _named(project), "roles": [_role(who)]}
                               for project in desk.projects.values() if _belongs(who, project)]  # fmt: skip
    return _json({"user": user})


def _list(desk: Redmine, ask: Ask, who: Person) -> Reply:
    try:
        wanted = [_filter(name, value, who) for name, value in ask.query if name in _FILTERS]
    except ValueError as error:
        return _json({"errors": [str(error)]}, 422)
    if not ask.one("status_id"):
        wanted.append(lambda issue: not issue.is_closed)
    found = [issue for issue in _visible(desk, who) if all(fits(issue) for fits in wanted)]
    for name, _, direction in (part.partition(":") for part in reversed(ask.one("sort", "id:desc").split(","))):
        found.sort(key=_SORTS.get(name, _SORTS["id"]), reverse=direction == "desc")
    return _paged(ask, "issues", [_issue(issue) for issue in found])


def _show(desk: Redmine, ask: Ask, who: Person, id_: str) -> Reply:
    issue = desk.issues.get(int(id_))
    if issue is None:
        return _MISSING
    if not _may_see(who, issue):
        return _FORBIDDEN
    shown, include = _issue(issue), ask.one("include").split(",")
    if "journals" in include:
        shown["journals"] = [_journal(journal) for journal in issue.journals if who.is_staff or not journal.private]
    if "allowed_statuses" in include:
        shown["allowed_statuses"] = [_status(id_) for id_ in kept.STATUSES if who.is_staff or id_ in (1, 5)]
    return _json({"issue": shown})


def _statuses(desk: Redmine, ask: Ask, who: Person) -> Reply:
    return _json({"issue_statuses": [_status(id_) for id_ in kept.STATUSES]})


def _priorities(desk: Redmine, ask: Ask, who: Person) -> Reply:
    return _json({"issue_priorities": [{"id": id_, "name": name, "is_default": id_ == 2, "active": True}
                                       for id_, name in kept.PRIORITIES.items()]})  # fmt: skip


def _projects(desk: Redmine, ask: Ask, who: Person) -> Reply:
    return _paged(ask, "projects", [_project(desk, project) for project in desk.projects.values()])


def _one_project(desk: Redmine, ask: Ask, who: Person, name: str) -> Reply:
    project = next((p for p in desk.projects.values() if name in (str(p.id), p.identifier)), None)
    return _json({"project": _project(desk, project)}) if project else _MISSING


def _memberships(desk: Redmine, ask: Ask, who: Person, name: str) -> Reply:
    project = next((p for p in desk.projects.values() if name in (str(p.id), p.identifier)), None)
    if project is None:
        return _MISSING
    members = [person for person in desk.people.values() if _belongs(person, project)]
    shown = [{"id": number, "project": _named(project), "user": _named(person), "roles": [_role(person)]}
             for number, person in enumerate(members, 1)]  # fmt: skip
    return _paged(ask, "memberships", shown)


def _one_role(desk: Redmine, ask: Ask, who: Person, id_: str) -> Reply:
    permissions = _ROLES.get(int(id_))
    if permissions is None:
        return _MISSING
    return _json({"role": {"id": int(id_), "name": _ROLE_NAMES[int(id_)], "assignable": True, "issues_visibility": "all",
                           "time_entries_visibility": "all", "users_visibility": "all",
                           "permissions": list(permissions)}})  # fmt: skip


def _paged(ask: Ask, name: str, records: list[_Json]) -> Reply:
    """One page of `records` as every list of Redmine's comes."""
    offset, limit = _number(ask.one("offset"), 0), min(_number(ask.one("limit"), 25) or 25, _MOST)
    page = records[offset : offset + limit]
    return _json({name: page, "total_count": len(records), "offset": offset, "limit": limit})


# --- changing --------------------------------------------------------------------------------------------------------


def _create(desk: Redmine, ask: Ask, who: Person) -> Reply:
    fields = _fields(ask, "issue")
    if fields is None:
        return _unreadable()
    if not fields.get("subject"):
        return _json({"errors": ["Subject cannot be blank"]}, 422)
    issue = desk.add_issue(who.login, str(fields["subject"]), str(fields.get("description") or ""),
                           project=str(fields.get("project_id") or ""),
                           priority=kept.PRIORITIES.get(_number(fields.get("priority_id"), 2), "Normal"))  # fmt: skip
    return _json({"issue": _issue(issue)}, 201, Location=f"{desk.url}/issues/{issue.id}")


def _update(desk: Redmine, ask: Ask, who: Person, id_: str) -> Reply:
    """Redmine's PUT: what it may not or cannot do it leaves out, and answers 204 all the same."""
    issue, fields = desk.issues.get(int(id_)), _fields(ask, "issue")
    if fields is None:
        return _unreadable()
    if issue is None:
        return _MISSING
    if not _may_see(who, issue):
        return _FORBIDDEN
    try:
        assignee = _assignee(desk, who, fields)
    except KeyError:
        return _json({"errors": ["Assignee is invalid"]}, 422)
    status = _number(fields.get("status_id"), 0)
    may = status in kept.STATUSES and (who.is_staff or status in (1, 5))
    changes = desk.alter(issue, status=status if may else 0, assignee=assignee)
    text, private = str(fields.get("notes") or ""), bool(fields.get("private_notes"))
    if private and text and changes:  # a private note hides no change: Redmine makes two journals of it
        desk.write(issue, who, "", changes=changes)
        changes = ()
    if text or changes:
        desk.write(issue, who, text, private=private, changes=changes)
    return _EMPTY


def _assignee(desk: Redmine, who: Person, fields: _Json) -> Person | str | None:
    """Whom the request assigns: a person, None for nobody, "" when it does not say. Raises `KeyError` for a stranger."""
    if "assigned_to_id" not in fields or not who.is_staff:
        return ""
    wanted = fields["assigned_to_id"]
    if wanted in ("", None):
        return None
    person = who if wanted == "me" else desk.people[_number(wanted, 0)]
    if not person.is_staff:
        raise KeyError(wanted)
    return person


def _rewrite(desk: Redmine, ask: Ask, who: Person, id_: str) -> Reply:
    fields = _fields(ask, "journal")
    if fields is None:
        return _unreadable()
    journal = next((j for i in _visible(desk, who) for j in i.journals if j.id == int(id_)), None)
    if journal is None:
        return _MISSING
    if not who.is_staff:
        return _FORBIDDEN
    journal.private = bool(fields.get("private_notes", journal.private))
    if fields.get("notes"):
        journal.text = str(fields["notes"])
    elif "notes" in fields:
        desk.retract(journal.id)
    return _EMPTY


def _fields(ask: Ask, name: str) -> _Json | None:
    """The object of that name in the body; empty if it has none, None if the body is no JSON."""
    try:
        body = json.loads(ask.body)
    except ValueError:
        return None
    fields = body.get(name) if isinstance(body, dict) else None
    return fields if isinstance(fields, dict) else {}


def _unreadable() -> Reply:
    return Reply(status=400, headers={"Content-Type": "text/html; charset=utf-8"})


# --- what is listed --------------------------------------------------------------------------------------------------


def _may_see(who: Person, issue: Issue) -> bool:
    return _belongs(who, issue.project)


def _visible(desk: Redmine, who: Person) -> list[Issue]:
    return [issue for issue in desk.issues.values() if _may_see(who, issue)]


_SORTS: dict[str, Callable[[Issue], Any]] = {
    "id": lambda issue: issue.id,
    "updated_on": lambda issue: issue.changed_at,
    "created_on": lambda issue: issue.at,
    "priority": lambda issue: issue.priority,
    "status": lambda issue: issue.status,
}

_FILTERS = (
    "status_id",
    "project_id",
    "assigned_to_id",
    "author_id",
    "issue_id",
    "priority_id",
    "updated_on",
    "created_on",
)


def _filter(name: str, value: str, who: Person) -> Callable[[Issue], bool]:
    """One query parameter as Redmine reads it. Raises `ValueError` in Redmine's words for what it cannot read."""
    match name:
        case "status_id" if value in ("open", "closed", "*", "o", "c"):
            return lambda issue: value == "*" or issue.is_closed == value.startswith("c")
        case "status_id":
            return _among(value, lambda issue: issue.status)
        case "priority_id":
            return _among(value, lambda issue: issue.priority)
        case "issue_id":
            return _numbers(value, lambda issue: issue.id)
        case "author_id":
            return _among(value, lambda issue: issue.author.id, me=who.id)
        case "assigned_to_id" if value in ("*", "!*"):
            return lambda issue: (issue.assignee is not None) == (value == "*")
        case "assigned_to_id":
            return _among(value, lambda issue: issue.assignee.id if issue.assignee else 0, me=who.id)
        case "project_id":
            return lambda issue: value in (str(issue.project.id), issue.project.identifier)
        case "updated_on":
            return _between(value, lambda issue: issue.changed_at, "Updated is invalid")
        case _:
            return _between(value, lambda issue: issue.at, "Created is invalid")


def _among(value: str, read: Callable[[Issue], int], me: int = 0) -> Callable[[Issue], bool]:
    wanted = {str(me) if part == "me" else part for part in re.split(r"[|,]", value)}
    return lambda issue: str(read(issue)) in wanted


def _numbers(value: str, read: Callable[[Issue], int]) -> Callable[[Issue], bool]:
    """``1,2``, ``>=3`` or ``<=3``."""
    found = re.fullmatch(r"(>=|<=)(\d+)", value)
    if not found:
        return _among(value, read)
    bound = int(found[2])
    return (lambda issue: read(issue) >= bound) if found[1] == ">=" else (lambda issue: read(issue) <= bound)


def _between(value: str, read: Callable[[Issue], datetime], refusal: str) -> Callable[[Issue], bool]:
    found = re.fullmatch(r"(>=|<=|)(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?)", value)
    if not found:
        raise ValueError(refusal)
    bound = datetime.fromisoformat(found[2]).replace(tzinfo=UTC)
    match found[1]:
        case ">=":
            return lambda issue: read(issue) >= bound
        case "<=":
            return lambda issue: read(issue) <= bound
        case _:
            return lambda issue: read(issue).date() == bound.date()


# --- how it is written -----------------------------------------------------------------------------------------------


def _issue(issue: Issue) -> _Json:
    """An issue in Redmine's order of fields; `assigned_to` is absent while nobody has it."""
    assigned = {"assigned_to": _named(issue.assignee)} if issue.assignee else {}
    return {
        "id": issue.id,
        "project": _named(issue.project),
        "tracker": {"id": issue.tracker, "name": kept.TRACKERS[issue.tracker]},
        "status": _status(issue.status),
        "priority": {"id": issue.priority, "name": kept.PRIORITIES[issue.priority]},
        "author": _named(issue.author),
        **assigned,
        "subject": issue.subject,
        "description": issue.text or None,
        "start_date": issue.at.date().isoformat(),
        "due_date": issue.due.isoformat() if issue.due else None,
        "done_ratio": 0,
        "is_private": False,
        "estimated_hours": None,
        "total_estimated_hours": None,
        "created_on": _time(issue.at),
        "updated_on": _time(issue.changed_at),
        "closed_on": _time(issue.closed_at) if issue.closed_at else None,
    }


def _journal(journal: Journal) -> _Json:
    details = [{"property": "attr", "name": change.field, "old_value": change.old, "new_value": change.new}
               for change in journal.changes]  # fmt: skip
    return {"id": journal.id, "user": _named(journal.author), "notes": journal.text, "created_on": _time(journal.at),
            "private_notes": journal.private, "details": details}  # fmt: skip


def _project(desk: Redmine, project: Project) -> _Json:
    since = _time(desk.second())
    return {"id": project.id, "name": project.name, "identifier": project.identifier, "description": None,
            "homepage": "", "status": 1, "is_public": False, "inherit_members": False,
            "created_on": since, "updated_on": since}  # fmt: skip


def _status(id_: int) -> _Json:
    return {"id": id_, "name": kept.STATUSES[id_], "is_closed": id_ in kept.CLOSED}


def _role(person: Person) -> _Json:
    id_ = _MANAGER if person.is_staff else _REPORTER
    return {"id": id_, "name": _ROLE_NAMES[id_]}


def _belongs(person: Person, project: Project) -> bool:
    return person.is_staff or person.project == project.id


def _named(thing: Person | Project) -> _Json:
    return {"id": thing.id, "name": thing.name}


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(value: object, otherwise: int) -> int:
    """An id as Redmine takes it, a number or its digits."""
    text = str(value)
    return int(text) if text.isdecimal() else otherwise


def _json(value: Mapping[str, Any], status: int = 200, **headers: str) -> Reply:
    return as_json(value, status, content_type="application/json; charset=utf-8", **headers)


_ROUTES: Iterable[tuple[str, str, Callable[..., Reply]]] = (
    ("GET", r"/users/current\.json", _current),
    ("GET", r"/issues\.json", _list),
    ("POST", r"/issues\.json", _create),
    ("GET", r"/issues/(\d+)\.json", _show),
    ("PUT", r"/issues/(\d+)\.json", _update),
    ("PUT", r"/journals/(\d+)\.json", _rewrite),
    ("GET", r"/issue_statuses\.json", _statuses),
    ("GET", r"/roles/(\d+)\.json", _one_role),
    ("GET", r"/enumerations/issue_priorities\.json", _priorities),
    ("GET", r"/projects\.json", _projects),
    ("GET", r"/projects/([\w-]+)\.json", _one_project),
    ("GET", r"/projects/([\w-]+)/memberships\.json", _memberships),
)
