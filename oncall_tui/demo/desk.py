"""The desk of the embedded world: people, projects, issues and journals, as a small Redmine keeps them in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from oncall_tui.demo.site import Site

STATUSES = {1: "New", 2: "In Progress", 3: "Resolved", 4: "Feedback", 5: "Closed", 6: "Rejected"}
CLOSED = frozenset({5, 6})
PRIORITIES = {1: "Low", 2: "Normal", 3: "High", 4: "Urgent", 5: "Immediate"}
TRACKERS = {1: "Bug", 2: "Feature", 3: "Support"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a key to the desk. Staff see and write private notes in every project, others only in `project`."""

    id: int
    login: str
    firstname: str
    lastname: str
    key: str
    is_staff: bool = False
    project: int = 0

    @property
    def name(self) -> str:
        return f"{self.firstname} {self.lastname}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A customer's corner of the desk."""

    id: int
    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a journal changed, with ids as Redmine writes them: text, or None for nothing."""

    field: str
    old: str | None
    new: str | None


@dataclass(slots=True)
class Journal:
    """One entry of an issue's history: a note, changes, or both; `is_split` off a private note that hides no changes."""

    id: int
    author: Person
    text: str
    at: datetime
    private: bool = False
    changes: tuple[Change, ...] = ()
    is_split: bool = False


@dataclass(slots=True)
class Issue:
    """One issue as it is now."""

    id: int
    project: Project
    author: Person
    subject: str
    text: str
    at: datetime
    changed_at: datetime
    priority: int = 2
    tracker: int = 3
    status: int = 1
    assignee: Person | None = None
    due: date | None = None
    closed_at: datetime | None = None
    journals: list[Journal] = field(default_factory=list)

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED


class Desk(Site):
    """What the desk knows, and the handles by which the story and tests let people write to it."""

    name = "desk"

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.people: dict[int, Person] = {}
        self.projects: dict[int, Project] = {}
        self.issues: dict[int, Issue] = {}
        self._journals = 0

    def add_project(self, name: str, identifier: str) -> Project:
        """A customer gets a corner of the desk."""
        with self.lock:
            project = Project(id=len(self.projects) + 1, name=name, identifier=identifier)
            self.projects[project.id] = project
            return project

    def add_person(
        self, login: str, firstname: str, lastname: str, *, key: str, staff: bool = False, project: str = ""
    ) -> Person:
        """Somebody gets a key. A customer's person belongs to the project of that identifier."""
        with self.lock:
            person = Person(id=len(self.people) + 5, login=login, firstname=firstname, lastname=lastname, key=key,
                            is_staff=staff, project=self.project(project).id if project else 0)  # fmt: skip
            self.people[person.id] = person
            return person

    def project(self, identifier: str) -> Project:
        """By identifier or by id, as Redmine takes both."""
        return next(p for p in self.projects.values() if identifier in (p.identifier, str(p.id)))

    def person(self, login: str) -> Person:
        return next(p for p in self.people.values() if p.login == login)

    def add_issue(
        self,
        author: str,
        subject: str,
        text: str = "",
        *,
        project: str = "",
        priority: str = "Normal",
        at: datetime | None = None,
    ) -> Issue:
        """The person of that login opens an issue, in their own project if none is named; `at` is now if not given."""
        with self.lock:
            person = self.person(author)
            home = self.project(project or str(person.project or 1))
            level = next(id_ for id_, word in PRIORITIES.items() if word == priority)
            at = self.second(at)
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")  # as descriptions come back
            issue = Issue(id=len(self.issues) + 1, project=home, author=person, subject=subject, text=text, at=at,
                          changed_at=at, priority=level)  # fmt: skip
            self.issues[issue.id] = issue
            return issue

    def add_journal(
        self, issue: int, author: str, text: str, *, private: bool = False, at: datetime | None = None
    ) -> Journal:
        """The person of that login writes in the issue."""
        return self.write(self.issues[issue], self.person(author), text, private=private, at=at)

    def assign(self, issue: int, login: str, *, at: datetime | None = None) -> None:
        """A colleague takes the issue, in their own name."""
        with self.lock:
            held, person = self.issues[issue], self.person(login)
            changes = self.alter(held, assignee=person, status=2)
            self.write(held, person, "", changes=changes, at=at)

    def write(
        self,
        issue: Issue,
        author: Person,
        text: str,
        *,
        private: bool = False,
        changes: tuple[Change, ...] = (),
        at: datetime | None = None,
    ) -> Journal:
        """A journal entry; only staff can make one private: for others it is stored public, as Redmine does."""
        with self.lock:
            self._journals += 1
            at = self.second(at)
            private = private and author.is_staff
            journal = Journal(self._journals, author, text, at, private, changes)
            issue.journals.append(journal)
            issue.changed_at = max(issue.changed_at, at)
            return journal

    def alter(self, issue: Issue, *, status: int = 0, assignee: Person | str | None = "") -> tuple[Change, ...]:
        """Sets status (0: as it is) and assignee ("": as it is); tells what changed."""
        changes = []
        if status and status != issue.status:
            changes.append(Change("status_id", str(issue.status), str(status)))
            issue.status = status
            issue.closed_at = self.second() if issue.is_closed else issue.closed_at  # stays set after reopening
        if not isinstance(assignee, str) and assignee is not issue.assignee:
            changes.append(Change("assigned_to_id", _id(issue.assignee), _id(assignee)))
            issue.assignee = assignee
        return tuple(changes)

    def retract(self, journal_id: int) -> bool:
        """Takes a note's text back; a journal that changed nothing else disappears. Whether there was one."""
        with self.lock:
            for issue in self.issues.values():
                for journal in issue.journals:
                    if journal.id == journal_id:
                        journal.text = ""
                        issue.journals = [j for j in issue.journals if j.text or j.changes]
                        return True
            return False

    def second(self, at: datetime | None = None) -> datetime:
        """A time as Redmine keeps it: whole seconds, UTC; now if not given."""
        return (at or self.now()).astimezone(UTC).replace(microsecond=0)


def _id(person: Person | None) -> str | None:
    return str(person.id) if person else None
