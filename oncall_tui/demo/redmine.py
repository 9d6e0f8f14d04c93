"""The desk's API: as much of Redmine 5's REST as the connector speaks, with its silences (204 also when nothing was done).

https://www.redmine.org/projects/redmine/wiki/Rest_api; what that leaves open was observed on Redmine 5.0.4
(`tests/demo/recorded`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from oncall_tui.demo import desk as kept
from oncall_tui.demo import filters, records
from oncall_tui.demo.desk import Desk, Issue, Person, Project
from oncall_tui.demo.site import Ask, Reply, as_json

_Json: TypeAlias = dict[str, Any]

_MOST = 100
"""Issues a page; a higher `limit` is silently cut to this, as Redmine does."""

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
    since = records.time(desk.second())
    user = {"id": who.id, "login": who.login, "admin": False, "firstname": who.firstname, "lastname": who.lastname,
            "created_on": since, "updated_on": since, "last_login_on": None, "passwd_changed_on": since,
            "twofa_scheme": None, "api_key": who.key}  # fmt: skip
    if "memberships" in ask.one("include").split(","):
        mine = [project for project in desk.projects.values() if _belongs(who, project)]
        places = [records.membership(project.id * 100 + who.id, who, project) for project in mine]
        user["memberships"] = [{name: place[name] for name in ("id", "project", "roles")} for place in places]
    return _json({"user": user})


def _list(desk: Redmine, ask: Ask, who: Person) -> Reply:
    try:
        wanted = [filters.fits(name, value, who) for name, value in ask.query if name in filters.FILTERS]
    except ValueError as error:
        return _json({"errors": [str(error)]}, 422)
    if not ask.one("status_id"):
        wanted.append(lambda issue: not issue.is_closed)
    found = [issue for issue in _visible(desk, who) if all(fits(issue) for fits in wanted)]
    for name, _, direction in (part.partition(":") for part in reversed(ask.one("sort", "id:desc").split(","))):
        found.sort(key=filters.SORTS.get(name, filters.SORTS["id"]), reverse=direction == "desc")
    return _paged(ask, "issues", [records.issue(issue) for issue in found])


def _show(desk: Redmine, ask: Ask, who: Person, id_: str) -> Reply:
    issue = desk.issues.get(int(id_))
    if issue is None:
        return _MISSING
    if not _may_see(who, issue):
        return _FORBIDDEN
    shown, include = records.issue(issue), ask.one("include").split(",")
    if "journals" in include:
        shown["journals"] = [
            records.journal(journal) for journal in issue.journals if who.is_staff or not journal.private
        ]
    if "allowed_statuses" in include:
        shown["allowed_statuses"] = [records.status(id_) for id_ in kept.STATUSES if who.is_staff or id_ in (1, 5)]
    return _json({"issue": shown})


def _statuses(desk: Redmine, ask: Ask, who: Person) -> Reply:
    return _json({"issue_statuses": [records.status(id_) for id_ in kept.STATUSES]})


def _priorities(desk: Redmine, ask: Ask, who: Person) -> Reply:
    return _json({"issue_priorities": [{"id": id_, "name": name, "is_default": id_ == 2, "active": True}
                                       for id_, name in kept.PRIORITIES.items()]})  # fmt: skip


def _projects(desk: Redmine, ask: Ask, who: Person) -> Reply:
    since = records.time(desk.second())
    shown = [records.project(project, since) for project in desk.projects.values()]
    return _paged(ask, "projects", [{name: one[name] for name in one if name != "homepage"} for one in shown])


def _one_project(desk: Redmine, ask: Ask, who: Person, name: str) -> Reply:
    project = next((p for p in desk.projects.values() if name in (str(p.id), p.identifier)), None)
    return _json({"project": records.project(project, records.time(desk.second()))}) if project else _MISSING


def _memberships(desk: Redmine, ask: Ask, who: Person, name: str) -> Reply:
    project = next((p for p in desk.projects.values() if name in (str(p.id), p.identifier)), None)
    if project is None:
        return _MISSING
    members = [person for person in desk.people.values() if _belongs(person, project)]
    shown = [records.membership(number, person, project) for number, person in enumerate(members, 1)]
    return _paged(ask, "memberships", shown)


def _one_role(desk: Redmine, ask: Ask, who: Person, id_: str) -> Reply:
    return _json({"role": records.permissions(int(id_))}) if int(id_) in records.ROLES else _MISSING


def _paged(ask: Ask, name: str, every: list[_Json]) -> Reply:
    """One page of `every` record as every list of Redmine's comes."""
    offset, limit = _number(ask.one("offset"), 0), min(_number(ask.one("limit"), 25) or 25, _MOST)
    page = every[offset : offset + limit]
    return _json({name: page, "total_count": len(every), "offset": offset, "limit": limit})


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
    return _json({"issue": records.issue(issue)}, 201, Location=f"{desk.url}/issues/{issue.id}")


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
        desk.write(issue, who, "", changes=changes).is_split = True
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
    if journal is None or (journal.private and not who.is_staff):
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


def _may_see(who: Person, issue: Issue) -> bool:
    return _belongs(who, issue.project)


def _visible(desk: Redmine, who: Person) -> list[Issue]:
    return [issue for issue in desk.issues.values() if _may_see(who, issue)]


def _belongs(person: Person, project: Project) -> bool:
    return person.is_staff or person.project == project.id


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
