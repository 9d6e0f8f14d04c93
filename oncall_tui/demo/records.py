"""How the desk's API writes its records: Redmine's JSON, field by field in its order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from oncall_tui.demo import desk as kept
from oncall_tui.demo.desk import Issue, Journal, Person, Project

_Json: TypeAlias = dict[str, Any]

_MANAGER, _REPORTER = 3, 5
ROLE_NAMES = {_MANAGER: "Manager", _REPORTER: "Reporter"}
ROLES = {
    _MANAGER: ("view_issues", "edit_issues", "add_issue_notes", "view_private_notes", "set_notes_private"),
    _REPORTER: ("view_issues", "add_issues", "add_issue_notes"),
}
"""What members may, by role."""


def issue(issue: Issue) -> _Json:
    """An issue in Redmine's order of fields; `assigned_to` is absent while nobody has it."""
    assigned = {"assigned_to": named(issue.assignee)} if issue.assignee else {}
    return {
        "id": issue.id,
        "project": named(issue.project),
        "tracker": {"id": issue.tracker, "name": kept.TRACKERS[issue.tracker]},
        "status": status(issue.status),
        "priority": {"id": issue.priority, "name": kept.PRIORITIES[issue.priority]},
        "author": named(issue.author),
        **assigned,
        "subject": issue.subject,
        "description": issue.text or None,
        "start_date": issue.at.date().isoformat(),
        "due_date": issue.due.isoformat() if issue.due else None,
        "done_ratio": 0,
        "is_private": False,
        "estimated_hours": None,
        "total_estimated_hours": None,
        "created_on": time(issue.at),
        "updated_on": time(issue.changed_at),
        "closed_on": time(issue.closed_at) if issue.closed_at else None,
    }


def journal(journal: Journal) -> _Json:
    """One entry of an issue's history, with its changes as text."""
    details = [{"property": "attr", "name": change.field, "old_value": change.old, "new_value": change.new}
               for change in journal.changes]  # fmt: skip
    notes = None if journal.is_split else journal.text
    return {"id": journal.id, "user": named(journal.author), "notes": notes, "created_on": time(journal.at),
            "private_notes": journal.private, "details": details}  # fmt: skip


def project(project: Project, since: str) -> _Json:
    """A project by itself, made and changed at `since`; a list of projects leaves the homepage out."""
    return {"id": project.id, "name": project.name, "identifier": project.identifier, "description": None,
            "homepage": "", "status": 1, "is_public": False, "inherit_members": False,
            "created_on": since, "updated_on": since}  # fmt: skip


def status(id_: int) -> _Json:
    """A status, and whether it closes."""
    return {"id": id_, "name": kept.STATUSES[id_], "is_closed": id_ in kept.CLOSED}


def permissions(id_: int) -> _Json:
    """A role of `ROLES` with what it may."""
    return {"id": id_, "name": ROLE_NAMES[id_], "assignable": True, "issues_visibility": "all",
            "time_entries_visibility": "all", "users_visibility": "all", "permissions": list(ROLES[id_])}  # fmt: skip


def membership(number: int, person: Person, project: Project) -> _Json:
    """Somebody's place in a project, as the project's list tells it."""
    return {"id": number, "project": named(project), "user": named(person), "roles": [role(person)]}


def role(person: Person) -> _Json:
    """What somebody is in every project that they belong to."""
    id_ = _MANAGER if person.is_staff else _REPORTER
    return {"id": id_, "name": ROLE_NAMES[id_]}


def named(thing: Person | Project) -> _Json:
    """How one record refers to another."""
    return {"id": thing.id, "name": thing.name}


def time(at: datetime) -> str:
    """Whole seconds, UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
