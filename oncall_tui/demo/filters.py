"""What the desk's API lists, and in which order: the query parameters of Redmine's issue list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from oncall_tui.demo.desk import Issue, Person

SORTS: dict[str, Callable[[Issue], Any]] = {
    "id": lambda issue: issue.id,
    "updated_on": lambda issue: issue.changed_at,
    "created_on": lambda issue: issue.at,
    "priority": lambda issue: issue.priority,
    "status": lambda issue: issue.status,
}

FILTERS = (
    "status_id",
    "project_id",
    "assigned_to_id",
    "author_id",
    "issue_id",
    "priority_id",
    "updated_on",
    "created_on",
)


def fits(name: str, value: str, who: Person) -> Callable[[Issue], bool]:
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
